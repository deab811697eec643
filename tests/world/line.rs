//! The line between village and town: what it does to a question and its answer.

use courier::{Answered, Outcome, delivery::Ask, outcome::LineTrouble};
use hall::ledger::Caller;
use jiff::Timestamp;
use wire::Known;

use crate::{chance::Chance, oracle::Oracle, town::Town};

/// A question that is still under way after its asker gave it up.
struct Late {
    caller: Caller,
    ask: Ask,
    known: Option<Known>,
    body: Vec<u8>,
}

pub struct Line {
    pub stormy: bool,
    /// Nothing goes through at all.
    pub down: bool,
    late: Vec<Late>,
}

impl Line {
    pub fn stormy() -> Self {
        Self { stormy: true, down: false, late: Vec::new() }
    }

    /// Carries a question and brings what comes of it, with a word about it for the trace. `known` is where the
    /// asker saw the ledger stand.
    #[expect(clippy::too_many_arguments, reason = "who asks what of whom, when, and what may happen to it")]
    pub fn carry(
        &mut self,
        town: &mut Town,
        caller: &Caller,
        ask: &Ask,
        known: Option<Known>,
        body: &[u8],
        now: Timestamp,
        chance: &mut Chance,
        oracle: &mut Oracle,
    ) -> (Result<Answered, Outcome>, &'static str) {
        if self.down {
            return (Err(LineTrouble::NoNetwork.into()), "no network");
        }
        if !self.stormy {
            return (town.answer(caller, ask, known, body, None, now, oracle), "through");
        }
        let cut = Err(LineTrouble::Cut.into());
        match chance.below(20) {
            0 => (Err(LineTrouble::ConnectTimeout.into()), "not sent"),
            1..3 => {
                // The hall has it, the village never hears of it.
                let _ = town.answer(caller, ask, known, body, None, now, oracle);
                (cut, "answer lost")
            }
            3 => {
                self.late.push(Late { caller: caller.clone(), ask: ask.clone(), known, body: body.to_vec() });
                (cut, "late")
            }
            4 => {
                let first = town.answer(caller, ask, known, body, None, now, oracle);
                let second = town.answer(caller, ask, known, body, None, now, oracle);
                (if chance.one_in(2) { first } else { second }, "twice")
            }
            5 => (Ok(foreign(chance)), "a stranger answers"),
            6..10 if !body.is_empty() => {
                let at = chance.index(body.len());
                let _ = town.answer(caller, ask, known, body, Some(at), now, oracle);
                (cut, "cut in the body")
            }
            _ => (town.answer(caller, ask, known, body, None, now, oracle), "through"),
        }
    }

    /// What was under way arrives, in any order.
    pub fn deliver_late(&mut self, town: &mut Town, now: Timestamp, chance: &mut Chance, oracle: &mut Oracle) {
        while !self.late.is_empty() {
            let late = self.late.swap_remove(chance.index(self.late.len()));
            let _ = town.answer(&late.caller, &late.ask, late.known, &late.body, None, now, oracle);
            if self.stormy && chance.one_in(2) {
                return;
            }
        }
    }
}

/// Portals, proxies and overloaded gateways.
fn foreign(chance: &mut Chance) -> Answered {
    let status = [200, 302, 403, 502, 503, 504][chance.index(6)];
    Answered { status, content_type: "text/html".into(), body: b"<html>".to_vec(), ..Answered::default() }
}
