//! The feed's thread: waits at the hall for states, notices and accounts, and lets records keep them.

use std::{
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    time::Duration,
};

use courier::{Client, StopFlag, plan::Pace};

use super::{Post, courier_thread, records::Begin};
use crate::{
    clock::{Clock, Stopwatch},
    speech::{CourierOrder, Fact, LineFact, Order},
};

/// How long one question waits at the hall for news.
const WAIT: Duration = Duration::from_secs(25);

/// An exchange longer than this has waited for news.
const QUICK: Duration = Duration::from_secs(2);

pub fn run(
    clock: &Clock,
    records: &SyncSender<Order>,
    courier: &SyncSender<CourierOrder>,
    post: &Post,
    ready: &Receiver<Begin>,
    stop: &StopFlag,
) {
    let Ok(Begin { admission, mut cursor, hall_time, ledger }) = ready.recv() else { return };
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
                courier_thread::up(&client, clock, post, watch.elapsed() > QUICK);
                let something = news.cursor != cursor || news.agents.is_some() || news.particulars.is_some();
                // An empty page, too, says where the ledger stands and what its backup holds.
                let standing = (news.ledger, news.backed_up);
                if something || told != Some(standing) {
                    told = Some(standing);
                    if let Some(particulars) = &news.particulars {
                        client.learn(particulars);
                    }
                    let next = news.cursor;
                    let (reply, applied) = sync_channel(1);
                    if records.send(Order::Feed { news: Box::new(news), reply }).is_err() {
                        return;
                    }
                    // The cursor moves only with what the disk has.
                    match applied.recv() {
                        Ok(true) => cursor = next,
                        Ok(false) => {}
                        Err(_) => return,
                    }
                }
                pace.feed_pause(something, watch.elapsed())
            }
            Err(outcome) if outcome.is_stopped() => return,
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
