//! What a terminal tells of itself: its cabinet's key, sealed to the town's recovery key, and how it is.

use std::sync::Arc;

use axum::{body::Body, extract::State, http::StatusCode};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use wire::{Deposit, Heartbeat, problem::Kind};

use super::{blocking, json_body, problem::Fault};
use crate::{
    Hall,
    door::Terminal,
    ledger::{DEPOSIT_BYTES_MAX, Refuse},
};

const HEARTBEAT_BYTES_MAX: usize = 4096;

pub async fn deposit(State(hall): State<Arc<Hall>>, Terminal(caller): Terminal, body: Body) -> Result<StatusCode, Fault> {
    let deposit: Deposit = json_body(body, DEPOSIT_BYTES_MAX * 2).await?;
    let unfit = |_| Refuse::because(Kind::BadRequest, "deposit");
    let mut recovery = [0; 32];
    hex::decode_to_slice(&deposit.recovery, &mut recovery).map_err(|_| Refuse::because(Kind::BadRequest, "recovery key"))?;
    let sealed = STANDARD.decode(&deposit.sealed).map_err(unfit)?;
    blocking(move || hall.ledger.deposit(&caller, recovery, &sealed, hall.clock.now())).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How a terminal is. Kept as it came: a newer terminal may say more.
pub async fn heartbeat(State(hall): State<Arc<Hall>>, Terminal(caller): Terminal, body: Body) -> Result<StatusCode, Fault> {
    let told: serde_json::Value = json_body(body, HEARTBEAT_BYTES_MAX).await?;
    if serde_json::from_value::<Heartbeat>(told.clone()).is_err() {
        return Err(Refuse::because(Kind::BadRequest, "heartbeat").into());
    }
    blocking(move || hall.ledger.heartbeat(&caller, &told.to_string(), hall.clock.now())).await?;
    Ok(StatusCode::NO_CONTENT)
}
