//! Prints what is measured of squared pages: `judge-lab DIR` with pictures and their `truth.json`; one line a picture.

use scan::{Corners, decode, judge::measure, square, square::ordered};

fn main() {
    let dir = std::path::PathBuf::from(std::env::args().nth(1).expect("judge-lab DIR"));
    let truth: serde_json::Value =
        serde_json::from_slice(&std::fs::read(dir.join("truth.json")).expect("truth.json")).expect("json");
    for (name, points) in truth.as_object().expect("object") {
        let points: Vec<[f32; 2]> = points
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|p| Some([p[0].as_f64()? as f32, p[1].as_f64()? as f32]))
            .collect();
        let Some(corners): Option<Corners> = points.try_into().ok().and_then(ordered) else { continue };
        let Ok(picture) = std::fs::read(dir.join(name)).map_err(|_| ()).and_then(|b| decode(&b, None).map_err(|_| ())) else {
            continue;
        };
        let Ok(page) = square(&picture, &corners) else { continue };
        let m = measure(&page);
        let issues: Vec<&str> = scan::judge(&page, None).iter().map(|issue| issue.code()).collect();
        println!(
            "{name} {:.0} {:.3} {:.4} {} {} {:.3} {} {}",
            m.paper,
            m.burnt,
            m.glare,
            m.print,
            m.edges,
            m.sharp,
            m.skin,
            issues.join(",")
        );
    }
}
