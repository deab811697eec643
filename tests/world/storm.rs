//! One world: a town, its villages, and everything that can go wrong, by a seed; then calm, and judgement.

use std::{
    fmt::Write as _,
    panic::{AssertUnwindSafe, catch_unwind},
};

use hall::ledger::{DecideRefuse, Decision, InboxFilter};
use jiff::{SignedDuration, Timestamp};
use matters::{About, CorrectionItem, Digest};

use crate::{
    chance::Chance,
    line::Line,
    oracle::Oracle,
    sample,
    town::Town,
    village::{Terminal, short},
};

/// Things that happen in the stormy part of a world.
const STEPS: u64 = 140;
/// Rounds after which a world that is still not at rest is stuck, and how long a round is: six hours.
const ROUNDS_MAX: u32 = 36;
const ROUND: SignedDuration = SignedDuration::from_mins(10);
/// How often one side is put back to an older state within a world.
const RESTORES_MAX: u32 = 2;

/// A mistake that is planted to see whether it is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// The hall signs a receipt for an act that only stands in its memory.
    AcknowledgedBeforeCommit,
    /// The hall's disk says that it synced and did not, as if the ledger did not ask.
    SkippedSync,
    /// The hall takes an act that it knows already for a new one.
    ReplayIgnored,
}

impl Bug {
    pub const ALL: [Self; 3] = [Self::AcknowledgedBeforeCommit, Self::SkippedSync, Self::ReplayIgnored];

    pub fn name(self) -> &'static str {
        match self {
            Self::AcknowledgedBeforeCommit => "acknowledged-before-commit",
            Self::SkippedSync => "skipped-sync",
            Self::ReplayIgnored => "replay-ignored",
        }
    }
}

/// What a world saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Life {
    pub acts: u64,
    pub power_cuts: u64,
    pub restores: u64,
    pub questions: u64,
    /// Acts that no longer fitted the case: stored by the hall, refused with a reason, shown to the agent.
    pub refusals: u64,
    /// Digest of everything that happened: the same seed gives the same.
    pub trace: Option<Digest>,
}

/// A promise that was broken.
#[derive(Clone, Debug)]
pub struct Broken {
    pub what: String,
    pub trace: Vec<String>,
}

/// Lives the world of `seed` to its end.
///
/// # Errors
/// What was broken, with everything that led there.
pub fn run(seed: u64, bug: Option<Bug>) -> Result<Life, Box<Broken>> {
    let mut trace = Vec::new();
    let mut life = Life::default();
    let lived = catch_unwind(AssertUnwindSafe(|| live(seed, bug, &mut trace, &mut life)));
    let what = match lived {
        Ok(Ok(())) => {
            life.trace = Some(Digest::of(trace.join("\n").as_bytes()));
            return Ok(life);
        }
        Ok(Err(what)) => what,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned().or(panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            format!("a panic: {}", text.unwrap_or_default())
        }
    };
    Err(Box::new(Broken { what, trace }))
}

fn live(seed: u64, bug: Option<Bug>, trace: &mut Vec<String>, life: &mut Life) -> Result<(), String> {
    let home =
        tempfile::Builder::new().prefix("w").tempdir_in(sample::sample().folder.path()).map_err(|error| error.to_string())?;
    let home = home.path().canonicalize().map_err(|error| error.to_string())?;
    let mut world = World {
        chance: Chance::new(seed),
        town: Town::new(&home, seed, bug)?,
        terminals: (0..3).map(|n| Terminal::new(&home, n, &format!("t{n}"))).collect::<Result<_, _>>()?,
        line: Line::stormy(),
        oracle: Oracle::default(),
        now: sample::start(),
        restored: [0; 2],
        home,
        trace,
        life,
    };
    for _ in 0..STEPS {
        world.step()?;
        world.mend()?;
    }
    world.calm()?;
    world.life.acts = world.oracle.acts() as u64;
    world.oracle.judge(&world.town, &world.terminals)?;
    world.life.refusals = world.oracle.refusals.get();
    Ok(())
}

struct World<'a> {
    chance: Chance,
    town: Town,
    terminals: Vec<Terminal>,
    line: Line,
    oracle: Oracle,
    now: Timestamp,
    /// How often villages and the hall were put back.
    restored: [u32; 2],
    home: std::path::PathBuf,
    trace: &'a mut Vec<String>,
    life: &'a mut Life,
}

impl World<'_> {
    fn say(&mut self, text: std::fmt::Arguments<'_>) {
        let mut line = format!("{} ", self.now);
        let _ = line.write_fmt(text);
        self.trace.push(line);
    }

    fn step(&mut self) -> Result<(), String> {
        let n = self.chance.index(self.terminals.len());
        self.now += SignedDuration::from_millis(self.chance.below(3000) as i64);
        match self.chance.below(100) {
            0..32 => {
                let said = self.terminals[n].work(self.now, &mut self.chance, &mut self.oracle)?;
                self.say(format_args!("{}: {said}", self.terminals[n].name.clone()));
            }
            32..38 => {
                let said = self.terminals[n].look(self.now, &mut self.chance, &mut self.oracle)?;
                self.say(format_args!("{}: {said}", self.terminals[n].name.clone()));
            }
            38..66 => {
                for _ in 0..1 + self.chance.below(8) {
                    if !self.ask(n)? {
                        break;
                    }
                }
            }
            66..74 => self.feed(n)?,
            74..81 => self.decide()?,
            81..85 => self.now += SignedDuration::from_secs(self.chance.below(6 * 3600) as i64),
            85 => {
                self.line.deliver_late(&mut self.town, self.now, &mut self.chance, &mut self.oracle);
                self.say(format_args!("what was under way arrives"));
            }
            86 if self.chance.one_in(2) => self.line.down = !self.line.down,
            86 => self.terminals[n].send_now()?,
            87 => self.jump(n),
            88..91 => {
                let operations = self.chance.below(24);
                if operations == 0 {
                    self.terminals[n].dies()
                } else {
                    self.terminals[n].dies_in(operations)
                }
                self.say(format_args!("{} loses power in {operations} operations", self.terminals[n].name.clone()));
            }
            91..94 => {
                let operations = self.chance.below(40);
                match operations {
                    0 => self.town.dies(),
                    1..6 => self.town.dies_in_body = true,
                    _ => self.town.dies_in(operations),
                }
                self.say(format_args!("the hall loses power in {operations} operations"));
            }
            94 => {
                self.town.catch_up(self.now);
                self.town.tick(self.now)?;
            }
            95..97 => self.keep(n)?,
            _ => self.put_back(n)?,
        }
        Ok(())
    }

    /// Where power failed it comes back, sooner or later.
    fn mend(&mut self) -> Result<(), String> {
        for n in 0..self.terminals.len() {
            if self.terminals[n].is_dead() && (!self.line.stormy || self.chance.one_in(2)) {
                let cut = self.terminals[n].returns(&mut self.chance, self.now)?;
                self.life.power_cuts += 1;
                self.say(format_args!("{} is back: {cut:?}", self.terminals[n].name.clone()));
            }
        }
        if self.town.is_dead() && (!self.line.stormy || self.chance.one_in(3)) {
            let cut = self.town.returns(&mut self.chance, self.now)?;
            self.life.power_cuts += 1;
            self.say(format_args!("the hall is back: {cut:?}"));
        }
        Ok(())
    }

    /// One question of a terminal's courier. False when it has none now.
    fn ask(&mut self, n: usize) -> Result<bool, String> {
        let terminal = &mut self.terminals[n];
        let Some(ask) = terminal.ask(self.now)? else {
            let over = terminal.over();
            let dice = self.chance.next() as u32;
            let ended = self.terminals[n].end(over, self.now, dice)?;
            if let Some(code) = ended {
                self.say(format_args!("{}: {code}", self.terminals[n].name.clone()));
            }
            return Ok(false);
        };
        let body = terminal.body(&ask)?;
        if terminal.is_dead() {
            return Ok(false);
        }
        let caller = terminal.caller.clone();
        let known = terminal.knows();
        let (came, word) =
            self.line.carry(&mut self.town, &caller, &ask, known, &body, self.now, &mut self.chance, &mut self.oracle);
        self.life.questions += 1;
        let status = came.as_ref().map_or(0, |answer| answer.status);
        let dice = self.chance.next() as u32;
        // Every answer of the hall says where its ledger stands.
        let said = if status == 0 || word == "a stranger answers" { None } else { self.town.said() };
        let over = self.terminals[n].learn(came, said, self.now, dice)?;
        let ask = match ask {
            courier::delivery::Ask::Have(_) => "have",
            courier::delivery::Ask::Create { .. } => "create",
            courier::delivery::Ask::Stands { .. } => "stands",
            courier::delivery::Ask::Send { .. } => "send",
            courier::delivery::Ask::Commit(_) => "commit",
        };
        let name = self.terminals[n].name.clone();
        self.say(format_args!("{name} asks {ask}: {word}, {status} {}", over.unwrap_or("")));
        Ok(true)
    }

    fn feed(&mut self, n: usize) -> Result<(), String> {
        let Some(cursor) = self.terminals[n].cursor()? else { return Ok(()) };
        if self.line.down || (self.line.stormy && self.chance.one_in(6)) {
            return Ok(());
        }
        let caller = self.terminals[n].caller.clone();
        let known = self.terminals[n].feed_knows()?;
        let said = match self.town.feed(&caller, cursor, known, self.now) {
            // The answer may be lost as any other.
            Ok(_) if self.line.stormy && self.chance.one_in(6) => "lost",
            Ok((jws, went_back)) => self.terminals[n].hear(cursor, &jws, went_back, self.town.restores)?,
            Err(outcome) => outcome.code(),
        };
        self.say(format_args!("{} hears the feed from {cursor}: {said}", self.terminals[n].name.clone()));
        Ok(())
    }

    /// A clerk takes a case and decides something that the law may or may not allow now.
    fn decide(&mut self) -> Result<(), String> {
        let now = self.now + self.town.clock;
        let Some(ledger) = self.town.ledger() else { return Ok(()) };
        let rows = match ledger.inbox(&InboxFilter::default()) {
            Ok(rows) => rows,
            Err(_) if self.town.is_dead() => return Ok(()),
            Err(error) => return Err(format!("inbox: {error:?}")),
        };
        if rows.is_empty() {
            return Ok(());
        }
        let row = &rows[self.chance.index(rows.len())];
        let text = || "缺存折复印件".to_owned();
        let decision = match self.chance.below(5) {
            0 | 1 => Decision::Accept,
            2 | 3 => Decision::AskCorrection {
                items: vec![CorrectionItem {
                    about: About::Material { material: "BK".into() },
                    what: text(),
                    standard: "整页清楚".into(),
                }],
                due: None,
                reason: text(),
            },
            _ => Decision::RefuseAcceptance { reason: text(), remedy: "六十日内可申请行政复议".into() },
        };
        // He may have looked at an older page.
        let revision = row.revision - u64::from(row.revision > 1 && self.chance.one_in(8));
        let (filing, decided) = (row.filing, ledger.decide(row.filing, &decision, &sample::sample().clerk, revision, now));
        match decided {
            Ok(view) => self.say(format_args!("clerk: {} is {:?} {}", short(filing), view.state, view.revision)),
            Err(DecideRefuse::Ledger(_)) if self.town.is_dead() => {}
            Err(DecideRefuse::Stale { .. } | DecideRefuse::NotNow { .. }) => {}
            Err(error) => return Err(format!("a clerk decided: {error:?}")),
        }
        Ok(())
    }

    /// A clock jumps: a battery died, somebody typed a year.
    fn jump(&mut self, n: usize) {
        let hours = [0, 24, -24, 87_600, -87_600, 20, -7000][self.chance.index(7)];
        let jump = SignedDuration::from_hours(hours);
        // The hall's clock is looked after: a day at most.
        if hours.abs() <= 24 && self.chance.one_in(4) {
            self.town.clock = jump;
            self.say(format_args!("the hall's clock is {hours} h off"));
        } else {
            self.terminals[n].clock = jump;
            self.say(format_args!("{}'s clock is {hours} h off", self.terminals[n].name.clone()));
        }
    }

    fn keep(&mut self, n: usize) -> Result<(), String> {
        let proper = self.chance.one_in(2);
        if self.chance.one_in(2) {
            self.town.keep(proper, &self.oracle, self.now)?;
            self.say(format_args!("the hall is kept, properly: {proper}"));
        } else if !self.terminals[n].is_dead() {
            self.terminals[n].keep(proper)?;
            self.say(format_args!("{} is kept, properly: {proper}", self.terminals[n].name.clone()));
        }
        Ok(())
    }

    fn put_back(&mut self, n: usize) -> Result<(), String> {
        match self.chance.below(3) {
            0 if !self.town.kept.is_empty() && self.restored[1] < RESTORES_MAX => {
                let kept = self.chance.index(self.town.kept.len());
                let whole = self.chance.one_in(2);
                self.town.put_back(kept, whole, &mut self.oracle, self.now)?;
                self.restored[1] += 1;
                self.life.restores += 1;
                self.say(format_args!("the hall is put back to what was kept {kept}, whole: {whole}"));
            }
            1 if self.terminals[n].keeps() > 0 && !self.terminals[n].is_dead() && self.restored[0] < RESTORES_MAX => {
                let kept = self.chance.index(self.terminals[n].keeps());
                self.terminals[n].put_back(kept, self.now)?;
                self.restored[0] += 1;
                self.life.restores += 1;
                self.say(format_args!("{} is put back to what was kept {kept}", self.terminals[n].name.clone()));
            }
            2 if self.terminals.len() < 5 => {
                let name = format!("t{}", self.terminals.len());
                if let Some(copy) = self.terminals[n].clone_disk(&self.home, &name, self.now)? {
                    self.terminals.push(copy);
                    self.life.restores += 1;
                    self.say(format_args!("{name} runs on a copy of {}'s disk", self.terminals[n].name.clone()));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Nothing fails any more: everything must come to rest.
    fn calm(&mut self) -> Result<(), String> {
        self.say(format_args!("calm"));
        self.line.stormy = false;
        self.line.down = false;
        self.town.clock = SignedDuration::ZERO;
        self.terminals.iter_mut().for_each(|terminal| terminal.clock = SignedDuration::ZERO);
        self.mend()?;
        self.town.catch_up(self.now);
        self.line.deliver_late(&mut self.town, self.now, &mut self.chance, &mut self.oracle);
        let mut quiet = 0;
        for _ in 0..ROUNDS_MAX {
            self.now += ROUND;
            // What was scheduled to fail still does.
            self.mend()?;
            let before = self.trace.len();
            for n in 0..self.terminals.len() {
                self.feed(n)?;
                while self.ask(n)? {}
            }
            let mut idle = self.town.is_up();
            for terminal in &self.terminals {
                idle = idle && !terminal.is_dead() && terminal.is_idle()?;
            }
            // What the feed says when nothing is new is the only thing that still happens.
            let news = self.trace[before..].iter().any(|line| !line.ends_with("nothing new"));
            quiet = if idle && !news { quiet + 1 } else { 0 };
            if quiet == 2 {
                return Ok(());
            }
        }
        Err("the world is calm and something still waits".into())
    }
}
