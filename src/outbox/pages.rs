//! Pages: pictures kept once by their digest, and the places where they belong.

use std::io::{Read as _, Seek as _, SeekFrom};

use matters::{Digest, PageRef};
use rusqlite::{Connection, MAIN_DB, OptionalExtension, blob::Blob};
use sha2::Digest as _;
use uuid::Uuid;

use crate::{
    Cabinet, CabinetError, Reading, drafts,
    rows::{Col, checked, page_ref},
};

/// Most bytes of one page. A good page has under 2 MB; this only keeps nonsense out.
pub const PAGE_BYTES_MAX: usize = 20 << 20;

/// Most bytes of a frame: the largest still of a 16 MP camera and more.
pub const FRAME_BYTES_MAX: usize = 48 << 20;

/// How many checked digests a reading remembers: the pages of a few filings.
const CHECKED_MAX: usize = 256;

impl Cabinet {
    /// Puts a page into a draft: in place of page `replace` of its material, else behind the last.
    ///
    /// # Errors
    /// [`CabinetError::NoDraft`], [`CabinetError::NoPage`] when there is none to replace,
    /// [`CabinetError::TooLarge`], [`CabinetError::Full`] when there is no room to go on drafting.
    pub fn put_page(
        &mut self,
        draft: Uuid,
        material: &str,
        replace: Option<u32>,
        jpeg: &[u8],
        width_px: u32,
        height_px: u32,
    ) -> Result<PageRef, CabinetError> {
        let mut page = self.page_to_be(draft, material, jpeg, width_px, height_px)?;
        self.write(|tx| {
            put_content(tx, page.sha256, jpeg)?;
            let last: u32 = tx
                .prepare_cached("SELECT coalesce(max(ord), 0) FROM place WHERE draft = ?1 AND material = ?2")?
                .query_row((Col(draft), material), |row| row.get(0))?;
            page.order = replace.unwrap_or(last + 1);
            match replace {
                None => insert_place(tx, Some(draft), None, &page)?,
                Some(_) => {
                    let old: Option<Col<Digest>> = tx
                        .prepare_cached("SELECT sha256 FROM place WHERE draft = ?1 AND material = ?2 AND ord = ?3")?
                        .query_row((Col(draft), material, page.order), |row| row.get(0))
                        .optional()?;
                    let old = old.ok_or(CabinetError::NoPage)?.0;
                    tx.prepare_cached(
                        "UPDATE place SET sha256 = ?4, bytes = ?5, width_px = ?6, height_px = ?7
                         WHERE draft = ?1 AND material = ?2 AND ord = ?3",
                    )?
                    .execute((
                        Col(draft),
                        material,
                        page.order,
                        Col(page.sha256),
                        page.bytes,
                        width_px,
                        height_px,
                    ))?;
                    drop_if_unused(tx, old)?;
                }
            }
            Ok(page)
        })
    }

    /// Puts a page into a draft before page `before` of its material; that one and later ones move down. Beyond the last it
    /// becomes the last.
    ///
    /// # Errors
    /// As [`Self::put_page`].
    pub fn insert_page(
        &mut self,
        draft: Uuid,
        material: &str,
        before: u32,
        jpeg: &[u8],
        width_px: u32,
        height_px: u32,
    ) -> Result<PageRef, CabinetError> {
        let mut page = self.page_to_be(draft, material, jpeg, width_px, height_px)?;
        let pages = self.rearrange(draft, material, Some((page.sha256, jpeg)), |pages| {
            let at = (before.max(1) as usize - 1).min(pages.len());
            page.order = at as u32 + 1;
            pages.insert(at, page.clone());
            Ok(())
        })?;
        debug_assert!(pages.contains(&page));
        Ok(page)
    }

    /// Puts one page in the place of two: `first` becomes it, `second` goes. Both sides of a card become one sheet so. Returns
    /// what the draft has now.
    ///
    /// # Errors
    /// As [`Self::put_page`]; [`CabinetError::NoPage`] when one of the two is not there or they are one.
    pub fn join_pages(
        &mut self,
        draft: Uuid,
        material: &str,
        (first, second): (u32, u32),
        jpeg: &[u8],
        width_px: u32,
        height_px: u32,
    ) -> Result<Vec<PageRef>, CabinetError> {
        let sheet = self.page_to_be(draft, material, jpeg, width_px, height_px)?;
        self.rearrange(draft, material, Some((sheet.sha256, jpeg)), |pages| {
            let at = |order: u32| pages.iter().position(|page| page.order == order).ok_or(CabinetError::NoPage);
            let (first, second) = (at(first)?, at(second)?);
            if first == second {
                return Err(CabinetError::NoPage);
            }
            pages[first] = sheet;
            pages.remove(second);
            Ok(())
        })
    }

    /// Keeps what the camera saw beside the page that was cut from it. It goes with the page, and is never sent.
    ///
    /// # Errors
    /// [`CabinetError::NoPage`] when the page is gone meanwhile, [`CabinetError::TooLarge`], [`CabinetError::Full`].
    pub fn keep_frame(&mut self, page: Digest, jpeg: &[u8]) -> Result<(), CabinetError> {
        if jpeg.len() > FRAME_BYTES_MAX {
            return Err(CabinetError::TooLarge { bytes: jpeg.len() as u64, bytes_max: FRAME_BYTES_MAX as u64 });
        }
        self.demand_space()?;
        self.write(|tx| {
            if !tx.prepare_cached("SELECT 1 FROM page WHERE sha256 = ?1")?.exists([Col(page)])? {
                return Err(CabinetError::NoPage);
            }
            tx.prepare_cached(
                "INSERT INTO frame (sha256, bytes, content) VALUES (?1, ?2, ?3) ON CONFLICT (sha256) DO UPDATE SET bytes = ?2, content = ?3",
            )?
            .execute((Col(page), jpeg.len() as u64, jpeg))?;
            Ok(())
        })
    }

    /// A page that can be put, without its place yet.
    fn page_to_be(
        &self,
        draft: Uuid,
        material: &str,
        jpeg: &[u8],
        width_px: u32,
        height_px: u32,
    ) -> Result<PageRef, CabinetError> {
        if jpeg.len() > PAGE_BYTES_MAX {
            return Err(CabinetError::TooLarge { bytes: jpeg.len() as u64, bytes_max: PAGE_BYTES_MAX as u64 });
        }
        self.demand_space()?;
        if !drafts::exists(&self.conn, draft)? {
            return Err(CabinetError::NoDraft);
        }
        let sha256 = Digest::of(jpeg);
        Ok(PageRef { material: material.to_owned(), order: 1, sha256, bytes: jpeg.len() as u64, width_px, height_px })
    }

    /// Takes a page out of a draft; later ones of its material move up. Returns what the draft
    /// has now.
    ///
    /// # Errors
    /// [`CabinetError::NoPage`] when there is none at that place.
    pub fn delete_page(&mut self, draft: Uuid, material: &str, order: u32) -> Result<Vec<PageRef>, CabinetError> {
        self.rearrange(draft, material, None, |pages| {
            let at = pages.iter().position(|page| page.order == order).ok_or(CabinetError::NoPage)?;
            pages.remove(at);
            Ok(())
        })
    }

    /// Moves a page within its material to place `to` (from 1; beyond the end means last).
    /// Returns what the draft has now.
    ///
    /// # Errors
    /// [`CabinetError::NoPage`] when there is none at that place.
    pub fn move_page(&mut self, draft: Uuid, material: &str, order: u32, to: u32) -> Result<Vec<PageRef>, CabinetError> {
        self.rearrange(draft, material, None, |pages| {
            let at = pages.iter().position(|page| page.order == order).ok_or(CabinetError::NoPage)?;
            let page = pages.remove(at);
            let to = (to.max(1) as usize - 1).min(pages.len());
            pages.insert(to, page);
            Ok(())
        })
    }

    /// Rewrites the places of one material, numbered from 1 without a gap, with the bytes of a page that is new.
    fn rearrange(
        &mut self,
        draft: Uuid,
        material: &str,
        new: Option<(Digest, &[u8])>,
        change: impl FnOnce(&mut Vec<PageRef>) -> Result<(), CabinetError>,
    ) -> Result<Vec<PageRef>, CabinetError> {
        self.write(|tx| {
            let all = of_draft(tx, draft)?;
            let mut pages: Vec<PageRef> = all.iter().filter(|page| page.material == material).cloned().collect();
            let before: Vec<Digest> = pages.iter().map(|page| page.sha256).collect();
            change(&mut pages)?;
            if let Some((sha256, jpeg)) = new {
                put_content(tx, sha256, jpeg)?;
            }
            tx.prepare_cached("DELETE FROM place WHERE draft = ?1 AND material = ?2")?.execute((Col(draft), material))?;
            for (page, order) in pages.iter_mut().zip(1..) {
                page.order = order;
                insert_place(tx, Some(draft), None, page)?;
            }
            before.into_iter().try_for_each(|digest| drop_if_unused(tx, digest))?;
            of_draft(tx, draft)
        })
    }

    /// The page, its digest verified.
    ///
    /// # Errors
    /// [`CabinetError::Damaged`] when the bytes are not those that were put.
    pub fn page(&self, digest: Digest) -> Result<Option<Vec<u8>>, CabinetError> {
        load(&self.conn, digest)
    }
}

impl Reading {
    /// The page, its digest verified.
    ///
    /// # Errors
    /// [`CabinetError::Damaged`] when the bytes are not those that were put.
    pub fn page(&self, digest: Digest) -> Result<Option<Vec<u8>>, CabinetError> {
        load(&self.conn, digest)
    }

    /// What the camera saw, where it was kept.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn frame(&self, page: Digest) -> Result<Option<Vec<u8>>, CabinetError> {
        let mut found = self.conn.prepare_cached("SELECT content FROM frame WHERE sha256 = ?1")?;
        Ok(found.query_row([Col(page)], |row| row.get(0)).optional()?)
    }

    /// At most `len` bytes of the page from `offset`; fewer at its end, none behind it. Before
    /// the first range of a page leaves, the whole page is checked against its digest.
    ///
    /// # Errors
    /// [`CabinetError::Damaged`] when the bytes are not those that were put.
    pub fn page_range(&self, digest: Digest, offset: u64, len: usize) -> Result<Option<Vec<u8>>, CabinetError> {
        // One transaction: the page that was checked is the page that is read.
        let tx = self.conn.unchecked_transaction()?;
        let Some(mut blob) = open_content(&tx, digest)? else { return Ok(None) };
        let known = self.checked.borrow().contains(&digest);
        if !known {
            check_blob(&mut blob, digest)?;
            let mut checked = self.checked.borrow_mut();
            if checked.len() == CHECKED_MAX {
                checked.remove(0);
            }
            checked.push(digest);
        }
        let size = blob.len() as u64;
        let start = offset.min(size);
        let count = (size - start).min(len as u64);
        blob.seek(SeekFrom::Start(start)).map_err(read_failed)?;
        let mut range = vec![0; usize::try_from(count).map_err(|_| CabinetError::NoPage)?];
        blob.read_exact(&mut range).map_err(read_failed)?;
        Ok(Some(range))
    }
}

/// Keeps the bytes under their digest, once. Bytes that are there already are written again:
/// they are the same, unless the disk has changed them, and then this heals the page.
pub(crate) fn put_content(conn: &Connection, sha256: Digest, jpeg: &[u8]) -> Result<(), CabinetError> {
    conn.prepare_cached(
        "INSERT INTO page (sha256, bytes, content) VALUES (?1, ?2, ?3) ON CONFLICT (sha256) DO UPDATE SET content = ?3",
    )?
    .execute((Col(sha256), jpeg.len() as u64, jpeg))?;
    Ok(())
}

pub(crate) fn insert_place(
    conn: &Connection,
    draft: Option<Uuid>,
    act: Option<Uuid>,
    page: &PageRef,
) -> Result<(), CabinetError> {
    conn.prepare_cached(
        "INSERT INTO place (draft, act, material, ord, sha256, bytes, width_px, height_px)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute((
        draft.map(Col),
        act.map(Col),
        &page.material,
        page.order,
        Col(page.sha256),
        page.bytes,
        page.width_px,
        page.height_px,
    ))?;
    Ok(())
}

/// Pages of a draft by material and order.
pub(crate) fn of_draft(conn: &Connection, draft: Uuid) -> Result<Vec<PageRef>, CabinetError> {
    Ok(conn
        .prepare_cached("SELECT * FROM place WHERE draft = ?1 ORDER BY material, ord")?
        .query_map([Col(draft)], page_ref)?
        .collect::<Result<_, _>>()?)
}

pub(crate) fn digests_of_draft(conn: &Connection, draft: Uuid) -> Result<Vec<Digest>, CabinetError> {
    Ok(of_draft(conn, draft)?.into_iter().map(|page| page.sha256).collect())
}

/// Deletes the bytes when no place of a draft or of an unwiped filing names them any more.
pub(crate) fn drop_if_unused(conn: &Connection, digest: Digest) -> Result<(), CabinetError> {
    let deleted = conn
        .prepare_cached(
            "DELETE FROM page WHERE sha256 = ?1 AND NOT EXISTS (
                 SELECT 1 FROM place LEFT JOIN act ON act.uuid = place.act LEFT JOIN filing ON filing.uuid = act.filing
                 WHERE place.sha256 = ?1 AND filing.wiped_at IS NULL)",
        )?
        .execute([Col(digest)])?;
    if deleted > 0 {
        conn.prepare_cached("DELETE FROM upload WHERE sha256 = ?1")?.execute([Col(digest)])?;
        conn.prepare_cached("DELETE FROM frame WHERE sha256 = ?1")?.execute([Col(digest)])?;
    }
    Ok(())
}

/// The page with its digest verified.
pub(crate) fn load(conn: &Connection, digest: Digest) -> Result<Option<Vec<u8>>, CabinetError> {
    let content: Option<Vec<u8>> = conn
        .prepare_cached("SELECT content FROM page WHERE sha256 = ?1")?
        .query_row([Col(digest)], |row| row.get(0))
        .optional()?;
    content.map(|content| checked(content, digest)).transpose()
}

/// Verifies a page without holding it in memory whole.
///
/// # Errors
/// [`CabinetError::NoPage`], [`CabinetError::Damaged`].
pub(crate) fn verify(conn: &Connection, digest: Digest) -> Result<(), CabinetError> {
    check_blob(&mut open_content(conn, digest)?.ok_or(CabinetError::NoPage)?, digest)
}

fn open_content(conn: &Connection, digest: Digest) -> Result<Option<Blob<'_>>, CabinetError> {
    let id: Option<i64> =
        conn.prepare_cached("SELECT id FROM page WHERE sha256 = ?1")?.query_row([Col(digest)], |row| row.get(0)).optional()?;
    Ok(id.map(|id| conn.blob_open(MAIN_DB, "page", "content", id, true)).transpose()?)
}

fn check_blob(blob: &mut Blob<'_>, digest: Digest) -> Result<(), CabinetError> {
    let mut sum = sha2::Sha256::new();
    let mut part = vec![0; 64 * 1024];
    loop {
        match blob.read(&mut part).map_err(read_failed)? {
            0 => break,
            count => sum.update(&part[..count]),
        }
    }
    let found: [u8; 32] = sum.finalize().into();
    if Digest(found) == digest { Ok(()) } else { Err(CabinetError::Damaged) }
}

/// `std::io` hides the database's own error inside.
fn read_failed(error: std::io::Error) -> CabinetError {
    match error.downcast::<rusqlite::Error>() {
        Ok(error) => error.into(),
        Err(error) => error.into(),
    }
}
