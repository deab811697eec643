//! The lab: hardware that this machine does not have, in a guest with a kernel of its own.
//!
//! `make lab [PART=usb|camera]` unpacks a Debian kernel and runs one case in QEMU, without KVM. `guest.rs` builds and boots the
//! guest and knows nothing of any device; a case is a file that puts programs into it, runs a script and judges what the script
//! said.

mod camera;
mod guest;
mod usb;

use std::process::ExitCode;

fn main() -> ExitCode {
    let outcome = match std::env::args().nth(1).as_deref() {
        Some("camera") => camera::run(),
        Some("usb") => usb::run(),
        // `cargo test` calls every test binary; this one takes a kernel and minutes.
        _ => {
            println!("\nlab: NOT RUN here; `make lab` boots a guest and runs it\n");
            return ExitCode::SUCCESS;
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("lab: {why}");
            ExitCode::FAILURE
        }
    }
}
