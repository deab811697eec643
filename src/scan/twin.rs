//! Is it the same page once more? Two squared pages are laid on each other, block by block. Corners are never found to the hair, so
//! a few blocks are looked for far and wide first; they tell how the second page is shifted and stretched against the first, and
//! every other block is then looked for close to where it must be. Forms of one kind with other entries are two pages: one block in
//! twelve that differs is enough.

use crate::wide::wide;
use crate::{Surface, rotate90};

/// Short side of the kept copy: 1.3 mm a pixel on A4, where a line of print is still a texture of its own.
const SHORT_SIDE: u32 = 160;
const BLOCK: usize = 16;
/// Where print fills fewer blocks than this, they are taken half overlapping: a code alone fills one or two.
const FEW: usize = 24;
/// Blocks that are looked for first, how far in pixels of the copy, and the share of them that must be found.
const FIRST: usize = 20;
const FAR: i32 = 9;
const FOUND: f32 = 0.5;
/// Furthest shift of a block from where the first ones say that it is.
const NEAR: i32 = 2;
/// Deviation of brightness under which a block is paper and tells nothing, as a share of the page's own brightness; where the
/// quietest tenth of the blocks has grain, so many times that, up to twice the share.
const PLAIN: f32 = 0.02;
const PER_GRAIN: f32 = 4.0;
/// A block is the same when it correlates so well.
const SAME: f32 = 0.7;
/// Blocks with print that a comparison needs, and the share of them that must be the same.
const BLOCKS_MIN: usize = 6;
const SHARE: f32 = 0.92;

/// What is kept of a page to know it again: a copy of some 160 × 226 pixels. It shows a person's paper; keep it no longer than the
/// visit.
#[derive(Clone, PartialEq, Eq)]
pub struct Print {
    w: usize,
    h: usize,
    data: Vec<u8>,
}

/// Prints the size, never the pixels.
impl std::fmt::Debug for Print {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Print({}x{})", self.w, self.h)
    }
}

impl Print {
    /// Of a squared page.
    #[must_use]
    pub fn of(page: &impl Surface) -> Self {
        let (w, h) = page.size();
        let small = page.fitted_luma(SHORT_SIDE);
        let upright = if w > h { rotate90(&small, 1) } else { small };
        Self { w: upright.w as usize, h: upright.h as usize, data: upright.data }
    }

    /// True when both show one page, lying either way round.
    #[must_use]
    pub fn is_twin_of(&self, other: &Self) -> bool {
        let (long, short) = (self.h.max(other.h) as f32, self.h.min(other.h) as f32);
        if long > 1.06 * short {
            return false;
        }
        let turned = Self { w: other.w, h: other.h, data: other.data.iter().rev().copied().collect() };
        [other, &turned].into_iter().any(|other| self.lies_on(other) && other.lies_on(self))
    }

    /// True when nearly every block with print is found in the other.
    fn lies_on(&self, other: &Self) -> bool {
        let mut blocks = self.printed(BLOCK);
        if blocks.len() < FEW {
            blocks = self.printed(BLOCK / 2);
        }
        if blocks.len() < BLOCKS_MIN {
            return false;
        }
        let Some(drift) = Drift::of(&blocks, self, other) else { return false };
        let missing_max = ((1.0 - SHARE) * blocks.len() as f32) as usize;
        let missing = blocks.iter().filter(|block| other.best(block, drift.at(block), NEAR).0 <= SAME);
        missing.take(missing_max + 1).count() <= missing_max
    }

    /// Blocks that are no plain paper, the first of each row and column `step` pixels after the one before.
    fn printed(&self, step: usize) -> Vec<Block> {
        let starts = |side: usize| (0..side / step).map(move |i| i * step).filter(move |from| from + BLOCK <= side);
        let mut blocks: Vec<Block> =
            starts(self.h).flat_map(|y| starts(self.w).map(move |x| (x, y))).map(|at| self.block(at)).collect();
        let mean = self.data.iter().map(|&v| f32::from(v)).sum::<f32>() / self.data.len().max(1) as f32;
        let mut deviations: Vec<f32> = blocks.iter().map(|block| block.deviation).collect();
        deviations.sort_by(f32::total_cmp);
        let grain = deviations.get(deviations.len() / 10).copied().unwrap_or_default();
        let plain = PLAIN * mean.max(12.0);
        let plain = (PER_GRAIN * grain).clamp(plain, 2.0 * plain);
        blocks.retain(|block| block.deviation >= plain);
        blocks
    }

    fn block(&self, (x, y): (usize, usize)) -> Block {
        let mut values = [0i16; BLOCK * BLOCK];
        for (to, row) in values.chunks_exact_mut(BLOCK).zip(self.data.chunks_exact(self.w).skip(y)) {
            to.iter_mut().zip(&row[x..]).for_each(|(to, &v)| *to = i16::from(v));
        }
        let n = values.len() as f32;
        let sum: i32 = values.iter().map(|&v| i32::from(v)).sum();
        let squares: i32 = values.iter().map(|&v| i32::from(v) * i32::from(v)).sum();
        let variance = squares as f32 / n - (sum as f32 / n).powi(2);
        Block { x, y, sum: sum as f32, variance, deviation: variance.max(0.0).sqrt(), values }
    }

    /// Best correlation of a block among the places around one, and that place.
    fn best(&self, block: &Block, (x, y): (i32, i32), reach: i32) -> (f32, (i32, i32)) {
        let (x_max, y_max) = (self.w as i32 - BLOCK as i32, self.h as i32 - BLOCK as i32);
        let mut best = (-1f32, (x, y));
        if x_max < 0 || y_max < 0 {
            return best;
        }
        for y in (y - reach).clamp(0, y_max)..=(y + reach).clamp(0, y_max) {
            for x in (x - reach).clamp(0, x_max)..=(x + reach).clamp(0, x_max) {
                let correlation = wide(|| block.correlation(&self.data[y as usize * self.w + x as usize..], self.w));
                if correlation > best.0 {
                    best = (correlation, (x, y));
                }
            }
        }
        best
    }
}

/// A square of a page's copy.
struct Block {
    x: usize,
    y: usize,
    sum: f32,
    variance: f32,
    deviation: f32,
    values: [i16; BLOCK * BLOCK],
}

impl Block {
    /// With the square that begins where `other` begins, in rows of `stride`.
    #[inline(always)]
    fn correlation(&self, other: &[u8], stride: usize) -> f32 {
        let (mut sum, mut squares, mut products) = (0i32, 0i32, 0i32);
        for (a, b) in self.values.chunks_exact(BLOCK).zip(other.chunks(stride)) {
            for (&a, &b) in a.iter().zip(&b[..BLOCK]) {
                let b = i16::from(b);
                sum += i32::from(b);
                squares += i32::from(b) * i32::from(b);
                products += i32::from(a) * i32::from(b);
            }
        }
        let n = self.values.len() as f32;
        let (sum, squares, products) = (sum as f32, squares as f32, products as f32);
        let variance = squares / n - (sum / n).powi(2);
        if variance < 1.0 / n || self.variance < 1.0 / n {
            return 0.0;
        }
        (products / n - self.sum * sum / (n * n)) / (variance * self.variance).sqrt()
    }
}

/// Where the blocks of one page lie on another: a shift and a stretch in each direction.
struct Drift {
    /// From the first page's x, y and 1 to the second's x, and to its y.
    maps: [[f32; 3]; 2],
}

impl Drift {
    /// Of some blocks spread over the page; `None` when too few of them are found at all.
    fn of(blocks: &[Block], from: &Print, to: &Print) -> Option<Self> {
        // Stretched to the other's size: its height may differ by a few pixels.
        let stretch = [to.w as f32 / from.w as f32, to.h as f32 / from.h as f32];
        let straight = Self { maps: [[stretch[0], 0.0, 0.0], [0.0, stretch[1], 0.0]] };
        let step = blocks.len().div_ceil(FIRST);
        let first: Vec<&Block> = blocks.iter().skip(step / 2).step_by(step).collect();
        let found = first.iter().filter_map(|block| {
            let (correlation, (x, y)) = to.best(block, straight.at(block), FAR);
            (correlation > SAME).then_some(([block.x as f32, block.y as f32], [x as f32, y as f32]))
        });
        let mut found: Vec<([f32; 2], [f32; 2])> = found.collect();
        if (found.len() as f32) < FOUND * first.len() as f32 {
            return None;
        }
        // A line of print can be taken for the next one: what lies far from the others' drift is left out.
        let mut drift = straight.shifted(&found);
        for most in [4.0, 2.0] {
            found.retain(|(a, b)| drift.apply(*a).iter().zip(b).all(|(to, b)| (to - b).abs() <= most));
            drift = Self::fitted(&found).unwrap_or(drift);
        }
        Some(drift)
    }

    /// Moved by the usual distance of the pairs from where it leads.
    fn shifted(mut self, pairs: &[([f32; 2], [f32; 2])]) -> Self {
        for c in 0..2 {
            let mut off: Vec<f32> = pairs.iter().map(|(a, b)| b[c] - self.apply(*a)[c]).collect();
            let middle = off.len() / 2;
            self.maps[c][2] += *off.select_nth_unstable_by(middle, f32::total_cmp).1;
        }
        self
    }

    /// Least squares; `None` where the pairs lie too close together to show a stretch.
    fn fitted(pairs: &[([f32; 2], [f32; 2])]) -> Option<Self> {
        let n = pairs.len() as f32;
        if pairs.len() < 6 {
            return None;
        }
        let mean = |pick: &dyn Fn(&([f32; 2], [f32; 2])) -> f32| pairs.iter().map(pick).sum::<f32>() / n;
        let (mx, my) = (mean(&|p| p.0[0]), mean(&|p| p.0[1]));
        let (xx, yy) = (mean(&|p| (p.0[0] - mx).powi(2)), mean(&|p| (p.0[1] - my).powi(2)));
        let xy = mean(&|p| (p.0[0] - mx) * (p.0[1] - my));
        let area = xx * yy - xy * xy;
        let least = (BLOCK * BLOCK) as f32;
        if xx < least || yy < least || area < 0.2 * xx * yy {
            return None;
        }
        let maps = [0, 1].map(|c| {
            let mc = mean(&|p| p.1[c]);
            let (xc, yc) = (mean(&|p| (p.0[0] - mx) * (p.1[c] - mc)), mean(&|p| (p.0[1] - my) * (p.1[c] - mc)));
            let (a, b) = ((xc * yy - yc * xy) / area, (yc * xx - xc * xy) / area);
            [a, b, mc - a * mx - b * my]
        });
        Some(Self { maps })
    }

    fn apply(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        self.maps.map(|[a, b, c]| a * x + b * y + c)
    }

    fn at(&self, block: &Block) -> (i32, i32) {
        let [x, y] = self.apply([block.x as f32, block.y as f32]);
        (x.round() as i32, y.round() as i32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Corners, Picture, square_to};

    /// Rows of words of chance lengths; `entry` changes what stands in one field of the form.
    fn form(seed: u32, entry: u32) -> Picture {
        let (w, h) = (1000u32, 1414u32);
        let mut page = Picture::filled(w, h, [240; 3]).to_luma();
        let mut state = seed;
        let mut chance = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 20
        };
        for row in 0..28u32 {
            let mut x = 90;
            while x < 880 {
                let (length, gap) = (20 + chance() % 90, 12 + chance() % 40);
                let length = if row == 12 && x > 400 { 20 + (length * 7 + entry * 53) % 120 } else { length };
                for y in 90 + row * 44..90 + row * 44 + 24 {
                    for px in x..(x + length).min(900) {
                        if (px * 5 + y * 3) % 7 < 4 {
                            page.data[(y * w + px) as usize] = 50;
                        }
                    }
                }
                x += length + gap;
            }
        }
        page
    }

    /// As photographed again: a little turned, darker, corners a few pixels off.
    fn again(page: &Picture, off: f32) -> Picture {
        let (w, h) = (page.w as f32, page.h as f32);
        let corners: Corners = [[off, -off], [w - 1.0 + off, off], [w - 1.0 - off, h - 1.0 + off], [-off, h - 1.0 - off]];
        let mut second = square_to(page, &corners, page.w * 9 / 10, page.h * 9 / 10).unwrap();
        second.data.iter_mut().for_each(|v| *v = (u32::from(*v) * 7 / 10) as u8);
        second
    }

    #[test]
    fn the_same_page_is_known_again_however_it_lies() {
        for seed in 0..12 {
            let page = form(seed, 0);
            let first = Print::of(&page);
            for turns in [0, 1, 2, 3] {
                assert!(first.is_twin_of(&Print::of(&rotate90(&again(&page, 6.0), turns))), "{seed} turned {turns}");
            }
        }
    }

    #[test]
    fn other_pages_and_blank_ones_are_no_twins() {
        let prints: Vec<Print> = (0..12).map(|seed| Print::of(&form(seed, 0))).collect();
        for (i, a) in prints.iter().enumerate() {
            for b in &prints[i + 1..] {
                assert!(!a.is_twin_of(b));
            }
        }
        let blank = Print::of(&Picture::filled(1000, 1414, [230; 3]));
        assert!(!blank.is_twin_of(&blank.clone()), "two blank pages say nothing");
        assert!(!format!("{blank:?}").contains("230"));
    }
}
