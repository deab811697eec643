//! What residents say: the evaluation of a finished case (好差评), and complaints (投诉).
//!
//! Neither changes the case: its state, its revision and its clocks stay as they are.

use jiff::Timestamp;
use matters::{Act, Grade, What};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::Serialize;
use uuid::Uuid;

use super::{
    Ledger, LedgerError, cases,
    rows::{micros, timestamp, uuid, word},
};

pub(super) fn is_evaluated(db: &Connection, filing: Uuid) -> Result<bool, LedgerError> {
    Ok(db.prepare_cached("SELECT 1 FROM evaluations WHERE filing = ?1")?.exists([filing.to_string()])?)
}

pub(super) fn evaluate(tx: &Connection, act: &Act, grade: Grade, now: Timestamp) -> Result<(), LedgerError> {
    tx.prepare_cached("INSERT INTO evaluations (filing, act, grade, at) VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        act.filing.to_string(),
        act.id.to_string(),
        word(&grade)?,
        micros(now)
    ])?;
    Ok(())
}

pub(super) fn complain(tx: &Connection, act: &Act, now: Timestamp) -> Result<(), LedgerError> {
    tx.prepare_cached("INSERT INTO complaints (act, filing, at) VALUES (?1, ?2, ?3)")?.execute(params![
        act.id.to_string(),
        act.filing.to_string(),
        micros(now)
    ])?;
    Ok(())
}

/// An evaluation or a complaint, for whoever answers for the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Voice {
    pub act: Uuid,
    pub filing: Uuid,
    pub case_number: String,
    pub point: String,
    pub matter: String,
    pub at: Timestamp,
    /// `None`: a complaint.
    pub grade: Option<Grade>,
    pub words: String,
}

impl Ledger {
    /// Every evaluation and complaint, oldest first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn voices(&self) -> Result<Vec<Voice>, LedgerError> {
        self.read(|db| {
            let mut query = db.prepare_cached(
                "SELECT act, filing, at FROM evaluations UNION ALL SELECT act, filing, at FROM complaints ORDER BY at, act",
            )?;
            let mut rows = query.query([])?;
            let mut voices = Vec::new();
            while let Some(row) = rows.next()? {
                let (act, filing, at) = (uuid(row, 0)?, uuid(row, 1)?, timestamp(row, 2)?);
                let case = cases::row(db, filing)?.ok_or(LedgerError::Damaged("case of a voice"))?;
                let bytes: Vec<u8> = db
                    .prepare_cached("SELECT bytes FROM acts WHERE id = ?1")?
                    .query_row([act.to_string()], |row| row.get(0))
                    .optional()?
                    .ok_or(LedgerError::Damaged("act of a voice"))?;
                let stored: Act = serde_json::from_slice(&bytes).map_err(|_| LedgerError::Damaged("act"))?;
                let (grade, words) = match stored.what {
                    What::Evaluate { grade, words } => (Some(grade), words),
                    What::Complain { words } => (None, words),
                    _ => return Err(LedgerError::Damaged("act of a voice")),
                };
                voices.push(Voice {
                    act,
                    filing,
                    case_number: case.case_number,
                    point: case.point,
                    matter: case.matter,
                    at,
                    grade,
                    words: words.expose().clone(),
                });
            }
            Ok(voices)
        })
    }
}
