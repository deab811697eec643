//! Figures of the running program: `make bench`. Medians; machines differ, so read them as ratios.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use super::{Asked, demo, filing, pilot::Pilot};
use crate::support::{
    children::{root, run},
    desktop::Desktop,
    eyes::Eyes,
    town::Town,
};

const STARTS: usize = 5;
const IDLE: Duration = Duration::from_secs(30);

/// Measures and prints one line a figure.
pub fn figures(dir: &Path, asked: &Asked) {
    let _ = std::fs::remove_dir_all(dir);
    let town = Town::prepare(dir);
    let (_hall, addresses) = town.serve();
    let (_reader, card_dir) = town.card_reader();
    town.configure(&demo::devices(Some(&card_dir), root().join("assets/demo/pages")), true);
    town.admit(&addresses);
    let desktop = Desktop::start(dir, asked.width, asked.height);
    let eyes = Eyes::new(desktop.accessibility());

    let mut starts = Vec::new();
    for _ in 0..STARTS {
        let begin = Instant::now();
        let window = demo::window(&town, &desktop);
        eyes.wait("请登录", Duration::from_secs(60)).unwrap_or_else(|what| panic!("{what}"));
        starts.push(begin.elapsed());
        window.kill();
    }
    starts.sort();
    println!(
        "from exec to the first usable frame: {:.2} s (median of {STARTS}, {:.2} to {:.2}; asked every 0.06 s)",
        starts[STARTS / 2].as_secs_f32(),
        starts[0].as_secs_f32(),
        starts[STARTS - 1].as_secs_f32()
    );

    let window = demo::window(&town, &desktop);
    let mut pilot = Pilot::new(&desktop, None);
    filing::sign_in(&mut pilot);
    // What came down with the first news is drawn by then.
    std::thread::sleep(Duration::from_secs(5));
    let before = ticks(window.id());
    std::thread::sleep(IDLE);
    let used = ticks(window.id()) - before;
    // Linux counts in hundredths of a second.
    println!(
        "idle at home for {} s: {:.2} s of CPU, {:.2} % of a core",
        IDLE.as_secs(),
        used as f32 / 100.0,
        used as f32 / IDLE.as_secs_f32()
    );
    match pss_kib(window.id()) {
        Some(kib) => println!("memory at rest: {} MiB PSS over the process tree", kib / 1024),
        None => println!("memory at rest: not to be read here (the program shuts its memory; run as root)"),
    }
    super::card_figures::last_byte_to_fields(&mut pilot, &card_dir);
    drop(window);

    let still = root().join("assets/demo/pages/01-receipt.jpg");
    let mut pages = Vec::new();
    for _ in 0..STARTS {
        let begin = Instant::now();
        run(town.terminal().arg("page").arg(&still).arg("--out").arg(dir.join("page.jpg")), "");
        pages.push(begin.elapsed());
    }
    pages.sort();
    println!(
        "a still of 3 MP becomes a page file (`village-terminal page`), start of the program included: {:.0} ms (median of {STARTS})",
        pages[STARTS / 2].as_secs_f32() * 1000.0
    );
    println!("bytes on the line against payload: `cargo bench -p courier --bench line`");
}

/// The process and all below it.
fn tree(root: u32) -> Vec<u32> {
    let mut all = vec![root];
    let mut at = 0;
    while at < all.len() {
        let children = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", all[at])).unwrap_or_default();
        all.extend(children.split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
        at += 1;
    }
    all
}

/// User and system time of the tree, in hundredths of a second.
pub fn ticks(root: u32) -> u64 {
    tree(root)
        .into_iter()
        .filter_map(|id| {
            let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
            let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
            Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
        })
        .sum()
}

fn pss_kib(root: u32) -> Option<u64> {
    tree(root)
        .into_iter()
        .map(|id| {
            let rollup = std::fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?;
            rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?.trim().trim_end_matches(" kB").parse::<u64>().ok()
        })
        .sum()
}
