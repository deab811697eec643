//! How sharp is the print? The page is blurred once more: a sharp edge loses much of its slope, an edge that was already soft
//! loses little (after Zhuo & Sim 2011). The ratio knows neither contrast nor light, so one threshold serves every exposure; taken
//! in four directions, it sees a hand that moved as well as a lens out of focus.

use super::cells::{CELL, Cell, Cells};
use crate::wide::wide;
use crate::{Picture, Surface};

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

/// Number of points on edges, and the ratio of slopes in the flattest direction. `per_pixel` of the page's pixels are one of the
/// cells' copy.
pub(super) fn sharpness(page: &impl Surface, per_pixel: f32, cells: &Cells) -> (usize, f32) {
    let (w, h) = page.size();
    let halving = w.min(h).div_ceil(SHORT_SIDE_MAX).max(1);
    let side = SPOT as u32 * halving;
    if w < side || h < side {
        return (0, 0.0);
    }
    let spot = |cell: &Cell| {
        let from =
            |at: usize, limit: u32| (((at + CELL / 2) as f32 * per_pixel) as u32).saturating_sub(side / 2).min(limit - side);
        let part = page.part(from(cell.x, w), from(cell.y, h), side, side).shrunk(halving);
        wide(|| slopes(&part))
    };
    let mut printed: Vec<&Cell> = cells.all.iter().filter(|cell| cells.has_print(cell)).collect();
    printed.sort_by(|a, b| b.print.total_cmp(&a.print));
    printed.truncate((printed.len() / 2).max(SPOTS));
    let spots: Vec<Slopes> = spread(&printed, SPOTS).map(spot).collect();
    let quiet = cells.quiet();
    let mut noise: Vec<f32> = spread(&quiet, QUIET_SPOTS).flat_map(|cell| spot(cell).squares).map(f32::sqrt).collect();
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
    let steep = (points.len() * 2 / 5).max(1);
    points.select_nth_unstable_by(steep - 1, |a, b| b.0.total_cmp(&a.0));
    points.truncate(steep);
    points.select_nth_unstable_by(steep * 3 / 4, |a, b| a.1.total_cmp(&b.1)).1.1
}

/// A spot after the first blur, with the squares of its slopes, and after the second.
struct Slopes {
    /// Side of the part whose slopes are known after both blurs.
    side: usize,
    once: Vec<f32>,
    once_side: usize,
    twice: Vec<f32>,
    twice_side: usize,
    squares: Vec<f32>,
}

fn sobel(data: &[f32], w: usize, at: usize) -> (f32, f32) {
    let (up, here, down) = (&data[at - w - 1..at - w + 2], &data[at - 1..at + 2], &data[at + w - 1..at + w + 2]);
    let across = up[2] + 2.0 * here[2] + down[2] - up[0] - 2.0 * here[0] - down[0];
    let below = down[0] + 2.0 * down[1] + down[2] - up[0] - 2.0 * up[1] - up[2];
    (across / 8.0, below / 8.0)
}

#[inline(always)]
fn slopes(spot: &Picture) -> Slopes {
    let grey: Vec<f32> = spot.data.iter().map(|&v| f32::from(v)).collect();
    let (once, once_side) = blurred(&grey, SPOT, FIRST);
    let (twice, twice_side) = blurred(&once, once_side, SECOND);
    let side = twice_side - 2;
    let inset = SECOND.1 + 1;
    let mut squares = vec![0f32; side * side];
    for (y, out) in squares.chunks_exact_mut(side).enumerate() {
        let row = |dy: usize| &once[(y + inset + dy - 1) * once_side + inset - 1..][..side + 2];
        let (up, here, down) = (row(0), row(1), row(2));
        for (x, to) in out.iter_mut().enumerate() {
            let across = up[x + 2] + 2.0 * here[x + 2] + down[x + 2] - up[x] - 2.0 * here[x] - down[x];
            let below = down[x] + 2.0 * down[x + 1] + down[x + 2] - up[x] - 2.0 * up[x + 1] - up[x + 2];
            *to = (across * across + below * below) / 64.0;
        }
    }
    Slopes { side, once, once_side, twice, twice_side, squares }
}

impl Slopes {
    /// Ridges of the slope above the floor: where an edge stands.
    fn points(&self, floor: f32, points: &mut [Vec<(f32, f32)>; 4]) {
        let w = self.side;
        let inset = SECOND.1 + 1;
        for y in 1..w - 1 {
            for x in 1..w - 1 {
                let at = y * w + x;
                let here = self.squares[at];
                if here <= floor * floor {
                    continue;
                }
                let highest = [at - w - 1, at - w, at - w + 1, at - 1, at + 1, at + w - 1, at + w, at + w + 1];
                if highest.iter().all(|&other| self.squares[other] <= here) {
                    let (ax, ay) = sobel(&self.once, self.once_side, (y + inset) * self.once_side + x + inset);
                    let (bx, by) = sobel(&self.twice, self.twice_side, (y + 1) * self.twice_side + x + 1);
                    let (once, twice) = (here.sqrt(), (bx * bx + by * by).sqrt());
                    points[crate::upright::direction(ax, ay)].push((once, once / twice.max(1e-3)));
                }
            }
        }
    }
}

/// A normal blur of a square, without its margins; the new side comes with it.
#[inline(always)]
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
