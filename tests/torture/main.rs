//! The real programs, killed and cut off: `torture power SEED COUNT`, `torture kills SEED COUNT`. Without
//! words a small part of both, as the test suite runs it.

mod kills;
mod place;
mod power;
mod watch;
#[path = "."]
mod support {
    #[path = "../support/book.rs"]
    pub mod book;
    #[path = "../support/children.rs"]
    #[allow(dead_code, reason = "shared with the stories and the walk, which use more of it")]
    pub mod children;
    #[path = "../support/town.rs"]
    #[allow(dead_code, reason = "shared with the stories and the walk, which use more of it")]
    pub mod town;
}

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

/// A long run ends after this, and the next goes on behind it.
const LONGEST: Duration = Duration::from_secs(43 * 60);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let until = now() + LONGEST;
    match words[..] {
        ["power", seed, count] => power::torture(seed.parse().ok(), count.parse().unwrap_or(100), until),
        ["kills", seed, count] => kills::torture(seed.parse().ok(), count.parse().unwrap_or(100), until),
        // As a test harness would take them: a list of tests, a filter that is not for us.
        [.., "--list"] => {}
        [filter, ..] if !filter.starts_with('-') && !"torture".contains(filter) => {}
        _ => {
            power::small(until);
            kills::small(until);
        }
    }
    ExitCode::SUCCESS
}

pub fn now() -> Instant {
    Instant::now()
}
