//! The feed: what a service point is told, in the order in which it happened.
//!
//! The feed has one row a subject (a case, the accounts, the particulars, the packages, a message). A change moves the
//! subject's row to the end; the content is drawn when the feed is read, so it is always the newest.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, params};
use uuid::Uuid;
use wire::{Event, EventKind, problem::Kind};

use super::{FeedSlice, Ledger, LedgerError, Refuse, cases, mark, messages, packages, people, rows::micros, terminals};

pub(super) const AGENTS: &str = "agents";
pub(super) const PARTICULARS: &str = "point";
pub(super) const PACKAGES: &str = "packages";
const CASE: &str = "case:";
const MESSAGE: &str = "message:";
/// A cursor may come from a hall whose clock was ahead, but not by more than this.
const CLOCK_AHEAD_DAYS_MAX: i64 = 4000;

/// The subject under which a case stands in the feed.
pub(super) fn case_subject(filing: Uuid) -> String {
    format!("{CASE}{filing}")
}

/// The subject under which a message stands in the feed.
pub(super) fn message_subject(id: Uuid) -> String {
    format!("{MESSAGE}{id}")
}

/// Moves a subject to the end of the point's feed.
pub(super) fn touch(tx: &Connection, point: &str, subject: &str) -> Result<u64, LedgerError> {
    let sequence: i64 = tx
        .prepare_cached("UPDATE points SET feed_sequence = feed_sequence + 1 WHERE id = ?1 RETURNING feed_sequence")?
        .query_row([point], |row| row.get(0))?;
    tx.prepare_cached("DELETE FROM events WHERE point = ?1 AND subject = ?2")?.execute(params![point, subject])?;
    tx.prepare_cached("INSERT INTO events (point, sequence, subject) VALUES (?1, ?2, ?3)")?
        .execute(params![point, sequence, subject])?;
    Ok(sequence as u64)
}

/// Moves every subject of `point`, or of all points, to the end in its order: everything is told anew.
/// A terminal may have heard something newer of a case than this ledger knows.
pub(super) fn touch_all(tx: &Connection, point: Option<&str>) -> Result<(), LedgerError> {
    let subjects: Vec<(String, String)> = tx
        .prepare_cached("SELECT point, subject FROM events WHERE ?1 IS NULL OR point = ?1 ORDER BY point, sequence")?
        .query_map([point], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    subjects.iter().try_for_each(|(point, subject)| touch(tx, point, subject).map(drop))
}

/// Whether a new incarnation began within a day.
pub(super) fn incarnation_begun_lately(db: &Connection, now: Timestamp) -> Result<bool, LedgerError> {
    let last: Option<i64> =
        db.prepare_cached("SELECT max(at) FROM audit WHERE verb = 'ledger.incarnation'")?.query_row([], |row| row.get(0))?;
    let day = SignedDuration::from_hours(24).as_micros() as i64;
    Ok(last.is_some_and(|last| micros(now) - last <= day))
}

impl Ledger {
    /// Everything that the point has not been told after `cursor`, at most `max` events.
    ///
    /// A cursor beyond the end comes from a terminal that heard more than this ledger knows (it was
    /// restored from a backup): it is told everything again from the start, see [`Ledger::check_cursor`].
    ///
    /// # Errors
    /// [`Kind::TerminalUnknown`] when there is no such point.
    pub fn feed(&self, point: &str, cursor: u64, max: usize) -> Result<FeedSlice, Refuse> {
        self.read(|db| {
            let end: i64 = db
                .prepare_cached("SELECT feed_sequence FROM points WHERE id = ?1")?
                .query_row([point], |row| row.get(0))
                .optional()?
                .ok_or(Refuse::because(Kind::TerminalUnknown, "point"))?;
            let after = i64::try_from(cursor).ok().filter(|cursor| *cursor <= end).unwrap_or(0);
            let mut query = db.prepare_cached(
                "SELECT sequence, subject FROM events WHERE point = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3",
            )?;
            let mut found: Vec<(i64, String)> = query
                .query_map(params![point, after, max as i64 + 1], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()?;
            let more = found.len() > max;
            found.truncate(max);
            let cursor = if more { found.last().map_or(after, |last| last.0) } else { end };
            let mut events = Vec::with_capacity(found.len());
            for (sequence, subject) in found {
                events.push(Event { sequence: sequence as u64, what: self.draw(db, point, &subject)? });
            }
            Ok(FeedSlice { cursor: cursor as u64, more, ledger: mark(db)?, events })
        })
    }

    /// A new incarnation, when the cursor is one that this ledger never gave: somebody put an older
    /// database in its place. Returns true then. At most once a day: every terminal offers everything
    /// again after it, which a single broken one must not be able to ask for all the time. Within that
    /// day the point is told everything anew behind its cursor, and its terminals see for themselves
    /// whether the ledger went back.
    pub fn check_cursor(&self, point: &str, cursor: u64, now: Timestamp) -> Result<bool, LedgerError> {
        let (beyond, lately) = self.read::<_, LedgerError>(|db| {
            let end: Option<i64> = db
                .prepare_cached("SELECT feed_sequence FROM points WHERE id = ?1")?
                .query_row([point], |row| row.get(0))
                .optional()?;
            if end.is_none_or(|end| cursor <= end as u64) {
                return Ok((false, false));
            }
            Ok((true, incarnation_begun_lately(db, now)?))
        })?;
        if !beyond {
            return Ok(false);
        }
        if !lately {
            self.begin_incarnation("cursor_ahead", now)?;
        }
        self.lift(point, cursor, now)?;
        Ok(!lately)
    }

    /// Goes on behind a cursor that an earlier state of this ledger gave. One that no clock ever gave is
    /// nobody's: see [`Ledger::begin_incarnation`] for how far sequences go.
    fn lift(&self, point: &str, cursor: u64, now: Timestamp) -> Result<(), LedgerError> {
        let furthest = now.as_millisecond() + SignedDuration::from_hours(24 * CLOCK_AHEAD_DAYS_MAX).as_millis() as i64;
        let Some(cursor) = i64::try_from(cursor).ok().filter(|cursor| *cursor <= furthest) else { return Ok(()) };
        self.write(|tx| {
            let behind = "UPDATE points SET feed_sequence = ?2 WHERE id = ?1 AND feed_sequence < ?2";
            if tx.execute(behind, params![point, cursor])? > 0 {
                touch_all(tx, Some(point))?;
            }
            Ok(())
        })
    }

    /// Where the feed of every point ends.
    pub fn feed_ends(&self) -> Result<Vec<(String, u64)>, LedgerError> {
        self.read(|db| {
            let mut query = db.prepare_cached("SELECT id, feed_sequence FROM points")?;
            let found = query.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as u64)))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    fn draw(&self, db: &Connection, point: &str, subject: &str) -> Result<EventKind, LedgerError> {
        Ok(match subject {
            AGENTS => EventKind::Agents { agents: people::agents(db, point)? },
            PARTICULARS => EventKind::Point {
                point: terminals::point(db, point)?.ok_or(LedgerError::Damaged("point of an event"))?,
                hall: self.hall_info_in(db)?,
            },
            PACKAGES => EventKind::Packages { packages: packages::offers(db)? },
            message if message.starts_with(MESSAGE) => {
                let id = message.strip_prefix(MESSAGE).and_then(|id| id.parse().ok()).ok_or(LedgerError::Damaged("event"))?;
                EventKind::Message { message: messages::drawn(db, id)? }
            }
            case => {
                let filing = case.strip_prefix(CASE).and_then(|id| id.parse().ok()).ok_or(LedgerError::Damaged("event"))?;
                EventKind::Case { case: cases::view(db, filing)?.ok_or(LedgerError::Damaged("case of an event"))? }
            }
        })
    }
}
