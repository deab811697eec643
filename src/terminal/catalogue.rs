//! The catalogue of this terminal: a town's own folder where the configuration names one, else what the
//! town sends with its feed, else the one that is built in.
//!
//! A town's folder is one version, or holds one folder a version (with a `catalogue.toml` each), and the
//! town sends several too: the newest that is in force is filed by, the earlier ones say what drafts were
//! begun under.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use jiff::civil::Date;
use matters::{Calendar, Catalogue, CatalogueFault, Digest};
use outbox::{CabinetError, PackageFile, PackageKind, PackageState, Reading};

use crate::config::Config;

/// Files larger than this are no matter.
const FILE_BYTES_MAX: u64 = 1 << 20;
const HEAD: &str = "catalogue.toml";
pub(crate) const CALENDAR: &str = "calendar.toml";

/// Where the catalogue came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    #[default]
    BuiltIn,
    /// `catalogue_dir` of the configuration: what the town sends is not used.
    Folder,
    Sent,
}

/// What the town has sent, as the cabinet holds it.
#[derive(Debug, Default)]
pub struct Sent {
    /// Names and texts of each version, and whether it counts.
    catalogues: Vec<(bool, Vec<(String, String)>)>,
    calendar: Option<String>,
}

impl Sent {
    pub fn is_empty(&self) -> bool {
        self.catalogues.is_empty() && self.calendar.is_none()
    }

    /// # Errors
    /// When the cabinet cannot be read.
    pub fn of(reading: &Reading) -> Result<Self, CabinetError> {
        let mut sent = Self::default();
        for row in reading.packages()? {
            let PackageState::Held { files } = &row.state else { continue };
            // A file that a later program has not built in any more: the feed fetches it again.
            let Some(texts) = texts(reading, files)? else { continue };
            match row.offer.kind {
                PackageKind::Catalogue => sent.catalogues.push((row.counts, texts)),
                PackageKind::Calendar if !row.counts => {}
                PackageKind::Calendar => {
                    sent.calendar = sent.calendar.or(texts.into_iter().find(|(name, _)| name == CALENDAR).map(|(_, text)| text));
                }
            }
        }
        Ok(sent)
    }
}

fn texts(reading: &Reading, files: &[PackageFile]) -> Result<Option<Vec<(String, String)>>, CabinetError> {
    let mut texts = Vec::with_capacity(files.len());
    for file in files {
        let text = match built_in_file(file.sha256) {
            Some(text) => text.to_owned(),
            None => match reading.package_file(file.sha256)?.map(String::from_utf8) {
                Some(Ok(text)) => text,
                Some(Err(_)) | None => return Ok(None),
            },
        };
        texts.push((file.name.clone(), text));
    }
    Ok(Some(texts))
}

/// Text of a built-in catalogue file, by its digest.
pub(crate) fn built_in_file(digest: Digest) -> Option<&'static str> {
    static FILES: OnceLock<BTreeMap<Digest, &'static str>> = OnceLock::new();
    FILES
        .get_or_init(|| matters::bundled::FILES.iter().map(|(_, text)| (Digest::of(text.as_bytes()), *text)).collect())
        .get(&digest)
        .copied()
}

/// What the window files by.
#[derive(Debug, Default)]
pub struct Town {
    pub origin: Origin,
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
        Self { current, calendar, faults, ..Self::default() }
    }

    /// The catalogue of this configuration on this day.
    pub fn load(config: &Config, today: Date, sent: &Sent) -> Self {
        let town = match &config.catalogue_dir {
            None => Self::sent(sent, today),
            Some(dir) => Self { origin: Origin::Folder, ..Self::of(dir, today) },
        };
        for fault in &town.faults {
            tracing::error!(?fault, "catalogue");
        }
        town
    }

    /// What the town sent, where a version of it is in force; else what is built in. What it has taken back only
    /// says what drafts were begun under.
    fn sent(sent: &Sent, today: Date) -> Self {
        let (mut counting, mut kept) = (Vec::new(), Vec::new());
        for (counts, files) in &sent.catalogues {
            let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
            let version = Self { origin: Origin::Sent, ..Self::read(&files) };
            if *counts { counting.push(version) } else { kept.push(version) }
        }
        let first_day = |town: &Self| town.current.head().in_force_from;
        counting.retain(|town| first_day(town) <= today);
        counting.sort_by_key(|town| std::cmp::Reverse(first_day(town)));
        kept.sort_by_key(|town| std::cmp::Reverse(first_day(town)));
        let mut versions = counting.into_iter().chain([Self::bundled()]).chain(kept);
        let mut town = versions.next().unwrap_or_default();
        for Self { current, .. } in versions {
            let known = std::iter::once(&town.current).chain(&town.earlier).any(|one| one.version() == current.version());
            if !known {
                town.earlier.push(current);
            }
        }
        // It was read whole before it was kept; a calendar that cannot be read any more is not counted by.
        if let Some(Ok(calendar)) = sent.calendar.as_deref().map(|text| Calendar::parse(CALENDAR, text)) {
            town.calendar = calendar;
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
        let town = Town::load(&config, day, &Sent::default());
        assert_eq!((town.current.matters().len(), town.earlier.len(), town.faults), (43, 0, Vec::new()));
        assert_eq!(matters::search::find(&town.current, "助餐卡")[0].matter.id, "M43");
        std::fs::write(dir.path().join("M43-助餐卡.toml"), "id = \"M43\"\n").unwrap();
        let town = Town::load(&config, day, &Sent::default());
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
        let town = Town::load(&config, day, &Sent::default());
        assert!(town.faults.is_empty() && !town.calendar.is_working(jiff::civil::date(2026, 11, 25)));
        assert!(Town::bundled().calendar.is_working(jiff::civil::date(2026, 11, 25)));
        std::fs::write(dir.path().join(CALENDAR), "year = 5").unwrap();
        let town = Town::load(&config, day, &Sent::default());
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
            let town = Town::load(&config, day, &Sent::default());
            assert_eq!(town.current.version(), current, "{day}");
            assert_eq!(town.earlier.iter().map(Catalogue::version).collect::<Vec<_>>(), earlier, "{day}");
        }
        let nowhere = Config { catalogue_dir: Some(dir.path().join("nowhere")), ..config };
        assert_eq!(Town::load(&nowhere, jiff::civil::date(2026, 11, 24), &Sent::default()).faults[0].code, "unreadable");
    }
    fn sent(version: &str, from: &str, offered: bool) -> (bool, Vec<(String, String)>) {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), version, from, &[]);
        let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap();
        (offered, matters::bundled::FILES.iter().map(|(name, _)| ((*name).to_owned(), read(name))).collect())
    }

    #[test]
    fn what_the_town_sends_is_filed_by_from_its_first_day_until_the_town_takes_it_back() {
        let mut config = Config::fresh(Path::new("/nowhere/terminal.toml"));
        let files = |offered| vec![sent("2026.8", "2026-11-20", offered), sent("2026.9", "2026-12-01", offered)];
        let shelf = Sent { catalogues: files(true), calendar: None };
        let versions = |town: &Town| -> Vec<String> {
            std::iter::once(&town.current).chain(&town.earlier).map(|one| one.version().to_owned()).collect()
        };
        let day = jiff::civil::date(2026, 11, 24);
        let town = Town::load(&config, day, &shelf);
        assert_eq!((town.origin, versions(&town)), (Origin::Sent, vec!["2026.8".into(), "2026.3".into()]));
        let town = Town::load(&config, jiff::civil::date(2026, 12, 1), &shelf);
        assert_eq!(versions(&town), ["2026.9", "2026.8", "2026.3"], "on its day, without a line");
        let town = Town::load(&config, jiff::civil::date(2026, 11, 19), &shelf);
        assert_eq!((town.origin, versions(&town)), (Origin::BuiltIn, vec!["2026.3".into()]));
        let taken_back = Sent { catalogues: files(false), calendar: None };
        let town = Town::load(&config, jiff::civil::date(2026, 12, 1), &taken_back);
        assert_eq!((town.origin, town.current.version()), (Origin::BuiltIn, "2026.3"));
        assert!(town.earlier.iter().any(|earlier| earlier.version() == "2026.8"));
        // The configured folder goes before what is sent.
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), "2026.5", "2026-11-05", &[]);
        config.catalogue_dir = Some(dir.path().to_owned());
        let town = Town::load(&config, day, &shelf);
        assert_eq!((town.origin, town.current.version()), (Origin::Folder, "2026.5"));
    }

    #[test]
    fn the_towns_calendar_counts_before_that_of_its_catalogue() {
        let (_, own) = matters::bundled::FILES.iter().find(|(name, _)| *name == CALENDAR).unwrap();
        let own = own.replace("\"2026-10-01/2026-10-07\"", "\"2026-10-01/2026-10-07\", \"2026-11-25/2026-11-27\"");
        let shelf = Sent { catalogues: Vec::new(), calendar: Some(own) };
        let config = Config::fresh(Path::new("/nowhere/terminal.toml"));
        let town = Town::load(&config, jiff::civil::date(2026, 11, 24), &shelf);
        assert!(!town.calendar.is_working(jiff::civil::date(2026, 11, 25)));
        assert_eq!(town.origin, Origin::BuiltIn);
    }
}
