//! The workshop of the page finder.
//!
//! - `find-lab score [-v] [--oracle] [--fastest-of-5] SET…` — accuracy and CPU time of finding in the decoded picture. A SET is `DIR` (pictures and a `truth.json`,
//!   `{"file": [[x, y] × 4]}`; without one, pictures that show no page) or `--photos DIR --truth FILE`. `--oracle` adds what the
//!   best of all candidates would reach.
//! - `find-lab scenes FIRST COUNT` — the same on drawn scenes, every third without a page.
//! - `find-lab gather FILE [--scenes FIRST COUNT] SET…` — one line a candidate: source, file, is there a page, fixed sides,
//!   overlap, corners, measures of the full picture, measures.
//!   The source is the repository or kind that a `manifest.csv` in the folder names, otherwise the folder's name.
//! - `find-lab train FILE…` — cross-validates by source and writes `find/weights.rs` into the current folder's room.
//! - `find-lab draw DIR FIRST COUNT` — the drawn scenes as JPEGs, to look at.
//!
//! Scenes below 100 000 teach; tests and figures use those above.

use std::io::Write;
use std::path::{Path, PathBuf};

use scan::find::{Candidate, candidates, find, look_closer, overlap, refine_corners};
use scan::square::{Projection, ordered};
use scan::{Corners, Picture, decode};

mod scenes;
mod train;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |i: usize| args.get(i).and_then(|n| n.parse::<u64>().ok()).expect("a number");
    match args.first().map(String::as_str) {
        Some("score") => score(&args[1..]),
        Some("scenes") => score_scenes(number(1), number(2)),
        Some("gather") => gather(Path::new(&args[1]), &args[2..]),
        Some("train") => {
            let files: Vec<PathBuf> = args[1..].iter().map(PathBuf::from).collect();
            let said = files.iter().map(|file| std::fs::read_to_string(file.with_extension("how")).expect("how it was gathered"));
            let said: Vec<String> = said.chain(["find-lab train".to_owned()]).collect();
            train::train(Path::new("src/scan/find/weights.rs"), &files, &said.join("\n"));
        }
        Some("draw") => draw(Path::new(&args[1]), number(2), number(3)),
        _ => eprintln!("find-lab score|scenes|gather|train|draw …, see lab/find.rs"),
    }
}

/// A drawn scene; every third shows no page.
fn scene(number: u64) -> scenes::Scene {
    if number.is_multiple_of(3) { scenes::empty_desk(number) } else { scenes::with_pages(number) }
}

/// Pictures of a folder with their true corners, unpacked one after the other.
struct Set {
    folder: PathBuf,
    truth: serde_json::Value,
    /// Source of each file, from the manifest.
    sources: std::collections::HashMap<String, String>,
}

impl Set {
    fn new(folder: PathBuf, truth: &Path) -> Self {
        let truth = std::fs::read(truth).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        let manifest = std::fs::read_to_string(folder.join("manifest.csv")).unwrap_or_default();
        let sources = manifest
            .lines()
            .skip(1)
            .filter_map(|line| {
                let cells: Vec<&str> = line.split(',').collect();
                // Frames of the SmartDoc film reached several repositories.
                let source = if cells.get(1) == Some(&"smartdoc") { "smartdoc" } else { cells.get(4)? };
                Some(((*cells.first()?).to_owned(), source.replace(' ', "_")))
            })
            .collect();
        Self { folder, truth, sources }
    }

    /// From the arguments after the options.
    fn all(args: &[String]) -> Vec<Self> {
        let mut sets = Vec::new();
        let mut args = args.iter().filter(|arg| !["-v", "--oracle", "--fastest-of-5"].contains(&arg.as_str()));
        while let Some(arg) = args.next() {
            if arg == "--photos" {
                let folder = PathBuf::from(args.next().expect("folder"));
                assert_eq!(args.next().map(String::as_str), Some("--truth"));
                sets.push(Self::new(folder, Path::new(args.next().expect("file"))));
            } else {
                sets.push(Self::new(arg.into(), &Path::new(arg).join("truth.json")));
            }
        }
        sets
    }

    fn pictures(&self) -> impl Iterator<Item = (String, Picture)> {
        let mut names: Vec<String> = std::fs::read_dir(&self.folder)
            .expect("folder")
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| name.ends_with(".jpg"))
            .collect();
        names.sort();
        names.into_iter().filter_map(|name| {
            let bytes = std::fs::read(self.folder.join(&name)).ok()?;
            Some((name, decode(&bytes, None).ok()?))
        })
    }

    fn pages(&self, name: &str) -> Vec<Corners> {
        corners(&self.truth[name]).into_iter().collect()
    }

    fn source(&self, name: &str) -> String {
        let folder = self.folder.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        self.sources.get(name).cloned().unwrap_or_else(|| format!("synth-{folder}"))
    }
}

/// Overlap with the nearest page.
fn nearest(pages: &[Corners], corners: Option<&Corners>) -> f32 {
    corners.map_or(0.0, |corners| pages.iter().map(|page| overlap(page, corners)).fold(0.0, f32::max))
}

fn score(args: &[String]) {
    let verbose = args.iter().any(|arg| arg == "-v");
    let with_oracle = args.iter().any(|arg| arg == "--oracle");
    let again = if args.iter().any(|arg| arg == "--fastest-of-5") { 5 } else { 1 };
    for set in Set::all(args) {
        let (mut scores, mut oracle, mut times, mut falsely) = (Vec::new(), Vec::new(), Vec::new(), 0);
        for (name, picture) in set.pictures() {
            let mut found = Vec::new();
            // A busy machine slows some of the runs; the fastest is the finder's own.
            let once = |_| {
                let began = cpu_ms();
                found = find(&picture);
                cpu_ms() - began
            };
            times.push((0..again).map(once).fold(f64::MAX, f64::min));
            let pages = set.pages(&name);
            if pages.is_empty() {
                falsely += usize::from(!found.is_empty());
                if verbose && !found.is_empty() {
                    println!("  {name}: called a page, confidence {:.2}", found[0].confidence);
                }
                continue;
            }
            let got = nearest(&pages, found.first().map(|found| &found.corners));
            let best = if with_oracle { overlaps(&picture, &pages).iter().map(|(o, _)| *o).fold(0.0f32, f32::max) } else { 0.0 };
            if verbose && got < 0.95 {
                println!(
                    "  {name}: {got:.3} of {best:.3}, confidence {:.2}",
                    found.first().map_or(0.0, |found| found.confidence)
                );
            }
            scores.push(got);
            oracle.push(best);
        }
        report(&set.folder.to_string_lossy(), &scores, falsely, &mut times);
        if with_oracle {
            println!("{:40} best candidate {:.3}  ≥.95 {:5.1} %", "", mean(&oracle), share(&oracle, 0.95));
        }
    }
}

fn report(name: &str, scores: &[f32], falsely: usize, times: &mut [f64]) {
    times.sort_by(f64::total_cmp);
    println!(
        "{name:40} pages {:3}: IoU {:.3}  ≥.95 {:5.1} %  ≥.90 {:5.1} %   without {:3}: {falsely} false   find {:.1} ms CPU, median {:.1}",
        scores.len(),
        mean(scores),
        share(scores, 0.95),
        share(scores, 0.90),
        times.len() - scores.len(),
        times.iter().sum::<f64>() / times.len().max(1) as f64,
        times.get(times.len() / 2).copied().unwrap_or_default(),
    );
}

fn score_scenes(first: u64, count: u64) {
    let (mut scores, mut times, mut falsely) = (Vec::new(), Vec::new(), 0);
    for number in first..first + count {
        let scene = scene(number);
        let began = cpu_ms();
        let found = find(&scene.picture);
        times.push(cpu_ms() - began);
        if scene.pages.is_empty() && number.is_multiple_of(3) && !found.is_empty() {
            println!("  scene {number}: called a page, confidence {:.2}", found[0].confidence);
            falsely += 1;
        }
        // Each page of several counts.
        for page in &scene.pages {
            let got = found.iter().map(|found| overlap(page, &found.corners)).fold(0.0f32, f32::max);
            if got < 0.8 {
                println!("  scene {number}: {got:.3}, confidence {:.2}", found.first().map_or(0.0, |found| found.confidence));
            }
            scores.push(got);
        }
    }
    times.resize(scores.len().max(times.len()), 0.0);
    report("drawn scenes", &scores, falsely, &mut times);
}

/// Candidates with their overlap after refinement, which only the near ones are given.
fn overlaps(picture: &Picture, pages: &[Corners]) -> Vec<(f32, Candidate)> {
    candidates(picture)
        .into_iter()
        .map(|candidate| {
            let coarse = nearest(pages, Some(&candidate.corners));
            let fine = if coarse > 0.6 { nearest(pages, refine_corners(picture, &candidate).as_ref()) } else { coarse };
            (fine, candidate)
        })
        .collect()
}

fn gather(file: &Path, args: &[String]) {
    let said = format!("find-lab gather {} {}", file.file_name().unwrap_or_default().to_string_lossy(), spoken(args));
    std::fs::write(file.with_extension("how"), said).expect("file");
    let mut out = std::io::BufWriter::new(std::fs::File::create(file).expect("file"));
    let mut one = |source: &str, name: &str, picture: &Picture, pages: &[Corners]| {
        let all = overlaps(picture, pages);
        if all.is_empty() {
            writeln!(out, "{source} {name} {} -", u8::from(!pages.is_empty())).expect("write");
        }
        for (overlap, candidate) in all {
            let (closer, _) = look_closer(picture, &candidate);
            write!(out, "{source} {name} {} ", u8::from(!pages.is_empty())).expect("write");
            for fixed in candidate.fixed {
                write!(out, "{}", u8::from(fixed)).expect("write");
            }
            write!(out, " {overlap:.4}").expect("write");
            for v in candidate.corners.iter().flatten() {
                write!(out, " {v:.2}").expect("write");
            }
            for m in closer.iter().chain(&candidate.measures) {
                write!(out, " {m:.4}").expect("write");
            }
            writeln!(out).expect("write");
        }
    };
    let mut rest = args;
    if args.first().is_some_and(|arg| arg == "--scenes") {
        let number = |i: usize| args[i].parse::<u64>().expect("a number");
        for n in number(1)..number(1) + number(2) {
            let scene = scene(n);
            if n.is_multiple_of(3) || !scene.pages.is_empty() {
                one("drawn", &format!("scene{n}"), &scene.picture, &scene.pages);
            }
        }
        rest = &args[3..];
    }
    for set in Set::all(rest) {
        for (name, picture) in set.pictures() {
            one(&set.source(&name), &name, &picture, &set.pages(&name));
        }
    }
}

/// Arguments without the places of one machine.
fn spoken(args: &[String]) -> String {
    let short = |arg: &String| Path::new(arg).file_name().map_or_else(|| arg.clone(), |name| name.to_string_lossy().into_owned());
    args.iter().map(short).collect::<Vec<_>>().join(" ")
}

fn draw(folder: &Path, first: u64, count: u64) {
    std::fs::create_dir_all(folder).expect("folder");
    let mut truth = serde_json::Map::new();
    for number in first..first + count {
        let scene = scene(number);
        let name = format!("scene{number}.jpg");
        std::fs::write(folder.join(&name), scan::encode(&scene.picture, scan::PAGE_BYTES_MAX).expect("jpeg")).expect("file");
        if !scene.pages.is_empty() {
            truth.insert(name, serde_json::json!(scene.pages));
        }
    }
    std::fs::write(folder.join("all.json"), serde_json::to_vec(&truth).expect("json")).expect("file");
}

/// CPU time of this thread so far.
fn cpu_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or_default() / 1e6
}

fn corners(value: &serde_json::Value) -> Option<Corners> {
    let points: Vec<[f32; 2]> =
        value.as_array()?.iter().filter_map(|p| Some([p[0].as_f64()? as f32, p[1].as_f64()? as f32])).collect();
    ordered(points.try_into().ok()?)
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len().max(1) as f32
}

fn share(values: &[f32], least: f32) -> f32 {
    100.0 * values.iter().filter(|&&v| v >= least).count() as f32 / values.len().max(1) as f32
}
