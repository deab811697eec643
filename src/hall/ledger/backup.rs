//! Backup, restore, and what a restored ledger must say: that it is not the one it was.
//!
//! A ledger has an incarnation (an id) and a sequence (the last audit row). When a backup is put back, the
//! sequence goes back; the incarnation is then drawn anew, so that every terminal notices and offers
//! again what it holds receipts for. It is drawn anew when `restore` puts a backup back; when the
//! mark beside the database names a place where this ledger never stood; and when a terminal does, or asks
//! with a cursor that this ledger never gave. A place is a sequence with the audit chain's hash there, so that
//! a ledger which has grown past it since, on another way, is found out too.

use std::{
    fs::{self, File, OpenOptions},
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
    time::Duration,
};

use jiff::Timestamp;
use rusqlite::backup::Backup;
use serde::{Deserialize, Serialize};
use serde_json::json;
use wire::{Known, LedgerMark};

use super::{
    BACKED_UP, DATABASE, KEY_FILE, Ledger, LedgerError, LedgerKey, PAGES, audit, events, key::sync_parent, mark, rows::truncate,
    schema, set_meta,
};

/// Beside the database: how far the ledger was when it was last looked at.
const MARK: &str = "ledger.mark";
/// What a backup is, for a person and for `restore`.
const MANIFEST: &str = "backup.json";
/// Sequences of a feed that a restored ledger leaves out at least.
const FEED_LEAP: i64 = 1_000_000;
/// Database pages copied at a time; writers get their turn between.
const COPY_PAGES: i32 = 1000;

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub made_at: Timestamp,
    pub incarnation: uuid::Uuid,
    pub sequence: u64,
    /// Sealed files.
    pub files: u64,
}

impl Ledger {
    /// Copies the ledger as it stands now into the new folder `to`, while it is being used: database and the
    /// sealed files of pages and results, both still encrypted. The key is not among them. Durable when it returns.
    ///
    /// The terminals are told how far it reaches ([`LedgerMark::backed_up`]): a copy made past this door,
    /// by copying files, tells them nothing, and they go on keeping their pages.
    ///
    /// # Errors
    /// [`LedgerError::HallExists`] when the folder exists; [`LedgerError::Damaged`] when a sealed file is missing or short.
    pub fn backup(&self, to: &Path, by: &str, now: Timestamp) -> Result<Manifest, LedgerError> {
        let now = truncate(now);
        if to.exists() {
            return Err(LedgerError::HallExists(to.to_owned()));
        }
        fs::DirBuilder::new().recursive(true).mode(0o700).create(to.join(PAGES))?;
        // Nothing is swept while its copy is being made.
        let _making = self.making.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let copy = to.join(DATABASE);
        let (stood, names) = {
            let from = schema::open(&self.dir.join(DATABASE), &self.database_key, schema::Access::Read)?;
            let mut db = schema::open_bare(&copy, &self.database_key)?;
            Backup::new(&from, &mut db)?.run_to_completion(COPY_PAGES, Duration::ZERO, None)?;
            drop(db);
            let db = schema::open(&copy, &self.database_key, schema::Access::Write)?;
            // Unfinished uploads go on changing while files are copied; their terminals begin them anew.
            db.execute_batch(
                "DELETE FROM uploads WHERE held = 0;
                 DELETE FROM files WHERE name NOT IN (SELECT file FROM pages UNION SELECT file FROM results);",
            )?;
            let whole: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
            if whole != "ok" {
                return Err(LedgerError::Damaged("database"));
            }
            let names: Vec<(String, i64)> = db
                .prepare("SELECT name, sealed_len FROM files")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()?;
            (mark(&db)?, names)
        };
        let copies = self.vault.beside(to.join(PAGES));
        for (name, sealed_len) in &names {
            self.vault.copy_to(&copies, name, *sealed_len as u64)?;
        }
        let manifest =
            Manifest { made_at: now, incarnation: stood.incarnation, sequence: stood.sequence, files: names.len() as u64 };
        let text = serde_json::to_string_pretty(&manifest).map_err(|_| LedgerError::Damaged("json"))?;
        write_whole(&to.join(MANIFEST), &text)?;
        File::open(&copy)?.sync_all()?;
        sync_parent(&copy)?;
        sync_parent(to)?;
        self.write(|tx| {
            // Told to the terminals from here on: what they keep of earlier cases is no longer the only copy.
            set_meta(tx, BACKED_UP, &manifest.sequence.to_le_bytes())?;
            let detail = json!({ "sequence": manifest.sequence, "files": manifest.files });
            audit::append(tx, now, &audit::Entry { who: by, verb: "backup.made", subject: "hall", detail }).map(drop)
        })?;
        Ok(manifest)
    }

    /// Puts a backup into the new folder `dir`, with the key that belongs to it, as a new incarnation.
    ///
    /// # Errors
    /// [`LedgerError::HallExists`], [`LedgerError::WrongKey`], or a file of the backup that is missing or damaged.
    pub fn restore(
        backup: &Path,
        dir: &Path,
        key: &LedgerKey,
        rules: std::sync::Arc<super::Rules>,
        ids: crate::clock::Ids,
        now: Timestamp,
    ) -> Result<(Self, LedgerMark), LedgerError> {
        if dir.join(DATABASE).exists() || dir.join(KEY_FILE).exists() {
            return Err(LedgerError::HallExists(dir.to_owned()));
        }
        if !backup.join(MANIFEST).exists() {
            return Err(LedgerError::NoHall(backup.to_owned()));
        }
        // A wrong key is noticed before anything is written.
        drop(schema::open(&backup.join(DATABASE), &key.derive("database"), schema::Access::Read)?);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir.join(PAGES))?;
        copy_durably(&backup.join(DATABASE), &dir.join(DATABASE))?;
        key.write(&dir.join(KEY_FILE))?;
        let ledger = Self::open(dir, key, rules, ids)?;
        let source = ledger.vault.beside(backup.join(PAGES));
        let names: Vec<(String, i64)> = ledger.read(|db| {
            let mut query = db.prepare("SELECT name, sealed_len FROM files")?;
            let found = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok::<_, LedgerError>(found.collect::<Result<_, _>>()?)
        })?;
        for (name, sealed_len) in names {
            source.copy_to(&ledger.vault, &name, sealed_len as u64)?;
        }
        let mark = ledger.begin_incarnation("restored", now)?;
        Ok((ledger, mark))
    }

    /// Draws a new incarnation: what terminals heard from the old one may not be known here.
    pub fn begin_incarnation(&self, why: &'static str, now: Timestamp) -> Result<LedgerMark, LedgerError> {
        let now = truncate(now);
        let incarnation = self.ids.uuid(now)?;
        let stands = self.write(|tx| {
            let before = mark(tx)?;
            set_meta(tx, "incarnation", incarnation.to_string().as_bytes())?;
            // Milliseconds, for the same backup may be put back twice: no incarnation goes on where an earlier
            // one did, and none tells a thousand things a second.
            tx.execute("UPDATE points SET feed_sequence = max(feed_sequence + ?1, ?2)", [FEED_LEAP, now.as_millisecond()])?;
            events::touch_all(tx, None)?;
            let detail = json!({ "why": why, "before": before.incarnation, "sequence": before.sequence });
            audit::append(tx, now, &audit::Entry { who: "hall", verb: "ledger.incarnation", subject: "hall", detail })?;
            mark(tx)
        })?;
        self.note_mark(&stands)?;
        Ok(stands)
    }

    /// Compares the ledger with the mark beside it and moves the mark on. A mark that names a place where
    /// this ledger never stood means that another database was put in its place: a new incarnation begins.
    /// Returns true then.
    pub fn check_mark(&self, now: Timestamp) -> Result<bool, LedgerError> {
        let path = self.dir.join(MARK);
        let noted: Option<LedgerMark> = fs::read_to_string(&path).ok().and_then(|text| serde_json::from_str(&text).ok());
        let (stands, went_back) = self.read(|db| {
            let stands = mark(db)?;
            let went_back = match noted {
                None => false,
                // An image of an earlier incarnation; or the power failed between the drawing of a new one
                // and the note of it, which costs no more than another.
                Some(noted) if noted.incarnation != stands.incarnation => true,
                Some(noted) => match audit::hash_at(db, noted.sequence)? {
                    None => true,
                    Some(hash) => noted.chain.is_some_and(|chain| chain != hash),
                },
            };
            Ok::<_, LedgerError>((stands, went_back))
        })?;
        if went_back {
            self.begin_incarnation("mark_ahead", now)?;
            return Ok(true);
        }
        self.note_mark(&stands)?;
        Ok(false)
    }

    /// Whether this ledger went back behind the place where a terminal of `point` saw it stand. Then a new
    /// incarnation begins, at most once a day, for every terminal offers everything again after it, which a
    /// single broken one must not be able to ask for all the time. Within that day the terminal alone is
    /// told, and its point hears everything anew.
    pub fn went_back(&self, point: &str, known: &Known, now: Timestamp) -> Result<bool, LedgerError> {
        let there = self.read::<_, LedgerError>(|db| {
            // The terminal sees for itself that this is another incarnation.
            let other = mark(db)?.incarnation != known.incarnation;
            Ok(other || audit::hash_at(db, known.sequence)? == Some(known.chain))
        })?;
        if there {
            return Ok(false);
        }
        if self.read(|db| events::incarnation_begun_lately(db, now))? {
            self.write(|tx| events::touch_all(tx, Some(point)))?;
        } else {
            self.begin_incarnation("known_ahead", now)?;
        }
        Ok(true)
    }

    fn note_mark(&self, stands: &LedgerMark) -> Result<(), LedgerError> {
        let text = serde_json::to_string(stands).map_err(|_| LedgerError::Damaged("json"))?;
        write_whole(&self.dir.join(MARK), &text)
    }
}

/// Writes a small file so that it is there whole or not at all.
fn write_whole(path: &Path, text: &str) -> Result<(), LedgerError> {
    let new = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    sync_parent(path)
}

fn copy_durably(from: &Path, to: &Path) -> Result<(), LedgerError> {
    let mut source = File::open(from)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    std::io::copy(&mut source, &mut file)?;
    file.sync_all()?;
    sync_parent(to)
}
