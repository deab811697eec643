//! Named values of the cabinet: one JSON value a row of `setting`.

use rusqlite::{Connection, OptionalExtension};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Admission, Cabinet, CabinetError, Deposit, Reading};

pub(crate) const CREATED_AT: &str = "created_at";
pub(crate) const ADMISSION: &str = "admission";
pub(crate) const AGENTS: &str = "agents";
pub(crate) const CURSOR: &str = "cursor";
/// Era in which the cursor was given: a restored hall counts its feed anew.
pub(crate) const CURSOR_ERA: &str = "cursor_era";
/// The program that heard the feed last.
pub(crate) const HEARD_BY: &str = "heard_by";
/// Recovery key under which the hall has confirmed that it keeps this cabinet's key.
pub(crate) const DEPOSITED: &str = "deposited";
pub(crate) const ERA: &str = "era";
pub(crate) const LEDGER: &str = "ledger";
/// Sequence up to which a backup of the hall holds everything, in the incarnation of [`LEDGER`].
pub(crate) const BACKED_UP: &str = "backed_up";
pub(crate) const HALL_TIME: &str = "hall_time";
pub(crate) const PAUSED: &str = "paused";
pub(crate) const METERED: &str = "metered";
/// Acts up to this one were sent by hand: they go over a metered network too.
pub(crate) const URGED: &str = "urged";
pub(crate) const LAST_RECEIPT_AT: &str = "last_receipt_at";
pub(crate) const EPOCH: &str = "epoch";
pub(crate) const EPOCHS_PAST: &str = "epochs_past";
pub(crate) const SEQUENCE: &str = "sequence";
pub(crate) const OPENINGS: &str = "openings";
/// What the last mending saved and lost.
pub(crate) const SALVAGE: &str = "salvage";
/// Present in a backup: who opens it opens a copy.
pub(crate) const COPY: &str = "copy";

pub(crate) fn get<T: DeserializeOwned>(conn: &Connection, name: &str) -> Result<Option<T>, CabinetError> {
    let value: Option<Vec<u8>> =
        conn.prepare_cached("SELECT value FROM setting WHERE name = ?1")?.query_row([name], |row| row.get(0)).optional()?;
    // The source is dropped on purpose: an error of serde may quote the value.
    value.map(|value| serde_json::from_slice(&value).map_err(|_| CabinetError::Contradiction("setting"))).transpose()
}

pub(crate) fn put<T: Serialize>(conn: &Connection, name: &str, value: &T) -> Result<(), CabinetError> {
    let value = serde_json::to_vec(value).map_err(|_| CabinetError::Contradiction("setting"))?;
    conn.prepare_cached("INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2")?
        .execute((name, value))?;
    Ok(())
}

pub(crate) fn remove(conn: &Connection, name: &str) -> Result<(), CabinetError> {
    conn.prepare_cached("DELETE FROM setting WHERE name = ?1")?.execute([name])?;
    Ok(())
}

impl Reading {
    /// Who this machine is, once it was admitted.
    ///
    /// # Errors
    /// When the cabinet cannot be read.
    pub fn admission(&self) -> Result<Option<Admission>, CabinetError> {
        get(&self.conn, ADMISSION)
    }
}

impl Cabinet {
    /// Who this machine is, once it was admitted.
    ///
    /// # Errors
    /// When the cabinet cannot be read.
    pub fn admission(&self) -> Result<Option<Admission>, CabinetError> {
        get(&self.conn, ADMISSION)
    }

    /// This cabinet's key for the hall to keep, when the town has a recovery key under which it was not
    /// deposited yet. The key leaves this machine only sealed to that.
    ///
    /// # Errors
    /// When the cabinet cannot be read. A recovery key that is none is passed over.
    pub fn deposit_due(&self) -> Result<Option<Deposit>, CabinetError> {
        let Some(admission) = self.admission()? else { return Ok(None) };
        let Some(recovery) = admission.particulars.recovery else { return Ok(None) };
        if get::<String>(&self.conn, DEPOSITED)?.as_deref() == Some(&recovery) {
            return Ok(None);
        }
        let Some(sealed) = self.key.sealed_to(&recovery, &admission.terminal) else {
            tracing::error!("the town's recovery key is no key");
            return Ok(None);
        };
        Ok(Some(Deposit { recovery, sealed }))
    }

    /// The hall has confirmed that it keeps the key under this recovery key.
    ///
    /// # Errors
    /// When the cabinet cannot be written.
    pub fn record_deposit(&mut self, recovery: &str) -> Result<(), CabinetError> {
        self.write(|tx| put(tx, DEPOSITED, &recovery))
    }

    /// Keeps the admission, replacing an earlier one.
    ///
    /// # Errors
    /// When the cabinet cannot be written.
    pub fn set_admission(&mut self, admission: &Admission) -> Result<(), CabinetError> {
        self.write(|tx| {
            // Another hall, or the same one founded anew, has no deposit of this key yet.
            remove(tx, DEPOSITED)?;
            put(tx, ADMISSION, admission)
        })
    }
}
