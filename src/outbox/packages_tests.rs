//! Packages and messages: at least once down the line, applied once.

use jiff::civil::date;
use matters::Digest;

use crate::{fixtures::*, *};

fn offered(kind: PackageKind, version: &str, seed: u8) -> PackageOffer {
    PackageOffer {
        kind,
        version: version.into(),
        sha256: Digest([seed; 32]),
        bytes: 10,
        in_force_from: date(2026, seed as i8, 1),
    }
}

fn catalogue(version: &str, seed: u8) -> PackageOffer {
    offered(PackageKind::Catalogue, version, seed)
}

fn hear(cabinet: &mut Cabinet, cursor: u64, offers: &[&PackageOffer]) {
    let packages = Some(offers.iter().map(|offer| (*offer).clone()).collect());
    cabinet.apply_feed(&FeedNews { cursor, packages, ..FeedNews::default() }).unwrap();
}

/// Fetches it whole.
fn hold(cabinet: &mut Cabinet, offer: &PackageOffer, texts: &[&str]) {
    let file =
        |text: &&str| PackageFile { name: format!("{text}.toml"), sha256: Digest::of(text.as_bytes()), bytes: text.len() as u64 };
    texts.iter().for_each(|text| cabinet.put_package_file(Digest::of(text.as_bytes()), text.as_bytes()).unwrap());
    let files = texts.iter().map(file).collect();
    cabinet.settle_package(offer.sha256, &PackageVerdict::Good { manifest: "a.b.c".into(), files }).unwrap();
}

/// Versions that count.
fn counting(room: &Room) -> Vec<String> {
    room.read().packages().unwrap().into_iter().filter(|row| row.counts).map(|row| row.offer.version).collect()
}

/// Version, offered, what it is, in the order of the cabinet.
fn known(room: &Room) -> Vec<(String, bool, char)> {
    let state = |state: &PackageState| match state {
        PackageState::Wanted { .. } => 'w',
        PackageState::Held { .. } => 'h',
        PackageState::Refused { .. } => 'r',
    };
    room.read().packages().unwrap().iter().map(|row| (row.offer.version.clone(), row.offered, state(&row.state))).collect()
}

fn is_here(room: &Room, text: &str) -> bool {
    room.read().package_file(Digest::of(text.as_bytes())).unwrap().is_some()
}

#[test]
fn an_offer_is_wanted_once_and_counts_when_it_is_held() {
    let room = Room::new();
    let mut cabinet = room.open();
    let (one, two) = (catalogue("2026.1", 1), catalogue("2026.2", 2));
    hear(&mut cabinet, 1, &[&one]);
    hear(&mut cabinet, 1, &[&one]);
    assert_eq!(known(&room), [("2026.1".into(), true, 'w')]);
    hold(&mut cabinet, &one, &["head", "a"]);
    // The next version is named together with it, then alone.
    hear(&mut cabinet, 2, &[&one, &two]);
    assert_eq!(known(&room), [("2026.2".into(), true, 'w'), ("2026.1".into(), true, 'h')]);
    hold(&mut cabinet, &two, &["head", "b"]);
    hear(&mut cabinet, 3, &[&two]);
    assert_eq!(known(&room), [("2026.2".into(), true, 'h'), ("2026.1".into(), false, 'h')], "the earlier one stays for drafts");
    assert!(["head", "a", "b"].iter().all(|text| is_here(&room, text)));
    // A page that comes late changes nothing.
    hear(&mut cabinet, 2, &[&one]);
    assert_eq!(known(&room), [("2026.2".into(), true, 'h'), ("2026.1".into(), false, 'h')]);
    drop(cabinet);
    assert_eq!(room.open().cursor().unwrap(), 3, "the same program does not hear the feed again");
}

#[test]
fn what_counted_goes_on_counting_until_all_that_is_offered_instead_is_held() {
    let room = Room::new();
    let mut cabinet = room.open();
    let (one, two, three) = (catalogue("2026.1", 1), catalogue("2026.2", 2), catalogue("2026.3", 3));
    hear(&mut cabinet, 1, &[&one]);
    assert!(counting(&room).is_empty());
    hold(&mut cabinet, &one, &["one"]);
    hear(&mut cabinet, 2, &[&two]);
    assert_eq!(counting(&room), ["2026.1"], "the new one is not here yet");
    let refused = PackageVerdict::Refused { code: "toml".into(), detail: String::new(), judged_by: "0".into() };
    cabinet.settle_package(two.sha256, &refused).unwrap();
    assert_eq!(counting(&room), ["2026.1"], "and has a fault");
    hear(&mut cabinet, 3, &[&three]);
    assert_eq!(counting(&room), ["2026.1"]);
    hold(&mut cabinet, &three, &["three"]);
    assert_eq!(counting(&room), ["2026.3"]);
    // The town goes back to the first, which lies here: at once, and the other counts no more, not even
    // while something else is on its way.
    hear(&mut cabinet, 4, &[&one]);
    assert_eq!(counting(&room), ["2026.1"]);
    hear(&mut cabinet, 5, &[&two]);
    assert_eq!(counting(&room), ["2026.1"]);
    hear(&mut cabinet, 6, &[]);
    assert!(counting(&room).is_empty(), "it offers nothing at all");
}

#[test]
fn a_version_that_was_mended_replaces_the_faulty_one_only_when_it_is_held() {
    let room = Room::new();
    let mut cabinet = room.open();
    let (first, mended) = (catalogue("2026.2", 2), catalogue("2026.2", 3));
    hear(&mut cabinet, 1, &[&first]);
    hold(&mut cabinet, &first, &["head", "wrong"]);
    hear(&mut cabinet, 2, &[&mended]);
    assert_eq!(known(&room), [("2026.2".into(), true, 'w'), ("2026.2".into(), false, 'h')]);
    cabinet.settle_package(mended.sha256, &PackageVerdict::Trouble { code: "line_cut".into() }).unwrap();
    let refused = PackageVerdict::Refused { code: "toml".into(), detail: "M09.toml:1".into(), judged_by: "0.0.0".into() };
    cabinet.settle_package(mended.sha256, &refused).unwrap();
    assert_eq!(known(&room), [("2026.2".into(), true, 'r'), ("2026.2".into(), false, 'h')], "refused: nothing changes");
    hold(&mut cabinet, &mended, &["head", "right"]);
    assert_eq!(known(&room), [("2026.2".into(), true, 'h')]);
    assert!(!is_here(&room, "wrong") && is_here(&room, "right"), "files that nothing names go");
}

#[test]
fn what_the_town_takes_back_before_it_is_held_is_forgotten_and_there_is_one_calendar() {
    let room = Room::new();
    let mut cabinet = room.open();
    let (one, two) = (offered(PackageKind::Calendar, "2026", 1), offered(PackageKind::Calendar, "2027", 2));
    let never = catalogue("2026.9", 9);
    hear(&mut cabinet, 1, &[&one, &never]);
    hold(&mut cabinet, &one, &["days"]);
    hear(&mut cabinet, 2, &[&two]);
    assert_eq!(known(&room), [("2027".into(), true, 'w'), ("2026".into(), false, 'h')]);
    hold(&mut cabinet, &two, &["more days"]);
    assert_eq!(known(&room), [("2027".into(), true, 'h')]);
    assert!(!is_here(&room, "days"));
    assert!(matches!(cabinet.put_package_file(Digest([1; 32]), b"other bytes"), Err(CabinetError::Damaged)));
}

#[test]
fn a_message_that_comes_again_stays_read() {
    let room = Room::new();
    let mut cabinet = room.open();
    let message = |n: u128| Message { id: id(n), at: at(n as i64), text: format!("通知{n}"), read_at: None };
    let news = |cursor, messages| FeedNews { cursor, messages, ..FeedNews::default() };
    cabinet.apply_feed(&news(1, vec![message(1), message(2)])).unwrap();
    cabinet.read_message(id(2), at(50)).unwrap();
    cabinet.read_message(id(2), at(60)).unwrap();
    cabinet.read_message(id(7), at(60)).unwrap();
    cabinet.apply_feed(&news(1, vec![message(1), message(2)])).unwrap();
    let told: Vec<_> = room.read().messages(9).unwrap().into_iter().map(|message| (message.text, message.read_at)).collect();
    assert_eq!(told, [("通知1".into(), None), ("通知2".into(), Some(at(50)))], "unread first, each once");
}
