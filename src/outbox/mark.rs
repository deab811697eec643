//! The mark beside the cabinet: what this machine last wrote, outside the file that a backup
//! brings back. It is how a restored or copied cabinet is told from the one that stood here.

use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use matters::Digest;
use serde::{Deserialize, Serialize};

use crate::{CabinetError, key::sync_folder_of};

/// Sequence numbers are reserved in the mark in blocks of this many, on the disk before the
/// first of a block is handed out: a restored cabinet starts behind all that were ever used.
pub(crate) const BLOCK: u64 = 64;

/// What identifies the machine on which a cabinet stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Machine(String);

impl Machine {
    /// From whatever the caller knows to be different on every machine; only a digest is kept.
    pub fn from_text(text: &str) -> Self {
        let digest = Digest::of(format!("village-point machine 1\0{text}").as_bytes()).to_string();
        Self(digest[..32].to_owned())
    }

    /// This machine by `/etc/machine-id` (machine-id(5)), which an installation draws once.
    /// Where there is none, all machines look alike and only the other signs remain.
    pub fn here() -> Self {
        Self::from_text(fs::read_to_string("/etc/machine-id").unwrap_or_default().trim())
    }
}

/// Contents of the mark: no secret and nothing about people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark {
    pub format: u32,
    pub machine: Machine,
    pub epoch: String,
    /// No sequence number from here on was ever handed out.
    pub reserved: u64,
    /// How often the cabinet was opened for writing.
    pub openings: u64,
    /// Inode of the cabinet's file: another file under the same name has another one.
    pub inode: u64,
}

impl Mark {
    /// `None` when there is none or it cannot be understood: both are treated as "not from here".
    pub fn read(cabinet: &Path) -> Option<Self> {
        let mark: Self = serde_json::from_slice(&fs::read(path_of(cabinet)).ok()?).ok()?;
        (mark.format == 1).then_some(mark)
    }

    /// Replaces the mark in one step, durably.
    ///
    /// # Errors
    /// [`CabinetError::Full`], [`CabinetError::Io`]; the old mark then still stands.
    pub fn write(&self, cabinet: &Path) -> Result<(), CabinetError> {
        let path = path_of(cabinet);
        let draft = path.with_added_extension("new");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        let text = serde_json::to_vec(self).map_err(|_| CabinetError::Contradiction("mark"))?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&draft, &path)?;
        Ok(sync_folder_of(&path)?)
    }
}

fn path_of(cabinet: &Path) -> PathBuf {
    cabinet.with_added_extension("mark")
}

pub(crate) fn inode_of(cabinet: &Path) -> Result<u64, CabinetError> {
    Ok(fs::metadata(cabinet)?.ino())
}

/// Takes the lock beside the cabinet. The kernel lets go of it with the last holder,
/// however that ends; the file itself stays and means nothing.
pub(crate) fn lock(cabinet: &Path) -> Result<File, CabinetError> {
    let path = cabinet.with_added_extension("lock");
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(CabinetError::Held),
        Err(fs::TryLockError::Error(error)) => Err(error.into()),
    }
}
