//! Wakes those who wait for the feed of one point, whoever changed the ledger.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use tokio::sync::{Notify, watch};

use crate::Hall;

/// Another program (`town-hall user add`, `revoke` …) may change the ledger: looked for this often.
const OUTSIDE_EVERY: Duration = Duration::from_secs(1);

#[derive(Default)]
pub struct News {
    points: Mutex<Option<HashMap<String, watch::Sender<u64>>>>,
    wake: Arc<Notify>,
}

impl News {
    pub fn new() -> Self {
        Self { points: Mutex::new(Some(HashMap::new())), wake: Arc::default() }
    }

    /// A receiver that changes whenever there is something new for this point; ended once the hall closes.
    pub fn subscribe(&self, point: &str) -> watch::Receiver<u64> {
        let mut points = self.points.lock().unwrap_or_else(PoisonError::into_inner);
        match points.as_mut() {
            Some(points) => points.entry(point.to_owned()).or_insert_with(|| watch::Sender::new(0)).subscribe(),
            None => watch::Sender::new(0).subscribe(),
        }
    }

    /// For the ledger's hook: cheap, never blocks.
    pub fn bell(&self) -> impl Fn() + Send + Sync + 'static {
        let wake = Arc::clone(&self.wake);
        move || wake.notify_one()
    }

    /// Everybody who waits is answered at once, and nobody waits any more.
    pub fn close(&self) {
        self.points.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn tell(&self, ends: Vec<(String, u64)>) {
        let points = self.points.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(points) = points.as_ref() else { return };
        for (point, end) in ends {
            if let Some(sender) = points.get(&point) {
                sender.send_if_modified(|known| std::mem::replace(known, end) != end);
            }
        }
    }
}

/// Looks where the feeds end after every change, until the hall is dropped.
pub async fn carry(hall: Weak<Hall>) {
    let Some(wake) = hall.upgrade().map(|hall| Arc::clone(&hall.news.wake)) else { return };
    loop {
        let _ = tokio::time::timeout(OUTSIDE_EVERY, wake.notified()).await;
        let Some(hall) = hall.upgrade() else { return };
        let looked = tokio::task::spawn_blocking(move || {
            let ends = hall.ledger.feed_ends();
            (hall, ends)
        });
        match looked.await {
            Ok((hall, Ok(ends))) => hall.news.tell(ends),
            Ok((_, Err(error))) => tracing::error!(code = error.code(), "the feed's ends cannot be read"),
            Err(_) => return,
        }
    }
}
