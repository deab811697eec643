//! What comes down, however often and in whatever order.

use matters::{AgentAccount, CaseView, Correction, Digest, Role, State};
use proptest::prelude::*;

use crate::{fixtures::*, *};

fn agent(account: &str) -> AgentAccount {
    AgentAccount {
        account: account.into(),
        name: "王样本".into(),
        verifier: "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA".into(),
        role: Role::Agent,
        valid_until: jiff::civil::date(2030, 1, 1),
        post: "A".into(),
        phone: String::new(),
    }
}

fn news(cursor: u64, cases: Vec<CaseView>) -> FeedNews {
    FeedNews { cursor, cases, ..FeedNews::default() }
}

fn stands(incarnation: u128, sequence: u64) -> Option<LedgerAt> {
    Some(LedgerAt { incarnation: id(incarnation), sequence, chain: None })
}

fn state_of(room: &Room, n: usize) -> Option<(State, u64)> {
    state_in(&room.read(), n)
}

fn state_in(reading: &Reading, n: usize) -> Option<(State, u64)> {
    let case = reading.filings(9).unwrap()[n].case.clone()?;
    Some((case.state, case.revision))
}

#[test]
fn a_page_of_the_feed_and_its_cursor_come_together() {
    let room = Room::new();
    let mut cabinet = room.open();
    cabinet.set_admission(&admission()).unwrap();
    let (sealed, _) = file(&mut cabinet, 1, &[]);
    let page = FeedNews {
        cursor: 12,
        hall_time: Some(at(100)),
        cases: vec![case(&sealed, State::Received, 1)],
        agents: Some(vec![agent("wang"), agent("li")]),
        particulars: Some(particulars("石榴村新点")),
        ..FeedNews::default()
    };
    cabinet.apply_feed(&page).unwrap();
    cabinet.apply_feed(&page).unwrap();
    drop(cabinet);
    let mut cabinet = room.open();
    assert_eq!(cabinet.cursor().unwrap(), 12);
    assert_eq!(cabinet.agents().unwrap(), [agent("wang"), agent("li")]);
    assert_eq!(room.read().agents().unwrap().len(), 2);
    let admitted = cabinet.admission().unwrap().unwrap();
    assert_eq!(admitted.particulars.point_name, "石榴村新点");
    assert_eq!(admitted.key_pem.expose(), "key", "the key stays");
    assert_eq!(state_of(&room, 0), Some((State::Received, 1)));

    // A page that could not be written leaves nothing of itself: the trigger stands for any fault.
    cabinet
        .conn
        .execute_batch(
            "CREATE TEMP TRIGGER fault BEFORE UPDATE ON setting WHEN NEW.name = 'cursor' BEGIN SELECT RAISE(ABORT, 'fault'); END",
        )
        .unwrap();
    assert!(cabinet.apply_feed(&news(13, vec![case(&sealed, State::Accepted, 2)])).is_err());
    assert_eq!(state_of(&room, 0), Some((State::Received, 1)));
    assert_eq!(cabinet.cursor().unwrap(), 12);
}

#[test]
fn a_late_page_changes_no_newer_thing() {
    let room = Room::new();
    let mut cabinet = room.open();
    let (sealed, _) = file(&mut cabinet, 1, &[]);
    cabinet
        .apply_feed(&FeedNews { agents: Some(vec![agent("new")]), ..news(9, vec![case(&sealed, State::Accepted, 5)]) })
        .unwrap();
    cabinet
        .apply_feed(&FeedNews { agents: Some(vec![agent("old")]), ..news(4, vec![case(&sealed, State::Received, 3)]) })
        .unwrap();
    assert_eq!(state_of(&room, 0), Some((State::Accepted, 5)));
    assert_eq!(cabinet.cursor().unwrap(), 9);
    assert_eq!(cabinet.agents().unwrap(), [agent("new")]);
    // Another terminal's case is kept and listed apart.
    let (foreign, _) = seal(&draft(50), Vec::new(), "SLC-50");
    cabinet.apply_feed(&news(10, vec![case(&foreign, State::Received, 1)])).unwrap();
    assert_eq!(room.read().cases_elsewhere(9).unwrap(), [case(&foreign, State::Received, 1)]);
}

#[test]
fn what_a_hall_that_was_put_back_refuses_blocks_nobody_and_its_receipt_stays() {
    let room = Room::new();
    let mut cabinet = room.open();
    let (sealed, act) = file(&mut cabinet, 1, &[10]);
    cabinet.apply_feed(&FeedNews { ledger: stands(1, 5), ..news(1, Vec::new()) }).unwrap();
    cabinet.record_receipt(&receipt(&act, 1)).unwrap();
    cabinet.apply_feed(&FeedNews { ledger: stands(2, 3), ..news(2, Vec::new()) }).unwrap();
    assert_eq!(cabinet.parcels(at(0)).unwrap()[0].act, act, "offered again");
    // Meanwhile it took another filing of the same draft, from a copy of this cabinet.
    cabinet.quarantine(act.id, "act_conflict").unwrap();
    assert!(cabinet.parcels(at(0)).unwrap().is_empty());
    assert_eq!(cabinet.next_due().unwrap(), None);
    assert!(room.read().filing(sealed.filing().id).unwrap().unwrap().receipt.is_some());
}

#[test]
fn a_hall_restored_from_a_backup_is_offered_what_it_lost() {
    let room = Room::new();
    let mut cabinet = room.open();
    let (early, first) = file(&mut cabinet, 1, &[30]);
    cabinet.record_receipt(&receipt(&first, 1)).unwrap();
    cabinet.apply_feed(&FeedNews { ledger: stands(1, 10), ..news(10, vec![case(&early, State::Accepted, 7)]) }).unwrap();
    let (_, second) = file(&mut cabinet, 2, &[40]);
    cabinet.record_receipt(&receipt(&second, 1)).unwrap();
    cabinet.apply_feed(&FeedNews { ledger: stands(1, 20), ..news(20, vec![]) }).unwrap();
    let (_, third) = file(&mut cabinet, 3, &[50]);
    cabinet.record_receipt(&receipt(&third, 1)).unwrap();
    assert!(cabinet.parcels(at(10)).unwrap().is_empty());

    // Back to 15, from wherever: it may have been further back and grown since, so nothing is taken as held.
    cabinet.apply_feed(&FeedNews { ledger: stands(1, 15), ..news(15, vec![case(&early, State::Received, 2)]) }).unwrap();
    let offered: Vec<_> = cabinet.parcels(at(10)).unwrap().into_iter().map(|parcel| (parcel.act, parcel.pages[0].done)).collect();
    let all = [&first, &second, &third].map(|act| (act.clone(), false));
    assert_eq!(offered, all, "under their old ids, with their pages");
    assert_eq!(cabinet.cursor().unwrap(), 15);
    assert_eq!(state_of(&room, 2), Some((State::Received, 2)), "the hall's word after its restart replaces a higher revision");
    assert_eq!(room.read().filings(9).unwrap()[1].stage, Stage::Received, "the receipt is still held");
    cabinet.record_trouble(second.id, "no_network", Some(at(100))).unwrap();
    assert_eq!(cabinet.parcels(at(10)).unwrap().len(), 2);
    cabinet.record_receipt(&receipt(&first, 1)).unwrap();
    cabinet.record_receipt(&receipt(&second, 1)).unwrap();
    cabinet.record_receipt(&receipt(&third, 1)).unwrap();
    assert!(cabinet.parcels(at(100)).unwrap().is_empty());
    cabinet.apply_feed(&FeedNews { ledger: stands(1, 18), ..news(18, vec![]) }).unwrap();
    assert!(cabinet.parcels(at(100)).unwrap().is_empty(), "going on is no restart");
    // Another incarnation does not say how far it went back: all is offered.
    cabinet.apply_feed(&FeedNews { ledger: stands(2, 90), ..news(90, vec![]) }).unwrap();
    assert_eq!(cabinet.parcels(at(100)).unwrap().len(), 3);
}

/// Put back to an image and grown past what this terminal saw, before it asked again (seed 215 of the worlds).
#[test]
fn a_hall_that_grew_again_after_it_was_put_back_is_offered_what_it_lost() {
    let room = Room::new();
    let mut cabinet = room.open();
    let (_, act) = file(&mut cabinet, 1, &[30]);
    let at_20 = LedgerAt { incarnation: id(1), sequence: 20, chain: Some(Digest([2; 32])) };
    let seen = |since, now, went_back| LedgerSeen { since, now, went_back };
    assert!(!cabinet.note_ledger(&seen(None, at_20, false)).unwrap());
    cabinet.record_receipt(&receipt(&act, 1)).unwrap();
    let at_30 = LedgerAt { sequence: 30, chain: Some(Digest([3; 32])), ..at_20 };
    assert!(!cabinet.note_ledger(&seen(Some(at_20), at_30, false)).unwrap());
    assert!(cabinet.parcels(at(10)).unwrap().is_empty());
    // 45 is more than 30; but the hall says that its 30 was another.
    let at_45 = LedgerAt { sequence: 45, chain: Some(Digest([4; 32])), ..at_20 };
    assert!(cabinet.note_ledger(&seen(Some(at_30), at_45, true)).unwrap());
    assert_eq!(cabinet.parcels(at(10)).unwrap()[0].act, act, "offered again");
    assert_eq!(cabinet.ledger().unwrap(), Some(at_45));
}

#[test]
fn what_a_stick_brings_of_the_hall_is_known_only_when_it_is_news() {
    let room = Room::new();
    let mut cabinet = room.open();
    let place = |incarnation, sequence| stands(incarnation, sequence).unwrap();
    for (carried, known) in [((1, 20), (1, 20)), ((1, 15), (1, 20)), ((1, 25), (1, 25)), ((2, 99), (1, 25))] {
        cabinet.note_carried(place(carried.0, carried.1)).unwrap();
        assert_eq!(cabinet.ledger().unwrap(), stands(known.0, known.1), "{carried:?}");
    }
}

/// A cabinet of the first builds keeps a pair.
#[test]
fn where_the_ledger_stood_is_read_from_a_cabinet_of_an_earlier_build() {
    let pair = serde_json::to_string(&(id(1), 7)).unwrap();
    assert_eq!(serde_json::from_str::<LedgerAt>(&pair).ok(), stands(1, 7));
}

#[test]
fn failures_are_counted_over_a_restart_and_cleared_by_success() {
    let room = Room::new();
    let mut cabinet = room.open();
    for count in 1..=4 {
        assert_eq!(cabinet.record_failure("wang", at(0)).unwrap(), (count, None));
    }
    drop(cabinet);
    let mut cabinet = room.open();
    assert_eq!(cabinet.record_failure("wang", at(0)).unwrap(), (5, Some(at(300))));
    assert_eq!(cabinet.record_failure("wang", at(301)).unwrap(), (6, Some(at(901))));
    assert_eq!(cabinet.failures("li").unwrap(), (0, None));
    // Locked while the clock stood years ahead: after the next opening an hour at most.
    let far = at(400_000_000);
    cabinet.record_failure("wang", far).unwrap();
    drop(cabinet);
    let mut cabinet = room.open();
    assert_eq!(cabinet.failures("wang").unwrap(), (7, Some(at(0) + LOCK_LONGEST)));
    cabinet.clear_failures("wang").unwrap();
    assert_eq!(cabinet.failures("wang").unwrap(), (0, None));
    // Invented names do not push out a real one, nor fill the disk.
    cabinet.apply_feed(&FeedNews { agents: Some(vec![agent("wang")]), ..news(1, vec![]) }).unwrap();
    cabinet.record_failure("wang", at(0)).unwrap();
    cabinet.conn.execute_batch("PRAGMA synchronous = OFF").unwrap();
    for n in 0..300 {
        cabinet.record_failure(&format!("nobody-{n}"), at(0)).unwrap();
    }
    assert_eq!(cabinet.failures("wang").unwrap().0, 1);
    let kept: i64 = cabinet.conn.query_row("SELECT count(*) FROM failure", [], |row| row.get(0)).unwrap();
    assert!(kept <= 202, "{kept}");
}

#[test]
fn the_month_counts_what_was_sealed_and_what_ended() {
    let room = Room::new();
    let mut cabinet = room.open();
    let sealed: Vec<_> = (1..=4).map(|n| file(&mut cabinet, n, &[]).0).collect();
    let mut corrected = case(&sealed[0], State::InCorrection, 1);
    corrected.correction = Some(Correction {
        id: id(1),
        told_at: at(0),
        due: jiff::civil::date(2026, 7, 1),
        clerk: "赵样例".into(),
        phone: String::new(),
        items: Vec::new(),
    });
    cabinet.apply_feed(&news(1, vec![corrected])).unwrap();
    let ended =
        vec![case(&sealed[0], State::Granted, 2), case(&sealed[1], State::Refused, 1), case(&sealed[2], State::Accepted, 1)];
    cabinet.apply_feed(&news(2, ended)).unwrap();
    let month = |second| -> Vec<(String, u64)> { room.read().month(at(second)).unwrap().into_iter().collect() };
    let figures = |ended, at_once, sealed| {
        vec![("ended".to_owned(), ended), ("ended_at_once".to_owned(), at_once), ("sealed".to_owned(), sealed)]
    };
    // The fixtures' day is 2026-05-29 at +08:00.
    assert_eq!(month(0), figures(2, 1, 4));
    assert_eq!(month(86_400 * 3), figures(0, 0, 0));
}

#[test]
fn a_filing_is_found_by_name_number_and_card() {
    let room = Room::new();
    let mut cabinet = room.open();
    for (n, name) in [(1, "李样本"), (2, "欧阳样例"), (3, "阿依古丽·样本")] {
        let draft = Draft { applicant: Some(identity(name, n as u32)), ..draft(n) };
        cabinet.save_draft(&draft).unwrap();
        let (sealed, act) = seal(&draft, Vec::new(), &format!("SLC-20260601-A1-{n:04}X"));
        cabinet.seal(draft.id, &sealed, &act).unwrap();
    }
    let reading = room.read();
    let found = |text: &str| -> Vec<u32> {
        reading.search(text, 10).unwrap().iter().map(|row| row.case_number[16..20].parse().unwrap()).collect()
    };
    assert_eq!(found("样本"), [3, 1], "newest first");
    assert_eq!(found("阳样"), [2]);
    assert_eq!(found("阿依古丽样本"), [3]);
    assert_eq!(found("slc-20260601"), [3, 2, 1]);
    assert_eq!(found("0002x"), [2]);
    assert_eq!(found(&number(2)), [2]);
    assert_eq!(found(" "), [3, 2, 1]);
    assert!(found("王").is_empty());
    assert!(found("%").is_empty());
    assert_eq!(reading.search("样", 2).unwrap().len(), 2);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// Pages repeated, late and shuffled: in the end the highest revision of each case stands,
    /// and it never went down on the way.
    #[test]
    fn at_least_once_in_any_order_ends_the_same(order in proptest::collection::vec((0usize..3, 1u64..6), 1..30)) {
        let room = Room::new();
        let mut cabinet = room.open();
        cabinet.conn.execute_batch("PRAGMA synchronous = OFF").unwrap();
        let sealed: Vec<_> = (1..=3).map(|n| file(&mut cabinet, n, &[]).0).collect();
        let reading = room.read();
        let mut highest = [0; 3];
        for (which, revision) in order {
            let cursor = revision * 3 + which as u64;
            cabinet.apply_feed(&news(cursor, vec![case(&sealed[which], State::Accepted, revision)])).unwrap();
            highest[which] = revision.max(highest[which]);
            for (n, highest) in highest.iter().enumerate() {
                let stands = state_in(&reading, 2 - n).map_or(0, |(_, revision)| revision);
                prop_assert_eq!(stands, *highest);
            }
        }
    }
}

#[test]
fn what_a_newer_hall_says_of_a_case_is_kept_as_it_came() {
    let room = Room::new();
    let mut cabinet = room.open();
    let (sealed, _) = file(&mut cabinet, 1, &[]);
    let mut told = serde_json::to_value(case(&sealed, State::Received, 1)).unwrap();
    told["new_in_version_2"] = serde_json::json!({ "queue": 3 });
    let newer: CaseView = serde_json::from_value(told.clone()).unwrap();
    cabinet.apply_feed(&news(1, vec![newer])).unwrap();
    drop(cabinet);
    let kept = room.read().filings(1).unwrap()[0].case.clone().unwrap();
    assert_eq!(serde_json::to_value(kept).unwrap(), told);
}

#[test]
fn a_clock_that_cannot_be_right_is_not_believed() {
    let room = Room::new();
    let mut cabinet = room.open();
    let day = 86_400;
    assert_eq!(cabinet.plausible(at(5)).unwrap(), at(5), "nothing is known");
    cabinet.apply_feed(&FeedNews { hall_time: Some(at(100 * day)), ..news(1, vec![]) }).unwrap();
    assert_eq!(cabinet.plausible(at(99 * day)).unwrap(), at(100 * day), "the hall has signed a later time");
    assert_eq!(cabinet.plausible(at(300 * day)).unwrap(), at(300 * day), "200 days without a network");
    assert_eq!(cabinet.plausible(at(100 * day + 401 * day)).unwrap(), at(100 * day), "years ahead");
}
