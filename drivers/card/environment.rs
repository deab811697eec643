//! Where the PC/SC service listens. The client library reads it from the environment, once.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The name under which libpcsclite looks for the socket.
pub const SOCKET_VARIABLE: &str = "PCSCLITE_CSOCK_NAME";
const DEFAULT: &str = "/run/pcscd/pcscd.comm";

static CHOSEN: OnceLock<PathBuf> = OnceLock::new();

/// Points this process at another PC/SC service (the stand-in's private one). To be called at the
/// very beginning of `main`, before any thread exists, and once.
///
/// # Errors
/// Gives the path back when other threads run already: changing the environment under them is not sound.
pub fn use_socket(path: &Path) -> Result<(), PathBuf> {
    let alone = std::fs::read_dir("/proc/self/task").map(|tasks| tasks.count() == 1).unwrap_or(false);
    if !alone || CHOSEN.set(path.to_owned()).is_err() {
        return Err(path.to_owned());
    }
    #[expect(unsafe_code, reason = "set_var is unsafe while other threads run; none does, by the check above")]
    // SAFETY: this thread is the only one of the process, so nobody reads the environment meanwhile.
    unsafe {
        std::env::set_var(SOCKET_VARIABLE, path);
    }
    Ok(())
}

/// Whether a service listens although it refused a context: then it refuses this session.
pub(crate) fn listens() -> bool {
    #[expect(clippy::disallowed_methods, reason = "the variable belongs to libpcsclite; this asks what it will use")]
    let variable = std::env::var_os(SOCKET_VARIABLE).map(PathBuf::from);
    let path = variable.unwrap_or_else(|| DEFAULT.into());
    match std::os::unix::net::UnixStream::connect(path) {
        Ok(_) => true,
        Err(error) => error.kind() == std::io::ErrorKind::PermissionDenied,
    }
}
