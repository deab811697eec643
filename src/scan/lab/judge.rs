//! Prints what is measured of pages as the finder finds them: `judge-lab DIR` with pictures and their `truth.json`; one line a
//! picture: overlap of the outline with the true one, then the measures, the way up and the issues.

use scan::find::overlap;
use scan::{Corners, Wanted, decode_planar, judge::measure, look, square_planar, upright};

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
        let Ok(truth): Result<Corners, _> = points.try_into() else { continue };
        let Ok(still) = std::fs::read(dir.join(name)) else { continue };
        let (Ok(looked), Ok(frame)) = (look(&still, &Wanted::default()), decode_planar(&still)) else { continue };
        let m = measure(&looked.page);
        let issues: Vec<&str> = looked.issues.iter().map(|issue| issue.code()).collect();
        let size = scan::square::page_size(&truth, (frame.w, frame.h), None);
        let turns = square_planar(&frame, &truth, size).ok().and_then(|page| upright::turns(&page));
        println!(
            "{name} {:.3} {:.0} {:.3} {:.4} {} {} {:.3} {} {turns:?} {}",
            looked.corners.map_or(0.0, |corners| overlap(&corners, &truth)),
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
