//! Would the town hall send this page back? Measured, with one threshold a question.

use crate::{Corners, Format, Picture};

/// What speaks against a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Issue {
    Dark,
    Bright,
    Blurred,
    Glare,
    CutEdge,
    Blank,
    Small,
}

impl Issue {
    /// Stable code by which the texts speak.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Bright => "bright",
            Self::Blurred => "blurred",
            Self::Glare => "glare",
            Self::CutEdge => "cut_edge",
            Self::Blank => "blank",
            Self::Small => "small",
        }
    }
}

/// Where the page lay when it was photographed.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// `None` when no page was found and the frame was taken whole.
    pub corners: Option<&'a Corners>,
    /// Size of the frame in pixels.
    pub frame: (u32, u32),
}

/// Everything that speaks against the squared page, in the order of the enum.
#[must_use]
pub fn judge(page: &Picture, seen: Option<Seen<'_>>) -> Vec<Issue> {
    let mut issues = Vec::new();
    let measures = measure(page);
    let dark = measures.paper < DARK_BELOW;
    let bright = measures.burnt > BRIGHT_ABOVE;
    let blank = measures.ink < INK_ABOVE;
    let checks = [
        (dark, Issue::Dark),
        (bright, Issue::Bright),
        // Without light or print sharpness cannot be told; one complaint is enough.
        (!dark && !bright && !blank && measures.sharp < SHARP_ABOVE, Issue::Blurred),
        (!bright && measures.glare > GLARE_ABOVE, Issue::Glare),
        (seen.is_some_and(|seen| touches_frame(&seen)), Issue::CutEdge),
        (!dark && !bright && blank, Issue::Blank),
        (page.w.min(page.h) < short_side_min(page), Issue::Small),
    ];
    issues.extend(checks.into_iter().filter_map(|(bad, issue)| bad.then_some(issue)));
    issues
}

/// Brightness of the paper (its 80th percentile) under which print is not read any more.
const DARK_BELOW: f32 = 78.0;
/// Share of burnt-out pixels above which strokes are eaten.
const BRIGHT_ABOVE: f32 = 0.5;
/// Fewest pixels on the short side. A4 at 100 dpi shows print of 9 pt with 12 pixels a character; a card (54 mm) needs 160 dpi for
/// its smaller print; of what has no known format only the plainly unreadable is refused.
fn short_side_min(page: &Picture) -> u32 {
    match Format::guess(f64::from(page.w) / f64::from(page.h.max(1))) {
        Format::IsoA | Format::Booklet => 830,
        Format::Id1 => 340,
        Format::Free => 400,
    }
}

/// Steepest slope over contrast; the inverse is the width of a stroke's edge in pixels.
const SHARP_ABOVE: f32 = 0.212;
/// Share of cells with print under which a page is blank.
const INK_ABOVE: f32 = 0.004;
/// Share of burnt pixels that stand out from darker paper.
const GLARE_ABOVE: f32 = 0.004;

/// What was measured of a page; public for the tool that sets the thresholds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Measures {
    /// Brightness of the paper, 0–255: the 80th percentile.
    pub paper: f32,
    /// Share of pixels at 253 or more.
    pub burnt: f32,
    /// Share of burnt pixels, where the paper around them is not nearly burnt itself.
    pub glare: f32,
    /// Share of cells that hold print.
    pub ink: f32,
    /// Steepest slope over contrast where print stands, 0 where there is none.
    pub sharp: f32,
}

/// Cells are this many pixels of the small page wide.
const CELL: usize = 12;
/// Outer part of the page that is not looked at: a strip of desk or shadow is no print.
const MARGIN: f32 = 0.04;
/// Places where sharpness is measured, and their side in pixels of the page.
const SPOTS: usize = 12;
const SPOT: u32 = 96;

/// Measures a squared page. Brightness and print on a small copy, sharpness at full size on the spots with most print.
#[must_use]
pub fn measure(page: &Picture) -> Measures {
    let n = (page.w.max(page.h) / 700).max(1);
    let grey = page.shrunk(n).to_luma();
    let mut histogram = [0u32; 256];
    for &v in &grey.data {
        histogram[usize::from(v)] += 1;
    }
    let total = grey.data.len().max(1) as f32;
    let mut below = 0;
    let paper = histogram.iter().position(|&count| {
        below += count;
        below as f32 >= 0.8 * total
    });
    let paper = paper.unwrap_or(255) as f32;
    let burnt = histogram[253..].iter().sum::<u32>() as f32 / total;
    let cells = cells(&grey);
    let inked = cells.iter().filter(|cell| cell.contrast > 0.16).count();
    let mut best: Vec<&Cell> = cells.iter().filter(|cell| cell.contrast > 0.16).collect();
    best.sort_by(|a, b| b.contrast.total_cmp(&a.contrast));
    let mut sharpness: Vec<f32> = best
        .iter()
        .step_by((best.len() / (2 * SPOTS)).max(1))
        .take(SPOTS)
        .filter_map(|cell| {
            let side = SPOT.min(page.w).min(page.h);
            let middle = |at: usize, limit: u32| ((at + CELL / 2) as u32 * n).saturating_sub(side / 2).min(limit - side);
            sharp(&page.cropped(middle(cell.x, page.w), middle(cell.y, page.h), side, side).to_luma())
        })
        .collect();
    sharpness.sort_by(f32::total_cmp);
    Measures {
        paper,
        burnt,
        glare: if paper < 238.0 { burnt } else { 0.0 },
        ink: inked as f32 / cells.len().max(1) as f32,
        sharp: sharpness.get(sharpness.len() * 2 / 3).copied().unwrap_or_default(),
    }
}

struct Cell {
    x: usize,
    y: usize,
    /// (bright − dark) / bright, of the cell's tenth-highest and tenth-lowest part.
    contrast: f32,
}

fn cells(grey: &Picture) -> Vec<Cell> {
    let (w, h) = (grey.w as usize, grey.h as usize);
    let (mx, my) = ((w as f32 * MARGIN) as usize, (h as f32 * MARGIN) as usize);
    let mut cells = Vec::new();
    let mut y = my;
    while y + CELL <= h - my {
        let mut x = mx;
        while x + CELL <= w - mx {
            let mut values = [0u8; CELL * CELL];
            for (row, line) in values.chunks_exact_mut(CELL).enumerate() {
                line.copy_from_slice(&grey.row((y + row) as u32)[x..x + CELL]);
            }
            values.sort_unstable();
            let (dark, bright) = (f32::from(values[CELL * CELL / 12]), f32::from(values[CELL * CELL * 11 / 12]));
            cells.push(Cell { x, y, contrast: (bright - dark) / bright.max(12.0) });
            x += CELL;
        }
        y += CELL;
    }
    cells
}

/// Steepest slope (98th percentile, after a little smoothing against noise) over contrast.
fn sharp(spot: &Picture) -> Option<f32> {
    let (w, h) = (spot.w as usize, spot.h as usize);
    if w < 8 || h < 8 {
        return None;
    }
    let at = |x: usize, y: usize| f32::from(spot.data[y * w + x]);
    let mut slopes = Vec::with_capacity(w * h);
    for y in 1..h - 1 {
        for x in 1..w - 1 {
            let dx = at(x + 1, y - 1) + 2.0 * at(x + 1, y) + at(x + 1, y + 1)
                - at(x - 1, y - 1)
                - 2.0 * at(x - 1, y)
                - at(x - 1, y + 1);
            let dy = at(x - 1, y + 1) + 2.0 * at(x, y + 1) + at(x + 1, y + 1)
                - at(x - 1, y - 1)
                - 2.0 * at(x, y - 1)
                - at(x + 1, y - 1);
            slopes.push(dx.hypot(dy) / 8.0);
        }
    }
    let mut values = spot.data.clone();
    values.sort_unstable();
    let contrast = f32::from(values[values.len() * 98 / 100]) - f32::from(values[values.len() * 2 / 100]);
    let top = slopes.len() * 98 / 100;
    let steep = *slopes.select_nth_unstable_by(top, f32::total_cmp).1;
    (contrast > 12.0).then(|| steep / contrast)
}

/// A corner at or beyond the frame means paper that the camera did not see.
fn touches_frame(seen: &Seen<'_>) -> bool {
    let (w, h) = (seen.frame.0 as f32, seen.frame.1 as f32);
    let margin = 0.002 * w.max(h);
    seen.corners.is_some_and(|corners| {
        corners.iter().any(|&[x, y]| x < margin || y < margin || x > w - 1.0 - margin || y > h - 1.0 - margin)
    })
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
