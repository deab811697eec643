//! The PC/SC cable: readers come and go, cards come and go, the service itself comes and goes.
//!
//! One state a slot, one event at a time. A record is given out only after the service says that
//! the very card whose arrival was announced still lies there, by its event counter; everything
//! else discards it whole. Nothing here polls: waiting is `SCardGetStatusChange`. The one exception
//! are readers whose profile says that their module has to be asked (`sdt_control`).

use std::collections::VecDeque;
use std::ffi::CString;
use std::path::Path;
use std::time::{Duration, Instant};

use ::pcsc::State;
use devices::{CardEvent, CardReader, Interrupt, Trouble};
use zeroize::Zeroizing;

use crate::fault::{self, Failure, Fault};
use crate::profile::Profiles;
use crate::reading::Reading;
use crate::recognise::{self, Wrapped};
use crate::sdt_watch::Watch;
use crate::service::{Access, Parting, Service, System, Watched};

/// Another program may hold the card this long before a person is told.
const SHARED_PATIENCE: Duration = Duration::from_secs(5);
const SHARED_FIRST: Duration = Duration::from_millis(50);
/// Contact lost: after this long pcscd's own poll (400 ms) has noticed whether the card is gone.
const LOST_PAUSE: Duration = Duration::from_millis(500);
/// Attempts at a card that lies there and loses contact.
const LOST_ATTEMPTS: u32 = 3;
/// Between two attempts to reach a service that is not there.
const SERVICE_FIRST: Duration = Duration::from_millis(250);
const SERVICE_LAST: Duration = Duration::from_secs(5);
/// Longest sleep while there is no service to wait in.
const NAP: Duration = Duration::from_millis(500);
/// A driver that reports "changed" without a change is asked no faster than this.
const IDLE_PAUSE: Duration = Duration::from_millis(100);
const IDLE_RETURNS_MAX: u32 = 4;
/// A driver that does not pass control commands is asked again after this; somebody may have allowed it.
const REFUSED_PAUSE: Duration = Duration::from_secs(5);

/// Watches the readers of the PC/SC service.
pub(crate) struct PcscReader<S: Service> {
    service: S,
    profiles: Profiles,
    prefix: Option<String>,
    stand_in: bool,
    connected: bool,
    /// Failed attempts to reach the service, and when the next one is due.
    attempts: u32,
    retry_at: Option<Instant>,
    /// Said once while there is no reader at all.
    absence_told: bool,
    idle_returns: u32,
    slots: Vec<Slot>,
    events: VecDeque<CardEvent>,
    raw_text: Option<Zeroizing<String>>,
}

struct Slot {
    label: String,
    phase: Phase,
    /// CardPresent and Reading were told, so CardRemoved must be.
    announced: bool,
    chip: Option<Zeroizing<Vec<u8>>>,
    watched: Watched,
    /// The module behind control commands, where the reader's profile has one.
    module: Option<Module>,
}

/// A security module that finds its cards itself, whatever the service sees.
#[derive(Default)]
struct Module {
    watch: Watch,
    /// A trouble was told; a good answer takes it back.
    stumbled: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Empty,
    /// A card to be read now.
    Due,
    /// Another program holds the card; asked again at `at`, told of after `until`.
    Held {
        at: Instant,
        pause: Duration,
        until: Instant,
    },
    /// Contact was lost; the whole reading begins again at `at`, if the card still lies there.
    Again {
        at: Instant,
        attempts: u32,
    },
    /// Told that another program holds it; tried again when it lets go.
    GivenUp,
    Mute,
    /// Read or failed: nothing more happens until the card goes.
    Done,
}

impl PcscReader<System> {
    /// # Errors
    /// `reader_profiles` when the file of profiles cannot be used.
    pub fn open(reader: Option<String>, profiles: Option<&Path>, stand_in: bool) -> Result<Self, Trouble> {
        Ok(Self::new(System::default(), Profiles::load(profiles)?, reader, stand_in))
    }
}

impl<S: Service> PcscReader<S> {
    fn new(service: S, profiles: Profiles, prefix: Option<String>, stand_in: bool) -> Self {
        Self {
            service,
            profiles,
            prefix,
            stand_in,
            connected: false,
            attempts: 0,
            retry_at: None,
            absence_told: false,
            idle_returns: 0,
            slots: Vec::new(),
            events: VecDeque::new(),
            raw_text: None,
        }
    }

    /// Makes a new context when there is none. False: not yet due within the patience.
    fn connect(&mut self, patience: Duration) -> Result<bool, Trouble> {
        if let Some(at) = self.retry_at {
            let rest = at.saturating_duration_since(Instant::now());
            // This sleep cannot be ended from outside, so it is a short one.
            let nap = patience.min(NAP);
            std::thread::sleep(rest.min(nap));
            if rest > nap {
                return Ok(false);
            }
        }
        match self.service.establish() {
            Ok(()) => {
                self.connected = true;
                self.attempts = 0;
                self.retry_at = None;
                self.absence_told = false;
                self.list();
                Ok(true)
            }
            Err(fault) => {
                let pause = SERVICE_FIRST.saturating_mul(1 << self.attempts.min(5)).min(SERVICE_LAST);
                self.attempts += 1;
                self.retry_at = Some(Instant::now() + pause);
                Err(Failure::Fault(fault).trouble())
            }
        }
    }

    /// The service ended: whatever lay on its readers is forgotten with it.
    fn lose_service(&mut self) {
        for slot in std::mem::take(&mut self.slots) {
            self.gone(slot);
        }
        self.service.release();
        self.connected = false;
        self.retry_at = None;
    }

    fn gone(&mut self, mut slot: Slot) {
        if let Some(module) = &mut slot.module {
            module.watch.forget(&mut self.events);
        }
        if slot.announced {
            if matches!(slot.phase, Phase::Due | Phase::Held { .. } | Phase::Again { .. }) {
                self.events.push_back(CardEvent::Failed(fault::REMOVED));
            }
            self.events.push_back(CardEvent::CardRemoved);
        }
        self.events.push_back(CardEvent::ReaderGone { name: slot.label });
    }

    /// Compares the service's list of readers with the slots. True: something changed.
    fn list(&mut self) -> bool {
        let names = match self.service.readers() {
            Ok(names) => names,
            Err(_) => {
                self.lose_service();
                return true;
            }
        };
        let wanted = |name: &CString| {
            let label = name.to_string_lossy();
            self.prefix.as_deref().is_none_or(|prefix| label.starts_with(prefix))
        };
        let names: Vec<CString> = names.into_iter().filter(wanted).collect();
        let mut changed = false;
        for at in (0..self.slots.len()).rev() {
            if !names.contains(&self.slots[at].watched.name) {
                let slot = self.slots.remove(at);
                self.gone(slot);
                changed = true;
            }
        }
        for name in names {
            if self.slots.iter().any(|slot| slot.watched.name == name) {
                continue;
            }
            let label = name.to_string_lossy().into_owned();
            self.events.push_back(CardEvent::ReaderArrived { name: label.clone() });
            let module = self.profiles.asked(&label).map(|_| Module::default());
            let watched = Watched::new(name);
            self.slots.push(Slot { label, phase: Phase::Empty, announced: false, chip: None, watched, module });
            changed = true;
        }
        changed
    }

    /// Waits for news and turns them into events.
    fn watch(&mut self, patience: Duration) {
        let before: Vec<Watched> = self.slots.iter().map(|slot| slot.watched.clone()).collect();
        let mut after = before.clone();
        match self.service.wait(patience, &mut after) {
            Ok(listed) => {
                let same = !listed && before.iter().zip(&after).all(|(old, new)| old.raw == new.raw);
                self.learn(&before, after);
                let listed = listed && self.list();
                self.idle_returns = if same && !listed { self.idle_returns + 1 } else { 0 };
            }
            Err(Fault::Timeout) => self.idle_returns = 0,
            // A name that the service no longer knows: look at its list again.
            Err(Fault::NoReader) => {
                if !self.list() {
                    self.idle_returns += 1;
                }
            }
            Err(_) => self.lose_service(),
        }
        if self.idle_returns > IDLE_RETURNS_MAX {
            std::thread::sleep(IDLE_PAUSE.min(patience));
        }
    }

    fn learn(&mut self, before: &[Watched], after: Vec<Watched>) {
        let mut vanished = Vec::new();
        for (at, (old, new)) in before.iter().zip(after).enumerate() {
            let Some(slot) = self.slots.get_mut(at) else { break };
            slot.watched = new;
            let (present, mute) = (slot.watched.has(State::PRESENT), slot.watched.has(State::MUTE));
            if slot.watched.has(State::UNKNOWN) || (slot.watched.has(State::UNAVAILABLE) && !present) {
                vanished.push(at);
                continue;
            }
            let occupied = slot.phase != Phase::Empty;
            // The counter also shows a card that was exchanged between two looks.
            let exchanged = occupied && slot.watched.counter() != old.counter();
            if occupied && (!present || exchanged) {
                let unread = matches!(slot.phase, Phase::Due | Phase::Held { .. } | Phase::Again { .. });
                slot.phase = Phase::Empty;
                slot.chip = None;
                self.raw_text = None;
                if std::mem::take(&mut slot.announced) {
                    if unread {
                        self.events.push_back(CardEvent::Failed(fault::REMOVED));
                    }
                    self.events.push_back(CardEvent::CardRemoved);
                }
            }
            match slot.phase {
                Phase::Empty if present => self.arrive(at, mute),
                Phase::Mute if present && !mute => self.arrive(at, false),
                Phase::GivenUp if present && !slot.watched.has(State::EXCLUSIVE) && old.has(State::EXCLUSIVE) => {
                    slot.phase = Phase::Due;
                    self.events.push_back(CardEvent::Reading);
                }
                _ => {}
            }
        }
        for at in vanished.into_iter().rev() {
            let slot = self.slots.remove(at);
            self.gone(slot);
        }
    }

    fn arrive(&mut self, at: usize, mute: bool) {
        if self.slots[at].module.as_ref().is_some_and(|module| module.watch.occupied()) {
            // The module found this card before the service saw it: it is one card.
            self.slots[at].phase = Phase::Done;
            return;
        }
        // With a card in another slot this may be the other face of the same one: it is read first
        // and spoken of when it turns out to be another.
        let alone = self.slots.iter().enumerate().all(|(other, slot)| other == at || slot.phase == Phase::Empty);
        let slot = &mut self.slots[at];
        slot.phase = if mute { Phase::Mute } else { Phase::Due };
        if mute {
            self.announce(at);
            self.events.push_back(CardEvent::Failed(fault::CARD_MUTE));
        } else if alone {
            self.announce(at);
            self.events.push_back(CardEvent::Reading);
        }
    }

    fn announce(&mut self, at: usize) {
        if let Some(slot) = self.slots.get_mut(at)
            && !std::mem::replace(&mut slot.announced, true)
        {
            self.events.push_back(CardEvent::CardPresent);
        }
    }

    /// The slot to be read now, if any.
    fn due(&self) -> Option<usize> {
        let now = Instant::now();
        self.slots.iter().position(|slot| match slot.phase {
            Phase::Due => true,
            Phase::Held { at, .. } | Phase::Again { at, .. } => at <= now,
            _ => false,
        })
    }

    /// How long waiting may last before a held card is tried again.
    fn patience(&self, patience: Duration) -> Duration {
        let now = Instant::now();
        self.slots.iter().fold(patience, |patience, slot| match slot.phase {
            Phase::Held { at, .. } | Phase::Again { at, .. } => patience.min(at.saturating_duration_since(now)),
            _ => match slot.question_at(now) {
                Some(at) => patience.min(at.saturating_duration_since(now)),
                None => patience,
            },
        })
    }

    /// The slot whose module is to be asked now, if any.
    fn question(&self) -> Option<usize> {
        let now = Instant::now();
        self.slots.iter().position(|slot| slot.question_at(now).is_some_and(|at| at <= now))
    }

    /// Asks a module one question, in a session with the reader itself: no card need be seen.
    fn ask(&mut self, at: usize) -> Result<(), Trouble> {
        let slot = &mut self.slots[at];
        let (Some(module), Some(wrapping)) = (&mut slot.module, self.profiles.asked(&slot.label)) else { return Ok(()) };
        let (name, watch, events) = (slot.watched.name.clone(), &mut module.watch, &mut self.events);
        let mut failure = None;
        let outcome = self.service.session(&name, Access::Direct, Parting::Leave, &mut |channel| {
            // What the module says is its own matter; the session itself went well.
            failure = watch.step(&mut Wrapped { channel, wrapping }, events).err();
            Ok(())
        });
        match outcome.err().or(failure) {
            None => {
                if std::mem::take(&mut module.stumbled) {
                    self.events.push_front(CardEvent::ReaderArrived { name: slot.label.clone() });
                }
                Ok(())
            }
            Some(Failure::Fault(Fault::Stopped | Fault::NoService)) => {
                self.lose_service();
                Ok(())
            }
            Some(Failure::Fault(Fault::NoReader)) => {
                module.watch.forget(&mut self.events);
                module.watch.pause(LOST_PAUSE);
                self.list();
                Ok(())
            }
            Some(failure) => {
                module.stumbled = true;
                let refused = matches!(failure, Failure::Fault(Fault::Unsupported | Fault::Denied));
                module.watch.pause(if refused { REFUSED_PAUSE } else { LOST_PAUSE });
                Err(failure.trouble())
            }
        }
    }

    fn read(&mut self, at: usize) {
        let announced = self.slots[at].announced;
        let mut outcome = self.session(at);
        if matches!(outcome, Err(Failure::Fault(Fault::Reset))) {
            // Somebody reset the card: what was selected is forgotten. Once more from the start.
            outcome = self.session(at);
        }
        match outcome {
            Ok(reading) => {
                let twin = reading.chip.is_some()
                    && self.slots.iter().enumerate().any(|(other, slot)| other != at && slot.chip == reading.chip);
                let slot = &mut self.slots[at];
                slot.phase = Phase::Done;
                slot.chip = reading.chip;
                if !twin {
                    if !announced {
                        self.announce(at);
                        self.events.push_back(CardEvent::Reading);
                    }
                    self.events.push_back(CardEvent::Read(Box::new(reading.record)));
                }
            }
            Err(Failure::Fault(Fault::Shared)) => self.held(at),
            Err(Failure::Fault(Fault::Lost | Fault::Mute | Fault::Other)) if self.attempts_at(at) < LOST_ATTEMPTS => {
                let attempts = self.attempts_at(at) + 1;
                self.slots[at].phase = Phase::Again { at: Instant::now() + LOST_PAUSE, attempts };
            }
            Err(failure) => {
                self.announce(at);
                self.slots[at].phase = Phase::Done;
                self.events.push_back(CardEvent::Failed(failure.trouble()));
                match failure {
                    Failure::UnknownType(text) => self.raw_text = Some(text),
                    Failure::Fault(Fault::Stopped | Fault::NoService) => self.lose_service(),
                    _ => {}
                }
            }
        }
    }

    /// How often the card in this slot has been tried, this time included.
    fn attempts_at(&self, at: usize) -> u32 {
        match self.slots.get(at).map(|slot| slot.phase) {
            Some(Phase::Again { attempts, .. }) => attempts,
            _ => 1,
        }
    }

    fn held(&mut self, at: usize) {
        let now = Instant::now();
        let (pause, until) = match self.slots[at].phase {
            Phase::Held { pause, until, .. } => (pause * 2, until),
            _ => (SHARED_FIRST, now + SHARED_PATIENCE),
        };
        if now >= until {
            self.slots[at].phase = Phase::GivenUp;
            self.announce(at);
            self.events.push_back(CardEvent::Failed(fault::READER_IN_USE));
        } else {
            self.slots[at].phase = Phase::Held { at: (now + pause).min(until), pause, until };
        }
    }

    /// One read session, and the proof that one card lay there from its arrival to its end.
    fn session(&mut self, at: usize) -> Result<Reading, Failure> {
        let slot = &self.slots[at];
        let (name, counter) = (slot.watched.name.clone(), slot.watched.counter());
        let (label, atr, profiles) = (&slot.label, &slot.watched.atr, &self.profiles);
        let parting = if self.attempts_at(at) > 1 { Parting::Unpower } else { Parting::Leave };
        let mut reading = None;
        self.service.session(&name, Access::Shared, parting, &mut |channel| {
            reading = Some(recognise::read(channel, label, atr, profiles)?);
            Ok(())
        })?;
        let reading = reading.ok_or(fault::READER_FAILED)?;
        let mut now = [Watched::new(name)];
        self.service.wait(Duration::ZERO, &mut now)?;
        let [now] = now;
        if now.has(State::PRESENT) && now.counter() == counter { Ok(reading) } else { Err(fault::REMOVED.into()) }
    }
}

impl<S: Service> CardReader for PcscReader<S> {
    fn next(&mut self, patience: Duration) -> Result<CardEvent, Trouble> {
        if let Some(event) = self.events.pop_front() {
            return Ok(event);
        }
        if !self.connected {
            if !self.connect(patience)? {
                return Ok(CardEvent::Quiet);
            }
        } else if let Some(at) = self.due() {
            self.read(at);
        } else if let Some(at) = self.question() {
            self.ask(at)?;
        } else {
            self.watch(self.patience(patience));
        }
        if self.connected && self.slots.is_empty() && self.events.is_empty() && !std::mem::replace(&mut self.absence_told, true) {
            return Err(fault::READER_ABSENT);
        }
        Ok(self.events.pop_front().unwrap_or(CardEvent::Quiet))
    }

    fn raw_text(&self) -> Option<&str> {
        let on_module = || self.slots.iter().find_map(|slot| slot.module.as_ref()?.watch.raw_text());
        self.raw_text.as_ref().map(|text| text.as_str()).or_else(on_module)
    }

    fn interrupt(&self) -> Option<Interrupt> {
        self.service.interrupt()
    }

    fn is_stand_in(&self) -> bool {
        self.stand_in
    }
}

impl Slot {
    /// When its module is due to be asked; `None` where there is none, or the service sees a card
    /// and it is read in its own way.
    fn question_at(&self, now: Instant) -> Option<Instant> {
        let module = self.module.as_ref().filter(|module| self.phase == Phase::Empty || module.watch.occupied())?;
        Some(module.watch.next_at().unwrap_or(now))
    }
}

/// Names of the readers that the service has now.
///
/// # Errors
/// The trouble of a service that cannot be reached.
pub(crate) fn readers() -> Result<Vec<String>, Trouble> {
    let mut service = System::default();
    let mut list = || {
        service.establish()?;
        service.readers()
    };
    let names = list().map_err(|fault| Failure::Fault(fault).trouble())?;
    Ok(names.iter().map(|name| name.to_string_lossy().into_owned()).collect())
}

#[cfg(test)]
#[path = "pcsc_x_tests.rs"]
mod x_tests;
