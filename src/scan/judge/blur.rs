//! How sharp is the print? The page is blurred once more: a sharp edge loses much of its slope, an edge that was already soft
//! loses little (after Zhuo & Sim 2011). The ratio knows neither contrast nor light, so one threshold serves every exposure; taken
//! in four directions, it sees a hand that moved as well as a lens out of focus.

use super::cells::{CELL, Cell, Cells};
use crate::Picture;

/// Spots with print that are looked at, and spots without it that tell the noise.
const SPOTS: usize = 20;
const QUIET_SPOTS: usize = 6;
/// Side of a spot in pixels, before and after the blurs have eaten their margins.
const SPOT: usize = 112;
/// Above this short side the page is halved first: at 250 dpi and more a blur of two pixels is no loss.
const SHORT_SIDE_MAX: u32 = 2000;
/// Two blurs: one against noise, one more to compare with. Deviations in pixels.
const FIRST: (f32, usize) = (0.8, 3);
const SECOND: (f32, usize) = (1.5, 6);
/// A direction with fewer points says nothing.
const POINTS_MIN: usize = 24;
/// Where upright strokes or level ones are this much rarer than the other kind, they were wiped out by motion.
const WIPED: f32 = 0.03;

/// Number of points on edges, and the ratio of slopes in the flattest direction.
pub(super) fn sharpness(page: &Picture, n: u32, cells: &Cells) -> (usize, f32) {
    let halving = page.w.min(page.h).div_ceil(SHORT_SIDE_MAX).max(1);
    let side = SPOT as u32 * halving;
    if page.w < side || page.h < side {
        return (0, 0.0);
    }
    let spot = |cell: &Cell| {
        let from = |at: usize, limit: u32| ((at + CELL / 2) as u32 * n).saturating_sub(side / 2).min(limit - side);
        let part = page.cropped(from(cell.x, page.w), from(cell.y, page.h), side, side).shrunk(halving).to_luma();
        slopes(&part)
    };
    let mut printed: Vec<&Cell> = cells.all.iter().filter(|cell| cells.has_print(cell)).collect();
    printed.sort_by(|a, b| b.print.total_cmp(&a.print));
    printed.truncate((printed.len() / 2).max(SPOTS));
    let spots: Vec<Slopes> = spread(&printed, SPOTS).map(spot).collect();
    let quiet = cells.quiet();
    let mut noise: Vec<f32> = spread(&quiet, QUIET_SPOTS).flat_map(|cell| spot(cell).once).collect();
    let middle = noise.len() / 2;
    // The median of a Rayleigh distribution is 1.18 of its deviation.
    let noise = if noise.is_empty() { 0.0 } else { *noise.select_nth_unstable_by(middle, f32::total_cmp).1 / 1.18 };
    let floor = (6.0 * noise).max(0.035 * cells.light().paper);
    let mut points: [Vec<(f32, f32)>; 4] = Default::default();
    for spot in &spots {
        spot.points(floor, &mut points);
    }
    let edges = points.iter().map(Vec::len).sum();
    let (upright, level) = (points[0].len() as f32, points[2].len() as f32);
    if edges >= 4 * POINTS_MIN && upright.min(level) < WIPED * upright.max(level) {
        return (edges, 1.0);
    }
    let flattest =
        points.iter_mut().filter(|points| points.len() >= POINTS_MIN).map(|points| ratio(points)).fold(f32::INFINITY, f32::min);
    (edges, if flattest.is_finite() { flattest } else { 0.0 })
}

/// So many of these, evenly spread over all of them.
fn spread<'a>(found: &[&'a Cell], count: usize) -> impl Iterator<Item = &'a Cell> {
    found.iter().copied().step_by((found.len() / count).max(1)).take(count)
}

/// Upper quartile of the ratio among the steeper two fifths: thin strokes speak for the whole, as broad rules look soft when they
/// are not.
fn ratio(points: &mut Vec<(f32, f32)>) -> f32 {
    points.sort_by(|a, b| b.0.total_cmp(&a.0));
    points.truncate((points.len() * 2 / 5).max(1));
    points.sort_by(|a, b| a.1.total_cmp(&b.1));
    points[points.len() * 3 / 4].1
}

/// Slopes of a spot after the first blur and after the second.
struct Slopes {
    side: usize,
    once: Vec<f32>,
    twice: Vec<f32>,
    /// Direction of the slope: 0 across, 1 falling, 2 down, 3 rising.
    direction: Vec<u8>,
}

fn slopes(spot: &Picture) -> Slopes {
    let grey: Vec<f32> = spot.data.iter().map(|&v| f32::from(v)).collect();
    let (once, side) = blurred(&grey, SPOT, FIRST);
    let (twice, inner) = blurred(&once, side, SECOND);
    let inset = SECOND.1;
    let mut out = Slopes { side: inner - 2, once: Vec::new(), twice: Vec::new(), direction: Vec::new() };
    let sobel = |data: &[f32], w: usize, x: usize, y: usize| {
        let p = |dx: usize, dy: usize| data[(y + dy - 1) * w + x + dx - 1];
        let across = p(2, 0) + 2.0 * p(2, 1) + p(2, 2) - p(0, 0) - 2.0 * p(0, 1) - p(0, 2);
        let down = p(0, 2) + 2.0 * p(1, 2) + p(2, 2) - p(0, 0) - 2.0 * p(1, 0) - p(2, 0);
        (across / 8.0, down / 8.0)
    };
    for y in 1..inner - 1 {
        for x in 1..inner - 1 {
            let (ax, ay) = sobel(&once, side, x + inset, y + inset);
            let (bx, by) = sobel(&twice, inner, x, y);
            out.once.push(ax.hypot(ay));
            out.twice.push(bx.hypot(by));
            let eighth = (ay.atan2(ax).rem_euclid(std::f32::consts::PI) / std::f32::consts::PI * 4.0).round() as u8;
            out.direction.push(eighth % 4);
        }
    }
    out
}

impl Slopes {
    /// Ridges of the slope above the floor: where an edge stands.
    fn points(&self, floor: f32, points: &mut [Vec<(f32, f32)>; 4]) {
        let w = self.side;
        for y in 1..w - 1 {
            for x in 1..w - 1 {
                let at = y * w + x;
                let here = self.once[at];
                if here <= floor {
                    continue;
                }
                let highest = [at - w - 1, at - w, at - w + 1, at - 1, at + 1, at + w - 1, at + w, at + w + 1];
                if highest.iter().all(|&other| self.once[other] <= here) {
                    points[usize::from(self.direction[at])].push((here, here / self.twice[at].max(1e-3)));
                }
            }
        }
    }
}

/// A normal blur of a square, without its margins; the new side comes with it.
fn blurred(data: &[f32], side: usize, (deviation, reach): (f32, usize)) -> (Vec<f32>, usize) {
    let mut kernel: Vec<f32> =
        (0..=2 * reach).map(|i| (-(i as f32 - reach as f32).powi(2) / (2.0 * deviation * deviation)).exp()).collect();
    let sum: f32 = kernel.iter().sum();
    kernel.iter_mut().for_each(|k| *k /= sum);
    let inner = side - 2 * reach;
    let mut across = vec![0f32; inner * side];
    for (row, out) in data.chunks_exact(side).zip(across.chunks_exact_mut(inner)) {
        for (i, &k) in kernel.iter().enumerate() {
            for (to, &from) in out.iter_mut().zip(&row[i..i + inner]) {
                *to += k * from;
            }
        }
    }
    let mut both = vec![0f32; inner * inner];
    for (y, out) in both.chunks_exact_mut(inner).enumerate() {
        for (i, &k) in kernel.iter().enumerate() {
            for (to, &from) in out.iter_mut().zip(&across[(y + i) * inner..(y + i + 1) * inner]) {
                *to += k * from;
            }
        }
    }
    (both, inner)
}
