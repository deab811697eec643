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

/// What is known of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Nothing,
    /// From the cabinet: signed some unknown time ago, so it is at least that late.
    AtLeast(Timestamp),
    /// Signed while this process ran.
    At(Timestamp, Instant),
}

/// A trusted clock; shared by the verifier and by whoever learns the hall's time.
#[derive(Debug)]
pub(crate) struct TrustedClock(Mutex<Known>);

impl TrustedClock {
    pub(crate) fn new(at_least: Option<Timestamp>) -> Self {
        Self(Mutex::new(at_least.map_or(Known::Nothing, Known::AtLeast)))
    }

    /// A time that the hall just signed; it may also go back, when the hall's clock was put right.
    pub(crate) fn learn(&self, hall_time: Timestamp) {
        *self.lock() = Known::At(hall_time, Instant::now());
    }

    /// The moment at which a certificate that is valid from `not_before` is judged. While only
    /// a lower bound is known it gets the benefit of the doubt, and while nothing is known
    /// only the pinned authority's signature counts.
    pub(crate) fn judge_at(&self, not_before: Timestamp) -> Timestamp {
        match *self.lock() {
            Known::Nothing => not_before,
            Known::AtLeast(bound) => bound.max(not_before),
            Known::At(time, since) => after(time, since.elapsed()),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
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
        assert!(clock.judge_at(second(9000)) < second(3100));
        clock.learn(second(1500));
        assert!(clock.judge_at(second(0)) < second(1600), "the hall's clock was put right");
    }
}
