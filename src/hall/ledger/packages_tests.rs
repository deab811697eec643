//! What the town gives its points: told once, to everybody, and exactly what was published.

use matters::{Digest, canonical};
use wire::{EventKind, package, problem::Kind};

use super::{fixtures::*, *};
use crate::published::Published;

fn catalogue(version: &str, files: &[(&str, &str)]) -> NewPackage {
    NewPackage {
        kind: package::CATALOGUE,
        version: version.into(),
        in_force_from: jiff::civil::date(2026, 11, 1),
        files: files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(),
    }
}

/// Versions of every list of packages that the feed has after `cursor`, and where it ends.
fn told(ledger: &Ledger, point: &str, cursor: u64) -> (Vec<Vec<String>>, u64) {
    let slice = ledger.feed(point, cursor, 100).unwrap();
    let lists = slice.events.into_iter().filter_map(|event| match event.what {
        EventKind::Packages { packages } => Some(packages.into_iter().map(|offer| offer.version).collect()),
        _ => None,
    });
    (lists.collect(), slice.cursor)
}

#[test]
fn a_publication_is_told_once_to_every_point_and_the_same_again_to_nobody() {
    let World { dir: _dir, ledger, .. } = world();
    let (nothing, start) = told(&ledger, "SLC", 0);
    assert!(nothing.is_empty());
    let (one, two) = (catalogue("2026.1", &[("a", "A"), ("b", "B")]), catalogue("2026.2", &[("a", "A"), ("b", "BB")]));
    assert!(ledger.publish(&[one.clone(), two.clone()], "console", now()).unwrap());
    assert!(!ledger.publish(&[two.clone(), one], "console", now()).unwrap(), "it is published already");
    for point in ["SLC", "BHC"] {
        assert_eq!(told(&ledger, point, 0).0.iter().map(Vec::len).collect::<Vec<_>>(), [2], "{point}");
    }
    let (lists, before) = told(&ledger, "SLC", start);
    assert_eq!(lists.len(), 1);
    // One is taken back; who comes later hears the newest only.
    assert!(ledger.publish(&[two], "console", now()).unwrap());
    assert_eq!(told(&ledger, "SLC", before).0, [["2026.2"]]);
    let point = wire::PointInfo { id: "XXC".into(), name: "新点".into(), hours: String::new(), phone: String::new() };
    ledger.add_point(&point, "console", now()).unwrap();
    assert_eq!(told(&ledger, "XXC", 0).0, [["2026.2"]], "a point that is entered later");
    ledger.audit_verify().unwrap();
}

#[test]
fn what_is_published_is_had_by_its_digest_and_what_was_is_not() {
    let World { dir: _dir, ledger, .. } = world();
    ledger.publish(&[catalogue("2026.1", &[("b", "B"), ("a", "A")])], "console", now()).unwrap();
    let offer = ledger.packages().unwrap().remove(0);
    let bytes = ledger.package(offer.sha256).unwrap();
    assert_eq!(Digest::of(&bytes), offer.sha256);
    let manifest: package::Manifest = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(canonical::to_bytes(&manifest), bytes, "canonical");
    assert!(manifest.is_sound());
    assert_eq!(manifest.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(ledger.package_file(manifest.files[0].sha256).unwrap(), b"A");
    ledger.publish(&[], "console", now()).unwrap();
    for gone in [ledger.package(offer.sha256), ledger.package_file(manifest.files[0].sha256)] {
        assert_eq!(gone.unwrap_err().kind(), Kind::NotFound);
    }
}

#[test]
fn the_built_in_catalogue_is_published_with_its_calendar() {
    let World { dir: _dir, ledger, .. } = world();
    let published = Published::bundled().unwrap();
    ledger.publish(&published.packages(jiff::civil::date(2026, 11, 24)), "console", now()).unwrap();
    let kinds: Vec<(String, String)> = ledger.packages().unwrap().into_iter().map(|offer| (offer.kind, offer.version)).collect();
    assert_eq!(kinds.len(), 2);
    assert!(kinds.contains(&("catalogue".into(), published.rules().versions()[0].version().to_owned())), "{kinds:?}");
}

#[test]
fn a_message_reaches_its_point_or_all_of_them() {
    let World { dir: _dir, ledger, .. } = world();
    let heard = |point: &str| -> Vec<String> {
        let events = ledger.feed(point, 0, 100).unwrap().events.into_iter();
        events
            .filter_map(|event| if let EventKind::Message { message } = event.what { Some(message.text) } else { None })
            .collect()
    };
    ledger.send_message(Some("SLC"), " 明天停电 ", "console", now()).unwrap();
    ledger.send_message(None, "系统升级", "console", now()).unwrap();
    assert_eq!((heard("SLC"), heard("BHC")), (vec!["明天停电".to_owned(), "系统升级".into()], vec!["系统升级".into()]));
    assert!(matches!(ledger.send_message(Some("XYZ"), "x", "console", now()), Err(MessageRefuse::Point)));
    for text in ["", " ", &"字".repeat(MESSAGE_CHARS_MAX + 1)] {
        assert!(matches!(ledger.send_message(None, text, "console", now()), Err(MessageRefuse::Text)));
    }
    let sent = ledger.messages().unwrap();
    assert_eq!(sent.len(), 2);
    assert!(sent.iter().any(|one| one.point.as_deref() == Some("SLC") && one.message.text == "明天停电"));
    ledger.audit_verify().unwrap();
}
