//! `virtual-card`: specimen personas in a virtual reader, for the demo, the tests and integrators.

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    match card::simulator::command::run(std::env::args().skip(1), &mut std::io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell when even this fails.
            let _ = writeln!(std::io::stderr(), "virtual-card: {}", error.trim_end());
            ExitCode::from(2)
        }
    }
}
