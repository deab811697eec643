//! The hall's certificate authority: it signs the server's own certificate and those of terminals.

use std::{net::IpAddr, sync::Arc};

use jiff::{SignedDuration, Timestamp, tz::Offset};
use matters::Digest;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertificateSigningRequestParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType, SerialNumber, date_time_ymd,
};
use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    server::WebPkiClientVerifier,
};
use zeroize::Zeroizing;

use super::trust::{HallTime, Lenient};
use crate::{
    clock::{Clock, Ids},
    ledger::{AuthorityKeys, LedgerError},
};

/// How long a terminal's certificate is good.
const TERMINAL_DAYS: i64 = 365;
/// How long the server's certificate is good; it is made anew at every start.
const SERVER_DAYS: i64 = 397;
const AUTHORITY_DAYS: i64 = 3650;
/// Clocks of villages are not exact: certificates begin this much earlier.
const BEFORE_DAYS: i64 = 2;

#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// The request is no PKCS#10, its signature does not fit, or it asks for a kind of key that is not served.
    #[error("the certificate request cannot be used")]
    Request(#[source] rcgen::Error),
    #[error("a certificate could not be made")]
    Make(#[source] rcgen::Error),
    #[error("TLS could not be set up")]
    Tls(#[source] rustls::Error),
    #[error("the authority's certificate is damaged")]
    Verifier(#[source] rustls::server::VerifierBuilderError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// The authority, ready to sign.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    der: CertificateDer<'static>,
    ids: Ids,
}

/// A terminal's new certificate.
pub struct Issued {
    pub pem: String,
    /// SHA-256 of its DER: by this the ledger knows the terminal.
    pub digest: Digest,
}

fn day(at: Timestamp, days: i64) -> impl Fn() -> (i32, u8, u8) {
    let date = Offset::UTC.to_datetime(at + SignedDuration::from_hours(24 * days)).date();
    move || (i32::from(date.year()), date.month() as u8, date.day() as u8)
}

fn params(name: &str, now: Timestamp, days: i64, ids: &Ids) -> Result<CertificateParams, AuthorityError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    let ((y, m, d), (uy, um, ud)) = (day(now, -BEFORE_DAYS)(), day(now, days)());
    params.not_before = date_time_ymd(y, m, d);
    params.not_after = date_time_ymd(uy, um, ud);
    let mut serial = ids.bytes::<16>()?;
    serial[0] &= 0x7f;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    Ok(params)
}

impl Authority {
    /// Makes the keys of a new authority; they belong into the ledger.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn found(hall: &str, ids: &Ids, now: Timestamp) -> Result<AuthorityKeys, AuthorityError> {
        let key = KeyPair::generate().map_err(AuthorityError::Make)?;
        let mut params = params(hall, now, AUTHORITY_DAYS, ids)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key).map_err(AuthorityError::Make)?;
        Ok(AuthorityKeys { certificate_der: certificate.der().to_vec(), key_der: Zeroizing::new(key.serialize_der()) })
    }

    /// # Errors
    /// When the keys in the ledger are damaged.
    pub fn open(keys: &AuthorityKeys, ids: Ids) -> Result<Self, AuthorityError> {
        let der = CertificateDer::from(keys.certificate_der.clone());
        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(keys.key_der.as_slice()));
        let key = KeyPair::try_from(&private).map_err(AuthorityError::Make)?;
        let issuer = Issuer::from_ca_cert_der(&der, key).map_err(AuthorityError::Make)?;
        Ok(Self { issuer, der, ids })
    }

    pub fn der(&self) -> &[u8] {
        &self.der
    }

    pub fn pem(&self) -> String {
        pem(&self.der)
    }

    /// Signs a terminal's request. Only the key is taken from it: name, purpose and time are the hall's to say.
    ///
    /// # Errors
    /// [`AuthorityError::Request`] for a request that cannot be used.
    pub fn issue(&self, csr_pem: &str, terminal: &str, now: Timestamp) -> Result<Issued, AuthorityError> {
        let mut request = CertificateSigningRequestParams::from_pem(csr_pem).map_err(AuthorityError::Request)?;
        let mut own = params(terminal, now, TERMINAL_DAYS, &self.ids)?;
        own.is_ca = IsCa::ExplicitNoCa;
        own.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        own.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        own.use_authority_key_identifier_extension = true;
        request.params = own;
        let certificate: Certificate = request.signed_by(&self.issuer).map_err(AuthorityError::Make)?;
        Ok(Issued { pem: pem(certificate.der()), digest: Digest::of(certificate.der()) })
    }

    /// TLS of the terminals' listener: the server's certificate for these names, made now, and client
    /// certificates of this authority, asked for but not required (the admission door has none yet).
    /// All times are the hall's clock.
    ///
    /// # Errors
    /// When a certificate cannot be made.
    pub fn server_config(&self, names: &[String], clock: &Clock) -> Result<Arc<ServerConfig>, AuthorityError> {
        let key = KeyPair::generate().map_err(AuthorityError::Make)?;
        let mut params = params("town-hall", clock.now(), SERVER_DAYS, &self.ids)?;
        params.subject_alt_names = names
            .iter()
            .map(|name| match name.parse::<IpAddr>() {
                Ok(address) => Ok(SanType::IpAddress(address)),
                Err(_) => Ok(SanType::DnsName(name.clone().try_into().map_err(AuthorityError::Make)?)),
            })
            .collect::<Result<_, AuthorityError>>()?;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.issuer).map_err(AuthorityError::Make)?;
        let mut roots = RootCertStore::empty();
        roots.add(self.der.clone()).map_err(AuthorityError::Tls)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .allow_unauthenticated()
            .build()
            .map_err(AuthorityError::Verifier)?;
        // The authority goes along: a terminal that is being admitted knows it by its digest only.
        let chain = vec![certificate.der().clone(), self.der.clone()];
        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let mut config = ServerConfig::builder_with_details(provider, Arc::new(HallTime(clock.clone())))
            .with_safe_default_protocol_versions()
            .map_err(AuthorityError::Tls)?
            .with_client_cert_verifier(Arc::new(Lenient(verifier)))
            .with_single_cert(chain, private)
            .map_err(AuthorityError::Tls)?;
        // One connection, one request at a time: a cut upload is then cut for the server, too.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

fn pem(der: &[u8]) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let text = STANDARD.encode(der);
    let mut out = String::from("-----BEGIN CERTIFICATE-----\n");
    for at in (0..text.len()).step_by(64) {
        out.push_str(&text[at..text.len().min(at + 64)]);
        out.push('\n');
    }
    out.push_str("-----END CERTIFICATE-----\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authority() -> (Authority, Timestamp) {
        let now: Timestamp = "2026-03-02T01:00:00Z".parse().unwrap();
        let keys = Authority::found("测试大厅", &Ids::System, now).unwrap();
        (Authority::open(&keys, Ids::System).unwrap(), now)
    }

    #[test]
    fn a_terminal_gets_the_name_and_purpose_that_the_hall_says_not_what_it_asked_for() {
        let (authority, now) = authority();
        let key = KeyPair::generate().unwrap();
        let mut asked = CertificateParams::new(vec!["town-hall.example".to_owned()]).unwrap();
        asked.distinguished_name.push(DnType::CommonName, "somebody else");
        asked.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let csr = asked.serialize_request(&key).map(|csr| csr.pem().unwrap());
        // rcgen itself refuses to put a CA flag into a request; without it the request is made.
        let csr = csr.unwrap_or_else(|_| {
            let mut plain = CertificateParams::new(vec!["town-hall.example".to_owned()]).unwrap();
            plain.distinguished_name.push(DnType::CommonName, "somebody else");
            plain.serialize_request(&key).unwrap().pem().unwrap()
        });
        let issued = authority.issue(&csr, "SLC-22", now).unwrap();
        let (_, block) = x509_parser::pem::parse_x509_pem(issued.pem.as_bytes()).unwrap();
        let certificate = block.parse_x509().unwrap();
        assert_eq!(certificate.subject().iter_common_name().next().unwrap().as_str().unwrap(), "SLC-22");
        assert!(certificate.subject_alternative_name().unwrap().is_none());
        assert!(!certificate.is_ca());
        assert!(certificate.extended_key_usage().unwrap().unwrap().value.client_auth);
        assert!(!certificate.extended_key_usage().unwrap().unwrap().value.server_auth);
        assert_eq!(issued.digest, Digest::of(&block.contents));
        let (_, issuer) = x509_parser::parse_x509_certificate(authority.der()).unwrap();
        certificate.verify_signature(Some(issuer.public_key())).unwrap();
    }

    #[test]
    fn what_is_no_request_is_refused() {
        let (authority, now) = authority();
        for junk in ["", "junk", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"] {
            assert!(matches!(authority.issue(junk, "SLC-22", now), Err(AuthorityError::Request(_))), "{junk:?}");
        }
    }
}
