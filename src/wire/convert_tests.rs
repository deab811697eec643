use jiff::Timestamp;
use matters::{ActedBy, PageRef};
use serde_json::json;
use uuid::Uuid;

use super::*;

fn act(what: What) -> Act {
    Act {
        id: Uuid::from_u128(1),
        filing: Uuid::from_u128(2),
        acted_by: ActedBy { account: "wang".into(), session: Uuid::from_u128(3) },
        at: Timestamp::UNIX_EPOCH,
        revision: 0,
        what,
    }
}

fn withdraw() -> What {
    What::Withdraw { reason: "不办了".into() }
}

#[test]
fn what_is_packed_opens_with_the_same_bytes() {
    let act = act(withdraw());
    let bytes = canonical::to_bytes(&act);
    let opened = Commit::pack(&bytes, None).open().unwrap();
    assert_eq!((opened.act, opened.act_bytes), (act, bytes));
    assert!(opened.filing.is_none());
}

#[test]
fn a_field_that_only_a_newer_terminal_knows_stays_in_the_bytes() {
    let mut value = serde_json::to_value(act(withdraw())).unwrap();
    value["new_in_version_2"] = json!("kept");
    let bytes = canonical::to_bytes(&value);
    let opened = Commit::pack(&bytes, None).open().unwrap();
    assert_eq!(opened.act_bytes, bytes);
}

#[test]
fn what_is_not_canonical_or_does_not_belong_together_is_refused() {
    let good = canonical::to_bytes(&act(withdraw()));
    let spaced = [b" ", good.as_slice()].concat();
    assert!(matches!(Commit::pack(&spaced, None).open(), Err(CommitFault::NotCanonical)));
    assert!(matches!(Commit::pack(b"{}", None).open(), Err(CommitFault::NotAnAct(_))));
    assert!(matches!(Commit { act: "*".into(), filing: None }.open(), Err(CommitFault::Base64)));
    assert!(matches!(Commit::pack(&good, Some(b"{}")).open(), Err(CommitFault::Filing(_))));
    let files = canonical::to_bytes(&act(What::File { digest: Digest([0; 32]) }));
    assert!(matches!(Commit::pack(&files, None).open(), Err(CommitFault::Mismatch)));
}

#[test]
fn pages_of_an_act_are_named_once_and_in_order() {
    let page =
        |byte: u8| PageRef { material: "MR1".into(), order: 1, sha256: Digest([byte; 32]), bytes: 1, width_px: 1, height_px: 1 };
    let act = act(What::Supplement { correction: Uuid::from_u128(4), items: Vec::new(), pages: vec![page(2), page(1), page(2)] });
    let opened = Commit::pack(&canonical::to_bytes(&act), None).open().unwrap();
    assert_eq!(opened.pages(), [Digest([1; 32]), Digest([2; 32])]);
}

/// What terminals in the villages say today, from the file that the hall replays too.
#[test]
fn the_recorded_requests_of_version_1_are_understood() {
    let recorded: Vec<serde_json::Value> = serde_json::from_str(include_str!("recorded/1/delivery.json")).unwrap();
    let body = |path: &str| recorded.iter().find(|said| said["path"] == path).unwrap()["body"].clone();
    let have: crate::Have = serde_json::from_value(body(crate::path::HAVE)).unwrap();
    let commit: Commit = serde_json::from_value(body(crate::path::ACTS)).unwrap();
    let opened = commit.open().unwrap();
    assert_eq!(opened.pages(), have.digests);
    assert_eq!(Commit::pack(&opened.act_bytes, None), commit, "verbatim");
}

/// A newer side may say more: what is known is understood, the rest is passed over.
#[test]
fn every_message_survives_words_of_a_later_version() {
    fn with_more<T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug>(message: T) {
        let mut value = serde_json::to_value(&message).unwrap();
        value["said_since_version_2"] = json!({"deep": [1, null]});
        assert_eq!(serde_json::from_value::<T>(value).unwrap(), message);
    }
    let mark = crate::LedgerMark { incarnation: Uuid::from_u128(1), sequence: 1, chain: None, backed_up: None };
    let point = crate::PointInfo { id: "SLC".into(), name: String::new(), hours: String::new(), phone: String::new() };
    let key = crate::HallKey { kid: "k".into(), public: "00".into() };
    let hall = crate::HallInfo {
        name: String::new(),
        phone: String::new(),
        supervision_phone: String::new(),
        keys: vec![key],
        bundle: None,
        recovery: None,
    };
    with_more(crate::Admission { code: String::new(), csr_pem: String::new(), machine: String::new(), wire: 2 });
    with_more(crate::Admitted {
        terminal: "SLC-1".into(),
        serial: "01".into(),
        point: point.clone(),
        hall: hall.clone(),
        certificate_pem: String::new(),
        authority_pem: String::new(),
    });
    with_more(crate::Renewal { csr_pem: String::new(), wire: 2 });
    with_more(crate::Renewed { certificate_pem: String::new() });
    with_more(crate::Have { digests: vec![Digest([0; 32])] });
    with_more(crate::Held { digests: Vec::new() });
    with_more(Commit::pack(b"{}", None));
    with_more(crate::Answer { receipt: "a.b.c".into(), ledger: mark.clone() });
    let refusal = crate::Refusal {
        code: "stale_revision".into(),
        by: String::new(),
        at: Timestamp::UNIX_EPOCH,
        state: matters::State::Received,
    };
    with_more(refusal.clone());
    with_more(crate::Receipt {
        act: Uuid::from_u128(1),
        filing: Uuid::from_u128(2),
        act_sha256: Digest([1; 32]),
        filing_sha256: None,
        pages: Vec::new(),
        case_number: String::new(),
        received_at: Timestamp::UNIX_EPOCH,
        refused: Some(refusal),
        revision: 1,
    });
    let event = crate::Event { sequence: 1, what: crate::EventKind::Point { point, hall } };
    with_more(event.clone());
    let package = crate::package::Manifest {
        kind: "catalogue".into(),
        version: "2026.3".into(),
        in_force_from: jiff::civil::date(2026, 11, 1),
        files: vec![crate::package::PackageFile { name: "catalogue.toml".into(), sha256: Digest([3; 32]), bytes: 9 }],
    };
    with_more(package.files[0].clone());
    let offer = crate::package::Offer {
        kind: package.kind.clone(),
        version: package.version.clone(),
        sha256: Digest([4; 32]),
        bytes: package.bytes(),
        in_force_from: package.in_force_from,
    };
    with_more(package);
    with_more(offer.clone());
    with_more(crate::Event { sequence: 2, what: crate::EventKind::Packages { packages: vec![offer] } });
    let message = crate::Message { id: Uuid::from_u128(3), at: Timestamp::UNIX_EPOCH, text: String::new() };
    with_more(message.clone());
    with_more(crate::Event { sequence: 3, what: crate::EventKind::Message { message } });
    with_more(crate::FeedPage {
        point: "SLC".into(),
        cursor: 1,
        more: false,
        hall_time: Timestamp::UNIX_EPOCH,
        ledger: mark,
        events: vec![event],
    });
    let unknown: crate::Event = serde_json::from_value(json!({"sequence": 9, "kind": "weather", "report": {"a": 1}})).unwrap();
    assert_eq!(unknown, crate::Event { sequence: 9, what: crate::EventKind::Unknown });
}

#[test]
fn what_a_terminal_knows_of_the_ledger_reads_as_it_was_written() {
    let known = crate::Known { incarnation: Uuid::from_u128(7), sequence: 42, chain: Digest([9; 32]) };
    assert_eq!(crate::Known::parse(&known.to_string()), Some(known));
    let (id, chain) = (Uuid::from_u128(7), Digest([9; 32]));
    for text in
        ["", "42", &format!("{id}/42"), &format!("{id}/-1/{chain}"), &format!("{id}/42/{chain}0"), &format!("x/42/{chain}")]
    {
        assert_eq!(crate::Known::parse(text), None, "{text}");
    }
}
