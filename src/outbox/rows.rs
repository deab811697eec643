//! Rows to domain and back, asserting both ways.

use jiff::Timestamp;
use matters::{Act, Digest, PageRef, What, canonical};
use rusqlite::{
    Connection, OptionalExtension, Row,
    types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, Value, ValueRef},
};
use uuid::Uuid;

use crate::{ActState, CabinetError};

/// A value of the domain as a column; `rusqlite` knows neither our types nor this jiff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Col<T>(pub T);

impl ToSql for Col<Uuid> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.0.as_bytes())))
    }
}

impl FromSql for Col<Uuid> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Uuid::from_slice(value.as_blob()?).map(Self).map_err(|_| FromSqlError::InvalidType)
    }
}

impl ToSql for Col<Digest> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(&self.0.0)))
    }
}

impl FromSql for Col<Digest> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_blob()?.try_into().map(|bytes| Self(Digest(bytes))).map_err(|_| FromSqlError::InvalidType)
    }
}

/// Microseconds since 1970 in UTC.
impl ToSql for Col<Timestamp> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Owned(Value::Integer(self.0.as_microsecond())))
    }
}

impl FromSql for Col<Timestamp> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Timestamp::from_microsecond(value.as_i64()?).map(Self).map_err(|_| FromSqlError::OutOfRange(0))
    }
}

pub(crate) fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<Timestamp> {
    Ok(row.get::<_, Col<Timestamp>>(column)?.0)
}

pub(crate) fn time_or_none(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<Col<Timestamp>>>(column)?.map(|time| time.0))
}

/// Columns `material, ord, sha256, bytes, width_px, height_px`.
pub(crate) fn page_ref(row: &Row<'_>) -> rusqlite::Result<PageRef> {
    Ok(PageRef {
        material: row.get("material")?,
        order: row.get("ord")?,
        sha256: row.get::<_, Col<Digest>>("sha256")?.0,
        bytes: row.get("bytes")?,
        width_px: row.get("width_px")?,
        height_px: row.get("height_px")?,
    })
}

/// Bytes whose digest stands beside them: anything else is damage.
pub(crate) fn checked(content: Vec<u8>, digest: Digest) -> Result<Vec<u8>, CabinetError> {
    if Digest::of(&content) == digest { Ok(content) } else { Err(CabinetError::Damaged) }
}

/// Where an act stands, as the columns have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Waiting,
    Acknowledged,
    Refused,
    Quarantined,
}

impl Step {
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Acknowledged, Self::Refused, Self::Quarantined];

    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Acknowledged => "acknowledged",
            Self::Refused => "refused",
            Self::Quarantined => "quarantined",
        }
    }

    pub fn from_name(name: &str) -> Result<Self, CabinetError> {
        Self::ALL.into_iter().find(|step| step.name() == name).ok_or(CabinetError::Contradiction("state of an act"))
    }

    /// The state machine. A receipt is the hall's signed word: it ends every waiting and is
    /// never taken back; the same act may be receipted again by a hall that was restored.
    pub fn may_become(self, next: Self) -> bool {
        match (self, next) {
            (Self::Waiting, _) => true,
            (Self::Quarantined, _) => true,
            (Self::Acknowledged | Self::Refused, Self::Acknowledged | Self::Refused) => true,
            (Self::Acknowledged | Self::Refused, Self::Waiting | Self::Quarantined) => false,
        }
    }

    pub fn demand(self, next: Self) -> Result<(), CabinetError> {
        if self.may_become(next) { Ok(()) } else { Err(CabinetError::IllegalStep { from: self.name(), to: next.name() }) }
    }
}

/// The act of a row together with its state. Columns `content, digest, state, code, by,
/// settled_at, refused_at`.
pub(crate) fn act_and_state(row: &Row<'_>) -> Result<(Act, Vec<u8>, ActState), CabinetError> {
    let bytes = checked(row.get("content")?, row.get::<_, Col<Digest>>("digest")?.0)?;
    let act: Act = serde_json::from_slice(&bytes).map_err(|_| CabinetError::Contradiction("act"))?;
    let code: Option<String> = row.get("code")?;
    let state = match Step::from_name(&row.get::<_, String>("state")?)? {
        Step::Waiting => ActState::Waiting,
        Step::Acknowledged => ActState::Acknowledged {
            at: time_or_none(row, "settled_at")?.ok_or(CabinetError::Contradiction("time of a receipt"))?,
        },
        Step::Refused => ActState::Refused {
            code: code.ok_or(CabinetError::Contradiction("code of a refusal"))?,
            by: row.get::<_, Option<String>>("by")?.unwrap_or_default(),
            at: time_or_none(row, "refused_at")?.ok_or(CabinetError::Contradiction("time of a refusal"))?,
        },
        Step::Quarantined => ActState::Quarantined { code: code.ok_or(CabinetError::Contradiction("code of a quarantine"))? },
    };
    Ok((act, bytes, state))
}

/// The act as it is kept and sent: rendered once.
pub(crate) fn act_bytes(act: &Act) -> Vec<u8> {
    canonical::to_bytes(act)
}

pub(crate) fn kind_of(act: &Act) -> &'static str {
    match act.what {
        What::File { .. } => "file",
        What::Supplement { .. } => "supplement",
        What::Withdraw { .. } => "withdraw",
        What::Deliver { .. } => "deliver",
        What::Evaluate { .. } => "evaluate",
        What::Complain { .. } => "complain",
    }
}

/// State of one act.
pub(crate) fn step_of(conn: &Connection, act: Uuid) -> Result<Step, CabinetError> {
    let name: Option<String> =
        conn.prepare_cached("SELECT state FROM act WHERE uuid = ?1")?.query_row([Col(act)], |row| row.get(0)).optional()?;
    Step::from_name(&name.ok_or(CabinetError::NoAct)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_step_leads_away_from_a_receipt() {
        for from in Step::ALL {
            assert_eq!(Step::from_name(from.name()).unwrap(), from);
            for to in Step::ALL {
                let settled = |step| matches!(step, Step::Acknowledged | Step::Refused);
                assert_eq!(from.may_become(to), settled(to) || !settled(from), "{from:?} → {to:?}");
            }
        }
        assert!(matches!(Step::from_name("lost"), Err(CabinetError::Contradiction(_))));
    }

    #[test]
    fn times_outside_the_calendar_are_refused_when_read() {
        let conn = Connection::open_in_memory().unwrap();
        let read = |value: i64| conn.query_row("SELECT ?1", [value], |row| row.get::<_, Col<Timestamp>>(0));
        assert_eq!(read(1_700_000_000_000_001).unwrap().0.as_microsecond(), 1_700_000_000_000_001);
        assert!(read(i64::MAX).is_err());
    }
}
