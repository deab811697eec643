//! The cabinet on a real file: the way of a filing, and every way to be refused at the door.

use std::fs;

use matters::State;

use crate::{fixtures::*, *};

#[test]
fn a_filing_goes_from_draft_to_receipt() {
    let room = Room::new();
    let mut cabinet = room.open();
    let reading = room.read();
    let draft = draft(1);
    cabinet.save_draft(&draft).unwrap();
    assert_eq!(reading.drafts().unwrap(), std::slice::from_ref(&draft), "a reader beside the writer sees it at once");

    let first = cabinet.put_page(draft.id, "MR1", None, &picture(1, 300_000), 1000, 1400).unwrap();
    let second = cabinet.put_page(draft.id, "MR1", None, &picture(2, 10), 10, 14).unwrap();
    assert_eq!((first.order, second.order, second.bytes), (1, 2, 10));
    let kept = cabinet.draft(draft.id).unwrap().unwrap();
    assert_eq!(kept.pages, [first.clone(), second.clone()]);
    assert_eq!(kept, Draft { pages: kept.pages.clone(), ..draft.clone() });

    let (sealed, act) = seal(&draft, kept.pages, "SLC-1");
    cabinet.seal(draft.id, &sealed, &act).unwrap();
    cabinet.seal(draft.id, &sealed, &act).unwrap();
    assert_eq!(cabinet.draft(draft.id).unwrap(), None);
    assert!(matches!(cabinet.save_draft(&draft), Err(CabinetError::Closed)), "a late save does not bring it back");

    let parcels = cabinet.parcels(at(10)).unwrap();
    let [parcel] = &parcels[..] else { panic!("one parcel, not {}", parcels.len()) };
    assert_eq!(parcel.act, act);
    assert_eq!(parcel.act_bytes, matters::canonical::to_bytes(&act));
    assert_eq!(parcel.filing_bytes.as_deref(), Some(sealed.bytes()));
    assert_eq!(parcel.pages.iter().map(|page| page.sha256).collect::<Vec<_>>(), [first.sha256, second.sha256]);
    assert_eq!(reading.page_range(first.sha256, 299_990, 100).unwrap().unwrap(), &picture(1, 300_000)[299_990..]);

    assert_eq!(reading.filings(10).unwrap()[0].stage, Stage::Waiting);
    cabinet.record_upload(first.sha256, Some("/api/1/pages/x"), 150_000, false).unwrap();
    let row = &reading.filings(10).unwrap()[0];
    assert_eq!((row.stage, row.bytes_sent, row.bytes_total), (Stage::Sending, 150_000, 300_010));
    let upload = &cabinet.parcels(at(10)).unwrap()[0].pages[0];
    assert_eq!((upload.location.as_deref(), upload.offset, upload.done), (Some("/api/1/pages/x"), 150_000, false));
    let queue = reading.queue().unwrap();
    assert_eq!((queue.filings_waiting, queue.pages_waiting, queue.bytes_total, queue.bytes_sent), (1, 2, 300_010, 150_000));

    cabinet.record_receipt(&receipt(&act, 1)).unwrap();
    cabinet.record_receipt(&receipt(&act, 1)).unwrap();
    assert!(cabinet.parcels(at(10)).unwrap().is_empty());
    let full = reading.filing(sealed.filing().id).unwrap().unwrap();
    assert_eq!((full.row.stage, full.row.bytes_sent), (Stage::Received, 300_010));
    assert_eq!(full.receipt, Some(receipt(&act, 1).jws));
    assert_eq!(full.received_at, Some(at(5_000)));
    assert_eq!(full.acts, [(act, ActState::Acknowledged { at: at(5_000) })]);
    assert_eq!(full.sealed, sealed);
    assert!(cabinet.integrity().unwrap().is_whole());

    cabinet.apply_feed(&FeedNews { cursor: 7, cases: vec![case(&sealed, State::Accepted, 2)], ..FeedNews::default() }).unwrap();
    assert_eq!(reading.filings(1).unwrap()[0].case.as_ref().unwrap().state, State::Accepted);
    assert_eq!(cabinet.cursor().unwrap(), 7);
}

#[test]
fn nothing_in_the_folder_can_be_read_without_the_key() {
    let room = Room::new();
    let mut cabinet = room.open();
    cabinet.set_admission(&admission()).unwrap();
    let marker = b"MARKER-OF-A-PICTURE-MARKER".repeat(1000);
    cabinet.save_draft(&draft(1)).unwrap();
    cabinet.put_page(id(1), "MR1", None, &marker, 1, 1).unwrap();
    cabinet.backup(&room.folder.path().join("backup.db")).unwrap();
    for entry in fs::read_dir(room.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        for text in [&b"MARKER-OF-A-PICTURE"[..], b"SQLite format 3", b"CREATE TABLE", b"hall.example", "李样本".as_bytes()] {
            assert!(!bytes.windows(text.len()).any(|window| window == text), "{path:?} shows its contents");
        }
    }
}

#[test]
fn a_second_program_is_told_that_the_cabinet_is_held() {
    let room = Room::new();
    let first = room.open();
    assert!(matches!(Cabinet::open(&room.path, &key(), at(0)), Err(CabinetError::Held)));
    drop(first);
    assert_eq!(room.open().arrival(), Arrival::Reopened);
}

#[test]
fn the_wrong_key_is_said_and_changes_nothing() {
    let room = Room::new();
    file(&mut room.open(), 1, &[5_000]);
    let before = fs::read(&room.path).unwrap();
    let wrong = CabinetKey::from_bytes([8; 32]);
    let refused = Cabinet::open(&room.path, &wrong, at(0));
    assert!(matches!(refused, Err(CabinetError::WrongKey)), "{refused:?}");
    assert!(matches!(Cabinet::reading(&room.path, &wrong), Err(CabinetError::WrongKey)));
    assert_eq!(fs::read(&room.path).unwrap(), before);
    assert_eq!(room.read().filings(9).unwrap().len(), 1);
}
