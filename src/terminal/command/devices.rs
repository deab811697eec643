//! `card`, `camera`, `page`: the devices and pictures without a window.

use std::{path::PathBuf, time::Duration};

use card::Config as ReaderConfig;
use devices::CardEvent;
use jiff::SignedDuration;
use matters::identity::{mask_name, mask_number};
use texts::{Texts, command as say};

use super::{Fault, Options};
use crate::{
    clock::{Clock, Stopwatch},
    config::Config,
    ids::Ids,
    worker,
};

const PATIENCE: Duration = Duration::from_millis(500);

/// Waits for a card and says what was read, masked as in a list.
pub fn card(t: &Texts, options: &mut Options, config: &Config, clock: &Clock) -> Result<(), Fault> {
    let seconds: u64 = match options.take("--seconds") {
        Some(text) => text.parse().map_err(|_| Fault::NoValue("--seconds".into()))?,
        None => 30,
    };
    options.nothing_left()?;
    crate::config::use_card_socket(config);
    let mut reader =
        card::open(ReaderConfig { stand_in: config.devices.card_stand_in, ..ReaderConfig::default() }).map_err(Fault::Device)?;
    println!("{}", say::card_waiting(t, seconds));
    let watch = Stopwatch::start();
    let mut last = None;
    while watch.elapsed() < Duration::from_secs(seconds) {
        match reader.next(PATIENCE) {
            Ok(CardEvent::ReaderArrived { name }) => println!("{}", say::card_reader(t, name)),
            Ok(CardEvent::Read(record)) => {
                let now = clock.now();
                let person = worker::identity::of(&record, Ids::random().next(now), now);
                let kind = format!("{:?}", person.card);
                println!("{}", say::card_read(t, kind, mask_name(person.name.expose()), mask_number(person.number.expose())));
                for warning in &person.warnings {
                    println!("  {warning}");
                }
                return Ok(());
            }
            Ok(CardEvent::Failed(trouble)) => println!("{}", crate::words::device_trouble(t, trouble.code)),
            Ok(
                CardEvent::Quiet
                | CardEvent::ReaderGone { .. }
                | CardEvent::CardPresent
                | CardEvent::Reading
                | CardEvent::CardRemoved,
            ) => {}
            Err(trouble) => {
                if last != Some(trouble) {
                    println!("{}", crate::words::device_trouble(t, trouble.code));
                }
                last = Some(trouble);
                std::thread::park_timeout(PATIENCE);
            }
        }
    }
    Err(Fault::Device(last.unwrap_or(devices::Trouble::new(devices::Kind::NoMedia, "card_mute", "no card came"))))
}

/// Lists the cameras of this machine with their modes.
pub fn camera(t: &Texts, options: &mut Options) -> Result<(), Fault> {
    options.nothing_left()?;
    let cameras = camera::list(&worker::camera::child()).map_err(Fault::Device)?;
    if cameras.is_empty() {
        return Err(Fault::Device(devices::Trouble::new(devices::Kind::Absent, "camera_absent", "empty list")));
    }
    for camera in cameras {
        println!("{camera:?}");
    }
    println!("{}", say::camera_end(t));
    Ok(())
}

/// Makes a page of a photograph: found, squared, judged, packed.
pub fn page(t: &Texts, options: &mut Options) -> Result<(), Fault> {
    let from = options.loose().map(PathBuf::from).ok_or(Fault::Missing("FILE"))?;
    let to = options.path("--out").ok_or(Fault::Missing("--out"))?;
    options.nothing_left()?;
    let still = std::fs::read(&from).map_err(|error| Fault::File(from.clone(), error))?;
    let watch = Stopwatch::start();
    let page = scan::page(&still, None).map_err(|error| Fault::Picture(error.code()))?;
    let took = SignedDuration::try_from(watch.elapsed()).unwrap_or_default().as_millis();
    std::fs::write(&to, &page.jpeg).map_err(|error| Fault::File(to.clone(), error))?;
    let issues: Vec<&str> = page.issues.iter().map(|issue| issue.code()).collect();
    let found = page.corners.is_some();
    println!(
        "{}",
        say::page_made(
            t,
            page.w,
            page.h,
            page.jpeg.len() as u64,
            i64::try_from(took).unwrap_or(0),
            if found { "yes" } else { "no" }
        )
    );
    if !issues.is_empty() {
        println!("{}", issues.join(" "));
    }
    Ok(())
}
