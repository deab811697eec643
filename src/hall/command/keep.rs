//! The ledger itself: found it, list what it holds, check its trail.

use std::{io::Write as _, path::Path, sync::Arc};

use serde_json::json;
use texts::town_hall as said;

use super::{Args, CONSOLE, Desk, Failure};
use crate::{
    Hall,
    clock::{Clock, Ids},
    ledger::{AUDIT_MAX, AuditFilter, Founding, Ledger, LedgerKey, RecoveryKey},
};

/// Filings read at a time: a hall may hold a hundred thousand.
const PART: usize = 500;

pub fn init(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &["dir", "name", "phone", "supervision-phone", "recovery-key"], &[])?;
    args.no_words()?;
    let dir = desk.dir(&args)?;
    let founding = Founding {
        name: args.needed("name")?.to_owned(),
        phone: args.maybe("phone")?.unwrap_or_default().to_owned(),
        supervision_phone: args.maybe("supervision-phone")?.unwrap_or_default().to_owned(),
    };
    let ledger = Hall::found(&dir, &founding, desk.rules()?, Ids::System, Clock::System.now())?;
    let recovery = args.maybe("recovery-key")?.map_or_else(|| dir.join("recovery.key"), std::path::PathBuf::from);
    let key = RecoveryKey::create(&recovery, &Ids::System)?;
    ledger.set_recovery(key.public(), CONSOLE, Clock::System.now())?;
    desk.tell(&said::founded(desk.t, dir.display().to_string()));
    desk.tell(&said::recovery_made(desk.t, recovery.display().to_string()));
    Ok(())
}

pub fn filings(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &["dir"], &["json", "read-pages"])?;
    args.no_words()?;
    let hall = desk.hall(&desk.dir(&args)?)?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut after = None;
    // One array, one filing a line: readable by a script as a whole and by a person line by line.
    write!(out, "[")?;
    loop {
        let part = hall.ledger.held_filings(after, PART, args.switch("read-pages"))?;
        for filing in &part {
            write!(out, "{}\n{}", if after.is_none() { "" } else { "," }, json!(filing))?;
            after = Some(filing.filing);
        }
        if part.len() < PART {
            break;
        }
    }
    writeln!(out, "\n]")?;
    Ok(out.flush()?)
}

/// What residents said: evaluations (好差评) and complaints, for whoever answers for the service.
pub fn voices(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &["dir"], &["json"])?;
    args.no_words()?;
    desk.print_json(&json!(desk.hall(&desk.dir(&args)?)?.ledger.voices()?))
}

pub fn audit(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &["dir", "subject"], &["json", "verify"])?;
    args.no_words()?;
    let hall = desk.hall(&desk.dir(&args)?)?;
    if args.switch("verify") {
        let head = hall.ledger.audit_verify()?;
        return desk.print_json(&json!({ "rows": head.rows, "hash": head.hash }));
    }
    let mut filter = AuditFilter { subject: args.maybe("subject")?.map(str::to_owned), after: 0, limit: AUDIT_MAX };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    loop {
        let part = hall.ledger.audit(&filter)?;
        for row in &part {
            let row_json = json!({ "sequence": row.sequence, "at": row.at, "who": row.who, "verb": row.verb,
                "subject": row.subject, "detail": row.detail, "hash": row.hash });
            writeln!(out, "{row_json}")?;
            filter.after = row.sequence;
        }
        if part.len() < AUDIT_MAX {
            return Ok(out.flush()?);
        }
    }
}

/// Copies the ledger, also while it is served. The key is kept elsewhere: together they would be one theft.
pub fn backup(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &["dir", "to"], &["json"])?;
    args.no_words()?;
    let hall = desk.hall(&desk.dir(&args)?)?;
    let manifest = hall.ledger.backup(Path::new(args.needed("to")?), CONSOLE, hall.clock.now())?;
    desk.tell(&said::backup_made(desk.t));
    desk.print_json(&json!(manifest))
}

/// Puts a backup back as a new incarnation, into a folder where no hall is.
pub fn restore(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &["from", "dir", "key"], &["json"])?;
    args.no_words()?;
    let key = LedgerKey::load(Path::new(args.needed("key")?))?;
    let (from, dir) = (Path::new(args.needed("from")?), desk.dir(&args)?);
    let (ledger, mark) = Ledger::restore(from, &dir, &key, Arc::new(desk.rules()?), Ids::System, Clock::System.now())?;
    let held = ledger.held_filings(None, usize::MAX >> 1, true)?;
    desk.tell(&said::restored(desk.t, held.len() as u32));
    desk.print_json(&json!(mark))
}
