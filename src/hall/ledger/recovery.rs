//! The town's recovery key: cabinets' keys are deposited under it, and given out on an administrator's word.
//!
//! The ledger holds the public part only. Who has the ledger, its key and every backup still opens no
//! cabinet; who has the recovery key opens one only with what was deposited here, and leaves a row in the trail.

use std::path::Path;

use jiff::Timestamp;
use matters::Digest;
use rusqlite::params;
use seal::bundle::{BundleError, BundleKey, Opener};
use serde_json::json;
use wire::{DepositHeader, problem::Kind};
use zeroize::Zeroizing;

use super::{
    Caller, Ledger, LedgerError, LedgerKey, Refuse, audit, events, meta_opt,
    rows::{micros, truncate},
    set_meta,
};
use crate::clock::Ids;

/// A deposit is a sealed key and its header.
pub const DEPOSIT_BYTES_MAX: usize = 4096;
const PUBLIC: &str = "recovery_public";

/// Why a key was not given out.
#[derive(Debug, thiserror::Error)]
pub enum RecoverRefuse {
    #[error("no terminal of this id has deposited its key")]
    Nothing,
    #[error("the deposits of this terminal were sealed to another recovery key")]
    OtherKey,
    #[error("a deposit is damaged")]
    Damaged,
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// The pair of which the hall keeps the public part.
pub struct RecoveryKey(BundleKey);

impl RecoveryKey {
    /// Draws a pair and writes its private part into a new file, mode 0600, durable before it returns.
    ///
    /// # Errors
    /// When the file exists already or cannot be written.
    pub fn create(path: &Path, ids: &Ids) -> Result<Self, LedgerError> {
        LedgerKey::create(path, ids).map(|key| Self::of(&key))
    }

    /// # Errors
    /// See [`LedgerKey::load`].
    pub fn load(path: &Path) -> Result<Self, LedgerError> {
        LedgerKey::load(path).map(|key| Self::of(&key))
    }

    fn of(key: &LedgerKey) -> Self {
        Self(BundleKey::from_seed(&key.derive("recovery")))
    }

    pub fn public(&self) -> [u8; 32] {
        self.0.address().to_bytes()
    }
}

impl Ledger {
    /// Puts a recovery key in force. Terminals hear of it with the feed and deposit their keys under it.
    pub fn set_recovery(&self, public: [u8; 32], by: &str, now: Timestamp) -> Result<(), LedgerError> {
        let now = truncate(now);
        self.write(|tx| {
            set_meta(tx, PUBLIC, &public)?;
            let points: Vec<String> =
                tx.prepare("SELECT id FROM points")?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
            for point in points {
                events::touch(tx, &point, events::PARTICULARS)?;
            }
            let detail = json!({ "public": hex::encode(public) });
            audit::append(tx, now, &audit::Entry { who: by, verb: "recovery.key", subject: "hall", detail }).map(drop)
        })
    }

    /// Keeps a terminal's cabinet key, sealed to the recovery key in force. Again is the same.
    ///
    /// # Errors
    /// [`Kind::BadRequest`] for another recovery key than the one in force, and for what is no deposit.
    pub fn deposit(&self, caller: &Caller, recovery: [u8; 32], sealed: &[u8], now: Timestamp) -> Result<(), Refuse> {
        let now = truncate(now);
        if sealed.len() > DEPOSIT_BYTES_MAX {
            return Err(Refuse::because(Kind::BodyTooLarge, "deposit"));
        }
        self.write(|tx| {
            if meta_opt(tx, PUBLIC)?.as_deref() != Some(&recovery[..]) {
                return Err(Refuse::because(Kind::BadRequest, "recovery key"));
            }
            tx.prepare_cached(
                "INSERT INTO deposits (terminal, recovery, sealed, at) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (terminal, recovery) DO UPDATE SET sealed = ?3, at = ?4",
            )?
            .execute(params![caller.terminal, recovery, sealed, micros(now)])?;
            let detail = json!({ "sealed": Digest::of(sealed) });
            let entry = audit::Entry { who: &caller.terminal, verb: "key.deposited", subject: &caller.terminal, detail };
            Ok(audit::append(tx, now, &entry).map(drop)?)
        })
    }

    /// The key of a terminal's cabinet, for whoever holds the recovery key.
    ///
    /// # Errors
    /// See [`RecoverRefuse`].
    pub fn recover(
        &self,
        terminal: &str,
        key: &RecoveryKey,
        by: &str,
        now: Timestamp,
    ) -> Result<Zeroizing<[u8; 32]>, RecoverRefuse> {
        let now = truncate(now);
        let deposits: Vec<Vec<u8>> = self.read(|db| {
            let mut query = db.prepare_cached("SELECT sealed FROM deposits WHERE terminal = ?1 ORDER BY at DESC")?;
            let found = query.query_map([terminal], |row| row.get(0))?;
            Ok::<_, LedgerError>(found.collect::<Result<_, _>>()?)
        })?;
        if deposits.is_empty() {
            return Err(RecoverRefuse::Nothing);
        }
        let mut found = Err(RecoverRefuse::OtherKey);
        for sealed in deposits {
            match opened(&key.0, terminal, &sealed) {
                Err(RecoverRefuse::OtherKey) => {}
                other => {
                    found = other;
                    break;
                }
            }
        }
        let found = found?;
        // On the trail before the key is out.
        self.write(|tx| {
            let entry = audit::Entry { who: by, verb: "key.recovered", subject: terminal, detail: json!({}) };
            audit::append(tx, now, &entry).map(drop)
        })?;
        Ok(found)
    }

    pub(super) fn recovery_public(db: &rusqlite::Connection) -> Result<Option<String>, LedgerError> {
        Ok(meta_opt(db, PUBLIC)?.map(hex::encode))
    }
}

fn opened(key: &BundleKey, terminal: &str, sealed: &[u8]) -> Result<Zeroizing<[u8; 32]>, RecoverRefuse> {
    let fault = |error| match error {
        BundleError::OtherHall => RecoverRefuse::OtherKey,
        _ => RecoverRefuse::Damaged,
    };
    let mut opener = Opener::new(key, sealed).map_err(fault)?;
    let header: DepositHeader = serde_json::from_slice(opener.header()).map_err(|_| RecoverRefuse::Damaged)?;
    let piece = Zeroizing::new(opener.next_piece().map_err(fault)?.ok_or(RecoverRefuse::Damaged)?);
    // The end is read too: only then it is whole.
    if opener.next_piece().map_err(fault)?.is_some() || header.terminal != terminal {
        return Err(RecoverRefuse::Damaged);
    }
    let mut bytes = Zeroizing::new([0; 32]);
    if piece.len() != bytes.len() {
        return Err(RecoverRefuse::Damaged);
    }
    bytes.copy_from_slice(&piece);
    Ok(bytes)
}

/// Writes a cabinet's key where nothing is yet, as a terminal reads it.
///
/// # Errors
/// When the file exists already or cannot be written.
pub fn write_cabinet_key(key: &[u8; 32], path: &Path) -> Result<(), LedgerError> {
    LedgerKey::from_bytes(*key).write(path)
}
