//! Pages put together: both sides of a card on one sheet at true size, a watermark over a page.

use crate::{Looked, Picture, Pixels, ScanError, square_to};

/// Dots per inch of a composed sheet.
pub const DPI: f32 = 300.0;
/// ISO/IEC 7810 ID-1 in millimetres.
const CARD_MM: (f32, f32) = (85.60, 53.98);
const A4_MM: (f32, f32) = (210.0, 297.0);

fn dots(mm: f32) -> u32 {
    (mm / 25.4 * DPI).round() as u32
}

/// Front and back of a card, one above the other in the middle of a white A4 sheet, at the card's true size.
/// Cards lying upright are turned.
///
/// # Errors
/// A picture without pixels.
pub fn card_on_a4(front: &Picture, back: &Picture) -> Result<Picture, ScanError> {
    let mut sheet = Picture::filled(dots(A4_MM.0), dots(A4_MM.1), [255; 3]);
    let (w, h) = (dots(CARD_MM.0), dots(CARD_MM.1));
    for (card, centre_mm) in [(front, 95.0), (back, 202.0)] {
        if card.w < 2 || card.h < 2 {
            return Err(ScanError::Empty);
        }
        let card = if card.h > card.w { crate::rotate90(card, 1) } else { card.clone() };
        let (right, low) = (card.w as f32 - 0.5, card.h as f32 - 0.5);
        let scaled = square_to(&card.to_rgb(), &[[-0.5, -0.5], [right, -0.5], [right, low], [-0.5, low]], w, h)?;
        let (left, top) = ((sheet.w - w) / 2, dots(centre_mm) - h / 2);
        for y in 0..h {
            let at = ((top + y) * sheet.w + left) as usize * 3;
            sheet.data[at..at + w as usize * 3].copy_from_slice(scaled.row(y));
        }
    }
    Ok(sheet)
}

/// Lays a rendered mask (white on black, brightness = ink) over the page again and again along the diagonal, `strength` 0–1.
/// Grey ink at a quarter of strength leaves print readable. Letters are drawn by whoever has a font; this room has none.
///
/// # Errors
/// A mask that is no brightness picture or has no pixels.
pub fn watermark(page: &mut Picture, mask: &Picture, strength: f32) -> Result<(), ScanError> {
    let bricks = Bricks::new(mask, strength)?;
    let c = page.pixels.bytes();
    let w = page.w as usize;
    for (i, pixel) in page.data.chunks_exact_mut(c).enumerate() {
        bricks.lay(i % w, i / w, pixel);
    }
    Ok(())
}

/// The mask repeated as bricks are, turned by 30° against the clock: across no line of print.
struct Bricks<'a> {
    mask: &'a Picture,
    strength: f32,
    sin: f32,
    cos: f32,
}

impl<'a> Bricks<'a> {
    fn new(mask: &'a Picture, strength: f32) -> Result<Self, ScanError> {
        if mask.pixels != Pixels::Luma8 || mask.w == 0 || mask.h == 0 {
            return Err(ScanError::Empty);
        }
        let (sin, cos) = 30f32.to_radians().sin_cos();
        Ok(Self { mask, strength: strength.clamp(0.0, 1.0), sin, cos })
    }

    /// Draws the values at a place of the page towards grey, which is 128 in every plane.
    fn lay(&self, x: usize, y: usize, values: &mut [u8]) {
        let (x, y) = (x as f32, y as f32);
        let (step_x, step_y) = (self.mask.w as f32 * 1.3, self.mask.h as f32 * 4.0);
        let (u, v) = (x * self.cos - y * self.sin, x * self.sin + y * self.cos);
        let row = (v / step_y).floor();
        // Every other row is shifted by half a step, as bricks are.
        let u = (u + row.rem_euclid(2.0) * step_x / 2.0).rem_euclid(step_x);
        let v = v - row * step_y;
        if u < self.mask.w as f32 && v < self.mask.h as f32 {
            let ink = f32::from(self.mask.data[v as usize * self.mask.w as usize + u as usize]) / 255.0 * self.strength;
            for value in values {
                *value = (f32::from(*value) * (1.0 - ink) + 128.0 * ink) as u8;
            }
        }
    }
}

/// Height of the watermark's line to the short side of its page: a sentence of thirty characters then runs across it once.
const LINE: f32 = 1.0 / 30.0;
/// Lines smaller than this are no letters any more.
const LINE_PX_MIN: u32 = 14;

impl Looked {
    /// Pixels that a line of the watermark is high on this page.
    #[must_use]
    pub fn mark_height(&self) -> u32 {
        ((self.page.w.min(self.page.h) as f32 * LINE) as u32).max(LINE_PX_MIN)
    }

    /// Lays a watermark over the page, after it was judged and cleaned. See [`watermark`].
    ///
    /// # Errors
    /// As [`watermark`].
    pub fn mark(&mut self, mask: &Picture, strength: f32) -> Result<(), ScanError> {
        let bricks = Bricks::new(mask, strength)?;
        let (across, down) = self.page.per_colour().unwrap_or((1, 1));
        let (w, colour_w) = (self.page.w as usize, self.page.colour_size().0);
        let [luma, blue, red] = self.page.planes_mut();
        luma.iter_mut().enumerate().for_each(|(i, v)| bricks.lay(i % w, i / w, std::slice::from_mut(v)));
        for plane in [blue, red] {
            for (i, v) in plane.iter_mut().enumerate() {
                bricks.lay(i % colour_w * across, i / colour_w * down, std::slice::from_mut(v));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_stand_at_true_size_in_the_middle() {
        let sheet = card_on_a4(&Picture::filled(400, 640, [20, 90, 20]), &Picture::filled(856, 540, [90, 20, 20])).unwrap();
        assert_eq!((sheet.w, sheet.h), (2480, 3508));
        let middle = sheet.w / 2;
        let runs = |colour: [u8; 3]| (0..sheet.h).filter(|&y| sheet.at(middle, y) == colour).count() as f32 / DPI * 25.4;
        assert!((runs([20, 90, 20]) - 53.98).abs() < 0.1, "front {}", runs([20, 90, 20]));
        assert!((runs([90, 20, 20]) - 53.98).abs() < 0.1);
        let y = (0..sheet.h).find(|&y| sheet.at(middle, y) == [20, 90, 20]).unwrap() + 50;
        let across: Vec<u32> = (0..sheet.w).filter(|&x| sheet.at(x, y) == [20, 90, 20]).collect();
        assert!((across.len() as f32 / DPI * 25.4 - 85.6).abs() < 0.1);
        assert!((across[0] as i32 - (sheet.w - 1 - across[across.len() - 1]) as i32).abs() <= 1, "centred");
    }

    #[test]
    fn a_watermark_is_seen_and_print_stays_readable() {
        let mut page = Picture::filled(600, 800, [240; 3]);
        for y in 100..700 {
            for x in 100..110 {
                let at = (y * 600 + x) * 3;
                page.data[at..at + 3].fill(20);
            }
        }
        let mask = Picture::luma(200, 30, vec![255; 6000]).unwrap();
        watermark(&mut page, &mask, 0.25).unwrap();
        let marked = page.data.chunks_exact(3).filter(|p| (200..235).contains(&p[0])).count();
        assert!(marked > 600 * 800 / 10);
        assert!((100..700).all(|y| page.at(105, y)[0] < 60), "print under the mark stays dark");
        assert_eq!(watermark(&mut page, &Picture::filled(2, 2, [0; 3]), 0.5), Err(ScanError::Empty));
    }
}
