//! Mending: the damaged file is set aside and kept, and what is whole moves into a new cabinet.
//!
//! Steps, each durable before the next, so that a kill at any moment leads back here:
//! 1. file and log get a second name in a folder of their own (`….damaged-<time>`);
//! 2. `….mending` names that folder; from here on [`Cabinet::open`] says "damaged";
//! 3. a new cabinet is filled under `….new`;
//! 4. the old log goes, the new file takes the old one's name, `….mending` goes.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    key_fits, restore,
    source::{Source, log_of},
};
use crate::{
    Cabinet, CabinetError, CabinetKey, Reading,
    key::sync_folder_of,
    mark::{self, Machine},
    schema::{self, MIGRATIONS},
    settings,
};

/// What mending saved and what it could not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Salvage {
    pub at: Timestamp,
    /// The folder that keeps the damaged file. The key stays the same for both.
    pub set_aside: PathBuf,
    pub filings: u64,
    pub drafts: u64,
    pub pages: u64,
    pub lost: Vec<Lost>,
}

/// Something that could not be saved, named as well as it can be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Lost {
    pub case_number: Option<String>,
    /// Id of the filing or draft.
    pub id: Uuid,
    pub part: LostPart,
    /// The hall has receipted it: nothing is missing for the resident.
    pub held_by_hall: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LostPart {
    /// The sealed filing, or the act that files it.
    Filing,
    /// A later act on the filing cannot go without its pages: it is in quarantine.
    Act,
    /// The filing is there, but so many of its pages are not.
    Pages { count: u32 },
    /// The draft is there, but so many of its pages are not.
    DraftPages { count: u32 },
}

impl Cabinet {
    /// Opens a new cabinet with everything of the damaged one that is whole, on this machine.
    /// All readings must be closed. See [`Cabinet::mend_on`].
    ///
    /// # Errors
    /// As [`Cabinet::mend_on`].
    pub fn mend(path: &Path, key: &CabinetKey, now: Timestamp) -> Result<(Self, Salvage), CabinetError> {
        Self::mend_on(path, key, &Machine::here(), now)
    }

    /// The damaged file is kept, whole, beside the new one. Drafts, filings, acts and pages whose
    /// digest verifies are saved; what is not is listed by number. What the hall must be asked
    /// again (feed, state of uploads) starts anew, and a new epoch is drawn.
    ///
    /// # Errors
    /// [`CabinetError::Held`], [`CabinetError::WrongKey`]; [`CabinetError::Full`] when there is
    /// no room for a second file: nothing is lost then, and mending can be asked for again.
    pub fn mend_on(path: &Path, key: &CabinetKey, machine: &Machine, now: Timestamp) -> Result<(Self, Salvage), CabinetError> {
        let lock = mark::lock(path)?;
        let aside = match begun(path)? {
            Some(aside) => aside,
            None => set_aside(path, key, now)?,
        };
        tracing::error!(aside = ?aside.file_name(), "cabinet damaged: set aside");
        let new = path.with_added_extension("new");
        remove(&new)?;
        remove(&log_of(&new))?;
        let source = Source::open(&aside.join(name_of(path)), key)?;
        let (mut conn, _) = schema::open(&new, key, MIGRATIONS, false, now)?;
        let saved = restore::restore(&source, &mut conn, now)?;
        let salvage = Salvage {
            at: now,
            set_aside: aside,
            filings: saved.filings,
            drafts: saved.drafts,
            pages: saved.pages,
            lost: saved.lost,
        };
        settings::put(&conn, settings::SALVAGE, &salvage)?;
        // Closing folds the log into the file; a log that stays would be lost with its name.
        conn.close().map_err(|(_, error)| error)?;
        if log_of(&new).try_exists()? {
            return Err(CabinetError::Contradiction("the new cabinet's log is still open"));
        }
        fs::File::open(&new)?.sync_all()?;
        // A log belongs to whatever file stands beside it: the old one must go first.
        remove(&log_of(path))?;
        remove(&shared_of(path))?;
        sync_folder_of(path)?;
        fs::rename(&new, path)?;
        sync_folder_of(path)?;
        remove(&note_of(path))?;
        sync_folder_of(path)?;
        let cabinet = Self::open_locked(path, key, machine, lock, now)?;
        tracing::warn!(salvage.filings, salvage.drafts, salvage.pages, lost = salvage.lost.len(), "cabinet mended");
        Ok((cabinet, salvage))
    }
}

impl Reading {
    /// What the last mending saved and lost; `None` when there never was one.
    ///
    /// # Errors
    /// When the cabinet cannot be read.
    pub fn salvage(&self) -> Result<Option<Salvage>, CabinetError> {
        settings::get(&self.conn, settings::SALVAGE)
    }
}

/// A mending was begun and not finished.
pub(crate) fn is_being_mended(path: &Path) -> Result<bool, CabinetError> {
    Ok(note_of(path).try_exists()?)
}

fn note_of(path: &Path) -> PathBuf {
    path.with_added_extension("mending")
}

fn shared_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-shm");
    name.into()
}

fn name_of(path: &Path) -> &Path {
    Path::new(path.file_name().unwrap_or_default())
}

/// The folder of a mending that was begun.
fn begun(path: &Path) -> Result<Option<PathBuf>, CabinetError> {
    match fs::read_to_string(note_of(path)) {
        // Written with a rename, so it is whole or not there.
        Ok(name) => Ok(Some(path.with_file_name(name))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Steps 1 and 2.
fn set_aside(path: &Path, key: &CabinetKey, now: Timestamp) -> Result<PathBuf, CabinetError> {
    // A file that is gone may have left its log; an emptied one fits any key.
    let file = fs::OpenOptions::new().append(true).create(true).open(path)?;
    if file.metadata()?.len() > 0 && !key_fits(path, key)? {
        return Err(CabinetError::WrongKey);
    }
    let aside = path.with_added_extension(format!("damaged-{}", now.as_second()));
    fs::create_dir_all(&aside)?;
    for file in [path.to_owned(), log_of(path)] {
        match fs::hard_link(&file, aside.join(name_of(&file))) {
            Ok(()) => {}
            Err(error) if matches!(error.kind(), ErrorKind::AlreadyExists) => {}
            Err(error) if error.kind() == ErrorKind::NotFound && file != path => {}
            Err(error) => return Err(error.into()),
        }
    }
    fs::File::open(&aside)?.sync_all()?;
    sync_folder_of(path)?;
    let note = note_of(path);
    let draft = note.with_added_extension("part");
    let name = aside.file_name().and_then(|name| name.to_str()).ok_or(CabinetError::Contradiction("path is not UTF-8"))?;
    fs::write(&draft, name)?;
    fs::File::open(&draft)?.sync_all()?;
    fs::rename(&draft, &note)?;
    sync_folder_of(path)?;
    Ok(aside)
}

fn remove(path: &Path) -> Result<(), CabinetError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
