//! What goes into a client and what it tells while it works.

use jiff::Timestamp;
use matters::Digest;
use outbox::{LedgerSeen, Parcel, ReceiptNews};
use uuid::Uuid;

use crate::{Outcome, plan::Load};

/// What a client is told about its place in time.
pub struct Line {
    /// The machine's wall clock, to measure how far it is from the hall's. Never used to judge.
    pub wall: Box<dyn Fn() -> Timestamp + Send + Sync>,
    /// The last time that the hall signed, from the cabinet: a lower bound for certificates.
    pub hall_time: Option<Timestamp>,
}

/// How far this machine's clock is from the hall's, measured on the last exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skew {
    pub hall_time: Timestamp,
    /// Local minus hall, in milliseconds, to about a second; positive: this clock is ahead.
    pub skew_ms: i64,
}

/// Where a delivery is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    pub filing: Uuid,
    /// Bytes of pages handed to the line or held by the hall, and bytes of all pages.
    pub sent: u64,
    pub total: u64,
    pub step: Step,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// On its way, not acknowledged: for the screen only.
    Sending { page: Digest },
    /// Acknowledged by the hall: to be recorded (`record_upload`). An offset that grew is headway.
    Upload { page: Digest, location: Option<String>, offset: u64, done: bool },
    /// The hall no longer knows this upload: to be forgotten (`forget_upload`).
    Forget { page: Digest },
}

/// Whoever holds the cabinet, as a client sees it while it carries several parcels at the same time.
pub trait Counter {
    /// The next parcel to be carried beside these; `None`: nothing for now.
    fn next(&mut self, under_way: &[Load]) -> Option<Parcel>;
    /// As [`PageBytes`].
    fn page_bytes(&mut self, page: Digest, from: u64, len: usize) -> Option<Vec<u8>>;
    fn report(&mut self, act: Uuid, progress: Progress);
    /// What came of a parcel. Where the hall's ledger stood is to be noted first: a receipt counts as later
    /// than every answer noted before it.
    fn ended(&mut self, parcel: &Parcel, outcome: Outcome, heard: Heard);
}

/// What a client heard of the hall beside the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Where its ledger stood; `None` when no answer said so.
    pub ledger: Option<LedgerSeen>,
    pub skew: Option<Skew>,
}

/// Bytes of a page from an offset, at most so many; `None` when the cabinet has none.
pub type PageBytes<'a> = dyn FnMut(Digest, u64, usize) -> Option<Vec<u8>> + 'a;

/// What a receipt says that the hall signed, whoever brings it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attested {
    pub news: ReceiptNews,
    pub filing: Uuid,
    /// Of the filing's canonical bytes, where the act filed.
    pub filing_sha256: Option<Digest>,
    pub pages: usize,
}

/// What the hall signed, with its signed text: to be kept beside it, so that it can be checked again later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed<T> {
    pub value: T,
    /// Compact JWS, verbatim.
    pub jws: String,
}
