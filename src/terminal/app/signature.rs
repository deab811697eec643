//! A signature drawn on the screen becomes a page of the draft.

use scan::{PAGE_BYTES_MAX, Picture};

use super::App;
use crate::speech::{Order, Spot};

/// The page, in pixels: the shape of the pad, fine enough to print.
const W: usize = 1520;
const H: usize = 560;
/// Half the width of a line, in pixels.
const PEN: f32 = 5.0;

impl App {
    /// Draws the strokes (each point in parts of the pad) and keeps the picture as the page of this field.
    pub(super) fn sign(&mut self, field: String, strokes: &[Vec<[f32; 2]>]) {
        let Some(draft) = self.picture_draft() else { return };
        let drawn = Picture::luma(W as u32, H as u32, drawn(strokes)).map(|picture| scan::encode(&picture, PAGE_BYTES_MAX));
        let Some(Ok(jpeg)) = drawn else { return };
        // The draft must be in the cabinet before a page can go into it.
        if self.visit.saved_at.is_none() {
            self.save_at = Some(self.now);
            self.flush();
        }
        let signed = self.visit.draft.iter().flat_map(|draft| &draft.pages).find(|page| page.material == field);
        let spot = signed.map_or(Spot::Last, |page| Spot::Instead(page.order));
        self.order(Order::PutPage { draft, material: field, spot, jpeg, width_px: W as u32, height_px: H as u32, frame: None });
    }
}

/// Dark lines on white, one byte a pixel.
fn drawn(strokes: &[Vec<[f32; 2]>]) -> Vec<u8> {
    let mut pixels = vec![255; W * H];
    let place = |point: &[f32; 2]| (point[0].clamp(0.0, 1.0) * (W - 1) as f32, point[1].clamp(0.0, 1.0) * (H - 1) as f32);
    for stroke in strokes {
        let points: Vec<(f32, f32)> = stroke.iter().map(place).collect();
        if let [only] = points.as_slice() {
            dot(&mut pixels, *only);
        }
        for pair in points.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            // A disc at every pixel of the way is a line with round ends.
            let steps = (to.0 - from.0).hypot(to.1 - from.1).ceil().max(1.0) as usize;
            for step in 0..=steps {
                let part = step as f32 / steps as f32;
                dot(&mut pixels, (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part));
            }
        }
    }
    pixels
}

fn dot(pixels: &mut [u8], (x, y): (f32, f32)) {
    let range = |at: f32, end: usize| (at - PEN - 1.0).max(0.0) as usize..=((at + PEN + 1.0) as usize).min(end - 1);
    for py in range(y, H) {
        for px in range(x, W) {
            // Grey at the rim, so that the line does not show its pixels.
            let rim = (px as f32 - x).hypot(py as f32 - y) - PEN + 0.5;
            let shade = (rim.clamp(0.0, 1.0) * 225.0) as u8 + 30;
            let pixel = &mut pixels[py * W + px];
            *pixel = shade.min(*pixel);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strokes_become_ink_where_they_were_drawn_and_nowhere_else() {
        let pixels = drawn(&[vec![[0.1, 0.5], [0.9, 0.5]], vec![[2.0, -1.0]]]);
        assert!(pixels[H / 2 * W + W / 2] < 60, "the line");
        assert_eq!(pixels[H / 4 * W + W / 2], 255, "above it");
        assert!(pixels[W - 1] < 60, "a point beyond the pad stands at its corner");
        assert_eq!(drawn(&[]).iter().min(), Some(&255));
    }
}
