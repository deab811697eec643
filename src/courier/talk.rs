//! HTTP itself: one question and its answer, the carrying of a delivery's questions several at a time, and
//! how a call waits. With `client.rs` the only file that says HTTP, and the only two that are async.

use std::{
    cell::RefCell,
    future::Future,
    io,
    pin::pin,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream::FuturesUnordered};
use jiff::{SignedDuration, Timestamp};
use matters::Digest;
use reqwest::{Body, Method, RequestBuilder, Response, Url, header};
use tokio::{runtime::Runtime, time::timeout};
use wire::path;

use crate::{
    PageBytes, Progress, Skew, StopFlag,
    answer::Answered,
    delivery::{self, About, Ask, Delivery},
    outcome::{LineTrouble, Outcome},
    patience,
    seen::Seen,
    transport, tus,
};

/// For a TCP connection and its handshake.
const CONNECT_MAX: Duration = Duration::from_secs(15);
/// For a small question and its answer.
pub(crate) const ANSWER_MAX: Duration = Duration::from_secs(30);
/// For one piece of a page to be taken by the line: a link under half a kilobyte a second is
/// one that stands still.
const PIECE_MAX: Duration = Duration::from_secs(60);
/// Pages of one parcel on their way at the same time: each has a TCP connection of its own.
pub(crate) const LANES: usize = 3;
/// The hall closes a connection that is idle for long; ours must be given up before that.
const IDLE_MAX: Duration = Duration::from_secs(15);
const ANSWER_BYTES_MAX: usize = 8 << 20;

/// One HTTP client for one hall.
pub(crate) struct Talk {
    http: reqwest::Client,
    base: Url,
    wall: Box<dyn Fn() -> Timestamp + Send + Sync>,
    pub(crate) skew: Mutex<Option<Skew>>,
    pub(crate) seen: Seen,
}

impl Talk {
    pub(crate) fn new(
        base: Url,
        tls: rustls::ClientConfig,
        wall: Box<dyn Fn() -> Timestamp + Send + Sync>,
    ) -> Result<Self, Outcome> {
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

    pub(crate) fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, Outcome> {
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

    pub(crate) async fn exchange(&self, request: RequestBuilder, deadline: Duration) -> Result<Answered, Outcome> {
        let response = self.send(request, deadline).await?;
        self.read(response, ANSWER_BYTES_MAX).await
    }

    pub(crate) async fn send(&self, request: RequestBuilder, deadline: Duration) -> Result<Response, Outcome> {
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

    pub(crate) async fn read(&self, mut response: Response, bytes_max: usize) -> Result<Answered, Outcome> {
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

/// A delivery with its cabinet, shared by the questions that are under way. All run on one thread, and none
/// holds on to a part of it while it waits.
pub(crate) struct Carried<'a, 'b> {
    pub(crate) delivery: RefCell<Delivery>,
    page_bytes: RefCell<&'a mut PageBytes<'b>>,
    report: RefCell<&'a mut dyn FnMut(Progress)>,
}

impl<'a, 'b> Carried<'a, 'b> {
    pub(crate) fn new(delivery: Delivery, page_bytes: &'a mut PageBytes<'b>, report: &'a mut dyn FnMut(Progress)) -> Self {
        Self { delivery: RefCell::new(delivery), page_bytes: RefCell::new(page_bytes), report: RefCell::new(report) }
    }

    pub(crate) fn learn(&self, about: About, came: Result<Answered, Outcome>) {
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
    pub(crate) async fn carry(&self, carried: &Carried<'_, '_>) -> Outcome {
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

    pub(crate) async fn put(&self, ask: &Ask, carried: &Carried<'_, '_>) -> Result<Answered, Outcome> {
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

pub(crate) fn runtime() -> Result<Runtime, Outcome> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
        tracing::error!(%error, "no runtime for the line");
        LineTrouble::NoNetwork.into()
    })
}

/// Runs one call on this thread until it ends or is called off.
pub(crate) fn call<T>(runtime: &Runtime, stop: &StopFlag, work: impl Future<Output = Result<T, Outcome>>) -> Result<T, Outcome> {
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
