//! Paper becomes white and light even; ink, and red seals before all, keep their colour.
//!
//! The paper's brightness is estimated on a small copy: print is closed over (brightest, then darkest of a neighbourhood), what is
//! left is smoothed, and every pixel is divided by it, each colour by its own. The estimate changes so slowly that no edge on the
//! page can wear a halo.

use crate::{Picture, Pixels};

/// How a page shall look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tone {
    /// As photographed.
    #[default]
    Colour,
    /// Brightness only.
    Grey,
    /// Paper white, light even, seals red.
    Clean,
}

/// The small copy's short side in pixels.
const SMALL: u32 = 160;
/// Print up to this share of the short side is closed over: a line of large type, the stroke of a seal.
const CLOSE: f32 = 0.05;
/// Deepest shadow that is lifted: darker than this share of the page's own paper is a picture, not paper.
const SHADOW_MIN: f32 = 0.42;
/// Where the paper goes before the stretch, and what becomes black.
const PAPER: f32 = 248.0;
const BLACK: u16 = 22;
/// (255 − black) of 255 in 1/256: what is left after the black point is stretched to full white.
const STRETCH: u16 = 296;

/// The page in this tone.
#[must_use]
pub fn toned(page: Picture, tone: Tone) -> Picture {
    match tone {
        Tone::Colour => page,
        Tone::Grey => page.to_luma(),
        Tone::Clean => cleaned(page),
    }
}

fn cleaned(mut page: Picture) -> Picture {
    let n = (page.w.min(page.h) / SMALL).max(1);
    let small = page.shrunk(n);
    let c = page.pixels.bytes();
    let (sw, sh) = (small.w as usize, small.h as usize);
    // Gain of every small pixel in 1/512, colour by colour.
    let mut gains = vec![0u16; sw * sh * c];
    for channel in 0..c {
        let plane: Vec<u8> = small.data.iter().skip(channel).step_by(c).copied().collect();
        let paper = paper_of(&plane, sw, sh);
        let usual = percentile(&paper, 0.7).max(24.0);
        for (i, &level) in paper.iter().enumerate() {
            let level = level.clamp(SHADOW_MIN * usual, 255.0);
            gains[i * c + channel] = (512.0 * PAPER / level).min(f32::from(u16::MAX)) as u16;
        }
    }
    let (w, stride) = (page.w as usize, page.stride());
    let mut gain = vec![0u16; stride];
    for (y, row) in page.data.chunks_exact_mut(stride).enumerate() {
        // The paper's light changes by far less than a grey level in four rows.
        if y % 4 == 0 {
            spread(&gains, (sw, sh), c, y as f32 / n as f32, n as usize, w, &mut gain);
        }
        for (v, &g) in row.iter_mut().zip(&gain) {
            let even = ((u32::from(u16::from(*v) << 7) * u32::from(g)) >> 16) as u16;
            *v = ((u32::from(even.min(511).saturating_sub(BLACK)) * u32::from(STRETCH)) >> 8).min(255) as u8;
        }
    }
    debug_assert!(matches!(page.pixels, Pixels::Rgb8 | Pixels::Luma8));
    page
}

/// The gains of one row of the page: straight lines between the middles of the small copy's pixels.
fn spread(gains: &[u16], (sw, sh): (usize, usize), c: usize, y: f32, n: usize, w: usize, out: &mut [u16]) {
    let fy = (y - 0.5).clamp(0.0, sh as f32 - 1.0);
    let (top, ty) = (fy as usize, fy.fract());
    let low = (top + 1).min(sh - 1);
    let at = |x: usize, channel: usize| {
        let (a, b) = (f32::from(gains[(top * sw + x) * c + channel]), f32::from(gains[(low * sw + x) * c + channel]));
        a + (b - a) * ty
    };
    for channel in 0..c {
        for x in 0..w.div_ceil(n) + 1 {
            // From the middle of pixel x − 1 to the middle of pixel x.
            let (from, to) = (at(x.saturating_sub(1).min(sw - 1), channel), at(x.min(sw - 1), channel));
            let begin = (x * n).saturating_sub(n / 2);
            let end = (x * n + n - n / 2).min(w);
            let step = (to - from) / n as f32;
            let mut value = from;
            for px in begin..end {
                out[px * c + channel] = value as u16;
                value += step;
            }
        }
    }
}

/// Brightness of the paper under and around print.
fn paper_of(plane: &[u8], w: usize, h: usize) -> Vec<f32> {
    let reach = ((w.min(h) as f32 * CLOSE) as usize).max(2);
    let wide = extreme(plane, w, h, reach, u8::max);
    let closed = extreme(&wide, w, h, reach, u8::min);
    let mut smooth: Vec<f32> = closed.into_iter().map(f32::from).collect();
    for _ in 0..3 {
        smooth = boxed(&smooth, w, h, reach);
    }
    smooth
}

/// Brightest or darkest of a square around every pixel, rows first, then columns.
fn extreme(plane: &[u8], w: usize, h: usize, reach: usize, pick: fn(u8, u8) -> u8) -> Vec<u8> {
    let window = |i: usize, n: usize| (i.saturating_sub(reach), (i + reach).min(n - 1));
    let mut rows = vec![0u8; plane.len()];
    for (from, to) in plane.chunks_exact(w).zip(rows.chunks_exact_mut(w)) {
        for (x, out) in to.iter_mut().enumerate() {
            let (a, b) = window(x, w);
            *out = from[a..=b].iter().copied().reduce(pick).unwrap_or_default();
        }
    }
    let mut both = vec![0u8; plane.len()];
    for y in 0..h {
        let (a, b) = window(y, h);
        let (before, out) = (&rows, &mut both[y * w..(y + 1) * w]);
        out.copy_from_slice(&before[a * w..(a + 1) * w]);
        for row in a + 1..=b {
            for (to, &from) in out.iter_mut().zip(&before[row * w..(row + 1) * w]) {
                *to = pick(*to, from);
            }
        }
    }
    both
}

/// Mean of a square around every pixel, cut at the edges.
fn boxed(plane: &[f32], w: usize, h: usize, reach: usize) -> Vec<f32> {
    let line = |from: &dyn Fn(usize) -> f32, n: usize, to: &mut dyn FnMut(usize, f32)| {
        let (mut sum, mut count) = (0.0, 0.0);
        for i in 0..reach.min(n) {
            sum += from(i);
            count += 1.0;
        }
        for i in 0..n {
            if i + reach < n {
                sum += from(i + reach);
                count += 1.0;
            }
            if i > reach {
                sum -= from(i - reach - 1);
                count -= 1.0;
            }
            to(i, sum / count);
        }
    };
    let mut rows = vec![0f32; plane.len()];
    for y in 0..h {
        line(&|x| plane[y * w + x], w, &mut |x, v| rows[y * w + x] = v);
    }
    let mut both = vec![0f32; plane.len()];
    for x in 0..w {
        line(&|y| rows[y * w + x], h, &mut |y, v| both[y * w + x] = v);
    }
    both
}

fn percentile(values: &[f32], share: f32) -> f32 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    sorted.get((sorted.len() as f32 * share) as usize).copied().unwrap_or(255.0)
}

#[cfg(test)]
#[path = "clean_tests.rs"]
mod tests;
