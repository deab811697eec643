//! A crooked quadrilateral becomes an upright rectangle.
//!
//! The warp is our own: imageproc's takes 402 ms for 5 MP, OpenCV's 50 (facts), this one less than either. Coordinates are exact
//! every [`STEP`] pixels and straight in between; the blend is four bytes at a time in SSE2, which every x86-64 has.

use crate::warp::STEP;
use crate::{Corners, Picture, Pixels, Planar, ScanError, warp};

/// Longest side of a squared page in pixels: A4 at 300 dpi, and a little for receipts.
pub const SIDE_MAX: u32 = 4200;
/// A projective map of the plane, row by row.
#[derive(Clone, Copy, Debug)]
pub struct Projection([f64; 9]);

impl Projection {
    /// The map that takes the unit square (0,0) (1,0) (1,1) (0,1) to these corners.
    /// `None` for corners on one line.
    #[must_use]
    pub fn from_unit(corners: &Corners) -> Option<Self> {
        let [a, b, c, d] = corners.map(|[x, y]| [f64::from(x), f64::from(y)]);
        // Heckbert 1989, §2.2.3.
        let (dx1, dy1) = (b[0] - c[0], b[1] - c[1]);
        let (dx2, dy2) = (d[0] - c[0], d[1] - c[1]);
        let (sx, sy) = (a[0] - b[0] + c[0] - d[0], a[1] - b[1] + c[1] - d[1]);
        let den = dx1 * dy2 - dx2 * dy1;
        if !den.is_finite() || den.abs() < 1e-9 {
            return None;
        }
        let g = (sx * dy2 - dx2 * sy) / den;
        let h = (dx1 * sy - sx * dy1) / den;
        Some(Self([
            b[0] - a[0] + g * b[0],
            d[0] - a[0] + h * d[0],
            a[0],
            b[1] - a[1] + g * b[1],
            d[1] - a[1] + h * d[1],
            a[1],
            g,
            h,
            1.0,
        ]))
    }

    /// Where a point goes.
    #[inline(always)]
    #[must_use]
    pub fn map(&self, u: f64, v: f64) -> [f64; 2] {
        let m = &self.0;
        let w = m[6] * u + m[7] * v + m[8];
        [(m[0] * u + m[1] * v + m[2]) / w, (m[3] * u + m[4] * v + m[5]) / w]
    }

    /// The map back; `None` where there is none.
    #[must_use]
    pub fn inverse(&self) -> Option<Self> {
        let m = &self.0;
        let minor = |a: usize, b: usize, c: usize, d: usize| m[a] * m[d] - m[b] * m[c];
        let adjugate = [
            minor(4, 5, 7, 8),
            minor(2, 1, 8, 7),
            minor(1, 2, 4, 5),
            minor(5, 3, 8, 6),
            minor(0, 2, 6, 8),
            minor(2, 0, 5, 3),
            minor(3, 4, 6, 7),
            minor(1, 0, 7, 6),
            minor(0, 1, 3, 4),
        ];
        let determinant = m[0] * adjugate[0] + m[1] * adjugate[3] + m[2] * adjugate[6];
        (determinant.is_finite() && determinant.abs() > 1e-12).then(|| Self(adjugate.map(|v| v / determinant)))
    }

    /// The same map fed with pixel centres of a `w` × `h` picture instead of the unit square.
    fn for_pixels(&self, w: u32, h: u32) -> Self {
        self.for_planes((w, h), (1.0, 1.0), (1.0, 1.0))
    }

    /// From pixel centres of a plane that belongs to a `w` × `h` picture to those of a plane of the source. `of_target` and
    /// `of_source` are the picture's pixels to one of the plane, across and down.
    fn for_planes(&self, (w, h): (u32, u32), of_target: (f64, f64), of_source: (f64, f64)) -> Self {
        let (sx, sy) = (of_target.0 / f64::from(w), of_target.1 / f64::from(h));
        let m = &self.0;
        let mut out = [0.0; 9];
        for r in 0..3 {
            out[r * 3] = m[r * 3] * sx;
            out[r * 3 + 1] = m[r * 3 + 1] * sy;
            out[r * 3 + 2] = m[r * 3 + 2] + 0.5 * sx * m[r * 3] + 0.5 * sy * m[r * 3 + 1];
        }
        // A coarser plane's pixel centre lies in the middle of those that it stands for.
        for c in 0..3 {
            let depth = 0.5 * out[6 + c];
            out[c] = (out[c] + depth) / of_source.0 - depth;
            out[3 + c] = (out[3 + c] + depth) / of_source.1 - depth;
        }
        Self(out)
    }
}

/// True when the corners run clockwise (y down) and every turn is a real one: no crossing, no needle.
#[must_use]
pub fn is_convex(corners: &Corners) -> bool {
    if corners.iter().flatten().any(|v| !v.is_finite()) {
        return false;
    }
    (0..4).all(|i| {
        let (a, b, c) = (corners[i], corners[(i + 1) % 4], corners[(i + 2) % 4]);
        let (u, v) = ([b[0] - a[0], b[1] - a[1]], [c[0] - b[0], c[1] - b[1]]);
        let cross = u[0] * v[1] - u[1] * v[0];
        cross > 0.02 * (u[0].hypot(u[1]) * v[0].hypot(v[1])) && u[0].hypot(u[1]) >= 2.0
    })
}

/// Puts four points into the house's order: clockwise, starting at the top left. `None` when they span no quadrilateral.
#[must_use]
pub fn ordered(points: [[f32; 2]; 4]) -> Option<Corners> {
    if points.iter().flatten().any(|v| !v.is_finite()) {
        return None;
    }
    let cx = points.iter().map(|p| p[0]).sum::<f32>() / 4.0;
    let cy = points.iter().map(|p| p[1]).sum::<f32>() / 4.0;
    let mut sorted = points;
    sorted.sort_by(|p, q| (p[1] - cy).atan2(p[0] - cx).total_cmp(&(q[1] - cy).atan2(q[0] - cx)));
    let first = (0..4).min_by(|&i, &j| (sorted[i][0] + sorted[i][1]).total_cmp(&(sorted[j][0] + sorted[j][1])))?;
    sorted.rotate_left(first);
    is_convex(&sorted).then_some(sorted)
}

fn distance(a: [f32; 2], b: [f32; 2]) -> f64 {
    f64::from(a[0] - b[0]).hypot(f64::from(a[1] - b[1]))
}

/// Width over height of the thing itself, undone from perspective: a camera that looks from the side shortens one pair of sides.
/// Zhang & He 2006 ("Whiteboard scanning"), with the optical axis in the middle of a `w` × `h` frame.
#[must_use]
pub fn true_aspect(corners: &Corners, w: u32, h: u32) -> f64 {
    let (cx, cy) = (f64::from(w) / 2.0, f64::from(h) / 2.0);
    let [m1, m2, m4, m3] = corners.map(|[x, y]| [f64::from(x) - cx, f64::from(y) - cy, 1.0]);
    let across = (distance(corners[0], corners[1]) + distance(corners[3], corners[2])) / 2.0;
    let down = (distance(corners[0], corners[3]) + distance(corners[1], corners[2])) / 2.0;
    let seen = across / down.max(1e-6);
    let k2 = dot(cross(m1, m4), m3) / dot(cross(m2, m4), m3);
    let k3 = dot(cross(m1, m4), m2) / dot(cross(m3, m4), m2);
    let n2 = [0, 1, 2].map(|i| k2 * m2[i] - m1[i]);
    let n3 = [0, 1, 2].map(|i| k3 * m3[i] - m1[i]);
    // Without depth in both directions the focal length cannot be told; a document camera's lens is about 55° wide.
    let assumed = (0.95 * f64::from(w.max(h))).powi(2);
    let measured = -(n2[0] * n3[0] + n2[1] * n3[1]) / (n2[2] * n3[2]);
    let focal2 = if measured.is_finite() && (0.3..=4.0).contains(&(measured / assumed)) && (n2[2] * n3[2]).abs() > 2e-3 {
        measured
    } else {
        assumed
    };
    let length = |n: [f64; 3]| (n[0] * n[0] + n[1] * n[1]) / focal2 + n[2] * n[2];
    let aspect = (length(n2) / length(n3)).sqrt();
    if aspect.is_finite() && (0.5..=2.0).contains(&(aspect / seen)) { aspect } else { seen }
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// Kinds of paper whose proportions are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// ISO 216 A4 or A5, 1 : √2.
    IsoA,
    /// ISO/IEC 7810 ID-1, 85.60 × 53.98 mm: identity and bank cards.
    Id1,
    /// An open booklet (户口簿): two pages of 143 × 105 mm, one above the other.
    Booklet,
    /// Anything else, receipts among it.
    Free,
}

impl Format {
    /// Long side over short side, where it is known.
    #[must_use]
    pub fn ratio(self) -> Option<f64> {
        match self {
            Self::IsoA => Some(std::f64::consts::SQRT_2),
            Self::Id1 => Some(85.60 / 53.98),
            Self::Booklet => Some(210.0 / 143.0),
            Self::Free => None,
        }
    }

    /// The nearest known format within 2.5 %; what fits none stays free. A booklet is only taken when asked for: it is too near
    /// to A4 to be told by its shape.
    #[must_use]
    pub fn guess(aspect: f64) -> Self {
        let long = aspect.max(1.0 / aspect);
        [Self::IsoA, Self::Id1]
            .into_iter()
            .find(|format| format.ratio().is_some_and(|r| (long / r - 1.0).abs() < 0.025))
            .unwrap_or(Self::Free)
    }
}

/// Width and height in pixels of the squared page: nothing enlarged, true proportions, sides at most [`SIDE_MAX`].
#[must_use]
pub fn page_size(corners: &Corners, frame: (u32, u32), format: Option<Format>) -> (u32, u32) {
    let across = distance(corners[0], corners[1]).max(distance(corners[3], corners[2]));
    let down = distance(corners[0], corners[3]).max(distance(corners[1], corners[2]));
    let mut aspect = true_aspect(corners, frame.0, frame.1);
    if let Some(ratio) = format.unwrap_or_else(|| Format::guess(aspect)).ratio() {
        aspect = if aspect >= 1.0 { ratio } else { 1.0 / ratio };
    }
    // Area as seen, proportions as they are.
    let area = across * down;
    let (mut w, mut h) = ((area * aspect).sqrt(), (area / aspect).sqrt());
    let longest = w.max(h);
    if longest > f64::from(SIDE_MAX) {
        w *= f64::from(SIDE_MAX) / longest;
        h *= f64::from(SIDE_MAX) / longest;
    }
    ((w.round() as u32).max(8), (h.round() as u32).max(8))
}

/// The page inside the corners, upright, at its own resolution and in its true proportions.
///
/// # Errors
/// Corners that are no quadrilateral, not finite, or far outside the picture.
pub fn square(picture: &Picture, corners: &Corners) -> Result<Picture, ScanError> {
    let (w, h) = page_size(corners, (picture.w, picture.h), None);
    square_to(picture, corners, w, h)
}

/// As [`square_to`], from planes to planes with a quarter of the colour. Width and height become even.
///
/// # Errors
/// As [`square`].
pub fn square_planar(picture: &Planar, corners: &Corners, (w, h): (u32, u32)) -> Result<Planar, ScanError> {
    let even = |side: u32| side.saturating_add(side % 2);
    let (w, h) = (even(w), even(h));
    let unit = checked(corners, (picture.w, picture.h), (w, h))?;
    let size = (picture.w as usize, picture.h as usize);
    let (to, half) = ((w as usize, h as usize), (w as usize / 2, h as usize / 2));
    // A colour plane of one column or row has no neighbours to blend.
    let colour = picture.per_colour().filter(|_| picture.colour_size().0 >= 2 && picture.colour_size().1 >= 2);
    let length = to.0 * to.1 + if colour.is_some() { 2 * half.0 * half.1 } else { 0 };
    let per_colour = colour.map(|_| (2, 2));
    let mut page = Planar::new(w, h, per_colour, vec![0u8; length]).ok_or(ScanError::BadCorners)?;
    let [luma, blue, red] = page.planes_mut();
    warp::planes([picture.luma()], size, &unit.for_pixels(w, h), [luma], to);
    if let Some((across, down)) = colour {
        let map = unit.for_planes((w, h), (2.0, 2.0), (across as f64, down as f64));
        warp::planes([picture.blue(), picture.red()], picture.colour_size(), &map, [blue, red], half);
    }
    Ok(page)
}

/// The map onto these corners, when they and the sizes make sense.
fn checked(corners: &Corners, frame: (u32, u32), (w, h): (u32, u32)) -> Result<Projection, ScanError> {
    let far = frame.0.max(frame.1) as f32;
    let inside = |p: &[f32; 2]| p[0] > -far && p[1] > -far && p[0] < 2.0 * far && p[1] < 2.0 * far;
    if !is_convex(corners) || !corners.iter().all(inside) || w == 0 || h == 0 || w > 2 * SIDE_MAX || h > 2 * SIDE_MAX {
        return Err(ScanError::BadCorners);
    }
    if frame.0 < 2 || frame.1 < 2 {
        return Err(ScanError::Empty);
    }
    Projection::from_unit(corners).ok_or(ScanError::BadCorners)
}

/// As [`square`], to a size in pixels that the caller knows.
///
/// # Errors
/// As [`square`].
pub fn square_to(picture: &Picture, corners: &Corners, w: u32, h: u32) -> Result<Picture, ScanError> {
    let map = checked(corners, (picture.w, picture.h), (w, h))?.for_pixels(w, h);
    let c = picture.pixels.bytes();
    let mut data = vec![0u8; w as usize * h as usize * c];
    for (y, row) in data.chunks_exact_mut(w as usize * c).enumerate() {
        match picture.pixels {
            Pixels::Rgb8 => warp_row_rgb(picture, &map, y, row),
            Pixels::Luma8 => warp_row(picture, &map, y, row, blend_luma, 1),
        }
    }
    Ok(Picture { w, h, pixels: picture.pixels, data })
}

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "SSE2 belongs to x86-64 itself, and the blend is four times slower without it")]
fn warp_row_rgb(picture: &Picture, map: &Projection, y: usize, out: &mut [u8]) {
    #[target_feature(enable = "sse2")]
    fn row(picture: &Picture, map: &Projection, y: usize, out: &mut [u8]) {
        warp_row(picture, map, y, out, |data, at, stride, fx, fy, out| blend_rgb(data, at, stride, fx, fy, out), 3);
    }
    // SAFETY: every x86-64 processor has SSE2; the function touches memory through slices only.
    unsafe { row(picture, map, y, out) }
}

#[cfg(not(target_arch = "x86_64"))]
fn warp_row_rgb(picture: &Picture, map: &Projection, y: usize, out: &mut [u8]) {
    warp_row(picture, map, y, out, blend_rgb_plain, 3);
}

/// One row of the target, `c` bytes a pixel. Positions are 16.16 fixed point, cut to the picture so that a page partly outside
/// repeats its edge.
#[inline(always)]
fn warp_row(
    picture: &Picture,
    map: &Projection,
    y: usize,
    out: &mut [u8],
    blend: impl Fn(&[u8], usize, usize, i16, i16, &mut [u8]),
    c: usize,
) {
    let v = y as f64;
    let (x_max, y_max) = (((picture.w as i64 - 1) << 16) - 1, ((picture.h as i64 - 1) << 16) - 1);
    let fixed = |u: usize| {
        let [x, y] = map.map(u as f64, v);
        ((x * 65536.0) as i64, (y * 65536.0) as i64)
    };
    let stride = picture.stride();
    let w = out.len() / c;
    let mut from = fixed(0);
    for start in (0..w).step_by(STEP) {
        let to = fixed(start + STEP);
        let (dx, dy) = ((to.0 - from.0) / STEP as i64, (to.1 - from.1) / STEP as i64);
        let (mut x, mut y) = from;
        for u in start..(start + STEP).min(w) {
            let (px, py) = (x.clamp(0, x_max), y.clamp(0, y_max));
            let at = (py >> 16) as usize * stride + (px >> 16) as usize * c;
            blend(&picture.data, at, stride, ((px >> 9) & 127) as i16, ((py >> 9) & 127) as i16, &mut out[u * c..]);
            x += dx;
            y += dy;
        }
        from = to;
    }
}

#[inline(always)]
fn blend_luma(data: &[u8], at: usize, stride: usize, fx: i16, fy: i16, out: &mut [u8]) {
    let (fx, fy) = (i32::from(fx), i32::from(fy));
    let p = |i: usize| i32::from(data[i]);
    let left = p(at) * (128 - fy) + p(at + stride) * fy;
    let right = p(at + 1) * (128 - fy) + p(at + stride + 1) * fy;
    out[0] = ((left * (128 - fx) + right * fx + 8192) >> 14) as u8;
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse2")]
#[inline]
fn blend_rgb(data: &[u8], at: usize, stride: usize, fx: i16, fy: i16, out: &mut [u8]) {
    use std::arch::x86_64::{
        _mm_add_epi16, _mm_cvtsi64_si128, _mm_cvtsi128_si32, _mm_mullo_epi16, _mm_packus_epi16, _mm_set1_epi16,
        _mm_setzero_si128, _mm_srai_epi16, _mm_srli_si128, _mm_sub_epi16, _mm_unpacklo_epi8,
    };
    // Two neighbours are six bytes; eight are read, and only the last two pixels of the picture must take the slow road.
    let below = at + stride;
    let (Some(top), Some(low)) =
        (data.get(at..at + 8).and_then(|s| s.first_chunk::<8>()), data.get(below..below + 8).and_then(|s| s.first_chunk::<8>()))
    else {
        return blend_rgb_plain(data, at, stride, fx, fy, out);
    };
    let zero = _mm_setzero_si128();
    let top = _mm_unpacklo_epi8(_mm_cvtsi64_si128(i64::from_le_bytes(*top)), zero);
    let low = _mm_unpacklo_epi8(_mm_cvtsi64_si128(i64::from_le_bytes(*low)), zero);
    let half = _mm_set1_epi16(64);
    let down = _mm_add_epi16(
        top,
        _mm_srai_epi16::<7>(_mm_add_epi16(_mm_mullo_epi16(_mm_sub_epi16(low, top), _mm_set1_epi16(fy)), half)),
    );
    let right = _mm_srli_si128::<6>(down);
    let across = _mm_add_epi16(
        down,
        _mm_srai_epi16::<7>(_mm_add_epi16(_mm_mullo_epi16(_mm_sub_epi16(right, down), _mm_set1_epi16(fx)), half)),
    );
    let bytes = _mm_cvtsi128_si32(_mm_packus_epi16(across, across)).to_le_bytes();
    // Four bytes at once; the next pixel overwrites the fourth.
    if let Some(four) = out.first_chunk_mut::<4>() {
        *four = bytes;
    } else {
        out[..3].copy_from_slice(&bytes[..3]);
    }
}

fn blend_rgb_plain(data: &[u8], at: usize, stride: usize, fx: i16, fy: i16, out: &mut [u8]) {
    let (fx, fy) = (i32::from(fx), i32::from(fy));
    for (channel, to) in out[..3].iter_mut().enumerate() {
        let p = |i: usize| i32::from(data[i + channel]);
        let left = p(at) * 128 + (p(at + stride) - p(at)) * fy;
        let right = p(at + 3) * 128 + (p(at + stride + 3) - p(at + 3)) * fy;
        *to = ((left * 128 + (right - left) * fx + 8192) >> 14) as u8;
    }
}

#[cfg(test)]
#[path = "square_tests.rs"]
mod tests;
