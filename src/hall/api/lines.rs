//! One line at a time per upload: whoever comes newer ends the older, which may be a dead connection
//! that the server has not noticed yet. What the older had received counts.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedMutexGuard, watch};

#[derive(Default)]
pub struct Lines(Mutex<HashMap<String, Arc<Line>>>);

struct Line {
    newest: watch::Sender<u64>,
    gate: Arc<tokio::sync::Mutex<()>>,
}

/// The right to work on one upload, until dropped. Goes with whatever writes, so that the next line
/// starts only after the last byte of this one is put away.
pub struct Turn {
    lines: Arc<Lines>,
    name: String,
    ticket: u64,
    line: Arc<Line>,
    gate: Option<OwnedMutexGuard<()>>,
}

/// Tells that a newer line wants the upload.
pub struct Overtaken {
    ticket: u64,
    newest: watch::Receiver<u64>,
}

impl Lines {
    /// Ends an older line on this upload and waits until it has put away what it received.
    pub async fn take(self: &Arc<Self>, name: &str) -> (Turn, Overtaken) {
        let mut ticket = 0;
        let line = {
            // Ticket and place in the map in one step: the last one out must not miss a newcomer.
            let mut map = self.map();
            let line = map
                .entry(name.to_owned())
                .or_insert_with(|| Arc::new(Line { newest: watch::Sender::new(0), gate: Arc::default() }));
            line.newest.send_modify(|newest| {
                *newest += 1;
                ticket = *newest;
            });
            Arc::clone(line)
        };
        let overtaken = Overtaken { ticket, newest: line.newest.subscribe() };
        // Should this wait be given up, the turn is still dropped and the line forgotten.
        let mut turn = Turn { lines: Arc::clone(self), name: name.to_owned(), ticket, line, gate: None };
        turn.gate = Some(Arc::clone(&turn.line.gate).lock_owned().await);
        (turn, overtaken)
    }

    /// Nobody works on any upload.
    #[cfg(test)]
    pub fn is_idle(&self) -> bool {
        self.map().is_empty()
    }

    fn map(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Line>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Overtaken {
    /// Returns once a newer line wants this upload.
    pub async fn wait(&mut self) {
        let ticket = self.ticket;
        if self.newest.wait_for(|newest| *newest > ticket).await.is_err() {
            // The turn is over and nobody newer came: there is nothing to wait for any more.
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.gate.take();
        let mut map = self.lines.map();
        // Nobody newer took a ticket: the last one out forgets the line.
        if *self.line.newest.borrow() == self.ticket {
            map.remove(&self.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_newer_line_ends_the_older_and_nothing_is_remembered() {
        let lines = Arc::new(Lines::default());
        let (first, mut overtaken) = lines.take("a").await;
        let second = async { lines.take("a").await.0.ticket };
        let older = async {
            overtaken.wait().await;
            drop(first);
        };
        let (ticket, ()) = tokio::join!(second, older);
        assert_eq!(ticket, 2);
        assert!(lines.map().is_empty());
    }

    #[tokio::test]
    async fn different_uploads_do_not_wait_for_each_other() {
        let lines = Arc::new(Lines::default());
        let _a = lines.take("a").await;
        let _b = lines.take("b").await;
        assert_eq!(lines.map().len(), 2);
    }
}
