//! Several versions of the catalogue, and of the ledger's own file.

use std::sync::Arc;

use matters::{About, Catalogue, Sealed, SupplementItem, What};
use wire::problem::Kind;

use super::{fixtures::*, *};
use crate::published;

/// The built-in catalogue as version `version`, in force from `from`; `edit` changes files of matters.
pub(super) fn version(version: &str, from: &str, edit: impl Fn(&str, &str) -> Option<String>) -> Vec<(String, String)> {
    matters::bundled::FILES
        .iter()
        .filter_map(|(name, text)| {
            let text = match *name {
                "catalogue.toml" => {
                    let head = text.split("[[earlier]]").next()?;
                    head.replace("\"2026.3\"", &format!("\"{version}\"")).replace("\"2026-11-01\"", &format!("\"{from}\""))
                }
                _ => edit(name, text)?,
            };
            Some(((*name).to_owned(), text))
        })
        .collect()
}

fn unchanged(_: &str, text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Asks one more thing than the matter did before.
fn with_bank_branch(name: &str, text: &str) -> Option<String> {
    let field = "[[groups.fields]]\nkey = \"branch\"\nlabel = { zh = \"开户网点\", en = \"Branch\" }\n\
                 sample = { zh = \"样本支行\", en = \"Sample branch\" }\ntype = \"text\"\n\n[[groups.fields]]\nkey = \"payee\"";
    Some(if name.starts_with("M09") { text.replacen("[[groups.fields]]\nkey = \"payee\"", field, 1) } else { text.to_owned() })
}

fn parsed(files: &[(String, String)]) -> Arc<Catalogue> {
    Arc::new(Catalogue::parse("", &published::borrowed(files)).unwrap())
}

pub(super) fn put(ledger: &Ledger, versions: &[Vec<(String, String)>]) {
    let calendar = Arc::clone(&ledger.rules().calendar);
    ledger.set_rules(Arc::new(Rules::of(versions.iter().map(|files| parsed(files)).collect(), calendar)));
}

/// A filing under this version, sealed on this day of November 2026.
fn under(n: u64, caller: &Caller, ledger: &Ledger, version: &str, day: u8) -> Sealed {
    let good = filing(n, "M09", caller, "wang", m09_pages(ledger, caller, n as u8));
    let sealed_at = format!("2026-11-{day:02}T02:00:00Z").parse().unwrap();
    matters::Filing { catalogue_version: version.into(), sealed_at, ..good.filing().clone() }.seal()
}

#[test]
fn the_version_that_was_in_force_when_it_was_sealed_judges() {
    let World { dir: _dir, ledger, slc, .. } = world();
    put(&ledger, &[version("2026.1", "2026-01-01", unchanged), version("2026.2", "2026-11-20", with_bank_branch)]);
    // On the 19th the older form was right, whenever it arrives.
    let old = under(1, &slc, &ledger, "2026.1", 19);
    let answer = ledger.receive_act(&slc, &file_act(1, &old, "wang"), Some(old.bytes()), now()).unwrap();
    assert_eq!(receipt(&ledger, &answer).revision, 1);
    // The newer form asks what this filing does not say: the terminal should have seen it.
    let new = under(2, &slc, &ledger, "2026.2", 21);
    assert_eq!(kind(ledger.receive_act(&slc, &file_act(2, &new, "wang"), Some(new.bytes()), now())), Kind::FormFaulty);
}

#[test]
fn another_version_is_answered_with_a_correction_of_what_differs() {
    let World { dir: _dir, ledger, slc, .. } = world();
    put(&ledger, &[version("2026.1", "2026-01-01", unchanged), version("2026.2", "2026-11-20", with_bank_branch)]);
    let late = under(1, &slc, &ledger, "2026.1", 21);
    let answer = ledger.receive_act(&slc, &file_act(1, &late, "wang"), Some(late.bytes()), now()).unwrap();
    assert_eq!(receipt(&ledger, &answer).revision, 2);
    let case = ledger.case(late.filing().id).unwrap().unwrap();
    assert_eq!((case.view.state, case.view.answer_due), (matters::State::InCorrection, None));
    let correction = case.view.correction.unwrap();
    let about: Vec<&About> = correction.items.iter().map(|item| &item.about).collect();
    assert_eq!(about, [&About::Field { key: "branch".into() }]);
    assert!(correction.items[0].what.contains("开户网点"), "{}", correction.items[0].what);
    assert!(!correction.items[0].standard.is_empty());
    // The same act again is the same case; the answer leads on.
    assert!(ledger.receive_act(&slc, &file_act(1, &late, "wang"), Some(late.bytes()), now()).unwrap().replayed);
    let items = vec![SupplementItem { item: 0, answer: Some(matters::Value::Text("样本支行".into())), note: String::new() }];
    let mend = act(2, late.filing().id, "wang", 2, What::Supplement { correction: correction.id, items, pages: vec![] });
    ledger.receive_act(&slc, &mend, None, now()).unwrap();
    assert_eq!(ledger.case(late.filing().id).unwrap().unwrap().view.state, matters::State::Corrected);
    ledger.audit_verify().unwrap();
}

#[test]
fn a_version_that_never_was_is_asked_to_declare_anew_and_a_withdrawn_matter_is_told() {
    let World { dir: _dir, ledger, slc, .. } = world();
    put(&ledger, &[version("2026.2", "2026-11-01", unchanged)]);
    let strange = under(1, &slc, &ledger, "1999.1", 21);
    ledger.receive_act(&slc, &file_act(1, &strange, "wang"), Some(strange.bytes()), now()).unwrap();
    let correction = ledger.case(strange.filing().id).unwrap().unwrap().view.correction.unwrap();
    assert_eq!(correction.items[0].about, About::Field { key: "declared".into() });
    // Withdrawn in the newer version: what was sealed before is still judged by the older one.
    let without = version("2026.3", "2026-11-20", |name, text| (!name.starts_with("M09")).then(|| text.to_owned()));
    put(&ledger, &[version("2026.2", "2026-11-01", unchanged), without]);
    let before = under(2, &slc, &ledger, "2026.2", 19);
    ledger.receive_act(&slc, &file_act(2, &before, "wang"), Some(before.bytes()), now()).unwrap();
    let after = under(3, &slc, &ledger, "2026.2", 21);
    let refused = ledger.receive_act(&slc, &file_act(3, &after, "wang"), Some(after.bytes()), now());
    assert_eq!(kind(refused), Kind::CatalogueUnknown);
    // Its earlier case can still be accepted and counts by the promise of its own version.
    let accepted = ledger.decide(before.filing().id, &Decision::Accept, &clerk(&ledger), 1, now()).unwrap();
    assert_eq!(accepted.due.unwrap().to_string(), "2026-12-22");
}

#[test]
fn a_folder_of_versions_is_read_whole_or_refused() {
    let dir = tempfile::tempdir().unwrap();
    let write = |folder: &str, files: &[(String, String)]| {
        let folder = dir.path().join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in files {
            std::fs::write(folder.join(name), text).unwrap();
        }
    };
    assert!(matches!(published::read(dir.path()), Err(published::Unpublished::Folder { .. })));
    write("now", &version("2026.2", "2026-11-20", with_bank_branch));
    write("before", &version("2026.1", "2026-01-01", unchanged));
    std::fs::create_dir(dir.path().join("notes")).unwrap();
    let published = published::read(dir.path()).unwrap();
    let rules = published.rules();
    let read: Vec<&str> = rules.versions().iter().map(|catalogue| catalogue.version()).collect();
    assert_eq!(read, ["2026.1", "2026.2"]);
    assert!(rules.matter("2026.1", "M09").unwrap().field("branch").is_none());
    assert!(rules.matter("2026.2", "M09").unwrap().field("branch").is_some());
    // One version can be named directly.
    assert_eq!(published::read(&dir.path().join("now")).unwrap().rules().versions().len(), 1);
    // Terminals are given what is in force and what will be, not what was.
    for (day, given) in
        [("2026-11-19", vec!["2026.1", "2026.2"]), ("2026-11-20", vec!["2026.2"]), ("2025-01-01", vec!["2026.1", "2026.2"])]
    {
        let packages = published.packages(day.parse().unwrap());
        let (catalogues, calendars): (Vec<_>, Vec<_>) = packages.iter().partition(|package| package.kind == "catalogue");
        assert_eq!(catalogues.iter().map(|package| package.version.as_str()).collect::<Vec<_>>(), given, "{day}");
        assert_eq!(calendars.len(), 1);
    }
    write("again", &version("2026.1", "2026-02-01", unchanged));
    assert!(matches!(published::read(dir.path()), Err(published::Unpublished::Twice { version }) if version == "2026.1"));
    std::fs::write(dir.path().join("again/M09-高龄津贴.toml"), "id = \"M09\"").unwrap();
    assert!(matches!(published::read(dir.path()), Err(published::Unpublished::Faults { .. })));
}

#[test]
fn a_ledger_of_the_first_version_is_brought_up_with_what_it_holds() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.db");
    let key = [7; 32];
    let first = schema::open_bare(&path, &key).unwrap();
    first.execute_batch(include_str!("migrations/0001_first.sql")).unwrap();
    first.execute_batch("PRAGMA user_version = 1; PRAGMA application_id = 0x56507468;").unwrap();
    first.execute("INSERT INTO points (id, name, hours, phone) VALUES ('SLC', '石榴村', '', '')", []).unwrap();
    drop(first);
    let now = schema::open(&path, &key, schema::Access::Write).unwrap();
    let version: u32 = now.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, schema::VERSION);
    assert_eq!(now.query_row("SELECT count(*) FROM points", [], |row| row.get::<_, i64>(0)).unwrap(), 1);
    assert_eq!(now.query_row("SELECT count(*) FROM messages", [], |row| row.get::<_, i64>(0)).unwrap(), 0);
    assert_eq!(now.query_row("SELECT count(*) FROM steps", [], |row| row.get::<_, i64>(0)).unwrap(), 0);
}
