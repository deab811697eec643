//! Through the Router and through real TLS on port 0.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use axum_server::tls::TlsInfo;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use matters::{Digest, What};
use rcgen::{CertificateParams, KeyPair};
use reqwest::{Client, Method, Response};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use tower::ServiceExt as _;
use wire::{
    Admission, Admitted, Commit, FeedPage, Held, Renewal, Renewed, path,
    problem::{Kind, Problem},
};

use crate::{
    Hall,
    clock::{Clock, Ids},
    door::trust::HallTime,
    ledger::{Decision, Rules, fixtures::*},
    serve::{self, Listen, Running, ServeError},
};

fn open(dir: &std::path::Path) -> Arc<Hall> {
    let ledger = found(dir, Ids::System);
    Hall::with(ledger, Rules::bundled().unwrap(), Clock::at(now()), Ids::System).unwrap()
}

fn csr(key: &KeyPair) -> String {
    CertificateParams::default().serialize_request(key).unwrap().pem().unwrap()
}

/// A terminal with a certificate of its own, and the line to the hall.
struct Terminal {
    http: Client,
    base: String,
    admitted: Admitted,
    key: KeyPair,
    authority: String,
}

impl Terminal {
    async fn admit(running: &Running, point: &str) -> Self {
        let code = running.hall().admission_code(point, "console").unwrap();
        let key = KeyPair::generate().unwrap();
        let asked = Admission { code, csr_pem: csr(&key), machine: "test".into(), wire: wire::VERSION };
        let base = running.api_url();
        let authority = running.hall().authority.pem();
        let answer = stranger(&authority).post(base.clone() + path::ADMISSION).json(&asked).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let admitted: Admitted = answer.json().await.unwrap();
        let http = holder(&authority, &admitted.certificate_pem, &key, &running.hall().clock);
        Self { http, base, admitted, key, authority }
    }

    fn ask(&self, method: Method, address: &str) -> reqwest::RequestBuilder {
        self.http.request(method, self.base.clone() + address).header("tus-resumable", "1.0.0")
    }

    async fn create(&self, bytes: &[u8]) -> String {
        let announced = STANDARD.encode(Digest::of(bytes).to_string());
        let request = self.ask(Method::POST, path::PAGES).header("upload-length", bytes.len());
        let made = request.header("upload-metadata", format!("sha256 {announced}")).send().await.unwrap();
        assert_eq!(made.status(), 201);
        made.headers()["location"].to_str().unwrap().to_owned()
    }

    async fn patch(&self, location: &str, offset: usize, bytes: impl Into<reqwest::Body>) -> Response {
        self.ask(Method::PATCH, location)
            .header("content-type", "application/offset+octet-stream")
            .header("upload-offset", offset)
            .body(bytes)
            .send()
            .await
            .unwrap()
    }

    async fn upload(&self, bytes: &[u8]) {
        let location = self.create(bytes).await;
        assert_eq!(self.patch(&location, 0, bytes.to_vec()).await.status(), 204);
    }

    async fn commit(&self, act: &[u8], filing: Option<&[u8]>) -> Response {
        let commit = Commit { act: STANDARD.encode(act), filing: filing.map(|filing| STANDARD.encode(filing)) };
        self.ask(Method::POST, path::ACTS).json(&commit).send().await.unwrap()
    }

    async fn feed(&self, cursor: u64, wait_s: u64) -> FeedPage {
        let asked = self.ask(Method::GET, &format!("{}?cursor={cursor}&wait_s={wait_s}", path::FEED));
        let jws = asked.send().await.unwrap().text().await.unwrap();
        let mut public = [0; 32];
        hex::decode_to_slice(&self.admitted.hall.keys[0].public, &mut public).unwrap();
        let key = seal::PublicKey::from_bytes(&public).unwrap();
        serde_json::from_slice(&seal::verify(&[key], "feed", &jws).unwrap()).unwrap()
    }

    fn caller(&self) -> crate::ledger::Caller {
        let point = self.admitted.point.id.clone();
        crate::ledger::Caller { point, terminal: self.admitted.terminal.clone(), certificate: Digest([0; 32]) }
    }

    /// Pages of M09, uploaded, and the filing that names them.
    async fn prepared(&self, n: u64, account: &str) -> (Vec<u8>, matters::Sealed) {
        let pages: Vec<Vec<u8>> = [0, 1].map(|k| jpeg((n * 2 + k) as u8, 4000)).into();
        for bytes in &pages {
            self.upload(bytes).await;
        }
        let named = vec![page("PH2", 1, &pages[0]), page("BK", 1, &pages[1])];
        let sealed = filing(n, "M09", &self.caller(), account, named);
        (file_act(n, &sealed, account), sealed)
    }
}

/// Somebody without a certificate who knows the hall's authority.
fn stranger(authority_pem: &str) -> Client {
    client(authority_pem, None, &Clock::at(now()))
}

/// Somebody with a certificate and its key, by whose clock the line is judged.
fn holder(authority_pem: &str, certificate_pem: &str, key: &KeyPair, clock: &Clock) -> Client {
    let chain = vec![CertificateDer::from_pem_slice(certificate_pem.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
    client(authority_pem, Some((chain, key)), clock)
}

fn client(authority_pem: &str, own: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>, clock: &Clock) -> Client {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority_pem.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_details(provider, Arc::new(HallTime(clock.clone())))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let config = match own {
        Some((chain, key)) => config.with_client_auth_cert(chain, key).unwrap(),
        None => config.with_no_client_auth(),
    };
    Client::builder().tls_backend_preconfigured(config).build().unwrap()
}

async fn problem(answer: Response, kind: Kind) {
    assert_eq!(answer.headers()["content-type"], wire::problem::MEDIA_TYPE);
    let problem: Problem = answer.json().await.unwrap();
    assert_eq!(Kind::from_uri(&problem.kind_uri), Some(kind), "{problem:?}");
    assert_eq!(problem.reference.len(), 8);
}

fn serving(dir: &std::path::Path) -> Running {
    let any = "127.0.0.1:0".parse().unwrap();
    serve::start(open(dir), &Listen { api: any, desk: any, names: vec![], ..Listen::default() }).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filing_goes_up_over_mutual_tls_and_the_answer_comes_down() {
    let dir = tempfile::tempdir().unwrap();
    let running = serving(dir.path());
    let terminal = Terminal::admit(&running, "SLC").await;
    assert_eq!((terminal.admitted.point.id.as_str(), terminal.admitted.serial.len()), ("SLC", 2));
    let first = terminal.feed(0, 0).await;
    assert_eq!(first.events.len(), 2, "accounts and particulars");
    let (act, sealed) = terminal.prepared(1, "wang").await;
    let have = serde_json::json!({ "digests": [sealed.filing().pages[0].sha256, Digest::of(b"x")] });
    let held: Held = terminal.ask(Method::POST, path::HAVE).json(&have).send().await.unwrap().json().await.unwrap();
    assert_eq!(held.digests, [sealed.filing().pages[0].sha256]);
    let one = terminal.commit(&act, Some(sealed.bytes())).await;
    assert_eq!(one.status(), 200);
    assert!(one.headers().contains_key("ledger-incarnation") && one.headers().contains_key("ledger-sequence"));
    let one = one.bytes().await.unwrap();
    let two = terminal.commit(&act, Some(sealed.bytes())).await.bytes().await.unwrap();
    assert_eq!(one, two, "the same act gets the same bytes");
    let other = act_of(1, &sealed, What::Withdraw { reason: "x".into() });
    problem(terminal.commit(&other, None).await, Kind::ActConflict).await;
    let page = terminal.feed(first.cursor, 0).await;
    assert_eq!(page.events.len(), 1);
    // Who waits is told at once when a clerk decides.
    let hall = Arc::clone(running.hall());
    let filing = sealed.filing().id;
    let (told, ()) = tokio::join!(terminal.feed(page.cursor, 30), async {
        let decided = tokio::task::spawn_blocking(move || {
            let clerk = clerk(&hall.ledger);
            hall.ledger.decide(filing, &Decision::Accept, &clerk, 1, now()).unwrap()
        });
        decided.await.unwrap();
    });
    assert_eq!(told.events.len(), 1);
    running.stop().unwrap();
}

fn act_of(n: u64, sealed: &matters::Sealed, what: What) -> Vec<u8> {
    act(n, sealed.filing().id, "wang", 1, what)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_points_never_see_each_others_pages() {
    let dir = tempfile::tempdir().unwrap();
    let running = serving(dir.path());
    let (slc, bhc) = (Terminal::admit(&running, "SLC").await, Terminal::admit(&running, "BHC").await);
    let (act, sealed) = slc.prepared(1, "wang").await;
    assert_eq!(slc.commit(&act, Some(sealed.bytes())).await.status(), 200);
    // The same pages in a filing of the other point: it never uploaded them.
    let stolen = filing(2, "M09", &bhc.caller(), "zhao", sealed.filing().pages.clone());
    problem(bhc.commit(&file_act(2, &stolen, "zhao"), Some(stolen.bytes())).await, Kind::PageUnknown).await;
    problem(bhc.commit(&act, Some(sealed.bytes())).await, Kind::WrongPoint).await;
    let location = slc.create(b"half").await;
    let head = bhc.ask(Method::HEAD, &location).send().await.unwrap();
    assert_eq!(head.status(), 404);
    assert_eq!(bhc.patch(&location, 0, b"half".to_vec()).await.status(), 404);
    assert_eq!(bhc.ask(Method::DELETE, &location).send().await.unwrap().status(), 404);
    let mine = slc.ask(Method::HEAD, &location).send().await.unwrap();
    assert_eq!((mine.status(), mine.headers()["upload-offset"].to_str().unwrap()), (StatusCode::OK, "0"));
    assert_eq!(bhc.feed(0, 0).await.events.len(), 2, "no case of another point");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_good_certificate_gets_no_further_than_admission() {
    let dir = tempfile::tempdir().unwrap();
    let running = serving(dir.path());
    let authority = running.hall().authority.pem();
    let base = running.api_url();
    for address in [path::PAGES, path::HAVE, path::ACTS] {
        problem(stranger(&authority).post(base.clone() + address).send().await.unwrap(), Kind::NoCertificate).await;
    }
    problem(stranger(&authority).get(base.clone() + path::FEED).send().await.unwrap(), Kind::NoCertificate).await;
    // A certificate of the hall's authority that no admission gave.
    let key = KeyPair::generate().unwrap();
    let issued = running.hall().authority.issue(&csr(&key), "SLC-99", now()).unwrap();
    let forged = holder(&authority, &issued.pem, &key, &running.hall().clock);
    problem(forged.get(base.clone() + path::FEED).send().await.unwrap(), Kind::TerminalUnknown).await;
    // A certificate of another authority does not even get through the handshake.
    let other = tempfile::tempdir().unwrap();
    let foreign = open(other.path()).authority.issue(&csr(&key), "SLC-22", now()).unwrap();
    let foreign = holder(&authority, &foreign.pem, &key, &running.hall().clock);
    assert!(foreign.get(base.clone() + path::FEED).send().await.is_err());
    // Revoked: the next request on the same connection is refused.
    let terminal = Terminal::admit(&running, "SLC").await;
    terminal.feed(0, 0).await;
    assert!(running.hall().ledger.revoke(&terminal.admitted.terminal, "chen", now()).unwrap());
    problem(terminal.ask(Method::GET, path::FEED).send().await.unwrap(), Kind::CertificateRevoked).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_certificate_opens_the_door_of_renewal_only_and_not_for_ever() {
    let dir = tempfile::tempdir().unwrap();
    let running = serving(dir.path());
    let terminal = Terminal::admit(&running, "SLC").await;
    let clock = &running.hall().clock;
    let day = |days: i64| now() + jiff::SignedDuration::from_hours(24 * days);
    let renew = |http: &Client, csr: &str| {
        let asked = Renewal { csr_pem: csr.to_owned(), wire: 1 };
        http.post(terminal.base.clone() + path::RENEWAL).json(&asked).send()
    };
    // 200 days offline beyond its end: each question is a new line, as after a long sleep.
    clock.set(day(565));
    let line = || holder(&terminal.authority, &terminal.admitted.certificate_pem, &terminal.key, &Clock::at(now()));
    problem(line().get(terminal.base.clone() + path::FEED).send().await.unwrap(), Kind::CertificateExpired).await;
    let key = KeyPair::generate().unwrap();
    let request = csr(&key);
    let one: Renewed = renew(&line(), &request).await.unwrap().json().await.unwrap();
    let two: Renewed = renew(&line(), &request).await.unwrap().json().await.unwrap();
    assert_eq!(one, two, "a lost answer is given again");
    // The server's own certificate ended, too, but it makes a new one at every start: known by its key here.
    let renewed = holder(&terminal.authority, &one.certificate_pem, &key, &Clock::at(now()));
    assert_eq!(renewed.get(terminal.base.clone() + path::FEED).send().await.unwrap().status(), 200);
    clock.set(day(365 + 401));
    assert!(renew(&line(), &csr(&key)).await.is_err(), "too old even for renewal");
    clock.set(day(565));
    assert!(running.hall().ledger.revoke(&terminal.admitted.terminal, "chen", day(565)).unwrap());
    problem(renew(&line(), &csr(&key)).await.unwrap(), Kind::CertificateRevoked).await;
    problem(renewed.get(terminal.base.clone() + path::FEED).send().await.unwrap(), Kind::CertificateRevoked).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_admits_one_terminal_once_and_guessing_is_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let running = serving(dir.path());
    let http = stranger(&running.hall().authority.pem());
    let address = running.api_url() + path::ADMISSION;
    let code = running.hall().admission_code("SLC", "console").unwrap();
    let key = KeyPair::generate().unwrap();
    let mut asked = Admission { code: code.to_lowercase(), csr_pem: csr(&key), machine: "test".into(), wire: 1 };
    let junk = Admission { csr_pem: "junk".into(), ..asked.clone() };
    problem(http.post(&address).json(&junk).send().await.unwrap(), Kind::BadRequest).await;
    let one = http.post(&address).json(&asked).send().await.unwrap();
    assert_eq!(one.status(), 200, "a request that could not be used did not burn the code");
    let one = one.bytes().await.unwrap();
    // The answer was lost: the same request gets it again, another one does not.
    assert_eq!(http.post(&address).json(&asked).send().await.unwrap().bytes().await.unwrap(), one);
    asked.csr_pem = csr(&KeyPair::generate().unwrap());
    problem(http.post(&address).json(&asked).send().await.unwrap(), Kind::CodeUnknown).await;
    assert_eq!(running.hall().ledger.terminals().unwrap().len(), 1);
    let mut refused = 0;
    loop {
        let answer = http.post(&address).json(&asked).send().await.unwrap();
        if answer.status() == 503 {
            assert!(answer.headers().contains_key("retry-after"));
            break;
        }
        refused += 1;
        assert!(refused < 100, "guessing goes on for ever");
    }
    let Clock::Hand(_) = running.hall().clock else { panic!("tests move the clock") };
    running.hall().clock.set(now() + jiff::SignedDuration::from_hours(25));
    problem(http.post(&address).json(&asked).send().await.unwrap(), Kind::CodeUnknown).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_goes_on_after_a_cut_and_a_newer_line_ends_a_dead_one() {
    let dir = tempfile::tempdir().unwrap();
    let running = serving(dir.path());
    let terminal = Terminal::admit(&running, "SLC").await;
    let bytes = jpeg(3, 300_000);
    let location = terminal.create(&bytes).await;
    // A line that sends some bytes and then falls silent without ending.
    let (sender, receiver) = tokio::sync::mpsc::channel::<Result<Vec<u8>, std::io::Error>>(1);
    sender.send(Ok(bytes[..100_000].to_vec())).await.unwrap();
    let silent = reqwest::Body::wrap_stream(futures_util::stream::unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|part| (part, receiver))
    }));
    let dead = terminal.patch(&location, 0, silent);
    let newer = async {
        // Asked again until the first line's bytes have arrived; each question ends the line before it.
        let mut reached = 0;
        while reached == 0 {
            let head = terminal.ask(Method::HEAD, &location).send().await.unwrap();
            reached = head.headers()["upload-offset"].to_str().unwrap().parse().unwrap();
        }
        reached
    };
    let (ended, reached) = tokio::join!(dead, tokio::time::timeout(Duration::from_secs(120), newer));
    let reached: usize = reached.expect("a silent line is not waited for");
    assert_eq!(ended.status(), 204, "the older line is told what counts of it");
    assert!(reached <= 100_000);
    drop(sender);
    assert_eq!(terminal.patch(&location, 0, bytes.clone()).await.status(), 409);
    // The refused line before was closed with its body unread: a pooled line may be found dead once.
    let mut wrong = Err("never asked".to_owned());
    for _ in 0..5 {
        let ask = terminal.ask(Method::PATCH, &location).header("content-type", "application/offset+octet-stream");
        let ask = ask.header("upload-offset", reached).header("upload-checksum", format!("sha1 {}", STANDARD.encode([0; 20])));
        wrong = ask.body(bytes[reached..].to_vec()).send().await.map_err(|error| error.to_string());
        if wrong.is_ok() {
            break;
        }
    }
    let wrong = wrong.unwrap();
    assert_eq!(wrong.status().as_u16(), 460);
    problem(wrong, Kind::ChecksumMismatch).await;
    let rest = terminal.patch(&location, reached, bytes[reached..].to_vec()).await;
    assert_eq!((rest.status().as_u16(), rest.headers()["upload-offset"].to_str().unwrap()), (204, "300004"));
    assert!(rest.headers()["upload-expires"].to_str().unwrap().ends_with("GMT"));
    let damaged = terminal.create(&bytes).await;
    let mut changed = bytes.clone();
    changed[5] ^= 1;
    problem(terminal.patch(&damaged, 0, changed).await, Kind::DigestMismatch).await;
    assert_eq!(terminal.ask(Method::HEAD, &damaged).send().await.unwrap().status(), 404);
    assert_eq!(terminal.ask(Method::DELETE, &location).send().await.unwrap().status(), 204);
    assert!(running.hall().lines.is_idle());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_on_the_directory_is_refused_and_a_stopped_one_leaves_it_free() {
    let dir = tempfile::tempdir().unwrap();
    let running = serving(dir.path());
    let again = Hall::open(dir.path(), None, Rules::bundled().unwrap(), Clock::System, Ids::System).unwrap();
    let any =
        Listen { api: "127.0.0.1:0".parse().unwrap(), desk: "127.0.0.1:0".parse().unwrap(), names: vec![], ..Listen::default() };
    assert!(matches!(serve::start(Arc::clone(&again), &any), Err(ServeError::Held)));
    // A waiting line does not hold the end up.
    let terminal = Terminal::admit(&running, "SLC").await;
    let cursor = terminal.feed(0, 0).await.cursor;
    let (waiting, stopped) = tokio::join!(
        terminal.ask(Method::GET, &format!("{}?cursor={cursor}&wait_s=50", path::FEED)).send(),
        tokio::task::spawn_blocking(move || running.stop())
    );
    stopped.unwrap().unwrap();
    drop(waiting);
    drop(serve::start(again, &any).unwrap());
}

/// A request through the Router as a terminal of this certificate.
async fn routed(hall: &Arc<Hall>, certificate: Option<&[u8]>, request: Request<Body>) -> (StatusCode, Option<Kind>) {
    let mut request = request;
    let mut info = TlsInfo::default();
    info.peer_certificates.extend(certificate.map(<[u8]>::to_vec));
    request.extensions_mut().insert(Arc::new(info));
    let answer = super::router(Arc::clone(hall), wire::SERVED).oneshot(request).await.unwrap();
    assert_eq!(answer.headers()["tus-resumable"], "1.0.0");
    let status = answer.status();
    let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    let problem: Option<Problem> = serde_json::from_slice(&body).ok();
    (status, problem.and_then(|problem| Kind::from_uri(&problem.kind_uri)))
}

#[tokio::test]
async fn what_cannot_be_understood_gets_a_problem_not_a_panic() {
    let dir = tempfile::tempdir().unwrap();
    let hall = open(dir.path());
    let key = KeyPair::generate().unwrap();
    let issued = hall.authority.issue(&csr(&key), "SLC-22", now()).unwrap();
    let (_, pem) = x509_parser::pem::parse_x509_pem(issued.pem.as_bytes()).unwrap();
    let secret = hall.ledger.new_code("SLC", "console", now()).unwrap();
    let admitting = crate::ledger::Admitting { secret, machine: "test", request: Digest([1; 32]) };
    let certificate = crate::ledger::NewCertificate { sha256: issued.digest, pem: issued.pem };
    hall.ledger.admit(&admitting, now(), |_| Ok((certificate, vec![]))).unwrap();
    let request = |method: &str, address: &str, headers: &[(&str, &str)], body: Vec<u8>| {
        let mut request = Request::builder().method(method).uri(address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Body::from(body)).unwrap()
    };
    const TUS: (&str, &str) = ("tus-resumable", "1.0.0");
    let long = vec![b'x'; 4 << 20];
    let nul = format!("{}/{}", path::RESULTS, "zz");
    let table: Vec<(&str, &str, Vec<(&str, &str)>, Vec<u8>, u16, Option<Kind>)> = vec![
        ("GET", "/", vec![], vec![], 404, Some(Kind::NotFound)),
        ("GET", path::ACTS, vec![], vec![], 404, Some(Kind::NotFound)),
        ("POST", path::ACTS, vec![], b"{".to_vec(), 400, Some(Kind::BadRequest)),
        ("POST", path::ACTS, vec![], b"{\"act\":\"*\",\"filing\":null}".to_vec(), 400, Some(Kind::BadRequest)),
        ("POST", path::ACTS, vec![], long.clone(), 413, Some(Kind::BodyTooLarge)),
        ("POST", path::HAVE, vec![], b"{\"digests\":[\"AB\"]}".to_vec(), 400, Some(Kind::BadRequest)),
        ("POST", path::ADMISSION, vec![], long, 413, Some(Kind::BodyTooLarge)),
        ("GET", "/api/1/feed?cursor=x", vec![], vec![], 400, Some(Kind::BadRequest)),
        ("GET", &nul, vec![], vec![], 404, Some(Kind::NotFound)),
        ("POST", path::PAGES, vec![("upload-length", "5")], vec![], 412, Some(Kind::BadRequest)),
        ("POST", path::PAGES, vec![TUS, ("upload-length", "-5")], vec![], 400, Some(Kind::BadRequest)),
        ("POST", path::PAGES, vec![TUS, ("upload-length", "99999999999")], vec![], 413, Some(Kind::BodyTooLarge)),
        (
            "POST",
            path::PAGES,
            vec![TUS, ("upload-length", "5"), ("upload-metadata", "sha256 eA==")],
            vec![],
            400,
            Some(Kind::BadRequest),
        ),
        ("POST", path::PAGES, vec![TUS, ("upload-length", "5"), ("upload-metadata", "")], vec![], 201, None),
        ("POST", path::PAGES, vec![TUS, ("upload-length", "5"), ("upload-metadata", "filename eA==,odd")], vec![], 201, None),
        ("OPTIONS", path::PAGES, vec![], vec![], 204, None),
        ("PATCH", "/api/1/pages/x", vec![TUS], vec![], 415, Some(Kind::BadRequest)),
        ("POST", "/api/1/pages/x", vec![TUS, ("x-http-method-override", "DELETE")], vec![], 404, Some(Kind::NotFound)),
        ("POST", "/api/1/pages/x", vec![TUS], vec![], 404, Some(Kind::NotFound)),
    ];
    for (method, address, headers, body, status, kind) in table {
        let asked = request(method, address, &headers, body);
        let answer = routed(&hall, Some(&pem.contents), asked).await;
        assert_eq!((answer.0.as_u16(), answer.1), (status, kind), "{method} {address} {headers:?}");
    }
    let without = routed(&hall, None, request("OPTIONS", path::PAGES, &[], vec![])).await;
    assert_eq!(without, (StatusCode::UNAUTHORIZED, Some(Kind::NoCertificate)));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_version_of_the_wire_is_told_so_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let running = serving(dir.path());
    let terminal = Terminal::admit(&running, "SLC").await;
    for path in ["/api/0/acts", "/api/2/feed", "/api/99/"] {
        let answer = terminal.ask(Method::GET, path).send().await.unwrap();
        assert_eq!(answer.status(), 426, "{path}");
        assert!(answer.text().await.unwrap().contains("wire-version"), "{path}");
    }
    for path in ["/api/1/nobody", "/api/x/acts", "/"] {
        assert_eq!(terminal.ask(Method::GET, path).send().await.unwrap().status(), 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_is_told_when_the_ledger_never_stood_where_it_saw_it() {
    let dir = tempfile::tempdir().unwrap();
    let running = serving(dir.path());
    let terminal = Terminal::admit(&running, "SLC").await;
    let have = wire::Have { digests: Vec::new() };
    let ask = async |known: Option<String>| {
        let mut request = terminal.ask(Method::POST, path::HAVE).json(&have);
        if let Some(known) = known {
            request = request.header(wire::header::LEDGER_KNOWN, known);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let text = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let parts = [wire::header::LEDGER_INCARNATION, wire::header::LEDGER_SEQUENCE, wire::header::LEDGER_CHAIN];
        (parts.map(|name| text(name).unwrap()).join("/"), text(wire::header::LEDGER_KNOWN))
    };
    // A terminal of the first builds names nothing and is told nothing.
    let (stands, went_back) = ask(None).await;
    assert_eq!(went_back, None);
    let (same, went_back) = ask(Some(stands.clone())).await;
    assert_eq!((&same, went_back), (&stands, None));
    let never = wire::Known { chain: Digest([7; 32]), ..wire::Known::parse(&stands).unwrap() };
    let (anew, went_back) = ask(Some(never.to_string())).await;
    assert_eq!(went_back.as_deref(), Some(wire::header::WENT_BACK));
    assert_ne!(anew.split('/').next(), stands.split('/').next(), "another incarnation");
    assert_eq!(ask(Some("nonsense".into())).await.1, None);
}

#[path = "skew_tests.rs"]
mod skew_tests;
