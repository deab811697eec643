//! Pixels and what turns or shrinks them without interpretation.

use crate::wide::wide;

/// How many bytes a pixel has, and what they mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pixels {
    /// Three bytes: red, green, blue.
    Rgb8,
    /// One byte: brightness.
    Luma8,
}

impl Pixels {
    /// Bytes of one pixel.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::Rgb8 => 3,
            Self::Luma8 => 1,
        }
    }
}

/// A picture in memory: rows from the top, no padding. `data.len() == w * h * pixels.bytes()`, held by every constructor.
/// Integer coordinates are pixel centres.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    pub w: u32,
    pub h: u32,
    pub pixels: Pixels,
    pub data: Vec<u8>,
}

/// Prints the size, never the pixels: they show a person's paper.
impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({}x{} {:?})", self.w, self.h, self.pixels)
    }
}

impl Picture {
    /// A picture of one colour.
    #[must_use]
    pub fn filled(w: u32, h: u32, colour: [u8; 3]) -> Self {
        Self { w, h, pixels: Pixels::Rgb8, data: colour.repeat(w as usize * h as usize) }
    }

    /// An RGB picture of these bytes; `None` when their number does not fit the size.
    #[must_use]
    pub fn rgb(w: u32, h: u32, data: Vec<u8>) -> Option<Self> {
        (data.len() == w as usize * h as usize * 3).then_some(Self { w, h, pixels: Pixels::Rgb8, data })
    }

    /// A grey picture of these bytes; `None` when their number does not fit the size.
    #[must_use]
    pub fn luma(w: u32, h: u32, data: Vec<u8>) -> Option<Self> {
        (data.len() == w as usize * h as usize).then_some(Self { w, h, pixels: Pixels::Luma8, data })
    }

    /// Bytes of one row.
    #[must_use]
    pub fn stride(&self) -> usize {
        self.w as usize * self.pixels.bytes()
    }

    /// One row of pixels.
    #[must_use]
    pub fn row(&self, y: u32) -> &[u8] {
        let stride = self.stride();
        &self.data[y as usize * stride..(y as usize + 1) * stride]
    }

    /// The colour at a point inside; grey pictures answer three equal values.
    #[must_use]
    pub fn at(&self, x: u32, y: u32) -> [u8; 3] {
        let i = (y as usize * self.w as usize + x as usize) * self.pixels.bytes();
        match self.pixels {
            Pixels::Rgb8 => [self.data[i], self.data[i + 1], self.data[i + 2]],
            Pixels::Luma8 => [self.data[i]; 3],
        }
    }

    /// Brightness only (BT.601 weights, as JPEG uses them).
    #[must_use]
    pub fn to_luma(&self) -> Self {
        let data = match self.pixels {
            Pixels::Luma8 => self.data.clone(),
            Pixels::Rgb8 => self.data.chunks_exact(3).map(|p| luma(p[0], p[1], p[2])).collect(),
        };
        Self { w: self.w, h: self.h, pixels: Pixels::Luma8, data }
    }

    /// Three bytes a pixel whatever it was.
    #[must_use]
    pub fn to_rgb(&self) -> Self {
        match self.pixels {
            Pixels::Rgb8 => self.clone(),
            Pixels::Luma8 => {
                let data = self.data.iter().flat_map(|&v| [v; 3]).collect();
                Self { w: self.w, h: self.h, pixels: Pixels::Rgb8, data }
            }
        }
    }

    /// Averages whole blocks of `n` × `n` pixels; a remainder at the right and lower edge is dropped.
    #[must_use]
    pub fn shrunk(&self, n: u32) -> Self {
        let n = n.max(1);
        if n == 1 {
            return self.clone();
        }
        let (size, n) = ((self.w as usize, self.h as usize), n as usize);
        let (w, h) = ((size.0 / n).max(1), (size.1 / n).max(1));
        let data = match self.pixels {
            Pixels::Rgb8 => means::<3>(&self.data, size, (w, h), (n, n)),
            Pixels::Luma8 => means::<1>(&self.data, size, (w, h), (n, n)),
        };
        Self { w: w as u32, h: h as u32, pixels: self.pixels, data }
    }

    /// The part inside a rectangle, cut to the picture's own.
    #[must_use]
    pub fn cropped(&self, x: u32, y: u32, w: u32, h: u32) -> Self {
        let (x, y) = (x.min(self.w.saturating_sub(1)), y.min(self.h.saturating_sub(1)));
        let (w, h) = (w.min(self.w - x).max(1), h.min(self.h - y).max(1));
        let c = self.pixels.bytes();
        let mut data = Vec::with_capacity(w as usize * h as usize * c);
        for row in y..y + h {
            data.extend_from_slice(&self.row(row)[x as usize * c..(x + w) as usize * c]);
        }
        Self { w, h, pixels: self.pixels, data }
    }
}

/// Means of whole blocks of a plane of `C` bytes a pixel, `to` blocks across and down, each `n` pixels across and down or what the
/// plane has. Columns are summed first, many at a time; only then neighbours, on one row of `n`.
pub(crate) fn means<const C: usize>(data: &[u8], size: (usize, usize), to: (usize, usize), n: (usize, usize)) -> Vec<u8> {
    wide(|| block_means::<C>(data, size, to, n))
}

#[inline(always)]
fn block_means<const C: usize>(data: &[u8], (w, h): (usize, usize), (to_w, to_h): (usize, usize), n: (usize, usize)) -> Vec<u8> {
    // So many rows fit a sum of 16 bits; no picture is made that small.
    const ROWS_MAX: usize = 256;
    let (across, down) = (n.0.min(w), n.1.min(h).min(ROWS_MAX));
    let stride = w * C;
    let area = (across * down) as u32;
    // Division by a constant as a multiplication: exact for areas up to 4096 and sums of bytes.
    let scale = (1u64 << 32).div_ceil(u64::from(area));
    let mean = |sum: u32| ((u64::from(sum + area / 2) * scale) >> 32).min(255) as u8;
    let mut sums = vec![0u16; stride];
    let mut out = vec![0u8; to_w * to_h * C];
    for (y, out) in out.chunks_exact_mut(to_w * C).enumerate() {
        let first = (y * n.1).min(h - down);
        let mut rows = data.chunks_exact(stride).skip(first).take(down);
        if let Some(row) = rows.next() {
            sums.iter_mut().zip(row).for_each(|(sum, &v)| *sum = u16::from(v));
        }
        for row in rows {
            sums.iter_mut().zip(row).for_each(|(sum, &v)| *sum += u16::from(v));
        }
        let sums = &sums[..to_w * across * C];
        // Written into a row that is there already: pushing one by one is no work for vectors.
        match (C, across, down) {
            (_, 1, 1) => out.iter_mut().zip(sums).for_each(|(to, &sum)| *to = sum as u8),
            (_, 1, 2) => out.iter_mut().zip(sums).for_each(|(to, &sum)| *to = ((sum + 1) >> 1) as u8),
            (_, 1, _) => out.iter_mut().zip(sums).for_each(|(to, &sum)| *to = mean(u32::from(sum))),
            (1, 2, 2) => {
                let pairs = sums.as_chunks::<2>().0;
                out.iter_mut().zip(pairs).for_each(|(to, two)| *to = ((two[0] + two[1] + 2) >> 2) as u8);
            }
            (1, 4, 4) => {
                let fours = sums.as_chunks::<4>().0;
                out.iter_mut().zip(fours).for_each(|(to, four)| *to = ((four.iter().sum::<u16>() + 8) >> 4) as u8);
            }
            _ => {
                for (to, block) in out.chunks_exact_mut(C).zip(sums.chunks_exact(across * C)) {
                    let mut colour = [0u32; C];
                    for pixel in block.chunks_exact(C) {
                        for (to, &v) in colour.iter_mut().zip(pixel) {
                            *to += u32::from(v);
                        }
                    }
                    to.iter_mut().zip(colour).for_each(|(to, sum)| *to = mean(sum));
                }
            }
        }
    }
    out
}

/// BT.601 brightness in fixed point.
#[inline]
#[must_use]
pub(crate) fn luma(r: u8, g: u8, b: u8) -> u8 {
    ((u32::from(r) * 77 + u32::from(g) * 150 + u32::from(b) * 29 + 128) >> 8) as u8
}

/// Turns by quarter turns, clockwise.
#[must_use]
pub fn rotate90(picture: &Picture, quarter_turns: u32) -> Picture {
    let turns = quarter_turns % 4;
    if turns == 0 {
        return picture.clone();
    }
    let mut data = vec![0u8; picture.data.len()];
    turn(&picture.data, (picture.w as usize, picture.h as usize), picture.pixels.bytes(), turns, &mut data);
    let (w, h) = if turns == 2 { (picture.w, picture.h) } else { (picture.h, picture.w) };
    Picture { w, h, pixels: picture.pixels, data }
}

/// Turns a plane of `c` bytes a pixel by one to three quarters. Works in blocks so that neither side walks across the cache.
pub(crate) fn turn(from: &[u8], size: (usize, usize), c: usize, turns: u32, to: &mut [u8]) {
    match c {
        1 => turn_by::<1>(from, size, turns, to),
        _ => turn_by::<3>(from, size, turns, to),
    }
}

fn turn_by<const C: usize>(from: &[u8], (w, h): (usize, usize), turns: u32, to: &mut [u8]) {
    if turns == 2 {
        for (to, from) in to.as_chunks_mut::<C>().0.iter_mut().zip(from.as_chunks::<C>().0.iter().rev()) {
            *to = *from;
        }
        return;
    }
    const BLOCK: usize = 32;
    let (from, to) = (from.as_chunks::<C>().0, to.as_chunks_mut::<C>().0);
    for y0 in (0..h).step_by(BLOCK) {
        let rows = BLOCK.min(h - y0);
        for x in 0..w {
            // A column of the block becomes part of a row.
            let column = from[y0 * w + x..].iter().step_by(w).take(rows);
            if turns == 1 {
                let row = &mut to[x * h + h - y0 - rows..x * h + h - y0];
                row.iter_mut().rev().zip(column).for_each(|(to, from)| *to = *from);
            } else {
                let row = &mut to[(w - 1 - x) * h + y0..(w - 1 - x) * h + y0 + rows];
                row.iter_mut().zip(column).for_each(|(to, from)| *to = *from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(w: u32, h: u32) -> Picture {
        Picture::rgb(w, h, (0..w * h * 3).map(|i| (i * 7 % 251) as u8).collect()).unwrap()
    }

    #[test]
    fn four_quarter_turns_bring_the_picture_back() {
        let picture = counted(37, 70);
        let mut turned = picture.clone();
        for _ in 0..4 {
            turned = rotate90(&turned, 1);
        }
        assert_eq!(turned, picture);
        assert_eq!(rotate90(&rotate90(&picture, 1), 1), rotate90(&picture, 2));
        assert_eq!(rotate90(&rotate90(&picture, 2), 1), rotate90(&picture, 3));
        assert_eq!(rotate90(&picture, 1).at(69, 0), picture.at(0, 0), "the top left corner goes to the top right");
    }

    #[test]
    fn shrinking_averages_blocks() {
        let picture = Picture::luma(4, 2, vec![0, 100, 10, 20, 50, 50, 30, 40]).unwrap();
        assert_eq!(picture.shrunk(2).data, vec![50, 25]);
        let white = Picture::filled(101, 67, [255, 255, 255]).shrunk(7);
        assert_eq!((white.w, white.h), (14, 9));
        assert!(white.data.iter().all(|&v| v == 255));
        assert_eq!(Picture::filled(3, 3, [9, 8, 7]).shrunk(10).data, vec![9, 8, 7]);
    }

    #[test]
    fn a_wrong_number_of_bytes_is_no_picture() {
        assert!(Picture::rgb(2, 2, vec![0; 11]).is_none());
        assert!(Picture::luma(2, 2, vec![0; 5]).is_none());
    }
}
