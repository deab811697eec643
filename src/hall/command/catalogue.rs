//! For authors of matters: check a catalogue, try a form without a terminal.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use jiff::civil::DateTime;
use matters::{
    Calendar, Catalogue, CatalogueFault, Complaint, Matter,
    calendar::{parse_time, place_time},
    deadline,
    form::{self, Given},
    lint,
    matter::{Limit, Words},
};
use serde_json::{Value as Json, json};
use texts::{Lang, complaint, town_hall as said};

use super::{Args, Desk, Failure};
use crate::clock::Clock;

/// Bytes of one catalogue file, and how many there may be.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
const FILES_MAX: usize = 1000;

/// `catalogue check [DIR]`: every fault with file, line and reason; exit code 1 when there is one.
pub fn check(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &[], &["json"])?;
    let files = files(args.words().first().map(Path::new))?;
    let faults = lint::check(&borrowed(&files));
    if args.switch("json") {
        let rows: Vec<Json> = faults
            .iter()
            .map(|fault| json!({ "file": fault.file, "line": fault.line, "code": fault.code, "detail": fault.detail }))
            .collect();
        desk.print_json(&json!(rows))?;
    } else {
        let mut out = std::io::stdout().lock();
        for fault in &faults {
            writeln!(out, "{fault}")?;
        }
    }
    if faults.is_empty() {
        let matters = files.iter().filter(|(name, _)| name.starts_with('M')).count();
        desk.tell(&said::catalogue_good(desk.t, matters as u32));
        return Ok(());
    }
    Err(Failure::new("catalogue-faults").with("count", faults.len().to_string()))
}

/// Names and texts of a folder's `.toml` files, or of the catalogue that is built in.
fn files(dir: Option<&Path>) -> Result<Vec<(String, String)>, Failure> {
    let Some(dir) = dir else {
        return Ok(matters::bundled::FILES.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect());
    };
    let cannot = |error: &dyn std::error::Error| Failure::usage("folder").with("path", dir.display().to_string()).caused(error);
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(dir).map_err(|error| cannot(&error))? {
        let path = entry.map_err(|error| cannot(&error))?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    if paths.is_empty() || paths.len() > FILES_MAX {
        return Err(Failure::usage("folder").with("path", dir.display().to_string()));
    }
    let read = |path: &PathBuf| {
        let file = || Failure::usage("file").with("path", path.display().to_string());
        if fs::metadata(path).map_err(|error| file().caused(&error))?.len() > FILE_BYTES_MAX {
            return Err(file());
        }
        let text = fs::read_to_string(path).map_err(|error| file().caused(&error))?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok((name, text))
    };
    paths.iter().map(read).collect()
}

fn borrowed(files: &[(String, String)]) -> Vec<(&str, &str)> {
    files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect()
}

fn faulty(faults: Vec<CatalogueFault>) -> Failure {
    Failure::usage("catalogue-faulty").with("fault", faults.first().map(ToString::to_string).unwrap_or_default())
}

/// `catalogue try MATTER --answers FILE.json [--catalogue DIR] [--at DATETIME]`.
pub fn try_out(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &["answers", "catalogue", "at"], &["json"])?;
    let [id] = args.words() else { return Err(Failure::usage("matter-missing")) };
    let files = files(args.maybe("catalogue")?.map(Path::new))?;
    let catalogue = Catalogue::parse("", &borrowed(&files)).map_err(faulty)?;
    // A catalogue without a calendar of its own counts by the one that is built in.
    let calendar = match files.iter().find(|(name, _)| name == "calendar.toml") {
        Some((name, text)) => Calendar::parse(name, text),
        None => Calendar::bundled(),
    };
    let calendar = calendar.map_err(faulty)?;
    let matter = catalogue.matter(id).ok_or_else(|| Failure::usage("matter-unknown").with("matter", id.clone()))?;
    let at = match args.maybe("at")? {
        Some(text) => parse_time(text).ok_or_else(|| Failure::usage("time").with("text", text))?,
        None => place_time(Clock::System.now()),
    };
    let given = given(matter, Path::new(args.needed("answers")?))?;
    desk.print_json(&tried(desk, matter, &given, at, &calendar)?)
}

fn given(matter: &Matter, path: &Path) -> Result<Given, Failure> {
    let bad = |error: &dyn std::error::Error| Failure::usage("answers").with("path", path.display().to_string()).caused(error);
    let text = fs::read_to_string(path).map_err(|error| bad(&error))?;
    let json: Json = serde_json::from_str(&text).map_err(|error| bad(&error))?;
    let given = Given::read(matter, json).map_err(|error| bad(&error))?;
    match given.answers.keys().find(|key| matter.field(key).is_none()) {
        Some(field) => Err(Failure::usage("field-unknown").with("field", field.clone())),
        None => Ok(given),
    }
}

fn tried(desk: &Desk<'_>, matter: &Matter, given: &Given, at: DateTime, calendar: &Calendar) -> Result<Json, Failure> {
    let (answers, shape) = given.values(matter, at.date());
    let situation = form::Situation {
        answers: &answers,
        situations: &given.situations,
        applicant: given.applicant.as_ref(),
        capacity: given.capacity.as_ref(),
        today: at.date(),
    };
    let lang = desk.t.lang();
    // What could not be read is said once, as what it is, not also as missing.
    let unreadable: Vec<String> = shape.iter().map(|complaint| complaint.field.clone()).collect();
    let judged = form::complaints(matter, &situation).into_iter().filter(|complaint| !unreadable.contains(&complaint.field));
    let complaints: Vec<Json> = shape.iter().cloned().chain(judged).map(|complaint| complained(desk, &complaint)).collect();
    let fields: Vec<Json> = form::visible_fields(matter, &situation)
        .into_iter()
        .map(|field| {
            let kind = serde_json::to_value(&field.kind).unwrap_or_default();
            json!({ "field": field.key, "label": words(&field.label, lang), "type": kind["type"], "required": field.required,
                "sample": words(&field.sample, lang), "answered": answers.contains_key(&field.key) })
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
    let due = |limit: &Limit| {
        let due = deadline::due(at, limit, &[], calendar);
        due.map(
            |due| json!({ "date": due.date, "provisional": due.provisional, "verified": limit.verified, "source": limit.source }),
        )
        .map_err(|fault| Failure::usage(fault.code()))
    };
    Ok(json!({
        "matter": matter.id,
        "name": words(&matter.name, lang),
        "fields": fields,
        "complaints": complaints,
        "materials": materials,
        "window": words(&matter.window, lang),
        "due": { "promised": due(&matter.promised)?, "statutory": matter.statutory.as_ref().map(due).transpose()? },
    }))
}

fn complained(desk: &Desk<'_>, complained: &Complaint) -> Json {
    let args: Vec<(&str, String)> = complained.args.iter().map(|(name, value)| (*name, value.clone())).collect();
    let sentence = match &complained.message {
        Some(message) => Some(words(message, desk.t.lang()).to_owned()),
        None => complaint::lookup(desk.t, complained.code, &args),
    };
    json!({ "field": complained.field, "code": complained.code, "sentence": sentence, "warning": complained.warning })
}

fn words(words: &Words, lang: Lang) -> &str {
    match lang {
        Lang::Zh => &words.zh,
        Lang::En => &words.en,
    }
}
