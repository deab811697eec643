//! The ledger's file: how it is opened, and its versions.
//!
//! | version | what changed |
//! |---|---|
//! | 1 | points, accounts, terminals, files, pages, acts, cases, corrections, results, feed, audit |
//! | 2 | deposits: keys of cabinets, sealed to the town's recovery key |
//! | 3 | evaluations and complaints |
//! | 4 | heartbeats of the terminals |
//! | 5 | steps of a case: forwarded, special procedures, extensions, delivery |
//! | 6 | marks: values that may be filed once |
//! | 7 | packages of data for the terminals, messages to the points |
//!
//! Tables in prose: **points** are the service points, each with the counter of its feed. **users** are
//! people (agents and clerks) with an argon2id verifier; **sessions** are theirs at the desk. **codes**
//! admit one terminal once; **terminals** are the admitted machines. **files** are the sealed files in
//! `pages/`; **uploads** grow into **pages**, which are known by (point, digest). **acts** are what
//! terminals did, verbatim, with the answer they got, and never change. **cases** hold what acts and
//! decisions made of each filing; **corrections**, **steps**, **marks** and **results** belong to them. **events** order what
//! the feed has to tell; **packages** with their **package_files** are the town's data of today, **messages** what
//! it told its points; **audit** is the chain of everything that was done.

use std::{os::unix::fs::OpenOptionsExt as _, path::Path};

use rusqlite::{Connection, OpenFlags, TransactionBehavior, config::DbConfig};
use zeroize::Zeroizing;

use super::LedgerError;

/// "VPth": a file of another program with the same key would be refused.
const APPLICATION_ID: i32 = 0x5650_7468;
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_recovery.sql"),
    include_str!("migrations/0003_voices.sql"),
    include_str!("migrations/0004_heartbeat.sql"),
    include_str!("migrations/0005_steps.sql"),
    include_str!("migrations/0006_marks.sql"),
    include_str!("migrations/0007_packages.sql"),
];

pub(super) const VERSION: u32 = MIGRATIONS.len() as u32;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Makes the file; it must not exist.
    Create,
    Write,
    Read,
}

/// Opens the file with all its pragmas; brings an older schema up to [`VERSION`] unless reading.
pub(super) fn open(path: &Path, key: &[u8; 32], access: Access) -> Result<Connection, LedgerError> {
    let mut db = open_keyed(path, key, access == Access::Create)?;
    let found: u32 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let application: i32 = db.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    if !(application == APPLICATION_ID || (found == 0 && application == 0 && access == Access::Create)) {
        return Err(LedgerError::NotALedger);
    }
    if found > VERSION {
        return Err(LedgerError::NewerSchema { found, known: VERSION });
    }
    db.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA journal_size_limit = 67108864;
         PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA secure_delete = ON;",
    )?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    // A plan does not hang on the values that are bound: without this SQLite compiles most statements anew each time
    // they are run with others.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // More than there are different statements.
    db.set_prepared_statement_cache_capacity(128);
    if access == Access::Read {
        db.execute_batch("PRAGMA query_only = ON;")?;
        return Ok(db);
    }
    if found < VERSION {
        upgrade(&mut db, found)?;
    }
    Ok(db)
}

/// An empty file with the key set and nothing else: what a backup is copied into.
pub(super) fn open_bare(path: &Path, key: &[u8; 32]) -> Result<Connection, LedgerError> {
    open_keyed(path, key, true)
}

fn open_keyed(path: &Path, key: &[u8; 32], create: bool) -> Result<Connection, LedgerError> {
    // Readers, too, open for writing and are held back by a pragma: who reads a WAL file must be
    // able to make its -shm file.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if create {
        // Made here, for SQLite would make it readable by others; its log files take over this mode.
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    }
    #[expect(clippy::disallowed_methods, reason = "this is the file that opens, with all its pragmas")]
    let db = Connection::open_with_flags(path, flags)?;
    // SQLCipher prints errors to standard error unless told not to, before the key is set.
    db.execute_batch("PRAGMA cipher_log_level = NONE;")?;
    let pragma = Zeroizing::new(format!("PRAGMA key = \"x'{}'\";", *Zeroizing::new(hex::encode(key))));
    db.execute_batch(&pragma)?;
    // `cipher_memory_security` stays off, as in the terminal's cabinet and for its reason: it locks and
    // unlocks every single allocation. The keys are in locked, wiped memory either way.
    db.execute_batch(
        "PRAGMA cipher_memory_security = OFF;
         PRAGMA auto_vacuum = INCREMENTAL;
         PRAGMA busy_timeout = 5000;",
    )?;
    Ok(db)
}

fn upgrade(db: &mut Connection, found: u32) -> Result<(), LedgerError> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another program may have done it while this one waited for the lock.
    let found: u32 = tx.query_row("PRAGMA user_version", [], |row| row.get(0)).map(|now: u32| now.max(found))?;
    for (number, sql) in MIGRATIONS.iter().enumerate().skip(found as usize) {
        tx.execute_batch(sql)?;
        tx.pragma_update(None, "user_version", number as u32 + 1)?;
    }
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.commit()?;
    Ok(())
}
