//! Whom the line trusts: the one authority that was pinned at admission, and nobody else.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use matters::Personal;
use rcgen::{CertificateParams, DnType, KeyPair, PublicKeyData as _};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject as _},
    server::WebPkiClientVerifier,
};
use wire::{code::AdmissionCode, problem::Kind};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::{
    clock::{TrustedClock, unix},
    outcome::{Finding, LineTrouble, Outcome},
};

/// How the hall's authority is known.
enum Trust {
    /// Since admission, by its certificate.
    Pinned { authority: CertificateDer<'static> },
    /// During admission, by the fingerprint in the code; what was found is kept.
    ByCode { code: AdmissionCode, found: Mutex<Option<CertificateDer<'static>>> },
}

/// Accepts the hall's certificate only from the trusted authority, judged by the trusted clock.
pub(crate) struct HallVerifier {
    trust: Trust,
    clock: Arc<TrustedClock>,
    provider: Arc<CryptoProvider>,
}

impl HallVerifier {
    pub(crate) fn pinned(authority_pem: &str, clock: Arc<TrustedClock>) -> Result<Arc<Self>, Outcome> {
        let authority = certificate(authority_pem)?;
        Ok(Self::new(Trust::Pinned { authority }, clock))
    }

    pub(crate) fn by_code(code: AdmissionCode) -> Arc<Self> {
        Self::new(Trust::ByCode { code, found: Mutex::default() }, Arc::new(TrustedClock::new(None)))
    }

    fn new(trust: Trust, clock: Arc<TrustedClock>) -> Arc<Self> {
        Arc::new(Self { trust, clock, provider: Arc::new(rustls::crypto::ring::default_provider()) })
    }

    /// The authority that vouched for the hall in the last handshake.
    pub(crate) fn authority(&self) -> Option<CertificateDer<'static>> {
        match &self.trust {
            Trust::Pinned { authority } => Some(authority.clone()),
            Trust::ByCode { found, .. } => found.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone(),
        }
    }

    /// TLS of this terminal: this verifier and, after admission, our own certificate.
    pub(crate) fn config(self: &Arc<Self>, own: Option<(&str, &Personal<String>)>) -> Result<ClientConfig, Outcome> {
        let unusable = |_| Outcome::from(LineTrouble::OwnKeyUnusable);
        let clock: Arc<TrustedClock> = Arc::clone(&self.clock);
        let builder = ClientConfig::builder_with_details(Arc::clone(&self.provider), clock)
            .with_safe_default_protocol_versions()
            .map_err(|_| Outcome::from(LineTrouble::TlsIncompatible))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::<Self>::clone(self));
        match own {
            None => Ok(builder.with_no_client_auth()),
            Some((certificate_pem, key_pem)) => {
                let key = PrivateKeyDer::from_pem_slice(key_pem.expose().as_bytes())
                    .map_err(|_| Outcome::from(LineTrouble::OwnKeyUnusable))?;
                builder.with_client_auth_cert(vec![certificate(certificate_pem)?], key).map_err(unusable)
            }
        }
    }
}

impl std::fmt::Debug for HallVerifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HallVerifier")
    }
}

impl ServerCertVerifier for HallVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let authority = match &self.trust {
            Trust::Pinned { authority } => authority.clone(),
            Trust::ByCode { code, .. } => intermediates
                .iter()
                .find(|presented| code.names(presented))
                .map(|named| named.clone().into_owned())
                .ok_or(CertificateError::ApplicationVerificationFailure)?,
        };
        let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(only(&authority)?), Arc::clone(&self.provider))
            .build()
            .map_err(|_| CertificateError::UnknownIssuer)?;
        let judged_at = self.clock.judge_at(not_before(end_entity).ok_or(CertificateError::BadEncoding)?);
        let verdict = inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, unix(judged_at))?;
        if let Trust::ByCode { found, .. } = &self.trust {
            *found.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(authority);
        }
        Ok(verdict)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// A fresh key with the request for its certificate. The key leaves only into the cabinet.
pub(crate) struct KeyAndRequest {
    pub(crate) key_pem: Personal<String>,
    pub(crate) csr_pem: String,
    key: KeyPair,
}

impl KeyAndRequest {
    /// Makes a P-256 key; the machine's name in the request is for the administrator's eyes,
    /// the hall gives the certificate its own name.
    pub(crate) fn generate(machine: &str) -> Result<Self, Outcome> {
        let unusable = |_| Outcome::from(LineTrouble::OwnKeyUnusable);
        let key = KeyPair::generate().map_err(unusable)?;
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, machine);
        let csr_pem = params.serialize_request(&key).and_then(|request| request.pem()).map_err(unusable)?;
        Ok(Self { key_pem: Personal::new(key.serialize_pem()), csr_pem, key })
    }

    /// Checks what the hall made of the request: our key, the authority's signature, the name.
    pub(crate) fn check(
        &self,
        certificate_pem: &str,
        authority: &CertificateDer<'static>,
        terminal: &str,
    ) -> Result<(), Outcome> {
        let unfit = || Outcome::from(Finding::CertificateUnfit);
        let der = certificate(certificate_pem).map_err(|_| unfit())?;
        let (_, parsed) = X509Certificate::from_der(&der).map_err(|_| unfit())?;
        let ours = parsed.public_key().raw == self.key.subject_public_key_info();
        let named = parsed.subject().iter_common_name().any(|name| name.as_str() == Ok(terminal));
        if !ours || !named {
            return Err(unfit());
        }
        let from = not_before(&der).ok_or_else(unfit)?;
        let roots = only(authority).map_err(|_| unfit())?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .map_err(|_| unfit())?
            .verify_client_cert(&der, &[], unix(from))
            .map_err(|_| unfit())?;
        Ok(())
    }
}

/// Reads one certificate in PEM, and really reads it: a certificate library that is handed
/// junk may only notice at the first handshake.
pub(crate) fn certificate(pem: &str) -> Result<CertificateDer<'static>, Outcome> {
    let unusable = || Outcome::from(LineTrouble::OwnKeyUnusable);
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| unusable())?;
    X509Certificate::from_der(&der).map_err(|_| unusable())?;
    Ok(der)
}

fn only(authority: &CertificateDer<'static>) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    roots.add(authority.clone())?;
    Ok(roots)
}

/// From when until when a certificate is good.
pub(crate) fn days(pem: &str) -> Result<(Timestamp, Timestamp), Outcome> {
    let unusable = || Outcome::from(LineTrouble::OwnKeyUnusable);
    let der = certificate(pem)?;
    let (_, parsed) = X509Certificate::from_der(&der).map_err(|_| unusable())?;
    let until = Timestamp::from_second(parsed.validity().not_after.timestamp()).map_err(|_| unusable())?;
    Ok((not_before(&der).ok_or_else(unusable)?, until))
}

/// When a certificate of these dates is to be renewed: with a third of its life to go, so
/// that a season without network does not end it.
pub(crate) fn renewal_from((from, until): (Timestamp, Timestamp)) -> Timestamp {
    let third = until.duration_since(from) / 3;
    until.checked_sub(third).unwrap_or(from)
}

fn not_before(der: &CertificateDer<'_>) -> Option<Timestamp> {
    let (_, parsed) = X509Certificate::from_der(der).ok()?;
    Timestamp::from_second(parsed.validity().not_before.timestamp()).ok()
}

/// What a failed handshake says, ours or the hall's.
pub(crate) fn trouble(error: &TlsError) -> Outcome {
    use rustls::AlertDescription as Alert;
    match error {
        // Only the verifier of an admission says this: no certificate that the code names.
        TlsError::InvalidCertificate(CertificateError::ApplicationVerificationFailure) => Finding::CodeOfAnotherHall.into(),
        TlsError::InvalidCertificate(
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. },
        ) => LineTrouble::HallCertificateDate.into(),
        TlsError::InvalidCertificate(CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }) => {
            LineTrouble::HallCertificateName.into()
        }
        TlsError::InvalidCertificate(_) | TlsError::NoCertificatesPresented => LineTrouble::ForeignAuthority.into(),
        TlsError::AlertReceived(Alert::CertificateExpired) => Kind::CertificateExpired.into(),
        TlsError::AlertReceived(
            Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateUnknown
            | Alert::UnknownCA
            | Alert::AccessDenied
            | Alert::CertificateRequired,
        ) => LineTrouble::HallRefusesCertificate.into(),
        TlsError::AlertReceived(Alert::HandshakeFailure | Alert::ProtocolVersion | Alert::InsufficientSecurity)
        | TlsError::PeerIncompatible(_) => LineTrouble::TlsIncompatible.into(),
        TlsError::InvalidMessage(_) | TlsError::InappropriateMessage { .. } | TlsError::InappropriateHandshakeMessage { .. } => {
            LineTrouble::NotTls.into()
        }
        _ => LineTrouble::Cut.into(),
    }
}
