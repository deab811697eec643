//! A round without a window: takes what the feed has and carries what is due, on one thread and with
//! the pen in hand. The commands and the admission go by it; the window has a thread for each half.

use std::{collections::BTreeSet, time::Duration};

use courier::{
    Client, Counter, Heard, Outcome, Progress, Step, StopFlag,
    plan::{self, Entry, Load, Plan},
};
use matters::Digest;
use outbox::{Admission, Cabinet, CabinetError, Parcel, Reading};
use uuid::Uuid;

use super::{
    courier_thread::{dice, line},
    key, packages,
};
use crate::{clock::Clock, config::Config};

/// What the hall answers when a certificate may only be renewed any more.
pub(crate) const CERTIFICATE_EXPIRED: &str = "certificate_expired";

/// Wipes the pages whose time is over, so many days after their case has ended, by the hall's signed time: a
/// clock that stands years ahead wipes nothing too early.
pub(crate) fn wipe(cabinet: &mut Cabinet, keep_days: u32) -> Result<(), CabinetError> {
    match cabinet.hall_time()? {
        Some(hall_time) => cabinet.wipe_ended(hall_time, keep_days).map(drop),
        None => Ok(()),
    }
}

/// Pages of the feed taken in one go; more come with the next round.
const FEED_PAGES_MAX: usize = 1000;

/// What came of the acts that were carried.
#[derive(Debug, Default)]
pub(crate) struct Came {
    pub delivered: Vec<Uuid>,
    /// Laid aside in this round, with their codes.
    pub aside: Vec<(Uuid, &'static str)>,
}

/// The cabinet with its line to the hall.
pub(crate) struct Round<'a> {
    pub cabinet: Cabinet,
    pub reading: Reading,
    client: Client,
    admission: Admission,
    clock: &'a Clock,
    keep_days: u32,
    stop: StopFlag,
}

/// Why there is no round.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoRound {
    #[error("the cabinet")]
    Cabinet(#[from] CabinetError),
    #[error("not admitted")]
    NotAdmitted,
    #[error("the line: {0}")]
    Line(&'static str),
}

impl<'a> Round<'a> {
    /// # Errors
    /// When this machine is not admitted, or what admission left cannot be used.
    pub fn new(config: &Config, cabinet: Cabinet, clock: &'a Clock) -> Result<Self, NoRound> {
        let admission = cabinet.admission()?.ok_or(NoRound::NotAdmitted)?;
        let reading = Cabinet::reading(&config.cabinet_file(), &key(config)?)?;
        let client = client(&cabinet, &admission, clock)?;
        Ok(Self { cabinet, reading, client, admission, clock, keep_days: config.keep_pages_days, stop: StopFlag::new() })
    }

    /// Takes the feed until there is nothing new, and does what is to be done now and then: renews the
    /// certificate, deposits the key, wipes what may be wiped, fetches what the town offers of its data. The code of what stood in the way, if
    /// anything did.
    ///
    /// # Errors
    /// When the cabinet cannot keep what came.
    pub fn listen(&mut self) -> Result<Option<&'static str>, NoRound> {
        let mut trouble = self.take()?;
        if trouble == Some(CERTIFICATE_EXPIRED) || self.client.renewal_due() {
            match self.client.renew(&self.admission, &self.stop) {
                Ok(admission) => {
                    self.cabinet.set_admission(&admission)?;
                    self.client = client(&self.cabinet, &admission, self.clock)?;
                    self.admission = admission;
                    if trouble.is_some() {
                        trouble = self.take()?;
                    }
                }
                Err(outcome) => trouble = Some(outcome.code()),
            }
        }
        if trouble.is_none()
            && let Some(deposit) = self.cabinet.deposit_due()?
        {
            match self.client.deposit(&deposit, &self.stop) {
                Ok(()) => self.cabinet.record_deposit(&deposit.recovery)?,
                // It is offered again next time; nothing else waits for it.
                Err(outcome) => tracing::info!(code = outcome.code(), "deposit"),
            }
        }
        wipe(&mut self.cabinet, self.keep_days)?;
        if trouble.is_none() {
            let mut pen = packages::InHand { cabinet: &mut self.cabinet, failed: None };
            packages::bring(&mut self.client, &self.reading, &mut pen, &self.stop)?;
            pen.failed.map_or(Ok(()), Err)?;
        }
        if trouble.is_none()
            && let Err(outcome) = self.client.heartbeat(&self.cabinet.pulse()?, &self.stop)
        {
            tracing::info!(code = outcome.code(), "heartbeat");
        }
        Ok(trouble)
    }

    fn take(&mut self) -> Result<Option<&'static str>, NoRound> {
        for _ in 0..FEED_PAGES_MAX {
            let cursor = self.cabinet.cursor()?;
            let news = match self.client.feed(cursor, Duration::ZERO, &self.stop) {
                Ok(news) => news,
                Err(outcome) => {
                    tracing::info!(code = outcome.code(), "feed");
                    return Ok(Some(outcome.code()));
                }
            };
            if let Some(particulars) = &news.particulars {
                self.client.learn(particulars);
                self.admission.particulars = particulars.clone();
            }
            self.cabinet.apply_feed(&news)?;
            if news.cursor == cursor {
                break;
            }
        }
        Ok(None)
    }

    /// Carries what is due until nothing is, or the line is down (which the plan then says).
    ///
    /// # Errors
    /// When the cabinet cannot be read or cannot keep what came of it.
    pub fn carry(&mut self, plan: &mut Plan, came: &mut Came) -> Result<(), NoRound> {
        let Self { cabinet, reading, client, clock, stop, .. } = self;
        let mut desk = Desk { cabinet, reading, clock, plan, came, moved: BTreeSet::new(), halted: false, failed: None };
        client.work(&mut desk, stop);
        desk.failed.map_or(Ok(()), |error| Err(error.into()))
    }
}

/// The cabinet while its parcels are carried: everything is kept as it happens, and what is killed in the
/// middle goes on from there.
struct Desk<'a> {
    cabinet: &'a mut Cabinet,
    reading: &'a Reading,
    clock: &'a Clock,
    plan: &'a mut Plan,
    came: &'a mut Came,
    /// Acts of which the hall acknowledged bytes.
    moved: BTreeSet<Uuid>,
    /// Nothing more is taken in this round.
    halted: bool,
    failed: Option<CabinetError>,
}

impl Desk<'_> {
    fn kept<T>(&mut self, done: Result<T, CabinetError>) -> Option<T> {
        match done {
            Ok(done) => Some(done),
            Err(error) => {
                self.failed.get_or_insert(error);
                None
            }
        }
    }

    fn enter(&mut self, parcel: &Parcel, outcome: Outcome, heard: Heard) -> Result<(), CabinetError> {
        let act = parcel.act.id;
        if let Some(seen) = heard.ledger {
            self.cabinet.note_ledger(&seen)?;
        }
        match self.plan.learn(outcome, parcel.tries, self.moved.remove(&act), self.clock.now(), dice()) {
            Entry::Receipt(news) => {
                self.cabinet.record_receipt(&news)?;
                self.came.delivered.push(act);
            }
            Entry::Trouble { code, next_try_at } => {
                self.cabinet.record_trouble(act, code, Some(next_try_at))?;
                self.halted |= self.plan.line_down().is_some();
            }
            Entry::Aside { code } => {
                self.cabinet.quarantine(act, code)?;
                self.came.aside.push((act, code));
            }
            Entry::Nothing => self.halted = true,
        }
        Ok(())
    }
}

impl Counter for Desk<'_> {
    fn next(&mut self, under_way: &[Load]) -> Option<Parcel> {
        if self.halted || self.failed.is_some() {
            return None;
        }
        let due = self.cabinet.parcels(self.clock.now());
        plan::beside(&self.kept(due)?, under_way).cloned()
    }

    fn page_bytes(&mut self, page: Digest, from: u64, len: usize) -> Option<Vec<u8>> {
        page_bytes(self.reading, page, from, len)
    }

    fn report(&mut self, act: Uuid, progress: Progress) {
        let kept = match progress.step {
            Step::Sending { .. } => Ok(()),
            Step::Upload { page, location, offset, done } => {
                if offset > 0 {
                    self.moved.insert(act);
                }
                self.cabinet.record_upload(page, location.as_deref(), offset, done)
            }
            Step::Forget { page } => self.cabinet.forget_upload(page),
        };
        self.kept(kept);
    }

    fn ended(&mut self, parcel: &Parcel, outcome: Outcome, heard: Heard) {
        tracing::info!(act = %parcel.act.id, code = outcome.code(), "delivery");
        if self.failed.is_none() {
            let entered = self.enter(parcel, outcome, heard);
            self.kept(entered);
        }
    }
}

/// Bytes of a page that is to be sent.
pub(super) fn page_bytes(reading: &Reading, page: Digest, from: u64, len: usize) -> Option<Vec<u8>> {
    match reading.page_range(page, from, len) {
        Ok(bytes) => bytes,
        Err(error) => {
            tracing::error!(code = error.code(), "a page to be sent cannot be read");
            None
        }
    }
}

fn client(cabinet: &Cabinet, admission: &Admission, clock: &Clock) -> Result<Client, NoRound> {
    let line = line(clock, cabinet.hall_time()?);
    let mut client = Client::new(admission, line).map_err(|outcome: Outcome| NoRound::Line(outcome.code()))?;
    client.known(cabinet.ledger()?);
    Ok(client)
}
