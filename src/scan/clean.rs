//! Paper becomes white and light even; ink, and red seals before all, keep their colour.
//!
//! The paper's brightness is estimated on a small copy: print is closed over (brightest, then darkest of a neighbourhood), what is
//! left is smoothed, and every pixel is divided by it. The paper's tint, which is the lamp's, is taken out in proportion to
//! brightness, so that ink keeps its own colour. Both change so slowly that no edge on the page can wear a halo.

use crate::wide::wide;
use crate::{Planar, planar};

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

/// The small copy's short side in pixels: two millimetres of A4 each.
const SMALL: u32 = 100;
/// Print up to this share of the short side is closed over: a line of large type, the stroke of a seal.
const CLOSE: f32 = 0.05;
/// Deepest shadow that is lifted: darker than this share of the page's own paper is a picture, not paper.
const SHADOW_MIN: f32 = 0.42;
/// Where the paper goes before the stretch, and what becomes black.
const PAPER: f32 = 248.0;
const BLACK: u16 = 22;
/// (255 − black) of 255 in 1/256: what is left after the black point is stretched to full white.
const STRETCH: u16 = 296;
/// Paper shows its tint: brighter than this share of the estimate, and its colour no further from the page's usual one.
const PAPER_LEAST: f32 = 0.85;
const TINT_SPREAD: f32 = 10.0;
/// Colour no stronger than this is the sensor's grain, and becomes grey; four levels further on it is all there.
const GRAIN: i16 = 3;
/// Strongest tint of a lamp, as a share of brightness: a bulb of 2,700 K under daylight balance has half of it.
const TINT_MAX: f32 = 0.28;
/// The paper's light changes by far less than a grey level in so many rows: the estimate is smooth over fifty.
const ROWS: usize = 8;

/// The page in this tone.
#[must_use]
pub fn toned(page: Planar, tone: Tone) -> Planar {
    match tone {
        Tone::Colour => page,
        Tone::Grey => page.into_grey(),
        Tone::Clean => cleaned(page),
    }
}

/// A value for every pixel of the small copy, and how many pixels of a plane one of them stands for.
struct Coarse<'a> {
    values: &'a [i16],
    w: usize,
    h: usize,
    across: usize,
    down: usize,
}

fn cleaned(mut page: Planar) -> Planar {
    let (across, down) = page.per_colour().unwrap_or((1, 1));
    // Whole pixels of colour to one of the small copy.
    let n = ((page.w.min(page.h) / SMALL).max(1) as usize).next_multiple_of(across.max(down));
    let (w, h) = (page.w as usize, page.h as usize);
    let (sw, sh) = ((w / n).max(1), (h / n).max(1));
    let luma = planar::averaged(page.luma(), (w, h), (sw, sh), (n, 1), (n, 1));
    let paper = paper_of(&luma, sw, sh);
    let usual = percentile(&paper, 0.7).max(24.0);
    let level: Vec<f32> = paper.iter().map(|level| level.clamp(SHADOW_MIN * usual, 255.0)).collect();
    // In 1/512; the deepest shadow of the darkest page asks for 25 times.
    let gains: Vec<i16> = level.iter().map(|level| (512.0 * PAPER / level).min(14_000.0) as i16).collect();
    // The same in 1/1024, with the stretch that brightness gets afterwards.
    let lifts: Vec<i16> = gains.iter().map(|&gain| (i32::from(gain) * i32::from(STRETCH) / 128).min(32_000) as i16).collect();
    let colour = page.colour_size();
    let tints = page
        .per_colour()
        .map(|_| [page.blue(), page.red()].map(|plane| averaged_tint(plane, colour, (sw, sh), (n / across, n / down))));
    let tints = tints.map(|[blue, red]| tint(&luma, &level, &blue, &red, (sw, sh)));
    let coarse = |values, across, down| Coarse { values, w: sw, h: sh, across: n / across, down: n / down };
    let [bright, blue, red] = page.planes_mut();
    if let Some([of_blue, of_red]) = &tints {
        // Before brightness is changed: a pixel's tint is a share of it.
        let lift = coarse(&lifts, across, down);
        let mut lines = [(); 3].map(|()| vec![0i16; colour.0]);
        let mut under = vec![0i16; colour.0];
        for y in 0..colour.1 {
            if y % ROWS == 0 {
                lift.spread(y, &mut lines[0]);
                coarse(of_blue, across, down).spread(y, &mut lines[1]);
                coarse(of_red, across, down).spread(y, &mut lines[2]);
            }
            let span = y * colour.0..(y + 1) * colour.0;
            let [lifts, of_blue, of_red] = &lines;
            wide(|| {
                under_colour(&bright[(y * down).min(h - 1) * w..][..w], across, &mut under);
                decolour(&mut blue[span.clone()], &mut red[span], &under, lifts, of_blue, of_red);
            });
        }
    }
    let gain = coarse(&gains, 1, 1);
    let mut line = vec![0i16; w];
    for (y, row) in bright.chunks_exact_mut(w).enumerate() {
        if y % ROWS == 0 {
            gain.spread(y, &mut line);
        }
        wide(|| lift(row, &line));
    }
    page
}

/// Paper goes to [`PAPER`], then the black point is taken off and the rest stretched to white.
#[inline(always)]
fn lift(row: &mut [u8], gains: &[i16]) {
    for (v, &g) in row.iter_mut().zip(gains) {
        let even = ((u32::from(u16::from(*v) << 7) * u32::from(g as u16)) >> 16) as u16;
        let dark = even.min(511).saturating_sub(BLACK);
        // 489 × 296 needs 18 bits; shifted up, the upper half of a product of 16 bits is the same.
        *v = ((u32::from(dark << 6) * u32::from(STRETCH << 2)) >> 16).min(255) as u8;
    }
}

/// Means of a colour plane on the small copy's grid, as differences.
fn averaged_tint(plane: &[u8], size: (usize, usize), to: (usize, usize), (across, down): (usize, usize)) -> Vec<f32> {
    planar::averaged(plane, size, to, (across, 1), (down, 1)).into_iter().map(|v| f32::from(v) - 128.0).collect()
}

/// The paper's colour as a share of its brightness, in 1/256, wherever paper shows; elsewhere that of the paper around.
fn tint(luma: &[u8], level: &[f32], blue: &[f32], red: &[f32], (w, h): (usize, usize)) -> [Vec<i16>; 2] {
    let is_paper: Vec<bool> = luma.iter().zip(level).map(|(&v, level)| f32::from(v) >= PAPER_LEAST * level).collect();
    let middle = |of: &[f32]| {
        let mut shares: Vec<f32> = (0..of.len()).filter(|&i| is_paper[i]).map(|i| of[i] / f32::from(luma[i].max(1))).collect();
        let half = shares.len() / 2;
        if shares.is_empty() { 0.0 } else { *shares.select_nth_unstable_by(half, f32::total_cmp).1 }
    };
    let usual = [middle(blue), middle(red)];
    let reach = ((w.min(h) as f32 * 2.0 * CLOSE) as usize).max(2);
    let smooth = |mut plane: Vec<f32>| {
        for _ in 0..2 {
            plane = boxed(&plane, w, h, reach);
        }
        plane
    };
    let near = |i: usize| {
        let l = f32::from(luma[i]);
        is_paper[i] && (blue[i] - usual[0] * l).abs() < TINT_SPREAD && (red[i] - usual[1] * l).abs() < TINT_SPREAD
    };
    let weights: Vec<f32> = (0..luma.len()).map(|i| if near(i) { f32::from(luma[i]) } else { 0.0 }).collect();
    let all = smooth(weights.clone());
    [(blue, usual[0]), (red, usual[1])].map(|(of, usual)| {
        let sums = smooth(of.iter().zip(&weights).map(|(v, weight)| if *weight > 0.0 { *v } else { 0.0 }).collect());
        // A little of the usual tint everywhere, which decides only where no paper shows.
        let share = |(sum, weight): (&f32, &f32)| ((sum + 8.0 * usual) / (weight + 8.0)).clamp(-TINT_MAX, TINT_MAX);
        sums.iter().zip(&all).map(|it| (share(it) * 256.0).round() as i16).collect()
    })
}

/// Mean brightness under each pixel of colour, from one row.
#[inline(always)]
fn under_colour(row: &[u8], across: usize, out: &mut [i16]) {
    match across {
        1 => out.iter_mut().zip(row).for_each(|(to, &v)| *to = i16::from(v)),
        2 => {
            let (pairs, rest) = row.as_chunks::<2>();
            out.iter_mut().zip(pairs).for_each(|(to, pair)| *to = (i16::from(pair[0]) + i16::from(pair[1])) >> 1);
            if let (Some(to), Some(&last)) = (out.get_mut(pairs.len()), rest.first()) {
                *to = i16::from(last);
            }
        }
        _ => out.iter_mut().zip(row.chunks(across)).for_each(|(to, few)| *to = i16::from(few[0])),
    }
}

/// Takes the paper's tint out of a row of colour, lifts the rest as brightness is lifted, and lets grain be grey.
#[inline(always)]
fn decolour(blue: &mut [u8], red: &mut [u8], under: &[i16], lifts: &[i16], of_blue: &[i16], of_red: &[i16]) {
    let high = |a: i16, b: i16| ((i32::from(a) * i32::from(b)) >> 16) as i16;
    let n = blue.len();
    let (red, under, lifts) = (&mut red[..n], &under[..n], &lifts[..n]);
    let (of_blue, of_red) = (&of_blue[..n], &of_red[..n]);
    for i in 0..n {
        // Sixteenths, then halves: two products of which the upper 16 bits are kept, and no rounding that tints.
        let lifted = |v: u8, tint: i16| {
            let own = ((i16::from(v) - 128) << 4) - high(under[i] << 7, tint << 5);
            ((high(own << 3, lifts[i]) + 1) >> 1).clamp(-128, 127)
        };
        let (b, r) = (lifted(blue[i], of_blue[i]), lifted(red[i], of_red[i]));
        let strength = (b.abs().max(r.abs()) - GRAIN).clamp(0, 4);
        blue[i] = (((b * strength + 2) >> 2) + 128) as u8;
        red[i] = (((r * strength + 2) >> 2) + 128) as u8;
    }
}

impl Coarse<'_> {
    /// The values along one row of the plane: straight lines between the middles of the small copy's pixels.
    fn spread(&self, row: usize, out: &mut [i16]) {
        let (w, n) = (self.w, self.across);
        let fy = (row as f32 / self.down as f32 - 0.5).clamp(0.0, self.h as f32 - 1.0);
        let (top, ty) = (fy as usize, fy.fract());
        let low = (top + 1).min(self.h - 1);
        let at = |x: usize| {
            let (a, b) = (f32::from(self.values[top * w + x]), f32::from(self.values[low * w + x]));
            a + (b - a) * ty
        };
        for x in 0..out.len().div_ceil(n) + 1 {
            // From the middle of pixel x − 1 to the middle of pixel x.
            let (from, to) = (at(x.saturating_sub(1).min(w - 1)), at(x.min(w - 1)));
            let begin = (x * n).saturating_sub(n / 2);
            let end = (x * n + n - n / 2).min(out.len());
            let step = (to - from) / n as f32;
            for (i, px) in (begin..end).enumerate() {
                out[px] = (from + step * i as f32) as i16;
            }
        }
    }
}

/// Brightness of the paper under and around print.
fn paper_of(plane: &[u8], w: usize, h: usize) -> Vec<f32> {
    let reach = ((w.min(h) as f32 * CLOSE) as usize).max(2);
    wide(|| {
        let bright = extreme(plane, w, h, reach, u8::max);
        let closed = extreme(&bright, w, h, reach, u8::min);
        let mut smooth: Vec<f32> = closed.into_iter().map(f32::from).collect();
        for _ in 0..3 {
            smooth = boxed(&smooth, w, h, reach);
        }
        smooth
    })
}

/// Brightest or darkest of a square around every pixel, rows first, then columns; each a maximum of shifted rows.
#[inline(always)]
fn extreme(plane: &[u8], w: usize, h: usize, reach: usize, pick: impl Fn(u8, u8) -> u8 + Copy) -> Vec<u8> {
    let both = |to: &mut [u8], from: &[u8]| to.iter_mut().zip(from).for_each(|(to, &from)| *to = pick(*to, from));
    let mut rows = plane.to_vec();
    for (from, to) in plane.chunks_exact(w).zip(rows.chunks_exact_mut(w)) {
        for shift in 1..=reach.min(w - 1) {
            both(&mut to[shift..], from);
            both(to, &from[shift..]);
        }
    }
    let mut out = rows.clone();
    for (y, to) in out.chunks_exact_mut(w).enumerate() {
        let (first, last) = (y.saturating_sub(reach), (y + reach).min(h - 1));
        for from in rows.chunks_exact(w).take(last + 1).skip(first) {
            both(to, from);
        }
    }
    out
}

/// Mean of a square around every pixel, cut at the edges.
#[inline(always)]
fn boxed(plane: &[f32], w: usize, h: usize, reach: usize) -> Vec<f32> {
    let count = |i: usize, n: usize| ((i + reach).min(n - 1) + 1 - i.saturating_sub(reach)) as f32;
    let mut rows = vec![0f32; plane.len()];
    for (from, to) in plane.chunks_exact(w).zip(rows.chunks_exact_mut(w)) {
        let mut sum: f32 = from[..reach.min(w)].iter().sum();
        for x in 0..w {
            sum += from.get(x + reach).copied().unwrap_or_default();
            if x > reach {
                sum -= from[x - reach - 1];
            }
            to[x] = sum / count(x, w);
        }
    }
    let row = |y: usize| &rows[y * w..(y + 1) * w];
    let mut sums = vec![0f32; w];
    (0..reach.min(h)).for_each(|y| sums.iter_mut().zip(row(y)).for_each(|(sum, v)| *sum += v));
    let mut out = vec![0f32; plane.len()];
    for (y, to) in out.chunks_exact_mut(w).enumerate() {
        if y + reach < h {
            sums.iter_mut().zip(row(y + reach)).for_each(|(sum, v)| *sum += v);
        }
        if y > reach {
            sums.iter_mut().zip(row(y - reach - 1)).for_each(|(sum, v)| *sum -= v);
        }
        let share = 1.0 / count(y, h);
        to.iter_mut().zip(&sums).for_each(|(to, sum)| *to = sum * share);
    }
    out
}

fn percentile(values: &[f32], share: f32) -> f32 {
    let at = (values.len() as f32 * share) as usize;
    let mut values = values.to_vec();
    if at < values.len() { *values.select_nth_unstable_by(at, f32::total_cmp).1 } else { 255.0 }
}

#[cfg(test)]
#[path = "clean_tests.rs"]
mod tests;
