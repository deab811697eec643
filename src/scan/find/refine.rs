//! Corners to a fraction of a pixel: each side is fitted anew to the edge of the full picture, and the sides are crossed.
//! What the full picture shows along the sides ([`Closer`]) also tells a sheet from grain that happens to line up.

use crate::{Corners, Picture, Pixels};

/// How far from the first guess the edge is looked for, as a share of the picture's diagonal, in the first round.
const REACH: f32 = 0.006;
/// Rounds after the first, each with a smaller reach.
const ROUNDS: usize = 2;
/// Places along a side: in the first round, and in those that make a side exact.
const PLACES_FIRST: usize = 40;
const PLACES: usize = 64;
/// A fitted side may not turn by more than this (tangent).
const TILT_MAX: f32 = 0.05;
/// Slope from which a place has an edge, over four samples and three colours.
const EDGE_MIN: f32 = 10.0;
/// Slope that counts as fully strong.
const EDGE_FULL: f32 = 80.0;

/// Brightness and two colour differences of the nearest pixel; outside the picture its edge repeats.
#[inline]
pub(super) fn nearest(picture: &Picture, x: f32, y: f32) -> [f32; 3] {
    let x = (x.max(0.0) + 0.5) as usize;
    let y = (y.max(0.0) + 0.5) as usize;
    let (x, y) = (x.min(picture.w as usize - 1), y.min(picture.h as usize - 1));
    let at = y * picture.w as usize + x;
    match picture.pixels {
        Pixels::Rgb8 => {
            let p = &picture.data[at * 3..at * 3 + 3];
            split([f32::from(p[0]), f32::from(p[1]), f32::from(p[2])])
        }
        Pixels::Luma8 => [f32::from(picture.data[at]), 0.0, 0.0],
    }
}

/// The same between pixels.
fn between(picture: &Picture, x: f32, y: f32) -> [f32; 3] {
    let x = x.clamp(0.0, picture.w as f32 - 1.001);
    let y = y.clamp(0.0, picture.h as f32 - 1.001);
    let (x0, y0) = (x as u32, y as u32);
    let (fx, fy) = (x - x0 as f32, y - y0 as f32);
    let (x1, y1) = ((x0 + 1).min(picture.w - 1), (y0 + 1).min(picture.h - 1));
    let corners = [picture.at(x0, y0), picture.at(x1, y0), picture.at(x0, y1), picture.at(x1, y1)];
    let weights = [(1.0 - fx) * (1.0 - fy), fx * (1.0 - fy), (1.0 - fx) * fy, fx * fy];
    let mut rgb = [0.0f32; 3];
    for (corner, weight) in corners.iter().zip(weights) {
        for (sum, &v) in rgb.iter_mut().zip(corner) {
            *sum += weight * f32::from(v);
        }
    }
    split(rgb)
}

#[inline]
fn split(rgb: [f32; 3]) -> [f32; 3] {
    let l = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
    [l, rgb[2] - l, rgb[0] - l]
}

/// What the full picture shows along one side, each 0 to 1.
#[derive(Clone, Copy, Debug, Default)]
struct Edge {
    /// Share of the places whose edge lies on the fitted line.
    agree: f32,
    /// How steep it is there.
    strength: f32,
    /// Share of those places that are brighter on the same side.
    alike: f32,
    /// How far they stray from the line.
    stray: f32,
}

/// A side that was fitted: its distances from the guess at both ends, and how well.
struct Fit {
    ends: Option<(f32, f32)>,
    edge: Edge,
}

const NO_FIT: Fit = Fit { ends: None, edge: Edge { agree: 0.0, strength: 0.0, alike: 0.0, stray: 1.0 } };

/// A place along a side: how far along (0 to 1), how far off the guess, how steep, and whether outside is brighter.
#[derive(Clone, Copy)]
struct Place {
    along: f32,
    off: f32,
    steep: f32,
    brighter: bool,
}

/// One side, given as two points: where the edge really is.
fn fit(picture: &Picture, a: [f32; 2], b: [f32; 2], reach: f32, most: usize, colour: fn(&Picture, f32, f32) -> [f32; 3]) -> Fit {
    let d = [b[0] - a[0], b[1] - a[1]];
    let length = d[0].hypot(d[1]);
    if length < 16.0 {
        return NO_FIT;
    }
    let n = [d[1] / length, -d[0] / length];
    // One sample a pixel where the reach is small; a coarse picture of a blurred edge is enough where it is large.
    let step = (reach / 16.0).max(0.75);
    let half = (reach / step).ceil() as i32 + 2;
    let width = (2 * half + 1) as usize;
    let places = ((length / 4.0) as usize).clamp(16, most);
    let along = |p: usize| 0.05 + 0.9 * (p as f32 + 0.5) / places as f32;
    let mut profiles = vec![[0.0f32; 3]; places * width];
    for p in 0..places {
        let t = along(p);
        let (x, y) = (a[0] + d[0] * t, a[1] + d[1] * t);
        for (i, cell) in profiles[p * width..(p + 1) * width].iter_mut().enumerate() {
            let off = (i as i32 - half) as f32 * step;
            *cell = colour(picture, x + n[0] * off, y + n[1] * off);
        }
    }
    let mut points = Vec::with_capacity(places);
    let (mut row, mut slopes) = (vec![[0.0f32; 3]; width], vec![0.0f32; width]);
    let preference: Vec<f32> = (0..width)
        .map(|i| {
            let off = (i as i32 - half) as f32 * step / (0.7 * reach);
            (-0.5 * off * off).exp()
        })
        .collect();
    for p in 0..places {
        // Three places together: one alone is noise.
        let (lo, hi) = (p.saturating_sub(1), (p + 1).min(places - 1));
        let scale = 1.0 / (hi - lo + 1) as f32;
        for (i, cell) in row.iter_mut().enumerate() {
            let mut sum = [0.0f32; 3];
            for q in lo..=hi {
                for (s, v) in sum.iter_mut().zip(profiles[q * width + i]) {
                    *s += v;
                }
            }
            *cell = sum.map(|s| s * scale);
        }
        // The steepest step, preferring the middle.
        let (mut best, mut at) = (0.0f32, 0usize);
        for i in 2..width - 2 {
            let step = |c: usize| (row[i + 1][c] - row[i - 1][c]) + (row[i + 2][c] - row[i - 2][c]);
            slopes[i] = step(0).abs() + 1.3 * (step(1).abs() + step(2).abs());
            let weighted = slopes[i] * preference[i];
            if weighted > best {
                (best, at) = (weighted, i);
            }
        }
        if at < 3 || at + 3 >= width || slopes[at] < EDGE_MIN {
            continue;
        }
        let (y0, y1, y2) = (slopes[at - 1], slopes[at], slopes[at + 1]);
        let bend = y0 - 2.0 * y1 + y2;
        let sub = if bend.abs() > 1e-3 { (0.5 * (y0 - y2) / bend).clamp(-1.0, 1.0) } else { 0.0 };
        points.push(Place {
            along: along(p),
            off: ((at as i32 - half) as f32 + sub) * step,
            steep: y1.min(EDGE_FULL),
            brighter: row[at + 2][0] + row[at + 1][0] > row[at - 2][0] + row[at - 1][0],
        });
    }
    if points.len() < 8 {
        return NO_FIT;
    }
    // The line most points agree on, tried through pairs that are far apart; then weighted least squares that forgets strays.
    let near = (1.5 * step).max(1.5);
    let mut best: Option<(f32, f32, f32)> = None;
    let third = points.len() / 3;
    for i in (0..points.len() - third).step_by((points.len() / 16).max(1)) {
        for j in (i + third..points.len()).step_by((points.len() / 12).max(1)) {
            let (p, q) = (points[i], points[j]);
            let slope = (q.off - p.off) / (q.along - p.along);
            if slope.abs() > TILT_MAX * length {
                continue;
            }
            let start = p.off - slope * p.along;
            let votes: f32 =
                points.iter().map(|r| if (r.off - start - slope * r.along).abs() < near { r.steep } else { 0.0 }).sum();
            if best.is_none_or(|(most, ..)| votes > most) {
                best = Some((votes, start, slope));
            }
        }
    }
    let Some((_, mut start, mut slope)) = best else { return NO_FIT };
    for _ in 0..3 {
        let (mut n, mut sx, mut sy, mut sxx, mut sxy) = (0.0f32, 0.0, 0.0, 0.0, 0.0);
        for &Place { along, off, steep, .. } in &points {
            let r = (off - start - slope * along) / (0.8 * near);
            let weight = steep / (1.0 + r.powi(4));
            n += weight;
            sx += weight * along;
            sy += weight * off;
            sxx += weight * along * along;
            sxy += weight * along * off;
        }
        let den = n * sxx - sx * sx;
        if den.abs() < 1e-6 {
            return NO_FIT;
        }
        slope = (n * sxy - sx * sy) / den;
        start = (sy - slope * sx) / n;
    }
    let (mut agree, mut steep, mut brighter, mut stray) = (0usize, 0.0f32, 0usize, 0.0f32);
    for point in &points {
        let off = (point.off - start - slope * point.along).abs();
        if off < 1.5 * near {
            agree += 1;
            steep += point.steep;
            brighter += usize::from(point.brighter);
            stray += off;
        }
    }
    let n = agree.max(1) as f32;
    let edge = Edge {
        agree: agree as f32 / places as f32,
        strength: steep / n / EDGE_FULL,
        alike: brighter.max(agree - brighter) as f32 / n,
        stray: stray / n / (1.5 * near),
    };
    // Fewer than a third agree: text or cloth, not the edge of a sheet.
    Fit { ends: (agree * 3 >= places).then_some((start, start + slope)), edge }
}

pub(super) fn crossing(a: [[f32; 2]; 2], b: [[f32; 2]; 2]) -> Option<[f32; 2]> {
    let (r, s) = ([a[1][0] - a[0][0], a[1][1] - a[0][1]], [b[1][0] - b[0][0], b[1][1] - b[0][1]]);
    let den = r[0] * s[1] - r[1] * s[0];
    if den.abs() < 1e-3 {
        return None;
    }
    let t = ((b[0][0] - a[0][0]) * s[1] - (b[0][1] - a[0][1]) * s[0]) / den;
    Some([a[0][0] + r[0] * t, a[0][1] + r[1] * t])
}

/// How many measures the full picture adds.
pub const CLOSER: usize = 9;

/// A candidate after the first round: where it is now, and what the full picture shows along its sides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Closer {
    pub corners: Corners,
    /// Each about 0 to 1.
    pub measures: [f32; CLOSER],
}

/// The first round: cheap, for every candidate that may be a page. Sides listed in `fixed` stay where they are (the frame cut
/// them, or they are bent), but are looked at all the same.
pub(crate) fn closer(picture: &Picture, corners: &Corners, fixed: [bool; 4]) -> Closer {
    let reach = first_reach(picture);
    let fits: [Fit; 4] = std::array::from_fn(|i| fit(picture, corners[i], corners[(i + 1) % 4], reach, PLACES_FIRST, nearest));
    let moved = crossed(corners, &fits, fixed, reach);
    let next = moved.unwrap_or(*corners);
    let far = next.iter().zip(corners).map(|(p, o)| (p[0] - o[0]).hypot(p[1] - o[1])).fold(0.0f32, f32::max);
    let mean = |of: fn(&Edge) -> f32| fits.iter().map(|fit| of(&fit.edge)).sum::<f32>() / 4.0;
    let mut agree = [0, 1, 2, 3].map(|i| fits[i].edge.agree);
    agree.sort_unstable_by(f32::total_cmp);
    let measures = [
        mean(|edge| edge.agree),
        agree[0],
        agree[1],
        mean(|edge| edge.strength),
        fits.iter().map(|fit| fit.edge.strength).fold(1.0f32, f32::min),
        mean(|edge| edge.alike),
        fits.iter().map(|fit| fit.edge.alike).fold(1.0f32, f32::min),
        mean(|edge| edge.stray),
        if moved.is_some() { (far / reach / 3.0).min(1.0) } else { 1.0 },
    ];
    Closer { corners: next, measures }
}

fn first_reach(picture: &Picture) -> f32 {
    (REACH * (picture.w as f32).hypot(picture.h as f32)).max(3.0)
}

/// The corners after every side went where it was fitted; `None` where that is no step a guess may be wrong by.
fn crossed(q: &Corners, fits: &[Fit; 4], fixed: [bool; 4], reach: f32) -> Option<Corners> {
    let sides: [[[f32; 2]; 2]; 4] = std::array::from_fn(|i| {
        let (a, b) = (q[i], q[(i + 1) % 4]);
        match fits[i].ends {
            Some((at_a, at_b)) if !fixed[i] => {
                let d = [b[0] - a[0], b[1] - a[1]];
                let length = d[0].hypot(d[1]);
                let n = [d[1] / length, -d[0] / length];
                [[a[0] + n[0] * at_a, a[1] + n[1] * at_a], [b[0] + n[0] * at_b, b[1] + n[1] * at_b]]
            }
            _ => [a, b],
        }
    });
    let mut next = *q;
    for i in 0..4 {
        next[i] = crossing(sides[(i + 3) % 4], sides[i])?;
    }
    let moved = next.iter().zip(q).map(|(p, o)| (p[0] - o[0]).hypot(p[1] - o[1])).fold(0.0f32, f32::max);
    (moved <= 3.0 * reach && crate::square::is_convex(&next)).then_some(next)
}

/// Corners after the first round made exact.
pub(crate) fn refined(picture: &Picture, corners: &Corners, fixed: [bool; 4]) -> Corners {
    let mut q = *corners;
    if fixed == [true; 4] {
        return q;
    }
    let mut reach = first_reach(picture);
    for _ in 0..ROUNDS {
        reach = (reach * 0.4).max(3.0);
        let fits: [Fit; 4] =
            std::array::from_fn(|i| if fixed[i] { NO_FIT } else { fit(picture, q[i], q[(i + 1) % 4], reach, PLACES, between) });
        let Some(next) = crossed(&q, &fits, fixed, reach) else { return q };
        q = next;
    }
    q
}
