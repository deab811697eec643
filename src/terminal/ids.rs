//! Where ids come from: random behind the time (UUIDv7), or counted for tests.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use jiff::Timestamp;
use uuid::{ContextV7, Uuid};

/// A source of ids that never repeat on this machine.
#[derive(Clone, Debug)]
pub enum Ids {
    /// Time and 74 random bits; `ContextV7` keeps ids of one millisecond in order.
    Random(Arc<std::sync::Mutex<ContextV7>>),
    /// 1, 2, 3 … for tests that compare.
    Counted(Arc<AtomicU64>),
}

impl Ids {
    pub fn random() -> Self {
        Self::Random(Arc::new(std::sync::Mutex::new(ContextV7::new())))
    }

    pub fn counted() -> Self {
        Self::Counted(Arc::new(AtomicU64::new(0)))
    }

    pub fn next(&self, now: Timestamp) -> Uuid {
        match self {
            Ids::Random(context) => {
                let context = context.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                let seconds = u64::try_from(now.as_second()).unwrap_or(0);
                let nanos = u32::try_from(now.subsec_nanosecond()).unwrap_or(0);
                Uuid::new_v7(uuid::Timestamp::from_unix(&*context, seconds, nanos))
            }
            Ids::Counted(last) => Uuid::from_u128(u128::from(last.fetch_add(1, Ordering::Relaxed) + 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_moment_differ_and_stay_in_order() {
        let now: Timestamp = "2026-11-23T01:42:00Z".parse().unwrap();
        let ids = Ids::random();
        let made: Vec<Uuid> = (0..100).map(|_| ids.next(now)).collect();
        let mut sorted = made.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(made, sorted);
    }
}
