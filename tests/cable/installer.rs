//! `village-terminal card`, as an installer runs it: every persona, over PC/SC and over a serial line.

use std::process::Output;

use serde_json::{Value, json};

use crate::cards::with_reader;
use crate::harness::{Case, Ended};
use crate::stand_in::{Events, StandIn, persona};

pub const CASES: &[Case] = &[
    Case { name: "the_installers_command_reads_every_persona_over_pcsc", run: || with_reader(personas_over_pcsc) },
    Case { name: "the_installers_command_reads_every_persona_over_a_serial_line", run: personas_over_serial },
    Case { name: "the_installers_command_lists_readers_when_none_is_named", run: || with_reader(lists) },
    Case { name: "the_installers_command_fails_in_one_line_with_status_2", run: || with_reader(fails) },
    Case { name: "the_installers_command_prints_labels_for_a_person", run: || with_reader(labels) },
];

/// What installers were promised, written out once more: the program's own list proves nothing here.
const KEYS: [&str; 18] = [
    "kind",
    "name",
    "name_latin",
    "sex",
    "nation",
    "nationality",
    "birth",
    "address",
    "new_address",
    "number",
    "old_number",
    "issuer",
    "valid_from",
    "valid_until",
    "social_security_number",
    "card_number",
    "generation",
    "warnings",
];

/// What the command must say of a persona: every key, those that are not named here null.
struct Said {
    persona: &'static str,
    is: Value,
    /// Read by an identity-card reader too; a social-security card has no such thing.
    by_module: bool,
}

fn said() -> Vec<Said> {
    let li = json!({
        "kind": "resident_id", "name": "李样本", "sex": "female", "nation": { "code": "01", "name": "汉" },
        "birth": "1950-03-08", "address": "某省某市样本县样本镇石榴村3组12号", "number": "00000019500308002X",
        "issuer": "样本县公安局", "valid_from": "2012-03-08", "valid_until": "long_term", "warnings": ["number_specimen"],
    });
    let zhang = json!({
        "kind": "resident_id", "name": "张样例", "sex": "male", "nation": { "code": "15", "name": "土家" },
        "birth": "1948-05-12", "address": "某省某市样本县样本镇石榴村1组7号",
        "number": "000000194805120017", "issuer": "样本县公安局", "valid_from": "2011-05-12",
        "valid_until": "long_term", "warnings": ["number_specimen"],
    });
    let chen = json!({
        "kind": "hkmt_residence", "name": "陈样本", "sex": "female", "birth": "1985-06-15",
        "address": "某省某市样本县样本镇石榴村6组9号", "number": "00000019850615002X", "issuer": "样本县公安局",
        "valid_from": "2024-01-01", "valid_until": "2034-01-01", "card_number": "M00000000",
        "warnings": ["number_specimen"],
    });
    let i = json!({
        "kind": "foreign_permanent_2017", "name": "证件样本", "name_latin": "ZHENGJIAN, YANGBEN", "sex": "female",
        "nationality": "CAN", "birth": "1981-08-03", "number": "CAN110081080310", "valid_from": "2015-10-25",
        "valid_until": "2025-10-24", "warnings": ["expired"],
    });
    let y = json!({
        "kind": "foreign_permanent_2023", "name": "证件样本", "name_latin": "ZHENGJIAN, YANGBEN", "sex": "female",
        "nationality": "PAK", "birth": "1980-01-01", "number": "931586198001010028", "old_number": "PAK310080010103",
        "valid_from": "2023-08-08", "valid_until": "2033-08-07", "warnings": [],
    });
    let second = json!({
        "kind": "social_security", "name": "李样本", "sex": "female", "nation": { "code": "01", "name": "汉" },
        "birth": "1950-03-08", "number": "00000019500308002X", "social_security_number": "00000019500308002X",
        "card_number": "A00000001", "generation": "2", "valid_from": "2020-01-01", "valid_until": "2030-01-01",
        "warnings": ["number_specimen"],
    });
    let third = json!({
        "kind": "social_security", "card_number": "B00000002", "generation": "3", "warnings": ["social_needs_psam"],
    });
    let one = |persona, is, by_module| Said { persona, is, by_module };
    vec![
        one("li-yangben", li, true),
        one("zhang-yangli", zhang, true),
        one("chen-yangben", chen, true),
        one("zhengjian-i", i, true),
        one("zhengjian-y", y, true),
        one("shebao-2", second, false),
        one("shebao-3", third, false),
    ]
}

#[track_caller]
fn agrees(out: &Output, expected: &Value, persona: &str) {
    assert_eq!(out.status.code(), Some(0), "{persona}: {}", String::from_utf8_lossy(&out.stderr));
    let card: Value = serde_json::from_slice(&out.stdout).expect("one JSON object");
    assert_eq!(card.as_object().map(serde_json::Map::len), Some(KEYS.len()), "{persona}: {card}");
    for key in KEYS {
        assert!(card.get(key).is_some(), "{persona}: {key} is missing");
        assert_eq!(&card[key], expected.get(key).unwrap_or(&Value::Null), "{persona}: {key}");
    }
}

fn personas_over_pcsc(stand_in: StandIn) {
    let events = stand_in.watch();
    events.ready();
    for Said { persona, is, .. } in said() {
        stand_in.insert(persona, &[]);
        agrees(&stand_in.card(&["--reader", "Virtual PCD 00 00", "--json"]), &is, persona);
        lift(&stand_in, &events);
    }
    // No hand is faster than pcscd's own look, but a test is: the second card is read, or nothing.
    stand_in.insert("li-yangben", &[]);
    events.until("read ");
    stand_in.remove();
    stand_in.insert("zhang-yangli", &[]);
    let out = stand_in.card(&["--reader", "Virtual PCD 00 00", "--json"]);
    let card: Value = serde_json::from_slice(&out.stdout).expect("one JSON object");
    assert_eq!((out.status.code(), &card["name"]), (Some(0), &Value::from("张样例")));
}

/// Takes the card away and waits until the service has noticed.
fn lift(stand_in: &StandIn, events: &Events) {
    stand_in.remove();
    events.until("card_removed");
}

fn personas_over_serial() -> Ended {
    let stand_in = match StandIn::serial(115_200) {
        Ok(stand_in) => stand_in,
        Err(why) => return Ended::NotRun(why),
    };
    let port = format!("serial:{}", stand_in.dir().join("serial").display());
    for Said { persona, mut is, by_module } in said() {
        if !by_module {
            continue;
        }
        if persona == "zhang-yangli" {
            // A module reads the added address too, which the pseudo-APDUs of 4.5 do not.
            is["new_address"] = "某省某市样本县样本镇石榴村2组3号".into();
        }
        stand_in.insert(persona, &[]);
        agrees(&stand_in.card(&["--reader", &port, "--json"]), &is, persona);
        stand_in.remove();
    }
    Ended::Passed
}

fn lists(stand_in: StandIn) {
    let listed = stand_in.card(&["--json"]);
    let readers: Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    assert_eq!(readers["readers"][0], json!({ "cable": "pcsc", "reader": "Virtual PCD 00 00" }));
    assert_eq!(listed.status.code(), Some(0));

    // With a card on one of them the list goes where a person looks, and the card where a program does.
    stand_in.insert("li-yangben", &[]);
    let read = stand_in.card(&["--json"]);
    let card: Value = serde_json::from_slice(&read.stdout).expect("one JSON object");
    assert_eq!((read.status.code(), &card["name"]), (Some(0), &Value::from("李样本")));
    assert!(String::from_utf8_lossy(&read.stderr).contains("Virtual PCD 00 01"));
    let read = stand_in.card(&[]);
    let text = String::from_utf8_lossy(&read.stdout).into_owned();
    assert!(text.contains("Virtual PCD 00 00") && text.contains("李样本"), "{text}");
}

fn fails(stand_in: StandIn) {
    let one_line = |out: &Output, code: &str| {
        let line = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(2), "{code}: {line}");
        assert_eq!(line.trim_end().lines().count(), 1, "{code}: {line}");
        assert!(code.is_empty() || line.contains(code), "{code}: {line}");
        assert!(!line.contains("样本") && !line.contains("样例"), "an error line never holds a card's data: {line}");
    };
    let card = |words: &[&str]| stand_in.card(words);
    let events = stand_in.watch();
    events.ready();
    let none = card(&["--reader", "Virtual PCD", "--json", "--timeout", "1"]);
    one_line(&none, "card_not_shown");
    assert!(none.stdout.is_empty());
    one_line(&card(&["--reader", "No such reader"]), "reader_absent");
    one_line(&card(&["--reader", "serial:/dev/no-such-port"]), "reader_absent");
    one_line(&card(&["--redaer", "x"]), "");
    one_line(&card(&["--reader"]), "");
    one_line(&card(&["--reader", "usb", "--timeout", "soon"]), "");
    for (persona, code) in [("unreadable", "card_not_readable_here"), ("foreign-card", "card_unknown")] {
        stand_in.insert(persona, &[]);
        let out = card(&["--reader", "Virtual PCD", "--json"]);
        one_line(&out, code);
        assert!(out.stdout.is_empty(), "never an empty record");
        lift(&stand_in, &events);
    }
    stand_in.insert("unknown-type", &[]);
    let out = card(&["--reader", "Virtual PCD", "--json"]);
    one_line(&out, "card_type_unknown");
    let raw: Value = serde_json::from_slice(&out.stdout).expect("JSON");
    assert!(raw["kind"].is_null() && raw["name"].is_null());
    assert!(raw["raw_text"].as_str().is_some_and(|text| text.starts_with("王样本")));
    lift(&stand_in, &events);
    drop(events);
    stand_in.insert("li-yangben", &["remove-during-photo"]);
    one_line(&card(&["--reader", "Virtual PCD", "--json"]), "card_removed_while_reading");
    stand_in.say(&["service", "stop"]);
    one_line(&card(&["--reader", "Virtual PCD"]), "pcsc_no_service");
    one_line(&card(&[]), "pcsc_no_service");
}

fn labels(stand_in: StandIn) {
    stand_in.say(&["insert", persona("shebao-2").to_str().expect("a plain path")]);
    let out = stand_in.card(&["--reader", "Virtual PCD"]);
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert_eq!(out.status.code(), Some(0), "{text}");
    for line in ["姓名：李样本", "性别：女", "民族：汉 01", "卡号：A00000001", "有效期止：2030-01-01"] {
        assert!(text.lines().any(|said| said == line), "{line} in\n{text}");
    }
    assert!(!text.contains("住址"), "what the card does not hold is left out:\n{text}");
}
