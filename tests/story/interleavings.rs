//! Village and clerks act on one case at the same time, each on what they last heard of it.

use hall::ledger::{DecideRefuse, Decision};
use jiff::SignedDuration;
use matters::{About, CorrectionItem, State, What};
use outbox::ActState;

use crate::support::village::{POINT, Town, Village, picture};

/// Orders that are tried; each is another seed.
const SEEDS: u64 = 5;
const STEPS: usize = 24;

/// Xorshift: enough to shuffle steps, and the same for the same seed for ever.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

fn ask() -> Decision {
    let items = vec![CorrectionItem {
        about: About::Page { material: "BK".into(), order: 1 },
        what: "卡号看不清".into(),
        standard: "卡号每一位都清楚".into(),
    }];
    Decision::AskCorrection { items, due: None, reason: "上次没有说全".into() }
}

fn end(granted: bool) -> Decision {
    let (reason, remedy) = ("不符合条件".to_owned(), "可在60日内申请行政复议".to_owned());
    Decision::Finish { granted, reason, remedy, result: None }
}

#[test]
fn an_act_that_no_longer_fits_is_kept_refused_with_its_reason_and_shown_in_whatever_order_things_happen() {
    let (mut refused_in_all, mut taken_in_all) = (0, 0);
    for seed in 1..=SEEDS {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let town = Town::new();
        let mut village = Village::new(&town, POINT, "wang");
        let filing = village.file(&town, &[("PH2", picture(1, 2_000)), ("BK", picture(2, 2_000))]).filing().id;
        village.send(&town);
        village.listen();
        let clerk = town.clerk();
        let mut decisions = 0;
        for step in 0..STEPS {
            town.pass(SignedDuration::from_mins(7));
            let known = village.reading.filings(1).unwrap()[0].case.clone().expect("heard of it once");
            match dice.roll(7) {
                0 => village.listen(),
                1 => drop(village.send(&town)),
                2 if known.correction.is_some() => {
                    village.answer(&town, &known, &[("BK", picture(50 + step as u8, 2_000))]);
                }
                3 if dice.roll(6) == 0 => {
                    village.act_on(&town, filing, known.revision, What::Withdraw { reason: "不办了".into() })
                }
                _ => {
                    let now = town.only_case();
                    // Now and then the page of the clerk is an old one.
                    let revision = if dice.roll(4) == 0 { now.revision.saturating_sub(1) } else { now.revision };
                    let decision = match dice.roll(5) {
                        0 | 1 => ask(),
                        2 | 3 => Decision::Accept,
                        _ => end(false),
                    };
                    match town.hall().ledger.decide(filing, &decision, &clerk, revision, town.clock.now()) {
                        Ok(_) => decisions += 1,
                        Err(DecideRefuse::Stale { .. }) => assert_ne!(revision, now.revision, "seed {seed}"),
                        Err(DecideRefuse::NotNow { .. } | DecideRefuse::Faulty { .. }) => {}
                        Err(other) => panic!("seed {seed}: {other:?}"),
                    }
                }
            }
        }
        // The world is calm: everything goes up and everything is heard.
        while !village.cabinet.parcels(town.clock.now()).unwrap().is_empty() {
            for outcome in village.send(&town) {
                assert!(matches!(outcome, courier::Outcome::Done(_)), "seed {seed}: nothing stays stuck: {outcome:?}");
            }
        }
        village.listen();
        let case = town.only_case();
        let full = village.reading.filing(filing).unwrap().expect("sealed here");
        assert_eq!(full.row.case.as_ref(), Some(&case), "seed {seed}: both sides tell the same");
        let held = town.hall().ledger.case(filing).unwrap().expect("held");
        assert_eq!(held.acts.len(), full.acts.len(), "seed {seed}: every act of the village is kept");
        let mut moved = 0;
        for ((act, state), stored) in full.acts.iter().zip(&held.acts) {
            assert_eq!(*act, stored.act, "seed {seed}: in their order");
            match (state, &stored.refused) {
                (ActState::Acknowledged { .. }, None) => moved += u64::from(!matches!(act.what, What::File { .. })),
                (ActState::Refused { code, by, .. }, Some(refusal)) => {
                    assert!(!code.is_empty() && *code == refusal.code && *by == refusal.by, "seed {seed}: with its reason");
                    refused_in_all += 1;
                }
                other => panic!("seed {seed}: {other:?}"),
            }
        }
        taken_in_all += moved;
        assert_eq!(case.revision, 1 + moved + decisions, "seed {seed}: only what was taken moved the case");
        assert!(case.state != State::InCorrection || case.correction.is_some(), "seed {seed}");
    }
    assert!(refused_in_all > 0 && taken_in_all > 0, "the orders tried both: {refused_in_all} refused, {taken_in_all} taken");
}
