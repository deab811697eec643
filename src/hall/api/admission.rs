//! Admission: the one door without a certificate. A one-time code gets a terminal its own.

use std::sync::Arc;

use axum::{body::Body, extract::State, response::Response};
use matters::Digest;
use wire::{Admission, Admitted, problem::Kind};

use super::{blocking, json_body, json_bytes, problem::Fault};
use crate::{
    Hall,
    door::{AuthorityError, code},
    ledger::{Admitting, Refuse},
};

const ADMISSION_BYTES_MAX: usize = 16 * 1024;
const MACHINE_CHARS_MAX: usize = 64;

pub async fn admit(State(hall): State<Arc<Hall>>, body: Body) -> Result<Response, Fault> {
    let asked: Admission = json_body(body, ADMISSION_BYTES_MAX).await?;
    if asked.machine.chars().count() > MACHINE_CHARS_MAX {
        return Err(Refuse::because(Kind::BadRequest, "machine").into());
    }
    let answer = blocking(move || {
        let now = hall.clock.now();
        if !hall.tries.allowed(now) {
            return Err(Refuse::because(Kind::Busy, "too many wrong codes"));
        }
        let done = answer(&hall, &asked, now);
        if done.as_ref().is_err_and(|refuse| refuse.kind() == Kind::CodeUnknown) {
            hall.tries.failed(now);
        }
        done
    })
    .await?;
    Ok(json_bytes(answer))
}

fn answer(hall: &Hall, asked: &Admission, now: jiff::Timestamp) -> Result<Vec<u8>, Refuse> {
    let secret = code::parse(&asked.code, hall.authority.der()).ok_or(Refuse::because(Kind::CodeUnknown, "code"))?;
    let admitting = Admitting { secret, machine: &asked.machine, request: Digest::of(asked.csr_pem.as_bytes()) };
    hall.ledger.admit(&admitting, now, |admitted| {
        let issued = hall.authority.issue(&asked.csr_pem, admitted.terminal, now).map_err(|error| match error {
            AuthorityError::Request(_) => Refuse::because(Kind::BadRequest, "certificate request"),
            AuthorityError::Ledger(error) => error.into(),
            _ => Refuse::because(Kind::Internal, "certificate"),
        })?;
        let answer = Admitted {
            terminal: admitted.terminal.to_owned(),
            serial: admitted.serial.to_owned(),
            point: admitted.point.clone(),
            hall: admitted.hall.clone(),
            certificate_pem: issued.pem,
            authority_pem: hall.authority.pem(),
        };
        let body = serde_json::to_vec(&answer).map_err(|_| Refuse::because(Kind::Internal, "json"))?;
        Ok((issued.digest, body))
    })
}
