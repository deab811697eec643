//! Whom the terminal trusts, and what comes down.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    sync::Arc,
    thread::Builder,
    time::Duration,
};

use jiff::Timestamp;
use matters::Digest;
use outbox::Admission;
use serde_json::json;
use wire::{Event, EventKind, PointInfo, path, problem::Kind};

use crate::{
    Client, Line, Outcome, StopFlag,
    client::tests::{
        client, client_of,
        scripted::{Authority, Fault, Forgery, POINT, TERMINAL, TinyHall, day},
    },
    outcome::{Finding, LineTrouble},
};

const NO_WAIT: Duration = Duration::ZERO;

fn admit(url: &str, code: &str) -> Result<Admission, Outcome> {
    Client::admit(url, code, "窗口一号机", &StopFlag::new())
}

fn feed(client: &mut Client, cursor: u64) -> Result<outbox::FeedNews, Outcome> {
    client.feed(cursor, NO_WAIT, &StopFlag::new())
}

#[test]
fn a_code_admits_a_machine_and_what_it_got_opens_the_line() {
    let hall = TinyHall::start();
    let typed = hall.authority.code().to_lowercase().replace('-', " ");
    let admission = admit(&hall.url(), &typed).unwrap();
    assert_eq!((admission.terminal.as_str(), admission.particulars.point.as_str()), (TERMINAL, POINT));
    assert!(feed(&mut client_of(&admission), 0).is_ok());
    let state = hall.state();
    let sent = String::from_utf8_lossy(&state.seen[0].body);
    assert!(sent.contains("CERTIFICATE REQUEST") && !sent.contains("PRIVATE"), "the key stays here");
}

#[test]
fn a_code_is_told_only_to_the_hall_that_it_names() {
    let hall = TinyHall::start();
    let other = TinyHall::start();
    assert_eq!(admit(&other.url(), &hall.authority.code()).unwrap_err(), Finding::CodeOfAnotherHall.into());
    assert!(other.state().seen.is_empty(), "not one byte of the code left this machine");
    assert_eq!(admit(&hall.url(), "ABCD").unwrap_err().code(), "code_mistyped");
    let used = wire::code::AdmissionCode::new([9; 5], &hall.authority.der()).to_string();
    assert_eq!(admit(&hall.url(), &used).unwrap_err().code(), "code_unknown");
    assert_eq!(admit("http://127.0.0.1", &used).unwrap_err().code(), "address_unusable");
}

#[test]
fn a_hall_certified_by_anybody_but_the_authority_of_the_code_is_not_told_it() {
    // It shows the right authority, which is public, but its own certificate is another's.
    let authority = Arc::new(Authority::new("样本镇"));
    let impostor = Authority::new("样本镇");
    let (mut chain, key) = impostor.server("127.0.0.1", ("2026-01-01", "2027-01-01"));
    chain.push(authority.der());
    let hall = TinyHall::start_with(Arc::clone(&authority), (chain, key));
    let code = admit(&hall.url(), &authority.code()).unwrap_err().code();
    assert_eq!(code, "foreign_authority");
    assert!(hall.state().seen.is_empty());
}

#[test]
fn an_admission_whose_certificate_fits_neither_key_nor_name_is_refused() {
    let hall = TinyHall::start();
    let mut admitted = serde_json::to_value(wire::Admitted {
        terminal: TERMINAL.into(),
        serial: "01".into(),
        point: PointInfo { id: POINT.into(), name: String::new(), hours: String::new(), phone: String::new() },
        hall: wire::HallInfo {
            name: String::new(),
            phone: String::new(),
            supervision_phone: String::new(),
            keys: Vec::new(),
            bundle: None,
            recovery: None,
        },
        certificate_pem: hall.admission().certificate_pem,
        authority_pem: hall.authority.pem(),
    })
    .unwrap();
    let json_type = || vec![("content-type", "application/json".to_owned())];
    hall.fault("POST", path::ADMISSION, Fault::Say(200, json_type(), admitted.to_string()));
    assert_eq!(admit(&hall.url(), &hall.authority.code()).unwrap_err().code(), "certificate_unfit");
    admitted["authority_pem"] = json!(Authority::new("别镇").pem());
    hall.fault("POST", path::ADMISSION, Fault::Say(200, json_type(), admitted.to_string()));
    assert_eq!(admit(&hall.url(), &hall.authority.code()).unwrap_err().code(), "certificate_unfit");
}

#[test]
fn only_the_pinned_authority_counts() {
    let hall = TinyHall::start();
    let other = TinyHall::start();
    let mut admission = hall.admission();
    admission.hall_url = other.url();
    assert_eq!(feed(&mut client_of(&admission), 0).unwrap_err(), LineTrouble::ForeignAuthority.into());
    assert!(other.state().seen.is_empty());
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    let authority = Arc::new(Authority::new("样本镇"));
    let certificate = authority.server("hall.example", ("2026-01-01", "2027-01-01"));
    let hall = TinyHall::start_with(authority, certificate);
    assert_eq!(feed(&mut client(&hall), 0).unwrap_err(), LineTrouble::HallCertificateName.into());
}

#[test]
fn dates_are_judged_by_what_the_hall_signed_and_never_by_the_clock_of_this_machine() {
    let ask = |days: (&str, &str), hall_time: Option<&str>, wall: &'static str| {
        let authority = Arc::new(Authority::new("样本镇"));
        let certificate = authority.server("127.0.0.1", days);
        let hall = TinyHall::start_with(authority, certificate);
        let line = Line { wall: Box::new(move || day(wall)), hall_time: hall_time.map(day) };
        feed(&mut Client::new(&hall.admission(), line).unwrap(), 0).map(|_| "works").unwrap_or_else(|outcome| outcome.code())
    };
    let year = ("2026-01-01", "2027-01-01");
    // The battery is dead, or somebody set the clock: nothing is known, the key counts.
    assert_eq!(ask(year, None, "2000-01-01"), "works");
    assert_eq!(ask(year, None, "2040-01-01"), "works");
    assert_eq!(ask(year, Some("2026-05-01"), "2040-01-01"), "works");
    // 200 days without a network; the hall has renewed its certificate meanwhile.
    assert_eq!(ask(year, Some("2025-11-13"), "2026-06-01"), "works");
    // Signed by the hall after this certificate had ended.
    assert_eq!(ask(year, Some("2027-03-01"), "2026-06-01"), "hall_certificate_date");
    assert_eq!(ask(year, Some("2027-03-01"), "2000-01-01"), "hall_certificate_date");
}

#[test]
fn a_clock_that_is_years_off_is_measured_on_every_exchange() {
    let hall = TinyHall::start();
    let line = Line { wall: Box::new(|| day("2036-06-01")), hall_time: None };
    let mut client = Client::new(&hall.admission(), line).unwrap();
    assert_eq!(client.skew(), None);
    feed(&mut client, 0).unwrap();
    let skew = client.skew().unwrap();
    let ten_years = day("2036-06-01").as_millisecond() - day("2026-06-01").as_millisecond();
    assert!((skew.skew_ms - ten_years).abs() <= 1000, "{skew:?}");
}

#[test]
fn a_portal_that_speaks_plain_http_or_nonsense_is_told_from_the_hall() {
    for (says, code) in [
        (&b"HTTP/1.1 302 Found\r\nlocation: http://portal.example/\r\ncontent-length: 0\r\n\r\n"[..], "not_tls"),
        (&b"SSH-2.0-OpenSSH_9.2\r\n"[..], "not_tls"),
        (&b""[..], "line_cut"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut admission = TinyHall::start().admission();
        admission.hall_url = format!("https://{}", listener.local_addr().unwrap());
        let portal = Builder::new()
            .name("portal".into())
            .spawn(move || {
                let (mut socket, _) = listener.accept().unwrap();
                let _ = socket.read(&mut [0; 1024]);
                let _ = socket.write_all(says);
            })
            .unwrap();
        assert_eq!(feed(&mut client_of(&admission), 0).unwrap_err().code(), code, "{}", String::from_utf8_lossy(says));
        portal.join().unwrap();
    }
}

#[test]
fn nobody_at_home_has_a_word_of_its_own() {
    let mut admission = TinyHall::start().admission();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    admission.hall_url = format!("https://{free}");
    assert_eq!(feed(&mut client_of(&admission), 0).unwrap_err().code(), "connection_refused");
}

#[test]
fn a_key_or_certificate_that_is_junk_is_found_before_the_first_call() {
    let hall = TinyHall::start();
    for spoil in [
        |admission: &mut Admission| admission.key_pem = "junk".into(),
        |admission: &mut Admission| admission.certificate_pem = "junk".into(),
        |admission: &mut Admission| admission.authority_pem = "junk".into(),
        |admission: &mut Admission| admission.key_pem = TinyHall::start().admission().key_pem,
    ] {
        let mut admission = hall.admission();
        spoil(&mut admission);
        let line = Line { wall: Box::new(|| Timestamp::UNIX_EPOCH), hall_time: None };
        assert_eq!(Client::new(&admission, line).err(), Some(LineTrouble::OwnKeyUnusable.into()));
    }
}

fn point_event(sequence: u64) -> Event {
    let point = PointInfo { id: POINT.into(), name: format!("{sequence}"), hours: String::new(), phone: String::new() };
    let hall = wire::HallInfo {
        name: String::new(),
        phone: String::new(),
        supervision_phone: String::new(),
        keys: Vec::new(),
        bundle: None,
        recovery: None,
    };
    Event { sequence, what: EventKind::Point { point, hall } }
}

#[test]
fn the_feed_brings_news_after_the_cursor_and_passes_over_what_a_newer_hall_says() {
    let hall = TinyHall::start();
    let mut client = client(&hall);
    {
        let mut state = hall.state();
        state.events = vec![point_event(1), point_event(2)];
        state.feed_extra = Some(json!({
            "new_in_version_2": {"a": [1]},
            "cursor": 3,
            "events": [{"sequence": 3, "kind": "from_the_future", "what": {"deep": true}}],
        }));
    }
    let news = feed(&mut client, 1).unwrap();
    assert_eq!(news.cursor, 3);
    assert_eq!(news.particulars.unwrap().point_name, "2");
    assert_eq!(news.hall_time, Some(day("2026-06-01")));
}

#[test]
fn a_feed_that_is_forged_misaddressed_or_out_of_order_changes_nothing() {
    let table = [
        (Forgery::UnknownKey, "signer_unknown"),
        (Forgery::Signature, "signature_wrong"),
        (Forgery::AnotherPoint, "feed_of_another_point"),
        (Forgery::CursorBack, "feed_out_of_order"),
        (Forgery::EventsOutOfOrder, "feed_out_of_order"),
    ];
    for (forgery, code) in table {
        let hall = TinyHall::start();
        hall.state().events = vec![point_event(1), point_event(2), point_event(3)];
        hall.fault("GET", path::FEED, Fault::Forge(forgery));
        let mut client = client(&hall);
        assert_eq!(feed(&mut client, 1).unwrap_err().code(), code, "{forgery:?}");
        assert_eq!(feed(&mut client, 1).unwrap().cursor, 3);
    }
}

#[test]
fn a_known_event_that_cannot_be_read_stops_the_feed_rather_than_losing_it() {
    let hall = TinyHall::start();
    hall.state().feed_extra = Some(json!({"cursor": 1, "events": [{"sequence": 1, "kind": "case", "case": {"filing": "?"}}]}));
    assert_eq!(feed(&mut client(&hall), 0).unwrap_err(), LineTrouble::AnswerUnreadable.into());
}

#[test]
fn a_receipt_is_no_feed_page_and_a_web_page_is_neither() {
    let hall = TinyHall::start();
    let receipt = seal::sign(&hall.key, "receipt", b"{}");
    hall.fault("GET", path::FEED, Fault::Say(200, vec![("content-type", "application/jose".into())], receipt));
    assert_eq!(feed(&mut client(&hall), 0).unwrap_err().code(), "signature_wrong");
    hall.fault("GET", path::FEED, Fault::Say(200, vec![("content-type", "text/html".into())], "<html>".into()));
    assert_eq!(feed(&mut client(&hall), 0).unwrap_err().code(), "not_the_hall");
    hall.fault("GET", path::FEED, Fault::Problem(Kind::BadRequest));
    assert_eq!(feed(&mut client(&hall), 0).unwrap_err(), Outcome::Administrator { code: "bad_request" });
}

#[test]
fn keys_that_the_feed_brings_are_trusted_from_then_on() {
    let hall = TinyHall::start();
    let mut admission = hall.admission();
    let particulars = admission.particulars.clone();
    admission.particulars.hall_keys.clear();
    let mut client = client_of(&admission);
    assert_eq!(feed(&mut client, 0).unwrap_err().code(), "signer_unknown");
    client.learn(&particulars);
    assert!(feed(&mut client, 0).is_ok());
    // A key under a name that is not its own is no key.
    let mut renamed = particulars;
    renamed.hall_keys[0].0 = "0000000000000000".into();
    client.learn(&renamed);
    assert_eq!(feed(&mut client, 0).unwrap_err().code(), "signer_unknown");
}

#[test]
fn a_result_file_is_checked_by_its_digest() {
    let hall = TinyHall::start();
    let paper = b"%PDF-1.7 sample".to_vec();
    let digest = Digest::of(&paper);
    hall.state().results.insert(digest, paper.clone());
    let mut client = client(&hall);
    let mut fetch = |digest| client.result(digest, &StopFlag::new());
    assert_eq!(fetch(digest), Ok(paper));
    assert_eq!(fetch(Digest::of(b"another")).unwrap_err().code(), "not_found");
    hall.state().results.insert(digest, b"%PDF-1.7 changed".to_vec());
    assert_eq!(fetch(digest).unwrap_err().code(), "result_damaged");
}

#[test]
fn a_certificate_is_renewed_with_a_third_of_its_life_to_go() {
    let hall = TinyHall::start();
    let due = |days| {
        let mut client = client_of(&hall.admission_of(days));
        assert!(!client.renewal_due(), "nothing is known of the time yet");
        feed(&mut client, 0).unwrap();
        client.renewal_due()
    };
    assert!(!due(("2026-03-01", "2026-12-01")));
    assert!(due(("2025-08-01", "2026-08-01")));
}

#[test]
fn a_terminal_that_was_away_for_a_year_renews_by_itself_and_files_again() {
    let hall = TinyHall::start();
    let old = hall.admission_of(("2024-06-01", "2025-06-01"));
    let mut client = client_of(&old);
    assert_eq!(feed(&mut client, 0).unwrap_err(), Kind::CertificateExpired.into());
    let new = client.renew(&old, &StopFlag::new()).unwrap();
    assert_ne!(new.key_pem, old.key_pem, "a new key");
    assert!(feed(&mut client_of(&new), 0).is_ok());
    let sent = String::from_utf8(hall.state().seen[1].body.clone()).unwrap();
    assert!(sent.contains("CERTIFICATE REQUEST") && !sent.contains("PRIVATE"));

    let too_old = hall.admission_of(("2024-01-01", "2025-01-01"));
    let refused = client_of(&too_old).renew(&too_old, &StopFlag::new());
    assert_eq!(refused.map(|_| ()).unwrap_err(), Finding::CertificateTooOld.into());
}

#[test]
fn a_renewal_that_is_refused_or_unfit_changes_nothing() {
    let hall = TinyHall::start();
    let old = hall.admission();
    let mut client = client_of(&old);
    hall.fault("POST", path::RENEWAL, Fault::Problem(Kind::CertificateRevoked));
    assert_eq!(client.renew(&old, &StopFlag::new()).map(|_| ()).unwrap_err().code(), "certificate_revoked");
    let foreign = json!({"certificate_pem": hall.admission().certificate_pem}).to_string();
    hall.fault("POST", path::RENEWAL, Fault::Say(200, vec![("content-type", "application/json".into())], foreign));
    assert_eq!(client.renew(&old, &StopFlag::new()).map(|_| ()).unwrap_err().code(), "certificate_unfit");
    assert!(feed(&mut client, 0).is_ok());
}
