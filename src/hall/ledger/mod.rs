//! The ledger (台账): everything the hall knows, on one disk, durable before it is acknowledged.
//!
//! Doors: [`Ledger`] and the plain data of [`kinds`]. Verbs for terminals take a [`Caller`], verbs
//! for the desk a [`Clerk`]; each is one transaction and takes `now` as an argument.
//!
//! Never: knows HTTP, async or a sentence for people; deletes an act; changes an audit row.
//!
//! ```text
//! // terminals
//! receive_act(&Caller, act: &[u8], filing: Option<&[u8]>, now)  -> Result<StoredAnswer, Refuse>
//! held_pages(&Caller, &[Digest])                                -> Result<Vec<Digest>, Refuse>
//! feed(point: &str, cursor: u64, max: usize)                    -> Result<FeedSlice, Refuse>
//! result_file(point: &str, Digest)                              -> Result<(ResultFile, Vec<u8>), Refuse>
//! // desk
//! verify_login(account, password, now)                          -> Result<Session, LoginRefuse>
//! session(token, now)                                           -> Result<Option<Session>, LedgerError>
//! sign_out(token, now)                                          -> Result<(), LedgerError>
//! inbox(&InboxFilter)                                           -> Result<Vec<InboxRow>, LedgerError>
//! tray_counts()                                                 -> Result<TrayCounts, LedgerError>
//! case(filing: Uuid)                                            -> Result<Option<CaseFile>, LedgerError>
//! page_bytes(filing: Uuid, Digest)                              -> Result<Option<Vec<u8>>, LedgerError>
//! result_bytes(filing: Uuid, Digest)                            -> Result<Option<(ResultFile, Vec<u8>)>, LedgerError>
//! decide(filing: Uuid, &Decision, &Clerk, revision: u64, now)   -> Result<CaseView, DecideRefuse>
//! // administrator
//! points() users() terminals() hall_info() audit(&AuditFilter) audit_verify()
//! ```

mod acts;
mod audit;
mod backup;
mod bundles;
mod cases;
mod course;
mod decide;
mod deem;
pub mod error;
mod events;
mod held;
mod judge;
mod key;
pub mod kinds;
mod marks;
mod messages;
mod packages;
mod people;
mod recovery;
mod rows;
mod schema;
mod terminals;
mod uploads;
mod vault;
mod voices;

use std::{
    fs,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock},
};

use jiff::Timestamp;
use matters::Digest;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use wire::{HallInfo, HallKey, LedgerMark};
use zeroize::{Zeroize as _, Zeroizing};

pub use acts::{ACT_BYTES_MAX, FILING_BYTES_MAX};
pub use audit::verify as verify_audit;
pub use backup::Manifest;
pub use bundles::{BundleRefuse, Taken};
pub use error::{DecideRefuse, LedgerError, LoginRefuse, Refuse};
pub use held::{HeldAct, HeldFiling};
pub use judge::Rules;
pub use key::LedgerKey;
pub use kinds::*;
pub use messages::{MESSAGE_CHARS_MAX, MessageRefuse, Sent};
pub use packages::NewPackage;
pub use people::UserRefuse;
pub use recovery::{DEPOSIT_BYTES_MAX, RecoverRefuse, RecoveryKey, write_cabinet_key};
pub use terminals::{Admitted, Admitting, NewCertificate, PointRefuse, SECRET_BYTES};
pub use uploads::{Checksum, Chunk};
pub use voices::Voice;

use crate::clock::Ids;

/// A session at the desk ends after this long without a request.
pub const SESSION_IDLE_MINUTES: i64 = 30;
/// Failures in a row after which an account is locked.
pub const LOGIN_FAILURES_MAX: u32 = 5;
/// How long a locked account stays locked.
pub const LOGIN_LOCK_MINUTES: i64 = 15;
/// Working days that the village has to answer a correction when neither clerk nor catalogue says otherwise.
pub const CORRECTION_DAYS: u16 = 10;
/// Working days in which the hall must answer a filing (行政许可法 32(4)).
pub const ANSWER_DAYS: u16 = 5;
/// Rows of one inbox answer.
pub const INBOX_MAX: usize = 200;
/// Rows of one audit answer.
pub const AUDIT_MAX: usize = 1000;
/// Bytes of one page.
pub const PAGE_BYTES_MAX: u64 = 20 * 1024 * 1024;
/// Bytes of one result file.
pub const RESULT_BYTES_MAX: usize = 20 * 1024 * 1024;
/// Pages of one filing, or of one supplement.
pub const PAGES_MAX: usize = 100;
/// Hours for which an unfinished upload, or a page that no act names, is kept.
pub const UPLOAD_KEPT_HOURS: i64 = 7 * 24;
/// Unfinished uploads of one service point.
pub const UPLOADS_MAX: u64 = 1000;
/// Hours for which an admission code is good.
pub const CODE_HOURS: i64 = 24;

/// Files of a hall's directory.
const DATABASE: &str = "ledger.db";
const KEY_FILE: &str = "ledger.key";
const PAGES: &str = "pages";

/// Sequence up to which a finished backup holds everything, 8 bytes little-endian.
const BACKED_UP: &str = "backed_up";

/// The open ledger. All its verbs take `&self`: one writing connection behind a lock, readers beside it.
pub struct Ledger {
    dir: PathBuf,
    database_key: Zeroizing<[u8; 32]>,
    mark_key: Zeroizing<[u8; 32]>,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    vault: vault::Vault,
    /// Held by who makes a sealed file until its row is written; see [`Ledger::sweep`].
    making: RwLock<()>,
    signing: seal::SigningKey,
    /// Opens what terminals seal to the hall for the way on a stick.
    bundle: seal::bundle::BundleKey,
    ids: Ids,
    rules: RwLock<Arc<Rules>>,
    changed: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

/// Who the hall is, as given at `init`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Founding {
    pub name: String,
    pub phone: String,
    pub supervision_phone: String,
}

/// The authority that signs certificates: made by `door`, kept here.
#[derive(Clone)]
pub struct AuthorityKeys {
    pub certificate_der: Vec<u8>,
    /// PKCS#8.
    pub key_der: Zeroizing<Vec<u8>>,
}

impl Ledger {
    /// Makes a new, empty ledger in `dir`: key file, database, folder for pages, signing key.
    /// Everything is durable when it returns; a half-made hall is finished by calling it again
    /// only after the directory was emptied by hand.
    ///
    /// # Errors
    /// [`LedgerError::HallExists`] when there is one already.
    pub fn create(
        dir: &Path,
        founding: &Founding,
        authority: &AuthorityKeys,
        rules: Arc<Rules>,
        ids: Ids,
        now: Timestamp,
    ) -> Result<Self, LedgerError> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        if dir.join(DATABASE).exists() || dir.join(KEY_FILE).exists() {
            return Err(LedgerError::HallExists(dir.to_owned()));
        }
        let key = LedgerKey::create(&dir.join(KEY_FILE), &ids)?;
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir.join(PAGES))?;
        let mut db = schema::open(&dir.join(DATABASE), &key.derive("database"), schema::Access::Create)?;
        key::sync_parent(&dir.join(DATABASE))?;
        let mut seed: [u8; 32] = ids.bytes()?;
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        set_meta(&tx, "incarnation", ids.uuid(now)?.to_string().as_bytes())?;
        set_meta(&tx, "signing_seed", &seed)?;
        set_meta(&tx, "authority_certificate", &authority.certificate_der)?;
        set_meta(&tx, "authority_key", &authority.key_der)?;
        set_meta(&tx, "hall_name", founding.name.as_bytes())?;
        set_meta(&tx, "hall_phone", founding.phone.as_bytes())?;
        set_meta(&tx, "supervision_phone", founding.supervision_phone.as_bytes())?;
        let entry = audit::Entry { who: "hall", verb: "hall.founded", subject: "hall", detail: serde_json::json!({}) };
        audit::append(&tx, now, &entry)?;
        tx.commit()?;
        seed.zeroize();
        drop(db);
        Self::open(dir, &key, rules, ids)
    }

    /// Opens the ledger of `dir`. Any number of programs may have it open at a time; only one of
    /// them may serve (see [`crate::serve`]).
    ///
    /// # Errors
    /// [`LedgerError::NoHall`], [`LedgerError::WrongKey`], [`LedgerError::NewerSchema`] …
    pub fn open(dir: &Path, key: &LedgerKey, rules: Arc<Rules>, ids: Ids) -> Result<Self, LedgerError> {
        let path = dir.join(DATABASE);
        if !path.exists() {
            return Err(LedgerError::NoHall(dir.to_owned()));
        }
        let database_key = key.derive("database");
        let db = schema::open(&path, &database_key, schema::Access::Write)?;
        let mut seed = Zeroizing::new([0u8; 32]);
        let stored = Zeroizing::new(meta(&db, "signing_seed")?);
        if stored.len() != seed.len() {
            return Err(LedgerError::Damaged("signing key"));
        }
        seed.copy_from_slice(&stored);
        Ok(Self {
            dir: dir.to_owned(),
            mark_key: key.derive("mark"),
            writer: Mutex::new(db),
            readers: Mutex::new(Vec::new()),
            vault: vault::Vault::new(dir.join(PAGES), key, ids.clone()),
            making: RwLock::new(()),
            signing: seal::SigningKey::from_seed(&seed),
            bundle: seal::bundle::BundleKey::from_seed(&key.derive("bundle")),
            database_key,
            ids,
            rules: RwLock::new(rules),
            changed: OnceLock::new(),
        })
    }

    /// Reads the key of `dir`: from `credential` when the service manager gave one, else from the
    /// directory's own key file.
    ///
    /// # Errors
    /// See [`LedgerKey::load`].
    pub fn key_of(dir: &Path, credentials: Option<&Path>) -> Result<LedgerKey, LedgerError> {
        let given = credentials.map(|credentials| credentials.join(KEY_FILE)).filter(|path| path.exists());
        let path = given.unwrap_or_else(|| dir.join(KEY_FILE));
        if !path.exists() {
            return Err(LedgerError::NoHall(dir.to_owned()));
        }
        LedgerKey::load(&path)
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The catalogue and calendar in force.
    pub fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.rules.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another catalogue or calendar in force, from the next act on.
    pub fn set_rules(&self, rules: Arc<Rules>) {
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = rules;
    }

    /// Finds the same person without telling who it is: a digest that only this ledger can make.
    fn person_mark(&self, number: &str) -> Digest {
        let mut hash = Sha256::new();
        hash.update(*self.mark_key);
        hash.update(b"person");
        hash.update(number.as_bytes());
        Digest(hash.finalize().into())
    }

    /// Called after every change, from the thread that made it; must not block. Set once.
    pub fn on_change(&self, hook: impl Fn() + Send + Sync + 'static) {
        // A second hook would silently replace the first; the first one stays.
        let _ = self.changed.set(Box::new(hook));
    }

    /// A number that moves whenever any program changed the ledger: for those who wait.
    pub fn version(&self) -> Result<u64, LedgerError> {
        self.read(|db| Ok(audit::head(db)?.rows))
    }

    /// Name, phones and public keys of the hall.
    pub fn hall_info(&self) -> Result<HallInfo, LedgerError> {
        self.read(|db| self.hall_info_in(db))
    }

    fn hall_info_in(&self, db: &Connection) -> Result<HallInfo, LedgerError> {
        let public = self.signing.public();
        Ok(HallInfo {
            name: meta_text(db, "hall_name")?,
            phone: meta_text(db, "hall_phone")?,
            supervision_phone: meta_text(db, "supervision_phone")?,
            keys: vec![HallKey { public: hex::encode(public.to_bytes()), kid: public.kid }],
            bundle: Some(hex::encode(self.bundle.address().to_bytes())),
            recovery: Self::recovery_public(db)?,
        })
    }

    /// The authority of this hall.
    pub fn authority(&self) -> Result<AuthorityKeys, LedgerError> {
        self.read(|db| {
            Ok(AuthorityKeys {
                certificate_der: meta(db, "authority_certificate")?,
                key_der: Zeroizing::new(meta(db, "authority_key")?),
            })
        })
    }

    /// Where the ledger stands.
    pub fn mark(&self) -> Result<LedgerMark, LedgerError> {
        self.read(mark)
    }

    /// Signs with the hall's key; `typ` is `receipt`, `feed` or `package`.
    pub fn sign(&self, typ: &str, payload: &[u8]) -> String {
        seal::sign(&self.signing, typ, payload)
    }

    /// One writing transaction: all of it or nothing. The lock is held for its length only.
    fn write<T, E: From<rusqlite::Error>>(&self, verb: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        let done = {
            let mut db = lock(&self.writer);
            let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = verb(&tx)?;
            tx.commit()?;
            done
        };
        if let Some(changed) = self.changed.get() {
            changed();
        }
        Ok(done)
    }

    /// One reading transaction: everything read in it is of one moment.
    fn read<T, E: From<rusqlite::Error> + From<LedgerError>>(
        &self,
        verb: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        const KEPT: usize = 8;
        let pooled = lock(&self.readers).pop();
        let mut db = match pooled {
            Some(db) => db,
            None => schema::open(&self.dir.join(DATABASE), &self.database_key, schema::Access::Read)?,
        };
        let tx = db.transaction()?;
        let done = verb(&tx);
        // Nothing was written: ending it either way only gives back the snapshot.
        tx.finish()?;
        let mut pool = lock(&self.readers);
        if pool.len() < KEPT {
            pool.push(db);
        }
        done
    }
}

/// A panic in a verb rolled its transaction back; the connection behind the lock is sound.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn meta(db: &Connection, key: &str) -> Result<Vec<u8>, LedgerError> {
    meta_opt(db, key)?.ok_or(LedgerError::Damaged("meta"))
}

fn meta_opt(db: &Connection, key: &str) -> Result<Option<Vec<u8>>, LedgerError> {
    Ok(db.prepare_cached("SELECT value FROM meta WHERE key = ?1")?.query_row([key], |row| row.get(0)).optional()?)
}

fn meta_text(db: &Connection, key: &str) -> Result<String, LedgerError> {
    String::from_utf8(meta(db, key)?).map_err(|_| LedgerError::Damaged("meta"))
}

fn set_meta(tx: &Connection, key: &str, value: &[u8]) -> Result<(), LedgerError> {
    tx.prepare_cached("INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2")?
        .execute(params![key, value])?;
    Ok(())
}

fn mark(db: &Connection) -> Result<LedgerMark, LedgerError> {
    let incarnation: Uuid = meta_text(db, "incarnation")?.parse().map_err(|_| LedgerError::Damaged("incarnation"))?;
    let backed_up = match meta_opt(db, BACKED_UP)? {
        None => None,
        Some(bytes) => Some(u64::from_le_bytes(bytes.try_into().map_err(|_| LedgerError::Damaged("backed up"))?)),
    };
    let head = audit::head(db)?;
    Ok(LedgerMark { incarnation, sequence: head.rows, chain: Some(head.hash), backed_up })
}

#[cfg(test)]
#[path = "sample_tests.rs"]
pub(crate) mod fixtures;
#[cfg(test)]
mod kept_tests;
#[cfg(test)]
mod ledger_tests;
#[cfg(test)]
mod marks_tests;
#[cfg(test)]
mod packages_tests;
#[cfg(test)]
mod versions_tests;
