//! Drafts: saved whole at every field, gone in the moment they are sealed.

use matters::Digest;
use rusqlite::{Connection, OptionalExtension};
use uuid::Uuid;

use crate::{
    Cabinet, CabinetError, Draft, Reading, pages,
    rows::{Col, checked},
};

/// A draft without its pages is a form: one megabyte holds the longest many times over.
const DRAFT_BYTES_MAX: usize = 1 << 20;

impl Cabinet {
    /// Keeps the draft in place of its earlier state. `draft.pages` is ignored: the cabinet
    /// keeps the pages itself.
    ///
    /// # Errors
    /// [`CabinetError::Closed`] when it was sealed or sent meanwhile, [`CabinetError::Full`]
    /// for a new draft on a nearly full disk, [`CabinetError::TooLarge`].
    pub fn save_draft(&mut self, draft: &Draft) -> Result<(), CabinetError> {
        let content = serde_json::to_vec(draft).map_err(|_| CabinetError::Contradiction("draft"))?;
        if content.len() > DRAFT_BYTES_MAX {
            return Err(CabinetError::TooLarge { bytes: content.len() as u64, bytes_max: DRAFT_BYTES_MAX as u64 });
        }
        if !exists(&self.conn, draft.id)? {
            if is_closed(&self.conn, draft.id)? {
                return Err(CabinetError::Closed);
            }
            self.demand_space()?;
        }
        self.write(|tx| put(tx, draft, &content))
    }

    /// The draft with its pages.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn draft(&self, id: Uuid) -> Result<Option<Draft>, CabinetError> {
        load(&self.conn, id)
    }

    /// Deletes the draft and its pages, and wipes them from the file. A draft that is not
    /// there is deleted already.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn delete_draft(&mut self, id: Uuid) -> Result<(), CabinetError> {
        self.write(|tx| {
            let digests = pages::digests_of_draft(tx, id)?;
            tx.prepare_cached("DELETE FROM place WHERE draft = ?1")?.execute([Col(id)])?;
            tx.prepare_cached("DELETE FROM draft WHERE uuid = ?1")?.execute([Col(id)])?;
            digests.into_iter().try_for_each(|digest| pages::drop_if_unused(tx, digest))
        })?;
        self.tidy_if_possible();
        Ok(())
    }
}

impl Reading {
    /// All drafts with their pages, last changed first.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn drafts(&self) -> Result<Vec<Draft>, CabinetError> {
        let ids: Vec<Uuid> = self
            .conn
            .prepare_cached("SELECT uuid FROM draft ORDER BY changed_at DESC, id DESC")?
            .query_map([], |row| Ok(row.get::<_, Col<Uuid>>(0)?.0))?
            .collect::<Result<_, _>>()?;
        // A draft that was sealed between the two reads is no draft any more.
        ids.into_iter().filter_map(|id| load(&self.conn, id).transpose()).collect()
    }

    /// The draft with its pages.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn draft(&self, id: Uuid) -> Result<Option<Draft>, CabinetError> {
        load(&self.conn, id)
    }
}

pub(crate) fn exists(conn: &Connection, id: Uuid) -> Result<bool, CabinetError> {
    Ok(conn.prepare_cached("SELECT 1 FROM draft WHERE uuid = ?1")?.exists([Col(id)])?)
}

fn is_closed(conn: &Connection, id: Uuid) -> Result<bool, CabinetError> {
    Ok(conn
        .prepare_cached("SELECT 1 FROM filing WHERE draft = ?1 UNION ALL SELECT 1 FROM act WHERE draft = ?1")?
        .exists([Col(id)])?)
}

pub(crate) fn put(conn: &Connection, draft: &Draft, content: &[u8]) -> Result<(), CabinetError> {
    conn.prepare_cached(
        "INSERT INTO draft (uuid, changed_at, digest, content) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (uuid) DO UPDATE SET changed_at = ?2, digest = ?3, content = ?4",
    )?
    .execute((Col(draft.id), Col(draft.changed_at), Col(Digest::of(content)), content))?;
    Ok(())
}

pub(crate) fn load(conn: &Connection, id: Uuid) -> Result<Option<Draft>, CabinetError> {
    let found: Option<(Vec<u8>, Col<Digest>)> = conn
        .prepare_cached("SELECT content, digest FROM draft WHERE uuid = ?1")?
        .query_row([Col(id)], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((content, digest)) = found else { return Ok(None) };
    let content = checked(content, digest.0)?;
    let mut draft: Draft = serde_json::from_slice(&content).map_err(|_| CabinetError::Contradiction("draft"))?;
    draft.pages = pages::of_draft(conn, id)?;
    Ok(Some(draft))
}
