//! The PC/SC service behind one small trait, so that its moods can be scripted.

use std::ffi::{CStr, CString};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::pcsc::{Card, Context, Disposition, Protocols, ReaderState, Scope, ShareMode, State};
use devices::Interrupt;
use zeroize::Zeroizing;

use crate::apdu::{ANSWER_LEN_MAX, Channel};
use crate::environment::listens;
use crate::fault::{Failure, Fault};

/// One reader as it was last seen. `raw` goes back to the service unchanged: its upper half is the
/// event counter by which a quick exchange of cards shows.
#[derive(Clone, Debug)]
pub(crate) struct Watched {
    pub name: CString,
    pub raw: u32,
    pub atr: Vec<u8>,
}

impl Watched {
    pub fn new(name: CString) -> Self {
        Self { name, raw: State::UNAWARE.bits() as u32, atr: Vec::new() }
    }

    pub fn counter(&self) -> u32 {
        self.raw >> 16
    }

    pub fn has(&self, flag: State) -> bool {
        self.raw & (flag.bits() as u32) != 0
    }
}

/// How a session with a card is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Shared with other programs, inside a transaction.
    Shared,
    /// To the reader itself; the card's protocol does not matter.
    Direct,
}

/// How a session in which contact was lost is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parting {
    Leave,
    /// Switches the field off: a chip that stopped answering comes back only so. Not at once:
    /// pcscd takes a failed power-down for a removal that its own poll then never sees.
    Unpower,
}

/// What happens with the card within one session.
pub(crate) type Errand<'a> = dyn FnMut(&mut dyn Channel) -> Result<(), Failure> + 'a;

/// The PC/SC service.
pub(crate) trait Service: Send {
    /// Makes a new context. A context of a service that ended is of no use, whatever it says itself.
    fn establish(&mut self) -> Result<(), Fault>;
    fn release(&mut self);
    /// Ends a [`Service::wait`] that is under way on another thread.
    fn interrupt(&self) -> Option<Interrupt> {
        None
    }
    fn readers(&mut self) -> Result<Vec<CString>, Fault>;
    /// Waits until a reader differs from what is in `watched`, and writes the news there. True
    /// means that readers came or went. [`Fault::Timeout`] means nothing happened.
    fn wait(&mut self, patience: Duration, watched: &mut [Watched]) -> Result<bool, Fault>;
    /// Opens a session, runs the errand in it and ends it, in the way `parting` says when contact was lost.
    fn session(&mut self, reader: &CStr, access: Access, parting: Parting, errand: &mut Errand<'_>) -> Result<(), Failure>;
}

/// The crate panics in debug builds on numbers that it does not know, and Windows and drivers do
/// answer such numbers: a panic there is an unknown error here.
fn guarded<T>(call: impl FnOnce() -> Result<T, ::pcsc::Error>) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|_| Fault::Other)?.map_err(Fault::from)
}

/// The machine's own service.
#[derive(Default)]
pub(crate) struct System {
    context: Option<Context>,
    /// The same one, for whoever wants to end a wait in it.
    current: Arc<Mutex<Option<Context>>>,
    /// Number of readers at the last look, in the form in which the service wants it back.
    plug_and_play: u32,
}

impl System {
    fn context(&self) -> Result<&Context, Fault> {
        self.context.as_ref().ok_or(Fault::Stopped)
    }

    fn hold(&mut self, context: Option<Context>) {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&context);
        self.context = context;
    }
}

impl Service for System {
    fn establish(&mut self) -> Result<(), Fault> {
        self.hold(None);
        self.plug_and_play = 0;
        match guarded(|| Context::establish(Scope::System)) {
            Ok(context) => {
                self.hold(Some(context));
                Ok(())
            }
            // A refusal by polkit is a closed line, no number of its own: the service hangs up on us.
            Err(Fault::NoService | Fault::Lost | Fault::Other) if listens() => Err(Fault::Denied),
            Err(fault) => Err(fault),
        }
    }

    fn release(&mut self) {
        self.hold(None);
    }

    fn interrupt(&self) -> Option<Interrupt> {
        let current = Arc::clone(&self.current);
        Some(Arc::new(move || {
            if let Some(context) = &*current.lock().unwrap_or_else(PoisonError::into_inner) {
                // Nothing to cancel, or a service that is gone: either way nobody waits in it.
                let _ = guarded(|| context.cancel());
            }
        }))
    }

    fn readers(&mut self) -> Result<Vec<CString>, Fault> {
        let context = self.context()?;
        match guarded(|| context.list_readers_owned()) {
            Err(Fault::NoReader) => Ok(Vec::new()),
            other => other,
        }
    }

    fn wait(&mut self, patience: Duration, watched: &mut [Watched]) -> Result<bool, Fault> {
        let mut states: Vec<ReaderState> = Vec::with_capacity(watched.len() + 1);
        let state = |raw: u32| State::from_bits_retain(::pcsc::ffi::DWORD::from(raw));
        states.push(ReaderState::new(::pcsc::PNP_NOTIFICATION(), state(self.plug_and_play)));
        for one in watched.iter() {
            states.push(ReaderState::new(one.name.clone(), state(one.raw)));
        }
        let context = self.context()?;
        guarded(|| context.get_status_change(patience, &mut states))?;
        let raw_of = |state: &ReaderState| (state.event_count() << 16) | ((state.event_state().bits() as u32) & 0xFFFF);
        let (plug, cards) = states.split_first().ok_or(Fault::Other)?;
        let changed = plug.event_state().contains(State::CHANGED);
        if changed {
            self.plug_and_play = raw_of(plug) & !(State::CHANGED.bits() as u32);
        }
        for (one, state) in watched.iter_mut().zip(cards) {
            one.raw = raw_of(state) & !(State::CHANGED.bits() as u32);
            one.atr = state.atr().to_vec();
        }
        Ok(changed)
    }

    fn session(&mut self, reader: &CStr, access: Access, parting: Parting, errand: &mut Errand<'_>) -> Result<(), Failure> {
        let (mode, protocols) = match access {
            Access::Shared => (ShareMode::Shared, Protocols::T0 | Protocols::T1),
            Access::Direct => (ShareMode::Direct, Protocols::UNDEFINED),
        };
        let context = self.context()?;
        let mut card = guarded(|| context.connect(reader, mode, protocols))?;
        let outcome = if access == Access::Direct {
            errand(&mut OverPcsc { card: &card, speaks: false })
        } else {
            match guarded(|| card.transaction()) {
                Ok(transaction) => {
                    let outcome = errand(&mut OverPcsc { card: &transaction, speaks: true });
                    drop(transaction);
                    outcome
                }
                Err(fault) => Err(fault.into()),
            }
        };
        let disposition = match (&outcome, parting) {
            (Err(Failure::Fault(Fault::Lost | Fault::Mute)), Parting::Unpower) => Disposition::UnpowerCard,
            _ => Disposition::LeaveCard,
        };
        // The session is over either way; a failed disconnect means that the card is gone.
        let _ = guarded(|| card.disconnect(disposition).map_err(|(_, error)| error));
        outcome
    }
}

struct OverPcsc<'a> {
    card: &'a Card,
    /// False on a direct connection, where the crate would panic on `transmit`.
    speaks: bool,
}

impl Channel for OverPcsc<'_> {
    fn transmit(&mut self, apdu: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
        if !self.speaks {
            return Err(Fault::Unsupported);
        }
        let mut buffer = Zeroizing::new(vec![0; ANSWER_LEN_MAX]);
        let len = guarded(|| self.card.transmit(apdu, &mut buffer).map(<[u8]>::len))?;
        buffer.truncate(len);
        Ok(buffer)
    }

    fn control(&mut self, function: u32, data: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let mut buffer = Zeroizing::new(vec![0; ANSWER_LEN_MAX]);
        let code = ::pcsc::ctl_code(function.into());
        let len = guarded(|| self.card.control(code, data, &mut buffer).map(<[u8]>::len))?;
        buffer.truncate(len);
        Ok(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trap_24_a_number_unknown_to_the_crate_is_an_error_and_no_crash() {
        let fault = guarded::<()>(|| panic!("unknown PCSC error code: 0x1f"));
        assert_eq!(fault, Err(Fault::Other));
        assert_eq!(guarded(|| Err::<(), _>(::pcsc::Error::RemovedCard)), Err(Fault::Removed));
    }

    #[test]
    fn the_event_counter_is_kept_apart_from_the_flags() {
        let mut one = Watched::new(CString::from(c"reader"));
        one.raw = (7 << 16) | State::PRESENT.bits() as u32 | State::INUSE.bits() as u32;
        assert_eq!(one.counter(), 7);
        assert!(one.has(State::PRESENT) && one.has(State::INUSE) && !one.has(State::MUTE));
    }
}
