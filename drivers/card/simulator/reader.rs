//! A private PC/SC service with a virtual reader, in a mount and network namespace of its own.
//!
//! In its folder: `pcscd/pcscd.comm` (for `PCSCLITE_CSOCK_NAME`) and `control.sock`. Everything
//! ends with this process, and this process with its parent, also when either is killed.

use std::fs::{self, File};
use std::io;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::chip::Chip;
use super::control::{self, Request, Response};
use super::kernel;
use super::persona::Persona;
use super::vpcd::Inserted;
use crate::environment::SOCKET_VARIABLE;

/// Where pcscd and its library have their socket, by their build.
const RUN: &str = "/run/pcscd";
const SLOTS: usize = 2;
const START_PATIENCE: Duration = Duration::from_secs(10);
const STOP_PATIENCE: Duration = Duration::from_secs(3);
const LOOK: Duration = Duration::from_millis(10);

/// Where the stand-in lives and where its programs come from.
#[derive(Clone, Debug)]
pub struct Options {
    pub dir: PathBuf,
    /// Root of unpacked Debian packages (`dpkg-deb -x`) that is looked into before the system's own.
    pub lib_dir: Option<PathBuf>,
}

/// Runs the stand-in until it is told to stop. Calls `ready` once clients can connect.
/// To be called before the process has a second thread.
///
/// # Errors
/// A sentence that names what is missing or forbidden.
pub fn run(options: &Options, ready: &mut dyn FnMut()) -> Result<(), String> {
    let said = |what: &'static str| move |error: io::Error| format!("{what}: {error}");
    let dir = &options.dir;
    let folder = dir.join("pcscd");
    fs::create_dir_all(&folder).map_err(said("folder"))?;
    let dir = &dir.canonicalize().map_err(said("folder"))?;
    let programs = Programs::find(options.lib_dir.as_deref())?;
    let lock = File::create(dir.join("lock")).map_err(said("lock"))?;
    lock.try_lock().map_err(|_| "another virtual reader runs in this folder".to_owned())?;

    let socket = control::socket(dir);
    remove_file(&socket).map_err(said("control socket"))?;
    let listener = UnixListener::bind(&socket).map_err(said("control socket"))?;
    let _sweep = Sweep(socket.clone());
    kernel::enter_private_namespaces(&folder, Path::new(RUN)).map_err(said("private namespace"))?;
    kernel::die_with_parent(libc::SIGTERM).map_err(said("parent"))?;
    stop_on_signals(&socket).map_err(said("signals"))?;

    let mut stand_in = StandIn { programs, folder: RUN.into(), service: None, slots: [const { None }; SLOTS] };
    stand_in.start(true)?;
    ready();
    control::serve(&listener, &mut |request| stand_in.act(request)).map_err(said("control socket"))
}

/// Takes a file away at the end, on every path.
pub(super) struct Sweep(pub PathBuf);

impl Drop for Sweep {
    fn drop(&mut self) {
        // Best effort: the folder belongs to the caller, and the next start clears it too.
        let _ = fs::remove_file(&self.0);
    }
}

/// Turns a signal into the ordinary request to stop, so that there is one way to end.
pub(super) fn stop_on_signals(socket: &Path) -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGTERM, SIGINT, SIGHUP])?;
    let socket = socket.to_owned();
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for _ in signals.forever() {
            let told = control::send(&socket, &Request::Stop);
            if told.is_err() {
                // The loop is gone or stuck: go without ceremony; the children die with us.
                std::process::exit(1);
            }
        }
    })?;
    Ok(())
}

struct Programs {
    pcscd: PathBuf,
    driver: PathBuf,
    libraries: Option<PathBuf>,
}

impl Programs {
    fn find(lib_dir: Option<&Path>) -> Result<Self, String> {
        let roots: Vec<PathBuf> = lib_dir.map(Path::to_owned).into_iter().chain([PathBuf::from("/")]).collect();
        let first = |places: &[&str], package: &str| {
            roots
                .iter()
                .flat_map(|root| places.iter().map(move |place| root.join(place)))
                .find(|path| path.is_file())
                .and_then(|path| path.canonicalize().ok())
                .ok_or_else(|| format!("{} is not there; install or unpack the package {package}", places[0]))
        };
        Ok(Self {
            pcscd: first(&["usr/sbin/pcscd", "sbin/pcscd"], "pcscd")?,
            driver: first(&["usr/lib/pcsc/drivers/serial/libifdvpcd.so"], "vsmartcard-vpcd")?,
            libraries: lib_dir.map(|root| root.join("usr/lib").join(format!("{}-linux-gnu", std::env::consts::ARCH))),
        })
    }
}

struct StandIn {
    programs: Programs,
    folder: PathBuf,
    service: Option<Child>,
    slots: [Option<Inserted>; SLOTS],
}

impl StandIn {
    fn act(&mut self, request: Request) -> Result<Response, String> {
        match request {
            Request::Insert { persona, faults, slot } => {
                let persona = Persona::parse(&persona)?;
                let faults = faults.iter().map(|fault| fault.parse()).collect::<Result<_, _>>()?;
                let place = self.slots.get_mut(usize::from(slot)).ok_or("no such slot")?;
                *place = None;
                let title = persona.title.clone();
                *place = Some(Inserted::new(slot, title, Chip::new(persona, faults)).map_err(|error| error.to_string())?);
            }
            Request::Remove { slot } => {
                *self.slots.get_mut(usize::from(slot)).ok_or("no such slot")? = None;
            }
            Request::List => {}
            Request::StopService => self.stop(),
            Request::StartService { reader } => {
                self.stop();
                self.start(reader)?;
            }
            // Handled by the loop that calls this.
            Request::Stop => {}
        }
        let title = |slot: &Option<Inserted>| slot.as_ref().filter(|card| card.is_in()).map(|card| card.title.clone());
        let answered_us_ago = self.slots.iter().flatten().filter_map(Inserted::answered_us_ago).min();
        Ok(Response { error: None, cards: self.slots.iter().map(title).collect(), answered_us_ago })
    }

    fn start(&mut self, reader: bool) -> Result<(), String> {
        let said = |error: io::Error| format!("pcscd: {error}");
        let socket = self.folder.join("pcscd.comm");
        for leftover in ["pcscd.comm", "pcscd.pid", "pcscd.pub"] {
            remove_file(&self.folder.join(leftover)).map_err(said)?;
        }
        let conf = self.folder.join("conf");
        if conf.exists() {
            fs::remove_dir_all(&conf).map_err(said)?;
        }
        fs::create_dir(&conf).map_err(said)?;
        if reader {
            let driver = self.programs.driver.display();
            let text = format!("FRIENDLYNAME \"Virtual PCD\"\nDEVICENAME /dev/null:0x8C7B\nLIBPATH {driver}\nCHANNELID 0x8C7B\n");
            fs::write(conf.join("vpcd"), text).map_err(said)?;
        }
        let mut command = Command::new(&self.programs.pcscd);
        command.args(["--foreground", "--critical", "--config"]).arg(&conf);
        command.env_remove(SOCKET_VARIABLE).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some(libraries) = &self.programs.libraries {
            command.env("LD_LIBRARY_PATH", libraries);
        }
        if knows_polkit_switch(&self.programs.pcscd) {
            command.arg("--disable-polkit");
        }
        kernel::dies_with_us(&mut command);
        let mut child = command.spawn().map_err(said)?;
        let deadline = Instant::now() + START_PATIENCE;
        loop {
            if UnixStream::connect(&socket).is_ok() {
                self.service = Some(child);
                return Ok(());
            }
            if let Some(status) = child.try_wait().map_err(said)? {
                return Err(format!("pcscd ended at once: {status}"));
            }
            if Instant::now() > deadline {
                end(child);
                return Err("pcscd does not listen".to_owned());
            }
            // pcscd says nothing when it is ready; its socket is all there is to ask.
            std::thread::sleep(LOOK);
        }
    }

    fn stop(&mut self) {
        if let Some(child) = self.service.take() {
            end(child);
        }
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        // Cards first: pcscd waits without end for a card that owes it an answer.
        self.slots = [const { None }; SLOTS];
        self.stop();
    }
}

/// pcscd 2.0 and later have a switch for systems whose polkit would refuse this private service.
fn knows_polkit_switch(pcscd: &Path) -> bool {
    let help = Command::new(pcscd).arg("--help").stdin(Stdio::null()).output();
    help.is_ok_and(|help| {
        let said = [help.stdout, help.stderr].concat();
        String::from_utf8_lossy(&said).contains("--disable-polkit")
    })
}

fn end(mut child: Child) {
    // The child is ours and not yet waited for, so its id cannot be another's.
    let _ = kernel::signal(child.id(), libc::SIGTERM);
    let deadline = Instant::now() + STOP_PATIENCE;
    while Instant::now() < deadline {
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        std::thread::sleep(LOOK);
    }
    let _ = child.kill();
    let _ = child.wait();
}

fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
