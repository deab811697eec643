//! Time and chance come through this door.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

use jiff::Timestamp;
use uuid::Uuid;

use crate::ledger::LedgerError;

/// Where `now` comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    System,
    /// Moved by hand: tests, and rehearsals of a past day.
    Hand(Arc<Mutex<Timestamp>>),
}

impl Clock {
    pub fn at(time: Timestamp) -> Self {
        Self::Hand(Arc::new(Mutex::new(time)))
    }

    pub fn now(&self) -> Timestamp {
        match self {
            #[expect(clippy::disallowed_methods, reason = "this is the door through which time comes")]
            Self::System => Timestamp::now(),
            Self::Hand(time) => *time.lock().unwrap_or_else(std::sync::PoisonError::into_inner),
        }
    }

    /// Moves a hand clock; the system's is not ours to move.
    pub fn set(&self, to: Timestamp) {
        if let Self::Hand(time) = self {
            *time.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = to;
        }
    }
}

/// Where ids and random bytes come from.
#[derive(Clone, Debug)]
pub enum Ids {
    System,
    /// The same seed gives the same ids: worlds that replay exactly. Never for a real hall.
    Seeded(Arc<AtomicU64>),
}

impl Ids {
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(Arc::new(AtomicU64::new(seed)))
    }

    /// # Errors
    /// When the system gives no random numbers.
    pub fn fill(&self, out: &mut [u8]) -> Result<(), LedgerError> {
        match self {
            Self::System => getrandom::fill(out).map_err(|_| LedgerError::Random),
            Self::Seeded(state) => {
                for chunk in out.chunks_mut(8) {
                    // splitmix64: every output differs and spreads over all bits.
                    let mut z = state.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed).wrapping_add(0x9E37_79B9_7F4A_7C15);
                    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                    let bytes = (z ^ (z >> 31)).to_le_bytes();
                    chunk.copy_from_slice(&bytes[..chunk.len()]);
                }
                Ok(())
            }
        }
    }

    pub fn bytes<const N: usize>(&self) -> Result<[u8; N], LedgerError> {
        let mut out = [0; N];
        self.fill(&mut out)?;
        Ok(out)
    }

    /// UUIDv7 of this moment.
    pub fn uuid(&self, now: Timestamp) -> Result<Uuid, LedgerError> {
        let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
        Ok(uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes::<10>()?).into_uuid())
    }
}
