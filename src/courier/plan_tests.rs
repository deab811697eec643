use proptest::prelude::*;
use uuid::Uuid;
use wire::problem::Kind;

use super::*;
use crate::outcome::{Finding, LineTrouble};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn done() -> Outcome {
    Outcome::Done(Box::new(ReceiptNews {
        act: Uuid::nil(),
        jws: String::new(),
        case_number: String::new(),
        received_at: at(0),
        revision: 1,
        refused: None,
    }))
}

fn one_due() -> Waiting {
    Waiting { paused: false, due: 1, next_due: None }
}

#[test]
fn a_due_parcel_is_delivered_and_an_empty_queue_rests() {
    let plan = Plan::default();
    assert_eq!(plan.next(&one_due(), at(0)), Move::Deliver);
    assert_eq!(plan.next(&Waiting { paused: true, ..one_due() }, at(0)), Move::Rest(REST_MAX));
    assert_eq!(plan.next(&Waiting::default(), at(0)), Move::Rest(REST_MAX));
    let soon = Waiting { next_due: Some(at(9)), ..Waiting::default() };
    assert_eq!(plan.next(&soon, at(0)), Move::Rest(Duration::from_secs(9)));
    assert_eq!(plan.next(&soon, at(9)), Move::Rest(REST_MAX), "due, but the cabinet does not offer it: no circle");
}

#[test]
fn without_network_nothing_else_is_tried_until_patience_ends_or_somebody_presses_send() {
    let mut plan = Plan::default();
    let entry = plan.learn(LineTrouble::NoNetwork.into(), 0, false, at(0), 0);
    assert_eq!(entry, Entry::Trouble { code: "no_network", next_try_at: at(1) });
    assert_eq!(plan.line_down(), Some("no_network"));
    assert_eq!(plan.next(&one_due(), at(0)), Move::Rest(Duration::from_secs(1)));
    assert_eq!(plan.next(&one_due(), at(1)), Move::Deliver);
    plan.learn(LineTrouble::NoNetwork.into(), 1, false, at(1), 0);
    assert_eq!(plan.next(&one_due(), at(1)), Move::Rest(Duration::from_secs(2)), "patience doubles");
    plan.hurry();
    assert_eq!((plan.line_down(), plan.next(&one_due(), at(1))), (None, Move::Deliver));
}

#[test]
fn a_filing_refused_for_good_goes_aside_and_the_next_one_goes_up() {
    for kind in [Kind::NotCanonical, Kind::CatalogueUnknown, Kind::FormFaulty] {
        let mut plan = Plan::default();
        let outcome = Outcome::from(kind);
        let code = outcome.code();
        assert_eq!(plan.learn(outcome, 0, false, at(0), 0), Entry::Aside { code });
        assert_eq!(plan.next(&one_due(), at(0)), Move::Deliver);
    }
}

#[test]
fn an_act_that_the_hall_stumbles_over_waits_alone() {
    let mut plan = Plan::default();
    assert_eq!(plan.learn(Kind::Internal.into(), 4, false, at(0), 0), Entry::Trouble { code: "internal", next_try_at: at(16) });
    assert_eq!(plan.line_down(), None);
    assert_eq!(plan.next(&one_due(), at(0)), Move::Deliver);
    let damaged = plan.learn(Finding::PageDamaged.into(), 0, false, at(0), 0);
    assert_eq!(damaged, Entry::Trouble { code: "page_damaged", next_try_at: at(600) });
}

#[test]
fn a_line_that_breaks_but_moves_is_tried_again_at_once() {
    let mut plan = Plan::default();
    for tries in 0..20 {
        let entry = plan.learn(LineTrouble::Cut.into(), tries, true, at(0), u32::MAX);
        let Entry::Trouble { next_try_at, .. } = entry else { panic!("{entry:?}") };
        assert!(next_try_at <= at(2));
    }
}

#[test]
fn a_receipt_opens_the_line_and_calling_off_leaves_no_trace() {
    let mut plan = Plan::default();
    plan.learn(LineTrouble::Gateway.into(), 0, false, at(0), 0);
    assert_eq!(plan.learn(LineTrouble::Stopped.into(), 0, false, at(0), 0), Entry::Nothing);
    assert_eq!(plan.line_down(), Some("gateway"), "stopping says nothing about the line");
    assert!(matches!(plan.learn(done(), 0, false, at(0), 0), Entry::Receipt(_)));
    assert_eq!(plan.line_down(), None);
}

#[test]
fn a_clock_put_back_by_ten_years_does_not_stop_the_line_for_ten_years() {
    let mut plan = Plan::default();
    plan.learn(LineTrouble::NoNetwork.into(), 0, false, at(0), 0);
    let ten_years = 10 * 365 * 86_400;
    assert_eq!(plan.next(&one_due(), at(-ten_years)), Move::Deliver);
}

#[test]
fn the_hall_full_or_busy_names_the_pace() {
    let mut plan = Plan::default();
    let busy = Outcome::Wait { code: "busy", retry_after: Some(Duration::from_secs(120)) };
    assert_eq!(plan.learn(busy, 0, false, at(0), 0), Entry::Trouble { code: "busy", next_try_at: at(120) });
    assert_eq!(plan.next(&one_due(), at(119)), Move::Rest(Duration::from_secs(1)));
}

#[test]
fn a_feed_that_says_nothing_at_once_is_not_asked_in_a_circle() {
    let mut pace = Pace::default();
    assert_eq!(pace.feed_pause(false, Duration::from_millis(10)), Duration::from_millis(990));
    assert_eq!(pace.feed_pause(false, Duration::from_secs(25)), Duration::ZERO);
    assert_eq!(pace.feed_pause(true, Duration::ZERO), Duration::ZERO);
}

proptest! {
    /// Whatever happened before, a queue with something due is tried again within the longest patience.
    #[test]
    fn nothing_stays_stuck(troubles in proptest::collection::vec((0usize..LineTrouble::ALL.len(), any::<bool>(), any::<u32>()), 0..30)) {
        let mut plan = Plan::default();
        for (tries, (which, progressed, dice)) in (0u32..).zip(troubles) {
            plan.learn(LineTrouble::ALL[which].into(), tries, progressed, at(0), dice);
        }
        let mut now = at(0);
        let mut rests = 0;
        while let Move::Rest(rest) = plan.next(&one_due(), now) {
            now = later(now, rest);
            rests += 1;
            prop_assert!(rests < 100);
        }
        prop_assert!(now <= at(900));
    }
}

#[test]
fn one_large_parcel_goes_at_a_time_and_small_ones_beside_it() {
    use crate::client::tests::scripted::pack;
    let large: Vec<Parcel> = [1, 2].map(|number| pack(number, &[600_000]).parcel).into();
    let small: Vec<Parcel> = [3, 4, 5].map(|number| pack(number, &[3000]).parcel).into();
    let load = |parcels: &[&Parcel]| -> Vec<Load> { parcels.iter().map(|parcel| Load::of(parcel)).collect() };
    let chosen = |due: &[Parcel], under_way: &[&Parcel]| beside(due, &load(under_way)).map(|parcel| parcel.act.id);
    let all = [large.clone(), small.clone()].concat();
    assert_eq!(chosen(&all, &[]), Some(large[0].act.id), "the cabinet's order is kept");
    assert_eq!(chosen(&all, &[&large[0]]), Some(small[0].act.id), "not a second large one");
    assert_eq!(chosen(&all, &[&small[0]]), Some(large[0].act.id));
    assert_eq!(chosen(&all, &[&large[0], &small[0]]), Some(small[1].act.id));
    assert_eq!(chosen(&all, &[&large[0], &small[0], &small[1]]), None, "no more than {AT_ONCE}");
    assert_eq!(chosen(&large, &[&large[0]]), None);
    // What is nearly up is small.
    let mut nearly = large[1].clone();
    nearly.pages[0].offset = 550_000;
    assert_eq!(chosen(&[nearly.clone()], &[&large[0]]), Some(nearly.act.id));
    // A later act of the same filing waits for the earlier.
    let mut later = small[0].clone();
    later.act.id = Uuid::from_u128(77);
    assert_eq!(chosen(&[later], &[&small[0]]), None);
}
