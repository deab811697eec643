//! The hall of a world: the shipped ledger, what its doors make of a request, its disk and its clock.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use courier::{Answered, Outcome, delivery::Ask, outcome::LineTrouble};
use hall::{
    clock::Ids,
    ledger::{ACT_BYTES_MAX, Caller, CaseFile, Checksum, Chunk, InboxFilter, Ledger, LedgerKey, Refuse},
};
use jiff::{SignedDuration, Timestamp};
use matters::{Act, Digest, Sealed, What, canonical};
use outbox::LedgerAt;
use uuid::Uuid;
use vfs::Disk;
use wire::{Commit, EVENTS_MAX, FeedPage, Held, Known, path, problem};

use crate::{chance::Chance, oracle::Oracle, sample, storm::Bug};

/// A body comes off the line in parts of this size.
const PART: usize = 32 * 1024;

/// Yesterday's hall.
pub struct Kept {
    folder: PathBuf,
    /// Acts that it holds.
    acts: BTreeSet<Uuid>,
    /// Made by the hall's own backup; otherwise an image of its disk.
    proper: bool,
}

pub struct Town {
    home: PathBuf,
    dir: PathBuf,
    disk: Disk,
    ledger: Option<Ledger>,
    ids: Ids,
    pub bug: Option<Bug>,
    /// How wrong the hall's clock is.
    pub clock: SignedDuration,
    /// Times the hall was put back to an older state.
    pub restores: u32,
    pub kept: Vec<Kept>,
    folders: u32,
    /// Lengths of page files when they were last known to be on the disk.
    lengths: BTreeMap<PathBuf, u64>,
    /// The power fails in the next body that comes in.
    pub dies_in_body: bool,
    /// Planted: acts that were acknowledged and are not in the ledger yet.
    behind: VecDeque<(Caller, Vec<u8>, Option<Vec<u8>>)>,
    known: BTreeSet<Uuid>,
    /// What the headers of the last answer said: where the ledger stands, and whether it never stood where
    /// the asker saw it.
    said: Option<(LedgerAt, bool)>,
}

impl Town {
    pub fn new(home: &Path, seed: u64, bug: Option<Bug>) -> Result<Self, String> {
        let dir = home.join("hall-0");
        sample::copy(&sample::sample().folder.path().join("hall"), &dir).map_err(|error| error.to_string())?;
        let disk = Disk::under(&dir);
        disk.lies(bug == Some(Bug::SkippedSync));
        let mut town = Self {
            home: home.to_owned(),
            dir,
            disk,
            ledger: None,
            ids: Ids::seeded(seed ^ 0x4A11),
            bug,
            clock: SignedDuration::ZERO,
            restores: 0,
            kept: Vec::new(),
            folders: 0,
            lengths: BTreeMap::new(),
            dies_in_body: false,
            behind: VecDeque::new(),
            known: BTreeSet::new(),
            said: None,
        };
        town.start(sample::start())?;
        Ok(town)
    }

    fn key(&self) -> Result<LedgerKey, String> {
        Ledger::key_of(&self.dir, None).map_err(|error| format!("the hall's key: {error}"))
    }

    /// Opens the ledger as the server does at its start.
    pub fn start(&mut self, now: Timestamp) -> Result<(), String> {
        let opened = Ledger::open(&self.dir, &self.key()?, Arc::clone(&sample::sample().rules), self.ids.clone());
        match opened.and_then(|ledger| ledger.check_mark(now + self.clock).map(|_| ledger)) {
            Ok(ledger) => self.ledger = Some(ledger),
            Err(_) if self.disk.is_dead() => {}
            Err(error) => return Err(format!("the hall does not open: {error:?}")),
        }
        Ok(())
    }

    pub fn is_up(&self) -> bool {
        self.ledger.is_some() && !self.disk.is_dead()
    }

    pub fn is_dead(&self) -> bool {
        self.disk.is_dead()
    }

    pub fn dies_in(&self, operations: u64) {
        self.disk.dies_in(operations);
    }

    pub fn dies(&self) {
        self.disk.dies();
    }

    /// Power is back: what was not synced is gone, in the database and behind the durable ends of page files.
    pub fn returns(&mut self, chance: &mut Chance, now: Timestamp) -> Result<vfs::Cut, String> {
        self.ledger = None;
        self.behind.clear();
        let cut = self.disk.returns(&mut |below| chance.below(below)).map_err(|error| error.to_string())?;
        self.disk.lies(self.bug == Some(Bug::SkippedSync));
        let lengths = std::mem::take(&mut self.lengths);
        // A page file is synced before the database is asked to name its end: only a body that was
        // still coming in can be torn.
        let torn = std::mem::take(&mut self.dies_in_body);
        for path in page_files(&self.dir.join("pages")).into_iter().filter(|_| torn) {
            let durable = lengths.get(&path).copied().unwrap_or(0);
            let mut bytes = fs::read(&path).map_err(|error| error.to_string())?;
            if bytes.len() as u64 > durable {
                let tail = bytes.len() as u64 - durable;
                bytes.truncate((durable + chance.below(tail + 1)) as usize);
                let from = durable as usize;
                if chance.one_in(2) {
                    bytes[from..].fill(0);
                }
                fs::write(&path, &bytes).map_err(|error| error.to_string())?;
            }
        }
        self.start(now)?;
        self.settle();
        Ok(cut)
    }

    /// After a verb that returned: every page file is as long on the disk as it looks.
    fn settle(&mut self) {
        if self.disk.is_dead() {
            return;
        }
        for path in page_files(&self.dir.join("pages")) {
            if let Ok(file) = fs::metadata(&path) {
                self.lengths.insert(path, file.len());
            }
        }
    }

    /// As the door asks before it lets anybody in.
    fn went_back(&self, point: &str, known: Option<Known>, now: Timestamp) -> bool {
        let (Some(ledger), Some(known)) = (&self.ledger, known) else { return false };
        ledger.went_back(point, &known, now).unwrap_or(false)
    }

    /// What the headers of the last answer said.
    pub fn said(&self) -> Option<(LedgerAt, bool)> {
        self.said
    }

    /// One request and its answer. `cut` ends the body of a page after so many bytes. An error is what
    /// the terminal sees when there is no answer.
    pub fn answer(
        &mut self,
        caller: &Caller,
        ask: &Ask,
        known: Option<Known>,
        body: &[u8],
        cut: Option<usize>,
        now: Timestamp,
        oracle: &mut Oracle,
    ) -> Result<Answered, Outcome> {
        self.said = None;
        if !self.is_up() {
            return Err(LineTrouble::ConnectionRefused.into());
        }
        let now = now + self.clock;
        let went_back = self.went_back(&caller.point, known, now);
        let answer = self.take(caller, ask, body, cut, now, oracle);
        if self.disk.is_dead() {
            return Err(LineTrouble::Cut.into());
        }
        self.said = self.stands().map(|at| (at, went_back));
        // No other question writes a page file.
        if matches!(ask, Ask::Send { .. }) {
            self.settle();
        }
        Ok(answer.unwrap_or_else(|refuse| said(&refuse, matches!(ask, Ask::Stands { .. }))))
    }

    fn take(
        &mut self,
        caller: &Caller,
        ask: &Ask,
        body: &[u8],
        cut: Option<usize>,
        now: Timestamp,
        oracle: &mut Oracle,
    ) -> Result<Answered, Refuse> {
        let Some(ledger) = &self.ledger else { return Err(Refuse::because(problem::Kind::Busy, "closed")) };
        // Asked on every request, as the door does.
        let caller = &ledger.caller(caller.certificate, now)?;
        match ask {
            Ask::Have(have) => Ok(json(&Held { digests: ledger.held_pages(caller, &have.digests)? })),
            Ask::Create { page, bytes } => {
                let row = ledger.create_upload(caller, *bytes, Some(*page), now)?;
                Ok(Answered { status: 201, location: Some(format!("{}/{}", path::PAGES, row.name)), ..stands(0, None) })
            }
            Ask::Stands { location } => {
                let row = ledger.upload(caller, name(location), now)?;
                Ok(Answered { status: 200, ..stands(row.offset, Some(row.length)) })
            }
            Ask::Send { location, from, checksum, .. } => {
                ledger.upload(caller, name(location), now)?;
                let sum = checksum.then(|| Checksum::Sha256(Digest::of(body).0));
                let arriving = &body[..cut.unwrap_or(body.len())];
                let mut parts: VecDeque<Chunk> =
                    arriving.chunks(PART).map(|part| Chunk::Bytes(Bytes::copy_from_slice(part))).collect();
                parts.push_back(if cut.is_some() { Chunk::Cut } else { Chunk::End });
                let mut next = || {
                    let part = parts.pop_front().unwrap_or(Chunk::Cut);
                    if self.dies_in_body && !matches!(part, Chunk::Bytes(_)) {
                        self.disk.dies();
                    }
                    part
                };
                let row = ledger.append_upload(caller, name(location), *from, sum, now, &mut next)?;
                Ok(stands(row.offset, None))
            }
            Ask::Commit(commit) => self.commit(caller, commit, now, oracle),
        }
    }

    fn commit(&mut self, caller: &Caller, commit: &Commit, now: Timestamp, oracle: &mut Oracle) -> Result<Answered, Refuse> {
        let bad = || Refuse::because(problem::Kind::BadRequest, "base64");
        let act = STANDARD.decode(&commit.act).map_err(|_| bad())?;
        let filing = commit.filing.as_ref().map(|text| STANDARD.decode(text).map_err(|_| bad())).transpose()?;
        let Some(ledger) = &self.ledger else { return Err(bad()) };
        let parsed: Option<Act> = serde_json::from_slice(&act).ok().filter(|_| act.len() <= ACT_BYTES_MAX);
        match (self.bug, &parsed, &filing) {
            (Some(Bug::AcknowledgedBeforeCommit), Some(parsed), Some(filing)) if !self.known.contains(&parsed.id) => {
                // A receipt for what only stands in memory.
                let sealed = Sealed::from_bytes(filing.clone()).map_err(|_| bad())?;
                let receipt = receipt_of(parsed, &act, &sealed, now);
                let answer =
                    wire::Answer { receipt: ledger.sign("receipt", &canonical::to_bytes(&receipt)), ledger: ledger.mark()? };
                self.known.insert(parsed.id);
                self.behind.push_back((caller.clone(), act, Some(filing.clone())));
                oracle.stored(parsed.id);
                Ok(json(&answer))
            }
            (Some(Bug::ReplayIgnored), Some(parsed), Some(filing)) if !self.known.insert(parsed.id) => {
                // Every arrival is a new act on a new filing, as in a hall that keeps no table of answers.
                let mut again = Sealed::from_bytes(filing.clone()).map_err(|_| bad())?.filing().clone();
                again.id = self.ids.uuid(now)?;
                let sealed = again.seal();
                let what = What::File { digest: sealed.digest() };
                let other = Act { id: self.ids.uuid(now)?, filing: sealed.filing().id, what, ..parsed.clone() };
                let stored = ledger.receive_act(caller, &canonical::to_bytes(&other), Some(sealed.bytes()), now)?;
                Ok(json_bytes(stored.body))
            }
            _ => {
                let stored = ledger.receive_act(caller, &act, filing.as_deref(), now)?;
                if let Some(parsed) = parsed {
                    oracle.stored(parsed.id);
                }
                Ok(json_bytes(stored.body))
            }
        }
    }

    /// Planted: what was acknowledged gets into the ledger after all, if the power stayed.
    pub fn catch_up(&mut self, now: Timestamp) {
        while let (Some(ledger), Some((caller, act, filing))) = (&self.ledger, self.behind.pop_front()) {
            // Refused or not, it was acknowledged already: that is the mistake that is planted.
            let _ = ledger.receive_act(&caller, &act, filing.as_deref(), now + self.clock);
        }
    }

    /// A page of the feed, signed, and whether the ledger never stood where the asker saw it.
    pub fn feed(
        &mut self,
        caller: &Caller,
        cursor: u64,
        known: Option<Known>,
        now: Timestamp,
    ) -> Result<(String, bool), Outcome> {
        let refused: Outcome = LineTrouble::ConnectionRefused.into();
        let Some(ledger) = self.ledger.as_ref().filter(|_| !self.disk.is_dead()) else { return Err(refused) };
        let now = now + self.clock;
        let went_back = self.went_back(&caller.point, known, now);
        let page = (|| {
            let caller = ledger.caller(caller.certificate, now)?;
            ledger.check_cursor(&caller.point, cursor, now)?;
            let slice = ledger.feed(&caller.point, cursor, EVENTS_MAX)?;
            Ok::<_, Refuse>(FeedPage {
                point: caller.point,
                cursor: slice.cursor,
                more: slice.more,
                hall_time: now,
                ledger: slice.ledger,
                events: slice.events,
            })
        })();
        match page {
            Ok(page) if !self.disk.is_dead() => Ok((ledger.sign("feed", &canonical::to_bytes(&page)), went_back)),
            _ if self.disk.is_dead() => Err(LineTrouble::Cut.into()),
            Ok(_) => Err(refused),
            Err(refuse) => Err(refuse.kind().into()),
        }
    }

    /// The ledger, for clerks and for whoever looks afterwards.
    pub fn ledger(&self) -> Option<&Ledger> {
        self.ledger.as_ref().filter(|_| !self.disk.is_dead())
    }

    /// Where the ledger stands, as the door puts it into the headers of every answer.
    fn stands(&self) -> Option<LedgerAt> {
        let mark = self.ledger()?.mark().ok()?;
        Some(LedgerAt { incarnation: mark.incarnation, sequence: mark.sequence, chain: mark.chain })
    }

    /// All cases, whole.
    pub fn cases(&self) -> Result<Vec<CaseFile>, String> {
        let ledger = self.ledger().ok_or("the hall is shut")?;
        let mut cases = Vec::new();
        let mut offset = 0;
        loop {
            let rows =
                ledger.inbox(&InboxFilter { offset, ..InboxFilter::default() }).map_err(|error| format!("inbox: {error:?}"))?;
            if rows.is_empty() {
                return Ok(cases);
            }
            offset += rows.len();
            for row in rows {
                let case = ledger.case(row.filing).map_err(|error| format!("case: {error:?}"))?;
                cases.push(case.ok_or("a case of the inbox is not there")?);
            }
        }
    }

    /// Time itself: sweeps, looks at the mark, lets deadlines act.
    pub fn tick(&mut self, now: Timestamp) -> Result<(), String> {
        let Some(ledger) = self.ledger() else { return Ok(()) };
        let now = now + self.clock;
        let done = ledger.sweep(now).and_then(|_| ledger.check_mark(now)).and_then(|_| ledger.deem(now));
        match done {
            Err(error) if !self.disk.is_dead() => Err(format!("the hall's clockwork: {error:?}")),
            _ => Ok(()),
        }
    }

    /// Keeps the hall as it stands: by its own backup, or as an image of its disk.
    pub fn keep(&mut self, proper: bool, oracle: &Oracle, now: Timestamp) -> Result<(), String> {
        self.folders += 1;
        let folder = self.home.join(format!("kept-{}", self.folders));
        let Some(ledger) = self.ledger() else { return Ok(()) };
        if proper {
            match ledger.backup(&folder, "console", now + self.clock) {
                Err(_) if self.disk.is_dead() => return Ok(()),
                Err(error) => return Err(format!("backup of the hall: {error:?}")),
                Ok(_) => {}
            }
        } else {
            sample::copy(&self.dir, &folder).map_err(|error| error.to_string())?;
        }
        self.kept.push(Kept { folder, acts: oracle.at_the_hall(), proper });
        Ok(())
    }

    /// Puts a kept hall back in place of the one that stands. `whole`: an image brings the mark that lay
    /// beside the database then; otherwise the newer one stays, and tells.
    pub fn put_back(&mut self, n: usize, whole: bool, oracle: &mut Oracle, now: Timestamp) -> Result<(), String> {
        self.ledger = None;
        self.behind.clear();
        let kept = &self.kept[n];
        let dir = self.home.join(format!("hall-{}", self.folders + 1000));
        self.folders += 1;
        let key = self.key()?;
        self.disk = Disk::under(&dir);
        if kept.proper {
            let rules = Arc::clone(&sample::sample().rules);
            let restored = Ledger::restore(&kept.folder, &dir, &key, rules, self.ids.clone(), now + self.clock);
            restored.map_err(|error| format!("restoring the hall: {error:?}"))?;
        } else {
            sample::copy(&kept.folder, &dir).map_err(|error| error.to_string())?;
            if !whole {
                // The database alone was put back: the mark beside it is the newer one, if there is one.
                let _ = fs::copy(self.dir.join("ledger.mark"), dir.join("ledger.mark"));
            }
        }
        self.dir = dir;
        self.restores += 1;
        oracle.hall_went_back(&kept.acts);
        self.known.retain(|act| kept.acts.contains(act));
        self.lengths.clear();
        self.start(now)?;
        self.settle();
        Ok(())
    }
}

fn name(location: &str) -> &str {
    location.rsplit('/').next().unwrap_or(location)
}

fn stands(offset: u64, length: Option<u64>) -> Answered {
    Answered { status: 204, upload_offset: Some(offset), upload_length: length, ..Answered::default() }
}

fn json(value: &impl serde::Serialize) -> Answered {
    json_bytes(serde_json::to_vec(value).unwrap_or_default())
}

fn json_bytes(body: Vec<u8>) -> Answered {
    Answered { status: 200, content_type: "application/json".into(), body, ..Answered::default() }
}

/// A refusal as the API says it; the answer to HEAD has no body.
fn said(refuse: &Refuse, head: bool) -> Answered {
    let kind = refuse.kind();
    let problem = problem::Problem {
        kind_uri: kind.uri(),
        title: kind.title().into(),
        status: kind.status(),
        detail: refuse.to_string(),
        reference: String::new(),
    };
    let body = if head { Vec::new() } else { serde_json::to_vec(&problem).unwrap_or_default() };
    let retry_after = matches!(kind, problem::Kind::Busy | problem::Kind::StorageFull).then(|| "30".to_owned());
    Answered { status: kind.status(), content_type: problem::MEDIA_TYPE.into(), retry_after, body, ..Answered::default() }
}

/// The receipt that the planted mistake signs.
fn receipt_of(act: &Act, bytes: &[u8], sealed: &Sealed, now: Timestamp) -> wire::Receipt {
    let pages: BTreeSet<Digest> = sealed.filing().pages.iter().map(|page| page.sha256).collect();
    wire::Receipt {
        act: act.id,
        filing: act.filing,
        act_sha256: Digest::of(bytes),
        filing_sha256: Some(sealed.digest()),
        pages: pages.into_iter().collect(),
        case_number: sealed.filing().case_number.clone(),
        received_at: now,
        refused: None,
        revision: 1,
    }
}

fn page_files(pages: &Path) -> Vec<PathBuf> {
    let inside = |folder: &Path| -> Vec<PathBuf> {
        fs::read_dir(folder).map(|entries| entries.flatten().map(|entry| entry.path()).collect()).unwrap_or_default()
    };
    let mut files: Vec<PathBuf> = inside(pages).iter().flat_map(|shard| inside(shard)).collect();
    files.sort();
    files
}
