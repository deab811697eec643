//! How a call on the line is called off from another thread.

use tokio_util::sync::{CancellationToken, DropGuard};

/// Calls off every call that was given a clone of it: at once, also in the middle of a
/// transfer. What the hall has acknowledged by then stays acknowledged.
#[derive(Clone, Debug, Default)]
pub struct StopFlag(CancellationToken);

/// Calls off when dropped, so that a worker whose owner is gone never holds the line.
#[derive(Debug)]
pub struct StopGuard(#[expect(dead_code, reason = "its drop is what it is for")] DropGuard);

impl StopFlag {
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls off; there is no way back, the next work takes a new flag.
    pub fn stop(&self) {
        self.0.cancel();
    }

    pub fn is_stopped(&self) -> bool {
        self.0.is_cancelled()
    }

    /// A guard that calls off when it is dropped.
    #[must_use = "a guard dropped at once calls off at once"]
    pub fn guard(&self) -> StopGuard {
        StopGuard(self.0.clone().drop_guard())
    }

    /// For `client.rs`: resolves once called off.
    pub(crate) fn stopped(&self) -> tokio_util::sync::WaitForCancellationFuture<'_> {
        self.0.cancelled()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_guard_calls_off_every_clone() {
        let flag = StopFlag::new();
        let clone = flag.clone();
        let guard = flag.guard();
        assert!(!clone.is_stopped());
        drop(guard);
        assert!(clone.is_stopped());
    }
}
