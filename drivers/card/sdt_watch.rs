//! What lies on an SDT module, found out one question at a time.
//!
//! After a good reading the module does not find the same card again until it has left the field,
//! so "not found" may mean "still there": the added addresses (30 03) are the question that tells.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use devices::CardEvent;
use zeroize::Zeroizing;

use crate::fault::{self, Failure, Fault};
use crate::sdt_card::{self, Link};

/// Between two questions for a card; modules ask for more than 300 ms.
pub(crate) const POLL: Duration = Duration::from_millis(400);
/// Failed readings of a card that lies there before a person is asked to act.
const ATTEMPTS_MAX: u32 = 3;
/// "Not found" in a row that means that a card which failed has left.
const ABSENCES: u32 = 2;

#[derive(Default)]
pub(crate) struct Watch {
    stage: Stage,
    next_at: Option<Instant>,
    raw_text: Option<Zeroizing<String>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// No card known.
    #[default]
    Empty,
    /// Found and told; to be read now.
    Found { failures: u32 },
    /// Read well; `sure` while the firmware can say that it still lies there.
    Read { sure: bool, absences: u32 },
    /// Could not be read; waits to leave.
    Failed { absences: u32 },
}

impl Watch {
    /// When the next question is due; `None` is at once.
    pub fn next_at(&self) -> Option<Instant> {
        self.next_at
    }

    /// The next question is asked no earlier than after this.
    pub fn pause(&mut self, time: Duration) {
        self.next_at = Some(Instant::now() + time);
    }

    /// Whether a card was told of that has not been told gone.
    pub fn occupied(&self) -> bool {
        self.stage != Stage::Empty
    }

    /// Text of the card of unknown type that lies there.
    pub fn raw_text(&self) -> Option<&str> {
        self.raw_text.as_ref().map(|text| text.as_str())
    }

    /// The module is gone, and whatever lay on it.
    pub fn forget(&mut self, events: &mut VecDeque<CardEvent>) {
        if self.occupied() {
            events.push_back(CardEvent::CardRemoved);
        }
        *self = Self::default();
    }

    /// One question and what follows from it.
    ///
    /// # Errors
    /// A module that is gone ([`Fault::NoReader`], [`Fault::Denied`]: to be followed by [`Watch::forget`]),
    /// or a line that stumbled while nothing was at stake: the next question is the repetition.
    pub fn step(&mut self, link: &mut dyn Link, events: &mut VecDeque<CardEvent>) -> Result<(), Failure> {
        self.next_at = None;
        let outcome = match self.stage {
            Stage::Empty => sdt_card::find(link).map(|found| found.then_some(Stage::Found { failures: 0 })),
            Stage::Found { failures } => {
                return match sdt_card::read(link) {
                    Ok(record) => {
                        let sure = !record.warnings.contains(&"new_address_not_read");
                        events.push_back(CardEvent::Read(Box::new(record)));
                        self.stage = Stage::Read { sure, absences: 0 };
                        self.pause(POLL);
                        Ok(())
                    }
                    Err(failure) => self.reading_failed(failure, failures, link, events),
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
            Ok(None) => self.pause(POLL),
            Ok(Some(next)) => self.enter(next, events),
            Err(failure) => {
                self.pause(POLL);
                return Err(failure);
            }
        }
        Ok(())
    }

    fn enter(&mut self, next: Stage, events: &mut VecDeque<CardEvent>) {
        match (self.stage, next) {
            // The failed card is found again: it never left, or it was put back. One quiet retry
            // would read it, but a person who has been told to take it off must see that happen.
            (Stage::Failed { .. }, Stage::Found { .. }) => {
                self.stage = Stage::Failed { absences: 0 };
                return self.pause(POLL);
            }
            (Stage::Empty, Stage::Found { .. }) => {
                events.extend([CardEvent::CardPresent, CardEvent::Reading]);
            }
            (Stage::Read { .. }, Stage::Found { .. }) => {
                events.extend([CardEvent::CardRemoved, CardEvent::CardPresent, CardEvent::Reading]);
            }
            (Stage::Empty, _) => {}
            (_, Stage::Empty) => {
                self.raw_text = None;
                events.push_back(CardEvent::CardRemoved);
            }
            _ => {}
        }
        let wait = !matches!(next, Stage::Found { .. } | Stage::Empty);
        self.stage = next;
        if wait {
            self.pause(POLL);
        }
    }

    fn reading_failed(
        &mut self,
        failure: Failure,
        failures: u32,
        link: &mut dyn Link,
        events: &mut VecDeque<CardEvent>,
    ) -> Result<(), Failure> {
        let trouble = failure.trouble();
        if matches!(failure, Failure::Fault(Fault::NoReader | Fault::Denied)) {
            events.push_back(CardEvent::Failed(trouble));
            return Err(failure);
        }
        // Contact lost while the card lies there: find it again and start from the beginning.
        // Nothing of the failed session is kept.
        let again = matches!(trouble.code, "card_moved" | "card_authentication");
        if again
            && failures + 1 < ATTEMPTS_MAX
            && let Ok(true) = sdt_card::find(link)
        {
            self.stage = Stage::Found { failures: failures + 1 };
            return Ok(());
        }
        let told = if again && failures + 1 >= ATTEMPTS_MAX { fault::CARD_TWO } else { trouble };
        if let Failure::UnknownType(text) = failure {
            self.raw_text = Some(text);
        }
        events.push_back(CardEvent::Failed(told));
        // An unknown type was read well by the module: it is there until 30 03 says otherwise.
        self.stage =
            if self.raw_text.is_some() { Stage::Read { sure: true, absences: 0 } } else { Stage::Failed { absences: 0 } };
        self.pause(POLL);
        Ok(())
    }
}
