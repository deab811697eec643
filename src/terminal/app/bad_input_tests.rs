//! Whatever comes in broken: a clear sentence, and nothing that was there is lost.

use devices::{Kind, Trouble};
use matters::PageRef;

use super::*;
use crate::speech::CameraFact;

const UNREADABLE: Trouble = Trouble::new(Kind::Garbled, "card_garbled", "");
const FOREIGN: Trouble = Trouble::new(Kind::Unsupported, "card_unknown", "");

/// Serving 李样本, who has chosen a matter and of whose papers one page is kept.
fn half_way() -> (Stage, Vec<PageRef>) {
    let mut stage = Stage::serving();
    stage.read("李样本", "19491231");
    stage.wish(Wish::Choose { matter: "M09".into() });
    let draft = stage.window.state().visit.draft.as_ref().expect("a draft").id;
    let sha256 = matters::Digest::of(b"page");
    let page = PageRef { material: "BK".into(), order: 1, sha256, bytes: 4, width_px: 10, height_px: 10 };
    stage.learn(Fact::PageSaved { draft, page: page.clone(), inserted: false });
    (stage, vec![page])
}

fn pages(stage: &Stage) -> Vec<PageRef> {
    stage.window.state().visit.draft.as_ref().expect("a draft").pages.clone()
}

#[test]
fn an_unreadable_card_says_what_to_do_and_takes_nothing_from_the_person_served() {
    let mut stage = Stage::serving();
    stage.learn(Fact::Card(CardFact::Failed(UNREADABLE)));
    assert!(stage.sees("卡里的内容读不全，没有采用"));
    assert_eq!(stage.served(), None);
    let (mut stage, kept) = half_way();
    stage.learn(Fact::Card(CardFact::Failed(UNREADABLE)));
    assert_eq!(stage.served().as_deref(), Some("李样本"));
    assert_eq!(pages(&stage), kept);
}

#[test]
fn a_card_of_another_kind_is_named_and_never_read_as_a_person() {
    let mut stage = Stage::signed_in();
    stage.learn(Fact::Card(CardFact::Failed(FOREIGN)));
    assert!(stage.sees("不认识这张卡"), "also at home, before anybody is served");
    assert_eq!(stage.served(), None);
    let mut stage = Stage::serving();
    stage.learn(Fact::Card(CardFact::Failed(FOREIGN)));
    assert!(stage.sees("不认识这张卡") && stage.sees("手工录入"));
    assert_eq!(stage.served(), None);
}

#[test]
fn a_damaged_picture_is_not_taken_and_the_pages_before_it_stay() {
    let (mut stage, kept) = half_way();
    stage.wish(Wish::GoTo(Place::Capture));
    stage.learn(Fact::Camera(CameraFact::Failed(Trouble::new(Kind::Garbled, "picture_unreadable", ""))));
    assert!(stage.sees("这一张是坏的，没有采用。请再拍一次"));
    assert_eq!(pages(&stage), kept);
    assert_eq!(stage.place(), Some(Place::Capture), "and another picture can be taken at once");
}

#[test]
fn a_broken_catalogue_file_is_left_out_and_said_and_the_other_matters_work() {
    let dir = tempfile::tempdir().unwrap();
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/catalogue");
    for entry in std::fs::read_dir(source).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), dir.path().join(entry.file_name())).unwrap();
    }
    let broken = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
    let broken = broken.into_iter().find(|path| path.to_string_lossy().contains("M07")).unwrap();
    std::fs::write(broken, "id = \"M07\"\nname = {").unwrap();
    let config = Config { catalogue_dir: Some(dir.path().to_path_buf()), ..config() };
    let town = crate::catalogue::Town::load(&config, crate::words::day(NOW.parse().unwrap()), &Default::default());
    assert!(!town.faults.is_empty() && town.current.matter("M07").is_none());
    assert!(town.current.matter("M09").is_some() && town.current.matter("M04").is_some());

    let mut stage = open_with(|start| Start { town, ..start });
    stage.window.run();
    assert!(stage.sees(&texts::trouble::catalogue_title(&stage.window.state().texts)));
    assert!(stage.sees("M07"), "the file is named, with its line and what is wrong");
}

#[test]
fn a_hall_that_answers_nonsense_is_not_believed_and_work_goes_on() {
    let (mut stage, kept) = half_way();
    stage.learn(Fact::Line(LineFact::Down { code: "answer_unreadable".into() }));
    assert!(stage.sees("照常收件"), "the band over every screen");
    assert_eq!(pages(&stage), kept);
    let said = crate::words::line_trouble(&stage.window.state().texts, "answer_unreadable");
    assert!(said.contains("没有采用") && said.contains("已办的都在本机"), "{said}");
}

#[test]
fn a_clock_that_is_years_off_is_named_and_work_goes_on() {
    let (mut stage, kept) = half_way();
    let hall_time: Timestamp = NOW.parse().unwrap();
    let years = -26 * 365 * 86_400_000;
    stage.learn(Fact::Line(LineFact::Up { hall_time, skew_ms: Some(years) }));
    assert!(stage.sees("时钟不对") && stage.sees("490 天") && stage.sees("照常办件"));
    assert_eq!(pages(&stage), kept);
    stage.learn(Fact::Line(LineFact::Up { hall_time, skew_ms: Some(900) }));
    assert!(!stage.sees("时钟不对"), "a second is no fault");
}
