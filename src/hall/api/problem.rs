//! Refusals on the line: problem+json (RFC 9457), with the inside kept inside.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use wire::problem::{Kind, MEDIA_TYPE, Problem};

use crate::ledger::{LedgerError, Refuse};

/// A refusal on its way out.
#[derive(Debug)]
pub struct Fault {
    refuse: Refuse,
    /// Where a protocol wants another status than the kind's own (tus: 412, 415).
    status: Option<StatusCode>,
}

impl Fault {
    pub fn with_status(kind: Kind, rule: &'static str, status: StatusCode) -> Self {
        Self { refuse: Refuse::because(kind, rule), status: Some(status) }
    }

    pub fn kind(&self) -> Kind {
        self.refuse.kind()
    }
}

impl From<Refuse> for Fault {
    fn from(refuse: Refuse) -> Self {
        Self { refuse, status: None }
    }
}

impl From<LedgerError> for Fault {
    fn from(error: LedgerError) -> Self {
        Refuse::from(error).into()
    }
}

/// Seconds after which a busy or full hall may be asked again.
const RETRY_AFTER_S: u64 = 30;

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let kind = self.refuse.kind();
        let reference = reference();
        // The rule is a fixed word of this program; whatever failed inside stays in the log.
        let detail = match &self.refuse {
            Refuse::Because { rule, .. } => {
                tracing::info!(kind = kind.slug(), rule, reference, "refused");
                (*rule).to_owned()
            }
            Refuse::Ledger(error) => {
                tracing::error!(kind = kind.slug(), code = error.code(), error = chain(error), reference, "failed");
                String::new()
            }
        };
        let status =
            self.status.or_else(|| StatusCode::from_u16(kind.status()).ok()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let problem =
            Problem { kind_uri: kind.uri(), title: kind.title().to_owned(), status: status.as_u16(), detail, reference };
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if matches!(kind, Kind::Busy | Kind::StorageFull) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
        }
        response
    }
}

/// Eight characters by which the log line of a refusal is found.
fn reference() -> String {
    let mut bytes = [0; 4];
    // Without random numbers the reference is all zero; the refusal must still go out.
    let _ = getrandom::fill(&mut bytes);
    hex::encode(bytes).to_uppercase()
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}
