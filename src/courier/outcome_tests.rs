use std::collections::BTreeSet;

use super::*;

/// One letter for what is done: Wait, Agent, Resident, Quarantine, aDministrator.
fn letter(outcome: &Outcome) -> char {
    match outcome {
        Outcome::Done(_) => 'O',
        Outcome::Wait { .. } => 'W',
        Outcome::MendByAgent { .. } => 'A',
        Outcome::MendByResident { .. } => 'R',
        Outcome::Quarantine { .. } => 'Q',
        Outcome::Administrator { .. } => 'D',
    }
}

#[test]
fn every_problem_of_the_hall_says_who_does_what() {
    // L: concerns the whole line; P: this parcel only.
    let table = [
        (Kind::CodeUnknown, 'A', Scope::Parcel),
        (Kind::NoCertificate, 'D', Scope::Line),
        (Kind::TerminalUnknown, 'D', Scope::Line),
        (Kind::CertificateRevoked, 'D', Scope::Line),
        (Kind::CertificateExpired, 'W', Scope::Line),
        (Kind::BodyTooLarge, 'Q', Scope::Parcel),
        (Kind::TooManyPages, 'Q', Scope::Parcel),
        (Kind::BadRequest, 'Q', Scope::Parcel),
        (Kind::WireVersion, 'D', Scope::Line),
        (Kind::NotFound, 'D', Scope::Parcel),
        (Kind::UploadGone, 'W', Scope::Parcel),
        (Kind::OffsetMismatch, 'W', Scope::Parcel),
        (Kind::ChecksumMismatch, 'W', Scope::Parcel),
        (Kind::DigestMismatch, 'W', Scope::Parcel),
        (Kind::PageUnknown, 'W', Scope::Parcel),
        (Kind::NotCanonical, 'Q', Scope::Parcel),
        (Kind::ActConflict, 'Q', Scope::Parcel),
        (Kind::ActorUnknown, 'D', Scope::Parcel),
        (Kind::WrongPoint, 'Q', Scope::Parcel),
        (Kind::CatalogueUnknown, 'A', Scope::Parcel),
        (Kind::FormFaulty, 'R', Scope::Parcel),
        (Kind::StorageFull, 'W', Scope::Line),
        (Kind::Busy, 'W', Scope::Line),
        (Kind::Internal, 'W', Scope::Parcel),
    ];
    assert_eq!(table.len(), Kind::ALL.len(), "a kind of problem is missing here");
    for (kind, expected, scope) in table {
        let outcome = Outcome::from(kind);
        assert_eq!(letter(&outcome), expected, "{kind:?}");
        assert_eq!(outcome.scope(), scope, "{kind:?}");
        assert_eq!(outcome.code(), kind.slug().replace('-', "_"), "{kind:?}");
    }
}

#[test]
fn trouble_of_the_line_never_sets_a_filing_aside() {
    for trouble in LineTrouble::ALL {
        let outcome = Outcome::from(*trouble);
        assert!(matches!(letter(&outcome), 'W' | 'D'), "{trouble:?}");
        assert_eq!(outcome.scope(), Scope::Line, "{trouble:?}");
    }
}

#[test]
fn no_fault_in_an_answer_is_ever_taken_for_done_or_for_a_refusal() {
    for finding in Finding::ALL {
        assert!(matches!(letter(&Outcome::from(*finding)), 'W' | 'D' | 'A'), "{finding:?}");
    }
}

#[test]
fn codes_are_unique_and_plain() {
    let all = codes();
    let unique: BTreeSet<_> = all.iter().collect();
    assert_eq!(unique.len(), all.len());
    assert!(all.iter().all(|code| code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')));
    assert!(PARCEL_CODES.iter().all(|code| all.contains(code)), "a code that nothing carries");
}

#[test]
fn a_pace_named_by_the_hall_wins_over_our_own() {
    let own = Outcome::from(Kind::StorageFull).with_retry_after(Some(Duration::from_secs(7)));
    assert_eq!(own, Outcome::Wait { code: "storage_full", retry_after: Some(Duration::from_secs(7)) });
    let kept = Outcome::from(Kind::StorageFull).with_retry_after(None);
    assert_eq!(kept, Outcome::Wait { code: "storage_full", retry_after: Some(Duration::from_secs(600)) });
}
