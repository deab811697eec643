//! Values that may be filed once: kept as digests, told to the clerk when two living cases hold the same.

use matters::{Filing, Matter, State, SupplementItem, repeat, state::Running};
use rusqlite::{Connection, params};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{
    Ledger, LedgerError, RepeatRow,
    rows::{state, timestamp, uuid},
};

impl Ledger {
    /// Keeps the marks of a filing, in place of those that it had.
    pub(super) fn set_marks(&self, tx: &Connection, matter: &Matter, filing: &Filing) -> Result<(), LedgerError> {
        let id = filing.id.to_string();
        tx.prepare_cached("DELETE FROM marks WHERE filing = ?1")?.execute([&id])?;
        let mut insert = tx.prepare_cached("INSERT OR IGNORE INTO marks (mark, filing, rule) VALUES (?1, ?2, ?3)")?;
        for once in repeat::values(matter, filing) {
            let mut hash = Sha256::new();
            hash.update(*self.mark_key);
            hash.update(b"once");
            hash.update(once.value.expose());
            insert.execute(params![<[u8; 32]>::from(hash.finalize()), id, once.rule as i64])?;
        }
        Ok(())
    }

    /// The same after a correction: the answers that it brought stand in place of the old ones.
    pub(super) fn correct_marks(
        &self,
        tx: &Connection,
        matter: &Matter,
        filing: &Filing,
        asked: &matters::Correction,
        items: &[SupplementItem],
    ) -> Result<(), LedgerError> {
        let mut filing = filing.clone();
        for item in items {
            let asked = usize::try_from(item.item).ok().and_then(|place| asked.items.get(place));
            if let (Some(answer), Some(matters::About::Field { key })) = (&item.answer, asked.map(|asked| &asked.about)) {
                filing.answers.insert(key.clone(), answer.clone());
            }
        }
        self.set_marks(tx, matter, &filing)
    }
}

/// Other cases with the same value, but those that came to nothing; newest first, each once a rule.
pub(super) fn repeats(db: &Connection, filing: Uuid) -> Result<Vec<RepeatRow>, LedgerError> {
    let mut query = db.prepare_cached(
        "SELECT DISTINCT own.rule, c.filing, c.case_number, c.state, c.received_at, p.name
         FROM marks own JOIN marks other ON other.mark = own.mark AND other.filing <> own.filing
         JOIN cases c ON c.filing = other.filing JOIN points p ON p.id = c.point
         WHERE own.filing = ?1 ORDER BY own.rule, c.received_at DESC, c.filing LIMIT 100",
    )?;
    let found = query.query_map([filing.to_string()], |row| {
        Ok(RepeatRow {
            rule: row.get::<_, i64>(0)? as usize,
            filing: uuid(row, 1)?,
            case_number: row.get(2)?,
            state: state(row, 3)?,
            received_at: timestamp(row, 4)?,
            point_name: row.get(5)?,
        })
    })?;
    let found: Vec<RepeatRow> = found.collect::<Result<_, _>>()?;
    Ok(found.into_iter().filter(|row| !came_to_nothing(row.state)).collect())
}

/// A case after which the same may be filed again.
fn came_to_nothing(state: State) -> bool {
    state.running() == Running::Ended && !matches!(state, State::Granted | State::Delivered)
}
