//! A sheet that does not lie flat throws a shadow along one side, and the shadow's rim is an edge too. A side that was laid on
//! the rim goes in to where the paper begins: behind it lies a dark strip, and behind the strip a steep rise to the paper's white.

use super::refine::{crossing, nearest};
use crate::{Corners, Picture};

/// How far inside the paper is looked for, as a share of the shorter side.
const DEPTH: f32 = 0.06;
/// Looked at along a side, corners left out.
const PLACES: usize = 48;
/// Rise of brightness from the shadow to the paper.
const RISE_MIN: f32 = 50.0;
/// The strip may be brighter than what lies outside by this: a desk is not darker than a shadow on it.
const OUTSIDE_SLACK: f32 = 20.0;
/// Share of the places that have to show strip and rise on one line.
const AGREE_MIN: f32 = 0.8;
/// Below this the exact fit of the sides mends it by itself, in pixels.
const MOVE_MIN: f32 = 2.0;

/// The corners, with every side that lay on a shadow's rim where the paper begins.
pub(super) fn inside(picture: &Picture, corners: &Corners, fixed: [bool; 4]) -> Corners {
    let length = |i: usize| {
        let (a, b) = (corners[i], corners[(i + 1) % 4]);
        (b[0] - a[0]).hypot(b[1] - a[1])
    };
    let depth = (0..4).map(length).fold(f32::MAX, f32::min) * DEPTH;
    let mut moved = false;
    let sides: [[[f32; 2]; 2]; 4] = std::array::from_fn(|i| {
        let (a, b) = (corners[i], corners[(i + 1) % 4]);
        match begins(picture, a, b, depth) {
            Some((at_a, at_b)) if !fixed[i] => {
                moved = true;
                let n = inward(a, b);
                [[a[0] + n[0] * at_a, a[1] + n[1] * at_a], [b[0] + n[0] * at_b, b[1] + n[1] * at_b]]
            }
            _ => [a, b],
        }
    });
    if !moved {
        return *corners;
    }
    let mut next = *corners;
    for i in 0..4 {
        match crossing(sides[(i + 3) % 4], sides[i]) {
            Some(corner) => next[i] = corner,
            None => return *corners,
        }
    }
    if crate::square::is_convex(&next) { next } else { *corners }
}

/// Unit normal of a side of a clockwise quadrilateral, into it.
fn inward(a: [f32; 2], b: [f32; 2]) -> [f32; 2] {
    let (x, y) = (b[0] - a[0], b[1] - a[1]);
    let length = x.hypot(y).max(1.0);
    [-y / length, x / length]
}

/// How far inside of either end of a side the paper begins; `None` where the side is the paper's own.
fn begins(picture: &Picture, a: [f32; 2], b: [f32; 2], depth: f32) -> Option<(f32, f32)> {
    // Samples a step apart; an edge is a few pixels wide in a large picture.
    let step = (depth / 40.0).max(1.0);
    let (outer, inner) = (4usize, (depth / step) as usize);
    let n = inward(a, b);
    let mut row = vec![0.0f32; outer + inner + 6];
    let mut found: Vec<(f32, f32)> = Vec::with_capacity(PLACES);
    for place in 0..PLACES {
        let t = 0.05 + 0.9 * (place as f32 + 0.5) / PLACES as f32;
        let (x, y) = (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t);
        for (i, value) in row.iter_mut().enumerate() {
            let s = (i as f32 - outer as f32) * step;
            *value = nearest(picture, x + n[0] * s, y + n[1] * s)[0];
        }
        let rise = |i: usize| row[i + 2] - row[i - 2];
        let (at, steep) = (outer - 2..outer + inner).map(|i| (i, rise(i))).max_by(|a, b| a.1.total_cmp(&b.1))?;
        let outside = row[0].max(row[1]);
        let strip = &row[outer.min(at - 1)..at - 1];
        let dark = strip.iter().all(|&v| v < row[at + 2] - RISE_MIN * 0.8 && v < outside + OUTSIDE_SLACK);
        if steep >= RISE_MIN && dark {
            found.push((t, (at as f32 - outer as f32) * step));
        }
    }
    let (slope, start) = line(&mut found, 1.5 * step)?;
    let (at_a, at_b) = (start, start + slope);
    let enough = found.len() as f32 >= AGREE_MIN * PLACES as f32;
    let far = at_a.max(at_b) > MOVE_MIN.max(2.5 * step) && at_a.min(at_b) > -2.0 * step;
    (enough && far).then_some((at_a, at_b))
}

/// Slope and start of the line through most of the points; what lies further from it than `slack` is taken out.
fn line(points: &mut Vec<(f32, f32)>, slack: f32) -> Option<(f32, f32)> {
    let mut line = None;
    for slack in [6.0 * slack, 2.0 * slack, slack, slack] {
        let count = points.len() as f32;
        if count < 8.0 {
            return None;
        }
        let (t, d) = points.iter().fold((0.0, 0.0), |sum, p| (sum.0 + p.0 / count, sum.1 + p.1 / count));
        let (both, own) =
            points.iter().fold((0.0f32, 0.0f32), |sum, p| (sum.0 + (p.0 - t) * (p.1 - d), sum.1 + (p.0 - t) * (p.0 - t)));
        let slope = both / own.max(1e-6);
        let start = d - slope * t;
        points.retain(|p| (start + slope * p.0 - p.1).abs() <= slack);
        line = Some((slope, start));
    }
    line
}
