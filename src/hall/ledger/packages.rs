//! Packages of data for the terminals: published whole, named by the feed, fetched by digest.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use matters::{Digest, canonical};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::json;
use wire::{
    package::{Manifest, Offer, PackageFile},
    problem::Kind,
};

use super::{Ledger, LedgerError, Refuse, audit, events, rows::digest, terminals};

/// A package that is to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPackage {
    /// [`wire::package::CATALOGUE`] or [`wire::package::CALENDAR`].
    pub kind: &'static str,
    pub version: String,
    pub in_force_from: Date,
    /// Names and texts.
    pub files: Vec<(String, String)>,
}

impl NewPackage {
    fn manifest(&self) -> Manifest {
        let file = |(name, text): &(String, String)| PackageFile {
            name: name.clone(),
            sha256: Digest::of(text.as_bytes()),
            bytes: text.len() as u64,
        };
        let mut files: Vec<PackageFile> = self.files.iter().map(file).collect();
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Manifest { kind: self.kind.to_owned(), version: self.version.clone(), in_force_from: self.in_force_from, files }
    }
}

impl Ledger {
    /// Publishes these packages in place of those before; every point is told. False when they are what is
    /// published already: then nobody is told anything.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn publish(&self, packages: &[NewPackage], by: &str, now: Timestamp) -> Result<bool, LedgerError> {
        let now = super::rows::truncate(now);
        let mut contents: BTreeMap<Digest, &str> = BTreeMap::new();
        let mut made: BTreeMap<Digest, (Manifest, Vec<u8>)> = BTreeMap::new();
        for package in packages {
            contents.extend(package.files.iter().map(|(_, text)| (Digest::of(text.as_bytes()), text.as_str())));
            let manifest = package.manifest();
            let bytes = canonical::to_bytes(&manifest);
            made.insert(Digest::of(&bytes), (manifest, bytes));
        }
        let known = self.read(offers)?;
        if known.len() == made.len() && known.iter().all(|offer| made.contains_key(&offer.sha256)) {
            return Ok(false);
        }
        self.write(|tx| {
            tx.execute("DELETE FROM packages", [])?;
            tx.execute("DELETE FROM package_files", [])?;
            for (sha256, (manifest, bytes)) in &made {
                tx.prepare_cached(
                    "INSERT INTO packages (sha256, kind, version, in_force_from, bytes, manifest) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute(params![
                    sha256.0,
                    manifest.kind,
                    manifest.version,
                    manifest.in_force_from.to_string(),
                    manifest.bytes() as i64,
                    bytes
                ])?;
            }
            for (sha256, text) in &contents {
                tx.prepare_cached("INSERT INTO package_files (sha256, content) VALUES (?1, ?2)")?
                    .execute(params![sha256.0, text.as_bytes()])?;
            }
            let versions: Vec<String> = made.values().map(|(one, _)| format!("{} {}", one.kind, one.version)).collect();
            let detail = json!({ "packages": versions });
            audit::append(tx, now, &audit::Entry { who: by, verb: "packages.published", subject: "hall", detail })?;
            for point in terminals::point_ids(tx)? {
                events::touch(tx, &point, events::PACKAGES)?;
            }
            Ok(true)
        })
    }

    /// What is published, the newest in force first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn packages(&self) -> Result<Vec<Offer>, LedgerError> {
        self.read(offers)
    }

    /// Canonical bytes of a manifest that is published.
    ///
    /// # Errors
    /// [`Kind::NotFound`] when nothing of this digest is.
    pub fn package(&self, sha256: Digest) -> Result<Vec<u8>, Refuse> {
        self.read(|db| content(db, "SELECT manifest FROM packages WHERE sha256 = ?1", sha256))
    }

    /// A file that a published package names.
    ///
    /// # Errors
    /// [`Kind::NotFound`] when none does.
    pub fn package_file(&self, sha256: Digest) -> Result<Vec<u8>, Refuse> {
        self.read(|db| content(db, "SELECT content FROM package_files WHERE sha256 = ?1", sha256))
    }
}

fn content(db: &Connection, query: &str, sha256: Digest) -> Result<Vec<u8>, Refuse> {
    db.prepare_cached(query)?
        .query_row([sha256.0], |row| row.get(0))
        .optional()?
        .ok_or(Refuse::because(Kind::NotFound, "package"))
}

pub(super) fn offers(db: &Connection) -> Result<Vec<Offer>, LedgerError> {
    let mut query = db.prepare_cached(
        "SELECT kind, version, sha256, bytes, in_force_from FROM packages ORDER BY kind, in_force_from DESC, sha256",
    )?;
    let mut rows = query.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(Offer {
            kind: row.get(0)?,
            version: row.get(1)?,
            sha256: digest(row, 2)?,
            bytes: row.get::<_, i64>(3)? as u64,
            in_force_from: row.get::<_, String>(4)?.parse().map_err(|_| LedgerError::Damaged("package"))?,
        });
    }
    Ok(found)
}
