//! Power cuts under the real programs, on a file system that forgets what was not synced.

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use torture::{Cut, Image, Mounted, mount};
use uuid::Uuid;

use crate::{
    now,
    place::{Chance, Place, Started},
    support::book,
};

/// A program that does not end by itself when its disk is gone is ended.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Default)]
struct Tally {
    cuts: u64,
    /// Cuts that fell while something was under way.
    inside: u64,
    acknowledged: u64,
    lost: u64,
    torn: u64,
    kept: u64,
}

impl Tally {
    fn note(&mut self, cut: Cut, inside: bool) {
        self.cuts += 1;
        self.inside += u64::from(inside);
        self.lost += cut.lost;
        self.torn += cut.torn;
        self.kept += cut.kept;
    }
}

struct Disk {
    image: Arc<Mutex<Image>>,
    mounted: Option<Mounted>,
    at: std::path::PathBuf,
}

impl Disk {
    fn new(at: &Path) -> std::io::Result<Self> {
        std::fs::create_dir_all(at)?;
        let image = Arc::new(Mutex::new(Image::new()));
        let mounted = Some(mount(&image, at)?);
        Ok(Self { image, mounted, at: at.to_owned() })
    }

    fn image(&self) -> MutexGuard<'_, Image> {
        self.image.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whatever used it has ended: what was not synced is gone, and the disk is there again.
    fn cut(&mut self, chance: &mut Chance) -> Cut {
        self.mounted = None;
        let cut = self.image().cut(&mut |below| chance.below(below));
        self.mounted = Some(mount(&self.image, &self.at).expect("mounted before"));
        cut
    }
}

/// Why there can be no power cuts here, if that is so.
fn missing() -> Option<String> {
    if !Path::new("/dev/fuse").exists() {
        return Some("this machine has no /dev/fuse".into());
    }
    let dir = tempfile::tempdir().expect("a folder");
    Disk::new(&dir.path().join("disk")).err().map(|error| format!("a file system cannot be mounted here: {error}"))
}

/// The terminal's disk: `file` is cut off in any operation; what it acknowledged is there afterwards.
fn terminal(seed: u64, count: u64, until: Instant) -> Tally {
    let mut chance = Chance(seed);
    let mut disk = None;
    let mut place = Place::new(|dir| disk = Some(Disk::new(&dir.join("terminal")).expect("mounted before")));
    let mut disk = disk.expect("made above");
    let mut tally = Tally::default();
    let before = disk.image().operations();
    let said = Started::new(&mut place.filing(Uuid::from_u128(1))).ended_within(PATIENCE).unwrap_or_default();
    assert!(place.hear(&said).is_some(), "an undisturbed filing: {said}");
    let whole = disk.image().operations() - before;
    while tally.cuts < count && now() < until {
        let operation = 1 + chance.below(whole);
        disk.image().dies_in(operation, || {});
        let request = Uuid::from_u128((u128::from(seed) << 64) | u128::from(tally.cuts + 2));
        let mut started = Started::new(&mut place.filing(request));
        let said = match started.ended_within(PATIENCE) {
            Some(said) => {
                let _ = started.kill();
                said
            }
            None => started.kill(),
        };
        let acknowledged = place.hear(&said).is_some();
        tally.acknowledged += u64::from(acknowledged);
        let inside = disk.image().is_dead() && !acknowledged;
        let cut = disk.cut(&mut chance);
        tally.note(cut, inside);
        place.demand_cabinet();
    }
    place.settle();
    // The folder is taken away after its mount.
    drop(disk);
    tally
}

/// The hall's disk: cut off while it takes what a terminal sends; what it gave a receipt for is there.
fn hall(seed: u64, count: u64, until: Instant) -> Tally {
    let mut chance = Chance(seed);
    let mut disk = None;
    let mut place = Place::new(|dir| disk = Some(Disk::new(&dir.join("hall")).expect("mounted before")));
    let mut disk = disk.expect("made above");
    let mut tally = Tally::default();
    let mut whole = 0;
    // The first round is not disturbed and shows how many operations one takes.
    while tally.cuts <= count && now() < until {
        let request = Uuid::from_u128((u128::from(seed) << 64) | u128::from(tally.cuts + 2));
        let said = Started::new(&mut place.filing(request)).ended_within(PATIENCE).unwrap_or_default();
        assert!(place.hear(&said).is_some(), "an undisturbed filing: {said}");
        let (running, _) = place.town.serve();
        let before = disk.image().operations();
        if whole > 0 {
            let operation = 1 + chance.below(whole);
            disk.image().dies_in(operation, || {});
        }
        let mut started = Started::new(place.town.terminal().args(["sync", "--once", "--json"]));
        let ended = started.ended_within(PATIENCE).is_some();
        let _ = started.kill();
        running.kill();
        let inside = disk.image().is_dead();
        if whole == 0 {
            whole = disk.image().operations() - before;
        }
        let cut = disk.cut(&mut chance);
        tally.note(cut, inside && ended);
        tally.acknowledged = place.demand_hall() as u64;
    }
    tally.cuts -= 1;
    place.settle();
    drop(disk);
    tally
}

fn both(seed: u64, count: u64, until: Instant) -> Option<(Tally, Tally)> {
    if let Some(why) = missing() {
        println!("power cuts: not run, {why}");
        return None;
    }
    let half = now() + until.saturating_duration_since(now()) / 2;
    let tallies = (terminal(seed, count, half), hall(seed, count, until));
    for (side, tally) in [("terminal", &tallies.0), ("hall", &tallies.1)] {
        println!(
            "power cuts, {side}: {} from seed {seed}, {} inside an unfinished act; acknowledged {}, lost 0; writes and names \
             since their sync: {} lost, {} torn, {} kept",
            tally.cuts, tally.inside, tally.acknowledged, tally.lost, tally.torn, tally.kept
        );
    }
    Some(tallies)
}

pub fn small(until: Instant) {
    both(1, 5, until);
}

pub fn torture(seed: Option<u64>, count: u64, until: Instant) {
    let started = now();
    let seed = seed.or_else(|| book::next("power")).unwrap_or(1000);
    if let Some((terminal, hall)) = both(seed, count, until) {
        book::append(
            "power",
            &format!(
                "| {seed}–{seed} | {} | {} | {} | {} | {} / {} / {} | 0 | {} min |",
                terminal.cuts,
                terminal.inside,
                hall.cuts,
                hall.inside,
                terminal.lost + hall.lost,
                terminal.torn + hall.torn,
                terminal.kept + hall.kept,
                started.elapsed().as_secs() / 60
            ),
        );
    }
}
