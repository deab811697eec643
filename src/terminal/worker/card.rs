//! The card readers' threads: one for each configured reader, one lamp for all of them.

use std::{
    cell::{Cell, RefCell},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use card::{
    Config as ReaderConfig,
    photo::{self, Decoder},
};
use courier::StopFlag;
use devices::{CardEvent, CardReader, Interrupt, Kind, Trouble};
use egui::ColorImage;
use uuid::Uuid;

use super::{Post, identity, patience::supervise};
use crate::{
    clock::{Clock, Stopwatch},
    config::Config,
    ids::Ids,
    speech::{CardFact, Fact},
};

/// For a reader whose wait cannot be ended from outside.
const PATIENCE: Duration = Duration::from_millis(500);
/// For one whose wait can: its thread sleeps until something happens.
const LONG_PATIENCE: Duration = Duration::from_secs(600);
pub(super) const GAVE_UP: Trouble = Trouble::new(Kind::Broken, "device_gave_up", "five restarts within an hour");
/// The word by which this program becomes the photo decoder's child process.
pub(crate) const PHOTO_CHILD: &str = "photo-child";

/// What one reader's thread needs.
pub(super) struct Seat {
    pub at: usize,
    pub bench: Bench,
    pub reader: ReaderConfig,
    pub photo: Option<Decoder>,
    pub interrupts: Interrupts,
}

/// Ends the waits of all readers, so that closing the window waits for none of them.
#[derive(Clone, Default)]
pub(super) struct Interrupts(Arc<Mutex<Vec<Interrupt>>>);

impl Interrupts {
    pub fn call(&self) {
        for interrupt in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            interrupt();
        }
    }

    fn add(&self, interrupt: Option<Interrupt>) -> Duration {
        let patience = if interrupt.is_some() { LONG_PATIENCE } else { PATIENCE };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(interrupt);
        patience
    }
}

/// How all readers are. A village point with two readers can serve as long as one of them works.
#[derive(Clone)]
pub(super) struct Bench(Arc<Mutex<Vec<State>>>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    NotAsked,
    Works,
    Trouble(Trouble),
}

impl Bench {
    pub fn of(readers: usize) -> Self {
        Self(Arc::new(Mutex::new(vec![State::NotAsked; readers])))
    }

    /// Notes how one reader is, and gives what the lamp shall say now; `None` leaves it as it is.
    fn note(&self, at: usize, trouble: Option<Trouble>) -> Option<Option<Trouble>> {
        let mut states = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(state) = states.get_mut(at) {
            *state = trouble.map_or(State::Works, State::Trouble);
        }
        match trouble {
            None => Some(None),
            // Another reader works: one that is missing is no reason for a red lamp.
            Some(_) if states.contains(&State::Works) => None,
            Some(trouble) => Some(Some(trouble)),
        }
    }
}

/// A reader as the configuration names it.
pub(super) fn reader(config: &Config, name: &str) -> ReaderConfig {
    let devices = &config.devices;
    ReaderConfig { profiles: devices.card_profiles.clone(), stand_in: devices.card_stand_in, ..ReaderConfig::named(name) }
}

/// The town's own photo decoder, in a child process of this program.
pub(crate) fn decoder(config: &Config) -> Option<Decoder> {
    let choice = config.devices.photo.as_ref()?;
    Some(Decoder {
        library: choice.library.clone(),
        call: choice.call,
        program: std::env::current_exe().ok()?,
        words: vec![PHOTO_CHILD.to_owned()],
        time_limit: Duration::from_secs(choice.seconds.into()),
    })
}

pub(super) fn run(seat: &Seat, clock: &Clock, ids: &Ids, post: &Post, stop: &StopFlag) {
    supervise(
        || match card::open(seat.reader.clone()) {
            Ok(reader) => watch(reader, seat, clock, ids, post, stop),
            // The profile file is wrong: restarting would not mend it.
            Err(trouble) => {
                seat.lamp(post, "", Some(trouble));
            }
        },
        || {
            seat.lamp(post, "", Some(GAVE_UP));
        },
    );
}

impl Seat {
    /// False when the window is gone.
    fn lamp(&self, post: &Post, reader: &str, trouble: Option<Trouble>) -> bool {
        match self.bench.note(self.at, trouble) {
            Some(trouble) => post.send(Fact::Card(CardFact::Lamp { reader: reader.to_owned(), trouble })),
            None => true,
        }
    }
}

/// Follows a reader until the window is gone.
pub(super) fn watch(mut reader: Box<dyn CardReader>, seat: &Seat, clock: &Clock, ids: &Ids, post: &Post, stop: &StopFlag) {
    let said: RefCell<Option<Option<Trouble>>> = RefCell::new(None);
    // The same trouble again and again is one lamp.
    let lamp_once = |name: &str, trouble: Option<Trouble>| {
        if said.replace(Some(trouble)) == Some(trouble) { true } else { seat.lamp(post, name, trouble) }
    };
    // What lies on another reader is not taken away with this one.
    let lies_here = Cell::new(false);
    let card = |fact: CardFact| post.send(Fact::Card(fact));
    let patience = seat.interrupts.add(reader.interrupt());
    while !stop.is_stopped() {
        let began = Stopwatch::start();
        let alive = match reader.next(patience) {
            Ok(CardEvent::Quiet) => true,
            Ok(CardEvent::ReaderArrived { name }) => lamp_once(&name, None),
            Ok(CardEvent::ReaderGone { name }) => {
                let gone = Trouble::new(Kind::Unplugged, "reader_gone", "the reader left the service");
                (!lies_here.take() || card(CardFact::Removed)) && lamp_once(&name, Some(gone))
            }
            Ok(CardEvent::CardPresent) => {
                lies_here.set(true);
                card(CardFact::Present)
            }
            Ok(CardEvent::Reading) => card(CardFact::Reading),
            Ok(CardEvent::Read(record)) => {
                let now = clock.now();
                let read_event = ids.next(now);
                let alive = card(CardFact::Read(Box::new(identity::of(&record, read_event, now))));
                if let (Some(decoder), Some(wlt)) = (&seat.photo, &record.photo) {
                    decode(decoder.clone(), wlt, read_event, post.clone());
                }
                alive
            }
            Ok(CardEvent::Failed(trouble)) => card(CardFact::Failed(trouble)),
            Ok(CardEvent::CardRemoved) => {
                lies_here.set(false);
                card(CardFact::Removed)
            }
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

/// Decodes a photo beside the reader's thread, so that a card that is taken away is seen at once.
/// Without a picture nothing is said: the reading stands as it is.
fn decode(decoder: Decoder, wlt: &[u8], read_event: Uuid, post: Post) {
    let wlt = zeroize::Zeroizing::new(wlt.to_vec());
    let started = super::thread("photo", move || match photo::decode(&decoder, &wlt) {
        Ok(photo) => {
            let image = ColorImage::from_rgb([photo::WIDTH, photo::HEIGHT], &photo.rgb);
            post.send(Fact::Card(CardFact::Photo { read_event, image }));
        }
        Err(trouble) => tracing::warn!(code = trouble.code, "photo not decoded"),
    });
    if let Err(error) = started {
        tracing::warn!(%error, "no thread for the photo");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABSENT: Trouble = Trouble::new(Kind::Absent, "reader_absent", "none");

    #[test]
    fn one_lamp_is_green_as_long_as_one_reader_works() {
        let bench = Bench::of(2);
        assert_eq!(bench.note(0, Some(ABSENT)), Some(Some(ABSENT)), "nothing works yet");
        assert_eq!(bench.note(1, None), Some(None));
        assert_eq!(bench.note(0, Some(GAVE_UP)), None, "the other one works");
        assert_eq!(bench.note(1, Some(ABSENT)), Some(Some(ABSENT)), "the last one is gone");
        assert_eq!(bench.note(0, None), Some(None));
    }
}
