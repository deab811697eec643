use jiff::{SignedDuration, Timestamp, civil::date};
use matters::{CaseView, Role, State, StepKind, What};
use uuid::Uuid;
use wire::problem::Kind;

use super::super::{Clerk, DecideRefuse, Decision, Ledger, fixtures::*};

/// Days of 24 hours after the fixtures' now, 2026-11-24 10:00 at the place.
fn after(days: i64) -> Timestamp {
    now() + SignedDuration::from_hours(24 * days)
}

fn reviewer(ledger: &Ledger) -> Clerk {
    Clerk { role: Role::Reviewer, name: "孙样本".into(), ..clerk(ledger) }
}

fn decide(ledger: &Ledger, id: Uuid, decision: Decision, by: &Clerk, at: Timestamp) -> Result<CaseView, DecideRefuse> {
    let revision = ledger.case(id).unwrap().unwrap().view.revision;
    ledger.decide(id, &decision, by, revision, at)
}

fn faulty(done: Result<CaseView, DecideRefuse>) -> (&'static str, &'static str) {
    match done.unwrap_err() {
        DecideRefuse::Faulty { field, fault } => (field, fault),
        other => panic!("{other:?}"),
    }
}

fn special(procedure: &str, days: u16) -> Decision {
    Decision::StartSpecial { procedure: procedure.into(), days }
}

#[test]
fn a_special_procedure_stops_the_clock_and_its_days_are_added() {
    let World { dir: _dir, ledger, slc, .. } = world();
    let clerk = clerk(&ledger);
    let id = filed(&ledger, &slc, "wang", 1);
    let view = decide(&ledger, id, Decision::Accept, &clerk, now()).unwrap();
    assert_eq!(view.due, Some(date(2026, 12, 22)), "20 working days");
    // From Thursday 26 to Monday 30 November: three working days.
    let view = decide(&ledger, id, special("现场核查", 3), &clerk, after(2)).unwrap();
    assert_eq!((view.state, view.due), (State::SpecialProcedure, None), "a standing clock has no end");
    assert!(matches!(&view.steps[0].what,
        StepKind::SpecialStarted { procedure, expected } if procedure == "现场核查" && *expected == date(2026, 12, 1)));
    let finish = Decision::Finish { granted: true, reason: "办好了".into(), remedy: String::new(), result: None };
    assert!(matches!(decide(&ledger, id, finish, &clerk, after(3)), Err(DecideRefuse::NotNow { .. })));
    let view = decide(&ledger, id, Decision::EndSpecial, &clerk, after(6)).unwrap();
    assert_eq!((view.state, view.due), (State::Accepted, Some(date(2026, 12, 25))));
    // A second one on one day takes that day out.
    decide(&ledger, id, special("专家评审", 1), &clerk, after(8)).unwrap();
    let view = decide(&ledger, id, Decision::EndSpecial, &clerk, after(8) + SignedDuration::from_hours(2)).unwrap();
    assert_eq!(view.due, Some(date(2026, 12, 28)));
    assert_eq!(view.steps.len(), 4);
    for (decision, field) in [(special("", 3), "procedure"), (special("鉴定", 0), "days")] {
        assert_eq!(faulty(decide(&ledger, id, decision, &clerk, after(9))), (field, "empty"));
    }
    ledger.audit_verify().unwrap();
}

#[test]
fn an_extension_is_the_reviewers_once_and_ten_working_days_at_most() {
    let World { dir: _dir, ledger, slc, .. } = world();
    let (clerk, reviewer) = (clerk(&ledger), reviewer(&ledger));
    let id = filed(&ledger, &slc, "wang", 1);
    decide(&ledger, id, Decision::Accept, &clerk, now()).unwrap();
    let until = |day| Decision::Extend { until: day, reason: "要到外县核实".into() };
    assert!(matches!(decide(&ledger, id, until(date(2026, 12, 29)), &clerk, after(1)), Err(DecideRefuse::NotAllowed)));
    for (day, fault) in [
        (date(2026, 12, 22), "not_later"),
        (date(2026, 12, 26), "not_later"),
        // Eleven working days; 2027-01-01 is off.
        (date(2027, 1, 7), "too_long"),
    ] {
        assert_eq!(faulty(decide(&ledger, id, until(day), &reviewer, after(1))), ("until", fault), "{day}");
    }
    let silent = Decision::Extend { until: date(2026, 12, 29), reason: " ".into() };
    assert_eq!(faulty(decide(&ledger, id, silent, &reviewer, after(1))), ("reason", "empty"));
    assert_eq!(faulty(decide(&ledger, id, until(date(2026, 12, 29)), &reviewer, after(40))), ("until", "overdue"));
    let view = decide(&ledger, id, until(date(2026, 12, 29)), &reviewer, after(1)).unwrap();
    assert_eq!((view.state, view.due, view.provisional), (State::Accepted, Some(date(2026, 12, 29)), false));
    assert!(matches!(&view.steps[0].what, StepKind::Extended { days: 5, .. }));
    assert_eq!(faulty(decide(&ledger, id, until(date(2026, 12, 30)), &reviewer, after(2))), ("until", "again"));
    // What stops the clock within the added days moves them, too.
    let within = "2026-12-24T02:00:00Z".parse().unwrap();
    decide(&ledger, id, special("鉴定", 1), &clerk, within).unwrap();
    let view = decide(&ledger, id, Decision::EndSpecial, &clerk, within).unwrap();
    assert_eq!(view.due, Some(date(2026, 12, 30)));
}

#[test]
fn a_case_is_forwarded_decided_and_delivered_and_the_village_hears_every_step() {
    let World { dir: _dir, ledger, slc, .. } = world();
    let clerk = clerk(&ledger);
    let id = filed(&ledger, &slc, "wang", 1);
    let forward = |body: &str| Decision::Forward { body: body.into() };
    assert!(matches!(decide(&ledger, id, forward("区民政局"), &clerk, now()), Err(DecideRefuse::NotNow { .. })));
    decide(&ledger, id, Decision::Accept, &clerk, now()).unwrap();
    assert_eq!(faulty(decide(&ledger, id, forward("  "), &clerk, now())), ("body", "empty"));
    let view = decide(&ledger, id, forward("区民政局"), &clerk, after(1)).unwrap();
    assert_eq!((view.state, view.due), (State::Forwarded, Some(date(2026, 12, 22))), "the promise stays");
    let deliver = |way: &str| Decision::Deliver { collector: "王样本".into(), way: way.into() };
    assert!(matches!(decide(&ledger, id, deliver("village"), &clerk, after(1)), Err(DecideRefuse::NotNow { .. })));
    let finish = Decision::Finish { granted: true, reason: "下月起发放".into(), remedy: String::new(), result: None };
    decide(&ledger, id, finish, &clerk, after(5)).unwrap();
    assert_eq!(faulty(decide(&ledger, id, deliver("pigeon"), &clerk, after(6))), ("way", "unknown"));
    let view = decide(&ledger, id, deliver("village"), &clerk, after(6)).unwrap();
    assert_eq!(view.state, State::Delivered);
    let told = ledger.feed("SLC", 0, 100).unwrap().events.into_iter().find_map(|event| match event.what {
        wire::EventKind::Case { case } => Some(case),
        _ => None,
    });
    let told = told.unwrap();
    let steps: Vec<&StepKind> = told.steps.iter().map(|step| &step.what).collect();
    let delivered = StepKind::Delivered { collector: "王样本".into(), way: "village".into() };
    assert_eq!(steps, [&StepKind::Forwarded { body: "区民政局".into() }, &delivered]);
    assert_eq!(told.steps[0].by, clerk.name);
}

#[test]
fn the_village_records_the_delivery_of_what_it_hands_over_and_only_once() {
    let World { dir: _dir, ledger, slc, .. } = world();
    let clerk = clerk(&ledger);
    let id = filed(&ledger, &slc, "wang", 1);
    let deliver = |n: u64, revision: u64, collector: &str, way: &str| {
        act(n, id, "wang", revision, What::Deliver { collector: collector.into(), way: way.into() })
    };
    let refused = |done| receipt(&ledger, &done).refused.map(|refused| refused.code.to_string());
    let early = ledger.receive_act(&slc, &deliver(2, 1, "李样本", "village"), None, after(1)).unwrap();
    assert_eq!(refused(early).as_deref(), Some("not_possible_now"), "nothing is decided yet");
    decide(&ledger, id, Decision::Accept, &clerk, after(1)).unwrap();
    let finish = Decision::Finish { granted: true, reason: "下月起发放".into(), remedy: String::new(), result: None };
    let view = decide(&ledger, id, finish, &clerk, after(2)).unwrap();
    for (n, collector, way) in [(3, " ", "village"), (4, "李样本", "pigeon")] {
        let done = ledger.receive_act(&slc, &deliver(n, view.revision, collector, way), None, after(3));
        assert_eq!(kind(done), Kind::FormFaulty);
    }
    let handed = deliver(5, view.revision, "李样本", "village");
    let done = ledger.receive_act(&slc, &handed, None, after(4)).unwrap();
    assert_eq!(refused(done), None);
    let told = ledger.case(id).unwrap().unwrap().view;
    assert_eq!((told.state, told.revision), (State::Delivered, view.revision + 1));
    let step = told.steps.last().unwrap();
    assert_eq!(step.what, StepKind::Delivered { collector: "李样本".into(), way: "village".into() });
    assert_eq!((step.at, step.by.as_str()), (now(), "王样本"), "the time at which it was handed over, by whom");
    let again = ledger.receive_act(&slc, &deliver(6, told.revision, "李样本", "village"), None, after(5)).unwrap();
    assert_eq!(refused(again).as_deref(), Some("not_possible_now"));
    ledger.audit_verify().unwrap();
}

#[test]
fn only_an_overdue_correction_ends_a_case() {
    let World { dir: _dir, ledger, slc, .. } = world();
    let clerk = clerk(&ledger);
    let id = filed(&ledger, &slc, "wang", 1);
    let items = vec![matters::CorrectionItem {
        about: matters::About::Field { key: "phone".into() },
        what: "电话打不通".into(),
        standard: "能打通".into(),
    }];
    let ask = Decision::AskCorrection { items, due: Some(date(2026, 11, 30)), reason: String::new() };
    decide(&ledger, id, ask, &clerk, now()).unwrap();
    let end = || Decision::Terminate { reason: "过期没有补正".into() };
    assert_eq!(faulty(decide(&ledger, id, end(), &clerk, after(6))), ("overdue", "not_yet"), "the last day is not over");
    let view = decide(&ledger, id, end(), &clerk, after(7)).unwrap();
    assert_eq!((view.state, view.due, view.reason.as_deref()), (State::Terminated, None, Some("过期没有补正")));
    let other = filed(&ledger, &slc, "wang", 2);
    let view = decide(&ledger, other, Decision::Void { reason: "录错了人".into() }, &clerk, now()).unwrap();
    assert_eq!((view.state, view.reason.as_deref()), (State::Voided, Some("录错了人")));
}

#[test]
fn provisional_days_are_counted_anew_when_the_notice_comes_out_and_the_village_hears_it() {
    let World { dir: _dir, ledger, slc, .. } = world();
    let clerk = clerk(&ledger);
    // Accepted on 14 December: twenty working days reach into 2027, whose notice is not out.
    let at: Timestamp = "2026-12-14T02:00:00Z".parse().unwrap();
    let id = filed(&ledger, &slc, "wang", 1);
    let view = decide(&ledger, id, Decision::Accept, &clerk, at).unwrap();
    assert_eq!((view.due, view.provisional), (Some(date(2027, 1, 12)), true));
    assert_eq!(ledger.recount(at).unwrap(), 0, "nothing is known yet");
    let (_, text) = matters::bundled::FILES.iter().find(|(name, _)| *name == "calendar.toml").unwrap();
    let (before, of_2027) = text.split_at(text.find("year = 2027").unwrap());
    let published =
        of_2027.replacen("published = false", "published = true", 1).replacen("\"2027-01-01\"", "\"2027-01-01/2027-01-04\"", 1);
    let calendar = matters::Calendar::parse("calendar.toml", &format!("{before}{published}")).unwrap();
    let rules = ledger.rules();
    ledger.set_rules(std::sync::Arc::new(crate::ledger::Rules::of(rules.versions().to_vec(), std::sync::Arc::new(calendar))));
    assert_eq!(ledger.recount(at).unwrap(), 1);
    let after = ledger.case(id).unwrap().unwrap().view;
    assert_eq!((after.due, after.provisional), (Some(date(2027, 1, 13)), false));
    assert_eq!(after.revision, view.revision + 1);
    assert_eq!(ledger.recount(at).unwrap(), 0);
    ledger.audit_verify().unwrap();
}
