//! What goes up, in which order, and what may not happen to it.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use matters::{Digest, PageRef, SupplementItem, What};
use proptest::prelude::*;
use uuid::Uuid;

use crate::{fixtures::*, *};

fn supplement(cabinet: &mut Cabinet, sealed: &matters::Sealed, n: u128, bytes: usize) -> matters::Act {
    let correction = id(n + 50_000);
    let draft = Draft { supplement_to: Some((sealed.filing().id, correction)), ..draft(n) };
    cabinet.save_draft(&draft).unwrap();
    let page = cabinet.put_page(draft.id, "MR9", None, &picture(n as u64, bytes), 1, 1).unwrap();
    let items = vec![SupplementItem { item: 0, answer: None, note: "已补".into() }];
    let act = act(sealed, What::Supplement { correction, items, pages: vec![page] }, 1_000_000 + n);
    cabinet.enqueue(&act, Some(draft.id)).unwrap();
    assert!(cabinet.draft(draft.id).unwrap().is_none(), "the draft went with its act");
    act
}

fn withdraw(sealed: &matters::Sealed) -> matters::Act {
    act(sealed, What::Withdraw { reason: "不办了".into() }, 400_000_000)
}

fn due(cabinet: &Cabinet, second: i64) -> Vec<Uuid> {
    cabinet.parcels(at(second)).unwrap().into_iter().map(|parcel| parcel.act.id).collect()
}

#[test]
fn pages_keep_their_order_whatever_is_moved_replaced_or_deleted() {
    let room = Room::new();
    let mut cabinet = room.open();
    cabinet.save_draft(&draft(1)).unwrap();
    let mut put = |material: &str, replace, seed| cabinet.put_page(id(1), material, replace, &picture(seed, 50), 1, 1);
    for seed in 1..=4 {
        assert_eq!(put("A", None, seed).unwrap().order, seed as u32);
    }
    put("B", None, 9).unwrap();
    assert_eq!(put("A", Some(2), 7).unwrap().order, 2);
    assert!(matches!(put("A", Some(5), 8), Err(CabinetError::NoPage)));
    let names = |pages: &[PageRef]| -> Vec<(String, u32, Digest)> {
        pages.iter().map(|page| (page.material.clone(), page.order, page.sha256)).collect()
    };
    let expected = |seeds: &[u64]| -> Vec<(String, u32, Digest)> {
        let a = seeds.iter().zip(1..).map(|(seed, order)| ("A".to_owned(), order, Digest::of(&picture(*seed, 50))));
        a.chain([("B".to_owned(), 1, Digest::of(&picture(9, 50)))]).collect()
    };
    let kept = |cabinet: &Cabinet| names(&cabinet.draft(id(1)).unwrap().unwrap().pages);
    assert_eq!(kept(&cabinet), expected(&[1, 7, 3, 4]));
    assert!(cabinet.page(Digest::of(&picture(2, 50))).unwrap().is_none(), "a replaced page is gone");
    assert!(cabinet.page(Digest::of(&picture(8, 50))).unwrap().is_none(), "a refused page leaves nothing");
    assert_eq!(names(&cabinet.move_page(id(1), "A", 4, 1).unwrap()), expected(&[4, 1, 7, 3]));
    assert_eq!(names(&cabinet.move_page(id(1), "A", 1, 99).unwrap()), expected(&[1, 7, 3, 4]));
    assert_eq!(names(&cabinet.delete_page(id(1), "A", 2).unwrap()), expected(&[1, 3, 4]));
    assert!(matches!(cabinet.delete_page(id(1), "A", 4), Err(CabinetError::NoPage)));
    assert!(matches!(cabinet.move_page(id(2), "A", 1, 1), Err(CabinetError::NoPage)));
    assert_eq!(kept(&cabinet), expected(&[1, 3, 4]));
    // The same picture twice is kept once, and goes with its last place.
    cabinet.put_page(id(1), "C", None, &picture(1, 50), 1, 1).unwrap();
    cabinet.delete_page(id(1), "C", 1).unwrap();
    assert!(cabinet.page(Digest::of(&picture(1, 50))).unwrap().is_some());
    cabinet.delete_draft(id(1)).unwrap();
    assert!(cabinet.page(Digest::of(&picture(1, 50))).unwrap().is_none());
    let pages: i64 = cabinet.conn.query_row("SELECT count(*) FROM page", [], |row| row.get(0)).unwrap();
    assert_eq!(pages, 0);
}

#[test]
fn a_page_put_between_others_and_two_that_become_one_leave_no_gap() {
    let room = Room::new();
    let mut cabinet = room.open();
    cabinet.save_draft(&draft(1)).unwrap();
    let shown = |cabinet: &Cabinet| -> Vec<(u32, Digest)> {
        cabinet.draft(id(1)).unwrap().unwrap().pages.iter().map(|page| (page.order, page.sha256)).collect()
    };
    let expected = |seeds: &[u64]| -> Vec<(u32, Digest)> {
        seeds.iter().zip(1..).map(|(seed, order)| (order, Digest::of(&picture(*seed, 50)))).collect()
    };
    for seed in 1..=3 {
        cabinet.put_page(id(1), "A", None, &picture(seed, 50), 1, 1).unwrap();
    }
    assert_eq!(cabinet.insert_page(id(1), "A", 2, &picture(4, 50), 6, 7).unwrap().order, 2);
    assert_eq!(shown(&cabinet), expected(&[1, 4, 2, 3]));
    assert_eq!(cabinet.insert_page(id(1), "A", 99, &picture(5, 50), 1, 1).unwrap().order, 5, "beyond the last is the last");
    assert_eq!(cabinet.insert_page(id(1), "A", 0, &picture(6, 50), 1, 1).unwrap().order, 1);
    assert_eq!(shown(&cabinet), expected(&[6, 1, 4, 2, 3, 5]));
    assert!(matches!(cabinet.insert_page(id(2), "A", 1, &picture(7, 50), 1, 1), Err(CabinetError::NoDraft)));
    assert!(cabinet.page(Digest::of(&picture(7, 50))).unwrap().is_none(), "a refused page leaves nothing");

    let joined = cabinet.join_pages(id(1), "A", (2, 3), &picture(8, 50), 2480, 3508).unwrap();
    assert_eq!(joined.len(), 5);
    assert_eq!((joined[1].width_px, joined[1].height_px), (2480, 3508));
    assert_eq!(shown(&cabinet), expected(&[6, 8, 2, 3, 5]));
    assert!(cabinet.page(Digest::of(&picture(4, 50))).unwrap().is_none(), "the single side is gone");
    for pair in [(2, 2), (1, 6), (7, 1)] {
        assert!(matches!(cabinet.join_pages(id(1), "A", pair, &picture(9, 50), 1, 1), Err(CabinetError::NoPage)), "{pair:?}");
    }
    assert!(cabinet.page(Digest::of(&picture(9, 50))).unwrap().is_none());
    // The back may have been taken first.
    cabinet.join_pages(id(1), "A", (5, 4), &picture(10, 50), 1, 1).unwrap();
    assert_eq!(shown(&cabinet), expected(&[6, 8, 2, 10]));
}

#[test]
fn a_frame_is_kept_beside_its_page_and_goes_with_it() {
    let room = Room::new();
    let mut cabinet = room.open();
    cabinet.save_draft(&draft(1)).unwrap();
    let page = cabinet.put_page(id(1), "A", None, &picture(1, 50), 1, 1).unwrap();
    cabinet.keep_frame(page.sha256, &picture(2, 500)).unwrap();
    cabinet.keep_frame(page.sha256, &picture(3, 500)).unwrap();
    let frames = |cabinet: &Cabinet| -> Vec<Vec<u8>> {
        let mut all = cabinet.conn.prepare("SELECT content FROM frame").unwrap();
        all.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    assert_eq!(frames(&cabinet), [picture(3, 500)], "the newest of a page");
    assert!(matches!(cabinet.keep_frame(Digest::of(b"none"), &picture(4, 50)), Err(CabinetError::NoPage)));
    assert_eq!(room.read().frame(page.sha256).unwrap(), Some(picture(3, 500)));
    cabinet.put_page(id(1), "A", Some(1), &picture(5, 50), 1, 1).unwrap();
    assert_eq!(frames(&cabinet), Vec::<Vec<u8>>::new(), "the page was replaced");
    assert_eq!(room.read().frame(page.sha256).unwrap(), None);
}

#[test]
fn a_filing_is_sealed_only_as_it_stands() {
    let room = Room::new();
    let mut cabinet = room.open();
    let draft = draft(1);
    cabinet.save_draft(&draft).unwrap();
    cabinet.put_page(draft.id, "MR1", None, &picture(1, 500), 1, 1).unwrap();
    let pages = cabinet.draft(draft.id).unwrap().unwrap().pages;
    let (sealed, act) = seal(&draft, pages.clone(), "SLC-1");
    // A page came in between.
    cabinet.put_page(draft.id, "MR1", None, &picture(2, 500), 1, 1).unwrap();
    assert!(matches!(cabinet.seal(draft.id, &sealed, &act), Err(CabinetError::PagesDiffer)));
    cabinet.delete_page(draft.id, "MR1", 2).unwrap();
    // An act that files another digest, or another filing.
    let other = matters::Act { what: What::File { digest: Digest::of(b"") }, ..act.clone() };
    assert!(matches!(cabinet.seal(draft.id, &sealed, &other), Err(CabinetError::Contradiction(_))));
    let other = matters::Act { filing: id(5), ..act.clone() };
    assert!(matches!(cabinet.seal(draft.id, &sealed, &other), Err(CabinetError::Contradiction(_))));
    assert!(matches!(cabinet.seal(id(77), &sealed, &act), Err(CabinetError::NoDraft)));
    assert!(matches!(cabinet.enqueue(&act, Some(draft.id)), Err(CabinetError::Contradiction(_))), "filing is for seal alone");
    // A page whose bytes rotted is noticed while the paper is on the table.
    cabinet.conn.execute("UPDATE page SET content = zeroblob(500)", []).unwrap();
    assert!(matches!(cabinet.seal(draft.id, &sealed, &act), Err(CabinetError::Damaged)));
    cabinet.put_page(draft.id, "MR1", Some(1), &picture(1, 500), 1, 1).unwrap();
    assert_eq!(cabinet.draft(draft.id).unwrap().unwrap().pages, pages);
    cabinet.seal(draft.id, &sealed, &act).unwrap();

    // The number is taken, the act's id is taken, the filing's id is taken.
    let second = Draft { changed_at: at(77), ..crate::fixtures::draft(2) };
    cabinet.save_draft(&second).unwrap();
    let (same_number, its_act) = seal(&second, Vec::new(), "SLC-1");
    assert!(matches!(cabinet.seal(second.id, &same_number, &its_act), Err(CabinetError::NumberTaken)));
    let (fresh, its_act) = seal(&second, Vec::new(), "SLC-2");
    let taken = matters::Act { id: act.id, ..its_act.clone() };
    assert!(matches!(cabinet.seal(second.id, &fresh, &taken), Err(CabinetError::Conflict)));
    let (same_id, its_act) = seal(&Draft { id: draft.id, ..second.clone() }, Vec::new(), "SLC-3");
    assert!(matches!(cabinet.seal(second.id, &same_id, &its_act), Err(CabinetError::Conflict)));
    assert_eq!(room.read().filings(9).unwrap().len(), 1);
    assert!(cabinet.draft(second.id).unwrap().is_some(), "a refused sealing leaves the draft");
}

#[test]
fn acts_of_one_filing_go_in_order_and_filings_do_not_wait_for_each_other() {
    let room = Room::new();
    let mut cabinet = room.open();
    let (large, first) = file(&mut cabinet, 1, &[9_000]);
    let (_, second) = file(&mut cabinet, 2, &[100]);
    let answer = supplement(&mut cabinet, &large, 3, 50);
    let leave = withdraw(&large);
    cabinet.enqueue(&leave, None).unwrap();
    cabinet.enqueue(&leave, None).unwrap();
    assert!(matches!(cabinet.enqueue(&matters::Act { revision: 9, ..leave.clone() }, None), Err(CabinetError::Conflict)));
    assert_eq!(due(&cabinet, 10), [second.id, first.id], "small before large, one of each filing");
    let queue = room.read().queue().unwrap();
    assert_eq!((queue.filings_waiting, queue.pages_waiting, queue.bytes_total), (2, 3, 9_150));

    // What is left counts, not what there was.
    cabinet.record_upload(first_page(&large), Some("/x"), 8_990, false).unwrap();
    assert_eq!(due(&cabinet, 10), [first.id, second.id]);
    cabinet.record_receipt(&receipt(&first, 1)).unwrap();
    assert_eq!(due(&cabinet, 10), [answer.id, second.id]);
    let (code, by, when) = ("stale_revision".to_owned(), "赵样例".to_owned(), at(70));
    let refused = Some((code.clone(), by.clone(), when));
    cabinet.record_receipt(&ReceiptNews { refused, ..receipt(&answer, 2) }).unwrap();
    assert_eq!(due(&cabinet, 10), [leave.id, second.id]);
    let full = room.read().filing(large.filing().id).unwrap().unwrap();
    let states: Vec<ActState> = full.acts.into_iter().map(|(_, state)| state).collect();
    assert_eq!(states, [ActState::Acknowledged { at: at(5_000) }, ActState::Refused { code, by, at: when }, ActState::Waiting]);
}

fn first_page(sealed: &matters::Sealed) -> Digest {
    sealed.filing().pages[0].sha256
}

/// Seed 201472: sealed twice, on a cabinet and on its copy; what the agent then decided waited for ever.
#[test]
fn what_is_decided_on_a_case_that_a_copy_filed_first_still_reaches_the_hall() {
    let room = Room::new();
    let mut cabinet = room.open();
    let (sealed, first) = file(&mut cabinet, 1, &[10]);
    let leave = withdraw(&sealed);
    cabinet.enqueue(&leave, None).unwrap();
    cabinet.quarantine(first.id, "act_conflict").unwrap();
    assert_eq!(due(&cabinet, 10), [leave.id], "the hall knows the case, by the other sealing");
    let stick: Vec<Uuid> = cabinet.waiting().unwrap().iter().map(|parcel| parcel.act.id).collect();
    assert_eq!(stick, [leave.id]);
}

#[test]
fn a_quarantined_filing_holds_back_its_own_acts_and_nobody_else() {
    let room = Room::new();
    let mut cabinet = room.open();
    let (sealed, first) = file(&mut cabinet, 1, &[10]);
    let (_, second) = file(&mut cabinet, 2, &[20]);
    let answer = supplement(&mut cabinet, &sealed, 3, 50);
    cabinet.quarantine(first.id, "form-faulty").unwrap();
    assert_eq!(due(&cabinet, 10), [second.id]);
    let row = room.read().filings(9).unwrap().pop().unwrap();
    assert_eq!((row.stage, row.trouble.as_deref()), (Stage::Quarantined, Some("form-faulty")));
    assert_eq!(room.read().queue().unwrap().quarantined, 1);
    cabinet.release(first.id).unwrap();
    assert_eq!(due(&cabinet, 10), [first.id, second.id]);
    cabinet.record_receipt(&receipt(&first, 1)).unwrap();
    cabinet.quarantine(answer.id, "page-unknown").unwrap();
    let leave = withdraw(&sealed);
    cabinet.enqueue(&leave, None).unwrap();
    assert_eq!(due(&cabinet, 10), [leave.id, second.id], "a later act is not held back by an answer that is refused");
    for settled in [cabinet.quarantine(first.id, "x"), cabinet.release(first.id)] {
        assert!(matches!(settled, Err(CabinetError::IllegalStep { from: "acknowledged", .. })), "a receipt is not taken back");
    }
    assert!(matches!(cabinet.quarantine(id(999), "x"), Err(CabinetError::NoAct)));
    assert!(matches!(cabinet.record_receipt(&receipt(&withdraw(&seal(&draft(9), vec![], "z").0), 1)), Err(CabinetError::NoAct)));
}

#[test]
fn trouble_waits_its_time_but_never_for_a_wrong_clock() {
    let room = Room::new();
    let mut cabinet = room.open();
    let (_, act) = file(&mut cabinet, 1, &[10]);
    assert_eq!(cabinet.next_due().unwrap(), Some(at(1)), "a new act is due since it was done");
    cabinet.record_trouble(act.id, "no_network", Some(at(600))).unwrap();
    assert!(due(&cabinet, 599).is_empty());
    assert_eq!(cabinet.next_due().unwrap(), Some(at(600)));
    let row = room.read().filings(1).unwrap().remove(0);
    assert_eq!((row.trouble.as_deref(), row.next_try_at), (Some("no_network"), Some(at(600))));
    let parcel = cabinet.parcels(at(600)).unwrap().remove(0);
    assert_eq!((parcel.tries, parcel.next_try_at), (1, Some(at(600))));
    cabinet.send_now().unwrap();
    assert_eq!(due(&cabinet, 0), [act.id]);
    // Written while the clock stood at 2040: with the clock right again it is due.
    let wrong = at(0) + SignedDuration::from_hours(24 * 5_000);
    cabinet.record_trouble(act.id, "no_network", Some(wrong)).unwrap();
    assert_eq!(due(&cabinet, 0), [act.id]);
    assert!(cabinet.parcels(wrong - SignedDuration::from_hours(1)).unwrap().is_empty());
    // And while it stood 20 hours ahead: nobody's patience is that long.
    cabinet.record_trouble(act.id, "no_network", Some(at(20 * 3600))).unwrap();
    assert_eq!(due(&cabinet, 0), [act.id]);
    cabinet.set_paused(true).unwrap();
    assert!(due(&cabinet, 0).is_empty());
    assert_eq!(cabinet.next_due().unwrap(), None);
    assert!(room.read().queue().unwrap().paused);
    drop(cabinet);
    let mut cabinet = room.open();
    assert!(due(&cabinet, 0).is_empty(), "a pause survives a restart");
    cabinet.set_paused(false).unwrap();
    cabinet.record_receipt(&receipt(&act, 1)).unwrap();
    cabinet.record_trouble(act.id, "late", Some(at(1))).unwrap();
    assert_eq!(room.read().filings(1).unwrap()[0].trouble, None, "trouble after the receipt is no news");
    assert_eq!(cabinet.next_due().unwrap(), None);
}

#[test]
fn an_upload_is_resumed_forgotten_and_never_beyond_its_page() {
    let room = Room::new();
    let mut cabinet = room.open();
    let (sealed, act) = file(&mut cabinet, 1, &[1_000]);
    let page = first_page(&sealed);
    assert!(matches!(cabinet.record_upload(page, None, 1_001, false), Err(CabinetError::Contradiction(_))));
    assert!(matches!(cabinet.record_upload(Digest::of(b"?"), None, 0, false), Err(CabinetError::NoPage)));
    cabinet.record_upload(page, Some("/u/1"), 10, false).unwrap();
    cabinet.record_upload(page, None, 500, false).unwrap();
    drop(cabinet);
    let mut cabinet = room.open();
    let upload = |cabinet: &Cabinet| cabinet.parcels(at(1)).unwrap()[0].pages[0].clone();
    assert_eq!(upload(&cabinet).location.as_deref(), Some("/u/1"));
    assert_eq!(upload(&cabinet).offset, 500, "where it stood survives a restart");
    cabinet.forget_upload(page).unwrap();
    assert_eq!(upload(&cabinet), PageUpload { sha256: page, bytes: 1_000, location: None, offset: 0, done: false });
    cabinet.record_receipt(&receipt(&act, 1)).unwrap();
    // The next act with the same page does not send it again.
    let again = supplement(&mut cabinet, &sealed, 8, 70);
    cabinet.record_receipt(&receipt(&again, 2)).unwrap();
    let draft = Draft { supplement_to: Some((sealed.filing().id, id(60_000))), ..draft(9) };
    cabinet.save_draft(&draft).unwrap();
    let same = cabinet.put_page(draft.id, "MR1", None, &picture(1 << 8, 1_000), 100, 200).unwrap();
    assert_eq!(same.sha256, page);
    let what = What::Supplement { correction: id(60_000), items: Vec::new(), pages: vec![same] };
    cabinet.enqueue(&crate::fixtures::act(&sealed, what, 900), Some(draft.id)).unwrap();
    assert!(upload(&cabinet).done);
}

#[test]
fn a_supplement_belongs_to_its_own_correction() {
    let room = Room::new();
    let mut cabinet = room.open();
    let (sealed, _) = file(&mut cabinet, 1, &[]);
    let draft = Draft { supplement_to: Some((sealed.filing().id, id(60_000))), ..draft(9) };
    cabinet.save_draft(&draft).unwrap();
    let what = |correction| What::Supplement { correction, items: Vec::new(), pages: Vec::new() };
    let other = act(&sealed, what(id(60_001)), 900);
    assert!(matches!(cabinet.enqueue(&other, Some(draft.id)), Err(CabinetError::Contradiction(_))));
    assert!(matches!(cabinet.enqueue(&withdraw(&sealed), Some(draft.id)), Err(CabinetError::Contradiction(_))));
    let (wrongly, act_of_it) = seal(&draft, Vec::new(), "SLC-9");
    assert!(matches!(cabinet.seal(draft.id, &wrongly, &act_of_it), Err(CabinetError::Contradiction(_))));
    let page = PageRef { material: "A".into(), order: 1, sha256: Digest::of(b""), bytes: 0, width_px: 1, height_px: 1 };
    let named = What::Supplement { correction: id(60_000), items: Vec::new(), pages: vec![page] };
    assert!(matches!(cabinet.enqueue(&act(&sealed, named.clone(), 901), Some(draft.id)), Err(CabinetError::PagesDiffer)));
    assert!(matches!(cabinet.enqueue(&act(&sealed, named, 901), None), Err(CabinetError::PagesDiffer)));
    cabinet.enqueue(&act(&sealed, what(id(60_000)), 902), Some(draft.id)).unwrap();
    assert!(matches!(cabinet.save_draft(&draft), Err(CabinetError::Closed)));
}

#[derive(Clone, Debug)]
enum Event {
    Receipt(usize),
    Refusal(usize),
    Trouble(usize, i64),
    Quarantine(usize),
    Release(usize),
    Upload(usize, u64),
    SendNow,
    Reopen,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let which = 0usize..8;
    let one = prop_oneof![
        which.clone().prop_map(Event::Receipt),
        which.clone().prop_map(Event::Refusal),
        (which.clone(), 0i64..100).prop_map(|(which, at)| Event::Trouble(which, at)),
        which.clone().prop_map(Event::Quarantine),
        which.clone().prop_map(Event::Release),
        (which, 0u64..30).prop_map(|(which, offset)| Event::Upload(which, offset)),
        Just(Event::SendNow),
        Just(Event::Reopen),
    ];
    proptest::collection::vec(one, 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever happens in whatever order: no receipt is lost, parcels keep the order within a
    /// filing, and in the end everything can be settled.
    #[test]
    fn in_any_order_of_events_the_queue_stays_honest(events in events()) {
        let room = Room::new();
        let mut cabinet = room.open();
        let mut acts = Vec::new();
        for n in 1..=4 {
            let (sealed, filed) = file(&mut cabinet, n, &[20 + n as usize]);
            let leave = withdraw(&sealed);
            cabinet.enqueue(&leave, None).unwrap();
            acts.extend([filed, leave]);
        }
        let mut settled = BTreeSet::new();
        for event in events {
            match event {
                Event::Receipt(i) => {
                    cabinet.record_receipt(&receipt(&acts[i], 1)).unwrap();
                    settled.insert(acts[i].id);
                }
                Event::Refusal(i) => {
                    let refused = Some(("stale_revision".to_owned(), String::new(), at(1)));
                    cabinet.record_receipt(&ReceiptNews { refused, ..receipt(&acts[i], 1) }).unwrap();
                    settled.insert(acts[i].id);
                }
                Event::Trouble(i, second) => cabinet.record_trouble(acts[i].id, "x", Some(at(second))).unwrap(),
                Event::Quarantine(i) => prop_assert_eq!(cabinet.quarantine(acts[i].id, "x").is_err(), settled.contains(&acts[i].id)),
                Event::Release(i) => prop_assert_eq!(cabinet.release(acts[i].id).is_err(), settled.contains(&acts[i].id)),
                Event::Upload(i, offset) => {
                    let sizes = [21, 22, 23, 24];
                    let page = Digest::of(&picture(((i / 2 + 1) as u64) << 8, sizes[i / 2]));
                    let result = cabinet.record_upload(page, Some("/u"), offset, false);
                    prop_assert_eq!(result.is_ok(), offset <= sizes[i / 2] as u64);
                }
                Event::SendNow => cabinet.send_now().unwrap(),
                Event::Reopen => {
                    drop(cabinet);
                    cabinet = room.open();
                }
            }
            let parcels = cabinet.parcels(at(50)).unwrap();
            let filings: BTreeSet<Uuid> = parcels.iter().map(|parcel| parcel.act.filing).collect();
            prop_assert_eq!(filings.len(), parcels.len(), "one parcel a filing at most");
            for parcel in &parcels {
                prop_assert!(!settled.contains(&parcel.act.id));
                prop_assert_eq!(parcel.filing_bytes.is_some(), matches!(parcel.act.what, What::File { .. }));
            }
        }
        for filing in room.read().filings(9).unwrap() {
            let full = room.read().filing(filing.id).unwrap().unwrap();
            for (act, state) in full.acts {
                let kept = matches!(state, ActState::Acknowledged { .. } | ActState::Refused { .. });
                prop_assert_eq!(kept, settled.contains(&act.id));
            }
        }
        for act in acts.iter().filter(|act| !settled.contains(&act.id)) {
            cabinet.release(act.id).unwrap();
        }
        for _ in 0..2 {
            for parcel in cabinet.parcels(at(50)).unwrap() {
                cabinet.record_receipt(&receipt(&parcel.act, 1)).unwrap();
            }
        }
        let queue = room.read().queue().unwrap();
        prop_assert_eq!((queue.filings_waiting, queue.quarantined, queue.bytes_total), (0, 0, 0));
        prop_assert!(cabinet.integrity().unwrap().is_whole());
    }
}

#[test]
fn on_a_metered_network_only_what_is_small_goes_until_somebody_sends_by_hand() {
    let room = Room::new();
    let mut cabinet = room.open();
    let (_, large) = file(&mut cabinet, 1, &[400_000, 200_000]);
    let (_, small) = file(&mut cabinet, 2, &[90_000]);
    cabinet.set_metered(true).unwrap();
    assert_eq!(due(&cabinet, 10), [small.id]);
    let why: Vec<Why> = room.read().open_acts().unwrap().into_iter().map(|act| act.why).collect();
    assert_eq!(why, [Why::Metered, Why::Untried]);
    // Half of it is there already: what is left is small.
    let first = cabinet.waiting().unwrap()[0].pages.iter().max_by_key(|page| page.bytes).unwrap().sha256;
    cabinet.record_upload(first, Some("/u1"), 400_000, true).unwrap();
    assert_eq!(due(&cabinet, 10).len(), 2);
    cabinet.forget_upload(first).unwrap();
    drop(cabinet);
    let mut cabinet = room.open();
    assert_eq!(due(&cabinet, 10), [small.id], "a restart does not forget it");
    cabinet.send_now().unwrap();
    assert_eq!(due(&cabinet, 10).len(), 2);
    cabinet.record_trouble(large.id, "line_cut", Some(at(20))).unwrap();
    assert_eq!(due(&cabinet, 30).len(), 2, "sent by hand is sent, however often the line breaks");
    let (_, later) = file(&mut cabinet, 3, &[700_000]);
    assert!(!due(&cabinet, 30).contains(&later.id), "and that went for what lay there then");
    cabinet.set_metered(false).unwrap();
    assert_eq!(due(&cabinet, 30).len(), 3);
    cabinet.set_paused(true).unwrap();
    assert!(due(&cabinet, 30).is_empty());
    assert!(room.read().open_acts().unwrap().iter().all(|act| act.why == Why::Paused));
}

#[test]
fn a_question_is_compiled_once_however_often_and_with_whatever_it_is_asked() {
    use std::sync::{Arc, atomic};
    let room = Room::new();
    let mut cabinet = room.open();
    for n in 1..4 {
        file(&mut cabinet, n, &[100, 200]);
    }
    let mut reading = room.read();
    let compiled = Arc::new(atomic::AtomicU64::new(0));
    for conn in [&mut cabinet.conn, &mut reading.conn] {
        let compiled = Arc::clone(&compiled);
        // SQLite asks for leave while it compiles. BEGIN and its end are one word each and never kept.
        let hook = move |asked: rusqlite::hooks::AuthContext<'_>| {
            let counts = !matches!(asked.action, rusqlite::hooks::AuthAction::Transaction { .. });
            compiled.fetch_add(u64::from(counts), atomic::Ordering::Relaxed);
            rusqlite::hooks::Authorization::Allow
        };
        conn.authorizer(Some(hook)).unwrap();
    }
    let ask = |n: i64| {
        assert_eq!((cabinet.parcels(at(n)).unwrap().len(), reading.filings(n as usize + 5).unwrap().len()), (3, 3));
        cabinet.next_due().unwrap();
        reading.filing(id(n as u128)).unwrap();
        reading.cases_elsewhere(n as usize).unwrap();
    };
    ask(10);
    let first = compiled.load(atomic::Ordering::Relaxed);
    assert!(first > 0);
    (11..20).for_each(ask);
    assert_eq!(compiled.load(atomic::Ordering::Relaxed), first, "compiled again");
}
