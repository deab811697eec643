//! What the cabinet holds and tells: plain data, no SQL.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use matters::{
    Act, ActedBy, AgentAccount, Answers, Capacity, CaseView, Digest, Identity, NoticeGiven, PageRef, Personal, Sealed, Witness,
    change::OldAnswer,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Message, PackageOffer};

/// A filing that is still being filled in. Every field and page is saved as it is entered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    pub id: Uuid,
    /// For an answer to a correction: the filing and correction it belongs to.
    #[serde(default)]
    pub supplement_to: Option<(Uuid, Uuid)>,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
    pub acted_by: ActedBy,
    pub matter: Option<String>,
    pub catalogue_version: String,
    /// Where the agent stood, to continue there: name of a `Place`.
    pub step: String,
    pub notice: Option<NoticeGiven>,
    pub applicant: Option<Identity>,
    pub capacity: Option<Capacity>,
    pub situations: BTreeMap<String, String>,
    /// Materials ticked in 今天带了吗.
    pub brought: BTreeSet<String>,
    pub answers: Answers,
    pub witness: Option<Witness>,
    /// Filled in under an earlier version of the catalogue and not asked any more (旧版填写): never sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub old: Vec<OldAnswer>,
    /// Pages in order, by material. Kept by the cabinet; what `save_draft` is given here is ignored.
    #[serde(skip)]
    pub pages: Vec<PageRef>,
}

/// A sealed filing in lists: nothing that must be decrypted page by page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilingRow {
    pub id: Uuid,
    pub case_number: String,
    pub matter: String,
    pub applicant_name: Personal<String>,
    pub sealed_at: Timestamp,
    /// When the hall received it, by its signed receipt.
    pub received_at: Option<Timestamp>,
    pub stage: Stage,
    /// The hall's view, once it has the case.
    pub case: Option<CaseView>,
    pub pages: u32,
    pub bytes_total: u64,
    pub bytes_sent: u64,
    /// Trouble of the last try, as a stable code.
    pub trouble: Option<String>,
    pub next_try_at: Option<Timestamp>,
}

/// Where a filing stands on the way up. The words on screen follow these exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// 待上传: the hall has not received it.
    Waiting,
    /// 上传中
    Sending,
    /// 镇街已收: a verified receipt is held.
    Received,
    /// 隔离: the hall refuses it for good; blocks nobody.
    Quarantined,
}

/// A sealed filing with everything that belongs to it.
#[derive(Clone, Debug)]
pub struct FilingFull {
    pub row: FilingRow,
    pub sealed: Sealed,
    /// Compact JWS of the hall, kept verbatim.
    pub receipt: Option<String>,
    pub received_at: Option<Timestamp>,
    /// Acts on this filing with their state, oldest first.
    pub acts: Vec<(Act, ActState)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActState {
    Waiting,
    Acknowledged {
        at: Timestamp,
    },
    /// Stored by the hall and refused: it no longer fitted the case.
    Refused {
        code: String,
        by: String,
        at: Timestamp,
    },
    Quarantined {
        code: String,
    },
}

/// An act that the hall has not taken: it waits, or lies aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenAct {
    pub act: Uuid,
    pub filing: Uuid,
    /// Of the filing, when it was sealed here.
    pub case_number: Option<String>,
    /// `file`, `supplement`, `withdraw` …
    pub kind: String,
    pub at: Timestamp,
    pub why: Why,
    pub tries: u32,
    pub next_try_at: Option<Timestamp>,
    pub pages: u64,
    pub bytes_total: u64,
    pub bytes_sent: u64,
}

/// Why an act has not reached the hall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nobody has tried yet.
    Untried,
    /// Too large for a metered network; goes when somebody sends it by hand.
    Metered,
    /// Somebody paused the sending.
    Paused,
    /// An earlier act on the same filing goes first.
    Behind,
    /// The hall had it, and was put back to a time before.
    Again,
    /// The last try failed, with this code.
    Trouble(String),
    /// 隔离, with this code.
    Aside(String),
}

impl Why {
    /// Stable code by which the texts speak.
    pub fn code(&self) -> &str {
        match self {
            Self::Untried => "act_untried",
            Self::Metered => "act_metered",
            Self::Paused => "act_paused",
            Self::Behind => "act_behind",
            Self::Again => "act_again",
            Self::Trouble(code) | Self::Aside(code) => code,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueSummary {
    /// Filings that the hall has not received.
    pub filings_waiting: u64,
    pub pages_waiting: u64,
    pub bytes_total: u64,
    pub bytes_sent: u64,
    pub quarantined: u64,
    pub last_receipt_at: Option<Timestamp>,
    pub paused: bool,
    /// The network costs by the byte: see [`crate::METERED_BYTES_MAX`].
    pub metered: bool,
}

/// One act on its way, with what the courier must know. Page bytes are asked for by range.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// Order within the queue; acts of one filing go in this order.
    pub sequence: i64,
    pub act: Act,
    /// Canonical bytes of the act, verbatim.
    pub act_bytes: Vec<u8>,
    /// Canonical bytes of the filing, for an act that files.
    pub filing_bytes: Option<Vec<u8>>,
    pub pages: Vec<PageUpload>,
    pub tries: u32,
    pub next_try_at: Option<Timestamp>,
}

/// How far one page is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageUpload {
    pub sha256: Digest,
    pub bytes: u64,
    /// Upload address at the hall, once created.
    pub location: Option<String>,
    /// Bytes that the hall has acknowledged.
    pub offset: u64,
    pub done: bool,
}

/// A verified receipt, as the courier hands it over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptNews {
    pub act: Uuid,
    pub jws: String,
    pub case_number: String,
    pub received_at: Timestamp,
    pub revision: u64,
    /// Code, who, when: the act was stored and refused.
    pub refused: Option<(String, String, Timestamp)>,
}

/// One verified page of the feed, applied in one transaction together with its cursor.
#[derive(Clone, Debug, Default)]
pub struct FeedNews {
    pub cursor: u64,
    pub hall_time: Option<Timestamp>,
    /// Where the hall's ledger stood when it signed this page.
    pub ledger: Option<LedgerAt>,
    /// Where the ledger stood by the last answer before this page was asked for; `None`: pages come
    /// one after the other, and what the cabinet knows is what was known when it was asked.
    pub since: Option<LedgerAt>,
    /// The hall says that its ledger never stood where it was when this page was asked for.
    pub went_back: bool,
    /// Sequence up to which a backup of the hall holds everything.
    pub backed_up: Option<u64>,
    pub cases: Vec<CaseView>,
    pub agents: Option<Vec<AgentAccount>>,
    pub particulars: Option<Particulars>,
    /// Every package that the town offers, whole.
    pub packages: Option<Vec<PackageOffer>>,
    pub messages: Vec<Message>,
}

/// A place where the hall's ledger stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerAt {
    /// Another one begins whenever the hall knows that it was put back.
    pub incarnation: Uuid,
    pub sequence: u64,
    /// Hash of everything the ledger was until here; absent from halls that do not say it yet.
    #[serde(default)]
    pub chain: Option<Digest>,
}

/// Where the hall's ledger stood by an answer of its, and by the last answer before it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerSeen {
    pub since: Option<LedgerAt>,
    pub now: LedgerAt,
    /// The hall says that its ledger never stood where it was asked about: it was put back to an older
    /// state, and may have grown past that place since.
    pub went_back: bool,
}

/// Point and hall as the window shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Particulars {
    pub point: String,
    pub point_name: String,
    pub point_hours: String,
    pub point_phone: String,
    pub hall_name: String,
    pub hall_phone: String,
    pub supervision_phone: String,
    /// Key id and public key (hex) of everything the hall signs.
    pub hall_keys: Vec<(String, String)>,
    /// Public key (hex) to which bundles on a stick are sealed.
    #[serde(default)]
    pub bundle: Option<String>,
    /// The town's recovery key (hex), under which this cabinet's key is deposited.
    #[serde(default)]
    pub recovery: Option<String>,
}

/// How the cabinet is, for the hall's administrator: nothing about people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pulse {
    /// Acts that wait for the hall, and that lie aside.
    pub waiting: u64,
    pub aside: u64,
    pub oldest_waiting_at: Option<Timestamp>,
    pub free_space_ok: bool,
}

/// This cabinet's key, sealed to the town's recovery key: to be kept by the hall, which cannot open it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deposit {
    /// The recovery key (hex) to which it was sealed.
    pub recovery: String,
    pub sealed: Vec<u8>,
}

/// What admission left: who this machine is, and its secret key. Lives encrypted in the cabinet.
#[derive(Clone, Serialize, Deserialize)]
pub struct Admission {
    pub hall_url: String,
    pub terminal: String,
    /// Two characters of every case number.
    pub serial: String,
    pub particulars: Particulars,
    pub certificate_pem: String,
    pub authority_pem: String,
    pub key_pem: Personal<String>,
}

impl std::fmt::Debug for Admission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Admission({} at {})", self.terminal, self.particulars.point)
    }
}
