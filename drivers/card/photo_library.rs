//! The one call into a vendor's library. Runs only in the child process of `photo.rs`.
#![expect(unsafe_code, reason = "a C library is loaded by name and called; that is what it is")]

use std::ffi::{CStr, CString, c_char, c_int};
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Bytes of a photo on the card.
pub const WLT_LEN: usize = 1024;
/// Room for a decoded picture, twice the largest known.
const BITMAP_ROOM: usize = 128 * 1024;

/// How the library is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// `int GetBmp(char *wlt_file, int interface)`; 1 is success, the picture lies beside the file.
    GetBmp,
    /// `int unpack(char *wlt_bytes, char *bitmap, int save)`; 1 is success, save = 1 writes `zp.bmp`.
    Unpack,
}

/// Lets the kernel end this child when the thread that waits for it ends: nobody would erase its files.
pub(crate) fn die_with_parent() {
    // SAFETY: prctl with PR_SET_PDEATHSIG reads one integer; a failure leaves the time limit as it is.
    unsafe {
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
    }
}

/// Loads the library and makes the call; gives the library's own result.
pub(crate) fn call(library: &Path, call: Call, file: &str, wlt: &[u8]) -> Result<c_int, ()> {
    let library = CString::new(library.as_os_str().as_encoded_bytes()).map_err(|_| ())?;
    let file = CString::new(file).map_err(|_| ())?;
    // SAFETY: dlopen takes a C string; the library's own initialisers run, in this child only.
    let handle = unsafe { libc::dlopen(library.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
    if handle.is_null() {
        return Err(());
    }
    let symbol = |name: &CStr| {
        // SAFETY: the handle is open and the name a C string.
        let address = unsafe { libc::dlsym(handle, name.as_ptr()) };
        if address.is_null() { Err(()) } else { Ok(address) }
    };
    match call {
        Call::GetBmp => {
            let address = symbol(c"GetBmp")?;
            // SAFETY: vendors document `int GetBmp(char *, int)`; the string outlives the call.
            let get_bmp: extern "C" fn(*mut c_char, c_int) -> c_int = unsafe { std::mem::transmute(address) };
            // 2 stands for a reader on USB, which is what the libraries ask after.
            Ok(get_bmp(file.into_raw(), 2))
        }
        Call::Unpack => {
            let address = symbol(c"unpack")?;
            // SAFETY: vendors document `int unpack(char *, char *, int)`; both buffers are larger
            // than what is read (1,024) and written (38,862).
            let unpack: extern "C" fn(*mut c_char, *mut c_char, c_int) -> c_int = unsafe { std::mem::transmute(address) };
            let mut input = wlt.to_vec();
            input.resize(WLT_LEN, 0);
            let mut output = vec![0u8; BITMAP_ROOM];
            Ok(unpack(input.as_mut_ptr().cast(), output.as_mut_ptr().cast(), 1))
        }
    }
}
