//! Corners to a fraction of a pixel: each side is fitted anew to the edge of the full picture, and the sides are crossed.

use crate::{Corners, Picture};

/// How far from the first guess the edge is looked for, as a share of the picture's diagonal, in the first round.
const REACH: f32 = 0.006;
const ROUNDS: usize = 2;
/// Places along a side.
const PLACES: usize = 64;
/// A fitted side may not turn by more than this (tangent).
const TILT_MAX: f32 = 0.05;

/// Brightness and two colour differences at a point, bilinear; outside the picture its edge repeats.
fn colour(picture: &Picture, x: f32, y: f32) -> [f32; 3] {
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
    let l = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
    [l, rgb[2] - l, rgb[0] - l]
}

/// One side, given as two points: where the edge really is, as distances from the side at its two ends. `None` keeps the guess.
fn fit(picture: &Picture, a: [f32; 2], b: [f32; 2], reach: f32) -> Option<(f32, f32)> {
    let d = [b[0] - a[0], b[1] - a[1]];
    let length = d[0].hypot(d[1]);
    if length < 16.0 {
        return None;
    }
    let n = [d[1] / length, -d[0] / length];
    // One sample a pixel where the reach is small; a coarse picture of a blurred edge is enough where it is large.
    let step = (reach / 16.0).max(0.75);
    let half = (reach / step).ceil() as i32 + 2;
    let width = (2 * half + 1) as usize;
    let places = ((length / 4.0) as usize).clamp(16, PLACES);
    let mut profiles = vec![[0.0f32; 3]; places * width];
    for p in 0..places {
        let t = 0.05 + 0.9 * (p as f32 + 0.5) / places as f32;
        for (i, cell) in profiles[p * width..(p + 1) * width].iter_mut().enumerate() {
            let off = (i as i32 - half) as f32 * step;
            *cell = colour(picture, a[0] + d[0] * t + n[0] * off, a[1] + d[1] * t + n[1] * off);
        }
    }
    // Per place: the steepest step, preferring the middle.
    let mut points = Vec::with_capacity(places);
    for p in 0..places {
        let around = |i: usize| -> [f32; 3] {
            let mut sum = [0.0f32; 3];
            let lo = p.saturating_sub(1);
            let hi = (p + 1).min(places - 1);
            for q in lo..=hi {
                for (s, v) in sum.iter_mut().zip(profiles[q * width + i]) {
                    *s += v;
                }
            }
            sum.map(|s| s / (hi - lo + 1) as f32)
        };
        let row: Vec<[f32; 3]> = (0..width).map(around).collect();
        let slope = |i: usize| {
            let (u, v) = (row[i - 1], row[i + 1]);
            let (u2, v2) = (row[i - 2], row[i + 2]);
            (0..3).map(|c| ((v[c] - u[c]) + (v2[c] - u2[c])).abs() * if c == 0 { 1.0 } else { 1.3 }).sum::<f32>()
        };
        let (mut best, mut at, mut plain) = (0.0f32, 0usize, 0.0f32);
        for i in 2..width - 2 {
            let off = (i as i32 - half) as f32 * step / (0.7 * reach);
            let s = slope(i);
            let weighted = s * (-0.5 * off * off).exp();
            if weighted > best {
                (best, at, plain) = (weighted, i, s);
            }
        }
        if plain < 10.0 || at < 3 || at + 3 >= width {
            continue;
        }
        let (y0, y1, y2) = (slope(at - 1), slope(at), slope(at + 1));
        let bend = y0 - 2.0 * y1 + y2;
        let sub = if bend.abs() > 1e-3 { (0.5 * (y0 - y2) / bend).clamp(-1.0, 1.0) } else { 0.0 };
        let t = 0.05 + 0.9 * (p as f32 + 0.5) / places as f32;
        points.push((t, ((at as i32 - half) as f32 + sub) * step, plain.min(80.0)));
    }
    if points.len() < 8 {
        return None;
    }
    // The line most points agree on, tried through pairs that are far apart; then weighted least squares that forgets strays.
    let near = (1.5 * step).max(1.5);
    let mut best: Option<(f32, f32, f32)> = None;
    let third = points.len() / 3;
    for i in (0..points.len() - third).step_by((points.len() / 16).max(1)) {
        for j in (i + third..points.len()).step_by((points.len() / 12).max(1)) {
            let (p, q) = (points[i], points[j]);
            let slope = (q.1 - p.1) / (q.0 - p.0);
            if slope.abs() > TILT_MAX * length {
                continue;
            }
            let start = p.1 - slope * p.0;
            let votes: f32 = points.iter().filter(|r| (r.1 - start - slope * r.0).abs() < near).map(|r| r.2).sum();
            if best.is_none_or(|(most, ..)| votes > most) {
                best = Some((votes, start, slope));
            }
        }
    }
    let (_, mut start, mut slope) = best?;
    for _ in 0..3 {
        let (mut n, mut sx, mut sy, mut sxx, mut sxy) = (0.0f32, 0.0, 0.0, 0.0, 0.0);
        for &(t, off, strength) in &points {
            let r = (off - start - slope * t) / (0.8 * near);
            let weight = strength / (1.0 + r.powi(4));
            n += weight;
            sx += weight * t;
            sy += weight * off;
            sxx += weight * t * t;
            sxy += weight * t * off;
        }
        let den = n * sxx - sx * sx;
        if den.abs() < 1e-6 {
            return None;
        }
        slope = (n * sxy - sx * sy) / den;
        start = (sy - slope * sx) / n;
    }
    let agree = points.iter().filter(|r| (r.1 - start - slope * r.0).abs() < 1.5 * near).count();
    // Fewer than a third agree: text or cloth, not the edge of a sheet.
    (agree * 3 >= places).then_some((start, start + slope))
}

fn crossing(a: [[f32; 2]; 2], b: [[f32; 2]; 2]) -> Option<[f32; 2]> {
    let (r, s) = ([a[1][0] - a[0][0], a[1][1] - a[0][1]], [b[1][0] - b[0][0], b[1][1] - b[0][1]]);
    let den = r[0] * s[1] - r[1] * s[0];
    if den.abs() < 1e-3 {
        return None;
    }
    let t = ((b[0][0] - a[0][0]) * s[1] - (b[0][1] - a[0][1]) * s[0]) / den;
    Some([a[0][0] + r[0] * t, a[0][1] + r[1] * t])
}

/// Corners in pixels of the picture, made exact. Sides listed in `fixed` stay where they are (the frame cut them).
pub(crate) fn refined(picture: &Picture, corners: &Corners, fixed: [bool; 4]) -> Corners {
    let mut q = *corners;
    let mut reach = (REACH * (picture.w as f32).hypot(picture.h as f32)).max(3.0);
    for _ in 0..ROUNDS {
        let sides: [[[f32; 2]; 2]; 4] = std::array::from_fn(|i| {
            let (a, b) = (q[i], q[(i + 1) % 4]);
            let found = if fixed[i] { None } else { fit(picture, a, b, reach) };
            match found {
                None => [a, b],
                Some((at_a, at_b)) => {
                    let d = [b[0] - a[0], b[1] - a[1]];
                    let length = d[0].hypot(d[1]);
                    let n = [d[1] / length, -d[0] / length];
                    [[a[0] + n[0] * at_a, a[1] + n[1] * at_a], [b[0] + n[0] * at_b, b[1] + n[1] * at_b]]
                }
            }
        });
        let mut next = q;
        for i in 0..4 {
            let Some(p) = crossing(sides[(i + 3) % 4], sides[i]) else { return q };
            next[i] = p;
        }
        let moved = next.iter().zip(&q).map(|(p, o)| (p[0] - o[0]).hypot(p[1] - o[1])).fold(0.0f32, f32::max);
        if moved > 3.0 * reach || !crate::square::is_convex(&next) {
            return q;
        }
        q = next;
        reach = (reach * 0.4).max(3.0);
    }
    q
}
