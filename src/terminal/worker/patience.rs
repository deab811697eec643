//! How often a device worker may start again: five times an hour, then it stays off with its reason.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use crate::clock::Stopwatch;

/// Restarts within [`HOUR`] before a device is given up.
pub const RESTARTS_MAX: usize = 5;
const HOUR: Duration = Duration::from_secs(3600);

/// Remembers the restarts of the last hour.
#[derive(Default)]
pub struct Restarts {
    started: Vec<Stopwatch>,
}

impl Restarts {
    /// Counts one more; false when the hour's patience is used up.
    pub fn again(&mut self) -> bool {
        self.started.retain(|watch| watch.elapsed() < HOUR);
        self.started.push(Stopwatch::start());
        self.started.len() <= RESTARTS_MAX
    }
}

/// Runs `work` until it ends by itself. When it panics it is run again with patience;
/// `give_up` is told when there is none left. What it panicked with was logged by the hook.
pub fn supervise(mut work: impl FnMut(), give_up: impl FnOnce()) {
    let mut restarts = Restarts::default();
    while catch_unwind(AssertUnwindSafe(&mut work)).is_err() {
        if !restarts.again() {
            give_up();
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_that_keeps_failing_is_given_up_after_five_restarts() {
        let (mut runs, mut given_up) = (0, false);
        supervise(
            || {
                runs += 1;
                panic!("device");
            },
            || given_up = true,
        );
        assert_eq!((runs, given_up), (RESTARTS_MAX + 1, true));
    }

    #[test]
    fn one_mistake_is_forgiven() {
        let (mut runs, mut given_up) = (0, false);
        supervise(
            || {
                runs += 1;
                assert!(runs > 1, "device");
            },
            || given_up = true,
        );
        assert_eq!((runs, given_up), (2, false));
    }
}
