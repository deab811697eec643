//! Records: the only thread with a pen for the cabinet.

use std::sync::mpsc::{Receiver, SyncSender};

use jiff::Timestamp;
use matters::Digest;
use outbox::{Admission, Arrival, Cabinet, CabinetError, LedgerAt, PackageVerdict, Pulse};
use uuid::Uuid;

use super::{
    Post, key,
    round::wipe,
    sealing::{SealFault, seal},
};
use crate::{
    clock::Clock,
    config::Config,
    ids::Ids,
    sign_in,
    speech::{CabinetTrouble, CourierOrder, Due, Fact, Opened, Order, Spot},
};

/// What the others wait for before they open anything of their own.
pub struct Gates {
    pub reader: SyncSender<()>,
    pub courier: SyncSender<Begin>,
    pub feed: SyncSender<Begin>,
    /// Told when something new stands in the queue.
    pub look: SyncSender<CourierOrder>,
}

/// What a line to the hall begins with, as the cabinet has it.
#[derive(Clone, Debug)]
pub struct Begin {
    pub admission: Admission,
    /// Cursor at which the feed goes on.
    pub cursor: u64,
    /// The last time that the hall signed.
    pub hall_time: Option<Timestamp>,
    /// Where the hall's ledger stood by its newest answer.
    pub ledger: Option<LedgerAt>,
}

/// Opens the cabinet, says what it found, and obeys until told to stop.
pub fn run(config: &Config, clock: &Clock, ids: &Ids, orders: &Receiver<Order>, post: &Post, gates: Gates) {
    // A mistake in here must not leave the window open as if things were still saved.
    let _report = Died(post.clone());
    let cabinet = match open(config, clock) {
        Ok(cabinet) => cabinet,
        Err(error) => {
            post.send(Fact::CabinetShut(trouble(ids, clock, &error)));
            return;
        }
    };
    let admission = match cabinet.admission() {
        Ok(Some(admission)) => admission,
        Ok(None) => {
            post.send(Fact::NotAdmitted);
            return;
        }
        Err(error) => {
            post.send(Fact::CabinetShut(trouble(ids, clock, &error)));
            return;
        }
    };
    let opened = Opened {
        terminal: admission.terminal.clone(),
        particulars: admission.particulars.clone(),
        restored: cabinet.arrival() == Arrival::Restored,
        free_space_ok: cabinet.free_space_ok().unwrap_or(true),
    };
    post.send(Fact::Opened(Box::new(opened)));
    let Gates { reader, courier, feed, look } = gates;
    let _ = reader.send(());
    match begin(&cabinet, &admission) {
        Ok(begin) => {
            let _ = courier.send(begin.clone());
            let _ = feed.send(begin);
        }
        Err(error) => {
            post.send(Fact::CabinetShut(trouble(ids, clock, &error)));
            return;
        }
    }
    let mut records = Records { cabinet, admission, clock, ids, post, look, keep_days: config.keep_pages_days };
    while let Ok(order) = orders.recv() {
        if matches!(order, Order::Stop) || !records.obey(order) {
            return;
        }
    }
}

fn begin(cabinet: &Cabinet, admission: &Admission) -> Result<Begin, CabinetError> {
    let (cursor, hall_time, ledger) = (cabinet.cursor()?, cabinet.hall_time()?, cabinet.ledger()?);
    Ok(Begin { admission: admission.clone(), cursor, hall_time, ledger })
}

fn open(config: &Config, clock: &Clock) -> Result<Cabinet, CabinetError> {
    let key = key(config)?;
    Cabinet::open(&config.cabinet_file(), &key, clock.now())
}

/// Reports when the thread is unwound by a panic.
struct Died(Post);

impl Drop for Died {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.send(Fact::RecordsDied);
        }
    }
}

struct Records<'a> {
    cabinet: Cabinet,
    admission: Admission,
    clock: &'a Clock,
    ids: &'a Ids,
    post: &'a Post,
    look: SyncSender<CourierOrder>,
    keep_days: u32,
}

impl Records<'_> {
    /// False when the window is gone.
    fn obey(&mut self, order: Order) -> bool {
        let now = self.clock.now();
        let done = match order {
            Order::SaveDraft(draft) => self.cabinet.save_draft(&draft).map(|()| Fact::DraftSaved { id: draft.id, at: now }),
            Order::DeleteDraft(id) => self.cabinet.delete_draft(id).map(|()| Fact::DraftDeleted(id)),
            Order::PutPage { draft, material, spot, jpeg, width_px, height_px, frame } => {
                let inserted = matches!(spot, Spot::Before(_));
                let put = match spot {
                    Spot::Last => self.cabinet.put_page(draft, &material, None, &jpeg, width_px, height_px),
                    Spot::Instead(order) => self.cabinet.put_page(draft, &material, Some(order), &jpeg, width_px, height_px),
                    Spot::Before(order) => self.cabinet.insert_page(draft, &material, order, &jpeg, width_px, height_px),
                };
                // The page counts; a frame that cannot be kept beside it is reported and lost.
                if let (Ok(page), Some(frame)) = (&put, frame)
                    && let Err(error) = self.cabinet.keep_frame(page.sha256, &frame)
                    && !self.report(&error)
                {
                    return false;
                }
                put.map(|page| Fact::PageSaved { draft, page, inserted })
            }
            Order::JoinPages { draft, material, front, back, jpeg, width_px, height_px } => self
                .cabinet
                .join_pages(draft, &material, (front, back), &jpeg, width_px, height_px)
                .map(|pages| Fact::PagesChanged { draft, pages }),
            Order::DeletePage { draft, material, order } => {
                self.cabinet.delete_page(draft, &material, order).map(|pages| Fact::PagesChanged { draft, pages })
            }
            Order::MovePage { draft, material, order, to } => {
                self.cabinet.move_page(draft, &material, order, to).map(|pages| Fact::PagesChanged { draft, pages })
            }
            // Sealed on a day that can be right: the hall judges the form by it.
            Order::Seal { draft, acted_by } => match self
                .cabinet
                .plausible(now)
                .map_err(SealFault::from)
                .and_then(|now| seal(&mut self.cabinet, &self.admission, self.ids, now, draft, acted_by))
            {
                Ok(sealed) => {
                    let _ = self.look.try_send(CourierOrder::Look);
                    Ok(Fact::Sealed { filing: sealed.filing().id, sealed: Box::new(sealed) })
                }
                Err(SealFault::Cabinet(error)) => Err(error),
                Err(SealFault::Unfit(what)) => return self.post.send(Fact::Unfit { what }),
            },
            Order::Enqueue { act, draft } => self.cabinet.enqueue(&act, draft).map(|()| {
                let _ = self.look.try_send(CourierOrder::Look);
                Fact::Enqueued { act: act.id }
            }),
            Order::SignIn { account, password } => {
                sign_in::check(&mut self.cabinet, &account, &password, now).map(|answer| match answer {
                    Ok(agent) => Fact::SignedIn { agent },
                    Err(refused) => Fact::SignInRefused(refused),
                })
            }
            Order::Pause(paused) => return self.quiet(|cabinet| cabinet.set_paused(paused)) && self.post.news(),
            Order::Metered(metered) => return self.quiet(|cabinet| cabinet.set_metered(metered)) && self.post.news(),
            Order::SendNow => return self.quiet(|cabinet| cabinet.send_now()) && self.post.news(),
            Order::Parcels { reply } => return self.parcels(&reply),
            Order::Upload { page, location, offset, done } => return self.upload(page, location.as_deref(), offset, done),
            Order::ForgetUpload { page } => return self.quiet(|cabinet| cabinet.forget_upload(page)),
            Order::Chores { reply } => {
                let due = wipe(&mut self.cabinet, self.keep_days)
                    .and_then(|()| Ok((self.cabinet.deposit_due()?, self.cabinet.pulse()?)));
                let (due, trouble) = match due {
                    Ok(due) => (due, None),
                    Err(error) => ((None, Pulse::default()), Some(error)),
                };
                let _ = reply.send(due);
                return trouble.is_none_or(|error| self.report(&error));
            }
            Order::Deposited { recovery } => return self.quiet(|cabinet| cabinet.record_deposit(&recovery)),
            Order::Renewed { admission, reply } => {
                let kept = self.cabinet.set_admission(&admission);
                let _ = reply.send(kept.is_ok());
                return match kept {
                    Ok(()) => {
                        self.admission = *admission;
                        true
                    }
                    Err(error) => self.report(&error),
                };
            }
            Order::Ledger(seen) => {
                // Offered again is due at once: the courier looks again by itself after every delivery.
                return self.quiet(|cabinet| cabinet.note_ledger(&seen).map(drop));
            }
            Order::Enter { act, entry } => return self.enter(act, entry),
            Order::ReadMessage(id) => {
                return self.quiet(|cabinet| cabinet.read_message(id, now)) && self.post.news();
            }
            Order::PackageFile { digest, bytes, reply } => {
                let kept = self.cabinet.put_package_file(digest, &bytes);
                let _ = reply.send(kept.is_ok());
                return kept.map_or_else(|error| self.report(&error), |()| true);
            }
            Order::PackageSettled { package, verdict, reply } => {
                let kept = self.cabinet.settle_package(package.sha256, &verdict);
                let _ = reply.send(kept.is_ok());
                return match (kept, verdict) {
                    (Err(error), _) => self.report(&error),
                    (Ok(()), PackageVerdict::Good { .. }) => self.post.send(Fact::TownChanged),
                    (Ok(()), PackageVerdict::Refused { code, .. }) => {
                        self.post.send(Fact::PackageRefused { version: package.version, code })
                    }
                    (Ok(()), PackageVerdict::Trouble { .. }) => true,
                };
            }
            Order::Feed { news, reply } => {
                let applied = self.cabinet.apply_feed(&news);
                let _ = reply.send(applied.is_ok());
                if let Err(error) = applied {
                    return self.report(&error);
                }
                if let Some(particulars) = news.particulars {
                    self.admission.particulars = particulars.clone();
                    self.post.send(Fact::Particulars(Box::new(particulars)));
                }
                if news.packages.is_some() {
                    // A version may have been taken back.
                    self.post.send(Fact::TownChanged);
                }
                return self.post.news();
            }
            Order::Stop => return false,
        };
        match done {
            Ok(fact) => {
                let changes_lists = matches!(fact, Fact::Sealed { .. } | Fact::Enqueued { .. });
                self.post.send(fact) && (!changes_lists || self.post.news())
            }
            Err(error) => self.report(&error),
        }
    }

    fn report(&self, error: &CabinetError) -> bool {
        self.post.send(Fact::Cabinet(trouble(self.ids, self.clock, error)))
    }

    /// For what the courier writes: an error is reported, the loop goes on.
    fn quiet(&mut self, write: impl FnOnce(&mut Cabinet) -> Result<(), CabinetError>) -> bool {
        match write(&mut self.cabinet) {
            Ok(()) => true,
            Err(error) => self.report(&error),
        }
    }

    fn upload(&mut self, page: Digest, location: Option<&str>, offset: u64, done: bool) -> bool {
        self.quiet(|cabinet| cabinet.record_upload(page, location, offset, done)) && (!done || self.post.news())
    }

    fn parcels(&mut self, reply: &SyncSender<Due>) -> bool {
        let now = self.clock.now();
        let due = self.cabinet.parcels(now).and_then(|parcels| Ok(Due { parcels, next_due: self.cabinet.next_due()? }));
        match due {
            // A courier that no longer waits is one that was stopped.
            Ok(due) => {
                let _ = reply.send(due);
                true
            }
            Err(error) => {
                let _ = reply.send(Due::default());
                self.report(&error)
            }
        }
    }

    fn enter(&mut self, act: Uuid, entry: courier::plan::Entry) -> bool {
        use courier::plan::Entry;
        let written = match entry {
            Entry::Receipt(news) => self.quiet(|cabinet| cabinet.record_receipt(&news)),
            Entry::Trouble { code, next_try_at } => self.quiet(|cabinet| cabinet.record_trouble(act, code, Some(next_try_at))),
            Entry::Aside { code } => self.quiet(|cabinet| cabinet.quarantine(act, code)),
            Entry::Nothing => return true,
        };
        written && self.post.news()
    }
}

/// Logs the chain under a reference that the person also sees.
pub fn trouble(ids: &Ids, clock: &Clock, error: &CabinetError) -> CabinetTrouble {
    let id = ids.next(clock.now()).simple().to_string();
    // The last characters: the first are the time.
    let reference = id[id.len() - 8..].to_uppercase();
    tracing::error!(code = error.code(), reference, error = error as &dyn std::error::Error, "the cabinet did not do it");
    CabinetTrouble { code: error.code(), reference }
}
