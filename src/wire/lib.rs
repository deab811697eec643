//! What travels between village and town: JSON types, their versions, kinds of problems.
//!
//! Doors: the types below, [`problem`] kinds, [`convert`] between wire and domain, the
//! admission [`code`], records of a [`bundle`] for days without a network, [`package`]s of the town's data.
//!
//! Never: opens a socket, decides anything, is known to the window.
//! Version 1. Unknown fields are ignored when read (a newer hall may say more).
//!
//! Start reading at [`Commit`].

pub mod bundle;
pub mod code;
pub mod convert;
pub mod package;
pub mod problem;

use jiff::Timestamp;
use matters::{AgentAccount, CaseView, Digest};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The wire version that this build speaks; the path of every address starts with `/api/1/`.
pub const VERSION: u32 = 1;

/// Versions that a hall of this build serves: the current one and the one before. Version 1 is the first.
pub const SERVED: std::ops::RangeInclusive<u32> = if VERSION > 1 { VERSION - 1 } else { 1 }..=VERSION;

/// The version that an address names; `None` when it is no address of the API.
pub fn version_of(path: &str) -> Option<u32> {
    path.strip_prefix("/api/")?.split('/').next()?.parse().ok()
}

/// The same door under another version: `/api/1/feed` → `/api/2/feed`. What is no address of the API stays.
pub fn under(version: u32, path: &str) -> String {
    match version_of(path) {
        Some(own) => path.replacen(&format!("/api/{own}/"), &format!("/api/{version}/"), 1),
        None => path.to_owned(),
    }
}

/// Paths of the API, relative to the hall's address.
pub mod path {
    /// POST [`super::Admission`] → [`super::Admitted`]; the only door without a client certificate.
    pub const ADMISSION: &str = "/api/1/admission";
    /// tus 1.0: POST creates, `{PAGES}/{id}` takes HEAD, PATCH, DELETE.
    pub const PAGES: &str = "/api/1/pages";
    /// POST [`super::Have`] → [`super::Held`].
    pub const HAVE: &str = "/api/1/pages/have";
    /// POST [`super::Commit`] → [`super::Answer`].
    pub const ACTS: &str = "/api/1/acts";
    /// GET `?cursor=N&wait_s=S` → compact JWS over [`super::FeedPage`].
    pub const FEED: &str = "/api/1/feed";
    /// GET `{RESULTS}/{sha256}` → bytes of a result file of this point.
    pub const RESULTS: &str = "/api/1/results";
    /// GET `{PACKAGES}/{sha256}` → compact JWS over [`super::package::Manifest`].
    pub const PACKAGES: &str = "/api/1/packages";
    /// GET `{PACKAGE_FILES}/{sha256}` → bytes of a file that a package of today names.
    pub const PACKAGE_FILES: &str = "/api/1/package-files";
    /// POST [`super::Renewal`] → [`super::Renewed`]; the one door that an expired certificate
    /// still opens, up to [`super::RENEWAL_DAYS_MAX`] days after its end, unless it was revoked.
    pub const RENEWAL: &str = "/api/1/renewal";
    /// POST [`super::Deposit`] → 204.
    pub const DEPOSIT: &str = "/api/1/deposit";
    /// POST [`super::Heartbeat`] → 204.
    pub const HEARTBEAT: &str = "/api/1/heartbeat";
}

/// Asks for a certificate with a one-time code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admission {
    /// As [`code::AdmissionCode`] prints it.
    pub code: String,
    /// PKCS#10 request in PEM; the key never leaves the terminal.
    pub csr_pem: String,
    /// Name of the machine, for the administrator's list.
    pub machine: String,
    pub wire: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admitted {
    pub terminal: String,
    /// Two characters, part of every case number minted here.
    pub serial: String,
    pub point: PointInfo,
    pub hall: HallInfo,
    pub certificate_pem: String,
    pub authority_pem: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointInfo {
    /// Code, e.g. `SLC`: starts every case number.
    pub id: String,
    pub name: String,
    pub hours: String,
    pub phone: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HallInfo {
    pub name: String,
    pub phone: String,
    pub supervision_phone: String,
    /// Keys that sign receipts and the feed.
    pub keys: Vec<HallKey>,
    /// X25519 public key, 32 bytes in lower-case hex, to which bundles on a stick are sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundle: Option<String>,
    /// The town's recovery key in the same form: terminals deposit their cabinets' keys under it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<String>,
}

/// How a terminal is, told now and then: nothing about people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// Of the program, e.g. `0.1.0`.
    pub program: String,
    pub wire: u32,
    /// Acts that wait for the hall, and that lie aside.
    pub waiting: u64,
    pub aside: u64,
    /// By the terminal's clock.
    pub oldest_waiting_at: Option<Timestamp>,
    /// How far the terminal's clock is ahead of the hall's, in milliseconds.
    pub skew_ms: Option<i64>,
    /// There is room to go on drafting.
    pub free_space_ok: bool,
}

/// A cabinet's key, sealed to the town's recovery key: what the hall keeps and cannot open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deposit {
    /// The recovery key to which it was sealed, as [`HallInfo::recovery`] says it.
    pub recovery: String,
    /// A sealed bundle of one piece (the key's 32 bytes) with a [`DepositHeader`]; base64.
    pub sealed: String,
}

/// What everybody may read on the outside of a deposit; bound to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepositHeader {
    pub terminal: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HallKey {
    pub kid: String,
    /// Ed25519 public key, 32 bytes in lower-case hex.
    pub public: String,
}

/// For how many days after its end a certificate may still be used, for renewal only.
pub const RENEWAL_DAYS_MAX: i64 = 400;

/// Asks for a new certificate under the old one; the new key never leaves the terminal either.
/// The old certificate stays good until it ends: the answer may be lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewal {
    pub csr_pem: String,
    pub wire: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewed {
    pub certificate_pem: String,
}

/// Which of these pages does the hall already hold for this service point?
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Have {
    pub digests: Vec<Digest>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub digests: Vec<Digest>,
}

/// One act, complete: pages were uploaded before, this names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// Canonical bytes of [`matters::Act`], base64 (standard alphabet, padded), verbatim.
    pub act: String,
    /// Canonical bytes of the sealed filing, base64, for an act that files; verbatim.
    pub filing: Option<String>,
}

/// The hall's answer to an act, given only after it is on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Compact JWS over [`Receipt`].
    pub receipt: String,
    pub ledger: LedgerMark,
}

/// Where the hall's ledger stands: its incarnation changes when a backup is restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerMark {
    pub incarnation: Uuid,
    pub sequence: u64,
    /// Hash of the audit chain at this sequence: of everything the ledger was when it stood here. Absent
    /// from a hall of the first builds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<Digest>,
    /// Sequence up to which a backup holds everything; absent: there is no backup yet. No terminal
    /// wipes a page before this has passed its receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backed_up: Option<u64>,
}

/// Where a terminal last saw the ledger stand, named with every question so that the hall can say whether it
/// ever stood there: a ledger that was put back to an older state and has grown since shows a higher
/// sequence, but never this chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    pub incarnation: Uuid,
    pub sequence: u64,
    pub chain: Digest,
}

/// As [`header::LEDGER_KNOWN`] carries it: `incarnation/sequence/chain`.
impl std::fmt::Display for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.incarnation, self.sequence, self.chain)
    }
}

impl Known {
    /// Reads what [`Known`] prints; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '/');
        let (incarnation, sequence, chain) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self {
            incarnation: Uuid::parse_str(incarnation).ok()?,
            sequence: sequence.parse().ok()?,
            chain: Digest::from_hex(chain)?,
        })
    }
}

/// Names of the headers in which every answer to an admitted terminal says where the ledger stands. All but
/// the first two came later: who does not know them, on either side, passes them over.
pub mod header {
    pub const LEDGER_INCARNATION: &str = "ledger-incarnation";
    pub const LEDGER_SEQUENCE: &str = "ledger-sequence";
    /// [`super::LedgerMark::chain`]
    pub const LEDGER_CHAIN: &str = "ledger-chain";
    /// In a question: [`super::Known`]. In an answer: [`WENT_BACK`], when the ledger never stood there.
    pub const LEDGER_KNOWN: &str = "ledger-known";
    pub const WENT_BACK: &str = "went-back";
}

/// What the hall signs: it has this act, whole, on its disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    pub act: Uuid,
    pub filing: Uuid,
    /// Digest of the act's canonical bytes.
    pub act_sha256: Digest,
    /// Digest of the filing's canonical bytes, for an act that files.
    pub filing_sha256: Option<Digest>,
    pub pages: Vec<Digest>,
    pub case_number: String,
    pub received_at: Timestamp,
    /// The act was stored and then refused, with this reason: it no longer fits the case.
    pub refused: Option<Refusal>,
    pub revision: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Stable code, e.g. `stale_revision`.
    pub code: String,
    /// Who did what when, for the agent.
    pub by: String,
    pub at: Timestamp,
    pub state: matters::State,
}

/// One page of the feed: everything after the cursor, at most `EVENTS_MAX`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedPage {
    /// Service point to which this page is addressed.
    pub point: String,
    /// Cursor to ask with next.
    pub cursor: u64,
    pub more: bool,
    /// Hall time when the page was signed.
    pub hall_time: Timestamp,
    pub ledger: LedgerMark,
    pub events: Vec<Event>,
}

pub const EVENTS_MAX: usize = 200;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub sequence: u64,
    #[serde(flatten)]
    pub what: EventKind,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EventKind {
    /// Newest view of a case of this point, whole.
    Case { case: CaseView },
    /// All accounts that may sign in at this point, whole.
    Agents { agents: Vec<AgentAccount> },
    /// Point or hall particulars changed.
    Point { point: PointInfo, hall: HallInfo },
    /// Every package that the town has in force now or from a later day on, whole: a version that is not
    /// named any more is taken back.
    Packages { packages: Vec<package::Offer> },
    /// A message of the town (通知) to the people at this point.
    Message { message: Message },
    /// A newer hall may send kinds that this build does not know: skipped, cursor moves on.
    #[serde(other)]
    Unknown,
}

/// What the town tells a point, for whoever serves there; nothing about a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub id: Uuid,
    pub at: Timestamp,
    pub text: String,
}
