//! The catalogue (事项目录): all matters of a town in one version, read from data files.
//!
//! Files: `Mnn-name.toml` is one matter, `catalogue.toml` the head (version, days in force, what
//! was withdrawn), `dictionary.toml` what matters share (§4.2, 4.3), `calendar.toml` the working
//! days (read by [`crate::Calendar`]). A broken matter never hides the others.

mod read;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    division::Division,
    matter::{Matter, Words},
};

/// What is wrong with a catalogue file, and where. `code` is stable; `detail` is for the author
/// of the file, never for a resident.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {code}: {detail}")]
pub struct CatalogueFault {
    pub file: String,
    /// From 1; 0 when the whole file is meant.
    pub line: usize,
    pub code: &'static str,
    pub detail: String,
}

impl CatalogueFault {
    pub(crate) fn toml(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let line = error.span().map_or(0, |span| line_of(text, span.start));
        Self { file: file.to_owned(), line, code: "toml", detail: error.message().to_owned() }
    }
}

/// Line of a byte offset, from 1.
pub(crate) fn line_of(text: &str, offset: usize) -> usize {
    1 + text.as_bytes()[..offset.min(text.len())].iter().filter(|byte| **byte == b'\n').count()
}

/// Head of a catalogue: `catalogue.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// E.g. `2026.3`: the third version of 2026.
    pub version: String,
    /// First day on which this version is in force.
    pub in_force_from: Date,
    /// Promises of matters without a statutory limit may not exceed this.
    pub ceiling: Ceiling,
    /// Earlier versions and when they were in force.
    #[serde(default)]
    pub earlier: Vec<Earlier>,
    #[serde(default)]
    pub withdrawn: Vec<Withdrawn>,
    /// The town's own villages, picked by touch where an address is asked for.
    #[serde(default)]
    pub places: Vec<Township>,
}

/// A town (镇街) and its villages, below the county of [`crate::division`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Township {
    /// County in which it lies, by GB/T 2260; 000000 in specimens.
    pub region: String,
    /// As an address names it: 样本镇.
    pub town: String,
    pub villages: Vec<String>,
}

impl Township {
    /// The address as far as the town: 陕西省西安市雁塔区样本镇.
    pub fn address(&self) -> String {
        Division::of(&self.region).map(Division::whole_name).unwrap_or_default() + &self.town
    }
}

/// The longest promise where no law sets a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ceiling {
    pub working_days: u16,
    pub natural_days: u16,
}

impl Default for Ceiling {
    fn default() -> Self {
        Self { working_days: 60, natural_days: 90 }
    }
}

/// An earlier version: in force from and until these days, both included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Earlier {
    pub version: String,
    pub from: Date,
    pub until: Date,
}

/// A matter that can no longer be filed. Its drafts stay readable and say where to go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawn {
    pub id: String,
    pub name: Words,
    pub on: Date,
    pub elsewhere: Words,
}

/// All matters of one version, ordered by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    head: Head,
    matters: Vec<Matter>,
    /// Names, plain words and initials of every matter as [`crate::search`] compares them.
    pub(crate) names: Vec<Vec<String>>,
}

impl Catalogue {
    /// Reads a whole catalogue; any fault refuses it. An empty `version` takes the one that
    /// `catalogue.toml` gives; another one replaces it.
    pub fn parse(version: &str, files: &[(&str, &str)]) -> Result<Self, Vec<CatalogueFault>> {
        let (catalogue, faults) = Self::parse_lenient(version, files);
        if faults.is_empty() { Ok(catalogue) } else { Err(faults) }
    }

    /// Reads what can be read: the good matters, and every fault of the others. A matter with a
    /// fault is left out, so that nobody files by half a form.
    pub fn parse_lenient(version: &str, files: &[(&str, &str)]) -> (Self, Vec<CatalogueFault>) {
        read::catalogue(version, files, &mut |_, _, _| {})
    }

    /// The same, showing every file to the linter on the way.
    pub(crate) fn parse_visited(files: &[(&str, &str)], visit: &mut read::Visit<'_>) -> (Self, Vec<CatalogueFault>) {
        read::catalogue("", files, visit)
    }

    /// The catalogue that is built in.
    pub fn bundled() -> Result<Self, Vec<CatalogueFault>> {
        Self::parse("", crate::bundled::FILES)
    }

    pub fn version(&self) -> &str {
        &self.head.version
    }

    pub fn head(&self) -> &Head {
        &self.head
    }

    pub fn matter(&self, id: &str) -> Option<&Matter> {
        self.matters.binary_search_by(|matter| matter.id.as_str().cmp(id)).ok().map(|i| &self.matters[i])
    }

    pub fn matters(&self) -> &[Matter] {
        &self.matters
    }

    /// The matters that everybody may see; the restricted ones are left out.
    pub fn public(&self) -> impl Iterator<Item = &Matter> {
        self.matters.iter().filter(|matter| !matter.restricted)
    }

    /// Where to go for a matter that was withdrawn.
    pub fn withdrawn(&self, id: &str) -> Option<&Withdrawn> {
        self.head.withdrawn.iter().find(|matter| matter.id == id)
    }

    /// Was this version in force on that day? The hall accepts a filing sealed under it, and
    /// answers any other with a correction.
    pub fn was_in_force(&self, version: &str, day: Date) -> bool {
        if version == self.head.version {
            return day >= self.head.in_force_from;
        }
        self.head.earlier.iter().any(|earlier| earlier.version == version && earlier.from <= day && day <= earlier.until)
    }
}

#[cfg(test)]
#[path = "catalogue_tests.rs"]
mod catalogue_tests;
