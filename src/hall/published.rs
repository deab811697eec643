//! Published catalogues: the folder of versions that a town judges by and gives to its terminals.
//!
//! A version is a folder with a `catalogue.toml`. The folder that `--catalogue` names is one version
//! itself, or holds one folder a version, or both: the current one and, beside it, those before.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::civil::Date;
use matters::{Calendar, Catalogue, CatalogueFault, lint};
use wire::package;

use crate::ledger::{NewPackage, Rules};

/// Bytes of one catalogue file, how many there may be, and how many versions.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
const FILES_MAX: usize = 1000;
const VERSIONS_MAX: usize = 100;

const HEAD: &str = "catalogue.toml";
const CALENDAR: &str = "calendar.toml";

/// Why a folder is no catalogue.
#[derive(Debug, thiserror::Error)]
pub enum Unpublished {
    #[error("{path} is no folder of a catalogue")]
    Folder {
        path: PathBuf,
        #[source]
        source: Option<io::Error>,
    },
    #[error("{path} cannot be read")]
    File {
        path: PathBuf,
        #[source]
        source: Option<io::Error>,
    },
    /// The linter refuses it: nothing faulty is judged by.
    #[error("the catalogue in {path} has faults")]
    Faults { path: PathBuf, faults: Vec<CatalogueFault> },
    #[error("version {version} stands in two folders")]
    Twice { version: String },
}

/// Names and texts of a folder's `.toml` files, in order of names.
///
/// # Errors
/// [`Unpublished::Folder`] when there is none, [`Unpublished::File`] for a file that is no text or too large.
pub fn files(dir: &Path) -> Result<Vec<(String, String)>, Unpublished> {
    let folder = |source| Unpublished::Folder { path: dir.to_owned(), source };
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(dir).map_err(|error| folder(Some(error)))? {
        let path = entry.map_err(|error| folder(Some(error)))?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    if paths.is_empty() || paths.len() > FILES_MAX {
        return Err(folder(None));
    }
    let read = |path: PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok((name, text(&path)?))
    };
    paths.into_iter().map(read).collect()
}

fn text(path: &Path) -> Result<String, Unpublished> {
    let file = |source| Unpublished::File { path: path.to_owned(), source };
    if fs::metadata(path).map_err(|error| file(Some(error)))?.len() > FILE_BYTES_MAX {
        return Err(file(None));
    }
    fs::read_to_string(path).map_err(|error| file(Some(error)))
}

/// The texts as the catalogue's own readers take them.
pub fn borrowed(files: &[(String, String)]) -> Vec<(&str, &str)> {
    files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect()
}

/// The calendar among these files; a catalogue without one counts by the one that is built in.
///
/// # Errors
/// The faults of the calendar.
pub fn calendar(files: &[(String, String)]) -> Result<Calendar, Vec<CatalogueFault>> {
    match files.iter().find(|(name, _)| name == CALENDAR) {
        Some((name, text)) => Calendar::parse(name, text),
        None => Calendar::bundled(),
    }
}

/// Names and texts.
type Files = Vec<(String, String)>;

/// What a town publishes: the versions of its catalogue and its working days.
#[derive(Clone, Debug)]
pub struct Published {
    /// First day in force ascending, each with names and texts of its files; never empty.
    versions: Vec<(Arc<Catalogue>, Files)>,
    calendar: Arc<Calendar>,
    calendar_text: String,
}

impl Published {
    /// The catalogue and calendar that are built in.
    ///
    /// # Errors
    /// The faults of the data files.
    pub fn bundled() -> Result<Self, Vec<CatalogueFault>> {
        let files: Vec<(String, String)> =
            matters::bundled::FILES.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Self::of(vec![(Arc::new(Catalogue::bundled()?), files)])
    }

    /// The newest version's calendar counts for all.
    fn of(mut versions: Vec<(Arc<Catalogue>, Files)>) -> Result<Self, Vec<CatalogueFault>> {
        versions.sort_by_key(|(catalogue, _)| catalogue.head().in_force_from);
        let newest = versions.last().map_or(&[][..], |(_, files)| files);
        let calendar = Arc::new(calendar(newest)?);
        let own = newest.iter().find(|(name, _)| name == CALENDAR).map(|(_, text)| text.clone());
        let built_in = || matters::bundled::file(CALENDAR).map(|(_, text)| text.to_owned()).unwrap_or_default();
        let calendar_text = own.unwrap_or_else(built_in);
        Ok(Self { versions, calendar, calendar_text })
    }

    /// With the working days of this file instead of the newest version's own: for the notice of a new year,
    /// which changes no form.
    ///
    /// # Errors
    /// [`Unpublished::File`], [`Unpublished::Faults`].
    pub fn with_calendar(self, path: &Path) -> Result<Self, Unpublished> {
        let text = text(path)?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let faulty = |faults| Unpublished::Faults { path: path.to_owned(), faults };
        let calendar = Arc::new(Calendar::parse(&name, &text).map_err(faulty)?);
        Ok(Self { calendar, calendar_text: text, ..self })
    }

    /// What the ledger judges by.
    pub fn rules(&self) -> Rules {
        Rules::of(self.versions.iter().map(|(catalogue, _)| Arc::clone(catalogue)).collect(), Arc::clone(&self.calendar))
    }

    /// What terminals are given: the version in force today, those that will be later (a village may be
    /// without a network on the day), and the calendar.
    pub fn packages(&self, today: Date) -> Vec<NewPackage> {
        let begun = self.versions.iter().rposition(|(catalogue, _)| catalogue.head().in_force_from <= today);
        let given = self.versions.iter().skip(begun.unwrap_or(0));
        let mut packages: Vec<NewPackage> = given
            .map(|(catalogue, files)| NewPackage {
                kind: package::CATALOGUE,
                version: catalogue.version().to_owned(),
                in_force_from: catalogue.head().in_force_from,
                files: files.clone(),
            })
            .collect();
        let published = || self.calendar.years().filter(|(_, published)| *published).map(|(year, _)| year);
        if let (Some(first), Some(last)) = (published().min(), published().max()) {
            packages.push(NewPackage {
                kind: package::CALENDAR,
                version: last.to_string(),
                in_force_from: Date::new(first, 1, 1).unwrap_or(Date::MIN),
                files: vec![(CALENDAR.to_owned(), self.calendar_text.clone())],
            });
        }
        packages
    }
}

/// Reads every version of the folder.
///
/// # Errors
/// See [`Unpublished`]: one faulty version refuses the whole.
pub fn read(dir: &Path) -> Result<Published, Unpublished> {
    let mut versions: Vec<(Arc<Catalogue>, Files)> = Vec::new();
    for path in folders(dir)? {
        let files = files(&path)?;
        let faulty = |faults| Unpublished::Faults { path: path.clone(), faults };
        let texts = borrowed(&files);
        let faults = lint::check(&texts);
        if !faults.is_empty() {
            return Err(faulty(faults));
        }
        let catalogue = Catalogue::parse("", &texts).map_err(faulty)?;
        if versions.iter().any(|(other, _)| other.version() == catalogue.version()) {
            return Err(Unpublished::Twice { version: catalogue.version().to_owned() });
        }
        versions.push((Arc::new(catalogue), files));
    }
    Published::of(versions).map_err(|faults| Unpublished::Faults { path: dir.to_owned(), faults })
}

/// The folders that are versions: `dir` itself and what lies directly in it.
fn folders(dir: &Path) -> Result<Vec<PathBuf>, Unpublished> {
    let folder = |source| Unpublished::Folder { path: dir.to_owned(), source };
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(|error| folder(Some(error)))? {
        let path = entry.map_err(|error| folder(Some(error)))?.path();
        if path.is_dir() && path.join(HEAD).is_file() {
            found.push(path);
        }
    }
    if dir.join(HEAD).is_file() {
        found.push(dir.to_owned());
    }
    found.sort();
    if found.is_empty() || found.len() > VERSIONS_MAX { Err(folder(None)) } else { Ok(found) }
}
