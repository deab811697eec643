//! Sheets of which one side cannot be seen: it lies on paper of its own colour, under a lamp's mirror image or a hand. Three sides
//! are there, and the two of them that have no common corner end where the fourth must be.

use super::lines::{Line, drawn, exactly, profile, share};
use super::planes::Edges;
use super::quads::{Quad, SIDE_MIN, area, guess, shapely};

/// So many sets of three sides are completed.
const MOST: usize = 10;
/// A side may be interrupted, by print or a pen, for so many pixels.
const GAP: usize = 12;
/// Share of the middle side, and of each run along the two others, that shows an edge.
const SEEN_MIN: f32 = 0.6;
/// Nearer than this, in pixels, the fourth side is one that was seen.
const SEEN_NEAR: f32 = 4.0;
/// Length of a sheet by its width: paper of the A row, ID cards; either way round.
const RATIOS: [f32; 4] = [std::f32::consts::SQRT_2, std::f32::consts::FRAC_1_SQRT_2, 1.586, 0.631];

/// For each place along a line, how far its edge goes on upwards and downwards.
struct Runs {
    up: Vec<u16>,
    down: Vec<u16>,
}

impl Runs {
    fn new(line: &Line) -> Self {
        let n = line.pos.len() - 1;
        let marked = |t: usize| line.pos[t + 1] > line.pos[t] || line.neg[t + 1] > line.neg[t];
        let reach = |order: &mut dyn Iterator<Item = usize>| {
            let mut ends = vec![0u16; n];
            // The last marked place that was passed, and how far one gets from it.
            let mut last: Option<(usize, u16)> = None;
            for t in order {
                let end = match last {
                    Some((at, end)) if at.abs_diff(t) <= GAP => end,
                    _ => t as u16,
                };
                ends[t] = end;
                if marked(t) {
                    last = Some((t, end));
                }
            }
            ends
        };
        Self { up: reach(&mut (0..n).rev()), down: reach(&mut (0..n)) }
    }

    /// Where the edge ends that starts at `from`.
    fn end(&self, from: f32, upwards: bool) -> Option<f32> {
        let at = (from.max(0.0) as usize).min(self.up.len().checked_sub(1)?);
        Some(f32::from(if upwards { self.up[at] } else { self.down[at] }))
    }
}

/// Three sides: the middle one and the two that leave its ends, with where these end.
struct Open {
    lines: [usize; 3],
    /// Where the middle side meets the two others.
    corners: [[f32; 2]; 2],
    ends: [[f32; 2]; 2],
    score: f32,
}

/// Quadrilaterals whose fourth side is a guess. New lines are added to `lines`.
pub(crate) fn open(clean: &Edges, raw: &Edges, lines: &mut Vec<Line>) -> Vec<Quad> {
    let (w, h) = (clean.w, clean.h);
    let mut quads = Vec::new();
    for it in opens(lines, w, h) {
        let [middle, left, right] = it.lines;
        let [p, q] = it.corners;
        let along = |from: [f32; 2], to: [f32; 2]| {
            let d = [to[0] - from[0], to[1] - from[1]];
            let length = d[0].hypot(d[1]).max(1.0);
            ([d[0] / length, d[1] / length], length)
        };
        let ((b, long_b), (c, long_c), (_, wide)) = (along(p, it.ends[0]), along(q, it.ends[1]), along(p, q));
        let at = |s: f32, t: f32| [[p[0] + b[0] * s, p[1] + b[1] * s], [q[0] + c[0] * t, q[1] + c[1] * t]];
        let even = |s: f32| at(s, s);
        let mut fourths = vec![it.ends];
        if (long_b - long_c).abs() > 0.04 * wide {
            fourths.extend([even(long_b), even(long_c)]);
        }
        // A known format where the ends are near it, or beyond what can be seen of them.
        let long = long_b.max(long_c);
        fourths.extend(RATIOS.iter().map(|ratio| wide * ratio).filter(|l| (0.85 * long..1.6 * long).contains(l)).map(even));
        for [end_p, end_q] in fourths {
            // Clockwise, whichever way the middle side was taken.
            let turned = area(&[p, q, end_q, end_p]) < 0.0;
            let (from, to) = if turned { (end_p, end_q) } else { (end_q, end_p) };
            for line in [drawn(clean, from, to), exactly(from, to)].into_iter().flatten() {
                let (Some(at_p), Some(at_q)) = (lines[left].crossing_of(line), lines[right].crossing_of(line)) else { continue };
                let fourth = lines.len();
                let (corners, sides) = if turned {
                    ([q, p, at_p, at_q], [middle, left, fourth, right])
                } else {
                    ([p, q, at_q, at_p], [middle, right, fourth, left])
                };
                let inside = |c: &[f32; 2]| c[0] > -2.0 && c[1] > -2.0 && c[0] < w as f32 + 2.0 && c[1] < h as f32 + 2.0;
                let twin = quads.iter().any(|quad: &Quad| {
                    quad.corners.iter().all(|c| corners.iter().any(|d| (c[0] - d[0]).abs() + (c[1] - d[1]).abs() < 3.0))
                });
                if twin || !corners.iter().all(inside) || !shapely(&corners, SIDE_MIN * w.min(h) as f32) {
                    continue;
                }
                lines.push(profile(clean, raw, line));
                let mut quad = Quad { sides, corners, quick: 0.0, bent: None, guessed: true };
                quad.quick = guess(lines, &quad, w, h);
                quads.push(quad);
            }
        }
    }
    quads
}

/// The most promising sets of three sides.
fn opens(lines: &[Line], w: usize, h: usize) -> Vec<Open> {
    let (wf, hf) = (w as f32, h as f32);
    let least = SIDE_MIN * wf.min(hf);
    let runs: Vec<Runs> = lines.iter().map(Runs::new).collect();
    let inside = |p: &[f32; 2]| p[0] >= 0.0 && p[1] >= 0.0 && p[0] < wf && p[1] < hf;
    let mut found: Vec<Open> = Vec::new();
    for (m, middle) in lines.iter().enumerate().filter(|(_, line)| !line.frame) {
        // Lines that leave the middle one, each with where it does, and how far it goes to either side.
        let mut leaving: Vec<(usize, [f32; 2], bool, [f32; 2])> = Vec::new();
        for (i, line) in lines.iter().enumerate().filter(|(i, line)| *i != m && !line.frame) {
            let Some(p) = middle.crossing(line).filter(inside) else { continue };
            for upwards in [false, true] {
                let from = line.index(p);
                let Some(end) = runs[i].end(from, upwards) else { continue };
                if (end - from).abs() < least || both(line, from, end) < SEEN_MIN {
                    continue;
                }
                let e = if line.flat {
                    [end, (line.rho - line.nx * end) / line.ny]
                } else {
                    [(line.rho - line.ny * end) / line.nx, end]
                };
                // Which side of the middle line it leaves to.
                let beyond = middle.nx * e[0] + middle.ny * e[1] > middle.rho;
                leaving.push((i, p, beyond, e));
            }
        }
        for (i, (left, p, side, end_p)) in leaving.iter().enumerate() {
            for (right, q, other_side, end_q) in &leaving[i + 1..] {
                let (u, v) = (&lines[*left], &lines[*right]);
                if side != other_side || left == right || (u.nx * v.nx + u.ny * v.ny).abs() < 0.8 {
                    continue;
                }
                let wide = (p[0] - q[0]).hypot(p[1] - q[1]);
                let seen = both(middle, middle.index(*p), middle.index(*q));
                if wide < least || seen < SEEN_MIN {
                    continue;
                }
                let (long, short) = {
                    let (a, b) = ((p[0] - end_p[0]).hypot(p[1] - end_p[1]), (q[0] - end_q[0]).hypot(q[1] - end_q[1]));
                    (a.max(b), a.min(b))
                };
                // Where one of them runs on for longer, something else begins.
                if short < 0.4 * long {
                    continue;
                }
                let size = area(&[*p, *q, *end_q, *end_p]).abs() / (wf * hf);
                let runs = both(u, u.index(*p), u.index(*end_p)) + both(v, v.index(*q), v.index(*end_q));
                let score = seen + 0.5 * runs + 0.6 * size.powf(0.45) + 0.5 * short / long;
                let closed = lines.iter().any(|line| {
                    let off = |e: &[f32; 2]| (line.nx * e[0] + line.ny * e[1] - line.rho).abs();
                    !line.frame && off(end_p) < SEEN_NEAR && off(end_q) < SEEN_NEAR
                });
                if !closed {
                    found.push(Open { lines: [m, *left, *right], corners: [*p, *q], ends: [*end_p, *end_q], score });
                }
            }
        }
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    found.truncate(MOST);
    found
}

/// Share of a stretch of a line that shows an edge of either polarity.
fn both(line: &Line, from: f32, to: f32) -> f32 {
    (share(&line.pos, from, to) + share(&line.neg, from, to)).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::super::lines::lines;
    use super::super::planes::{Plane, edges};
    use super::*;

    /// A sheet on a darker desk; under a lamp's mirror image neither shows.
    fn under_a_lamp(lamp: Option<[f32; 2]>) -> (Edges, Vec<Line>) {
        let (w, h) = (320usize, 240usize);
        let at = |x: usize, y: usize| {
            let lit = lamp.is_some_and(|c| ((x as f32 - c[0]) / 88.0).hypot((y as f32 - c[1]) / 30.0) < 1.0);
            if lit || ((60..240).contains(&x) && (50..180).contains(&y)) { 220 } else { 60 }
        };
        let data = (0..h).flat_map(|y| (0..w).map(move |x| (x, y))).map(|(x, y)| at(x, y)).collect();
        let clean = edges(&[(&Plane { w, h, data }, 1)], 20..=20);
        let found = lines(&clean, &clean, 26, 0);
        (clean, found)
    }

    const SHEET: [[f32; 2]; 4] = [[60.0, 50.0], [240.0, 50.0], [240.0, 180.0], [60.0, 180.0]];

    #[test]
    fn the_side_under_a_lamp_is_where_its_neighbours_end() {
        let (clean, mut lines) = under_a_lamp(Some([150.0, 180.0]));
        let before = lines.len();
        let quads = open(&clean, &clean, &mut lines);
        let best = quads.iter().map(|quad| super::super::overlap(&quad.corners, &SHEET)).fold(0.0f32, f32::max);
        assert!(best > 0.97, "{best} of {} quadrilaterals", quads.len());
        assert!(quads.iter().all(|quad| quad.guessed && area(&quad.corners) > 0.0), "clockwise, and said to be guesses");
        assert!(quads.iter().flat_map(|quad| quad.sides).all(|side| side < lines.len()) && lines.len() > before);
    }

    #[test]
    fn where_all_four_sides_are_seen_none_is_guessed_at_their_ends() {
        let (clean, mut lines) = under_a_lamp(None);
        let quads = open(&clean, &clean, &mut lines);
        let same = quads.iter().filter(|quad| super::super::overlap(&quad.corners, &SHEET) > 0.97).count();
        assert_eq!(same, 0, "{quads:?}");
    }
}
