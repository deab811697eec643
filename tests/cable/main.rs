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
        Some(stand_in::AS_CARD) => {
            let args = card::command::Args::parse(words.skip(1));
            return told(args.and_then(|args| card::command::run(&args, &mut std::io::stdout())));
        }
        _ => {}
    }
    harness::run(words, &[cards::CASES, serial::CASES, torture::CASES])
}

fn told<E: std::fmt::Display>(outcome: Result<(), E>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::from(card::command::EXIT_FAILURE)
        }
    }
}
