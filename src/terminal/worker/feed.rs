//! The feed's thread: waits at the hall for states, notices, accounts and packages, and lets records keep them.

use std::{
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    time::Duration,
};

use courier::{Client, StopFlag, plan::Pace};
use jiff::Timestamp;
use matters::Digest;
use outbox::{Admission, Cabinet, PackageOffer, PackageVerdict};

use super::{
    Post, courier_thread, key,
    packages::{self, Pen},
    records::Begin,
    round::CERTIFICATE_EXPIRED,
};
use crate::{
    clock::{Clock, Stopwatch},
    config::Config,
    speech::{CourierOrder, Fact, LineFact, Order},
};

/// How long one question waits at the hall for news.
const WAIT: Duration = Duration::from_secs(25);

/// What is to be done now and then is looked for so often.
const CHORES_EVERY: Duration = Duration::from_secs(3600);

/// An exchange longer than this has waited for news.
const QUICK: Duration = Duration::from_secs(2);

pub fn run(
    config: &Config,
    clock: &Clock,
    records: &SyncSender<Order>,
    courier: &SyncSender<CourierOrder>,
    post: &Post,
    ready: &Receiver<Begin>,
    stop: &StopFlag,
) {
    let Ok(Begin { mut admission, mut cursor, hall_time, ledger }) = ready.recv() else { return };
    let reading = match key(config).and_then(|key| Cabinet::reading(&config.cabinet_file(), &key)) {
        Ok(reading) => reading,
        Err(error) => {
            tracing::error!(code = error.code(), "the feed cannot read the cabinet");
            post.send(Fact::Line(LineFact::Down { code: error.code().to_owned() }));
            return;
        }
    };
    let mut client = match Client::new(&admission, courier_thread::line(clock, hall_time)) {
        Ok(mut client) => {
            client.known(ledger);
            client
        }
        Err(outcome) => {
            post.send(Fact::Line(LineFact::Down { code: outcome.code().to_owned() }));
            return;
        }
    };
    let mut pace = Pace::default();
    let mut told = None;
    let mut was_up = false;
    let mut chores: Option<Stopwatch> = None;
    // What was offered before and is not here yet is fetched first.
    let mut offered = true;
    // The first question does not wait: the window wants to know how things stand.
    let mut wait = Duration::ZERO;
    while !stop.is_stopped() {
        let watch = Stopwatch::start();
        let pause = match client.feed(cursor, wait, stop) {
            Ok(news) => {
                if !was_up {
                    // The line is back: what waits need not wait for its next try.
                    let _ = courier.try_send(CourierOrder::Hurry);
                }
                was_up = true;
                wait = WAIT;
                let skew = client.skew().filter(|_| watch.elapsed() <= QUICK);
                courier_thread::up(skew, clock, post);
                let something = news.cursor != cursor || news.agents.is_some() || news.particulars.is_some();
                // An empty page, too, says where the ledger stands and what its backup holds.
                let standing = (news.ledger, news.backed_up);
                if something || told != Some(standing) {
                    told = Some(standing);
                    if let Some(particulars) = &news.particulars {
                        client.learn(particulars);
                        admission.particulars = particulars.clone();
                        let _ = courier.send(CourierOrder::Anew(Box::new(admission.clone())));
                        chores = None;
                    }
                    let (next, packages) = (news.cursor, news.packages.is_some());
                    let (reply, applied) = sync_channel(1);
                    if records.send(Order::Feed { news: Box::new(news), reply }).is_err() {
                        return;
                    }
                    // The cursor moves only with what the disk has.
                    match applied.recv() {
                        Ok(true) => {
                            cursor = next;
                            offered |= packages;
                        }
                        Ok(false) => {}
                        Err(_) => return,
                    }
                }
                if client.renewal_due() {
                    renew(&mut client, &mut admission, hall_time, clock, records, courier, stop);
                }
                let chores_due = chores.is_none_or(|since| since.elapsed() > CHORES_EVERY);
                if offered || chores_due {
                    match packages::bring(&mut client, &reading, &mut ByRecords(records), stop) {
                        Ok(whole) => offered &= !whole,
                        Err(error) => tracing::error!(code = error.code(), "packages"),
                    }
                }
                if chores_due {
                    chores = Some(Stopwatch::start());
                    if !do_chores(&mut client, records, stop) {
                        return;
                    }
                }
                pace.feed_pause(something, watch.elapsed())
            }
            Err(outcome) if outcome.is_stopped() => return,
            Err(outcome)
                if outcome.code() == CERTIFICATE_EXPIRED
                    && renew(&mut client, &mut admission, hall_time, clock, records, courier, stop) =>
            {
                Duration::ZERO
            }
            Err(outcome) => {
                if was_up || wait.is_zero() {
                    tracing::info!(code = outcome.code(), "feed");
                }
                was_up = false;
                wait = Duration::ZERO;
                post.send(Fact::Line(LineFact::Down { code: outcome.code().to_owned() }));
                pace.failed(&outcome, courier_thread::dice())
            }
        };
        rest(pause, stop);
    }
}

/// The pen is with records.
struct ByRecords<'a>(&'a SyncSender<Order>);

impl ByRecords<'_> {
    fn kept(&self, order: impl FnOnce(SyncSender<bool>) -> Order) -> bool {
        let (reply, kept) = sync_channel(1);
        self.0.send(order(reply)).is_ok() && kept.recv() == Ok(true)
    }
}

impl Pen for ByRecords<'_> {
    fn put_file(&mut self, digest: Digest, bytes: Vec<u8>) -> bool {
        self.kept(|reply| Order::PackageFile { digest, bytes, reply })
    }

    fn settle(&mut self, package: &PackageOffer, verdict: PackageVerdict) -> bool {
        let package = package.clone();
        self.kept(|reply| Order::PackageSettled { package, verdict, reply })
    }
}

/// Gets a new certificate under the old one, which may have ended. True when it is on the disk and in use.
#[expect(clippy::too_many_arguments, reason = "each is another resource of this thread")]
fn renew(
    client: &mut Client,
    admission: &mut Admission,
    hall_time: Option<Timestamp>,
    clock: &Clock,
    records: &SyncSender<Order>,
    courier: &SyncSender<CourierOrder>,
    stop: &StopFlag,
) -> bool {
    let renewed = match client.renew(admission, stop) {
        Ok(renewed) => renewed,
        Err(outcome) => {
            tracing::warn!(code = outcome.code(), "the certificate is not renewed");
            return false;
        }
    };
    let (reply, kept) = sync_channel(1);
    if records.send(Order::Renewed { admission: Box::new(renewed.clone()), reply }).is_err() || kept.recv() != Ok(true) {
        return false;
    }
    let Ok(mut anew) = Client::new(&renewed, courier_thread::line(clock, hall_time)) else { return false };
    anew.known(client.knows());
    (*client, *admission) = (anew, renewed);
    let _ = courier.send(CourierOrder::Anew(Box::new(admission.clone())));
    tracing::info!("the certificate is renewed");
    true
}

/// False when records is gone.
fn do_chores(client: &mut Client, records: &SyncSender<Order>, stop: &StopFlag) -> bool {
    let (reply, due) = sync_channel(1);
    if records.send(Order::Chores { reply }).is_err() {
        return false;
    }
    let Ok((due, pulse)) = due.recv() else { return false };
    if let Err(outcome) = client.heartbeat(&pulse, stop) {
        tracing::info!(code = outcome.code(), "heartbeat");
    }
    let Some(deposit) = due else { return true };
    match client.deposit(&deposit, stop) {
        Ok(()) => records.send(Order::Deposited { recovery: deposit.recovery }).is_ok(),
        // It is offered again next time; nothing else waits for it.
        Err(outcome) => {
            tracing::info!(code = outcome.code(), "deposit");
            true
        }
    }
}

/// Sleeps in short pieces, so that leaving the program does not wait for the hall.
fn rest(pause: Duration, stop: &StopFlag) {
    let watch = Stopwatch::start();
    while !stop.is_stopped() {
        let left = pause.saturating_sub(watch.elapsed());
        if left.is_zero() {
            return;
        }
        std::thread::park_timeout(left.min(Duration::from_millis(100)));
    }
}
