//! Acts, and the question which pages are held already.

use std::sync::Arc;

use axum::{body::Body, extract::State, response::Response};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use wire::{Commit, Have, Held, problem::Kind};

use super::{blocking, json, json_body, json_bytes, problem::Fault};
use crate::{
    Hall,
    door::Terminal,
    ledger::{ACT_BYTES_MAX, FILING_BYTES_MAX, Refuse},
};

/// An act and a filing in base 64, and the JSON around them.
const COMMIT_BYTES_MAX: usize = (ACT_BYTES_MAX + FILING_BYTES_MAX) / 3 * 4 + 1024;
/// A thousand digests.
const HAVE_BYTES_MAX: usize = 100 * 1024;

pub async fn commit(State(hall): State<Arc<Hall>>, Terminal(caller): Terminal, body: Body) -> Result<Response, Fault> {
    let commit: Commit = json_body(body, COMMIT_BYTES_MAX).await?;
    let decode = |text: &str| STANDARD.decode(text).map_err(|_| Refuse::because(Kind::BadRequest, "base64"));
    let act = decode(&commit.act)?;
    let filing = commit.filing.as_deref().map(decode).transpose()?;
    let answer = blocking(move || {
        let now = hall.clock.now();
        hall.ledger.receive_act(&caller, &act, filing.as_deref(), now)
    })
    .await?;
    Ok(json_bytes(answer.body))
}

pub async fn have(State(hall): State<Arc<Hall>>, Terminal(caller): Terminal, body: Body) -> Result<Response, Fault> {
    let have: Have = json_body(body, HAVE_BYTES_MAX).await?;
    let digests = blocking(move || hall.ledger.held_pages(&caller, &have.digests)).await?;
    json(&Held { digests })
}
