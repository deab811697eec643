//! What can go wrong in the ledger: refusals that the asker must hear, and failures that he must not.

use std::{io, path::PathBuf};

use jiff::Timestamp;
use matters::State;
use wire::problem::Kind;

/// The ledger could not do it. Nothing was changed: every verb is one transaction.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("the ledger does not open with this key")]
    WrongKey,
    #[error("the key file {0} is readable by others; its mode must be 0600")]
    KeyMode(PathBuf),
    #[error("the key file is not 64 hexadecimal digits")]
    KeyForm,
    #[error("there is no hall in {0}; `town-hall init` makes one")]
    NoHall(PathBuf),
    #[error("there is a hall in {0} already")]
    HallExists(PathBuf),
    #[error("the ledger has schema {found}, this program knows {known}")]
    NewerSchema { found: u32, known: u32 },
    #[error("the file is not a ledger of this program")]
    NotALedger,
    #[error("another server is running on this directory")]
    Held,
    #[error("no room left on the disk")]
    Full,
    /// A row or a sealed file contradicts what was once written; `0` names it without its content.
    #[error("damaged: {0}")]
    Damaged(&'static str),
    #[error("the system gives no random numbers")]
    Random,
    #[error("the database failed")]
    Sql(#[source] rusqlite::Error),
    #[error("a file could not be read or written")]
    Io(#[source] io::Error),
}

impl LedgerError {
    /// Stable word for logs and command line.
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongKey => "wrong-key",
            Self::KeyMode(_) => "key-mode",
            Self::KeyForm => "key-form",
            Self::NoHall(_) => "no-hall",
            Self::HallExists(_) => "hall-exists",
            Self::NewerSchema { .. } => "newer-schema",
            Self::NotALedger => "not-a-ledger",
            Self::Held => "held",
            Self::Full => "full",
            Self::Damaged(_) => "damaged",
            Self::Random => "random",
            Self::Sql(_) => "sql",
            Self::Io(_) => "io",
        }
    }
}

impl From<rusqlite::Error> for LedgerError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            Some(rusqlite::ErrorCode::NotADatabase) => Self::WrongKey,
            Some(rusqlite::ErrorCode::DatabaseCorrupt) => Self::Damaged("database"),
            _ => Self::Sql(error),
        }
    }
}

impl From<io::Error> for LedgerError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io(error),
        }
    }
}

/// An act, an upload or a question of a terminal is turned away: a problem kind for the line,
/// a stable word saying which rule, never a person's data.
#[derive(Debug, thiserror::Error)]
pub enum Refuse {
    #[error("refused: {kind:?} ({rule})")]
    Because { kind: Kind, rule: &'static str },
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Refuse {
    pub fn because(kind: Kind, rule: &'static str) -> Self {
        Self::Because { kind, rule }
    }

    /// The problem that the terminal is told.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Because { kind, .. } => *kind,
            Self::Ledger(LedgerError::Full) => Kind::StorageFull,
            Self::Ledger(LedgerError::Sql(error))
                if matches!(
                    error.sqlite_error_code(),
                    Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked)
                ) =>
            {
                Kind::Busy
            }
            Self::Ledger(_) => Kind::Internal,
        }
    }
}

impl From<rusqlite::Error> for Refuse {
    fn from(error: rusqlite::Error) -> Self {
        Self::Ledger(error.into())
    }
}

impl From<io::Error> for Refuse {
    fn from(error: io::Error) -> Self {
        Self::Ledger(error.into())
    }
}

/// A clerk's decision is turned away. Nothing was changed; what he typed is the desk's to keep.
#[derive(Debug, thiserror::Error)]
pub enum DecideRefuse {
    /// Somebody acted on the case after the page was drawn: who, when, and how it stands now.
    #[error("the case has moved on to revision {revision}")]
    Stale { by: String, at: Timestamp, state: State, revision: u64 },
    /// The state machine does not allow it from here.
    #[error("not possible while the case is {state:?}")]
    NotNow { state: State },
    /// A field of the decision is missing or wrong: stable words, e.g. `reason`, `empty`.
    #[error("{field}: {fault}")]
    Faulty { field: &'static str, fault: &'static str },
    /// This account may not decide.
    #[error("this account may not decide")]
    NotAllowed,
    #[error("no such case")]
    NotFound,
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl From<rusqlite::Error> for DecideRefuse {
    fn from(error: rusqlite::Error) -> Self {
        Self::Ledger(error.into())
    }
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum LoginRefuse {
    /// Unknown account or wrong password: one answer for both.
    #[error("account or password is wrong")]
    Wrong { left: u32 },
    /// Five failures in a row: nobody gets in before this moment, with any password.
    #[error("locked until {until}")]
    Locked { until: Timestamp },
    /// The account's time is over, or it is for the village only.
    #[error("this account may not sign in here")]
    NotHere,
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl From<rusqlite::Error> for LoginRefuse {
    fn from(error: rusqlite::Error) -> Self {
        Self::Ledger(error.into())
    }
}
