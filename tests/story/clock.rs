//! Machines whose clock is years off, and machines that were away for long, at the real hall.

use courier::{Client, Line, StopFlag};
use jiff::{SignedDuration, Timestamp};
use outbox::Stage;

use crate::support::village::{POINT, Town, Village, picture};

fn one_page() -> Vec<(&'static str, Vec<u8>)> {
    vec![("PH2", picture(1, 90_000)), ("BK", picture(2, 90_000))]
}

fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

/// A line of this terminal on a machine whose clock says something else.
fn line_at(village: &Village, wall: Timestamp, hall_time: Option<Timestamp>) -> Client {
    Client::new(&village.admission, Line { wall: Box::new(move || wall), hall_time })
        .unwrap_or_else(|outcome| panic!("{outcome:?}"))
}

#[test]
fn a_machine_that_stands_in_2000_or_2040_still_files_and_hears_how_wrong_it_is() {
    for (wall, ahead) in [("2000-01-01T00:00:00Z", false), ("2040-01-01T00:00:00Z", true)] {
        let wall: Timestamp = wall.parse().expect("a time");
        for known in [false, true] {
            let town = Town::new();
            let mut village = Village::new(&town, POINT, "wang");
            village.client = line_at(&village, wall, known.then(|| town.clock.now()));
            village.file(&town, &one_page());
            let outcomes = village.send(&town);
            assert!(matches!(outcomes[..], [courier::Outcome::Done(_)]), "{wall} {known}: {outcomes:?}");
            assert_eq!(town.only_case().received_at.as_second(), town.clock.now().as_second(), "hall time rules");
            let skew = village.client.skew().expect("measured on every exchange");
            assert_eq!(skew.skew_ms > 0, ahead, "{wall}");
            assert!(skew.skew_ms.unsigned_abs() > 13 * 365 * 86_400_000, "{wall}: {}", skew.skew_ms);
            village.listen();
            assert_eq!(village.cabinet.hall_time().unwrap().map(Timestamp::as_second), Some(town.clock.now().as_second()));
        }
    }
}

#[test]
fn two_hundred_days_without_a_network_and_everything_goes_up_at_once() {
    let mut town = Town::new();
    let mut village = Village::new(&town, POINT, "wang");
    village.listen();
    village.file(&town, &one_page());
    town.close();
    town.pass(days(200));
    town.open();
    let outcomes = village.send(&town);
    assert!(matches!(outcomes[..], [courier::Outcome::Done(_)]), "{outcomes:?}");
    assert!(!village.client.renewal_due(), "the answer to an act is no signed time");
    village.listen();
    assert!(!village.client.renewal_due(), "a year's certificate is renewed in its last third");
    town.pass(days(60));
    village.listen();
    assert!(village.client.renewal_due());
}

#[test]
fn an_ended_certificate_opens_the_door_to_a_new_one_for_four_hundred_days_and_no_other_door() {
    for (away, renews) in [(366, true), (365 + 398, true), (365 + 402, false)] {
        let mut town = Town::new();
        let mut village = Village::new(&town, POINT, "wang");
        village.file(&town, &one_page());
        town.close();
        town.pass(days(away));
        town.open();
        let outcomes = village.send(&town);
        assert!(!matches!(outcomes[..], [courier::Outcome::Done(_)]), "{away}: {outcomes:?}");
        assert_eq!(village.reading.filings(1).unwrap()[0].stage, Stage::Waiting, "sealed here, and waiting");
        let renewed = village.client.renew(&village.admission, &StopFlag::new());
        assert_eq!(renewed.is_ok(), renews, "{away}: {renewed:?}");
        let Ok(renewed) = renewed else { continue };
        assert!(matches!(outcomes[..], [courier::Outcome::Wait { code: "certificate_expired", .. }]), "{away}: {outcomes:?}");
        village.cabinet.set_admission(&renewed).unwrap();
        village.admission = renewed;
        village.client = line_at(&village, town.clock.now(), None);
        village.cabinet.send_now().unwrap();
        let outcomes = village.send(&town);
        assert!(matches!(outcomes[..], [courier::Outcome::Done(_)]), "{away}: {outcomes:?}");
        // Renewed once, the ended one is still good for nothing else; a revoked one for nothing at all.
        town.hall().ledger.revoke(&village.admission.terminal, "test", town.clock.now()).unwrap();
        let refused = village.client.renew(&village.admission, &StopFlag::new());
        assert!(refused.is_err_and(|outcome| outcome.code() == "certificate_revoked"));
    }
}
