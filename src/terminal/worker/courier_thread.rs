//! The courier's thread: asks records what is due, carries it, lets records write what came of it.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    path::Path,
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    time::Duration,
};

use courier::{
    Client, Counter, Heard, Line, Outcome, Progress, Skew, Step, StopFlag,
    plan::{self, Load, Move, Plan, Waiting},
};
use jiff::Timestamp;
use matters::Digest;
use outbox::{Cabinet, Parcel, Reading};
use uuid::Uuid;

use super::{Post, key, records::Begin, round::page_bytes};
use crate::{
    clock::{Clock, Stopwatch},
    config::Config,
    speech::{CourierOrder, Due, Fact, LineFact, Order},
};

/// The screen hears of progress at most so often.
const REPORT_EVERY: Duration = Duration::from_millis(200);

pub fn run(
    config: &Config,
    clock: &Clock,
    orders: &Receiver<CourierOrder>,
    records: &SyncSender<Order>,
    post: &Post,
    ready: &Receiver<Begin>,
    stop: &StopFlag,
) {
    let Ok(Begin { admission, hall_time, ledger, .. }) = ready.recv() else { return };
    let reading = match key(config).and_then(|key| Cabinet::reading(&config.cabinet_file(), &key)) {
        Ok(reading) => reading,
        Err(error) => {
            tracing::error!(code = error.code(), "the courier cannot read the cabinet");
            post.send(Fact::Line(LineFact::Down { code: error.code().to_owned() }));
            return;
        }
    };
    let mut client = match Client::new(&admission, line(clock, hall_time)) {
        Ok(mut client) => {
            client.known(ledger);
            client
        }
        Err(outcome) => {
            post.send(Fact::Line(LineFact::Down { code: outcome.code().to_owned() }));
            return;
        }
    };
    let mut plan = Plan::default();
    let mut heard = VecDeque::new();
    loop {
        let Some((_, waiting)) = due(records) else { return };
        match plan.next(&waiting, clock.now()) {
            Move::Deliver => {
                let mut desk = Desk {
                    records,
                    reading: &reading,
                    clock,
                    post,
                    plan: &mut plan,
                    orders,
                    heard: &mut heard,
                    moved: BTreeSet::new(),
                    told: BTreeMap::new(),
                    halted: false,
                    gone: false,
                };
                if !client.work(&mut desk, stop) || desk.gone {
                    return;
                }
                // Looks whether somebody wants something, without waiting.
                if !hear(orders, &mut heard, Duration::ZERO, &mut plan, &mut client, clock, hall_time, post, stop) {
                    return;
                }
            }
            Move::Rest(rest) => {
                if !hear(orders, &mut heard, rest, &mut plan, &mut client, clock, hall_time, post, stop) {
                    return;
                }
            }
        }
    }
}

/// What a client is told about time: this machine's clock, and the last time that the hall signed.
pub(crate) fn line(clock: &Clock, hall_time: Option<Timestamp>) -> Line {
    let clock = clock.clone();
    Line { wall: Box::new(move || clock.now()), hall_time }
}

/// What is due; while somebody paused the queue the cabinet says nothing is. `None` when records is gone.
fn due(records: &SyncSender<Order>) -> Option<(Due, Waiting)> {
    let (reply, answer) = sync_channel(1);
    records.send(Order::Parcels { reply }).ok()?;
    let due = answer.recv().ok()?;
    let waiting = Waiting { paused: false, due: due.parcels.len(), next_due: due.next_due };
    Some((due, waiting))
}

/// What the client sees of records, the cabinet and the window while it carries.
struct Desk<'a> {
    records: &'a SyncSender<Order>,
    reading: &'a Reading,
    clock: &'a Clock,
    post: &'a Post,
    plan: &'a mut Plan,
    orders: &'a Receiver<CourierOrder>,
    /// Orders that came while parcels were under way, for afterwards.
    heard: &'a mut VecDeque<CourierOrder>,
    /// Acts of which the hall acknowledged bytes.
    moved: BTreeSet<Uuid>,
    /// When the screen was last told about a filing.
    told: BTreeMap<Uuid, Stopwatch>,
    /// The line is down: nothing more is taken.
    halted: bool,
    /// Records or the owner is gone.
    gone: bool,
}

impl Desk<'_> {
    fn tell(&mut self, order: Order) {
        self.gone |= self.records.send(order).is_err();
    }
}

impl Counter for Desk<'_> {
    fn next(&mut self, under_way: &[Load]) -> Option<Parcel> {
        // Whoever wants something of this thread gets it as soon as what is under way has ended.
        self.heard.extend(self.orders.try_iter().filter(|order| !matches!(order, CourierOrder::Look)));
        if self.halted || self.gone || !self.heard.is_empty() || under_way.len() >= plan::AT_ONCE {
            return None;
        }
        let Some((due, _)) = due(self.records) else {
            self.gone = true;
            return None;
        };
        plan::beside(&due.parcels, under_way).cloned()
    }

    fn page_bytes(&mut self, page: Digest, from: u64, len: usize) -> Option<Vec<u8>> {
        page_bytes(self.reading, page, from, len)
    }

    fn report(&mut self, act: Uuid, progress: Progress) {
        match progress.step {
            Step::Sending { .. } => {}
            Step::Upload { page, location, offset, done } => {
                if offset > 0 {
                    self.moved.insert(act);
                }
                self.tell(Order::Upload { page, location, offset, done });
            }
            Step::Forget { page } => self.tell(Order::ForgetUpload { page }),
        }
        if self.told.get(&act).is_none_or(|watch| watch.elapsed() >= REPORT_EVERY) {
            self.told.insert(act, Stopwatch::start());
            let Progress { filing, sent, total, .. } = progress;
            self.post.send(Fact::Line(LineFact::Progress { filing, sent, total }));
        }
    }

    fn ended(&mut self, parcel: &Parcel, outcome: Outcome, heard: Heard) {
        let act = parcel.act.id;
        self.told.remove(&act);
        if outcome.is_stopped() {
            self.gone = true;
            return;
        }
        tracing::info!(act = %act, code = outcome.code(), "delivery");
        // Before what came of it: a receipt counts as later than every answer noted before it.
        if let Some(seen) = heard.ledger {
            self.tell(Order::Ledger(seen));
        }
        let before = self.plan.line_down();
        let done = matches!(outcome, Outcome::Done(_));
        let entry = self.plan.learn(outcome, parcel.tries, self.moved.remove(&act), self.clock.now(), dice());
        if done {
            up(heard.skew, self.clock, self.post);
        } else if let Some(code) = self.plan.line_down() {
            self.halted = true;
            if before != Some(code) {
                self.post.send(Fact::Line(LineFact::Down { code: code.to_owned() }));
            }
        }
        self.tell(Order::Enter { act, entry });
    }
}

/// The line works. The skew is told only from an exchange that did not wait: half of a long
/// wait would count as a wrong clock.
pub(super) fn up(skew: Option<Skew>, clock: &Clock, post: &Post) {
    let (hall_time, skew_ms) = skew.map_or((clock.now(), None), |skew| (skew.hall_time, Some(skew.skew_ms)));
    post.send(Fact::Line(LineFact::Up { hall_time, skew_ms }));
}

/// Waits for somebody at most `rest`. False when it is time to end.
#[expect(clippy::too_many_arguments, reason = "each is another resource of this thread")]
fn hear(
    orders: &Receiver<CourierOrder>,
    heard: &mut VecDeque<CourierOrder>,
    rest: Duration,
    plan: &mut Plan,
    client: &mut Client,
    clock: &Clock,
    hall_time: Option<Timestamp>,
    post: &Post,
    stop: &StopFlag,
) -> bool {
    let mut rest = rest;
    loop {
        match heard.pop_front().map_or_else(|| orders.recv_timeout(rest), Ok) {
            Ok(CourierOrder::Look) => {}
            Ok(CourierOrder::Hurry) => plan.hurry(),
            Ok(CourierOrder::Anew(admission)) => match Client::new(&admission, line(clock, hall_time)) {
                Ok(mut anew) => {
                    anew.known(client.knows());
                    *client = anew;
                    plan.hurry();
                }
                Err(outcome) => {
                    post.send(Fact::Line(LineFact::Down { code: outcome.code().to_owned() }));
                }
            },
            Ok(CourierOrder::Result { digest, folder, extension }) => {
                let fact = match fetch(client, digest, &folder, extension, stop) {
                    Ok(file) => Fact::ResultSaved { file },
                    Err(code) => Fact::ResultFailed { code },
                };
                post.send(fact);
            }
            Ok(CourierOrder::Stop) | Err(RecvTimeoutError::Disconnected) => return false,
            Err(RecvTimeoutError::Timeout) => return !stop.is_stopped(),
        }
        // Whatever else was asked meanwhile is heard in the same breath.
        rest = Duration::ZERO;
    }
}

fn fetch(
    client: &mut Client,
    digest: Digest,
    folder: &Path,
    extension: &str,
    stop: &StopFlag,
) -> Result<std::path::PathBuf, String> {
    let bytes = client.result(digest, stop).map_err(|outcome| outcome.code().to_owned())?;
    let broken = |error: std::io::Error| {
        tracing::error!(%error, "a result file cannot be written");
        "cabinet_io".to_owned()
    };
    std::fs::create_dir_all(folder).map_err(broken)?;
    // Named by its digest: a file name must not tell a person's business.
    let name = format!("{}.{extension}", &digest.to_string()[..16]);
    let file = folder.join(name);
    let half = file.with_extension("part");
    std::fs::write(&half, &bytes).and_then(|()| std::fs::rename(&half, &file)).map_err(broken)?;
    Ok(file)
}

/// Chance for the patience, so that a village of terminals does not knock at the same second.
pub(crate) fn dice() -> u32 {
    let mut bytes = [0; 4];
    // Without chance the patience is only less spread.
    let _ = getrandom::fill(&mut bytes);
    u32::from_le_bytes(bytes)
}
