//! No sentence outside assets, no key that nobody says.

use std::collections::BTreeSet;

use super::sources::{files, is_test, literals, read, root, rust, shipped};

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{323af}')
}

/// Rooms that face people: not one Chinese word in their code.
const FACES: &[&str] =
    &["src/terminal/", "src/hall/", "src/courier/", "src/outbox/", "src/scan/", "drivers/camera/", "drivers/devices/"];

#[test]
fn no_chinese_stands_in_the_code_of_a_room_that_faces_people() {
    let mut faults = Vec::new();
    for file in rust().iter().filter(|file| FACES.iter().any(|room| file.starts_with(room)) && !is_test(file)) {
        let text = read(file);
        for (line, literal) in literals(shipped(&text)) {
            if literal.chars().any(is_han) {
                faults.push(format!("{file}:{line}: {literal}"));
            }
        }
    }
    assert!(faults.is_empty(), "these belong into assets/texts:\n{}", faults.join("\n"));
}

#[test]
fn other_rooms_hold_words_as_data_but_no_sentence() {
    let mut faults = Vec::new();
    for file in rust().iter().filter(|file| !FACES.iter().any(|room| file.starts_with(room)) && !is_test(file)) {
        let text = read(file);
        for (line, literal) in literals(shipped(&text)) {
            let han = literal.chars().filter(|c| is_han(*c)).count();
            let ends_like_a_sentence = literal.contains(['。', '！', '？']) || (han > 0 && literal.contains('，'));
            if han > 12 || ends_like_a_sentence {
                faults.push(format!("{file}:{line}: {literal}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Keys of a Fluent file.
fn keys(text: &str) -> Vec<String> {
    text.lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
        .filter_map(|line| line.split_once('='))
        .map(|(key, _)| key.trim().to_owned())
        .collect()
}

#[test]
fn every_sentence_is_said_somewhere() {
    let sources: Vec<(String, String)> = files()
        .into_iter()
        .filter(|file| (file.ends_with(".rs") && !file.starts_with("tests/law")) || file.ends_with(".html"))
        .map(|file| (file.clone(), read(&file)))
        .collect();
    let all: String = sources.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("\n");
    let identifiers: BTreeSet<&str> = all.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).collect();
    // "state-" ~ …, format!("state-{…}"): the head of a family of keys.
    let heads: BTreeSet<&str> = all
        .split('"')
        .filter_map(|piece| {
            let head = piece.split('{').next().unwrap_or(piece);
            (head.ends_with(['-', '_'])
                && head.len() > 2
                && head.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'))
            .then_some(head)
        })
        .collect();
    let mut unused = Vec::new();
    for path in std::fs::read_dir(root().join("assets/texts/zh-CN")).expect("texts are there").flatten().map(|entry| entry.path())
    {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        // A file whose sentences are found by codes of other rooms says so in its head.
        let module = name.replace('-', "_");
        for key in keys(&text) {
            let snake = key.replace('-', "_");
            let function = identifiers.contains(snake.as_str()) || identifiers.contains(format!("{snake}_").as_str());
            let literal =
                all.contains(&format!("\"{key}\"")) || all.contains(&format!("'{key}'")) || all.contains(&format!("\"{snake}\""));
            let family = heads.iter().any(|head| key.starts_with(head) || snake.starts_with(head));
            // A trouble is one code and three sentences: what is safe, what happened, what to do.
            let part = ["-title", "-safe", "-do"]
                .iter()
                .filter_map(|part| key.strip_suffix(part))
                .any(|code| all.contains(&format!("\"{code}\"")) || all.contains(&format!("\"{}\"", code.replace('-', "_"))));
            if !function && !literal && !family && !part {
                unused.push(format!("{module}: {key}"));
            }
        }
    }
    assert!(unused.is_empty(), "nobody says:\n{}", unused.join("\n"));
}

#[test]
fn both_languages_hold_the_same_files() {
    let names = |lang: &str| -> BTreeSet<String> {
        std::fs::read_dir(root().join("assets/texts").join(lang))
            .expect("texts are there")
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect()
    };
    assert_eq!(names("zh-CN"), names("en"));
}
