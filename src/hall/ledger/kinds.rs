//! What the ledger takes and tells: plain data, no SQL.

use jiff::{Timestamp, civil::Date};
use matters::{Act, CaseView, Correction, CorrectionItem, Digest, PageRef, Personal, Role, Sealed, State};
use uuid::Uuid;
use wire::{LedgerMark, PointInfo, Refusal};

/// A terminal that came in with a certificate that is good at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Point code, e.g. `SLC`.
    pub point: String,
    /// Terminal id, the common name of its certificate.
    pub terminal: String,
    /// SHA-256 of the certificate's DER.
    pub certificate: Digest,
}

/// The hall's answer to an act, exactly as it was first given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAnswer {
    /// JSON of [`wire::Answer`], verbatim: the same act gets the same bytes for ever.
    pub body: Vec<u8>,
    /// True when the act was known already and this is the answer of the first time.
    pub replayed: bool,
}

/// Somebody signed in at the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clerk {
    pub account: String,
    pub name: String,
    pub role: Role,
    /// Named in audit rows.
    pub session: Uuid,
    pub phone: String,
}

/// A session at the desk. `token` goes into the browser's cookie; the ledger keeps its digest only.
#[derive(Clone)]
pub struct Session {
    pub token: String,
    pub clerk: Clerk,
    /// Ends after this long without a request, see [`super::SESSION_IDLE_MINUTES`].
    pub until: Timestamp,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Session({})", self.clerk.account)
    }
}

/// What a clerk decides on a case.
#[derive(Clone, Debug)]
pub enum Decision {
    /// 受理
    Accept,
    /// 一次性告知补正: everything that is missing, once. `due` is the last day to answer;
    /// `None` takes the time of the matter. A second notice on the same case
    /// needs a `reason` why it could not be said the first time.
    AskCorrection { items: Vec<CorrectionItem>, due: Option<Date>, reason: String },
    /// 不予受理, with its reason and the remedies (救济) owed by law.
    RefuseAcceptance { reason: String, remedy: String },
    /// 办结: granted or not. For an 即办件 it accepts and finishes in one. Granting needs words
    /// or a file; not granting needs a reason and the remedies.
    Finish { granted: bool, reason: String, remedy: String, result: Option<ResultInput> },
    /// 转报 to a higher body.
    Forward { body: String },
    /// 特别程序: the clock stands; expected to take so many working days (行政许可法 45).
    StartSpecial { procedure: String, days: u16 },
    /// The procedure is over: the clock runs on.
    EndSpecial,
    /// 延期 by the responsible person: once, at most ten working days, before the end (行政许可法 42).
    Extend { until: Date, reason: String },
    /// 送达: who took it, and how (one of [`matters::DELIVERY_WAYS`]).
    Deliver { collector: String, way: String },
    /// 终止: the correction was not answered in time.
    Terminate { reason: String },
    /// 作废: recorded by mistake; the record stays.
    Void { reason: String },
}

/// A result file as a clerk hands it over.
#[derive(Clone)]
pub struct ResultInput {
    /// `application/pdf`, `image/jpeg` or `image/png`, and the bytes must be that.
    pub media_type: String,
    pub title: String,
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for ResultInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ResultInput({}, {} bytes)", self.media_type, self.bytes.len())
    }
}

/// A tray of the inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tray {
    /// Received or corrected: the clerk must answer.
    New,
    /// 待补正: the village must answer.
    InCorrection,
    /// 已受理, 特别程序, 已转报
    Running,
    /// Ended in any way.
    Done,
}

impl Tray {
    pub const ALL: [Tray; 4] = [Tray::New, Tray::InCorrection, Tray::Running, Tray::Done];

    /// The tray in which a case of this state lies.
    pub fn of(state: State) -> Self {
        match state {
            State::Received | State::Corrected => Self::New,
            State::InCorrection => Self::InCorrection,
            State::Accepted | State::SpecialProcedure | State::Forwarded => Self::Running,
            State::NotAccepted
            | State::Granted
            | State::Refused
            | State::Delivered
            | State::Withdrawn
            | State::Terminated
            | State::Voided => Self::Done,
        }
    }
}

/// Which cases of the inbox. `None` does not restrict.
#[derive(Clone, Debug, Default)]
pub struct InboxFilter {
    pub tray: Option<Tray>,
    pub point: Option<String>,
    pub matter: Option<String>,
    /// Part of a case number, or of the applicant's name.
    pub search: Option<String>,
    /// At most [`super::INBOX_MAX`]; 0 means that many.
    pub limit: usize,
    pub offset: usize,
}

/// A case in the inbox, earliest duty first (done: newest first).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxRow {
    pub filing: Uuid,
    pub case_number: String,
    pub matter: String,
    pub applicant_name: Personal<String>,
    pub point: String,
    pub point_name: String,
    pub state: State,
    pub revision: u64,
    pub received_at: Timestamp,
    /// By when the clerk must answer, while it is his turn.
    pub answer_due: Option<Date>,
    /// Promised end.
    pub due: Option<Date>,
    pub provisional: bool,
    pub last_change: Timestamp,
    pub by: String,
    pub pages: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrayCounts {
    pub new: u64,
    pub in_correction: u64,
    pub running: u64,
    pub done: u64,
}

/// A case with everything that belongs to it.
#[derive(Clone, Debug)]
pub struct CaseFile {
    pub view: CaseView,
    pub sealed: Sealed,
    pub point: PointInfo,
    /// Pages of the filing, then those of each supplement.
    pub pages: Vec<CasePage>,
    /// Oldest first; refused ones too.
    pub acts: Vec<StoredAct>,
    /// Every correction ever asked, oldest first.
    pub corrections: Vec<AskedCorrection>,
    /// Audit rows of this case, oldest first.
    pub history: Vec<AuditRow>,
    /// The same citizen and matter within the last year: other filings, newest first.
    pub earlier: Vec<InboxRow>,
    /// Other cases of the matter that hold a value which may be filed once (重复申报).
    pub repeats: Vec<RepeatRow>,
}

/// Another case with a value that may be filed once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepeatRow {
    /// Place of the rule in [`matters::Matter::repeat`].
    pub rule: usize,
    pub filing: Uuid,
    pub case_number: String,
    pub state: State,
    pub received_at: Timestamp,
    pub point_name: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CasePage {
    pub page: PageRef,
    /// Act that brought it.
    pub act: Uuid,
    /// Correction that it answers; `None` for pages of the filing.
    pub correction: Option<Uuid>,
}

#[derive(Clone, Debug)]
pub struct StoredAct {
    pub act: Act,
    pub terminal: String,
    /// Name of who did it, as the accounts list has it today.
    pub actor_name: String,
    pub received_at: Timestamp,
    pub revision: u64,
    pub refused: Option<Refusal>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedCorrection {
    pub correction: Correction,
    pub answered_at: Option<Timestamp>,
    pub answered_by: Option<Uuid>,
}

/// One row of the audit trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// From 1, without a gap.
    pub sequence: u64,
    pub at: Timestamp,
    /// Account, terminal or `hall`.
    pub who: String,
    /// Stable word, e.g. `act.file`, `decide.accept`, `login.failed`.
    pub verb: String,
    /// What it was done to: filing id, terminal id, account.
    pub subject: String,
    /// Canonical JSON of the particulars; never a page or an answer.
    pub detail: String,
    /// SHA-256 over the row before and this one.
    pub hash: Digest,
}

/// Where the chain of audit rows stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditHead {
    pub rows: u64,
    pub hash: Digest,
}

#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    pub subject: Option<String>,
    pub after: u64,
    /// At most [`super::AUDIT_MAX`]; 0 means that many.
    pub limit: usize,
}

/// An account as an administrator enters it.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub account: String,
    pub name: String,
    pub role: Role,
    /// Required for an agent.
    pub point: Option<String>,
    pub valid_until: Date,
    /// A岗 or B岗.
    pub post: String,
    pub phone: String,
}

/// An account in the administrator's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRow {
    pub account: String,
    pub name: String,
    pub role: Role,
    pub point: Option<String>,
    pub valid_until: Date,
    pub post: String,
    pub phone: String,
    pub disabled_at: Option<Timestamp>,
}

/// A terminal in the administrator's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TerminalRow {
    pub terminal: String,
    pub point: String,
    pub serial: String,
    pub machine: String,
    pub admitted_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
    pub seen_at: Option<Timestamp>,
    /// JSON of the last heartbeat, as it came.
    pub heartbeat: Option<String>,
    pub heartbeat_at: Option<Timestamp>,
}

/// An upload as HEAD tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadRow {
    /// Random, unguessable: the last part of its address.
    pub name: String,
    pub length: u64,
    /// Bytes that are on disk for good.
    pub offset: u64,
    pub expires_at: Timestamp,
    /// Whole and checked.
    pub held: bool,
}

/// A page of the feed before it is signed.
#[derive(Clone, Debug)]
pub struct FeedSlice {
    pub cursor: u64,
    pub more: bool,
    pub ledger: LedgerMark,
    pub events: Vec<wire::Event>,
}
