//! The feed from the hall: applied a page at a time, together with its cursor.

use jiff::{SignedDuration, Timestamp};
use matters::{CaseView, State};
use rusqlite::{Connection, OptionalExtension};

use crate::{Admission, Cabinet, CabinetError, FeedNews, LedgerAt, LedgerSeen, messages, packages, rows::Col, settings};

/// A machine may stand without a network for so many days; a clock further ahead is wrong.
pub const CLOCK_AHEAD_DAYS_MAX: i64 = 400;

/// The program that hears the feed: how many kinds of news it keeps, and its version.
const HEARD_BY: &str = concat!("2 ", env!("CARGO_PKG_VERSION"));

/// Asks for the whole feed when another program wrote here last. Kinds of news and fields that the one before
/// did not know it passed over, and they must not be missing for ever.
pub(crate) fn settle_listener(conn: &Connection) -> Result<(), CabinetError> {
    if settings::get::<String>(conn, settings::HEARD_BY)?.as_deref() != Some(HEARD_BY) {
        settings::remove(conn, settings::CURSOR)?;
        settings::put(conn, settings::HEARD_BY, &HEARD_BY)?;
    }
    Ok(())
}

impl Cabinet {
    /// The cursor to ask the hall with; 0 at first.
    ///
    /// # Errors
    /// When the cabinet cannot be read.
    pub fn cursor(&self) -> Result<u64, CabinetError> {
        Ok(settings::get(&self.conn, settings::CURSOR)?.unwrap_or(0))
    }

    /// Where the hall's ledger stood by the newest answer.
    ///
    /// # Errors
    /// When the cabinet cannot be read.
    pub fn ledger(&self) -> Result<Option<LedgerAt>, CabinetError> {
        settings::get(&self.conn, settings::LEDGER)
    }

    /// The last time that the hall signed: a lower bound of what time it is, whatever this machine's
    /// clock says.
    ///
    /// # Errors
    /// When the cabinet cannot be read.
    pub fn hall_time(&self) -> Result<Option<Timestamp>, CabinetError> {
        settings::get(&self.conn, settings::HALL_TIME)
    }

    /// What time it is, as far as it can be known: this machine's clock, unless the hall has signed a later
    /// time, or the clock stands more than [`CLOCK_AHEAD_DAYS_MAX`] days ahead of what the hall signed last.
    /// Then the hall's word is the better one.
    ///
    /// # Errors
    /// When the cabinet cannot be read.
    pub fn plausible(&self, now: Timestamp) -> Result<Timestamp, CabinetError> {
        let ahead = SignedDuration::from_hours(24 * CLOCK_AHEAD_DAYS_MAX);
        Ok(match self.hall_time()? {
            Some(signed) if now < signed || now.duration_since(signed) > ahead => signed,
            _ => now,
        })
    }

    /// Notes where the hall's ledger stood by any answer of its. When it went back (another
    /// incarnation, a lower sequence in the same, or the hall says so), it was restored from a backup:
    /// every act that it ever receipted is offered again, under its old id, for nobody knows how far back
    /// it went. True then.
    ///
    /// Note an answer before what came of it: a receipt counts as later than every answer noted
    /// before it.
    ///
    /// # Errors
    /// When the cabinet cannot be written.
    pub fn note_ledger(&mut self, seen: &LedgerSeen) -> Result<bool, CabinetError> {
        self.write(|tx| note_ledger(tx, seen.since, seen.now, seen.went_back))
    }

    /// Notes where the hall's ledger stood by an answer that was carried here on a stick, when it is news:
    /// an answer of another incarnation, or one that was overtaken over the line, says nothing.
    ///
    /// # Errors
    /// When the cabinet cannot be written.
    pub fn note_carried(&mut self, at: LedgerAt) -> Result<(), CabinetError> {
        self.write(|tx| {
            let known: Option<LedgerAt> = settings::get(tx, settings::LEDGER)?;
            if known.is_none_or(|known| known.incarnation == at.incarnation && known.sequence < at.sequence) {
                note_ledger(tx, None, at, false)?;
            }
            Ok(())
        })
    }

    /// Applies one verified page of the feed with its cursor in one transaction. A page may
    /// come twice or late: an older revision never replaces a newer one, an older list of
    /// agents neither, and the cursor does not go back.
    ///
    /// When the hall's ledger went back (see [`Cabinet::note_ledger`]), from here on its views
    /// replace ours whatever their revision.
    ///
    /// # Errors
    /// When the cabinet cannot be written; nothing of the page is then applied.
    pub fn apply_feed(&mut self, news: &FeedNews) -> Result<(), CabinetError> {
        self.write(|tx| {
            let restored = match news.ledger {
                None => false,
                Some(now) => {
                    let since = match news.since {
                        Some(since) => Some(since),
                        None => settings::get(tx, settings::LEDGER)?,
                    };
                    note_ledger(tx, since, now, news.went_back)?
                }
            };
            let known: Option<LedgerAt> = settings::get(tx, settings::LEDGER)?;
            let era: u64 = settings::get(tx, settings::ERA)?.unwrap_or(0);
            let (cursor, cursor_era): (u64, u64) =
                (settings::get(tx, settings::CURSOR)?.unwrap_or(0), settings::get(tx, settings::CURSOR_ERA)?.unwrap_or(0));
            // A page that was on its way when the hall was put back says nothing any more.
            if let (Some(told), Some(known)) = (news.ledger, known)
                && told.incarnation != known.incarnation
            {
                return Ok(());
            }
            let late = news.cursor < cursor && !restored && cursor_era == era;
            for case in &news.cases {
                put_case(tx, era, case)?;
            }
            messages::keep(tx, &news.messages)?;
            if late {
                return Ok(());
            }
            settings::put(tx, settings::CURSOR, &news.cursor)?;
            settings::put(tx, settings::CURSOR_ERA, &era)?;
            if let Some(agents) = &news.agents {
                settings::put(tx, settings::AGENTS, agents)?;
            }
            if let Some(offers) = &news.packages {
                packages::offer(tx, offers)?;
            }
            if let Some(time) = news.hall_time {
                settings::put(tx, settings::HALL_TIME, &time)?;
            }
            if let Some(sequence) = news.backed_up {
                settings::put(tx, settings::BACKED_UP, &sequence)?;
            }
            if let (Some(particulars), Some(admission)) =
                (&news.particulars, settings::get::<Admission>(tx, settings::ADMISSION)?)
            {
                settings::put(tx, settings::ADMISSION, &Admission { particulars: particulars.clone(), ..admission })?;
            }
            Ok(())
        })
    }
}

/// Compares the hall's ledger with the one we knew. True when it was restored.
fn note_ledger(conn: &Connection, since: Option<LedgerAt>, now: LedgerAt, went_back: bool) -> Result<bool, CabinetError> {
    let known: Option<LedgerAt> = settings::get(conn, settings::LEDGER)?;
    let restored = match (known, since) {
        (None, _) => false,
        // Two lines may learn of it; the second has asked before, and hears what is known already.
        (Some(known), Some(asked)) if known.incarnation != now.incarnation && asked.incarnation != known.incarnation => {
            return Ok(false);
        }
        (Some(known), _) if known.incarnation != now.incarnation => true,
        // Lower than it was before the question was asked (an answer that was only overtaken on its way by
        // another line's is not), or grown past it on another way.
        (Some(_), Some(asked)) if asked.incarnation == now.incarnation && (asked.sequence > now.sequence || went_back) => true,
        // Overtaken: what came meanwhile lies behind it.
        (Some(known), _) if known.sequence > now.sequence => return Ok(false),
        (Some(_), _) => false,
    };
    settings::put(conn, settings::LEDGER, &now)?;
    if restored {
        // How far back it went is not told, and what a ledger that has grown again holds cannot be read from
        // its sequence: all is offered, and what the hall has it knows by its id.
        conn.execute("UPDATE act SET again = 1, mark = NULL WHERE receipt IS NOT NULL", [])?;
        let era: u64 = settings::get(conn, settings::ERA)?.unwrap_or(0);
        settings::put(conn, settings::ERA, &(era + 1))?;
        settings::remove(conn, settings::BACKED_UP)?;
        // What the hall holds of each page is asked anew.
        conn.execute(
            "DELETE FROM upload WHERE sha256 IN (SELECT p.sha256 FROM place AS p JOIN act AS a ON a.uuid = p.act WHERE a.again = 1)",
            [],
        )?;
        tracing::warn!(era = era + 1, "the hall was restored from a backup");
    } else {
        // Receipts until now lie at or before this sequence.
        conn.prepare_cached("UPDATE act SET mark = ?1 WHERE receipt IS NOT NULL AND mark IS NULL AND again = 0")?
            .execute([i64::try_from(now.sequence).unwrap_or(i64::MAX)])?;
    }
    Ok(restored)
}

fn put_case(conn: &Connection, era: u64, case: &CaseView) -> Result<(), CabinetError> {
    let known: Option<(u64, u64)> = conn
        .prepare_cached("SELECT era, revision FROM hall_case WHERE filing = ?1")?
        .query_row([Col(case.filing)], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    // The same revision is the same case, but another program may understand more of it.
    if known.is_some_and(|known| known > (era, case.revision)) {
        return Ok(());
    }
    let content = serde_json::to_vec(case).map_err(|_| CabinetError::Contradiction("case"))?;
    let corrected = case.correction.is_some() || matches!(case.state, State::InCorrection | State::Corrected);
    conn.prepare_cached(
        "INSERT INTO hall_case (filing, era, revision, ended, corrected, last_change, content)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (filing) DO UPDATE SET era = ?2, revision = ?3, ended = ?4, corrected = max(corrected, ?5),
             last_change = ?6, content = ?7",
    )?
    .execute((Col(case.filing), era, case.revision, case.state.over(), corrected, Col(case.last_change), content))?;
    Ok(())
}
