//! The virtual card as an SDT reader on a pseudo-terminal.
//!
//! It knows the rate that the other side has set, and at any other rate than its own it answers
//! what a real line would: garbage.

use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use serialport::{SerialPort, TTYPort};

use super::control::{self, Request, Response};
use super::persona::Persona;
use super::reader::{Sweep, stop_on_signals};
use super::sam::Sam;
use super::{kernel, sam};

/// A reader on a pseudo-terminal; dropping it unplugs it.
pub struct Line {
    sam: Arc<Mutex<Sam>>,
    unplugged: Arc<AtomicBool>,
    path: PathBuf,
    thread: Option<JoinHandle<()>>,
    /// Keeps the terminal alive while nobody has it open.
    _host: TTYPort,
}

impl Line {
    /// Plugs in a reader that speaks at `rate` baud.
    ///
    /// # Errors
    /// When no pseudo-terminal can be had.
    pub fn open(rate: u32) -> io::Result<Self> {
        let (mut device, host) = TTYPort::pair()?;
        device.set_timeout(Duration::from_millis(20))?;
        let path = host.name().map(PathBuf::from).ok_or_else(|| io::Error::other("a pseudo-terminal without a name"))?;
        let (sam, unplugged) = (Arc::new(Mutex::new(Sam::default())), Arc::new(AtomicBool::new(false)));
        let (theirs, end) = (Arc::clone(&sam), Arc::clone(&unplugged));
        let thread = Builder::new().name("sam".to_owned()).spawn(move || {
            // The terminal is gone: so is the reader.
            let _ = play(&mut device, rate, &theirs, &end);
        })?;
        Ok(Self { sam, unplugged, path, thread: Some(thread), _host: host })
    }

    /// The port that a driver opens.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The module, for laying cards on it.
    pub fn sam(&self) -> std::sync::MutexGuard<'_, Sam> {
        self.sam.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.unplugged.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn play(device: &mut TTYPort, rate: u32, sam: &Mutex<Sam>, end: &AtomicBool) -> io::Result<()> {
    let mut buffer = [0; 256];
    while !end.load(Ordering::Relaxed) {
        let len = match device.read(&mut buffer) {
            Ok(len) => len,
            Err(error) if matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::Interrupted) => continue,
            Err(error) => return Err(error),
        };
        let bytes = &buffer[..len];
        if device.baud_rate().map_err(io::Error::from)? != rate {
            // Bits sampled at another rate are other bytes.
            let garbage: Vec<u8> = bytes.iter().map(|byte| byte.rotate_left(3) ^ 0x7E).collect();
            device.write_all(&garbage)?;
            continue;
        }
        let outputs: Vec<sam::Output> = sam.lock().unwrap_or_else(PoisonError::into_inner).receive(bytes);
        for output in outputs {
            std::thread::sleep(Duration::from_millis(output.delay_ms));
            device.write_all(&output.bytes)?;
        }
    }
    Ok(())
}

/// Runs a serial stand-in in a folder: the port is the link `serial` there.
///
/// # Errors
/// A sentence that names the step.
pub fn run(dir: &Path, rate: u32, ready: &mut dyn FnMut()) -> Result<(), String> {
    let said = |what: &'static str| move |error: io::Error| format!("{what}: {error}");
    fs::create_dir_all(dir).map_err(said("folder"))?;
    let socket = control::socket(dir);
    let link = dir.join("serial");
    for leftover in [&socket, &link] {
        if leftover.symlink_metadata().is_ok() {
            fs::remove_file(leftover).map_err(said("folder"))?;
        }
    }
    let listener = UnixListener::bind(&socket).map_err(said("control socket"))?;
    let _sweep = (Sweep(socket.clone()), Sweep(link.clone()));
    kernel::die_with_parent(libc::SIGTERM).map_err(said("parent"))?;
    stop_on_signals(&socket).map_err(said("signals"))?;
    let line = Line::open(rate).map_err(said("pseudo-terminal"))?;
    std::os::unix::fs::symlink(line.path(), &link).map_err(said("link"))?;
    ready();
    let mut title = None;
    control::serve(&listener, &mut |request| {
        match request {
            Request::Insert { persona, faults, .. } => {
                let persona = Persona::parse(&persona)?;
                let faults = faults.iter().map(|fault| fault.parse()).collect::<Result<_, _>>()?;
                title = Some(persona.title.clone());
                line.sam().insert(persona, faults);
            }
            Request::Remove { .. } => line.sam().remove(),
            Request::StopService | Request::StartService { .. } => return Err("a serial reader has no service".to_owned()),
            Request::List | Request::Stop => {}
        }
        Ok(Response { cards: vec![title.clone().filter(|_| line.sam().has_card())], ..Response::default() })
    })
    .map_err(said("control socket"))
}
