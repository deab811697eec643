//! The line between village and town, without a window.

use hall::ledger::{DecideRefuse, Decision};
use jiff::SignedDuration;
use matters::{About, CorrectionItem, Grade, State, What};
use outbox::Stage;

use crate::support::village::{POINT, Town, Village, client, picture};

fn two_pages() -> Vec<(&'static str, Vec<u8>)> {
    vec![("PH2", picture(1, 180_000)), ("BK", picture(2, 400_000))]
}

#[test]
fn a_filing_goes_up_and_the_clerks_answer_comes_down() {
    let town = Town::new();
    let mut village = Village::new(&town, POINT, "wang");
    village.listen();
    let agents = village.cabinet.agents().unwrap();
    assert_eq!(agents.iter().map(|agent| agent.account.as_str()).collect::<Vec<_>>(), ["wang"], "only this point's agents");
    let sealed = village.file(&town, &two_pages());
    assert_eq!(village.reading.filings(10).unwrap()[0].stage, Stage::Waiting, "nothing is called received before its receipt");
    let outcomes = village.send(&town);
    assert!(matches!(outcomes[..], [courier::Outcome::Done(_)]), "{outcomes:?}");
    assert_eq!(village.reading.filings(10).unwrap()[0].stage, Stage::Received);

    let case = town.only_case();
    assert_eq!((case.filing, case.state), (sealed.filing().id, State::Received));
    let held = town.hall().ledger.case(case.filing).unwrap().unwrap();
    assert_eq!(held.sealed.bytes(), sealed.bytes(), "the hall keeps the very bytes that were sealed");
    for page in &sealed.filing().pages {
        let there = town.hall().ledger.page_bytes(case.filing, page.sha256).unwrap().unwrap();
        let here = village.reading.page(page.sha256).unwrap().unwrap();
        assert!(there == here, "page {} is the same on both sides", page.material);
    }

    let clerk = town.clerk();
    let ask = Decision::AskCorrection {
        items: vec![CorrectionItem {
            about: About::Page { material: "BK".into(), order: 1 },
            what: "卡号看不清".into(),
            standard: "卡号每一位都清楚".into(),
        }],
        due: None,
        reason: String::new(),
    };
    town.pass(SignedDuration::from_mins(20));
    town.hall().ledger.decide(case.filing, &ask, &clerk, case.revision, town.clock.now()).unwrap();
    village.listen();
    let row = &village.reading.filings(10).unwrap()[0];
    let told = row.case.as_ref().unwrap();
    assert_eq!(told.state, State::InCorrection);
    assert_eq!(told.correction.as_ref().unwrap().items[0].what, "卡号看不清");

    // The clerk's page is old by now: the hall says who did what, and changes nothing.
    let stale = town.hall().ledger.decide(case.filing, &Decision::Accept, &clerk, case.revision, town.clock.now());
    assert!(matches!(stale, Err(DecideRefuse::Stale { ref by, .. }) if by == "周示例"), "{stale:?}");
}

#[test]
fn the_hall_goes_down_in_the_middle_and_the_filing_still_arrives_once() {
    let mut town = Town::new();
    let mut village = Village::new(&town, POINT, "wang");
    village.file(&town, &two_pages());
    town.close();
    let outcomes = village.send(&town);
    assert!(matches!(outcomes[..], [courier::Outcome::Wait { .. }]), "{outcomes:?}");
    assert_eq!(village.reading.filings(10).unwrap()[0].stage, Stage::Waiting);
    town.open();
    for _ in 0..3 {
        village.send(&town);
    }
    assert_eq!(village.reading.filings(10).unwrap()[0].stage, Stage::Received);
    town.only_case();
    // And after the hall was restarted once more, everything is still there.
    town.close();
    town.open();
    town.only_case();
}

#[test]
fn a_lost_answer_is_given_again_word_for_word() {
    let town = Town::new();
    let mut village = Village::new(&town, POINT, "wang");
    village.file(&town, &two_pages());
    let parcel = village.cabinet.parcels(town.clock.now()).unwrap().remove(0);
    let reading = &village.reading;
    let mut receipts = Vec::new();
    for _ in 0..3 {
        // The terminal forgets the answer each time, as after a power cut before it was written.
        let mut line = client(&town, &village.admission);
        let mut bytes = |digest, offset, len| reading.page_range(digest, offset, len).ok().flatten();
        match line.deliver(&parcel, &mut bytes, &mut |_| {}, &courier::StopFlag::new()) {
            courier::Outcome::Done(news) => receipts.push(news.jws),
            other => panic!("{other:?}"),
        }
        town.pass(SignedDuration::from_mins(1));
    }
    assert!(receipts.iter().all(|receipt| *receipt == receipts[0]), "one act, one answer");
    town.only_case();
}

#[test]
fn another_points_terminal_hears_nothing_of_the_case() {
    let town = Town::new();
    let mut village = Village::new(&town, POINT, "wang");
    let mut neighbour = Village::new(&town, "DQC", "li");
    village.file(&town, &two_pages());
    village.send(&town);
    neighbour.listen();
    assert!(neighbour.reading.cases_elsewhere(10).unwrap().is_empty());
    assert!(neighbour.reading.filings(10).unwrap().is_empty());
    let agents = neighbour.cabinet.agents().unwrap();
    assert_eq!(agents.iter().map(|agent| agent.account.as_str()).collect::<Vec<_>>(), ["li"]);
}

#[test]
fn a_revoked_terminal_is_turned_away_and_keeps_what_it_has() {
    let town = Town::new();
    let mut village = Village::new(&town, POINT, "wang");
    village.file(&town, &two_pages());
    town.hall().ledger.revoke(&village.admission.terminal, "test", town.clock.now()).unwrap();
    let outcomes = village.send(&town);
    assert!(matches!(outcomes[..], [courier::Outcome::Administrator { .. }]), "{outcomes:?}");
    assert_eq!(village.reading.filings(10).unwrap()[0].stage, Stage::Waiting, "sealed here, and the hall has not received it");
    assert!(town.hall().ledger.inbox(&Default::default()).unwrap().is_empty());
}

#[test]
fn no_page_is_wiped_before_a_backup_of_the_hall_holds_it() {
    let town = Town::new();
    let mut village = Village::new(&town, POINT, "wang");
    let sealed = village.file(&town, &two_pages());
    village.send(&town);
    let case = town.only_case();
    let no = Decision::RefuseAcceptance {
        reason: "不属于本镇受理范围".into(), remedy: "可在60日内申请行政复议".into()
    };
    town.hall().ledger.decide(case.filing, &no, &town.clerk(), case.revision, town.clock.now()).unwrap();
    town.pass(SignedDuration::from_hours(24 * 31));
    village.listen();
    let kept = |village: &Village| village.reading.page(sealed.filing().pages[0].sha256).unwrap().is_some();
    village.cabinet.wipe_ended(town.clock.now(), 30).unwrap();
    assert!(kept(&village), "the case ended long ago, but the hall has no second copy");
    town.hall().ledger.backup(&town.dir.path().join("backup"), "test", town.clock.now()).unwrap();
    village.listen();
    village.cabinet.wipe_ended(town.clock.now(), 30).unwrap();
    assert!(!kept(&village), "the hall's backup holds it");
    assert_eq!(village.reading.filings(10).unwrap()[0].stage, Stage::Received, "filing and receipt stay");
}

#[test]
fn when_one_terminal_dies_another_of_its_point_finishes_the_case() {
    let town = Town::new();
    let mut first = Village::new(&town, POINT, "wang");
    let mut second = Village::new(&town, POINT, "wang");
    first.file(&town, &two_pages());
    first.send(&town);
    let case = town.only_case();
    let ask = Decision::AskCorrection {
        items: vec![CorrectionItem {
            about: About::Page { material: "BK".into(), order: 1 },
            what: "卡号看不清".into(),
            standard: "卡号每一位都清楚".into(),
        }],
        due: None,
        reason: String::new(),
    };
    town.pass(SignedDuration::from_mins(20));
    town.hall().ledger.decide(case.filing, &ask, &town.clerk(), case.revision, town.clock.now()).unwrap();
    // Lightning: the first machine is gone with its disk, and is revoked.
    town.hall().ledger.revoke(&first.admission.terminal, "test", town.clock.now()).unwrap();
    drop(first);

    second.listen();
    let told = second.reading.cases_elsewhere(10).unwrap();
    assert_eq!((told.len(), told[0].filing, told[0].state), (1, case.filing, State::InCorrection));
    second.answer(&town, &told[0], &[("BK", picture(9, 50_000))]);
    let outcomes = second.send(&town);
    assert!(matches!(outcomes[..], [courier::Outcome::Done(ref news)] if news.refused.is_none()), "{outcomes:?}");
    assert_eq!(town.only_case().state, State::Corrected);
    second.listen();
    assert_eq!(second.reading.cases_elsewhere(10).unwrap()[0].state, State::Corrected);
}

#[test]
fn a_resident_says_once_how_it_was_and_may_complain_and_neither_moves_the_case() {
    let town = Town::new();
    let mut village = Village::new(&town, POINT, "wang");
    let sealed = village.file(&town, &two_pages());
    village.send(&town);
    let filing = sealed.filing().id;
    let evaluate = |grade| What::Evaluate { grade, words: "跑一趟就办好了".into() };
    let refused = |outcomes: &[courier::Outcome]| match outcomes {
        [courier::Outcome::Done(news)] => news.refused.as_ref().map(|(code, ..)| code.clone()),
        other => panic!("{other:?}"),
    };
    village.act(&town, filing, evaluate(Grade::Satisfied));
    assert_eq!(refused(&village.send(&town)).as_deref(), Some("not_possible_now"), "the hall has not answered yet");
    village.act(&town, filing, What::Complain { words: "三天没人答复".into() });
    assert_eq!(refused(&village.send(&town)), None);
    let case = town.only_case();
    assert_eq!((case.state, case.revision), (State::Received, 1));

    let no = Decision::RefuseAcceptance {
        reason: "不属于本镇受理范围".into(), remedy: "可在60日内申请行政复议".into()
    };
    let ended = town.hall().ledger.decide(filing, &no, &town.clerk(), case.revision, town.clock.now()).unwrap();
    village.act(&town, filing, evaluate(Grade::Dissatisfied));
    assert_eq!(refused(&village.send(&town)), None);
    village.act(&town, filing, evaluate(Grade::VerySatisfied));
    assert_eq!(refused(&village.send(&town)).as_deref(), Some("already_evaluated"), "one case, one evaluation");
    assert_eq!(town.only_case().revision, ended.revision);
    let voices = town.hall().ledger.voices().unwrap();
    let said: Vec<_> = voices.iter().map(|voice| (voice.grade, voice.words.as_str())).collect();
    assert_eq!(said, [(None, "三天没人答复"), (Some(Grade::Dissatisfied), "跑一趟就办好了")]);
}
