//! `camera`: which cameras this machine has, and in which modes they work; `--watch` tries one as the window does.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use camera::CameraConfig;
use devices::{Camera as _, CameraEvent, Trouble};
use serde_json::{Value, json};
use texts::{Texts, command as say};

use super::{Fault, Options};
use crate::{clock::Stopwatch, words, worker};

/// How long one look at the camera may take.
const LOOK: Duration = Duration::from_millis(50);

/// Lists the cameras with their modes; `--json` for machines, where an empty list is an answer and no trouble.
pub fn camera(t: &Texts, options: &mut Options) -> Result<(), Fault> {
    let json = options.flag("--json");
    let seconds = |options: &mut Options, name: &str| match options.take(name) {
        None => Ok(None),
        Some(text) => match text.parse() {
            Ok(seconds) => Ok(Some(Duration::from_secs(seconds))),
            Err(_) => Err(Fault::Unknown(text)),
        },
    };
    let watch = seconds(options, "--watch")?;
    let patience = seconds(options, "--patience")?;
    let out = options.path("--out");
    let device = options.take("--device").map(|text| text.parse().map_err(|_| Fault::Unknown(text))).transpose()?;
    options.nothing_left()?;
    let mut config = worker::camera::child();
    config.late = patience.unwrap_or(config.late);
    if let Some(watch) = watch {
        return watched(t, CameraConfig { device, ..config }, watch, out, json);
    }
    if let Some(word) = out.map(|_| "--out").or(device.map(|_: u32| "--device")) {
        return Err(Fault::Unknown(word.to_owned()));
    }
    let cameras = camera::list(&config).map_err(Fault::Device)?;
    if json {
        println!("{:#}", listed(&cameras));
        return Ok(());
    }
    if cameras.is_empty() {
        return Err(Fault::Device(devices::Trouble::new(devices::Kind::Absent, "camera_absent", "empty list")));
    }
    for camera in &cameras {
        println!("{}", say::camera_line(t, camera.index, camera.name.as_str()));
        let still = camera::modes::best_still(&camera.modes);
        for mode in &camera.modes {
            let used = match still {
                Some(still) if *mode == still => "still",
                Some(still) if *mode == camera::modes::best_preview(&camera.modes, still) => "preview",
                _ => "",
            };
            println!("{}", say::camera_mode(t, mode.encoding.name(), mode.width, mode.height, mode.rate, used));
        }
    }
    println!("{}", say::camera_end(t));
    Ok(())
}

/// Shows what the camera does for so long: previews, one still into `out`, being pulled and coming back.
///
/// # Errors
/// A camera of which no picture came, or a still that was asked for and did not come.
fn watched(t: &Texts, config: CameraConfig, time: Duration, out: Option<PathBuf>, json: bool) -> Result<(), Fault> {
    let clock = Stopwatch::start();
    let tell = |event: &str, more: Value, sentence: String| {
        if json {
            let mut line = json!({ "event": event, "ms": clock.elapsed().as_millis() as u64 });
            if let (Value::Object(line), Value::Object(more)) = (&mut line, more) {
                line.extend(more);
            }
            println!("{line}");
        } else {
            println!("{sentence}");
        }
    };
    let mut camera = camera::open(config);
    camera.preview(true).map_err(Fault::Device)?;
    let (mut frames, mut first, mut asked, mut kept) = (0u64, true, false, false);
    // One line a trouble, however often it comes in a row.
    let mut told: Option<Trouble> = None;
    while clock.elapsed() < time {
        let event = camera.next(LOOK);
        match event {
            Ok(CameraEvent::Quiet) => {}
            Ok(CameraEvent::Arrived { name }) => {
                (first, told) = (true, None);
                tell("arrived", json!({ "name": name }), say::camera_arrived(t, name.as_str()));
            }
            Ok(CameraEvent::Gone) => {
                let words = words::device_trouble(t, "camera_unplugged");
                tell("gone", json!({ "frames": frames, "sentence": words }), words.clone());
                frames = 0;
            }
            Ok(CameraEvent::Frame(jpeg)) => {
                frames += 1;
                if std::mem::take(&mut first) {
                    let (w, h) = scan::jpeg::size(&jpeg).unwrap_or_default();
                    tell("preview", json!({ "width": w, "height": h }), say::camera_preview(t, w, h));
                }
                if out.is_some() && !asked {
                    asked = true;
                    camera.still().map_err(Fault::Device)?;
                }
            }
            Ok(CameraEvent::Still(jpeg)) => {
                let Some(file) = &out else { continue };
                // Whole, or it is no picture.
                let size = scan::decode(&jpeg, None).map(|picture| (picture.w, picture.h));
                let (w, h) = size.map_err(|error| Fault::Picture(error.code()))?;
                std::fs::write(file, &jpeg).map_err(|error| Fault::File(file.clone(), error))?;
                kept = true;
                let size = json!({ "width": w, "height": h, "bytes": jpeg.len(), "frames": frames });
                tell("still", size, say::camera_still(t, w, h, file.display().to_string()));
            }
            Ok(CameraEvent::Failed(trouble)) | Err(trouble) => {
                if told.replace(trouble) != Some(trouble) {
                    let words = words::device_trouble(t, trouble.code);
                    tell("trouble", json!({ "code": trouble.code, "sentence": words }), words.clone());
                }
            }
        }
    }
    let seen = frames > 0 || !first;
    tell("end", json!({ "frames": frames }), say::camera_watched(t, frames));
    match told {
        Some(trouble) if !seen || (out.is_some() && !kept) => Err(Fault::Device(trouble)),
        None if !seen => Err(Fault::Device(Trouble::new(devices::Kind::Timeout, "camera_hangs", "no frame"))),
        _ => Ok(()),
    }
}

/// The list as other programs read it: device, name, modes, and which of them are used.
fn listed(cameras: &[camera::CameraInfo]) -> Value {
    let mode = |mode: &camera::Mode| json!({ "encoding": mode.encoding.name(), "width": mode.width, "height": mode.height, "rate": mode.rate });
    let one = |camera: &camera::CameraInfo| {
        let still = camera::modes::best_still(&camera.modes);
        let preview = still.map(|still| camera::modes::best_preview(&camera.modes, still));
        json!({
            "device": Path::new("/dev").join(format!("video{}", camera.index)),
            "index": camera.index,
            "name": camera.name,
            "modes": camera.modes.iter().map(mode).collect::<Vec<_>>(),
            "still": still.as_ref().map(mode),
            "preview": preview.as_ref().map(mode),
        })
    };
    Value::Array(cameras.iter().map(one).collect())
}

#[cfg(test)]
mod tests {
    use camera::{CameraInfo, Encoding, Mode};

    use super::*;

    #[test]
    fn the_list_names_the_modes_that_will_be_used() {
        let mode = |width, height, rate| Mode { encoding: Encoding::Mjpeg, width, height, rate };
        let info = CameraInfo { index: 2, name: "high camera".into(), modes: vec![mode(2592, 1944, 10), mode(1600, 1200, 20)] };
        let list = listed(&[info]);
        assert_eq!(list[0]["device"], "/dev/video2");
        assert_eq!(list[0]["modes"].as_array().map(Vec::len), Some(2));
        assert_eq!((&list[0]["still"]["width"], &list[0]["preview"]["width"]), (&json!(2592), &json!(1600)));
        assert_eq!(listed(&[]), json!([]));
        let none = CameraInfo { index: 0, name: String::new(), modes: vec![] };
        assert_eq!(listed(&[none])[0]["still"], Value::Null);
    }
}
