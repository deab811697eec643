//! What the hall holds, for scripts and for whoever counts: no personal data.

use jiff::Timestamp;
use matters::{Digest, State};
use rusqlite::{Connection, params};
use serde::Serialize;
use uuid::Uuid;

use super::{
    Ledger, LedgerError, cases,
    rows::{digest, state, timestamp, uuid},
};

/// A filing as it is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldFiling {
    pub filing: Uuid,
    pub case_number: String,
    pub aliases: Vec<String>,
    pub point: String,
    pub matter: String,
    pub state: State,
    pub revision: u64,
    pub received_at: Timestamp,
    /// Digest of the filing's canonical bytes.
    pub sha256: Digest,
    /// Digests of its pages in order, then those of its supplements.
    pub pages: Vec<Digest>,
    pub acts: Vec<HeldAct>,
}

/// An act on a filing, as it was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldAct {
    pub id: Uuid,
    pub received_at: Timestamp,
    pub revision: u64,
    /// Code of the refusal, when it no longer fitted the case.
    pub refused: Option<String>,
}

impl Ledger {
    /// Up to `max` filings after the one of this id, in order of their ids; with `read` every page is read
    /// from the disk and checked against its digest.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] when a page that should be there is not.
    pub fn held_filings(&self, after: Option<Uuid>, max: usize, read: bool) -> Result<Vec<HeldFiling>, LedgerError> {
        self.read(|db| {
            let mut query = db.prepare_cached(
                "SELECT filing, case_number, point, matter, state, revision, received_at, sha256 FROM cases
                 WHERE filing > ?1 ORDER BY filing LIMIT ?2",
            )?;
            let after = after.map_or(String::new(), |id| id.to_string());
            let mut found: Vec<HeldFiling> = query
                .query_map(params![after, max as i64], |row| {
                    Ok(HeldFiling {
                        filing: uuid(row, 0)?,
                        case_number: row.get(1)?,
                        aliases: Vec::new(),
                        point: row.get(2)?,
                        matter: row.get(3)?,
                        state: state(row, 4)?,
                        revision: row.get::<_, i64>(5)? as u64,
                        received_at: timestamp(row, 6)?,
                        sha256: digest(row, 7)?,
                        pages: Vec::new(),
                        acts: Vec::new(),
                    })
                })?
                .collect::<Result<_, _>>()?;
            for filing in &mut found {
                self.complete(db, filing, read)?;
            }
            Ok(found)
        })
    }

    fn complete(&self, db: &Connection, filing: &mut HeldFiling, read: bool) -> Result<(), LedgerError> {
        let case = cases::row(db, filing.filing)?.ok_or(LedgerError::Damaged("case"))?;
        let view = cases::view(db, filing.filing)?.ok_or(LedgerError::Damaged("case"))?;
        filing.aliases = view.aliases;
        let acts = cases::acts(db, filing.filing)?;
        let sealed = cases::sealed(db, &case)?;
        filing.pages = cases::pages_of(&sealed, &acts).into_iter().map(|page| page.page.sha256).collect();
        filing.acts = acts
            .into_iter()
            .map(|stored| HeldAct {
                id: stored.act.id,
                received_at: stored.received_at,
                revision: stored.revision,
                refused: stored.refused.map(|refused| refused.code),
            })
            .collect();
        if read {
            for page in &filing.pages {
                self.page_of(db, filing.filing, *page)?.ok_or(LedgerError::Damaged("page"))?;
            }
        }
        Ok(())
    }
}
