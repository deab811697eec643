//! kill -9 of the real commands and of the hall at random moments, counted from outside.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    time::{Duration, Instant},
};

use outbox::{Cabinet, CabinetKey};
use uuid::Uuid;

use crate::{
    now,
    place::{Chance, Place, Started},
    support::book,
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
        self.kills - self.fell_in.get("done").copied().unwrap_or(0)
    }

    fn spread(&self) -> String {
        let mut text = String::new();
        self.fell_in.iter().for_each(|(step, count)| {
            let _ = write!(text, "{step} {count}, ");
        });
        text.trim_end_matches(", ").to_owned()
    }
}

/// A moment within an undisturbed run, later than its first and earlier than its last tenth.
fn moment(whole: Duration, chance: &mut Chance) -> Duration {
    whole * (100 + chance.below(850) as u32) / 1000
}

/// `file` is killed: what it acknowledged is there once; what it did not is there whole or not at all.
fn filing(place: &mut Place, seed: u64, count: u64, until: Instant, tally: &mut Tally) {
    let mut chance = Chance(seed);
    let started = now();
    let said = Started::new(&mut place.filing(Uuid::from_u128(u128::from(seed) << 64 | 1))).ended_within(PATIENCE);
    assert!(place.hear(&said.unwrap_or_default()).is_some(), "an undisturbed filing");
    let mut whole = started.elapsed();
    let mut sealed = 1;
    for n in 0..count {
        if now() >= until {
            return;
        }
        let request = Uuid::from_u128((u128::from(seed) << 64) | u128::from(n + 2));
        let mut started = Started::new(&mut place.filing(request));
        let ended = started.ended_within(moment(whole, &mut chance));
        let finished = ended.is_some();
        let said = match ended {
            Some(said) => {
                let _ = started.kill();
                // Towards the length of a run as the machine is now.
                whole = whole * 3 / 4;
                said
            }
            None => {
                whole += whole / 32;
                started.kill()
            }
        };
        let acknowledged = place.hear(&said).is_some();
        assert!(acknowledged || !finished, "it ended by itself and acknowledged nothing: {said}");
        let (fell_in, now_sealed) = standing(place, request, sealed);
        sealed = now_sealed;
        tally.note(if acknowledged { "done" } else { fell_in });
        if n % 8 == 0 {
            place.demand_cabinet();
        }
    }
}

/// How far an unfinished filing had come, by what stands in the cabinet, where `sealed` filings stood before;
/// and how many stand there now.
fn standing(place: &Place, request: Uuid, sealed: usize) -> (&'static str, usize) {
    let folder = place.town.dir.join("terminal");
    let key = CabinetKey::load(&folder.join("cabinet.key")).expect("the cabinet's key");
    let reading = Cabinet::reading(&folder.join("cabinet.db"), &key).expect("the cabinet opens");
    let now_sealed = reading.filings(1_000_000).expect("read").len();
    let fell_in = match reading.draft(request).expect("read").map(|draft| draft.pages.len()) {
        Some(0) => "capture: no page yet",
        Some(1) => "capture: one page",
        Some(_) => "seal",
        None if now_sealed > sealed => "seal: sealed, not said",
        None => "fill",
    };
    (fell_in, now_sealed)
}

/// `sync` or the hall is killed while a filing goes up.
fn sending(place: &mut Place, seed: u64, count: u64, until: Instant, of_hall: bool, tally: &mut Tally) {
    let mut chance = Chance(seed ^ 0x5EED);
    let mut whole = Duration::ZERO;
    let mut hall = Some(place.town.serve().0);
    for n in 0..=count {
        if now() >= until {
            break;
        }
        let request = Uuid::from_u128((u128::from(seed) << 64) | (1u128 << 63) | (u128::from(of_hall) << 62) | u128::from(n));
        let said = Started::new(&mut place.filing(request)).ended_within(PATIENCE).unwrap_or_default();
        let id = place.hear(&said).unwrap_or_else(|| panic!("an undisturbed filing: {said}"));
        if hall.is_none() {
            hall = Some(place.town.serve().0);
        }
        let began = now();
        let mut started = Started::new(place.town.terminal().args(["sync", "--once", "--json"]));
        if whole.is_zero() {
            started.ended_within(PATIENCE).expect("an undisturbed sync ends");
            let _ = started.kill();
            whole = began.elapsed();
            continue;
        }
        let ended = started.ended_within(moment(whole, &mut chance)).is_some();
        if of_hall && let Some(running) = hall.take() {
            running.kill();
            // The terminal is told by its line, and ends.
            started.ended_within(PATIENCE);
        }
        let _ = started.kill();
        // Towards the length of a run as the machine is now.
        whole = if ended { whole * 3 / 4 } else { whole + whole / 32 };
        let queue = place.queue();
        let row = queue["filings"].as_array().and_then(|rows| rows.iter().find(|row| row["filing"] == id.as_str()).cloned());
        let row = row.expect("what was sealed is there");
        let at_hall = place.held().contains_key(&id);
        tally.note(match (row["hall"].is_null(), at_hall) {
            _ if ended => "done",
            (false, _) => "feed",
            (true, true) => "commit: held, receipt not kept",
            (true, false) if row["bytes_sent"] == row["bytes_total"] => "commit",
            (true, false) if row["bytes_sent"] != 0 => "upload",
            (true, false) => "upload: nothing yet",
        });
        if n % 8 == 0 {
            place.demand_hall();
        }
    }
    drop(hall);
}

fn all(seed: u64, count: u64, until: Instant) -> [Tally; 3] {
    let mut tallies = [Tally::default(), Tally::default(), Tally::default()];
    let third = until.saturating_duration_since(now()) / 3;
    let first = now() + third;
    let mut place = Place::new(|_| {});
    filing(&mut place, seed, count, first, &mut tallies[0]);
    sending(&mut place, seed, count, first + third, false, &mut tallies[1]);
    sending(&mut place, seed, count, until, true, &mut tallies[2]);
    let receipts = place.settle();
    for (name, tally) in ["file", "sync", "the hall"].into_iter().zip(&tallies) {
        println!(
            "kill -9 of {name}: {} from seed {seed}, {} inside an unfinished act ({})",
            tally.kills,
            tally.inside(),
            tally.spread()
        );
    }
    println!("kill -9: acknowledged filings {}, receipts {receipts}, lost 0, doubled 0", place.acknowledged.len());
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
