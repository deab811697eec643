//! The program `town-hall`; everything it does stands in the library.

use std::process::ExitCode;

use hall::{command, config::Surroundings};
use texts::Texts;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let around = Surroundings::read();
    let filter = EnvFilter::try_new(&around.log).unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let t = Texts::new(around.lang);
    let raw: Vec<String> = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    match command::run(&raw, &around, &t) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("town-hall: {}", failure.say(&t));
            ExitCode::from(failure.exit())
        }
    }
}
