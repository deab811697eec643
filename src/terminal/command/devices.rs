//! `camera`, `page`: the camera and pictures without a window.

use std::path::PathBuf;

use jiff::SignedDuration;
use texts::{Texts, command as say};

use super::{Fault, Options};
use crate::{clock::Stopwatch, worker};

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
