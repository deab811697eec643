//! The catalogue of this terminal: a town's own folder where the configuration names one, else the
//! one that is built in.

use std::path::Path;

use matters::Catalogue;

use crate::config::Config;

/// Files larger than this are no matter.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// The catalogue and the number of faults in it; matters with a fault are left out.
pub fn load(config: &Config) -> (Catalogue, usize) {
    let Some(dir) = &config.catalogue_dir else {
        return match Catalogue::bundled() {
            Ok(catalogue) => (catalogue, 0),
            Err(faults) => (Catalogue::default(), report(&faults)),
        };
    };
    match files(dir) {
        Ok(files) => {
            let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
            let (catalogue, faults) = Catalogue::parse_lenient("", &files);
            let count = report(&faults);
            (catalogue, count)
        }
        Err(error) => {
            tracing::error!(%error, "the catalogue folder cannot be read");
            (Catalogue::default(), 1)
        }
    }
}

fn files(dir: &Path) -> std::io::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".toml") && entry.metadata()?.len() <= FILE_BYTES_MAX {
            files.push((name, std::fs::read_to_string(entry.path())?));
        }
    }
    files.sort();
    Ok(files)
}

fn report(faults: &[matters::CatalogueFault]) -> usize {
    for fault in faults {
        tracing::error!(?fault, "catalogue");
    }
    faults.len()
}
