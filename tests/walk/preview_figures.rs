//! What the live picture costs: frames of the capture screen with a 1080p camera beside frames of an
//! empty window of the same size, on the same software renderer, one after the other.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use eframe::egui;
use terminal::frames;

use super::{Asked, bench::ticks, demo, filing, pilot::Pilot};
use crate::support::{
    children::{Running, root},
    desktop::Desktop,
    town::Town,
};

/// So long each window is measured, after it has come to rest.
const MEASURED: Duration = Duration::from_secs(30);
const RESTED: Duration = Duration::from_secs(4);
/// Ten a second, as the preview.
const EVERY: Duration = Duration::from_millis(100);

/// Opens the two windows and prints a line each.
pub fn figures(dir: &Path, asked: &Asked) {
    let _ = std::fs::remove_dir_all(dir);
    let town = Town::prepare(dir);
    let (_hall, addresses) = town.serve();
    let (_reader, card_dir) = town.card_reader();
    town.configure(&demo::devices(Some(&card_dir), source(dir)), true);
    let config = std::fs::read_to_string(town.config()).expect("the configuration");
    // A camera of thirty frames a second, of which the window shows ten.
    let config = config.replace("camera = \"folder\"", "camera = \"folder\"\ncamera_every_ms = 33");
    std::fs::write(town.config(), config).expect("the configuration can be written");
    town.admit(&addresses);
    let desktop = Desktop::start(dir, asked.width, asked.height);

    let log = dir.join("empty.log");
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command.arg("empty-window");
    let empty = {
        let window = Running::start("an empty window", desktop.dress(&mut command), &log);
        std::thread::sleep(RESTED);
        measure(window.id(), &log)
    };
    say("an empty window", &empty);

    let mut command = town.terminal();
    command.env("VILLAGE_LOG", "info,frames=trace");
    let window = Running::start("village-terminal", desktop.dress(&mut command), &town.dir.join("village-terminal.log"));
    let mut pilot = Pilot::new(&desktop, asked.pictures.as_deref());
    filing::sign_in(&mut pilot);
    filing::person(&mut pilot);
    filing::matter(&mut pilot);
    filing::form(&mut pilot);
    pilot.sees("可以拍");
    std::thread::sleep(RESTED);
    let log = town.dir.join("terminal/log/terminal.log");
    let preview = measure(window.id(), &log);
    pilot.picture("preview-figures");
    say("the capture screen, 1080p MJPEG, outline drawn", &preview);
    println!(
        "preview beside empty: frame p99 {:.1} times (goal: ten pictures a second)",
        preview.at(0.99) / empty.at(0.99).max(0.001)
    );
}

/// A demo page on a frame of 1920 × 1080, in a folder of its own.
fn source(dir: &Path) -> PathBuf {
    let folder = dir.join("frames");
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    let jpeg = std::fs::read(root().join("assets/demo/pages/07-portrait-placeholder.jpg")).expect("a sample page");
    let page = scan::decode(&jpeg, None).expect("a picture");
    let (w, h) = (page.w as f32 - 0.5, page.h as f32 - 0.5);
    let small = scan::square_to(&page, &[[-0.5, -0.5], [w, -0.5], [w, h], [-0.5, h]], 1440, 1080).expect("a smaller one");
    let mut frame = scan::Picture::filled(1920, 1080, [40, 44, 50]);
    for y in 0..1080 {
        let at = (y as usize * 1920 + 240) * 3;
        frame.data[at..at + 1440 * 3].copy_from_slice(small.row(y));
    }
    let jpeg = scan::jpeg::encode_at(&frame, 85).expect("a JPEG");
    std::fs::write(folder.join("frame.jpg"), jpeg).expect("a frame can be written");
    folder
}

struct Measured {
    /// Milliseconds a frame, ascending.
    frames: Vec<f64>,
    seconds: f64,
    /// Seconds of one core.
    cpu: f64,
}

impl Measured {
    fn at(&self, share: f64) -> f64 {
        let last = self.frames.len().saturating_sub(1);
        self.frames.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
    }

    fn rate(&self) -> f64 {
        self.frames.len() as f64 / self.seconds
    }
}

/// The frames that a process writes into its log while it is watched.
fn measure(process: u32, log: &Path) -> Measured {
    let read = || std::fs::read_to_string(log).unwrap_or_default();
    let before = read().len();
    let (begun, used) = (Instant::now(), ticks(process));
    std::thread::sleep(MEASURED);
    let cpu = (ticks(process) - used) as f64 / 100.0;
    let seconds = begun.elapsed().as_secs_f64();
    let text = read();
    let mut frames: Vec<f64> = text
        .get(before..)
        .unwrap_or_default()
        .lines()
        .filter(|line| line.contains(&format!("{}:", frames::TARGET)))
        .filter_map(|line| line.rsplit_once("us=")?.1.trim().parse::<f64>().ok())
        .map(|us| us / 1000.0)
        .collect();
    assert!(!frames.is_empty(), "no frame was drawn in {}", log.display());
    frames.sort_by(f64::total_cmp);
    Measured { frames, seconds, cpu }
}

fn say(what: &str, measured: &Measured) {
    println!(
        "{what}: {:.1} frames a second, a frame {:.1} ms (median), {:.1} ms (p99), {:.1} ms (longest of {}); {:.0} % of a core",
        measured.rate(),
        measured.at(0.5),
        measured.at(0.99),
        measured.at(1.0),
        measured.frames.len(),
        measured.cpu / measured.seconds * 100.0
    );
}

/// The other process: a window with nothing in it, painted ten times a second until it is killed.
pub fn empty_window() {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(format!("{}=trace", frames::TARGET)))
        .with_ansi(false)
        .with_writer(std::io::stderr)
        .init();
    let options = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default().with_fullscreen(true),
        ..eframe::NativeOptions::default()
    };
    eframe::run_native("empty", options, Box::new(|_| Ok(Box::new(Empty::default())))).expect("a window");
}

#[derive(Default)]
struct Empty {
    meter: frames::Meter,
}

impl eframe::App for Empty {
    fn logic(&mut self, ctx: &egui::Context, _: &mut eframe::Frame) {
        self.meter.begin();
        ctx.request_repaint_after(EVERY);
    }

    fn ui(&mut self, ui: &mut egui::Ui, _: &mut eframe::Frame) {
        egui::CentralPanel::default().show(ui, |_| {});
        self.meter.end(ui.ctx());
    }
}
