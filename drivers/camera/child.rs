//! The child's side: opens the device, streams previews, takes stills, and may hang without harm.

use std::io::Write;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};

use devices::Trouble;

use crate::hardware::{self, Device};
use crate::modes::{CameraInfo, best_preview, best_still};
use crate::protocol::{Command, Report, TROUBLES};

const NO_MODE: Trouble = TROUBLES[4];
const GARBLED: Trouble = TROUBLES[6];
/// Frames that pass after a switch of mode before one is kept: exposure and white balance start anew.
const SETTLING_FRAMES: usize = 3;
/// So many frames in a row without beginning or end, and the device is given up.
const GARBLED_MAX: usize = 10;

/// Runs as the hidden subcommand `camera-child`: commands on standard input, reports on standard output, until the line ends.
#[must_use]
pub fn child_main() -> ExitCode {
    let (sender, commands) = sync_channel(8);
    let reader = std::thread::Builder::new().name("commands".into()).spawn(move || {
        let mut line = std::io::stdin().lock();
        while let Some(command) = Command::read(&mut line) {
            let quit = command == Command::Quit;
            if sender.send(command).is_err() || quit {
                break;
            }
        }
        // The other thread may be inside the driver for ever. Whoever started us is gone or wants us gone; the kernel closes the
        // device. A moment is left for the orderly way.
        std::thread::sleep(std::time::Duration::from_millis(300));
        std::process::exit(0);
    });
    if reader.is_err() {
        return ExitCode::FAILURE;
    }
    let mut out = std::io::stdout().lock();
    let mut say = |report: &Report| out.write_all(&report.to_bytes()).and_then(|()| out.flush()).is_ok();
    match serve(&commands, &mut say) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            say(&Report::Trouble(trouble));
            ExitCode::FAILURE
        }
    }
}

fn serve(commands: &Receiver<Command>, say: &mut dyn FnMut(&Report) -> bool) -> Result<(), Trouble> {
    while let Ok(command) = commands.recv() {
        match command {
            Command::List => {
                say(&Report::Cameras(hardware::list()?));
            }
            Command::Open(wanted) => {
                let (device, info) = Device::open(wanted)?;
                say(&Report::Alive);
                return stream(device, &info, commands, say);
            }
            Command::Quit => return Ok(()),
            Command::Still | Command::Control { .. } => {}
        }
    }
    Ok(())
}

fn stream(
    mut device: Device,
    info: &CameraInfo,
    commands: &Receiver<Command>,
    say: &mut dyn FnMut(&Report) -> bool,
) -> Result<(), Trouble> {
    let still = best_still(&info.modes).ok_or(NO_MODE)?;
    let preview = best_preview(&info.modes, still);
    device.stream(preview)?;
    say(&Report::Arrived(info.name.clone()));
    let mut garbled = 0;
    loop {
        match commands.try_recv() {
            Ok(Command::Quit) | Err(TryRecvError::Disconnected) => return Ok(()),
            Ok(Command::Control { id, value }) => device.control(id, value),
            Ok(Command::Still) => {
                let switched = if still == preview { Ok(()) } else { device.stream(still) };
                say(&Report::Alive);
                let settle = if still == preview { 0 } else { SETTLING_FRAMES };
                match switched.and_then(|()| take(&mut device, settle, say)) {
                    Ok(jpeg) => say(&Report::Still(jpeg)),
                    Err(trouble) => say(&Report::StillFailed(trouble)),
                };
                if still != preview {
                    device.stream(preview)?;
                    say(&Report::Alive);
                }
            }
            Ok(Command::Open(_) | Command::List) | Err(TryRecvError::Empty) => {}
        }
        match device.frame() {
            Ok(jpeg) => {
                garbled = 0;
                if !say(&Report::Frame(jpeg)) {
                    return Ok(());
                }
            }
            Err(trouble) if trouble == GARBLED && garbled < GARBLED_MAX => garbled += 1,
            Err(trouble) => return Err(trouble),
        }
    }
}

/// The first whole frame after the camera has settled.
fn take(device: &mut Device, settle: usize, say: &mut dyn FnMut(&Report) -> bool) -> Result<Vec<u8>, Trouble> {
    let mut last = Err(GARBLED);
    for _ in 0..settle {
        match device.frame() {
            Err(trouble) if trouble != GARBLED => return Err(trouble),
            _ => say(&Report::Alive),
        };
    }
    for _ in 0..GARBLED_MAX {
        last = device.frame();
        if last.as_ref().err() != Some(&GARBLED) {
            return last;
        }
        say(&Report::Alive);
    }
    last
}
