//! Cables: the real pcscd with a real virtual reader, in a private namespace.
//!
//! A test binary with its own small harness (no libtest), because it must also be the programs that
//! it tests: a stand-in has to enter its namespace while it has one thread, and the PC/SC library
//! finds its service once a process. What cannot run here says why and is counted apart.
//!
//! `cargo test -p stories --test cable [-- WORD…]` runs the cases whose names contain a word.
//! `CABLE_CYCLES=1000 CABLE_RESTARTS=100` makes the torture whole; the ordinary run is a hundredth.

mod cards;
mod harness;
mod installer;
mod photo;
mod serial;
mod stand_in;
mod torture;

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1).peekable();
    match words.peek().map(String::as_str) {
        Some(stand_in::AS_VIRTUAL_CARD) => {
            return told(card::simulator::command::run(words.skip(1), &mut std::io::stdout()));
        }
        Some(stand_in::AS_PATIENT) => return cards::as_patient(),
        Some(stand_in::AS_CARD) => {
            return match terminal::command::run("card", words.skip(1).collect(), &terminal::clock::Clock::System) {
                Ok(()) => ExitCode::SUCCESS,
                Err(refusal) => {
                    let _ = writeln!(std::io::stderr(), "{}", refusal.sentence);
                    ExitCode::from(refusal.status)
                }
            };
        }
        // As the terminal's own main does: the photo decoder's child is this program again.
        Some(word) if matches!(terminal::command::asked(vec![word.to_owned()]), Ok(terminal::command::Asked::PhotoChild)) => {
            std::process::exit(card::photo::run_child());
        }
        _ => {}
    }
    harness::run(words, &[cards::CASES, installer::CASES, photo::CASES, serial::CASES, torture::CASES])
}

fn told<E: std::fmt::Display>(outcome: Result<(), E>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}
