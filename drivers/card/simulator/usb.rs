//! The virtual card as an SDT reader on the machine's own USB: plugged into the kernel's virtual
//! host controller (module `vhci-hcd`), it goes through the real USB stack to whatever opens it.
//!
//! Wants root and that module, so it is for a guest or a workbench, never for a user's machine.

use std::fs;
use std::io;
use std::net::Shutdown;
use std::os::fd::AsRawFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

use super::control::{self, Request, Response};
use super::persona::Persona;
use super::reader::{Sweep, stop_on_signals};
use super::sam::Sam;
use super::usb_device::{Device, Scheme};
use super::{kernel, usbip};

const CONTROLLER: &str = "/sys/devices/platform/vhci_hcd.0";
/// Any number that is not nought; it names the device on the far side, and there is none.
const DEVICE_ID: u32 = 0x0001_0002;
/// `enum usb_device_speed`: full speed.
const FULL_SPEED: u32 = 2;

/// A reader in a port of the virtual host controller; dropping it unplugs it.
struct Plugged {
    line: UnixStream,
    thread: Option<JoinHandle<()>>,
}

impl Plugged {
    fn new(scheme: Scheme, sam: Arc<Mutex<Sam>>) -> io::Result<Self> {
        let port = free_port(&fs::read_to_string(format!("{CONTROLLER}/status"))?)
            .ok_or_else(|| io::Error::other("no free port of the virtual host controller"))?;
        let (line, theirs) = UnixStream::pair()?;
        // The kernel takes the socket over by its number and keeps it; our copy closes below.
        let words = format!("{port} {} {DEVICE_ID} {FULL_SPEED}", theirs.as_raw_fd());
        fs::write(format!("{CONTROLLER}/attach"), words)?;
        drop(theirs);
        let mut ours = line.try_clone()?;
        let thread = Builder::new().name("usb-device".to_owned()).spawn(move || {
            // The kernel hangs up when the device is unplugged.
            let _ = usbip::serve(&mut ours, &mut Device::new(scheme, sam));
            let _ = ours.shutdown(Shutdown::Both);
        })?;
        Ok(Self { line, thread: Some(thread) })
    }
}

impl Drop for Plugged {
    fn drop(&mut self) {
        let _ = self.line.shutdown(Shutdown::Both);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The first free port for full-speed devices in the controller's own table.
fn free_port(status: &str) -> Option<u32> {
    const FREE: &str = "004";
    status.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        let (hub, port, state) = (words.next()?, words.next()?, words.next()?);
        (hub == "hs" && state == FREE).then(|| port.parse().ok())?
    })
}

/// Runs a USB stand-in in a folder. `service stop` and `service start` unplug it and plug it in.
///
/// # Errors
/// A sentence that names the step.
pub fn run(dir: &Path, scheme: Scheme, ready: &mut dyn FnMut()) -> Result<(), String> {
    let said = |what: &'static str| move |error: io::Error| format!("{what}: {error}");
    fs::create_dir_all(dir).map_err(said("folder"))?;
    let socket = control::socket(dir);
    let mark = dir.join("usb");
    if socket.symlink_metadata().is_ok() {
        fs::remove_file(&socket).map_err(said("folder"))?;
    }
    let listener = UnixListener::bind(&socket).map_err(said("control socket"))?;
    fs::write(&mark, "").map_err(said("folder"))?;
    let _sweep = (Sweep(socket.clone()), Sweep(mark));
    kernel::die_with_parent(libc::SIGTERM).map_err(said("parent"))?;
    stop_on_signals(&socket).map_err(said("signals"))?;
    let sam = Arc::new(Mutex::new(Sam::default()));
    let plug = || Plugged::new(scheme, Arc::clone(&sam)).map_err(said("virtual host controller (modprobe vhci-hcd)"));
    let mut plugged = Some(plug()?);
    ready();
    let mut title = None;
    let module = || sam.lock().unwrap_or_else(PoisonError::into_inner);
    control::serve(&listener, &mut |request| {
        match request {
            Request::Insert { persona, faults, .. } => {
                let persona = Persona::parse(&persona)?;
                let faults = faults.iter().map(|fault| fault.parse()).collect::<Result<_, _>>()?;
                title = Some(persona.title.clone());
                module().insert(persona, faults);
            }
            Request::Remove { .. } => module().remove(),
            Request::StopService => plugged = None,
            Request::StartService { .. } => {
                plugged = None;
                plugged = Some(plug()?);
            }
            Request::List | Request::Stop => {}
        }
        Ok(Response { cards: vec![title.clone().filter(|_| module().has_card())], ..Response::default() })
    })
    .map_err(said("control socket"))?;
    drop(plugged);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_free_full_speed_port_is_taken() {
        let table = "hub port sta spd dev      sockfd local_busid\n\
                     hs  0000 006 002 00010002 000003 3-1\n\
                     hs  0001 004 000 00000000 000000 0-0\n\
                     ss  0008 004 000 00000000 000000 0-0\n";
        assert_eq!(free_port(table), Some(1));
        assert_eq!(free_port("hub port sta\nss  0008 004 000\n"), None);
    }
}
