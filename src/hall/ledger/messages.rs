//! Messages of the town (通知) to its service points.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::json;
use uuid::Uuid;
use wire::Message;

use super::{
    Ledger, LedgerError, audit, events,
    rows::{micros, timestamp, truncate},
    terminals,
};

/// Characters of one message.
pub const MESSAGE_CHARS_MAX: usize = 500;

/// Why a message is not sent.
#[derive(Debug, thiserror::Error)]
pub enum MessageRefuse {
    #[error("a message has 1 to {MESSAGE_CHARS_MAX} characters")]
    Text,
    #[error("no point of this code")]
    Point,
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl From<rusqlite::Error> for MessageRefuse {
    fn from(error: rusqlite::Error) -> Self {
        Self::Ledger(error.into())
    }
}

/// A message as the hall keeps it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Sent {
    #[serde(flatten)]
    pub message: Message,
    /// `None`: to all points that there were.
    pub point: Option<String>,
    pub by: String,
}

impl Ledger {
    /// Sends a message to one point, or to all.
    ///
    /// # Errors
    /// See [`MessageRefuse`].
    pub fn send_message(&self, point: Option<&str>, text: &str, by: &str, now: Timestamp) -> Result<Uuid, MessageRefuse> {
        let (now, text) = (truncate(now), text.trim());
        if text.is_empty() || text.chars().count() > MESSAGE_CHARS_MAX {
            return Err(MessageRefuse::Text);
        }
        let id = self.ids.uuid(now)?;
        self.write(|tx| {
            let to = match point {
                Some(point) if terminals::point(tx, point)?.is_none() => return Err(MessageRefuse::Point),
                Some(point) => vec![point.to_owned()],
                None => terminals::point_ids(tx)?,
            };
            tx.prepare_cached("INSERT INTO messages (id, point, at, by, body) VALUES (?1, ?2, ?3, ?4, ?5)")?.execute(params![
                id.to_string(),
                point,
                micros(now),
                by,
                text
            ])?;
            let detail = json!({ "message": id });
            let entry = audit::Entry { who: by, verb: "message.sent", subject: point.unwrap_or("hall"), detail };
            audit::append(tx, now, &entry)?;
            for point in to {
                events::touch(tx, &point, &events::message_subject(id))?;
            }
            Ok(id)
        })
    }

    /// Everything that was sent, the newest first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn messages(&self) -> Result<Vec<Sent>, LedgerError> {
        self.read(|db| {
            let mut query = db.prepare_cached("SELECT id, at, body, point, by FROM messages ORDER BY at DESC, id DESC")?;
            let mut rows = query.query([])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(Sent { message: message(row)?, point: row.get(3)?, by: row.get(4)? });
            }
            Ok(found)
        })
    }
}

/// The message of a feed's event.
pub(super) fn drawn(db: &Connection, id: Uuid) -> Result<Message, LedgerError> {
    let found = db
        .prepare_cached("SELECT id, at, body FROM messages WHERE id = ?1")?
        .query_row([id.to_string()], |row| Ok(message(row)))
        .optional()?;
    found.ok_or(LedgerError::Damaged("message of an event"))?
}

fn message(row: &rusqlite::Row<'_>) -> Result<Message, LedgerError> {
    let id: String = row.get(0)?;
    Ok(Message { id: id.parse().map_err(|_| LedgerError::Damaged("message"))?, at: timestamp(row, 1)?, text: row.get(2)? })
}
