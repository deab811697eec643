//! Sectors are overwritten on a real file, and what comes back is held against what was there.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::FileExt,
    path::Path,
};

use matters::{Act, Digest, PageRef, Sealed, SupplementItem, What};
use uuid::Uuid;

use super::{
    LostPart,
    codec::{Codec, PAGE},
    leaf::{Value, records},
    source::{Source, log_of},
};
use crate::{fixtures::*, *};

const SECTOR: u64 = 512;

/// What stood in the cabinet before the damage.
#[derive(Default)]
struct Before {
    filings: Vec<(Sealed, Act)>,
    drafts: Vec<Draft>,
}

/// Filings with two pages each, every tenth receipted, and drafts with two pages each.
fn fill(room: &Room, filings: u128, drafts: u128, bytes: usize) -> (Cabinet, Before) {
    let mut cabinet = room.open();
    // What is tested here is reading; the hundreds of commits before it need not be durable.
    cabinet.conn.execute_batch("PRAGMA synchronous = OFF").unwrap();
    cabinet.set_admission(&admission()).unwrap();
    let mut before = Before::default();
    for n in 1..=filings {
        let (sealed, act) = file(&mut cabinet, n, &[bytes, bytes / 2]);
        if n % 10 == 0 {
            cabinet.record_receipt(&receipt(&act, 1)).unwrap();
        }
        before.filings.push((sealed, act));
    }
    for n in filings + 1..=filings + drafts {
        cabinet.save_draft(&draft(n)).unwrap();
        for i in 0..2 {
            cabinet.put_page(id(n), "MR1", None, &picture(n as u64 * 1000 + i, bytes), 1, 1).unwrap();
        }
        before.drafts.push(cabinet.draft(id(n)).unwrap().unwrap());
    }
    (cabinet, before)
}

/// By row (tag and name): the pages of the file on which it lies. Reads the whole file, one
/// cell at a time, so that overflow pages are known by row.
fn map_of(path: &Path) -> BTreeMap<(String, Vec<u8>), BTreeSet<u32>> {
    let source = Source::open(path, &key()).unwrap();
    let mut map = BTreeMap::new();
    for number in 1..=source.pages() {
        let Some(page) = source.page(number).unwrap() else { continue };
        let start = if number == 1 { 100 } else { 0 };
        if page[start] != 0x0d {
            continue;
        }
        let cells = u16::from_be_bytes([page[start + 3], page[start + 4]]);
        for cell in 0..usize::from(cells) {
            let mut single = page.clone();
            single[start + 3..start + 5].copy_from_slice(&1u16.to_be_bytes());
            single.copy_within(start + 8 + 2 * cell..start + 10 + 2 * cell, start + 8);
            let mut lies_on = BTreeSet::from([number]);
            let fetch = &mut |overflow| {
                lies_on.insert(overflow);
                source.page(overflow)
            };
            let Some(record) = records(number, &single, fetch).unwrap().pop() else { continue };
            let (Some(Value::Text(tag)), Some(Value::Blob(name))) = (record.values.get(1), record.values.get(2)) else {
                continue;
            };
            map.insert((tag.clone(), name.clone()), lies_on);
        }
    }
    map
}

/// Overwrites sectors with noise and returns the pages of the file that were hit.
fn destroy(path: &Path, sectors: impl Iterator<Item = u64>) -> BTreeSet<u32> {
    let file = fs::OpenOptions::new().write(true).open(path).unwrap();
    sectors
        .map(|sector| {
            file.write_all_at(&picture(sector + 99, SECTOR as usize), sector * SECTOR).unwrap();
            u32::try_from(sector * SECTOR / PAGE as u64 + 1).unwrap()
        })
        .collect()
}

fn random_sectors(path: &Path, seed: u64, count: usize) -> impl Iterator<Item = u64> {
    let all = fs::metadata(path).unwrap().len() / SECTOR;
    let noise = picture(seed, count * 8);
    (0..count).map(move |i| u64::from_le_bytes(noise[8 * i..8 * i + 8].try_into().unwrap()) % all)
}

fn assert_whole(reading: &Reading, sealed: &Sealed, act: &Act) {
    let full = reading.filing(sealed.filing().id).unwrap().expect("the filing is there");
    assert_eq!(&full.sealed, sealed);
    assert_eq!(&full.acts[0].0, act);
    for page in &sealed.filing().pages {
        let bytes = reading.page(page.sha256).unwrap().expect("its page is there");
        assert_eq!(Digest::of(&bytes), page.sha256);
    }
}

fn mend(room: &Room) -> (Cabinet, Salvage) {
    let (mut cabinet, salvage) = Cabinet::mend(&room.path, &key(), at(9_000)).unwrap();
    cabinet.set_keep_free(0);
    (cabinet, salvage)
}

#[test]
fn a_page_is_read_as_the_real_library_wrote_it() {
    let room = Room::new();
    drop(fill(&room, 3, 1, 30_000));
    let codec = Codec::new(&key());
    let bytes = fs::read(&room.path).unwrap();
    let whole =
        bytes.chunks_exact(PAGE).zip(1..).filter(|(page, number)| codec.is_whole(*number, (*page).try_into().unwrap())).count();
    assert_eq!(whole, bytes.len() / PAGE, "every page of an undamaged file proves itself");
    let first = codec.open(1, bytes[..PAGE].try_into().unwrap()).unwrap();
    assert_eq!(u16::from_be_bytes([first[16], first[17]]) as usize, PAGE, "page size in the header");
    let mut changed: [u8; PAGE] = bytes[PAGE..2 * PAGE].try_into().unwrap();
    changed[77] ^= 1;
    assert!(codec.open(2, &changed).is_none());
    assert!(codec.open(3, bytes[PAGE..2 * PAGE].try_into().unwrap()).is_none(), "a page at another place is no page");
}

#[test]
fn after_a_thousand_random_sectors_every_filing_that_was_not_hit_comes_back_whole() {
    let room = Room::new();
    let (cabinet, before) = fill(&room, 500, 40, 30_000);
    drop(cabinet);
    let map = map_of(&room.path);
    let hit = destroy(&room.path, random_sectors(&room.path, 5, 1_000));
    let is_hit = |tag: &str, name: &[u8]| map[&(tag.to_owned(), name.to_vec())].iter().any(|page| hit.contains(page));
    let pages_hit = |pages: &[PageRef]| pages.iter().filter(|page| is_hit("page", &page.sha256.0)).count();

    let opened = Cabinet::open(&room.path, &key(), at(1));
    if let Ok(cabinet) = &opened {
        assert!(!cabinet.integrity().unwrap().is_whole());
    }
    drop(opened);
    let damaged = fs::read(&room.path).unwrap();
    let (cabinet, salvage) = mend(&room);
    assert_eq!(fs::read(salvage.set_aside.join("cabinet.db")).unwrap(), damaged, "the damaged file is kept as it was");
    assert_eq!(cabinet.arrival(), Arrival::Restored);
    let found = cabinet.integrity().unwrap();
    assert!(found.file_pages == 0 && found.structure == 0 && found.drafts.is_empty(), "{found:?}");

    let reading = room.read();
    assert_eq!(reading.salvage().unwrap().as_ref(), Some(&salvage));
    let mut spared = 0;
    for (sealed, act) in &before.filings {
        let filing = sealed.filing();
        let (row, act_row) = (is_hit("filing", filing.id.as_bytes()), is_hit("act", act.id.as_bytes()));
        let lost: Vec<&Lost> = salvage.lost.iter().filter(|lost| lost.id == filing.id).collect();
        if row || act_row {
            assert!(reading.filing(filing.id).unwrap().is_none());
            let unnamed = row && act_row && is_hit("roll", filing.id.as_bytes());
            assert!(unnamed || lost.len() == 1, "{} is lost and not named", filing.case_number);
            if !is_hit("roll", filing.id.as_bytes()) {
                assert_eq!((lost[0].case_number.as_deref(), lost[0].part), (Some(&*filing.case_number), LostPart::Filing));
            }
            continue;
        }
        match pages_hit(&filing.pages) {
            0 => {
                spared += 1;
                assert_whole(&reading, sealed, act);
                assert!(lost.is_empty());
            }
            count => {
                assert_eq!(lost[0].part, LostPart::Pages { count: count as u32 });
                assert_eq!(lost[0].case_number.as_deref(), Some(&*filing.case_number));
                let stage = reading.filing(filing.id).unwrap().unwrap().row.stage;
                assert_eq!(stage, if lost[0].held_by_hall { Stage::Received } else { Stage::Quarantined });
            }
        }
    }
    assert!(spared > 50 && spared < 490, "{spared} of 500 spared: the test must see both");
    let mut drafts = 0;
    for draft in &before.drafts {
        let kept = reading.draft(draft.id).unwrap();
        assert_eq!(kept.is_none(), is_hit("draft", draft.id.as_bytes()));
        if let Some(kept) = kept {
            let spared = pages_hit(&draft.pages) == 0 && kept.pages.len() == 2;
            drafts += usize::from(spared);
            assert!(kept == *draft || !spared);
            kept.pages.iter().for_each(|page| assert!(reading.page(page.sha256).unwrap().is_some()));
        }
    }
    assert!(drafts > 0);
    println!("{spared} of 500 filings and {drafts} of 40 drafts spared; {} named as lost", salvage.lost.len());
}

#[test]
fn without_its_first_pages_nothing_is_lost_but_them() {
    let room = Room::new();
    let (cabinet, before) = fill(&room, 20, 2, 9_000);
    let epoch = cabinet.epoch().unwrap();
    drop(cabinet);
    // Page 1 holds the header and the root of the schema.
    destroy(&room.path, 0..PAGE as u64 / SECTOR);
    assert!(matches!(Cabinet::open(&room.path, &key(), at(1)), Err(CabinetError::Damaged)));
    assert!(matches!(Cabinet::reading(&room.path, &key()), Err(CabinetError::Damaged)));
    let wrong = CabinetKey::from_bytes([8; 32]);
    assert!(matches!(Cabinet::open(&room.path, &wrong, at(1)), Err(CabinetError::WrongKey)), "a wrong key is not damage");
    assert!(matches!(Cabinet::mend(&room.path, &wrong, at(1)), Err(CabinetError::WrongKey)));
    let (mut cabinet, salvage) = mend(&room);
    assert_eq!((salvage.filings, salvage.drafts, &salvage.lost), (20, 2, &vec![]));
    assert_eq!(cabinet.admission().unwrap().unwrap().terminal, "t1");
    let reading = room.read();
    before.filings.iter().for_each(|(sealed, act)| assert_whole(&reading, sealed, act));
    assert_eq!(reading.search("李样", 100).unwrap().len(), 20, "what filings are found by is made anew");
    assert_eq!(cabinet.parcels(at(1)).unwrap().len(), 18);
    assert_eq!(reading.filings(1).unwrap()[0].case_number, before.filings[19].0.filing().case_number);
    assert_ne!(cabinet.epoch().unwrap(), epoch);
    drop(reading);
    file(&mut cabinet, 100, &[5]);
    drop(cabinet);
    assert_eq!(room.open().arrival(), Arrival::Reopened);
}

#[test]
fn what_only_the_log_holds_is_saved_from_a_damaged_log() {
    let room = Room::new();
    let (mut cabinet, before) = fill(&room, 30, 0, 9_000);
    cabinet.tidy().unwrap();
    let late: Vec<(Sealed, Act)> = (31..=60).map(|n| file(&mut cabinet, n, &[9_000])).collect();
    // As after a kill: the files as they are, without the writer's leave-taking.
    let killed = Room::new();
    for (from, to) in [(room.path.clone(), killed.path.clone()), (log_of(&room.path), log_of(&killed.path))] {
        fs::copy(from, to).unwrap();
    }
    let log = log_of(&killed.path);
    assert!(fs::metadata(&log).unwrap().len() > 30 * 9_000);
    // The header and a frame in the middle: SQLite would end the log there.
    let middle = fs::metadata(&log).unwrap().len() / SECTOR / 2;
    destroy(&log, [0, middle].into_iter());
    let (_cabinet, salvage) = mend(&killed);
    let reading = killed.read();
    before.filings.iter().for_each(|(sealed, act)| assert_whole(&reading, sealed, act));
    let whole = late.iter().filter(|(sealed, _)| !salvage.lost.iter().any(|lost| lost.id == sealed.filing().id));
    let count = whole.inspect(|(sealed, act)| assert_whole(&reading, sealed, act)).count();
    assert!(count >= 28, "a frame costs what lay on it, not what came after it: {count} of 30, lost {:?}", salvage.lost);
}

#[test]
fn a_file_cut_off_or_emptied_is_damaged_and_not_new() {
    let room = Room::new();
    let (cabinet, before) = fill(&room, 20, 0, 9_000);
    drop(cabinet);
    let whole = fs::read(&room.path).unwrap();
    for keep in [0, 1, 100, PAGE - 1, PAGE, whole.len() / 2] {
        fs::write(&room.path, &whole[..keep]).unwrap();
        let opened = Cabinet::open(&room.path, &key(), at(1));
        match opened {
            Err(CabinetError::Damaged) => {}
            Ok(cabinet) => assert!(!cabinet.integrity().unwrap().is_whole(), "{keep} bytes"),
            Err(error) => panic!("{keep} bytes: {error:?}"),
        }
        assert_eq!(fs::read(&room.path).unwrap()[..keep.min(PAGE)], whole[..keep.min(PAGE)]);
    }
    let gone = Room::new();
    fs::write(log_of(&gone.path), b"a log without its file").unwrap();
    assert!(matches!(Cabinet::open(&gone.path, &key(), at(1)), Err(CabinetError::Damaged)));
    assert!(log_of(&gone.path).exists());
    assert_eq!(mend(&gone).1.filings, 0);
    assert!(fs::read_dir(gone.folder.path()).unwrap().any(|entry| entry.unwrap().path().join("cabinet.db-wal").exists()));

    fs::write(&room.path, &whole[..whole.len() / 8 * 7]).unwrap();
    let (_cabinet, salvage) = mend(&room);
    let reading = room.read();
    for (sealed, act) in &before.filings {
        if !salvage.lost.iter().any(|lost| lost.id == sealed.filing().id) && reading.filing(sealed.filing().id).unwrap().is_some()
        {
            assert_whole(&reading, sealed, act);
        }
    }
    assert!(salvage.filings > 0 && !salvage.lost.is_empty(), "{salvage:?}");
}

#[test]
fn a_mending_that_was_killed_is_taken_up_again() {
    let room = Room::new();
    let (mut cabinet, before) = fill(&room, 10, 1, 9_000);
    let sealed = &before.filings[9].0;
    let correction = Uuid::from_u128(77);
    let answer = Draft { supplement_to: Some((sealed.filing().id, correction)), ..draft(500) };
    cabinet.save_draft(&answer).unwrap();
    let page = cabinet.put_page(answer.id, "MR2", None, &picture(8, 4_000), 1, 1).unwrap();
    let items = vec![SupplementItem { item: 0, answer: None, note: String::new() }];
    let supplement = act(sealed, What::Supplement { correction, items, pages: vec![page.clone()] }, 300_000_000);
    cabinet.enqueue(&supplement, Some(answer.id)).unwrap();
    drop(cabinet);
    destroy(&room.path, 0..1);
    destroy(&room.path, 3..4);
    let (cabinet, first) = mend(&room);
    drop(cabinet);
    // The state just before the last step, with leftovers of the first try.
    fs::write(room.path.with_added_extension("mending"), first.set_aside.file_name().unwrap().to_str().unwrap()).unwrap();
    fs::write(room.path.with_added_extension("new"), b"half").unwrap();
    assert!(matches!(Cabinet::open(&room.path, &key(), at(1)), Err(CabinetError::Damaged)));
    assert!(matches!(Cabinet::reading(&room.path, &key()), Err(CabinetError::Damaged)));
    let (cabinet, second) = mend(&room);
    assert_eq!((second.filings, second.drafts, &second.lost), (10, 1, &vec![]));
    assert_eq!(second.set_aside, first.set_aside);
    let reading = room.read();
    before.filings.iter().for_each(|(sealed, act)| assert_whole(&reading, sealed, act));
    let acts = reading.filing(sealed.filing().id).unwrap().unwrap().acts;
    assert_eq!(acts[1], (supplement.clone(), ActState::Waiting));
    let parcels = cabinet.parcels(at(1)).unwrap();
    let parcel = parcels.iter().find(|parcel| parcel.act == supplement).unwrap();
    assert_eq!(parcel.pages[0].sha256, page.sha256, "its page goes with it");
    assert!(cabinet.integrity().unwrap().is_whole());
}

#[test]
fn a_damaged_cabinet_says_damaged_and_never_shows_anything_else_than_what_was_put() {
    let room = Room::new();
    let (cabinet, before) = fill(&room, 60, 5, 9_000);
    drop(cabinet);
    let whole = fs::read(&room.path).unwrap();
    let mut damaged = 0;
    let mut good = 0;
    let mut named = 0;
    for seed in 0..12 {
        fs::write(&room.path, &whole).unwrap();
        destroy(&room.path, random_sectors(&room.path, seed, 6));
        if seed % 3 == 0 {
            // Zeros over a whole page pass SQLCipher's check where the file vacuums itself.
            let file = fs::OpenOptions::new().write(true).open(&room.path).unwrap();
            let pages = whole.len() / PAGE;
            (0..20).for_each(|i| {
                file.write_all_at(&[0; PAGE], ((i * 17 + seed as usize) % (pages - 8) + 8) as u64 * PAGE as u64).unwrap()
            });
        }
        let mut judge = |error: CabinetError| {
            assert!(matches!(error, CabinetError::Damaged | CabinetError::Contradiction(_)), "seed {seed}: {error:?}");
            damaged += 1;
        };
        match Cabinet::reading(&room.path, &key()) {
            Err(error) => judge(error),
            Ok(reading) => {
                for (sealed, act) in &before.filings {
                    let Ok(reading) = Cabinet::reading(&room.path, &key()) else { continue };
                    match reading.filing(sealed.filing().id) {
                        Ok(Some(full)) => assert!(&full.sealed == sealed && &full.acts[0].0 == act),
                        // A destroyed index finds nothing; the integrity check says so.
                        Ok(None) => {}
                        Err(error) => judge(error),
                    }
                    for page in &sealed.filing().pages {
                        let ranges = reading
                            .page_range(page.sha256, 0, 4_000)
                            .and_then(|first| Ok(first.zip(reading.page_range(page.sha256, 4_000, 9_000)?)));
                        match ranges {
                            Ok(Some((first, second))) => {
                                assert_eq!(Digest::of(&[first, second].concat()), page.sha256);
                                good += 1;
                            }
                            Ok(None) => {}
                            Err(error) => judge(error),
                        }
                    }
                }
                let lists =
                    [reading.filings(99).err(), reading.search("李", 99).err(), reading.queue().err(), reading.drafts().err()];
                lists.into_iter().flatten().for_each(&mut judge);
            }
        }
        match Cabinet::open(&room.path, &key(), at(0)) {
            Err(error) => judge(error),
            Ok(mut cabinet) => {
                cabinet.set_keep_free(0);
                let new = draft(800);
                let done = cabinet
                    .save_draft(&new)
                    .and_then(|()| cabinet.put_page(new.id, "MR1", None, &picture(77, 50_000), 1, 1))
                    .and_then(|page| {
                        let (sealed, act) = seal(&new, vec![page], "SLC-800");
                        cabinet.seal(new.id, &sealed, &act)
                    });
                done.err().into_iter().for_each(&mut judge);
                cabinet.parcels(at(0)).err().into_iter().for_each(&mut judge);
                let found = cabinet.integrity().unwrap();
                assert!(!found.is_whole(), "seed {seed}");
                named += found.filings.len();
            }
        }
    }
    assert!(damaged > 50 && good > 50, "{damaged} damaged, {good} good: the test must see both");
    assert!(named > 0 && named < 12 * 40, "{named} filings named by the integrity check");
}
