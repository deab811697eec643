//! Certificates of terminals: the first for a one-time code (the one door without a certificate), later
//! ones under the one before.

use std::sync::Arc;

use axum::{body::Body, extract::State, response::Response};
use jiff::Timestamp;
use matters::Digest;
use wire::{Admission, Admitted, Renewal, Renewed, code::AdmissionCode, problem::Kind};

use super::{blocking, json, json_body, json_bytes, problem::Fault};
use crate::{
    Hall,
    door::{AuthorityError, Terminal},
    ledger::{Admitting, NewCertificate, Refuse},
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

fn answer(hall: &Hall, asked: &Admission, now: Timestamp) -> Result<Vec<u8>, Refuse> {
    let unknown = || Refuse::because(Kind::CodeUnknown, "code");
    let code = AdmissionCode::parse(&asked.code).map_err(|_| unknown())?;
    if !code.names(hall.authority.der()) {
        return Err(unknown());
    }
    let request = Digest::of(asked.csr_pem.as_bytes());
    let admitting = Admitting { secret: *code.secret(), machine: &asked.machine, request };
    hall.ledger.admit(&admitting, now, |admitted| {
        let certificate = issue(hall, &asked.csr_pem, admitted.terminal, now)?;
        let answer = Admitted {
            terminal: admitted.terminal.to_owned(),
            serial: admitted.serial.to_owned(),
            point: admitted.point.clone(),
            hall: admitted.hall.clone(),
            certificate_pem: certificate.pem.clone(),
            authority_pem: hall.authority.pem(),
        };
        let body = serde_json::to_vec(&answer).map_err(|_| Refuse::because(Kind::Internal, "json"))?;
        Ok((certificate, body))
    })
}

/// A new certificate under the old one: the one door that an ended certificate still opens.
pub async fn renew(State(hall): State<Arc<Hall>>, Terminal(caller): Terminal, body: Body) -> Result<Response, Fault> {
    let asked: Renewal = json_body(body, ADMISSION_BYTES_MAX).await?;
    let certificate_pem = blocking(move || {
        let now = hall.clock.now();
        let request = Digest::of(asked.csr_pem.as_bytes());
        hall.ledger.renew(&caller, request, now, || issue(&hall, &asked.csr_pem, &caller.terminal, now))
    })
    .await?;
    json(&Renewed { certificate_pem })
}

fn issue(hall: &Hall, csr_pem: &str, terminal: &str, now: Timestamp) -> Result<NewCertificate, Refuse> {
    let issued = hall.authority.issue(csr_pem, terminal, now).map_err(|error| match error {
        AuthorityError::Request(_) => Refuse::because(Kind::BadRequest, "certificate request"),
        AuthorityError::Ledger(error) => error.into(),
        _ => Refuse::because(Kind::Internal, "certificate"),
    })?;
    Ok(NewCertificate { sha256: issued.digest, pem: issued.pem })
}
