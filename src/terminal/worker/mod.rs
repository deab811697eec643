//! The threads behind the window: one resource each. Orders go down bounded channels, facts come up
//! one, pictures through a one-place slot. Every thread ends when its channel is dropped.
//!
//! Doors: [`launch`], [`Workers`], [`admit`].
//! Never: two threads with a pen for the same book; a fact without a wake.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::JoinHandle,
    time::Duration,
};

use courier::StopFlag;
use outbox::{CabinetError, CabinetKey};

use crate::{
    clock::{Clock, Stopwatch},
    config::{CardChoice, Config},
    ids::Ids,
    speech::{CameraOrder, CourierOrder, Fact, LineFact, Order, Question},
};
use slot::{Preview, Slot};

pub mod admission;
pub(crate) mod camera;
pub(crate) mod card;
pub(crate) mod courier_thread;
pub mod demo;
mod feed;
pub mod identity;
pub(crate) mod packages;
mod patience;
mod reader;
pub mod records;
pub(crate) mod round;
pub mod sealing;
pub mod slot;
mod watermark;

#[cfg(test)]
mod tests;

pub use admission::admit;

/// Facts that may wait for the window. A covered window still drains them.
const FACTS_MAX: usize = 256;
/// Orders that may wait for one worker; more than these and somebody presses faster than a disk writes.
const ORDERS_MAX: usize = 64;
/// How long a worker may take to end before it is left behind.
const END_MAX: Duration = Duration::from_secs(3);

/// The workers' way up: a fact, then a wake.
#[derive(Clone)]
pub struct Post {
    facts: SyncSender<Fact>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl Post {
    /// False when the window is gone: the worker ends.
    pub fn send(&self, fact: Fact) -> bool {
        let sent = self.facts.send(fact).is_ok();
        (self.wake)();
        sent
    }

    pub fn news(&self) -> bool {
        self.send(Fact::Line(LineFact::News))
    }

    pub fn wake(&self) {
        (self.wake)();
    }
}

/// The window's ends of every channel.
pub struct Workers {
    pub records: SyncSender<Order>,
    pub reader: SyncSender<Question>,
    pub camera: SyncSender<CameraOrder>,
    pub courier: SyncSender<CourierOrder>,
    pub facts: Receiver<Fact>,
    pub preview: Arc<Slot<Preview>>,
    pub post: Post,
    /// Calls off whatever is on the line.
    pub line: StopFlag,
    pub threads: Vec<JoinHandle<()>>,
    /// What ends the waits of card readers.
    interrupts: card::Interrupts,
}

/// The other ends of the channels, for a test that plays the workers.
pub struct Ends {
    pub orders: Receiver<Order>,
    pub questions: Receiver<Question>,
    pub camera: Receiver<CameraOrder>,
    pub courier: Receiver<CourierOrder>,
    pub post: Post,
    pub preview: Arc<Slot<Preview>>,
}

impl Workers {
    /// Channels without threads.
    pub fn channels(wake: impl Fn() + Send + Sync + 'static) -> (Self, Ends) {
        let (facts_in, facts) = sync_channel(FACTS_MAX);
        let (records, orders) = sync_channel(ORDERS_MAX);
        let (reader, questions) = sync_channel(ORDERS_MAX);
        let (camera, camera_orders) = sync_channel(ORDERS_MAX);
        let (courier, courier_orders) = sync_channel(ORDERS_MAX);
        let post = Post { facts: facts_in, wake: Arc::new(wake) };
        let preview = Arc::new(Slot::default());
        let workers = Self {
            records,
            reader,
            camera,
            courier,
            facts,
            preview: Arc::clone(&preview),
            post: post.clone(),
            line: StopFlag::new(),
            threads: Vec::new(),
            interrupts: card::Interrupts::default(),
        };
        (workers, Ends { orders, questions, camera: camera_orders, courier: courier_orders, post, preview })
    }

    /// Ends every thread: records last, so that what others still report is written.
    pub fn stop(mut self) {
        self.line.stop();
        let _ = self.camera.try_send(CameraOrder::Stop);
        let _ = self.courier.try_send(CourierOrder::Stop);
        let _ = self.reader.try_send(Question::Stop);
        // Waits for its turn behind what was ordered before: nothing acknowledged is dropped.
        let _ = self.records.send(Order::Stop);
        let threads = std::mem::take(&mut self.threads);
        let interrupts = self.interrupts.clone();
        drop(self);
        let watch = Stopwatch::start();
        for thread in threads {
            while !thread.is_finished() && watch.elapsed() < END_MAX {
                interrupts.call();
                std::thread::park_timeout(Duration::from_millis(5));
            }
            if thread.is_finished() {
                // A panic was reported by the hook already.
                let _ = thread.join();
            }
        }
    }
}

/// Starts every worker of a configuration. Each opens its own resource on its own thread.
///
/// # Errors
/// When the system gives no thread.
pub fn launch(config: &Config, clock: Clock, ids: Ids, wake: impl Fn() + Send + Sync + 'static) -> std::io::Result<Workers> {
    let (mut workers, ends) = Workers::channels(wake);
    let Ends { orders, questions, camera: camera_orders, courier: courier_orders, post, preview } = ends;
    let mut threads = Vec::new();

    // Nobody else opens the cabinet before records has: it may have to be created or upgraded.
    let (reader_go, reader_ready) = sync_channel(1);
    let (courier_go, courier_ready) = sync_channel::<records::Begin>(1);
    let (feed_go, feed_ready) = sync_channel::<records::Begin>(1);
    let gates = records::Gates { reader: reader_go, courier: courier_go, feed: feed_go, look: workers.courier.clone() };
    {
        let (config, clock, ids, post) = (config.clone(), clock.clone(), ids, post.clone());
        threads.push(thread("records", move || records::run(&config, &clock, &ids, &orders, &post, gates))?);
    }
    {
        let (config, clock, post) = (config.clone(), clock.clone(), post.clone());
        threads.push(thread("reader", move || reader::run(&config, &clock, &questions, &post, &reader_ready))?);
    }
    {
        let (config, clock, post, records, stop) =
            (config.clone(), clock.clone(), post.clone(), workers.records.clone(), workers.line.clone());
        threads.push(thread("courier", move || {
            courier_thread::run(&config, &clock, &courier_orders, &records, &post, &courier_ready, &stop);
        })?);
    }
    {
        let (config, clock, post, records, courier, stop) =
            (config.clone(), clock.clone(), post.clone(), workers.records.clone(), workers.courier.clone(), workers.line.clone());
        threads.push(thread("feed", move || feed::run(&config, &clock, &records, &courier, &post, &feed_ready, &stop))?);
    }
    if let CardChoice::Readers(names) = &config.devices.card {
        let bench = card::Bench::of(names.len());
        for (at, name) in names.iter().enumerate() {
            let seat = card::Seat {
                at,
                bench: bench.clone(),
                reader: card::reader(config, name),
                photo: card::decoder(config),
                interrupts: workers.interrupts.clone(),
            };
            let (clock, ids, post, stop) = (clock.clone(), Ids::random(), post.clone(), workers.line.clone());
            threads.push(thread(&format!("card {name}"), move || card::run(&seat, &clock, &ids, &post, &stop))?);
        }
    }
    {
        // Also without a camera: this thread does everything with pictures.
        let keep_frames = config.capture.keep_frames;
        let (devices, post, records) = (config.devices.clone(), post, workers.records.clone());
        threads.push(thread("camera", move || camera::run(&devices, keep_frames, &camera_orders, &records, &post, &preview))?);
    }
    workers.threads = threads;
    Ok(workers)
}

/// Channels for a machine that is not admitted: only the admission thread reports.
pub fn admission_only(wake: impl Fn() + Send + Sync + 'static) -> Workers {
    Workers::channels(wake).0
}

fn thread(name: &str, body: impl FnOnce() + Send + 'static) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name(name.to_owned()).spawn(body)
}

/// Where the service manager has put the cabinet's key, if it has.
pub(crate) fn credential_key() -> Option<std::path::PathBuf> {
    crate::config::credential("cabinet.key")
}

/// The key of this machine's cabinet. Made only when there is no cabinet yet: a new key beside an
/// old cabinet would look like the right one.
///
/// A key that the service manager gives (`cabinet.key` among its credentials) goes before the file.
pub(crate) fn key(config: &Config) -> Result<CabinetKey, CabinetError> {
    if let Some(credential) = credential_key() {
        std::fs::create_dir_all(&config.data_dir)?;
        return CabinetKey::load_credential(&credential);
    }
    if config.cabinet_file().exists() {
        CabinetKey::load(&config.key_file())
    } else {
        std::fs::create_dir_all(&config.data_dir)?;
        CabinetKey::load_or_create(&config.key_file())
    }
}
