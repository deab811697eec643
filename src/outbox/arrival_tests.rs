//! Opening: upgrades, refusals, restored backups, numbers that never come twice.

use std::{collections::BTreeSet, fs, path::Path};

use crate::{
    fixtures::*,
    key::CabinetKey,
    mark::{BLOCK, lock},
    schema::{self, Found, MIGRATIONS},
    *,
};

/// Every file of the folder that is not empty, with the digest of its bytes; the shared index
/// of the log is no content.
fn snapshot(folder: &Path) -> BTreeSet<(String, matters::Digest)> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    files
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .filter(|(name, bytes)| !name.ends_with("-shm") && !bytes.is_empty())
        .map(|(name, bytes)| (name, matters::Digest::of(&bytes)))
        .collect()
}

fn open_on(path: &Path, machine: &str) -> Cabinet {
    Cabinet::open_on(path, &key(), &Machine::from_text(machine), at(0)).unwrap()
}

#[test]
fn the_file_is_opened_as_the_house_says() {
    let room = Room::new();
    let cabinet = room.open();
    let text = |name: &str| -> String {
        let value: rusqlite::types::Value = cabinet.conn.pragma_query_value(None, name, |row| row.get(0)).unwrap();
        match value {
            rusqlite::types::Value::Integer(value) => value.to_string(),
            rusqlite::types::Value::Text(value) => value,
            other => panic!("{name}: {other:?}"),
        }
    };
    let expected = [
        ("journal_mode", "wal"),
        ("synchronous", "2"),
        ("auto_vacuum", "2"),
        ("secure_delete", "1"),
        ("foreign_keys", "1"),
        ("trusted_schema", "0"),
        ("temp_store", "2"),
        ("busy_timeout", "5000"),
        ("journal_size_limit", "67108864"),
        ("application_id", "1448108898"),
        ("user_version", "3"),
        ("cipher_page_size", "4096"),
        ("cipher_memory_security", "0"),
    ];
    for (name, value) in expected {
        assert_eq!(text(name), value, "{name}");
    }
    let loose: i64 = cabinet
        .conn
        .query_row("SELECT count(*) FROM pragma_table_list WHERE strict = 0 AND name NOT LIKE 'sqlite_%'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(loose, 0, "every table is strict");
}

#[test]
fn a_newer_schema_is_refused_and_nothing_is_overwritten() {
    let room = Room::new();
    let cabinet = room.open();
    cabinet.conn.pragma_update(None, "user_version", 7).unwrap();
    drop(cabinet);
    let before = snapshot(room.folder.path());
    let refused = Cabinet::open(&room.path, &key(), at(0));
    assert!(matches!(refused, Err(CabinetError::NewerSchema { found: 7, known: 3 })), "{refused:?}");
    let refused = Cabinet::reading(&room.path, &key());
    assert!(matches!(refused, Err(CabinetError::NewerSchema { found: 7, known: 3 })), "{refused:?}");
    assert_eq!(snapshot(room.folder.path()), before);
}

#[test]
fn another_database_under_the_same_key_is_no_cabinet() {
    let room = Room::new();
    let cabinet = room.open();
    cabinet.conn.pragma_update(None, "application_id", 5).unwrap();
    drop(cabinet);
    let before = snapshot(room.folder.path());
    assert!(matches!(Cabinet::open(&room.path, &key(), at(0)), Err(CabinetError::NotACabinet)));
    assert_eq!(snapshot(room.folder.path()), before);
    // A file that nobody encrypted: neither our key nor anybody's.
    fs::write(&room.path, vec![b'x'; 10_000]).unwrap();
    assert!(matches!(Cabinet::open(&room.path, &key(), at(0)), Err(CabinetError::WrongKey)));
    assert_eq!(fs::read(&room.path).unwrap(), vec![b'x'; 10_000]);
}

#[test]
fn a_cabinet_of_schema_1_opens_with_all_that_is_in_it() {
    // Made by `a_filing_of_every_kind` when schema 1 was new, and never made again.
    let room = Room::new();
    fs::write(&room.path, include_bytes!("specimens/schema-1.db")).unwrap();
    let mut cabinet = room.open();
    let reading = room.read();
    assert_eq!(cabinet.arrival(), Arrival::Restored, "it comes from another machine");
    assert_eq!(cabinet.admission().unwrap().unwrap().terminal, "t1");
    assert_eq!(cabinet.cursor().unwrap(), 0, "the feed brings more kinds of news than that program kept: it is heard again");
    assert_eq!((reading.packages().unwrap(), reading.messages(9).unwrap()), (Vec::new(), Vec::new()));
    let drafts = reading.drafts().unwrap();
    assert_eq!(drafts.len(), 1);
    assert_eq!(drafts[0].pages.len(), 2);
    let rows = reading.filings(9).unwrap();
    let stages: Vec<Stage> = rows.iter().map(|row| row.stage).collect();
    assert_eq!(stages, [Stage::Quarantined, Stage::Sending, Stage::Received]);
    assert_eq!(rows[2].case.as_ref().unwrap().state, matters::State::Accepted);
    for row in &rows {
        let full = reading.filing(row.id).unwrap().unwrap();
        full.sealed.filing().pages.iter().for_each(|page| assert!(reading.page(page.sha256).unwrap().is_some()));
    }
    assert_eq!(reading.filing(rows[2].id).unwrap().unwrap().acts.len(), 2);
    assert_eq!(cabinet.failures("wang").unwrap().0, 1);
    assert!(cabinet.integrity().unwrap().is_whole());
    assert!(cabinet.next_sequence().unwrap() > 3, "the three numbers that were spent do not come again");
}

/// What the specimen of a schema holds.
fn a_filing_of_every_kind(room: &Room) {
    let mut cabinet = room.open();
    cabinet.set_admission(&admission()).unwrap();
    (0..3).for_each(|_| assert!(cabinet.next_sequence().unwrap() > 0));
    let (received, filed) = file(&mut cabinet, 1, &[3_000, 200]);
    cabinet.record_receipt(&receipt(&filed, 1)).unwrap();
    let leave = act(&received, matters::What::Withdraw { reason: "不办了".into() }, 400_000_000);
    cabinet.enqueue(&leave, None).unwrap();
    let (sending, _) = file(&mut cabinet, 2, &[5_000]);
    cabinet.record_upload(sending.filing().pages[0].sha256, Some("/u"), 10, false).unwrap();
    let (_, refused) = file(&mut cabinet, 3, &[1]);
    cabinet.quarantine(refused.id, "form-faulty").unwrap();
    cabinet.save_draft(&draft(9)).unwrap();
    cabinet.put_page(id(9), "MR1", None, &picture(1, 700), 1, 1).unwrap();
    cabinet.put_page(id(9), "MR2", None, &picture(2, 9_000), 1, 1).unwrap();
    let view = case(&received, matters::State::Accepted, 2);
    cabinet.apply_feed(&FeedNews { cursor: 3, cases: vec![view], ..FeedNews::default() }).unwrap();
    cabinet.record_failure("wang", at(0)).unwrap();
}

#[test]
fn an_upgrade_keeps_everything_sets_a_copy_aside_and_happens_whole_or_not_at_all() {
    let room = Room::new();
    a_filing_of_every_kind(&room);
    let rows = |conn: &rusqlite::Connection| -> i64 {
        conn.query_row("SELECT (SELECT count(*) FROM act) * 1000 + (SELECT count(*) FROM page)", [], |row| row.get(0)).unwrap()
    };
    let before = rows(&room.read().conn);
    let today = MIGRATIONS.len() as u32;
    // A next version that breaks in its second statement leaves this one.
    let broken = [MIGRATIONS, &["ALTER TABLE act ADD COLUMN shade TEXT; CREATE TABLE act (id) STRICT;"]].concat();
    let held = lock(&room.path).unwrap();
    assert!(schema::open(&room.path, &key(), &broken, true, at(0)).is_err());
    let (conn, found) = schema::open(&room.path, &key(), MIGRATIONS, true, at(0)).unwrap();
    assert_eq!((found, rows(&conn)), (Found::Current, before));
    assert!(conn.prepare("SELECT shade FROM act").is_err());
    drop(conn);
    // A good one raises it, and the copy of this version stays.
    let good = [MIGRATIONS, &["ALTER TABLE act ADD COLUMN shade TEXT;"]].concat();
    let (conn, found) = schema::open(&room.path, &key(), &good, true, at(0)).unwrap();
    assert_eq!((found, rows(&conn)), (Found::Older { version: today }, before));
    assert!(conn.prepare("SELECT shade FROM act").is_ok());
    drop((conn, held));
    let aside = Room::new();
    fs::copy(room.path.with_added_extension(format!("schema-{today}")), &aside.path).unwrap();
    assert_eq!(rows(&aside.open().conn), before);
    let refused = Cabinet::open(&room.path, &key(), at(0));
    let newer = |found: u32, known: u32| (found, known) == (today + 1, today);
    assert!(matches!(refused, Err(CabinetError::NewerSchema { found, known }) if newer(found, known)), "{refused:?}");
}

#[test]
fn numbers_go_up_by_one_over_restarts_and_a_block_is_reserved_before_its_first() {
    let room = Room::new();
    let mut cabinet = room.open();
    let epoch = cabinet.epoch().unwrap();
    assert_eq!(epoch.len(), 2);
    for expected in 1..=BLOCK + 3 {
        assert_eq!(cabinet.next_sequence().unwrap(), expected);
        let mark = mark::Mark::read(&room.path).unwrap();
        assert!(mark.reserved > expected, "on the disk before it is handed out");
    }
    drop(cabinet);
    let mut cabinet = room.open();
    assert_eq!(cabinet.arrival(), Arrival::Reopened);
    assert_eq!(cabinet.epoch().unwrap(), epoch);
    assert_eq!(cabinet.next_sequence().unwrap(), BLOCK + 4);
    // Where the mark cannot be written, no number is given.
    drop(cabinet);
    let mut cabinet = room.open();
    cabinet.mark.reserved = 0;
    fs::create_dir(room.path.with_added_extension("mark.new")).unwrap();
    assert!(matches!(cabinet.next_sequence(), Err(CabinetError::Io(_))));
    fs::remove_dir(room.path.with_added_extension("mark.new")).unwrap();
    assert_eq!(cabinet.next_sequence().unwrap(), BLOCK + 5);
}

#[test]
fn epochs_are_drawn_from_all_letters_that_can_be_read_aloud() {
    let seen: BTreeSet<char> = (0..60).flat_map(|_| Room::new().open().epoch().unwrap().chars().collect::<Vec<_>>()).collect();
    assert!(seen.iter().all(|letter| "23456789ABCDEFGHJKMNPQRSTVWXYZ".contains(*letter)));
    assert!(seen.len() > 20, "{seen:?}");
}

/// Every way in which an older state or a copy can come back, each told by another sign.
#[test]
fn a_restored_or_copied_cabinet_gives_no_number_a_second_time() {
    let backup = |room: &Room, cabinet: &Cabinet| {
        let to = room.folder.path().join("backup.db");
        cabinet.backup(&to).unwrap();
        assert!(matches!(cabinet.backup(&to), Err(CabinetError::Exists(_))));
        to
    };
    let copied = |room: &Room, _: &Cabinet| {
        let to = room.folder.path().join("copied.db");
        fs::copy(&room.path, &to).unwrap();
        to
    };
    type Keep<'a> = &'a dyn Fn(&Room, &Cabinet) -> std::path::PathBuf;
    let ways: [(&str, Keep<'_>, bool); 3] =
        [("backup", &backup, true), ("copy in place", &copied, false), ("copy under a new inode", &copied, true)];
    for (way, keep, fresh_inode) in ways {
        let room = Room::new();
        let mut cabinet = open_on(&room.path, "m1");
        cabinet.set_keep_free(0);
        let first = cabinet.next_sequence().unwrap();
        let (sealed, _) = file(&mut cabinet, 1, &[900]);
        cabinet.tidy().unwrap();
        let kept = keep(&room, &cabinet);
        let mut used: BTreeSet<(String, u64)> = BTreeSet::from([(cabinet.epoch().unwrap(), first)]);
        for _ in 0..5 {
            used.insert((cabinet.epoch().unwrap(), cabinet.next_sequence().unwrap()));
        }
        drop(cabinet);
        // Opened once more, so that even a copy written into the old inode is seen to be older.
        drop(open_on(&room.path, "m1"));
        if fresh_inode {
            fs::rename(&kept, &room.path).unwrap();
        } else {
            fs::copy(&kept, &room.path).unwrap();
        }
        let mut cabinet = open_on(&room.path, "m1");
        assert_eq!(cabinet.arrival(), Arrival::Restored, "{way}");
        for _ in 0..70 {
            assert!(used.insert((cabinet.epoch().unwrap(), cabinet.next_sequence().unwrap())), "{way}");
        }
        let sequences: BTreeSet<u64> = used.iter().map(|(_, sequence)| *sequence).collect();
        assert_eq!(sequences.len(), used.len(), "{way}: not even the bare sequence comes twice on the same machine");
        assert_eq!(room.read().filing(sealed.filing().id).unwrap().unwrap().sealed, sealed);
        drop(cabinet);
        assert_eq!(open_on(&room.path, "m1").arrival(), Arrival::Reopened, "{way}: once is enough");
    }
}

#[test]
fn a_cloned_machine_and_a_lost_mark_draw_a_new_epoch() {
    let room = Room::new();
    let epoch = open_on(&room.path, "m1").epoch().unwrap();
    let clone = open_on(&room.path, "m2");
    assert_eq!(clone.arrival(), Arrival::Restored);
    let second = clone.epoch().unwrap();
    drop(clone);
    fs::remove_file(room.path.with_added_extension("mark")).unwrap();
    let moved = open_on(&room.path, "m2");
    assert_eq!(moved.arrival(), Arrival::Restored);
    let third = moved.epoch().unwrap();
    drop(moved);
    fs::write(room.path.with_added_extension("mark"), b"{\"format\":1").unwrap();
    let fourth = open_on(&room.path, "m2").epoch().unwrap();
    assert_eq!(BTreeSet::from([epoch, second, third, fourth]).len(), 4);
}

#[test]
fn a_cabinet_that_is_removed_starts_behind_its_old_numbers() {
    let room = Room::new();
    let mut cabinet = room.open();
    let used = (cabinet.epoch().unwrap(), cabinet.next_sequence().unwrap());
    drop(cabinet);
    fs::remove_file(&room.path).unwrap();
    let mut cabinet = room.open();
    assert_eq!(cabinet.arrival(), Arrival::Created);
    assert_ne!(cabinet.epoch().unwrap(), used.0);
    assert!(cabinet.next_sequence().unwrap() > used.1);
}

/// Found by world 100276: a cabinet that was put back and lost power at its first opening never opened again.
#[test]
fn a_power_cut_at_the_first_opening_of_a_backup_does_not_shut_the_cabinet() {
    let room = Room::new();
    let mut cabinet = room.open();
    let (sealed, _) = file(&mut cabinet, 1, &[5000]);
    let backup = room.folder.path().join("backup.db");
    cabinet.backup(&backup).unwrap();
    // Broken off in the middle: the file is half rewritten, and what stood there is in its journal.
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE;
    let conn = schema::connect(&backup, &key(), flags).unwrap();
    conn.execute_batch(
        "PRAGMA cache_size = 2; PRAGMA cache_spill = 1; BEGIN IMMEDIATE; UPDATE setting SET value = zeroblob(50000);",
    )
    .unwrap();
    let cut = [Room::new(), Room::new()];
    for room in &cut {
        fs::copy(&backup, &room.path).unwrap();
        fs::copy(backup.with_file_name("backup.db-journal"), room.path.with_file_name("cabinet.db-journal")).unwrap();
    }
    drop(conn);
    assert_eq!(cut[0].open().arrival(), Arrival::Restored);
    for room in &cut {
        assert!(room.read().filing(sealed.filing().id).unwrap().is_some());
    }
}

#[test]
fn a_backup_is_whole_and_opens_with_the_same_key_alone() {
    let room = Room::new();
    let mut cabinet = room.open();
    let (sealed, _) = file(&mut cabinet, 1, &[50_000]);
    let other = Room::new();
    room.read().backup(&other.path).unwrap();
    assert_eq!(fs::read_dir(other.folder.path()).unwrap().count(), 1, "no half copy, no log");
    let refused = Cabinet::open(&other.path, &CabinetKey::from_bytes([1; 32]), at(0));
    assert!(matches!(refused, Err(CabinetError::WrongKey)));
    let copy = other.open();
    assert!(copy.integrity().unwrap().is_whole());
    assert_eq!(other.read().filing(sealed.filing().id).unwrap().unwrap().sealed, sealed);
    assert_eq!(copy.arrival(), Arrival::Restored);
    let nowhere = room.folder.path().join("absent").join("backup.db");
    assert!(cabinet.backup(&nowhere).is_err());
}

#[test]
fn pages_are_wiped_days_after_the_end_and_their_bytes_leave_the_files() {
    let room = Room::new();
    let mut cabinet = room.open();
    let marker = b"VERY-RECOGNISABLE".repeat(3_000);
    let (ended, first) = file(&mut cabinet, 1, &[200_000]);
    let (running, second) = file(&mut cabinet, 2, &[3_000]);
    let (unreceipted, _) = file(&mut cabinet, 3, &[4_000]);
    cabinet.save_draft(&draft(4)).unwrap();
    cabinet.put_page(id(4), "MR1", None, &marker, 1, 1).unwrap();
    cabinet.record_receipt(&receipt(&first, 1)).unwrap();
    cabinet.record_receipt(&receipt(&second, 1)).unwrap();
    let views = vec![
        case(&ended, matters::State::Delivered, 1),
        case(&running, matters::State::Accepted, 1),
        case(&unreceipted, matters::State::Delivered, 1),
    ];
    cabinet.apply_feed(&FeedNews { cursor: 1, cases: views, ..FeedNews::default() }).unwrap();
    let end = 6_001;
    let day = 86_400;
    assert_eq!(cabinet.wipe_ended(at(end + 30 * day - 1), 30).unwrap(), Wiped::default());
    // The hall's disk may still fail: until its backup has the filing, ours is the second copy.
    let ledger = Some(LedgerAt { incarnation: id(1), sequence: 40, chain: None });
    for backed_up in [None, Some(39)] {
        cabinet.apply_feed(&FeedNews { cursor: 2, ledger, backed_up, ..FeedNews::default() }).unwrap();
        assert_eq!(cabinet.wipe_ended(at(end + 30 * day), 30).unwrap(), Wiped::default(), "{backed_up:?}");
    }
    cabinet.apply_feed(&FeedNews { cursor: 3, ledger, backed_up: Some(40), ..FeedNews::default() }).unwrap();
    cabinet.tidy().unwrap();
    let before = fs::metadata(&room.path).unwrap().len();
    let wiped = cabinet.wipe_ended(at(end + 30 * day), 30).unwrap();
    assert_eq!(wiped, Wiped { filings: 1, pages: 1, bytes: 200_000 });
    assert_eq!(cabinet.wipe_ended(at(end + 31 * day), 30).unwrap(), Wiped::default());
    let reading = room.read();
    let has = |sealed: &matters::Sealed| reading.page(sealed.filing().pages[0].sha256).unwrap().is_some();
    assert_eq!([has(&ended), has(&running), has(&unreceipted)], [false, true, true]);
    assert!(reading.filing(ended.filing().id).unwrap().unwrap().receipt.is_some(), "filing and receipt stay");
    assert!(cabinet.integrity().unwrap().is_whole());
    let log = room.folder.path().join("cabinet.db-wal");
    assert_eq!(fs::metadata(&log).unwrap().len(), 0, "the log is emptied");
    assert!(fs::metadata(&room.path).unwrap().len() + 190_000 < before, "the file shrinks");
    cabinet.delete_draft(id(4)).unwrap();
    assert_eq!(fs::metadata(&log).unwrap().len(), 0);
    assert_eq!(reading.page(matters::Digest::of(&marker)).unwrap(), None);
}

#[test]
fn drafting_stops_before_the_disk_is_full_and_sealing_does_not() {
    let room = Room::new();
    let mut cabinet = room.open();
    cabinet.save_draft(&draft(1)).unwrap();
    cabinet.put_page(id(1), "MR1", None, &picture(1, 800), 1, 1).unwrap();
    assert!(cabinet.free_space_ok().unwrap());
    cabinet.set_keep_free(u64::MAX);
    assert!(!cabinet.free_space_ok().unwrap());
    assert!(matches!(cabinet.save_draft(&draft(2)), Err(CabinetError::Full)));
    assert!(matches!(cabinet.put_page(id(1), "MR1", None, &picture(2, 800), 1, 1), Err(CabinetError::Full)));
    cabinet.save_draft(&draft(1)).unwrap();
    let pages = cabinet.draft(id(1)).unwrap().unwrap().pages;
    let (sealed, act) = seal(&draft(1), pages, "SLC-1");
    cabinet.seal(id(1), &sealed, &act).unwrap();
    let large = vec![0; PAGE_BYTES_MAX + 1];
    assert!(matches!(cabinet.put_page(id(1), "MR1", None, &large, 1, 1), Err(CabinetError::TooLarge { .. })));
}

#[test]
fn a_reader_in_another_thread_sees_whole_transactions_while_the_cabinet_writes() {
    let room = Room::new();
    let mut cabinet = room.open();
    let reading = room.read();
    let (stop, stopped) = std::sync::mpsc::sync_channel::<()>(1);
    let reader = std::thread::Builder::new()
        .name("reader".into())
        .spawn(move || {
            let mut seen = 0;
            loop {
                let done = stopped.try_recv().is_ok();
                let rows = reading.filings(100).unwrap();
                for row in &rows {
                    let full = reading.filing(row.id).unwrap().unwrap();
                    assert_eq!(full.acts.len(), 1);
                    for page in &full.sealed.filing().pages {
                        assert_eq!(reading.page_range(page.sha256, 0, 100_000).unwrap().unwrap().len() as u64, page.bytes);
                    }
                }
                seen = seen.max(rows.len());
                if done {
                    return seen;
                }
            }
        })
        .unwrap();
    for n in 1..=15 {
        file(&mut cabinet, n, &[20_000, 100]);
    }
    stop.send(()).unwrap();
    assert_eq!(reader.join().unwrap(), 15);
}
