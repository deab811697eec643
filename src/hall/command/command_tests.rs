use texts::{Lang, Texts, town_hall};

use super::*;

/// Every code that a command can fail with.
const CODES: &[&str] = &[
    "wrong-key",
    "key-mode",
    "key-form",
    "no-hall",
    "hall-exists",
    "newer-schema",
    "not-a-ledger",
    "held",
    "full",
    "damaged",
    "random",
    "sql",
    "io",
    "authority",
    "desk-outside",
    "listen",
    "start",
    "catalogue-faulty",
    "point-code",
    "point-name",
    "point-taken",
    "point-unknown",
    "user-account",
    "user-name",
    "user-taken",
    "user-unknown",
    "user-point",
    "user-password",
    "user-role",
    "terminal-unknown",
    "unknown-command",
    "unknown-option",
    "value-missing",
    "option-missing",
    "option-twice",
    "too-many-words",
    "address",
    "date",
    "catalogue-faults",
    "folder",
    "file",
    "matter-missing",
    "matter-unknown",
    "answers",
    "field-unknown",
    "time",
    "limit",
    "two-folders",
    "version-twice",
    "folder-new",
    "stop-without-resume",
    "stop_before_start",
    "resume_before_stop",
    "stops_overlap",
    "period_too_long",
];

#[test]
fn every_failure_has_a_sentence_in_both_languages() {
    for lang in [Lang::Zh, Lang::En] {
        let t = Texts::new(lang);
        for code in CODES {
            assert!(town_hall::lookup(&t, code, &[]).is_some(), "{code} in {}", lang.tag());
        }
    }
}

fn run_words(text: &str) -> Result<(), Failure> {
    let raw: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    run(&raw, &Surroundings::default(), &Texts::new(Lang::En))
}

#[test]
fn a_wrong_command_is_told_apart_from_one_that_failed() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("hall").display().to_string();
    for (words, code, exit) in [
        ("dance", "unknown-command", 2),
        ("point", "unknown-command", 2),
        ("init --dir X", "option-missing", 2),
        (&format!("code --dir {dir} --point SLC") as &str, "no-hall", 1),
        (&format!("serve --dir {dir} --api nowhere"), "address", 2),
    ] {
        let failure = run_words(words).unwrap_err();
        assert_eq!((failure.code(), failure.exit()), (code, exit), "{words}");
    }
}

#[test]
fn a_hall_is_founded_once_and_its_desk_stays_on_this_machine() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("hall").display().to_string();
    run_words(&format!("init --dir {dir} --name Sample")).unwrap();
    assert_eq!(run_words(&format!("init --dir {dir} --name Sample")).unwrap_err().code(), "hall-exists");
    run_words(&format!("point add --dir {dir} --id SLC --name Village")).unwrap();
    for (words, code) in [
        ("point add --id SLC --name Village", "point-taken"),
        ("point add --id SIC --name Village", "point-code"),
        ("code --point QQQ", "point-unknown"),
        ("revoke --terminal SLC-22", "terminal-unknown"),
        ("serve --api 127.0.0.1:0 --desk 0.0.0.0:0", "desk-outside"),
    ] {
        assert_eq!(run_words(&format!("{words} --dir {dir}")).unwrap_err().code(), code, "{words}");
    }
    run_words(&format!("filings --dir {dir} --json --read-pages")).unwrap();
    run_words(&format!("audit --dir {dir} --verify")).unwrap();
}

#[test]
fn a_matter_is_tried_without_a_terminal() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("answers.json").display().to_string();
    std::fs::write(&path, r#"{"residence":"same","phone":"029-88880000","declared":true}"#).unwrap();
    run_words(&format!("catalogue try M09 --answers {path} --at 2026-11-24T10:00")).unwrap();
    std::fs::write(&path, "{\"no_such_field\":\"x\"}").unwrap();
    for (words, code) in [
        (format!("catalogue try M09 --answers {path}"), "field-unknown"),
        (format!("catalogue try M99 --answers {path}"), "matter-unknown"),
        (format!("catalogue try M09 --answers {path} --at yesterday"), "time"),
        (format!("catalogue try M09 --answers {path}.none"), "answers"),
        ("catalogue try".to_owned(), "matter-missing"),
        ("deadline --start 2026-02-13 --limit 20".to_owned(), "limit"),
        ("deadline --start 2026-02-13 --limit 5wd --stop 2026-02-14".to_owned(), "stop-without-resume"),
        ("deadline --start 2026-02-13 --limit 5wd --stop 2026-02-12 --resume 2026-02-14".to_owned(), "stop_before_start"),
        (format!("catalogue check {}", dir.path().display()), "folder"),
    ] {
        let failure = run_words(&words).unwrap_err();
        assert_eq!((failure.code(), failure.exit()), (code, 2), "{words}");
    }
    run_words("deadline --start 2026-02-13T10:00 --limit 20wd").unwrap();
    run_words("catalogue check").unwrap();
    std::fs::write(dir.path().join("M43-x.toml"), "id = \"M43\"").unwrap();
    assert_eq!(run_words(&format!("catalogue check {}", dir.path().display())).unwrap_err().code(), "catalogue-faults");
}

#[test]
fn every_fault_of_a_catalogue_and_every_change_has_a_sentence_in_both_languages() {
    for lang in [Lang::Zh, Lang::En] {
        let t = Texts::new(lang);
        for code in matters::lint::RULES.iter().chain(&["hours_shape", "hours_order", "hours_below_seven"]) {
            let said = texts::catalogue_fault::lookup(&t, code, &[("detail", "X".to_owned())]);
            assert!(said.is_some_and(|said| !said.contains('{')), "{code} in {}", lang.tag());
        }
        for code in matters::change::CHANGES {
            let said = texts::catalogue_change::lookup(&t, code, &[("what", "X".to_owned())]);
            assert!(said.is_some_and(|said| !said.contains('{')), "{code} in {}", lang.tag());
        }
    }
}
