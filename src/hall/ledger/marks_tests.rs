//! What may be filed once, and clocks that run otherwise than most: by what a matter's file says.

use jiff::{SignedDuration, Timestamp, civil::date};
use matters::{About, CorrectionItem, State, SupplementItem, What};

use super::{
    fixtures::*,
    versions_tests::{put, version},
    *,
};

fn after(days: i64) -> Timestamp {
    now() + SignedDuration::from_hours(24 * days)
}

/// M09 with this at its head and this at its end.
fn under(ledger: &Ledger, head: &str, end: &str) {
    let edit =
        |name: &str, text: &str| Some(if name.starts_with("M09") { format!("{head}\n{text}\n{end}\n") } else { text.to_owned() });
    put(ledger, &[version("2026.3", "2026-11-01", edit)]);
}

fn ask(ledger: &Ledger, id: Uuid, key: &str, at: Timestamp) -> Uuid {
    let items =
        vec![CorrectionItem {
            about: About::Field { key: key.into() }, what: "写错了".into(), standard: "照原件写".into()
        }];
    let decision = Decision::AskCorrection { items, due: None, reason: String::new() };
    ledger.decide(id, &decision, &clerk(ledger), 1, at).unwrap().correction.unwrap().id
}

fn mend(ledger: &Ledger, caller: &Caller, n: u64, id: Uuid, correction: Uuid, answer: &str, at: Timestamp) {
    let items = vec![SupplementItem { item: 0, answer: Some(matters::Value::Text(answer.into())), note: String::new() }];
    let mend = act(n, id, "wang", 2, What::Supplement { correction, items, pages: vec![] });
    ledger.receive_act(caller, &mend, None, at).unwrap();
}

#[test]
fn what_may_be_filed_once_is_told_to_the_clerk_of_both_cases() {
    let World { dir: _dir, ledger, slc, bhc, .. } = world();
    under(&ledger, "", "[[repeat]]\nonce = [\"phone\"]\nmessage = { zh = \"报过\", en = \"Told before\" }");
    let [first, second] = [filed(&ledger, &slc, "wang", 1), filed(&ledger, &bhc, "zhao", 2)];
    let others = |id| ledger.case(id).unwrap().unwrap().repeats;
    assert_eq!(others(first).iter().map(|row| (row.rule, row.filing)).collect::<Vec<_>>(), [(0, second)]);
    let told = &others(second)[0];
    assert_eq!((told.filing, told.state, told.point_name.as_str()), (first, State::Received, "石榴村便民服务点"));
    // A value that was mistyped and mended stands in one case only.
    let correction = ask(&ledger, first, "phone", after(1));
    assert_eq!(others(second).len(), 1, "asked is not mended");
    mend(&ledger, &slc, 9, first, correction, "029-88880001", after(2));
    assert_eq!((others(first), others(second)), (vec![], vec![]));
    // A case that came to nothing holds nothing.
    let third = filed(&ledger, &bhc, "zhao", 3);
    assert_eq!(others(second).len(), 1);
    let withdraw = act(10, third, "zhao", 1, What::Withdraw { reason: "不办了".into() });
    ledger.receive_act(&bhc, &withdraw, None, after(2)).unwrap();
    assert_eq!(others(second), vec![]);
    ledger.audit_verify().unwrap();
}

#[test]
fn a_matter_without_such_a_rule_holds_no_case_against_another() {
    let World { dir: _dir, ledger, slc, bhc, .. } = world();
    let [first, _] = [filed(&ledger, &slc, "wang", 1), filed(&ledger, &bhc, "zhao", 2)];
    assert_eq!(ledger.case(first).unwrap().unwrap().repeats, vec![]);
}

#[test]
fn a_clock_that_runs_since_receipt_stands_for_a_correction_and_not_for_acceptance() {
    let World { dir: _dir, ledger, slc, .. } = world();
    under(&ledger, "clock = { start = \"收件次日\" }", "");
    let id = filed(&ledger, &slc, "wang", 1);
    let due = || ledger.case(id).unwrap().unwrap().view.due;
    assert_eq!(due(), Some(date(2026, 12, 22)), "20 working days after Tuesday 24 November");
    let correction = ask(&ledger, id, "phone", after(1));
    assert_eq!(due(), None, "a standing clock has no end");
    mend(&ledger, &slc, 9, id, correction, "029-88880001", after(3));
    assert_eq!(due(), Some(date(2026, 12, 25)), "25, 26 and 27 November do not count");
    let accepted = ledger.decide(id, &Decision::Accept, &clerk(&ledger), 3, after(6)).unwrap();
    assert_eq!(accepted.due, Some(date(2026, 12, 25)));
}

#[test]
fn a_clock_that_nothing_stops_runs_on() {
    let World { dir: _dir, ledger, slc, .. } = world();
    under(&ledger, "clock = { start = \"收件次日\", stop_on = [] }", "");
    let id = filed(&ledger, &slc, "wang", 1);
    let correction = ask(&ledger, id, "phone", after(1));
    mend(&ledger, &slc, 9, id, correction, "029-88880001", after(3));
    let view = ledger.decide(id, &Decision::Accept, &clerk(&ledger), 3, after(3)).unwrap();
    assert_eq!(view.due, Some(date(2026, 12, 22)));
    let special = Decision::StartSpecial { procedure: "现场核查".into(), days: 3 };
    let view = ledger.decide(id, &special, &clerk(&ledger), 4, after(3)).unwrap();
    assert_eq!(view.due, Some(date(2026, 12, 22)));
}
