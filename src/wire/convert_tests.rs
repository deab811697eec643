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
