//! Would the town hall send this page back? Measured, with one threshold a question.

use crate::{Corners, Picture};

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
    if measures.mean < DARK_BELOW {
        issues.push(Issue::Dark);
    }
    if measures.burnt > BRIGHT_ABOVE {
        issues.push(Issue::Bright);
    }
    if seen.is_some_and(|s| touches_frame(&s)) {
        issues.push(Issue::CutEdge);
    }
    if page.w.min(page.h) < SHORT_SIDE_MIN {
        issues.push(Issue::Small);
    }
    issues
}

/// Mean brightness under which print is not read any more.
const DARK_BELOW: f32 = 75.0;
/// Share of burnt-out pixels above which strokes are eaten.
const BRIGHT_ABOVE: f32 = 0.5;
/// A page whose short side has fewer pixels shows print of 9 pt with less than 14 pixels a character.
const SHORT_SIDE_MIN: u32 = 900;

/// What was measured of a page; public for the table of thresholds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Measures {
    pub mean: f32,
    /// Share of pixels at 253 or more.
    pub burnt: f32,
}

/// Measures a squared page.
#[must_use]
pub fn measure(page: &Picture) -> Measures {
    let grey = page.shrunk((page.w.max(page.h) / 900).max(1)).to_luma();
    let n = grey.data.len().max(1) as f32;
    Measures {
        mean: grey.data.iter().map(|&v| u64::from(v)).sum::<u64>() as f32 / n,
        burnt: grey.data.iter().filter(|&&v| v >= 253).count() as f32 / n,
    }
}

/// A corner at or beyond the frame means paper that the camera did not see.
fn touches_frame(seen: &Seen<'_>) -> bool {
    let (w, h) = (seen.frame.0 as f32, seen.frame.1 as f32);
    let margin = 0.002 * w.max(h);
    seen.corners.is_some_and(|corners| {
        corners.iter().any(|&[x, y]| x < margin || y < margin || x > w - 1.0 - margin || y > h - 1.0 - margin)
    })
}
