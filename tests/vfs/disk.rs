//! What a disk does that loses power: pure bookkeeping over the changes since the last sync.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What a disk writes in one piece.
const SECTOR: usize = 512;

/// All disks of this process, by folder.
static DISKS: Mutex<BTreeMap<PathBuf, Arc<Mutex<State>>>> = Mutex::new(BTreeMap::new());

/// A folder whose SQLite files can lose power. Dropped, the folder is an ordinary one again.
pub struct Disk {
    folder: PathBuf,
    state: Arc<Mutex<State>>,
}

/// What a power cut did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// Changes since the last sync that were lost whole, torn, or had reached the disk.
    pub lost: u64,
    pub torn: u64,
    pub kept: u64,
    /// Names that vanished or came back.
    pub names: u64,
}

#[derive(Default)]
pub(crate) struct State {
    dead: bool,
    /// Operations that reach for the disk: writes, truncations, syncs, removals.
    operations: u64,
    dies_at: Option<u64>,
    /// Says that it synced and did not.
    lying: bool,
    files: BTreeMap<PathBuf, Changes>,
    /// Removed without a sync of the folder: what stood there.
    removed: BTreeMap<PathBuf, Vec<u8>>,
}

#[derive(Default)]
struct Changes {
    /// Made, and its folder not synced since.
    fresh: bool,
    since_sync: Vec<Change>,
}

struct Change {
    at: usize,
    /// What stood there; shorter than `new` where the file grew.
    old: Vec<u8>,
    new: Vec<u8>,
    /// Length of the file before and after.
    before: usize,
    after: usize,
}

/// Whether an operation is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Done,
    /// The power fails in it: it may have happened.
    Dying,
    /// There is no power.
    Dead,
}

impl Disk {
    /// From here on the SQLite files in `folder` belong to this disk. Files that are open already do not.
    pub fn under(folder: &Path) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        // SQLite asks by the path without links; a folder that is not there yet has no files yet either.
        let folder = &fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        lock(&DISKS).insert(folder.to_owned(), Arc::clone(&state));
        Self { folder: folder.to_owned(), state }
    }

    /// The power fails in the `n`-th operation from now (from 1).
    pub fn dies_in(&self, n: u64) {
        let mut state = lock(&self.state);
        state.dies_at = Some(state.operations + n);
    }

    /// The power fails now.
    pub fn dies(&self) {
        lock(&self.state).dead = true;
    }

    /// The power is gone: every operation fails until [`Disk::returns`].
    pub fn is_dead(&self) -> bool {
        lock(&self.state).dead
    }

    /// Syncs are acknowledged and not done: a disk that lies, or a program that forgot to ask.
    pub fn lies(&self, lying: bool) {
        lock(&self.state).lying = lying;
    }

    /// Power is back. Every file that was open must have been closed. `chance(n)` is a random
    /// number below `n`: it decides what of the changes since the last sync is there.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn returns(&self, chance: &mut dyn FnMut(u64) -> u64) -> std::io::Result<Cut> {
        let mut state = lock(&self.state);
        let mut cut = Cut::default();
        for (path, bytes) in std::mem::take(&mut state.removed) {
            // A name that was used anew is the new file's.
            if !path.exists() && chance(2) == 0 {
                fs::write(&path, bytes)?;
                cut.names += 1;
            }
        }
        for (path, changes) in std::mem::take(&mut state.files) {
            if !path.exists() {
                continue;
            }
            if changes.fresh && chance(2) == 0 {
                fs::remove_file(&path)?;
                cut.names += 1;
                continue;
            }
            if !changes.since_sync.is_empty() {
                let mut bytes = fs::read(&path)?;
                forget(&mut bytes, &changes.since_sync, chance, &mut cut);
                fs::write(&path, bytes)?;
            }
        }
        // What programs share in memory is gone with them.
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.to_string_lossy().ends_with("-shm") {
                fs::remove_file(path)?;
            }
        }
        state.dead = false;
        state.dies_at = None;
        Ok(cut)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        lock(&DISKS).remove(&self.folder);
    }
}

/// Takes back what was not synced, then writes again what had reached the disk.
fn forget(bytes: &mut Vec<u8>, changes: &[Change], chance: &mut dyn FnMut(u64) -> u64, cut: &mut Cut) {
    for change in changes.iter().rev() {
        if change.new.is_empty() && change.after < change.before {
            bytes.truncate(change.after);
            bytes.extend_from_slice(&change.old);
        } else {
            bytes.truncate(change.before);
            let end = (change.at + change.old.len()).min(bytes.len());
            if change.at < end {
                bytes[change.at..end].copy_from_slice(&change.old[..end - change.at]);
            }
        }
    }
    // Nothing, everything, everything up to somewhere, or any of it in any order.
    let manner = chance(4);
    let upto = if manner == 2 { chance(changes.len() as u64 + 1) } else { 0 };
    for (n, change) in changes.iter().enumerate() {
        let whole = match manner {
            0 => Some(false),
            1 => Some(true),
            2 if n as u64 == upto => None,
            2 => Some((n as u64) < upto),
            _ => [Some(true), Some(false), None][chance(3) as usize],
        };
        match whole {
            Some(false) => cut.lost += 1,
            Some(true) => {
                write(bytes, change, 0, change.new.len());
                cut.kept += 1;
            }
            None => {
                // Sectors reach the disk one by one.
                for from in (0..change.new.len()).step_by(SECTOR) {
                    if chance(2) == 0 {
                        write(bytes, change, from, (from + SECTOR).min(change.new.len()));
                    }
                }
                cut.torn += 1;
            }
        }
    }
}

fn write(bytes: &mut Vec<u8>, change: &Change, from: usize, to: usize) {
    if change.new.is_empty() {
        bytes.resize(change.after, 0);
        return;
    }
    let end = change.at + to;
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[change.at + from..end].copy_from_slice(&change.new[from..to]);
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The disk to which a file belongs.
pub(crate) fn of(path: &Path) -> Option<Arc<Mutex<State>>> {
    lock(&DISKS).get(path.parent()?).cloned()
}

impl State {
    pub fn is_dead(&self) -> bool {
        self.dead
    }

    /// Counts an operation.
    pub fn operation(&mut self) -> Fate {
        if self.dead {
            return Fate::Dead;
        }
        self.operations += 1;
        if self.dies_at.is_some_and(|at| self.operations >= at) {
            self.dead = true;
            return Fate::Dying;
        }
        Fate::Done
    }

    pub fn made(&mut self, path: &Path) {
        self.files.entry(path.to_owned()).or_default().fresh = true;
    }

    pub fn changed(&mut self, path: &Path, at: usize, old: Vec<u8>, new: Vec<u8>, before: usize, after: usize) {
        self.files.entry(path.to_owned()).or_default().since_sync.push(Change { at, old, new, before, after });
    }

    pub fn synced(&mut self, path: &Path) {
        if self.lying {
            return;
        }
        let Some(changes) = self.files.get_mut(path) else { return };
        changes.since_sync.clear();
        // SQLite syncs the folder together with a log that it has just made.
        if std::mem::take(&mut changes.fresh) {
            self.files.values_mut().for_each(|changes| changes.fresh = false);
            self.removed.clear();
        }
    }

    pub fn removed(&mut self, path: &Path, bytes: Vec<u8>, folder_synced: bool) {
        let changes = self.files.remove(path);
        if folder_synced {
            self.removed.clear();
        } else if changes.is_none_or(|changes| !changes.fresh) {
            self.removed.insert(path.to_owned(), bytes);
        }
    }
}
