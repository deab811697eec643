//! The line to the hall, as the terminal asks for it.
//!
//! From outside every call blocks. Inside, a runtime on the caller's own thread lets a call be
//! called off at any moment and gives each step its deadline. How it is said stands in `talk.rs`, what to
//! say next is decided by `delivery.rs`, what an answer is worth by `answer.rs` and `verify.rs`.

use std::{
    cell::RefCell,
    sync::{Arc, PoisonError},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::{StreamExt as _, stream::FuturesUnordered};
use jiff::Timestamp;
use matters::Digest;
#[cfg(test)]
use outbox::PageUpload;
use outbox::{Admission, Deposit, FeedNews, LedgerAt, LedgerSeen, PackageFile, PackageOffer, Parcel, Particulars, Pulse};
use reqwest::Method;
use seal::PublicKey;
use tokio::{runtime::Runtime, time::timeout};
use wire::{code::AdmissionCode, package, path, problem::Kind};

#[cfg(test)]
use crate::delivery::{Ask, Turn};
use crate::{
    Counter, Heard, Line, PageBytes, Progress, Signed, Skew, StopFlag,
    clock::TrustedClock,
    convert,
    delivery::Delivery,
    outcome::{Finding, Outcome},
    plan::Load,
    talk::{self, ANSWER_MAX, Carried, Talk},
    tls::{self, HallVerifier, KeyAndRequest},
    transport, verify,
};

/// So often it is looked for something small to carry beside what is under way.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Added to the time that the feed was asked to wait.
const FEED_SLACK: Duration = Duration::from_secs(20);
const RESULT_BYTES_MAX: usize = 64 << 20;

/// One line to the hall. Calls block; each has deadlines and can be called off by its flag.
/// Delivery and feed each take a client of their own, on a thread of their own.
pub struct Client {
    runtime: Runtime,
    line: Talk,
    clock: Arc<TrustedClock>,
    renew_from: Timestamp,
    point: String,
    keys: Vec<PublicKey>,
}

impl Client {
    /// Admits this machine with a one-time code. The code's secret is told only to a hall that
    /// the authority named in the code vouches for; the key is made here and stays here.
    ///
    /// # Errors
    /// Anything but [`Outcome::Done`].
    pub fn admit(hall_url: &str, code: &str, machine: &str, stop: &StopFlag) -> Result<Admission, Outcome> {
        let code = AdmissionCode::parse(code).map_err(|_| Outcome::from(Finding::CodeMistyped))?;
        let base = transport::address(hall_url)?;
        let verifier = HallVerifier::by_code(code.clone());
        let line = Talk::new(base.clone(), verifier.config(None)?, Box::new(|| Timestamp::UNIX_EPOCH))?;
        let request = KeyAndRequest::generate(machine)?;
        let question = wire::Admission {
            code: code.to_string(),
            csr_pem: request.csr_pem.clone(),
            machine: machine.to_owned(),
            wire: wire::VERSION,
        };
        let admitted: wire::Admitted = talk::call(&talk::runtime()?, stop, async {
            let sent = line.request(Method::POST, path::ADMISSION)?.json(&question);
            line.exchange(sent, ANSWER_MAX).await?.expect(&[200, 201])?.json()
        })?;
        // What the hall says its authority is must be what the code said.
        let authority = tls::certificate(&admitted.authority_pem).map_err(|_| Outcome::from(Finding::CertificateUnfit))?;
        if verifier.authority().as_ref() != Some(&authority) {
            return Err(Finding::CertificateUnfit.into());
        }
        request.check(&admitted.certificate_pem, &authority, &admitted.terminal)?;
        let admission = convert::admission(base.to_string(), admitted, request.key_pem);
        if convert::keys(&admission.particulars).is_empty() {
            return Err(Finding::SignerUnknown.into());
        }
        Ok(admission)
    }

    /// # Errors
    /// When the admission's key, certificate or address cannot be used.
    pub fn new(admission: &Admission, line: Line) -> Result<Self, Outcome> {
        let clock = Arc::new(TrustedClock::new(line.hall_time));
        let verifier = HallVerifier::pinned(&admission.authority_pem, Arc::clone(&clock))?;
        let config = verifier.config(Some((&admission.certificate_pem, &admission.key_pem)))?;
        Ok(Self {
            runtime: talk::runtime()?,
            line: Talk::new(transport::address(&admission.hall_url)?, config, line.wall)?,
            clock,
            renew_from: tls::renewal_from(tls::days(&admission.certificate_pem)?),
            point: admission.particulars.point.clone(),
            keys: convert::keys(&admission.particulars),
        })
    }

    /// Takes over new keys and particulars that the feed brought.
    pub fn learn(&mut self, particulars: &Particulars) {
        self.keys = convert::keys(particulars);
        self.point.clone_from(&particulars.point);
    }

    /// Tells where the hall's ledger stood when this line was opened, as the cabinet knows it.
    pub fn known(&mut self, ledger: Option<LedgerAt>) {
        self.line.seen.known(ledger);
    }

    /// Where the hall's ledger stood by the newest answer, or as the cabinet knew it: for the next client.
    pub fn knows(&self) -> Option<LedgerAt> {
        self.line.seen.last()
    }

    /// Where the hall's ledger stood by the last answer of the last call; `None` when none came that
    /// said so. To be noted in the cabinet before what came of the call.
    pub fn ledger(&self) -> Option<LedgerSeen> {
        self.line.seen.seen()
    }

    /// Clock skew as measured on the last exchange with the hall.
    pub fn skew(&self) -> Option<Skew> {
        *self.line.skew.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries parcels as long as the counter gives any, several at the same time: it is asked for the next
    /// one whenever there may be room, and now and then, for something small may come while something large
    /// is under way. False when the call was called off.
    pub fn work(&mut self, counter: &mut dyn Counter, stop: &StopFlag) -> bool {
        self.line.seen.begin();
        let counter = RefCell::new(counter);
        let working = async {
            let (mut loads, mut under_way) = (Vec::new(), FuturesUnordered::new());
            loop {
                loop {
                    let next = counter.borrow_mut().next(&loads);
                    let Some(parcel) = next else { break };
                    loads.push(Load::of(&parcel));
                    under_way.push(self.carry_for(parcel, &counter));
                }
                if under_way.is_empty() {
                    return Ok(());
                }
                let Ok(Some((parcel, outcome))) = timeout(LOOK_EVERY, under_way.next()).await else { continue };
                loads.retain(|load| load.act != parcel.act.id);
                let heard = Heard { ledger: self.line.seen.seen(), skew: self.skew() };
                counter.borrow_mut().ended(&parcel, outcome, heard);
                // What this one saw is noted: the others' answers are compared with that.
                self.line.seen.begin();
            }
        };
        talk::call(&self.runtime, stop, working).is_ok()
    }

    async fn carry_for(&self, parcel: Parcel, counter: &RefCell<&mut dyn Counter>) -> (Parcel, Outcome) {
        let act = parcel.act.id;
        let mut page_bytes = |page, from, len| counter.borrow_mut().page_bytes(page, from, len);
        let mut report = |progress| counter.borrow_mut().report(act, progress);
        let carried = Carried::new(Delivery::new(parcel.clone(), self.keys.clone()), &mut page_bytes, &mut report);
        let outcome = self.line.carry(&carried).await;
        (parcel, outcome)
    }

    /// Delivers one parcel: first the pages that the hall does not hold yet, then the commit
    /// that names them. [`Outcome::Done`] only with a verified receipt. Delivering again what
    /// was delivered brings the same receipt.
    pub fn deliver(
        &mut self,
        parcel: &Parcel,
        page_bytes: &mut PageBytes<'_>,
        report: &mut dyn FnMut(Progress),
        stop: &StopFlag,
    ) -> Outcome {
        self.line.seen.begin();
        let carried = Carried::new(Delivery::new(parcel.clone(), self.keys.clone()), page_bytes, report);
        let carrying = async { Ok(self.line.carry(&carried).await) };
        talk::call(&self.runtime, stop, carrying).unwrap_or_else(|called_off| called_off)
    }

    /// Asks for everything after `cursor`, waiting at the hall for up to `wait`.
    ///
    /// # Errors
    /// Anything but [`Outcome::Done`].
    pub fn feed(&mut self, cursor: u64, wait: Duration, stop: &StopFlag) -> Result<FeedNews, Outcome> {
        self.line.seen.begin();
        let mut news = talk::call(&self.runtime, stop, async {
            let address = format!("{}?cursor={cursor}&wait_s={}", path::FEED, wait.as_secs());
            let request = self.line.request(Method::GET, &address)?;
            let answer = self.line.exchange(request, wait + FEED_SLACK).await?.expect(&[200])?;
            verify::feed(&self.keys, &self.point, cursor, answer.jws()?)
        })
        .map_err(whole_line)?;
        if let Some(hall_time) = news.hall_time {
            self.clock.learn(hall_time);
        }
        (news.since, news.went_back) = (self.line.seen.since(), self.line.seen.went_back());
        Ok(news)
    }

    /// Fetches a result file and checks its digest.
    ///
    /// # Errors
    /// Anything but [`Outcome::Done`].
    pub fn result(&mut self, digest: Digest, stop: &StopFlag) -> Result<Vec<u8>, Outcome> {
        let bytes = talk::call(&self.runtime, stop, async {
            let request = self.line.request(Method::GET, &format!("{}/{digest}", path::RESULTS))?;
            let response = self.line.send(request, ANSWER_MAX).await?;
            Ok(self.line.read(response, RESULT_BYTES_MAX).await?.expect(&[200])?.body)
        })?;
        if Digest::of(&bytes) == digest { Ok(bytes) } else { Err(Finding::ResultDamaged.into()) }
    }

    /// Fetches what a package holds, checked to be signed by the hall and to be what the feed named.
    ///
    /// # Errors
    /// [`Finding::PackageDiffers`], a wrong signature, or anything else but [`Outcome::Done`].
    pub fn package(&mut self, offer: &PackageOffer, stop: &StopFlag) -> Result<Signed<Vec<PackageFile>>, Outcome> {
        talk::call(&self.runtime, stop, async {
            let request = self.line.request(Method::GET, &format!("{}/{}", path::PACKAGES, offer.sha256))?;
            let response = self.line.send(request, ANSWER_MAX).await?;
            let answer = self.line.read(response, package::MANIFEST_BYTES_MAX * 2).await?.expect(&[200])?;
            verify::package(&self.keys, offer, answer.jws()?)
        })
    }

    /// Fetches one file of a package and checks its digest.
    ///
    /// # Errors
    /// [`Finding::PackageDamaged`] when other bytes came; anything else but [`Outcome::Done`].
    pub fn package_file(&mut self, file: &PackageFile, stop: &StopFlag) -> Result<Vec<u8>, Outcome> {
        let bytes = talk::call(&self.runtime, stop, async {
            let request = self.line.request(Method::GET, &format!("{}/{}", path::PACKAGE_FILES, file.sha256))?;
            let response = self.line.send(request, ANSWER_MAX).await?;
            let bytes_max = usize::try_from(file.bytes).unwrap_or(usize::MAX).saturating_add(1);
            Ok(self.line.read(response, bytes_max).await?.expect(&[200])?.body)
        })?;
        if Digest::of(&bytes) == file.sha256 { Ok(bytes) } else { Err(Finding::PackageDamaged.into()) }
    }

    /// Tells the hall how this terminal is.
    ///
    /// # Errors
    /// Anything but [`Outcome::Done`].
    pub fn heartbeat(&mut self, pulse: &Pulse, stop: &StopFlag) -> Result<(), Outcome> {
        let question = wire::Heartbeat {
            program: env!("CARGO_PKG_VERSION").to_owned(),
            wire: wire::VERSION,
            waiting: pulse.waiting,
            aside: pulse.aside,
            oldest_waiting_at: pulse.oldest_waiting_at,
            skew_ms: self.skew().map(|skew| skew.skew_ms),
            free_space_ok: pulse.free_space_ok,
        };
        talk::call(&self.runtime, stop, async {
            let sent = self.line.request(Method::POST, path::HEARTBEAT)?.json(&question);
            self.line.exchange(sent, ANSWER_MAX).await?.expect(&[200, 204]).map(drop)
        })
        .map_err(whole_line)
    }

    /// Deposits the cabinet's key, sealed to the town's recovery key.
    ///
    /// # Errors
    /// Anything but [`Outcome::Done`].
    pub fn deposit(&mut self, deposit: &Deposit, stop: &StopFlag) -> Result<(), Outcome> {
        let question = wire::Deposit { recovery: deposit.recovery.clone(), sealed: STANDARD.encode(&deposit.sealed) };
        talk::call(&self.runtime, stop, async {
            let sent = self.line.request(Method::POST, path::DEPOSIT)?.json(&question);
            self.line.exchange(sent, ANSWER_MAX).await?.expect(&[200, 204]).map(drop)
        })
        .map_err(whole_line)
    }

    /// Whether it is time to renew this terminal's certificate, by the hall's clock as far as
    /// it is known. Also time: any outcome with the code `certificate_expired`.
    pub fn renewal_due(&self) -> bool {
        self.clock.at_least().is_some_and(|now| now >= self.renew_from)
    }

    /// Gets a new certificate for a new key, under the old one, which may have ended. What
    /// comes back is stored first; then a new client is made of it. Nothing changes on failure.
    ///
    /// # Errors
    /// Anything but [`Outcome::Done`].
    pub fn renew(&mut self, admission: &Admission, stop: &StopFlag) -> Result<Admission, Outcome> {
        let request = KeyAndRequest::generate(&admission.terminal)?;
        let question = wire::Renewal { csr_pem: request.csr_pem.clone(), wire: wire::VERSION };
        let renewed: wire::Renewed = talk::call(&self.runtime, stop, async {
            let sent = self.line.request(Method::POST, path::RENEWAL)?.json(&question);
            self.line.exchange(sent, ANSWER_MAX).await?.expect(&[200, 201])?.json()
        })
        .map_err(|outcome| match outcome {
            ended if ended == Kind::CertificateExpired.into() => Finding::CertificateTooOld.into(),
            other => whole_line(other),
        })?;
        request.check(&renewed.certificate_pem, &tls::certificate(&admission.authority_pem)?, &admission.terminal)?;
        Ok(Admission { certificate_pem: renewed.certificate_pem, key_pem: request.key_pem, ..admission.clone() })
    }

    /// Carries one page alone, as a delivery does: for the test with another project's server,
    /// which knows pages and no acts.
    #[cfg(test)]
    pub(crate) fn carry(
        &mut self,
        page: &PageUpload,
        parcel: &Parcel,
        page_bytes: &mut PageBytes<'_>,
        report: &mut dyn FnMut(Progress),
    ) -> Result<(), Outcome> {
        let carried = Carried::new(Delivery::of_page(page, parcel), page_bytes, report);
        talk::call(&self.runtime, &StopFlag::new(), async {
            loop {
                let ask = match carried.delivery.borrow_mut().next() {
                    Turn::Ask(Ask::Commit(_)) => return Ok(()),
                    Turn::Over(outcome) => return Err(outcome),
                    Turn::Ask(ask) => ask,
                };
                let came = self.line.put(&ask, &carried).await;
                carried.learn(Some(page.sha256), came);
            }
        })
    }
}

/// Where no parcel is concerned nothing can be set aside: somebody has to look.
fn whole_line(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Quarantine { code } | Outcome::MendByAgent { code } | Outcome::MendByResident { code } => {
            Outcome::Administrator { code }
        }
        other => other,
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
pub(crate) mod tests;
