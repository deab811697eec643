//! Sealing and sending: what turns a draft into an act, in one transaction.

use matters::{Act, Digest, PageRef, Sealed, What};
use rusqlite::{Connection, OptionalExtension};
use uuid::Uuid;

use crate::{
    Cabinet, CabinetError, drafts, lists, pages,
    rows::{Col, act_bytes, kind_of},
};

impl Cabinet {
    /// Seals a draft: filing, pages and the act that files it stand in the queue and the draft
    /// is gone, all at once or not at all. Asking again with the same arguments changes nothing.
    ///
    /// # Errors
    /// [`CabinetError::NoDraft`]; [`CabinetError::PagesDiffer`] when a page came or went since;
    /// [`CabinetError::Damaged`] when a page's bytes are not what was put, while the paper is
    /// still on the table; [`CabinetError::NumberTaken`]; [`CabinetError::Conflict`];
    /// [`CabinetError::Contradiction`] when the act does not file this filing.
    pub fn seal(&mut self, draft: Uuid, sealed: &Sealed, act: &Act) -> Result<(), CabinetError> {
        let filing = sealed.filing();
        if act.filing != filing.id || act.what != (What::File { digest: sealed.digest() }) {
            return Err(CabinetError::Contradiction("the act does not file this filing"));
        }
        self.write(|tx| {
            if let Some(digest) = digest_of_filing(tx, filing.id)? {
                return if digest == sealed.digest() && same_act(tx, act)? { Ok(()) } else { Err(CabinetError::Conflict) };
            }
            let found = drafts::load(tx, draft)?.ok_or(CabinetError::NoDraft)?;
            if found.supplement_to.is_some() {
                return Err(CabinetError::Contradiction("a supplement is not sealed"));
            }
            demand_equal(&filing.pages, &found.pages)?;
            verify_all(tx, &found.pages)?;
            if tx.prepare_cached("SELECT 1 FROM roll WHERE case_number = ?1")?.exists([&filing.case_number])? {
                return Err(CabinetError::NumberTaken);
            }
            insert_act(tx, act, Some(draft), &found.pages)?;
            insert_filing(tx, sealed, draft, act.id)?;
            hand_over(tx, draft, act.id)
        })
    }

    /// The filing that was sealed of this draft, if one was.
    ///
    /// # Errors
    /// When the cabinet cannot be read.
    pub fn filing_of_draft(&self, draft: Uuid) -> Result<Option<Uuid>, CabinetError> {
        let found: Option<Col<Uuid>> = self
            .conn
            .prepare_cached("SELECT uuid FROM filing WHERE draft = ?1")?
            .query_row([Col(draft)], |row| row.get(0))
            .optional()?;
        Ok(found.map(|found| found.0))
    }

    /// Puts an act on an existing filing into the queue: an answer to a correction together
    /// with the pages of its draft (which is then gone), or a withdrawal. Asking again with the
    /// same act changes nothing.
    ///
    /// # Errors
    /// [`CabinetError::NoDraft`], [`CabinetError::PagesDiffer`], [`CabinetError::Damaged`],
    /// [`CabinetError::Conflict`]; [`CabinetError::Contradiction`] when the draft answers
    /// another correction, or the act files (see [`Cabinet::seal`]).
    pub fn enqueue(&mut self, act: &Act, draft: Option<Uuid>) -> Result<(), CabinetError> {
        let named: &[PageRef] = match &act.what {
            What::File { .. } => return Err(CabinetError::Contradiction("a filing is sealed, not enqueued")),
            What::Supplement { pages, .. } => pages,
            What::Withdraw { .. } | What::Deliver { .. } | What::Evaluate { .. } | What::Complain { .. } => &[],
        };
        self.write(|tx| {
            if is_kept(tx, act.id)? {
                return if same_act(tx, act)? { Ok(()) } else { Err(CabinetError::Conflict) };
            }
            let Some(draft) = draft else {
                demand_equal(named, &[])?;
                return insert_act(tx, act, None, &[]);
            };
            let found = drafts::load(tx, draft)?.ok_or(CabinetError::NoDraft)?;
            let answers = match (&act.what, found.supplement_to) {
                (What::Supplement { correction, .. }, Some(to)) => to == (act.filing, *correction),
                _ => false,
            };
            if !answers {
                return Err(CabinetError::Contradiction("the draft does not belong to this act"));
            }
            demand_equal(named, &found.pages)?;
            verify_all(tx, &found.pages)?;
            insert_act(tx, act, Some(draft), &found.pages)?;
            hand_over(tx, draft, act.id)
        })
    }
}

/// The same pages at the same places, in whatever order the lists are.
fn demand_equal(named: &[PageRef], kept: &[PageRef]) -> Result<(), CabinetError> {
    let sorted = |pages: &[PageRef]| {
        let mut pages = pages.to_vec();
        pages.sort_by(|a, b| (&a.material, a.order).cmp(&(&b.material, b.order)));
        pages
    };
    if sorted(named) == sorted(kept) { Ok(()) } else { Err(CabinetError::PagesDiffer) }
}

fn verify_all(conn: &Connection, pages: &[PageRef]) -> Result<(), CabinetError> {
    pages.iter().try_for_each(|page| match pages::verify(conn, page.sha256) {
        Err(CabinetError::NoPage) => Err(CabinetError::Damaged),
        other => other,
    })
}

fn digest_of_filing(conn: &Connection, id: Uuid) -> Result<Option<Digest>, CabinetError> {
    let digest: Option<Col<Digest>> =
        conn.prepare_cached("SELECT digest FROM filing WHERE uuid = ?1")?.query_row([Col(id)], |row| row.get(0)).optional()?;
    Ok(digest.map(|digest| digest.0))
}

fn is_kept(conn: &Connection, act: Uuid) -> Result<bool, CabinetError> {
    Ok(conn.prepare_cached("SELECT 1 FROM act WHERE uuid = ?1")?.exists([Col(act)])?)
}

fn same_act(conn: &Connection, act: &Act) -> Result<bool, CabinetError> {
    let digest = Digest::of(&act_bytes(act));
    Ok(conn.prepare_cached("SELECT 1 FROM act WHERE uuid = ?1 AND digest = ?2")?.exists((Col(act.id), Col(digest)))?)
}

pub(crate) fn insert_act(conn: &Connection, act: &Act, draft: Option<Uuid>, pages: &[PageRef]) -> Result<(), CabinetError> {
    let content = act_bytes(act);
    let bytes: u64 = pages.iter().map(|page| page.bytes).sum();
    conn.prepare_cached(
        "INSERT INTO act (uuid, filing, draft, kind, acted_at, bytes, state, digest, content)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'waiting', ?7, ?8)",
    )?
    .execute((Col(act.id), Col(act.filing), draft.map(Col), kind_of(act), Col(act.at), bytes, Col(Digest::of(&content)), content))
    .map_err(conflict)?;
    Ok(())
}

pub(crate) fn insert_filing(conn: &Connection, sealed: &Sealed, draft: Uuid, act: Uuid) -> Result<(), CabinetError> {
    let filing = sealed.filing();
    let bytes: u64 = filing.pages.iter().map(|page| page.bytes).sum();
    conn.prepare_cached(
        "INSERT INTO filing (uuid, draft, act, case_number, matter, applicant, sealed_at, pages, bytes, digest, content)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute((
        Col(filing.id),
        Col(draft),
        Col(act),
        &filing.case_number,
        &filing.matter,
        filing.applicant.name.expose(),
        Col(filing.sealed_at),
        filing.pages.len() as u64,
        bytes,
        Col(sealed.digest()),
        sealed.bytes(),
    ))
    .map_err(conflict)?;
    let id = conn.last_insert_rowid();
    conn.prepare_cached("INSERT INTO roll (filing, case_number) VALUES (?1, ?2)")?
        .execute((Col(filing.id), &filing.case_number))
        .map_err(conflict)?;
    lists::insert_findings(conn, id, filing)
}

/// The draft's pages go to the act, and the draft is gone.
fn hand_over(conn: &Connection, draft: Uuid, act: Uuid) -> Result<(), CabinetError> {
    conn.prepare_cached("UPDATE place SET draft = NULL, act = ?2 WHERE draft = ?1")?.execute((Col(draft), Col(act)))?;
    let gone = conn.prepare_cached("DELETE FROM draft WHERE uuid = ?1")?.execute([Col(draft)])?;
    assert_eq!(gone, 1, "the draft that was read in this transaction is there");
    Ok(())
}

/// A unique column that is taken: the same id, draft or number under another content.
fn conflict(error: rusqlite::Error) -> CabinetError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::ConstraintViolation) => CabinetError::Conflict,
        _ => error.into(),
    }
}
