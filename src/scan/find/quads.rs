//! Quadrilaterals from lines, and what is measured of each.

use super::density::Density;
use super::directions::{Directions, Tally};
use super::lines::{Line, share};
use super::planes::{Plane, Planes};
use super::regions::Region;

/// How many measures [`measure`] takes.
pub const MEASURES: usize = 50;

/// Smallest share of the picture that is a page; an ID card in an A3 frame has 4 %.
const AREA_MIN: f32 = 0.02;
/// A line that runs on beyond the corner is looked at over this share of the diagonal.
const BEYOND: f32 = 0.05;
/// Sides of a quadrilateral may not be shorter, as a share of the picture's short side.
pub(crate) const SIDE_MIN: f32 = 0.08;

/// Four lines and their crossings, clockwise.
#[derive(Clone, Debug)]
pub(crate) struct Quad {
    /// Line of the side that runs from corner `i` to corner `i + 1`.
    pub sides: [usize; 4],
    pub corners: [[f32; 2]; 4],
    pub quick: f32,
    /// Share that a region with bent sides fills of it; `None` where lines make the sides.
    pub bent: Option<f32>,
    /// One side is a guess.
    pub guessed: bool,
}

pub(crate) fn area(q: &[[f32; 2]; 4]) -> f32 {
    (0..4).map(|i| q[i][0] * q[(i + 1) % 4][1] - q[(i + 1) % 4][0] * q[i][1]).sum::<f32>() / 2.0
}

/// Area of any polygon that runs clockwise.
pub(crate) fn polygon_area(q: &[[f32; 2]]) -> f32 {
    let n = q.len();
    (0..n).map(|i| q[i][0] * q[(i + 1) % n][1] - q[(i + 1) % n][0] * q[i][1]).sum::<f32>() / 2.0
}

/// What one side shows: shares of its length.
#[derive(Clone, Copy, Default)]
struct Side {
    /// Edge points whose bright side is inside / outside.
    bright: f32,
    dark: f32,
    raw: f32,
    strong: f32,
    /// Edge points on the same line beyond the corners.
    beyond: f32,
    /// Worse of the two ends.
    ends: f32,
    frame: bool,
}

fn side(line: &Line, a: [f32; 2], b: [f32; 2], inside_positive: bool, beyond: f32) -> Side {
    if line.frame {
        return Side { frame: true, ..Side::default() };
    }
    let (ta, tb) = (line.index(a), line.index(b));
    let (lo, hi) = if ta < tb { (ta, tb) } else { (tb, ta) };
    let (bright, dark) = if inside_positive { (&line.pos, &line.neg) } else { (&line.neg, &line.pos) };
    let both = |from: f32, to: f32| share(bright, from, to) + share(dark, from, to);
    let size = hi - lo;
    let limit = line.pos.len() as f32 - 1.0;
    // Clear of the corner itself, where the other side's edge may pass for this one's.
    let gap = 3.0;
    let before = if lo - beyond > 0.0 { both(lo - beyond, lo - gap) } else { 0.0 };
    let after = if hi + beyond < limit { both(hi + gap, hi + beyond) } else { 0.0 };
    let end = (size * 0.12).clamp(6.0, 40.0);
    Side {
        bright: share(bright, lo + 2.0, hi - 2.0).min(1.0),
        dark: share(dark, lo + 2.0, hi - 2.0).min(1.0),
        raw: share(&line.raw, lo + 2.0, hi - 2.0).min(1.0),
        strong: {
            let last = line.strong.len() - 1;
            let (i, j) = ((lo.max(0.0) as usize).min(last), (hi.max(0.0) as usize).min(last));
            (line.strong[j] - line.strong[i]) as f32 / (60.0 * size.max(1.0))
        },
        beyond: before.max(after).min(1.0) * 0.5 + (before + after).min(2.0) * 0.25,
        ends: both(lo + 2.0, lo + end).min(both(hi - end, hi - 2.0)).min(1.0),
        frame: false,
    }
}

/// A side that the frame cuts has no edge; it counts as this much of one.
const FRAME_SUPPORT: f32 = 0.35;

/// How much the size of a candidate speaks for it.
fn size_counts(share_of_picture: f32) -> f32 {
    0.6 * share_of_picture.max(0.0).powf(0.45)
}

fn quick(sides: &[Side; 4], size_counts: f32) -> f32 {
    let support = sides.map(|s| if s.frame { FRAME_SUPPORT } else { s.bright.max(s.dark).max(0.75 * s.raw) });
    let mean = support.iter().sum::<f32>() / 4.0;
    let least = support.iter().fold(1.0f32, |a, &b| a.min(b));
    let beyond = sides.iter().map(|s| s.beyond).sum::<f32>() / 4.0;
    let bright = sides.iter().map(|s| s.bright).sum::<f32>() / 4.0;
    0.6 * mean + 0.8 * least + 0.2 * bright + size_counts - 0.35 * beyond
}

/// The first guess for a quadrilateral that did not come out of [`quads`].
pub(crate) fn guess(lines: &[Line], quad: &Quad, w: usize, h: usize) -> f32 {
    let (wf, hf) = (w as f32, h as f32);
    let q = &quad.corners;
    let middle = [q.iter().map(|c| c[0]).sum::<f32>() / 4.0, q.iter().map(|c| c[1]).sum::<f32>() / 4.0];
    let seen = std::array::from_fn(|s| {
        let line = &lines[quad.sides[s]];
        let positive = line.nx * middle[0] + line.ny * middle[1] > line.rho;
        side(line, q[s], q[(s + 1) % 4], positive, BEYOND * wf.hypot(hf))
    });
    quick(&seen, size_counts(area(q) / (wf * hf)))
}

/// The most promising quadrilaterals of these lines, best first.
pub(crate) fn quads(lines: &[Line], w: usize, h: usize, most: usize) -> Vec<Quad> {
    let (wf, hf) = (w as f32, h as f32);
    let n = lines.len().min(64);
    let lines = &lines[..n];
    let slack = 0.06 * wf.max(hf);
    let side_min = SIDE_MIN * wf.min(hf);
    let beyond = BEYOND * wf.hypot(hf);
    // Which lines cross inside the picture, and where.
    let mut cross = vec![[0.0f32; 2]; n * n];
    let mut crosses = vec![0u64; n];
    for i in 0..n {
        for j in 0..n {
            if let Some(p) = lines[i].crossing(&lines[j])
                && p[0] > -slack
                && p[1] > -slack
                && p[0] < wf + slack
                && p[1] < hf + slack
                && !(lines[i].frame && lines[j].frame && lines[i].flat == lines[j].flat)
            {
                cross[i * n + j] = p;
                crosses[i] |= 1 << j;
            }
        }
    }
    // Pairs that can be opposite sides: within 40° of parallel and apart.
    let centre = [wf / 2.0, hf / 2.0];
    let opposite = |i: usize, j: usize| {
        let (a, b) = (&lines[i], &lines[j]);
        let cos = a.nx * b.nx + a.ny * b.ny;
        if cos.abs() < 0.76 || (a.frame && b.frame) {
            return false;
        }
        let distance = |line: &Line| line.rho - line.nx * centre[0] - line.ny * centre[1];
        (distance(a) - cos.signum() * distance(b)).abs() > side_min * 0.6
    };
    let mut partner = vec![0u64; n];
    for i in 0..n {
        for j in i + 1..n {
            if opposite(i, j) {
                partner[i] |= 1 << j;
            }
        }
    }
    let mut best: Vec<Quad> = Vec::with_capacity(most * 4);
    let mut floor = f32::MIN;
    for i in 0..n {
        for j in bits(partner[i]) {
            let both = crosses[i] & crosses[j];
            for k in bits(both).filter(|&k| k > i) {
                for l in bits(both & partner[k]) {
                    // Every quadrilateral comes once: its lowest line is i.
                    if k == j || l == j {
                        continue;
                    }
                    let mut corners = [cross[i * n + k], cross[k * n + j], cross[j * n + l], cross[l * n + i]];
                    let mut sides = [k, j, l, i];
                    let mut size = area(&corners);
                    if size < 0.0 {
                        corners = [corners[0], corners[3], corners[2], corners[1]];
                        sides = [i, l, j, k];
                        size = -size;
                    }
                    let share_of_picture = size / (wf * hf);
                    if !(AREA_MIN..=0.985).contains(&share_of_picture) || !shapely(&corners, side_min) {
                        continue;
                    }
                    let middle =
                        [corners.iter().map(|c| c[0]).sum::<f32>() / 4.0, corners.iter().map(|c| c[1]).sum::<f32>() / 4.0];
                    // Best case first: sides not yet looked at count as perfect.
                    let mut seen = [Side { bright: 1.0, ..Side::default() }; 4];
                    let size_counts = size_counts(share_of_picture);
                    let mut score = 0.0;
                    for s in 0..4 {
                        let line = &lines[sides[s]];
                        let inside_positive = line.nx * middle[0] + line.ny * middle[1] > line.rho;
                        seen[s] = side(line, corners[s], corners[(s + 1) % 4], inside_positive, beyond);
                        score = quick(&seen, size_counts);
                        if score <= floor {
                            break;
                        }
                    }
                    if score > floor {
                        best.push(Quad { sides, corners, quick: score, bent: None, guessed: false });
                        if best.len() >= most * 4 {
                            cut(&mut best, most);
                            floor = best.last().map_or(f32::MIN, |quad| quad.quick);
                        }
                    }
                }
            }
        }
    }
    cut(&mut best, most);
    best
}

fn cut(best: &mut Vec<Quad>, most: usize) {
    best.sort_unstable_by(|a, b| b.quick.total_cmp(&a.quick));
    best.truncate(most);
}

fn bits(mut mask: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        (mask != 0).then(|| {
            let bit = mask.trailing_zeros() as usize;
            mask &= mask - 1;
            bit
        })
    })
}

/// Convex, no needle, no corner sharper than 40°.
pub(crate) fn shapely(q: &[[f32; 2]; 4], side_min: f32) -> bool {
    (0..4).all(|i| {
        let (a, b, c) = (q[i], q[(i + 1) % 4], q[(i + 2) % 4]);
        let (u, v) = ([b[0] - a[0], b[1] - a[1]], [c[0] - b[0], c[1] - b[1]]);
        let (lu, lv) = (u[0] * u[0] + u[1] * u[1], v[0] * v[0] + v[1] * v[1]);
        let along = u[0] * v[0] + u[1] * v[1];
        lu >= side_min * side_min && u[0] * v[1] - u[1] * v[0] > 0.0 && along * along < 0.77 * 0.77 * lu * lv
    })
}

/// What candidates are measured on.
pub(crate) struct Ground<'a> {
    pub planes: &'a Planes,
    pub closed: &'a Plane,
    /// Brightness that 95 % of the picture stay below.
    pub white: f32,
    /// How dense edge points are, print included.
    pub density: &'a Density,
    /// Which way they run.
    pub directions: &'a Directions,
    /// What stands out by its colour.
    pub regions: &'a [Region],
    /// The best first guess of all candidates.
    pub quick_best: f32,
}

const SAMPLES: usize = 16;

fn sample(ground: &Ground<'_>, x: f32, y: f32) -> Option<[f32; 3]> {
    let (w, h) = (ground.planes.w, ground.planes.h);
    if !(x >= 0.0 && y >= 0.0 && x < w as f32 && y < h as f32) {
        return None;
    }
    let at = y as usize * w + x as usize;
    Some([f32::from(ground.closed.data[at]), f32::from(ground.planes.blue.data[at]), f32::from(ground.planes.red.data[at])])
}

fn median(values: &mut [f32]) -> f32 {
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f32::total_cmp).1
}

/// Colours along a side, `off` pixels outwards of it; `None` where that is outside the picture.
struct Band([Option<[f32; 3]>; SAMPLES]);

impl Band {
    fn new(ground: &Ground<'_>, a: [f32; 2], b: [f32; 2], off: f32) -> Self {
        let d = [b[0] - a[0], b[1] - a[1]];
        let l = d[0].hypot(d[1]).max(1.0);
        // Clockwise with y down: outwards is to the left of the way.
        let n = [d[1] / l * off, -d[0] / l * off];
        Self(std::array::from_fn(|i| {
            let t = 0.05 + 0.9 * (i as f32 + 0.5) / SAMPLES as f32;
            sample(ground, a[0] + d[0] * t + n[0] + 0.5, a[1] + d[1] * t + n[1] + 0.5)
        }))
    }

    /// `None` where half of it is outside the picture.
    fn median(&self) -> Option<[f32; 3]> {
        let mut columns = [[0.0f32; SAMPLES]; 3];
        let mut count = 0;
        for colour in self.0.iter().flatten() {
            for (column, &v) in columns.iter_mut().zip(colour) {
                column[count] = v;
            }
            count += 1;
        }
        (count >= SAMPLES / 2).then(|| columns.map(|mut column| median(&mut column[..count])))
    }
}

/// Share of the places along a side where inside and outside differ the way they do on the whole.
fn steady(inside: &Band, outside: &Band) -> Option<f32> {
    let step = |i: usize| Some([0, 1, 2].map(|c| inside.0[i].zip(outside.0[i]).map(|(a, b)| a[c] - b[c])));
    let steps: Vec<[f32; 3]> = (0..SAMPLES).filter_map(|i| step(i).and_then(|s| Some([s[0]?, s[1]?, s[2]?]))).collect();
    if steps.len() < SAMPLES / 2 {
        return None;
    }
    let total = steps.iter().fold([0.0f32; 3], |sum, s| [sum[0] + s[0], sum[1] + 2.0 * s[1], sum[2] + 2.0 * s[2]]);
    let size = total.iter().map(|v| v * v).sum::<f32>().sqrt().max(1e-3);
    let along = |s: &[f32; 3]| (s[0] * total[0] + 2.0 * s[1] * total[1] + 2.0 * s[2] * total[2]) / size;
    Some(steps.iter().filter(|s| along(s) > STEP_SEEN).count() as f32 / steps.len() as f32)
}

/// A difference in colour that can be told from noise, in grey levels.
const STEP_SEEN: f32 = 5.0;

fn apart(a: [f32; 3], b: [f32; 3]) -> f32 {
    (a[0] - b[0]).abs() + 2.0 * (a[1] - b[1]).abs() + 2.0 * (a[2] - b[2]).abs()
}

/// Everything the ranking knows of a candidate. Each about 0 to 1.
pub(crate) fn measure(ground: &Ground<'_>, lines: &[Line], quad: &Quad, nested: Nested) -> [f32; MEASURES] {
    let (wf, hf) = (ground.planes.w as f32, ground.planes.h as f32);
    let q = &quad.corners;
    let middle = [q.iter().map(|c| c[0]).sum::<f32>() / 4.0, q.iter().map(|c| c[1]).sum::<f32>() / 4.0];
    let beyond = BEYOND * wf.hypot(hf);
    let sides: [Side; 4] = std::array::from_fn(|s| {
        let line = &lines[quad.sides[s]];
        side(line, q[s], q[(s + 1) % 4], line.nx * middle[0] + line.ny * middle[1] > line.rho, beyond)
    });
    let support = sides.map(|s| if s.frame { FRAME_SUPPORT } else { (s.bright.max(s.dark)).min(1.0) });
    let mut sorted = support;
    sorted.sort_unstable_by(f32::total_cmp);
    let mean = |of: fn(&Side) -> f32| sides.iter().map(of).sum::<f32>() / 4.0;
    let least = |of: fn(&Side) -> f32| sides.iter().filter(|s| !s.frame).map(of).fold(1.0f32, f32::min);
    let depth = (0.012 * wf.max(hf)).max(3.0);
    let bands = |off: f32| -> [Band; 4] { std::array::from_fn(|s| Band::new(ground, q[s], q[(s + 1) % 4], off)) };
    let (within, without, upon) = (bands(-depth), bands(depth), bands(0.0));
    let inside: [[f32; 3]; 4] = std::array::from_fn(|s| within[s].median().unwrap_or([128.0; 3]));
    let outside: [Option<[f32; 3]>; 4] = std::array::from_fn(|s| without[s].median());
    let steadiness: [f32; 4] =
        std::array::from_fn(|s| if sides[s].frame { 1.0 } else { steady(&within[s], &without[s]).unwrap_or(0.0) });
    // A line that is darker than both of its sides is a shadow, a seam or grain.
    let ridge = (0..4)
        .map(|s| match (upon[s].median(), outside[s]) {
            (Some(on), Some(out)) => ((on[0] - (inside[s][0] + out[0]) / 2.0) / 32.0).clamp(-1.0, 1.0),
            _ => 0.0,
        })
        .sum::<f32>()
        / 4.0;
    let contrast: [f32; 4] = std::array::from_fn(|s| outside[s].map_or(0.0, |out| (apart(inside[s], out) / 40.0).min(1.0)));
    let lift: [f32; 4] = std::array::from_fn(|s| outside[s].map_or(0.0, |out| ((inside[s][0] - out[0]) / 64.0).clamp(-1.0, 1.0)));
    let centre_in: [f32; 3] = std::array::from_fn(|c| median(&mut inside.map(|v| v[c])));
    let spread_in = inside.iter().map(|v| apart(*v, centre_in)).sum::<f32>() / 4.0 / 64.0;
    let known: Vec<[f32; 3]> = outside.iter().flatten().copied().collect();
    let spread_out = if known.len() < 2 {
        0.0
    } else {
        let centre: [f32; 3] = std::array::from_fn(|c| known.iter().map(|v| v[c]).sum::<f32>() / known.len() as f32);
        known.iter().map(|v| apart(*v, centre)).sum::<f32>() / known.len() as f32 / 64.0
    };
    // A grid over the inside: is it one sheet?
    let mut grid = [[0.0f32; 3]; 25];
    for (i, cell) in grid.iter_mut().enumerate() {
        let (u, v) = ((i % 5) as f32 * 0.2 + 0.1, (i / 5) as f32 * 0.2 + 0.1);
        let top = [q[0][0] + (q[1][0] - q[0][0]) * u, q[0][1] + (q[1][1] - q[0][1]) * u];
        let low = [q[3][0] + (q[2][0] - q[3][0]) * u, q[3][1] + (q[2][1] - q[3][1]) * u];
        *cell = sample(ground, top[0] + (low[0] - top[0]) * v + 0.5, top[1] + (low[1] - top[1]) * v + 0.5).unwrap_or(centre_in);
    }
    // How far apart inside and outside are, measured by how much each varies.
    let around: Vec<[f32; 3]> = without.iter().flat_map(|band| band.0.iter().flatten().copied()).collect();
    let distinct = if around.len() < SAMPLES {
        0.0
    } else {
        let (m0, m1) = (mean_of(&grid), mean_of(&around));
        let spread =
            |all: &[[f32; 3]], m: [f32; 3]| (all.iter().map(|v| apart(*v, m).powi(2)).sum::<f32>() / all.len() as f32).sqrt();
        (apart(m0, m1) / (spread(&grid, m0) + spread(&around, m1) + 4.0)).min(3.0) / 3.0
    };
    let rim_density = |off: f32| -> f32 {
        (0..4)
            .map(|s| {
                let (a, b) = (q[s], q[(s + 1) % 4]);
                let d = [b[0] - a[0], b[1] - a[1]];
                let l = d[0].hypot(d[1]).max(1.0);
                (0..6)
                    .map(|i| {
                        let t = (i as f32 + 0.5) / 6.0;
                        ground.density.at(a[0] + d[0] * t + d[1] / l * off, a[1] + d[1] * t - d[0] / l * off)
                    })
                    .sum::<f32>()
                    / 6.0
            })
            .sum::<f32>()
            / 4.0
    };
    let print = (0..25)
        .map(|i| {
            let (u, v) = ((i % 5) as f32 * 0.18 + 0.14, (i / 5) as f32 * 0.18 + 0.14);
            let top = [q[0][0] + (q[1][0] - q[0][0]) * u, q[0][1] + (q[1][1] - q[0][1]) * u];
            let low = [q[3][0] + (q[2][0] - q[3][0]) * u, q[3][1] + (q[2][1] - q[3][1]) * u];
            ground.density.at(top[0] + (low[0] - top[0]) * v, top[1] + (low[1] - top[1]) * v)
        })
        .sum::<f32>()
        / 25.0;
    let (print_along, around_along) = runs_along(ground.directions, q);
    let region = ground.regions.iter().map(|region| super::overlap(&region.corners, q)).fold(0.0f32, f32::max);
    let centre_grid: [f32; 3] = std::array::from_fn(|c| median(&mut grid.map(|v| v[c])));
    let spread_grid = grid.iter().map(|v| (apart(*v, centre_grid) / 64.0).min(1.0)).sum::<f32>() / 25.0;
    let rim = (apart(centre_grid, centre_in) / 64.0).min(1.5);
    let colour = ((centre_grid[1] - 128.0).abs() + (centre_grid[2] - 128.0).abs()) / 48.0;
    let share_of_picture = area(q).abs() / (wf * hf);
    let length: [f32; 4] = std::array::from_fn(|s| (q[(s + 1) % 4][0] - q[s][0]).hypot(q[(s + 1) % 4][1] - q[s][1]).max(1.0));
    let ratio = |a: f32, b: f32| a.min(b) / a.max(b);
    let regular = ratio(length[0], length[2]) * ratio(length[1], length[3]);
    let skew: f32 = (0..4)
        .map(|s| {
            let (a, b, c) = (q[s], q[(s + 1) % 4], q[(s + 2) % 4]);
            (((b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1])) / (length[s] * length[(s + 1) % 4])).abs()
        })
        .sum::<f32>()
        / 4.0;
    let over: f32 = q.iter().map(|c| (-c[0]).max(c[0] - wf).max(0.0) + (-c[1]).max(c[1] - hf).max(0.0)).sum::<f32>() / wf.max(hf);
    let aspect = ((length[0] + length[2]) / (length[1] + length[3])).ln().abs();
    let format = [2f32.sqrt().ln(), (85.6f32 / 53.98).ln()].iter().map(|f| (aspect - f).abs()).fold(0.15f32, f32::min) / 0.15;
    let frames = sides.iter().filter(|s| s.frame).count() as f32;
    let off_centre = ((middle[0] / wf - 0.5).hypot(middle[1] / hf - 0.5)).min(0.5) * 2.0;
    [
        support.iter().sum::<f32>() / 4.0,
        sorted[0],
        sorted[1],
        mean(|s| s.bright),
        least(|s| s.bright),
        mean(|s| s.raw),
        least(|s| s.raw),
        mean(|s| s.beyond),
        sides.iter().map(|s| s.beyond).fold(0.0, f32::max),
        mean(|s| s.strong),
        least(|s| s.strong),
        contrast.iter().sum::<f32>() / 4.0,
        contrast.iter().fold(1.0f32, |a, &b| a.min(b)),
        lift.iter().sum::<f32>() / 4.0,
        lift.iter().fold(1.0f32, |a, &b| a.min(b)),
        spread_in.min(1.5),
        spread_out.min(1.5),
        frames / 4.0,
        share_of_picture.powf(0.45),
        share_of_picture,
        regular,
        skew,
        over,
        format,
        colour.min(1.5),
        (centre_grid[0] / ground.white.max(1.0)).min(1.2),
        least(|s| s.ends),
        mean(|s| s.ends),
        spread_grid,
        rim,
        off_centre,
        aspect.min(1.5),
        (ground.quick_best - quad.quick).clamp(0.0, 1.0),
        region,
        f32::from(quad.bent.is_some()),
        quad.bent.unwrap_or(0.0),
        steadiness.iter().sum::<f32>() / 4.0,
        steadiness.iter().fold(1.0f32, |a, &b| a.min(b)),
        ridge,
        distinct,
        rim_density(-INNER),
        rim_density(INNER),
        print,
        ground.density.mean,
        print_along,
        around_along,
        nested.outer,
        nested.inner,
        f32::from(quad.guessed),
        1.0,
    ]
}

/// Share of the edges inside, and of those just outside, that run along the sides: print lies square on its own sheet.
fn runs_along(directions: &Directions, q: &[[f32; 2]; 4]) -> (f32, f32) {
    let mix = |a: [f32; 2], b: [f32; 2], t: f32| [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];
    let way = |a: [f32; 2], b: [f32; 2]| [b[0] - a[0], b[1] - a[1]];
    let (top, low, left, right) = (way(q[0], q[1]), way(q[3], q[2]), way(q[0], q[3]), way(q[1], q[2]));
    let at =
        |u: f32, v: f32| directions.at(mix(mix(q[0], q[1], u), mix(q[3], q[2], u), v), [mix(top, low, v), mix(left, right, u)]);
    let (mut inside, mut around) = (Tally::default(), Tally::default());
    for i in 0..36 {
        let place = |i: usize| 0.1 + 0.8 * i as f32 / 5.0;
        inside.add(at(place(i % 6), place(i / 6)));
    }
    for i in 0..6 {
        let along = (i as f32 + 0.5) / 6.0;
        for (u, v) in [(along, -RIM), (along, 1.0 + RIM), (-RIM, along), (1.0 + RIM, along)] {
            around.add(at(u, v));
        }
    }
    (inside.share(), around.share())
}

/// How far outside, as a share of the side, the edges around a candidate are asked.
const RIM: f32 = 0.12;

/// The most promising other candidate around one, and within it, by how much more promising it is (−1 where there is none).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nested {
    pub outer: f32,
    pub inner: f32,
}

/// For each candidate, those that hold it whole and those that it holds.
pub(crate) fn nested(quads: &[Quad]) -> Vec<Nested> {
    let sizes: Vec<f32> = quads.iter().map(|quad| area(&quad.corners)).collect();
    let mut found = vec![Nested { outer: -1.0, inner: -1.0 }; quads.len()];
    for (i, inner) in quads.iter().enumerate() {
        for (o, outer) in quads.iter().enumerate() {
            let share = sizes[i] / sizes[o].max(1.0);
            if !NESTED.contains(&share) || !holds(&outer.corners, &inner.corners) {
                continue;
            }
            let more = (outer.quick - inner.quick).clamp(-1.0, 1.0);
            found[i].outer = found[i].outer.max(more);
            found[o].inner = found[o].inner.max(-more);
        }
    }
    found
}

/// Share of the area of a candidate that another within it may have: what is larger is the same thing, what is smaller is print.
const NESTED: std::ops::Range<f32> = 0.12..0.93;

/// Do all corners lie inside, or outside by no more than a pixel?
fn holds(outer: &[[f32; 2]; 4], inner: &[[f32; 2]; 4]) -> bool {
    (0..4).all(|s| {
        let (a, b) = (outer[s], outer[(s + 1) % 4]);
        let d = [b[0] - a[0], b[1] - a[1]];
        let slack = -2.0 * (d[0].abs() + d[1].abs());
        inner.iter().all(|p| d[0] * (p[1] - a[1]) - d[1] * (p[0] - a[0]) > slack)
    })
}

/// How far from a side the density of edges beside it is asked, in pixels.
const INNER: f32 = 9.0;

fn mean_of(colours: &[[f32; 3]]) -> [f32; 3] {
    std::array::from_fn(|c| colours.iter().map(|v| v[c]).sum::<f32>() / colours.len().max(1) as f32)
}
