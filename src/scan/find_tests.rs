use super::*;
use crate::square::Projection;

/// Desk with grain, a lighter sheet with rows of print on each of the outlines.
fn scene(w: u32, h: u32, sheets: &[Corners], desk: u8, paper: u8) -> Picture {
    let maps: Vec<Projection> = sheets.iter().map(|c| Projection::from_unit(c).unwrap().inverse().unwrap()).collect();
    let mut state = 7u32;
    let data = (0..h)
        .flat_map(|y| (0..w).map(move |x| (x, y)))
        .flat_map(|(x, y)| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (state >> 29) as u8;
            let mut v = desk;
            for map in &maps {
                let [u, t] = map.map(f64::from(x), f64::from(y));
                if (0.0..1.0).contains(&u) && (0.0..1.0).contains(&t) {
                    let print = (0.1..0.9).contains(&u)
                        && (0.1..0.9).contains(&t)
                        && (t * 40.0).fract() < 0.4
                        && (u * 90.0).fract() < 0.5;
                    v = if print { 40 } else { paper };
                }
            }
            [v.saturating_add(noise), v.saturating_add(noise), v.saturating_add(noise / 2)]
        })
        .collect();
    Picture::rgb(w, h, data).unwrap()
}

const SHEET: Corners = [[310.0, 92.0], [905.0, 120.0], [880.0, 872.0], [268.0, 850.0]];

#[test]
fn a_sheet_is_found_to_the_pixel_at_any_size() {
    for scale in [0.5f32, 1.0, 2.0] {
        let corners = SHEET.map(|p| p.map(|v| v * scale));
        let picture = scene((1280.0 * scale) as u32, (960.0 * scale) as u32, &[corners], 60, 225);
        let found = find(&picture);
        assert!(!found.is_empty(), "at {scale}");
        let worst = found[0].corners.iter().zip(&corners).map(|(p, q)| (p[0] - q[0]).hypot(p[1] - q[1])).fold(0.0f32, f32::max);
        assert!(worst < 1.5 * scale.max(1.0), "{worst} pixels off at {scale}");
        assert!(found[0].confidence > 0.8);
    }
}

#[test]
fn two_sheets_are_two_pages() {
    let left: Corners = [[60.0, 150.0], [580.0, 160.0], [570.0, 860.0], [50.0, 850.0]];
    let right: Corners = [[700.0, 120.0], [1210.0, 100.0], [1230.0, 800.0], [720.0, 820.0]];
    let found = find(&scene(1280, 960, &[left, right], 50, 220));
    for want in [left, right] {
        assert!(found.iter().any(|found| overlap(&found.corners, &want) > 0.97), "{found:?}");
    }
}

#[test]
fn a_grey_picture_is_searched_too_and_a_tiny_one_holds_nothing() {
    let found = find(&scene(1280, 960, &[SHEET], 60, 225).to_luma());
    assert!(overlap(&found[0].corners, &SHEET) > 0.98);
    assert!(find(&Picture::filled(20, 20, [9; 3])).is_empty());
    assert!(find(&Picture::filled(1, 900, [9; 3])).is_empty());
}

#[test]
fn an_empty_desk_holds_no_page() {
    assert!(find(&scene(1280, 960, &[], 90, 220)).is_empty());
    assert!(find(&Picture::filled(1280, 960, [200; 3])).is_empty());
}

#[test]
fn the_papers_of_the_demo_are_found_and_pass() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/demo/pages");
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    assert!(names.len() >= 8);
    for name in names {
        let page = crate::page(&std::fs::read(&name).unwrap(), None).unwrap();
        assert!(page.corners.is_some(), "{name:?}");
        assert_eq!(page.issues, [], "{name:?}");
        assert!(page.jpeg.len() <= crate::PAGE_BYTES_MAX && page.w.min(page.h) > 850, "{name:?} {page:?}");
    }
}

#[test]
fn overlap_is_one_for_the_same_and_none_for_apart() {
    assert!((overlap(&SHEET, &SHEET) - 1.0).abs() < 1e-4);
    assert_eq!(overlap(&SHEET, &SHEET.map(|[x, y]| [x + 3000.0, y])), 0.0);
    let unit: Corners = [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]];
    assert!((overlap(&unit, &unit.map(|[x, y]| [x + 1.0, y])) - 1.0 / 3.0).abs() < 1e-5);
}
