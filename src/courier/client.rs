//! The line to the hall: the only file that says HTTP and the only one that is async.
//!
//! From outside every call blocks. Inside, a runtime on the caller's own thread lets a call be
//! called off at any moment and gives each step its deadline. What to say next is decided by
//! `delivery.rs`, what an answer is worth by `answer.rs` and `verify.rs`.

use std::{
    cell::RefCell,
    future::Future,
    io,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

#[cfg(test)]
use crate::delivery::Turn;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream::FuturesUnordered};
use jiff::{SignedDuration, Timestamp};
use matters::Digest;
#[cfg(test)]
use outbox::PageUpload;
use outbox::{Admission, Deposit, FeedNews, LedgerAt, LedgerSeen, Parcel, Particulars, Pulse};
use reqwest::{Body, Method, RequestBuilder, Response, Url, header};
use seal::PublicKey;
use tokio::{runtime::Runtime, time::timeout};
use wire::{code::AdmissionCode, path, problem::Kind};

use crate::{
    Counter, Heard, Line, PageBytes, Progress, Skew, StopFlag,
    answer::Answered,
    clock::TrustedClock,
    convert,
    delivery::{self, About, Ask, Delivery},
    outcome::{Finding, LineTrouble, Outcome},
    patience,
    plan::Load,
    seen::Seen,
    tls::{self, HallVerifier, KeyAndRequest},
    transport, tus, verify,
};

/// For a TCP connection and its handshake.
const CONNECT_MAX: Duration = Duration::from_secs(15);
/// For a small question and its answer.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// For one piece of a page to be taken by the line: a link under half a kilobyte a second is
/// one that stands still.
const PIECE_MAX: Duration = Duration::from_secs(60);
/// Pages of one parcel on their way at the same time: each has a TCP connection of its own.
const LANES: usize = 3;
/// So often it is looked for something small to carry beside what is under way.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// The hall closes a connection that is idle for long; ours must be given up before that.
const IDLE_MAX: Duration = Duration::from_secs(15);
/// Added to the time that the feed was asked to wait.
const FEED_SLACK: Duration = Duration::from_secs(20);
const ANSWER_BYTES_MAX: usize = 8 << 20;
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
        let admitted: wire::Admitted = call(&runtime()?, stop, async {
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
            runtime: runtime()?,
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
        call(&self.runtime, stop, working).is_ok()
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
        call(&self.runtime, stop, carrying).unwrap_or_else(|called_off| called_off)
    }

    /// Asks for everything after `cursor`, waiting at the hall for up to `wait`.
    ///
    /// # Errors
    /// Anything but [`Outcome::Done`].
    pub fn feed(&mut self, cursor: u64, wait: Duration, stop: &StopFlag) -> Result<FeedNews, Outcome> {
        self.line.seen.begin();
        let mut news = call(&self.runtime, stop, async {
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
        let bytes = call(&self.runtime, stop, async {
            let request = self.line.request(Method::GET, &format!("{}/{digest}", path::RESULTS))?;
            let response = self.line.send(request, ANSWER_MAX).await?;
            Ok(self.line.read(response, RESULT_BYTES_MAX).await?.expect(&[200])?.body)
        })?;
        if Digest::of(&bytes) == digest { Ok(bytes) } else { Err(Finding::ResultDamaged.into()) }
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
        call(&self.runtime, stop, async {
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
        call(&self.runtime, stop, async {
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
        let renewed: wire::Renewed = call(&self.runtime, stop, async {
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
        call(&self.runtime, &StopFlag::new(), async {
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

/// A delivery with its cabinet, shared by the questions that are under way. All run on one thread, and none
/// holds on to a part of it while it waits.
struct Carried<'a, 'b> {
    delivery: RefCell<Delivery>,
    page_bytes: RefCell<&'a mut PageBytes<'b>>,
    report: RefCell<&'a mut dyn FnMut(Progress)>,
}

impl<'a, 'b> Carried<'a, 'b> {
    fn new(delivery: Delivery, page_bytes: &'a mut PageBytes<'b>, report: &'a mut dyn FnMut(Progress)) -> Self {
        Self { delivery: RefCell::new(delivery), page_bytes: RefCell::new(page_bytes), report: RefCell::new(report) }
    }

    fn learn(&self, about: About, came: Result<Answered, Outcome>) {
        let (mut page_bytes, mut report) = (self.page_bytes.borrow_mut(), self.report.borrow_mut());
        self.delivery.borrow_mut().learn_of(about, came, &mut **page_bytes, &mut **report);
    }

    fn piece(&self, page: Digest, bytes: u64, at: u64) -> Result<Vec<u8>, Outcome> {
        delivery::piece(page, bytes, at, &mut **self.page_bytes.borrow_mut())
    }

    fn sending(&self, page: Digest, sent: u64) {
        let progress = self.delivery.borrow_mut().sending(page, sent);
        (self.report.borrow_mut())(progress);
    }
}

impl Talk {
    /// Carries a delivery to its end over HTTP. What is still under way when it ends is broken off.
    async fn carry(&self, carried: &Carried<'_, '_>) -> Outcome {
        let (mut about, mut under_way) = (Vec::new(), FuturesUnordered::new());
        loop {
            let asks = carried.delivery.borrow_mut().asks(LANES);
            for (page, ask) in match asks {
                Ok(asks) => asks,
                Err(outcome) => return outcome,
            } {
                if !about.contains(&page) {
                    about.push(page);
                    under_way.push(async move { (page, self.put(&ask, carried).await) });
                }
            }
            let Some((page, came)) = under_way.next().await else { return LineTrouble::AnswerUnreadable.into() };
            about.retain(|other| *other != page);
            carried.learn(page, came);
        }
    }

    async fn put(&self, ask: &Ask, carried: &Carried<'_, '_>) -> Result<Answered, Outcome> {
        match ask {
            Ask::Have(have) => self.exchange(self.request(Method::POST, path::HAVE)?.json(have), ANSWER_MAX).await,
            Ask::Commit(commit) => self.exchange(self.request(Method::POST, path::ACTS)?.json(commit), ANSWER_MAX).await,
            Ask::Create { page, bytes } => {
                let request = self
                    .tus(Method::POST, path::PAGES)?
                    .header("Upload-Length", *bytes)
                    .header("Upload-Metadata", tus::metadata(page))
                    .header(header::CONTENT_LENGTH, 0);
                let mut answer = self.exchange(request, ANSWER_MAX).await?;
                // Pages go to the hall and nowhere else, whatever a header says.
                answer.location = answer.location.map(|location| self.own(&location)).transpose()?;
                Ok(answer)
            }
            Ask::Stands { location } => self.exchange(self.tus(Method::HEAD, location)?, ANSWER_MAX).await,
            Ask::Send { location, page, from, bytes, checksum } => {
                let length = bytes - from;
                let mut request = self
                    .tus(Method::PATCH, location)?
                    .header("Upload-Offset", *from)
                    .header(header::CONTENT_TYPE, tus::CONTENT_TYPE)
                    .header(header::CONTENT_LENGTH, length);
                if *checksum {
                    let mut body = Vec::new();
                    while (body.len() as u64) < length {
                        body.extend(carried.piece(*page, *bytes, from + body.len() as u64)?);
                    }
                    request = request.header("Upload-Checksum", tus::checksum(&Digest::of(&body)));
                }
                let mut feed = |at: u64| carried.piece(*page, *bytes, at);
                let mut told = |sent: u64| carried.sending(*page, sent);
                self.stream(request, *from, *bytes, &mut feed, &mut told).await
            }
        }
    }

    /// Sends a body piece by piece as `piece` gives it, from `from` to `end`.
    async fn stream(
        &self,
        request: RequestBuilder,
        from: u64,
        end: u64,
        piece: &mut dyn FnMut(u64) -> Result<Vec<u8>, Outcome>,
        told: &mut dyn FnMut(u64),
    ) -> Result<Answered, Outcome> {
        let (pieces, queue) = tokio::sync::mpsc::channel::<Result<Bytes, io::Error>>(1);
        let stream = futures_util::stream::unfold(queue, |mut queue| async { queue.recv().await.map(|piece| (piece, queue)) });
        let mut answering = pin!(self.send(request.body(Body::wrap_stream(stream)), PIECE_MAX * 1000));
        let feeding = async {
            let mut at = from;
            while at < end {
                let piece = Bytes::from(piece(at)?);
                let length = piece.len() as u64;
                match timeout(PIECE_MAX, pieces.send(Ok(piece))).await {
                    Err(_) => return Err(LineTrouble::Stalled.into()),
                    // The connection is gone or the hall has answered early: the answer tells.
                    Ok(Err(_)) => break,
                    Ok(Ok(())) => {}
                }
                at += length;
                told(length);
            }
            drop(pieces);
            Ok::<(), Outcome>(())
        };
        let mut feeding = pin!(feeding);
        let response = tokio::select! {
            biased;
            response = &mut answering => response?,
            fed = &mut feeding => {
                fed?;
                timeout(PIECE_MAX, answering).await.map_err(|_| LineTrouble::Stalled)??
            }
        };
        self.read(response, ANSWER_BYTES_MAX).await
    }

    fn tus(&self, method: Method, path: &str) -> Result<RequestBuilder, Outcome> {
        Ok(self.request(method, path)?.header("Tus-Resumable", tus::VERSION))
    }
}

/// One HTTP client for one hall.
struct Talk {
    http: reqwest::Client,
    base: Url,
    wall: Box<dyn Fn() -> Timestamp + Send + Sync>,
    skew: Mutex<Option<Skew>>,
    seen: Seen,
}

impl Talk {
    fn new(base: Url, tls: rustls::ClientConfig, wall: Box<dyn Fn() -> Timestamp + Send + Sync>) -> Result<Self, Outcome> {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .https_only(true)
            .http1_only()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_MAX)
            .pool_idle_timeout(IDLE_MAX)
            .tcp_nodelay(true)
            .user_agent(concat!("village-terminal/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|_| LineTrouble::OwnKeyUnusable)?;
        Ok(Self { http, base, wall, skew: Mutex::default(), seen: Seen::default() })
    }

    fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, Outcome> {
        let url = self.base.join(path).map_err(|_| LineTrouble::AddressUnusable)?;
        Ok(self.http.request(method, url))
    }

    /// An address that the hall gave, when it is the hall's own; kept without the hall's name,
    /// so that it holds when the hall moves.
    fn own(&self, location: &str) -> Result<String, Outcome> {
        let url = self.base.join(location).map_err(|_| LineTrouble::AnswerUnreadable)?;
        if url.origin() != self.base.origin() {
            return Err(LineTrouble::NotTheHall.into());
        }
        Ok(url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path())))
    }

    async fn exchange(&self, request: RequestBuilder, deadline: Duration) -> Result<Answered, Outcome> {
        let response = self.send(request, deadline).await?;
        self.read(response, ANSWER_BYTES_MAX).await
    }

    async fn send(&self, request: RequestBuilder, deadline: Duration) -> Result<Response, Outcome> {
        let began = (self.wall)();
        let asked = self.seen.last();
        let known =
            asked.and_then(|at| Some(wire::Known { incarnation: at.incarnation, sequence: at.sequence, chain: at.chain? }));
        let request = match known {
            Some(known) => request.header(wire::header::LEDGER_KNOWN, known.to_string()),
            None => request,
        };
        let response = timeout(deadline, request.send())
            .await
            .map_err(|_| LineTrouble::Stalled)?
            .map_err(|error| transport::trouble(&error))?;
        self.measure(&response, began);
        let text = |name: &str| response.headers().get(name)?.to_str().ok();
        self.seen.note(asked, text);
        Ok(response)
    }

    async fn read(&self, mut response: Response, bytes_max: usize) -> Result<Answered, Outcome> {
        let text = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let number = |name: &str| text(name).and_then(|value| value.parse().ok());
        let mut answer = Answered {
            status: response.status().as_u16(),
            content_type: text("content-type").unwrap_or_default(),
            retry_after: text("retry-after"),
            date: text("date"),
            location: text("location"),
            upload_offset: number("upload-offset"),
            upload_length: number("upload-length"),
            body: Vec::new(),
        };
        loop {
            let chunk = timeout(ANSWER_MAX, response.chunk()).await.map_err(|_| LineTrouble::Stalled)?;
            let Some(chunk) = chunk.map_err(|error| transport::trouble(&error))? else { return Ok(answer) };
            if answer.body.len() + chunk.len() > bytes_max {
                return Err(LineTrouble::AnswerTooLong.into());
            }
            answer.body.extend_from_slice(&chunk);
        }
    }

    /// The hall's `Date` has whole seconds and was written somewhere between question and answer.
    fn measure(&self, response: &Response, began: Timestamp) {
        let date = response.headers().get(header::DATE).and_then(|value| value.to_str().ok()).and_then(patience::http_date);
        let Some(hall_time) = date.and_then(|date| date.checked_add(SignedDuration::from_millis(500)).ok()) else { return };
        let ended = (self.wall)();
        let middle = i64::midpoint(began.as_millisecond(), ended.as_millisecond());
        let skew = Skew { hall_time, skew_ms: middle - hall_time.as_millisecond() };
        *self.skew.lock().unwrap_or_else(PoisonError::into_inner) = Some(skew);
    }
}

fn runtime() -> Result<Runtime, Outcome> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
        tracing::error!(%error, "no runtime for the line");
        LineTrouble::NoNetwork.into()
    })
}

/// Runs one call on this thread until it ends or is called off.
fn call<T>(runtime: &Runtime, stop: &StopFlag, work: impl Future<Output = Result<T, Outcome>>) -> Result<T, Outcome> {
    runtime.block_on(async {
        // Between two calls nobody looks at idle connections: let the runtime see which ones
        // the hall has closed meanwhile, or the next request would be written into one of them.
        tokio::time::sleep(Duration::from_millis(1)).await;
        let result = tokio::select! {
            biased;
            () = stop.stopped() => Err(LineTrouble::Stopped.into()),
            result = work => result,
        };
        if stop.is_stopped() {
            // And let it close the connection of a request that was called off, so that the
            // hall does not wait for the rest of a body.
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        result
    })
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
