//! What the surroundings say: the only file that reads the environment.

use std::path::PathBuf;

use texts::Lang;

/// Settings that come from the surroundings, not from arguments.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Folder in which the service manager lays secrets (`$CREDENTIALS_DIRECTORY`).
    pub credentials: Option<PathBuf>,
    /// Language of the command line.
    pub lang: Lang,
    /// What is logged, e.g. `info` or `hall=debug` (`$TOWN_HALL_LOG`).
    pub log: String,
}

impl Surroundings {
    pub fn read() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is the file through which settings come")]
        let text = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
        let locale = text("LC_ALL").or_else(|| text("LC_MESSAGES")).or_else(|| text("LANG")).unwrap_or_default();
        Self {
            credentials: text("CREDENTIALS_DIRECTORY").map(PathBuf::from),
            lang: if locale.starts_with("en") || locale.starts_with("C") { Lang::En } else { Lang::Zh },
            log: text("TOWN_HALL_LOG").unwrap_or_else(|| "info".to_owned()),
        }
    }
}
