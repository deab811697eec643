//! The demo and the walk: `make run`.
//!
//! With a display it prepares a town and a village point, opens the window and stays until it is
//! closed. Without one it walks a filing from sign-in to the hall's answer on a virtual display, by
//! real mouse and keyboard events, and leaves a numbered picture of each step.

#[path = "../support/mod.rs"]
mod support;

mod bench;
mod demo;
mod filing;
mod kills;
mod pilot;

use std::path::PathBuf;

/// What was asked on the command line.
pub struct Asked {
    pub real_devices: bool,
    pub pictures: Option<PathBuf>,
    pub width: u32,
    pub height: u32,
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut asked = Asked { real_devices: false, pictures: None, width: 1920, height: 1080 };
    // `cargo test` calls every test binary, with filters and flags of its own: then the walk is a test.
    let run = match arguments.next().as_deref() {
        Some("run") => true,
        Some(mode @ ("kills" | "bench")) => {
            let dir = std::env::temp_dir().join(format!("village-{mode}-{}", std::process::id()));
            if mode == "kills" {
                kills::one_filing_arrives_whole(&dir, &asked);
            } else {
                bench::figures(&dir, &asked);
            }
            let _ = std::fs::remove_dir_all(&dir);
            return;
        }
        None => false,
        Some(filter) if !filter.starts_with('-') && !"walk".contains(filter) => return,
        Some("--list") => return println!("walk: test"),
        Some(_) => false,
    };
    let mut rest = arguments;
    while let Some(argument) = rest.next().filter(|_| run) {
        let mut value = || rest.next().unwrap_or_else(|| panic!("{argument} needs a value"));
        match argument.as_str() {
            "--devices" => asked.real_devices = value() == "real",
            "--screens" => asked.pictures = Some(support::children::root().join(value())),
            "--size" => {
                let size = value();
                let (width, height) = size.split_once('x').expect("--size WIDTHxHEIGHT");
                asked.width = width.parse().expect("width in pixels");
                asked.height = height.parse().expect("height in pixels");
            }
            other => panic!("unknown argument {other}"),
        }
    }
    if run { demo::run(&asked) } else { test() }
}

/// As a part of `make test`. The same way with kills at every step is `make torture`.
fn test() {
    println!("\nrunning 1 test");
    let dir = std::env::temp_dir().join(format!("village-walk-{}", std::process::id()));
    demo::walk(&dir, &Asked { real_devices: false, pictures: None, width: 1920, height: 1080 });
    let _ = std::fs::remove_dir_all(&dir);
    println!("test a_filing_walks_from_sign_in_to_the_answer ... ok");
    println!("\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out");
}
