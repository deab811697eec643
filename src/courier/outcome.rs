//! What came of a call: done, or who has to do what next.
//!
//! Every answer of the hall, every trouble of the line and every fault found in what came
//! back becomes one [`Outcome`] with a stable code. `texts` makes sentences of the codes.

use std::time::Duration;

use outbox::ReceiptNews;
use wire::problem::Kind;

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The hall has it on disk, and its receipt was verified.
    Done(Box<ReceiptNews>),
    /// Nobody has to do anything: try again later, not before `retry_after` if the hall named it.
    Wait { code: &'static str, retry_after: Option<Duration> },
    /// The agent can put it right.
    MendByAgent { code: &'static str },
    /// Only the resident can put it right: it changes what he declared.
    MendByResident { code: &'static str },
    /// Refused for good; goes aside with its reason and blocks nobody.
    Quarantine { code: &'static str },
    /// Somebody who looks after hall or terminal has to do something.
    Administrator { code: &'static str },
}

/// Whom an outcome concerns: after trouble of the line nothing else needs to be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Line,
    Parcel,
}

/// Trouble that has no answer of the hall in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineTrouble {
    /// The caller called it off.
    Stopped,
    /// No route, no interface, no answer to ARP.
    NoNetwork,
    /// The hall's name has no address here.
    NameUnknown,
    /// Something answers at that address, but no hall listens.
    ConnectionRefused,
    /// No connection within its time.
    ConnectTimeout,
    /// The connection broke in the middle.
    Cut,
    /// Connected, then nothing moved.
    Stalled,
    /// What answers does not speak TLS: a portal or another service.
    NotTls,
    /// The certificate is of another authority: a portal, a proxy that opens TLS, a wrong hall.
    ForeignAuthority,
    /// The pinned authority's certificate, but expired or not yet valid by a trusted clock.
    HallCertificateDate,
    /// The pinned authority's certificate for another name than the address says.
    HallCertificateName,
    /// The hall's TLS refuses this terminal's certificate.
    HallRefusesCertificate,
    /// No cipher, version or algorithm in common.
    TlsIncompatible,
    /// A proxy wants a name and password.
    ProxyAuthentication,
    /// The answer sends us elsewhere: portals do, the hall never does.
    Redirected,
    /// A web page or something else that no hall says.
    NotTheHall,
    /// A gateway in front of the hall cannot reach it.
    Gateway,
    /// The hall's own words, but not what this version understands.
    AnswerUnreadable,
    /// More bytes than such an answer can have.
    AnswerTooLong,
    /// The hall's address is not a usable https address.
    AddressUnusable,
    /// This machine's own key or certificate cannot be used.
    OwnKeyUnusable,
}

/// Faults found in what was sent or came back, after the line itself worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Finding {
    /// The receipt or the feed is signed by a key that this terminal was never told of.
    SignerUnknown,
    /// A signature does not fit, or the text is no signed text.
    SignatureWrong,
    /// A receipt for another act, filing or set of pages.
    ReceiptDiffers,
    /// A feed page addressed to another point.
    FeedOfAnotherPoint,
    /// The feed's cursor went back or its events are out of order.
    FeedOutOfOrder,
    /// The cabinet gave no bytes for a page that the parcel names.
    PageMissing,
    /// The cabinet's bytes are not the page that was sealed.
    PageDamaged,
    /// A result file whose bytes are not what their digest says.
    ResultDamaged,
    /// A package that is not the one that the feed named.
    PackageDiffers,
    /// A file of a package whose bytes are not what their digest says.
    PackageDamaged,
    /// The typed characters are no admission code.
    CodeMistyped,
    /// The hall presents no authority that the code names: a portal, a wrong hall or a mistyped code.
    CodeOfAnotherHall,
    /// The hall's certificate for this terminal does not fit its key or the pinned authority.
    CertificateUnfit,
    /// This terminal was away for so long that its certificate cannot even be renewed.
    CertificateTooOld,
    /// A newer hall names a problem that this version has no word for.
    ProblemUnknown,
}

impl Outcome {
    /// The stable code; `done` for [`Outcome::Done`].
    pub fn code(&self) -> &'static str {
        match self {
            Self::Done(_) => "done",
            Self::Wait { code, .. }
            | Self::MendByAgent { code }
            | Self::MendByResident { code }
            | Self::Quarantine { code }
            | Self::Administrator { code } => code,
        }
    }

    /// Whether the same would happen to every other parcel.
    pub fn scope(&self) -> Scope {
        match self {
            Self::Done(_) | Self::MendByAgent { .. } | Self::MendByResident { .. } | Self::Quarantine { .. } => Scope::Parcel,
            Self::Wait { code, .. } | Self::Administrator { code } => {
                if PARCEL_CODES.contains(code) {
                    Scope::Parcel
                } else {
                    Scope::Line
                }
            }
        }
    }

    /// Whether the caller called it off.
    pub fn is_stopped(&self) -> bool {
        self.code() == LineTrouble::Stopped.code()
    }

    pub(crate) fn with_retry_after(self, wait: Option<Duration>) -> Self {
        match self {
            Self::Wait { code, retry_after } => Self::Wait { code, retry_after: wait.or(retry_after) },
            other => other,
        }
    }
}

/// Codes of waiting and of administrators' work that concern one parcel only. A hall that
/// fails on one act (`internal`) must not keep everybody else's from being delivered.
const PARCEL_CODES: &[&str] = &[
    "internal",
    // An act on a case of which the hall does not know yet: another terminal's filing comes first.
    "not_found",
    "page_unknown",
    "upload_gone",
    "offset_mismatch",
    "checksum_mismatch",
    "digest_mismatch",
    "actor_unknown",
    "receipt_differs",
    "page_missing",
    "page_damaged",
    "result_damaged",
    "package_differs",
    "package_damaged",
    "problem_unknown",
];

impl From<Kind> for Outcome {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::CodeUnknown => Self::MendByAgent { code: "code_unknown" },
            Kind::NoCertificate => Self::Administrator { code: "no_certificate" },
            Kind::TerminalUnknown => Self::Administrator { code: "terminal_unknown" },
            Kind::CertificateRevoked => Self::Administrator { code: "certificate_revoked" },
            // The terminal renews it by itself (`Client::renew`).
            Kind::CertificateExpired => Self::Wait { code: "certificate_expired", retry_after: None },
            Kind::BodyTooLarge => Self::Quarantine { code: "body_too_large" },
            Kind::TooManyPages => Self::Quarantine { code: "too_many_pages" },
            Kind::BadRequest => Self::Quarantine { code: "bad_request" },
            // Too old or too new for this hall: everything is kept and queued until somebody updates.
            Kind::WireVersion => Self::Administrator { code: "wire_version" },
            // An address of the API is missing: an older hall, or not the hall's address.
            Kind::NotFound => Self::Administrator { code: "not_found" },
            Kind::UploadGone => Self::Wait { code: "upload_gone", retry_after: None },
            Kind::OffsetMismatch => Self::Wait { code: "offset_mismatch", retry_after: None },
            Kind::ChecksumMismatch => Self::Wait { code: "checksum_mismatch", retry_after: None },
            Kind::DigestMismatch => Self::Wait { code: "digest_mismatch", retry_after: None },
            Kind::PageUnknown => Self::Wait { code: "page_unknown", retry_after: None },
            Kind::NotCanonical => Self::Quarantine { code: "not_canonical" },
            Kind::ActConflict => Self::Quarantine { code: "act_conflict" },
            // The bytes are sealed, so only the hall can help: it gives the account back.
            Kind::ActorUnknown => Self::Administrator { code: "actor_unknown" },
            Kind::WrongPoint => Self::Quarantine { code: "wrong_point" },
            // Filed again under the guide in force; what the resident declared stays.
            Kind::CatalogueUnknown => Self::MendByAgent { code: "catalogue_unknown" },
            // Other answers are another declaration: the resident has to make it.
            Kind::FormFaulty => Self::MendByResident { code: "form_faulty" },
            Kind::StorageFull => Self::Wait { code: "storage_full", retry_after: Some(Duration::from_secs(600)) },
            Kind::Busy => Self::Wait { code: "busy", retry_after: None },
            Kind::Internal => Self::Wait { code: "internal", retry_after: None },
        }
    }
}

impl LineTrouble {
    pub const ALL: &[LineTrouble] = &[
        Self::Stopped,
        Self::NoNetwork,
        Self::NameUnknown,
        Self::ConnectionRefused,
        Self::ConnectTimeout,
        Self::Cut,
        Self::Stalled,
        Self::NotTls,
        Self::ForeignAuthority,
        Self::HallCertificateDate,
        Self::HallCertificateName,
        Self::HallRefusesCertificate,
        Self::TlsIncompatible,
        Self::ProxyAuthentication,
        Self::Redirected,
        Self::NotTheHall,
        Self::Gateway,
        Self::AnswerUnreadable,
        Self::AnswerTooLong,
        Self::AddressUnusable,
        Self::OwnKeyUnusable,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::NoNetwork => "no_network",
            Self::NameUnknown => "name_unknown",
            Self::ConnectionRefused => "connection_refused",
            Self::ConnectTimeout => "connect_timeout",
            Self::Cut => "line_cut",
            Self::Stalled => "line_stalled",
            Self::NotTls => "not_tls",
            Self::ForeignAuthority => "foreign_authority",
            Self::HallCertificateDate => "hall_certificate_date",
            Self::HallCertificateName => "hall_certificate_name",
            Self::HallRefusesCertificate => "hall_refuses_certificate",
            Self::TlsIncompatible => "tls_incompatible",
            Self::ProxyAuthentication => "proxy_authentication",
            Self::Redirected => "redirected",
            Self::NotTheHall => "not_the_hall",
            Self::Gateway => "gateway",
            Self::AnswerUnreadable => "answer_unreadable",
            Self::AnswerTooLong => "answer_too_long",
            Self::AddressUnusable => "address_unusable",
            Self::OwnKeyUnusable => "own_key_unusable",
        }
    }
}

impl From<LineTrouble> for Outcome {
    fn from(trouble: LineTrouble) -> Self {
        let code = trouble.code();
        match trouble {
            LineTrouble::Stopped
            | LineTrouble::NoNetwork
            | LineTrouble::NameUnknown
            | LineTrouble::ConnectionRefused
            | LineTrouble::ConnectTimeout
            | LineTrouble::Cut
            | LineTrouble::Stalled
            | LineTrouble::NotTls
            | LineTrouble::ForeignAuthority
            | LineTrouble::Redirected
            | LineTrouble::NotTheHall
            | LineTrouble::Gateway => Self::Wait { code, retry_after: None },
            LineTrouble::HallCertificateDate
            | LineTrouble::HallCertificateName
            | LineTrouble::HallRefusesCertificate
            | LineTrouble::TlsIncompatible
            | LineTrouble::ProxyAuthentication
            | LineTrouble::AnswerUnreadable
            | LineTrouble::AnswerTooLong
            | LineTrouble::AddressUnusable
            | LineTrouble::OwnKeyUnusable => Self::Administrator { code },
        }
    }
}

impl Finding {
    pub const ALL: &[Finding] = &[
        Self::SignerUnknown,
        Self::SignatureWrong,
        Self::ReceiptDiffers,
        Self::FeedOfAnotherPoint,
        Self::FeedOutOfOrder,
        Self::PageMissing,
        Self::PageDamaged,
        Self::ResultDamaged,
        Self::PackageDiffers,
        Self::PackageDamaged,
        Self::CodeMistyped,
        Self::CodeOfAnotherHall,
        Self::CertificateUnfit,
        Self::CertificateTooOld,
        Self::ProblemUnknown,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::SignerUnknown => "signer_unknown",
            Self::SignatureWrong => "signature_wrong",
            Self::ReceiptDiffers => "receipt_differs",
            Self::FeedOfAnotherPoint => "feed_of_another_point",
            Self::FeedOutOfOrder => "feed_out_of_order",
            Self::PageMissing => "page_missing",
            Self::PageDamaged => "page_damaged",
            Self::ResultDamaged => "result_damaged",
            Self::PackageDiffers => "package_differs",
            Self::PackageDamaged => "package_damaged",
            Self::CodeMistyped => "code_mistyped",
            Self::CodeOfAnotherHall => "code_of_another_hall",
            Self::CertificateUnfit => "certificate_unfit",
            Self::CertificateTooOld => "certificate_too_old",
            Self::ProblemUnknown => "problem_unknown",
        }
    }
}

impl From<Finding> for Outcome {
    fn from(finding: Finding) -> Self {
        let code = finding.code();
        match finding {
            Finding::CodeMistyped | Finding::CodeOfAnotherHall => Self::MendByAgent { code },
            // Damaged on the way or at the hall's disk: fetched anew, it may be whole.
            Finding::ResultDamaged | Finding::PackageDamaged => Self::Wait { code, retry_after: None },
            Finding::SignerUnknown
            | Finding::SignatureWrong
            | Finding::ReceiptDiffers
            | Finding::FeedOfAnotherPoint
            | Finding::FeedOutOfOrder
            | Finding::PageMissing
            | Finding::PageDamaged
            | Finding::PackageDiffers
            | Finding::CertificateUnfit
            | Finding::CertificateTooOld
            | Finding::ProblemUnknown => Self::Administrator { code },
        }
    }
}

/// Every code that an outcome or a bundle's fault can carry: the texts must have a sentence for each.
pub fn codes() -> Vec<&'static str> {
    let kinds = Kind::ALL.iter().map(|kind| Outcome::from(*kind).code());
    let line = LineTrouble::ALL.iter().map(|trouble| trouble.code());
    let stick = ["stick_not_writable", "bundle_not_written"];
    kinds.chain(line).chain(Finding::ALL.iter().map(|finding| finding.code())).chain(stick).collect()
}

#[cfg(test)]
#[path = "outcome_tests.rs"]
mod tests;
