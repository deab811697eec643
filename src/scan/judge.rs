//! Would the town hall send this page back? Measured, with one threshold a question.
//!
//! Light, print, reflections and fingers are told on a small copy, cell by cell ([`cells`]); sharpness at the page's own size on
//! a few spots with print ([`blur`]). Every threshold was set on one set of generated pages and stands or falls on others:
//! docs/performance.md.

mod blur;
mod cells;
mod cut;

use crate::{Corners, Format, Surface};

/// What speaks against a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Issue {
    Dark,
    Bright,
    Blurred,
    Glare,
    CutEdge,
    Fingers,
    Blank,
    Small,
    /// The page was photographed before; only who keeps the earlier ones can tell (see [`crate::twin`]).
    Twice,
}

impl Issue {
    /// Every kind, in the order in which they are reported.
    pub const ALL: [Self; 9] = [
        Self::Dark,
        Self::Bright,
        Self::Blurred,
        Self::Glare,
        Self::CutEdge,
        Self::Fingers,
        Self::Blank,
        Self::Small,
        Self::Twice,
    ];

    /// Stable code by which the texts speak.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Bright => "bright",
            Self::Blurred => "blurred",
            Self::Glare => "glare",
            Self::CutEdge => "cut_edge",
            Self::Fingers => "fingers",
            Self::Blank => "blank",
            Self::Small => "small",
            Self::Twice => "twice",
        }
    }
}

/// How the page lay when it was photographed.
#[derive(Clone, Copy)]
pub enum Seen<'a> {
    /// Within these corners, in pixels of the picture that it was squared from.
    Within { corners: &'a Corners, frame: &'a dyn Surface },
    /// Somewhere in the frame, which was taken whole.
    Nowhere,
    /// The frame itself was wanted, with people or things that have no print and no edges: only its light is judged.
    Whole,
}

/// Everything that speaks against the squared page, in the order of the enum.
#[must_use]
pub fn judge(page: &impl Surface, seen: Seen<'_>) -> Vec<Issue> {
    verdict(page.size(), &measure(page), seen)
}

fn verdict(size: (u32, u32), m: &Measures, seen: Seen<'_>) -> Vec<Issue> {
    let bright = match seen {
        // A desk is no brighter than paper: what burns in a frame is the page.
        Seen::Nowhere => m.burnt > BURNT_SOMEWHERE,
        Seen::Whole => m.burnt > BRIGHT_ABOVE,
        Seen::Within { .. } => m.burnt > BRIGHT_ABOVE || m.glare > 0.0 && m.burnt > BURNT_OUTSIDE_SHADOW,
    };
    if matches!(seen, Seen::Whole) {
        let light = [(m.paper < DARK_BELOW, Issue::Dark), (bright, Issue::Bright)];
        return light.into_iter().filter_map(|(bad, issue)| bad.then_some(issue)).collect();
    }
    let blank = m.print < PRINT_CELLS_MIN;
    // Print without a single edge is print that ran; light that ate the print is said by itself.
    let blurred = !blank && if m.edges < EDGES_MIN { !bright } else { m.sharp < SHARP_ABOVE };
    let checks = [
        (m.paper < DARK_BELOW, Issue::Dark),
        (bright, Issue::Bright),
        (blurred, Issue::Blurred),
        (m.burnt <= BRIGHT_ABOVE && m.glare > GLARE_ABOVE, Issue::Glare),
        (cut::is_cut(seen), Issue::CutEdge),
        (matches!(seen, Seen::Within { .. }) && m.skin >= SKIN_CELLS_MIN, Issue::Fingers),
        (blank, Issue::Blank),
        (size.0.min(size.1) < short_side_min(size), Issue::Small),
    ];
    checks.into_iter().filter_map(|(bad, issue)| bad.then_some(issue)).collect()
}

/// Brightness of the paper (its 80th percentile) under which print is not read any more.
const DARK_BELOW: f32 = 77.0;
/// Share of cells whose paper is burnt out, above which strokes are eaten.
const BRIGHT_ABOVE: f32 = 0.67;
/// The same where paper in a shadow is left, which a reflection does not leave so little of.
const BURNT_OUTSIDE_SHADOW: f32 = 0.2;
/// The same of a whole frame in which the page was not found.
const BURNT_SOMEWHERE: f32 = 0.1;
/// Share of burnt cells that stand out from darker paper.
const GLARE_ABOVE: f32 = 0.002;
/// How many times steeper the page's edges are than after one more blur, in the direction where they are flattest: 1.77 and more
/// at a blur of up to one pixel, 1.60 and less from 1.6 pixels or a movement of seven on (600 generated pages).
const SHARP_ABOVE: f32 = 1.68;
/// Fewer edge points on all spots together, and there is nothing whose sharpness could be measured.
const EDGES_MIN: usize = 40;
/// Fewer cells with print, and the page is blank. The smallest QR code fills nine; a seal alone is no text.
const PRINT_CELLS_MIN: usize = 4;
/// Cells in the colour of skin, joined, that reach in from the page's edge.
const SKIN_CELLS_MIN: usize = 5;

/// Fewest pixels on the short side. A4 at 85 dpi shows 小五 (9 pt) with 10.6 pixels a character, the least that is still read; a
/// card (54 mm) needs 140 dpi for its smaller print; of what has no known format only the plainly unreadable is refused.
fn short_side_min((w, h): (u32, u32)) -> u32 {
    match Format::guess(f64::from(w) / f64::from(h.max(1))) {
        Format::IsoA | Format::Booklet => 700,
        Format::Id1 => 300,
        Format::Free => 330,
    }
}

/// What was measured of a page; public for the tool that sets the thresholds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Measures {
    /// Brightness of the paper, 0–255: the 80th percentile.
    pub paper: f32,
    /// Share of cells whose paper is at 253 or more.
    pub burnt: f32,
    /// Share of burnt cells around which the paper is clearly darker.
    pub glare: f32,
    /// Cells that hold print; red ink does not count.
    pub print: usize,
    /// Points on edges that were found on the spots.
    pub edges: usize,
    /// See [`SHARP_ABOVE`]; 0 where no direction has edges enough.
    pub sharp: f32,
    /// Cells of the largest patch of skin at the page's edge.
    pub skin: usize,
}

/// Measures a squared page.
#[must_use]
pub fn measure(page: &impl Surface) -> Measures {
    let (w, _) = page.size();
    let small = page.fitted(cells::SHORT_SIDE);
    let cells = cells::Cells::of(&small);
    let (edges, sharp) = blur::sharpness(page, w as f32 / small.w as f32, &cells);
    let light = cells.light();
    Measures {
        paper: light.paper,
        burnt: light.burnt,
        glare: light.glare,
        print: cells.printed(),
        edges,
        sharp,
        skin: cells.skin(),
    }
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
