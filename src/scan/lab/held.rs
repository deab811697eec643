//! How well pages are judged, on generated pages that no threshold was set on: `held-lab DIR [--keep FILE]`.
//!
//! DIR holds pages of a generator with `truth.json` (`{"file": [[x, y] × 4]}`, from the page's own top left) and `meta.json`
//! (`style`, `qr`, `gain`, `blur_sigma`, `motion_px`): `synth.py --preset quality --n 400 --seed 2026`. Each goes the way of every
//! still: found, squared, put upright, judged. Cut pages and second photographs are made of the same pictures. With `--keep` the
//! table takes its place in FILE.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use scan::jpeg::encode_at;
use scan::square::page_size;
use scan::twin::Print;
use scan::{Corners, Issue, Looked, Picture, Wanted, decode, decode_planar, look, square_planar, square_to, upright};
use serde_json::Value;

/// What the generator did to a page.
struct Page {
    file: PathBuf,
    name: String,
    corners: Corners,
    dark: bool,
    bright: bool,
    blank: bool,
    blurred: bool,
}

impl Page {
    fn well_lit(&self) -> bool {
        !self.dark && !self.bright
    }

    fn good(&self) -> bool {
        self.well_lit() && !self.blank && !self.blurred
    }
}

/// Caught of all with a fault, and alarms of all without.
#[derive(Default)]
struct Tally {
    faulty: usize,
    caught: usize,
    sound: usize,
    alarms: usize,
    missed: Vec<String>,
    wrongly: Vec<String>,
}

impl Tally {
    fn add(&mut self, name: &str, faulty: bool, said: bool) {
        if faulty {
            self.faulty += 1;
            self.caught += usize::from(said);
            if !said {
                self.missed.push(name.to_owned());
            }
        } else {
            self.sound += 1;
            self.alarms += usize::from(said);
            if said {
                self.wrongly.push(name.to_owned());
            }
        }
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let dir = PathBuf::from(args.first().expect("held-lab DIR [--keep FILE]"));
    let pages = pages(&dir);
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    let (mut turned_right, mut turned) = (0, 0);
    let mut good_with_alarm = Tally::default();
    let mut prints: Vec<(String, Print)> = Vec::new();
    for (i, page) in pages.iter().enumerate() {
        let still = std::fs::read(&page.file).expect("a picture");
        let Ok(looked) = look(&still, &Wanted::default()) else { continue };
        let said = |looked: &Looked, issue: Issue| looked.issues.contains(&issue);
        let mut add = |kind, faulty, issue| tallies.entry(kind).or_default().add(&page.name, faulty, said(&looked, issue));
        add("too dark", page.dark, Issue::Dark);
        add("too bright", page.bright, Issue::Bright);
        if page.well_lit() {
            add("blank", page.blank, Issue::Blank);
            if !page.blank {
                add("blurred", page.blurred, Issue::Blurred);
            }
            add("cut edge", false, Issue::CutEdge);
        }
        if page.good() {
            good_with_alarm.add(&format!("{} {:?}", page.name, looked.issues), false, !looked.issues.is_empty());
        }
        if page.well_lit() {
            let frame = decode(&still, None).expect("it was unpacked before");
            let cut = encode_at(&cut(&frame, &page.corners, i), 90).expect("a frame");
            if let Ok(cut) = look(&cut, &Wanted::default()) {
                tallies.entry("cut edge").or_default().add(&page.name, true, said(&cut, Issue::CutEdge));
            }
            if !page.blank && looked.corners.is_some() {
                let again = encode_at(&again(&frame, i), 90).expect("a frame");
                if let Ok(again) = look(&again, &Wanted::default()) {
                    tallies.entry("same page twice").or_default().add(&page.name, true, again.print.is_twin_of(&looked.print));
                }
                prints.push((page.name.clone(), looked.print.clone()));
            }
        }
        if page.good() {
            let frame = decode_planar(&still).expect("it was unpacked before");
            let size = page_size(&page.corners, (frame.w, frame.h), None);
            let Ok(upright) = square_planar(&frame, &page.corners, size) else { continue };
            for lying in 0..4 {
                turned += 1;
                let right = upright::turns(&upright.turned(lying)) == Some((4 - lying) % 4);
                turned_right += usize::from(right);
                if !right {
                    println!("{} lying {lying}: {:?}", page.name, upright::turns(&upright.turned(lying)));
                }
            }
        }
    }
    let twice = tallies.entry("same page twice").or_default();
    for (i, (name, print)) in prints.iter().enumerate() {
        for (other, second) in prints.iter().skip(i + 1).take(20) {
            twice.add(&format!("{name} and {other}"), false, print.is_twin_of(second));
        }
    }
    let mut table =
        String::from("| fault | pages with it | caught | pages without | false alarms | goal |\n|---|---|---|---|---|---|\n");
    let share = |part: usize, of: usize| 100.0 * part as f64 / of.max(1) as f64;
    for (kind, goal) in
        [("too dark", 99), ("too bright", 99), ("blurred", 95), ("blank", 99), ("cut edge", 98), ("same page twice", 98)]
    {
        let t = &tallies[kind];
        let _ = writeln!(
            table,
            "| {kind} | {} | {:.1} % | {} | {:.2} % | ≥ {goal} % at ≤ 2 % |",
            t.faulty,
            share(t.caught, t.faulty),
            t.sound,
            share(t.alarms, t.sound)
        );
        println!("{kind}: missed {:?}, wrongly {:?}", t.missed, t.wrongly);
    }
    let t = &good_with_alarm;
    println!("good pages with any alarm: {:?}", t.wrongly);
    let _ = writeln!(table, "\nOf {} pages without any fault {} got a warning.", t.sound, t.alarms);
    let _ = writeln!(table, "Upright right: {turned_right} of {turned} ({:.1} %, goal 99 %).", share(turned_right, turned));
    println!("\n{table}");
    if let Some(at) = args.iter().position(|arg| arg == "--keep") {
        keep(Path::new(&args[at + 1]), &table);
    }
}

fn pages(dir: &Path) -> Vec<Page> {
    let read = |name: &str| -> Value {
        serde_json::from_slice(&std::fs::read(dir.join(name)).expect("truth.json and meta.json")).expect("json")
    };
    let (truth, meta) = (read("truth.json"), read("meta.json"));
    let corners = |points: &Value| -> Option<Corners> {
        let points = points.as_array()?.iter().map(|p| Some([p[0].as_f64()? as f32, p[1].as_f64()? as f32]));
        points.collect::<Option<Vec<_>>>()?.try_into().ok()
    };
    truth
        .as_object()
        .expect("an object")
        .iter()
        .filter_map(|(name, points)| {
            let m = &meta[name];
            let number = |key: &str| m[key].as_f64().unwrap_or_default();
            Some(Page {
                file: dir.join(name),
                name: name.clone(),
                corners: corners(points)?,
                dark: number("gain") <= 0.25,
                bright: number("gain") >= 1.35,
                blank: m["style"] == "blank" && m["qr"].is_null(),
                blurred: number("blur_sigma") >= 1.6 || number("motion_px") >= 3.0,
            })
        })
        .collect()
}

/// The frame cut so that one side of the page, another each time, is missing by 4 to 14 % of it.
fn cut(frame: &Picture, corners: &Corners, number: usize) -> Picture {
    let part = 0.04 + 0.02 * (number / 4 % 6) as f32;
    let edge = |c: usize, pick: fn(f32, f32) -> f32| corners.iter().map(|p| p[c]).reduce(pick).expect("four");
    let (left, top, right, low) = (edge(0, f32::min), edge(1, f32::min), edge(0, f32::max), edge(1, f32::max));
    let (w, h) = (frame.w, frame.h);
    match number % 4 {
        0 => {
            let x = (left + part * (right - left)) as u32;
            frame.cropped(x, 0, w - x, h)
        }
        1 => {
            let y = (top + part * (low - top)) as u32;
            frame.cropped(0, y, w, h - y)
        }
        2 => frame.cropped(0, 0, (right - part * (right - left)) as u32, h),
        _ => frame.cropped(0, 0, w, (low - part * (low - top)) as u32),
    }
}

/// The page photographed once more: the desk shifted, turned by up to two degrees, in other light, every other one upside down.
fn again(frame: &Picture, number: usize) -> Picture {
    let (w, h) = (frame.w as f32, frame.h as f32);
    let angle = ((number % 9) as f32 - 4.0) * 0.009;
    let shift = [(number % 5) as f32 - 2.0, (number % 7) as f32 - 3.0].map(|v| v * 0.004 * w);
    let (sin, cos) = angle.sin_cos();
    let corners = [[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]].map(|[u, v]: [f32; 2]| {
        let (x, y) = (u * w * 0.99, v * h * 0.99);
        [w / 2.0 + x * cos - y * sin + shift[0], h / 2.0 + x * sin + y * cos + shift[1]]
    });
    let mut second = square_to(frame, &corners, frame.w, frame.h).expect("corners near the frame's own");
    let light = 0.8 + 0.05 * (number % 6) as f32;
    let mut state = number as u32 + 1;
    for v in &mut second.data {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *v = (f32::from(*v) * light + (state >> 29) as f32 - 3.5).clamp(0.0, 255.0) as u8;
    }
    if number % 2 == 1 { scan::rotate90(&second, 2) } else { second }
}

/// Writes the table between its marks and leaves everything else in the file as it is.
fn keep(file: &Path, table: &str) {
    let text = std::fs::read_to_string(file).expect("a file with the marks");
    let (begin, end) = ("<!-- held -->", "<!-- /held -->");
    let (from, to) = (text.find(begin).expect("a mark"), text.find(end).expect("a mark"));
    let text = format!("{}{begin}\n{}\n{}", &text[..from], table.trim_end(), &text[to..]);
    std::fs::write(file, text).expect("written");
}
