//! Straight lines: where many edge points agree, with a record of where along the line they stand.

use super::planes::{Edge, Edges};

const TURNS: usize = 256;
/// A point votes for its own direction and as many 256ths to each side: Sobel on a blurred edge is good to 3°.
const SPREAD: i32 = 3;
/// How far off the line, in pixels, a point may be and still speak for it: paper is never flat.
const REACH: f32 = 2.3;
/// How far the slope at a point may differ from the line's, in 256ths (17°).
const AGREE: i32 = 12;

/// A line `x · nx + y · ny = rho` and what stands along it. Sums are indexed by x where the line is nearer to horizontal,
/// otherwise by y; `pos` counts points whose bright side is where the normal points, `neg` the others.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub nx: f32,
    pub ny: f32,
    pub rho: f32,
    /// Indexed by x.
    pub flat: bool,
    /// Edge of the picture itself, not of a thing in it.
    pub frame: bool,
    /// Prefix sums: points on the print-free planes.
    pub pos: Vec<u16>,
    pub neg: Vec<u16>,
    /// Prefix sums: points on the plain brightness, either polarity.
    pub raw: Vec<u16>,
    /// Prefix sums of strength, either polarity, each capped.
    pub strong: Vec<u32>,
}

impl Line {
    pub(crate) fn index(&self, p: [f32; 2]) -> f32 {
        if self.flat { p[0] } else { p[1] }
    }

    pub(crate) fn crossing(&self, other: &Self) -> Option<[f32; 2]> {
        let den = self.nx * other.ny - self.ny * other.nx;
        if den.abs() < 0.3 {
            return None;
        }
        Some([(self.rho * other.ny - other.rho * self.ny) / den, (other.rho * self.nx - self.rho * other.nx) / den])
    }

    /// The sides of the picture.
    pub(crate) fn of_frame(w: usize, h: usize) -> [Self; 4] {
        [(0.0, 1.0, 0.0), (0.0, 1.0, h as f32 - 1.0), (1.0, 0.0, 0.0), (1.0, 0.0, w as f32 - 1.0)].map(|(nx, ny, rho)| {
            let n = if ny > 0.5 { w } else { h } + 1;
            let none = vec![0u16; n];
            Self { nx, ny, rho, flat: ny > 0.5, frame: true, pos: none.clone(), neg: none.clone(), raw: none, strong: vec![0; n] }
        })
    }
}

/// Share of `[a, b]` that a prefix sum covers.
#[inline]
pub(crate) fn share(sums: &[u16], a: f32, b: f32) -> f32 {
    let (a, b) = if a < b { (a, b) } else { (b, a) };
    let last = sums.len() - 1;
    let (i, j) = ((a.max(0.0) as usize).min(last), (b.max(0.0) as usize).min(last));
    f32::from(sums[j] - sums[i]) / (b - a).max(1.0)
}

/// The lines that most points agree on, strongest first, at most `most` of each map.
pub(crate) fn lines(clean: &Edges, raw: &Edges, most_clean: usize, most_raw: usize) -> Vec<Line> {
    let mut found: Vec<Line> = Vec::with_capacity(most_clean + most_raw);
    for (edges, most) in [(clean, most_clean), (raw, most_raw)] {
        let mut taken = 0;
        for peak in peaks(edges, most * 3) {
            if taken == most {
                break;
            }
            let Some((nx, ny, rho)) = fit(edges, peak) else { continue };
            let (cx, cy) = (edges.w as f32 / 2.0, edges.h as f32 / 2.0);
            let twin = found.iter().any(|line| {
                let cos = line.nx * nx + line.ny * ny;
                // The same line may come with its normal the other way round.
                let (a, b) = (line.rho - line.nx * cx - line.ny * cy, rho - nx * cx - ny * cy);
                cos.abs() > 0.9995 && (a - cos.signum() * b).abs() < 2.5
            });
            if !twin {
                found.push(profile(clean, raw, nx, ny, rho));
                taken += 1;
            }
        }
    }
    found
}

/// The line through two points, drawn to where the edge points near it agree, with its record.
pub(crate) fn through(clean: &Edges, raw: &Edges, a: [f32; 2], b: [f32; 2]) -> Option<Line> {
    let d = [b[0] - a[0], b[1] - a[1]];
    let length = d[0].hypot(d[1]);
    if length < 8.0 {
        return None;
    }
    // Inwards of a clockwise outline; most things are brighter than their desk, so that polarity is tried first.
    let (nx, ny) = (-d[1] / length, d[0] / length);
    let rho = nx * a[0] + ny * a[1];
    let fitted = fit_from(clean, nx, ny, rho).or_else(|| fit_from(clean, -nx, -ny, -rho));
    let (nx, ny, rho) = fitted.unwrap_or((nx, ny, rho));
    Some(profile(clean, raw, nx, ny, rho))
}

/// The line through two points as they are, with its record: a bent side has no better one.
pub(crate) fn exactly(clean: &Edges, raw: &Edges, a: [f32; 2], b: [f32; 2]) -> Option<Line> {
    let d = [b[0] - a[0], b[1] - a[1]];
    let length = d[0].hypot(d[1]);
    let (nx, ny) = (-d[1] / length, d[0] / length);
    (length >= 8.0).then(|| profile(clean, raw, nx, ny, nx * a[0] + ny * a[1]))
}

#[derive(Clone, Copy)]
struct Peak {
    turn: usize,
    rho: i32,
    votes: u32,
}

/// Hough transform over the full turn, so that a bright-to-dark edge and a dark-to-bright one beside it stay apart.
fn peaks(edges: &Edges, most: usize) -> Vec<Peak> {
    let reach = (edges.w as f32).hypot(edges.h as f32).ceil() as usize / 2 + 2;
    let width = 2 * reach + 1;
    let mut votes = vec![0u16; TURNS * width];
    let (cx, cy) = (edges.w as f32 / 2.0, edges.h as f32 / 2.0);
    let table: Vec<(f32, f32)> = (0..TURNS)
        .map(|i| {
            let angle = i as f32 * std::f32::consts::TAU / TURNS as f32;
            (angle.cos(), angle.sin())
        })
        .collect();
    for Edge { x, y, turn, .. } in &edges.list {
        let (x, y) = (x - cx, y - cy);
        for step in -SPREAD..=SPREAD {
            let i = (i32::from(*turn) + step) as usize & (TURNS - 1);
            let (c, s) = table[i];
            let r = (x * c + y * s + reach as f32 + 0.5) as usize;
            votes[i * width + r] += 1;
        }
    }
    // Three neighbouring distances count together; then only the highest in its neighbourhood stands.
    let lowest = (edges.w.min(edges.h) / 12).max(12) as u32;
    let mut candidates = Vec::new();
    let at = |i: usize, r: usize| {
        let row = &votes[i * width..];
        u32::from(row[r - 1]) + u32::from(row[r]) + u32::from(row[r + 1])
    };
    for i in 0..TURNS {
        for r in 2..width - 2 {
            if u32::from(votes[i * width + r]) * 3 < lowest {
                continue;
            }
            let here = at(i, r);
            if here >= lowest {
                candidates.push(Peak { turn: i, rho: r as i32 - reach as i32, votes: here });
            }
        }
    }
    candidates.sort_unstable_by_key(|peak| (std::cmp::Reverse(peak.votes), peak.turn, peak.rho));
    let mut chosen: Vec<Peak> = Vec::with_capacity(most);
    for peak in candidates {
        if chosen.len() == most {
            break;
        }
        let near = |other: &Peak| {
            let turn = (peak.turn as i32 - other.turn as i32).rem_euclid(256);
            let turn = turn.min(256 - turn);
            turn <= 4 && (peak.rho - other.rho).abs() <= 4 + turn * 4
        };
        if !chosen.iter().any(near) {
            chosen.push(peak);
        }
    }
    chosen
}

/// Least squares through the points that agree, twice, so that the second round drops what the first one's tilt let in.
fn fit(edges: &Edges, peak: Peak) -> Option<(f32, f32, f32)> {
    let (cx, cy) = (edges.w as f32 / 2.0, edges.h as f32 / 2.0);
    let angle = peak.turn as f32 * std::f32::consts::TAU / TURNS as f32;
    let (nx, ny) = (angle.cos(), angle.sin());
    fit_from(edges, nx, ny, peak.rho as f32 + nx * cx + ny * cy)
}

fn fit_from(edges: &Edges, mut nx: f32, mut ny: f32, mut rho: f32) -> Option<(f32, f32, f32)> {
    for reach in [4.0f32, 2.0] {
        let turn = i32::from(super::planes::turn_of(nx, ny));
        let (mut n, mut sx, mut sy, mut sxx, mut sxy, mut syy) = (0.0f64, 0.0f64, 0.0f64, 0.0f64, 0.0f64, 0.0f64);
        for edge in edges.about(turn, AGREE) {
            if (nx * edge.x + ny * edge.y - rho).abs() > reach {
                continue;
            }
            let (x, y) = (f64::from(edge.x), f64::from(edge.y));
            n += 1.0;
            sx += x;
            sy += y;
            sxx += x * x;
            sxy += x * y;
            syy += y * y;
        }
        if n < 10.0 {
            return None;
        }
        let (mx, my) = (sx / n, sy / n);
        let (vxx, vxy, vyy) = (sxx / n - mx * mx, sxy / n - mx * my, syy / n - my * my);
        // Direction of least spread.
        let theta = 0.5 * (2.0 * vxy).atan2(vxx - vyy) + std::f64::consts::FRAC_PI_2;
        let (mut ax, mut ay) = (theta.cos() as f32, theta.sin() as f32);
        if ax * nx + ay * ny < 0.0 {
            (ax, ay) = (-ax, -ay);
        }
        if ax * nx + ay * ny < 0.99 {
            return None;
        }
        (nx, ny) = (ax, ay);
        rho = (f64::from(nx) * mx + f64::from(ny) * my) as f32;
    }
    Some((nx, ny, rho))
}

/// The record of a line.
fn profile(clean: &Edges, raw: &Edges, nx: f32, ny: f32, rho: f32) -> Line {
    let flat = ny.abs() >= nx.abs();
    let n = if flat { clean.w } else { clean.h };
    let mut marks = vec![(false, false, false, 0u8); n];
    let turn = i32::from(super::planes::turn_of(nx, ny));
    let on_line = |edge: &&Edge| (nx * edge.x + ny * edge.y - rho).abs() <= REACH;
    let index = |edge: &Edge| if flat { edge.x } else { edge.y } as usize;
    for edge in clean.about(turn, AGREE).filter(on_line) {
        let mark = &mut marks[index(edge)];
        (mark.0, mark.3) = (true, mark.3.max(edge.strength));
    }
    for edge in clean.about(turn + 128, AGREE).filter(on_line) {
        let mark = &mut marks[index(edge)];
        (mark.1, mark.3) = (true, mark.3.max(edge.strength));
    }
    for edge in raw.about(turn, AGREE).chain(raw.about(turn + 128, AGREE)).filter(on_line) {
        marks[index(edge)].2 = true;
    }
    let mut line = Line {
        nx,
        ny,
        rho,
        flat,
        frame: false,
        pos: Vec::with_capacity(n + 1),
        neg: Vec::with_capacity(n + 1),
        raw: Vec::with_capacity(n + 1),
        strong: Vec::with_capacity(n + 1),
    };
    let (mut p, mut q, mut r, mut s) = (0u16, 0u16, 0u16, 0u32);
    for mark in marks {
        line.pos.push(p);
        line.neg.push(q);
        line.raw.push(r);
        line.strong.push(s);
        p += u16::from(mark.0);
        q += u16::from(mark.1);
        r += u16::from(mark.2);
        s += u32::from(mark.3.min(60));
    }
    line.pos.push(p);
    line.neg.push(q);
    line.raw.push(r);
    line.strong.push(s);
    line
}
