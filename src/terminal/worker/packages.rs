//! Brings what the town offers of its data: fetched by digest, judged, and only then put in force.
//!
//! What is damaged, wrongly signed or faulty changes nothing: what was in force stays in force, and `doctor`
//! and the window say why the new one is not.

use std::collections::BTreeMap;

use courier::{Client, Outcome, StopFlag};
use matters::{Calendar, CatalogueFault, Digest, lint};
use outbox::{Cabinet, CabinetError, PackageFile, PackageKind, PackageOffer, PackageRow, PackageState, PackageVerdict, Reading};

use crate::catalogue::{CALENDAR, built_in_file};

/// Who judges: a later program reads more than this one.
const JUDGE: &str = env!("CARGO_PKG_VERSION");

/// Whoever holds the pen. Each call is on the disk when it returns true; false: it did not work, and whoever
/// holds the pen has said so.
pub(crate) trait Pen {
    fn put_file(&mut self, digest: Digest, bytes: Vec<u8>) -> bool;
    fn settle(&mut self, package: &PackageOffer, verdict: PackageVerdict) -> bool;
}

/// The pen in one's own hand; remembers why it did not write.
pub(crate) struct InHand<'a> {
    pub cabinet: &'a mut Cabinet,
    pub failed: Option<CabinetError>,
}

impl InHand<'_> {
    fn kept(&mut self, done: Result<(), CabinetError>) -> bool {
        let failed = done.err();
        let kept = failed.is_none();
        self.failed = self.failed.take().or(failed);
        kept
    }
}

impl Pen for InHand<'_> {
    fn put_file(&mut self, digest: Digest, bytes: Vec<u8>) -> bool {
        let done = self.cabinet.put_package_file(digest, &bytes);
        self.kept(done)
    }

    fn settle(&mut self, package: &PackageOffer, verdict: PackageVerdict) -> bool {
        let done = self.cabinet.settle_package(package.sha256, &verdict);
        self.kept(done)
    }
}

/// Fetches every package that is offered and not held. Whatever comes in between, what was fetched stays,
/// and the next call goes on behind it. False when the line or the pen broke off.
///
/// # Errors
/// When the cabinet cannot be read.
pub(crate) fn bring(client: &mut Client, reading: &Reading, pen: &mut dyn Pen, stop: &StopFlag) -> Result<bool, CabinetError> {
    for row in reading.packages()? {
        if !row.offered || !is_wanted(reading, &row)? {
            continue;
        }
        let offer = &row.offer;
        let verdict = match fetch(client, reading, offer, pen, stop)? {
            Some(Ok(verdict)) => verdict,
            Some(Err(outcome)) if outcome.is_stopped() => return Ok(false),
            Some(Err(outcome)) => {
                tracing::warn!(kind = offer.kind.name(), version = offer.version, code = outcome.code(), "package");
                let told = pen.settle(offer, PackageVerdict::Trouble { code: outcome.code().to_owned() });
                // What is wrong with one package is not wrong with the next; a broken line is.
                if !told || outcome.scope() == courier::outcome::Scope::Line && !is_finding(&outcome) {
                    return Ok(false);
                }
                continue;
            }
            None => return Ok(false),
        };
        match &verdict {
            PackageVerdict::Good { .. } => {
                tracing::info!(kind = offer.kind.name(), version = offer.version, "package held");
            }
            PackageVerdict::Refused { code, detail, .. } => {
                tracing::error!(kind = offer.kind.name(), version = offer.version, code, detail, "package refused");
            }
            PackageVerdict::Trouble { .. } => {}
        }
        if !pen.settle(offer, verdict) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Signed wrongly: the line itself works.
fn is_finding(outcome: &Outcome) -> bool {
    matches!(outcome.code(), "signer_unknown" | "signature_wrong")
}

/// Not here yet, refused by another program than this one, or held while its files came from a program that
/// had them built in.
fn is_wanted(reading: &Reading, row: &PackageRow) -> Result<bool, CabinetError> {
    match &row.state {
        PackageState::Wanted { .. } => Ok(true),
        PackageState::Refused { judged_by, .. } => Ok(judged_by != JUDGE),
        PackageState::Held { files } => {
            for file in files {
                if built_in_file(file.sha256).is_none() && reading.package_file(file.sha256)?.is_none() {
                    return Ok(true);
                }
            }
            Ok(false)
        }
    }
}

/// A whole package with its verdict, or why it did not come. `None`: the pen broke off.
fn fetch(
    client: &mut Client,
    reading: &Reading,
    offer: &PackageOffer,
    pen: &mut dyn Pen,
    stop: &StopFlag,
) -> Result<Option<Result<PackageVerdict, Outcome>>, CabinetError> {
    let signed = match client.package(offer, stop) {
        Ok(signed) => signed,
        Err(outcome) => return Ok(Some(Err(outcome))),
    };
    let mut texts: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    for file in &signed.value {
        let bytes = match here(reading, file)? {
            Some(bytes) => bytes,
            None => match client.package_file(file, stop) {
                Ok(bytes) => {
                    if !pen.put_file(file.sha256, bytes.clone()) {
                        return Ok(None);
                    }
                    bytes
                }
                Err(outcome) => return Ok(Some(Err(outcome))),
            },
        };
        texts.insert(&file.name, bytes);
    }
    let verdict = match faults(offer, &signed.value, &texts) {
        None => PackageVerdict::Good { manifest: signed.jws, files: signed.value },
        Some(fault) => PackageVerdict::Refused {
            code: fault.code.to_owned(),
            detail: format!("{}:{}", fault.file, fault.line),
            judged_by: JUDGE.to_owned(),
        },
    };
    Ok(Some(Ok(verdict)))
}

/// Bytes of a file that need not be fetched: built in, or part of another package.
fn here(reading: &Reading, file: &PackageFile) -> Result<Option<Vec<u8>>, CabinetError> {
    match built_in_file(file.sha256) {
        Some(text) => Ok(Some(text.as_bytes().to_vec())),
        None => reading.package_file(file.sha256),
    }
}

/// The first fault of a package, by the linter that authors use too.
fn faults(offer: &PackageOffer, files: &[PackageFile], texts: &BTreeMap<&str, Vec<u8>>) -> Option<CatalogueFault> {
    let fault = |file: &str, code| CatalogueFault { file: file.to_owned(), line: 0, code, detail: String::new() };
    let mut read: Vec<(&str, &str)> = Vec::new();
    for (name, bytes) in texts {
        match std::str::from_utf8(bytes) {
            Ok(text) => read.push((name, text)),
            Err(_) => return Some(fault(name, "toml")),
        }
    }
    match offer.kind {
        // What is built in was checked when this program was made.
        PackageKind::Catalogue if files.iter().all(|file| built_in_file(file.sha256).is_some()) => None,
        PackageKind::Catalogue => lint::check(&read).into_iter().next(),
        PackageKind::Calendar => match read.iter().find(|(name, _)| *name == CALENDAR) {
            Some((name, text)) => Calendar::parse(name, text).err().and_then(|faults| faults.into_iter().next()),
            None => Some(fault(CALENDAR, "missing")),
        },
    }
}
