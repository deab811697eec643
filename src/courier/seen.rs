//! Where the hall's ledger stood by the headers of its answers, and before the call under way.

use std::sync::{Mutex, MutexGuard, PoisonError};

use outbox::LedgerSeen;
use uuid::Uuid;

/// Shared by a client and the calls that it makes; one call at a time.
#[derive(Default)]
pub(crate) struct Seen(Mutex<Stood>);

#[derive(Clone, Copy, Default)]
struct Stood {
    /// Before the call that is under way, or was the last.
    since: Option<(Uuid, u64)>,
    last: Option<(Uuid, u64)>,
    /// An answer of this call said so.
    answered: bool,
}

impl Seen {
    /// As the cabinet knows it when the line is opened.
    pub(crate) fn known(&self, ledger: Option<(Uuid, u64)>) {
        self.lock().last = ledger;
    }

    /// A call begins: what was seen until now was known when it was asked.
    pub(crate) fn begin(&self) {
        let mut stood = self.lock();
        *stood = Stood { since: stood.last, last: stood.last, answered: false };
    }

    /// An answer came with these headers.
    pub(crate) fn note(&self, incarnation: Option<&str>, sequence: Option<&str>) {
        let incarnation = incarnation.and_then(|text| Uuid::parse_str(text).ok());
        if let Some(mark) = incarnation.zip(sequence.and_then(|text| text.parse().ok())) {
            let mut stood = self.lock();
            (stood.last, stood.answered) = (Some(mark), true);
        }
    }

    pub(crate) fn since(&self) -> Option<(Uuid, u64)> {
        self.lock().since
    }

    /// What the last call saw; `None` when no answer of it said anything.
    pub(crate) fn seen(&self) -> Option<LedgerSeen> {
        let stood = *self.lock();
        stood.answered.then_some(stood.last).flatten().map(|now| LedgerSeen { since: stood.since, now })
    }

    fn lock(&self) -> MutexGuard<'_, Stood> {
        // A panic between two stores of a plain value cannot leave it half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_knows_what_was_seen_before_it() {
        let (id, text) = (Uuid::from_u128(1), Uuid::from_u128(1).to_string());
        let seen = Seen::default();
        seen.begin();
        assert_eq!(seen.seen(), None, "nobody answered");
        seen.known(Some((id, 4)));
        seen.begin();
        seen.note(Some(&text), Some("7"));
        seen.note(Some(&text), Some("9"));
        seen.note(None, Some("11"));
        seen.note(Some("no id"), Some("12"));
        assert_eq!(seen.seen(), Some(LedgerSeen { since: Some((id, 4)), now: (id, 9) }));
        seen.begin();
        assert_eq!((seen.seen(), seen.since()), (None, Some((id, 9))));
    }
}
