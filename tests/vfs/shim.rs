//! SQLite's calls, handed to the real file layer and to the disk's bookkeeping.
//!
//! A file of ours is [`Ours`] with the real layer's file behind it in the same piece of memory,
//! whose size SQLite takes from `szOsFile`.

use std::{
    ffi::{CStr, OsStr, c_char, c_int, c_void},
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    ptr,
    sync::{Arc, Mutex, OnceLock},
};

use rusqlite::ffi::{
    SQLITE_IOERR_DELETE, SQLITE_IOERR_FSYNC, SQLITE_IOERR_READ, SQLITE_IOERR_SHORT_READ, SQLITE_IOERR_TRUNCATE,
    SQLITE_IOERR_WRITE, SQLITE_OK, SQLITE_OPEN_CREATE, sqlite3_file, sqlite3_filename, sqlite3_int64, sqlite3_io_methods,
    sqlite3_vfs, sqlite3_vfs_find, sqlite3_vfs_register,
};

use crate::disk::{Fate, State, lock, of};

#[repr(C)]
struct Ours {
    base: sqlite3_file,
    /// Null for a file that belongs to no disk.
    kept: *mut Kept,
}

struct Kept {
    disk: Arc<Mutex<State>>,
    path: PathBuf,
}

/// Puts the shim before SQLite's file layer, for every connection that is opened from now on.
pub fn install() {
    static DONE: OnceLock<()> = OnceLock::new();
    DONE.get_or_init(|| {
        // SAFETY: the default layer lives as long as the process; so does the copy of it, which is leaked.
        unsafe {
            let real = sqlite3_vfs_find(ptr::null());
            assert!(!real.is_null(), "SQLite has a file layer");
            let ours = Box::leak(Box::new(*real));
            ours.szOsFile += size_of::<Ours>() as c_int;
            ours.zName = c"forgetful".as_ptr();
            ours.pAppData = real.cast();
            ours.pNext = ptr::null_mut();
            ours.xOpen = Some(open);
            ours.xDelete = Some(delete);
            assert_eq!(sqlite3_vfs_register(ours, 1), SQLITE_OK, "the shim is registered");
        }
    });
}

/// The real layer's file behind ours.
///
/// # Safety
/// `file` was given to `open`.
unsafe fn behind(file: *mut sqlite3_file) -> *mut sqlite3_file {
    // SAFETY: SQLite allots `szOsFile` bytes, which is the size of both.
    unsafe { file.cast::<u8>().add(size_of::<Ours>()).cast() }
}

/// # Safety
/// `file` was opened and is not closed.
unsafe fn kept<'a>(file: *mut sqlite3_file) -> Option<&'a Kept> {
    // SAFETY: `kept` is null or a box that lives until `close`.
    unsafe { (*file.cast::<Ours>()).kept.as_ref() }
}

unsafe extern "C" fn open(
    vfs: *mut sqlite3_vfs,
    name: sqlite3_filename,
    file: *mut sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite hands a piece of memory of `szOsFile` bytes, and a name that is null or ends in zero.
    unsafe {
        let real: *mut sqlite3_vfs = (*vfs).pAppData.cast();
        let ours = file.cast::<Ours>();
        (*ours).base.pMethods = ptr::null();
        (*ours).kept = ptr::null_mut();
        let path = (!name.is_null()).then(|| Path::new(OsStr::from_bytes(CStr::from_ptr(name).to_bytes())));
        let disk = path.and_then(of);
        if disk.as_ref().is_some_and(|disk| lock(disk).is_dead()) {
            return SQLITE_IOERR_READ;
        }
        let fresh = flags & SQLITE_OPEN_CREATE != 0 && path.is_some_and(|path| !path.exists());
        let Some(open) = (*real).xOpen else { return SQLITE_IOERR_READ };
        let done = open(real, name, behind(file), flags, out);
        if done != SQLITE_OK {
            return done;
        }
        if let (Some(disk), Some(path)) = (disk, path) {
            if fresh {
                lock(&disk).made(path);
            }
            (*ours).kept = Box::into_raw(Box::new(Kept { disk, path: path.to_owned() }));
        }
        (*ours).base.pMethods = &METHODS;
        done
    }
}

unsafe extern "C" fn delete(vfs: *mut sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    // SAFETY: as in `open`.
    unsafe {
        let real: *mut sqlite3_vfs = (*vfs).pAppData.cast();
        let path = Path::new(OsStr::from_bytes(CStr::from_ptr(name).to_bytes()));
        if let Some(disk) = of(path) {
            let mut disk = lock(&disk);
            if disk.operation() != Fate::Done {
                return SQLITE_IOERR_DELETE;
            }
            if let Ok(bytes) = std::fs::read(path) {
                disk.removed(path, bytes, sync != 0);
            }
        }
        (*real).xDelete.map_or(SQLITE_IOERR_DELETE, |delete| delete(real, name, sync))
    }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: the box was made in `open` and is taken once.
    unsafe {
        let ours = file.cast::<Ours>();
        if !(*ours).kept.is_null() {
            drop(Box::from_raw((*ours).kept));
            (*ours).kept = ptr::null_mut();
        }
        let real = behind(file);
        (*(*real).pMethods).xClose.map_or(SQLITE_OK, |close| close(real))
    }
}

unsafe extern "C" fn read(file: *mut sqlite3_file, to: *mut c_void, count: c_int, at: sqlite3_int64) -> c_int {
    // SAFETY: handed on as it came.
    unsafe {
        if kept(file).is_some_and(|kept| lock(&kept.disk).is_dead()) {
            return SQLITE_IOERR_READ;
        }
        let real = behind(file);
        (*(*real).pMethods).xRead.map_or(SQLITE_IOERR_READ, |read| read(real, to, count, at))
    }
}

/// # Safety
/// `real` is an open file of the real layer.
unsafe fn length(real: *mut sqlite3_file) -> usize {
    let mut size: sqlite3_int64 = 0;
    // SAFETY: the real layer writes one number.
    unsafe { (*(*real).pMethods).xFileSize.map(|ask| ask(real, &raw mut size)) };
    usize::try_from(size).unwrap_or(0)
}

/// What stands there, as far as the file goes.
///
/// # Safety
/// `real` is an open file of the real layer.
unsafe fn stands(real: *mut sqlite3_file, at: usize, count: usize) -> Vec<u8> {
    let mut bytes = vec![0u8; count];
    // SAFETY: the buffer has `count` bytes.
    let done = unsafe {
        (*(*real).pMethods)
            .xRead
            .map_or(SQLITE_IOERR_READ, |read| read(real, bytes.as_mut_ptr().cast(), count as c_int, at as sqlite3_int64))
    };
    if done == SQLITE_OK || done == SQLITE_IOERR_SHORT_READ { bytes } else { Vec::new() }
}

unsafe extern "C" fn write(file: *mut sqlite3_file, from: *const c_void, count: c_int, at: sqlite3_int64) -> c_int {
    // SAFETY: `from` has `count` bytes; handed on as it came.
    unsafe {
        let real = behind(file);
        let pass = || (*(*real).pMethods).xWrite.map_or(SQLITE_IOERR_WRITE, |write| write(real, from, count, at));
        let Some(kept) = kept(file) else { return pass() };
        let mut disk = lock(&kept.disk);
        let fate = disk.operation();
        if fate == Fate::Dead {
            return SQLITE_IOERR_WRITE;
        }
        let (start, count) = (at as usize, count as usize);
        let before = length(real);
        let old = stands(real, start, count.min(before.saturating_sub(start)));
        let new = std::slice::from_raw_parts(from.cast::<u8>(), count).to_vec();
        disk.changed(&kept.path, start, old, new, before, before.max(start + count));
        match (fate, pass()) {
            (Fate::Done, done) => done,
            _ => SQLITE_IOERR_WRITE,
        }
    }
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: sqlite3_int64) -> c_int {
    // SAFETY: handed on as it came.
    unsafe {
        let real = behind(file);
        let pass = || (*(*real).pMethods).xTruncate.map_or(SQLITE_IOERR_TRUNCATE, |truncate| truncate(real, size));
        let Some(kept) = kept(file) else { return pass() };
        let mut disk = lock(&kept.disk);
        let fate = disk.operation();
        if fate == Fate::Dead {
            return SQLITE_IOERR_TRUNCATE;
        }
        let (before, after) = (length(real), size as usize);
        let old = stands(real, after, before.saturating_sub(after));
        disk.changed(&kept.path, after, old, Vec::new(), before, after);
        match (fate, pass()) {
            (Fate::Done, done) => done,
            _ => SQLITE_IOERR_TRUNCATE,
        }
    }
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: handed on as it came.
    unsafe {
        let real = behind(file);
        let Some(kept) = kept(file) else {
            return (*(*real).pMethods).xSync.map_or(SQLITE_OK, |sync| sync(real, flags));
        };
        // The real disk is not asked: this one only has to remember.
        let mut disk = lock(&kept.disk);
        if disk.operation() != Fate::Done {
            return SQLITE_IOERR_FSYNC;
        }
        disk.synced(&kept.path);
        SQLITE_OK
    }
}

/// Hands a call on to the real file.
macro_rules! hand_on {
    ($name:ident, $method:ident, ($($arg:ident: $kind:ty),*) -> $back:ty, $none:expr) => {
        unsafe extern "C" fn $name(file: *mut sqlite3_file, $($arg: $kind),*) -> $back {
            // SAFETY: handed on as it came, to the file for which it was meant.
            unsafe {
                let real = behind(file);
                (*(*real).pMethods).$method.map_or($none, |call| call(real, $($arg),*))
            }
        }
    };
}

hand_on!(file_size, xFileSize, (size: *mut sqlite3_int64) -> c_int, SQLITE_IOERR_READ);
hand_on!(take_lock, xLock, (level: c_int) -> c_int, SQLITE_OK);
hand_on!(give_lock, xUnlock, (level: c_int) -> c_int, SQLITE_OK);
hand_on!(reserved, xCheckReservedLock, (out: *mut c_int) -> c_int, SQLITE_OK);
hand_on!(control, xFileControl, (verb: c_int, argument: *mut c_void) -> c_int, rusqlite::ffi::SQLITE_NOTFOUND);
hand_on!(sector, xSectorSize, () -> c_int, 4096);
hand_on!(traits, xDeviceCharacteristics, () -> c_int, 0);
hand_on!(shm_map, xShmMap, (page: c_int, size: c_int, extend: c_int, out: *mut *mut c_void) -> c_int, SQLITE_IOERR_READ);
hand_on!(shm_lock, xShmLock, (offset: c_int, n: c_int, flags: c_int) -> c_int, SQLITE_IOERR_READ);
hand_on!(shm_unmap, xShmUnmap, (delete: c_int) -> c_int, SQLITE_OK);

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    // SAFETY: handed on.
    unsafe {
        let real = behind(file);
        if let Some(barrier) = (*(*real).pMethods).xShmBarrier {
            barrier(real);
        }
    }
}

/// Version 2: with shared memory, without memory-mapped reading.
static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(take_lock),
    xUnlock: Some(give_lock),
    xCheckReservedLock: Some(reserved),
    xFileControl: Some(control),
    xSectorSize: Some(sector),
    xDeviceCharacteristics: Some(traits),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};
