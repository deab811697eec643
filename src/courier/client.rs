//! The line to the hall.

use std::time::Duration;

use jiff::Timestamp;
use matters::Digest;
use outbox::{Admission, FeedNews, Parcel, Particulars};
use uuid::Uuid;

use crate::{
    StopFlag,
    outcome::{LineTrouble, Outcome},
};

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
    /// Local minus hall, in milliseconds; positive: this clock is ahead.
    pub skew_ms: i64,
}

/// Where a delivery is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    pub filing: Uuid,
    /// Bytes of pages handed to the line, and of all pages of the parcel.
    pub sent: u64,
    pub total: u64,
    pub step: Step,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// On its way, not acknowledged: for the screen only.
    Sending { page: Digest },
    /// Acknowledged by the hall: to be recorded (`record_upload`).
    Upload { page: Digest, location: Option<String>, offset: u64, done: bool },
    /// The hall no longer knows this upload: to be forgotten (`forget_upload`).
    Forget { page: Digest },
}

/// One line to the hall. Calls block; each has a deadline and can be called off.
pub struct Client {}

impl Client {
    /// Admits this machine with a one-time code; the key is made here and stays here.
    ///
    /// # Errors
    /// Anything but [`Outcome::Done`].
    pub fn admit(_hall_url: &str, _code: &str, _machine: &str, _stop: &StopFlag) -> Result<Admission, Outcome> {
        Err(LineTrouble::AddressUnusable.into())
    }

    /// # Errors
    /// When the admission's key, certificate or address cannot be used.
    pub fn new(_admission: &Admission, _line: Line) -> Result<Self, Outcome> {
        Err(LineTrouble::OwnKeyUnusable.into())
    }

    /// The feed told of new keys or particulars.
    pub fn learn(&mut self, _particulars: &Particulars) {}

    /// Clock skew as measured on the last exchange.
    pub fn skew(&self) -> Option<Skew> {
        None
    }

    /// Delivers one parcel: pages that the hall does not hold yet, then the commit.
    pub fn deliver(
        &mut self,
        _parcel: &Parcel,
        _page_bytes: &mut dyn FnMut(Digest, u64, usize) -> Option<Vec<u8>>,
        _report: &mut dyn FnMut(Progress),
        _stop: &StopFlag,
    ) -> Outcome {
        LineTrouble::NoNetwork.into()
    }

    /// Asks for everything after `cursor`, waiting at the hall for up to `wait`.
    ///
    /// # Errors
    /// Anything but [`Outcome::Done`].
    pub fn feed(&mut self, _cursor: u64, _wait: Duration, _stop: &StopFlag) -> Result<FeedNews, Outcome> {
        Err(LineTrouble::NoNetwork.into())
    }

    /// Fetches a result file and checks its digest.
    ///
    /// # Errors
    /// Anything but [`Outcome::Done`].
    pub fn result(&mut self, _digest: Digest, _stop: &StopFlag) -> Result<Vec<u8>, Outcome> {
        Err(LineTrouble::NoNetwork.into())
    }
}
