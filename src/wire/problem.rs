//! Problems (RFC 9457): a stable type by which the terminal decides what to do.

use serde::{Deserialize, Serialize};

pub const MEDIA_TYPE: &str = "application/problem+json";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// `urn:village-point:problem:<kind>`
    #[serde(rename = "type")]
    pub kind_uri: String,
    pub title: String,
    pub status: u16,
    #[serde(default)]
    pub detail: String,
    /// Reference number that the person sees and the hall's log has.
    #[serde(default)]
    pub reference: String,
}

macro_rules! kinds {
    ($($variant:ident $slug:literal $status:literal $title:literal;)*) => {
        /// Every kind of problem that the hall answers with.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kind { $($variant),* }

        impl Kind {
            pub const ALL: &[Kind] = &[$(Kind::$variant),*];

            pub fn slug(self) -> &'static str {
                match self { $(Kind::$variant => $slug),* }
            }

            pub fn status(self) -> u16 {
                match self { $(Kind::$variant => $status),* }
            }

            pub fn title(self) -> &'static str {
                match self { $(Kind::$variant => $title),* }
            }
        }
    };
}

kinds! {
    CodeUnknown "code-unknown" 403 "The admission code is unknown, used or expired";
    NoCertificate "no-certificate" 401 "A terminal's certificate is required";
    TerminalUnknown "terminal-unknown" 403 "This terminal is not admitted";
    CertificateRevoked "certificate-revoked" 403 "This terminal's certificate was revoked";
    CertificateExpired "certificate-expired" 403 "This terminal's certificate has ended and serves for renewal only";
    BodyTooLarge "body-too-large" 413 "The body is larger than the limit";
    TooManyPages "too-many-pages" 422 "The filing names more pages than the limit";
    BadRequest "bad-request" 400 "The request cannot be understood";
    WireVersion "wire-version" 426 "This hall does not serve that version of the wire";
    NotFound "not-found" 404 "Nothing here";
    UploadGone "upload-gone" 410 "The upload expired or was ended";
    OffsetMismatch "offset-mismatch" 409 "The offset is not where the upload stands";
    ChecksumMismatch "checksum-mismatch" 460 "The bytes do not match their checksum";
    DigestMismatch "digest-mismatch" 422 "The whole page does not match the digest it was announced with";
    PageUnknown "page-unknown" 422 "A page is named that this point has not uploaded";
    NotCanonical "not-canonical" 422 "The act or the filing is not in canonical form";
    ActConflict "act-conflict" 409 "Another act is known under this id";
    ActorUnknown "actor-unknown" 422 "The act names nobody who may act at this point";
    WrongPoint "wrong-point" 403 "The filing belongs to another point";
    CatalogueUnknown "catalogue-unknown" 422 "The matter or its version was not in force when the filing was sealed";
    FormFaulty "form-faulty" 422 "The filing breaks the rules of its matter";
    StorageFull "storage-full" 507 "The hall cannot store more at the moment";
    Busy "busy" 503 "The hall is busy; try later";
    Internal "internal" 500 "The hall could not do it";
}

impl Kind {
    pub fn uri(self) -> String {
        format!("urn:village-point:problem:{}", self.slug())
    }

    pub fn from_uri(uri: &str) -> Option<Self> {
        let slug = uri.strip_prefix("urn:village-point:problem:")?;
        Self::ALL.iter().copied().find(|kind| kind.slug() == slug)
    }
}
