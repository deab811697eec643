//! Keys of cabinets, sealed to the town's recovery key.

use std::sync::Arc;

use axum::{body::Body, extract::State, http::StatusCode};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use wire::{Deposit, problem::Kind};

use super::{blocking, json_body, problem::Fault};
use crate::{
    Hall,
    door::Terminal,
    ledger::{DEPOSIT_BYTES_MAX, Refuse},
};

pub async fn deposit(State(hall): State<Arc<Hall>>, Terminal(caller): Terminal, body: Body) -> Result<StatusCode, Fault> {
    let deposit: Deposit = json_body(body, DEPOSIT_BYTES_MAX * 2).await?;
    let unfit = |_| Refuse::because(Kind::BadRequest, "deposit");
    let mut recovery = [0; 32];
    hex::decode_to_slice(&deposit.recovery, &mut recovery).map_err(|_| Refuse::because(Kind::BadRequest, "recovery key"))?;
    let sealed = STANDARD.decode(&deposit.sealed).map_err(unfit)?;
    blocking(move || hall.ledger.deposit(&caller, recovery, &sealed, hall.clock.now())).await?;
    Ok(StatusCode::NO_CONTENT)
}
