//! Published catalogues: the folder of versions that a town judges by.
//!
//! A version is a folder with a `catalogue.toml`. The folder that `--catalogue` names is one version
//! itself, or holds one folder a version, or both: the current one and, beside it, those before.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use matters::{Calendar, Catalogue, CatalogueFault, lint};

use crate::ledger::Rules;

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
        let file = |source| Unpublished::File { path: path.clone(), source };
        if fs::metadata(&path).map_err(|error| file(Some(error)))?.len() > FILE_BYTES_MAX {
            return Err(file(None));
        }
        let text = fs::read_to_string(&path).map_err(|error| file(Some(error)))?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok((name, text))
    };
    paths.into_iter().map(read).collect()
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

/// Reads every version of the folder. The newest version's calendar counts for all.
///
/// # Errors
/// See [`Unpublished`]: one faulty version refuses the whole.
pub fn rules(dir: &Path) -> Result<Rules, Unpublished> {
    let mut versions: Vec<(Catalogue, Vec<(String, String)>)> = Vec::new();
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
        versions.push((catalogue, files));
    }
    versions.sort_by_key(|(catalogue, _)| catalogue.head().in_force_from);
    let Some((_, newest)) = versions.last() else {
        return Err(Unpublished::Folder { path: dir.to_owned(), source: None });
    };
    let calendar = calendar(newest).map_err(|faults| Unpublished::Faults { path: dir.to_owned(), faults })?;
    let versions = versions.into_iter().map(|(catalogue, _)| Arc::new(catalogue)).collect();
    Ok(Rules::of(versions, Arc::new(calendar)))
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
