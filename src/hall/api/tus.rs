//! Resumable upload of pages: tus 1.0 with creation, checksum, termination and expiration.
//!
//! Beyond the protocol: an address is random and answers only the certificate that made it; an offset is
//! acknowledged only when the disk has it; a whole page that does not fit its announced digest is refused.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::StreamExt as _;
use jiff::Timestamp;
use matters::Digest;
use tokio::{sync::mpsc, time::timeout};
use wire::{path, problem::Kind};

use super::{
    blocking,
    lines::{Overtaken, Turn},
    problem::Fault,
};
use crate::{
    Hall,
    door::Terminal,
    ledger::{Caller, Checksum, Chunk, PAGE_BYTES_MAX, Refuse, UploadRow},
};

const VERSION: &str = "1.0.0";
static TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
static TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
static TUS_EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
static TUS_MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
static TUS_CHECKSUM_ALGORITHM: HeaderName = HeaderName::from_static("tus-checksum-algorithm");
static UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
static UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
static UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
static METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");

/// A body from which nothing comes for this long is taken for cut; what came before counts.
const SILENCE: Duration = Duration::from_secs(30);
/// Parts of a body that wait for the disk.
const CHUNKS_WAITING_MAX: usize = 8;

/// Every answer of the upload doors says which protocol it speaks.
pub async fn sign(mut response: Response) -> Response {
    response.headers_mut().insert(&TUS_RESUMABLE, HeaderValue::from_static(VERSION));
    response
}

pub async fn options() -> Response {
    let headers = [
        (&TUS_VERSION, HeaderValue::from_static(VERSION)),
        (&TUS_EXTENSION, HeaderValue::from_static("creation,checksum,termination,expiration")),
        (&TUS_MAX_SIZE, HeaderValue::from(PAGE_BYTES_MAX)),
        (&TUS_CHECKSUM_ALGORITHM, HeaderValue::from_static("sha256,sha1")),
    ];
    let mut response = StatusCode::NO_CONTENT.into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name, value);
    }
    response
}

pub async fn create(State(hall): State<Arc<Hall>>, Terminal(caller): Terminal, headers: HeaderMap) -> Result<Response, Fault> {
    spoken(&headers)?;
    let length = number(&headers, &UPLOAD_LENGTH)?;
    let announced = announced(&headers)?;
    let row = blocking(move || hall.ledger.create_upload(&caller, length, announced, hall.clock.now())).await?;
    let mut response = StatusCode::CREATED.into_response();
    let location = format!("{}/{}", path::PAGES, row.name);
    response.headers_mut().insert(header::LOCATION, ascii(&location)?);
    stand(&mut response, &row)?;
    Ok(response)
}

pub async fn head(
    State(hall): State<Arc<Hall>>,
    Terminal(caller): Terminal,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    spoken(&headers)?;
    // Whoever asks wants to go on: an older line that still counts bytes would make the answer wrong.
    let _turn = turn(&hall, &caller, &name).await?;
    let asked = Arc::clone(&hall);
    let row = blocking(move || asked.ledger.upload(&caller, &name, asked.clock.now())).await?;
    let mut response = StatusCode::OK.into_response();
    response.headers_mut().insert(&UPLOAD_LENGTH, HeaderValue::from(row.length));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    stand(&mut response, &row)?;
    Ok(response)
}

pub async fn patch(
    State(hall): State<Arc<Hall>>,
    Terminal(caller): Terminal,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Fault> {
    spoken(&headers)?;
    if headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes) != Some(b"application/offset+octet-stream") {
        return Err(Fault::with_status(Kind::BadRequest, "content type", StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let offset = number(&headers, &UPLOAD_OFFSET)?;
    let checksum = checksum(&headers)?;
    let (turn, overtaken) = turn(&hall, &caller, &name).await?;
    let (sender, mut chunks) = mpsc::channel(CHUNKS_WAITING_MAX);
    let asked = Arc::clone(&hall);
    let writing = tokio::task::spawn_blocking(move || {
        let now = asked.clock.now();
        // A sender that vanished without a word is a line that was cut.
        let mut next = || chunks.blocking_recv().unwrap_or(Chunk::Cut);
        let done = asked.ledger.append_upload(&caller, &name, offset, checksum, now, &mut next);
        // Only now may a newer line look where the upload stands, even when this request is long gone.
        drop(turn);
        done
    });
    forward(body, sender, overtaken).await;
    let row = match writing.await {
        Ok(done) => done?,
        Err(_) => return Err(Refuse::because(Kind::Internal, "worker").into()),
    };
    let mut response = StatusCode::NO_CONTENT.into_response();
    stand(&mut response, &row)?;
    Ok(response)
}

/// Hands the body on until it ends, falls silent, is cut, or a newer line wants the upload.
async fn forward(body: Body, sender: mpsc::Sender<Chunk>, mut overtaken: Overtaken) {
    let mut stream = body.into_data_stream();
    loop {
        let chunk = tokio::select! {
            biased;
            () = overtaken.wait() => Chunk::Cut,
            part = timeout(SILENCE, stream.next()) => match part {
                Ok(Some(Ok(bytes))) => Chunk::Bytes(bytes),
                Ok(None) => Chunk::End,
                Ok(Some(Err(_))) | Err(_) => Chunk::Cut,
            },
        };
        let more = matches!(chunk, Chunk::Bytes(_));
        // The writer stops listening when it has refused: then there is nobody to tell.
        if sender.send(chunk).await.is_err() || !more {
            return;
        }
    }
}

pub async fn delete(
    State(hall): State<Arc<Hall>>,
    Terminal(caller): Terminal,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    spoken(&headers)?;
    let _turn = turn(&hall, &caller, &name).await?;
    let asked = Arc::clone(&hall);
    blocking(move || asked.ledger.end_upload(&caller, &name, asked.clock.now())).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// For clients behind something that lets only POST through (tus: X-HTTP-Method-Override).
pub async fn overridden(
    state: State<Arc<Hall>>,
    terminal: Terminal,
    name: Path<String>,
    request: Request,
) -> Result<Response, Fault> {
    let (parts, body) = request.into_parts();
    let method = parts.headers.get(&METHOD_OVERRIDE).and_then(|value| Method::from_bytes(value.as_bytes()).ok());
    match method {
        Some(Method::PATCH) => patch(state, terminal, name, parts.headers, body).await,
        Some(Method::DELETE) => delete(state, terminal, name, parts.headers).await,
        Some(Method::HEAD) => head(state, terminal, name, parts.headers).await,
        _ => Err(Refuse::because(Kind::NotFound, "method").into()),
    }
}

/// The turn on an upload, only for who may see it: nobody else can end its line.
async fn turn(hall: &Arc<Hall>, caller: &Caller, name: &str) -> Result<(Turn, Overtaken), Fault> {
    let (asked, caller, owned) = (Arc::clone(hall), caller.clone(), name.to_owned());
    blocking(move || asked.ledger.upload(&caller, &owned, asked.clock.now())).await?;
    Ok(hall.lines.take(name).await)
}

fn stand(response: &mut Response, row: &UploadRow) -> Result<(), Fault> {
    let headers = response.headers_mut();
    headers.insert(&UPLOAD_OFFSET, HeaderValue::from(row.offset));
    headers.insert(&UPLOAD_EXPIRES, ascii(&http_date(row.expires_at))?);
    Ok(())
}

/// RFC 9110 5.6.7, e.g. `Sun, 06 Nov 1994 08:49:37 GMT`.
fn http_date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn ascii(text: &str) -> Result<HeaderValue, Fault> {
    HeaderValue::from_str(text).map_err(|_| Refuse::because(Kind::Internal, "header").into())
}

fn spoken(headers: &HeaderMap) -> Result<(), Fault> {
    match headers.get(&TUS_RESUMABLE).map(HeaderValue::as_bytes) {
        Some(b"1.0.0") => Ok(()),
        _ => Err(Fault::with_status(Kind::BadRequest, "tus-resumable", StatusCode::PRECONDITION_FAILED)),
    }
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Result<u64, Fault> {
    let text = headers.get(name).and_then(|value| value.to_str().ok());
    let digits = text.filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()));
    digits
        .and_then(|text| text.parse().ok())
        .ok_or(Refuse::because(Kind::BadRequest, "a whole number is missing in the header").into())
}

/// The digest that the whole page will have, from `Upload-Metadata`; an empty header is no mistake.
fn announced(headers: &HeaderMap) -> Result<Option<Digest>, Fault> {
    let bad = || Fault::from(Refuse::because(Kind::BadRequest, "upload-metadata"));
    let Some(value) = headers.get("upload-metadata") else { return Ok(None) };
    let text = value.to_str().map_err(|_| bad())?;
    for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        if key == "sha256" {
            let hex = STANDARD.decode(value.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(bad)?;
            return Digest::from_hex(&hex).map(Some).ok_or_else(bad);
        }
    }
    Ok(None)
}

fn checksum(headers: &HeaderMap) -> Result<Option<Checksum>, Fault> {
    let bad = || Fault::from(Refuse::because(Kind::BadRequest, "upload-checksum"));
    let Some(value) = headers.get("upload-checksum") else { return Ok(None) };
    let (algorithm, sum) = value.to_str().ok().and_then(|text| text.trim().split_once(' ')).ok_or_else(bad)?;
    let sum = STANDARD.decode(sum.trim()).map_err(|_| bad())?;
    let checksum = match algorithm {
        "sha256" => sum.try_into().map(Checksum::Sha256),
        "sha1" => sum.try_into().map(Checksum::Sha1),
        _ => return Err(bad()),
    };
    checksum.map(Some).map_err(|_| bad())
}
