//! Who may sign in, and how often it failed.

use jiff::{SignedDuration, Timestamp};
use matters::AgentAccount;
use rusqlite::{Connection, OptionalExtension};

use crate::{
    Cabinet, CabinetError,
    rows::{Col, time_or_none},
    settings,
};

/// The fifth failure in a row locks the account.
pub const FAILURES_MAX: u32 = 5;

/// The first lock. Every further failure doubles it, up to [`LOCK_LONGEST`].
const LOCK_FIRST: SignedDuration = SignedDuration::from_mins(5);

/// No lock is longer than this, whatever the clock did.
pub const LOCK_LONGEST: SignedDuration = SignedDuration::from_hours(1);

/// Names that nobody has are counted too, but not without end.
const ACCOUNTS_MAX: u32 = 200;

impl Cabinet {
    /// Accounts that may sign in here, as the hall last sent them.
    ///
    /// # Errors
    /// When the cabinet cannot be read.
    pub fn agents(&self) -> Result<Vec<AgentAccount>, CabinetError> {
        agents(&self.conn)
    }

    /// Failures since the last success, and until when the account is locked. A time in the
    /// past no longer locks.
    ///
    /// # Errors
    /// When the cabinet cannot be read.
    pub fn failures(&self, account: &str) -> Result<(u32, Option<Timestamp>), CabinetError> {
        failures(&self.conn, account)
    }

    /// Counts a failed sign-in, durably, and returns what [`Cabinet::failures`] now says.
    ///
    /// # Errors
    /// When the cabinet cannot be written: the caller must then refuse the sign-in.
    pub fn record_failure(&mut self, account: &str, now: Timestamp) -> Result<(u32, Option<Timestamp>), CabinetError> {
        self.write(|tx| {
            let count = failures(tx, account)?.0.saturating_add(1);
            let until = lock_after(count).map(|lock| now.checked_add(lock).unwrap_or(Timestamp::MAX));
            tx.prepare_cached(
                "INSERT INTO failure (account, count, last_at, locked_until) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (account) DO UPDATE SET count = ?2, last_at = ?3, locked_until = ?4",
            )?
            .execute((account, count, Col(now), until.map(Col)))?;
            tx.prepare_cached(
                "DELETE FROM failure WHERE account IN (SELECT account FROM failure ORDER BY id DESC LIMIT -1 OFFSET ?1)
                     AND account <> ?2 AND account NOT IN (SELECT json_extract(value, '$.account')
                         FROM json_each(coalesce((SELECT CAST(value AS TEXT) FROM setting WHERE name = 'agents'), '[]')))",
            )?
            .execute((ACCOUNTS_MAX, account))?;
            failures(tx, account)
        })
    }

    /// After a success: the count starts anew.
    ///
    /// # Errors
    /// When the cabinet cannot be written.
    pub fn clear_failures(&mut self, account: &str) -> Result<(), CabinetError> {
        self.write(|tx| {
            tx.prepare_cached("DELETE FROM failure WHERE account = ?1")?.execute([account])?;
            Ok(())
        })
    }
}

/// How long the account is locked after this many failures in a row.
fn lock_after(count: u32) -> Option<SignedDuration> {
    let further = count.checked_sub(FAILURES_MAX)?;
    let factor = 1i32.checked_shl(further.min(30)).unwrap_or(i32::MAX);
    Some(LOCK_FIRST.saturating_mul(factor).min(LOCK_LONGEST))
}

pub(crate) fn agents(conn: &Connection) -> Result<Vec<AgentAccount>, CabinetError> {
    Ok(settings::get(conn, settings::AGENTS)?.unwrap_or_default())
}

fn failures(conn: &Connection, account: &str) -> Result<(u32, Option<Timestamp>), CabinetError> {
    Ok(conn
        .prepare_cached("SELECT count, locked_until FROM failure WHERE account = ?1")?
        .query_row([account], |row| Ok((row.get(0)?, time_or_none(row, "locked_until")?)))
        .optional()?
        .unwrap_or((0, None)))
}

/// At opening: a lock that a wrong clock set years ahead shrinks to the longest there is.
pub(crate) fn settle_clock(conn: &Connection, now: Timestamp) -> Result<(), CabinetError> {
    let longest = now.checked_add(LOCK_LONGEST).unwrap_or(Timestamp::MAX);
    conn.execute("UPDATE failure SET locked_until = ?1 WHERE locked_until > ?1", [Col(longest)])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fifth_failure_locks_and_every_further_one_for_longer() {
        let minutes: Vec<Option<i64>> = (0..12).map(|count| lock_after(count).map(|lock| lock.as_mins())).collect();
        let none = [None; 5];
        let some = [5, 10, 20, 40, 60, 60, 60].map(Some);
        assert_eq!(minutes, [&none[..], &some[..]].concat());
        assert_eq!(lock_after(u32::MAX), Some(LOCK_LONGEST));
    }
}
