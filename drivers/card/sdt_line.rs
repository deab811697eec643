//! SDT frames over any `Read + Write`: one request, one answer, and a clean line afterwards.
//!
//! Time is counted in silences: a port's `read` gives up after [`TICK`] without a byte. So no clock
//! is asked, and a scripted port decides how long nothing lasts.

use std::io::{self, ErrorKind, Read, Write};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::fault::Fault;
use crate::sdt::{Command, Frames, Reply};
use crate::sdt_card::Link;

/// A port's `read` must give up (`TimedOut` or `WouldBlock`) after this long without a byte.
pub(crate) const TICK: Duration = Duration::from_millis(20);
/// An answer must begin within two seconds; a whole one may take five with its pauses.
const FIRST_BYTE_TICKS: u32 = 100;
/// Reading text and photo takes the module up to two seconds before the first byte.
const FIRST_BYTE_BASE_TICKS: u32 = 250;
/// The status comes at once. It is asked at every rate in turn, so patience here is paid five times;
/// a module that is still waking up is asked again by the next round.
const FIRST_BYTE_STATUS_TICKS: u32 = 30;
/// Silence inside an answer that ends it.
const INSIDE_TICKS: u32 = 15;
/// After a request that went unanswered its answer may still come: so long must it be quiet first.
const DRAIN_TICKS: u32 = 15;
/// Bytes of noise after which a line is given up: two of the longest answers.
const NOISE_LEN_MAX: usize = 8192;
/// A request is sent once more when the line spoilt it or its answer.
const ATTEMPTS: u32 = 2;

pub(crate) struct Line<P> {
    port: P,
    /// An answer may still be under way.
    late: bool,
}

impl<P: Read + Write + Send> Line<P> {
    pub fn new(port: P) -> Self {
        Self { port, late: false }
    }

    /// The port itself, for its settings.
    pub fn port(&mut self) -> &mut P {
        &mut self.port
    }

    /// Reads what is there: `None` is one tick of silence.
    fn read<'b>(&mut self, buffer: &'b mut [u8]) -> Result<Option<&'b [u8]>, Fault> {
        loop {
            match self.port.read(buffer) {
                // A port whose other end is gone reads nothing without an error.
                Ok(0) => return Err(Fault::NoReader),
                Ok(len) => return Ok(buffer.get(..len)),
                Err(error) => match error.kind() {
                    ErrorKind::TimedOut | ErrorKind::WouldBlock => return Ok(None),
                    ErrorKind::Interrupted => {}
                    _ => return Err(gone(&error)),
                },
            }
        }
    }

    /// Throws away what nobody asked for. Nothing may be outstanding when a request goes out.
    fn drain(&mut self) -> Result<(), Fault> {
        let mut buffer = Zeroizing::new([0; 512]);
        let (mut silence, mut noise) = (0, 0);
        let wanted = if self.late { DRAIN_TICKS } else { 1 };
        while silence < wanted {
            match self.read(&mut buffer[..])? {
                None => silence += 1,
                Some(bytes) => {
                    silence = 0;
                    noise += bytes.len();
                    if noise > NOISE_LEN_MAX {
                        return Err(Fault::Other);
                    }
                }
            }
        }
        self.late = false;
        Ok(())
    }

    fn once(&mut self, command: Command) -> Result<Reply, Fault> {
        self.drain()?;
        self.port.write_all(&command.frame()).and_then(|()| self.port.flush()).map_err(|error| gone(&error))?;
        let first = match command {
            Command::ReadBase => FIRST_BYTE_BASE_TICKS,
            Command::Status => FIRST_BYTE_STATUS_TICKS,
            _ => FIRST_BYTE_TICKS,
        };
        let mut frames = Frames::default();
        let mut buffer = Zeroizing::new([0; 512]);
        let (mut silence, mut taken) = (0, 0);
        loop {
            while let Some(reply) = frames.next_reply() {
                match reply {
                    Ok(reply) if command.fits(&reply) => {
                        if frames.stray() > 0 {
                            tracing::debug!(bytes = frames.stray(), "stray bytes before an answer");
                        }
                        return Ok(reply);
                    }
                    // The late answer to an earlier request; this one's is still to come.
                    Ok(reply) => tracing::debug!(status = reply.status(), "an answer to another request"),
                    Err(error) => {
                        tracing::debug!(%error, "a broken answer");
                        self.late = true;
                        return Err(Fault::Lost);
                    }
                }
            }
            match self.read(&mut buffer[..])? {
                Some(bytes) => {
                    silence = 0;
                    taken += bytes.len();
                    if taken > NOISE_LEN_MAX {
                        self.late = true;
                        return Err(Fault::Other);
                    }
                    frames.push(bytes);
                }
                None => {
                    silence += 1;
                    if frames.partial() && silence >= INSIDE_TICKS {
                        // The length was a lie, or the rest was lost: what stands behind the head counts.
                        if !frames.skip_false_start() {
                            self.late = true;
                            return Err(Fault::Timeout);
                        }
                    } else if silence >= first {
                        self.late = true;
                        return Err(Fault::Timeout);
                    }
                }
            }
        }
    }
}

impl<P: Read + Write + Send> Link for Line<P> {
    fn ask(&mut self, command: Command) -> Result<Reply, Fault> {
        let mut attempt = 1;
        loop {
            let outcome = self.once(command);
            let spoilt = match &outcome {
                // The module says that our request arrived broken.
                Ok(reply) => matches!(reply.status(), 0x10 | 0x11),
                // Its answer arrived broken. A reading is not asked for twice: the module counts
                // the first one as done, and the card must leave the field.
                Err(Fault::Lost) => !matches!(command, Command::ReadBase),
                Err(_) => false,
            };
            if !spoilt || attempt == ATTEMPTS {
                return outcome;
            }
            attempt += 1;
        }
    }
}

fn gone(error: &io::Error) -> Fault {
    match error.kind() {
        ErrorKind::PermissionDenied => Fault::Denied,
        ErrorKind::TimedOut | ErrorKind::WouldBlock => Fault::Timeout,
        // ENXIO, EIO, ENODEV and a closed pipe: the cable is out.
        _ => Fault::NoReader,
    }
}

#[cfg(test)]
#[path = "sdt_line_x_tests.rs"]
mod x_tests;
