//! The terminal's side: a camera that can be trusted to answer, because what hangs is ended.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use devices::{Camera, CameraEvent, Kind, Trouble};

use crate::modes::CameraInfo;
use crate::protocol::{Command, HANGS, Inbox, Report};

/// What the parent needs to know.
#[derive(Clone, Debug)]
pub struct CameraConfig {
    /// The program that calls [`crate::child_main`]; the terminal itself with `camera-child`.
    pub program: PathBuf,
    pub args: Vec<OsString>,
    /// Number of the device; `None` = the first usable.
    pub device: Option<u32>,
    /// A child that says nothing for this long while it should is ended. Three seconds (issue 5).
    pub late: Duration,
    /// How long after an ended or failed child the next is started.
    pub rest: Duration,
}

impl CameraConfig {
    /// With the house's time limits.
    #[must_use]
    pub fn new(program: PathBuf, args: Vec<OsString>) -> Self {
        Self { program, args, device: None, late: Duration::from_secs(3), rest: Duration::from_secs(1) }
    }
}

const CANNOT_START: Trouble = Trouble::new(Kind::Broken, "camera_child_will_not_start", "the camera process cannot be started");
const NOT_OPEN: Trouble = Trouble::new(Kind::Absent, "camera_not_open", "a still needs an open preview");
/// How long a child that was asked to leave may take before it is killed.
const LEAVE: Duration = Duration::from_millis(500);

/// A running child and its line.
#[derive(Debug)]
struct Line {
    child: Child,
    socket: UnixStream,
    inbox: Inbox,
    heard: Instant,
}

enum Heard {
    Report(Report),
    Nothing,
    Gone,
}

impl Line {
    fn start(config: &CameraConfig, first: &Command) -> Result<Self, Trouble> {
        let (ours, theirs) = UnixStream::pair().map_err(|_| CANNOT_START)?;
        let theirs_in = theirs.try_clone().map_err(|_| CANNOT_START)?;
        let child = std::process::Command::new(&config.program)
            .args(&config.args)
            .stdin(Stdio::from(OwnedFd::from(theirs_in)))
            .stdout(Stdio::from(OwnedFd::from(theirs)))
            .stderr(Stdio::null())
            .spawn()
            .map_err(|_| CANNOT_START)?;
        // Commands are a few bytes; a child that does not read them must not stop us.
        ours.set_write_timeout(Some(Duration::from_millis(100))).map_err(|_| CANNOT_START)?;
        let mut line = Self { child, socket: ours, inbox: Inbox::default(), heard: Instant::now() };
        line.say(first);
        Ok(line)
    }

    /// A failed write shows as silence or as the end of the line; both are watched.
    fn say(&mut self, command: &Command) {
        let _ = self.socket.write_all(&command.to_bytes());
    }

    fn hear(&mut self, patience: Duration) -> Result<Heard, Trouble> {
        let until = Instant::now() + patience;
        let mut buffer = vec![0u8; 256 * 1024];
        loop {
            if let Some(report) = self.inbox.next()? {
                self.heard = Instant::now();
                return Ok(Heard::Report(report));
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Heard::Nothing);
            }
            if self.socket.set_read_timeout(Some(left.max(Duration::from_millis(1)))).is_err() {
                return Ok(Heard::Gone);
            }
            match self.socket.read(&mut buffer) {
                Ok(0) => return Ok(Heard::Gone),
                Ok(n) => self.inbox.push(&buffer[..n]),
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted
                    ) => {}
                Err(_) => return Ok(Heard::Gone),
            }
        }
    }
}

/// A process on its way out. One that is stuck inside the kernel cannot be waited for; it is looked at again and again.
#[derive(Debug)]
struct Leaving {
    child: Child,
    kill_at: Instant,
    killed: bool,
}

/// A camera behind a child process. Dropping it ends the process.
#[derive(Debug)]
pub struct ChildCamera {
    config: CameraConfig,
    on: bool,
    line: Option<Line>,
    leaving: Vec<Leaving>,
    arrived: bool,
    still_waits: bool,
    start_at: Option<Instant>,
}

/// A camera of this machine. Nothing is opened before [`Camera::preview`].
#[must_use]
pub fn open(config: CameraConfig) -> ChildCamera {
    ChildCamera { config, on: false, line: None, leaving: Vec::new(), arrived: false, still_waits: false, start_at: None }
}

/// All cameras with their modes.
///
/// # Errors
/// A child that cannot start, hangs, or speaks no sense; [`Kind::Absent`] is an empty list and no error.
pub fn list(config: &CameraConfig) -> Result<Vec<CameraInfo>, Trouble> {
    let mut line = Line::start(config, &Command::List)?;
    let answer = loop {
        match line.hear(config.late) {
            Ok(Heard::Report(Report::Cameras(cameras))) => break Ok(cameras),
            Ok(Heard::Report(Report::Trouble(trouble))) => break Err(trouble),
            Ok(Heard::Report(_)) => {}
            Ok(Heard::Nothing) => break Err(HANGS),
            Ok(Heard::Gone) => break Err(crate::protocol::CHILD_GARBLED),
            Err(trouble) => break Err(trouble),
        }
    };
    line.say(&Command::Quit);
    let mut leaving = vec![Leaving { child: line.child, kill_at: Instant::now(), killed: false }];
    reap(&mut leaving, Instant::now());
    answer
}

/// Collects what has ended, kills what was given long enough.
fn reap(leaving: &mut Vec<Leaving>, now: Instant) {
    leaving.retain_mut(|it| {
        if now >= it.kill_at && !it.killed {
            it.killed = true;
            let _ = it.child.kill();
        }
        matches!(it.child.try_wait(), Ok(None))
    });
}

impl ChildCamera {
    /// Sets a control by its V4L2 number (focus, exposure, white balance); ignored where the driver has none.
    pub fn control(&mut self, id: u32, value: i64) {
        if let Some(line) = &mut self.line {
            line.say(&Command::Control { id, value });
        }
    }

    /// Number of the running child, for the log.
    #[must_use]
    pub fn child_id(&self) -> Option<u32> {
        self.line.as_ref().map(|line| line.child.id())
    }

    /// Takes leave of the child: politely with time to close the device, or at once.
    fn end(&mut self, politely: bool) {
        if let Some(mut line) = self.line.take() {
            let now = Instant::now();
            if politely {
                line.say(&Command::Quit);
            }
            self.leaving.push(Leaving { child: line.child, kill_at: if politely { now + LEAVE } else { now }, killed: false });
            reap(&mut self.leaving, now);
        }
    }

    /// The child failed: what does the caller hear, and when is the next one started?
    fn failed(&mut self, trouble: Trouble, now: Instant) -> Result<CameraEvent, Trouble> {
        self.end(false);
        self.start_at = Some(now + self.config.rest);
        if std::mem::take(&mut self.still_waits) {
            // The still is answered first; that the device is gone follows with the next call.
            return Ok(CameraEvent::Failed(trouble));
        }
        if std::mem::take(&mut self.arrived) && trouble.kind == Kind::Unplugged {
            return Ok(CameraEvent::Gone);
        }
        Err(trouble)
    }

    fn learn(&mut self, report: Report, now: Instant) -> Result<CameraEvent, Trouble> {
        Ok(match report {
            Report::Arrived(name) => {
                self.arrived = true;
                CameraEvent::Arrived { name }
            }
            Report::Alive | Report::Cameras(_) => CameraEvent::Quiet,
            Report::Frame(jpeg) => CameraEvent::Frame(jpeg),
            Report::Still(jpeg) => {
                self.still_waits = false;
                CameraEvent::Still(jpeg)
            }
            Report::StillFailed(trouble) => {
                self.still_waits = false;
                CameraEvent::Failed(trouble)
            }
            Report::Trouble(trouble) => return self.failed(trouble, now),
        })
    }
}

impl Camera for ChildCamera {
    fn next(&mut self, patience: Duration) -> Result<CameraEvent, Trouble> {
        let now = Instant::now();
        reap(&mut self.leaving, now);
        if !self.on {
            std::thread::sleep(patience);
            return Ok(CameraEvent::Quiet);
        }
        if self.line.is_none() {
            // Two children on one device would quarrel; and a broken one is not started in a circle.
            let wait = self.start_at.map_or(Duration::ZERO, |at| at.saturating_duration_since(now));
            if !wait.is_zero() || !self.leaving.is_empty() {
                std::thread::sleep(patience.min(wait.max(Duration::from_millis(20))));
                return Ok(CameraEvent::Quiet);
            }
            self.start_at = Some(now + self.config.rest);
            self.line = Some(Line::start(&self.config, &Command::Open(self.config.device))?);
        }
        let Some(line) = &mut self.line else { return Ok(CameraEvent::Quiet) };
        let due = (line.heard + self.config.late).saturating_duration_since(now);
        match line.hear(patience.min(due)) {
            Ok(Heard::Report(report)) => self.learn(report, Instant::now()),
            Ok(Heard::Nothing) => {
                let now = Instant::now();
                if line.heard + self.config.late <= now {
                    tracing::warn!(code = HANGS.code, "camera process ended");
                    return self.failed(HANGS, now);
                }
                Ok(CameraEvent::Quiet)
            }
            Ok(Heard::Gone) => self.failed(crate::protocol::TROUBLES[3], Instant::now()),
            Err(trouble) => self.failed(trouble, Instant::now()),
        }
    }

    fn preview(&mut self, on: bool) -> Result<(), Trouble> {
        if self.on != on {
            self.on = on;
            self.still_waits = false;
            self.arrived = false;
            self.start_at = None;
            if !on {
                self.end(true);
            }
        }
        Ok(())
    }

    fn still(&mut self) -> Result<(), Trouble> {
        let line = self.line.as_mut().filter(|_| self.arrived).ok_or(NOT_OPEN)?;
        line.say(&Command::Still);
        self.still_waits = true;
        Ok(())
    }
}

impl Drop for ChildCamera {
    fn drop(&mut self) {
        self.end(false);
        let until = Instant::now() + LEAVE;
        while !self.leaving.is_empty() && Instant::now() < until {
            for it in &mut self.leaving {
                it.kill_at = Instant::now();
            }
            reap(&mut self.leaving, Instant::now());
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

#[cfg(test)]
#[path = "parent_tests.rs"]
mod tests;
