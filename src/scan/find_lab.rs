//! Measures the page finder on a folder of pictures with true corners: `find-lab DIR… [--dump FILE]`.
//!
//! Each DIR holds pictures and a `truth.json` (`{"file": [[x, y] × 4]}`); a folder without one is taken as pictures without a page.
//! `--photos DIR --truth FILE` names them apart. `--dump` writes one line a candidate for the trainer: file, overlap after
//! refinement, measures.

use std::io::Write;
use std::path::{Path, PathBuf};

use scan::find::{Candidate, candidates, find, overlap, refine_corners};
use scan::{Corners, decode, square::ordered};

fn main() {
    let mut sets: Vec<(PathBuf, PathBuf)> = Vec::new();
    let mut dump: Option<std::io::BufWriter<std::fs::File>> = None;
    let mut verbose = false;
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--dump" => dump = args.next().map(|file| std::io::BufWriter::new(std::fs::File::create(file).expect("dump file"))),
            "--photos" => {
                let photos = PathBuf::from(args.next().expect("folder"));
                assert_eq!(args.next().as_deref(), Some("--truth"));
                sets.push((photos, args.next().expect("file").into()));
            }
            "-v" => verbose = true,
            dir => sets.push((dir.into(), Path::new(dir).join("truth.json"))),
        }
    }
    for (photos, truth) in sets {
        let truth: serde_json::Value =
            std::fs::read(&truth).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        let mut names: Vec<String> = std::fs::read_dir(&photos)
            .expect("folder")
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| name.ends_with(".jpg"))
            .collect();
        names.sort();
        let (mut scores, mut oracle, mut times) = (Vec::new(), Vec::new(), Vec::new());
        for name in names {
            let Ok(picture) =
                std::fs::read(photos.join(&name)).map_err(|_| ()).and_then(|bytes| decode(&bytes, None).map_err(|_| ()))
            else {
                println!("{name}: unreadable");
                continue;
            };
            let began = cpu_ms();
            let mut found = find(&picture);
            for _ in 1..REPEATS {
                found = find(&picture);
            }
            times.push((cpu_ms() - began) / REPEATS as f64);
            let Some(want) = corners(&truth[&name]) else {
                scores.push(if found.is_empty() { 1.0 } else { 0.0 });
                continue;
            };
            let got = found.first().map_or(0.0, |found| overlap(&want, &found.corners));
            let all: Vec<(f32, Candidate)> = candidates(&picture)
                .into_iter()
                .map(|candidate| {
                    let fine = refine_corners(&picture, &candidate);
                    (fine.map_or(0.0, |fine| overlap(&want, &fine)), candidate)
                })
                .collect();
            let best = all.iter().map(|(o, _)| *o).fold(0.0f32, f32::max);
            if verbose && got < 0.95 {
                println!(
                    "  {name}: {got:.3} of {best:.3}, confidence {:.2}",
                    found.first().map_or(0.0, |found| found.confidence)
                );
            }
            if let Some(dump) = &mut dump {
                for (o, candidate) in &all {
                    write!(dump, "{name} {o:.4}").expect("dump");
                    for m in candidate.measures {
                        write!(dump, " {m:.4}").expect("dump");
                    }
                    writeln!(dump).expect("dump");
                }
            }
            scores.push(got);
            oracle.push(best);
        }
        println!(
            "{:40} n={:3} IoU {:.3}  ≥.95 {:5.1} %  ≥.90 {:5.1} %   oracle {:.3} {:5.1} %   find {:.1} ms CPU",
            photos.display(),
            scores.len(),
            mean(&scores),
            share(&scores, 0.95),
            share(&scores, 0.90),
            mean(&oracle),
            share(&oracle, 0.95),
            times.iter().sum::<f64>() / times.len().max(1) as f64,
        );
    }
}

/// The kernel counts in ticks; several runs a picture and the mean over all make up for it.
const REPEATS: usize = 3;

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
