//! `sync`: carries what is due and takes one page of the feed after the other, without a window.

use std::time::Duration;

use courier::{
    Client, Progress, Step, StopFlag,
    plan::{Entry, Plan},
};
use outbox::Cabinet;
use texts::{Texts, command as say};

use super::{Fault, Options, cabinet};
use crate::{
    clock::Clock,
    config::Config,
    worker::{
        courier_thread::{dice, line},
        key,
    },
};

/// Pages of the feed taken in one go; more come with the next.
const FEED_PAGES_MAX: usize = 1000;

pub fn sync(t: &Texts, options: &mut Options, config: &Config, clock: &Clock) -> Result<(), Fault> {
    options.nothing_left()?;
    let mut cabinet = cabinet(config, clock)?;
    let admission = cabinet.admission()?.ok_or(Fault::NotAdmitted)?;
    let reading = Cabinet::reading(&config.cabinet_file(), &key(config)?)?;
    let mut client = Client::new(&admission, line(clock)).map_err(|outcome| Fault::Line(outcome.code().to_owned()))?;
    let stop = StopFlag::new();

    for _ in 0..FEED_PAGES_MAX {
        let cursor = cabinet.cursor()?;
        let news = client.feed(cursor, Duration::ZERO, &stop).map_err(|outcome| Fault::Line(outcome.code().to_owned()))?;
        if let Some(particulars) = &news.particulars {
            client.learn(particulars);
        }
        cabinet.apply_feed(&news)?;
        if news.cursor == cursor {
            break;
        }
    }

    cabinet.send_now()?;
    let mut plan = Plan::default();
    let mut delivered = 0u64;
    while let Some(parcel) = cabinet.parcels(clock.now())?.into_iter().next() {
        let mut steps = Vec::new();
        let mut bytes = |digest, offset, len| reading.page_range(digest, offset, len).ok().flatten();
        let outcome = client.deliver(&parcel, &mut bytes, &mut |progress: Progress| steps.push(progress.step), &stop);
        for step in steps {
            match step {
                Step::Sending { .. } => {}
                Step::Upload { page, location, offset, done } => {
                    cabinet.record_upload(page, location.as_deref(), offset, done)?
                }
                Step::Forget { page } => cabinet.forget_upload(page)?,
            }
        }
        match plan.learn(outcome, parcel.tries, false, clock.now(), dice()) {
            Entry::Receipt(news) => {
                cabinet.record_receipt(&news)?;
                delivered += 1;
            }
            Entry::Trouble { code, next_try_at } => {
                cabinet.record_trouble(parcel.act.id, code, Some(next_try_at))?;
                println!("{}", crate::words::line_trouble(t, code));
                if plan.line_down().is_some() {
                    break;
                }
            }
            Entry::Aside { code } => {
                cabinet.quarantine(parcel.act.id, code)?;
                println!("{}", crate::words::line_trouble(t, code));
            }
            Entry::Nothing => break,
        }
    }
    println!("{}", say::delivered(t, delivered));
    match reading.queue()?.filings_waiting {
        0 => Ok(()),
        waiting => Err(Fault::Waiting(waiting)),
    }
}
