//! What to do next on the line, and what to write down afterwards. Pure: clock and chance are
//! arguments, nothing is read or sent here.
//!
//! The loop that obeys: ask the cabinet what is due, [`Plan::next`], deliver or rest,
//! [`Plan::learn`], let records write the [`Entry`].

use std::time::Duration;

use jiff::Timestamp;
use outbox::{Parcel, ReceiptNews};
use uuid::Uuid;

use crate::{
    outcome::{Outcome, Scope},
    patience,
};

/// The longest rest: then the queue is looked at again, whatever the clocks say.
const REST_MAX: Duration = Duration::from_secs(60);
/// A feed that answers at once with nothing is not asked in a circle.
const FEED_PAUSE_MIN: Duration = Duration::from_secs(1);

/// Parcels on their way at the same time at most.
pub const AT_ONCE: usize = 3;
/// What has no more than this left goes beside something larger: two seconds at 2 Mbit/s.
pub const SMALL_BYTES_MAX: u64 = 500_000;

/// A parcel under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    pub act: Uuid,
    pub filing: Uuid,
    /// Bytes of pages that it had left when it was taken.
    pub left: u64,
}

impl Load {
    pub fn of(parcel: &Parcel) -> Self {
        let left = parcel.pages.iter().map(|page| if page.done { 0 } else { page.bytes.saturating_sub(page.offset) }).sum();
        Self { act: parcel.act.id, filing: parcel.act.filing, left }
    }

    fn is_large(&self) -> bool {
        self.left > SMALL_BYTES_MAX
    }
}

/// Which of these, in the cabinet's order, goes next beside those under way: one large parcel at a time, for
/// two would only finish later, and small ones beside it. Acts of one filing go one after the other.
pub fn beside<'a>(due: &'a [Parcel], under_way: &[Load]) -> Option<&'a Parcel> {
    if under_way.len() >= AT_ONCE {
        return None;
    }
    let large = under_way.iter().any(Load::is_large);
    due.iter().find(|parcel| {
        let load = Load::of(parcel);
        !under_way.iter().any(|other| other.filing == load.filing) && !(large && load.is_large())
    })
}

/// What the cabinet says is waiting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Somebody paused the sending.
    pub paused: bool,
    /// Parcels that are due now.
    pub due: usize,
    /// When the next parcel becomes due, if any waits.
    pub next_due: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Deliver what is due, several parcels at a time (see [`beside`]).
    Deliver,
    /// Wait this long, or until somebody says that something changed.
    Rest(Duration),
}

/// What records writes down after a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    Receipt(Box<ReceiptNews>),
    /// The parcel stays in the queue and is due again then.
    Trouble {
        code: &'static str,
        next_try_at: Timestamp,
    },
    /// The parcel goes aside until somebody mends or releases it.
    Aside {
        code: &'static str,
    },
    /// Called off: nothing happened that must be remembered.
    Nothing,
}

/// How patient to be with one line: the courier's or the feed's.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    failures: u32,
}

impl Pace {
    /// The line answered.
    pub fn answered(&mut self) {
        self.failures = 0;
    }

    /// The line failed: how long to leave it alone.
    pub fn failed(&mut self, outcome: &Outcome, dice: u32) -> Duration {
        self.failures = self.failures.saturating_add(1);
        wait_after(outcome, self.failures, dice)
    }

    /// How long to pause before the feed is asked again after an answer that took `took`.
    pub fn feed_pause(&mut self, brought_something: bool, took: Duration) -> Duration {
        self.answered();
        if brought_something { Duration::ZERO } else { FEED_PAUSE_MIN.saturating_sub(took) }
    }
}

/// The courier's memory between two parcels.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pace: Pace,
    /// Until then the line is left alone, and why.
    down: Option<(Timestamp, &'static str)>,
}

impl Plan {
    /// Why the line is down, as a stable code; `None` while it works.
    pub fn line_down(&self) -> Option<&'static str> {
        self.down.map(|(_, code)| code)
    }

    /// The line works again, as the feed noticed, or somebody pressed 立即发送.
    pub fn hurry(&mut self) {
        self.pace.answered();
        self.down = None;
    }

    /// The next move.
    pub fn next(&self, waiting: &Waiting, now: Timestamp) -> Move {
        if waiting.paused {
            return Move::Rest(REST_MAX);
        }
        if let Some((until, _)) = self.down
            && let Some(rest) = still_ahead(until, now)
        {
            return Move::Rest(rest.min(REST_MAX));
        }
        if waiting.due > 0 {
            return Move::Deliver;
        }
        let until_due = waiting.next_due.and_then(|due| still_ahead(due, now));
        Move::Rest(until_due.unwrap_or(REST_MAX).min(REST_MAX))
    }

    /// Learns what came of a parcel that had failed `tries` times before. `progressed`: the
    /// hall acknowledged new bytes this time, so the line is bad but alive and the parcel is
    /// not punished for it. `dice` is any random number.
    pub fn learn(&mut self, outcome: Outcome, tries: u32, progressed: bool, now: Timestamp, dice: u32) -> Entry {
        if outcome.is_stopped() {
            return Entry::Nothing;
        }
        let failures = if progressed { 1 } else { tries.saturating_add(1) };
        if outcome.scope() == Scope::Line {
            if progressed {
                self.pace.answered();
            }
            let until = later(now, self.pace.failed(&outcome, dice));
            self.down = Some((until, outcome.code()));
        } else {
            self.hurry();
        }
        match outcome {
            Outcome::Done(news) => Entry::Receipt(news),
            Outcome::Quarantine { code } | Outcome::MendByAgent { code } | Outcome::MendByResident { code } => {
                Entry::Aside { code }
            }
            // The line's own patience decides when this parcel is tried again.
            Outcome::Wait { code, .. } | Outcome::Administrator { code } if self.down.is_some() => {
                Entry::Trouble { code, next_try_at: self.down.map_or(now, |(until, _)| until) }
            }
            Outcome::Wait { code, .. } | Outcome::Administrator { code } => {
                Entry::Trouble { code, next_try_at: later(now, wait_after(&outcome, failures, dice)) }
            }
        }
    }
}

fn wait_after(outcome: &Outcome, failures: u32, dice: u32) -> Duration {
    match outcome {
        Outcome::Wait { retry_after, .. } => patience::delay(failures, *retry_after, dice),
        Outcome::Administrator { .. } => patience::delay(failures, Some(patience::ADMINISTRATOR), dice),
        Outcome::Done(_) | Outcome::MendByAgent { .. } | Outcome::MendByResident { .. } | Outcome::Quarantine { .. } => {
            Duration::ZERO
        }
    }
}

/// How long until `at`; `None` when it is over, or so far ahead that the clock must have been
/// put back since it was set.
fn still_ahead(at: Timestamp, now: Timestamp) -> Option<Duration> {
    let wait = Duration::try_from(at.duration_since(now)).ok().filter(|wait| !wait.is_zero())?;
    (wait <= patience::LONGEST_NAMED * 5 / 4).then_some(wait)
}

fn later(now: Timestamp, wait: Duration) -> Timestamp {
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
