//! `receipt`: the hall's signed receipt of a filing as a page to print, with codes by which anybody can check it
//! without a network; and the check itself.

use std::{
    fmt::Write as _,
    io::Write as _,
    path::{Path, PathBuf},
};

use courier::Attested;
use matters::Filing;
use outbox::{Admission, Cabinet, FilingFull, Reading};
use scan::codes::{self, Matrix};
use seal::parts::{self, PartsFault};
use serde_json::json;
use texts::{Texts, command as say, receipt as t};

use super::{Fault, Options, print};
use crate::{config::Config, screen::terms, words, worker::key};

/// Light squares around a code, without which no scanner finds it.
const QUIET: usize = 4;
/// Pictures and texts larger than this hold no receipt.
const SCANNED_BYTES_MAX: u64 = 40 << 20;

/// `receipt NUMBER --to FILE.html` · `receipt check FILE… [--json]`
pub fn receipt(t: &Texts, options: &mut Options, config: &Config) -> Result<(), Fault> {
    let first = options.loose().ok_or(Fault::Missing("NUMBER"))?;
    if first == "check" {
        return check(t, options, config);
    }
    let to = options.path("--to").ok_or(Fault::Missing("--to"))?;
    options.nothing_left()?;
    let (reading, admission) = open(config)?;
    let row = reading.search(&first, 2)?.into_iter().find(|row| row.case_number == first).ok_or(Fault::Receipt("number"))?;
    let full = reading.filing(row.id)?.ok_or(Fault::Receipt("number"))?;
    let jws = full.receipt.clone().ok_or(Fault::Receipt("not-received"))?;
    let attested = courier::attested(&courier::hall_keys(&admission.particulars), &jws).map_err(bad)?;
    write(&to, &page(t, &admission, &full, &attested, &jws)?)?;
    print(&say::receipt_written(t, to.display().to_string()))
}

fn open(config: &Config) -> Result<(Reading, Admission), Fault> {
    let reading = Cabinet::reading(&config.cabinet_file(), &key(config)?)?;
    let admission = reading.admission()?.ok_or(Fault::NotAdmitted)?;
    Ok((reading, admission))
}

/// What the codes of these pictures or texts say, by the keys of the hall that admitted this terminal.
fn check(t: &Texts, options: &mut Options, config: &Config) -> Result<(), Fault> {
    let as_json = options.flag("--json");
    let mut scanned = Vec::new();
    while let Some(file) = options.loose() {
        scanned.extend(read(Path::new(&file))?);
    }
    options.nothing_left()?;
    let jws = parts::join(scanned.iter().map(String::as_str)).map_err(|fault| {
        Fault::Receipt(match fault {
            PartsFault::None => "none",
            PartsFault::Mixed => "mixed",
            PartsFault::Missing { .. } => "missing",
            PartsFault::Changed => "changed",
        })
    })?;
    let (_, admission) = open(config)?;
    let attested = courier::attested(&courier::hall_keys(&admission.particulars), &jws).map_err(bad)?;
    if as_json {
        let news = &attested.news;
        return print(
            &json!({
                "case_number": news.case_number,
                "received_at": news.received_at,
                "filing": attested.filing,
                "filing_sha256": attested.filing_sha256,
                "pages": attested.pages,
                "refused": news.refused.as_ref().map(|(code, _, _)| code),
            })
            .to_string(),
        );
    }
    let received = terms::moment(t, attested.news.received_at);
    print(&say::receipt_good(t, attested.news.case_number.as_str(), received, attested.pages as u64))
}

/// Lines of a text, or what the codes in a picture say.
fn read(file: &Path) -> Result<Vec<String>, Fault> {
    let cannot = |error| Fault::File(file.to_owned(), error);
    if std::fs::metadata(file).map_err(cannot)?.len() > SCANNED_BYTES_MAX {
        return Err(cannot(std::io::ErrorKind::FileTooLarge.into()));
    }
    let bytes = std::fs::read(file).map_err(cannot)?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.lines().map(str::to_owned).collect()),
        Err(error) => {
            let picture = scan::decode_luma(error.as_bytes(), None).map_err(|error| Fault::Picture(error.code()))?;
            Ok(codes::read(&picture).into_iter().filter(|code| code.kind == "qr").map(|code| code.text).collect())
        }
    }
}

fn bad(outcome: courier::Outcome) -> Fault {
    Fault::Receipt(if outcome.code() == "signer_unknown" { "foreign" } else { "changed" })
}

/// Whole or not at all, and never over something else.
fn write(to: &Path, text: &str) -> Result<(), Fault> {
    let cannot = |error| Fault::File(PathBuf::from(to), error);
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(to).map_err(cannot)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(cannot)
}

/// One page to print: what was received, and the signed receipt itself in codes.
fn page(t: &Texts, admission: &Admission, full: &FilingFull, attested: &Attested, jws: &str) -> Result<String, Fault> {
    let filing: &Filing = full.sealed.filing();
    let lines = [
        (t::slip_applicant(t), masked(filing)),
        (t::number(t), attested.news.case_number.clone()),
        (t::slip_taken(t), format!("{} {}", filing.point.name, terms::moment(t, filing.sealed_at))),
        (say::print_received(t), format!("{} {}", admission.particulars.hall_name, terms::moment(t, attested.news.received_at))),
        (say::print_pages(t), attested.pages.to_string()),
        (t::slip_note(t), t::slip_note_text(t)),
        (say::print_phones(t), words::hall_phones(t, &admission.particulars)),
    ];
    let keys: Vec<&str> = admission.particulars.hall_keys.iter().map(|(_, public)| public.as_str()).collect();
    let divided = parts::divide(jws, codes::TEXT_BYTES_MAX).ok_or(Fault::Receipt("changed"))?;
    let mut drawn = String::new();
    for part in &divided {
        let matrix = codes::qr(part).map_err(|error| Fault::Picture(error.code()))?;
        let _ = write!(drawn, "{}", svg(&matrix));
    }
    let mut rows = String::new();
    for (label, value) in lines {
        let _ = write!(rows, "<tr><th>{}</th><td>{}</td></tr>", escaped(&label), escaped(&value));
    }
    Ok(format!(
        "<!doctype html>\n<html lang=\"{lang}\"><meta charset=\"utf-8\"><title>{title}</title>\n<style>{STYLE}</style>\n\
         <h1>{title}</h1>\n<table>{rows}</table>\n<div class=\"codes\">{drawn}</div>\n<p>{how}</p>\n<p class=\"key\">{key}</p>\n</html>\n",
        lang = t.lang().tag(),
        title = escaped(&t::slip(t)),
        how = escaped(&say::print_how(t, divided.len() as u64)),
        key = escaped(&keys.join(" ")),
    ))
}

const STYLE: &str = "@page{size:A4;margin:18mm}body{font:14pt/1.6 'Noto Sans SC','Noto Sans CJK SC',sans-serif;color:#111}\
    h1{font-size:22pt;margin:0 0 6mm}th{text-align:left;font-weight:400;color:#555;padding:0 8mm 2mm 0;vertical-align:top;\
    white-space:nowrap}td{padding-bottom:2mm}.codes{display:flex;flex-wrap:wrap;gap:4mm;margin:6mm 0}.codes svg{width:52mm;\
    height:52mm;break-inside:avoid}.key{font:9pt monospace;color:#555;word-break:break-all}";

fn masked(filing: &Filing) -> String {
    let applicant = &filing.applicant;
    format!("{} ({})", applicant.name.expose(), matters::identity::mask_number(applicant.number.expose()))
}

/// A code as one path of squares, runs joined to bars.
fn svg(matrix: &Matrix) -> String {
    let side = matrix.side + 2 * QUIET;
    let mut path = String::new();
    for (y, row) in matrix.dark.chunks(matrix.side).enumerate() {
        let mut x = 0;
        while x < row.len() {
            let run = row[x..].iter().take_while(|dark| **dark).count();
            if run > 0 {
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
            }
            x += run.max(1);
        }
    }
    format!(
        "<svg viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\"><rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/>\
         <path d=\"{path}\"/></svg>"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
