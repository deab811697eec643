//! What only the kernel can do: a mount and a network of one's own, and dying with one's parent.
//!
//! The one file of this room with `unsafe` system calls; each is one call with checked arguments.
#![expect(unsafe_code, reason = "unshare, mount, ioctl and prctl have no safe wrapper in std")]

use std::ffi::CString;
use std::fs;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

fn checked(result: libc::c_int, what: &str) -> io::Result<()> {
    if result == 0 {
        return Ok(());
    }
    let error = io::Error::last_os_error();
    Err(io::Error::new(error.kind(), format!("{what}: {error}")))
}

/// Asks the kernel to send this process a signal when its parent ends, however it ends. The parent
/// is the thread that started this process.
pub(super) fn die_with_parent(signal: libc::c_int) -> io::Result<()> {
    // SAFETY: prctl with PR_SET_PDEATHSIG reads one integer.
    checked(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, signal) }, "prctl")
}

/// Makes a child die with the thread that starts it.
pub(super) fn dies_with_us(command: &mut Command) {
    // SAFETY: between fork and exec only prctl and getppid are called, both async-signal-safe.
    unsafe {
        command.pre_exec(|| die_with_parent(libc::SIGKILL));
    }
}

/// Gives this process a mount table and a network of its own, in which `folder` appears as `at`
/// (below `/run`) and the loopback interface is up. An ordinary user also gets a user namespace in
/// which it is root. To be called while the process has one thread.
///
/// # Errors
/// What the kernel says, with the step: user namespaces can be switched off, containers can forbid mounts.
pub(super) fn enter_private_namespaces(folder: &Path, at: &Path) -> io::Result<()> {
    // SAFETY: these calls only read this process's ids.
    let (uid, gid) = unsafe { (libc::geteuid(), libc::getegid()) };
    let mut flags = libc::CLONE_NEWNS | libc::CLONE_NEWNET;
    if uid != 0 {
        flags |= libc::CLONE_NEWUSER;
    }
    // SAFETY: unshare takes flags only; there is one thread.
    checked(unsafe { libc::unshare(flags) }, "unshare")?;
    if uid != 0 {
        fs::write("/proc/self/setgroups", "deny")?;
        fs::write("/proc/self/uid_map", format!("0 {uid} 1"))?;
        fs::write("/proc/self/gid_map", format!("0 {gid} 1"))?;
    }
    // Nothing mounted from here on reaches the machine's own table.
    mount(None, Path::new("/"), None, libc::MS_REC | libc::MS_PRIVATE)?;
    // Held open, because a private /run may come to lie over its path. Opened only now: a folder
    // of the old mount table cannot be mounted in the new one.
    let folder = fs::File::open(folder)?;
    if !at.is_dir() {
        // A private /run, so that no folder need be made on the machine.
        mount(None, Path::new("/run"), Some("tmpfs"), 0)?;
        fs::create_dir_all(at)?;
    }
    let source = format!("/proc/self/fd/{}", folder.as_raw_fd());
    mount(Some(Path::new(&source)), at, None, libc::MS_BIND)?;
    loopback_up()
}

fn mount(source: Option<&Path>, target: &Path, kind: Option<&str>, flags: libc::c_ulong) -> io::Result<()> {
    let path = |path: &Path| CString::new(path.as_os_str().as_encoded_bytes()).map_err(io::Error::from);
    let source = source.map(path).transpose()?.unwrap_or_default();
    let kind = kind.map(CString::new).transpose()?.unwrap_or_default();
    let name = path(target)?;
    // SAFETY: all pointers are C strings that outlive the call; no data is passed.
    let result = unsafe { libc::mount(source.as_ptr(), name.as_ptr(), kind.as_ptr(), flags, std::ptr::null()) };
    checked(result, &format!("mount {}", target.display()))
}

fn loopback_up() -> io::Result<()> {
    let socket = std::net::UdpSocket::bind(("0.0.0.0", 0))?;
    // SAFETY: ifreq is plain data; nought is a valid value of every field.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (slot, byte) in request.ifr_name.iter_mut().zip(b"lo") {
        *slot = *byte as libc::c_char;
    }
    request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
    // SAFETY: SIOCSIFFLAGS reads the ifreq that is passed and keeps nothing of it.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS as _, &request) };
    checked(result, "loopback")
}

/// Sends a signal to a process that this program started and has not yet waited for.
pub(super) fn signal(pid: u32, signal: libc::c_int) -> io::Result<()> {
    let pid = libc::pid_t::try_from(pid).map_err(io::Error::other)?;
    // SAFETY: kill takes two integers; the pid is a child of ours and not yet reaped.
    checked(unsafe { libc::kill(pid, signal) }, "kill")
}
