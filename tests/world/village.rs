//! A terminal of a world: the shipped cabinet, what an agent does with it, and the courier's way.

#[path = "kept.rs"]
mod kept;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use courier::{
    Outcome, Progress, Step,
    delivery::{Ask, Delivery, Turn},
    plan::{Entry, Move, Plan, Waiting},
};
use hall::ledger::Caller;
use jiff::{SignedDuration, Timestamp};
use matters::{
    Act, ActedBy, Capacity, CaseView, Digest, Filing, NoticeGiven, PageRef, PointRef, State, SupplementItem, What, numbering,
};
use outbox::{
    ActState, Admission, Arrival, Cabinet, CabinetError, CabinetKey, Draft, FeedNews, LedgerAt, LedgerSeen, Machine, Reading,
};
use uuid::Uuid;
use vfs::Disk;
use wire::Known;

use crate::{chance::Chance, oracle::Oracle, sample, town::Town};

struct Open {
    cabinet: Cabinet,
    reading: Reading,
}

/// A delivery under way.
pub struct Way {
    pub delivery: Delivery,
    tries: u32,
    held: u64,
    acknowledged: u64,
    /// Where the hall's ledger stood before, and by the last answer.
    since: Option<LedgerAt>,
    stood: Option<LedgerAt>,
    went_back: bool,
}

/// What an agent was told is kept here.
#[derive(Clone, Copy)]
struct Mine {
    filing: Uuid,
    /// Filed at another terminal of the point: shown there.
    elsewhere: bool,
}

pub struct Terminal {
    pub name: String,
    point: usize,
    pub caller: Caller,
    admission: Admission,
    folder: PathBuf,
    disk: Disk,
    machine: Machine,
    open: Option<Open>,
    /// What stands on the disk was opened by this machine.
    settled: bool,
    pub clock: SignedDuration,
    mine: BTreeMap<Uuid, Mine>,
    plan: Plan,
    pub way: Option<Way>,
    /// Revision last seen of each case, and how often the hall had been put back then.
    seen: BTreeMap<Uuid, (u32, u64)>,
    /// Where the hall's ledger stood by the last answer of the courier's line.
    stood: Option<LedgerAt>,
    kept: Vec<(PathBuf, bool)>,
    folders: u32,
}

fn key() -> CabinetKey {
    CabinetKey::from_bytes([9; 32])
}

impl Terminal {
    pub fn new(home: &Path, n: usize, name: &str) -> Result<Self, String> {
        let (point, caller, admission) = sample::sample().terminals[n].clone();
        let folder = home.join(name);
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let mut terminal = Self {
            name: name.to_owned(),
            point,
            caller,
            admission: admission.clone(),
            disk: Disk::under(&folder),
            folder,
            machine: Machine::from_text(name),
            open: None,
            settled: false,
            clock: SignedDuration::ZERO,
            mine: BTreeMap::new(),
            plan: Plan::default(),
            way: None,
            seen: BTreeMap::new(),
            stood: None,
            kept: Vec::new(),
            folders: 0,
        };
        terminal.start(sample::start(), Some(Arrival::Created))?;
        let open = terminal.open.as_mut().ok_or("no cabinet")?;
        open.cabinet.set_admission(&admission).map_err(|error| format!("{error:?}"))?;
        Ok(terminal)
    }

    fn path(&self) -> PathBuf {
        self.folder.join("cabinet.db")
    }

    /// Opens the cabinet as the program does at its start. `expected`: what it must find, where that is certain.
    fn start(&mut self, now: Timestamp, expected: Option<Arrival>) -> Result<(), String> {
        let opened = Cabinet::open_on(&self.path(), &key(), &self.machine, now + self.clock);
        let opened = opened.and_then(|cabinet| Ok((cabinet, Cabinet::reading(&self.path(), &key())?)));
        match opened {
            Ok((mut cabinet, reading)) => {
                cabinet.set_keep_free(0);
                if expected.is_some_and(|expected| expected != cabinet.arrival()) {
                    return Err(format!("{} opens as {:?}, {expected:?} was due", self.name, cabinet.arrival()));
                }
                self.open = Some(Open { cabinet, reading });
                self.settled = true;
                self.stood = self.told(self.open.as_ref().map_or(Ok(None), |open| open.cabinet.ledger()))?.flatten();
                self.plan = Plan::default();
                Ok(())
            }
            Err(_) if self.disk.is_dead() => Ok(()),
            Err(error) => Err(format!("{} does not open: {error:?}", self.name)),
        }
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

    /// Power is back; what the agent was told is there.
    pub fn returns(&mut self, chance: &mut Chance, now: Timestamp) -> Result<vfs::Cut, String> {
        (self.open, self.way) = (None, None);
        let cut = self.disk.returns(&mut |below| chance.below(below)).map_err(|error| error.to_string())?;
        if self.settled {
            self.start(now, Some(Arrival::Reopened))?;
            self.demand_mine()?;
        } else {
            // The power failed while an older state was opened for the first time.
            self.start(now, None)?;
            self.forget_what_is_gone()?;
        }
        Ok(cut)
    }

    /// What the cabinet says, unless the power failed meanwhile.
    fn told<T>(&self, done: Result<T, CabinetError>) -> Result<Option<T>, String> {
        match done {
            Ok(done) => Ok(Some(done)),
            Err(_) if self.disk.is_dead() => Ok(None),
            Err(error) => Err(format!("{}: {error:?}", self.name)),
        }
    }

    fn has(&mut self, act: Uuid, mine: Mine) -> Result<bool, String> {
        let Some(open) = &self.open else { return Ok(true) };
        if mine.elsewhere {
            return Ok(true);
        }
        let found = open.reading.filing(mine.filing).map_err(|error| format!("{}: {error:?}", self.name))?;
        Ok(found.is_some_and(|full| full.acts.iter().any(|(kept, _)| kept.id == act)))
    }

    fn demand_mine(&mut self) -> Result<(), String> {
        for (act, mine) in self.mine.clone() {
            if !self.has(act, mine)? {
                return Err(format!("{} acknowledged act {act} and lost it", self.name));
            }
        }
        Ok(())
    }

    fn actor(&self) -> ActedBy {
        ActedBy { account: sample::AGENTS[self.point].into(), session: Uuid::from_u128(99) }
    }

    fn id(&self, now: Timestamp, chance: &mut Chance) -> Uuid {
        let millis = u64::try_from((now + self.clock).as_millisecond()).unwrap_or(0);
        let random: [u8; 10] = chance.bytes(10).try_into().unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// The agent does the next thing. Returns a word about it for the trace.
    pub fn work(&mut self, now: Timestamp, chance: &mut Chance, oracle: &mut Oracle) -> Result<String, String> {
        let Some(open) = &self.open else { return Ok("dark".into()) };
        let Some(drafts) = self.told(open.reading.drafts())? else { return Ok("power".into()) };
        if drafts.is_empty() || (drafts.len() < 4 && chance.one_in(3)) {
            return self.begin(None, now, chance);
        }
        let draft = drafts[chance.index(drafts.len())].clone();
        let wanted: &[&str] = if draft.supplement_to.is_some() { &["BK"] } else { &["PH2", "BK"] };
        let missing = wanted.iter().find(|material| !draft.pages.iter().any(|page| page.material == **material));
        match missing {
            Some(material) => self.photograph(&draft, material, None, chance),
            None if chance.one_in(6) => self.photograph(&draft, "BK", Some(1), chance),
            None if draft.supplement_to.is_some() => self.answer(&draft, now, chance, oracle),
            None => self.seal(&draft, now, chance, oracle),
        }
    }

    fn begin(&mut self, to: Option<(Uuid, Uuid)>, now: Timestamp, chance: &mut Chance) -> Result<String, String> {
        let id = self.id(now, chance);
        let at = now + self.clock;
        let sample = sample::sample();
        let draft = Draft {
            id,
            supplement_to: to,
            created_at: at,
            changed_at: at,
            acted_by: self.actor(),
            matter: Some("M09".into()),
            catalogue_version: sample.rules.versions()[0].version().into(),
            step: "form".into(),
            notice: Some(NoticeGiven { version: "1".into(), at }),
            applicant: Some(sample.applicant.clone()),
            capacity: Some(Capacity::Myself),
            situations: sample.situations.clone(),
            brought: Default::default(),
            answers: sample.answers.clone(),
            witness: None,
            old: Vec::new(),
            pages: Vec::new(),
        };
        let done = self.open.as_mut().map_or(Ok(()), |open| open.cabinet.save_draft(&draft));
        Ok(self.told(done)?.map_or("power".into(), |()| format!("draft {}", short(id))))
    }

    fn photograph(&mut self, draft: &Draft, material: &str, replace: Option<u32>, chance: &mut Chance) -> Result<String, String> {
        let size = if chance.one_in(12) { 70_000 } else { 200 + chance.index(6000) };
        // Some papers are the same everywhere, at both points.
        let picture = if chance.one_in(5) { vec![0xFF; 4096] } else { chance.bytes(size) };
        let Some(open) = self.open.as_mut() else { return Ok("dark".into()) };
        let done = open.cabinet.put_page(draft.id, material, replace, &picture, 1240, 1754);
        Ok(self
            .told(done)?
            .map_or("power".into(), |page| format!("page {material} of {}, {} bytes", short(draft.id), page.bytes)))
    }

    /// As `terminal/worker/sealing.rs` does.
    fn seal(&mut self, draft: &Draft, now: Timestamp, chance: &mut Chance, oracle: &mut Oracle) -> Result<String, String> {
        let at = now + self.clock;
        let act_id = self.id(now, chance);
        let acted_by = self.actor();
        let Some(open) = self.open.as_mut() else { return Ok("dark".into()) };
        let numbered = open.cabinet.next_sequence().and_then(|sequence| Ok((sequence, open.cabinet.epoch()?)));
        let Some((sequence, epoch)) = self.told(numbered)? else { return Ok("power".into()) };
        let sample = sample::sample();
        let number = numbering::mint(&self.admission.particulars.point, &self.admission.serial, &epoch, sequence);
        let sealed = Filing {
            format: Filing::FORMAT,
            id: draft.id,
            case_number: number.map_err(|error| error.to_string())?.into(),
            query_code: "012345".into(),
            matter: "M09".into(),
            catalogue_version: draft.catalogue_version.clone(),
            point: PointRef {
                id: self.admission.particulars.point.clone(),
                name: self.admission.particulars.point_name.clone(),
                terminal: self.admission.terminal.clone(),
            },
            sealed_at: at,
            acted_by: acted_by.clone(),
            capacity: Capacity::Myself,
            applicant: sample.applicant.clone(),
            notice: NoticeGiven { version: "1".into(), at },
            witness: None,
            situations: draft.situations.clone(),
            answers: draft.answers.clone(),
            pages: draft.pages.clone(),
        }
        .seal();
        let what = What::File { digest: sealed.digest() };
        let act = Act { id: act_id, filing: sealed.filing().id, acted_by, at, revision: 0, what };
        oracle.tried(&act, Some(draft.id), self.point, digests(&draft.pages));
        let Some(open) = self.open.as_mut() else { return Ok("dark".into()) };
        let done = open.cabinet.seal(draft.id, &sealed, &act);
        if self.told(done)?.is_none() {
            return Ok(format!("power while sealing {}", short(draft.id)));
        }
        self.mine.insert(act.id, Mine { filing: act.filing, elsewhere: false });
        Ok(format!("sealed {} as act {}", short(draft.id), short(act.id)))
    }

    /// Cases of the point that wait for the village, with whether they were filed elsewhere.
    fn cases(&self) -> Result<Vec<(CaseView, bool)>, String> {
        let Some(open) = &self.open else { return Ok(Vec::new()) };
        let own = open.reading.filings(1000).map_err(|error| format!("{error:?}"))?;
        let elsewhere = open.reading.cases_elsewhere(1000).map_err(|error| format!("{error:?}"))?;
        Ok(own
            .into_iter()
            .filter_map(|row| Some((row.case?, false)))
            .chain(elsewhere.into_iter().map(|case| (case, true)))
            .collect())
    }

    /// The agent looks at the cases of the point: begins the answer to a correction, or withdraws.
    pub fn look(&mut self, now: Timestamp, chance: &mut Chance, oracle: &mut Oracle) -> Result<String, String> {
        let cases = if self.disk.is_dead() { Vec::new() } else { self.cases()? };
        if cases.is_empty() {
            return Ok("nothing to look at".into());
        }
        let (case, elsewhere) = &cases[chance.index(cases.len())];
        match (&case.correction, case.state) {
            (Some(correction), State::InCorrection) => self.begin(Some((case.filing, correction.id)), now, chance),
            _ if *elsewhere || !chance.one_in(4) => Ok("looked".into()),
            _ => {
                let (id, at) = (self.id(now, chance), now + self.clock);
                let what = What::Withdraw { reason: "不办了".into() };
                let act = Act { id, filing: case.filing, acted_by: self.actor(), at, revision: case.revision, what };
                oracle.tried(&act, None, self.point, []);
                self.enqueue(&act, None, false)
            }
        }
    }

    fn answer(&mut self, draft: &Draft, now: Timestamp, chance: &mut Chance, oracle: &mut Oracle) -> Result<String, String> {
        let Some((filing, correction)) = draft.supplement_to else { return Ok("no correction".into()) };
        let known = self.cases()?.into_iter().find(|(case, _)| case.filing == filing);
        let (revision, elsewhere) = known.map_or((0, true), |(case, elsewhere)| (case.revision, elsewhere));
        let items = vec![SupplementItem { item: 0, answer: None, note: "补齐了".into() }];
        let what = What::Supplement { correction, items, pages: draft.pages.clone() };
        let (id, at) = (self.id(now, chance), now + self.clock);
        let act = Act { id, filing, acted_by: self.actor(), at, revision, what };
        oracle.tried(&act, None, self.point, digests(&draft.pages));
        self.enqueue(&act, Some(draft.id), elsewhere)
    }

    fn enqueue(&mut self, act: &Act, draft: Option<Uuid>, elsewhere: bool) -> Result<String, String> {
        let Some(open) = self.open.as_mut() else { return Ok("dark".into()) };
        let done = open.cabinet.enqueue(act, draft);
        if self.told(done)?.is_none() {
            return Ok("power while enqueuing".into());
        }
        self.mine.insert(act.id, Mine { filing: act.filing, elsewhere });
        Ok(format!("act {} on {}", short(act.id), short(act.filing)))
    }

    /// The courier's next question, if the plan is to ask one now.
    pub fn ask(&mut self, now: Timestamp) -> Result<Option<Ask>, String> {
        let at = now + self.clock;
        let Some(open) = &self.open else { return Ok(None) };
        if self.way.is_none() {
            let due = open.cabinet.parcels(at).and_then(|parcels| Ok((parcels, open.cabinet.next_due()?)));
            let Some((parcels, next_due)) = self.told(due)? else { return Ok(None) };
            let waiting = Waiting { paused: false, due: parcels.len(), next_due };
            let parcel = match self.plan.next(&waiting, at) {
                Move::Deliver => parcels.into_iter().next(),
                Move::Rest(_) => None,
            };
            let Some(parcel) = parcel else { return Ok(None) };
            let held = parcel.pages.iter().map(|page| page.offset).sum();
            let tries = parcel.tries;
            let keys = courier::hall_keys(&self.admission.particulars);
            let since = self.stood;
            self.way = Some(Way { delivery: Delivery::new(parcel, keys), tries, held, acknowledged: held, since, stood: None, went_back: false });
        }
        let Some(way) = &mut self.way else { return Ok(None) };
        Ok(match way.delivery.next() {
            Turn::Ask(ask) => Some(ask),
            Turn::Over(_) => None,
        })
    }

    /// Bytes that belong to a question.
    pub fn body(&self, ask: &Ask) -> Result<Vec<u8>, String> {
        match (ask, &self.open) {
            (Ask::Send { page, from, bytes, .. }, Some(open)) => {
                let range = open.reading.page_range(*page, *from, (bytes - from) as usize);
                Ok(self.told(range)?.flatten().unwrap_or_default())
            }
            _ => Ok(Vec::new()),
        }
    }

    /// What the courier's line names with a question.
    pub fn knows(&self) -> Option<Known> {
        self.stood.and_then(named)
    }

    /// What the feed's line names: one page comes after the other.
    pub fn feed_knows(&self) -> Result<Option<Known>, String> {
        let Some(open) = &self.open else { return Ok(None) };
        Ok(self.told(open.cabinet.ledger())?.flatten().and_then(named))
    }

    /// The courier learns what came of its question, and records writes it down.
    pub fn learn(
        &mut self,
        came: Result<courier::Answered, Outcome>,
        said: Option<(LedgerAt, bool)>,
        now: Timestamp,
        dice: u32,
    ) -> Result<Option<&'static str>, String> {
        let (Some(way), Some(open)) = (&mut self.way, &mut self.open) else { return Ok(None) };
        if let Some((at, went_back)) = said {
            (way.stood, self.stood) = (Some(at), Some(at));
            way.went_back |= went_back;
        }
        let mut steps = Vec::new();
        let reading = &open.reading;
        let mut bytes = |page: Digest, at: u64, len: usize| reading.page_range(page, at, len).ok().flatten();
        way.delivery.learn(came, &mut bytes, &mut |progress: Progress| steps.push(progress.step));
        let mut written = Ok(());
        for step in steps {
            written = written.and_then(|()| match step {
                Step::Sending { .. } => Ok(()),
                Step::Upload { page, location, offset, done } => {
                    way.acknowledged = way.acknowledged.max(way.held + offset);
                    open.cabinet.record_upload(page, location.as_deref(), offset, done)
                }
                Step::Forget { page } => open.cabinet.forget_upload(page),
            });
        }
        let over = match way.delivery.next() {
            Turn::Over(outcome) => Some(outcome),
            Turn::Ask(_) => None,
        };
        if self.told(written)?.is_none() {
            return Ok(Some("power"));
        }
        self.end(over, now, dice)
    }

    /// Also for a parcel that ends before its first question.
    pub fn end(&mut self, over: Option<Outcome>, now: Timestamp, dice: u32) -> Result<Option<&'static str>, String> {
        let Some(outcome) = over else { return Ok(None) };
        let (Some(way), Some(open)) = (self.way.take(), &mut self.open) else { return Ok(None) };
        let act = way.delivery.parcel().act.id;
        let code = outcome.code();
        if let Some(now) = way.stood {
            let noted = open.cabinet.note_ledger(&LedgerSeen { since: way.since, now, went_back: way.went_back });
            if self.told(noted)?.is_none() {
                return Ok(Some("power"));
            }
        }
        let Some(open) = &mut self.open else { return Ok(None) };
        let entry = self.plan.learn(outcome, way.tries, way.acknowledged > way.held, now + self.clock, dice);
        let written = match entry {
            Entry::Receipt(news) => open.cabinet.record_receipt(&news),
            Entry::Trouble { code, next_try_at } => open.cabinet.record_trouble(act, code, Some(next_try_at)),
            Entry::Aside { code } => open.cabinet.quarantine(act, code),
            Entry::Nothing => Ok(()),
        };
        Ok(Some(self.told(written)?.map_or("power", |()| code)))
    }

    pub fn over(&mut self) -> Option<Outcome> {
        match self.way.as_mut()?.delivery.next() {
            Turn::Over(outcome) => Some(outcome),
            Turn::Ask(_) => None,
        }
    }

    pub fn cursor(&self) -> Result<Option<u64>, String> {
        match &self.open {
            Some(open) => self.told(open.cabinet.cursor()),
            None => Ok(None),
        }
    }

    /// A page of the feed arrives: verified, applied, and no case of the same hall goes back.
    pub fn hear(&mut self, asked: u64, jws: &str, went_back: bool, restores: u32) -> Result<&'static str, String> {
        let keys = courier::hall_keys(&self.admission.particulars);
        let mut news: FeedNews = courier::verify_feed(&keys, &self.admission.particulars.point, asked, jws)
            .map_err(|outcome| format!("{} does not take the feed: {}", self.name, outcome.code()))?;
        news.went_back = went_back;
        self.plan.hurry();
        let done = self.open.as_mut().map_or(Ok(()), |open| open.cabinet.apply_feed(&news));
        if self.told(done)?.is_none() {
            return Ok("power");
        }
        let told: BTreeSet<Uuid> = news.cases.iter().map(|case| case.filing).collect();
        let cases = if told.is_empty() { Vec::new() } else { self.cases()? };
        for (case, _) in cases.into_iter().filter(|(case, _)| told.contains(&case.filing)) {
            let before = self.seen.insert(case.filing, (restores, case.revision));
            if before.is_some_and(|(then, revision)| then == restores && revision > case.revision) {
                return Err(format!("{}: case {} went back to revision {}", self.name, case.filing, case.revision));
            }
        }
        Ok(if news.cursor == asked { "nothing new" } else { "news" })
    }

    pub fn send_now(&mut self) -> Result<(), String> {
        self.plan.hurry();
        let done = self.open.as_mut().map_or(Ok(()), |open| open.cabinet.send_now());
        self.told(done).map(|_| ())
    }

    /// Nothing is due, now or later.
    pub fn is_idle(&self) -> Result<bool, String> {
        let Some(open) = &self.open else { return Ok(false) };
        let queue = open.cabinet.next_due().map_err(|error| format!("{error:?}"))?;
        Ok(queue.is_none() && self.way.is_none())
    }

    /// Every act that an agent was told is kept here, and how it stands.
    pub fn states(&self) -> Result<Vec<(Uuid, ActState)>, String> {
        let open = self.open.as_ref().ok_or("dark")?;
        let mut states = BTreeMap::new();
        for row in open.reading.filings(10_000).map_err(|error| format!("{error:?}"))? {
            let full =
                open.reading.filing(row.id).map_err(|error| format!("{error:?}"))?.ok_or("a listed filing is not there")?;
            for page in &full.sealed.filing().pages {
                let there = open.reading.page(page.sha256).map_err(|error| format!("{error:?}"))?;
                if there.is_none() {
                    return Err(format!("{} lost a page of filing {}", self.name, row.id));
                }
            }
            states.extend(full.acts.into_iter().map(|(act, state)| (act.id, state)));
        }
        match self.mine.iter().find(|(id, mine)| !mine.elsewhere && !states.contains_key(id)) {
            Some((id, _)) => Err(format!("{} acknowledged act {id} and lost it", self.name)),
            None => Ok(states.into_iter().collect()),
        }
    }

    /// Every case that the hall has of this point is seen here as the hall has it.
    pub fn sees(&self, town: &Town) -> Result<(), String> {
        let seen: BTreeMap<Uuid, CaseView> = self.cases()?.into_iter().map(|(case, _)| (case.filing, case)).collect();
        for case in town.cases()?.into_iter().filter(|case| case.point.id == self.admission.particulars.point) {
            match seen.get(&case.view.filing) {
                None => return Err(format!("{} does not see case {}", self.name, case.view.filing)),
                Some(view) if *view != case.view => {
                    return Err(format!(
                        "{} sees case {} as {:?} {}, it is {:?} {}",
                        self.name, case.view.filing, view.state, view.revision, case.view.state, case.view.revision
                    ));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

fn named(at: LedgerAt) -> Option<Known> {
    Some(Known { incarnation: at.incarnation, sequence: at.sequence, chain: at.chain? })
}

fn digests(pages: &[PageRef]) -> Vec<Digest> {
    pages.iter().map(|page| page.sha256).collect()
}

/// The end of an id: enough to follow it in a trace.
pub fn short(id: Uuid) -> String {
    let text = id.simple().to_string();
    text[text.len() - 6..].to_owned()
}
