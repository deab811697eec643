//! The program `town-hall`: one file a family of commands.
//!
//! Standard output carries results only (JSON where scripts read it), sentences go to standard error.
//! Exit code 0: done; 1: could not be done; 2: the command itself was wrong.

mod args;
mod catalogue;
mod deadline;
mod guide;
mod keep;
mod messages;
mod people;
mod receipt;
mod recovery;
mod serving;

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use args::Args;
use texts::{Texts, town_hall as said};

use crate::{
    Hall, HallError,
    clock::{Clock, Ids},
    config::Surroundings,
    ledger::{LedgerError, MESSAGE_CHARS_MAX, MessageRefuse, PointRefuse, Rules, UserRefuse},
    serve::ServeError,
};

/// Who is named in audit rows for what is done on the command line.
const CONSOLE: &str = "console";

/// Why a command was not done: a stable code whose sentence stands in assets/texts/*/town_hall.ftl.
#[derive(Debug)]
pub struct Failure {
    code: &'static str,
    args: Vec<(&'static str, String)>,
    /// What the system said, for the administrator.
    cause: Option<String>,
    exit: u8,
}

impl Failure {
    fn new(code: &'static str) -> Self {
        Self { code, args: Vec::new(), cause: None, exit: 1 }
    }

    fn usage(code: &'static str) -> Self {
        Self { exit: 2, ..Self::new(code) }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.args.push((name, value.into()));
        self
    }

    fn caused(mut self, error: &dyn std::error::Error) -> Self {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(inner) = source {
            text = format!("{text}: {inner}");
            source = inner.source();
        }
        self.cause = Some(text);
        self
    }

    pub fn code(&self) -> &'static str {
        self.code
    }

    pub fn exit(&self) -> u8 {
        self.exit
    }

    /// The sentence, and the system's words behind it where there are any.
    pub fn say(&self, t: &Texts) -> String {
        let args: Vec<(&str, String)> = self.args.iter().map(|(name, value)| (*name, value.clone())).collect();
        let sentence = said::lookup(t, self.code, &args).unwrap_or_else(|| self.code.to_owned());
        match &self.cause {
            // One line, whatever the system's words look like.
            Some(cause) => {
                let cause: Vec<&str> = cause.split_whitespace().collect();
                format!("{sentence} [{}: {}]", self.code, cause.join(" "))
            }
            None => format!("{sentence} [{}]", self.code),
        }
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        let failure = Self::new(error.code());
        match &error {
            LedgerError::NoHall(dir) | LedgerError::HallExists(dir) | LedgerError::KeyMode(dir) => {
                failure.with("path", dir.display().to_string())
            }
            LedgerError::NewerSchema { found, known } => {
                failure.with("found", found.to_string()).with("known", known.to_string())
            }
            LedgerError::Damaged(what) => failure.with("what", *what),
            LedgerError::Sql(_) | LedgerError::Io(_) => failure.caused(&error),
            _ => failure,
        }
    }
}

impl From<HallError> for Failure {
    fn from(error: HallError) -> Self {
        match error {
            HallError::Ledger(error) => error.into(),
            HallError::Authority(error) => Self::new("authority").caused(&error),
        }
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        match error {
            ServeError::Ledger(error) => error.into(),
            ServeError::Held => Self::new("held"),
            ServeError::DeskOutside => Self::usage("desk-outside"),
            ServeError::Listen { address, ref source } => Self::new("listen").with("address", address.to_string()).caused(source),
            ServeError::Start(ref source) => Self::new("start").caused(source),
            ServeError::Authority(ref error) => Self::new("authority").caused(error),
        }
    }
}

impl From<PointRefuse> for Failure {
    fn from(refuse: PointRefuse) -> Self {
        match refuse {
            PointRefuse::Code => Self::usage("point-code"),
            PointRefuse::Name => Self::usage("point-name"),
            PointRefuse::Taken => Self::new("point-taken"),
            PointRefuse::Unknown => Self::new("point-unknown"),
            PointRefuse::Ledger(error) => error.into(),
        }
    }
}

impl From<MessageRefuse> for Failure {
    fn from(refuse: MessageRefuse) -> Self {
        match refuse {
            MessageRefuse::Text => Self::usage("message-text").with("max", MESSAGE_CHARS_MAX.to_string()),
            MessageRefuse::Point => Self::new("point-unknown"),
            MessageRefuse::Ledger(error) => error.into(),
        }
    }
}

impl From<UserRefuse> for Failure {
    fn from(refuse: UserRefuse) -> Self {
        match refuse {
            UserRefuse::Account => Self::usage("user-account"),
            UserRefuse::Name => Self::usage("user-name"),
            UserRefuse::Taken => Self::new("user-taken"),
            UserRefuse::Unknown => Self::new("user-unknown"),
            UserRefuse::Point => Self::usage("user-point"),
            UserRefuse::Password => Self::usage("user-password"),
            UserRefuse::Ledger(error) => error.into(),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new("io").caused(&error)
    }
}

/// What every command is given.
struct Desk<'a> {
    t: &'a Texts,
    around: &'a Surroundings,
}

impl Desk<'_> {
    /// A sentence to who types.
    fn tell(&self, sentence: &str) {
        let _ = writeln!(std::io::stderr(), "{sentence}");
    }

    /// A result for who reads it, person or script.
    fn print(&self, text: &str) -> Result<(), Failure> {
        Ok(writeln!(std::io::stdout(), "{text}")?)
    }

    fn print_json(&self, value: &serde_json::Value) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(value).map_err(|error| Failure::new("io").caused(&error))?;
        self.print(&text)
    }

    fn dir(&self, args: &Args) -> Result<PathBuf, Failure> {
        Ok(PathBuf::from(args.needed("dir")?))
    }

    fn rules(&self) -> Result<Rules, Failure> {
        Rules::bundled().map_err(|faults| catalogue::faulty(self.t, faults))
    }

    fn hall(&self, dir: &Path) -> Result<std::sync::Arc<Hall>, Failure> {
        self.hall_with(dir, self.rules()?)
    }

    fn hall_with(&self, dir: &Path, rules: Rules) -> Result<std::sync::Arc<Hall>, Failure> {
        Ok(Hall::open(dir, self.around.credentials.as_deref(), rules, Clock::System, Ids::System)?)
    }
}

/// Runs the command of these words (without the program's name).
///
/// # Errors
/// A [`Failure`] with its sentence and exit code.
pub fn run(raw: &[String], around: &Surroundings, t: &Texts) -> Result<(), Failure> {
    let desk = Desk { t, around };
    let words: Vec<&str> = raw.iter().map(String::as_str).take(2).collect();
    match words.as_slice() {
        [] | ["help", ..] => desk.print(&said::usage(t)),
        _ if raw.iter().any(|word| word == "--help" || word == "-h") => desk.print(&said::usage(t)),
        ["init", ..] => keep::init(&desk, &raw[1..]),
        ["serve", ..] => serving::serve(&desk, &raw[1..]),
        ["point", "add", ..] => people::point_add(&desk, &raw[2..]),
        ["point", "list", ..] => people::point_list(&desk, &raw[2..]),
        ["user", "add", ..] => people::user_add(&desk, &raw[2..]),
        ["user", "list", ..] => people::user_list(&desk, &raw[2..]),
        ["user", "password", ..] => people::user_password(&desk, &raw[2..]),
        ["user", "disable", ..] => people::user_disable(&desk, &raw[2..]),
        ["code", ..] => people::code(&desk, &raw[1..]),
        ["terminals", ..] => people::terminals(&desk, &raw[1..]),
        ["revoke", ..] => people::revoke(&desk, &raw[1..]),
        ["filings", ..] => keep::filings(&desk, &raw[1..]),
        ["voices", ..] => keep::voices(&desk, &raw[1..]),
        ["check-receipt", ..] => receipt::check(&desk, &raw[1..]),
        ["key", ..] => receipt::key_of(&desk, &raw[1..]),
        ["message", ..] => messages::message(&desk, &raw[1..]),
        ["messages", ..] => messages::messages(&desk, &raw[1..]),
        ["audit", ..] => keep::audit(&desk, &raw[1..]),
        ["backup", ..] => keep::backup(&desk, &raw[1..]),
        ["restore", ..] => keep::restore(&desk, &raw[1..]),
        ["recovery", ..] => recovery::recovery(&desk, &raw[1..]),
        ["recover", ..] => recovery::recover(&desk, &raw[1..]),
        ["bundle", "import", ..] => recovery::bundle_import(&desk, &raw[2..]),
        ["catalogue", "check", ..] => catalogue::check(&desk, &raw[2..]),
        ["catalogue", "diff", ..] => catalogue::diff(&desk, &raw[2..]),
        ["catalogue", "guide", ..] => guide::write(&desk, &raw[2..]),
        ["catalogue", "try", ..] => catalogue::try_out(&desk, &raw[2..]),
        ["deadline", ..] => deadline::deadline(&desk, &raw[1..]),
        [word, ..] => Err(Failure::usage("unknown-command").with("word", *word)),
    }
}

#[cfg(test)]
#[path = "command_tests.rs"]
mod command_tests;
