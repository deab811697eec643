//! Prepares the demo by the public commands of both programs, and opens or walks it.

use std::{path::Path, process::Command, time::Instant};

use super::{Asked, filing, pilot::Pilot};
use crate::support::{
    children::{Running, root},
    clerk::Clerk,
    desktop::Desktop,
    town::{AGENT, CLERK, Devices, Town},
};

/// `make run`.
#[expect(clippy::disallowed_methods, reason = "a test is told where things are by the Makefile, through its environment")]
pub fn run(asked: &Asked) {
    let dir = demo_dir();
    let display = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    if display && asked.pictures.is_none() {
        open(&dir, asked);
    } else {
        // A walk starts from an empty village every time: its end must not lean on an earlier run.
        let dir = dir.with_file_name("walk");
        let pictures = asked.pictures.clone().unwrap_or_else(|| dir.join("pictures"));
        let started = Instant::now();
        if asked.real_devices {
            // Nobody can lay a card down there: the window opens, and says how the devices are.
            super::real::nothing_takes_their_place(&dir, &Asked { pictures: Some(pictures.clone()), ..*asked });
            println!("\nNo stand-in was used. To file something, run this at the machine's own screen.");
            println!("Pictures: {}", pictures.display());
            return;
        }
        walk(&dir, &Asked { pictures: Some(pictures.clone()), ..*asked });
        println!("\nThe answer of the town hall stands in the window. {:.0} s.", started.elapsed().as_secs_f32());
        println!("Pictures of each step: {}", pictures.display());
    }
}

#[expect(clippy::disallowed_methods, reason = "a test is told where things are by the Makefile, through its environment")]
fn demo_dir() -> std::path::PathBuf {
    std::env::var_os("VILLAGE_DEMO_DIR").map_or_else(|| std::env::temp_dir().join("village-demo"), Into::into)
}

/// The demo with a person at the screen.
fn open(dir: &Path, asked: &Asked) {
    let town = Town::prepare(dir);
    let (_hall, addresses) = town.serve();
    let reader = (!asked.real_devices).then(|| town.card_reader());
    town.configure(&devices(reader.as_ref().map(|(_, dir)| dir.as_path()), root().join("assets/demo/pages")), false);
    town.admit(&addresses);
    println!("\nThe clerks' desk:  {}   account {}  password {}", addresses.desk, CLERK.0, CLERK.1);
    println!("At the terminal:   account {}  password {}", AGENT.0, AGENT.1);
    println!("Close the window, or press Ctrl+C here, to stop everything.\n");
    let status = town.terminal().status().expect("the window can be opened");
    println!("The window was closed ({status}).");
}

/// The papers of this filing in the order in which they are laid under the camera.
pub fn papers(dir: &Path) -> std::path::PathBuf {
    let pages = dir.join("papers");
    std::fs::create_dir_all(&pages).expect("demo folder can be written");
    for (order, name) in ["07-portrait-placeholder.jpg", "05-bank-card.jpg", "05-bank-card.jpg"].iter().enumerate() {
        std::fs::copy(root().join("assets/demo/pages").join(name), pages.join(format!("{order}.jpg"))).expect("a sample page");
    }
    pages
}

pub fn devices(card_dir: Option<&Path>, pages: std::path::PathBuf) -> Devices {
    match card_dir {
        Some(card_dir) => Devices::StandIn { card_dir: card_dir.to_path_buf(), pages },
        None => Devices::Real,
    }
}

/// One filing from sign-in to the hall's answer; panics with what it saw when something is missing.
pub fn walk(dir: &Path, asked: &Asked) {
    let _ = std::fs::remove_dir_all(dir);
    if let Some(pictures) = &asked.pictures {
        let _ = std::fs::remove_dir_all(pictures);
        std::fs::create_dir_all(pictures).expect("folder for pictures can be made");
    }
    println!("preparing a town and a village point");
    let town = Town::prepare(dir);
    let (_hall, addresses) = town.serve();
    let (_reader, card_dir) = town.card_reader();
    town.configure(&devices(Some(&card_dir), papers(dir)), true);
    town.admit(&addresses);
    println!("opening the window on a virtual display of {}x{}", asked.width, asked.height);
    let desktop = Desktop::start(dir, asked.width, asked.height);
    let _window = window(&town, &desktop);
    let mut pilot = Pilot::new(&desktop, asked.pictures.as_deref());
    let clerk = Clerk::start(dir, &addresses.desk, 1920, 1080);
    filing::from_sign_in_to_answer(&mut pilot, &clerk);
    let held = town.filings();
    let filings = held.as_array().or_else(|| held["filings"].as_array()).expect("a list of filings");
    assert_eq!(filings.len(), 1, "the hall holds one filing: {held}");
}

/// The terminal's window on this desktop.
pub fn window(town: &Town, desktop: &Desktop) -> Running {
    let mut command: Command = town.terminal();
    desktop.dress(&mut command);
    Running::start("village-terminal", &mut command, &town.dir.join("village-terminal.log"))
}
