//! What the town sends down beside cases: a new catalogue is filed by at once, a faulty one changes nothing,
//! a message is read.

use std::path::{Path, PathBuf};

use hall::{
    Hall,
    clock::{Clock, Ids},
    ledger::{NewPackage, Rules},
};
use matters::Digest;
use outbox::{Cabinet, CabinetKey, PackageState, Reading};
use serde_json::{Value as Json, json};

use super::shell::{Said, Shell, jpeg, text};
use crate::support::children::run;

/// The built-in catalogue as another version that asks M09 for one thing more.
fn version(version: &str, from: &str) -> Vec<(String, String)> {
    let field = "[[groups.fields]]\nkey = \"branch\"\nlabel = { zh = \"开户网点\", en = \"Branch\" }\n\
                 sample = { zh = \"样本支行\", en = \"Sample branch\" }\ntype = \"text\"\n\n[[groups.fields]]\nkey = \"payee\"";
    let edit = |(name, text): &(&str, &str)| {
        let text = if *name == "catalogue.toml" {
            let head = text.split("[[earlier]]").next().expect("a head");
            head.replace("\"2026.3\"", &format!("\"{version}\"")).replace("\"2026-11-01\"", &format!("\"{from}\""))
        } else if name.starts_with("M09") {
            text.replacen("[[groups.fields]]\nkey = \"payee\"", field, 1)
        } else {
            (*text).to_owned()
        };
        ((*name).to_owned(), text)
    };
    matters::bundled::FILES.iter().map(edit).collect()
}

fn write(folder: &Path, files: &[(String, String)]) {
    std::fs::create_dir_all(folder).expect("a folder");
    for (name, text) in files {
        std::fs::write(folder.join(name), text).expect("written");
    }
}

fn reading(shell: &Shell) -> Reading {
    let data = shell.dir().join("terminal");
    let key = CabinetKey::load(&data.join("cabinet.key")).expect("the key");
    Cabinet::reading(&data.join("cabinet.db"), &key).expect("the cabinet")
}

fn sync(shell: &Shell) {
    let said = shell.terminal(&["sync", "--once", "--json"]);
    assert_eq!(said.exit, 0, "{} {}", said.out, said.err);
}

fn doctor(shell: &Shell) -> String {
    shell.terminal(&["doctor"]).out
}

struct Pages(PathBuf, PathBuf);

/// Files M09 with these answers.
fn file(shell: &Shell, answers: &Path, pages: &Pages) -> Said {
    shell.terminal(&["file", "M09", "--answers", text(answers), "--page", text(&pages.0), text(&pages.1), "--json"])
}

#[test]
fn a_new_catalogue_is_filed_by_at_once_and_a_faulty_one_changes_nothing() {
    let mut shell = Shell::new();
    let pages = Pages(shell.write("photo.jpg", &jpeg(3)), shell.write("card.jpg", &jpeg(5)));
    let answers = shell.answers();
    let catalogue = matters::Catalogue::bundled().expect("whole");
    sync(&shell);
    assert!(doctor(&shell).contains(&format!("{} 版（镇街发来）", catalogue.version())), "{}", doctor(&shell));
    let held = |shell: &Shell| reading(shell).packages().expect("read").len();
    assert_eq!(held(&shell), 2, "catalogue and calendar, of which nothing had to be fetched");

    // The town publishes version 2: one matter asks for one thing more.
    let (running, _) = shell.hall.take().expect("the hall runs");
    running.kill();
    let folder = shell.dir().join("catalogue");
    let files = version("2026.4", "2026-11-02");
    write(&folder.join("2026.4"), &files);
    shell.hall = Some(shell.town.serve_with(&["--catalogue", text(&folder)]));
    sync(&shell);
    assert!(doctor(&shell).contains("2026.4 版（镇街发来）"), "{}", doctor(&shell));
    let here = |name: &str| {
        let (_, text) = files.iter().find(|(file, _)| file.starts_with(name)).expect("a file");
        reading(&shell).package_file(Digest::of(text.as_bytes())).expect("read").is_some()
    };
    assert_eq!(["M09", "catalogue", "M08", "calendar"].map(here), [true, true, false, false], "only what differs came");

    // It is filed by, without anything started anew.
    let lacking = file(&shell, &answers, &pages);
    assert_eq!(lacking.json()["fields"][0]["field"], json!("branch"), "{} {}", lacking.out, lacking.err);
    let mut more: Json = serde_json::from_slice(&std::fs::read(&answers).expect("read")).expect("JSON");
    more["answers"]["branch"] = json!("样本支行");
    let more = shell.write("more.json", more.to_string().as_bytes());
    let filed = file(&shell, &more, &pages);
    assert_eq!(filed.exit, 0, "{}", filed.err);
    let sent = shell.terminal(&["sync", "--until-empty", "--seconds", "60", "--json"]);
    assert_eq!(sent.json()["queue"]["filings"][0]["hall"]["state"], json!("received"), "and the hall judges by it: {}", sent.out);

    // Another program at the hall publishes what no author would be let publish.
    let hall = Hall::open(&shell.town.hall_dir(), None, Rules::default(), Clock::System, Ids::System).expect("open");
    let mut faulty = version("2026.5", "2026-11-03");
    faulty.iter_mut().find(|(name, _)| name.starts_with("M09")).expect("M09").1 = "id = \"M09\"\n".into();
    let package = NewPackage {
        kind: wire::package::CATALOGUE,
        version: "2026.5".into(),
        in_force_from: "2026-11-03".parse().expect("a date"),
        files: faulty,
    };
    hall.ledger.publish(&[package], "test", Clock::System.now()).expect("published");
    sync(&shell);
    let told = doctor(&shell);
    assert!(told.contains("2026.4 版（镇街发来）"), "{told}");
    assert!(told.contains("catalogue 2026.5") && told.contains("M09"), "it says what is not used, and why: {told}");
    let rows = reading(&shell).packages().expect("read");
    let refused = rows.iter().find(|row| row.offer.version == "2026.5").expect("known");
    assert!(matches!(refused.state, PackageState::Refused { .. }));
    let counting = |kind: &str| rows.iter().filter(|row| row.counts && row.offer.kind.name() == kind).count();
    assert_eq!(
        (counting("catalogue"), counting("calendar")),
        (1, 0),
        "what the town offers instead has a fault; a calendar it offers no more"
    );
    assert_eq!(file(&shell, &more, &pages).exit, 0, "work goes on");

    // A folder in the configuration goes before what the town sends, and that is said.
    let own = shell.dir().join("own");
    write(&own, &version("2026.9", "2026-11-02"));
    let config = std::fs::read_to_string(shell.town.config()).expect("read");
    std::fs::write(shell.town.config(), format!("catalogue_dir = {own:?}\n{config}")).expect("written");
    assert!(doctor(&shell).contains("2026.9 版（配置里的 catalogue_dir"), "{}", doctor(&shell));
}

#[test]
fn a_message_of_the_town_is_there_after_the_next_round() {
    let shell = Shell::new();
    let send = |words: &[&str]| run(shell.town.hall().arg("message").args(words).arg("--dir").arg(shell.town.hall_dir()), "");
    send(&["--to", "SLC", "--text", "明天停电，请提前上传"]);
    send(&["--text", "系统今晚升级"]);
    sync(&shell);
    sync(&shell);
    let queue = shell.terminal(&["queue", "--json"]).json();
    let texts: Vec<&Json> = queue["messages"].as_array().expect("a list").iter().map(|message| &message["text"]).collect();
    assert_eq!(texts, [&json!("系统今晚升级"), &json!("明天停电，请提前上传")], "each once");
}
