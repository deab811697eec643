//! Service points, admission codes, admitted terminals and their certificates.

use jiff::{SignedDuration, Timestamp};
use matters::{Digest, numbering};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use wire::{HallInfo, PointInfo, problem::Kind};

use super::{
    CODE_HOURS, Caller, Ledger, LedgerError, Refuse, TerminalRow, audit, events, packages,
    rows::{micros, timestamp, timestamp_opt, truncate},
};

/// Bytes of an admission code's secret part.
pub const SECRET_BYTES: usize = 5;
/// Minutes after which a terminal's `seen_at` is written again: not a write for every request.
const SEEN_MINUTES: i64 = 5;

/// Why a point or a code cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum PointRefuse {
    #[error("a point's code is 2 to 6 of 2-9 and A-Z without I and O")]
    Code,
    #[error("the name is empty or too long")]
    Name,
    #[error("a point of this code exists")]
    Taken,
    #[error("no point of this code")]
    Unknown,
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl From<rusqlite::Error> for PointRefuse {
    fn from(error: rusqlite::Error) -> Self {
        Self::Ledger(error.into())
    }
}

/// A request for admission, checked as far as that is possible without the ledger.
pub struct Admitting<'a> {
    pub secret: [u8; SECRET_BYTES],
    pub machine: &'a str,
    /// Digest of the certificate request: the same request with the same code gets the same answer.
    pub request: Digest,
}

/// What the door is asked to sign and answer, inside the admission's transaction.
pub struct Admitted<'a> {
    pub terminal: &'a str,
    pub serial: &'a str,
    pub point: PointInfo,
    pub hall: HallInfo,
}

/// A certificate that was just signed.
pub struct NewCertificate {
    pub sha256: Digest,
    pub pem: String,
}

impl NewCertificate {
    fn store(&self, tx: &Connection, terminal: &str, request: Digest, now: Timestamp) -> Result<(), LedgerError> {
        tx.prepare_cached("INSERT INTO certificates (sha256, terminal, request, pem, issued_at) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![self.sha256.0, terminal, request.0, self.pem, micros(now)])?;
        Ok(())
    }
}

/// Codes of every point there is.
pub(super) fn point_ids(db: &Connection) -> Result<Vec<String>, LedgerError> {
    Ok(db.prepare_cached("SELECT id FROM points ORDER BY id")?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

pub(super) fn point(db: &Connection, id: &str) -> Result<Option<PointInfo>, LedgerError> {
    Ok(db.prepare_cached("SELECT id, name, hours, phone FROM points WHERE id = ?1")?.query_row([id], point_row).optional()?)
}

fn point_row(row: &Row<'_>) -> rusqlite::Result<PointInfo> {
    Ok(PointInfo { id: row.get(0)?, name: row.get(1)?, hours: row.get(2)?, phone: row.get(3)? })
}

fn code_digest(key: &[u8; 32], secret: &[u8; SECRET_BYTES]) -> Digest {
    // Forty bits are few: without the ledger's key the digest cannot be tried out.
    let mut hash = Sha256::new();
    hash.update(key);
    hash.update(b"code");
    hash.update(secret);
    Digest(hash.finalize().into())
}

impl Ledger {
    /// Enters a service point.
    ///
    /// # Errors
    /// See [`PointRefuse`].
    pub fn add_point(&self, new: &PointInfo, by: &str, now: Timestamp) -> Result<(), PointRefuse> {
        let now = truncate(now);
        if !numbering::point_fits(&new.id) {
            return Err(PointRefuse::Code);
        }
        if new.name.trim().is_empty() || new.name.chars().count() > 64 {
            return Err(PointRefuse::Name);
        }
        self.write(|tx| {
            if point(tx, &new.id)?.is_some() {
                return Err(PointRefuse::Taken);
            }
            tx.execute(
                "INSERT INTO points (id, name, hours, phone) VALUES (?1, ?2, ?3, ?4)",
                params![new.id, new.name, new.hours, new.phone],
            )?;
            audit::append(tx, now, &audit::Entry { who: by, verb: "point.added", subject: &new.id, detail: json!({}) })?;
            events::touch(tx, &new.id, events::PARTICULARS)?;
            events::touch(tx, &new.id, events::AGENTS)?;
            if !packages::offers(tx)?.is_empty() {
                events::touch(tx, &new.id, events::PACKAGES)?;
            }
            Ok(())
        })
    }

    pub fn points(&self) -> Result<Vec<PointInfo>, LedgerError> {
        self.read(|db| {
            let mut query = db.prepare_cached("SELECT id, name, hours, phone FROM points ORDER BY id")?;
            let found = query.query_map([], point_row)?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// Draws the secret of a code that admits one terminal of this point within [`CODE_HOURS`].
    ///
    /// # Errors
    /// [`PointRefuse::Unknown`].
    pub fn new_code(&self, point_id: &str, by: &str, now: Timestamp) -> Result<[u8; SECRET_BYTES], PointRefuse> {
        let now = truncate(now);
        let secret = self.ids.bytes()?;
        let expires = now + SignedDuration::from_hours(CODE_HOURS);
        self.write(|tx| {
            if point(tx, point_id)?.is_none() {
                return Err(PointRefuse::Unknown);
            }
            tx.execute("DELETE FROM codes WHERE expires_at < ?1", [micros(now)])?;
            tx.execute(
                "INSERT INTO codes (secret_sha256, point, created_at, expires_at) VALUES (?1, ?2, ?3, ?4)",
                params![code_digest(&self.mark_key, &secret).0, point_id, micros(now), micros(expires)],
            )?;
            audit::append(tx, now, &audit::Entry { who: by, verb: "code.made", subject: point_id, detail: json!({}) })?;
            Ok(secret)
        })
    }

    /// Admits a terminal: the code is used up, a serial given and `issue` signs the certificate, all
    /// in one transaction. `issue` returns the certificate and the whole answer, which the
    /// same request with the same code gets again.
    ///
    /// # Errors
    /// [`Kind::CodeUnknown`] for a code that is unknown, used by another or expired.
    pub fn admit(
        &self,
        admitting: &Admitting<'_>,
        now: Timestamp,
        issue: impl FnOnce(&Admitted<'_>) -> Result<(NewCertificate, Vec<u8>), Refuse>,
    ) -> Result<Vec<u8>, Refuse> {
        let now = truncate(now);
        let unknown = || Refuse::because(Kind::CodeUnknown, "code");
        let code = code_digest(&self.mark_key, &admitting.secret);
        self.write(|tx| {
            let found = tx
                .prepare_cached("SELECT point, expires_at, request, answer FROM codes WHERE secret_sha256 = ?1")?
                .query_row([code.0], |row| {
                    let request: Option<[u8; 32]> = row.get(2)?;
                    Ok((row.get::<_, String>(0)?, timestamp(row, 1)?, request, row.get::<_, Option<Vec<u8>>>(3)?))
                })
                .optional()?;
            let (point_id, expires, request, answer) = found.ok_or_else(unknown)?;
            if expires <= now {
                return Err(unknown());
            }
            if let Some(request) = request {
                return if request == admitting.request.0 { answer.ok_or_else(unknown) } else { Err(unknown()) };
            }
            let given: u32 = tx.query_row("SELECT count(*) FROM terminals", [], |row| row.get(0))?;
            let serial = numbering::serial(given).ok_or(Refuse::because(Kind::Internal, "serials used up"))?;
            let terminal = format!("{point_id}-{serial}");
            let admitted = Admitted {
                terminal: &terminal,
                serial: &serial,
                point: point(tx, &point_id)?.ok_or(LedgerError::Damaged("point of a code"))?,
                hall: self.hall_info_in(tx)?,
            };
            let (certificate, answer) = issue(&admitted)?;
            tx.execute(
                "INSERT INTO terminals (id, point, serial, machine, admitted_at) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![terminal, point_id, serial, admitting.machine, micros(now)],
            )?;
            certificate.store(tx, &terminal, admitting.request, now)?;
            tx.execute(
                "UPDATE codes SET used_at = ?2, request = ?3, answer = ?4 WHERE secret_sha256 = ?1",
                params![code.0, micros(now), admitting.request.0, answer],
            )?;
            let detail = json!({ "certificate": certificate.sha256, "point": point_id });
            audit::append(tx, now, &audit::Entry { who: &terminal, verb: "terminal.admitted", subject: &terminal, detail })?;
            Ok(answer)
        })
    }

    /// Who holds this certificate, at this moment: asked on every request, so that a revocation
    /// takes effect on the next one.
    ///
    /// # Errors
    /// [`Kind::TerminalUnknown`], [`Kind::CertificateRevoked`].
    pub fn caller(&self, certificate: Digest, now: Timestamp) -> Result<Caller, Refuse> {
        let now = truncate(now);
        let found = self.read(|db| {
            db.prepare_cached(
                "SELECT t.id, t.point, t.revoked_at IS NOT NULL, t.seen_at FROM terminals t
                 JOIN certificates c ON c.terminal = t.id WHERE c.sha256 = ?1",
            )?
            .query_row([certificate.0], |row| {
                let caller = Caller { terminal: row.get(0)?, point: row.get(1)?, certificate };
                Ok((caller, row.get::<_, bool>(2)?, timestamp_opt(row, 3)?))
            })
            .optional()
            .map_err(LedgerError::from)
        })?;
        let (caller, revoked, seen_at) = found.ok_or(Refuse::because(Kind::TerminalUnknown, "certificate"))?;
        if revoked {
            return Err(Refuse::because(Kind::CertificateRevoked, "certificate"));
        }
        if seen_at.is_none_or(|seen| now.duration_since(seen) >= SignedDuration::from_mins(SEEN_MINUTES)) {
            let db = super::lock(&self.writer);
            db.prepare_cached("UPDATE terminals SET seen_at = ?2 WHERE id = ?1")?
                .execute(params![caller.terminal, micros(now)])?;
        }
        Ok(caller)
    }

    /// Gives an admitted terminal a further certificate; the old one stays good until it ends. The same
    /// request gets the same certificate again.
    ///
    /// # Errors
    /// What `issue` refuses.
    pub fn renew(
        &self,
        caller: &Caller,
        request: Digest,
        now: Timestamp,
        issue: impl FnOnce() -> Result<NewCertificate, Refuse>,
    ) -> Result<String, Refuse> {
        let now = truncate(now);
        self.write(|tx| {
            let known: Option<String> = tx
                .prepare_cached("SELECT pem FROM certificates WHERE terminal = ?1 AND request = ?2")?
                .query_row(params![caller.terminal, request.0], |row| row.get(0))
                .optional()?;
            if let Some(pem) = known {
                return Ok(pem);
            }
            let certificate = issue()?;
            certificate.store(tx, &caller.terminal, request, now)?;
            let (who, subject) = (&caller.terminal, &caller.terminal);
            let detail = json!({ "certificate": certificate.sha256, "before": caller.certificate });
            audit::append(tx, now, &audit::Entry { who, verb: "terminal.renewed", subject, detail })?;
            Ok(certificate.pem)
        })
    }

    /// Revokes a terminal's certificates; false when no terminal has this id. Twice is once.
    pub fn revoke(&self, terminal: &str, by: &str, now: Timestamp) -> Result<bool, LedgerError> {
        let now = truncate(now);
        self.write(|tx| {
            let changed = tx.execute(
                "UPDATE terminals SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL",
                params![terminal, micros(now)],
            )?;
            if changed == 0 {
                return Ok(tx.prepare_cached("SELECT 1 FROM terminals WHERE id = ?1")?.exists([terminal])?);
            }
            let entry = audit::Entry { who: by, verb: "terminal.revoked", subject: terminal, detail: json!({}) };
            audit::append(tx, now, &entry)?;
            Ok(true)
        })
    }

    /// Keeps how a terminal says it is: JSON as it came.
    pub fn heartbeat(&self, caller: &Caller, told: &str, now: Timestamp) -> Result<(), Refuse> {
        // Not a change of the ledger: nobody waits for it, and no row of the trail is made of it.
        let db = super::lock(&self.writer);
        db.execute(
            "UPDATE terminals SET heartbeat = ?2, heartbeat_at = ?3 WHERE id = ?1",
            params![caller.terminal, told, micros(truncate(now))],
        )?;
        Ok(())
    }

    pub fn terminals(&self) -> Result<Vec<TerminalRow>, LedgerError> {
        self.read(|db| {
            let mut query = db.prepare_cached(
                "SELECT id, point, serial, machine, admitted_at, revoked_at, seen_at, heartbeat, heartbeat_at FROM terminals ORDER BY id",
            )?;
            let found = query.query_map([], |row| {
                Ok(TerminalRow {
                    terminal: row.get(0)?,
                    point: row.get(1)?,
                    serial: row.get(2)?,
                    machine: row.get(3)?,
                    admitted_at: timestamp(row, 4)?,
                    revoked_at: timestamp_opt(row, 5)?,
                    seen_at: timestamp_opt(row, 6)?,
                    heartbeat: row.get(7)?,
                    heartbeat_at: timestamp_opt(row, 8)?,
                })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }
}
