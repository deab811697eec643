//! What the town gives its terminals beside the news of cases: packages of data (catalogue, calendar).
//!
//! A package is a signed list of names and digests ([`Manifest`]). Its files are fetched by digest, each once,
//! so that a new version costs only what differs from the versions before it.

use jiff::civil::Date;
use matters::Digest;
use serde::{Deserialize, Serialize};

/// Type in the signed header of a manifest.
pub const PACKAGE: &str = "package";

/// Kind of a package: one version of the catalogue (事项目录), all files of its folder.
pub const CATALOGUE: &str = "catalogue";
/// Kind of a package: the working days, one file.
pub const CALENDAR: &str = "calendar";

/// Files of one package, and bytes of one file and of one signed manifest, at most.
pub const FILES_MAX: usize = 1000;
pub const FILE_BYTES_MAX: u64 = 1 << 20;
pub const MANIFEST_BYTES_MAX: usize = 512 << 10;
/// Packages of one list, at most.
pub const OFFERS_MAX: usize = 200;

/// One package as the feed names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// [`CATALOGUE`], [`CALENDAR`]; a newer hall may offer more, which is passed over.
    pub kind: String,
    /// E.g. `2026.3`.
    pub version: String,
    /// Of the manifest's canonical bytes: the address at which it is fetched, signed.
    pub sha256: Digest,
    /// Of all files together.
    pub bytes: u64,
    /// First day on which it counts.
    pub in_force_from: Date,
}

/// What a package holds. Canonical JSON (RFC 8785), signed by the hall's key as receipts are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub kind: String,
    pub version: String,
    pub in_force_from: Date,
    pub files: Vec<PackageFile>,
}

/// One file of a package; who has these bytes already need not fetch them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageFile {
    /// A plain name without a folder, e.g. `M09-高龄津贴.toml`.
    pub name: String,
    pub sha256: Digest,
    pub bytes: u64,
}

impl Manifest {
    /// Bytes of all files together.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// What an honest hall never signs: no files or too many, names that are no plain names or stand twice,
    /// files beyond [`FILE_BYTES_MAX`].
    pub fn is_sound(&self) -> bool {
        let plain =
            |name: &str| !name.is_empty() && name.len() <= 200 && !name.starts_with('.') && !name.contains(['/', '\\', '\0']);
        let mut names: Vec<&str> = self.files.iter().map(|file| file.name.as_str()).collect();
        names.sort_unstable();
        !names.is_empty()
            && names.len() <= FILES_MAX
            && names.windows(2).all(|pair| pair[0] != pair[1])
            && self.files.iter().all(|file| plain(&file.name) && file.bytes <= FILE_BYTES_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(names: &[&str]) -> Manifest {
        let file = |name: &&str| PackageFile { name: (*name).into(), sha256: Digest::of(name.as_bytes()), bytes: 7 };
        Manifest {
            kind: CATALOGUE.into(),
            version: "2026.3".into(),
            in_force_from: jiff::civil::date(2026, 11, 1),
            files: names.iter().map(file).collect(),
        }
    }

    #[test]
    fn names_that_lead_out_of_the_folder_or_stand_twice_are_no_package() {
        assert!(manifest(&["catalogue.toml", "M09-高龄津贴.toml"]).is_sound());
        assert_eq!(manifest(&["a", "b"]).bytes(), 14);
        for names in [&[][..], &["a", "a"], &["../a"], &["a/b"], &[".hidden"], &[""], &["a\0"]] {
            assert!(!manifest(names).is_sound(), "{names:?}");
        }
        let mut large = manifest(&["a"]);
        large.files[0].bytes = FILE_BYTES_MAX + 1;
        assert!(!large.is_sound());
    }
}
