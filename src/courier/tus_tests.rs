use proptest::prelude::*;

use super::*;

fn page(bytes: u64, location: Option<&str>) -> PageUpload {
    PageUpload { sha256: Digest([7; 32]), bytes, location: location.map(Into::into), offset: 0, done: false }
}

fn step(trip: &mut Trip, came: Came) -> Next {
    let asked = trip.next();
    trip.learn(&asked, came);
    trip.next()
}

fn stands(offset: u64) -> Came {
    Came::Stands { offset, length: None }
}

#[test]
fn a_new_page_is_created_sent_and_done() {
    let mut trip = Trip::new(&page(100_000, None));
    assert_eq!(trip.next(), Next::Create);
    let send = step(&mut trip, Came::Created { location: "/x".into() });
    assert_eq!(send, Next::Send { location: "/x".into(), from: 0, checksum: false });
    assert_eq!(step(&mut trip, stands(100_000)), Next::Done);
}

#[test]
fn a_page_half_sent_yesterday_is_asked_for_and_goes_on_from_there() {
    let mut trip = Trip::new(&page(100_000, Some("/x")));
    assert_eq!(trip.next(), Next::Ask { location: "/x".into() });
    let send = step(&mut trip, stands(60_000));
    assert_eq!(send, Next::Send { location: "/x".into(), from: 60_000, checksum: true }, "short enough for a checksum");
}

#[test]
fn a_page_whole_but_not_closed_gets_an_empty_body() {
    let mut trip = Trip::new(&page(10, Some("/x")));
    assert_eq!(step(&mut trip, stands(10)), Next::Send { location: "/x".into(), from: 10, checksum: true });
    assert_eq!(step(&mut trip, stands(10)), Next::Done);
}

#[test]
fn an_upload_that_is_gone_begins_anew_a_few_times_only() {
    let mut trip = Trip::new(&page(10, Some("/old")));
    assert_eq!(step(&mut trip, Came::Gone), Next::Create);
    for _ in 0..CREATED_MAX {
        step(&mut trip, Came::Created { location: "/x".into() });
        step(&mut trip, Came::Gone);
    }
    assert_eq!(trip.next(), Next::GiveUp(Kind::UploadGone.into()));
}

#[test]
fn a_hall_that_takes_nothing_is_left_alone_with_its_last_word() {
    let mut trip = Trip::new(&page(10, Some("/x")));
    step(&mut trip, stands(0));
    for _ in 0..IDLE_MAX {
        assert!(matches!(trip.next(), Next::Send { .. }));
        step(&mut trip, Came::Unsure(Kind::ChecksumMismatch.into()));
        step(&mut trip, stands(0));
    }
    assert_eq!(trip.next(), Next::GiveUp(Kind::ChecksumMismatch.into()));
}

#[test]
fn an_offset_beyond_the_page_or_another_length_is_not_our_upload() {
    for came in [stands(11), Came::Stands { offset: 0, length: Some(11) }] {
        let mut trip = Trip::new(&page(10, Some("/x")));
        assert_eq!(step(&mut trip, came), Next::Create);
    }
}

#[test]
fn headers_are_as_the_protocol_writes_them() {
    let digest = Digest::of(b"");
    assert_eq!(
        metadata(&digest),
        "sha256 ZTNiMGM0NDI5OGZjMWMxNDlhZmJmNGM4OTk2ZmI5MjQyN2FlNDFlNDY0OWI5MzRjYTQ5NTk5MWI3ODUyYjg1NQ=="
    );
    assert_eq!(checksum(&digest), "sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
}

fn any_came() -> impl Strategy<Value = Came> {
    prop_oneof![
        Just(Came::Created { location: "/n".into() }),
        (0u64..20, proptest::option::of(9u64..12)).prop_map(|(offset, length)| Came::Stands { offset, length }),
        Just(Came::Gone),
        Just(Came::Unsure(LineTrouble::Cut.into())),
    ]
}

proptest! {
    /// Whatever a hall says in whatever order, the trip ends, and it ends in `Done` only
    /// after the hall has acknowledged the last byte.
    #[test]
    fn every_trip_ends(known: bool, script in proptest::collection::vec(any_came(), 200)) {
        let mut trip = Trip::new(&page(10, known.then_some("/x")));
        let mut last_stand = None;
        let mut ended = false;
        for came in script {
            let asked = trip.next();
            match &asked {
                Next::Done => {
                    prop_assert_eq!(last_stand, Some(10));
                    ended = true;
                    break;
                }
                Next::GiveUp(_) => {
                    ended = true;
                    break;
                }
                // An answer that does not fit the request is a broken hall: the client would
                // have turned it into `Unsure`.
                Next::Create if !matches!(came, Came::Created { .. }) => trip.learn(&asked, Came::Unsure(LineTrouble::AnswerUnreadable.into())),
                Next::Ask { .. } | Next::Send { .. } if matches!(came, Came::Created { .. }) => {
                    trip.learn(&asked, Came::Unsure(LineTrouble::AnswerUnreadable.into()));
                }
                _ => {
                    if let Came::Stands { offset, .. } = &came {
                        last_stand = Some(*offset);
                    }
                    trip.learn(&asked, came);
                }
            }
        }
        prop_assert!(ended, "still going after 200 answers: {:?}", trip);
    }
}
