//! The catalogue of this terminal: a town's own folder where the configuration names one, else the
//! one that is built in.
//!
//! A town's folder is one version, or holds one folder a version (with a `catalogue.toml` each): the
//! newest that is in force is filed by, the earlier ones say what drafts were begun under.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use matters::{Calendar, Catalogue, CatalogueFault};

use crate::config::Config;

/// Files larger than this are no matter.
const FILE_BYTES_MAX: u64 = 1 << 20;
const HEAD: &str = "catalogue.toml";
const CALENDAR: &str = "calendar.toml";

/// What the window files by.
#[derive(Debug, Default)]
pub struct Town {
    pub current: Catalogue,
    /// The working days by which ends are estimated: the current version's own, else the built-in ones.
    pub calendar: Calendar,
    /// Versions before it, newest first, where they are at hand.
    pub earlier: Vec<Catalogue>,
    /// What is wrong with the current one; matters with a fault are left out.
    pub faults: Vec<CatalogueFault>,
}

impl Town {
    pub fn bundled() -> Self {
        Self::read(matters::bundled::FILES)
    }

    /// One version from its files. A calendar with a fault is not counted by: the built-in one is.
    fn read(files: &[(&str, &str)]) -> Self {
        let (current, mut faults) = Catalogue::parse_lenient("", files);
        let own = files.iter().find(|(name, _)| *name == CALENDAR).map(|(name, text)| Calendar::parse(name, text));
        let calendar = match own {
            Some(Ok(calendar)) => calendar,
            other => {
                faults.extend(other.and_then(Result::err).unwrap_or_default());
                Calendar::bundled().unwrap_or_default()
            }
        };
        Self { current, calendar, faults, earlier: Vec::new() }
    }

    /// The catalogue of this configuration on this day.
    pub fn load(config: &Config, today: Date) -> Self {
        let town = match &config.catalogue_dir {
            None => Self::bundled(),
            Some(dir) => Self::of(dir, today),
        };
        for fault in &town.faults {
            tracing::error!(?fault, "catalogue");
        }
        town
    }

    fn of(dir: &Path, today: Date) -> Self {
        let read =
            folders(dir).and_then(|folders| folders.iter().map(|folder| version(folder)).collect::<std::io::Result<Vec<_>>>());
        let mut versions = match read {
            Ok(versions) => versions,
            Err(error) => {
                tracing::error!(%error, "the catalogue folder cannot be read");
                let fault =
                    CatalogueFault { file: dir.display().to_string(), line: 0, code: "unreadable", detail: String::new() };
                return Self { faults: vec![fault], ..Self::default() };
            }
        };
        versions.sort_by_key(|town| std::cmp::Reverse(town.current.head().in_force_from));
        // Before the first one begins, the first one is still better than nothing to file by.
        let at = versions.iter().position(|town| town.current.head().in_force_from <= today);
        let mut versions = versions.split_off(at.unwrap_or(versions.len().saturating_sub(1))).into_iter();
        let Some(newest) = versions.next() else { return Self::default() };
        Self { earlier: versions.map(|town| town.current).collect(), ..newest }
    }
}

/// The folders that are versions: those inside, and the folder itself.
fn folders(dir: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() && path.join(HEAD).is_file() {
            found.push(path);
        }
    }
    if found.is_empty() || dir.join(HEAD).is_file() {
        found.push(dir.to_owned());
    }
    Ok(found)
}

fn version(dir: &Path) -> std::io::Result<Town> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".toml") && entry.metadata()?.len() <= FILE_BYTES_MAX {
            files.push((name, std::fs::read_to_string(entry.path())?));
        }
    }
    files.sort();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    Ok(Town::read(&files))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(dir: &Path, version: &str, from: &str, more: &[(&str, String)]) {
        std::fs::create_dir_all(dir).unwrap();
        for (name, text) in matters::bundled::FILES {
            let text = text.replace("version = \"2026.3\"", &format!("version = \"{version}\""));
            std::fs::write(dir.join(name), text.replace("\"2026-11-01\"", &format!("\"{from}\""))).unwrap();
        }
        for (name, text) in more {
            std::fs::write(dir.join(name), text).unwrap();
        }
    }

    /// What a person who knows no Rust does: copies a file, gives it a new number and name.
    fn matter_43() -> (&'static str, String) {
        let (_, model) = matters::bundled::FILES.iter().find(|(name, _)| name.starts_with("M08")).unwrap();
        ("M43-助餐卡.toml", model.replace("\"M08\"", "\"M43\"").replace("老年人优待证", "助餐卡").replace("lnryzz", "zck"))
    }

    #[test]
    fn a_towns_folder_with_matter_43_is_filed_by_and_its_faults_are_told() {
        let dir = tempfile::tempdir().unwrap();
        let day = jiff::civil::date(2026, 11, 24);
        let config = Config { catalogue_dir: Some(dir.path().to_owned()), ..Config::fresh(Path::new("/nowhere/terminal.toml")) };
        write(dir.path(), "2026.3", "2026-11-01", &[matter_43()]);
        let town = Town::load(&config, day);
        assert_eq!((town.current.matters().len(), town.earlier.len(), town.faults), (43, 0, Vec::new()));
        assert_eq!(matters::search::find(&town.current, "助餐卡")[0].matter.id, "M43");
        std::fs::write(dir.path().join("M43-助餐卡.toml"), "id = \"M43\"\n").unwrap();
        let town = Town::load(&config, day);
        assert_eq!(town.current.matters().len(), 42, "the good ones are filed by");
        assert!(town.faults.iter().all(|fault| fault.file.starts_with("M43")) && !town.faults.is_empty());
    }

    #[test]
    fn ends_are_counted_by_the_towns_own_calendar() {
        let dir = tempfile::tempdir().unwrap();
        let day = jiff::civil::date(2026, 11, 24);
        let (_, own) = matters::bundled::FILES.iter().find(|(name, _)| *name == CALENDAR).unwrap();
        let own = own.replace("\"2026-10-01/2026-10-07\"", "\"2026-10-01/2026-10-07\", \"2026-11-25/2026-11-27\"");
        let config = Config { catalogue_dir: Some(dir.path().to_owned()), ..Config::fresh(Path::new("/nowhere/terminal.toml")) };
        write(dir.path(), "2026.3", "2026-11-01", &[(CALENDAR, own)]);
        let town = Town::load(&config, day);
        assert!(town.faults.is_empty() && !town.calendar.is_working(jiff::civil::date(2026, 11, 25)));
        assert!(Town::bundled().calendar.is_working(jiff::civil::date(2026, 11, 25)));
        std::fs::write(dir.path().join(CALENDAR), "year = 5").unwrap();
        let town = Town::load(&config, day);
        assert_eq!(town.faults[0].file, CALENDAR, "it is told");
        assert!(town.calendar.published(2026), "and the built-in one is counted by");
    }

    #[test]
    fn of_several_versions_the_newest_in_force_counts() {
        let dir = tempfile::tempdir().unwrap();
        for (version, from) in [("2026.1", "2026-01-01"), ("2026.2", "2026-11-20"), ("2026.9", "2026-12-01")] {
            write(&dir.path().join(version), version, from, &[]);
        }
        let config = Config { catalogue_dir: Some(dir.path().to_owned()), ..Config::fresh(Path::new("/nowhere/terminal.toml")) };
        for (day, current, earlier) in [
            (jiff::civil::date(2026, 11, 24), "2026.2", vec!["2026.1"]),
            (jiff::civil::date(2026, 12, 1), "2026.9", vec!["2026.2", "2026.1"]),
            (jiff::civil::date(2025, 12, 31), "2026.1", vec![]),
        ] {
            let town = Town::load(&config, day);
            assert_eq!(town.current.version(), current, "{day}");
            assert_eq!(town.earlier.iter().map(Catalogue::version).collect::<Vec<_>>(), earlier, "{day}");
        }
        let nowhere = Config { catalogue_dir: Some(dir.path().join("nowhere")), ..config };
        assert_eq!(Town::load(&nowhere, jiff::civil::date(2026, 11, 24)).faults[0].code, "unreadable");
    }
}
