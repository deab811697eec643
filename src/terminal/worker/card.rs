//! The card reader's thread.

use std::{cell::RefCell, time::Duration};

use card::Config as ReaderConfig;
use courier::StopFlag;
use devices::{CardEvent, CardReader, Kind, Trouble};

use super::{Post, identity, patience::supervise};
use crate::{
    clock::{Clock, Stopwatch},
    config::Config,
    ids::Ids,
    speech::{CardFact, Fact},
};

const PATIENCE: Duration = Duration::from_millis(500);
pub(super) const GAVE_UP: Trouble = Trouble::new(Kind::Broken, "device_gave_up", "five restarts within an hour");

pub fn run(config: &Config, clock: &Clock, ids: &Ids, post: &Post, stop: &StopFlag) {
    let config = ReaderConfig { stand_in: config.devices.card_stand_in, ..ReaderConfig::default() };
    supervise(
        || match card::open(config.clone()) {
            Ok(reader) => watch(reader, clock, ids, post, stop),
            // The profile file is wrong: restarting would not mend it.
            Err(trouble) => {
                post.send(lamp("", Some(trouble)));
            }
        },
        || {
            post.send(lamp("", Some(GAVE_UP)));
        },
    );
}

/// Follows a reader until the window is gone.
pub(super) fn watch(mut reader: Box<dyn CardReader>, clock: &Clock, ids: &Ids, post: &Post, stop: &StopFlag) {
    let said: RefCell<Option<Option<Trouble>>> = RefCell::new(None);
    // The same trouble again and again is one lamp.
    let lamp_once = |name: &str, trouble: Option<Trouble>| {
        if said.replace(Some(trouble)) == Some(trouble) { true } else { post.send(lamp(name, trouble)) }
    };
    while !stop.is_stopped() {
        let began = Stopwatch::start();
        let alive = match reader.next(PATIENCE) {
            Ok(CardEvent::Quiet) => true,
            Ok(CardEvent::ReaderArrived { name }) => lamp_once(&name, None),
            Ok(CardEvent::ReaderGone { name }) => {
                let gone = Trouble::new(Kind::Unplugged, "reader_gone", "the reader left the service");
                post.send(Fact::Card(CardFact::Removed)) && lamp_once(&name, Some(gone))
            }
            Ok(CardEvent::CardPresent) => post.send(Fact::Card(CardFact::Present)),
            Ok(CardEvent::Reading) => post.send(Fact::Card(CardFact::Reading)),
            Ok(CardEvent::Read(record)) => {
                let now = clock.now();
                let identity = identity::of(&record, ids.next(now), now);
                post.send(Fact::Card(CardFact::Read(Box::new(identity))))
            }
            Ok(CardEvent::Failed(trouble)) => post.send(Fact::Card(CardFact::Failed(trouble))),
            Ok(CardEvent::CardRemoved) => post.send(Fact::Card(CardFact::Removed)),
            Err(trouble) => {
                let alive = lamp_once("", Some(trouble));
                // A driver that fails at once is not asked in a circle.
                std::thread::park_timeout(PATIENCE.saturating_sub(began.elapsed()));
                alive
            }
        };
        if !alive {
            return;
        }
    }
}

fn lamp(reader: &str, trouble: Option<Trouble>) -> Fact {
    Fact::Card(CardFact::Lamp { reader: reader.to_owned(), trouble })
}
