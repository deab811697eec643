//! Certificates judged by the hall's clock: who may come in at all, and who only to renew.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    pki_types::{CertificateDer, UnixTime},
    server::danger::{ClientCertVerified, ClientCertVerifier},
    time_provider::TimeProvider,
};
use wire::RENEWAL_DAYS_MAX;

use crate::clock::Clock;

/// The hall's clock for TLS.
#[derive(Debug)]
pub struct HallTime(pub Clock);

impl TimeProvider for HallTime {
    fn current_time(&self) -> Option<UnixTime> {
        unix_time(self.0.now())
    }
}

fn unix_time(at: Timestamp) -> Option<UnixTime> {
    u64::try_from(at.as_second()).ok().map(|seconds| UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
}

/// Last moment of a certificate.
fn end(der: &[u8]) -> Option<Timestamp> {
    let (_, certificate) = x509_parser::parse_x509_certificate(der).ok()?;
    Timestamp::from_second(certificate.validity().not_after.timestamp()).ok()
}

/// True when the certificate's time is over, or cannot be read.
pub fn ended(der: &[u8], now: Timestamp) -> bool {
    end(der).is_none_or(|end| end < now)
}

/// Lets a terminal that was away for long come in with a certificate that ended up to
/// [`RENEWAL_DAYS_MAX`] days ago. The doors then open for renewal only, see
/// [`super::require_terminal`]. Everything else about the certificate is judged as ever.
#[derive(Debug)]
pub struct Lenient(pub Arc<dyn ClientCertVerifier>);

impl ClientCertVerifier for Lenient {
    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let judged = self.0.verify_client_cert(end_entity, intermediates, now);
        let Err(Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. })) = &judged else {
            return judged;
        };
        let Some(end) = end(end_entity) else { return judged };
        let last = end.checked_add(SignedDuration::from_hours(24 * RENEWAL_DAYS_MAX)).ok().and_then(unix_time);
        match (unix_time(end), last) {
            // Judged as of its last moment: chain, purpose and signature must have been good then.
            (Some(end), Some(last)) if now <= last => self.0.verify_client_cert(end_entity, intermediates, end),
            _ => judged,
        }
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.0.root_hint_subjects()
    }

    fn client_auth_mandatory(&self) -> bool {
        self.0.client_auth_mandatory()
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
