//! What stands below an answer: the hall's address, and what a failed connection means.

use std::io;

use reqwest::Url;

use crate::{
    outcome::{LineTrouble, Outcome},
    tls,
};

/// The hall's address as a person types it: a missing scheme is https, anything else is refused.
pub(crate) fn address(text: &str) -> Result<Url, Outcome> {
    let unusable = || Outcome::from(LineTrouble::AddressUnusable);
    let text = text.trim();
    let full = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&full).map_err(|_| unusable())?;
    let plain = url.scheme() == "https" && url.username().is_empty() && url.password().is_none() && url.path() == "/";
    if plain && url.host().is_some() && url.query().is_none() && url.fragment().is_none() { Ok(url) } else { Err(unusable()) }
}

/// What a failure below HTTP means.
pub(crate) fn trouble(error: &reqwest::Error) -> Outcome {
    let mut text = String::new();
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    let (mut io_kind, mut unresolved) = (None, false);
    while let Some(cause) = next {
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return tls::trouble(tls);
        }
        text = cause.to_string();
        unresolved |= text == "dns error";
        next = match cause.downcast_ref::<io::Error>() {
            // What an io::Error wraps, its `source` passes over; and they wrap each other.
            Some(wrapper) => {
                io_kind = Some(wrapper.kind());
                wrapper.get_ref().map(|inner| inner as &(dyn std::error::Error + 'static))
            }
            None => cause.source(),
        };
    }
    tracing::debug!(cause = text, "the line failed");
    match io_kind {
        _ if unresolved => LineTrouble::NameUnknown,
        Some(io::ErrorKind::ConnectionRefused) => LineTrouble::ConnectionRefused,
        Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkDown) => {
            LineTrouble::NoNetwork
        }
        Some(io::ErrorKind::TimedOut) if error.is_connect() => LineTrouble::ConnectTimeout,
        _ if error.is_connect() && error.is_timeout() => LineTrouble::ConnectTimeout,
        _ if error.is_timeout() => LineTrouble::Stalled,
        _ if text.contains("invalid HTTP") => LineTrouble::NotTheHall,
        _ => LineTrouble::Cut,
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_as_a_person_types_it_and_only_over_tls() {
        for text in ["hall.example:8443", " https://hall.example:8443 ", "https://hall.example:8443/"] {
            assert_eq!(address(text).map(String::from), Ok("https://hall.example:8443/".into()), "{text}");
        }
        for text in [
            "http://hall.example",
            "https://a:b@hall.example",
            "https://hall.example/x",
            "https://hall.example?x",
            "",
            "https://",
            "镇 政府",
        ] {
            assert_eq!(address(text), Err(LineTrouble::AddressUnusable.into()), "{text}");
        }
    }

    #[test]
    fn a_name_that_nobody_knows_is_told_from_a_hall_that_is_away() {
        struct Nobody;
        impl reqwest::dns::Resolve for Nobody {
            fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
                Box::pin(std::future::ready(Err("failed to lookup address information".into())))
            }
        }
        let tls = tls::HallVerifier::by_code(wire::code::AdmissionCode::new([0; 5], b"")).config(None).unwrap();
        let http = reqwest::Client::builder().tls_backend_preconfigured(tls).dns_resolver(Nobody).build().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let error = runtime.block_on(http.get("https://hall.example").send()).unwrap_err();
        assert_eq!(trouble(&error), LineTrouble::NameUnknown.into());
    }
}
