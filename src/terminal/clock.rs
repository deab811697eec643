//! The only file that reads a clock. Everybody else is told what time it is.

#![expect(clippy::disallowed_methods, reason = "the door through which time comes")]

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use jiff::Timestamp;

/// Where time comes from: the machine, or a hand that a test moves.
#[derive(Clone, Debug)]
pub enum Clock {
    System,
    Hand(Arc<Mutex<Timestamp>>),
}

impl Clock {
    /// A clock that stands until it is moved.
    pub fn hand(at: Timestamp) -> Self {
        Self::Hand(Arc::new(Mutex::new(at)))
    }

    pub fn now(&self) -> Timestamp {
        match self {
            Clock::System => Timestamp::now(),
            Clock::Hand(at) => *at.lock().unwrap_or_else(std::sync::PoisonError::into_inner),
        }
    }

    /// Moves a hand clock forward. The machine's clock does not obey.
    pub fn advance(&self, by: Duration) {
        if let Clock::Hand(at) = self {
            let mut at = at.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            *at += by;
        }
    }
}

/// A stopwatch that no clock setting disturbs: patience with devices is measured by it.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    pub fn start() -> Self {
        Self(Instant::now())
    }

    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
