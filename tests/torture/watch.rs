//! What the programs write, as the kernel tells it (inotify(7)): the clock by which kills are placed. A moment
//! counted in writes falls at the same place of the work however busy the machine is.

use std::{
    mem::MaybeUninit,
    path::Path,
    sync::mpsc::{Receiver, RecvTimeoutError, sync_channel},
    time::Instant,
};

use rustix::fs::inotify::{CreateFlags, Reader, WatchFlags, add_watch, init};

use crate::now;

/// Writes of the folders that are watched, in their order; told by the folder's place in the list.
pub struct Watch {
    writes: Receiver<usize>,
}

impl Watch {
    pub fn of(folders: &[&Path]) -> Self {
        let inotify = init(CreateFlags::CLOEXEC).expect("inotify");
        let kinds = WatchFlags::MODIFY | WatchFlags::CREATE | WatchFlags::MOVED_TO | WatchFlags::DELETE;
        let ids: Vec<i32> =
            folders.iter().map(|folder| add_watch(&inotify, *folder, kinds).expect("the folder can be watched")).collect();
        let (send, writes) = sync_channel(1 << 16);
        let read = move || {
            let mut buffer = [MaybeUninit::uninit(); 4096];
            let mut reader = Reader::new(&inotify, &mut buffer);
            while let Ok(event) = reader.next() {
                let folder = ids.iter().position(|id| *id == event.wd()).unwrap_or(0);
                if send.send(folder).is_err() {
                    return;
                }
            }
        };
        std::thread::Builder::new().name("watch".into()).spawn(read).expect("a thread");
        Self { writes }
    }

    /// What was written until now is of no interest.
    pub fn forget(&self) {
        while self.writes.try_recv().is_ok() {}
    }

    /// Waits for the `n`-th write from now, until `ended` is true or the time is over. Returns the writes so far,
    /// by folder.
    pub fn wait(&self, n: u64, until: Instant, mut ended: impl FnMut() -> bool) -> [u64; 2] {
        let mut seen = [0; 2];
        while seen.iter().sum::<u64>() < n && now() < until {
            match self.writes.recv_timeout(std::time::Duration::from_millis(2)) {
                Ok(folder) => seen[folder.min(1)] += 1,
                Err(RecvTimeoutError::Timeout) if !ended() => {}
                Err(_) => break,
            }
        }
        seen
    }
}
