//! The clock that certificates are judged by: the hall's signed word, never this machine's date.
//!
//! A terminal whose battery died stands in 2000 or 2040. What it knows is the last time that
//! the hall signed, and how long ago by a clock that nobody can set.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use rustls::{pki_types::UnixTime, time_provider::TimeProvider};

/// A trusted clock; shared by the verifier and by whoever learns the hall's time. What it
/// knows is a lower bound: signed some unknown time ago, or signed now and counted on by a
/// clock that stands still while the machine sleeps.
#[derive(Debug)]
pub(crate) struct TrustedClock(Mutex<Option<(Timestamp, Option<Instant>)>>);

impl TrustedClock {
    pub(crate) fn new(at_least: Option<Timestamp>) -> Self {
        Self(Mutex::new(at_least.map(|bound| (bound, None))))
    }

    /// A time that the hall just signed; it may also go back, when the hall's clock was put right.
    pub(crate) fn learn(&self, hall_time: Timestamp) {
        *self.lock() = Some((hall_time, Some(Instant::now())));
    }

    /// The moment at which a certificate that is valid from `not_before` is judged. It is never
    /// too early for one: the pinned authority has signed it, so it is we who are behind. While
    /// nothing is known of the time, only that signature counts.
    pub(crate) fn judge_at(&self, not_before: Timestamp) -> Timestamp {
        self.at_least().map_or(not_before, |bound| bound.max(not_before))
    }

    /// The lower bound, if anything is known.
    pub(crate) fn at_least(&self) -> Option<Timestamp> {
        let known = *self.lock();
        known.map(|(time, since)| after(time, since.map_or(Duration::ZERO, |since| since.elapsed())))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<(Timestamp, Option<Instant>)>> {
        // A panic between two stores of a plain value cannot leave it half written.
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl TimeProvider for TrustedClock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(unix(self.judge_at(Timestamp::UNIX_EPOCH)))
    }
}

fn after(time: Timestamp, elapsed: Duration) -> Timestamp {
    time.checked_add(elapsed).unwrap_or(Timestamp::MAX)
}

pub(crate) fn unix(time: Timestamp) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(time.as_second()).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_judged_by_what_the_hall_signed_and_never_by_this_machine() {
        let second = |s| Timestamp::from_second(s).unwrap();
        let clock = TrustedClock::new(None);
        assert_eq!(clock.judge_at(second(500)), second(500), "nothing known: only the signature counts");
        let clock = TrustedClock::new(Some(second(1000)));
        assert_eq!(clock.judge_at(second(500)), second(1000));
        assert_eq!(clock.judge_at(second(2000)), second(2000), "renewed while we were away");
        clock.learn(second(3000));
        assert!((second(3000)..second(3100)).contains(&clock.judge_at(second(500))));
        assert_eq!(clock.judge_at(second(9000)), second(9000), "this machine slept meanwhile");
        clock.learn(second(1500));
        assert!(clock.judge_at(second(0)) < second(1600), "the hall's clock was put right");
    }
}
