//! The card's end of vsmartcard-vpcd: messages of two length bytes and a body over TCP.
//!
//! An open line is a card in the slot, a closed one an empty slot. vpcd waits for answers without
//! end, so a silent card is one that reads on and says nothing.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use super::chip::{Chip, Reaction};

/// vpcd listens here for slot 0; slot 1 is the next port.
const PORT: u16 = 35963;
/// Between two attempts to reach a pcscd that is not (yet) there.
const RETRY: Duration = Duration::from_millis(25);

const POWER_OFF: u8 = 0;
const POWER_ON: u8 = 1;
const RESET: u8 = 2;
const GET_ATR: u8 = 4;

#[derive(Default)]
struct Shared {
    taken_out: bool,
    line: Option<TcpStream>,
    /// When the card gave its last answer to a command.
    answered: Option<Instant>,
}

/// A card in a slot; dropping it takes the card out.
pub(super) struct Inserted {
    pub title: String,
    shared: Arc<Mutex<Shared>>,
    thread: Option<JoinHandle<()>>,
}

impl Inserted {
    pub fn new(slot: u8, title: String, chip: Chip) -> io::Result<Self> {
        let shared = Arc::new(Mutex::new(Shared::default()));
        let theirs = Arc::clone(&shared);
        let thread = Builder::new().name(format!("vpcd-slot-{slot}")).spawn(move || play(slot, chip, &theirs))?;
        Ok(Self { title, shared, thread: Some(thread) })
    }

    /// Whether the card is still in the slot; a scripted fault may have taken it out.
    pub fn is_in(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Microseconds since its last answer to a command, if it gave one.
    pub fn answered_us_ago(&self) -> Option<u64> {
        let answered = self.shared.lock().unwrap_or_else(PoisonError::into_inner).answered?;
        u64::try_from(answered.elapsed().as_micros()).ok()
    }
}

impl Drop for Inserted {
    fn drop(&mut self) {
        {
            let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
            shared.taken_out = true;
            if let Some(line) = shared.line.take() {
                // An error here means that the line is down already.
                let _ = line.shutdown(Shutdown::Both);
            }
        }
        if let Some(thread) = self.thread.take() {
            // A panic of the card's thread has been reported by its hook.
            let _ = thread.join();
        }
    }
}

fn play(slot: u8, mut chip: Chip, shared: &Mutex<Shared>) {
    loop {
        let line = TcpStream::connect((Ipv4Addr::LOCALHOST, PORT + u16::from(slot)));
        {
            let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
            if shared.taken_out {
                return;
            }
            shared.line = line.as_ref().ok().and_then(|line| line.try_clone().ok());
        }
        let Ok(mut line) = line else {
            std::thread::sleep(RETRY);
            continue;
        };
        // Delays of the network stack would be taken for delays of the card.
        let _ = line.set_nodelay(true);
        match serve(&mut line, &mut chip, shared) {
            // A scripted fault: the card has left.
            Ok(()) => {
                let _ = line.shutdown(Shutdown::Both);
                return;
            }
            // The line went down: the card was taken out, or pcscd ended and will be back.
            Err(_) => chip.reset(),
        }
    }
}

fn serve(line: &mut TcpStream, chip: &mut Chip, shared: &Mutex<Shared>) -> io::Result<()> {
    let answered = || shared.lock().unwrap_or_else(PoisonError::into_inner).answered = Some(Instant::now());
    loop {
        let message = receive(line)?;
        match message.as_slice() {
            [POWER_OFF | POWER_ON | RESET] => chip.reset(),
            [GET_ATR] => send(line, &chip.atr())?,
            [] => {}
            apdu => match chip.answer(apdu) {
                Reaction::Answer(answer) => {
                    send(line, &answer)?;
                    answered();
                }
                Reaction::Late(ms, answer) => {
                    pause(line, Duration::from_millis(ms))?;
                    send(line, &answer)?;
                    answered();
                }
                Reaction::Leaves => return Ok(()),
                Reaction::Silence => loop {
                    receive(line)?;
                },
            },
        }
    }
}

/// Waits on the line, so that a card that is taken out meanwhile ends at once.
fn pause(line: &mut TcpStream, time: Duration) -> io::Result<()> {
    line.set_read_timeout(Some(time.max(Duration::from_millis(1))))?;
    let waited = line.peek(&mut [0]);
    line.set_read_timeout(None)?;
    match waited {
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => Ok(()),
        Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
        Ok(_) => Ok(()),
        Err(error) => Err(error),
    }
}

fn receive(line: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut len = [0; 2];
    line.read_exact(&mut len)?;
    let mut message = vec![0; usize::from(u16::from_be_bytes(len))];
    line.read_exact(&mut message)?;
    Ok(message)
}

fn send(line: &mut TcpStream, message: &[u8]) -> io::Result<()> {
    let len = u16::try_from(message.len()).map_err(io::Error::other)?;
    line.write_all(&[&len.to_be_bytes()[..], message].concat())
}
