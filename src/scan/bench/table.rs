//! The figures as tables, and their place in docs/performance.md.

use std::fmt::Write;
use std::path::Path;

use scan::find::overlap;
use scan::{Corners, Picture, decode, decode_planar, jpeg, square_to};

use crate::baseline::{Baseline, Pictures};
use crate::stages::{Stages, measured};

const SIZES: [u32; 3] = [5, 8, 13];

/// Without a baseline: own pages only.
pub fn alone() -> String {
    let mut out = String::from(
        "Only this project's own pages were timed (assets/demo/pages, enlarged, with grain): `make bench SCAN_SET=DIR` runs the \
         baseline in DIR beside them and measures accuracy.\n\n",
    );
    let mut rows = Vec::new();
    for mp in SIZES {
        let stages: Vec<Stages> = own_frames(mp).iter().filter_map(|frame| measured(frame)).collect();
        rows.push((mp, stages));
    }
    times(&mut out, &rows, None);
    out
}

/// Beside the baseline, on its generated pages and its photographs.
pub fn beside(baseline: &Baseline, fast: bool) -> String {
    let mut rows = Vec::new();
    for mp in SIZES {
        let stages: Vec<Stages> =
            baseline.frames(mp).iter().filter_map(|file| measured(&std::fs::read(file).expect("a frame"))).collect();
        rows.push((mp, stages));
    }
    let mut out = format!(
        "Baseline: OpenCV {}, `contours` with its sub-pixel fit, bilinear warp at the page's own size, `enhance_color`, JPEG at \
         quality 85. Three generated pages of each size (`synth.py --preset camera --seed 411`).\n\n",
        baseline.version()
    );
    if let Err(why) = baseline.python(if fast { "times" } else { "run" }) {
        let _ = writeln!(out, "The baseline failed: {why}\n");
    }
    let theirs = baseline.times();
    times(
        &mut out,
        &rows,
        Some(&|mp, stage| {
            let of_size = theirs.iter().filter(|(file, _)| file.starts_with(&format!("{mp}/")));
            mean(&of_size.filter_map(|(_, stages)| stages.get(stage).copied()).collect::<Vec<f64>>())
        }),
    );
    if !fast {
        accuracy(&mut out, baseline);
    }
    out
}

type Theirs<'a> = &'a dyn Fn(u32, &str) -> f64;

fn times(out: &mut String, rows: &[(u32, Vec<Stages>)], theirs: Option<Theirs<'_>>) {
    let line = |out: &mut String, cells: &[String]| {
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    };
    let ms = |v: f64| format!("{v:.1}");
    let cells = |of: &dyn Fn(&Stages) -> f64| -> Vec<String> {
        rows.iter().map(|(_, stages)| ms(mean(&stages.iter().map(of).collect::<Vec<f64>>()))).collect()
    };
    let beside = |stage: &str| -> Vec<String> {
        theirs.map_or_else(Vec::new, |theirs| rows.iter().map(|(mp, _)| ms(theirs(*mp, stage))).collect())
    };
    let mut head = vec!["CPU ms".to_owned()];
    head.extend(rows.iter().map(|(mp, _)| format!("{mp} MP")));
    if theirs.is_some() {
        head.extend(rows.iter().map(|(mp, _)| format!("baseline {mp} MP")));
    }
    line(out, &head);
    line(out, &vec!["---".to_owned(); head.len()]);
    type Of = fn(&Stages) -> f64;
    let stages: [(&str, Of); 9] = [
        ("decode", |s| s.decode),
        ("find", |s| s.find),
        ("warp", |s| s.warp),
        ("upright", |s| s.upright),
        ("judge", |s| s.judge),
        ("known again", |s| s.print),
        ("clean", |s| s.clean),
        ("encode", |s| s.encode),
        ("**whole shot**", |s| s.whole),
    ];
    for (name, of) in stages {
        let mut row = vec![name.to_owned()];
        row.extend(cells(&of));
        let theirs = beside(if name.starts_with("**") { "whole" } else { name });
        row.extend(theirs.into_iter().map(|cell| if cell == "NaN" { String::new() } else { cell }));
        line(out, &row);
    }
    let empty = vec![String::new(); if theirs.is_some() { rows.len() } else { 0 }];
    let mut row = vec!["libjpeg-turbo alone: still to RGB and back to JPEG".to_owned()];
    row.extend(cells(&|s| s.alone));
    row.extend(empty.clone());
    line(out, &row);
    let mut row = vec!["**whole shot / libjpeg-turbo alone** (goal 1.5)".to_owned()];
    row.extend(
        rows.iter().map(|(_, stages)| format!("{:.2}", mean(&stages.iter().map(|s| s.whole / s.alone).collect::<Vec<f64>>()))),
    );
    row.extend(empty.clone());
    line(out, &row);
    if let Some(theirs) = theirs {
        let mut row = vec!["**baseline / whole shot** (goal 2)".to_owned()];
        row.extend(rows.iter().map(|(mp, stages)| {
            format!("{:.1}", theirs(*mp, "whole") / mean(&stages.iter().map(|s| s.whole).collect::<Vec<f64>>()))
        }));
        row.extend(empty);
        line(out, &row);
    }
    let sizes: Vec<String> = rows
        .iter()
        .filter_map(|(mp, stages)| {
            let s = stages.first()?;
            Some(format!("{mp} MP: frames of {} × {}, pages of {} × {} and alike", s.frame.0, s.frame.1, s.page.0, s.page.1))
        })
        .collect();
    let _ = writeln!(out, "\n{}.\n", sizes.join("; "));
}

/// What the finder reports of the same files as the baseline, and how well.
fn accuracy(out: &mut String, baseline: &Baseline) {
    let theirs = baseline.found();
    let _ = writeln!(out, "| pictures | finder | mean IoU | ≥ 0.95 | ≥ 0.90 | none found |\n|---|---|---|---|---|---|");
    let mut false_pages = Vec::new();
    for Pictures { name, files } in baseline.pictures() {
        let ours: Vec<Option<Corners>> = files
            .iter()
            .map(|(_, file, _)| {
                let frame = decode_planar(&std::fs::read(file).ok()?).ok()?;
                scan::shot::pages(&frame).first().map(|found| found.corners)
            })
            .collect();
        let by = |mode: &str| files.iter().map(|(file, ..)| theirs(name, mode, file)).collect::<Vec<_>>();
        for (finder, found) in [("village-terminal", ours), ("contours", by("contours")), ("full", by("full"))] {
            if files.iter().all(|(.., truth)| truth.is_none()) {
                false_pages.push(format!("{finder} {} of {}", found.iter().flatten().count(), found.len()));
                continue;
            }
            let shares: Vec<f32> = files
                .iter()
                .zip(&found)
                .map(|((.., truth), found)| truth.zip(*found).map_or(0.0, |(truth, found)| overlap(&truth, &found)))
                .collect();
            let above = |least: f32| 100.0 * shares.iter().filter(|share| **share >= least).count() as f32 / shares.len() as f32;
            let _ = writeln!(
                out,
                "| {name} ({}) | {finder} | {:.3} | {:.0} % | {:.0} % | {} |",
                files.len(),
                shares.iter().sum::<f32>() / shares.len() as f32,
                above(0.95),
                above(0.90),
                found.iter().filter(|found| found.is_none()).count()
            );
        }
    }
    let _ = writeln!(out, "\nFalse pages on empty desks: {}.", false_pages.join(", "));
}

/// Pages of the demo at another size, with a sensor's grain.
fn own_frames(mp: u32) -> Vec<Vec<u8>> {
    let w = ((f64::from(mp) * 1e6 * 4.0 / 3.0).sqrt() / 16.0).round() as u32 * 16;
    let h = w * 3 / 4;
    let folder = crate::root().join("assets/demo/pages");
    ["02-itemised-list", "03-diagnosis", "08-booklet"]
        .iter()
        .map(|name| {
            let photo = decode(&std::fs::read(folder.join(format!("{name}.jpg"))).expect("a page"), None).expect("a JPEG");
            let (r, b) = (photo.w as f32 - 0.5, photo.h as f32 - 0.5);
            let mut frame: Picture = square_to(&photo, &[[-0.5, -0.5], [r, -0.5], [r, b], [-0.5, b]], w, h).expect("a frame");
            let mut state = 9u32;
            for v in &mut frame.data {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *v = v.saturating_add_signed((state >> 29) as i8 - 4);
            }
            jpeg::encode_at(&frame, 88).expect("a frame")
        })
        .collect()
}

fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { f64::NAN } else { values.iter().sum::<f64>() / values.len() as f64 }
}

/// Writes the report between its marks and leaves everything else in the file as it is.
pub fn keep(file: &Path, name: &str, report: &str) {
    let (begin, end) = (format!("<!-- {name} -->"), format!("<!-- /{name} -->"));
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let report = format!("{begin}\n{}\n{end}", report.trim_end());
    let text = match (text.find(&begin), text.find(&end)) {
        (Some(from), Some(to)) if from < to => format!("{}{report}{}", &text[..from], &text[to + end.len()..]),
        _ => format!("{}\n\n{report}\n", text.trim_end()),
    };
    if let Err(why) = std::fs::write(file, text) {
        eprintln!("{}: {why}", file.display());
    }
}
