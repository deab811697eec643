//! Both listeners of the hall: terminals over mutual TLS, the desk over plain HTTP on this machine.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    os::unix::fs::OpenOptionsExt as _,
    sync::Arc,
    time::Duration,
};

use axum_server::{Handle, tls_rustls::RustlsConfig};
use tokio::runtime;

use crate::{Hall, api, clockwork, desk, door::AuthorityError, ledger::LedgerError};

/// Lock file of the one server of a directory.
const LOCK: &str = "serve.lock";
/// After a stop, lines in progress get this long.
const GRACE: Duration = Duration::from_secs(5);

/// Where to listen.
#[derive(Clone, Debug)]
pub struct Listen {
    pub api: SocketAddr,
    pub desk: SocketAddr,
    /// Further names under which terminals know this machine; `localhost` and the address itself are known.
    pub names: Vec<String>,
    /// Oldest version of the wire that is answered. Above [`wire::VERSION`] no terminal is: they seal and
    /// queue, and say that they must be updated.
    pub wire_from: u32,
}

impl Default for Listen {
    fn default() -> Self {
        let local = |port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
        Self { api: local(7443), desk: local(7080), names: Vec::new(), wire_from: *wire::SERVED.start() }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("another server is running on this directory")]
    Held,
    /// The desk has no TLS: it may be reached from this machine only.
    #[error("the desk listens on this machine only")]
    DeskOutside,
    #[error("{address} cannot be listened on")]
    Listen {
        address: SocketAddr,
        #[source]
        source: io::Error,
    },
    #[error("the server could not be started")]
    Start(#[source] io::Error),
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// A hall that is being served, until it is stopped or dropped.
pub struct Running {
    api: SocketAddr,
    desk: SocketAddr,
    name: String,
    hall: Arc<Hall>,
    handles: [Handle<SocketAddr>; 2],
    thread: Option<std::thread::JoinHandle<io::Result<()>>>,
    /// Held as long as the server runs; the system gives it back even after a kill.
    _lock: File,
}

impl Running {
    /// Address for terminals, e.g. `https://127.0.0.1:7443`.
    pub fn api_url(&self) -> String {
        format!("https://{}:{}", self.name, self.api.port())
    }

    /// Address for clerks' browsers.
    pub fn desk_url(&self) -> String {
        format!("http://{}", self.desk)
    }

    pub fn hall(&self) -> &Arc<Hall> {
        &self.hall
    }

    /// Ends the server: no new lines, those in progress are finished or cut after a moment.
    ///
    /// # Errors
    /// What broke the server before, if anything did.
    pub fn stop(mut self) -> io::Result<()> {
        self.end()
    }

    fn end(&mut self) -> io::Result<()> {
        self.hall.news.close();
        for handle in &self.handles {
            handle.graceful_shutdown(Some(GRACE));
        }
        match self.thread.take().map(std::thread::JoinHandle::join) {
            Some(Ok(done)) => done,
            Some(Err(_)) => Err(io::Error::other("the server's thread broke off")),
            None => Ok(()),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Who cares about the outcome calls `stop`.
        let _ = self.end();
    }
}

/// Starts both listeners on threads of their own and returns once they listen.
///
/// # Errors
/// [`ServeError::Held`] when this directory is being served already.
pub fn start(hall: Arc<Hall>, listen: &Listen) -> Result<Running, ServeError> {
    let lock = lock(&hall)?;
    if !listen.desk.ip().is_loopback() {
        return Err(ServeError::DeskOutside);
    }
    if hall.ledger.check_mark(hall.clock.now())? {
        tracing::error!("an older ledger was put in this one's place: a new incarnation begins");
    }
    // Where the caller has set one already, that one stays.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (terminals, clerks) = (bind(listen.api)?, bind(listen.desk)?);
    let api = terminals.local_addr().map_err(ServeError::Start)?;
    let desk = clerks.local_addr().map_err(ServeError::Start)?;
    let mut names = vec!["localhost".to_owned(), Ipv4Addr::LOCALHOST.to_string()];
    if !api.ip().is_unspecified() {
        names.push(api.ip().to_string());
    }
    names.extend(listen.names.iter().cloned());
    names.dedup();
    let tls = RustlsConfig::from_config(hall.authority.server_config(&names, &hall.clock)?);
    let handles = [Handle::new(), Handle::new()];
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("hall")
        .enable_all()
        .build()
        .map_err(ServeError::Start)?;
    let served = listen.wire_from.max(*wire::SERVED.start())..=wire::VERSION;
    let routers = (api::router(Arc::clone(&hall), served), desk::router(Arc::clone(&hall)));
    let weak = Arc::downgrade(&hall);
    let [api_handle, desk_handle] = handles.clone();
    let serving = move || {
        runtime.block_on(async move {
            tokio::spawn(api::news::carry(weak.clone()));
            tokio::spawn(clockwork::run(weak));
            let terminals = axum_server::from_tcp_rustls(terminals, tls)?.handle(api_handle).serve(routers.0.into_make_service());
            let clerks = axum_server::from_tcp(clerks)?.handle(desk_handle).serve(routers.1.into_make_service());
            tokio::try_join!(terminals, clerks).map(drop)
        })
    };
    let thread = std::thread::Builder::new().name("hall".to_owned()).spawn(serving).map_err(ServeError::Start)?;
    let name = match (api.ip().is_unspecified(), listen.names.first()) {
        (true, Some(name)) => name.clone(),
        (true, None) => Ipv4Addr::LOCALHOST.to_string(),
        (false, _) => SocketAddr::new(api.ip(), 0).to_string().trim_end_matches(":0").to_owned(),
    };
    Ok(Running { api, desk, name, hall, handles, thread: Some(thread), _lock: lock })
}

fn bind(address: SocketAddr) -> Result<TcpListener, ServeError> {
    let listen = || {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    };
    listen().map_err(|source| ServeError::Listen { address, source })
}

fn lock(hall: &Hall) -> Result<File, ServeError> {
    let path = hall.ledger.dir().join(LOCK);
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path).map_err(ServeError::Start)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ServeError::Held),
        Err(TryLockError::Error(error)) => Err(ServeError::Start(error)),
    }
}
