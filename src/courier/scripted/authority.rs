//! The town's authority: certificates for the hall and for terminals, of any dates.

use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use wire::code::AdmissionCode;

pub const SECRET: [u8; 5] = [1, 2, 3, 4, 5];

/// Days of the certificates; 2026-01-01 is where these tests stand.
pub fn day(text: &str) -> Timestamp {
    format!("{text}T00:00:00Z").parse().expect("a date in a test")
}

/// A certificate authority of a town.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new(name: &str) -> Self {
        let mut params = params(name, ("2025-01-01", "2045-01-01"));
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority"))
    }

    pub fn der(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// A code that admits a terminal to this authority's hall.
    pub fn code(&self) -> String {
        AdmissionCode::new(SECRET, &self.der()).to_string()
    }

    /// The hall's own certificate.
    pub fn server(&self, name: &str, days: (&str, &str)) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let mut params = params("hall", days);
        params.subject_alt_names = CertificateParams::new(vec![name.to_owned()]).expect("a name").subject_alt_names;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate().expect("a key");
        let leaf = params.signed_by(&key, &self.0).expect("a certificate");
        (vec![leaf.der().clone(), self.der()], PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())))
    }

    /// What the hall makes of a terminal's request.
    pub fn client(&self, csr_pem: &str, terminal: &str, days: (&str, &str)) -> String {
        let mut request = CertificateSigningRequestParams::from_pem(csr_pem).expect("a request");
        let fresh = params(terminal, days);
        request.params.distinguished_name = fresh.distinguished_name;
        (request.params.not_before, request.params.not_after) = (fresh.not_before, fresh.not_after);
        request.params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        request.signed_by(&self.0).expect("a certificate").pem()
    }
}

/// From when until when a certificate is good.
pub fn dates(der: &CertificateDer<'_>) -> (Timestamp, Timestamp) {
    let (_, parsed) = x509_parser::parse_x509_certificate(der).expect("a certificate");
    let time = |time: x509_parser::time::ASN1Time| Timestamp::from_second(time.timestamp()).expect("a date");
    (time(parsed.validity().not_before), time(parsed.validity().not_after))
}

fn params(name: &str, (from, until): (&str, &str)) -> CertificateParams {
    let date = |text: &str| {
        let day: jiff::civil::Date = text.parse().expect("a date in a test");
        rcgen::date_time_ymd(i32::from(day.year()), day.month() as u8, day.day() as u8)
    };
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) = (date(from), date(until));
    params
}
