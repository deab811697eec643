//! The clerks' desk in the browser: login, inbox, case, decisions.
//!
//! Doors: [`router`].
//!
//! Never: speaks SQL (it asks the ledger), decides anything itself, puts a person's data into an
//! address or a log, needs a script to work (the one script only adds keys, zoom and rotation).
//!
//! Start reading at `case.rs`; what a page looks like stands in assets/hall.

mod case;
mod course;
mod decide;
mod inbox;
mod pages;
mod session;
mod show;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::{Hall, ledger::RESULT_BYTES_MAX};
use pages::Pages;

/// What every handler of the desk shares.
pub(crate) struct Desk {
    pub hall: Arc<Hall>,
    pub pages: Pages,
}

/// The desk's pages.
pub fn router(state: Arc<Hall>) -> Router {
    let desk = Arc::new(Desk { hall: state, pages: Pages::new() });
    Router::new()
        .route("/", get(|| async { Redirect::to("/inbox") }))
        .route("/login", get(session::form).post(session::sign_in))
        .route("/logout", post(session::sign_out))
        .route("/language", post(session::language))
        .route("/inbox", get(inbox::show))
        .route("/case/{filing}", get(case::show))
        .route("/case/{filing}/page/{sha256}", get(case::page))
        .route("/case/{filing}/result/{sha256}", get(case::result))
        .route("/case/{filing}/number", post(case::reveal))
        .route("/case/{filing}/correct", get(decide::correct_form).post(decide::correct))
        .route("/case/{filing}/refuse", get(decide::refuse_form).post(decide::refuse))
        .route("/case/{filing}/finish", get(decide::finish_form).post(decide::finish))
        .route("/case/{filing}/accept", post(decide::accept))
        .route("/case/{filing}/act/{act}", get(course::form).post(course::take))
        .route("/desk.css", get(|| asset("text/css; charset=utf-8", include_str!("../../../assets/hall/desk.css"))))
        .route("/desk.js", get(|| asset("text/javascript; charset=utf-8", include_str!("../../../assets/hall/desk.js"))))
        .fallback(|| async { StatusCode::NOT_FOUND })
        // A result file and its form fields; everything else is far smaller.
        .layer(DefaultBodyLimit::max(RESULT_BYTES_MAX + 64 * 1024))
        .layer(fixed(
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::REFERRER_POLICY, "no-referrer"))
        .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .with_state(desk)
}

fn fixed(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
}

async fn asset(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "max-age=600")], text).into_response()
}

/// Why a page of the desk cannot be shown.
#[derive(Debug)]
pub(crate) enum DeskError {
    /// Nobody is signed in: the login page answers.
    SignIn,
    NotFound,
    /// The form did not come from a page of this session.
    Forged,
    BadForm,
    Ledger(crate::ledger::LedgerError),
    /// The page itself is broken: our mistake.
    Page(minijinja::Error),
    /// The worker thread died.
    Worker,
}

impl From<crate::ledger::LedgerError> for DeskError {
    fn from(error: crate::ledger::LedgerError) -> Self {
        Self::Ledger(error)
    }
}

impl From<minijinja::Error> for DeskError {
    fn from(error: minijinja::Error) -> Self {
        Self::Page(error)
    }
}

impl IntoResponse for DeskError {
    fn into_response(self) -> Response {
        let (status, key) = match &self {
            Self::SignIn => return Redirect::to("/login").into_response(),
            Self::NotFound => (StatusCode::NOT_FOUND, "trouble-not-found"),
            Self::Forged => (StatusCode::FORBIDDEN, "trouble-forged"),
            Self::BadForm => (StatusCode::BAD_REQUEST, "trouble-bad-form"),
            Self::Ledger(_) | Self::Page(_) | Self::Worker => (StatusCode::INTERNAL_SERVER_ERROR, "trouble-internal"),
        };
        // The person sees a number, the log has the chain under the same number.
        let mut number = [0u8; 4];
        let _ = getrandom::fill(&mut number);
        let reference = hex::encode(number).to_uppercase();
        match &self {
            Self::Ledger(error) => tracing::error!(reference, code = error.code(), "desk: the ledger refused"),
            Self::Page(error) => tracing::error!(reference, page = error.name(), line = error.line(), "desk: a page is broken"),
            Self::Worker => tracing::error!(reference, "desk: a worker ended early"),
            Self::SignIn | Self::NotFound | Self::Forged | Self::BadForm => {}
        }
        (status, axum::response::Html(pages::trouble(key, &reference))).into_response()
    }
}

/// Runs blocking work of the ledger beside the event loop.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, DeskError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| DeskError::Worker)
}

#[cfg(test)]
mod desk_tests;
