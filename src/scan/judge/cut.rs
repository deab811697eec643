//! Does the paper go on where the camera does not look? Told by the picture and not by the outline alone, which may lie a few
//! pixels beside the paper's edge or along a line of print near a side that the frame cut off: from points of the frame's border
//! straight to the page, and where all of that is as bright as the paper, the paper reaches the border.

use super::Seen;
use crate::{Corners, Surface};

/// Points along each border of the frame from which is looked inward.
const RAYS: usize = 160;
/// Further away than this share of the frame's short side no side of the page is looked for.
const FAR: f32 = 0.16;
/// Rays that must reach the paper without meeting the desk: a corner that is cut shows more.
const RAYS_MIN: usize = 4;
/// Points along a side at which paper and desk are compared, and their distance from it.
const BESIDE: usize = 24;
const BESIDE_OFF: f32 = 0.012;
/// Brighter than this share of the paper, and the desk cannot be told from it.
const DESK_MAX: f32 = 0.88;
/// Part of the way from paper to desk at which paper ends.
const HALFWAY: f32 = 0.6;
/// Where desk and paper look alike only the outline speaks: so near to the border, as a share of the frame's long side. It was
/// found on a reduced picture, of which half a pixel is several of the frame's.
const NEAR: f32 = 0.006;

/// True when part of the sheet lies outside the frame.
pub(super) fn is_cut(seen: Seen<'_>) -> bool {
    let Seen::Within { corners, frame } = seen else { return false };
    let (w, h) = frame.size();
    if w < 16 || h < 16 || corners.iter().flatten().any(|v| !v.is_finite()) {
        return true;
    }
    let nearest = |[x, y]: [f32; 2]| x.min(y).min(w as f32 - 1.0 - x).min(h as f32 - 1.0 - y);
    let nearest = corners.iter().copied().map(nearest).fold(f32::INFINITY, f32::min);
    match desk(frame, corners) {
        _ if nearest < 1.0 => true,
        Some(desk) => Border::ALL.iter().any(|border| border.reached(frame, corners, desk) >= RAYS_MIN),
        None => nearest < NEAR * w.max(h) as f32,
    }
}

/// How bright the desk is as a share of the paper, beside the brightest side where they differ; `None` where they do nowhere.
fn desk(frame: &dyn Surface, corners: &Corners) -> Option<f32> {
    let (w, h) = frame.size();
    let off = (BESIDE_OFF * w.min(h) as f32).max(3.0);
    let ratios = (0..4).filter_map(|side| {
        let ([ax, ay], [bx, by]) = (corners[side], corners[(side + 1) % 4]);
        let (dx, dy) = (bx - ax, by - ay);
        let length = dx.hypot(dy).max(1.0);
        // Corners run clockwise, so inside is to the right.
        let (nx, ny) = (-dy / length, dx / length);
        let (mut paper, mut desk) = (Vec::new(), Vec::new());
        for i in 0..BESIDE {
            let part = 0.08 + 0.84 * i as f32 / (BESIDE - 1) as f32;
            let at = |off: f32| brightness(frame, ax + part * dx + off * nx, ay + part * dy + off * ny);
            if let (Some(inside), Some(outside)) = (at(off), at(-off)) {
                paper.push(inside);
                desk.push(outside);
            }
        }
        if paper.len() < BESIDE / 3 {
            return None;
        }
        Some(quantile(&mut desk, 0.5) / quantile(&mut paper, 0.75).max(1.0))
    });
    ratios.filter(|ratio| *ratio < DESK_MAX).reduce(f32::max)
}

/// One of the frame's four borders: whether its points run along x, and whether it is the far one.
struct Border {
    along_x: bool,
    far: bool,
}

impl Border {
    const ALL: [Self; 4] = [
        Self { along_x: true, far: false },
        Self { along_x: true, far: true },
        Self { along_x: false, far: false },
        Self { along_x: false, far: true },
    ];

    /// A point of the frame as seen from the far border.
    fn flipped(&self, [x, y]: [f32; 2], (w, h): (u32, u32)) -> [f32; 2] {
        match (self.far, self.along_x) {
            (false, _) => [x, y],
            (true, true) => [x, h as f32 - 1.0 - y],
            (true, false) => [w as f32 - 1.0 - x, y],
        }
    }

    /// How far along the border, and how far inward from it.
    fn turned(&self, point: [f32; 2], size: (u32, u32)) -> [f32; 2] {
        let [x, y] = self.flipped(point, size);
        if self.along_x { [x, y] } else { [y, x] }
    }

    /// The point of the frame so far along the border and so far inward.
    fn point(&self, along: f32, inward: f32, size: (u32, u32)) -> [f32; 2] {
        self.flipped(if self.along_x { [along, inward] } else { [inward, along] }, size)
    }

    /// How many rays from this border meet nothing darker than paper before they are in the page.
    fn reached(&self, frame: &dyn Surface, corners: &Corners, desk: f32) -> usize {
        let size = frame.size();
        let (length, short) = (if self.along_x { size.0 } else { size.1 } as f32, size.0.min(size.1) as f32);
        let quad = corners.map(|corner| self.turned(corner, size));
        let reaches = |along: f32| {
            let Some((enters, leaves)) = crossing(&quad, along) else { return false };
            let enters = enters.max(0.0);
            if enters > FAR * short || leaves - enters < 0.05 * short {
                return false;
            }
            let at = |inward: f32| {
                let [x, y] = self.point(along, inward, size);
                brightness(frame, x, y)
            };
            let inside = (0..16).filter_map(|i| at(enters + (0.008 + 0.005 * i as f32) * short));
            let mut inside: Vec<f32> = inside.collect();
            if inside.len() < 8 {
                return false;
            }
            let least = (1.0 - HALFWAY * (1.0 - desk)) * quantile(&mut inside, 0.75);
            let end = enters + 0.004 * short;
            let step = (end / 48.0).max(1.0);
            (0..=(end / step) as usize).all(|i| at(1.0 + i as f32 * step).is_none_or(|level| level >= least))
        };
        (0..RAYS).filter(|i| reaches((*i as f32 + 0.5) * length / RAYS as f32)).count()
    }
}

/// Where a line across enters and leaves a quadrilateral.
fn crossing(quad: &Corners, along: f32) -> Option<(f32, f32)> {
    let mut span: Option<(f32, f32)> = None;
    for i in 0..4 {
        let ([a, s], [b, t]) = (quad[i], quad[(i + 1) % 4]);
        if (a <= along) != (b <= along) {
            let inward = s + (t - s) * (along - a) / (b - a);
            span = Some(span.map_or((inward, inward), |(low, high)| (low.min(inward), high.max(inward))));
        }
    }
    span
}

/// Mean of nine pixels; `None` outside.
fn brightness(frame: &dyn Surface, x: f32, y: f32) -> Option<f32> {
    let (w, h) = frame.size();
    if !(0.0..w as f32).contains(&x) || !(0.0..h as f32).contains(&y) {
        return None;
    }
    let (x, y) = ((x as u32).clamp(1, w - 2), (y as u32).clamp(1, h - 2));
    let sum: u32 =
        (y - 1..=y + 1).flat_map(|y| (x - 1..=x + 1).map(move |x| (x, y))).map(|(x, y)| u32::from(frame.level(x, y))).sum();
    Some(sum as f32 / 9.0)
}

fn quantile(values: &mut [f32], share: f32) -> f32 {
    let at = ((values.len() - 1) as f32 * share) as usize;
    *values.select_nth_unstable_by(at, f32::total_cmp).1
}
