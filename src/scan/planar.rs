//! A picture as JPEG keeps it: brightness at full size, two colour differences at half of it.
//!
//! A still stays like this from the decoder to the encoder. Turning 13 MP into RGB and back costs as much as squaring them, and
//! every pass over three bytes a pixel is twice a pass over one and a half.

use crate::wide::wide;
use crate::{Picture, Pixels, picture};

/// Brightness and colour differences (BT.601, full range, as JFIF has them), each plane from the top without padding.
#[derive(Clone, PartialEq, Eq)]
pub struct Planar {
    pub w: u32,
    pub h: u32,
    /// Pixels of brightness to one of colour, across and down; `None` for a grey picture.
    per_colour: Option<(usize, usize)>,
    /// Brightness, then blue and red difference.
    data: Vec<u8>,
}

/// Prints the size, never the pixels: they show a person's paper.
impl std::fmt::Debug for Planar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Planar({}x{} {:?})", self.w, self.h, self.per_colour)
    }
}

/// What pages are judged, told upright and known again by, whichever way their pixels are kept.
pub trait Surface {
    /// Width and height in pixels.
    fn size(&self) -> (u32, u32);
    /// In colour, each pixel the mean of `n` × `n`; a remainder at the right and lower edge is dropped.
    fn small(&self, n: u32) -> Picture;
    /// As [`Surface::small`], brightness only.
    fn small_luma(&self, n: u32) -> Picture;
    /// In colour, the short side exactly so many pixels; a smaller surface stays as it is.
    fn fitted(&self, short: u32) -> Picture;
    /// As [`Surface::fitted`], brightness only.
    fn fitted_luma(&self, short: u32) -> Picture;
    /// Brightness of a rectangle, cut to the surface's own.
    fn part(&self, x: u32, y: u32, w: u32, h: u32) -> Picture;
    /// Brightness of a pixel inside.
    fn level(&self, x: u32, y: u32) -> u8;
}

/// Size of a copy whose short side has so many pixels, or the size itself where it has no more.
fn fitting((w, h): (u32, u32), short: u32) -> (usize, usize) {
    let side = w.min(h);
    if side <= short || short == 0 {
        return (w as usize, h as usize);
    }
    let fit = |v: u32| ((u64::from(v) * u64::from(short) + u64::from(side) / 2) / u64::from(side)) as usize;
    (fit(w), fit(h))
}

impl Surface for Picture {
    fn size(&self) -> (u32, u32) {
        (self.w, self.h)
    }

    fn small(&self, n: u32) -> Picture {
        self.shrunk(n).to_rgb()
    }

    fn small_luma(&self, n: u32) -> Picture {
        self.shrunk(n).to_luma()
    }

    fn fitted(&self, short: u32) -> Picture {
        let (w, h) = fitting((self.w, self.h), short);
        if self.pixels == Pixels::Luma8 {
            return self.fitted_luma(short).to_rgb();
        }
        let size = (self.w as usize, self.h as usize);
        let planes = [0, 1, 2].map(|c| {
            let plane: Vec<u8> = self.data.iter().skip(c).step_by(3).copied().collect();
            averaged(&plane, size, (w, h), (size.0, w), (size.1, h))
        });
        let data = (0..w * h).flat_map(|i| [planes[0][i], planes[1][i], planes[2][i]]).collect();
        Picture { w: w as u32, h: h as u32, pixels: Pixels::Rgb8, data }
    }

    fn fitted_luma(&self, short: u32) -> Picture {
        let ((w, h), size) = (fitting((self.w, self.h), short), (self.w as usize, self.h as usize));
        let data = averaged(&self.to_luma().data, size, (w, h), (size.0, w), (size.1, h));
        Picture { w: w as u32, h: h as u32, pixels: Pixels::Luma8, data }
    }

    fn part(&self, x: u32, y: u32, w: u32, h: u32) -> Picture {
        self.cropped(x, y, w, h).to_luma()
    }

    fn level(&self, x: u32, y: u32) -> u8 {
        let [r, g, b] = self.at(x, y);
        picture::luma(r, g, b)
    }
}

impl Surface for Planar {
    fn size(&self) -> (u32, u32) {
        (self.w, self.h)
    }

    fn small(&self, n: u32) -> Picture {
        let luma = self.small_luma(n);
        let Some((across, down)) = self.per_colour else { return luma.to_rgb() };
        let (from, to) = (self.colour_size(), (luma.w as usize, luma.h as usize));
        let n = n.max(1) as usize;
        let [blue, red] = [self.blue(), self.red()].map(|plane| averaged(plane, from, to, (n, across), (n, down)));
        let mut data = vec![0u8; luma.data.len() * 3];
        wide(|| rgb_row(&luma.data, &blue, &red, &mut data));
        Picture { w: luma.w, h: luma.h, pixels: Pixels::Rgb8, data }
    }

    fn small_luma(&self, n: u32) -> Picture {
        if n <= 1 {
            return Picture { w: self.w, h: self.h, pixels: Pixels::Luma8, data: self.luma().to_vec() };
        }
        let n = n as usize;
        let (w, h) = (self.w as usize, self.h as usize);
        let (to_w, to_h) = ((w / n).max(1), (h / n).max(1));
        let data = picture::means::<1>(self.luma(), (w, h), (to_w, to_h), (n, n));
        Picture { w: to_w as u32, h: to_h as u32, pixels: Pixels::Luma8, data }
    }

    fn fitted(&self, short: u32) -> Picture {
        let luma = self.fitted_luma(short);
        if self.per_colour.is_none() {
            return luma.to_rgb();
        }
        let (from, to) = (self.colour_size(), (luma.w as usize, luma.h as usize));
        let [blue, red] = [self.blue(), self.red()].map(|plane| averaged(plane, from, to, (from.0, to.0), (from.1, to.1)));
        let mut data = vec![0u8; luma.data.len() * 3];
        wide(|| rgb_row(&luma.data, &blue, &red, &mut data));
        Picture { w: luma.w, h: luma.h, pixels: Pixels::Rgb8, data }
    }

    fn fitted_luma(&self, short: u32) -> Picture {
        let ((w, h), size) = (fitting((self.w, self.h), short), (self.w as usize, self.h as usize));
        let data = averaged(self.luma(), size, (w, h), (size.0, w), (size.1, h));
        Picture { w: w as u32, h: h as u32, pixels: Pixels::Luma8, data }
    }

    fn part(&self, x: u32, y: u32, w: u32, h: u32) -> Picture {
        let (x, y) = (x.min(self.w.saturating_sub(1)), y.min(self.h.saturating_sub(1)));
        let (w, h) = (w.min(self.w - x).max(1), h.min(self.h - y).max(1));
        let stride = self.w as usize;
        let rows = self.luma().chunks_exact(stride).skip(y as usize).take(h as usize);
        let data = rows.flat_map(|row| &row[x as usize..(x + w) as usize]).copied().collect();
        Picture { w, h, pixels: Pixels::Luma8, data }
    }

    fn level(&self, x: u32, y: u32) -> u8 {
        self.luma()[y as usize * self.w as usize + x as usize]
    }
}

impl Planar {
    /// A picture of these planes, one behind the other; `None` when their lengths do not fit the size.
    #[must_use]
    pub fn new(w: u32, h: u32, per_colour: Option<(usize, usize)>, data: Vec<u8>) -> Option<Self> {
        let planar = Self { w, h, per_colour, data };
        let (cw, ch) = planar.colour_size();
        let fits = per_colour.is_none_or(|(across, down)| matches!((across, down), (1 | 2 | 4, 1 | 2 | 4)));
        (w > 0 && h > 0 && fits && planar.data.len() == w as usize * h as usize + 2 * cw * ch).then_some(planar)
    }

    /// The same picture with a quarter of its colour, or grey if it was; `None` without pixels.
    #[must_use]
    pub fn of(picture: &Picture) -> Option<Self> {
        let luma = picture.to_luma();
        if picture.pixels == Pixels::Luma8 {
            return Self::new(luma.w, luma.h, None, luma.data);
        }
        let mut data = luma.data;
        let (cw, ch) = (picture.w.div_ceil(2), picture.h.div_ceil(2));
        for red in [false, true] {
            for (x, y) in (0..ch).flat_map(|y| (0..cw).map(move |x| (2 * x, 2 * y))) {
                let (right, low) = ((x + 1).min(picture.w - 1), (y + 1).min(picture.h - 1));
                let four = [picture.at(x, y), picture.at(right, y), picture.at(x, low), picture.at(right, low)];
                let [r, g, b] = [0, 1, 2].map(|c| four.iter().map(|p| f32::from(p[c])).sum::<f32>() / 4.0);
                let difference =
                    if red { 0.5 * r - 0.418_688 * g - 0.081_312 * b } else { 0.5 * b - 0.168_736 * r - 0.331_264 * g };
                data.push((difference + 128.5).clamp(0.0, 255.0) as u8);
            }
        }
        Self::new(picture.w, picture.h, Some((2, 2)), data)
    }

    /// The same picture, three bytes a pixel; grey stays grey.
    #[must_use]
    pub fn to_picture(&self) -> Picture {
        match self.per_colour {
            None => Picture { w: self.w, h: self.h, pixels: Pixels::Luma8, data: self.data.clone() },
            Some(_) => self.small(1),
        }
    }

    /// Brightness only.
    #[must_use]
    pub fn into_grey(mut self) -> Self {
        self.data.truncate(self.w as usize * self.h as usize);
        Self { per_colour: None, ..self }
    }

    /// Pixels of brightness to one of colour, across and down; `None` for a grey picture.
    #[must_use]
    pub fn per_colour(&self) -> Option<(usize, usize)> {
        self.per_colour
    }

    /// All planes, one behind the other.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// Width and height of a colour plane; nothing for a grey picture.
    #[must_use]
    pub fn colour_size(&self) -> (usize, usize) {
        match self.per_colour {
            None => (0, 0),
            Some((across, down)) => ((self.w as usize).div_ceil(across), (self.h as usize).div_ceil(down)),
        }
    }

    /// Brightness, a byte a pixel.
    #[must_use]
    pub fn luma(&self) -> &[u8] {
        &self.data[..self.w as usize * self.h as usize]
    }

    pub(crate) fn blue(&self) -> &[u8] {
        let (cw, ch) = self.colour_size();
        let from = self.w as usize * self.h as usize;
        &self.data[from..from + cw * ch]
    }

    pub(crate) fn red(&self) -> &[u8] {
        let (cw, ch) = self.colour_size();
        &self.data[self.w as usize * self.h as usize + cw * ch..]
    }

    /// Brightness, blue and red, to be written.
    pub(crate) fn planes_mut(&mut self) -> [&mut [u8]; 3] {
        let (cw, ch) = self.colour_size();
        let (luma, colour) = self.data.split_at_mut(self.w as usize * self.h as usize);
        let (blue, red) = colour.split_at_mut(cw * ch);
        [luma, blue, red]
    }

    /// Turned by quarter turns, clockwise.
    #[must_use]
    pub fn turned(&self, quarter_turns: u32) -> Self {
        let turns = quarter_turns % 4;
        if turns == 0 {
            return self.clone();
        }
        let (cw, ch) = self.colour_size();
        let mut data = vec![0u8; self.data.len()];
        let (luma, colour) = data.split_at_mut(self.luma().len());
        let (blue, red) = colour.split_at_mut(cw * ch);
        picture::turn(self.luma(), (self.w as usize, self.h as usize), 1, turns, luma);
        if self.per_colour.is_some() {
            picture::turn(self.blue(), (cw, ch), 1, turns, blue);
            picture::turn(self.red(), (cw, ch), 1, turns, red);
        }
        if turns == 2 {
            return Self { data, ..*self };
        }
        Self { w: self.h, h: self.w, per_colour: self.per_colour.map(|(across, down)| (down, across)), data }
    }
}

/// Means of the parts of a plane that pixels of a smaller picture cover. A pixel of it is `across.0 / across.1` of the plane's
/// wide and `down.0 / down.1` high; where that is no whole number neighbours share a column or row.
pub(crate) fn averaged(
    plane: &[u8],
    (w, h): (usize, usize),
    (to_w, to_h): (usize, usize),
    across: (usize, usize),
    down: (usize, usize),
) -> Vec<u8> {
    let span = |i: usize, (n, per): (usize, usize), limit: usize| {
        let begin = (i * n / per).min(limit - 1);
        begin..((i + 1) * n).div_ceil(per).clamp(begin + 1, limit)
    };
    if (w, h) == (to_w, to_h) {
        return plane.to_vec();
    }
    if across.0.is_multiple_of(across.1) && down.0.is_multiple_of(down.1) {
        return picture::means::<1>(plane, (w, h), (to_w, to_h), (across.0 / across.1, down.0 / down.1));
    }
    let columns: Vec<Span> = (0..to_w).map(|x| span(x, across, w)).collect();
    let rows = (0..to_h).map(|y| span(y, down, h));
    wide(|| means_of_spans(plane, w, rows, &columns))
}

type Span = std::ops::Range<usize>;

/// Columns are summed first, many at a time; along a row every sum is the difference of two running ones.
#[inline(always)]
fn means_of_spans(plane: &[u8], w: usize, rows: impl ExactSizeIterator<Item = Span>, columns: &[Span]) -> Vec<u8> {
    let mut out = vec![0u8; columns.len() * rows.len()];
    let mut sums = vec![0u16; w];
    let mut running = vec![0u32; w + 1];
    let ends: Vec<(u32, u32, f32)> =
        columns.iter().map(|span| (span.start as u32, span.end as u32, 1.0 / span.len() as f32)).collect();
    for (rows, out) in rows.zip(out.chunks_exact_mut(columns.len())) {
        sums.fill(0);
        // So many rows fit a sum of 16 bits; no picture is made that small.
        let used = rows.len().min(256);
        for row in plane.chunks_exact(w).skip(rows.start).take(used) {
            for (sum, &v) in sums.iter_mut().zip(row) {
                *sum += u16::from(v);
            }
        }
        let mut total = 0u32;
        for (to, &sum) in running[1..].iter_mut().zip(&sums) {
            total += u32::from(sum);
            *to = total;
        }
        let each = 1.0 / used as f32;
        for (to, &(from, end, share)) in out.iter_mut().zip(&ends) {
            let sum = running[end as usize] - running[from as usize];
            *to = (sum as f32 * (share * each) + 0.5) as u8;
        }
    }
    out
}

/// Colour of pixels from their planes, which are of one length; BT.601 in 1/64, as a preview needs no more.
#[inline(always)]
fn rgb_row(luma: &[u8], blue: &[u8], red: &[u8], out: &mut [u8]) {
    for (((to, &l), &b), &r) in out.chunks_exact_mut(3).zip(luma).zip(blue).zip(red) {
        let (l, b, r) = (i32::from(l) << 14, i32::from(b) - 128, i32::from(r) - 128);
        let byte = |v: i32| ((v + (1 << 13)) >> 14).clamp(0, 255) as u8;
        to[0] = byte(l + 22_970 * r);
        to[1] = byte(l - 5_638 * b - 11_700 * r);
        to[2] = byte(l + 29_032 * b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn painted(w: u32, h: u32) -> Picture {
        let data = (0..h)
            .flat_map(|y| (0..w).flat_map(move |x| [(x * 255 / w) as u8, (y * 255 / h) as u8, 200 - (x * 150 / w) as u8]))
            .collect();
        Picture::rgb(w, h, data).unwrap()
    }

    fn worst(a: &Picture, b: &Picture) -> u8 {
        assert_eq!((a.w, a.h, a.data.len()), (b.w, b.h, b.data.len()));
        a.data.iter().zip(&b.data).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
    }

    #[test]
    fn colours_come_back_and_small_copies_agree_with_those_of_rgb() {
        for (w, h) in [(320, 240), (321, 239), (6, 5)] {
            let picture = painted(w, h);
            let planar = Planar::of(&picture).unwrap();
            if w > 10 {
                assert!(worst(&planar.to_picture(), &picture) <= 4);
                for n in [2, 3, 5, 8] {
                    assert!(worst(&planar.small(n), &Surface::small(&picture, n)) <= 4, "{w}x{h} by {n}");
                    assert!(worst(&planar.small_luma(n), &picture.small_luma(n)) <= 1);
                }
                assert_eq!(planar.part(40, 30, 50, 20), picture.part(40, 30, 50, 20));
            }
            // Where a row or column of colour hangs over the edge, turning it would shift all of them; pages have none.
            for turns in (0..4).filter(|_| w % 2 == 0 && h % 2 == 0) {
                let turned = planar.turned(turns).to_picture();
                assert_eq!(turned, crate::rotate90(&planar.to_picture(), turns), "{turns}");
            }
        }
    }

    #[test]
    fn planes_of_a_wrong_length_are_no_picture() {
        assert!(Planar::new(4, 4, Some((2, 2)), vec![0; 24]).is_some());
        assert!(Planar::new(4, 4, Some((2, 2)), vec![0; 23]).is_none());
        assert!(Planar::new(4, 4, Some((3, 1)), vec![0; 32]).is_none());
        assert!(Planar::new(0, 4, None, vec![]).is_none());
        let grey = Planar::of(&painted(9, 7)).unwrap().into_grey();
        assert_eq!((grey.data().len(), grey.per_colour()), (63, None));
        assert_eq!(grey.to_picture().pixels, Pixels::Luma8);
        assert!(!format!("{grey:?}").contains("data"));
    }
}
