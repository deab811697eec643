//! An SDT reader as a [`CardReader`]: it is asked for a card twice a second, and whether the card
//! that was read still lies there.
//!
//! After a good reading the module does not find the same card again until it has left the field,
//! so "not found" may mean "still there": the added addresses (30 03) are the question that tells.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use devices::{CardEvent, CardReader, Trouble};
use zeroize::Zeroizing;

use crate::fault::{self, Failure, Fault};
use crate::sdt_card::{self, Link};

/// Between two questions for a card; modules ask for more than 300 ms.
const POLL: Duration = Duration::from_millis(400);
/// Failed readings of a card that lies there before a person is asked to act.
const ATTEMPTS_MAX: u32 = 3;
/// "Not found" in a row that means that a card which failed has left.
const ABSENCES: u32 = 2;
const RETRY_FIRST: Duration = Duration::from_millis(500);
const RETRY_LAST: Duration = Duration::from_secs(5);

/// Opens the line again and again, as readers are plugged in and out.
pub(crate) trait Opener: Send {
    /// # Errors
    /// The trouble while there is no reader to talk to.
    fn open(&mut self) -> Result<(Box<dyn Link + Send>, String), Trouble>;
}

pub(crate) struct SdtReader<O> {
    opener: O,
    open: Option<(Box<dyn Link + Send>, String)>,
    stage: Stage,
    next_at: Option<Instant>,
    failures_to_open: u32,
    stand_in: bool,
    events: VecDeque<CardEvent>,
    raw_text: Option<Zeroizing<String>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// No card known.
    Empty,
    /// Found and told; to be read now.
    Found { failures: u32 },
    /// Read well; `sure` while the firmware can say that it still lies there.
    Read { sure: bool, absences: u32 },
    /// Could not be read; waits to leave.
    Failed { absences: u32 },
}

impl<O: Opener> SdtReader<O> {
    pub fn new(opener: O, stand_in: bool) -> Self {
        Self {
            opener,
            open: None,
            stage: Stage::Empty,
            next_at: None,
            failures_to_open: 0,
            stand_in,
            events: VecDeque::new(),
            raw_text: None,
        }
    }

    /// One question and what follows from it.
    fn step(&mut self) -> Result<(), Trouble> {
        let Some((link, _)) = &mut self.open else { return self.plug_in() };
        let link = link.as_mut();
        let outcome = match self.stage {
            Stage::Empty => sdt_card::find(link).map(|found| found.then_some(Stage::Found { failures: 0 })),
            Stage::Found { failures } => {
                return match sdt_card::read(link) {
                    Ok(record) => {
                        let sure = !record.warnings.contains(&"new_address_not_read");
                        self.events.push_back(CardEvent::Read(Box::new(record)));
                        self.stage = Stage::Read { sure, absences: 0 };
                        self.pause();
                        Ok(())
                    }
                    Err(failure) => self.reading_failed(failure, failures),
                };
            }
            Stage::Read { sure: true, .. } => sdt_card::still_there(link).map(|there| match there {
                Some(true) => None,
                Some(false) => Some(Stage::Empty),
                None => Some(Stage::Read { sure: false, absences: 0 }),
            }),
            // Without that question a found card is another one, and twice "none" is a guess in
            // favour of forgetting.
            Stage::Read { sure: false, absences } | Stage::Failed { absences } => sdt_card::find(link).map(|found| {
                if found {
                    return Some(Stage::Found { failures: 0 });
                }
                if absences + 1 >= ABSENCES {
                    return Some(Stage::Empty);
                }
                Some(match self.stage {
                    Stage::Failed { .. } => Stage::Failed { absences: absences + 1 },
                    _ => Stage::Read { sure: false, absences: absences + 1 },
                })
            }),
        };
        match outcome {
            Ok(None) => self.pause(),
            Ok(Some(next)) => self.enter(next),
            Err(Failure::Fault(Fault::NoReader | Fault::Denied)) => self.unplugged(),
            // The line stumbled while nothing was at stake: the next question is the repetition.
            Err(failure) => {
                self.pause();
                return Err(failure.trouble());
            }
        }
        Ok(())
    }

    fn enter(&mut self, next: Stage) {
        match (self.stage, next) {
            // The failed card is found again: it never left, or it was put back. One quiet retry
            // would read it, but a person who has been told to take it off must see that happen.
            (Stage::Failed { .. }, Stage::Found { .. }) => {
                self.stage = Stage::Failed { absences: 0 };
                return self.pause();
            }
            (Stage::Empty, Stage::Found { .. }) => {
                self.events.extend([CardEvent::CardPresent, CardEvent::Reading]);
            }
            (Stage::Read { .. }, Stage::Found { .. }) => {
                self.events.extend([CardEvent::CardRemoved, CardEvent::CardPresent, CardEvent::Reading]);
            }
            (Stage::Empty, _) => {}
            (_, Stage::Empty) => {
                self.raw_text = None;
                self.events.push_back(CardEvent::CardRemoved);
            }
            _ => {}
        }
        let wait = !matches!(next, Stage::Found { .. } | Stage::Empty);
        self.stage = next;
        if wait {
            self.pause();
        }
    }

    fn reading_failed(&mut self, failure: Failure, failures: u32) -> Result<(), Trouble> {
        let trouble = failure.trouble();
        if matches!(failure, Failure::Fault(Fault::NoReader | Fault::Denied)) {
            self.events.push_back(CardEvent::Failed(trouble));
            self.unplugged();
            return Ok(());
        }
        // Contact lost while the card lies there: find it again and start from the beginning.
        // Nothing of the failed session is kept.
        let again = matches!(trouble.code, "card_moved" | "card_authentication");
        if again
            && failures + 1 < ATTEMPTS_MAX
            && let Some((link, _)) = &mut self.open
            && let Ok(true) = sdt_card::find(link.as_mut())
        {
            self.stage = Stage::Found { failures: failures + 1 };
            return Ok(());
        }
        let told = if again && failures + 1 >= ATTEMPTS_MAX { fault::CARD_TWO } else { trouble };
        if let Failure::UnknownType(text) = failure {
            self.raw_text = Some(text);
        }
        self.events.push_back(CardEvent::Failed(told));
        // An unknown type was read well by the module: it is there until 30 03 says otherwise.
        self.stage =
            if self.raw_text.is_some() { Stage::Read { sure: true, absences: 0 } } else { Stage::Failed { absences: 0 } };
        self.pause();
        Ok(())
    }

    fn plug_in(&mut self) -> Result<(), Trouble> {
        match self.opener.open() {
            Ok((link, name)) => {
                self.failures_to_open = 0;
                self.events.push_back(CardEvent::ReaderArrived { name: name.clone() });
                self.open = Some((link, name));
                self.stage = Stage::Empty;
                Ok(())
            }
            Err(trouble) => {
                let pause = RETRY_FIRST.saturating_mul(1 << self.failures_to_open.min(5)).min(RETRY_LAST);
                self.failures_to_open += 1;
                self.next_at = Some(Instant::now() + pause);
                Err(trouble)
            }
        }
    }

    fn unplugged(&mut self) {
        if self.stage != Stage::Empty {
            self.events.push_back(CardEvent::CardRemoved);
        }
        if let Some((_, name)) = self.open.take() {
            self.events.push_back(CardEvent::ReaderGone { name });
        }
        self.stage = Stage::Empty;
        self.raw_text = None;
        self.pause();
    }

    fn pause(&mut self) {
        self.next_at = Some(Instant::now() + POLL);
    }
}

impl<O: Opener> CardReader for SdtReader<O> {
    fn next(&mut self, patience: Duration) -> Result<CardEvent, Trouble> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(event) = self.events.pop_front() {
                return Ok(event);
            }
            if let Some(at) = self.next_at {
                let now = Instant::now();
                std::thread::sleep(at.saturating_duration_since(now).min(deadline.saturating_duration_since(now)));
                if at > deadline {
                    return Ok(CardEvent::Quiet);
                }
                self.next_at = None;
            }
            self.step()?;
        }
    }

    fn raw_text(&self) -> Option<&str> {
        self.raw_text.as_ref().map(|text| text.as_str())
    }

    fn is_stand_in(&self) -> bool {
        self.stand_in
    }
}

#[cfg(test)]
#[path = "sdt_reader_x_tests.rs"]
mod x_tests;
