//! Who may come in: the authority, admission codes, and the certificate behind a request.
//!
//! Never: trusts a name that a client says; lets a revoked certificate do one more request.

pub mod authority;
pub mod trust;

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderName, HeaderValue, request::Parts},
    middleware::Next,
    response::Response,
};
use axum_server::tls::TlsInfo;
use matters::Digest;
use wire::{Known, header, path, problem::Kind};

use crate::{
    Hall,
    api::problem::Fault,
    ledger::{Caller, Refuse},
};

pub use authority::{Authority, AuthorityError};

/// Lets a request through only with a certificate that is good now, and says whose it is.
pub async fn require_terminal(State(hall): State<Arc<Hall>>, mut request: Request, next: Next) -> Result<Response, Fault> {
    let presented = request.extensions().get::<Arc<TlsInfo>>().and_then(|info| info.peer_certificates.first());
    let Some(der) = presented else {
        return Err(Refuse::because(Kind::NoCertificate, "no certificate").into());
    };
    let certificate = Digest::of(der);
    let ended = trust::ended(der, hall.clock.now());
    let asked = Arc::clone(&hall);
    let caller = crate::api::blocking(move || asked.ledger.caller(certificate, asked.clock.now())).await?;
    // Told only to who holds a certificate that was not revoked: an ended one opens one door.
    let version = wire::version_of(request.uri().path()).unwrap_or(wire::VERSION);
    if ended && request.uri().path() != wire::under(version, path::RENEWAL) {
        return Err(Refuse::because(Kind::CertificateExpired, "certificate").into());
    }
    let known = request.headers().get(header::LEDGER_KNOWN).and_then(|value| Known::parse(value.to_str().ok()?));
    let went_back = match known {
        None => false,
        Some(known) => {
            let (asked, point) = (Arc::clone(&hall), caller.point.clone());
            crate::api::blocking(move || asked.ledger.went_back(&point, &known, asked.clock.now()).map_err(Refuse::from)).await?
        }
    };
    if went_back {
        tracing::error!(terminal = caller.terminal, "a terminal saw this ledger stand where it never stood: it was put back");
    }
    request.extensions_mut().insert(caller);
    let mut response = next.run(request).await;
    // Where the ledger stands now; a stored answer keeps where it stood the first time. A ledger that
    // cannot say it has said so in the answer already.
    if let Ok(mark) = crate::api::blocking(move || hall.ledger.mark().map_err(Refuse::from)).await {
        let headers = response.headers_mut();
        if let Ok(incarnation) = HeaderValue::from_str(&mark.incarnation.to_string()) {
            headers.insert(HeaderName::from_static(header::LEDGER_INCARNATION), incarnation);
        }
        headers.insert(HeaderName::from_static(header::LEDGER_SEQUENCE), HeaderValue::from(mark.sequence));
        if let Some(chain) = mark.chain.and_then(|chain| HeaderValue::from_str(&chain.to_string()).ok()) {
            headers.insert(HeaderName::from_static(header::LEDGER_CHAIN), chain);
        }
        if went_back {
            headers.insert(HeaderName::from_static(header::LEDGER_KNOWN), HeaderValue::from_static(header::WENT_BACK));
        }
    }
    Ok(response)
}

/// The terminal of a request, as a handler's argument.
pub struct Terminal(pub Caller);

impl<S: Sync> FromRequestParts<S> for Terminal {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        let caller = parts.extensions.get::<Caller>().cloned();
        caller.map(Self).ok_or_else(|| Refuse::because(Kind::NoCertificate, "no certificate").into())
    }
}
