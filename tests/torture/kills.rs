//! kill -9 of the real commands and of the hall at random moments, counted from outside.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    time::{Duration, Instant},
};

use uuid::Uuid;

use crate::{
    now,
    place::{Chance, Place, Started},
    support::book,
    watch::Watch,
};

const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Default)]
struct Tally {
    kills: u64,
    /// Where they fell.
    fell_in: BTreeMap<&'static str, u64>,
}

impl Tally {
    fn note(&mut self, fell_in: &'static str) {
        self.kills += 1;
        *self.fell_in.entry(fell_in).or_default() += 1;
    }

    fn inside(&self) -> u64 {
        self.kills - self.fell_in.get(DONE).copied().unwrap_or(0)
    }

    fn spread(&self) -> String {
        let mut text = String::new();
        self.fell_in.iter().for_each(|(step, count)| {
            let _ = write!(text, "{step} {count}, ");
        });
        text.trim_end_matches(", ").to_owned()
    }
}

/// What is known of the runs: how many writes one makes from where it begins, and where kills at each write fell.
#[derive(Default)]
struct Moments {
    lengths: BTreeMap<&'static str, u64>,
    fell: BTreeMap<(&'static str, &'static str), Vec<u64>>,
}

impl Moments {
    /// A write of a run that begins in this state, 0 being a moment before the first one: one time in three any, else
    /// one at which a kill fell into the step that was hit least, so that no step is left out.
    fn next(&self, from: &'static str, tally: &Tally, chance: &mut Chance) -> u64 {
        let length = self.lengths.get(from).or(self.lengths.values().max()).copied().unwrap_or(12).max(2);
        let hits = |into: &str| tally.fell_in.get(into).copied().unwrap_or(0);
        let known = self.fell.iter().filter(|((begun, into), _)| *begun == from && *into != DONE);
        match known.min_by_key(|((_, into), _)| hits(into)) {
            Some((_, moments)) if chance.below(3) > 0 => {
                // Not the very same write again, but one beside it.
                (moments[chance.below(moments.len() as u64) as usize] + chance.below(3)).saturating_sub(1)
            }
            _ => chance.below(length),
        }
    }

    fn learn(&mut self, from: &'static str, into: &'static str, moment: u64) {
        self.fell.entry((from, into)).or_default().push(moment);
    }

    /// A run ended by itself: later moments than its last write are of no use.
    fn ended_after(&mut self, from: &'static str, writes: [u64; 2]) {
        let length = writes.iter().sum();
        self.lengths.insert(from, length);
        for ((begun, _), moments) in &mut self.fell {
            if *begun == from {
                moments.retain(|moment| *moment < length);
            }
        }
        self.fell.retain(|_, moments| !moments.is_empty());
    }
}

/// Lets a program run up to this moment. What it wrote by then, and whether it still ran.
fn run_to(started: &mut Started, watch: &Watch, moment: u64, before_first: Duration) -> ([u64; 2], bool) {
    let mut wrote = [0; 2];
    if moment == 0 {
        started.ended_within(before_first);
    } else {
        wrote = watch.wait(moment, now() + PATIENCE, || started.has_ended());
    }
    (wrote, !started.has_ended())
}

/// `file` is killed: what it acknowledged is there once; what it did not is there whole or not at all.
fn filing(place: &mut Place, seed: u64, round: u64, count: u64, until: Instant, tally: &mut Tally) {
    let mut chance = Chance(seed.wrapping_mul(1_000_003) + round);
    let request = |n: u64| Uuid::from_u128((u128::from(seed) << 64) | (u128::from(round) << 32) | u128::from(n));
    let mut moments = Moments::default();
    let watch = Watch::of(&[&place.terminal_dir()]);
    let (mut sealed, mut first_write) = (place.sealed(), Duration::from_millis(50));
    for n in 0..=count {
        if now() >= until {
            return;
        }
        let (request, begun) = (request(n + 1), now());
        watch.forget();
        let mut started = Started::new(&mut place.filing(request));
        if n == 0 {
            // The first is not disturbed and shows how many writes one makes.
            watch.wait(1, now() + PATIENCE, || false);
            first_write = begun.elapsed();
            moments.ended_after("", watch.wait(u64::MAX, now() + PATIENCE, || started.has_ended()));
            assert!(place.hear(&started.kill()).is_some(), "an undisturbed filing");
            sealed += 1;
            continue;
        }
        let moment = moments.next("", tally, &mut chance);
        let within = first_write * (100 + chance.below(900) as u32) / 1000;
        let (wrote, running) = run_to(&mut started, &watch, moment, within);
        let said = started.kill();
        let acknowledged = place.hear(&said).is_some();
        assert!(acknowledged || running, "it ended by itself and acknowledged nothing: {said}");
        if !running {
            moments.ended_after("", wrote);
        }
        let (fell_in, now_sealed) = standing(place, request, sealed);
        sealed = now_sealed;
        let fell_in = if acknowledged { DONE } else { fell_in };
        tally.note(fell_in);
        moments.learn("", fell_in, moment);
        if n % 16 == 0 {
            place.demand_cabinet();
        }
    }
}

/// How far an unfinished filing had come, by what stands in the cabinet, where `sealed` filings stood before;
/// and how many stand there now.
fn standing(place: &Place, request: Uuid, sealed: usize) -> (&'static str, usize) {
    let now_sealed = place.sealed();
    let fell_in = match place.reading().draft(request).expect("read").map(|draft| draft.pages.len()) {
        Some(0) => "capture: no page yet",
        Some(1) => "capture: one page",
        Some(_) => "seal",
        None if now_sealed > sealed => "seal: sealed, not said",
        None => "fill",
    };
    (fell_in, now_sealed)
}

/// `sync` or the hall is killed while a filing goes up, again and again until the filing is there.
fn sending(place: &mut Place, seed: u64, round: u64, count: u64, until: Instant, of_hall: bool, tally: &mut Tally) {
    let mut chance = Chance(seed.wrapping_mul(1_000_003) + round ^ if of_hall { 0x4A11 } else { 0x5EED });
    let mut moments = Moments::default();
    let watch = Watch::of(&[&place.terminal_dir(), &place.town.hall_dir()]);
    let mut hall = Some(place.town.serve().0);
    let (mut state, mut first_write, mut undisturbed) = (FED, Duration::from_millis(50), true);
    let mut n = 0;
    while n < count && now() < until {
        if state == FED || state == DONE {
            let made = (u128::from(seed) << 64) | (u128::from(round) << 32) | (1 << 63) | (u128::from(of_hall) << 62);
            let said = Started::new(&mut place.filing(Uuid::from_u128(made | u128::from(n)))).ended_within(PATIENCE);
            assert!(place.hear(&said.unwrap_or_default()).is_some(), "an undisturbed filing");
            state = FRESH;
        }
        if hall.is_none() {
            hall = Some(place.town.serve().0);
        }
        watch.forget();
        let begun = now();
        let mut started = Started::new(place.town.terminal().args(["sync", "--once", "--json"]));
        if undisturbed {
            undisturbed = false;
            watch.wait(1, now() + PATIENCE, || false);
            first_write = begun.elapsed();
            moments.ended_after(FRESH, watch.wait(u64::MAX, now() + PATIENCE, || started.has_ended()));
            let _ = started.kill();
            state = DONE;
            continue;
        }
        let within = first_write * (100 + chance.below(900) as u32) / 1000;
        let (from, moment) = (state, moments.next(state, tally, &mut chance));
        let (wrote, running) = run_to(&mut started, &watch, moment, within);
        if of_hall && let Some(running) = hall.take() {
            running.kill();
            // The terminal is told by its line, and ends.
            assert!(started.ended_within(PATIENCE).is_some(), "sync goes on for ever without a hall");
        }
        let _ = started.kill();
        if !running {
            moments.ended_after(state, wrote);
        }
        state = match place.reading().open_acts().expect("read").first() {
            _ if !running => DONE,
            None => FED,
            Some(act) if act.bytes_sent == act.bytes_total => "commit",
            Some(act) if act.bytes_sent > 0 => "upload",
            Some(_) if wrote[1] > 0 => "upload: no page whole yet",
            Some(_) => FRESH,
        };
        tally.note(state);
        moments.learn(from, state, moment);
        n += 1;
        if n % 16 == 0 {
            place.demand_hall();
        }
    }
    drop(hall);
}

/// Before anything of the filing went up: the feed is asked first.
const FRESH: &str = "feed: before the upload";
/// The receipt is kept; what the hall made of it is being asked.
const FED: &str = "feed: after the receipt";
const DONE: &str = "done";
/// Kills of each kind in one town, which would grow slow otherwise.
const ROUND: u64 = 150;

fn all(seed: u64, count: u64, until: Instant) -> [Tally; 3] {
    let mut tallies = [Tally::default(), Tally::default(), Tally::default()];
    let (mut acknowledged, mut receipts, mut round) = (0, 0, 0);
    while now() < until && tallies.iter().any(|tally| tally.kills < count) {
        let mut place = Place::new(|_| {});
        let left = |tally: &Tally| (count - tally.kills).min(ROUND);
        let [file, sync, hall] = &mut tallies;
        filing(&mut place, seed, round, left(file), until, file);
        // What was filed goes up, so that the queue is short again.
        place.settle();
        sending(&mut place, seed, round, left(sync), until, false, sync);
        sending(&mut place, seed, round, left(hall), until, true, hall);
        receipts += place.settle();
        acknowledged += place.acknowledged.len();
        round += 1;
    }
    for (name, tally) in ["file", "sync", "the hall"].into_iter().zip(&tallies) {
        println!(
            "kill -9 of {name}: {} from seed {seed}, {} inside an unfinished act ({})",
            tally.kills,
            tally.inside(),
            tally.spread()
        );
    }
    println!("kill -9: acknowledged filings {acknowledged}, receipts {receipts}, lost 0, doubled 0");
    tallies
}

pub fn small(until: Instant) {
    all(1, 12, until);
}

pub fn torture(seed: Option<u64>, count: u64, until: Instant) {
    let started = now();
    let seed = seed.or_else(|| book::next("kills")).unwrap_or(1000);
    let tallies = all(seed, count, until);
    let cell = |tally: &Tally| format!("{} ({} inside: {})", tally.kills, tally.inside(), tally.spread());
    let [file, sync, hall] = &tallies;
    book::append(
        "kills",
        &format!(
            "| {seed}–{seed} | {} | {} | {} | 0 | 0 | {} min |",
            cell(file),
            cell(sync),
            cell(hall),
            started.elapsed().as_secs() / 60
        ),
    );
}
