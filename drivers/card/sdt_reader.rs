//! An SDT reader as a [`CardReader`]: it is asked for a card twice a second, and whether the card
//! that was read still lies there (`sdt_watch.rs`).

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use devices::{CardEvent, CardReader, Trouble};

use crate::fault::{Failure, Fault};
use crate::sdt_card::Link;
use crate::sdt_watch::{POLL, Watch};

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
    watch: Watch,
    failures_to_open: u32,
    /// A trouble was told; a good answer takes it back.
    stumbled: bool,
    stand_in: bool,
    events: VecDeque<CardEvent>,
}

impl<O: Opener> SdtReader<O> {
    pub fn new(opener: O, stand_in: bool) -> Self {
        Self {
            opener,
            open: None,
            watch: Watch::default(),
            failures_to_open: 0,
            stumbled: false,
            stand_in,
            events: VecDeque::new(),
        }
    }

    /// One question and what follows from it.
    fn step(&mut self) -> Result<(), Trouble> {
        let Some((link, name)) = &mut self.open else { return self.plug_in() };
        match self.watch.step(link.as_mut(), &mut self.events) {
            Ok(()) => {
                if std::mem::take(&mut self.stumbled) {
                    self.events.push_front(CardEvent::ReaderArrived { name: name.clone() });
                }
                Ok(())
            }
            Err(Failure::Fault(Fault::NoReader | Fault::Denied)) => {
                self.unplugged();
                Ok(())
            }
            Err(failure) => {
                self.stumbled = true;
                Err(failure.trouble())
            }
        }
    }

    fn plug_in(&mut self) -> Result<(), Trouble> {
        match self.opener.open() {
            Ok((link, name)) => {
                self.failures_to_open = 0;
                self.stumbled = false;
                self.events.push_back(CardEvent::ReaderArrived { name: name.clone() });
                self.open = Some((link, name));
                self.watch = Watch::default();
                Ok(())
            }
            Err(trouble) => {
                let pause = RETRY_FIRST.saturating_mul(1 << self.failures_to_open.min(5)).min(RETRY_LAST);
                self.failures_to_open += 1;
                self.watch.pause(pause);
                Err(trouble)
            }
        }
    }

    fn unplugged(&mut self) {
        self.watch.forget(&mut self.events);
        if let Some((_, name)) = self.open.take() {
            self.events.push_back(CardEvent::ReaderGone { name });
        }
        self.watch.pause(POLL);
    }
}

impl<O: Opener> CardReader for SdtReader<O> {
    fn next(&mut self, patience: Duration) -> Result<CardEvent, Trouble> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(event) = self.events.pop_front() {
                return Ok(event);
            }
            if let Some(at) = self.watch.next_at() {
                let now = Instant::now();
                std::thread::sleep(at.saturating_duration_since(now).min(deadline.saturating_duration_since(now)));
                if at > deadline {
                    return Ok(CardEvent::Quiet);
                }
            }
            self.step()?;
        }
    }

    fn raw_text(&self) -> Option<&str> {
        self.watch.raw_text()
    }

    fn is_stand_in(&self) -> bool {
        self.stand_in
    }
}

#[cfg(test)]
#[path = "sdt_reader_x_tests.rs"]
mod x_tests;
