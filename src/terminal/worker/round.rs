//! A round without a window: takes what the feed has and carries what is due, on one thread and with
//! the pen in hand. The commands and the admission go by it; the window has a thread for each half.

use std::time::Duration;

use courier::{
    Client, Outcome, Progress, Step, StopFlag,
    plan::{Entry, Plan},
};
use outbox::{Admission, Cabinet, CabinetError, Reading};
use uuid::Uuid;

use super::{
    courier_thread::{dice, line},
    key,
};
use crate::{clock::Clock, config::Config};

/// Days for which pages stay after their case has ended.
const KEEP_DAYS: u32 = 30;
/// What the hall answers when a certificate may only be renewed any more.
pub(crate) const CERTIFICATE_EXPIRED: &str = "certificate_expired";

/// Wipes the pages whose time is over, by the hall's signed time: a clock that stands years ahead wipes
/// nothing too early.
pub(crate) fn wipe(cabinet: &mut Cabinet) -> Result<(), CabinetError> {
    match cabinet.hall_time()? {
        Some(hall_time) => cabinet.wipe_ended(hall_time, KEEP_DAYS).map(drop),
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
        Ok(Self { cabinet, reading, client, admission, clock, stop: StopFlag::new() })
    }

    /// Takes the feed until there is nothing new, and does what is to be done now and then: renews the
    /// certificate, deposits the key, wipes what may be wiped. The code of what stood in the way, if
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
        wipe(&mut self.cabinet)?;
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
        while let Some(parcel) = self.cabinet.parcels(self.clock.now())?.into_iter().next() {
            let held: u64 = parcel.pages.iter().map(|page| page.offset).sum();
            let mut acknowledged = held;
            let mut failed: Option<CabinetError> = None;
            let (cabinet, reading) = (&mut self.cabinet, &self.reading);
            let mut bytes = |digest, offset, len| match reading.page_range(digest, offset, len) {
                Ok(bytes) => bytes,
                Err(error) => {
                    tracing::error!(code = error.code(), "a page to be sent cannot be read");
                    None
                }
            };
            // Kept as it happens: what is killed in the middle goes on from there.
            let mut report = |progress: Progress| {
                let kept = match progress.step {
                    Step::Sending { .. } => Ok(()),
                    Step::Upload { page, location, offset, done } => {
                        acknowledged = acknowledged.max(held + offset);
                        cabinet.record_upload(page, location.as_deref(), offset, done)
                    }
                    Step::Forget { page } => cabinet.forget_upload(page),
                };
                if let Err(error) = kept {
                    failed.get_or_insert(error);
                }
            };
            let outcome = self.client.deliver(&parcel, &mut bytes, &mut report, &self.stop);
            if let Some(error) = failed {
                return Err(error.into());
            }
            let act = parcel.act.id;
            tracing::info!(%act, code = outcome.code(), "delivery");
            if let Some(seen) = self.client.ledger() {
                self.cabinet.note_ledger(&seen)?;
            }
            match plan.learn(outcome, parcel.tries, acknowledged > held, self.clock.now(), dice()) {
                Entry::Receipt(news) => {
                    self.cabinet.record_receipt(&news)?;
                    came.delivered.push(act);
                }
                Entry::Trouble { code, next_try_at } => {
                    self.cabinet.record_trouble(act, code, Some(next_try_at))?;
                    if plan.line_down().is_some() {
                        return Ok(());
                    }
                }
                Entry::Aside { code } => {
                    self.cabinet.quarantine(act, code)?;
                    came.aside.push((act, code));
                }
                Entry::Nothing => return Ok(()),
            }
        }
        Ok(())
    }
}

fn client(cabinet: &Cabinet, admission: &Admission, clock: &Clock) -> Result<Client, NoRound> {
    let line = line(clock, cabinet.hall_time()?);
    let mut client = Client::new(admission, line).map_err(|outcome: Outcome| NoRound::Line(outcome.code()))?;
    client.known(cabinet.ledger()?);
    Ok(client)
}
