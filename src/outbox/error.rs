//! What can go wrong in the cabinet, by what somebody must do about it.

use std::{io, path::PathBuf};

use rusqlite::ErrorCode;

/// Why the cabinet did not do it. Whatever the kind: the call changed nothing.
///
/// No variant carries a value out of a row, so that an error may be logged.
#[derive(Debug, thiserror::Error)]
pub enum CabinetError {
    /// The file is whole, but this key does not open it. Nothing was written.
    #[error("the key does not open this cabinet")]
    WrongKey,
    /// The key file can be read by others than its owner.
    #[error("the key file has mode {mode:o}; 600 or 400 is required")]
    KeyMode { mode: u32 },
    /// The key file does not hold 64 hex digits.
    #[error("the key file does not hold a key")]
    KeyFile,
    /// Written by a newer program. Nothing was written.
    #[error("the cabinet has schema {found}, this program knows {known}")]
    NewerSchema { found: u32, known: u32 },
    /// The file opens with this key, but is no cabinet.
    #[error("the file is a database, but no cabinet")]
    NotACabinet,
    /// Bytes on the disk are not those that were written. The connection that met them says
    /// nothing else from then on; another one still reads what is whole. See [`crate::Cabinet::mend`].
    #[error("the cabinet's file is damaged")]
    Damaged,
    /// Too little free space to keep what is being entered.
    #[error("too little free space on the disk")]
    Full,
    /// Another program holds the cabinet.
    #[error("another program holds the cabinet")]
    Held,
    /// The disk refused to read or write for another reason than space.
    #[error("the disk does not read or write")]
    Disk(#[source] rusqlite::Error),
    #[error("no draft with this id")]
    NoDraft,
    /// The draft was sealed or sent already; a late save must not bring it back.
    #[error("the draft was sealed already")]
    Closed,
    #[error("no page there")]
    NoPage,
    #[error("no act with this id")]
    NoAct,
    /// A page or draft is larger than the cabinet takes.
    #[error("{bytes} bytes are more than the cabinet takes ({bytes_max})")]
    TooLarge { bytes: u64, bytes_max: u64 },
    /// The sealed pages are not the draft's pages: a page came or went since it was shown.
    #[error("the sealed pages are not the pages of the draft")]
    PagesDiffer,
    #[error("another filing has this case number")]
    NumberTaken,
    /// The same id with other bytes.
    #[error("another act or filing is kept under this id")]
    Conflict,
    /// A step that the state machine does not allow.
    #[error("an act in state {from} cannot become {to}")]
    IllegalStep { from: &'static str, to: &'static str },
    /// A row or an argument contradicts itself.
    #[error("contradiction: {0}")]
    Contradiction(&'static str),
    /// There is already a file where a new one should be written.
    #[error("a file exists already at the target")]
    Exists(PathBuf),
    #[error("SQL")]
    Sql(#[source] rusqlite::Error),
    #[error("file")]
    Io(#[source] io::Error),
}

impl CabinetError {
    /// Stable code by which the texts speak.
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongKey => "cabinet_wrong_key",
            Self::KeyMode { .. } => "cabinet_key_mode",
            Self::KeyFile => "cabinet_key_file",
            Self::NewerSchema { .. } => "cabinet_newer_schema",
            Self::NotACabinet => "cabinet_not_a_cabinet",
            Self::Damaged => "cabinet_damaged",
            Self::Full => "cabinet_full",
            Self::Held => "cabinet_held",
            Self::Disk(_) => "cabinet_disk",
            Self::NoDraft => "cabinet_no_draft",
            Self::Closed => "cabinet_closed",
            Self::NoPage => "cabinet_no_page",
            Self::NoAct => "cabinet_no_act",
            Self::TooLarge { .. } => "cabinet_too_large",
            Self::PagesDiffer => "cabinet_pages_differ",
            Self::NumberTaken => "cabinet_number_taken",
            Self::Conflict => "cabinet_conflict",
            Self::IllegalStep { .. } => "cabinet_illegal_step",
            Self::Contradiction(_) => "cabinet_contradiction",
            Self::Exists(_) => "cabinet_exists",
            Self::Sql(_) => "cabinet_sql",
            Self::Io(_) => "cabinet_io",
        }
    }
}

impl From<rusqlite::Error> for CabinetError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            // After a successful opening the key is right: a page that cannot be decrypted is damaged.
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Damaged,
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::SystemIoFailure | ErrorCode::ReadOnly | ErrorCode::CannotOpen) => Self::Disk(error),
            _ => Self::Sql(error),
        }
    }
}

impl From<io::Error> for CabinetError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => Self::Full,
            _ => Self::Io(error),
        }
    }
}
