//! The courier's thread: asks records what is due, carries it, lets records write what came of it.

use std::{
    path::Path,
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    time::Duration,
};

use courier::{
    Client, Line, Outcome, Progress, Step, StopFlag,
    plan::{Move, Plan, Waiting},
};
use jiff::Timestamp;
use matters::Digest;
use outbox::{Cabinet, Reading};

use super::{Post, key, records::Begin};
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
    loop {
        let (due, waiting) = match due(records) {
            Some(found) => found,
            None => return,
        };
        match plan.next(&waiting, clock.now()) {
            Move::Deliver => {
                if !deliver(&mut client, &mut plan, &reading, clock, records, post, stop, due) {
                    return;
                }
                // Looks whether somebody wants something, without waiting.
                if !hear(orders, Duration::ZERO, &mut plan, &mut client, clock, hall_time, post, stop) {
                    return;
                }
            }
            Move::Rest(rest) => {
                if !hear(orders, rest, &mut plan, &mut client, clock, hall_time, post, stop) {
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

#[expect(clippy::too_many_arguments, reason = "each is another resource of this thread")]
fn deliver(
    client: &mut Client,
    plan: &mut Plan,
    reading: &Reading,
    clock: &Clock,
    records: &SyncSender<Order>,
    post: &Post,
    stop: &StopFlag,
    due: Due,
) -> bool {
    let Some(parcel) = due.parcels.into_iter().next() else { return true };
    let (act, tries) = (parcel.act.id, parcel.tries);
    let held: u64 = parcel.pages.iter().map(|page| page.offset).sum();
    let mut acknowledged = held;
    let mut told: Option<Stopwatch> = None;
    let mut bytes = |digest: Digest, offset: u64, len: usize| match reading.page_range(digest, offset, len) {
        Ok(bytes) => bytes,
        Err(error) => {
            tracing::error!(code = error.code(), "a page to be sent cannot be read");
            None
        }
    };
    let mut report = |progress: Progress| {
        match progress.step {
            Step::Sending { .. } => {}
            Step::Upload { page, location, offset, done } => {
                acknowledged = acknowledged.max(held + offset);
                let _ = records.send(Order::Upload { page, location, offset, done });
            }
            Step::Forget { page } => {
                let _ = records.send(Order::ForgetUpload { page });
            }
        }
        if told.is_none_or(|watch| watch.elapsed() >= REPORT_EVERY) {
            told = Some(Stopwatch::start());
            post.send(Fact::Line(LineFact::Progress { filing: progress.filing, sent: progress.sent, total: progress.total }));
        }
    };
    let outcome = client.deliver(&parcel, &mut bytes, &mut report, stop);
    if outcome.is_stopped() {
        return false;
    }
    tracing::info!(act = %act, code = outcome.code(), "delivery");
    // Before what came of it: a receipt counts as later than every answer noted before it.
    if let Some(seen) = client.ledger()
        && records.send(Order::Ledger(seen)).is_err()
    {
        return false;
    }
    let before = plan.line_down();
    let done = matches!(outcome, Outcome::Done(_));
    let entry = plan.learn(outcome, tries, acknowledged > held, clock.now(), dice());
    if done {
        up(client, clock, post, false);
    } else if let Some(code) = plan.line_down()
        && before != Some(code)
    {
        post.send(Fact::Line(LineFact::Down { code: code.to_owned() }));
    }
    records.send(Order::Enter { act, entry }).is_ok()
}

/// The line works. The skew is told only from an exchange that did not wait: half of a long
/// wait would count as a wrong clock.
pub(super) fn up(client: &Client, clock: &Clock, post: &Post, waited: bool) {
    let skew = client.skew().filter(|_| !waited);
    let (hall_time, skew_ms) = skew.map_or((clock.now(), None), |skew| (skew.hall_time, Some(skew.skew_ms)));
    post.send(Fact::Line(LineFact::Up { hall_time, skew_ms }));
}

/// Waits for somebody at most `rest`. False when it is time to end.
#[expect(clippy::too_many_arguments, reason = "each is another resource of this thread")]
fn hear(
    orders: &Receiver<CourierOrder>,
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
        match orders.recv_timeout(rest) {
            Ok(CourierOrder::Look) => {}
            Ok(CourierOrder::Hurry) => plan.hurry(),
            Ok(CourierOrder::Anew(admission)) => match Client::new(&admission, line(clock, hall_time)) {
                Ok(mut anew) => {
                    anew.known(client.ledger().map(|seen| seen.now));
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
