use super::*;

/// Brightness of a smooth surface, so that bilinear sampling can be checked against the formula.
fn surface(x: f64, y: f64) -> [f64; 3] {
    [128.0 + 90.0 * (x / 37.0).sin(), 128.0 + 90.0 * (y / 41.0).cos(), 128.0 + 60.0 * ((x + y) / 53.0).sin()]
}

fn painted(w: u32, h: u32) -> Picture {
    let data =
        (0..h).flat_map(|y| (0..w).flat_map(move |x| surface(f64::from(x), f64::from(y)).map(|v| v.round() as u8))).collect();
    Picture::rgb(w, h, data).unwrap()
}

const CORNERS: Corners = [[50.3, 40.8], [540.0, 71.5], [590.2, 430.0], [22.0, 402.9]];

#[test]
fn every_pixel_comes_from_where_the_projection_says() {
    let picture = painted(640, 480);
    let map = Projection::from_unit(&CORNERS).unwrap();
    let (w, h) = (501, 377);
    let page = square_to(&picture, &CORNERS, w, h).unwrap();
    let grey = square_to(&picture.to_luma(), &CORNERS, w, h).unwrap();
    let mut worst: f64 = 0.0;
    for y in (0..h).step_by(3) {
        for x in (0..w).step_by(3) {
            let [sx, sy] = map.map((f64::from(x) + 0.5) / f64::from(w), (f64::from(y) + 0.5) / f64::from(h));
            let want = surface(sx, sy);
            let got = page.at(x, y);
            for c in 0..3 {
                worst = worst.max((want[c] - f64::from(got[c])).abs());
            }
            let luma = want[0] * 0.299 + want[1] * 0.587 + want[2] * 0.114;
            worst = worst.max((luma - f64::from(grey.at(x, y)[0])).abs());
        }
    }
    assert!(worst < 3.0, "worst difference {worst}");
}

#[test]
fn planes_come_from_where_the_projection_says() {
    let map = Projection::from_unit(&CORNERS).unwrap();
    // Colour of a whole frame at each of the sizes in which JPEG keeps it.
    for (across, down) in [(1, 1), (2, 1), (2, 2), (1, 2), (4, 1)] {
        let (w, h) = (640usize, 480usize);
        let mut data: Vec<u8> = (0..h).flat_map(|y| (0..w).map(move |x| surface(x as f64, y as f64)[0].round() as u8)).collect();
        for c in [1, 2] {
            for y in 0..h / down {
                for x in 0..w / across {
                    let middle = |i: usize, n: usize| (i as f64 + 0.5) * n as f64 - 0.5;
                    data.push(surface(middle(x, across), middle(y, down))[c].round() as u8);
                }
            }
        }
        let frame = Planar::new(640, 480, Some((across, down)), data).unwrap();
        let page = square_planar(&frame, &CORNERS, (501, 377)).unwrap();
        assert_eq!((page.w % 2, page.h % 2, page.per_colour()), (0, 0, Some((2, 2))));
        let at = |u: f64, v: f64| {
            let [x, y] = map.map(u / f64::from(page.w), v / f64::from(page.h));
            surface(x, y)
        };
        let (w, half) = (page.w as usize, page.w as usize / 2);
        let mut worst = 0f64;
        for (i, &v) in page.luma().iter().enumerate() {
            worst = worst.max((at((i % w) as f64 + 0.5, (i / w) as f64 + 0.5)[0] - f64::from(v)).abs());
        }
        for (c, plane) in [(1, page.blue()), (2, page.red())] {
            for (i, &v) in plane.iter().enumerate() {
                let want = at((i % half) as f64 * 2.0 + 1.0, (i / half) as f64 * 2.0 + 1.0)[c];
                worst = worst.max((want - f64::from(v)).abs());
            }
        }
        assert!(worst < 3.0, "{across} by {down}: worst difference {worst}");
    }
}

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "SSE2 belongs to x86-64 itself")]
#[test]
fn the_fast_blend_equals_the_plain_one() {
    let picture = painted(64, 16);
    for fx in (0..128).step_by(9) {
        for fy in (0..128).step_by(7) {
            for at in [0, 3, 192 * 3 + 60] {
                let (mut fast, mut plain) = ([0u8; 4], [0u8; 4]);
                // SAFETY: every x86-64 processor has SSE2.
                unsafe { blend_rgb(&picture.data, at, picture.stride(), fx, fy, &mut fast) };
                blend_rgb_plain(&picture.data, at, picture.stride(), fx, fy, &mut plain);
                for c in 0..3 {
                    assert!(fast[c].abs_diff(plain[c]) <= 1, "{fx} {fy} {at}: {fast:?} {plain:?}");
                }
            }
        }
    }
}

#[test]
fn the_map_back_undoes_the_map() {
    let map = Projection::from_unit(&CORNERS).unwrap();
    let back = map.inverse().unwrap();
    for (u, v) in [(0.0, 0.0), (1.0, 0.0), (0.3, 0.9), (0.77, 0.12)] {
        let [x, y] = map.map(u, v);
        let [bu, bv] = back.map(x, y);
        assert!((bu - u).abs() < 1e-9 && (bv - v).abs() < 1e-9);
    }
}

#[test]
fn an_upright_page_is_copied_unchanged() {
    let picture = painted(320, 200);
    let corners = [[-0.5, -0.5], [319.5, -0.5], [319.5, 199.5], [-0.5, 199.5]];
    let same = square_to(&picture, &corners, 320, 200).unwrap();
    let worst = picture.data.iter().zip(&same.data).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
    assert!(worst <= 2, "{worst}");
}

#[test]
fn a_page_partly_outside_repeats_its_edge_and_never_panics() {
    let picture = painted(320, 200);
    let page = square_to(&picture, &[[-40.0, -30.0], [400.0, -20.0], [390.0, 260.0], [-50.0, 250.0]], 300, 200).unwrap();
    assert_eq!((page.w, page.h), (300, 200));
    for size in [(2, 2), (3, 5), (17, 2)] {
        let tiny = Planar::of(&painted(size.0, size.1)).unwrap();
        let (r, b) = (size.0 as f32, size.1 as f32);
        let page = square_planar(&tiny, &[[-1.0, -1.0], [r + 1.0, -1.0], [r + 1.0, b + 1.0], [-1.0, b + 1.0]], (8, 9)).unwrap();
        assert_eq!((page.w, page.h), (8, 10));
    }
}

#[test]
fn corners_that_span_nothing_are_refused() {
    let picture = painted(320, 200);
    let flat: Corners = [[0.0, 0.0], [10.0, 0.0], [20.0, 0.0], [30.0, 0.0]];
    let crossed: Corners = [[0.0, 0.0], [100.0, 100.0], [100.0, 0.0], [0.0, 100.0]];
    let nan: Corners = [[f32::NAN, 0.0], [100.0, 0.0], [100.0, 100.0], [0.0, 100.0]];
    let far: Corners = [[0.0, 0.0], [1e7, 0.0], [1e7, 1e7], [0.0, 1e7]];
    for corners in [flat, crossed, nan, far] {
        assert!(matches!(square(&picture, &corners), Err(ScanError::BadCorners)), "{corners:?}");
    }
    assert!(ordered(flat).is_none());
    assert_eq!(ordered([[100.0, 100.0], [0.0, 0.0], [0.0, 100.0], [100.0, 0.0]]).unwrap()[0], [0.0, 0.0]);
}

/// A page of known proportions under a tilted pinhole camera.
fn seen(aspect: f64, tilt: f64, turn: f64) -> Corners {
    let (f, cx, cy) = (0.95 * 2000.0, 1000.0, 750.0);
    let (w, h) = (aspect.sqrt() * 800.0, 800.0 / aspect.sqrt());
    [[-w, -h], [w, -h], [w, h], [-w, h]].map(|[x, y]| {
        let (x, y) = (x / 2.0 * turn.cos() - y / 2.0 * turn.sin(), x / 2.0 * turn.sin() + y / 2.0 * turn.cos());
        let (y, z) = (y * tilt.cos(), 1900.0 + y * tilt.sin());
        [(f * x / z + cx) as f32, (f * y / z + cy) as f32]
    })
}

#[test]
fn true_proportions_are_found_from_the_side() {
    for aspect in [210.0 / 297.0, 297.0 / 210.0, 85.6 / 53.98] {
        for (tilt, turn) in [(0.0, 0.0), (0.1, 0.05), (0.35, 0.2), (0.5, 0.0)] {
            let found = true_aspect(&seen(aspect, tilt, turn), 2000, 1500);
            assert!((found / aspect - 1.0).abs() < 0.02, "{aspect} at {tilt}/{turn}: {found}");
        }
    }
    assert_eq!(Format::guess(1.41), Format::IsoA);
    assert_eq!(Format::guess(1.0 / 1.59), Format::Id1);
    assert_eq!(Format::guess(2.4), Format::Free);
}

#[test]
fn sizes_stay_within_the_limit() {
    let (w, h) = page_size(&[[0.0, 0.0], [9000.0, 0.0], [9000.0, 12000.0], [0.0, 12000.0]], (9000, 12000), None);
    assert!(w <= SIDE_MAX && h <= SIDE_MAX);
}
