//! The demo and the walk: `make run`.
//!
//! With a display it prepares a town and a village point, opens the window and stays until it is
//! closed. Without one it walks a filing from sign-in to the hall's answer on a virtual display, by
//! real mouse and keyboard events, and leaves a numbered picture of each step.

#[path = "../support/mod.rs"]
mod support;

mod bench;
mod card_figures;
mod demo;
mod filing;
mod forms;
mod kills;
mod matters;
mod pilot;
mod preview_figures;
mod real;

use std::path::{Path, PathBuf};

/// What was asked on the command line.
pub struct Asked {
    pub real_devices: bool,
    pub pictures: Option<PathBuf>,
    pub width: u32,
    pub height: u32,
}

/// What is walked as a part of `make test`, by name.
const WALKS: [(&str, fn(&Path, &Asked)); 5] = [
    ("a_filing_walks_from_sign_in_to_the_answer", demo::walk),
    ("three_matters_walk_their_own_ways", matters::walk),
    ("a_draft_walks_into_the_towns_next_catalogue", forms::walk),
    ("no_stand_in_takes_the_place_of_a_missing_device", real::nothing_takes_their_place),
    ("killed_at_every_step_one_filing_arrives_whole", kills::one_filing_arrives_whole),
];

fn main() {
    let mut arguments = std::env::args().skip(1).peekable();
    let mode = arguments.peek().cloned().unwrap_or_default();
    match mode.as_str() {
        "run" => demo::run(&asked(arguments.skip(1))),
        "matters" => in_folder("matters", matters::walk, &asked(arguments.skip(1))),
        "forms" => in_folder("forms", forms::walk, &asked(arguments.skip(1))),
        "kills" => in_folder("kills", kills::one_filing_arrives_whole, &asked(arguments.skip(1))),
        "bench" => in_folder("bench", bench::figures, &asked(arguments.skip(1))),
        "preview" => in_folder("preview", preview_figures::figures, &asked(arguments.skip(1))),
        "empty-window" => preview_figures::empty_window(),
        // `cargo test` calls every test binary, with filters and flags of its own.
        _ => test(&arguments.collect::<Vec<_>>()),
    }
}

fn asked(mut arguments: impl Iterator<Item = String>) -> Asked {
    let mut asked = Asked { real_devices: false, pictures: None, width: 1920, height: 1080 };
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().unwrap_or_else(|| panic!("{argument} needs a value"));
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
    asked
}

/// In a folder of its own, which is gone afterwards; after a panic it stays to be looked at.
fn in_folder(name: &str, walk: fn(&Path, &Asked), asked: &Asked) {
    let dir = std::env::temp_dir().join(format!("village-{name}-{}", std::process::id()));
    walk(&dir, asked);
    let _ = std::fs::remove_dir_all(&dir);
}

/// As a part of `make test`; `make torture` does the kills again and again.
fn test(arguments: &[String]) {
    if arguments.iter().any(|argument| argument == "--list") {
        return WALKS.iter().for_each(|(name, _)| println!("{name}: test"));
    }
    let filter = arguments.iter().find(|argument| !argument.starts_with('-'));
    let chosen: Vec<_> = WALKS.into_iter().filter(|(name, _)| filter.is_none_or(|filter| name.contains(filter))).collect();
    println!("\nrunning {} tests", chosen.len());
    for (name, walk) in &chosen {
        in_folder("walk", *walk, &Asked { real_devices: false, pictures: None, width: 1920, height: 1080 });
        println!("test {name} ... ok");
    }
    println!(
        "\ntest result: ok. {} passed; 0 failed; 0 ignored; 0 measured; {} filtered out",
        chosen.len(),
        WALKS.len() - chosen.len()
    );
}
