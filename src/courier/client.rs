//! The line to the hall: the only file that says HTTP and the only one that is async.
//!
//! From outside every call blocks. Inside, a runtime on the caller's own thread lets a call be
//! called off at any moment and gives each step its deadline. What to say next is decided by
//! `tus.rs`, what an answer is worth by `answer.rs` and `verify.rs`.

use std::{
    collections::BTreeSet,
    future::Future,
    io,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use matters::Digest;
use outbox::{Admission, FeedNews, PageUpload, Parcel, Particulars, ReceiptNews};
use reqwest::{Body, Method, RequestBuilder, Response, Url, header};
use seal::PublicKey;
use tokio::{runtime::Runtime, time::timeout};
use wire::{Answer, Commit, Have, Held, code::AdmissionCode, convert::CommitFault, path, problem::Kind};

use crate::{
    Line, PageBytes, Progress, Skew, Step, StopFlag,
    answer::Answered,
    clock::TrustedClock,
    convert,
    outcome::{Finding, LineTrouble, Outcome},
    patience,
    tls::{self, HallVerifier, KeyAndRequest},
    transport,
    tus::{self, Came, Next, Trip},
    verify,
};

/// For a TCP connection and its handshake.
const CONNECT_MAX: Duration = Duration::from_secs(15);
/// For a small question and its answer.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// For one piece of a page to be taken by the line: a link under half a kilobyte a second is
/// one that stands still.
const PIECE_MAX: Duration = Duration::from_secs(60);
/// A page goes up in pieces of this size, each asked of the cabinet when its turn comes.
const PIECE_BYTES: usize = 32 * 1024;
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

    /// Clock skew as measured on the last exchange with the hall.
    pub fn skew(&self) -> Option<Skew> {
        *self.line.skew.lock().unwrap_or_else(PoisonError::into_inner)
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
        let mut delivery = Delivery { line: &self.line, keys: &self.keys, parcel, page_bytes, report, sent: 0, total: 0 };
        match call(&self.runtime, stop, delivery.run()) {
            Ok(news) => Outcome::Done(Box::new(news)),
            Err(outcome) => outcome,
        }
    }

    /// Asks for everything after `cursor`, waiting at the hall for up to `wait`.
    ///
    /// # Errors
    /// Anything but [`Outcome::Done`].
    pub fn feed(&mut self, cursor: u64, wait: Duration, stop: &StopFlag) -> Result<FeedNews, Outcome> {
        let news = call(&self.runtime, stop, async {
            let address = format!("{}?cursor={cursor}&wait_s={}", path::FEED, wait.as_secs());
            let request = self.line.request(Method::GET, &address)?;
            let answer = self.line.exchange(request, wait + FEED_SLACK).await?.expect(&[200])?;
            verify::feed(&self.keys, &self.point, cursor, answer.jws()?)
        })
        .map_err(whole_line)?;
        if let Some(hall_time) = news.hall_time {
            self.clock.learn(hall_time);
        }
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

    /// Carries one page alone, as a delivery does: for the test with another project's server.
    #[cfg(test)]
    pub(crate) fn carry(
        &mut self,
        page: &PageUpload,
        parcel: &Parcel,
        page_bytes: &mut PageBytes<'_>,
        report: &mut dyn FnMut(Progress),
    ) -> Result<(), Outcome> {
        let mut delivery = Delivery { line: &self.line, keys: &[], parcel, page_bytes, report, sent: 0, total: page.bytes };
        call(&self.runtime, &StopFlag::new(), delivery.carry(page))
    }
}

/// One delivery under way.
struct Delivery<'a, 'b> {
    line: &'a Talk,
    keys: &'a [PublicKey],
    parcel: &'a Parcel,
    page_bytes: &'a mut PageBytes<'b>,
    report: &'a mut dyn FnMut(Progress),
    sent: u64,
    total: u64,
}

impl Delivery<'_, '_> {
    async fn run(&mut self) -> Result<ReceiptNews, Outcome> {
        // Read once as the hall will read it: what is damaged here is found here.
        let commit = Commit::pack(&self.parcel.act_bytes, self.parcel.filing_bytes.as_deref());
        let opened = commit.open().map_err(|fault| unsendable(&fault))?;
        let named = opened.pages();
        let uploads: BTreeSet<Digest> = self.parcel.pages.iter().map(|page| page.sha256).collect();
        if opened.act != self.parcel.act || named.iter().any(|page| !uploads.contains(page)) {
            return Err(Finding::PageMissing.into());
        }
        let mut seen = BTreeSet::new();
        let pages: Vec<&PageUpload> =
            self.parcel.pages.iter().filter(|page| named.contains(&page.sha256) && seen.insert(page.sha256)).collect();
        self.total = pages.iter().map(|page| page.bytes).sum();
        if !pages.is_empty() {
            // Asked anew every time: the hall may have been put back to yesterday's backup, and
            // the same page may have come up with another filing.
            let held: Held = self.ask(path::HAVE, &Have { digests: named.clone() }, &[200]).await?;
            let held: BTreeSet<Digest> = held.digests.into_iter().collect();
            for page in pages {
                if held.contains(&page.sha256) {
                    self.held(page);
                } else {
                    if page.done {
                        self.tell(Step::Forget { page: page.sha256 });
                    }
                    self.carry(page).await?;
                }
            }
        }
        let answer = self.ask::<Answer>(path::ACTS, &commit, &[200, 201]).await.inspect_err(|outcome| {
            if outcome.code() == Outcome::from(Kind::PageUnknown).code() {
                named.iter().for_each(|page| self.tell(Step::Forget { page: *page }));
            }
        })?;
        verify::receipt(self.keys, self.parcel, &named, &answer)
    }

    async fn ask<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        question: &impl serde::Serialize,
        expected: &[u16],
    ) -> Result<T, Outcome> {
        let request = self.line.request(Method::POST, path)?.json(question);
        self.line.exchange(request, ANSWER_MAX).await?.expect(expected)?.json()
    }

    /// Brings one page up, resuming where the hall says that it stands.
    async fn carry(&mut self, page: &PageUpload) -> Result<(), Outcome> {
        let mut trip = Trip::new(page);
        let before = self.sent;
        loop {
            let next = trip.next();
            let came = match &next {
                Next::Done => {
                    self.sent = before + page.bytes;
                    return Ok(());
                }
                Next::GiveUp(outcome) => return Err(outcome.clone()),
                Next::Create => self.create(page).await?,
                Next::Ask { location } => self.stands(location).await?,
                Next::Send { location, from, checksum } => {
                    self.sent = before + from;
                    self.send(page, location, *from, *checksum).await?
                }
            };
            let gone = came == Came::Gone;
            trip.learn(&next, came);
            if gone {
                self.tell(Step::Forget { page: page.sha256 });
            } else if trip.location().is_some() {
                let done = trip.next() == Next::Done;
                self.sent = before + trip.acknowledged();
                self.tell(Step::Upload {
                    page: page.sha256,
                    location: trip.location().map(str::to_owned),
                    offset: trip.acknowledged(),
                    done,
                });
            }
        }
    }

    async fn create(&self, page: &PageUpload) -> Result<Came, Outcome> {
        let request = self
            .tus(Method::POST, self.line.request(Method::POST, path::PAGES)?)
            .header("Upload-Length", page.bytes)
            .header("Upload-Metadata", tus::metadata(&page.sha256))
            .header(header::CONTENT_LENGTH, 0);
        let answer = self.line.exchange(request, ANSWER_MAX).await?.expect(&[201])?;
        let location = answer.location.as_deref().ok_or(LineTrouble::AnswerUnreadable)?;
        // Pages go to the hall and nowhere else, whatever a header says.
        let location = self.line.own(location)?;
        Ok(Came::Created { location })
    }

    async fn stands(&self, location: &str) -> Result<Came, Outcome> {
        let request = self.tus(Method::HEAD, self.line.request(Method::HEAD, location)?);
        let answer = self.line.exchange(request, ANSWER_MAX).await?;
        match (answer.status, answer.upload_offset) {
            (200 | 204, Some(offset)) => Ok(Came::Stands { offset, length: answer.upload_length }),
            // An answer to HEAD has no body that could say why; creating anew will.
            (403 | 404 | 410, _) => Ok(Came::Gone),
            (200 | 204, None) => Err(LineTrouble::NotTheHall.into()),
            _ => Err(answer.refusal()),
        }
    }

    /// Everything from `from` on in one body. A body that breaks off is no error here: the hall
    /// is asked how much it has.
    async fn send(&mut self, page: &PageUpload, location: &str, from: u64, checksum: bool) -> Result<Came, Outcome> {
        let length = page.bytes - from;
        let mut request = self
            .tus(Method::PATCH, self.line.request(Method::PATCH, location)?)
            .header("Upload-Offset", from)
            .header(header::CONTENT_TYPE, tus::CONTENT_TYPE)
            .header(header::CONTENT_LENGTH, length);
        if checksum {
            let mut body = Vec::new();
            while (body.len() as u64) < length {
                body.extend(self.piece(page, from + body.len() as u64)?);
            }
            request = request.header("Upload-Checksum", tus::checksum(&Digest::of(&body)));
        }
        match self.stream(request, page, from).await {
            Ok(answer) => self.patched(page, answer),
            Err(outcome) if outcome == LineTrouble::Cut.into() || outcome == LineTrouble::Stalled.into() => {
                Ok(Came::Unsure(outcome))
            }
            Err(outcome) => Err(outcome),
        }
    }

    async fn stream(&mut self, request: RequestBuilder, page: &PageUpload, from: u64) -> Result<Answered, Outcome> {
        let (pieces, queue) = tokio::sync::mpsc::channel::<Result<Bytes, io::Error>>(1);
        let stream = futures_util::stream::unfold(queue, |mut queue| async { queue.recv().await.map(|piece| (piece, queue)) });
        let line = self.line;
        let mut answering = pin!(line.send(request.body(Body::wrap_stream(stream)), PIECE_MAX * 1000));
        let feeding = async {
            let mut at = from;
            while at < page.bytes {
                let piece = Bytes::from(self.piece(page, at)?);
                let length = piece.len() as u64;
                match timeout(PIECE_MAX, pieces.send(Ok(piece))).await {
                    Err(_) => return Err(LineTrouble::Stalled.into()),
                    // The connection is gone or the hall has answered early: the answer tells.
                    Ok(Err(_)) => break,
                    Ok(Ok(())) => {}
                }
                at += length;
                self.sent += length;
                self.tell(Step::Sending { page: page.sha256 });
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
        line.read(response, ANSWER_BYTES_MAX).await
    }

    fn patched(&mut self, page: &PageUpload, answer: Answered) -> Result<Came, Outcome> {
        match (answer.status, answer.upload_offset) {
            (204, Some(offset)) => return Ok(Came::Stands { offset, length: None }),
            (200 | 204, None) => return Err(LineTrouble::NotTheHall.into()),
            (404 | 410, _) => return Ok(Came::Gone),
            // 423: the hall has not noticed yet that our last connection broke.
            (409 | 423 | 460, _) => return Ok(Came::Unsure(answer.refusal())),
            _ => {}
        }
        let refusal = answer.refusal();
        if answer.problem() != Some(Ok(Kind::DigestMismatch)) {
            return Err(refusal);
        }
        // The hall has thrown the page away. If the cabinet's own bytes are not the page
        // either, sending them again is of no use.
        let mut whole = Vec::new();
        while (whole.len() as u64) < page.bytes {
            whole.extend(self.piece(page, whole.len() as u64)?);
        }
        self.tell(Step::Forget { page: page.sha256 });
        Err(if Digest::of(&whole) == page.sha256 { refusal } else { Finding::PageDamaged.into() })
    }

    /// The next piece of a page: not empty, not more than asked, or the page is missing.
    fn piece(&mut self, page: &PageUpload, at: u64) -> Result<Vec<u8>, Outcome> {
        let wanted = usize::try_from(page.bytes - at).unwrap_or(PIECE_BYTES).min(PIECE_BYTES);
        (self.page_bytes)(page.sha256, at, wanted)
            .filter(|piece| !piece.is_empty() && piece.len() <= wanted)
            .ok_or_else(|| Finding::PageMissing.into())
    }

    fn held(&mut self, page: &PageUpload) {
        self.sent += page.bytes;
        self.tell(Step::Upload { page: page.sha256, location: page.location.clone(), offset: page.bytes, done: true });
    }

    fn tell(&mut self, step: Step) {
        (self.report)(Progress { filing: self.parcel.act.filing, sent: self.sent, total: self.total, step });
    }

    fn tus(&self, method: Method, request: RequestBuilder) -> RequestBuilder {
        debug_assert!(method != Method::GET);
        request.header("Tus-Resumable", tus::VERSION)
    }
}

/// One HTTP client for one hall.
struct Talk {
    http: reqwest::Client,
    base: Url,
    wall: Box<dyn Fn() -> Timestamp + Send + Sync>,
    skew: Mutex<Option<Skew>>,
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
        Ok(Self { http, base, wall, skew: Mutex::default() })
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
        let response = timeout(deadline, request.send())
            .await
            .map_err(|_| LineTrouble::Stalled)?
            .map_err(|error| transport::trouble(&error))?;
        self.measure(&response, began);
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

/// A parcel that no hall could read.
fn unsendable(fault: &CommitFault) -> Outcome {
    tracing::error!(%fault, "a parcel of the cabinet cannot be read");
    Kind::NotCanonical.into()
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
