//! What a fault leaves behind: a line in the log without anybody's data, and no core dump.

use std::panic::PanicHookInfo;

/// Takes away core dumps and the right of other programs to read this one's memory.
/// Called first of all, before anything about anybody is in memory.
#[expect(unsafe_code, reason = "two system calls that std does not have; both take plain numbers")]
pub fn shut_memory() {
    let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `none` outlives the call; both calls only change limits of this process.
    let (limit, dumpable) =
        unsafe { (libc::setrlimit(libc::RLIMIT_CORE, &raw const none), libc::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0)) };
    if limit != 0 || dumpable != 0 {
        tracing::warn!("core dumps could not be switched off");
    }
}

/// Logs where a thread panicked, never with what: a message may quote what somebody typed.
pub fn install_hook() {
    std::panic::set_hook(Box::new(|info| tracing::error!("{}", place(info))));
}

fn place(info: &PanicHookInfo<'_>) -> String {
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("unnamed").to_owned();
    match info.location() {
        Some(at) => format!("thread {name} panicked at {}:{}:{}", at.file(), at.line(), at.column()),
        None => format!("thread {name} panicked"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn a_panic_is_reported_by_its_place_and_not_by_its_words() {
        let seen = Arc::new(Mutex::new(String::new()));
        let told = Arc::clone(&seen);
        let worker = std::thread::Builder::new().name("worker".into());
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| *told.lock().unwrap() = place(info)));
        let ended = worker.spawn(|| panic!("610000")).unwrap().join();
        std::panic::set_hook(before);
        assert!(ended.is_err());
        let line = seen.lock().unwrap().clone();
        assert!(line.contains("worker") && line.contains("crash.rs"), "{line}");
        assert!(!line.contains("610000"));
    }
}
