//! What comes without a line: bundles on a stick, and keys given out to the administrator.

use std::{
    fs::File,
    io::{BufReader, Write as _},
    path::{Path, PathBuf},
};

use serde_json::json;
use texts::town_hall as said;

use super::{Args, CONSOLE, Desk, Failure};
use crate::ledger::{BundleRefuse, RecoverRefuse, RecoveryKey, write_cabinet_key};

impl From<RecoverRefuse> for Failure {
    fn from(refuse: RecoverRefuse) -> Self {
        match refuse {
            RecoverRefuse::Nothing => Self::new("recover-nothing"),
            RecoverRefuse::OtherKey => Self::new("recover-other-key"),
            RecoverRefuse::Damaged => Self::new("recover-damaged"),
            RecoverRefuse::Ledger(error) => error.into(),
        }
    }
}

impl From<BundleRefuse> for Failure {
    fn from(refuse: BundleRefuse) -> Self {
        use seal::bundle::BundleError;
        match &refuse {
            BundleRefuse::Bundle(BundleError::OtherHall) => Self::new("bundle-other-hall"),
            BundleRefuse::Bundle(BundleError::Foreign) => Self::new("bundle-foreign"),
            BundleRefuse::Bundle(BundleError::Io(error)) => Self::new("io").caused(error),
            BundleRefuse::Bundle(_) | BundleRefuse::Disorder => Self::new("bundle-damaged"),
            BundleRefuse::Sender => Self::new("bundle-sender"),
            BundleRefuse::Revoked => Self::new("bundle-revoked"),
            BundleRefuse::Refuse(error) => Self::new("bundle-not-taken").caused(error),
        }
    }
}

/// `recovery --dir DIR --to FILE`: a new recovery key; terminals deposit under it from their next visit on.
pub fn recovery(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &["dir", "to"], &[])?;
    args.no_words()?;
    let hall = desk.hall(&desk.dir(&args)?)?;
    let to = Path::new(args.needed("to")?);
    let key = RecoveryKey::create(to, &crate::clock::Ids::System)?;
    hall.ledger.set_recovery(key.public(), CONSOLE, hall.clock.now())?;
    desk.tell(&said::recovery_made(desk.t, to.display().to_string()));
    Ok(())
}

/// `recover --dir DIR --terminal ID --recovery-key FILE --to FILE`: the key of a terminal's cabinet.
pub fn recover(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &["dir", "terminal", "recovery-key", "to"], &[])?;
    args.no_words()?;
    let hall = desk.hall(&desk.dir(&args)?)?;
    let to = Path::new(args.needed("to")?);
    let key = RecoveryKey::load(Path::new(args.needed("recovery-key")?))?;
    let terminal = args.needed("terminal")?;
    let found = hall.ledger.recover(terminal, &key, CONSOLE, hall.clock.now())?;
    write_cabinet_key(&found, to)?;
    desk.tell(&said::recovered(desk.t, terminal, to.display().to_string()));
    Ok(())
}

/// `bundle import --dir DIR --from FILE [--receipts FILE] [--json]`: takes what came on a stick and writes
/// the signed receipts that go back on it.
pub fn bundle_import(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &["dir", "from", "receipts"], &["json"])?;
    args.no_words()?;
    let hall = desk.hall(&desk.dir(&args)?)?;
    let from = Path::new(args.needed("from")?);
    let receipts = args.maybe("receipts")?.map_or_else(|| from.with_added_extension("receipts"), PathBuf::from);
    let taken = hall.ledger.take_bundle(|| File::open(from).map(BufReader::new), hall.clock.now())?;
    let mut text = Vec::new();
    for answer in &taken.answers {
        text.extend_from_slice(answer);
        text.push(b'\n');
    }
    write_whole(&receipts, &text)?;
    desk.tell(&said::bundle_taken(desk.t, taken.answers.len() as u32, receipts.display().to_string()));
    let refused: Vec<_> = taken.refused.iter().map(|(act, kind)| json!({ "act": act, "problem": kind.slug() })).collect();
    desk.print_json(&json!({
        "terminal": taken.terminal, "point": taken.point, "pages": taken.pages, "acts": taken.answers.len(),
        "known": taken.known, "refused": refused, "receipts": receipts,
    }))?;
    if taken.refused.is_empty() {
        Ok(())
    } else {
        Err(Failure::new("bundle-refused").with("count", taken.refused.len().to_string()))
    }
}

/// There whole or not at all, and on the stick before this returns.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let new = path.with_added_extension("new");
    let mut file = File::create(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&new, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(File::open(folder)?.sync_all()?)
}
