//! Upkeep: integrity check, backup, retention, wiping.

use std::{os::unix::fs::OpenOptionsExt as _, path::Path};

use jiff::{SignedDuration, Timestamp};
use matters::Digest;
use rusqlite::Connection;
use uuid::Uuid;

use crate::{
    Cabinet, CabinetError, CabinetKey, Reading,
    key::sync_folder_of,
    pages,
    rows::{Col, checked},
    schema, settings,
};

/// What an integrity check found. Empty lists mean that every byte is as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Integrity {
    /// Pages of the file (not of filings) whose authentication fails.
    pub file_pages: u64,
    /// Complaints about the structure.
    pub structure: u64,
    /// Case numbers of filings whose own bytes or pages are not what was sealed.
    pub filings: Vec<String>,
    /// Drafts that cannot be read, or whose pages cannot.
    pub drafts: Vec<Uuid>,
}

impl Integrity {
    pub fn is_whole(&self) -> bool {
        *self == Self::default()
    }
}

/// What retention wiped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wiped {
    pub filings: u64,
    pub pages: u64,
    pub bytes: u64,
}

impl Cabinet {
    /// Checks every byte. Takes seconds on a full cabinet; a [`Reading`] does it without
    /// keeping the writer waiting.
    ///
    /// # Errors
    /// When the cabinet cannot be read at all; what is damaged is in the answer.
    pub fn integrity(&self) -> Result<Integrity, CabinetError> {
        integrity(&self.path, &self.key)
    }

    /// An encrypted copy under the same key at a path where nothing is yet. Who opens the copy
    /// later gets a new epoch ([`crate::Arrival::Restored`]).
    ///
    /// # Errors
    /// [`CabinetError::Exists`], [`CabinetError::Full`], [`CabinetError::Damaged`]; no half
    /// copy stays under that name.
    pub fn backup(&self, to: &Path) -> Result<(), CabinetError> {
        backup(&self.conn, &self.key, to)
    }

    /// Puts a backup where no cabinet is, with the key that belongs to it, and opens it: every filing and
    /// act of it is there, under a new epoch, so that no number is used twice.
    ///
    /// # Errors
    /// [`CabinetError::Exists`] when there is a cabinet, [`CabinetError::WrongKey`],
    /// [`CabinetError::NewerSchema`], [`CabinetError::Full`] …; nothing is left then.
    pub fn restore(backup: &Path, path: &Path, key: &CabinetKey, now: Timestamp) -> Result<Self, CabinetError> {
        if path.try_exists()? {
            return Err(CabinetError::Exists(path.to_owned()));
        }
        let part = path.with_added_extension("restored");
        let put = (|| {
            remove_if_there(&part)?;
            let mut file =
                std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part).map_err(CabinetError::from)?;
            std::io::copy(&mut std::fs::File::open(backup)?, &mut file)?;
            file.sync_all()?;
            // Opened under its passing name first: a wrong key or another file leaves nothing behind.
            drop(schema::open_reading(&part, key)?);
            // A link refuses an existing name, which a rename would overwrite.
            std::fs::hard_link(&part, path)?;
            Ok(sync_folder_of(path)?)
        })();
        for name in ["", "-wal", "-shm"] {
            let mut beside = part.clone().into_os_string();
            beside.push(name);
            remove_if_there(Path::new(&beside))?;
        }
        put.and_then(|()| Self::open(path, key, now))
    }

    /// Wipes the pages of every filing whose case ended at least `days` before `now`, whose
    /// receipts are all held, of which nothing waits, and which the hall says that a backup of its own
    /// holds. The filing and its receipt stay.
    ///
    /// # Errors
    /// When the cabinet cannot be written.
    pub fn wipe_ended(&mut self, now: Timestamp, days: u32) -> Result<Wiped, CabinetError> {
        let wait = SignedDuration::from_hours(24 * i64::from(days));
        let before = now.checked_sub(wait).unwrap_or(Timestamp::MIN);
        let wiped = self.write(|tx| {
            let backed_up: u64 = settings::get(tx, settings::BACKED_UP)?.unwrap_or(0);
            let filings: Vec<(i64, Uuid)> = tx
                .prepare_cached(
                    "SELECT f.id, f.uuid FROM filing AS f JOIN hall_case AS c ON c.filing = f.uuid
                     WHERE f.wiped_at IS NULL AND c.ended = 1 AND c.last_change <= ?1
                       AND NOT EXISTS (SELECT 1 FROM act AS a WHERE a.filing = f.uuid AND (a.receipt IS NULL OR a.again = 1
                           OR a.mark IS NULL OR a.mark > ?2))",
                )?
                .query_map((Col(before), i64::try_from(backed_up).unwrap_or(i64::MAX)), |row| {
                    Ok((row.get(0)?, row.get::<_, Col<Uuid>>(1)?.0))
                })?
                .collect::<Result<_, _>>()?;
            let (pages_before, bytes_before) = page_totals(tx)?;
            for (id, uuid) in &filings {
                let digests: Vec<Digest> = tx
                    .prepare_cached("SELECT p.sha256 FROM place AS p JOIN act AS a ON a.uuid = p.act WHERE a.filing = ?1")?
                    .query_map([Col(*uuid)], |row| Ok(row.get::<_, Col<Digest>>(0)?.0))?
                    .collect::<Result<_, _>>()?;
                tx.prepare_cached("UPDATE filing SET wiped_at = ?2 WHERE id = ?1")?.execute((id, Col(now)))?;
                digests.into_iter().try_for_each(|digest| pages::drop_if_unused(tx, digest))?;
            }
            let (pages_after, bytes_after) = page_totals(tx)?;
            Ok(Wiped { filings: filings.len() as u64, pages: pages_before - pages_after, bytes: bytes_before - bytes_after })
        })?;
        if wiped.filings > 0 {
            tracing::info!(wiped.filings, wiped.pages, wiped.bytes, "pages wiped");
            self.tidy_if_possible();
        }
        Ok(wiped)
    }

    /// Ends a wipe: what was deleted leaves the write-ahead log, and free pages the file. While
    /// a [`Reading`] is in the middle of something the log stays until the next time.
    ///
    /// # Errors
    /// When the cabinet cannot be written.
    pub fn tidy(&mut self) -> Result<(), CabinetError> {
        // The vacuum writes too, so the log is emptied after it.
        let mut statement = self.conn.prepare("PRAGMA incremental_vacuum")?;
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
        drop(rows);
        drop(statement);
        let busy: i64 = self.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy != 0 {
            tracing::debug!("the log is still being read");
        }
        Ok(())
    }
}

impl Cabinet {
    /// After a deletion that is done already: what cannot be tidied now is tidied next time.
    pub(crate) fn tidy_if_possible(&mut self) {
        if let Err(error) = self.tidy() {
            tracing::warn!(code = error.code(), "the cabinet is not tidy");
        }
    }
}

impl Reading {
    /// Checks every byte.
    ///
    /// # Errors
    /// When the cabinet cannot be read at all; what is damaged is in the answer.
    pub fn integrity(&self) -> Result<Integrity, CabinetError> {
        integrity(&self.path, &self.key)
    }

    /// As [`Cabinet::backup`], without keeping the writer waiting.
    ///
    /// # Errors
    /// As [`Cabinet::backup`].
    pub fn backup(&self, to: &Path) -> Result<(), CabinetError> {
        backup(&self.conn, &self.key, to)
    }
}

fn page_totals(conn: &Connection) -> Result<(u64, u64), CabinetError> {
    Ok(conn
        .prepare_cached("SELECT count(*), coalesce(sum(bytes), 0) FROM page")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

fn backup(conn: &Connection, key: &CabinetKey, to: &Path) -> Result<(), CabinetError> {
    if to.try_exists()? {
        return Err(CabinetError::Exists(to.to_owned()));
    }
    let part = to.with_added_extension("part");
    let made = (|| {
        remove_if_there(&part)?;
        schema::copy_into(conn, &part)?;
        schema::stamp_copy(&part, key)?;
        // A link refuses an existing name, which a rename would overwrite.
        std::fs::hard_link(&part, to)?;
        Ok(sync_folder_of(to)?)
    })();
    let removed = remove_if_there(&part);
    made.and(removed)
}

fn remove_if_there(path: &Path) -> Result<(), CabinetError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// A connection that met a page which cannot be decrypted answers nothing more, so that the
/// next question needs a new one.
struct Checker<'a> {
    path: &'a Path,
    key: &'a CabinetKey,
    conn: Option<Connection>,
}

impl Checker<'_> {
    /// The answer; `None` when it is damage.
    ///
    /// # Errors
    /// Everything else that goes wrong.
    fn ask<T>(&mut self, question: impl FnOnce(&Connection) -> Result<T, CabinetError>) -> Result<Option<T>, CabinetError> {
        let answer = match self.conn.take() {
            Some(conn) => Ok(conn),
            None => schema::open_reading(self.path, self.key),
        }
        .and_then(|conn| question(self.conn.insert(conn)));
        match answer {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if is_damage(&error) => {
                self.conn = None;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Complaints of a pragma that answers line by line; not to get an answer is one more.
    fn complaints(&mut self, pragma: &str) -> Result<u64, CabinetError> {
        let mut count = 0;
        let ended = self.ask(|conn| {
            let mut statement = conn.prepare(pragma)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                count += u64::from(row.get_ref(0)?.as_str().is_ok_and(|line| line != "ok"));
            }
            Ok(())
        })?;
        // The pragma may have met damage and gone on where its connection cannot.
        self.conn = None;
        Ok(count + u64::from(ended.is_none()))
    }
}

fn integrity(path: &Path, key: &CabinetKey) -> Result<Integrity, CabinetError> {
    let mut checker = Checker { path, key, conn: None };
    let mut found = Integrity {
        file_pages: checker.complaints("PRAGMA cipher_integrity_check")?,
        structure: checker.complaints("PRAGMA integrity_check")?,
        ..Integrity::default()
    };
    for (filing, case_number) in checker.ask(roll)?.unwrap_or_default() {
        if checker.ask(|conn| check_filing(conn, filing))?.is_none() {
            found.filings.push(case_number);
        }
    }
    for id in checker.ask(drafts)?.unwrap_or_default() {
        if checker.ask(|conn| check_draft(conn, id))?.is_none() {
            found.drafts.push(id);
        }
    }
    Ok(found)
}

fn is_damage(error: &CabinetError) -> bool {
    match error {
        CabinetError::Damaged | CabinetError::NoPage | CabinetError::Contradiction(_) => true,
        CabinetError::Sql(error) => {
            matches!(error, rusqlite::Error::SqliteFailure(..) | rusqlite::Error::FromSqlConversionFailure(..))
        }
        _ => false,
    }
}

fn roll(conn: &Connection) -> Result<Vec<(Uuid, String)>, CabinetError> {
    Ok(conn
        .prepare_cached("SELECT filing, case_number FROM roll ORDER BY id")?
        .query_map([], |row| Ok((row.get::<_, Col<Uuid>>(0)?.0, row.get(1)?)))?
        .collect::<Result<_, _>>()?)
}

fn drafts(conn: &Connection) -> Result<Vec<Uuid>, CabinetError> {
    Ok(conn
        .prepare_cached("SELECT uuid FROM draft ORDER BY id")?
        .query_map([], |row| Ok(row.get::<_, Col<Uuid>>(0)?.0))?
        .collect::<Result<_, _>>()?)
}

fn check_filing(conn: &Connection, filing: Uuid) -> Result<(), CabinetError> {
    let (content, digest, wiped): (Vec<u8>, Col<Digest>, bool) = conn
        .prepare_cached("SELECT content, digest, wiped_at IS NOT NULL FROM filing WHERE uuid = ?1")?
        .query_row([Col(filing)], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .map_err(missing_is_damage)?;
    checked(content, digest.0)?;
    let mut statement = conn.prepare_cached("SELECT id, content, digest FROM act WHERE filing = ?1")?;
    let mut acts = statement.query([Col(filing)])?;
    while let Some(act) = acts.next()? {
        checked(act.get(1)?, act.get::<_, Col<Digest>>(2)?.0)?;
    }
    if wiped {
        return Ok(());
    }
    let digests: Vec<Digest> = conn
        .prepare_cached("SELECT DISTINCT p.sha256 FROM place AS p JOIN act AS a ON a.uuid = p.act WHERE a.filing = ?1")?
        .query_map([Col(filing)], |row| Ok(row.get::<_, Col<Digest>>(0)?.0))?
        .collect::<Result<_, _>>()?;
    digests.into_iter().try_for_each(|digest| pages::verify(conn, digest))
}

fn check_draft(conn: &Connection, id: Uuid) -> Result<(), CabinetError> {
    // A draft that was sealed since the list was read is checked as a filing next time.
    let Some(draft) = crate::drafts::load(conn, id)? else { return Ok(()) };
    draft.pages.iter().try_for_each(|page| pages::verify(conn, page.sha256))
}

fn missing_is_damage(error: rusqlite::Error) -> CabinetError {
    match error {
        rusqlite::Error::QueryReturnedNoRows => CabinetError::Damaged,
        other => other.into(),
    }
}
