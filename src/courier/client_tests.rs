//! The way up, against a hall that commits one fault at a time.

#[path = "scripted/mod.rs"]
pub(crate) mod scripted;

use std::time::Duration;

use matters::Digest;
use outbox::ReceiptNews;
use wire::{path, problem::Kind};

use self::scripted::{Authority, Fault, Forgery, Pack, TinyHall, day, pack, supplement};
use super::*;
use crate::{Step, delivery::PIECE_BYTES, outcome::LineTrouble, talk::LANES};

pub(crate) fn client(hall: &TinyHall) -> Client {
    client_of(&hall.admission())
}

pub(crate) fn client_of(admission: &Admission) -> Client {
    Client::new(admission, Line { wall: Box::new(|| day("2026-06-01")), hall_time: None }).unwrap()
}

/// Delivers and keeps what the cabinet would keep.
fn deliver(client: &mut Client, pack: &mut Pack) -> (Outcome, Vec<Step>) {
    let mut steps = Vec::new();
    let parcel = pack.parcel.clone();
    let outcome = client.deliver(&parcel, &mut pack.bytes(), &mut |progress| steps.push(progress.step), &StopFlag::new());
    for step in &steps {
        match step {
            Step::Sending { .. } => {}
            Step::Upload { page, location, offset, done } => {
                let upload = pack.parcel.pages.iter_mut().find(|upload| upload.sha256 == *page).unwrap();
                (upload.location, upload.offset, upload.done) = (location.clone(), *offset, *done);
            }
            Step::Forget { page } => {
                let upload = pack.parcel.pages.iter_mut().find(|upload| upload.sha256 == *page).unwrap();
                (upload.location, upload.offset, upload.done) = (None, 0, false);
            }
        }
    }
    (outcome, steps)
}

fn done(outcome: Outcome) -> ReceiptNews {
    match outcome {
        Outcome::Done(news) => *news,
        other => panic!("{other:?}"),
    }
}

/// The hall holds this act once, with every page as it was.
fn assert_held(hall: &TinyHall, pack: &Pack) {
    let state = hall.state();
    assert_eq!(state.acts[&pack.parcel.act.id].0, pack.parcel.act_bytes);
    for page in &pack.pages {
        assert_eq!(state.held[&Digest::of(page)], *page);
    }
}

#[test]
fn a_filing_goes_up_whole_and_comes_back_as_a_receipt() {
    let hall = TinyHall::start();
    let mut pack = pack(1, &[300_000, 1, 70_000]);
    let (outcome, steps) = deliver(&mut client(&hall), &mut pack);
    let news = done(outcome);
    assert_eq!((news.act, news.revision, news.received_at), (pack.parcel.act.id, 1, day("2026-06-01")));
    assert_held(&hall, &pack);
    assert!(pack.parcel.pages.iter().all(|page| page.done && page.offset == page.bytes && page.location.is_some()));
    assert_eq!(hall.state().count("PATCH", ""), 3, "one body a page");
    // One a lane, and one that a lane began to open while another's came free.
    assert!(hall.line.connections.load(std::sync::atomic::Ordering::SeqCst) <= LANES as u64 + 1, "connections are used again");
    assert!(steps.len() > 300_000 / PIECE_BYTES, "progress inside a page");
}

/// A cabinet with something large; something small is sealed while that goes up.
struct Sealing {
    large: Pack,
    small: Pack,
    large_moves: bool,
    given: Vec<uuid::Uuid>,
    ended: Vec<(uuid::Uuid, Outcome)>,
    stop: StopFlag,
}

impl Counter for Sealing {
    fn next(&mut self, under_way: &[Load]) -> Option<Parcel> {
        let due = [&self.large, &self.small].map(|pack| pack.parcel.clone());
        let sealed = if self.large_moves { &due[..] } else { &due[..1] };
        let parcel = crate::plan::beside(sealed, under_way).filter(|parcel| !self.given.contains(&parcel.act.id))?.clone();
        self.given.push(parcel.act.id);
        Some(parcel)
    }

    fn page_bytes(&mut self, page: Digest, from: u64, len: usize) -> Option<Vec<u8>> {
        self.large.bytes()(page, from, len).or_else(|| self.small.bytes()(page, from, len))
    }

    fn report(&mut self, act: uuid::Uuid, progress: Progress) {
        self.large_moves |= act == self.large.parcel.act.id && matches!(progress.step, Step::Sending { .. });
    }

    fn ended(&mut self, parcel: &Parcel, outcome: Outcome, _: Heard) {
        self.ended.push((parcel.act.id, outcome));
        self.stop.stop();
    }
}

#[test]
fn something_small_does_not_wait_behind_something_large() {
    let hall = TinyHall::start();
    // The large one comes to a standstill, as on a line that takes minutes for it.
    hall.fault("PATCH", path::PAGES, Fault::Silence);
    let stop = StopFlag::new();
    let mut sealing = Sealing {
        large: pack(1, &[600_000]),
        small: pack(2, &[3000]),
        large_moves: false,
        given: Vec::new(),
        ended: Vec::new(),
        stop: stop.clone(),
    };
    assert!(!client(&hall).work(&mut sealing, &stop), "called off once the small one was there");
    let (act, outcome) = sealing.ended.remove(0);
    assert_eq!(done(outcome).act, act);
    assert_held(&hall, &sealing.small);
    assert!(!hall.state().acts.contains_key(&sealing.large.parcel.act.id));
}

#[test]
fn an_act_without_pages_is_one_request() {
    let hall = TinyHall::start();
    let mut pack = supplement(1, &[]);
    done(deliver(&mut client(&hall), &mut pack).0);
    assert_eq!(hall.state().seen.len(), 1);
}

#[test]
fn a_page_the_hall_holds_is_never_sent_again() {
    let hall = TinyHall::start();
    let mut first = pack(1, &[200_000, 50_000]);
    let mut client = client(&hall);
    done(deliver(&mut client, &mut first).0);
    let before = hall.state().page_bytes_received();
    // Another act with the same pages, from a cabinet that knows nothing of the first.
    let mut second = Pack { parcel: supplement(1, &[200_000, 50_000]).parcel, pages: first.pages.clone() };
    second.parcel.act.id = uuid::Uuid::from_u128(77);
    second.parcel.act_bytes = matters::canonical::to_bytes(&second.parcel.act);
    let (outcome, steps) = deliver(&mut client, &mut second);
    done(outcome);
    assert_eq!(hall.state().page_bytes_received(), before);
    assert!(steps.iter().all(|step| matches!(step, Step::Upload { done: true, .. })));
}

#[test]
fn a_page_photographed_twice_goes_up_once() {
    let hall = TinyHall::start();
    let mut pack = pack(1, &[9000]);
    pack.parcel.pages.push(pack.parcel.pages[0].clone());
    done(deliver(&mut client(&hall), &mut pack).0);
    assert_eq!(hall.state().count("PATCH", ""), 1);
}

#[test]
fn a_line_cut_in_the_middle_of_a_page_goes_on_where_it_broke() {
    let hall = TinyHall::start();
    let mut pack = pack(1, &[1_000_000]);
    for bytes in [100_000, 200_000, 300_000] {
        hall.fault("PATCH", path::PAGES, Fault::CutBody(bytes));
    }
    let (outcome, steps) = deliver(&mut client(&hall), &mut pack);
    done(outcome);
    assert_held(&hall, &pack);
    assert_eq!(hall.state().page_bytes_received(), 1_000_000, "not one byte that had arrived was sent again");
    assert_eq!(hall.state().count("HEAD", ""), 3);
    let offsets: Vec<u64> =
        steps.iter().filter_map(|step| if let Step::Upload { offset, .. } = step { Some(*offset) } else { None }).collect();
    for offset in [100_000, 300_000, 600_000, 1_000_000] {
        assert!(offsets.contains(&offset), "{offset} is told as acknowledged: {offsets:?}");
    }
}

#[test]
fn a_line_that_breaks_without_taking_anything_is_left_alone() {
    let hall = TinyHall::start();
    let mut pack = pack(1, &[1_000_000]);
    for _ in 0..3 {
        hall.fault("PATCH", path::PAGES, Fault::CutBody(0));
    }
    let mut client = client(&hall);
    let (outcome, _) = deliver(&mut client, &mut pack);
    assert_eq!(outcome, LineTrouble::Cut.into());
    // Next time it goes on with the same upload.
    done(deliver(&mut client, &mut pack).0);
    let state = hall.state();
    assert_eq!(state.count("POST", path::PAGES) - state.count("POST", path::HAVE), 1, "one upload only");
}

#[test]
fn a_terminal_started_anew_goes_on_inside_the_page() {
    let hall = TinyHall::start();
    let mut pack = pack(1, &[500_000]);
    hall.fault("PATCH", path::PAGES, Fault::CutBody(200_000));
    hall.fault("HEAD", path::PAGES, Fault::Problem(Kind::Busy));
    let (outcome, _) = deliver(&mut client(&hall), &mut pack);
    assert_eq!(outcome.code(), "busy");
    assert!(pack.parcel.pages[0].location.is_some());
    done(deliver(&mut client(&hall), &mut pack).0);
    assert_eq!(hall.state().page_bytes_received(), 500_000);
    assert_held(&hall, &pack);
}

#[test]
fn an_offset_the_hall_does_not_share_is_asked_for_and_corrected() {
    let hall = TinyHall::start();
    let mut pack = pack(1, &[100_000]);
    hall.fault("PATCH", path::PAGES, Fault::Problem(Kind::OffsetMismatch));
    done(deliver(&mut client(&hall), &mut pack).0);
    assert_eq!(hall.state().count("HEAD", ""), 1);
    assert_held(&hall, &pack);
}

#[test]
fn a_hall_that_still_holds_the_broken_connection_is_asked_again() {
    let hall = TinyHall::start();
    let mut pack = pack(1, &[100_000]);
    hall.fault("PATCH", path::PAGES, Fault::Say(423, Vec::new(), String::new()));
    done(deliver(&mut client(&hall), &mut pack).0);
    assert_held(&hall, &pack);
}

#[test]
fn an_upload_that_expired_begins_anew() {
    for fault in [Fault::Problem(Kind::UploadGone), Fault::Problem(Kind::NotFound), Fault::Problem(Kind::WrongPoint)] {
        let hall = TinyHall::start();
        let mut pack = pack(1, &[100_000]);
        pack.parcel.pages[0].location = Some(format!("{}/yesterday", path::PAGES));
        pack.parcel.pages[0].offset = 50_000;
        hall.fault("HEAD", path::PAGES, fault);
        let (outcome, steps) = deliver(&mut client(&hall), &mut pack);
        done(outcome);
        assert!(matches!(steps[0], Step::Forget { .. }));
        assert_held(&hall, &pack);
    }
    let hall = TinyHall::start();
    let mut pack = pack(1, &[100_000]);
    hall.fault("PATCH", path::PAGES, Fault::Problem(Kind::UploadGone));
    done(deliver(&mut client(&hall), &mut pack).0);
    assert_held(&hall, &pack);
}

#[test]
fn a_page_spoilt_on_the_way_is_sent_again_and_one_spoilt_in_the_cabinet_is_not() {
    let hall = TinyHall::start();
    let mut pack = pack(1, &[100_000]);
    let mut client = client(&hall);
    let good = pack.pages[0].clone();
    let mut seen = 0;
    let parcel = pack.parcel.clone();
    let mut once_wrong = |_, offset: u64, length: usize| {
        seen += 1;
        let mut piece = good[offset as usize..good.len().min(offset as usize + length)].to_vec();
        if seen == 2 {
            piece[0] ^= 1;
        }
        Some(piece)
    };
    let outcome = client.deliver(&parcel, &mut once_wrong, &mut |_| {}, &StopFlag::new());
    assert_eq!(outcome.code(), "digest_mismatch");
    done(deliver(&mut client, &mut pack).0);
    assert_held(&hall, &pack);

    let mut other = scripted::pack(2, &[100_000]);
    let mut always_wrong = |_, _, length: usize| Some(vec![0; length.min(100_000)]);
    let outcome = client.deliver(&other.parcel, &mut always_wrong, &mut |_| {}, &StopFlag::new());
    assert_eq!(outcome.code(), "page_damaged");
    let parcel = other.parcel.clone();
    assert_eq!(client.deliver(&parcel, &mut |_, _, _| None, &mut |_| {}, &StopFlag::new()).code(), "page_missing");
    done(deliver(&mut client, &mut other).0);
}

#[test]
fn a_small_page_carries_its_checksum_and_a_spoilt_one_is_sent_again() {
    let hall = TinyHall::start();
    let mut pack = pack(1, &[60_000]);
    hall.fault("PATCH", path::PAGES, Fault::Problem(Kind::ChecksumMismatch));
    done(deliver(&mut client(&hall), &mut pack).0);
    let state = hall.state();
    let sent: Vec<_> = state.seen.iter().filter(|seen| seen.method == "PATCH").collect();
    assert_eq!(sent.len(), 2);
    assert!(sent.iter().all(|seen| seen.headers["upload-checksum"].starts_with("sha256 ")));
}

#[test]
fn a_lost_answer_brings_the_same_receipt_and_no_second_filing() {
    let hall = TinyHall::start();
    let mut pack = pack(1, &[10_000]);
    hall.fault("POST", path::ACTS, Fault::LoseAnswer);
    let mut client = client(&hall);
    assert_eq!(deliver(&mut client, &mut pack).0, LineTrouble::Cut.into());
    let first = done(deliver(&mut client, &mut pack).0);
    let second = done(deliver(&mut client, &mut pack).0);
    assert_eq!(first, second);
    assert_eq!(hall.state().acts.len(), 1);
    assert_eq!(hall.state().page_bytes_received(), 10_000);
}

#[test]
fn a_hall_put_back_to_a_backup_without_the_pages_gets_them_again() {
    let hall = TinyHall::start();
    let mut pack = pack(1, &[10_000, 20_000]);
    let mut client = client(&hall);
    done(deliver(&mut client, &mut pack).0);
    {
        let mut state = hall.state();
        state.held.clear();
        state.acts.clear();
        state.forget_uploads();
    }
    done(deliver(&mut client, &mut pack).0);
    assert_held(&hall, &pack);
}

#[test]
fn a_page_lost_between_question_and_commit_is_forgotten_and_sent_next_time() {
    let hall = TinyHall::start();
    let mut pack = pack(1, &[10_000]);
    hall.fault("POST", path::ACTS, Fault::Problem(Kind::PageUnknown));
    let mut client = client(&hall);
    let (outcome, steps) = deliver(&mut client, &mut pack);
    assert_eq!(outcome.code(), "page_unknown");
    assert!(matches!(steps.last(), Some(Step::Forget { .. })));
    done(deliver(&mut client, &mut pack).0);
}

#[test]
fn a_receipt_about_anything_else_is_no_receipt() {
    let table = [
        (Forgery::UnknownKey, "signer_unknown"),
        (Forgery::Signature, "signature_wrong"),
        (Forgery::AnotherAct, "receipt_differs"),
        (Forgery::AnotherFiling, "receipt_differs"),
        (Forgery::OnePageMore, "receipt_differs"),
        (Forgery::OnePageLess, "receipt_differs"),
    ];
    for (forgery, code) in table {
        let hall = TinyHall::start();
        let mut pack = pack(1, &[1000, 2000]);
        hall.fault("POST", path::ACTS, Fault::Forge(forgery));
        let mut client = client(&hall);
        assert_eq!(deliver(&mut client, &mut pack).0.code(), code, "{forgery:?}");
        done(deliver(&mut client, &mut pack).0);
    }
}

#[test]
fn full_busy_and_broken_halls_each_say_what_to_do_and_nothing_is_lost() {
    let retry = |seconds: u64| Some(Duration::from_secs(seconds));
    let html = ("content-type", "text/html".to_owned());
    let table = [
        ("POST", path::ACTS, Fault::Problem(Kind::StorageFull), "storage_full", retry(600)),
        ("PATCH", path::PAGES, Fault::Problem(Kind::StorageFull), "storage_full", retry(600)),
        ("POST", path::ACTS, Fault::Say(503, vec![("retry-after", "42".into())], String::new()), "busy", retry(42)),
        (
            "POST",
            path::HAVE,
            Fault::Say(503, vec![("retry-after", "Mon, 01 Jun 2026 00:00:30 GMT".into())], String::new()),
            "busy",
            retry(30),
        ),
        ("POST", path::ACTS, Fault::Problem(Kind::Internal), "internal", None),
        ("POST", path::ACTS, Fault::Problem(Kind::FormFaulty), "form_faulty", None),
        ("POST", path::ACTS, Fault::Problem(Kind::ActConflict), "act_conflict", None),
        ("POST", path::PAGES, Fault::Problem(Kind::CertificateRevoked), "certificate_revoked", None),
        ("POST", path::HAVE, Fault::Say(200, vec![html.clone()], "<html>请登录</html>".into()), "not_the_hall", None),
        (
            "POST",
            path::HAVE,
            Fault::Say(302, vec![("location", "https://portal.example/".into())], String::new()),
            "redirected",
            None,
        ),
        ("POST", path::ACTS, Fault::Say(502, vec![html.clone()], "<html>bad gateway</html>".into()), "gateway", None),
        (
            "POST",
            path::ACTS,
            Fault::Say(200, vec![("content-type", "application/json".into())], "[1]".into()),
            "answer_unreadable",
            None,
        ),
        ("PATCH", path::PAGES, Fault::Say(200, vec![html.clone()], "<html>ok</html>".into()), "not_the_hall", None),
        ("HEAD", path::PAGES, Fault::Say(200, vec![html], String::new()), "not_the_hall", None),
        ("POST", path::ACTS, Fault::Garbage, "not_the_hall", None),
        ("POST", path::ACTS, Fault::CutBody(10), "line_cut", None),
    ];
    for (method, path, fault, code, retry_after) in table {
        let hall = TinyHall::start();
        let mut pack = pack(1, &[100_000]);
        if method == "HEAD" {
            hall.fault("PATCH", path, Fault::CutBody(50_000));
        }
        let told = format!("{method} {path} {fault:?}");
        hall.fault(method, path, fault);
        let mut client = client(&hall);
        let (outcome, _) = deliver(&mut client, &mut pack);
        assert_eq!(outcome.code(), code, "{told}");
        if let Outcome::Wait { retry_after: named, .. } = outcome {
            assert_eq!(named, retry_after, "{told}");
        }
        done(deliver(&mut client, &mut pack).0);
        assert_held(&hall, &pack);
        assert_eq!(hall.state().acts.len(), 1, "{told}");
    }
}

#[test]
fn pages_go_to_the_hall_and_nowhere_else() {
    let hall = TinyHall::start();
    let elsewhere = vec![("location", "https://127.0.0.1:1/api/1/pages/x".to_owned())];
    let mut pack = pack(1, &[1000]);
    let mut client = client(&hall);
    // The first POST under this prefix is HAVE.
    hall.fault(
        "POST",
        path::HAVE,
        Fault::Say(200, vec![("content-type", "application/json".into())], r#"{"digests":[]}"#.into()),
    );
    hall.fault("POST", path::PAGES, Fault::Say(201, elsewhere, String::new()));
    assert_eq!(deliver(&mut client, &mut pack).0.code(), "not_the_hall");
    assert_eq!(hall.state().page_bytes_received(), 0);
}

#[test]
fn a_delivery_is_called_off_in_the_middle_of_an_upload_and_resumes() {
    let hall = TinyHall::start();
    let mut pack = pack(1, &[3_000_000]);
    let mut client = client(&hall);
    let stop = StopFlag::new();
    let parcel = pack.parcel.clone();
    let mut location = None;
    let outcome = client.deliver(
        &parcel,
        &mut pack.bytes(),
        &mut |progress| {
            if let Step::Upload { location: at, .. } = &progress.step {
                location.clone_from(at);
            }
            if progress.sent > 1_000_000 {
                stop.stop();
            }
        },
        &stop,
    );
    assert_eq!(outcome, LineTrouble::Stopped.into());
    assert!(hall.state().acts.is_empty());
    pack.parcel.pages[0].location = location;
    done(deliver(&mut client, &mut pack).0);
    assert_held(&hall, &pack);
}

#[test]
fn a_hall_that_says_nothing_is_called_off_from_another_thread() {
    let hall = TinyHall::start();
    hall.fault("GET", path::FEED, Fault::Silence);
    let stop = StopFlag::new();
    let guard = stop.guard();
    let waiting = {
        let (mut client, stop) = (client(&hall), stop.clone());
        std::thread::Builder::new()
            .name("feed".into())
            .spawn(move || client.feed(0, Duration::from_secs(600), &stop).map(|_| ()))
            .unwrap()
    };
    drop(guard);
    assert_eq!(waiting.join().unwrap(), Err(LineTrouble::Stopped.into()));
}

#[test]
fn connections_that_the_hall_closed_meanwhile_cost_nothing() {
    let hall = TinyHall::start();
    let mut client = client(&hall);
    for number in 1..20 {
        done(deliver(&mut client, &mut pack(number, &[5000])).0);
        hall.break_connections();
    }
}

#[test]
fn a_parcel_that_no_hall_could_read_goes_aside_without_a_word_on_the_line() {
    let hall = TinyHall::start();
    let mut pack = pack(1, &[1000]);
    pack.parcel.act_bytes.insert(0, b' ');
    let (outcome, _) = deliver(&mut client(&hall), &mut pack);
    assert_eq!(outcome, Outcome::Quarantine { code: "not_canonical" });
    let mut lacking = scripted::pack(2, &[1000]);
    lacking.parcel.pages.clear();
    assert_eq!(deliver(&mut client(&hall), &mut lacking).0.code(), "page_missing");
    assert!(hall.state().seen.is_empty());
}

#[test]
fn a_stranger_without_a_certificate_is_told_so() {
    let hall = TinyHall::start();
    let mut admission = hall.admission();
    // A certificate of another town: the hall's TLS refuses it.
    let other = TinyHall::start_with(std::sync::Arc::new(Authority::new("别镇")), hall_certificate(&hall));
    let foreign = other.admission();
    (admission.certificate_pem, admission.key_pem) = (foreign.certificate_pem, foreign.key_pem);
    let (outcome, _) = deliver(&mut client_of(&admission), &mut pack(1, &[1000]));
    assert_eq!(outcome.code(), "hall_refuses_certificate");
}

fn hall_certificate(
    hall: &TinyHall,
) -> (Vec<rustls::pki_types::CertificateDer<'static>>, rustls::pki_types::PrivateKeyDer<'static>) {
    hall.authority.server("127.0.0.1", ("2026-01-01", "2027-01-01"))
}

/// What a terminal of version 1 says, request by request. The hall replays the same file, so
/// that no later hall forgets a terminal that was not updated. A change here is a new version.
#[test]
fn what_version_1_says_is_what_was_recorded() {
    let hall = TinyHall::start();
    let mut pack = supplement(1, &[5]);
    done(deliver(&mut client(&hall), &mut pack).0);
    let kept = [
        "content-type",
        "content-length",
        "tus-resumable",
        "upload-length",
        "upload-metadata",
        "upload-offset",
        "upload-checksum",
    ];
    let said: Vec<serde_json::Value> = hall
        .state()
        .seen
        .iter()
        .map(|seen| {
            let headers: std::collections::BTreeMap<_, _> =
                seen.headers.iter().filter(|(name, _)| kept.contains(&name.as_str())).collect();
            let body = match seen.headers.get("content-type").map(String::as_str) {
                Some("application/json") => serde_json::from_slice(&seen.body).unwrap(),
                _ => serde_json::json!(hex::encode(&seen.body)),
            };
            serde_json::json!({"method": seen.method, "path": seen.path, "headers": headers, "body": body})
        })
        .collect();
    let recorded: Vec<serde_json::Value> = serde_json::from_str(include_str!("../wire/recorded/1/delivery.json")).unwrap();
    assert_eq!(said, recorded, "{}", serde_json::to_string_pretty(&said).unwrap());
}
