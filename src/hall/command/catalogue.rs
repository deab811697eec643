//! For authors of matters: check a catalogue, try a form without a terminal.

use std::{fs, io::Write as _, path::Path};

use jiff::civil::DateTime;
use matters::{
    Answers, Calendar, Capacity, CardKind, Catalogue, CatalogueFault, Complaint, Identity, Matter, Sex, Source, Value,
    calendar::{parse_time, place_time},
    change::{self, Change, ChangeKind},
    deadline,
    form::{self, Given},
    identity, lint,
    matter::{Choice, Limit, Prefill, Words},
};
use serde_json::{Value as Json, json};
use texts::{Lang, Texts, catalogue_change as said_change, catalogue_fault, complaint, town_hall as said};

use super::{Args, Desk, Failure};
use crate::{
    clock::Clock,
    published::{self, Published, Unpublished},
};

/// Bytes of a file of answers.
const ANSWERS_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// `catalogue check [DIR]`: every fault with file, line and reason; exit code 1 when there is one.
pub fn check(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &[], &["json"])?;
    let files = files(args.words().first().map(Path::new))?;
    let faults = lint::check(&published::borrowed(&files));
    if args.switch("json") {
        let rows: Vec<Json> = faults
            .iter()
            .map(|fault| {
                let reason = catalogue_fault::lookup(desk.t, fault.code, &[("detail", fault.detail.clone())]);
                json!({ "file": fault.file, "line": fault.line, "code": fault.code, "detail": fault.detail, "reason": reason })
            })
            .collect();
        desk.print_json(&json!(rows))?;
    } else {
        let mut out = std::io::stdout().lock();
        for fault in &faults {
            writeln!(out, "{}", told(desk.t, fault))?;
        }
    }
    if faults.is_empty() {
        let matters = files.iter().filter(|(name, _)| name.starts_with('M')).count();
        desk.tell(&said::catalogue_good(desk.t, matters as u32));
        return Ok(());
    }
    Err(Failure::new("catalogue-faults").with("count", faults.len().to_string()))
}

/// Names and texts of a folder's files, or of the catalogue that is built in.
pub(super) fn files(dir: Option<&Path>) -> Result<Vec<(String, String)>, Failure> {
    match dir {
        None => Ok(matters::bundled::FILES.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()),
        Some(dir) => published::files(dir).map_err(|error| unpublished(error, "")),
    }
}

/// A fault as its author reads it: where, what is wrong, and the stable code.
fn told(t: &Texts, fault: &CatalogueFault) -> String {
    let reason = catalogue_fault::lookup(t, fault.code, &[("detail", fault.detail.clone())]);
    let reason = reason.unwrap_or_else(|| fault.detail.clone());
    format!("{}:{}: {reason} [{}]", fault.file, fault.line, fault.code)
}

/// The first fault, in one line.
pub(super) fn faulty(t: &Texts, faults: Vec<CatalogueFault>) -> Failure {
    Failure::usage("catalogue-faulty").with("fault", faults.first().map(|fault| told(t, fault)).unwrap_or_default())
}

/// Why a folder is no catalogue, as a failure of the command. `first` is the first fault in words.
fn unpublished(error: Unpublished, first: &str) -> Failure {
    let (code, path, source) = match error {
        Unpublished::Folder { path, source } => ("folder", path, source),
        Unpublished::File { path, source } => ("file", path, source),
        Unpublished::Faults { path, .. } => {
            return Failure::usage("catalogue-faulty").with("fault", format!("{}/{first}", path.display()));
        }
        Unpublished::Twice { version } => return Failure::usage("version-twice").with("version", version),
    };
    let failure = Failure::usage(code).with("path", path.display().to_string());
    match source {
        Some(source) => failure.caused(&source),
        None => failure,
    }
}

/// What a folder of versions publishes, or what is built in.
pub(super) fn published(t: &Texts, dir: Option<&Path>) -> Result<Published, Failure> {
    match dir {
        None => Published::bundled().map_err(|faults| faulty(t, faults)),
        Some(dir) => published::read(dir).map_err(|error| told_unpublished(t, error)),
    }
}

/// The same with the working days of this file.
pub(super) fn with_calendar(t: &Texts, published: Published, file: &Path) -> Result<Published, Failure> {
    published.with_calendar(file).map_err(|error| told_unpublished(t, error))
}

fn told_unpublished(t: &Texts, error: Unpublished) -> Failure {
    let first = match &error {
        Unpublished::Faults { faults, .. } => faults.first().map(|fault| told(t, fault)).unwrap_or_default(),
        _ => String::new(),
    };
    unpublished(error, &first)
}

pub(super) fn parsed(t: &Texts, files: &[(String, String)]) -> Result<Catalogue, Failure> {
    Catalogue::parse("", &published::borrowed(files)).map_err(|faults| faulty(t, faults))
}

/// `catalogue diff OLD NEW [--json]`: what the newer version has otherwise, matter by matter.
pub fn diff(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &[], &["json"])?;
    let [old, new] = args.words() else { return Err(Failure::usage("two-folders")) };
    let read = |dir: &String| files(Some(Path::new(dir))).and_then(|files| parsed(desk.t, &files));
    let (old, new) = (read(old)?, read(new)?);
    let changes = change::diff(&old, &new);
    if args.switch("json") {
        let rows: Vec<Json> = changes
            .iter()
            .map(|one| match &one.kind {
                ChangeKind::Added => json!({ "matter": one.id, "kind": "added", "changes": [] }),
                ChangeKind::Removed => json!({ "matter": one.id, "kind": "removed", "changes": [] }),
                ChangeKind::Changed(all) => json!({ "matter": one.id, "kind": "changed",
                    "changes": all.iter().map(|c| json!({ "code": c.code, "key": c.key })).collect::<Vec<_>>() }),
            })
            .collect();
        return desk.print_json(&json!({ "old": old.version(), "new": new.version(), "matters": rows }));
    }
    for one in &changes {
        let matter = new.matter(&one.id).or(old.matter(&one.id));
        let name = matter.map_or("", |matter| words(&matter.name, desk.t.lang()));
        match &one.kind {
            ChangeKind::Added => desk.print(&format!("{} {name}: {}", one.id, said_change::matter_added(desk.t)))?,
            ChangeKind::Removed => desk.print(&format!("{} {name}: {}", one.id, said_change::matter_removed(desk.t)))?,
            ChangeKind::Changed(all) => {
                for change in all {
                    let what = label(change, new.matter(&one.id), old.matter(&one.id), desk.t.lang());
                    let sentence = said_change::lookup(desk.t, change.code, &[("what", what)]);
                    desk.print(&format!("{} {name}: {}", one.id, sentence.unwrap_or_else(|| change.code.to_owned())))?;
                }
            }
        }
    }
    desk.tell(&said::catalogue_diff(desk.t, old.version(), new.version(), changes.len() as u32));
    Ok(())
}

/// What a change is about, as the form calls it.
fn label(change: &Change, new: Option<&Matter>, old: Option<&Matter>, lang: Lang) -> String {
    let of = |matter: Option<&Matter>| change.label(matter?).map(|label| words(label, lang).to_owned());
    of(new).or_else(|| of(old)).unwrap_or_else(|| change.key.clone())
}

/// `catalogue try MATTER --answers FILE.json [--catalogue DIR] [--at DATETIME]`.
pub fn try_out(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &["answers", "catalogue", "at"], &["json"])?;
    let [id] = args.words() else { return Err(Failure::usage("matter-missing")) };
    let files = files(args.maybe("catalogue")?.map(Path::new))?;
    let catalogue = parsed(desk.t, &files)?;
    let calendar = published::calendar(&files).map_err(|faults| faulty(desk.t, faults))?;
    let matter = catalogue.matter(id).ok_or_else(|| Failure::usage("matter-unknown").with("matter", id.clone()))?;
    let at = match args.maybe("at")? {
        Some(text) => parse_time(text).ok_or_else(|| Failure::usage("time").with("text", text))?,
        None => place_time(Clock::System.now()),
    };
    let given = given(matter, Path::new(args.needed("answers")?))?;
    desk.print_json(&tried(desk, matter, &given, at, &calendar)?)
}

fn given(matter: &Matter, path: &Path) -> Result<Given, Failure> {
    let bad = || Failure::usage("answers").with("path", path.display().to_string());
    if fs::metadata(path).map_err(|error| bad().caused(&error))?.len() > ANSWERS_BYTES_MAX {
        return Err(bad());
    }
    let text = fs::read_to_string(path).map_err(|error| bad().caused(&error))?;
    let json: Json = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| bad().caused(&error))?;
    let given = Given::read(matter, json).map_err(|error| bad().caused(&error))?;
    let unknown = |key: &str| Err(Failure::usage("field-unknown").with("field", key));
    if let Some(key) = given.answers.keys().find(|key| matter.field(key).is_none()) {
        return unknown(key);
    }
    match given.situations.keys().find(|key| matter.situation(key).is_none()) {
        Some(key) => unknown(key),
        None => Ok(given),
    }
}

/// The person as the form names him, when nothing else does: what a hand would have typed.
fn typed_person(matter: &Matter, answers: &Answers) -> Option<Identity> {
    let text = |prefill: Prefill| {
        matter.fields().filter(|field| field.prefill == Some(prefill)).find_map(|field| match answers.get(&field.key)? {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        })
    };
    let birth = matter
        .fields()
        .filter(|field| field.prefill == Some(Prefill::CardBirth))
        .find_map(|field| if let Value::Date(date) = answers.get(&field.key)? { Some(*date) } else { None });
    let number = text(Prefill::CardNumber).unwrap_or_else(|| "".into());
    let name = text(Prefill::CardName)?;
    let birth = birth.or_else(|| identity::birth_in_number(number.expose()));
    let sex = identity::sex_in_number(number.expose()).unwrap_or(Sex::Unknown);
    Some(Identity {
        source: Source::Manual,
        card: CardKind::None,
        name,
        sex,
        nation: None,
        birth,
        address: text(Prefill::CardAddress).unwrap_or_else(|| "".into()),
        number,
        issuer: String::new(),
        valid_from: None,
        valid_until: None,
        warnings: Vec::new(),
    })
}

fn tried(desk: &Desk<'_>, matter: &Matter, given: &Given, at: DateTime, calendar: &Calendar) -> Result<Json, Failure> {
    let (answers, shape) = given.values(matter, at.date());
    let applicant = given.applicant.clone().or_else(|| typed_person(matter, &answers));
    let capacity = given.capacity.clone().unwrap_or(Capacity::Myself);
    let situation = form::Situation {
        answers: &answers,
        situations: &given.situations,
        applicant: applicant.as_ref(),
        capacity: Some(&capacity),
        today: at.date(),
    };
    let lang = desk.t.lang();
    // What could not be read is said once, as what it is, not also as missing.
    let unreadable: Vec<String> = shape.iter().map(|complaint| complaint.field.clone()).collect();
    // Who files for whom is judged where the file says something about it.
    let said_who = given.applicant.is_some() || given.capacity.is_some();
    let who = if said_who { form::capacity_complaints(matter, &situation) } else { Vec::new() };
    let who = who.into_iter().filter(|complaint| given.applicant.is_some() || complaint.code != "applicant_missing");
    let judged = form::complaints(matter, &situation).into_iter().filter(|complaint| !unreadable.contains(&complaint.field));
    let judged = who.chain(judged);
    let complaints: Vec<Json> = shape.iter().cloned().chain(judged).map(|complaint| complained(desk, &complaint)).collect();
    let fields: Vec<Json> = form::visible_fields(matter, &situation)
        .into_iter()
        .map(|field| {
            let kind = serde_json::to_value(&field.kind).unwrap_or_default();
            let mut told = json!({ "field": field.key, "label": words(&field.label, lang), "type": kind["type"],
                "required": field.required, "sample": words(&field.sample, lang), "answered": answers.contains_key(&field.key) });
            if !field.choices().is_empty() {
                told["choices"] = choices(field.choices(), lang);
            }
            told
        })
        .collect();
    let materials: Vec<Json> = form::due_materials(matter, &situation)
        .into_iter()
        .map(|due| {
            let material = due.material;
            json!({ "code": material.code, "name": words(&material.name, lang), "original": material.original,
                "pages_min": material.pages_min, "pages_max": material.pages_max, "required": material.required,
                "by_card": due.by_card })
        })
        .collect();
    let due = |limit: &Limit| deadline::due(at, limit, &[], calendar).map_err(|fault| Failure::usage(fault.code()));
    let promised = due(&matter.promised)?;
    let statutory = matter.statutory.as_ref().map(due).transpose()?;
    let provisional = promised.provisional || statutory.as_ref().is_some_and(|due| due.provisional);
    let verified = matter.promised.verified && matter.statutory.as_ref().is_none_or(|limit| limit.verified);
    let questions: Vec<Json> = matter
        .situations
        .iter()
        .map(|question| {
            json!({ "field": question.key, "question": words(&question.question, lang), "choices": choices(&question.choices, lang),
                "answered": given.situations.contains_key(&question.key) })
        })
        .collect();
    Ok(json!({
        "matter": matter.id,
        "name": words(&matter.name, lang),
        "questions": questions,
        "fields": fields,
        "complaints": complaints,
        "materials": materials,
        "window": words(&matter.window, lang),
        "due": { "promised": promised.date, "statutory": statutory.map(|due| due.date), "provisional": provisional,
            "verified": verified },
    }))
}

fn choices(choices: &[Choice], lang: Lang) -> Json {
    choices.iter().map(|choice| json!({ "key": choice.key, "label": words(&choice.label, lang) })).collect()
}

fn complained(desk: &Desk<'_>, complained: &Complaint) -> Json {
    let args: Vec<(&str, String)> = complained.args.iter().map(|(name, value)| (*name, value.clone())).collect();
    let sentence = match &complained.message {
        Some(message) => Some(words(message, desk.t.lang()).to_owned()),
        None => complaint::lookup(desk.t, complained.code, &args),
    };
    json!({ "field": complained.field, "code": complained.code, "sentence": sentence, "warning": complained.warning })
}

pub(super) fn words(words: &Words, lang: Lang) -> &str {
    match lang {
        Lang::Zh => &words.zh,
        Lang::En => &words.en,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Surroundings;

    fn day(text: &str) -> DateTime {
        parse_time(text).unwrap()
    }

    /// The JSON of `try` for these answers, in Chinese.
    fn told(matter: &Matter, answers: &Json, at: &str) -> Json {
        let (t, around) = (Texts::new(Lang::Zh), Surroundings::default());
        let desk = Desk { t: &t, around: &around };
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("answers.json");
        fs::write(&path, answers.to_string()).unwrap();
        let given = given(matter, &path).unwrap();
        tried(&desk, matter, &given, day(at), &Calendar::bundled().unwrap()).unwrap()
    }

    fn complaints(told: &Json) -> Vec<(&str, &str)> {
        let all = told["complaints"].as_array().unwrap();
        assert!(all.iter().all(|one| one["sentence"].as_str().is_some_and(|said| !said.is_empty())), "{all:?}");
        all.iter().map(|one| (one["field"].as_str().unwrap(), one["code"].as_str().unwrap())).collect()
    }

    /// Everything that 高龄津贴 asks, as it would be typed.
    fn whole() -> Json {
        json!({ "name": "李样本", "number": "00000019500308002X", "id_type": "resident_id", "sex": "female", "ethnic": "汉",
            "birth": "1950-03-08", "addr_reg": "样本镇石榴村3组12号", "phone_of": "own", "phone": "029-88880000",
            "head_relation": "head", "residence": "same", "band": "70", "declared": true,
            "payee": { "bank": "样本银行", "account": "6200000000000000018", "owner": "李样本" } })
    }

    #[test]
    fn a_form_is_tried_with_every_key_that_scripts_read() {
        let catalogue = Catalogue::bundled().unwrap();
        let matter = catalogue.matter("M09").unwrap();
        let mut answers = whole();
        let good = told(matter, &answers, "2026-11-24T10:00");
        for key in ["fields", "complaints", "materials", "window", "due"] {
            assert!(good.get(key).is_some(), "{key}");
        }
        assert_eq!(complaints(&good), []);
        let due = json!({ "promised": "2026-12-22", "statutory": null, "provisional": false, "verified": false });
        assert_eq!(good["due"], due);
        assert_eq!(good["window"], "综合受理(民政)");
        let codes: Vec<&str> = good["materials"].as_array().unwrap().iter().map(|m| m["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["ID", "PH2", "BK"], "typed by hand, the card is photographed");
        answers["residence"] = json!("different");
        let moved = told(matter, &answers, "2026-12-31T10:00");
        assert_eq!(moved["due"]["provisional"], true, "2027 is not published");
        assert!(complaints(&moved).contains(&("addr_now", "required")));
        answers["payee"]["owner"] = json!("王五");
        answers["phone"] = json!("1390000");
        let wrong = told(matter, &answers, "2026-11-24T10:00");
        let wrong = complaints(&wrong);
        assert!(wrong.contains(&("payee", "check")) && wrong.contains(&("phone", "phone_missing_digits")), "{wrong:?}");
    }

    #[test]
    fn who_is_too_young_is_told_by_the_number_that_was_typed() {
        let catalogue = Catalogue::bundled().unwrap();
        let mut answers = whole();
        answers["birth"] = json!("1990-03-08");
        let told = told(catalogue.matter("M09").unwrap(), &answers, "2026-11-24T10:00");
        assert!(complaints(&told).contains(&("birth", "check")));
    }

    /// What a person who knows no Rust does: copies a file, gives it a new number and name.
    #[test]
    fn matter_43_is_checked_tried_compared_and_printed_by_the_commands() {
        let dir = tempfile::tempdir().unwrap();
        let town = dir.path().join("town");
        fs::create_dir(&town).unwrap();
        for (name, text) in matters::bundled::FILES {
            fs::write(town.join(name), text).unwrap();
        }
        let (_, model) = matters::bundled::FILES.iter().find(|(name, _)| name.starts_with("M08")).unwrap();
        let copy = model.replace("\"M08\"", "\"M43\"").replace("老年人优待证", "助餐卡").replace("lnryzz", "zck");
        fs::write(town.join("M43-助餐卡.toml"), copy).unwrap();
        let answers = dir.path().join("answers.json");
        fs::write(&answers, "{}").unwrap();
        let run = |words: &[&str]| {
            let raw: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            super::super::run(&raw, &Surroundings::default(), &Texts::new(Lang::Zh))
        };
        let (town, answers, guides) =
            (town.to_str().unwrap(), answers.to_str().unwrap(), dir.path().join("guides").display().to_string());
        run(&["catalogue", "check", town]).unwrap();
        run(&["catalogue", "try", "M43", "--answers", answers, "--catalogue", town]).unwrap();
        assert_eq!(run(&["catalogue", "try", "M43", "--answers", answers]).unwrap_err().code(), "matter-unknown");
        run(&["catalogue", "guide", town, "--to", &guides]).unwrap();
        assert!(fs::read_to_string(format!("{guides}/M43.html")).unwrap().contains("助餐卡"));
        let again = run(&["catalogue", "guide", town, "--to", &guides]).unwrap_err();
        assert_eq!((again.code(), again.exit()), ("folder-new", 2));
        run(&["catalogue", "diff", town, town, "--json"]).unwrap();
        assert_eq!(run(&["catalogue", "diff", town]).unwrap_err().code(), "two-folders");
        let published = published(&Texts::new(Lang::Zh), Some(Path::new(town))).unwrap();
        assert!(published.rules().newest("M43").is_some(), "the hall judges by it");
        fs::write(Path::new(town).join("M43-助餐卡.toml"), "id = \"M43\"\nname = 5\n").unwrap();
        let faulty = run(&["serve", "--dir", town, "--catalogue", town]).unwrap_err();
        assert_eq!((faulty.code(), faulty.exit()), ("catalogue-faulty", 2), "nothing faulty is judged by");
        let said = faulty.say(&Texts::new(Lang::Zh));
        assert!(said.contains("M43-助餐卡.toml:") && !said.contains('\n'), "{said}");
    }
}
