//! Is it the same page once more? Two squared pages are laid on each other, block by block, each block a little shifted, as
//! corners are never found to the hair. Forms of one kind with other entries are two pages: one block in twelve that differs is
//! enough.

use crate::{Picture, Surface, rotate90};

/// Short side of the kept copy: 1.3 mm a pixel on A4, where a line of print is still a texture of its own.
const SHORT_SIDE: u32 = 160;
const BLOCK: usize = 16;
/// Furthest shift of a block in pixels of the copy.
const SHIFT: i32 = 3;
/// Deviation of brightness under which a block is paper and tells nothing, as a share of the page's own brightness.
const PLAIN: f32 = 0.02;
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
        let upright = if w > h { rotate90(&small(page), 1) } else { small(page) };
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
        [other, &turned].into_iter().any(|other| self.same_blocks(other) && other.same_blocks(self))
    }

    fn same_blocks(&self, other: &Self) -> bool {
        let mean = self.data.iter().map(|&v| f32::from(v)).sum::<f32>() / self.data.len().max(1) as f32;
        let (mut told, mut same) = (0usize, 0usize);
        for by in 0..self.h / BLOCK {
            for bx in 0..self.w / BLOCK {
                let block = self.block(bx * BLOCK, by * BLOCK);
                if deviation(&block) < PLAIN * mean.max(12.0) {
                    continue;
                }
                told += 1;
                // Stretched to the other's size first: its height may differ by a few pixels.
                let y = (by * BLOCK) as f32 * other.h as f32 / self.h as f32;
                let x = (bx * BLOCK) as f32 * other.w as f32 / self.w as f32;
                same += usize::from(other.best(&block, x.round() as i32, y.round() as i32) > SAME);
            }
        }
        told >= BLOCKS_MIN && same as f32 >= SHARE * told as f32
    }

    fn block(&self, x: usize, y: usize) -> [f32; BLOCK * BLOCK] {
        let mut block = [0f32; BLOCK * BLOCK];
        for dy in 0..BLOCK {
            for dx in 0..BLOCK {
                let (px, py) = ((x + dx).min(self.w - 1), (y + dy).min(self.h - 1));
                block[dy * BLOCK + dx] = f32::from(self.data[py * self.w + px]);
            }
        }
        block
    }

    /// Best correlation of the block among the shifts around a place.
    fn best(&self, block: &[f32; BLOCK * BLOCK], x: i32, y: i32) -> f32 {
        let mut best = -1f32;
        for dy in -SHIFT..=SHIFT {
            for dx in -SHIFT..=SHIFT {
                let other = self.block((x + dx).max(0) as usize, (y + dy).max(0) as usize);
                best = best.max(correlation(block, &other));
            }
            if best > 0.95 {
                break;
            }
        }
        best
    }
}

fn small(page: &impl Surface) -> Picture {
    let (w, h) = page.size();
    let short = w.min(h).max(1);
    if short <= SHORT_SIDE {
        return page.small_luma(1);
    }
    // First whole blocks to twice the size, then the exact size, so that pages of any resolution become alike.
    let near = page.small_luma((short / (2 * SHORT_SIDE)).max(1));
    let scale = near.w.min(near.h) as f32 / SHORT_SIDE as f32;
    let (w, h) = ((near.w as f32 / scale).round() as u32, (near.h as f32 / scale).round() as u32);
    let mut data = Vec::with_capacity((w * h) as usize);
    for y in 0..h {
        let rows = (y as f32 * scale) as u32..(((y + 1) as f32 * scale).ceil() as u32).min(near.h);
        for x in 0..w {
            let columns = (x as f32 * scale) as usize..(((x + 1) as f32 * scale).ceil() as usize).min(near.w as usize);
            let count = rows.len() * columns.len();
            let sum: u32 = rows.clone().flat_map(|row| near.row(row)[columns.clone()].iter()).map(|&v| u32::from(v)).sum();
            data.push((sum / count.max(1) as u32) as u8);
        }
    }
    Picture { w, h, pixels: crate::Pixels::Luma8, data }
}

fn deviation(block: &[f32; BLOCK * BLOCK]) -> f32 {
    let mean = block.iter().sum::<f32>() / block.len() as f32;
    (block.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / block.len() as f32).sqrt()
}

fn correlation(a: &[f32; BLOCK * BLOCK], b: &[f32; BLOCK * BLOCK]) -> f32 {
    let n = a.len() as f32;
    let (ma, mb) = (a.iter().sum::<f32>() / n, b.iter().sum::<f32>() / n);
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (&x, &y) in a.iter().zip(b) {
        ab += (x - ma) * (y - mb);
        aa += (x - ma).powi(2);
        bb += (y - mb).powi(2);
    }
    if aa < 1.0 || bb < 1.0 { 0.0 } else { ab / (aa * bb).sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Corners, square_to};

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
