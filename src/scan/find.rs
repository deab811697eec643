//! Finds pages and cards in a picture.
//!
//! The picture is made small ([`planes`]), print is rubbed out, edge points vote for lines ([`lines`]), lines are combined to
//! quadrilaterals ([`quads`]; [`open`] where one side cannot be seen) which are measured and ranked ([`rank`]); the best are fitted to the full picture ([`refine`]), which
//! ranks them once more; a side on the rim of the sheet's shadow goes in to the paper ([`rim`]).
//! Everything along a side is a difference of two prefix sums, so that ten thousand combinations cost a millisecond.

mod density;
mod directions;
mod lines;
mod open;
mod planes;
mod quads;
mod rank;
mod refine;
mod regions;
mod rim;
mod weights;

pub use quads::MEASURES;
pub use rank::{FAR, MEASURES_SECOND, NODES, dot, second_measures, shortlist};
pub use refine::CLOSER;

use crate::square::ordered;
use crate::{Corners, Picture};
use planes::Planes;

/// A page that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// In pixels of the picture, clockwise from the top left.
    pub corners: Corners,
    /// 0 to 1; below [`CONFIDENCE_MIN`] nothing is reported.
    pub confidence: f32,
}

/// What is less certain than this is no page.
pub const CONFIDENCE_MIN: f32 = 0.6;
/// So many pages are told apart in one picture.
const PAGES_MAX: usize = 8;
/// Lines from the print-free planes and from plain brightness.
const LINES_CLEAN: usize = 26;
const LINES_RAW: usize = 14;
/// Candidates that are measured in full.
const CANDIDATES: usize = 80;

/// Pages and cards, best first; nothing on an empty desk.
#[must_use]
pub fn find(picture: &Picture) -> Vec<Found> {
    let ranked: Vec<(Candidate, f32)> =
        ranked(picture, candidates(picture)).into_iter().take_while(|(_, confidence)| *confidence >= CONFIDENCE_MIN).collect();
    let mut chosen: Vec<&(Candidate, f32)> = Vec::new();
    for it in &ranked {
        if chosen.len() == PAGES_MAX {
            break;
        }
        if chosen.iter().all(|other| shared(&it.0.corners, &other.0.corners) < SHARED_MOST) && !spans_two(picture, &it.0, &ranked)
        {
            chosen.push(it);
        }
    }
    chosen
        .into_iter()
        .filter_map(|(candidate, confidence)| {
            let corners = rim::inside(picture, &candidate.corners, candidate.fixed);
            let corners = ordered(refine::refined(picture, &corners, candidate.fixed))?;
            Some(Found { corners, confidence: *confidence })
        })
        .collect()
}

/// Those that were looked at twice, with their confidence, best first; their corners are where the full picture has them.
fn ranked(picture: &Picture, candidates: Vec<Candidate>) -> Vec<(Candidate, f32)> {
    let scores: Vec<f32> = candidates.iter().map(rank::first).collect();
    let places: Vec<(Corners, [bool; 4])> = candidates.iter().map(|it| (it.corners, it.fixed)).collect();
    let best = scores.iter().copied().fold(f32::MIN, f32::max);
    let mut ranked: Vec<(Candidate, f32)> = rank::shortlist(&places, &scores)
        .into_iter()
        .map(|i| {
            let (measures, corners) = look_closer(picture, &candidates[i]);
            let odds = rank::second(&rank::second_measures(&candidates[i].measures, &measures, scores[i], best));
            (Candidate { corners, ..candidates[i].clone() }, 1.0 / (1.0 + (-odds).exp()))
        })
        .collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranked
}

/// What the full picture shows of a candidate, and where its corners come to lie. Public for the tool that trains the ranking.
#[must_use]
pub fn look_closer(picture: &Picture, candidate: &Candidate) -> ([f32; CLOSER], Corners) {
    let closer = refine::closer(picture, &candidate.corners, candidate.fixed);
    (closer.measures, closer.corners)
}

/// Two pages may lie on each other by this share of the smaller one; a portrait on a card is no page of its own.
const SHARED_MOST: f32 = 0.25;

/// Common area as a share of the smaller one's.
fn shared(a: &Corners, b: &Corners) -> f32 {
    let (u, v, both) = (quads::area(a), quads::area(b), overlap(a, b));
    both / (1.0 + both) * (u + v) / u.min(v).max(1.0)
}

/// Two sheets side by side have one outline too. It is not taken where two sure candidates inside it lie apart, fill most of it,
/// and leave a gap that shows the desk: halves of a folded sheet meet.
fn spans_two(picture: &Picture, outer: &Candidate, ranked: &[(Candidate, f32)]) -> bool {
    let size = quads::area(&outer.corners);
    let inside: Vec<(&Candidate, f32)> = ranked
        .iter()
        .filter(|(_, confidence)| *confidence > 0.9)
        .filter_map(|(inner, _)| {
            let share = quads::area(&inner.corners) / size;
            // Of what lies wholly inside, the overlap is its share of the outer one.
            let contained = overlap(&outer.corners, &inner.corners) > 0.97 * share;
            (contained && (0.25..0.62).contains(&share)).then_some((inner, share))
        })
        .collect();
    inside.iter().enumerate().any(|(i, (a, share))| {
        inside[i + 1..].iter().any(|(b, other)| {
            overlap(&a.corners, &b.corners) < 0.01
                && (0.6..0.97).contains(&(share + other))
                && gap_differs(picture, &a.corners, &b.corners)
        })
    })
}

/// On the way from the middle of one to the middle of the other: is what lies between them of another brightness?
fn gap_differs(picture: &Picture, a: &Corners, b: &Corners) -> bool {
    let middle = |q: &Corners| [0, 1].map(|c| q.iter().map(|p| p[c]).sum::<f32>() / 4.0);
    let within = |q: &Corners, p: [f32; 2]| {
        (0..4).all(|i| {
            let (u, v) = (q[i], q[(i + 1) % 4]);
            (v[0] - u[0]) * (p[1] - u[1]) - (v[1] - u[1]) * (p[0] - u[0]) > 0.0
        })
    };
    let (from, to) = (middle(a), middle(b));
    let (mut sheet, mut gap) = ((0.0f32, 0.0f32), (0.0f32, 0.0f32));
    for i in 0..=200 {
        let t = i as f32 / 200.0;
        let p = [from[0] + (to[0] - from[0]) * t, from[1] + (to[1] - from[1]) * t];
        let (x, y) = (p[0].clamp(0.0, picture.w as f32 - 1.0) as u32, p[1].clamp(0.0, picture.h as f32 - 1.0) as u32);
        let v = picture.at(x, y).iter().map(|&v| f32::from(v)).sum::<f32>() / 3.0;
        let sum = if within(a, p) || within(b, p) { &mut sheet } else { &mut gap };
        *sum = (sum.0 + v, sum.1 + 1.0);
    }
    gap.1 >= 3.0 && (gap.0 / gap.1 - sheet.0 / sheet.1.max(1.0)).abs() > 40.0
}

/// A quadrilateral that may be a page, before ranking. Public for the tool that trains the ranking.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// In pixels of the picture, not yet refined.
    pub corners: Corners,
    pub measures: [f32; MEASURES],
    /// Sides that no edge can make more exact: the picture's own, and bent ones.
    pub fixed: [bool; 4],
}

/// All candidates of a picture, in no useful order.
#[must_use]
pub fn candidates(picture: &Picture) -> Vec<Candidate> {
    if picture.w < 32 || picture.h < 32 {
        return Vec::new();
    }
    let planes = Planes::new(picture);
    let (w, h) = (planes.w, planes.h);
    let smooth = planes.luma.smoothed();
    let closed = smooth.closed((w.max(h) / 160).max(2));
    let (blue, red) = (planes.blue.smoothed(), planes.red.smoothed());
    let clean = planes::edges(&[(&closed, 1), (&blue, 2), (&red, 2)], FLOOR_CLEAN);
    let raw = planes::edges(&[(&smooth, 1)], FLOOR_RAW);
    let mut lines = lines::lines(&clean, &raw, LINES_CLEAN, LINES_RAW);
    lines.extend(lines::Line::of_frame(w, h));
    let mut quads = quads::quads(&lines, w, h, CANDIDATES);
    quads.extend(open::open(&clean, &raw, &mut lines));
    let regions = regions::regions(&closed, &blue, &red);
    for region in &regions {
        let outline = &region.corners;
        let side = |i: usize| {
            let (a, b) = (outline[i], outline[(i + 1) % 4]);
            let line = if region.bent { lines::exactly(a, b) } else { lines::drawn(&clean, a, b) };
            line.map(|line| lines::profile(&clean, &raw, line))
        };
        let sides: Vec<lines::Line> = (0..4).filter_map(side).collect();
        if sides.len() == 4 {
            let first = lines.len();
            let corner = |i: usize| sides[(i + 3) % 4].crossing(&sides[i]).unwrap_or(outline[i]);
            let corners = if region.bent { *outline } else { [0, 1, 2, 3].map(corner) };
            lines.extend(sides);
            let bent = region.bent.then_some(region.fill);
            let mut quad = quads::Quad { sides: [0, 1, 2, 3].map(|i| first + i), corners, quick: 0.0, bent, guessed: false };
            quad.quick = quads::guess(&lines, &quad, w, h);
            quads.push(quad);
        }
    }
    let density = density::Density::new(&raw);
    let directions = directions::Directions::new(&raw);
    let nested = quads::nested(&quads);
    let ground = quads::Ground {
        planes: &planes,
        closed: &closed,
        white: white(&closed),
        density: &density,
        directions: &directions,
        regions: &regions,
        quick_best: quads.iter().map(|quad| quad.quick).fold(0.0, f32::max),
    };
    quads
        .into_iter()
        .zip(nested)
        .map(|(quad, nested)| Candidate {
            corners: quad.corners.map(|corner| planes.to_original(corner)),
            measures: quads::measure(&ground, &lines, &quad, nested),
            fixed: quad.sides.map(|side| lines[side].frame || quad.bent.is_some()),
        })
        .collect()
}

/// Brightness that 95 % of a plane stay below.
fn white(plane: &planes::Plane) -> f32 {
    let mut histogram = [0usize; 256];
    for &v in &plane.data {
        histogram[usize::from(v)] += 1;
    }
    let mut below = 0;
    let level = histogram.iter().position(|&n| {
        below += n;
        below * 20 >= plane.data.len() * 19
    });
    level.unwrap_or(255) as f32
}

/// A candidate's corners as they would be reported. For the tool that trains the ranking.
#[must_use]
pub fn refine_corners(picture: &Picture, candidate: &Candidate) -> Option<Corners> {
    let closer = refine::closer(picture, &candidate.corners, candidate.fixed);
    ordered(refine::refined(picture, &closer.corners, candidate.fixed))
}

/// Weakest slope that is an edge, both directions added, in Sobel units (a step of one grey level is four): on a smooth picture,
/// and on one that is grain all over.
const FLOOR_CLEAN: std::ops::RangeInclusive<u16> = 12..=32;
const FLOOR_RAW: std::ops::RangeInclusive<u16> = 14..=24;

/// Intersection over union of two convex quadrilaterals.
#[must_use]
pub fn overlap(a: &Corners, b: &Corners) -> f32 {
    let mut inside: Vec<[f32; 2]> = a.to_vec();
    for i in 0..4 {
        let (p, q) = (b[i], b[(i + 1) % 4]);
        let side = |r: [f32; 2]| (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]);
        let mut cut = Vec::with_capacity(inside.len() + 2);
        for j in 0..inside.len() {
            let (r, s) = (inside[j], inside[(j + 1) % inside.len()]);
            let (sr, ss) = (side(r), side(s));
            if sr >= 0.0 {
                cut.push(r);
            }
            if (sr >= 0.0) != (ss >= 0.0) {
                let t = sr / (sr - ss);
                cut.push([r[0] + t * (s[0] - r[0]), r[1] + t * (s[1] - r[1])]);
            }
        }
        inside = cut;
        if inside.is_empty() {
            return 0.0;
        }
    }
    let n = inside.len();
    let both: f32 =
        (0..n).map(|i| inside[i][0] * inside[(i + 1) % n][1] - inside[(i + 1) % n][0] * inside[i][1]).sum::<f32>() / 2.0;
    let all = quads::area(a) + quads::area(b) - both;
    if all > 0.0 { (both / all).clamp(0.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
#[path = "find_tests.rs"]
mod tests;
