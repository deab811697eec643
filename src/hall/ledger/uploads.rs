//! Pages on their way in: created, grown in steps, checked whole, then held for the service point.

use std::{collections::BTreeSet, sync::PoisonError};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use matters::Digest;
use rusqlite::{Connection, OptionalExtension as _, params};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use wire::problem::Kind;

use super::{
    Caller, Ledger, LedgerError, PAGE_BYTES_MAX, Refuse, UPLOAD_KEPT_HOURS, UPLOADS_MAX, UploadRow,
    rows::{micros, timestamp, truncate},
};

/// What the line brings next.
pub enum Chunk {
    Bytes(Bytes),
    /// The body ended as announced.
    End,
    /// The line broke: what came before it counts all the same.
    Cut,
}

/// Checksum that a client announced for the bytes of one step (tus `Upload-Checksum`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    Sha1([u8; 20]),
    Sha256([u8; 32]),
}

/// A checksum being computed over the bytes of a step.
enum Summing {
    Sha1(Sha1, [u8; 20]),
    Sha256(Sha256, [u8; 32]),
}

impl Summing {
    fn new(announced: Checksum) -> Self {
        match announced {
            Checksum::Sha1(sum) => Self::Sha1(Sha1::new(), sum),
            Checksum::Sha256(sum) => Self::Sha256(Sha256::new(), sum),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(hash, _) => hash.update(bytes),
            Self::Sha256(hash, _) => hash.update(bytes),
        }
    }

    fn fits(self) -> bool {
        match self {
            Self::Sha1(hash, sum) => <[u8; 20]>::from(hash.finalize()) == sum,
            Self::Sha256(hash, sum) => <[u8; 32]>::from(hash.finalize()) == sum,
        }
    }
}

struct Upload {
    row: UploadRow,
    announced: Option<Digest>,
    file: Option<String>,
}

/// An upload, as only the terminal that made it may see it.
fn find(db: &Connection, caller: &Caller, name: &str, now: Timestamp) -> Result<Upload, Refuse> {
    let found = db
        .prepare_cached(
            "SELECT length, offset, expires_at, held, announced, file FROM uploads
             WHERE name = ?1 AND point = ?2 AND terminal = ?3",
        )?
        .query_row(params![name, caller.point, caller.terminal], |row| {
            let announced: Option<[u8; 32]> = row.get(4)?;
            Ok(Upload {
                row: UploadRow {
                    name: name.to_owned(),
                    length: row.get::<_, i64>(0)? as u64,
                    offset: row.get::<_, i64>(1)? as u64,
                    expires_at: timestamp(row, 2)?,
                    held: row.get(3)?,
                },
                announced: announced.map(Digest),
                file: row.get(5)?,
            })
        })
        .optional()?;
    // Another point's upload and one that never was get the same answer.
    let upload = found.ok_or(Refuse::because(Kind::NotFound, "upload"))?;
    if upload.row.expires_at <= now {
        return Err(Refuse::because(Kind::UploadGone, "expired"));
    }
    assert!(upload.row.offset <= upload.row.length, "an offset never passes the length");
    Ok(upload)
}

/// The plain and sealed place of a file, by name.
pub(super) fn file_row(db: &Connection, name: &str) -> Result<(Vec<u8>, u64), LedgerError> {
    db.prepare_cached("SELECT wrapped_key, sealed_len FROM files WHERE name = ?1")?
        .query_row([name], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as u64)))
        .optional()?
        .ok_or(LedgerError::Damaged("file row"))
}

/// Of these digests, the ones held for the point, with their sizes in bytes.
pub(super) fn held(db: &Connection, point: &str, digests: &[Digest]) -> Result<Vec<(Digest, u64)>, LedgerError> {
    let mut query = db.prepare_cached("SELECT bytes FROM pages WHERE point = ?1 AND sha256 = ?2")?;
    let mut found = Vec::new();
    for digest in digests {
        if let Some(bytes) = query.query_row(params![point, digest.0], |row| row.get::<_, i64>(0)).optional()? {
            found.push((*digest, bytes as u64));
        }
    }
    Ok(found)
}

impl Ledger {
    /// Opens an upload of `length` bytes, announced with the digest that the whole must have.
    ///
    /// # Errors
    /// [`Kind::BodyTooLarge`], [`Kind::BadRequest`] for no bytes, [`Kind::Busy`] when the point has too
    /// many unfinished ones.
    pub fn create_upload(
        &self,
        caller: &Caller,
        length: u64,
        announced: Option<Digest>,
        now: Timestamp,
    ) -> Result<UploadRow, Refuse> {
        let now = truncate(now);
        if length == 0 {
            return Err(Refuse::because(Kind::BadRequest, "a page has at least one byte"));
        }
        if length > PAGE_BYTES_MAX {
            return Err(Refuse::because(Kind::BodyTooLarge, "page"));
        }
        let name = hex::encode(self.ids.bytes::<20>()?);
        let expires_at = now + SignedDuration::from_hours(UPLOAD_KEPT_HOURS);
        // The row is there before its file, which is made with the first bytes: a crash between leaves
        // nothing that nobody knows of.
        let (file, wrapped) = self.vault.draw()?;
        self.write(|tx| {
            let open: i64 = tx
                .prepare_cached("SELECT count(*) FROM uploads WHERE point = ?1 AND held = 0")?
                .query_row([&caller.point], |row| row.get(0))?;
            if open as u64 >= UPLOADS_MAX {
                return Err(Refuse::because(Kind::Busy, "unfinished uploads"));
            }
            tx.prepare_cached("INSERT INTO files (name, wrapped_key, sealed_len) VALUES (?1, ?2, 0)")?
                .execute(params![file, wrapped])?;
            tx.prepare_cached(
                "INSERT INTO uploads (name, point, terminal, length, offset, announced, file, created_at, expires_at)
                 VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                name,
                caller.point,
                caller.terminal,
                length as i64,
                announced.map(|digest| digest.0),
                file,
                micros(now),
                micros(expires_at)
            ])?;
            Ok(())
        })?;
        Ok(UploadRow { name, length, offset: 0, expires_at, held: false })
    }

    /// How far an upload is.
    ///
    /// # Errors
    /// [`Kind::NotFound`] for another's as for none, [`Kind::UploadGone`].
    pub fn upload(&self, caller: &Caller, name: &str, now: Timestamp) -> Result<UploadRow, Refuse> {
        Ok(self.read(|db| find(db, caller, name, truncate(now)))?.row)
    }

    /// Takes more bytes of an upload at `offset`. Returns only after everything that it counts is on
    /// the disk. When the line breaks, what came before counts; when a checksum does not fit, nothing
    /// of this step does. The last byte has the whole page checked against its announced digest.
    ///
    /// One caller at a time per upload: the line sees to that.
    ///
    /// # Errors
    /// [`Kind::OffsetMismatch`], [`Kind::BodyTooLarge`], [`Kind::ChecksumMismatch`]; [`Kind::DigestMismatch`]
    /// ends the upload, for it can never become that page.
    pub fn append_upload(
        &self,
        caller: &Caller,
        name: &str,
        offset: u64,
        checksum: Option<Checksum>,
        now: Timestamp,
        next: &mut dyn FnMut() -> Chunk,
    ) -> Result<UploadRow, Refuse> {
        let now = truncate(now);
        let (upload, place) = self.read(|db| {
            let upload = find(db, caller, name, now)?;
            if upload.row.offset != offset {
                return Err(Refuse::because(Kind::OffsetMismatch, "offset"));
            }
            let place = match &upload.file {
                Some(file) => {
                    let (wrapped, len) = file_row(db, file)?;
                    Some((file.clone(), self.vault.unwrap(file, &wrapped)?, len))
                }
                None => None,
            };
            Ok::<_, Refuse>((upload, place))
        })?;
        let length = upload.row.length;
        let Some((file, key, sealed_len)) = place else {
            // The page is held already: an empty step at its end is a question, not a change.
            return match next() {
                Chunk::Bytes(bytes) if !bytes.is_empty() => Err(Refuse::because(Kind::BodyTooLarge, "page")),
                _ => Ok(upload.row),
            };
        };
        let mut appender = self.vault.append(&file, &key, sealed_len, offset)?;
        let mut sum = checksum.map(Summing::new);
        let whole = loop {
            match next() {
                Chunk::Bytes(bytes) => {
                    if appender.offset() + bytes.len() as u64 > length {
                        return Err(Refuse::because(Kind::BodyTooLarge, "page"));
                    }
                    if let Some(sum) = &mut sum {
                        sum.update(&bytes);
                    }
                    appender.write(&bytes)?;
                }
                Chunk::End => break true,
                Chunk::Cut => break false,
            }
        };
        // A step that was cut cannot be judged by its checksum; the page's own digest still judges all.
        if whole && sum.is_some_and(|sum| !sum.fits()) {
            return Err(Refuse::because(Kind::ChecksumMismatch, "step"));
        }
        let (reached, sealed_len) = appender.finish()?;
        if reached < length {
            return self.write(|tx| {
                advance(tx, name, &file, offset, reached, sealed_len)?;
                Ok(UploadRow { offset: reached, ..upload.row.clone() })
            });
        }
        let mut hash = Sha256::new();
        self.vault.read(&file, &key, sealed_len, &mut |part| hash.update(part))?;
        let digest = Digest(hash.finalize().into());
        if upload.announced.is_some_and(|announced| announced != digest) {
            self.write(|tx| drop_upload(tx, name, Some(&file)).map_err(Refuse::from))?;
            self.vault.remove(&file)?;
            return Err(Refuse::because(Kind::DigestMismatch, "page"));
        }
        let spare = self.write::<_, Refuse>(|tx| {
            advance(tx, name, &file, offset, reached, sealed_len)?;
            let known = !held(tx, &caller.point, &[digest])?.is_empty();
            tx.prepare_cached("UPDATE uploads SET held = 1, file = NULL WHERE name = ?1")?.execute([name])?;
            if known {
                tx.prepare_cached("DELETE FROM files WHERE name = ?1")?.execute([&file])?;
            } else {
                tx.prepare_cached("INSERT INTO pages (point, sha256, bytes, file, held_at) VALUES (?1, ?2, ?3, ?4, ?5)")?
                    .execute(params![caller.point, digest.0, reached as i64, file, micros(now)])?;
            }
            Ok(known)
        })?;
        if spare {
            self.vault.remove(&file)?;
        }
        Ok(UploadRow { offset: reached, held: true, ..upload.row })
    }

    /// Ends an upload. A page that is held already stays held.
    ///
    /// # Errors
    /// As [`Ledger::upload`].
    pub fn end_upload(&self, caller: &Caller, name: &str, now: Timestamp) -> Result<(), Refuse> {
        let file = self.write::<_, Refuse>(|tx| {
            let upload = find(tx, caller, name, truncate(now))?;
            drop_upload(tx, name, upload.file.as_deref())?;
            Ok(upload.file)
        })?;
        if let Some(file) = file {
            self.vault.remove(&file)?;
        }
        Ok(())
    }

    /// Which of these pages the hall holds for the caller's point.
    ///
    /// # Errors
    /// [`Kind::BadRequest`] for more than a thousand at once.
    pub fn held_pages(&self, caller: &Caller, digests: &[Digest]) -> Result<Vec<Digest>, Refuse> {
        if digests.len() > 1000 {
            return Err(Refuse::because(Kind::BadRequest, "too many digests"));
        }
        let found = self.read(|db| held(db, &caller.point, digests))?;
        Ok(found.into_iter().map(|(digest, _)| digest).collect())
    }

    /// The bytes of a sealed file, checked against the digest under which they are known.
    pub(super) fn file_bytes(&self, db: &Connection, file: &str, digest: Digest) -> Result<Vec<u8>, LedgerError> {
        let (wrapped, sealed_len) = file_row(db, file)?;
        let key = self.vault.unwrap(file, &wrapped)?;
        let mut bytes = Vec::with_capacity(sealed_len as usize);
        self.vault.read(file, &key, sealed_len, &mut |part| bytes.extend_from_slice(part))?;
        if Digest::of(&bytes) != digest {
            return Err(LedgerError::Damaged("page digest"));
        }
        Ok(bytes)
    }

    /// Removes expired uploads, pages that no act named for [`UPLOAD_KEPT_HOURS`], and files that no
    /// row names. Returns how many files went.
    pub fn sweep(&self, now: Timestamp) -> Result<u64, LedgerError> {
        let now = truncate(now);
        let limit = micros(now - SignedDuration::from_hours(UPLOAD_KEPT_HOURS));
        // A result's file stands on the disk a moment before its row: nobody makes one while this looks.
        let _nobody = self.making.write().unwrap_or_else(PoisonError::into_inner);
        let names = self.vault.names()?;
        let known: BTreeSet<String> = self.write::<_, LedgerError>(|tx| {
            let expired: Vec<(String, Option<String>)> = tx
                .prepare_cached("SELECT name, file FROM uploads WHERE expires_at <= ?1")?
                .query_map([micros(now)], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()?;
            for (name, file) in expired {
                drop_upload(tx, &name, file.as_deref())?;
            }
            let unnamed: Vec<(String, Vec<u8>, String)> = tx
                .prepare_cached(
                    "SELECT p.point, p.sha256, p.file FROM pages p WHERE p.held_at < ?1 AND NOT EXISTS
                     (SELECT 1 FROM act_pages a WHERE a.point = p.point AND a.sha256 = p.sha256)",
                )?
                .query_map([limit], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                .collect::<Result<_, _>>()?;
            for (point, sha256, file) in unnamed {
                tx.prepare_cached("DELETE FROM pages WHERE point = ?1 AND sha256 = ?2")?.execute(params![point, sha256])?;
                tx.prepare_cached("DELETE FROM files WHERE name = ?1")?.execute([file])?;
            }
            let mut query = tx.prepare_cached("SELECT name FROM files")?;
            let known = query.query_map([], |row| row.get(0))?;
            Ok(known.collect::<Result<_, _>>()?)
        })?;
        let mut gone = 0;
        for name in names.iter().filter(|name| !known.contains(*name)) {
            self.vault.remove(name)?;
            gone += 1;
        }
        Ok(gone)
    }
}

fn advance(tx: &Connection, name: &str, file: &str, from: u64, to: u64, sealed_len: u64) -> Result<(), Refuse> {
    let moved = tx
        .prepare_cached("UPDATE uploads SET offset = ?3 WHERE name = ?1 AND offset = ?2 AND held = 0")?
        .execute(params![name, from as i64, to as i64])?;
    if moved != 1 {
        return Err(Refuse::because(Kind::OffsetMismatch, "offset"));
    }
    tx.prepare_cached("UPDATE files SET sealed_len = ?2 WHERE name = ?1")?.execute(params![file, sealed_len as i64])?;
    Ok(())
}

fn drop_upload(tx: &Connection, name: &str, file: Option<&str>) -> Result<(), LedgerError> {
    tx.prepare_cached("DELETE FROM uploads WHERE name = ?1")?.execute([name])?;
    if let Some(file) = file {
        tx.prepare_cached("DELETE FROM files WHERE name = ?1")?.execute([file])?;
    }
    Ok(())
}
