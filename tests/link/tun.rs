//! Networks of their own for village and town, each with one TUN device whose other end is a file.
#![expect(unsafe_code, reason = "unshare and the ioctl of TUN devices have no safe wrapper in std")]

use std::{
    fs::{File, OpenOptions},
    io,
    os::fd::AsRawFd as _,
    process::Command,
};

/// Gives this thread, and whatever it starts from now on, a network of its own.
///
/// # Errors
/// What the kernel says: only who administers the machine (or its container) may.
pub fn private_network() -> io::Result<()> {
    // SAFETY: unshare takes flags only, and changes this thread alone.
    let result = unsafe { libc::unshare(libc::CLONE_NEWNET) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// A TUN device in this thread's network with this address; packets are read from and written to the file.
///
/// # Errors
/// When there is no `/dev/net/tun`, or the device cannot be made or set up.
pub fn device(name: &str, address: &str) -> io::Result<File> {
    #[repr(C)]
    struct Request {
        name: [u8; 16],
        flags: i16,
        rest: [u8; 22],
    }
    /// `_IOW('T', 202, int)` of linux/if_tun.h.
    const TUNSETIFF: libc::c_ulong = 0x4004_54ca;
    /// Bare IP packets, without a head of four bytes.
    const IFF_TUN_NO_PI: i16 = 0x1001;

    let file = OpenOptions::new().read(true).write(true).open("/dev/net/tun")?;
    let mut request = Request { name: [0; 16], flags: IFF_TUN_NO_PI, rest: [0; 22] };
    request.name[..name.len()].copy_from_slice(name.as_bytes());
    // SAFETY: TUNSETIFF reads and writes the ifreq that is passed, of its full size, and keeps nothing of it.
    let result = unsafe { libc::ioctl(file.as_raw_fd(), TUNSETIFF as _, &mut request) };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    for words in
        [&["link", "set", "lo", "up"][..], &["addr", "add", address, "dev", name], &["link", "set", name, "mtu", "1500", "up"]]
    {
        let done = Command::new("ip").args(words).output()?;
        if !done.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&done.stderr).into_owned()));
        }
    }
    Ok(file)
}
