//! The real workers on a real cabinet with a folder for a camera: what is ordered, what is on the disk.

use std::{path::Path, time::Duration};

use matters::{ActedBy, Capacity, CardKind, Identity, NoticeGiven, Personal, Sex, Source};
use outbox::{Admission, Cabinet, Draft, Machine, Particulars, Stage};
use uuid::Uuid;

use super::{Workers, key, launch, sealing};
use crate::{
    clock::{Clock, Stopwatch},
    config::{CameraChoice, CardChoice, Config},
    ids::Ids,
    speech::{CameraFact, CameraOrder, CardFact, Fact, Make, Order, Question, Spot},
};

const PATIENCE: Duration = Duration::from_secs(60);

fn config(dir: &Path) -> Config {
    let mut config = Config::fresh(&dir.join("terminal.toml"));
    config.devices.card = CardChoice::Off;
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/demo/pages");
    config.devices.camera = CameraChoice::Folder(pages);
    config
}

fn clock() -> Clock {
    Clock::hand("2026-11-23T01:42:00Z".parse().unwrap())
}

/// A cabinet of an admitted machine. The line itself is none: these tests need no hall.
fn admit(config: &Config) {
    let key = key(config).unwrap();
    let mut cabinet = Cabinet::open(&config.cabinet_file(), &key, clock().now()).unwrap();
    let particulars = Particulars {
        point: "SLC".into(),
        point_name: "石榴村便民服务点".into(),
        point_hours: String::new(),
        point_phone: String::new(),
        hall_name: String::new(),
        hall_phone: String::new(),
        supervision_phone: String::new(),
        hall_keys: Vec::new(),
        bundle: None,
        recovery: None,
    };
    let admission = Admission {
        hall_url: "https://127.0.0.1:9".into(),
        terminal: "SLC-T1".into(),
        serial: "22".into(),
        particulars,
        certificate_pem: String::new(),
        authority_pem: String::new(),
        key_pem: Personal::default(),
    };
    cabinet.set_admission(&admission).unwrap();
}

fn start(config: &Config) -> Workers {
    launch(config, clock(), Ids::random(), || {}).unwrap()
}

/// The first fact that fits; others are passed over.
fn wait<T>(workers: &Workers, what: &str, mut fits: impl FnMut(Fact) -> Option<T>) -> T {
    let watch = Stopwatch::start();
    loop {
        let left = PATIENCE.checked_sub(watch.elapsed()).unwrap_or_else(|| panic!("{what} never came"));
        let fact = workers.facts.recv_timeout(left).unwrap_or_else(|_| panic!("{what} never came"));
        if let Fact::Cabinet(trouble) = &fact {
            panic!("{what}: {}", trouble.code);
        }
        if let Some(found) = fits(fact) {
            return found;
        }
    }
}

fn draft(id: u128) -> Draft {
    let now = clock().now();
    Draft {
        id: Uuid::from_u128(id),
        supplement_to: None,
        created_at: now,
        changed_at: now,
        acted_by: ActedBy { account: "wang".into(), session: Uuid::from_u128(1) },
        matter: Some("M09".into()),
        catalogue_version: "1".into(),
        step: "Capture".into(),
        notice: Some(NoticeGiven { version: "2026-1".into(), at: now }),
        applicant: Some(applicant()),
        capacity: Some(Capacity::Myself),
        situations: Default::default(),
        brought: Default::default(),
        answers: Default::default(),
        witness: None,
        old: Vec::new(),
        pages: Vec::new(),
    }
}

fn applicant() -> Identity {
    Identity {
        source: Source::Manual,
        card: CardKind::None,
        name: Personal::from("李样本"),
        sex: Sex::Female,
        nation: None,
        birth: None,
        address: Personal::default(),
        number: Personal::from(crate::screen::specimen::number("19491231", 2)),
        issuer: String::new(),
        valid_from: None,
        valid_until: None,
        warnings: Vec::new(),
    }
}

#[test]
fn a_page_under_the_camera_becomes_part_of_the_sealed_filing_and_survives_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path());
    admit(&config);
    let workers = start(&config);
    wait(&workers, "the open cabinet", |fact| matches!(fact, Fact::Opened(_)).then_some(()));
    let draft = draft(77);
    workers.records.send(Order::SaveDraft(Box::new(draft.clone()))).unwrap();
    wait(&workers, "the saved draft", |fact| matches!(fact, Fact::DraftSaved { id, .. } if id == draft.id).then_some(()));

    workers.camera.send(CameraOrder::Preview(true)).unwrap();
    workers
        .camera
        .send(CameraOrder::Shoot { draft: draft.id, material: "PH2".into(), spot: Spot::Last, make: Make::default() })
        .unwrap();
    let (width, height) = wait(&workers, "the still", |fact| match fact {
        Fact::Camera(CameraFact::Still { width_px, height_px, .. }) => Some((width_px, height_px)),
        _ => None,
    });
    let page = wait(&workers, "the page", |fact| match fact {
        Fact::PageSaved { page, .. } => Some(page),
        _ => None,
    });
    assert_eq!((page.material.as_str(), page.order), ("PH2", 1));
    assert!(page.bytes < 2_000_000 && page.width_px > 0);

    // Corners by hand replace the page that was made, in the same place.
    let (w, h) = (width as f32, height as f32);
    let corners = [[w * 0.1, h * 0.1], [w * 0.9, h * 0.1], [w * 0.9, h * 0.9], [w * 0.1, h * 0.9]];
    let (corners, make) = (Some(corners), Make::default());
    workers.camera.send(CameraOrder::Square { draft: draft.id, material: "PH2".into(), replace: 1, corners, make }).unwrap();
    let squared = wait(&workers, "the squared page", |fact| match fact {
        Fact::PageSaved { page, .. } => Some(page),
        _ => None,
    });
    assert_eq!(squared.order, 1);
    assert_ne!(squared.sha256, page.sha256);

    // A quarter turn swaps the sides.
    workers.reader.send(Question::Bytes(squared.sha256)).unwrap();
    let jpeg = wait(&workers, "the page's bytes", |fact| match fact {
        Fact::PageBytes { jpeg, .. } => Some(jpeg),
        _ => None,
    });
    workers.camera.send(CameraOrder::Rotate { draft: draft.id, material: "PH2".into(), order: 1, jpeg }).unwrap();
    let turned = wait(&workers, "the turned page", |fact| match fact {
        Fact::PageSaved { page, .. } => Some(page),
        _ => None,
    });
    assert_eq!((turned.width_px, turned.height_px), (squared.height_px, squared.width_px));

    let acted_by = draft.acted_by.clone();
    workers.records.send(Order::Seal { draft: draft.id, acted_by: acted_by.clone() }).unwrap();
    let sealed = wait(&workers, "the sealed filing", |fact| match fact {
        Fact::Sealed { sealed, .. } => Some(*sealed),
        _ => None,
    });
    let filing = sealed.filing();
    assert_eq!(filing.pages, [turned]);
    assert!(matters::numbering::parse(&filing.case_number).is_ok());
    assert_eq!(filing.query_code.expose().len(), 6);
    assert_eq!(filing.acted_by, acted_by);
    // A second press finds the draft gone and seals nothing twice.
    workers.records.send(Order::Seal { draft: draft.id, acted_by }).unwrap();
    let refused = workers.facts.iter().find_map(|fact| match fact {
        Fact::Cabinet(trouble) => Some(trouble.code),
        _ => None,
    });
    assert!(refused.is_some());
    workers.stop();

    let again = start(&config);
    wait(&again, "the open cabinet", |fact| matches!(fact, Fact::Opened(_)).then_some(()));
    again.reader.send(Question::Overview).unwrap();
    let overview = wait(&again, "the overview", |fact| match fact {
        Fact::Overview(overview) => Some(overview),
        _ => None,
    });
    assert_eq!(overview.drafts.len(), 0);
    assert_eq!(overview.filings.len(), 1);
    assert_eq!(overview.filings[0].stage, Stage::Waiting);
    assert_eq!(overview.filings[0].case_number, filing.case_number);
    again.stop();
}

#[test]
fn a_draft_that_a_backup_brings_back_is_not_a_second_filing() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path());
    admit(&config);
    let key = key(&config).unwrap();
    let open = |path: &Path, machine: &str| {
        let mut cabinet = Cabinet::open_on(path, &key, &Machine::from_text(machine), clock().now()).unwrap();
        cabinet.set_keep_free(0);
        cabinet
    };
    let backup = dir.path().join("backup.db");
    let draft = draft(7);
    let mut cabinet = open(&config.cabinet_file(), "first");
    cabinet.save_draft(&draft).unwrap();
    cabinet.backup(&backup).unwrap();
    let filed = |mut cabinet: Cabinet| {
        let admission = cabinet.admission().unwrap().unwrap();
        sealing::seal(&mut cabinet, &admission, &Ids::random(), clock().now(), draft.id, draft.acted_by.clone()).unwrap()
    };
    let (first, again) = (filed(cabinet), filed(open(&backup, "second")));
    assert_eq!(first.filing().id, again.filing().id, "the hall holds one filing of this draft");
    assert_ne!(first.filing().case_number, again.filing().case_number, "no number comes twice");
}

#[test]
fn a_draft_without_a_person_is_not_sealed_and_stays() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path());
    admit(&config);
    let workers = start(&config);
    let mut draft = draft(5);
    draft.applicant = None;
    workers.records.send(Order::SaveDraft(Box::new(draft.clone()))).unwrap();
    workers.records.send(Order::Seal { draft: draft.id, acted_by: draft.acted_by.clone() }).unwrap();
    let what = wait(&workers, "the refusal", |fact| match fact {
        Fact::Unfit { what } => Some(what),
        _ => None,
    });
    assert_eq!(what, "applicant");
    workers.reader.send(Question::Draft(draft.id)).unwrap();
    wait(&workers, "the draft", |fact| matches!(fact, Fact::DraftLoaded(_)).then_some(()));
    workers.stop();
}

#[test]
fn each_trouble_of_opening_is_told_by_its_code_and_changes_nothing() {
    let shut = |config: &Config| {
        let workers = start(config);
        let code = wait(&workers, "the trouble", |fact| match fact {
            Fact::CabinetShut(trouble) => Some(trouble.code),
            _ => None,
        });
        workers.stop();
        code
    };
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path());
    let workers = start(&config);
    wait(&workers, "not admitted", |fact| matches!(fact, Fact::NotAdmitted).then_some(()));
    workers.stop();
    admit(&config);

    let key = std::fs::read(config.key_file()).unwrap();
    let other: Vec<u8> = key.iter().map(|byte| if *byte == b'0' { b'1' } else { *byte }).rev().collect();
    let other = String::from_utf8(other).unwrap().trim().to_owned();
    std::fs::write(config.key_file(), other).unwrap();
    assert_eq!(shut(&config), "cabinet_wrong_key");
    // A lost key is not replaced by a new one that would look right.
    std::fs::remove_file(config.key_file()).unwrap();
    assert_eq!(shut(&config), "cabinet_io");
    assert!(!config.key_file().exists());
    std::fs::write(config.key_file(), &key).unwrap();
    std::fs::set_permissions(config.key_file(), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();

    let held = Cabinet::open(&config.cabinet_file(), &super::key(&config).unwrap(), clock().now()).unwrap();
    assert_eq!(shut(&config), "cabinet_held");
    drop(held);

    let workers = start(&config);
    wait(&workers, "the open cabinet", |fact| matches!(fact, Fact::Opened(_)).then_some(()));
    workers.stop();
}

#[test]
fn each_configured_reader_has_a_named_thread_and_none_keeps_the_window_from_closing() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = config(dir.path());
    config.devices.card = CardChoice::Readers(vec!["serial:/no/a".into(), "usb".into(), "pcsc".into()]);
    admit(&config);
    let workers = start(&config);
    wait(&workers, "the lamp", |fact| match fact {
        Fact::Card(CardFact::Lamp { trouble: Some(trouble), .. }) => Some(trouble),
        _ => None,
    });
    let mut threads: Vec<&str> =
        workers.threads.iter().filter_map(|thread| thread.thread().name()).filter(|name| name.starts_with("card ")).collect();
    threads.sort_unstable();
    assert_eq!(threads, ["card pcsc", "card serial:/no/a", "card usb"]);
    // As closing the window does; none of them may sleep out its whole patience.
    workers.line.stop();
    let watch = Stopwatch::start();
    while workers
        .threads
        .iter()
        .any(|thread| thread.thread().name().is_some_and(|name| name.starts_with("card ")) && !thread.is_finished())
    {
        workers.interrupts.call();
        assert!(watch.elapsed() < PATIENCE, "a reader's thread does not end");
        std::thread::park_timeout(Duration::from_millis(5));
    }
    workers.stop();
}
