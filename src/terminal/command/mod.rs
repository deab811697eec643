//! The same work without a window: `admit`, `card`, `camera`, `page`, `file`, `queue`, `sync`, `receipt`,
//! `bundle`, `backup`, `restore`, `doctor`.
//!
//! The only place that prints. What it prints holds no more of a person than a list does. Results go to
//! standard output, sentences about trouble to standard error; with `--json` a trouble stands on standard
//! output too, as `{"code", "sentence"}`. Exit codes: see [`Fault::exit`].

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use outbox::{Cabinet, CabinetError};
use texts::{Lang, Texts};

use crate::{
    clock::Clock,
    config::{self, Config, Loaded},
    worker::{self, round::NoRound},
};

mod camera;
mod card;
mod doctor;
mod file;
mod keep;
mod page;
mod queue;
mod receipt;
mod stick;
mod sync;

/// What the command line asks for.
pub enum Asked {
    /// The window, with this configuration file.
    Window(PathBuf),
    /// The camera's child process.
    CameraChild,
    /// The child process in which a vendor's library decodes the photo of a card.
    PhotoChild,
    /// A command, with the words after it.
    Command {
        name: String,
        words: Vec<String>,
    },
    Help,
}

const COMMANDS: [&str; 12] =
    ["admit", "card", "camera", "page", "file", "queue", "sync", "receipt", "bundle", "backup", "restore", "doctor"];

/// Sorts the words of the command line (without the program's name).
pub fn asked(mut words: Vec<String>) -> Result<Asked, Fault> {
    if words.iter().any(|word| word == "--help" || word == "-h") {
        return Ok(Asked::Help);
    }
    match words.first().map(String::as_str) {
        None => Ok(Asked::Window(config::default_file())),
        // The configuration may stand before the command, as it does for the window.
        Some("--config") if words.get(2).is_some_and(|word| COMMANDS.contains(&word.as_str())) => {
            let name = words.remove(2);
            Ok(Asked::Command { name, words })
        }
        Some("--config") => {
            let mut options = Options::of(words)?;
            let file = options.path("--config").unwrap_or_else(config::default_file);
            options.nothing_left()?;
            Ok(Asked::Window(file))
        }
        Some("help") => Ok(Asked::Help),
        Some("camera-child") => Ok(Asked::CameraChild),
        Some(worker::card::PHOTO_CHILD) => Ok(Asked::PhotoChild),
        Some(word) if COMMANDS.contains(&word) => {
            let name = words.remove(0);
            Ok(Asked::Command { name, words })
        }
        Some(other) => Err(Fault::Unknown(other.to_owned())),
    }
}

/// Why a command did not do it. The code ends in the exit status and the sentence on stderr.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("unknown word {0}")]
    Unknown(String),
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("{0} needs a value")]
    NoValue(String),
    #[error("configuration")]
    Config(Vec<config::Complaint>),
    #[error("no configuration")]
    NoConfig,
    #[error("cabinet: {}", .0.code())]
    Cabinet(#[from] CabinetError),
    #[error("device: {0}")]
    Device(#[source] ::devices::Trouble),
    /// What the installer is to do about a reader or a card.
    #[error("card: {0}")]
    Card(#[source] ::devices::Trouble),
    /// What the courier says, by its code.
    #[error("line: {0}")]
    Line(String),
    #[error("not admitted")]
    NotAdmitted,
    #[error("{0}")]
    File(PathBuf, #[source] std::io::Error),
    #[error("picture: {0}")]
    Picture(&'static str),
    #[error("{file:?} is no file of answers, at line {line}")]
    Answers { file: PathBuf, line: u64, column: u64 },
    #[error("unknown matter {0}")]
    Matter(String),
    #[error("not an id: {0}")]
    NotAnId(String),
    #[error("not a number that may stand there: {0}")]
    Number(String),
    /// Fields with code and sentence.
    #[error("{} complaints about the form", .0.len())]
    Form(Vec<(String, &'static str, String)>),
    #[error("no material takes the page {0:?}")]
    PageNowhere(PathBuf),
    /// The hall has not told yet to which key bundles are sealed.
    #[error("no bundle address")]
    NoBundleAddress,
    #[error("the draft lacks {0}")]
    Unfit(&'static str),
    /// Of a receipt on paper: `number`, `not-received`, `none`, `mixed`, `missing`, `changed`, `foreign`.
    #[error("receipt: {0}")]
    Receipt(&'static str),
    #[error("sign-in refused")]
    Refused,
    #[error("still waiting: {0}")]
    Waiting(u64),
    #[error("laid aside: {0}")]
    Aside(u64),
    #[error("standard output")]
    Output(#[source] std::io::Error),
}

impl From<NoRound> for Fault {
    fn from(fault: NoRound) -> Self {
        match fault {
            NoRound::Cabinet(error) => Self::Cabinet(error),
            NoRound::NotAdmitted => Self::NotAdmitted,
            NoRound::Line(code) => Self::Line(code.to_owned()),
        }
    }
}

impl Fault {
    /// The exit code: 1 it could not be done · 2 the command itself was wrong · 3 something still waits
    /// for the hall · 4 another program holds the cabinet, nothing was changed · 5 something was laid
    /// aside and wants a person.
    pub fn exit(&self) -> u8 {
        match self {
            Self::Unknown(_) | Self::Missing(_) | Self::NoValue(_) | Self::NotAnId(_) | Self::Number(_) | Self::Matter(_) => 2,
            Self::Card(_) => card::STATUS,
            Self::Waiting(_) => 3,
            Self::Cabinet(CabinetError::Held) => 4,
            Self::Line(code) if code == CabinetError::Held.code() => 4,
            Self::Aside(_) => 5,
            _ => 1,
        }
    }

    /// A stable word for scripts.
    pub fn code(&self) -> &str {
        match self {
            Self::Unknown(_) => "unknown",
            Self::Missing(_) => "missing",
            Self::NoValue(_) => "no_value",
            Self::Config(_) => "config",
            Self::NoConfig => "no_config",
            Self::Cabinet(error) => error.code(),
            Self::Device(trouble) | Self::Card(trouble) => trouble.code,
            Self::Line(code) => code,
            Self::NotAdmitted => "not_admitted",
            Self::File(..) => "file",
            Self::Picture(code) => code,
            Self::Answers { .. } => "answers",
            Self::Matter(_) => "matter_unknown",
            Self::NotAnId(_) => "not_an_id",
            Self::Number(_) => "number",
            Self::Form(_) => "form_faulty",
            Self::PageNowhere(_) => "page_nowhere",
            Self::NoBundleAddress => "no_bundle_address",
            Self::Unfit(_) => "unfit",
            Self::Receipt(code) => code,
            Self::Refused => "refused",
            Self::Waiting(_) => "waiting",
            Self::Aside(_) => "aside",
            Self::Output(_) => "output",
        }
    }

    /// For a script: the code, the sentence, and beside a form's fault its fields.
    fn json(&self, t: &Texts) -> serde_json::Value {
        let mut out = serde_json::json!({ "code": self.code(), "sentence": self.sentence(t) });
        if let Self::Form(fields) = self {
            out["fields"] = fields
                .iter()
                .map(|(field, code, sentence)| serde_json::json!({ "field": field, "code": code, "sentence": sentence }))
                .collect();
        }
        out
    }

    /// The sentence for a person.
    pub fn sentence(&self, t: &Texts) -> String {
        use texts::command as say;
        match self {
            Fault::Unknown(word) => say::unknown(t, word.as_str()),
            Fault::Missing(what) => say::missing(t, *what),
            Fault::NoValue(what) => say::no_value(t, what.as_str()),
            Fault::Config(complaints) => {
                let mut out = texts::trouble::config_title(t, complaints.len() as u64);
                for complaint in complaints {
                    let args = [("detail", complaint.detail.clone())];
                    let words = texts::trouble::lookup(t, &format!("complaint-{}", complaint.code), &args);
                    out.push_str(&format!("\n  {}: {}", complaint.key, words.unwrap_or_default()));
                }
                out
            }
            Fault::NoConfig => say::no_config(t),
            Fault::Cabinet(error) => {
                format!("{}\n{}", crate::words::cabinet_title(t, error.code()), crate::words::cabinet_words(t, error.code()))
            }
            Fault::Card(trouble) => card::what_to_do(t, *trouble),
            Fault::Device(trouble) => crate::words::device_trouble(t, trouble.code),
            Fault::Line(code) if code.starts_with("cabinet_") => {
                format!("{}\n{}", crate::words::cabinet_title(t, code), crate::words::cabinet_words(t, code))
            }
            Fault::Line(code) => crate::words::line_trouble(t, code),
            Fault::NotAdmitted => say::not_admitted(t),
            Fault::File(path, error) => say::file_trouble(t, path.display().to_string(), error.to_string()),
            Fault::Picture(code) => crate::words::device_trouble(t, code),
            Fault::Answers { file, line, column } => say::no_answers(t, file.display().to_string(), *line, *column),
            Fault::Matter(id) => say::no_matter(t, id.as_str()),
            Fault::NotAnId(text) => say::no_id(t, text.as_str()),
            Fault::Number(text) => say::no_number(t, text.as_str()),
            Fault::Form(fields) => {
                let mut out = say::form_faulty(t, fields.len() as u64);
                for (field, _, sentence) in fields {
                    out.push_str(&format!("\n  {field}: {sentence}"));
                }
                out
            }
            Fault::NoBundleAddress => say::no_bundle_address(t),
            Fault::PageNowhere(file) => say::page_nowhere(t, file.display().to_string()),
            Fault::Unfit(what) => {
                let what = texts::trouble::lookup(t, &format!("lacks_{what}"), &[]).unwrap_or_else(|| (*what).to_owned());
                texts::trouble::unfit_words(t, what)
            }
            Fault::Receipt(code) => say::lookup(t, &format!("receipt-{code}"), &[]).unwrap_or_else(|| (*code).to_owned()),
            Fault::Refused => say::refused(t),
            Fault::Waiting(count) => say::still_waiting(t, *count),
            Fault::Aside(count) => say::laid_aside(t, *count),
            Fault::Output(error) => say::file_trouble(t, "stdout", error.to_string()),
        }
    }
}

/// A command that was not carried out: what stderr says and how the program ends.
#[derive(Debug)]
pub struct Refusal {
    pub sentence: String,
    pub status: u8,
}

/// Runs a command.
///
/// # Errors
/// See [`Fault`].
pub fn run(name: &str, words: Vec<String>, clock: &Clock) -> Result<(), Refusal> {
    // Whatever keeps a card from being read ends in the same status.
    let status = |fault: &Fault| if name == "card" { card::STATUS } else { fault.exit() };
    let refusal = |texts: &Texts, fault: &Fault| Refusal { sentence: fault.sentence(texts), status: status(fault) };
    let texts = Texts::new(Lang::Zh);
    // A card's command gives a card on stdout or nothing; what to do stands on stderr.
    let as_json = name != "card" && words.iter().any(|word| word == "--json");
    let mut options = Options::of(words).map_err(|fault| refusal(&texts, &fault))?;
    // Before anything else, so that troubles are said in the language of the machine.
    let named = options.path("--config");
    let file = named.clone().unwrap_or_else(config::default_file);
    let loaded = config::load(&file);
    let texts = match &loaded {
        Loaded::Ready(config) => Texts::new(config.window.language),
        Loaded::Absent | Loaded::Wrong(_) => texts,
    };
    let done = match name {
        "admit" => admit(&texts, &mut options, loaded, &file, clock),
        "page" => page::page(&texts, &mut options),
        "camera" => camera::camera(&texts, &mut options),
        // Before there is a configuration the installer tries the reader: one is used only where it helps.
        "card" => match (loaded, named) {
            (Loaded::Absent | Loaded::Wrong(_), None) => Ok(Config::fresh(&file)),
            (loaded, _) => ready(loaded),
        }
        .and_then(|config| card::card(&texts, &mut options, &config, clock)),
        "file" => ready(loaded).and_then(|config| file::file(&texts, &mut options, &config, clock)),
        "queue" => ready(loaded).and_then(|config| queue::queue(&texts, &mut options, &config)),
        "sync" => ready(loaded).and_then(|config| sync::sync(&texts, &mut options, &config, clock)),
        "receipt" => ready(loaded).and_then(|config| receipt::receipt(&texts, &mut options, &config)),
        "bundle" => ready(loaded).and_then(|config| stick::bundle(&texts, &mut options, &config, clock)),
        "backup" => ready(loaded).and_then(|config| keep::backup(&texts, &mut options, &config)),
        "restore" => fresh(loaded, &file).and_then(|config| {
            keep::restore(&texts, &mut options, &config, clock)?;
            worker::admission::write(&file, &config.to_toml()).map_err(|error| Fault::File(file.clone(), error))
        }),
        "doctor" => ready(loaded).and_then(|config| doctor::doctor(&texts, &mut options, &config, clock)),
        other => Err(Fault::Unknown(other.to_owned())),
    };
    done.map_err(|fault| {
        // `sync` has told everything already when something only waits.
        if as_json && !matches!(fault, Fault::Waiting(_) | Fault::Aside(_) | Fault::Output(_)) {
            let _ = print(&fault.json(&texts).to_string());
        }
        refusal(&texts, &fault)
    })
}

/// A result, out of this process before anything else happens.
///
/// # Errors
/// When nobody can read it: then it must not pass for told.
fn print(text: &str) -> Result<(), Fault> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).map_err(Fault::Output)
}

fn ready(loaded: Loaded) -> Result<Config, Fault> {
    match loaded {
        Loaded::Ready(config) => Ok(config),
        Loaded::Absent => Err(Fault::NoConfig),
        Loaded::Wrong(complaints) => Err(Fault::Config(complaints)),
    }
}

/// A machine that has no configuration yet gets one.
fn fresh(loaded: Loaded, file: &Path) -> Result<Config, Fault> {
    match loaded {
        Loaded::Ready(config) => Ok(config),
        Loaded::Absent => Ok(Config::fresh(file)),
        Loaded::Wrong(complaints) => Err(Fault::Config(complaints)),
    }
}

fn admit(t: &Texts, options: &mut Options, loaded: Loaded, file: &Path, clock: &Clock) -> Result<(), Fault> {
    let hall = options.need("--hall")?;
    let code = options.need("--code")?;
    options.nothing_left()?;
    let config = fresh(loaded, file)?;
    worker::admission::now(&config, file, &hall, &code, clock).map_err(|code| Fault::Line(code.to_owned()))?;
    println!("{}", texts::command::admitted(t, file.display().to_string()));
    Ok(())
}

/// The cabinet for writing: refused while the window holds it.
fn cabinet(config: &Config, clock: &Clock) -> Result<Cabinet, Fault> {
    let key = worker::key(config)?;
    Ok(Cabinet::open(&config.cabinet_file(), &key, clock.now())?)
}

/// `--name value` pairs, switches and loose words.
struct Options {
    pairs: Vec<(String, String)>,
    loose: Vec<String>,
}

/// Options that stand alone.
const SWITCHES: [&str; 3] = ["--json", "--once", "--until-empty"];
/// Options that take every word up to the next option.
const LISTS: [&str; 1] = ["--page"];

impl Options {
    fn of(words: Vec<String>) -> Result<Self, Fault> {
        let (mut pairs, mut loose) = (Vec::new(), Vec::new());
        let mut words = words.into_iter().peekable();
        while let Some(word) = words.next() {
            if SWITCHES.contains(&word.as_str()) {
                pairs.push((word, String::new()));
            } else if word.starts_with("--") {
                let value = words.next_if(|next| !next.starts_with("--")).ok_or_else(|| Fault::NoValue(word.clone()))?;
                pairs.push((word.clone(), value));
                while LISTS.contains(&word.as_str())
                    && let Some(more) = words.next_if(|next| !next.starts_with("--"))
                {
                    pairs.push((word.clone(), more));
                }
            } else {
                loose.push(word);
            }
        }
        Ok(Self { pairs, loose })
    }

    /// Every value of an option, in order.
    fn all(&mut self, name: &str) -> Vec<String> {
        std::iter::from_fn(|| self.take(name)).collect()
    }

    fn take(&mut self, name: &str) -> Option<String> {
        let at = self.pairs.iter().position(|(key, _)| key == name)?;
        Some(self.pairs.remove(at).1)
    }

    fn need(&mut self, name: &'static str) -> Result<String, Fault> {
        self.take(name).ok_or(Fault::Missing(name))
    }

    fn path(&mut self, name: &str) -> Option<PathBuf> {
        self.take(name).map(PathBuf::from)
    }

    fn flag(&mut self, name: &str) -> bool {
        self.take(name).is_some()
    }

    fn loose(&mut self) -> Option<String> {
        (!self.loose.is_empty()).then(|| self.loose.remove(0))
    }

    fn nothing_left(&self) -> Result<(), Fault> {
        match self.pairs.first().map(|(name, _)| name).or(self.loose.first()) {
            Some(word) => Err(Fault::Unknown(word.clone())),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn the_command_line_is_sorted_and_nonsense_is_refused() {
        assert!(matches!(asked(vec![]), Ok(Asked::Window(_))));
        assert!(matches!(asked(words("--config /c.toml")), Ok(Asked::Window(file)) if file == Path::new("/c.toml")));
        assert!(matches!(asked(words("--config")), Err(Fault::NoValue(_))));
        assert!(matches!(asked(words("--config /c.toml extra")), Err(Fault::Unknown(_))));
        assert!(matches!(asked(words("camera-child")), Ok(Asked::CameraChild)));
        assert!(matches!(asked(words("photo-child")), Ok(Asked::PhotoChild)));
        assert!(matches!(asked(words("sync --config /c.toml")), Ok(Asked::Command { name, .. }) if name == "sync"));
        let before = asked(words("--config /c.toml admit --hall H")).ok();
        assert!(
            matches!(before, Some(Asked::Command { name, words: rest }) if name == "admit" && rest == words("--config /c.toml --hall H"))
        );
        assert!(matches!(asked(words("sink")), Err(Fault::Unknown(word)) if word == "sink"));
    }

    #[test]
    fn pages_may_stand_behind_one_another_and_no_option_is_taken_for_a_value() {
        let mut options = Options::of(words("M09 --page a.jpg BK=b.jpg --json --page c.jpg --answers f.json")).unwrap();
        assert_eq!(options.all("--page"), ["a.jpg", "BK=b.jpg", "c.jpg"]);
        assert_eq!(options.loose().as_deref(), Some("M09"));
        assert!(options.flag("--json") && options.take("--answers").as_deref() == Some("f.json"));
        options.nothing_left().unwrap();
        assert!(matches!(Options::of(words("M09 --answers --json")), Err(Fault::NoValue(word)) if word == "--answers"));
    }

    #[test]
    fn a_script_can_tell_the_troubles_apart() {
        let table = [
            (Fault::Missing("--answers"), 2),
            (Fault::Waiting(1), 3),
            (Fault::Cabinet(CabinetError::Held), 4),
            (Fault::Aside(1), 5),
            (Fault::NotAdmitted, 1),
        ];
        for (fault, exit) in table {
            assert_eq!(fault.exit(), exit, "{fault}");
            assert!(!fault.code().is_empty());
        }
    }

    #[test]
    fn every_fault_has_a_sentence_in_both_languages() {
        for lang in [Lang::Zh, Lang::En] {
            let t = Texts::new(lang);
            for fault in [Fault::NoConfig, Fault::NotAdmitted, Fault::Refused, Fault::Waiting(2), Fault::Unfit("matter")] {
                let sentence = fault.sentence(&t);
                assert!(!sentence.is_empty() && !sentence.contains('{'), "{sentence}");
            }
        }
    }
}
