//! The audit trail (审计): who did what when, each row chained to the one before.

use jiff::Timestamp;
use matters::{Digest, canonical};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{
    AUDIT_MAX, AuditFilter, AuditHead, AuditRow, Ledger, LedgerError,
    rows::{digest, micros, timestamp},
};

/// One row to write.
pub(super) struct Entry<'a> {
    pub who: &'a str,
    pub verb: &'static str,
    pub subject: &'a str,
    /// Particulars without personal data; integers only.
    pub detail: Value,
}

/// Adds a row inside the caller's transaction and returns its sequence: the place of this change
/// in the whole ledger.
pub(super) fn append(tx: &Connection, now: Timestamp, entry: &Entry<'_>) -> Result<u64, LedgerError> {
    let head = head(tx)?;
    let row = AuditRow {
        sequence: head.rows + 1,
        at: now,
        who: entry.who.to_owned(),
        verb: entry.verb.to_owned(),
        subject: entry.subject.to_owned(),
        detail: String::from_utf8(canonical::to_bytes(&entry.detail)).map_err(|_| LedgerError::Damaged("audit detail"))?,
        hash: head.hash,
    };
    let hash = chain(&head.hash, &row);
    tx.prepare_cached("INSERT INTO audit (sequence, at, who, verb, subject, detail, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
        .execute(params![row.sequence as i64, micros(now), row.who, row.verb, row.subject, row.detail, hash.0])?;
    Ok(row.sequence)
}

/// Last sequence and hash; before the first row the hash is all zero.
pub(super) fn head(db: &Connection) -> Result<AuditHead, LedgerError> {
    let last = db
        .prepare_cached("SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1")?
        .query_row([], |row| Ok(AuditHead { rows: row.get::<_, i64>(0)? as u64, hash: digest(row, 1)? }))
        .optional()?;
    Ok(last.unwrap_or(AuditHead { rows: 0, hash: Digest([0; 32]) }))
}

/// Hash of the chain at this sequence; `None` where the ledger has not been yet.
pub(super) fn hash_at(db: &Connection, sequence: u64) -> Result<Option<Digest>, LedgerError> {
    let Ok(sequence) = i64::try_from(sequence) else { return Ok(None) };
    let mut query = db.prepare_cached("SELECT hash FROM audit WHERE sequence = ?1")?;
    Ok(query.query_row([sequence], |row| digest(row, 0)).optional()?)
}

fn chain(before: &Digest, row: &AuditRow) -> Digest {
    let bytes = canonical::to_bytes(&json!({
        "at": micros(row.at), "detail": row.detail, "sequence": row.sequence,
        "subject": row.subject, "verb": row.verb, "who": row.who,
    }));
    let mut hash = Sha256::new();
    hash.update(before.0);
    hash.update(bytes);
    Digest(hash.finalize().into())
}

pub(super) fn rows(db: &Connection, filter: &AuditFilter) -> Result<Vec<AuditRow>, LedgerError> {
    let limit = if filter.limit == 0 { AUDIT_MAX } else { filter.limit.min(AUDIT_MAX) };
    let mut query = db.prepare_cached(
        "SELECT sequence, at, who, verb, subject, detail, hash FROM audit
         WHERE sequence > ?1 AND (?2 IS NULL OR subject = ?2) ORDER BY sequence LIMIT ?3",
    )?;
    let found = query.query_map(params![filter.after as i64, filter.subject, limit as i64], |row| {
        Ok(AuditRow {
            sequence: row.get::<_, i64>(0)? as u64,
            at: timestamp(row, 1)?,
            who: row.get(2)?,
            verb: row.get(3)?,
            subject: row.get(4)?,
            detail: row.get(5)?,
            hash: digest(row, 6)?,
        })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Checks rows that follow `before`: numbered without a gap and chained.
///
/// # Errors
/// The sequence of the first row that does not fit.
pub fn verify(before: &AuditHead, rows: &[AuditRow]) -> Result<AuditHead, u64> {
    let mut head = before.clone();
    for row in rows {
        if row.sequence != head.rows + 1 || chain(&head.hash, row) != row.hash {
            return Err(head.rows + 1);
        }
        head = AuditHead { rows: row.sequence, hash: row.hash };
    }
    Ok(head)
}

impl Ledger {
    /// Rows of the audit trail, oldest first.
    pub fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>, LedgerError> {
        self.read(|db| rows(db, filter))
    }

    /// Walks the whole chain; its head when every row fits.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] when a row was changed, left out or added from outside.
    pub fn audit_verify(&self) -> Result<AuditHead, LedgerError> {
        let mut head = AuditHead { rows: 0, hash: Digest([0; 32]) };
        loop {
            let part = self.audit(&AuditFilter { subject: None, after: head.rows, limit: AUDIT_MAX })?;
            if part.is_empty() {
                return Ok(head);
            }
            head = verify(&head, &part).map_err(|_| LedgerError::Damaged("audit chain"))?;
        }
    }
}
