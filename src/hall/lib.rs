//! The town hall of services (镇街综合服务大厅): receives filings, lets clerks answer them, tells the village.
//!
//! Doors: [`ledger`] (storage and every rule about it), [`door`] (who may come in), [`api`] (terminals),
//! [`desk`] (clerks), [`serve`] (both listeners), [`command`] (the program `town-hall`).
//!
//! Never: acknowledges what is not on the disk; lets anything but the ledger change a case;
//! shows a terminal another point's pages; tells the outside why it failed inside.
//!
//! Start reading at [`ledger`], then `ledger/acts.rs`.

pub mod api;
pub mod asking;
pub mod clock;
pub mod clockwork;
pub mod command;
pub mod config;
pub mod desk;
pub mod door;
pub mod ledger;
pub mod published;
pub mod serve;

use std::{
    collections::VecDeque,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use wire::code::AdmissionCode;

use api::{lines::Lines, news::News};
use clock::{Clock, Ids};
use door::{Authority, AuthorityError};
use ledger::{Founding, Ledger, LedgerError, Rules};

/// The hall while it is open: one value shared by all doors.
pub struct Hall {
    pub ledger: Ledger,
    pub clock: Clock,
    pub(crate) authority: Authority,
    pub(crate) news: News,
    pub(crate) lines: Arc<Lines>,
    pub(crate) tries: Tries,
}

/// The hall does not open.
#[derive(Debug, thiserror::Error)]
pub enum HallError {
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Authority(#[from] AuthorityError),
}

impl Hall {
    /// Founds a hall in `dir`: ledger, keys and authority. Durable when it returns.
    ///
    /// # Errors
    /// [`LedgerError::HallExists`] when there is one already.
    pub fn found(dir: &Path, founding: &Founding, rules: Rules, ids: Ids, now: Timestamp) -> Result<Ledger, HallError> {
        let authority = Authority::found(&founding.name, &ids, now)?;
        Ok(Ledger::create(dir, founding, &authority, Arc::new(rules), ids, now)?)
    }

    /// Opens the hall of `dir`; the key comes from `credentials` when the service manager gave one.
    ///
    /// # Errors
    /// See [`Ledger::open`].
    pub fn open(dir: &Path, credentials: Option<&Path>, rules: Rules, clock: Clock, ids: Ids) -> Result<Arc<Self>, HallError> {
        let key = Ledger::key_of(dir, credentials)?;
        let ledger = Ledger::open(dir, &key, Arc::default(), ids.clone())?;
        Self::with(ledger, rules, clock, ids)
    }

    /// The hall over an open ledger, judging by these rules.
    ///
    /// # Errors
    /// When the authority's keys are damaged.
    pub fn with(ledger: Ledger, rules: Rules, clock: Clock, ids: Ids) -> Result<Arc<Self>, HallError> {
        let authority = Authority::open(&ledger.authority()?, ids)?;
        let news = News::new();
        ledger.on_change(news.bell());
        ledger.set_rules(Arc::new(rules));
        let (lines, tries) = Default::default();
        Ok(Arc::new(Self { ledger, clock, authority, news, lines, tries }))
    }

    /// The authority's certificate: what a terminal pins.
    pub fn authority_pem(&self) -> String {
        self.authority.pem()
    }

    /// An admission code as it is printed for a person.
    ///
    /// # Errors
    /// See [`Ledger::new_code`].
    pub fn admission_code(&self, point: &str, by: &str) -> Result<String, ledger::PointRefuse> {
        let secret = self.ledger.new_code(point, by, self.clock.now())?;
        Ok(AdmissionCode::new(secret, self.authority.der()).to_string())
    }
}

/// Wrong admission codes of the last minutes: forty bits of secret are plenty while guesses are few.
#[derive(Default)]
pub(crate) struct Tries(Mutex<VecDeque<Timestamp>>);

impl Tries {
    const MAX: usize = 20;
    const MINUTES: i64 = 10;

    pub fn allowed(&self, now: Timestamp) -> bool {
        let mut failed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = now - SignedDuration::from_mins(Self::MINUTES);
        failed.retain(|at| (oldest..=now).contains(at));
        failed.len() < Self::MAX
    }

    pub fn failed(&self, now: Timestamp) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(now);
    }
}
