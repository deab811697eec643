//! A terminal's cabinet, kept, put back, or copied into another machine.

use std::{collections::BTreeMap, fs, path::Path};

use courier::plan::Plan;
use jiff::Timestamp;
use outbox::{Arrival, Machine};
use vfs::Disk;

use super::Terminal;
use crate::sample;

impl Terminal {
    /// Keeps the cabinet: by its own backup, or as an image of the disk.
    pub fn keep(&mut self, proper: bool) -> Result<(), String> {
        let Some(open) = &self.open else { return Ok(()) };
        let folder = self.folder.with_extension(format!("kept-{}", self.folders));
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        self.folders += 1;
        if proper {
            let done = open.reading.backup(&folder.join("cabinet.db"));
            if self.told(done)?.is_none() {
                return Ok(());
            }
        } else {
            sample::copy(&self.folder, &folder).map_err(|error| error.to_string())?;
        }
        self.kept.push((folder, proper));
        Ok(())
    }

    pub fn keeps(&self) -> usize {
        self.kept.len()
    }

    /// Puts a kept cabinet in place of the one that stands. What came after it is forgotten here.
    pub fn put_back(&mut self, n: usize, now: Timestamp) -> Result<(), String> {
        (self.open, self.way, self.settled) = (None, None, false);
        let (folder, proper) = &self.kept[n];
        let broken = |error: std::io::Error| error.to_string();
        for end in ["-wal", "-shm"] {
            let _ = fs::remove_file(self.folder.join(format!("cabinet.db{end}")));
        }
        if *proper {
            fs::remove_file(self.path()).map_err(broken)?;
            fs::copy(folder.join("cabinet.db"), self.path()).map_err(broken)?;
        } else {
            sample::copy(folder, &self.folder).map_err(broken)?;
        }
        let expected = proper.then_some(Arrival::Restored);
        self.start(now, expected)?;
        if self.settled { self.forget_what_is_gone() } else { Ok(()) }
    }

    pub(super) fn forget_what_is_gone(&mut self) -> Result<(), String> {
        self.seen.clear();
        for (act, mine) in self.mine.clone() {
            if mine.elsewhere || !self.has(act, mine)? {
                self.mine.remove(&act);
            }
        }
        Ok(())
    }

    /// The same disk in another machine, running beside this one.
    pub fn clone_disk(&self, home: &Path, name: &str, now: Timestamp) -> Result<Option<Self>, String> {
        if self.open.is_none() || self.disk.is_dead() {
            return Ok(None);
        }
        let folder = home.join(name);
        sample::copy(&self.folder, &folder).map_err(|error| error.to_string())?;
        let mut copy = Self {
            name: name.to_owned(),
            point: self.point,
            caller: self.caller.clone(),
            admission: self.admission.clone(),
            disk: Disk::under(&folder),
            folder,
            machine: Machine::from_text(name),
            open: None,
            settled: false,
            clock: self.clock,
            mine: self.mine.clone(),
            plan: Plan::default(),
            way: None,
            seen: BTreeMap::new(),
            stood: None,
            kept: Vec::new(),
            folders: 0,
        };
        copy.start(now, Some(Arrival::Restored))?;
        copy.forget_what_is_gone()?;
        Ok(Some(copy))
    }
}
