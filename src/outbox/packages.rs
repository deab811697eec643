//! Packages of the town's data (catalogue, calendar): what the feed names, what was fetched, what counts.
//!
//! A package is wanted when the feed names it, and held once all its files are here and somebody has judged
//! it good. An offer alone changes nothing: what counted goes on counting until everything that the town offers
//! of the kind is held.

use jiff::civil::Date;
use matters::Digest;
use rusqlite::{Connection, OptionalExtension, Row};
use serde::{Deserialize, Serialize};

use crate::{
    Cabinet, CabinetError, Reading,
    rows::{Col, checked},
};

/// Versions of a kind that are kept: those that the town offers, and the newest of those before.
pub const VERSIONS_KEPT: usize = 20;

/// What a package is put to use for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PackageKind {
    /// One version of 事项目录: every file of its folder.
    Catalogue,
    /// The working days.
    Calendar,
}

impl PackageKind {
    pub const ALL: [Self; 2] = [Self::Catalogue, Self::Calendar];

    pub fn name(self) -> &'static str {
        match self {
            Self::Catalogue => "catalogue",
            Self::Calendar => "calendar",
        }
    }

    /// The kind of this name; `None` for one that this build does not know.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A package as the feed names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageOffer {
    pub kind: PackageKind,
    pub version: String,
    /// Of what lists its files: the address at which that is fetched.
    pub sha256: Digest,
    /// Of all its files together.
    pub bytes: u64,
    pub in_force_from: Date,
}

/// One file of a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageFile {
    /// A plain name, e.g. `M09-高龄津贴.toml`.
    pub name: String,
    pub sha256: Digest,
    pub bytes: u64,
}

/// Where a package stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackageState {
    /// Not here yet; with the code of what stood in the way at the last try.
    Wanted { code: Option<String> },
    /// All its files were here when it was judged.
    Held { files: Vec<PackageFile> },
    /// It has a fault; `judged_by` is the program that found it: another one may think otherwise.
    Refused { code: String, detail: String, judged_by: String },
}

/// A package that this cabinet knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageRow {
    pub offer: PackageOffer,
    /// The town names it at present.
    pub offered: bool,
    /// It is to be used. What the town has taken back is kept and counts no more, as soon as all that it offers
    /// instead is held.
    pub counts: bool,
    pub state: PackageState,
}

/// What somebody who fetched a package makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackageVerdict {
    /// Whole and good. `manifest` is what the hall signed, verbatim.
    Good {
        manifest: String,
        files: Vec<PackageFile>,
    },
    Refused {
        code: String,
        detail: String,
        judged_by: String,
    },
    /// It could not be fetched whole: to be tried again.
    Trouble {
        code: String,
    },
}

impl Cabinet {
    /// Keeps a file of a package under its digest, so that a fetch that was cut goes on behind it.
    ///
    /// # Errors
    /// [`CabinetError::Damaged`] when the bytes are not what the digest says.
    pub fn put_package_file(&mut self, digest: Digest, bytes: &[u8]) -> Result<(), CabinetError> {
        let bytes = checked(bytes.to_vec(), digest)?;
        self.write(|tx| {
            tx.prepare_cached(
                "INSERT INTO package_file (sha256, content) VALUES (?1, ?2) ON CONFLICT (sha256) DO UPDATE SET content = ?2",
            )?
            .execute((Col(digest), bytes))?;
            Ok(())
        })
    }

    /// Enters what came of a package. From [`PackageVerdict::Good`] on it counts, together with what it
    /// replaces: an earlier package of the same kind and version goes.
    ///
    /// # Errors
    /// When the cabinet cannot be written.
    pub fn settle_package(&mut self, package: Digest, verdict: &PackageVerdict) -> Result<(), CabinetError> {
        self.write(|tx| {
            match verdict {
                PackageVerdict::Good { manifest, files } => {
                    let files = serde_json::to_vec(files).map_err(|_| CabinetError::Contradiction("package"))?;
                    tx.prepare_cached(
                        "UPDATE package SET state = 'held', manifest = ?2, files = ?3, code = NULL, detail = NULL, judged_by = NULL
                         WHERE sha256 = ?1",
                    )?
                    .execute((Col(package), manifest, files))?;
                    settle_counting(tx)?;
                    forget_replaced(tx)?;
                    sweep(tx)?;
                }
                PackageVerdict::Refused { code, detail, judged_by } => {
                    tx.prepare_cached(
                        "UPDATE package SET state = 'refused', counts = 0, code = ?2, detail = ?3, judged_by = ?4, manifest = NULL,
                             files = NULL WHERE sha256 = ?1",
                    )?
                    .execute((Col(package), code, detail, judged_by))?;
                }
                PackageVerdict::Trouble { code } => {
                    tx.prepare_cached("UPDATE package SET code = ?2 WHERE sha256 = ?1 AND state = 'wanted'")?
                        .execute((Col(package), code))?;
                }
            }
            Ok(())
        })
    }
}

impl Reading {
    /// Every package that this cabinet knows, the newest in force first.
    ///
    /// # Errors
    /// When the cabinet cannot be read.
    pub fn packages(&self) -> Result<Vec<PackageRow>, CabinetError> {
        let mut statement = self.conn.prepare_cached("SELECT * FROM package ORDER BY kind, in_force_from DESC, id DESC")?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            // A kind that a later program put here and this one does not know.
            found.extend(package_row(row)?);
        }
        Ok(found)
    }

    /// A file of a package, its digest verified.
    ///
    /// # Errors
    /// [`CabinetError::Damaged`] when the bytes are not those that were put.
    pub fn package_file(&self, digest: Digest) -> Result<Option<Vec<u8>>, CabinetError> {
        let content: Option<Vec<u8>> = self
            .conn
            .prepare_cached("SELECT content FROM package_file WHERE sha256 = ?1")?
            .query_row([Col(digest)], |row| row.get(0))
            .optional()?;
        content.map(|content| checked(content, digest)).transpose()
    }
}

/// Takes over what the town offers now, whole.
pub(crate) fn offer(conn: &Connection, offers: &[PackageOffer]) -> Result<(), CabinetError> {
    conn.execute("UPDATE package SET offered = 0", [])?;
    for offer in offers {
        conn.prepare_cached(
            "INSERT INTO package (sha256, kind, version, in_force_from, bytes, offered, state)
             VALUES (?1, ?2, ?3, ?4, ?5, 1, 'wanted')
             ON CONFLICT (sha256) DO UPDATE SET offered = 1",
        )?
        .execute((
            Col(offer.sha256),
            offer.kind.name(),
            &offer.version,
            offer.in_force_from.to_string(),
            i64::try_from(offer.bytes).unwrap_or(i64::MAX),
        ))?;
    }
    // What was never held and is not offered any more is nobody's.
    conn.execute("DELETE FROM package WHERE offered = 0 AND state <> 'held'", [])?;
    settle_counting(conn)?;
    forget_replaced(conn)?;
    sweep(conn)
}

/// What is offered and held counts at once; what is not offered any more until nothing of its kind is missing.
fn settle_counting(conn: &Connection) -> Result<(), CabinetError> {
    conn.execute("UPDATE package SET counts = 1 WHERE offered = 1 AND state = 'held'", [])?;
    conn.execute(
        "UPDATE package SET counts = 0 WHERE offered = 0 AND NOT EXISTS (
             SELECT 1 FROM package AS missing WHERE missing.kind = package.kind AND missing.offered = 1 AND missing.state <> 'held')",
        [],
    )?;
    Ok(())
}

/// Of one kind and version what the town offers replaces what it offered before, once it is held; of
/// calendars there is one. Of versions that are not offered any more the newest are kept.
fn forget_replaced(conn: &Connection) -> Result<(), CabinetError> {
    conn.execute(
        "DELETE FROM package WHERE offered = 0 AND EXISTS (
             SELECT 1 FROM package AS newer WHERE newer.offered = 1 AND newer.state = 'held' AND newer.kind = package.kind
                 AND (newer.version = package.version OR package.kind = 'calendar'))",
        [],
    )?;
    conn.execute(
        "DELETE FROM package WHERE offered = 0 AND id NOT IN (
             SELECT id FROM package WHERE offered = 0 ORDER BY counts DESC, in_force_from DESC, id DESC LIMIT ?1)",
        [VERSIONS_KEPT],
    )?;
    Ok(())
}

/// Files that no package names go; while something is on its way they may be its own.
fn sweep(conn: &Connection) -> Result<(), CabinetError> {
    if conn.prepare_cached("SELECT 1 FROM package WHERE state <> 'held'")?.exists([])? {
        return Ok(());
    }
    let mut named = std::collections::BTreeSet::new();
    let mut statement = conn.prepare_cached("SELECT files FROM package")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        named.extend(files_of(row.get(0)?)?.into_iter().map(|file| file.sha256));
    }
    let here: Vec<Digest> = conn
        .prepare_cached("SELECT sha256 FROM package_file")?
        .query_map([], |row| Ok(row.get::<_, Col<Digest>>(0)?.0))?
        .collect::<Result<_, _>>()?;
    for digest in here.into_iter().filter(|digest| !named.contains(digest)) {
        conn.prepare_cached("DELETE FROM package_file WHERE sha256 = ?1")?.execute([Col(digest)])?;
    }
    Ok(())
}

fn files_of(json: Vec<u8>) -> Result<Vec<PackageFile>, CabinetError> {
    serde_json::from_slice(&json).map_err(|_| CabinetError::Contradiction("package"))
}

fn package_row(row: &Row<'_>) -> Result<Option<PackageRow>, CabinetError> {
    let Some(kind) = PackageKind::of(&row.get::<_, String>("kind")?) else { return Ok(None) };
    let contradiction = || CabinetError::Contradiction("package");
    let code: Option<String> = row.get("code")?;
    let state = match row.get::<_, String>("state")?.as_str() {
        "wanted" => PackageState::Wanted { code },
        "held" => PackageState::Held { files: files_of(row.get("files")?)? },
        "refused" => PackageState::Refused {
            code: code.ok_or_else(contradiction)?,
            detail: row.get::<_, Option<String>>("detail")?.unwrap_or_default(),
            judged_by: row.get("judged_by")?,
        },
        _ => return Err(contradiction()),
    };
    let offer = PackageOffer {
        kind,
        version: row.get("version")?,
        sha256: row.get::<_, Col<Digest>>("sha256")?.0,
        bytes: row.get("bytes")?,
        in_force_from: row.get::<_, String>("in_force_from")?.parse().map_err(|_| contradiction())?,
    };
    Ok(Some(PackageRow { offer, offered: row.get("offered")?, counts: row.get("counts")?, state }))
}
