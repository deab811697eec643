//! What the town sends, as the window takes it: between two people, and never under anybody's hands.

use outbox::Message;

use super::*;

/// The built-in catalogue as another version without M09.
fn town(version: &str) -> Town {
    let edit = |(name, text): &(&'static str, &'static str)| {
        (
            *name,
            if *name == "catalogue.toml" { text.replace("\"2026.3\"", &format!("\"{version}\"")) } else { (*text).to_owned() },
        )
    };
    let files: Vec<(&str, String)> =
        matters::bundled::FILES.iter().filter(|(name, _)| !name.starts_with("M09")).map(edit).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    Town { current: matters::Catalogue::parse("", &files).unwrap(), ..Town::bundled() }
}

fn version(stage: &Stage) -> String {
    stage.window.state().catalogue.version().to_owned()
}

fn questions(stage: &Stage) -> usize {
    stage.ends.questions.try_iter().filter(|question| matches!(question, Question::Town)).count()
}

#[test]
fn a_new_catalogue_is_filed_by_at_once_and_said_once() {
    let mut stage = Stage::signed_in();
    stage.learn(Fact::TownChanged);
    assert_eq!(questions(&stage), 1, "the reader is asked for it");
    stage.learn(Fact::Town(Box::new(town("2026.4"))));
    assert_eq!(version(&stage), "2026.4");
    assert!(stage.sees("2026.4") && stage.window.state().catalogue.matter("M09").is_none());
    stage.wish(Wish::DismissMessage);
    stage.learn(Fact::Town(Box::new(town("2026.4"))));
    assert!(!stage.sees("2026.4"), "the same again is no news");
}

#[test]
fn while_somebody_is_served_the_form_stays_as_it_is() {
    let mut stage = Stage::serving();
    let before = version(&stage);
    stage.learn(Fact::Town(Box::new(town("2026.4"))));
    assert_eq!(version(&stage), before, "nothing changes under anybody's hands");
    stage.wish(Wish::EndVisit);
    assert_eq!(version(&stage), "2026.4");
    assert!(stage.sees("2026.4"), "and it is said");
}

#[test]
fn a_version_that_begins_on_another_day_is_asked_for_on_that_day() {
    let mut stage = Stage::signed_in();
    assert_eq!(questions(&stage), 0);
    stage.wait(Duration::from_secs(3600 * 24));
    assert_eq!(questions(&stage), 1);
    stage.wait(Duration::from_secs(60));
    assert_eq!(questions(&stage), 0, "once a day");
}

#[test]
fn what_is_not_used_is_said_and_work_goes_on() {
    let mut stage = Stage::signed_in();
    let before = version(&stage);
    stage.learn(Fact::PackageRefused { version: "2026.9".into(), code: "toml".into() });
    assert!(stage.sees("2026.9") && stage.sees("照旧"));
    assert_eq!(version(&stage), before);
}

#[test]
fn a_message_stands_on_the_first_screen_until_it_is_read() {
    let mut stage = Stage::signed_in();
    let message =
        |n: u128, text: &str| Message { id: Uuid::from_u128(n), at: NOW.parse().unwrap(), text: text.into(), read_at: None };
    let overview = |messages| Overview { agents: vec![agent("wang", "王样本")], messages, ..Overview::default() };
    stage.learn(Fact::Overview(Box::new(overview(vec![message(1, "明天停电"), message(2, "系统升级")]))));
    assert!(stage.sees("明天停电") && !stage.sees("系统升级") && stage.sees("还有 1 条"));
    stage.click("看过了");
    assert!(stage.orders().iter().any(|order| matches!(order, Order::ReadMessage(id) if *id == Uuid::from_u128(1))));
    stage.learn(Fact::Overview(Box::new(overview(Vec::new()))));
    assert!(!stage.sees("镇街通知"));
}
