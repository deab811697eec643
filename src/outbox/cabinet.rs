//! The two ways to hold the cabinet: one that writes, any number that read.

use std::{
    cell::RefCell,
    fs::File,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use matters::Digest;
use rusqlite::{Connection, TransactionBehavior};

use crate::{
    CabinetError, feed,
    key::CabinetKey,
    mark::{self, Machine, Mark},
    numbers,
    pages::PAGE_BYTES_MAX,
    people, salvage,
    schema::{self, Found, MIGRATIONS},
};

/// Free space that must remain, beside twice [`PAGE_BYTES_MAX`], before anything new is drafted:
/// 200 MB, so that what is being entered can always be sealed.
pub const KEEP_FREE_BYTES: u64 = 200_000_000;

/// What opening found, for the window to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// There was no cabinet.
    Created,
    /// The cabinet that stood here.
    Reopened,
    /// The cabinet that stood here, raised to this program's schema.
    Upgraded { from: u32 },
    /// An older state, a copy, or a cabinet from another machine: a new epoch was drawn, so
    /// that no number is used twice.
    Restored,
}

/// The only writing connection to the cabinet. May move between threads, is used by one.
pub struct Cabinet {
    pub(crate) conn: Connection,
    pub(crate) path: PathBuf,
    pub(crate) key: CabinetKey,
    pub(crate) mark: Mark,
    pub(crate) arrival: Arrival,
    pub(crate) keep_free_bytes: u64,
    /// Held as long as the cabinet is; dropped after the connection.
    _lock: File,
}

/// A read-only connection, usable from another thread while the cabinet writes.
pub struct Reading {
    pub(crate) conn: Connection,
    pub(crate) path: PathBuf,
    pub(crate) key: CabinetKey,
    /// Pages whose digest was checked by this connection, newest last.
    pub(crate) checked: RefCell<Vec<Digest>>,
}

impl Cabinet {
    /// Opens the cabinet for writing; creates it or raises its schema when that is due.
    ///
    /// # Errors
    /// [`CabinetError::Held`] when another program holds it, [`CabinetError::WrongKey`],
    /// [`CabinetError::NewerSchema`], [`CabinetError::NotACabinet`], [`CabinetError::Damaged`]
    /// (see [`Cabinet::mend`]), [`CabinetError::Full`], [`CabinetError::Io`]. Whatever the
    /// error, the cabinet is as it was.
    pub fn open(path: &Path, key: &CabinetKey, now: Timestamp) -> Result<Self, CabinetError> {
        Self::open_on(path, key, &Machine::here(), now)
    }

    /// As [`Cabinet::open`], on a machine that the caller names.
    ///
    /// # Errors
    /// As [`Cabinet::open`].
    pub fn open_on(path: &Path, key: &CabinetKey, machine: &Machine, now: Timestamp) -> Result<Self, CabinetError> {
        let lock = mark::lock(path)?;
        if salvage::is_being_mended(path)? {
            return Err(CabinetError::Damaged);
        }
        Self::open_locked(path, key, machine, lock, now)
    }

    pub(crate) fn open_locked(
        path: &Path,
        key: &CabinetKey,
        machine: &Machine,
        lock: File,
        now: Timestamp,
    ) -> Result<Self, CabinetError> {
        let before = Mark::read(path);
        let (mut conn, found) = schema::open(path, key, MIGRATIONS, before.is_some(), now)?;
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (mark, same) = numbers::arrive(&tx, path, machine, before.as_ref(), found == Found::Nothing)?;
        people::settle_clock(&tx, now)?;
        feed::settle_listener(&tx)?;
        tx.commit()?;
        mark.write(path)?;
        let arrival = match found {
            Found::Nothing => Arrival::Created,
            _ if !same => Arrival::Restored,
            Found::Older { version } => Arrival::Upgraded { from: version },
            Found::Current => Arrival::Reopened,
        };
        tracing::info!(?arrival, openings = mark.openings, "cabinet open");
        Ok(Self { conn, path: path.to_owned(), key: key.clone(), mark, arrival, keep_free_bytes: KEEP_FREE_BYTES, _lock: lock })
    }

    /// Opens a read-only connection; needs no lock and no writer.
    ///
    /// # Errors
    /// As [`Cabinet::open`]; [`CabinetError::Io`] (not found) when there is no cabinet yet.
    pub fn reading(path: &Path, key: &CabinetKey) -> Result<Reading, CabinetError> {
        if salvage::is_being_mended(path)? {
            return Err(CabinetError::Damaged);
        }
        let conn = schema::open_reading(path, key)?;
        Ok(Reading { conn, path: path.to_owned(), key: key.clone(), checked: RefCell::default() })
    }

    pub fn arrival(&self) -> Arrival {
        self.arrival
    }

    /// Replaces [`KEEP_FREE_BYTES`], for a small disk; 0 asks for no reserve at all, so that the disk
    /// itself says when it is full.
    pub fn set_keep_free(&mut self, bytes: u64) {
        self.keep_free_bytes = bytes;
    }

    /// One durable transaction: on an error nothing of it remains.
    pub(crate) fn write<T>(&mut self, what: impl FnOnce(&Connection) -> Result<T, CabinetError>) -> Result<T, CabinetError> {
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = what(&tx)?;
        tx.commit()?;
        Ok(done)
    }

    /// True while there is room to draft: twice [`PAGE_BYTES_MAX`] plus [`KEEP_FREE_BYTES`].
    ///
    /// # Errors
    /// When the file system does not say.
    pub fn free_space_ok(&self) -> Result<bool, CabinetError> {
        if self.keep_free_bytes == 0 {
            return Ok(true);
        }
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let disk = rustix::fs::statvfs(folder).map_err(std::io::Error::from)?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        Ok(free >= self.keep_free_bytes.saturating_add(2 * PAGE_BYTES_MAX as u64))
    }

    /// # Errors
    /// [`CabinetError::Full`] when there is no room to draft.
    pub(crate) fn demand_space(&self) -> Result<(), CabinetError> {
        if self.free_space_ok()? { Ok(()) } else { Err(CabinetError::Full) }
    }
}

impl std::fmt::Debug for Cabinet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cabinet").field("arrival", &self.arrival).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reading")
    }
}

const _: () = {
    const fn may_move_between_threads<T: Send>() {}
    may_move_between_threads::<Cabinet>();
    may_move_between_threads::<Reading>();
};
