//! What stays after a kill, a lost disk, an older database in the ledger's place.

use bytes::Bytes;
use matters::Digest;
use wire::problem::Kind;

use super::{fixtures::*, *};
use crate::clock::Ids;

#[test]
fn a_backup_is_put_back_whole_and_every_terminal_notices() {
    let World { dir: _dir, ledger, slc, .. } = world();
    let kept = filed(&ledger, &slc, "wang", 1);
    let clerk = clerk(&ledger);
    let result = ResultInput { media_type: "application/pdf".into(), title: "凭证".into(), bytes: b"%PDF-1.7 x".to_vec() };
    ledger.decide(kept, &Decision::Accept, &clerk, 1, now()).unwrap();
    let done = Decision::Finish { granted: true, reason: String::new(), remedy: String::new(), result: Some(result) };
    ledger.decide(kept, &done, &clerk, 2, now()).unwrap();
    let half = ledger.create_upload(&slc, 10, None, now()).unwrap();
    let place = tempfile::tempdir().unwrap();
    let (copy, back) = (place.path().join("copy"), place.path().join("back"));
    let manifest = ledger.backup(&copy, "chen", now()).unwrap();
    assert_eq!(manifest.files, 3, "two pages and a result; what is half sent will be sent anew");
    assert!(matches!(ledger.backup(&copy, "chen", now()), Err(LedgerError::HallExists(_))));
    assert!(!copy.join("ledger.key").exists());
    // After the backup: one more filing, and the village hears of it.
    let lost = filing(2, "M09", &slc, "wang", m09_pages(&ledger, &slc, 2));
    let lost_act = file_act(2, &lost, "wang");
    let number = receipt(&ledger, &ledger.receive_act(&slc, &lost_act, Some(lost.bytes()), now()).unwrap()).case_number;
    let cursor = ledger.feed("SLC", 0, 100).unwrap().cursor;
    let before = ledger.mark().unwrap();
    drop(ledger);
    // The disk dies; the backup is put back.
    let key = Ledger::key_of(_dir.path(), None).unwrap();
    let rules = || Arc::new(Rules::bundled().unwrap());
    let wrong = LedgerKey::from_bytes([3; 32]);
    assert!(matches!(Ledger::restore(&copy, &back, &wrong, rules(), Ids::seeded(8), now()), Err(LedgerError::WrongKey)));
    let (ledger, after) = Ledger::restore(&copy, &back, &key, rules(), Ids::seeded(8), now()).unwrap();
    assert_ne!(after.incarnation, before.incarnation);
    assert_eq!(ledger.held_filings(None, 10, true).unwrap().iter().map(|held| held.filing).collect::<Vec<_>>(), [kept]);
    assert_eq!(ledger.result_bytes(kept, Digest::of(b"%PDF-1.7 x")).unwrap().unwrap().1, b"%PDF-1.7 x");
    assert_eq!(ledger.upload(&slc, &half.name, now()).unwrap_err().kind(), Kind::NotFound);
    ledger.audit_verify().unwrap();
    // No sequence that was given before is given again, and what is offered again is the same case.
    let told = ledger.feed("SLC", cursor, 100).unwrap();
    assert!(told.cursor > cursor && told.events.iter().all(|event| event.sequence > cursor) && !told.events.is_empty());
    assert_eq!(kind(ledger.receive_act(&slc, &lost_act, Some(lost.bytes()), now())), Kind::PageUnknown);
    m09_pages(&ledger, &slc, 2);
    let again = ledger.receive_act(&slc, &lost_act, Some(lost.bytes()), now()).unwrap();
    assert_eq!(receipt(&ledger, &again).case_number, number);
}

#[test]
fn after_a_restore_the_village_sees_nothing_of_the_day_that_was_lost() {
    let World { dir, ledger, slc, .. } = world();
    let case = filed(&ledger, &slc, "wang", 1);
    let place = tempfile::tempdir().unwrap();
    let copy = place.path().join("copy");
    ledger.backup(&copy, "chen", now()).unwrap();
    ledger.decide(case, &Decision::Accept, &clerk(&ledger), 1, now()).unwrap();
    let mut cursor = ledger.feed("SLC", 0, 100).unwrap().cursor;
    drop(ledger);
    let key = Ledger::key_of(dir.path(), None).unwrap();
    // The same backup twice within a day: the second is heard as the first was.
    for back in ["first", "second"] {
        let rules = Arc::new(Rules::bundled().unwrap());
        let (ledger, _) = Ledger::restore(&copy, &place.path().join(back), &key, rules, Ids::seeded(8), now()).unwrap();
        ledger.check_cursor("SLC", cursor, now()).unwrap();
        let told = ledger.feed("SLC", cursor, 100).unwrap();
        assert!(told.events.iter().all(|event| event.sequence > cursor), "behind what was heard");
        let seen = told.events.iter().find_map(|event| match &event.what {
            wire::EventKind::Case { case } => Some((case.filing, case.state, case.revision)),
            _ => None,
        });
        assert_eq!(seen, Some((case, matters::State::Received, 1)), "{back}: nobody has accepted it");
        cursor = told.cursor;
        filed(&ledger, &slc, "wang", 2);
        cursor = ledger.feed("SLC", cursor, 100).unwrap().cursor;
    }
}

#[test]
fn an_older_database_in_the_ledgers_place_is_noticed() {
    let World { dir, ledger, slc, .. } = world();
    let first = ledger.mark().unwrap();
    assert!(!ledger.check_mark(now()).unwrap());
    drop(ledger);
    let old = std::fs::read(dir.path().join("ledger.db")).unwrap();
    let ledger = reopen(dir.path(), Ids::seeded(2));
    filed(&ledger, &slc, "wang", 1);
    assert!(!ledger.check_mark(now()).unwrap());
    let cursor = ledger.feed("SLC", 0, 100).unwrap().cursor;
    drop(ledger);
    let put_back = || {
        for name in ["ledger.db-wal", "ledger.db-shm"] {
            let _ = std::fs::remove_file(dir.path().join(name));
        }
        std::fs::write(dir.path().join("ledger.db"), &old).unwrap();
    };
    put_back();
    let ledger = reopen(dir.path(), Ids::seeded(3));
    assert_eq!(ledger.mark().unwrap(), first);
    assert!(ledger.check_mark(now()).unwrap());
    assert_ne!(ledger.mark().unwrap().incarnation, first.incarnation);
    drop(ledger);
    // The mark is gone, too (the whole folder was put back): a terminal's cursor tells.
    put_back();
    std::fs::remove_file(dir.path().join("ledger.mark")).unwrap();
    let ledger = reopen(dir.path(), Ids::seeded(4));
    assert!(!ledger.check_mark(now()).unwrap());
    assert!(!ledger.check_cursor("SLC", 1, now()).unwrap());
    assert!(ledger.check_cursor("SLC", cursor, now()).unwrap());
    assert!(!ledger.check_cursor("SLC", u64::MAX, now()).unwrap(), "a broken terminal cannot ask for it all the time");
    assert_ne!(ledger.mark().unwrap().incarnation, first.incarnation);
}

/// An image of the whole folder is put back, and others file until the ledger is longer than it ever was: the
/// sequence tells nobody anything, the chain does (seed 215 of the worlds).
#[test]
fn a_ledger_that_grew_again_after_it_was_put_back_is_told_by_what_a_terminal_saw() {
    let World { dir, ledger, slc, .. } = world();
    let known = |ledger: &Ledger| {
        let mark = ledger.mark().unwrap();
        wire::Known { incarnation: mark.incarnation, sequence: mark.sequence, chain: mark.chain.unwrap() }
    };
    let image = tempfile::tempdir().unwrap();
    let back = |number: u64| {
        for name in ["ledger.db-wal", "ledger.db-shm"] {
            let _ = std::fs::remove_file(dir.path().join(name));
        }
        as_killed(&image.path().join("image"), dir.path());
        reopen(dir.path(), Ids::seeded(number))
    };
    ledger.check_mark(now()).unwrap();
    as_killed(dir.path(), &image.path().join("image"));
    filed(&ledger, &slc, "wang", 1);
    let seen = known(&ledger);
    assert!(!ledger.went_back("SLC", &seen, now()).unwrap());
    drop(ledger);

    let ledger = back(3);
    assert!(!ledger.check_mark(now()).unwrap(), "the mark beside it came back too");
    assert!(ledger.mark().unwrap().sequence < seen.sequence);
    filed(&ledger, &slc, "wang", 2);
    filed(&ledger, &slc, "wang", 3);
    let grown = ledger.mark().unwrap();
    assert!(grown.incarnation == seen.incarnation && grown.sequence > seen.sequence);
    assert!(ledger.went_back("SLC", &seen, now()).unwrap());
    assert_ne!(ledger.mark().unwrap().incarnation, seen.incarnation, "everybody hears of it");
    assert!(!ledger.went_back("SLC", &seen, now()).unwrap(), "another incarnation says enough");

    // Once more within the day: that terminal alone is told, and its point hears everything anew.
    as_killed(dir.path(), &image.path().join("image"));
    let cursor = ledger.feed("SLC", 0, 100).unwrap().cursor;
    filed(&ledger, &slc, "wang", 4);
    let seen = known(&ledger);
    drop(ledger);
    let ledger = back(4);
    filed(&ledger, &slc, "wang", 5);
    filed(&ledger, &slc, "wang", 6);
    assert!(ledger.went_back("SLC", &seen, now()).unwrap());
    assert_eq!(ledger.mark().unwrap().incarnation, seen.incarnation);
    let told = ledger.feed("SLC", cursor, 100).unwrap();
    let cases = told.events.iter().filter(|event| matches!(event.what, wire::EventKind::Case { .. }));
    assert_eq!(cases.count(), 4, "also what stood before the image");
}

#[test]
fn another_database_that_is_as_long_is_noticed_by_the_mark_beside_it() {
    let World { dir, ledger, slc, .. } = world();
    ledger.check_mark(now()).unwrap();
    let other = tempfile::tempdir().unwrap();
    as_killed(dir.path(), &other.path().join("hall"));
    filed(&ledger, &slc, "wang", 1);
    ledger.check_mark(now()).unwrap();
    let first = ledger.mark().unwrap();
    let elsewhere = reopen(&other.path().join("hall"), Ids::seeded(5));
    filed(&elsewhere, &slc, "wang", 2);
    filed(&elsewhere, &slc, "wang", 3);
    assert!(elsewhere.mark().unwrap().sequence > first.sequence);
    drop((ledger, elsewhere));
    std::fs::copy(dir.path().join("ledger.mark"), other.path().join("hall/ledger.mark")).unwrap();
    let ledger = reopen(&other.path().join("hall"), Ids::seeded(6));
    assert!(ledger.check_mark(now()).unwrap());
    assert_ne!(ledger.mark().unwrap().incarnation, first.incarnation);
}

/// Copies a hall as a kill leaves it: what was written is there, nothing was closed.
fn as_killed(dir: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(dir).unwrap() {
        let (from, target) = {
            let entry = entry.unwrap();
            (entry.path(), to.join(entry.file_name()))
        };
        if from.is_dir() {
            as_killed(&from, &target);
        } else {
            std::fs::copy(&from, &target).unwrap();
        }
    }
}

#[test]
fn a_kill_after_any_step_loses_nothing_and_the_next_step_goes_on() {
    type Act<'a> = Box<dyn Fn(&Ledger) + 'a>;
    let World { dir, ledger, slc, .. } = world();
    let pages: Vec<Vec<u8>> = vec![jpeg(1, 90_000), jpeg(2, 3000)];
    let sealed = filing(1, "M09", &slc, "wang", vec![page("PH2", 1, &pages[0]), page("BK", 1, &pages[1])]);
    let id = sealed.filing().id;
    let row = ledger.create_upload(&slc, pages[0].len() as u64, Some(Digest::of(&pages[0])), now()).unwrap();
    let send = |ledger: &Ledger, from: usize, to: usize| {
        // Each step asks where the upload stands, as a terminal does: a repeated one finds it done.
        let at = ledger.upload(&slc, &row.name, now()).unwrap().offset as usize;
        if at >= to {
            return;
        }
        assert_eq!(at, from);
        let mut parts = vec![Chunk::Cut, Chunk::Bytes(Bytes::copy_from_slice(&pages[0][at..to]))];
        ledger.append_upload(&slc, &row.name, at as u64, None, now(), &mut || parts.pop().unwrap()).unwrap();
    };
    let act = file_act(1, &sealed, "wang");
    let clerk = clerk(&ledger);
    let steps: Vec<Act<'_>> = vec![
        Box::new(|ledger| send(ledger, 0, 30_000)),
        Box::new(|ledger| send(ledger, 30_000, pages[0].len())),
        Box::new(|ledger| {
            upload(ledger, &slc, &pages[1]);
        }),
        Box::new(|ledger| drop(ledger.receive_act(&slc, &act, Some(sealed.bytes()), now()).unwrap())),
        Box::new(|ledger| match ledger.decide(id, &Decision::Accept, &clerk, 1, now()) {
            Ok(_) | Err(DecideRefuse::Stale { revision: 2, .. }) => {}
            Err(refuse) => panic!("{refuse}"),
        }),
    ];
    let place = tempfile::tempdir().unwrap();
    let mut ledger = ledger;
    for (n, step) in steps.iter().enumerate() {
        step(&ledger);
        let to = place.path().join(n.to_string());
        as_killed(dir.path(), &to);
        // Both worlds go on from here: the killed one must come to the same end.
        let killed = reopen(&to, Ids::seeded(50 + n as u64));
        step(&killed);
        for later in &steps[n + 1..] {
            later(&killed);
        }
        let held = killed.held_filings(None, 10, true).unwrap();
        assert_eq!((held.len(), held[0].pages.len(), held[0].revision, held[0].acts.len()), (1, 2, 2, 1), "after step {n}");
        assert_eq!(killed.case(id).unwrap().unwrap().sealed.bytes(), sealed.bytes());
        killed.audit_verify().unwrap();
        killed.sweep(now()).unwrap();
        killed.held_filings(None, 10, true).unwrap();
        drop(killed);
        ledger = {
            drop(ledger);
            reopen(dir.path(), Ids::seeded(100 + n as u64))
        };
    }
}
