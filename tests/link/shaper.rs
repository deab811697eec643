//! The bad line itself: packets of one TUN device come out of the other later, slower, or not at all.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{Read as _, Write as _},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
        mpsc::sync_channel,
    },
    time::{Duration, Instant},
};

/// What the line does to packets, the same in both directions.
#[derive(Clone, Copy, Debug)]
pub struct Quality {
    pub bits_per_second: u64,
    /// One way: half of what a ping takes.
    pub delay: Duration,
    pub loss_per_mille: u64,
    /// What waits for its turn at most; more is dropped at the tail, as modems do.
    pub queue: Duration,
}

/// The line is dead for `outage` at the end of every `period`; never, when that is `None`.
#[derive(Clone, Copy, Debug)]
pub struct Cuts {
    pub period: Duration,
    pub outage: Duration,
}

#[derive(Default)]
struct Counted {
    /// By (from port, to port): sequence number of the first byte, bytes from there to the last one sent.
    flows: BTreeMap<(u16, u16), (u32, u32)>,
}

/// What both directions share.
pub struct Line {
    cuts: Mutex<Option<(Cuts, Instant)>>,
    up: Mutex<Counted>,
    down: Mutex<Counted>,
    seed: AtomicU64,
}

impl Line {
    /// Starts carrying packets between the two devices, for as long as the process lives.
    pub fn start(village: File, town: File, quality: Quality, seed: u64) -> Arc<Self> {
        let line = Arc::new(Self {
            cuts: Mutex::default(),
            up: Mutex::default(),
            down: Mutex::default(),
            seed: AtomicU64::new(seed | 1),
        });
        let other = |file: &File| file.try_clone().expect("a second handle of the device");
        let (village_in, town_in) = (other(&village), other(&town));
        line.carry("up", village_in, town, quality, true);
        line.carry("down", town_in, village, quality, false);
        line
    }

    /// From now on the line is cut so; `None` mends it.
    pub fn cut(&self, cuts: Option<Cuts>) {
        *self.cuts.lock().expect("no panic held it") = cuts.map(|cuts| (cuts, Instant::now()));
    }

    /// TCP payload that went up and down since the last call, each byte once however often it was sent.
    pub fn take_bytes(&self) -> (u64, u64) {
        let take = |counted: &Mutex<Counted>| {
            let mut counted = counted.lock().expect("no panic held it");
            let sum = counted.flows.values().map(|(_, bytes)| u64::from(*bytes)).sum();
            counted.flows.clear();
            sum
        };
        (take(&self.up), take(&self.down))
    }

    fn is_dead(&self, now: Instant) -> bool {
        self.cuts.lock().expect("no panic held it").is_some_and(|(cuts, since)| {
            let into = Duration::from_nanos((now - since).as_nanos() as u64 % cuts.period.as_nanos() as u64);
            into >= cuts.period - cuts.outage
        })
    }

    /// 0 to 999 (xorshift: one line's losses are replayed by its seed, but for the packets' timing).
    fn dice(&self) -> u64 {
        let mut x = self.seed.load(Ordering::Relaxed);
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        self.seed.store(x, Ordering::Relaxed);
        x % 1000
    }

    fn carry(self: &Arc<Self>, name: &str, mut from: File, mut to: File, quality: Quality, up: bool) {
        let (send, packets) = sync_channel::<(Instant, Vec<u8>)>(4096);
        let line = Arc::clone(self);
        std::thread::Builder::new()
            .name(format!("line-{name}"))
            .spawn(move || {
                let mut free_at = Instant::now();
                let mut packet = vec![0; 2048];
                while let Ok(length) = from.read(&mut packet) {
                    let now = Instant::now();
                    count(if up { &line.up } else { &line.down }, &packet[..length]);
                    let waits = free_at.saturating_duration_since(now);
                    if line.is_dead(now) || line.dice() < quality.loss_per_mille || waits > quality.queue {
                        continue;
                    }
                    let takes = Duration::from_nanos(length as u64 * 8 * 1_000_000_000 / quality.bits_per_second);
                    free_at = free_at.max(now) + takes;
                    if send.send((free_at + quality.delay, packet[..length].to_vec())).is_err() {
                        return;
                    }
                }
            })
            .expect("a thread can be made");
        std::thread::Builder::new()
            .name(format!("line-{name}-out"))
            .spawn(move || {
                for (at, packet) in packets {
                    std::thread::sleep(at.saturating_duration_since(Instant::now()));
                    // A packet that the other side cannot take now is one more lost packet.
                    let _ = to.write_all(&packet);
                }
            })
            .expect("a thread can be made");
    }
}

/// Notes how far this flow's bytes go. IPv4 and TCP only, as all that crosses here is.
fn count(counted: &Mutex<Counted>, packet: &[u8]) {
    const SYN: u8 = 2;
    let word = |at: usize| Some(u16::from_be_bytes([*packet.get(at)?, *packet.get(at + 1)?]));
    let noted = || {
        let ip = usize::from(packet.first()? & 15) * 4;
        if packet.first()? >> 4 != 4 || *packet.get(9)? != 6 {
            return None;
        }
        let total = usize::from(word(2)?);
        let sequence = (u32::from(word(ip + 4)?) << 16) | u32::from(word(ip + 6)?);
        let tcp = usize::from(packet.get(ip + 12)? >> 4) * 4;
        let syn = packet.get(ip + 13)? & SYN != 0;
        let payload = u32::try_from(total.checked_sub(ip + tcp)?).ok()?;
        Some(((word(ip)?, word(ip + 2)?), sequence.wrapping_add(u32::from(syn)), payload))
    };
    let Some((flow, sequence, payload)) = noted() else { return };
    let mut counted = counted.lock().expect("no panic held it");
    let (first, bytes) = counted.flows.entry(flow).or_insert((sequence, 0));
    let end = sequence.wrapping_sub(*first).wrapping_add(payload);
    // What lies before the first byte seen is an old packet that comes again.
    if payload > 0 && end < u32::MAX / 2 {
        *bytes = (*bytes).max(end);
    }
}
