//! What is on the disk, and what only seems to be.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
};

/// What a disk writes in one piece.
const SECTOR: usize = 512;
/// The folder at the top.
pub(crate) const ROOT: u64 = 1;

/// What a power cut did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// Writes and names since their sync that were lost, torn, or had reached the disk.
    pub lost: u64,
    pub torn: u64,
    pub kept: u64,
}

/// A disk with everything on it.
#[derive(Default)]
pub struct Image {
    nodes: BTreeMap<u64, Node>,
    next: u64,
    operations: u64,
    dies_at: Option<u64>,
    dead: bool,
    on_death: Option<Box<dyn FnOnce() + Send>>,
}

pub(crate) struct Node {
    pub mode: u16,
    pub links: u32,
    pub body: Body,
}

pub(crate) enum Body {
    File { now: Vec<u8>, durable: Vec<u8>, since_sync: Vec<Write> },
    Folder { now: BTreeMap<OsString, u64>, durable: BTreeMap<OsString, u64>, since_sync: Vec<Step> },
}

pub(crate) enum Write {
    Bytes { at: usize, bytes: Vec<u8> },
    Length(usize),
}

/// Names that change together: what each leads to afterwards.
pub(crate) type Step = Vec<(OsString, Option<u64>)>;

/// Why an operation is not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    NoPower,
    NotThere,
    Exists,
    NotEmpty,
    NotAFolder,
}

impl Image {
    pub fn new() -> Self {
        let folder = Body::Folder { now: BTreeMap::new(), durable: BTreeMap::new(), since_sync: Vec::new() };
        let root = Node { mode: 0o755, links: 2, body: folder };
        Self { nodes: [(ROOT, root)].into(), next: ROOT + 1, ..Self::default() }
    }

    /// The power fails in the `n`-th operation from now (from 1); then `told` is called, once.
    pub fn dies_in(&mut self, n: u64, told: impl FnOnce() + Send + 'static) {
        self.dies_at = Some(self.operations + n);
        self.on_death = Some(Box::new(told));
    }

    /// Operations that reached for the disk so far.
    pub fn operations(&self) -> u64 {
        self.operations
    }

    pub fn is_dead(&self) -> bool {
        self.dead
    }

    /// The power was cut and is back. `chance(n)` is a random number below `n`.
    pub fn cut(&mut self, chance: &mut dyn FnMut(u64) -> u64) -> Cut {
        let mut cut = Cut::default();
        for node in self.nodes.values_mut() {
            match &mut node.body {
                Body::Folder { now, durable, since_sync } => {
                    for (reached, step) in drawn(since_sync.drain(..).collect(), chance) {
                        match reached {
                            Reached::No => cut.lost += 1,
                            // Names that change together change together.
                            Reached::Whole | Reached::Torn => {
                                cut.kept += 1;
                                step.into_iter().for_each(|change| set(durable, change));
                            }
                        }
                    }
                    now.clone_from(durable);
                }
                Body::File { now, durable, since_sync } => {
                    for (reached, write) in drawn(std::mem::take(since_sync), chance) {
                        match (reached, write) {
                            (Reached::No, _) => cut.lost += 1,
                            (Reached::Torn, Write::Bytes { at, bytes }) => {
                                cut.torn += 1;
                                for (n, sector) in bytes.chunks(SECTOR).enumerate() {
                                    if chance(2) == 0 {
                                        put(durable, at + n * SECTOR, sector);
                                    }
                                }
                            }
                            (_, Write::Bytes { at, bytes }) => {
                                cut.kept += 1;
                                put(durable, at, &bytes);
                            }
                            (_, Write::Length(length)) => {
                                cut.kept += 1;
                                durable.resize(length, 0);
                            }
                        }
                    }
                    now.clone_from(durable);
                }
            }
        }
        (self.dead, self.dies_at, self.on_death) = (false, None, None);
        cut
    }

    /// Counts an operation that reaches for the disk. In the one in which the power fails, what it would
    /// do may have happened; nobody is told that it did.
    fn reach(&mut self) -> Result<bool, Refusal> {
        self.look()?;
        self.operations += 1;
        if self.dies_at.is_some_and(|at| self.operations >= at) {
            self.dead = true;
            if let Some(told) = self.on_death.take() {
                told();
            }
        }
        Ok(self.dead)
    }

    fn look(&self) -> Result<(), Refusal> {
        if self.dead { Err(Refusal::NoPower) } else { Ok(()) }
    }

    pub(crate) fn node(&self, id: u64) -> Result<&Node, Refusal> {
        self.look()?;
        self.nodes.get(&id).ok_or(Refusal::NotThere)
    }

    pub(crate) fn child(&self, folder: u64, name: &OsStr) -> Result<u64, Refusal> {
        match &self.node(folder)?.body {
            Body::Folder { now, .. } => now.get(name).copied().ok_or(Refusal::NotThere),
            Body::File { .. } => Err(Refusal::NotAFolder),
        }
    }

    pub(crate) fn read(&self, file: u64, at: usize, count: usize) -> Result<&[u8], Refusal> {
        match &self.node(file)?.body {
            Body::File { now, .. } => Ok(&now[at.min(now.len())..(at + count).min(now.len())]),
            Body::Folder { .. } => Err(Refusal::NotThere),
        }
    }

    pub(crate) fn write(&mut self, file: u64, write: Write) -> Result<(), Refusal> {
        let dying = self.reach()?;
        let node = self.nodes.get_mut(&file).ok_or(Refusal::NotThere)?;
        let Body::File { now, since_sync, .. } = &mut node.body else { return Err(Refusal::NotThere) };
        match &write {
            Write::Bytes { at, bytes } => put(now, *at, bytes),
            Write::Length(length) => now.resize(*length, 0),
        }
        since_sync.push(write);
        if dying { Err(Refusal::NoPower) } else { Ok(()) }
    }

    pub(crate) fn set_mode(&mut self, id: u64, mode: u16) -> Result<(), Refusal> {
        self.look()?;
        self.nodes.get_mut(&id).ok_or(Refusal::NotThere)?.mode = mode;
        Ok(())
    }

    /// `fsync` of a file or a folder.
    pub(crate) fn sync(&mut self, id: u64) -> Result<(), Refusal> {
        if self.reach()? {
            return Err(Refusal::NoPower);
        }
        match &mut self.nodes.get_mut(&id).ok_or(Refusal::NotThere)?.body {
            Body::File { now, durable, since_sync } => {
                durable.clone_from(now);
                since_sync.clear();
            }
            Body::Folder { now, durable, since_sync } => {
                durable.clone_from(now);
                since_sync.clear();
            }
        }
        Ok(())
    }

    /// A new file or folder under a name that is free.
    pub(crate) fn make(&mut self, folder: u64, name: &OsStr, mode: u16, is_folder: bool) -> Result<u64, Refusal> {
        match self.child(folder, name) {
            Ok(_) => return Err(Refusal::Exists),
            Err(Refusal::NotThere) => {}
            Err(refusal) => return Err(refusal),
        }
        let body = if is_folder {
            Body::Folder { now: BTreeMap::new(), durable: BTreeMap::new(), since_sync: Vec::new() }
        } else {
            Body::File { now: Vec::new(), durable: Vec::new(), since_sync: Vec::new() }
        };
        let id = self.next;
        self.next += 1;
        self.nodes.insert(id, Node { mode, links: 1, body });
        self.step(folder, vec![(name.to_owned(), Some(id))])?;
        Ok(id)
    }

    pub(crate) fn link(&mut self, file: u64, folder: u64, name: &OsStr) -> Result<(), Refusal> {
        if self.child(folder, name).is_ok() {
            return Err(Refusal::Exists);
        }
        self.node(file)?;
        self.step(folder, vec![(name.to_owned(), Some(file))])
    }

    pub(crate) fn remove(&mut self, folder: u64, name: &OsStr) -> Result<(), Refusal> {
        let child = self.child(folder, name)?;
        if let Body::Folder { now, .. } = &self.node(child)?.body
            && !now.is_empty()
        {
            return Err(Refusal::NotEmpty);
        }
        self.step(folder, vec![(name.to_owned(), None)])
    }

    pub(crate) fn rename(&mut self, from: u64, name: &OsStr, to: u64, new: &OsStr) -> Result<(), Refusal> {
        let id = self.child(from, name)?;
        if from == to {
            return self.step(from, vec![(name.to_owned(), None), (new.to_owned(), Some(id))]);
        }
        self.step(to, vec![(new.to_owned(), Some(id))])?;
        self.step(from, vec![(name.to_owned(), None)])
    }

    fn step(&mut self, folder: u64, step: Step) -> Result<(), Refusal> {
        let dying = self.reach()?;
        let node = self.nodes.get_mut(&folder).ok_or(Refusal::NotThere)?;
        let Body::Folder { now, since_sync, .. } = &mut node.body else { return Err(Refusal::NotAFolder) };
        step.iter().cloned().for_each(|change| set(now, change));
        since_sync.push(step);
        if dying { Err(Refusal::NoPower) } else { Ok(()) }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reached {
    No,
    Whole,
    Torn,
}

/// Nothing reached the disk, everything did, everything up to somewhere, or any of it.
fn drawn<T>(changes: Vec<T>, chance: &mut dyn FnMut(u64) -> u64) -> Vec<(Reached, T)> {
    let manner = if changes.is_empty() { 0 } else { chance(4) };
    let upto = if manner == 2 { chance(changes.len() as u64 + 1) } else { 0 };
    let reached = |n: u64, chance: &mut dyn FnMut(u64) -> u64| match manner {
        0 => Reached::No,
        1 => Reached::Whole,
        2 if n < upto => Reached::Whole,
        2 if n == upto => Reached::Torn,
        2 => Reached::No,
        _ => [Reached::No, Reached::Whole, Reached::Torn][chance(3) as usize],
    };
    changes.into_iter().enumerate().map(|(n, change)| (reached(n as u64, chance), change)).collect()
}

fn set(names: &mut BTreeMap<OsString, u64>, (name, leads_to): (OsString, Option<u64>)) {
    match leads_to {
        Some(id) => names.insert(name, id),
        None => names.remove(&name),
    };
}

fn put(file: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    if file.len() < at + bytes.len() {
        file.resize(at + bytes.len(), 0);
    }
    file[at..at + bytes.len()].copy_from_slice(bytes);
}
