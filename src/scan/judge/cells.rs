//! A small copy of the page in cells of some six millimetres: paper, print, reflections, skin.

use crate::Picture;
use crate::wide::wide;

/// The short side of the small copy, in pixels: A4 at 44 dpi, where lines of print are still lines.
pub(super) const SHORT_SIDE: u32 = 360;
/// Pixels of the small copy along a cell.
pub(super) const CELL: usize = 12;
/// Outer part of the page that is not looked at for print: a strip of desk or shadow is none.
const MARGIN: f32 = 0.05;
/// Weakest contrast that is print, after the slope of the light was taken out, and how much noise adds to it.
const PRINT_ABOVE: f32 = 0.12;
const PER_NOISE: f32 = 3.0;

/// Mean brightness five cells around a reflection.
const GLARE_AROUND: f32 = 222.0;

pub(super) struct Cell {
    /// Top left in pixels of the small copy.
    pub x: usize,
    pub y: usize,
    /// (bright − dark) / bright of what is printed; 0 where the ink is red.
    pub print: f32,
    /// Brightness of its paper: the 92nd percentile.
    level: f32,
    /// Mean colour.
    colour: [f32; 3],
    /// In the part of the page that is looked at for print.
    inner: bool,
}

pub(super) struct Cells {
    pub all: Vec<Cell>,
    across: usize,
    floor: f32,
    /// Brightness of all pixels, counted.
    histogram: [u32; 256],
}

pub(super) struct Light {
    pub paper: f32,
    pub burnt: f32,
    pub glare: f32,
}

impl Cells {
    /// `small` must be RGB.
    pub(super) fn of(small: &Picture) -> Self {
        let (w, h) = (small.w as usize, small.h as usize);
        let luma = small.to_luma();
        let mut histogram = [0u32; 256];
        for &v in &luma.data {
            histogram[usize::from(v)] += 1;
        }
        let (across, down) = (w / CELL, h / CELL);
        let (mx, my) = ((w as f32 * MARGIN) as usize, (h as f32 * MARGIN) as usize);
        let mut all = Vec::with_capacity(across * down);
        for cy in 0..down {
            for cx in 0..across {
                let (x, y) = (cx * CELL, cy * CELL);
                let inner = x >= mx && y >= my && x + CELL <= w - mx && y + CELL <= h - my;
                all.push(wide(|| cell(small, &luma, x, y, inner)));
            }
        }
        let mut cells = Self { all, across: across.max(1), floor: PRINT_ABOVE, histogram };
        cells.floor += PER_NOISE * noise(&luma) / cells.light().paper.max(12.0);
        cells
    }

    fn percentile(&self, share: f32) -> f32 {
        let total: u32 = self.histogram.iter().sum();
        let mut below = 0;
        let found = self.histogram.iter().position(|&count| {
            below += count;
            below as f32 >= share * total as f32
        });
        found.unwrap_or(255) as f32
    }

    pub(super) fn light(&self) -> Light {
        let paper = self.percentile(0.8);
        let count = self.all.len().max(1) as f32;
        let burnt = self.all.iter().filter(|cell| cell.level >= 253.0).count() as f32 / count;
        let glare = (0..self.all.len()).filter(|&at| self.stands_out(at)).count() as f32 / count;
        Light { paper, burnt, glare }
    }

    /// A burnt cell around which the paper soon becomes darker: light that falls off over the whole page does not do that.
    fn stands_out(&self, at: usize) -> bool {
        if self.all[at].level < 253.0 {
            return false;
        }
        let (across, down) = (self.across as isize, (self.all.len() / self.across) as isize);
        let (x, y) = (at as isize % across, at as isize / across);
        let (mut sum, mut count) = (0.0, 0.0);
        for (dx, dy) in [(-5, 0), (5, 0), (0, -5), (0, 5), (-4, -4), (4, -4), (-4, 4), (4, 4)] {
            let (x, y) = (x + dx, y + dy);
            if (1..across - 1).contains(&x) && (1..down - 1).contains(&y) {
                sum += self.all[(y * across + x) as usize].level;
                count += 1.0;
            }
        }
        count >= 3.0 && sum < GLARE_AROUND * count
    }

    /// True for a cell with print on it.
    pub(super) fn has_print(&self, cell: &Cell) -> bool {
        cell.inner && cell.print > self.floor
    }

    pub(super) fn printed(&self) -> usize {
        self.all.iter().filter(|cell| self.has_print(cell)).count()
    }

    /// The quarter of the inner cells with the least contrast, where noise can be heard.
    pub(super) fn quiet(&self) -> Vec<&Cell> {
        let mut inner: Vec<&Cell> = self.all.iter().filter(|cell| cell.inner).collect();
        inner.sort_by(|a, b| a.print.total_cmp(&b.print));
        inner.truncate(inner.len().div_ceil(4));
        inner
    }

    /// Size of the largest patch in the colour of skin that reaches in from the edge: at least two cells deep, so that no strip
    /// of desk counts, and along less than two fifths of the page, so that no brown desk or envelope does.
    pub(super) fn skin(&self) -> usize {
        let (across, down) = (self.across, self.all.len() / self.across);
        if across < 8 || down < 8 {
            return 0;
        }
        let paper = self.white();
        let brightest = self.percentile(0.8).max(1.0);
        let is_skin: Vec<bool> = self.all.iter().map(|cell| skin(cell.colour, paper, brightest)).collect();
        let mut seen = vec![false; is_skin.len()];
        let mut largest = 0;
        for start in 0..is_skin.len() {
            if seen[start] || !is_skin[start] {
                continue;
            }
            let (mut todo, mut patch) = (vec![start], Vec::new());
            seen[start] = true;
            while let Some(at) = todo.pop() {
                patch.push(at);
                let (x, y) = (at % across, at / across);
                let next = [
                    (x > 0, at.wrapping_sub(1)),
                    (x + 1 < across, at + 1),
                    (y > 0, at.wrapping_sub(across)),
                    (y + 1 < down, at + across),
                ];
                for (inside, other) in next {
                    if inside && is_skin[other] && !seen[other] {
                        seen[other] = true;
                        todo.push(other);
                    }
                }
            }
            let depth = patch.iter().map(|at| {
                let (x, y) = (at % across, at / across);
                x.min(y).min(across - 1 - x).min(down - 1 - y)
            });
            let (nearest, deepest) = depth.fold((usize::MAX, 0), |(near, deep), d| (near.min(d), deep.max(d)));
            let (xs, ys) = (patch.iter().map(|at| at % across), patch.iter().map(|at| at / across));
            let wide = xs.clone().max().unwrap_or(0) - xs.min().unwrap_or(0) + 1;
            let high = ys.clone().max().unwrap_or(0) - ys.min().unwrap_or(0) + 1;
            if nearest == 0 && deepest >= 2 && wide * 5 < across * 2 && high * 5 < down * 2 {
                largest = largest.max(patch.len());
            }
        }
        largest
    }

    /// Colour of the paper: mean of the brighter half of the cells.
    fn white(&self) -> [f32; 3] {
        let mut levels: Vec<f32> = self.all.iter().map(|cell| cell.level).collect();
        levels.sort_by(f32::total_cmp);
        let half = levels.get(levels.len() / 2).copied().unwrap_or_default();
        let bright: Vec<&Cell> = self.all.iter().filter(|cell| cell.level >= half).collect();
        [0, 1, 2].map(|c| (bright.iter().map(|cell| cell.colour[c]).sum::<f32>() / bright.len().max(1) as f32).max(1.0))
    }
}

/// Skin under the light that the paper shows: red over green over blue, between pale and brown (ratios after Kovač et al. 2003,
/// loosened for brown hands), never as bright as paper.
fn skin(colour: [f32; 3], paper: [f32; 3], brightest: f32) -> bool {
    let [r, g, b] = [0, 1, 2].map(|c| colour[c] / paper[c]);
    let level = r * paper[0] / brightest;
    r > g && g > b && (0.18..0.68).contains(&((r - b) / r)) && (0.58..0.9).contains(&(g / r)) && (0.22..0.98).contains(&level)
}

#[inline(always)]
fn cell(small: &Picture, luma: &Picture, x: usize, y: usize, inner: bool) -> Cell {
    let (mut red, mut green, mut bright) = ([0u8; N], [0u8; N], [0u8; N]);
    let mut sums = [0u32; 3];
    for dy in 0..CELL {
        let row = &small.row((y + dy) as u32)[x * 3..(x + CELL) * 3];
        bright[dy * CELL..(dy + 1) * CELL].copy_from_slice(&luma.row((y + dy) as u32)[x..x + CELL]);
        for (dx, p) in row.as_chunks::<3>().0.iter().enumerate() {
            red[dy * CELL + dx] = p[0];
            green[dy * CELL + dx] = p[1];
            sums.iter_mut().zip(p).for_each(|(sum, &v)| *sum += u32::from(v));
        }
    }
    let level = f32::from(nth(&bright, N * 23 / 25));
    let r = if inner { contrast(&red) } else { 0.0 };
    // Black ink is as dark in red light as in green; a red seal is not. What is too faint for print needs no second look.
    let print = if r > PRINT_ABOVE && r < 0.5 * contrast(&green) { 0.0 } else { r };
    Cell { x, y, print, level, colour: sums.map(|sum| sum as f32 / N as f32), inner }
}

/// Pixels of a cell.
const N: usize = CELL * CELL;
/// Steps of a grey level in which pixels are kept once the slope of the light is out; with it they lie within a range of so many
/// bits, as the steepest slope lifts or lowers the edge of a cell by less than 1.5 × 255.
const PER_LEVEL: f32 = 8.0;
const LEVEL_BITS: u32 = 13;
const LEVEL_LEAST: i16 = -3_072;

/// (bright − dark) / bright after the slope of the light was taken out by a plane through all pixels.
#[inline(always)]
fn contrast(values: &[u8; N]) -> f32 {
    let middle = (CELL as f32 - 1.0) / 2.0;
    let (mut columns, mut total, mut sy) = ([0u16; CELL], 0u32, 0f32);
    for (y, row) in values.chunks_exact(CELL).enumerate() {
        let mut sum = 0u16;
        for (column, &v) in columns.iter_mut().zip(row) {
            *column += u16::from(v);
            sum += u16::from(v);
        }
        total += u32::from(sum);
        sy += (y as f32 - middle) * f32::from(sum);
    }
    let sx: f32 = columns.iter().enumerate().map(|(x, &sum)| (x as f32 - middle) * f32::from(sum)).sum();
    // Sum of squared distances from the middle, over the whole cell; pixels in fractions, so that a level is told from the next.
    let spread = (N * (N - 1)) as f32 / 12.0;
    let (ax, ay) = (PER_LEVEL * sx / spread, PER_LEVEL * sy / spread);
    let slope: [i16; CELL] = std::array::from_fn(|x| (ax * (x as f32 - middle)) as i16);
    let mut level = [0i16; N];
    for (y, (to, from)) in level.chunks_exact_mut(CELL).zip(values.chunks_exact(CELL)).enumerate() {
        let down = (ay * (y as f32 - middle)) as i16;
        for ((to, &v), slope) in to.iter_mut().zip(from).zip(slope) {
            *to = i16::from(v) * PER_LEVEL as i16 - slope - down;
        }
    }
    let [dark, bright] = [N * 6 / 100, N * 23 / 25].map(|n| f32::from(nth_level(&level, n)) / PER_LEVEL);
    (bright - dark) / bright.max(total as f32 / N as f32).max(12.0)
}

/// The `n`th smallest, counted from 0: its bits are found one after the other, each by counting what lies below.
#[inline(always)]
fn nth(values: &[u8; N], n: usize) -> u8 {
    let mut found = 0u8;
    for bit in (0..8).rev() {
        let tried = found | 1 << bit;
        let below: u8 = values.iter().map(|&v| u8::from(v < tried)).sum();
        if usize::from(below) <= n {
            found = tried;
        }
    }
    found
}

/// The same of levels without the slope of the light.
#[inline(always)]
fn nth_level(values: &[i16; N], n: usize) -> i16 {
    let mut found = LEVEL_LEAST;
    for bit in (0..LEVEL_BITS).rev() {
        let tried = found + (1 << bit);
        let below: i16 = values.iter().map(|&v| i16::from(v < tried)).sum();
        if below as usize <= n {
            found = tried;
        }
    }
    found
}

/// Standard deviation of the noise in grey levels: the median of the second differences, which print touches on few pixels.
fn noise(luma: &Picture) -> f32 {
    let (w, h) = (luma.w as usize, luma.h as usize);
    if w < 3 || h < 3 {
        return 0.0;
    }
    let mut counts = [0u32; 1025];
    for y in (1..h - 1).step_by(2) {
        for x in 1..w - 1 {
            let at = y * w + x;
            let p = |i: usize| i32::from(luma.data[i]);
            let second = 4 * p(at) - p(at - 1) - p(at + 1) - p(at - w) - p(at + w);
            counts[second.unsigned_abs().min(1024) as usize] += 1;
        }
    }
    let half = counts.iter().sum::<u32>() / 2;
    let mut below = 0;
    let median = counts.iter().position(|&count| {
        below += count;
        below > half
    });
    // The sum above has √20 times the noise of one pixel, and the median of a normal distribution lies at 0.67 of its deviation.
    median.unwrap_or(0) as f32 / (0.67 * 20f32.sqrt())
}
