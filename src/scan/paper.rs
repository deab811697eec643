//! The paper under the camera: proportions, true size, and so how many pixels its page needs.

use crate::{Corners, Format, square::page_size};

/// Kinds of paper that somebody may name; what is not named is told by its shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Paper {
    /// A4 or a card where the shape is one, anything else as it is.
    #[default]
    Auto,
    /// 210 × 297 mm.
    A4,
    /// 148 × 210 mm.
    A5,
    /// ISO/IEC 7810 ID-1, 85.60 × 53.98 mm.
    Card,
    /// An open booklet (户口簿): two pages of 143 × 105 mm, one above the other.
    Booklet,
    /// A strip of a thermal printer, at most 80 mm wide and as long as it is.
    Receipt,
    /// Any proportions, as the camera sees them.
    Free,
    /// No paper at all: the frame as it is, for people and things.
    Whole,
}

impl Paper {
    /// Every kind, in the order in which they are offered.
    pub const ALL: [Self; 8] =
        [Self::Auto, Self::A4, Self::A5, Self::Card, Self::Booklet, Self::Receipt, Self::Free, Self::Whole];

    /// Stable code by which the texts speak.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::A4 => "a4",
            Self::A5 => "a5",
            Self::Card => "card",
            Self::Booklet => "booklet",
            Self::Receipt => "receipt",
            Self::Free => "free",
            Self::Whole => "whole",
        }
    }

    /// Its proportions; `None` = to be told by the shape.
    #[must_use]
    pub const fn format(self) -> Option<Format> {
        match self {
            Self::Auto => None,
            Self::A4 | Self::A5 => Some(Format::IsoA),
            Self::Card => Some(Format::Id1),
            Self::Booklet => Some(Format::Booklet),
            Self::Receipt | Self::Free | Self::Whole => Some(Format::Free),
        }
    }

    /// Longest and shortest side in pixels beyond which more pixels hold no more print: 300 dpi for sheets, 600 dpi for the small
    /// print of a card.
    const fn pixels_max(self) -> Option<(u32, u32)> {
        match self {
            Self::Auto | Self::Free | Self::Whole => None,
            // 297 mm; the short side follows from the proportions.
            Self::A4 => Some((3508, u32::MAX)),
            // 210 mm.
            Self::A5 | Self::Booklet => Some((2480, u32::MAX)),
            // 85.6 mm.
            Self::Card => Some((2022, u32::MAX)),
            // 80 mm wide, of any length.
            Self::Receipt => Some((u32::MAX, 945)),
        }
    }

    /// Width and height in pixels of the page inside these corners of a frame: never enlarged, and no larger than its print needs.
    #[must_use]
    pub fn size(self, corners: &Corners, frame: (u32, u32)) -> (u32, u32) {
        let (w, h) = page_size(corners, frame, self.format());
        let Some((long, short)) = self.pixels_max() else { return (w, h) };
        let scale = (f64::from(long) / f64::from(w.max(h))).min(f64::from(short) / f64::from(w.min(h))).min(1.0);
        let scaled = |side: u32| ((f64::from(side) * scale).round() as u32).max(8);
        (scaled(w), scaled(h))
    }
}

/// True for the proportions of an identity or bank card, lying or standing.
#[must_use]
pub fn is_card_shaped(w: u32, h: u32) -> bool {
    w > 0 && h > 0 && Format::guess(f64::from(w) / f64::from(h)) == Format::Id1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seen from straight above, in the middle of a frame of 13 MP.
    fn lying(w: f32, h: f32) -> Corners {
        let (x, y) = ((4160.0 - w) / 2.0, (3120.0 - h) / 2.0);
        [[x, y], [x + w, y], [x + w, y + h], [x, y + h]]
    }

    const FRAME: (u32, u32) = (4160, 3120);

    #[test]
    fn a_named_paper_has_its_own_proportions_whatever_the_corners_say() {
        let crooked = lying(2900.0, 2000.0);
        for (paper, ratio) in
            [(Paper::A4, 297.0 / 210.0), (Paper::A5, 297.0 / 210.0), (Paper::Card, 1.5858), (Paper::Booklet, 1.4685)]
        {
            let (w, h) = paper.size(&crooked, FRAME);
            assert!((f64::from(w) / f64::from(h) - ratio).abs() < 0.002, "{paper:?} {w}x{h}");
        }
        let (w, h) = Paper::Free.size(&lying(2900.0, 2060.0), FRAME);
        assert!((f64::from(w) / f64::from(h) - 2900.0 / 2060.0).abs() < 0.01, "free paper is not made an A4: {w}x{h}");
    }

    #[test]
    fn a_page_has_no_more_pixels_than_its_print_needs_and_is_never_enlarged() {
        let large = lying(4000.0, 2900.0);
        assert_eq!(Paper::A5.size(&large, FRAME).0, 2480);
        assert_eq!(Paper::Card.size(&large, FRAME).0, 2022);
        let (w, h) = Paper::Receipt.size(&lying(1300.0, 3000.0), FRAME);
        assert_eq!(w, 945);
        assert!((f64::from(h) / f64::from(w) - 3000.0 / 1300.0).abs() < 0.02);
        let (w, _) = Paper::Card.size(&lying(856.0, 540.0), FRAME);
        assert!((855..=857).contains(&w));
    }

    #[test]
    fn cards_are_told_from_pages() {
        assert!(is_card_shaped(856, 540) && is_card_shaped(540, 856));
        assert!(!is_card_shaped(2480, 3508) && !is_card_shaped(0, 5));
    }
}
