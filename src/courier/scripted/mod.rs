//! A town hall of a few hundred lines for tests and for the bench: real TLS on 127.0.0.1, real
//! receipts, and a list of faults that it commits in order.

mod authority;
mod desk;
mod sample;

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{Builder, JoinHandle},
};

use outbox::{Admission, Particulars};
use rcgen::{CertificateParams, KeyPair};
use rustls::{
    RootCertStore, ServerConfig, ServerConnection, StreamOwned,
    client::danger::HandshakeSignatureValid,
    pki_types::{CertificateDer, PrivateKeyDer, UnixTime},
    server::{
        WebPkiClientVerifier,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};
use seal::SigningKey;

use self::desk::{Desk, Reply};
pub use self::{
    authority::{Authority, dates, day},
    desk::{Fault, Forgery, Seen, State},
    sample::{Pack, pack, supplement},
};

pub const POINT: &str = "SLC";
pub const TERMINAL: &str = "SLC-1";
/// The day on which these tests play; the hall's clock stands there.
const TODAY: &str = "2026-06-01";

pub struct TinyHall {
    pub authority: Arc<Authority>,
    pub key: SigningKey,
    pub address: SocketAddr,
    pub line: Arc<Line>,
    state: Arc<Mutex<State>>,
    acceptor: Option<JoinHandle<()>>,
}

/// Bytes on the TCP connections, and the connections themselves.
#[derive(Default)]
pub struct Line {
    pub to_hall: AtomicU64,
    pub from_hall: AtomicU64,
    pub connections: AtomicU64,
    closing: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

impl TinyHall {
    pub fn start() -> Self {
        let authority = Authority::new("样本镇");
        let certificate = authority.server("127.0.0.1", ("2026-01-01", "2027-01-01"));
        Self::start_with(Arc::new(authority), certificate)
    }

    /// A hall that forgot to show its authority, shows another, or whose dates are over.
    pub fn start_with(
        authority: Arc<Authority>,
        (chain, server_key): (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>),
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(authority.der()).expect("an authority");
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .allow_unauthenticated()
            .build()
            .expect("roots");
        let config = ServerConfig::builder_with_details(provider, Arc::new(Fixed))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_client_cert_verifier(Arc::new(AnyDate(clients)))
            .with_single_cert(chain, server_key)
            .expect("a certificate");
        let key = SigningKey::generate().expect("random numbers");
        let state = Arc::new(Mutex::new(State { hall_time: day(TODAY), ..State::default() }));
        let line = Arc::new(Line::default());
        let desk = Desk { state: Arc::clone(&state), authority: Arc::clone(&authority), key: SigningKey::from_seed(&key.seed()) };
        let acceptor = {
            let (line, config, desk) = (Arc::clone(&line), Arc::new(config), Arc::new(desk));
            Builder::new().name("tiny-hall".into()).spawn(move || accept(&listener, &line, &config, &desk)).expect("a thread")
        };
        Self { authority, key, address, line, state, acceptor: Some(acceptor) }
    }

    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic in the hall")
    }

    pub fn fault(&self, method: &'static str, path: &'static str, fault: Fault) {
        self.state().faults.push_back((method, path, fault));
    }

    /// What an admission would have left, without asking for one.
    pub fn admission(&self) -> Admission {
        self.admission_of(("2026-01-01", "2027-01-01"))
    }

    /// With a certificate of these dates.
    pub fn admission_of(&self, days: (&str, &str)) -> Admission {
        let key = KeyPair::generate().expect("a key");
        let csr = CertificateParams::default().serialize_request(&key).and_then(|csr| csr.pem()).expect("a request");
        Admission {
            hall_url: self.url(),
            terminal: TERMINAL.into(),
            serial: "01".into(),
            particulars: Particulars {
                point: POINT.into(),
                point_name: String::new(),
                point_hours: String::new(),
                point_phone: String::new(),
                hall_name: String::new(),
                hall_phone: String::new(),
                supervision_phone: String::new(),
                hall_keys: vec![(self.key.public().kid, hex::encode(self.key.public().to_bytes()))],
                bundle: None,
                recovery: None,
            },
            certificate_pem: self.authority.client(&csr, TERMINAL, days),
            authority_pem: self.authority.pem(),
            key_pem: key.serialize_pem().into(),
        }
    }

    /// Breaks every connection that stands.
    pub fn break_connections(&self) {
        for connection in self.line.open.lock().expect("no panic").drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for TinyHall {
    fn drop(&mut self) {
        self.line.closing.store(true, Ordering::SeqCst);
        self.break_connections();
        // Wakes the acceptor.
        let _ = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

fn accept(listener: &TcpListener, line: &Arc<Line>, config: &Arc<ServerConfig>, desk: &Arc<Desk>) {
    let mut threads = Vec::new();
    while let Ok((socket, _)) = listener.accept() {
        if line.closing.load(Ordering::SeqCst) {
            break;
        }
        line.connections.fetch_add(1, Ordering::SeqCst);
        line.open.lock().expect("no panic").push(socket.try_clone().expect("a socket"));
        let counted = Counted { socket, line: Arc::clone(line) };
        let (config, desk) = (Arc::clone(config), Arc::clone(desk));
        let talk = move || {
            let connection = ServerConnection::new(config).expect("a configuration");
            let mut tls = StreamOwned::new(connection, counted);
            while matches!(desk.serve(&mut tls), Ok(true)) {}
            tls.conn.send_close_notify();
            let _ = tls.flush();
            let _ = tls.sock.socket.shutdown(Shutdown::Both);
        };
        threads.push(Builder::new().name("tiny-hall-talk".into()).spawn(talk).expect("a thread"));
    }
    for socket in line.open.lock().expect("no panic").drain(..) {
        let _ = socket.shutdown(Shutdown::Both);
    }
    for thread in threads {
        let _ = thread.join();
    }
}

/// Lets certificates that have ended shake hands: the desk gives them one door.
#[derive(Debug)]
struct AnyDate(Arc<dyn ClientCertVerifier>);

impl ClientCertVerifier for AnyDate {
    fn root_hint_subjects(&self) -> &[rustls::DistinguishedName] {
        self.0.root_hint_subjects()
    }

    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let (from, _) = dates(end_entity);
        self.0.verify_client_cert(end_entity, intermediates, UnixTime::since_unix_epoch(seconds(from)))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &rustls::DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &rustls::DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

fn seconds(time: jiff::Timestamp) -> std::time::Duration {
    std::time::Duration::from_secs(time.as_second().unsigned_abs())
}

#[derive(Debug)]
struct Fixed;

impl rustls::time_provider::TimeProvider for Fixed {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(seconds(day(TODAY))))
    }
}

struct Counted {
    socket: TcpStream,
    line: Arc<Line>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.socket.read(buffer)?;
        self.line.to_hall.fetch_add(read as u64, Ordering::SeqCst);
        Ok(read)
    }
}

impl Write for Counted {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.socket.write(buffer)?;
        self.line.from_hall.fetch_add(written as u64, Ordering::SeqCst);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

type Tls = StreamOwned<ServerConnection, Counted>;

impl Desk {
    /// Serves one request; `false` when the connection is over.
    fn serve(&self, tls: &mut Tls) -> io::Result<bool> {
        let Some((mut seen, length)) = head(tls)? else { return Ok(false) };
        let fault = self.take_fault(&seen);
        let cut = match fault {
            Some(Fault::CutBody(bytes)) => Some(bytes.min(length)),
            _ => None,
        };
        seen.body = vec![0; cut.unwrap_or(length)];
        tls.read_exact(&mut seen.body)?;
        self.state.lock().expect("no panic").seen.push(seen.clone());
        let until = tls.conn.peer_certificates().and_then(|chain| chain.first()).map(|own| dates(own).1);
        match fault {
            Some(Fault::Say(status, headers, body)) => write(tls, &seen, &Reply(status, headers, body.into())),
            Some(Fault::Problem(kind)) => write(tls, &seen, &Reply::problem(kind)),
            Some(Fault::Garbage) => {
                tls.write_all(b"\x00\x01\x02 this is no answer\r\n\r\n")?;
                tls.flush()?;
                Ok(false)
            }
            Some(Fault::Silence) => {
                let _ = tls.read(&mut [0; 1]);
                Ok(false)
            }
            Some(Fault::CutBody(_)) => {
                self.answer(&seen, until, None);
                Ok(false)
            }
            Some(Fault::LoseAnswer) => {
                self.answer(&seen, until, None);
                Ok(false)
            }
            Some(Fault::Forge(forgery)) => write(tls, &seen, &self.answer(&seen, until, Some(forgery))),
            None => write(tls, &seen, &self.answer(&seen, until, None)),
        }
    }

    fn take_fault(&self, seen: &Seen) -> Option<Fault> {
        let mut state = self.state.lock().expect("no panic");
        let at = state.faults.iter().position(|(method, path, _)| seen.method == *method && seen.path.starts_with(path))?;
        state.faults.remove(at).map(|(_, _, fault)| fault)
    }
}

/// Reads a request's head; `None` when the other side has closed.
fn head(tls: &mut Tls) -> io::Result<Option<(Seen, usize)>> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if tls.read(&mut byte)? == 0 {
            return Ok(None);
        }
        bytes.push(byte[0]);
    }
    let text = String::from_utf8_lossy(&bytes);
    let mut lines = text.lines();
    let mut first = lines.next().unwrap_or("").split(' ');
    let (method, path) = (first.next().unwrap_or("").to_owned(), first.next().unwrap_or("").to_owned());
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.get("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    Ok(Some((Seen { method, path, headers, body: Vec::new() }, length)))
}

fn write(tls: &mut Tls, seen: &Seen, Reply(status, headers, body): &Reply) -> io::Result<bool> {
    let mut out = format!("HTTP/1.1 {status} .\r\ndate: Mon, 01 Jun 2026 00:00:00 GMT\r\n");
    for (name, value) in headers {
        out += &format!("{name}: {value}\r\n");
    }
    if *status != 204 {
        out += &format!("content-length: {}\r\n", body.len());
    }
    out += "\r\n";
    let mut bytes = out.into_bytes();
    if seen.method != "HEAD" {
        bytes.extend_from_slice(body);
    }
    tls.write_all(&bytes)?;
    tls.flush()?;
    Ok(true)
}
