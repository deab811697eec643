//! Where the hall's ledger stood by the headers of its answers, and before the call under way.

use std::sync::{Mutex, MutexGuard, PoisonError};

use matters::Digest;
use outbox::{LedgerAt, LedgerSeen};
use uuid::Uuid;
use wire::header;

/// Shared by a client and the calls that it makes. Questions may be under way at the same time, and their
/// answers may overtake each other.
#[derive(Default)]
pub(crate) struct Seen(Mutex<Stood>);

#[derive(Clone, Copy, Default)]
struct Stood {
    /// Before the call that is under way, or was the last.
    since: Option<LedgerAt>,
    last: Option<LedgerAt>,
    /// An answer of this call said so.
    answered: bool,
    went_back: bool,
}

impl Seen {
    /// As the cabinet knows it when the line is opened.
    pub(crate) fn known(&self, ledger: Option<LedgerAt>) {
        self.lock().last = ledger;
    }

    /// A call begins: what was seen until now was known when it was asked.
    pub(crate) fn begin(&self) {
        let mut stood = self.lock();
        *stood = Stood { since: stood.last, last: stood.last, answered: false, went_back: false };
    }

    /// Where it stood last: what a question asked now names.
    pub(crate) fn last(&self) -> Option<LedgerAt> {
        self.lock().last
    }

    /// An answer came with these headers to a question that named `asked`.
    pub(crate) fn note<'a>(&self, asked: Option<LedgerAt>, text: impl Fn(&str) -> Option<&'a str>) {
        let incarnation = text(header::LEDGER_INCARNATION).and_then(|text| Uuid::parse_str(text).ok());
        let sequence = text(header::LEDGER_SEQUENCE).and_then(|text| text.parse().ok());
        let Some((incarnation, sequence)) = incarnation.zip(sequence) else { return };
        let now = LedgerAt { incarnation, sequence, chain: text(header::LEDGER_CHAIN).and_then(Digest::from_hex) };
        let same = |at: &LedgerAt| at.incarnation == now.incarnation;
        let mut stood = self.lock();
        stood.answered = true;
        stood.went_back |= text(header::LEDGER_KNOWN) == Some(header::WENT_BACK);
        // An answer that was overtaken by one asked no later says nothing new.
        let overtaken = stood.last.is_some_and(|last| same(&last) && last.sequence > now.sequence)
            && asked.is_none_or(|asked| !same(&asked) || asked.sequence <= now.sequence)
            && !stood.went_back;
        if !overtaken {
            stood.last = Some(now);
        }
    }

    pub(crate) fn since(&self) -> Option<LedgerAt> {
        self.lock().since
    }

    pub(crate) fn went_back(&self) -> bool {
        self.lock().went_back
    }

    /// What the last call saw; `None` when no answer of it said anything.
    pub(crate) fn seen(&self) -> Option<LedgerSeen> {
        let stood = *self.lock();
        let now = stood.answered.then_some(stood.last).flatten()?;
        Some(LedgerSeen { since: stood.since, now, went_back: stood.went_back })
    }

    fn lock(&self) -> MutexGuard<'_, Stood> {
        // A panic between two stores of a plain value cannot leave it half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(sequence: u64) -> LedgerAt {
        LedgerAt { incarnation: Uuid::from_u128(1), sequence, chain: Some(Digest([sequence as u8; 32])) }
    }

    /// An answer in which the hall says where it stands.
    fn answer(seen: &Seen, asked: Option<LedgerAt>, now: LedgerAt, known: Option<&str>) {
        let (incarnation, sequence) = (now.incarnation.to_string(), now.sequence.to_string());
        let chain = now.chain.map(|chain| chain.to_string());
        seen.note(asked, |name| match name {
            header::LEDGER_INCARNATION => Some(&incarnation),
            header::LEDGER_SEQUENCE => Some(&sequence),
            header::LEDGER_CHAIN => chain.as_deref(),
            header::LEDGER_KNOWN => known,
            _ => None,
        });
    }

    #[test]
    fn a_call_knows_what_was_seen_before_it() {
        let seen = Seen::default();
        seen.begin();
        assert_eq!(seen.seen(), None, "nobody answered");
        seen.known(Some(at(4)));
        seen.begin();
        answer(&seen, Some(at(4)), at(7), None);
        answer(&seen, Some(at(7)), at(9), None);
        seen.note(Some(at(9)), |name| (name == header::LEDGER_SEQUENCE).then_some("11"));
        seen.note(Some(at(9)), |_| Some("no id"));
        assert_eq!(seen.seen(), Some(LedgerSeen { since: Some(at(4)), now: at(9), went_back: false }));
        seen.begin();
        assert_eq!((seen.seen(), seen.since()), (None, Some(at(9))));
    }

    #[test]
    fn an_answer_that_was_overtaken_is_not_a_ledger_that_went_back() {
        let seen = Seen::default();
        seen.known(Some(at(4)));
        seen.begin();
        answer(&seen, Some(at(4)), at(8), None);
        answer(&seen, Some(at(4)), at(6), None);
        assert_eq!(seen.last(), Some(at(8)));
        // Asked when it stood at 8, and it stands at 6.
        answer(&seen, Some(at(8)), at(6), None);
        assert_eq!(seen.last(), Some(at(6)));
    }

    #[test]
    fn the_hall_says_that_it_never_stood_there() {
        let seen = Seen::default();
        seen.known(Some(at(4)));
        seen.begin();
        answer(&seen, Some(at(4)), at(9), Some(header::WENT_BACK));
        answer(&seen, Some(at(9)), at(10), None);
        assert_eq!(seen.seen(), Some(LedgerSeen { since: Some(at(4)), now: at(10), went_back: true }));
        seen.begin();
        assert!(!seen.went_back());
    }
}
