//! Opening, creating and upgrading the file.
//!
//! # The tables, in prose
//! - `setting`: one named JSON value a row: admission, agents, cursor, epoch, next number …
//! - `failure`: failed sign-ins of an account.
//! - `draft`: a filing that is being filled in; `content` is its JSON.
//! - `filing`: a sealed filing; `content` are its canonical bytes, `digest` their SHA-256. The
//!   other columns repeat what lists show. `draft` is the draft it was, so that a late save
//!   cannot bring it back.
//! - `act`: what is sent to the hall, in the order of `id`; `content` are its canonical bytes.
//!   A receipt is kept verbatim. `mark` is the hall's ledger sequence first seen after the
//!   receipt, `again` asks to offer the act anew because the hall went back behind it.
//! - `page`: a picture, once, whoever uses it. `place`: where a page belongs: to a draft until
//!   it is sealed, then to the act that carries it. `upload`: how much of a page the hall has.
//! - `frame`: what the camera saw, by the digest of the page that was cut from it. Only where the town wants it; never sent,
//!   and gone with its page. Salvage leaves it behind: the page is the document.
//! - `hall_case`: the newest view of a case. `era` counts the hall's restored backups: inside
//!   one era a lower revision never replaces a higher one.
//! - `roll`: one line for every sealed number, apart from the filing itself, so that a number
//!   whose filing is destroyed can still be named.
//! - `finding`: what a filing is found by.
//! - `package`: what the town offers of its data, and what of it is held; `package_file`: the files of
//!   packages, each once by its digest. `message`: what the town told. None of these is salvaged: after
//!   that the feed tells all of it again.
//!
//! # History, one line a version
//! 1. The cabinet.
//! 2. Packages and messages.
//! 3. Frames beside their pages.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, TransactionBehavior, config::DbConfig};

use crate::{CabinetError, key::CabinetKey, salvage, settings};

/// Marks the file as a cabinet ("VPcb").
pub(crate) const APPLICATION_ID: i32 = 0x5650_6362;

/// All migrations, oldest first; their count is the schema version. A migration is SQL alone:
/// it never calls today's code.
pub(crate) const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_cabinet.sql"),
    include_str!("migrations/0002_packages.sql"),
    include_str!("migrations/0003_frame.sql"),
];

/// What opening found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Nothing,
    Current,
    Older { version: u32 },
}

/// A bare connection with the key and the pragmas that do not write.
pub(crate) fn connect(path: &Path, key: &CabinetKey, flags: OpenFlags) -> Result<Connection, CabinetError> {
    #[expect(clippy::disallowed_methods, reason = "the one place that opens a cabinet")]
    let conn = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // Before the key: SQLCipher otherwise prints its complaints to standard error.
    conn.execute_batch("PRAGMA cipher_log_level = NONE;")?;
    conn.execute_batch(&key.pragma())?;
    // `cipher_memory_security` stays off: it locks and unlocks every single allocation, and a
    // list of ten filings took 33 ms instead of 0.3, an opening 150 ms instead of 0.8 (measured).
    // SQLCipher keeps the keys in locked, wiped memory either way; pages in the cache are
    // guarded as all of the terminal's data are: no swap, no core dump.
    conn.execute_batch(
        "PRAGMA cipher_memory_security = OFF;
         PRAGMA trusted_schema = OFF;
         PRAGMA foreign_keys = ON;
         PRAGMA busy_timeout = 5000;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -16000;",
    )?;
    // A plan does not hang on the values that are bound: without this SQLite compiles most statements anew each time
    // they are run with others (a sixth of all work in the cabinet and the ledger, measured).
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}

/// Looks at the file without changing what it says. SQLite takes a file that is shorter than a page as
/// empty, and deletes a log that has no file: here both are damage, and so is an empty file
/// where a cabinet stood before (`stood`). Also the connection by which it looked, when that can only read.
fn look(path: &Path, key: &CabinetKey, known: u32, stood: bool) -> Result<(Found, Option<Connection>), CabinetError> {
    let nothing = || Ok((Found::Nothing, None));
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let orphan = salvage::log_of(path).try_exists()?;
            return if orphan { Err(CabinetError::Damaged) } else { nothing() };
        }
        Err(error) => return Err(error.into()),
        Ok(file) if file.len() == 0 => return if stood { Err(CabinetError::Damaged) } else { nothing() },
        Ok(file) if file.len() < salvage::PAGE as u64 => return Err(CabinetError::Damaged),
        Ok(_) => {}
    }
    let facts_by = |flags| connect(path, key, flags).and_then(|conn| Ok((facts_of(&conn)?, conn)));
    let (facts, reading) = match facts_by(OpenFlags::SQLITE_OPEN_READ_ONLY) {
        Ok((facts, conn)) => (Ok(facts), Some(conn)),
        // A backup is one file without a log. Where the power failed while the first program that opened one
        // gave it a log, a journal lies beside it, which SQLite takes back when it may write.
        Err(CabinetError::Disk(error)) if is_unfinished(&error) => {
            (facts_by(OpenFlags::SQLITE_OPEN_READ_WRITE).map(|(facts, _)| facts), None)
        }
        Err(error) => (Err(error), None),
    };
    let (application, version, tables) = facts.map_err(|error| judge(path, key, error))?;
    let found = match (application, version) {
        // Created, but killed before the first commit.
        (0, 0) if tables == 0 && !stood => Found::Nothing,
        (0, 0) if tables == 0 => return Err(CabinetError::Damaged),
        (APPLICATION_ID, version) if version > known => return Err(CabinetError::NewerSchema { found: version, known }),
        (APPLICATION_ID, version) if version == known => Found::Current,
        (APPLICATION_ID, version) if version > 0 => Found::Older { version },
        _ => return Err(CabinetError::NotACabinet),
    };
    Ok((found, reading))
}

/// A transaction that was broken off waits to be taken back (<https://sqlite.org/rescode.html#readonly_rollback>).
fn is_unfinished(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_READONLY_ROLLBACK)
}

fn facts_of(conn: &Connection) -> Result<(i32, u32, i64), CabinetError> {
    let application = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let tables = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok((application, version, tables))
}

/// A file that cannot be decrypted has either another key or broken bytes: two different screens.
fn judge(path: &Path, key: &CabinetKey, error: CabinetError) -> CabinetError {
    match error {
        CabinetError::Damaged => match salvage::key_fits(path, key) {
            Ok(false) => CabinetError::WrongKey,
            Ok(true) => CabinetError::Damaged,
            Err(error) => error,
        },
        other => other,
    }
}

/// Opens for writing; creates or upgrades. The caller holds the lock.
///
/// # Errors
/// [`CabinetError::WrongKey`], [`CabinetError::Damaged`], [`CabinetError::NewerSchema`],
/// [`CabinetError::NotACabinet`] before anything was written.
pub(crate) fn open(
    path: &Path,
    key: &CabinetKey,
    migrations: &[&str],
    stood: bool,
    now: Timestamp,
) -> Result<(Connection, Found), CabinetError> {
    let known = u32::try_from(migrations.len()).map_err(|_| CabinetError::Contradiction("migrations"))?;
    let (found, looked) = look(path, key, known, stood)?;
    drop(looked);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut conn = connect(path, key, flags)?;
    if found == Found::Nothing {
        // Only counts before the first table.
        conn.execute_batch("PRAGMA auto_vacuum = INCREMENTAL;")?;
    }
    let mode: String = conn.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        return Err(CabinetError::Contradiction("journal mode"));
    }
    conn.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA journal_size_limit = 67108864;
         PRAGMA secure_delete = ON;",
    )?;
    match found {
        Found::Current => {}
        Found::Nothing => {
            let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
            apply(&tx, migrations, 0)?;
            settings::put(&tx, settings::CREATED_AT, &now)?;
            tx.commit()?;
        }
        Found::Older { version } => {
            set_copy_aside(&conn, path, version)?;
            let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
            apply(&tx, migrations, version)?;
            tx.commit()?;
        }
    }
    Ok((conn, found))
}

/// Runs the migrations after `from` and stamps the file, inside the caller's transaction.
fn apply(conn: &Connection, migrations: &[&str], from: u32) -> Result<(), CabinetError> {
    for migration in migrations.iter().skip(from as usize) {
        conn.execute_batch(migration)?;
    }
    conn.pragma_update(None, "application_id", APPLICATION_ID)?;
    conn.pragma_update(None, "user_version", migrations.len() as u32)?;
    Ok(())
}

/// A whole copy beside the file before it is changed: the way back from a bad upgrade.
fn set_copy_aside(conn: &Connection, path: &Path, version: u32) -> Result<(), CabinetError> {
    let target = path.with_added_extension(format!("schema-{version}"));
    let draft = target.with_added_extension("part");
    match std::fs::remove_file(&draft) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    copy_into(conn, &draft)?;
    std::fs::rename(&draft, &target)?;
    Ok(crate::key::sync_folder_of(&target)?)
}

/// `VACUUM INTO`: an encrypted copy under the same key, on the disk when this returns.
pub(crate) fn copy_into(conn: &Connection, target: &Path) -> Result<(), CabinetError> {
    let name = target.to_str().ok_or(CabinetError::Contradiction("path is not UTF-8"))?;
    conn.execute("VACUUM INTO ?1", [name])?;
    std::fs::File::open(target)?.sync_all()?;
    Ok(())
}

/// Opens for reading, beside the writer or without one.
///
/// # Errors
/// As [`open`]; [`CabinetError::Io`] when there is no cabinet.
pub(crate) fn open_reading(path: &Path, key: &CabinetKey) -> Result<Connection, CabinetError> {
    let known = MIGRATIONS.len() as u32;
    // No `query_only`: it would forbid the backup, which writes to another file.
    match look(path, key, known, false)? {
        (Found::Current, Some(conn)) => Ok(conn),
        (Found::Current, None) => connect(path, key, OpenFlags::SQLITE_OPEN_READ_ONLY),
        (Found::Nothing, _) => Err(std::io::Error::from(std::io::ErrorKind::NotFound).into()),
        (Found::Older { .. }, _) => Err(CabinetError::Contradiction("the cabinet must be opened for writing once")),
    }
}

/// Says inside a fresh copy that it is one, so that whoever opens it draws a new epoch.
pub(crate) fn stamp_copy(path: &Path, key: &CabinetKey) -> Result<(), CabinetError> {
    let conn = connect(path, key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    conn.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA; PRAGMA secure_delete = ON;")?;
    settings::put(&conn, settings::COPY, &true)
}
