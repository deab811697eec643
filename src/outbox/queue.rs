//! The queue toward the hall: what is due, how far it is, what came of it.

use jiff::{SignedDuration, Timestamp};
use matters::{Act, Digest};
use rusqlite::{Connection, OptionalExtension};
use uuid::Uuid;

use crate::{
    Cabinet, CabinetError, OpenAct, PageUpload, Parcel, Pulse, QueueSummary, Reading, ReceiptNews, Why,
    rows::{Col, Step, checked, step_of, time, time_or_none},
    settings,
};

/// Most parcels that one call of [`Cabinet::parcels`] returns.
pub const PARCELS_MAX: usize = 64;

/// Bytes that an act may still have to send to go over a metered network by itself. A supplement of one
/// page goes, a filing of eight does not; a state, a withdrawal or an evaluation always does.
pub const METERED_BYTES_MAX: u64 = 500_000;

/// No patience is longer than an hour and a quarter. A next try further ahead was written by a clock
/// that was wrong, and counts as due.
const WAIT_MAX: SignedDuration = SignedDuration::from_hours(2);

/// An act that still has to reach the hall.
const OPEN: &str = "(a.state = 'waiting' OR a.again = 1)";

/// Acts of one filing go in their order. A quarantined filing holds back all its acts while the
/// hall does not know it; any other quarantined act blocks nobody. Where the hall refused this sealing because it holds
/// another of the same draft (`act_conflict`: sealed on a copy of this cabinet, which came first), it knows the case.
const UNBLOCKED: &str = "NOT EXISTS (SELECT 1 FROM act AS b WHERE b.filing = a.filing AND b.id < a.id
    AND (b.state = 'waiting' OR b.again = 1 OR (b.state = 'quarantined' AND b.kind = 'file' AND b.code <> 'act_conflict')))";

impl Cabinet {
    /// What can be sent now: the first open act of each filing, when its time has come. Today's
    /// first, small before large. Empty while paused. At most [`PARCELS_MAX`].
    ///
    /// # Errors
    /// [`CabinetError::Damaged`] when an act or filing is not what was sealed.
    pub fn parcels(&self, now: Timestamp) -> Result<Vec<Parcel>, CabinetError> {
        if self.is_paused()? {
            return Ok(Vec::new());
        }
        let today = start_of_day(now);
        // What is left to send, not what there is: a large filing that is nearly up goes first.
        let sql = format!(
            "{PARCEL} WHERE {OPEN} AND {UNBLOCKED}
               AND (a.next_try_at IS NULL OR a.next_try_at <= ?1 OR a.next_try_at > ?2)
               AND (a.id <= ?5 OR a.bytes - {SENT} <= ?6)
             ORDER BY a.acted_at < ?3, a.bytes - {SENT}, a.id LIMIT ?4"
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        parcels_of(
            &self.conn,
            statement.query((Col(now), Col(later(now)), Col(today), PARCELS_MAX, urged(&self.conn)?, METERED_BYTES_MAX))?,
        )
    }

    /// Everything that waits for the hall, in the order of the acts, whatever time its next try has: for
    /// a stick, which knows no patience. Acts behind a filing that lies aside wait with it.
    ///
    /// # Errors
    /// [`CabinetError::Damaged`] when an act or filing is not what was sealed.
    pub fn waiting(&self) -> Result<Vec<Parcel>, CabinetError> {
        let sql = format!(
            "{PARCEL} WHERE {OPEN} AND NOT EXISTS (SELECT 1 FROM act AS b WHERE b.filing = a.filing AND b.id < a.id
                 AND b.state = 'quarantined' AND b.kind = 'file' AND b.code <> 'act_conflict') ORDER BY a.id"
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        parcels_of(&self.conn, statement.query([])?)
    }

    /// How the cabinet is.
    ///
    /// # Errors
    /// When the cabinet cannot be read.
    pub fn pulse(&self) -> Result<Pulse, CabinetError> {
        let sql = format!(
            "SELECT coalesce(sum({OPEN}), 0), coalesce(sum(a.state = 'quarantined'), 0), min(CASE WHEN {OPEN} THEN a.acted_at END)
             FROM act AS a WHERE {OPEN} OR a.state = 'quarantined'"
        );
        let (waiting, aside, oldest): (u64, u64, Option<Col<Timestamp>>) =
            self.conn.prepare_cached(&sql)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let oldest_waiting_at = oldest.map(|oldest| oldest.0);
        Ok(Pulse { waiting, aside, oldest_waiting_at, free_space_ok: self.free_space_ok()? })
    }

    /// When the next act that can go is due; `None` when nothing waits or the queue is paused.
    /// A time in the past means now; one more than two hours ahead came from a wrong clock, and
    /// [`Cabinet::parcels`] takes it as due.
    ///
    /// # Errors
    /// When the cabinet cannot be read.
    pub fn next_due(&self) -> Result<Option<Timestamp>, CabinetError> {
        if self.is_paused()? {
            return Ok(None);
        }
        let sql = format!(
            "SELECT min(coalesce(a.next_try_at, a.acted_at)) FROM act AS a
             WHERE {OPEN} AND {UNBLOCKED} AND (a.id <= ?1 OR a.bytes - {SENT} <= ?2)"
        );
        let due: Option<Col<Timestamp>> =
            self.conn.prepare_cached(&sql)?.query_row((urged(&self.conn)?, METERED_BYTES_MAX), |row| row.get(0))?;
        Ok(due.map(|due| due.0))
    }

    /// Notes how much of a page the hall has. `location` stays as it was when it is `None`.
    ///
    /// # Errors
    /// [`CabinetError::NoPage`] for a page that no act or draft names,
    /// [`CabinetError::Contradiction`] for an offset behind its end.
    pub fn record_upload(&mut self, page: Digest, location: Option<&str>, offset: u64, done: bool) -> Result<(), CabinetError> {
        self.write(|tx| {
            let bytes: Option<u64> = tx
                .prepare_cached("SELECT bytes FROM place WHERE sha256 = ?1 LIMIT 1")?
                .query_row([Col(page)], |row| row.get(0))
                .optional()?;
            if offset > bytes.ok_or(CabinetError::NoPage)? {
                return Err(CabinetError::Contradiction("offset behind the end of the page"));
            }
            tx.prepare_cached(
                "INSERT INTO upload (sha256, location, offset, done) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (sha256) DO UPDATE SET location = coalesce(?2, location), offset = ?3, done = ?4",
            )?
            .execute((Col(page), location, offset, done))?;
            Ok(())
        })
    }

    /// The hall does not have the upload any more: the page starts anew.
    ///
    /// # Errors
    /// When the cabinet cannot be written.
    pub fn forget_upload(&mut self, page: Digest) -> Result<(), CabinetError> {
        self.write(|tx| {
            tx.prepare_cached("DELETE FROM upload WHERE sha256 = ?1")?.execute([Col(page)])?;
            Ok(())
        })
    }

    /// Keeps the hall's verified receipt: from here on the hall has the act. The same receipt
    /// may come again.
    ///
    /// # Errors
    /// [`CabinetError::NoAct`].
    pub fn record_receipt(&mut self, news: &ReceiptNews) -> Result<(), CabinetError> {
        self.write(|tx| {
            let next = if news.refused.is_some() { Step::Refused } else { Step::Acknowledged };
            step_of(tx, news.act)?.demand(next)?;
            let (code, by, refused_at) = match &news.refused {
                Some((code, by, at)) => (Some(code), Some(by), Some(Col(*at))),
                None => (None, None, None),
            };
            let changed = tx
                .prepare_cached(
                    "UPDATE act SET state = ?2, receipt = ?3, settled_at = ?4, revision = ?5, code = ?6, by = ?7,
                         refused_at = ?8, again = 0, mark = NULL, trouble = NULL, next_try_at = NULL
                     WHERE uuid = ?1",
                )?
                .execute((Col(news.act), next.name(), &news.jws, Col(news.received_at), news.revision, code, by, refused_at))?;
            assert_eq!(changed, 1, "the act that was read in this transaction is there");
            // The hall holds every page of it: no address is needed any more.
            tx.prepare_cached(
                "INSERT INTO upload (sha256, location, offset, done)
                 SELECT DISTINCT sha256, NULL, bytes, 1 FROM place WHERE act = ?1
                 ON CONFLICT (sha256) DO UPDATE SET location = NULL, offset = excluded.offset, done = 1",
            )?
            .execute([Col(news.act)])?;
            let last: Option<Timestamp> = settings::get(tx, settings::LAST_RECEIPT_AT)?;
            settings::put(tx, settings::LAST_RECEIPT_AT, &last.map_or(news.received_at, |last| last.max(news.received_at)))
        })
    }

    /// Notes that a try failed, and when to try next. Trouble that arrives after the receipt is
    /// no news.
    ///
    /// # Errors
    /// [`CabinetError::NoAct`].
    pub fn record_trouble(&mut self, act: Uuid, code: &str, next_try_at: Option<Timestamp>) -> Result<(), CabinetError> {
        self.write(|tx| {
            step_of(tx, act)?;
            tx.prepare_cached(
                "UPDATE act SET tries = tries + 1, trouble = ?2, next_try_at = ?3 WHERE uuid = ?1 AND (state = 'waiting' OR again = 1)",
            )?
            .execute((Col(act), code, next_try_at.map(Col)))?;
            Ok(())
        })
    }

    /// The hall refuses the act for good: it leaves the queue and blocks nobody.
    ///
    /// An act that the hall had receipted before it was put back to an older state, and refuses now
    /// that it is offered again, is not offered any more; its receipt stays, for it is the hall's word.
    ///
    /// # Errors
    /// [`CabinetError::NoAct`]; [`CabinetError::IllegalStep`] when the hall has receipted it.
    pub fn quarantine(&mut self, act: Uuid, code: &str) -> Result<(), CabinetError> {
        self.write(|tx| {
            let again = tx
                .prepare_cached("UPDATE act SET again = 0, trouble = ?2, next_try_at = NULL WHERE uuid = ?1 AND again = 1")?
                .execute((Col(act), code))?;
            if again > 0 {
                tracing::error!(%act, code, "the hall was put back and refuses what it had receipted");
                return Ok(());
            }
            step_of(tx, act)?.demand(Step::Quarantined)?;
            tx.prepare_cached("UPDATE act SET state = 'quarantined', code = ?2, next_try_at = NULL WHERE uuid = ?1")?
                .execute((Col(act), code))?;
            Ok(())
        })
    }

    /// Puts a quarantined act back into the queue, due at once.
    ///
    /// # Errors
    /// [`CabinetError::NoAct`]; [`CabinetError::IllegalStep`] when the hall has receipted it.
    pub fn release(&mut self, act: Uuid) -> Result<(), CabinetError> {
        self.write(|tx| {
            step_of(tx, act)?.demand(Step::Waiting)?;
            tx.prepare_cached(
                "UPDATE act SET state = 'waiting', code = NULL, trouble = NULL, tries = 0, next_try_at = NULL WHERE uuid = ?1",
            )?
            .execute([Col(act)])?;
            Ok(())
        })
    }

    /// Makes everything due now, over a metered network too.
    ///
    /// # Errors
    /// When the cabinet cannot be written.
    pub fn send_now(&mut self) -> Result<(), CabinetError> {
        self.write(|tx| {
            let last: i64 = tx.prepare_cached("SELECT coalesce(max(id), 0) FROM act")?.query_row([], |row| row.get(0))?;
            settings::put(tx, settings::URGED, &last)?;
            tx.prepare_cached("UPDATE act SET next_try_at = NULL WHERE state = 'waiting' OR again = 1")?.execute([])?;
            Ok(())
        })
    }

    /// While paused, nothing is due. Survives a restart.
    ///
    /// # Errors
    /// When the cabinet cannot be written.
    pub fn set_paused(&mut self, paused: bool) -> Result<(), CabinetError> {
        self.write(|tx| settings::put(tx, settings::PAUSED, &paused))
    }

    /// On a metered network only what is small goes by itself (see [`METERED_BYTES_MAX`]); the rest waits
    /// for [`Cabinet::send_now`]. Survives a restart.
    ///
    /// # Errors
    /// When the cabinet cannot be written.
    pub fn set_metered(&mut self, metered: bool) -> Result<(), CabinetError> {
        self.write(|tx| {
            // What was sent by hand before was meant for another network.
            settings::put(tx, settings::URGED, &0)?;
            settings::put(tx, settings::METERED, &metered)
        })
    }

    fn is_paused(&self) -> Result<bool, CabinetError> {
        Ok(settings::get(&self.conn, settings::PAUSED)?.unwrap_or(false))
    }
}

/// Acts up to this id go whatever their size.
fn urged(conn: &Connection) -> Result<i64, CabinetError> {
    match settings::get(conn, settings::METERED)? {
        Some(true) => Ok(settings::get(conn, settings::URGED)?.unwrap_or(0)),
        None | Some(false) => Ok(i64::MAX),
    }
}

/// Columns of a parcel.
const PARCEL: &str =
    "SELECT a.id, a.content, a.digest, a.tries, a.next_try_at, f.content AS filing_content, f.digest AS filing_digest
     FROM act AS a LEFT JOIN filing AS f ON f.act = a.uuid";

fn parcels_of(conn: &Connection, mut rows: rusqlite::Rows<'_>) -> Result<Vec<Parcel>, CabinetError> {
    let mut parcels = Vec::new();
    while let Some(row) = rows.next()? {
        let act_bytes = checked(row.get("content")?, row.get::<_, Col<Digest>>("digest")?.0)?;
        let act: Act = serde_json::from_slice(&act_bytes).map_err(|_| CabinetError::Contradiction("act"))?;
        let filing: Option<Vec<u8>> = row.get("filing_content")?;
        let filing_digest: Option<Col<Digest>> = row.get("filing_digest")?;
        let filing_bytes = filing.zip(filing_digest).map(|(bytes, digest)| checked(bytes, digest.0)).transpose()?;
        parcels.push(Parcel {
            sequence: row.get("id")?,
            pages: uploads_of(conn, act.id)?,
            act,
            act_bytes,
            filing_bytes,
            tries: row.get("tries")?,
            next_try_at: time_or_none(row, "next_try_at")?,
        });
    }
    Ok(parcels)
}

/// Bytes that the hall has of the pages of act `a`.
pub(crate) const SENT: &str = "(SELECT coalesce(sum(CASE WHEN u.done = 1 THEN p.bytes ELSE min(u.offset, p.bytes) END), 0)
    FROM place AS p JOIN upload AS u ON u.sha256 = p.sha256 WHERE p.act = a.uuid)";

/// Every page of the act once, in the order of its places.
fn uploads_of(conn: &Connection, act: Uuid) -> Result<Vec<PageUpload>, CabinetError> {
    Ok(conn
        .prepare_cached(
            "SELECT p.sha256, p.bytes, u.location, coalesce(u.offset, 0), coalesce(u.done, 0)
             FROM place AS p LEFT JOIN upload AS u ON u.sha256 = p.sha256
             WHERE p.act = ?1 GROUP BY p.sha256 ORDER BY min(p.material), min(p.ord), p.sha256",
        )?
        .query_map([Col(act)], |row| {
            Ok(PageUpload {
                sha256: row.get::<_, Col<Digest>>(0)?.0,
                bytes: row.get(1)?,
                location: row.get(2)?,
                offset: row.get(3)?,
                done: row.get(4)?,
            })
        })?
        .collect::<Result<_, _>>()?)
}

impl Reading {
    /// What the hall has not taken, in the order of the acts: what waits and what lies aside.
    ///
    /// # Errors
    /// When the cabinet cannot be read.
    pub fn open_acts(&self) -> Result<Vec<OpenAct>, CabinetError> {
        let sql = format!(
            "SELECT a.uuid, a.filing, f.case_number, a.kind, a.acted_at, a.state, a.again, a.code, a.trouble, a.tries,
                 a.next_try_at, a.id, a.bytes, {SENT} AS sent, {UNBLOCKED} AS unblocked,
                 (SELECT count(*) FROM place AS p WHERE p.act = a.uuid) AS pages
             FROM act AS a LEFT JOIN filing AS f ON f.uuid = a.filing
             WHERE {OPEN} OR a.state = 'quarantined' ORDER BY a.id"
        );
        let urged = urged(&self.conn)?;
        let paused: bool = settings::get(&self.conn, settings::PAUSED)?.unwrap_or(false);
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        let mut acts = Vec::new();
        while let Some(row) = rows.next()? {
            let trouble: Option<String> = row.get("trouble")?;
            let why = match Step::from_name(&row.get::<_, String>("state")?)? {
                Step::Quarantined => {
                    Why::Aside(row.get::<_, Option<String>>("code")?.ok_or(CabinetError::Contradiction("code of a quarantine"))?)
                }
                _ if paused => Why::Paused,
                _ if !row.get::<_, bool>("unblocked")? => Why::Behind,
                _ if row.get::<_, i64>("id")? > urged
                    && row.get::<_, u64>("bytes")?.saturating_sub(row.get("sent")?) > METERED_BYTES_MAX =>
                {
                    Why::Metered
                }
                step => match trouble {
                    Some(code) => Why::Trouble(code),
                    None if step == Step::Waiting => Why::Untried,
                    None => Why::Again,
                },
            };
            acts.push(OpenAct {
                act: row.get::<_, Col<Uuid>>("uuid")?.0,
                filing: row.get::<_, Col<Uuid>>("filing")?.0,
                case_number: row.get("case_number")?,
                kind: row.get("kind")?,
                at: time(row, "acted_at")?,
                why,
                tries: row.get("tries")?,
                next_try_at: time_or_none(row, "next_try_at")?,
                pages: row.get("pages")?,
                bytes_total: row.get("bytes")?,
                bytes_sent: row.get("sent")?,
            });
        }
        Ok(acts)
    }
}

pub(crate) fn summary(conn: &Connection) -> Result<QueueSummary, CabinetError> {
    let (filings_waiting, bytes_total, bytes_sent, pages_waiting) = conn
        .prepare_cached(&format!(
            "SELECT coalesce(sum(a.kind = 'file'), 0), coalesce(sum(a.bytes), 0), coalesce(sum({SENT}), 0),
                 coalesce(sum((SELECT count(*) FROM place AS p WHERE p.act = a.uuid)), 0)
             FROM act AS a WHERE a.state = 'waiting'"
        ))?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let quarantined =
        conn.prepare_cached("SELECT count(*) FROM act WHERE state = 'quarantined'")?.query_row([], |row| row.get(0))?;
    Ok(QueueSummary {
        filings_waiting,
        pages_waiting,
        bytes_total,
        bytes_sent,
        quarantined,
        last_receipt_at: settings::get(conn, settings::LAST_RECEIPT_AT)?,
        paused: settings::get(conn, settings::PAUSED)?.unwrap_or(false),
        metered: settings::get(conn, settings::METERED)?.unwrap_or(false),
    })
}

/// Midnight at the hall's place (+08:00, whatever the machine's zone).
pub(crate) fn start_of_day(now: Timestamp) -> Timestamp {
    let day = jiff::tz::offset(8).to_datetime(now).date();
    jiff::tz::offset(8).to_timestamp(day.to_datetime(jiff::civil::Time::midnight())).unwrap_or(now)
}

fn later(now: Timestamp) -> Timestamp {
    now.checked_add(WAIT_MAX).unwrap_or(Timestamp::MAX)
}
