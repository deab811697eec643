//! Rows ↔ domain: every reader asserts what the writer promised.

use jiff::{Timestamp, civil::Date};
use matters::{Digest, Role, State};
use rusqlite::{Row, types::Type};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::LedgerError;

/// Microseconds since 1970: what the ledger stores of a moment.
pub(super) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// The moment as it will be read back; answers are signed over this, not over finer clocks.
pub(super) fn truncate(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

fn bad(column: usize, what: &'static str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, what.into())
}

pub(super) fn timestamp(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    Timestamp::from_microsecond(row.get(column)?).map_err(|_| bad(column, "timestamp"))
}

pub(super) fn timestamp_opt(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    row.get::<_, Option<i64>>(column)?.map(|at| Timestamp::from_microsecond(at).map_err(|_| bad(column, "timestamp"))).transpose()
}

pub(super) fn date(row: &Row<'_>, column: usize) -> rusqlite::Result<Date> {
    row.get::<_, String>(column)?.parse().map_err(|_| bad(column, "date"))
}

pub(super) fn date_opt(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Date>> {
    row.get::<_, Option<String>>(column)?.map(|text| text.parse().map_err(|_| bad(column, "date"))).transpose()
}

pub(super) fn digest(row: &Row<'_>, column: usize) -> rusqlite::Result<Digest> {
    row.get::<_, [u8; 32]>(column).map(Digest)
}

pub(super) fn uuid(row: &Row<'_>, column: usize) -> rusqlite::Result<Uuid> {
    row.get::<_, String>(column)?.parse().map_err(|_| bad(column, "uuid"))
}

/// The one word of a unit variant, as serde names it: the same word on the wire and in the row.
pub(super) fn word<T: Serialize>(value: &T) -> Result<String, LedgerError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        _ => Err(LedgerError::Damaged("word")),
    }
}

fn from_word<T: DeserializeOwned>(row: &Row<'_>, column: usize, what: &'static str) -> rusqlite::Result<T> {
    serde_json::from_value(serde_json::Value::String(row.get(column)?)).map_err(|_| bad(column, what))
}

pub(super) fn state(row: &Row<'_>, column: usize) -> rusqlite::Result<State> {
    from_word(row, column, "state")
}

pub(super) fn role(row: &Row<'_>, column: usize) -> rusqlite::Result<Role> {
    from_word(row, column, "role")
}

pub(super) fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    serde_json::from_str(&row.get::<_, String>(column)?).map_err(|_| bad(column, "json"))
}

pub(super) fn json_opt<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<T>> {
    row.get::<_, Option<String>>(column)?.map(|text| serde_json::from_str(&text).map_err(|_| bad(column, "json"))).transpose()
}

pub(super) fn to_json<T: Serialize>(value: &T) -> Result<String, LedgerError> {
    serde_json::to_string(value).map_err(|_| LedgerError::Damaged("json"))
}
