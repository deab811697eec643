//! Messages of the town (通知) to whoever serves here: each kept once, until long after it was read.

use jiff::Timestamp;
use rusqlite::Connection;
use uuid::Uuid;

use crate::{
    Cabinet, CabinetError, Reading,
    rows::{Col, time, time_or_none},
};

/// Messages that were read are kept up to this many.
pub const MESSAGES_KEPT: usize = 200;

/// A message of the town.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub id: Uuid,
    /// When the town told it, by its clock.
    pub at: Timestamp,
    pub text: String,
    /// When somebody here said that it was read.
    pub read_at: Option<Timestamp>,
}

impl Cabinet {
    /// Somebody has read it. Nothing happens to one that is not here or was read before.
    ///
    /// # Errors
    /// When the cabinet cannot be written.
    pub fn read_message(&mut self, id: Uuid, now: Timestamp) -> Result<(), CabinetError> {
        self.write(|tx| {
            tx.prepare_cached("UPDATE message SET read_at = ?2 WHERE uuid = ?1 AND read_at IS NULL")?
                .execute((Col(id), Col(now)))?;
            Ok(())
        })
    }
}

impl Reading {
    /// The newest messages, those that nobody has read before the others.
    ///
    /// # Errors
    /// When the cabinet cannot be read.
    pub fn messages(&self, limit: usize) -> Result<Vec<Message>, CabinetError> {
        let mut statement =
            self.conn.prepare_cached("SELECT * FROM message ORDER BY read_at IS NOT NULL, told_at DESC, id DESC LIMIT ?1")?;
        let mut rows = statement.query([limit])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(Message {
                id: row.get::<_, Col<Uuid>>("uuid")?.0,
                at: time(row, "told_at")?,
                text: row.get("content")?,
                read_at: time_or_none(row, "read_at")?,
            });
        }
        Ok(found)
    }
}

/// Keeps what came. A message that comes again is the one that is here, read or not.
pub(crate) fn keep(conn: &Connection, messages: &[Message]) -> Result<(), CabinetError> {
    for message in messages {
        conn.prepare_cached("INSERT INTO message (uuid, told_at, content) VALUES (?1, ?2, ?3) ON CONFLICT (uuid) DO NOTHING")?
            .execute((Col(message.id), Col(message.at), &message.text))?;
    }
    if !messages.is_empty() {
        conn.execute(
            "DELETE FROM message WHERE read_at IS NOT NULL AND id NOT IN (
                 SELECT id FROM message WHERE read_at IS NOT NULL ORDER BY told_at DESC, id DESC LIMIT ?1)",
            [MESSAGES_KEPT],
        )?;
    }
    Ok(())
}
