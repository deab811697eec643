//! `file`: seals a filing from a file of answers and its pages, without a window.

use std::{
    io::{BufRead as _, IsTerminal as _, Write as _},
    path::PathBuf,
};

use jiff::civil::Date;
use matters::{
    ActedBy, Capacity, Complaint, Digest, Matter, NoticeGiven, PageRef, Personal,
    calendar::place_date,
    form::{self, Given},
};
use outbox::{Cabinet, Draft, FilingFull, PAGE_BYTES_MAX};
use serde_json::json;
use texts::{Texts, command as say};
use uuid::Uuid;

use super::{Fault, Options, cabinet, print};
use crate::{
    app::NOTICE_VERSION,
    catalogue::{Sent, Town},
    clock::Clock,
    config::Config,
    ids::Ids,
    sign_in, words,
    worker::{
        key,
        sealing::{self, SealFault, seal},
    },
};

/// Files of answers larger than this are something else.
const ANSWERS_BYTES_MAX: u64 = 1 << 20;

/// A page as it was handed over.
struct Picture {
    material: String,
    jpeg: Vec<u8>,
    width_px: u32,
    height_px: u32,
}

/// `file MATTER --answers FILE.json [--page [MATERIAL=]FILE…]… [--account NAME] [--request UUID] [--json]`
pub fn file(t: &Texts, options: &mut Options, config: &Config, clock: &Clock) -> Result<(), Fault> {
    let as_json = options.flag("--json");
    let wanted = options.loose().ok_or(Fault::Missing("MATTER"))?;
    let from = options.path("--answers").ok_or(Fault::Missing("--answers"))?;
    let account = options.take("--account");
    let request = options.take("--request").map(|text| Uuid::parse_str(&text).map_err(|_| Fault::NotAnId(text))).transpose()?;
    let named = options.all("--page");
    options.nothing_left()?;

    let mut cabinet = cabinet(config, clock)?;
    let admission = cabinet.admission()?.ok_or(Fault::NotAdmitted)?;
    let reading = Cabinet::reading(&config.cabinet_file(), &key(config)?)?;
    let catalogue = Town::load(config, place_date(clock.now()), &Sent::of(&reading)?).current;
    let matter = catalogue.matter(&wanted).ok_or(Fault::Matter(wanted))?;
    let given = answers(matter, from)?;
    if let Some(filing) = request.map(|request| cabinet.filing_of_draft(request)).transpose()?.flatten() {
        // Asked again after its answer was lost: the same filing, and no second one.
        let full = reading.filing(filing)?.ok_or(Fault::Unfit("filing"))?;
        return told(t, &full, &[], as_json);
    }
    let ids = Ids::random();
    // The form is judged on a day, and a machine that stands in 2000 has the wrong one.
    let now = cabinet.plausible(clock.now())?;
    let acted_by = ActedBy { account: actor(t, &mut cabinet, config, account, clock)?, session: ids.next(now) };

    let (entered, mut complaints) = given.values(matter, place_date(now));
    let mut draft = Draft {
        id: request.unwrap_or_else(|| ids.next(now)),
        supplement_to: None,
        created_at: now,
        changed_at: now,
        acted_by: acted_by.clone(),
        matter: Some(matter.id.clone()),
        catalogue_version: catalogue.version().to_owned(),
        step: "Review".to_owned(),
        notice: Some(given.notice.unwrap_or_else(|| NoticeGiven { version: NOTICE_VERSION.to_owned(), at: now })),
        applicant: given.applicant,
        capacity: Some(given.capacity.unwrap_or(Capacity::Myself)),
        situations: given.situations,
        brought: Default::default(),
        answers: entered,
        witness: given.witness,
        old: Vec::new(),
        pages: Vec::new(),
    };
    let pictures = pictures(matter, &draft, place_date(now), named)?;
    draft.pages = places(&pictures);
    let filing = sealing::filing(draft.clone(), &admission, now, acted_by.clone()).map_err(fault)?;
    // What could not be read is said once, as what it is, not also as missing.
    let unread: Vec<String> = complaints.iter().map(|complaint| complaint.field.clone()).collect();
    complaints.extend(form::filing_complaints(matter, &filing).into_iter().filter(|found| !unread.contains(&found.field)));
    let (warnings, errors): (Vec<_>, Vec<_>) = complaints.into_iter().partition(|complaint| complaint.warning);
    if !errors.is_empty() {
        return Err(Fault::Form(errors.iter().map(|complaint| complained(t, complaint)).collect()));
    }

    if request.is_some() {
        // What an earlier try under this id left before it was sealed.
        cabinet.delete_draft(draft.id)?;
    }
    cabinet.save_draft(&draft)?;
    for page in &pictures {
        cabinet.put_page(draft.id, &page.material, None, &page.jpeg, page.width_px, page.height_px)?;
    }
    let sealed = seal(&mut cabinet, &admission, &ids, now, draft.id, acted_by).map_err(fault)?;
    let full = reading.filing(sealed.filing().id)?.ok_or(Fault::Unfit("filing"))?;
    told(t, &full, &warnings, as_json)
}

fn answers(matter: &Matter, from: PathBuf) -> Result<Given, Fault> {
    let cannot = |error| Fault::File(from.clone(), error);
    if std::fs::metadata(&from).map_err(cannot)?.len() > ANSWERS_BYTES_MAX {
        return Err(Fault::File(from.clone(), std::io::ErrorKind::FileTooLarge.into()));
    }
    let text = std::fs::read(&from).map_err(cannot)?;
    let read = serde_json::from_slice(&text).and_then(|json| Given::read(matter, json));
    // Line and column only: the error's own text may quote what somebody entered.
    read.map_err(|error| Fault::Answers { file: from, line: error.line() as u64, column: error.column() as u64 })
}

/// Who files. With `--account`, or as the point's only agent, by the password on standard input; without
/// a password only where the configuration names an account for that (`[shell] account`).
fn actor(t: &Texts, cabinet: &mut Cabinet, config: &Config, account: Option<String>, clock: &Clock) -> Result<String, Fault> {
    let now = clock.now();
    if account.is_none()
        && let Some(standing) = &config.shell.account
    {
        return sign_in::standing(cabinet, standing, now)?.map(|agent| agent.account).map_err(|_| Fault::Refused);
    }
    let account = match account {
        Some(account) => account,
        None => sign_in::only_agent(cabinet, now)?.ok_or(Fault::Missing("--account"))?,
    };
    if std::io::stdin().is_terminal() {
        let _ = write!(std::io::stderr(), "{}", say::password_of(t, account.as_str()));
    }
    let mut password = Personal::<String>::default();
    std::io::stdin().lock().read_line(password.expose_mut()).map_err(|error| Fault::File("stdin".into(), error))?;
    let length = password.expose().trim_end_matches(['\r', '\n']).len();
    password.expose_mut().truncate(length);
    sign_in::check(cabinet, &account, &password, now)?.map(|agent| agent.account).map_err(|_| Fault::Refused)
}

/// Reads the pages and gives each its material: `MATERIAL=FILE` names it; a plain FILE goes to the
/// first required material that still lacks a page, and where none lacks one, to the first required
/// material that takes another.
fn pictures(matter: &Matter, draft: &Draft, today: Date, named: Vec<String>) -> Result<Vec<Picture>, Fault> {
    let situation = form::Situation {
        answers: &draft.answers,
        situations: &draft.situations,
        applicant: draft.applicant.as_ref(),
        capacity: draft.capacity.as_ref(),
        today,
    };
    let required: Vec<_> =
        form::due_materials(matter, &situation).into_iter().filter(|due| due.material.required && !due.by_card).collect();
    let mut pictures: Vec<Picture> = Vec::new();
    for word in named {
        let code = word.split_once('=').filter(|(code, _)| matter.material(code).is_some());
        let (material, file) = match code {
            Some((code, file)) => (code.to_owned(), PathBuf::from(file)),
            None => {
                let have = |code: &str| pictures.iter().filter(|page| page.material == code).count() as u32;
                let place = required
                    .iter()
                    .find(|due| have(&due.material.code) < due.material.pages_min)
                    .or_else(|| required.iter().find(|due| have(&due.material.code) < due.material.pages_max))
                    .ok_or_else(|| Fault::PageNowhere(PathBuf::from(&word)))?;
                (place.material.code.clone(), PathBuf::from(&word))
            }
        };
        let jpeg = std::fs::read(&file).map_err(|error| Fault::File(file.clone(), error))?;
        if jpeg.len() > PAGE_BYTES_MAX {
            return Err(Fault::File(file, std::io::ErrorKind::FileTooLarge.into()));
        }
        // Filed as it is, byte for byte: `village-terminal page` is the command that makes a page of a
        // photograph. Unpacked once, so that what a clerk cannot open is refused here.
        let seen = scan::decode_luma(&jpeg, None).map_err(|error| Fault::Picture(error.code()))?;
        pictures.push(Picture { material, jpeg, width_px: seen.w, height_px: seen.h });
    }
    Ok(pictures)
}

fn places(pictures: &[Picture]) -> Vec<PageRef> {
    let mut pages: Vec<PageRef> = Vec::new();
    for picture in pictures {
        let order = pages.iter().filter(|page| page.material == picture.material).count() as u32 + 1;
        pages.push(PageRef {
            material: picture.material.clone(),
            order,
            sha256: Digest::of(&picture.jpeg),
            bytes: picture.jpeg.len() as u64,
            width_px: picture.width_px,
            height_px: picture.height_px,
        });
    }
    pages
}

fn fault(fault: SealFault) -> Fault {
    match fault {
        SealFault::Cabinet(error) => Fault::Cabinet(error),
        SealFault::Unfit(what) => Fault::Unfit(what),
    }
}

/// A complaint for a script and for a person: `(field, code, sentence)`.
fn complained(t: &Texts, complaint: &Complaint) -> (String, &'static str, String) {
    let args: Vec<(&str, String)> = complaint.args.iter().map(|(name, value)| (*name, value.clone())).collect();
    let sentence = match &complaint.message {
        Some(message) => words::said(t, message).to_owned(),
        None => texts::complaint::lookup(t, complaint.code, &args).unwrap_or_else(|| texts::complaint::check(t)),
    };
    (complaint.field.clone(), complaint.code, sentence)
}

/// Said only now, when everything is on the disk.
fn told(t: &Texts, full: &FilingFull, warnings: &[Complaint], as_json: bool) -> Result<(), Fault> {
    let filing = full.sealed.filing();
    let warnings = warnings.iter().map(|complaint| complained(t, complaint));
    if !as_json {
        for (field, _, sentence) in warnings {
            eprintln!("{field}: {sentence}");
        }
        return print(&say::filed(t, filing.case_number.as_str(), filing.query_code.expose().as_str()));
    }
    let pages: Vec<_> = filing
        .pages
        .iter()
        .map(|page| json!({ "material": page.material, "order": page.order, "sha256": page.sha256, "bytes": page.bytes }))
        .collect();
    let warnings: Vec<_> =
        warnings.map(|(field, code, sentence)| json!({ "field": field, "code": code, "sentence": sentence })).collect();
    print(
        &json!({
            "filing": filing.id,
            "act": full.acts.first().map(|(act, _)| act.id),
            "case_number": filing.case_number,
            "query_code": filing.query_code.expose(),
            "matter": filing.matter,
            "point": filing.point.id,
            "terminal": filing.point.terminal,
            "account": filing.acted_by.account,
            "sealed_at": filing.sealed_at,
            "sha256": full.sealed.digest(),
            "pages": pages,
            "warnings": warnings,
        })
        .to_string(),
    )
}
