//! 仅用于办理 …: the sentence of a watermark, drawn with the house's own face. Where it is laid, `scan` knows.

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};
use scan::Picture;

use crate::look::fonts::BOLD_TTF;

/// How much of the page's own brightness the letters take: seen at once, and print under them stays readable.
pub const STRENGTH: f32 = 0.28;
/// Longer sentences are cut: a name of a matter has some twenty characters.
const CHARS_MAX: usize = 80;

/// The sentence on one line, white on black, `height` pixels high. Characters that the face does not have are left out.
pub fn line(words: &str, height: u32) -> Picture {
    let blank = || Picture { w: 1, h: 1, pixels: scan::Pixels::Luma8, data: vec![0] };
    // The face is in the program: were it none, every window would be empty.
    let Ok(face) = FontRef::try_from_slice(BOLD_TTF) else { return blank() };
    let height = height.clamp(8, 400);
    let scale = PxScale::from(height as f32);
    let scaled = face.as_scaled(scale);
    let glyphs: Vec<_> = words.chars().take(CHARS_MAX).map(|c| face.glyph_id(c)).filter(|id| id.0 != 0).collect();
    let width = glyphs.iter().map(|id| scaled.h_advance(*id)).sum::<f32>().ceil() as u32;
    if width == 0 {
        return blank();
    }
    let mut data = vec![0u8; width as usize * height as usize];
    let mut at = 0.0;
    for id in glyphs {
        if let Some(outline) = face.outline_glyph(id.with_scale_and_position(scale, point(at, scaled.ascent()))) {
            let corner = outline.px_bounds().min;
            outline.draw(|x, y, cover| {
                let (x, y) = (corner.x as i64 + i64::from(x), corner.y as i64 + i64::from(y));
                if (0..i64::from(width)).contains(&x) && (0..i64::from(height)).contains(&y) {
                    let pixel = &mut data[y as usize * width as usize + x as usize];
                    *pixel = pixel.saturating_add((cover * 255.0) as u8);
                }
            });
        }
        at += scaled.h_advance(id);
    }
    Picture { w: width, h: height, pixels: scan::Pixels::Luma8, data }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_becomes_one_line_of_letters() {
        let drawn = line("仅用于办理 高龄津贴", 40);
        assert_eq!(drawn.h, 40);
        assert!(drawn.w > 9 * 20 && drawn.w < 10 * 40, "{} wide", drawn.w);
        let ink = drawn.data.iter().filter(|&&v| v > 128).count() as f32 / drawn.data.len() as f32;
        assert!((0.05..0.6).contains(&ink), "{ink} of it is ink");
        let first: Vec<u8> = (0..drawn.h).flat_map(|y| drawn.row(y)[..30].to_vec()).collect();
        assert!(first.iter().any(|&v| v > 200), "the first character is there");
    }

    #[test]
    fn nothing_to_say_and_unknown_characters_draw_nothing() {
        for words in ["", "\u{E000}\u{E001}"] {
            assert!(line(words, 40).data.iter().all(|&v| v == 0), "{words:?}");
        }
        assert!(line(&"长".repeat(500), 10_000).w < 400 * 81);
    }
}
