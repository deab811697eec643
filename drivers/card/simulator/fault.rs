//! Scripted faults: what goes wrong at which moment of a reading.
//!
//! Written as `WHAT-during-MOMENT`, for example `remove-during-text`, `slow-during-photo:800`,
//! `silence-during-find`, `remove-during-3` (the fourth exchange of a session).

use std::str::FromStr;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The card leaves the reader instead of answering.
    Remove,
    /// No answer at all.
    Silence,
    /// The answer comes this many milliseconds late.
    Slow { ms: u64 },
    /// SDT: the check byte is wrong.
    WrongChecksum,
    /// SDT: bytes that belong to nothing stand before the answer.
    Stray,
    /// SDT: two cards lie on the reader; finding and authentication fail by turns.
    TwoCards,
    /// The answer is a refusal of the card.
    Refuse,
}

/// When it goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    Find,
    Select,
    Text,
    Photo,
    Address,
    /// The n-th exchange of the card, from nought.
    Exchange(usize),
    Any,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    pub what: What,
    pub moment: Moment,
}

impl Fault {
    /// Whether this fault strikes at this exchange.
    pub fn strikes(&self, moment: Moment, exchange: usize) -> bool {
        match self.moment {
            Moment::Any => true,
            Moment::Exchange(at) => at == exchange,
            other => other == moment,
        }
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("no such fault: {text} (write WHAT-during-MOMENT, e.g. remove-during-text)");
        let (what, rest) = text.split_once("-during-").ok_or_else(wrong)?;
        let (moment, parameter) = match rest.split_once(':') {
            Some((moment, parameter)) => (moment, Some(parameter)),
            None => (rest, None),
        };
        let what = match (what, parameter) {
            ("remove", None) => What::Remove,
            ("silence", None) => What::Silence,
            ("slow", Some(ms)) => What::Slow { ms: ms.parse().map_err(|_| wrong())? },
            ("wrong-checksum", None) => What::WrongChecksum,
            ("stray", None) => What::Stray,
            ("two-cards", None) => What::TwoCards,
            ("refuse", None) => What::Refuse,
            _ => return Err(wrong()),
        };
        let moment = match moment {
            "find" => Moment::Find,
            "select" => Moment::Select,
            "text" => Moment::Text,
            "photo" => Moment::Photo,
            "address" => Moment::Address,
            "any" => Moment::Any,
            number => Moment::Exchange(number.parse().map_err(|_| wrong())?),
        };
        Ok(Self { what, moment })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_read_as_they_are_spoken() {
        for (text, what, moment) in [
            ("remove-during-text", What::Remove, Moment::Text),
            ("slow-during-photo:800", What::Slow { ms: 800 }, Moment::Photo),
            ("two-cards-during-any", What::TwoCards, Moment::Any),
            ("silence-during-3", What::Silence, Moment::Exchange(3)),
        ] {
            assert_eq!(text.parse(), Ok(Fault { what, moment }), "{text}");
        }
        for text in ["", "remove", "remove-during-", "slow-during-text", "explode-during-text", "remove-during-text:5"] {
            assert!(text.parse::<Fault>().is_err(), "{text}");
        }
    }
}
