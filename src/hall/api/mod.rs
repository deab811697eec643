//! What terminals say to the hall over mutual TLS: pages, acts, the feed, results, packages, admission.
//!
//! Never: speaks SQL, decides about an act (the ledger does), answers before the disk has it,
//! reads a body without a limit.

mod acts;
mod admission;
mod deposit;
mod feed;
pub mod lines;
pub mod news;
mod packages;
pub mod problem;
mod tus;

use std::{ops::RangeInclusive, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Path, State},
    http::{HeaderValue, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use matters::Digest;
use serde::de::DeserializeOwned;
use wire::{path, problem::Kind};

use crate::{
    Hall,
    door::{Terminal, require_terminal},
    ledger::Refuse,
};
use problem::Fault;

/// The terminals' doors. Requests carry [`axum_server::tls::TlsInfo`] from the listener.
///
/// `served` are the versions of the wire that are answered: behind each stand the same doors, for what a later
/// version says more is left out or passed over by an earlier one.
pub fn router(hall: Arc<Hall>, served: RangeInclusive<u32>) -> Router {
    let nobody = {
        let served = served.clone();
        move |uri: axum::http::Uri| std::future::ready(nothing(&served, uri.path()))
    };
    let (mut inside, mut outside) = (Router::new(), Router::new());
    for version in served {
        let at = |path: &str| wire::under(version, path);
        inside = inside
            .route(&at(path::PAGES), post(tus::create).options(tus::options))
            .route(
                &format!("{}/{{name}}", at(path::PAGES)),
                get(nobody.clone())
                    .head(tus::head)
                    .patch(tus::patch)
                    .delete(tus::delete)
                    .post(tus::overridden)
                    .options(tus::options),
            )
            .route(&at(path::HAVE), post(acts::have))
            .route(&at(path::ACTS), post(acts::commit))
            .route(&at(path::FEED), get(feed::feed))
            .route(&at(path::RENEWAL), post(admission::renew))
            .route(&at(path::DEPOSIT), post(deposit::deposit))
            .route(&at(path::HEARTBEAT), post(deposit::heartbeat))
            .route(&format!("{}/{{sha256}}", at(path::RESULTS)), get(result))
            .route(&format!("{}/{{sha256}}", at(path::PACKAGES)), get(packages::manifest))
            .route(&format!("{}/{{sha256}}", at(path::PACKAGE_FILES)), get(packages::file))
            .route_layer(middleware::from_fn_with_state(Arc::clone(&hall), require_terminal));
        outside = outside.route(&at(path::ADMISSION), post(admission::admit));
    }
    Router::new()
        .merge(inside)
        .merge(outside)
        .fallback(nobody.clone())
        .method_not_allowed_fallback(nobody)
        .layer(middleware::map_response(tus::sign))
        .with_state(hall)
}

/// Nobody lives there: either nobody ever did, or it is an address of another version of the wire.
fn nothing(served: &RangeInclusive<u32>, path: &str) -> Fault {
    match wire::version_of(path) {
        Some(version) if !served.contains(&version) => Refuse::because(Kind::WireVersion, "version").into(),
        _ => Refuse::because(Kind::NotFound, "path").into(),
    }
}

/// A result file of the caller's point.
async fn result(
    State(hall): State<Arc<Hall>>,
    Terminal(caller): Terminal,
    Path(sha256): Path<String>,
) -> Result<Response, Fault> {
    let digest = Digest::from_hex(&sha256).ok_or(Refuse::because(Kind::NotFound, "digest"))?;
    let (meta, bytes) = blocking(move || hall.ledger.result_file(&caller.point, digest)).await?;
    let media_type = HeaderValue::from_str(&meta.media_type).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    Ok(([(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], bytes)
        .into_response())
}

/// Runs what waits for disks away from the threads that serve the line.
pub async fn blocking<T: Send + 'static, E: Into<Fault> + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, Fault> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(Into::into),
        Err(_) => Err(Refuse::because(Kind::Internal, "worker").into()),
    }
}

/// A JSON body of at most `max` bytes.
async fn json_body<T: DeserializeOwned>(body: Body, max: usize) -> Result<T, Fault> {
    let bytes = to_bytes(body, max).await.map_err(|error| {
        // axum says «length limit» only inside its source; a cut line looks the same but nobody reads the answer.
        let too_large = std::error::Error::source(&error).is_some_and(|source| source.is::<http_body_util::LengthLimitError>());
        Refuse::because(if too_large { Kind::BodyTooLarge } else { Kind::BadRequest }, "body")
    })?;
    serde_json::from_slice(&bytes).map_err(|_| Refuse::because(Kind::BadRequest, "json").into())
}

fn json<T: serde::Serialize>(value: &T) -> Result<Response, Fault> {
    let body = serde_json::to_vec(value).map_err(|_| Refuse::because(Kind::Internal, "json"))?;
    Ok(json_bytes(body))
}

fn json_bytes(body: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, body).into_response()
}

#[cfg(test)]
#[path = "api_tests.rs"]
mod api_tests;
