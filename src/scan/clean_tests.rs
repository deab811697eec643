use super::*;
use crate::{Picture, Pixels};

fn planar(picture: &Picture) -> Planar {
    Planar::of(picture).unwrap()
}

const SEAL: [u8; 3] = [206, 44, 48];

/// A page with rows of print and a ring in the colour of a seal, under light that falls off to one corner, a shadow across, and a
/// lamp of this tint. The mask says which pixels are seal.
fn lit(tint: [f32; 3], noise: u32) -> (Picture, Vec<bool>) {
    let (w, h) = (900u32, 1270u32);
    let mut mask = Vec::new();
    let mut state = 9u32;
    let data = (0..h)
        .flat_map(|y| (0..w).map(move |x| (x, y)))
        .flat_map(|(x, y)| {
            let r = (x as f32 - 620.0).hypot(y as f32 - 980.0);
            let seal = (r - 120.0).abs() < 5.0 || r < 30.0;
            let print = y % 36 < 14 && (60..840).contains(&x) && (80..900).contains(&y) && (x * 7 + y * 3) % 23 < 7;
            let colour = if seal {
                SEAL
            } else if print {
                [40, 40, 46]
            } else {
                [246, 244, 238]
            };
            mask.push(seal);
            let shadow = 1.0 - 0.45 / (1.0 + ((x as f32 - 0.3 * y as f32 - 260.0) / 40.0).exp());
            let light = (1.0 - 0.3 * x as f32 / w as f32) * shadow;
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let grain = if noise == 0 { 0.0 } else { (state >> 16) as f32 % (2 * noise + 1) as f32 - noise as f32 };
            [0, 1, 2].map(|c| (f32::from(colour[c]) * light * tint[c] + grain).clamp(0.0, 255.0) as u8)
        })
        .collect();
    (Picture::rgb(w, h, data).unwrap(), mask)
}

/// Hue in degrees.
fn hue([r, g, b]: [u8; 3]) -> Option<f32> {
    let [r, g, b] = [r, g, b].map(f32::from);
    let (max, min) = (r.max(g).max(b), r.min(g).min(b));
    (max - min > 12.0).then(|| {
        let sixth = if max == r {
            (g - b) / (max - min)
        } else if max == g {
            2.0 + (b - r) / (max - min)
        } else {
            4.0 + (r - g) / (max - min)
        };
        (sixth * 60.0).rem_euclid(360.0)
    })
}

#[test]
fn a_red_seal_stays_red_and_paper_becomes_white() {
    for (tint, noise) in [([1.0, 1.0, 1.0], 0), ([1.0, 0.95, 0.84], 5), ([0.92, 0.97, 1.0], 6)] {
        let (page, mask) = lit(tint, noise);
        let clean = toned(planar(&page), Tone::Clean).to_picture();
        let want = hue(SEAL).unwrap();
        let (mut red, mut seal, mut white, mut paper) = (0, 0, 0, 0);
        for (i, &is_seal) in mask.iter().enumerate() {
            let colour = clean.at(i as u32 % clean.w, i as u32 / clean.w);
            if is_seal {
                seal += 1;
                let off = hue(colour).map_or(180.0, |found| (found - want + 540.0).rem_euclid(360.0) - 180.0);
                red += usize::from(off.abs() <= 15.0);
            } else if i as u32 / clean.w > 1150 {
                paper += 1;
                white += usize::from(colour.iter().all(|&v| v >= 235));
            }
        }
        assert!(red * 100 >= seal * 95, "{red} of {seal} seal pixels kept their hue under {tint:?}");
        assert!(white * 100 >= paper * 95, "{white} of {paper} paper pixels are white under {tint:?}");
    }
}

#[test]
fn no_halo_stands_around_print() {
    let (page, _) = lit([1.0; 3], 0);
    let clean = toned(planar(&page), Tone::Clean).to_picture();
    // Between two rows of print the paper is as white as far away from any.
    let between = (200..700).map(|x| clean.at(x, 13 * 36 + 25)[1]).min().unwrap();
    let away = (200..700).map(|x| clean.at(x, 1200)[1]).min().unwrap();
    assert!(between >= 240 && away >= 240, "{between} {away}");
    assert!((80..900).flat_map(|y| (60..840).map(move |x| (x, y))).any(|(x, y)| clean.at(x, y)[1] < 60), "print stays dark");
}

#[test]
fn grey_has_one_byte_a_pixel_and_colour_is_left_alone() {
    let (page, _) = lit([1.0; 3], 3);
    let page = planar(&page);
    assert_eq!(toned(page.clone(), Tone::Colour), page);
    let grey = toned(page.clone(), Tone::Grey);
    assert_eq!((grey.per_colour(), grey.data().len()), (None, (page.w * page.h) as usize));
    let clean = toned(grey, Tone::Clean);
    assert_eq!(clean.to_picture().pixels, Pixels::Luma8);
    for (w, h) in [(1, 1), (3, 200), (200, 2)] {
        let tiny = toned(planar(&Picture::filled(w, h, [200, 190, 180])), Tone::Clean);
        assert_eq!((tiny.w, tiny.h), (w, h));
    }
}

/// Paper that is yellow all over becomes white; a yellow mark on white paper stays yellow, and black ink under a warm lamp grey.
#[test]
fn the_lamp_is_taken_out_and_colours_stay() {
    let (mut page, _) = lit([1.0, 0.93, 0.8], 3);
    for y in 1000..1060 {
        for x in 100..400 {
            let at = (y * 900 + x) * 3;
            for (v, share) in page.data[at..at + 3].iter_mut().zip([1.0, 0.95, 0.4]) {
                *v = (f32::from(*v) * share) as u8;
            }
        }
    }
    let clean = toned(planar(&page), Tone::Clean).to_picture();
    let share = |of: &dyn Fn([u8; 3]) -> bool, xs: std::ops::Range<u32>, ys: std::ops::Range<u32>| {
        let all: Vec<bool> = ys.flat_map(|y| xs.clone().map(move |x| (x, y))).map(|(x, y)| of(clean.at(x, y))).collect();
        all.iter().filter(|it| **it).count() as f32 / all.len() as f32
    };
    let yellow = share(&|c| hue(c).is_some_and(|hue| (40.0..68.0).contains(&hue)), 110..390, 1010..1050);
    assert!(yellow > 0.97, "{yellow} of the mark is yellow");
    let grey = share(&|[r, g, b]| r.max(g).max(b) - r.min(g).min(b) <= 12, 60..840, 100..800);
    assert!(grey > 0.97, "{grey} of print and paper is grey");
}
