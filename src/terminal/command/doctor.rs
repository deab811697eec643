//! `doctor`: looks whether the cabinet is whole, and saves out of a damaged one what verifies. Of a whole one
//! it says by which catalogue is filed, and what the town sent that is not used.

use outbox::{Cabinet, CabinetError, PackageState};
use texts::{Texts, command as say};

use super::{Fault, Options};
use crate::{
    catalogue::{Origin, Sent, Town},
    clock::Clock,
    config::Config,
    words,
    worker::key,
};

/// Mends only what does not open or is found damaged; a whole cabinet is only looked at.
pub fn doctor(t: &Texts, options: &mut Options, config: &Config, clock: &Clock) -> Result<(), Fault> {
    options.nothing_left()?;
    let key = key(config)?;
    let file = config.cabinet_file();
    match Cabinet::open(&file, &key, clock.now()) {
        Ok(cabinet) => {
            if cabinet.integrity()?.is_whole() {
                println!("{}", say::doctor_whole(t));
                return data(t, config, clock);
            }
        }
        Err(CabinetError::Damaged) => {}
        // Held, wrong key, newer schema: nothing is damaged, and nothing may be touched.
        Err(error) => return Err(Fault::Cabinet(error)),
    }
    let (_, saved) = Cabinet::mend(&file, &key, clock.now())?;
    println!("{}", say::doctor_saved(t, saved.filings, saved.drafts, saved.pages, saved.set_aside.display().to_string()));
    for lost in &saved.lost {
        let number = lost.case_number.clone().unwrap_or_else(|| lost.id.to_string());
        let held = if lost.held_by_hall { "yes" } else { "no" };
        println!("  {}", say::doctor_lost(t, number, format!("{:?}", lost.part), held));
    }
    Ok(())
}

/// By what is filed, and what the town sent that is not used.
fn data(t: &Texts, config: &Config, clock: &Clock) -> Result<(), Fault> {
    let reading = Cabinet::reading(&config.cabinet_file(), &key(config)?)?;
    let town = Town::load(config, words::day(clock.now()), &Sent::of(&reading)?);
    let version = town.current.version();
    println!(
        "{}",
        match town.origin {
            Origin::BuiltIn => say::doctor_catalogue_built_in(t, version),
            Origin::Folder => say::doctor_catalogue_folder(t, version),
            Origin::Sent => say::doctor_catalogue_sent(t, version),
        }
    );
    for row in reading.packages()? {
        let name = format!("{} {}", row.offer.kind.name(), row.offer.version);
        match &row.state {
            PackageState::Held { .. } => {}
            PackageState::Wanted { code: None } => println!("{}", say::doctor_package_wanted(t, name)),
            PackageState::Wanted { code: Some(code) } => {
                println!("{}", say::doctor_package_trouble(t, name, words::line_trouble(t, code)));
            }
            PackageState::Refused { code, detail, .. } => {
                println!("{}", say::doctor_package_refused(t, name, detail.as_str(), code.as_str()));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::{Seek as _, Write as _};

    use texts::Lang;

    use super::*;

    #[test]
    fn a_whole_cabinet_is_left_alone_and_a_damaged_one_is_set_aside_and_opens_again() {
        let dir = tempfile::tempdir().unwrap();
        let config = Config::fresh(&dir.path().join("terminal.toml"));
        let clock = Clock::hand("2026-11-23T01:42:00Z".parse().unwrap());
        let key = key(&config).unwrap();
        drop(Cabinet::open(&config.cabinet_file(), &key, clock.now()).unwrap());
        let t = Texts::new(Lang::Zh);
        let run = || doctor(&t, &mut Options::of(Vec::new()).unwrap(), &config, &clock);
        let before = std::fs::read_dir(&config.data_dir).unwrap().count();
        run().unwrap();
        assert_eq!(std::fs::read_dir(&config.data_dir).unwrap().count(), before);

        let mut raw = std::fs::OpenOptions::new().write(true).open(config.cabinet_file()).unwrap();
        raw.seek(std::io::SeekFrom::Start(2 * 4096)).unwrap();
        raw.write_all(&[0x5A; 4096]).unwrap();
        drop(raw);
        run().unwrap();
        assert!(std::fs::read_dir(&config.data_dir).unwrap().count() > before, "the damaged file is kept");
        Cabinet::open(&config.cabinet_file(), &key, clock.now()).unwrap();
    }
}
