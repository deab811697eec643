//! Packages of the town's data: what they hold, signed, and their files, both by digest.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use matters::Digest;
use wire::{package::PACKAGE, problem::Kind};

use super::{blocking, problem::Fault};
use crate::{Hall, ledger::Refuse};

pub async fn manifest(State(hall): State<Arc<Hall>>, Path(sha256): Path<String>) -> Result<Response, Fault> {
    let digest = digest(&sha256)?;
    let jws = blocking(move || Ok::<_, Refuse>(hall.ledger.sign(PACKAGE, &hall.ledger.package(digest)?))).await?;
    Ok(answer("application/jose", jws.into_bytes()))
}

pub async fn file(State(hall): State<Arc<Hall>>, Path(sha256): Path<String>) -> Result<Response, Fault> {
    let digest = digest(&sha256)?;
    let bytes = blocking(move || hall.ledger.package_file(digest)).await?;
    Ok(answer("application/octet-stream", bytes))
}

fn digest(sha256: &str) -> Result<Digest, Fault> {
    Digest::from_hex(sha256).ok_or_else(|| Refuse::because(Kind::NotFound, "digest").into())
}

fn answer(content_type: &'static str, body: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, body).into_response()
}
