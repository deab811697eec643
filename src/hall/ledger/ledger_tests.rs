use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use matters::{About, CorrectionItem, Digest, State, SupplementItem, What};
use uuid::Uuid;
use wire::{EventKind, problem::Kind};

use super::{fixtures::*, *};
use crate::clock::Ids;

fn cases_told(ledger: &Ledger, point: &str) -> Vec<matters::CaseView> {
    let slice = ledger.feed(point, 0, 100).unwrap();
    slice
        .events
        .into_iter()
        .filter_map(|event| if let EventKind::Case { case } = event.what { Some(case) } else { None })
        .collect()
}

fn missing_photo() -> Vec<CorrectionItem> {
    vec![CorrectionItem {
        about: About::Page { material: "PH2".into(), order: 1 },
        what: "照片看不清".into(),
        standard: "四角可见".into(),
    }]
}

#[test]
fn a_filing_becomes_one_case_and_its_act_always_gets_the_same_answer() {
    let World { dir, ledger, slc, .. } = world();
    let sealed = filing(1, "M09", &slc, "wang", m09_pages(&ledger, &slc, 1));
    let act = file_act(1, &sealed, "wang");
    let first = ledger.receive_act(&slc, &act, Some(sealed.bytes()), now()).unwrap();
    let receipt = receipt(&ledger, &first);
    assert_eq!((receipt.filing, receipt.revision, receipt.refused), (sealed.filing().id, 1, None));
    assert_eq!(receipt.filing_sha256, Some(sealed.digest()));
    assert_eq!(receipt.act_sha256, Digest::of(&act));
    assert_eq!(receipt.pages.len(), 2);
    assert_eq!(receipt.case_number, sealed.filing().case_number);
    // Again, later, after the account was ended, and after the hall was closed and opened.
    let later = now() + SignedDuration::from_hours(48);
    ledger.disable_user("wang", "console", later).unwrap();
    let again = ledger.receive_act(&slc, &act, Some(sealed.bytes()), later).unwrap();
    assert!(again.replayed);
    assert_eq!(again.body, first.body);
    drop(ledger);
    let ledger = reopen(dir.path(), Ids::seeded(2));
    assert_eq!(ledger.receive_act(&slc, &act, Some(sealed.bytes()), later).unwrap().body, first.body);
    let case = ledger.case(sealed.filing().id).unwrap().unwrap();
    assert_eq!(case.sealed.bytes(), sealed.bytes());
    assert_eq!(case.view.state, State::Received);
    assert_eq!(case.view.answer_due.unwrap().to_string(), "2026-12-01");
    assert_eq!(case.view.due.unwrap().to_string(), "2026-12-22");
    assert_eq!(cases_told(&ledger, "SLC"), [case.view]);
    ledger.audit_verify().unwrap();
}

#[test]
fn the_same_id_with_other_bytes_is_a_conflict_and_another_points_act_tells_nothing() {
    let World { dir: _dir, ledger, slc, bhc, .. } = world();
    let id = filed(&ledger, &slc, "wang", 1);
    let other = act(1, id, "wang", 1, What::Withdraw { reason: String::new() });
    assert_eq!(kind(ledger.receive_act(&slc, &other, None, now())), Kind::ActConflict);
    assert_eq!(kind(ledger.receive_act(&bhc, &other, None, now())), Kind::WrongPoint);
    let withdraw = act(2, id, "zhao", 1, What::Withdraw { reason: String::new() });
    assert_eq!(kind(ledger.receive_act(&bhc, &withdraw, None, now())), Kind::NotFound);
    assert_eq!(ledger.case(id).unwrap().unwrap().acts.len(), 1);
}

#[test]
fn what_is_wrong_with_a_filing_is_said_by_its_kind_and_leaves_nothing_behind() {
    let World { dir: _dir, ledger, slc, bhc, .. } = world();
    let pages = m09_pages(&ledger, &slc, 1);
    let good = filing(1, "M09", &slc, "wang", pages.clone());
    let before = ledger.version().unwrap();
    let edited = |change: &dyn Fn(&mut matters::Filing)| {
        let mut filing = good.filing().clone();
        change(&mut filing);
        filing.seal()
    };
    let table: Vec<(&str, Kind, matters::Sealed)> = vec![
        ("a stranger", Kind::ActorUnknown, edited(&|filing| filing.acted_by.account = "nobody".into())),
        ("another point's agent", Kind::ActorUnknown, edited(&|filing| filing.acted_by.account = "zhao".into())),
        ("a clerk", Kind::ActorUnknown, edited(&|filing| filing.acted_by.account = "li".into())),
        ("another point", Kind::WrongPoint, edited(&|filing| filing.point.id = "BHC".into())),
        ("no such matter", Kind::CatalogueUnknown, edited(&|filing| filing.matter = "M99".into())),
        ("a number of another point", Kind::FormFaulty, edited(&|filing| filing.case_number = "BHC-7KQM-2222-2".into())),
        ("nothing declared", Kind::FormFaulty, edited(&|filing| drop(filing.answers.remove("declared")))),
        ("a page left out", Kind::FormFaulty, edited(&|filing| drop(filing.pages.pop()))),
        ("a page twice", Kind::FormFaulty, edited(&|filing| filing.pages.push(filing.pages[0].clone()))),
        ("a page nobody sent", Kind::PageUnknown, edited(&|filing| filing.pages[0].sha256 = Digest::of(b"x"))),
        ("a page of another size", Kind::PageUnknown, edited(&|filing| filing.pages[0].bytes += 1)),
        ("too many pages", Kind::TooManyPages, edited(&|filing| filing.pages = vec![filing.pages[0].clone(); PAGES_MAX + 1])),
    ];
    for (what, expected, sealed) in table {
        let act = file_act(1, &sealed, &sealed.filing().acted_by.account);
        assert_eq!(kind(ledger.receive_act(&slc, &act, Some(sealed.bytes()), now())), expected, "{what}");
    }
    // Pages of SLC are unknown to BHC, and the other way round.
    let foreign = filing(2, "M09", &bhc, "zhao", pages);
    assert_eq!(kind(ledger.receive_act(&bhc, &file_act(2, &foreign, "zhao"), Some(foreign.bytes()), now())), Kind::PageUnknown);
    let act = file_act(1, &good, "wang");
    let mut spaced = act.clone();
    spaced.insert(1, b' ');
    assert_eq!(kind(ledger.receive_act(&slc, &spaced, Some(good.bytes()), now())), Kind::NotCanonical);
    assert_eq!(kind(ledger.receive_act(&slc, b"{}", Some(good.bytes()), now())), Kind::NotCanonical);
    assert_eq!(kind(ledger.receive_act(&slc, &act, None, now())), Kind::BadRequest);
    assert_eq!(kind(ledger.receive_act(&slc, &act, Some(foreign.bytes()), now())), Kind::NotCanonical);
    let nil = matters::Act {
        acted_by: matters::ActedBy { account: "wang".into(), session: Uuid::nil() },
        ..serde_json::from_slice(&act).unwrap()
    };
    let nil = matters::canonical::to_bytes(&nil);
    assert_eq!(kind(ledger.receive_act(&slc, &nil, Some(good.bytes()), now())), Kind::ActorUnknown);
    assert_eq!(ledger.version().unwrap(), before, "nothing refused leaves a trace");
    ledger.receive_act(&slc, &act, Some(good.bytes()), now()).unwrap();
}

#[test]
fn a_terminal_whose_clock_is_years_off_still_files() {
    let World { dir: _dir, ledger, slc, .. } = world();
    // The last one is before the guide was in force, and not so long ago that nobody would believe it.
    for (n, sealed_at) in [(1, "2000-01-01T00:00:00Z"), (2, "2040-01-01T00:00:00Z"), (3, "2026-02-05T00:00:00Z")] {
        let sealed_at: Timestamp = sealed_at.parse().unwrap();
        let good = filing(n, "M09", &slc, "wang", m09_pages(&ledger, &slc, n as u8));
        let sealed = matters::Filing { sealed_at, ..good.filing().clone() }.seal();
        let act = matters::Act { at: sealed_at, ..serde_json::from_slice(&file_act(n, &sealed, "wang")).unwrap() };
        let act = matters::canonical::to_bytes(&act);
        let answer = ledger.receive_act(&slc, &act, Some(sealed.bytes()), now()).unwrap();
        assert_eq!(receipt(&ledger, &answer).received_at, now(), "the hall's clock counts");
    }
}

#[test]
fn a_correction_goes_to_the_village_and_comes_back_item_by_item() {
    let World { dir: _dir, ledger, slc, .. } = world();
    let id = filed(&ledger, &slc, "wang", 1);
    let clerk = clerk(&ledger);
    let ask = Decision::AskCorrection { items: missing_photo(), due: None, reason: String::new() };
    let view = ledger.decide(id, &ask, &clerk, 1, now()).unwrap();
    assert_eq!((view.state, view.revision, view.answer_due), (State::InCorrection, 2, None));
    let correction = view.correction.clone().unwrap();
    assert_eq!((correction.clerk.as_str(), correction.phone.as_str()), ("李样本", "029-00000000"));
    assert_eq!(cases_told(&ledger, "SLC"), [view]);
    let bytes = jpeg(77, 500);
    upload(&ledger, &slc, &bytes);
    let answer = |items: Vec<SupplementItem>, pages| What::Supplement { correction: correction.id, items, pages };
    let nothing = act(2, id, "wang", 2, answer(vec![], vec![]));
    assert_eq!(kind(ledger.receive_act(&slc, &nothing, None, now())), Kind::FormFaulty);
    let good = act(3, id, "wang", 2, answer(vec![], vec![page("PH2", 1, &bytes)]));
    let stored = ledger.receive_act(&slc, &good, None, now()).unwrap();
    let receipt = receipt(&ledger, &stored);
    assert_eq!((receipt.revision, receipt.refused, receipt.pages), (3, None, vec![Digest::of(&bytes)]));
    let case = ledger.case(id).unwrap().unwrap();
    assert_eq!((case.view.state, case.view.correction), (State::Corrected, None));
    assert_eq!(case.corrections[0].answered_at, Some(now()));
    assert_eq!(case.pages.iter().filter(|page| page.correction == Some(correction.id)).count(), 1);
    assert_eq!(ledger.page_bytes(id, Digest::of(&bytes)).unwrap().unwrap(), bytes);
    // A second notice on the same case needs a reason why it was not said the first time.
    let refuse = ledger.decide(id, &ask, &clerk, 3, now()).unwrap_err();
    assert!(matches!(refuse, DecideRefuse::Faulty { field: "reason", fault: "empty" }));
    let again = Decision::AskCorrection { items: missing_photo(), due: None, reason: "新照片是别人的".into() };
    assert_eq!(ledger.decide(id, &again, &clerk, 3, now()).unwrap().state, State::InCorrection);
}

#[test]
fn an_act_that_no_longer_fits_is_kept_and_refused_with_who_did_what_when() {
    let World { dir: _dir, ledger, slc, .. } = world();
    let id = filed(&ledger, &slc, "wang", 1);
    let later = now() + SignedDuration::from_mins(5);
    ledger.decide(id, &Decision::Accept, &clerk(&ledger), 1, later).unwrap();
    let stale = act(2, id, "wang", 1, What::Withdraw { reason: "不办了".into() });
    let stored = ledger.receive_act(&slc, &stale, None, later).unwrap();
    let refused = receipt(&ledger, &stored).refused.unwrap();
    assert_eq!(
        (refused.code.as_str(), refused.by.as_str(), refused.at, refused.state),
        ("stale_revision", "李样本", later, State::Accepted)
    );
    let case = ledger.case(id).unwrap().unwrap();
    assert_eq!((case.view.state, case.view.revision), (State::Accepted, 2));
    assert!(case.acts[1].refused.is_some(), "kept");
    assert_eq!(ledger.receive_act(&slc, &stale, None, later).unwrap().body, stored.body);
    let fresh = act(3, id, "wang", 2, What::Withdraw { reason: "不办了".into() });
    assert_eq!(receipt(&ledger, &ledger.receive_act(&slc, &fresh, None, later).unwrap()).refused, None);
    assert_eq!(ledger.case(id).unwrap().unwrap().view.state, State::Withdrawn);
    // After the end nothing more happens, and a filing under a second act stays one case.
    let late = act(4, id, "wang", 3, What::Withdraw { reason: String::new() });
    assert_eq!(
        receipt(&ledger, &ledger.receive_act(&slc, &late, None, later).unwrap()).refused.unwrap().code,
        "not_possible_now"
    );
}

#[test]
fn two_clerks_one_case_the_second_hears_what_the_first_did() {
    let World { dir: _dir, ledger, slc, .. } = world();
    let id = filed(&ledger, &slc, "wang", 1);
    let clerk = clerk(&ledger);
    ledger.decide(id, &Decision::Accept, &clerk, 1, now()).unwrap();
    let finish = |granted, reason: &str, result| Decision::Finish {
        granted,
        reason: reason.into(),
        remedy: if granted { String::new() } else { "六十日内可申请行政复议".into() },
        result,
    };
    let refuse = ledger.decide(id, &finish(false, "不符", None), &clerk, 1, now()).unwrap_err();
    assert!(matches!(refuse, DecideRefuse::Stale { ref by, state: State::Accepted, revision: 2, .. } if by == "李样本"));
    let bytes = b"%PDF-1.7 sample".to_vec();
    let result = |media: &str| Some(ResultInput { media_type: media.into(), title: "凭证".into(), bytes: bytes.clone() });
    for (decision, field) in [
        (finish(true, "", None), "reason"),
        (finish(true, "", result("image/png")), "result"),
        (finish(true, "", result("text/html")), "result"),
        (Decision::AskCorrection { items: vec![], due: None, reason: String::new() }, "items"),
        (Decision::RefuseAcceptance { reason: "不属本级".into(), remedy: " ".into() }, "remedy"),
    ] {
        let refuse = ledger.decide(id, &decision, &clerk, 2, now()).unwrap_err();
        assert!(matches!(refuse, DecideRefuse::Faulty { field: found, .. } if found == field), "{field}: {refuse}");
    }
    let view = ledger.decide(id, &finish(true, "", result("application/pdf")), &clerk, 2, now()).unwrap();
    assert_eq!((view.state, view.results.len()), (State::Granted, 1));
    assert_eq!(ledger.result_file("SLC", Digest::of(&bytes)).unwrap().1, bytes);
    assert_eq!(ledger.result_file("BHC", Digest::of(&bytes)).unwrap_err().kind(), Kind::NotFound);
    assert_eq!(ledger.result_bytes(id, Digest::of(&bytes)).unwrap().unwrap().0.title, "凭证");
    assert!(matches!(
        ledger.decide(id, &Decision::Accept, &clerk, 3, now()),
        Err(DecideRefuse::NotNow { state: State::Granted })
    ));
    assert!(matches!(ledger.decide(Uuid::from_u128(1), &Decision::Accept, &clerk, 1, now()), Err(DecideRefuse::NotFound)));
    ledger.audit_verify().unwrap();
}

#[test]
fn what_is_decided_on_the_spot_is_accepted_and_finished_in_one() {
    let World { dir: _dir, ledger, slc, .. } = world();
    let sealed = filing(1, "M04", &slc, "wang", vec![]);
    ledger.receive_act(&slc, &file_act(1, &sealed, "wang"), Some(sealed.bytes()), now()).unwrap();
    let promised = filed(&ledger, &slc, "wang", 2);
    let done = Decision::Finish { granted: true, reason: "认证成功".into(), remedy: String::new(), result: None };
    let clerk = clerk(&ledger);
    let view = ledger.decide(sealed.filing().id, &done, &clerk, 1, now()).unwrap();
    assert_eq!((view.state, view.revision, view.accepted_at), (State::Granted, 2, Some(now())));
    assert!(matches!(ledger.decide(promised, &done, &clerk, 1, now()), Err(DecideRefuse::NotNow { state: State::Received })));
    let administrator = ledger.verify_login("chen", PASSWORD, now()).unwrap().clerk;
    assert!(matches!(ledger.decide(promised, &Decision::Accept, &administrator, 1, now()), Err(DecideRefuse::NotAllowed)));
}

#[test]
fn a_number_that_two_cabinets_minted_leads_to_both_cases() {
    let World { dir: _dir, ledger, slc, .. } = world();
    let first = filed(&ledger, &slc, "wang", 1);
    let number = ledger.case(first).unwrap().unwrap().view.case_number;
    let other = filing(2, "M09", &slc, "wang", m09_pages(&ledger, &slc, 2));
    let other = matters::Filing { case_number: number.clone(), ..other.filing().clone() }.seal();
    let cursor = ledger.feed("SLC", 0, 100).unwrap().cursor;
    let stored = ledger.receive_act(&slc, &file_act(2, &other, "wang"), Some(other.bytes()), now()).unwrap();
    let given = receipt(&ledger, &stored).case_number;
    assert_ne!(given, number);
    matters::numbering::parse(&given).unwrap();
    let mut both = ledger.find_number(&number).unwrap();
    both.sort();
    assert_eq!(both, [first, other.filing().id]);
    assert_eq!(ledger.case(other.filing().id).unwrap().unwrap().view.aliases, [number.clone()]);
    assert_eq!(ledger.feed("SLC", cursor, 100).unwrap().events.len(), 2, "both villages hear of it");
    let search = InboxFilter { search: Some(number), ..InboxFilter::default() };
    assert_eq!(ledger.inbox(&search).unwrap().len(), 2);
}

#[test]
fn an_unanswered_case_is_deemed_accepted_only_where_its_matter_says_so() {
    let World { dir: _dir, ledger, slc, .. } = world();
    let id = filed(&ledger, &slc, "wang", 1);
    let rules = ledger.rules();
    let late = now() + SignedDuration::from_hours(24 * 30);
    assert_eq!(ledger.deem(late).unwrap(), 0, "this matter does not say so");
    // The same catalogue, but silence accepts: written into the data file, as a town would.
    let files: Vec<(&str, String)> = matters::bundled::FILES
        .iter()
        .map(|(name, text)| (*name, text.replace("deemed_acceptance = false", "deemed_acceptance = true")))
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let catalogue = Arc::new(matters::Catalogue::parse("", &files).unwrap());
    ledger.set_rules(Arc::new(Rules::of(vec![catalogue], Arc::clone(&rules.calendar))));
    assert_eq!(ledger.deem(now() + SignedDuration::from_hours(24 * 7)).unwrap(), 0, "the last day is not over");
    assert_eq!(ledger.deem(late).unwrap(), 1);
    assert_eq!(ledger.deem(late).unwrap(), 0);
    let view = ledger.case(id).unwrap().unwrap().view;
    assert_eq!((view.state, view.accepted_at, view.revision), (State::Accepted, Some(now()), 2));
}

#[test]
fn agents_come_down_with_the_feed_and_an_ended_one_goes() {
    let World { dir: _dir, ledger, .. } = world();
    let agents = |cursor| {
        let slice = ledger.feed("SLC", cursor, 100).unwrap();
        let told = slice
            .events
            .into_iter()
            .find_map(|event| if let EventKind::Agents { agents } = event.what { Some(agents) } else { None });
        (slice.cursor, told)
    };
    let (cursor, told) = agents(0);
    let told = told.unwrap();
    assert_eq!(told.iter().map(|agent| agent.account.as_str()).collect::<Vec<_>>(), ["wang"], "only the point's own");
    assert!(told[0].verifier.starts_with("$argon2id$"));
    assert_eq!(agents(cursor), (cursor, None), "told once");
    ledger.disable_user("wang", "chen", now()).unwrap();
    assert_eq!(agents(cursor).1, Some(vec![]));
    // A cursor from the future comes from before a backup was restored: everything is told again.
    assert!(agents(u64::MAX).1.is_some());
    assert_eq!(ledger.feed("XXX", 0, 1).unwrap_err().kind(), Kind::TerminalUnknown);
}

#[test]
fn the_feed_is_read_in_pages_and_every_case_stands_in_it_once() {
    let World { dir: _dir, ledger, slc, .. } = world();
    let ids: Vec<Uuid> = (1..=7).map(|n| filed(&ledger, &slc, "wang", n)).collect();
    ledger.decide(ids[0], &Decision::Accept, &clerk(&ledger), 1, now()).unwrap();
    let (mut cursor, mut told) = (0, Vec::new());
    loop {
        let slice = ledger.feed("SLC", cursor, 3).unwrap();
        assert!(slice.events.len() <= 3 && slice.cursor > cursor);
        cursor = slice.cursor;
        told.extend(
            slice
                .events
                .into_iter()
                .filter_map(|event| if let EventKind::Case { case } = event.what { Some(case.filing) } else { None }),
        );
        if !slice.more {
            break;
        }
    }
    assert_eq!(told, [&ids[1..], &ids[..1]].concat());
}

#[test]
fn five_wrong_passwords_lock_the_account_and_time_opens_it() {
    let World { dir, ledger, .. } = world();
    for left in (1..LOGIN_FAILURES_MAX).rev() {
        assert!(matches!(ledger.verify_login("li", "wrong", now()), Err(LoginRefuse::Wrong { left: found }) if found == left));
    }
    assert!(matches!(ledger.verify_login("li", "wrong", now()), Err(LoginRefuse::Locked { .. })));
    drop(ledger);
    let ledger = reopen(dir.path(), Ids::System);
    assert!(matches!(ledger.verify_login("li", PASSWORD, now()), Err(LoginRefuse::Locked { .. })), "no restart forgets it");
    let later = now() + SignedDuration::from_mins(LOGIN_LOCK_MINUTES);
    let session = ledger.verify_login("li", PASSWORD, later).unwrap();
    assert!(ledger.session(&session.token, later).unwrap().is_some());
    assert!(ledger.session("nothing", later).unwrap().is_none());
    let idle = later + SignedDuration::from_mins(SESSION_IDLE_MINUTES);
    assert!(ledger.session(&session.token, idle).unwrap().is_none());
    assert!(matches!(ledger.verify_login("wang", PASSWORD, later), Err(LoginRefuse::NotHere)), "agents work at the village");
    assert!(matches!(ledger.verify_login("nobody", PASSWORD, later), Err(LoginRefuse::Wrong { .. })));
    ledger.sign_out(&session.token, later).unwrap();
    assert!(ledger.session(&session.token, later).unwrap().is_none());
    let trail = ledger.audit(&AuditFilter { subject: Some("li".into()), ..AuditFilter::default() }).unwrap();
    assert_eq!(trail.iter().filter(|row| row.verb == "login.failed").count(), 5);
    assert!(trail.iter().all(|row| !row.detail.contains(PASSWORD)));
}

#[test]
fn the_audit_trail_cannot_be_changed_unseen() {
    let World { dir: _dir, ledger, slc, .. } = world();
    filed(&ledger, &slc, "wang", 1);
    let rows = ledger.audit(&AuditFilter::default()).unwrap();
    let zero = AuditHead { rows: 0, hash: Digest([0; 32]) };
    assert_eq!(verify_audit(&zero, &rows), Ok(ledger.audit_verify().unwrap()));
    for at in 0..rows.len() {
        let mut changed = rows.clone();
        changed[at].who.push('x');
        assert_eq!(verify_audit(&zero, &changed), Err(at as u64 + 1));
        let mut shorter = rows.clone();
        shorter.remove(at);
        assert_eq!(verify_audit(&zero, &shorter).is_ok(), at == rows.len() - 1, "only the last can go unseen by the chain alone");
    }
    let db = super::lock(&ledger.writer);
    for sql in ["UPDATE audit SET who = 'x'", "DELETE FROM audit", "UPDATE acts SET bytes = x'00'", "DELETE FROM acts"] {
        assert!(db.execute_batch(sql).is_err(), "{sql}");
    }
}

#[test]
fn an_upload_survives_cuts_and_a_reopened_ledger_and_is_seen_by_its_owner_only() {
    let World { dir, ledger, slc, bhc } = world();
    let bytes = jpeg(5, 200_000);
    let digest = Digest::of(&bytes);
    let row = ledger.create_upload(&slc, bytes.len() as u64, Some(digest), now()).unwrap();
    let send = |ledger: &Ledger, at: usize, end: usize, last: Chunk, checksum| {
        let mut parts = vec![last, Chunk::Bytes(Bytes::copy_from_slice(&bytes[at..end]))];
        ledger.append_upload(&slc, &row.name, at as u64, checksum, now(), &mut || parts.pop().unwrap_or(Chunk::Cut))
    };
    assert_eq!(send(&ledger, 0, 70_001, Chunk::Cut, None).unwrap().offset, 70_001);
    assert_eq!(send(&ledger, 0, 10, Chunk::End, None).unwrap_err().kind(), Kind::OffsetMismatch);
    let wrong = Some(Checksum::Sha256([0; 32]));
    assert_eq!(send(&ledger, 70_001, 80_000, Chunk::End, wrong).unwrap_err().kind(), Kind::ChecksumMismatch);
    assert_eq!(ledger.upload(&slc, &row.name, now()).unwrap().offset, 70_001, "nothing of a wrong step counts");
    assert_eq!(ledger.upload(&bhc, &row.name, now()).unwrap_err().kind(), Kind::NotFound);
    let other = Caller { terminal: "SLC-ZY".into(), ..slc.clone() };
    assert_eq!(ledger.upload(&other, &row.name, now()).unwrap_err().kind(), Kind::NotFound);
    drop(ledger);
    let ledger = reopen(dir.path(), Ids::seeded(9));
    assert_eq!(ledger.held_pages(&slc, &[digest]).unwrap(), []);
    let done = send(&ledger, 70_001, bytes.len(), Chunk::End, None).unwrap();
    assert!(done.held);
    assert_eq!(ledger.held_pages(&slc, &[digest, Digest::of(b"x")]).unwrap(), [digest]);
    assert_eq!(ledger.held_pages(&bhc, &[digest]).unwrap(), [], "another point learns nothing");
    assert_eq!(send(&ledger, bytes.len(), bytes.len(), Chunk::End, None).unwrap().offset, bytes.len() as u64);
}

#[test]
fn a_page_that_is_not_what_was_announced_is_refused_and_its_file_goes() {
    let World { dir: _dir, ledger, slc, .. } = world();
    let files = || ledger.vault.names().unwrap().len();
    let before = files();
    let row = ledger.create_upload(&slc, 3, Some(Digest::of(b"abc")), now()).unwrap();
    let mut parts = vec![Chunk::End, Chunk::Bytes(Bytes::from_static(b"abd"))];
    let refuse = ledger.append_upload(&slc, &row.name, 0, None, now(), &mut || parts.pop().unwrap()).unwrap_err();
    assert_eq!(refuse.kind(), Kind::DigestMismatch);
    assert_eq!(ledger.upload(&slc, &row.name, now()).unwrap_err().kind(), Kind::NotFound);
    assert_eq!(files(), before);
    let row = ledger.create_upload(&slc, 3, None, now()).unwrap();
    let mut parts = vec![Chunk::End, Chunk::Bytes(Bytes::from_static(b"abcd"))];
    let refuse = ledger.append_upload(&slc, &row.name, 0, None, now(), &mut || parts.pop().unwrap()).unwrap_err();
    assert_eq!(refuse.kind(), Kind::BodyTooLarge);
    for (length, expected) in [(0, Kind::BadRequest), (PAGE_BYTES_MAX + 1, Kind::BodyTooLarge)] {
        assert_eq!(ledger.create_upload(&slc, length, None, now()).unwrap_err().kind(), expected);
    }
    ledger.end_upload(&slc, &row.name, now()).unwrap();
    assert_eq!(files(), before);
}

#[test]
fn sweeping_takes_what_nobody_named_and_nothing_else() {
    let World { dir, ledger, slc, .. } = world();
    let id = filed(&ledger, &slc, "wang", 1);
    let unnamed = upload(&ledger, &slc, b"nobody names this");
    let begun = ledger.create_upload(&slc, 10, None, now()).unwrap();
    let mut parts = vec![Chunk::Cut, Chunk::Bytes(Bytes::from_static(b"x"))];
    ledger.append_upload(&slc, &begun.name, 0, None, now(), &mut || parts.pop().unwrap()).unwrap();
    std::fs::write(dir.path().join("pages/00stray"), b"x").ok();
    std::fs::create_dir_all(dir.path().join("pages/ab")).unwrap();
    std::fs::write(dir.path().join("pages/ab/abstray"), b"the file of a creation that was cut short").unwrap();
    assert_eq!(ledger.sweep(now()).unwrap(), 1, "only the stray file is without a row today");
    let later = now() + SignedDuration::from_hours(UPLOAD_KEPT_HOURS + 1);
    assert_eq!(ledger.sweep(later).unwrap(), 2);
    assert_eq!(ledger.held_pages(&slc, &[unnamed]).unwrap(), []);
    let held = ledger.held_filings(None, 10, true).unwrap();
    assert_eq!((held.len(), held[0].filing, held[0].pages.len()), (1, id, 2));
}

#[test]
fn a_wrong_key_a_newer_ledger_and_an_open_key_file_each_say_so_and_change_nothing() {
    let World { dir, ledger, .. } = world();
    super::lock(&ledger.writer).pragma_update(None, "user_version", 99).unwrap();
    drop(ledger);
    let rules = || Arc::new(Rules::default());
    let key = Ledger::key_of(dir.path(), None).unwrap();
    assert!(matches!(
        Ledger::open(dir.path(), &key, rules(), Ids::System),
        Err(LedgerError::NewerSchema { found: 99, known: super::schema::VERSION })
    ));
    let wrong = LedgerKey::from_bytes([1; 32]);
    assert!(matches!(Ledger::open(dir.path(), &wrong, rules(), Ids::System), Err(LedgerError::WrongKey)));
    let path = dir.path().join("ledger.key");
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    assert!(matches!(Ledger::key_of(dir.path(), None), Err(LedgerError::KeyMode(_))));
    assert!(matches!(Ledger::key_of(&dir.path().join("x"), None), Err(LedgerError::NoHall(_))));
    // The service manager's credential goes before the directory's own file.
    let credentials = tempfile::tempdir().unwrap();
    std::fs::copy(&path, credentials.path().join("ledger.key")).unwrap();
    std::fs::set_permissions(credentials.path().join("ledger.key"), std::os::unix::fs::PermissionsExt::from_mode(0o400)).unwrap();
    Ledger::key_of(dir.path(), Some(credentials.path())).unwrap();
}

#[test]
fn nothing_about_a_person_stands_in_clear_on_the_disk() {
    let World { dir, ledger, slc, .. } = world();
    let id = filed(&ledger, &slc, "wang", 1);
    let case = ledger.case(id).unwrap().unwrap();
    let filing = case.sealed.filing();
    let secrets = [filing.applicant.number.expose().as_bytes(), filing.applicant.name.expose().as_bytes(), b"wang"];
    let mut folders = vec![dir.path().to_owned()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let bytes = std::fs::read(&path).unwrap();
            for secret in secrets {
                assert!(!bytes.windows(secret.len()).any(|window| window == secret), "{}", path.display());
            }
        }
    }
    assert!(files >= 4, "database, its log, key and two pages");
    assert!(!format!("{case:?}").contains(filing.applicant.number.expose().as_str()));
}
