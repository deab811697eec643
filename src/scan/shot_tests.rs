//! The shot against a slow way of doing the same: everything in RGB and floating point, each pixel by itself.

use super::*;
use crate::square::Projection;
use crate::{Picture, jpeg, square};

const SEAL: [u8; 3] = [206, 44, 48];
const PAPER: [u8; 3] = [244, 242, 237];
const CORNERS: Corners = [[210.4, 95.2], [1320.7, 122.9], [1291.5, 1688.3], [180.8, 1655.1]];

/// A page of strokes one to three pixels wide at all angles, a seal over some of them, a blue signature.
fn drawn(x: f64, y: f64) -> [u8; 3] {
    let (u, v) = (x % 40.0, y % 44.0);
    let row = (80.0..1020.0).contains(&x) && (120.0..1380.0).contains(&y) && v < 30.0;
    let wide = 0.6 + ((x / 40.0).floor() * 3.0 + (y / 44.0).floor()) % 3.0 * 0.5;
    let across = ((x / 40.0).floor() * 1.7 + (y / 44.0).floor()).sin();
    let stroke = |d: f64| d.abs() < wide;
    let ink = stroke(u - 8.0 - across * (v - 15.0))
        || stroke(v - 6.0)
        || (stroke(v - 24.0) && u > 4.0 && u < 30.0)
        || stroke((u - 20.0) * 0.7 + (v - 15.0) * 0.7);
    let r = (x - 780.0).hypot(y - 1190.0);
    if ((r - 130.0).abs() < 6.0 || r < 34.0) && !(row && ink) {
        SEAL
    } else if row && ink {
        [44, 42, 48]
    } else if (1400.0..1406.0).contains(&(y + 30.0 * (x / 60.0).sin())) && x < 500.0 && x > 120.0 {
        [40, 60, 170]
    } else {
        PAPER
    }
}

/// The page as a camera sees it: from the side, in falling light, four samples a pixel.
fn photographed() -> (Picture, f64, f64) {
    let (w, h) = (1500u32, 1800u32);
    let (pw, ph) = square::page_size(&CORNERS, (w, h), None);
    let (pw, ph) = (f64::from(pw.next_multiple_of(2)), f64::from(ph.next_multiple_of(2)));
    let back = Projection::from_unit(&CORNERS).unwrap().inverse().unwrap();
    let mut data = Vec::with_capacity((w * h * 3) as usize);
    for y in 0..h {
        for x in 0..w {
            let mut sum = [0f64; 3];
            for (dx, dy) in [(-0.25, -0.25), (0.25, -0.25), (-0.25, 0.25), (0.25, 0.25)] {
                let [u, v] = back.map(f64::from(x) + dx, f64::from(y) + dy);
                let colour =
                    if (0.0..1.0).contains(&u) && (0.0..1.0).contains(&v) { drawn(u * 1110.0, v * 1570.0) } else { [62, 58, 54] };
                let light = (1.0 - 0.28 * u) * (0.95 - 0.2 * v) * 0.95;
                for (sum, (&c, tint)) in sum.iter_mut().zip(colour.iter().zip([1.0, 0.96, 0.87])) {
                    *sum += f64::from(c) * light.clamp(0.3, 1.0) * tint / 4.0;
                }
            }
            data.extend(sum.map(|v| v.round() as u8));
        }
    }
    (Picture::rgb(w, h, data).unwrap(), pw, ph)
}

/// Bilinear in floating point, then each colour divided by the brightest and smoothest around it.
fn slowly(jpeg: &[u8], pw: u32, ph: u32) -> Picture {
    let frame = crate::decode(jpeg, None).unwrap();
    let map = Projection::from_unit(&CORNERS).unwrap();
    let at = |x: f64, y: f64, c: usize| {
        let (x0, y0) = (x.floor(), y.floor());
        let p = |x: f64, y: f64| f64::from(frame.at(x as u32, y as u32)[c]);
        let (fx, fy) = (x - x0, y - y0);
        (p(x0, y0) * (1.0 - fx) + p(x0 + 1.0, y0) * fx) * (1.0 - fy)
            + (p(x0, y0 + 1.0) * (1.0 - fx) + p(x0 + 1.0, y0 + 1.0) * fx) * fy
    };
    let mut data = vec![0u8; (pw * ph * 3) as usize];
    for y in 0..ph {
        for x in 0..pw {
            let (u, v) = ((f64::from(x) + 0.5) / f64::from(pw), (f64::from(y) + 0.5) / f64::from(ph));
            let [sx, sy] = map.map(u, v);
            // The light is the one that was drawn; no estimate can be better.
            let light = (1.0 - 0.28 * u) * (0.95 - 0.2 * v) * 0.95;
            for (c, tint) in [1.0, 0.96, 0.87].into_iter().enumerate() {
                let even = at(sx, sy, c) / (light * tint * f64::from(PAPER[c])) * 248.0;
                data[((y * pw + x) * 3) as usize + c] = ((even - 22.0) * 296.0 / 256.0).clamp(0.0, 255.0).round() as u8;
            }
        }
    }
    Picture::rgb(pw, ph, data).unwrap()
}

/// Mean slope between neighbours, in brightness: what makes print sharp.
fn slope(page: &Picture) -> f64 {
    let grey = page.to_luma();
    let rows = (100..grey.h - 100).flat_map(|y| grey.row(y).windows(2).map(|two| f64::from(two[0].abs_diff(two[1]))));
    rows.sum::<f64>() / f64::from(grey.w * (grey.h - 200))
}

fn hue([r, g, b]: [u8; 3]) -> f64 {
    let [r, g, b] = [r, g, b].map(f64::from);
    (3f64.sqrt() * (g - b)).atan2(2.0 * r - g - b).to_degrees()
}

#[test]
fn a_shot_is_as_good_as_the_slow_way_and_its_seal_stays_red() {
    let (frame, pw, ph) = photographed();
    let still = jpeg::encode_at(&frame, 92).unwrap();
    let wanted = Wanted { corners: Some(CORNERS), tone: Tone::Clean, ..Wanted::default() };
    let page = look(&still, &wanted).unwrap();
    assert_eq!((f64::from(page.page.w), f64::from(page.page.h)), (pw, ph));
    let fast = page.page.to_picture();
    let slow = slowly(&still, fast.w, fast.h);
    let far: Vec<f64> = fast.to_luma().data.iter().zip(&slow.to_luma().data).map(|(a, b)| f64::from(a.abs_diff(*b))).collect();
    let mean = far.iter().sum::<f64>() / far.len() as f64;
    assert!(mean < 3.0, "brightness differs by {mean} of 255");
    let (sharp, wanted) = (slope(&fast), slope(&slow));
    assert!(sharp > 0.97 * wanted, "slopes of {sharp} where the slow way has {wanted}");

    let packed = crate::decode(&page.pack(PAGE_BYTES_MAX).unwrap().jpeg, None).unwrap();
    let (mut seal, mut red) = (0, 0);
    for y in 0..packed.h {
        for x in 0..packed.w {
            let (u, v) = ((f64::from(x) + 0.5) / pw * 1110.0, (f64::from(y) + 0.5) / ph * 1570.0);
            if drawn(u, v) == SEAL {
                seal += 1;
                red += usize::from((hue(packed.at(x, y)) - hue(SEAL)).abs() <= 15.0);
            }
        }
    }
    assert!(seal > 8_000 && red * 100 >= seal * 95, "{red} of {seal} seal pixels keep their hue");
}

#[test]
fn a_still_of_any_kind_becomes_a_page() {
    let (frame, ..) = photographed();
    let small = frame.shrunk(3);
    for picture in [small.clone(), small.to_luma(), small.cropped(0, 0, 497, 599), small.to_luma().cropped(0, 0, 497, 599)] {
        let still = jpeg::encode_at(&picture, 90).unwrap();
        let planar = decode_planar(&still).unwrap();
        assert_eq!((planar.w, planar.h), (picture.w, picture.h));
        // A frame without a page is the page.
        let frame = Looked { page: planar, corners: None, confidence: 0.0, issues: Vec::new(), print: twin::Print::of(&picture) };
        let packed = frame.pack(PAGE_BYTES_MAX).unwrap();
        assert_eq!((packed.w, packed.h), (picture.w, picture.h));
        for tone in [Tone::Colour, Tone::Grey, Tone::Clean] {
            let corners = CORNERS.map(|corner| corner.map(|v| v / 3.2));
            let page = look(&still, &Wanted { corners: Some(corners), tone, ..Wanted::default() })
                .unwrap()
                .pack(PAGE_BYTES_MAX)
                .unwrap();
            assert!(crate::decode(&page.jpeg, None).is_ok_and(|page| page.w > 300));
        }
    }
}

#[test]
fn a_page_that_is_all_grain_still_fits() {
    let mut state = 7u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(900 * 700 * 3)
    .collect();
    let page = Planar::of(&Picture::rgb(900, 700, noise).unwrap()).unwrap();
    for limit in [900_000, 300_000, 60_000] {
        assert!(encode_planar(&page, limit).unwrap().len() <= limit);
    }
    assert_eq!(encode_planar(&page, 300), Err(ScanError::DoesNotFit));
}
