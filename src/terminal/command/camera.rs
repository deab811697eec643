//! `camera`: which cameras this machine has, and in which modes they work.

use std::path::Path;

use serde_json::{Value, json};
use texts::{Texts, command as say};

use super::{Fault, Options};
use crate::worker;

/// Lists the cameras with their modes; `--json` for machines, where an empty list is an answer and no trouble.
pub fn camera(t: &Texts, options: &mut Options) -> Result<(), Fault> {
    let json = options.flag("--json");
    options.nothing_left()?;
    let cameras = camera::list(&worker::camera::child()).map_err(Fault::Device)?;
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
