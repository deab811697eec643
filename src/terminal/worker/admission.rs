//! Admission: the machine makes its key, the one-time code gets it a certificate, the cabinet keeps
//! both, and only then the configuration is written.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use courier::{Client, StopFlag};
use outbox::Cabinet;

use super::{Post, key, round::Round};
use crate::{clock::Clock, config::Config, speech::Fact};

/// Admits on a thread of its own and reports with a fact. False when there is no thread to be had.
pub fn admit(config: Config, config_file: PathBuf, hall: String, code: String, clock: Clock, post: Post) -> bool {
    let work = move || {
        let fact = match now(&config, &config_file, &hall, &code, &clock) {
            Ok(()) => Fact::Admitted,
            Err(code) => Fact::AdmissionFailed { code: code.to_owned() },
        };
        post.send(fact);
    };
    std::thread::Builder::new().name("admission".into()).spawn(work).is_ok()
}

/// Admits this machine and leaves a configuration with which it starts.
///
/// # Errors
/// The stable code of what went wrong; no configuration is written then.
pub fn now(config: &Config, config_file: &Path, hall: &str, code: &str, clock: &Clock) -> Result<(), &'static str> {
    // The cabinet first: a code must not be used up for a disk that cannot keep the key.
    let key = key(config).map_err(|error| error.code())?;
    let mut cabinet = Cabinet::open(&config.cabinet_file(), &key, clock.now()).map_err(|error| error.code())?;
    let admission = Client::admit(hall, code, &machine(), &StopFlag::new()).map_err(|outcome| {
        tracing::info!(code = outcome.code(), "admission");
        outcome.code()
    })?;
    cabinet.set_admission(&admission).map_err(|error| error.code())?;
    // Who may sign in here comes with the feed. Where it does not come now, it comes with the next round.
    match Round::new(config, cabinet, clock).and_then(|mut round| round.listen()) {
        Ok(None) => {}
        Ok(Some(code)) => tracing::info!(code, "the first feed"),
        Err(error) => tracing::warn!(%error, "the first feed"),
    }
    write(config_file, &config.to_toml()).map_err(|error| {
        tracing::error!(%error, "the configuration cannot be written");
        "cabinet_io"
    })
}

/// How the hall's administrator sees this machine in his list.
fn machine() -> String {
    std::fs::read_to_string("/etc/hostname").map(|name| name.trim().to_owned()).unwrap_or_default()
}

/// A configuration that is there already stays: an administrator wrote it.
pub(crate) fn write(file: &Path, text: &str) -> std::io::Result<()> {
    if file.exists() {
        return Ok(());
    }
    if let Some(dir) = file.parent() {
        std::fs::create_dir_all(dir)?;
    }
    let half = file.with_extension("part");
    let mut out = std::fs::File::create(&half)?;
    out.write_all(text.as_bytes())?;
    out.sync_all()?;
    std::fs::rename(&half, file)
}
