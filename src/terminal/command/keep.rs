//! `backup` and `restore`: the cabinet on another disk, and on another machine.

use outbox::{Cabinet, CabinetKey};
use texts::{Texts, command as say};

use super::{Fault, Options, print};
use crate::{clock::Clock, config::Config, worker};

/// `backup --to FILE`: an encrypted copy under the same key. Reads only: works beside an open window.
pub fn backup(t: &Texts, options: &mut Options, config: &Config) -> Result<(), Fault> {
    let to = options.path("--to").ok_or(Fault::Missing("--to"))?;
    options.nothing_left()?;
    Cabinet::reading(&config.cabinet_file(), &worker::key(config)?)?.backup(&to)?;
    print(&say::backup_made(t, to.display().to_string()))
}

/// `restore --from FILE --key FILE`: a backup becomes this machine's cabinet, where there is none yet.
pub fn restore(t: &Texts, options: &mut Options, config: &Config, clock: &Clock) -> Result<(), Fault> {
    let from = options.path("--from").ok_or(Fault::Missing("--from"))?;
    let key_file = options.path("--key").ok_or(Fault::Missing("--key"))?;
    options.nothing_left()?;
    let key = CabinetKey::load(&key_file)?;
    std::fs::create_dir_all(&config.data_dir).map_err(|error| Fault::File(config.data_dir.clone(), error))?;
    let cabinet = Cabinet::restore(&from, &config.cabinet_file(), &key, clock.now())?;
    // The cabinet first: a key beside no cabinet would open the next one that is made here.
    if worker::credential_key().is_none() {
        key.keep(&config.key_file())?;
    }
    let admission = cabinet.admission()?.ok_or(Fault::NotAdmitted)?;
    print(&say::restored(t, admission.terminal.as_str(), cabinet.waiting()?.len() as u64))
}
