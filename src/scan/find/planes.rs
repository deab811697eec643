//! The picture made small, its colours split, its print rubbed out, its edges found.

use crate::Picture;

/// Long side of the small picture; smaller ones stay as they are. A page needs some hundred pixels to be found, its corners are refined at full size;
/// 640 costs half as much again and finds no more.
const SIDE: usize = 512;

/// One byte a pixel.
#[derive(Clone, Debug)]
pub(crate) struct Plane {
    pub w: usize,
    pub h: usize,
    pub data: Vec<u8>,
}

/// Brightness and two colour differences of the small picture.
#[derive(Debug)]
pub(crate) struct Planes {
    pub w: usize,
    pub h: usize,
    /// Original pixels in one small pixel.
    pub n: f32,
    pub luma: Plane,
    pub blue: Plane,
    pub red: Plane,
}

impl Planes {
    /// Averages 2 × 2 points of each block: reading every byte of 13 MP would cost more than all the rest.
    pub(crate) fn new(picture: &Picture) -> Self {
        let (across, down) = (picture.w as usize, picture.h as usize);
        let n = (across.max(down) as f32 / SIDE as f32).max(1.0);
        let (w, h) = (((across as f32 / n) as usize).max(1), ((down as f32 / n) as usize).max(1));
        let taps = |i: usize, most: usize| [0.25, 0.75].map(|part| (((i as f32 + part) * n) as usize).min(most - 1));
        let c = picture.pixels.bytes();
        let columns: Vec<[usize; 2]> = (0..w).map(|x| taps(x, across).map(|x| x * c)).collect();
        let mut planes = [0; 3].map(|_| vec![128u8; w * h]);
        for y in 0..h {
            let [upper, lower] = taps(y, down).map(|y| picture.row(y as u32));
            let [luma, blue, red] = &mut planes;
            let span = y * w..(y + 1) * w;
            let out = luma[span.clone()].iter_mut().zip(&mut blue[span.clone()]).zip(&mut red[span]);
            if c == 3 {
                for (((luma, blue), red), &[a, b]) in out.zip(&columns) {
                    let corners = [&upper[a..a + 3], &upper[b..b + 3], &lower[a..a + 3], &lower[b..b + 3]];
                    let [r, g, b] = [0, 1, 2].map(|i| corners.iter().fold(2, |sum, corner| sum + i32::from(corner[i])) >> 2);
                    let l = (r * 77 + g * 150 + b * 29 + 128) >> 8;
                    *luma = l as u8;
                    *blue = (128 + (((b - l) * 144) >> 8)) as u8;
                    *red = (128 + (((r - l) * 183) >> 8)) as u8;
                }
            } else {
                for (((luma, _), _), &[a, b]) in out.zip(&columns) {
                    let sum = u16::from(upper[a]) + u16::from(upper[b]) + u16::from(lower[a]) + u16::from(lower[b]);
                    *luma = ((sum + 2) >> 2) as u8;
                }
            }
        }
        let [luma, blue, red] = planes.map(|data| Plane { w, h, data });
        Self { w, h, n, luma, blue, red }
    }

    /// A point of the small picture in pixels of the original.
    pub(crate) fn to_original(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        [(x + 0.5) * self.n - 0.5, (y + 0.5) * self.n - 0.5]
    }
}

impl Plane {
    pub(crate) fn row(&self, y: usize) -> &[u8] {
        &self.data[y * self.w..(y + 1) * self.w]
    }

    /// Binomial 3 × 3.
    pub(crate) fn smoothed(&self) -> Self {
        let (w, h) = (self.w, self.h);
        let mut data = vec![0u8; w * h];
        let mut sums = vec![0u16; w];
        for y in 0..h {
            let (up, here, down) = (self.row(y.saturating_sub(1)), self.row(y), self.row((y + 1).min(h - 1)));
            for (((s, &a), &b), &c) in sums.iter_mut().zip(up).zip(here).zip(down) {
                *s = u16::from(a) + 2 * u16::from(b) + u16::from(c);
            }
            let out = &mut data[y * w..(y + 1) * w];
            for (o, s) in out[1.min(w - 1)..w - 1].iter_mut().zip(sums.windows(3)) {
                *o = ((s[0] + 2 * s[1] + s[2] + 8) >> 4) as u8;
            }
            out[0] = ((sums[0] + 2) >> 2) as u8;
            out[w - 1] = ((sums[w - 1] + 2) >> 2) as u8;
        }
        Self { w, h, data }
    }

    /// Closing with a square of side `2 r + 1`: what is dark and thinner than that, print above all, takes the colour of its paper.
    pub(crate) fn closed(&self, r: usize) -> Self {
        let wide = extreme(self, r, u8::max, 0);
        extreme(&wide, r, u8::min, 255)
    }
}

/// Running extreme over a square window, by doubling: windows of 1, 2, 4 … are combined, each a pass that the compiler vectorises.
fn extreme(plane: &Plane, r: usize, pick: fn(u8, u8) -> u8, outside: u8) -> Plane {
    if pick(0, 255) == 255 { extreme_by(plane, r, u8::max, outside) } else { extreme_by(plane, r, u8::min, outside) }
}

#[inline(always)]
fn extreme_by(plane: &Plane, r: usize, pick: impl Fn(u8, u8) -> u8, outside: u8) -> Plane {
    let (w, h, window) = (plane.w, plane.h, 2 * r + 1);
    let mut tall = vec![outside; w * (h + 2 * r)];
    let (mut from, mut to) = (vec![outside; w + 2 * window], vec![outside; w + 2 * window]);
    for y in 0..h {
        from.fill(outside);
        from[r..r + w].copy_from_slice(plane.row(y));
        let mut size = 1;
        while size < window {
            let step = size.min(window - size);
            for ((t, &a), &b) in to.iter_mut().zip(&from[..]).zip(&from[step..]) {
                *t = pick(a, b);
            }
            std::mem::swap(&mut from, &mut to);
            size += step;
        }
        tall[(r + y) * w..(r + y + 1) * w].copy_from_slice(&from[..w]);
    }
    let mut size = 1;
    while size < window {
        let step = size.min(window - size);
        for y in 0..h + 2 * r - step {
            let (upper, lower) = tall.split_at_mut((y + step) * w);
            for (a, &b) in upper[y * w..(y + 1) * w].iter_mut().zip(&lower[..w]) {
                *a = pick(*a, b);
            }
        }
        size += step;
    }
    tall.truncate(w * h);
    Plane { w, h, data: tall }
}

/// A point of an edge: place, strength and direction of the steepest rise.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge {
    pub x: f32,
    pub y: f32,
    /// Towards the brighter side, in 256ths of a full turn, clockwise from +x (y down).
    pub turn: u8,
    /// 1–255, in quarters of a Sobel unit.
    pub strength: u8,
}

/// All edge points, ordered by direction: whoever asks about a line asks about points of nearly one direction.
#[derive(Debug)]
pub(crate) struct Edges {
    pub w: usize,
    pub h: usize,
    pub list: Vec<Edge>,
    /// Where each direction begins in `list`; one more at the end.
    starts: [usize; 257],
}

impl Edges {
    fn new(w: usize, h: usize, found: &[Edge]) -> Self {
        let mut starts = [0usize; 257];
        for edge in found {
            starts[usize::from(edge.turn) + 1] += 1;
        }
        for i in 0..256 {
            starts[i + 1] += starts[i];
        }
        let mut next = starts;
        let mut list = found.to_vec();
        for edge in found {
            let place = &mut next[usize::from(edge.turn)];
            list[*place] = *edge;
            *place += 1;
        }
        Self { w, h, list, starts }
    }

    /// Points whose direction differs from `turn` by no more than `spread`, both in 256ths of a turn.
    pub(crate) fn about(&self, turn: i32, spread: i32) -> impl Iterator<Item = &Edge> {
        let (from, to) = ((turn - spread).rem_euclid(256) as usize, (turn + spread).rem_euclid(256) as usize);
        let (first, second) = if from <= to {
            (self.starts[from]..self.starts[to + 1], 0..0)
        } else {
            (self.starts[from]..self.list.len(), 0..self.starts[to + 1])
        };
        self.list[first].iter().chain(&self.list[second])
    }
}

/// Direction in 256ths of a turn; good to half of one.
#[inline]
pub(crate) fn turn_of(x: f32, y: f32) -> u8 {
    let (ax, ay) = (x.abs(), y.abs());
    let a = ax.min(ay) / ax.max(ay).max(1e-9);
    let s = a * a;
    // Polynomial of atan over 0..1 in turns of 256.
    let mut r = ((-0.046_496_47 * s + 0.159_314_22) * s - 0.327_622_76) * s * a + a;
    r *= 128.0 / std::f32::consts::PI;
    if ay > ax {
        r = 64.0 - r;
    }
    if x < 0.0 {
        r = 128.0 - r;
    }
    if y < 0.0 {
        r = 256.0 - r;
    }
    (r.round() as i32 & 255) as u8
}

/// Share of all points that may be edges before only the stronger ones count: grain and cloth are edges everywhere.
const EDGES_MOST: usize = 8;

/// Edge points of the strongest of several planes: Sobel, thinned along the slope. `weights` lift the colour planes.
/// Strengths are sums of the two slopes, so that a row is a matter of 16-bit additions; direction and exact slope are worked out
/// only where an edge stands. What is an edge adapts within `floor`: on a smooth white desk a faint step is one.
pub(crate) fn edges(planes: &[(&Plane, i16)], floor: std::ops::RangeInclusive<u16>) -> Edges {
    let (w, h) = (planes[0].0.w, planes[0].0.h);
    if w < 3 || h < 3 {
        return Edges::new(w, h, &[]);
    }
    let mut slopes = vec![0u16; w * h];
    for (plane, weight) in planes {
        for y in 1..h - 1 {
            let out = &mut slopes[y * w + 1..(y + 1) * w - 1];
            steepness(plane.row(y - 1), plane.row(y), plane.row(y + 1), *weight, out);
        }
    }
    let floor = common(&slopes).clamp(*floor.start(), *floor.end());
    let mut found = Vec::with_capacity(w * h / 10);
    for y in 1..h - 1 {
        let row = &slopes[y * w..(y + 1) * w];
        for x in 1..w - 1 {
            let m = row[x];
            if m < floor {
                continue;
            }
            let at = y * w + x;
            let (dx, dy) = slope(planes, at);
            let (ax, ay) = (dx.abs(), dy.abs());
            // 22.5° in whole numbers.
            let step = if ay * 5 < ax * 2 {
                1
            } else if ax * 5 < ay * 2 {
                w
            } else if (dx > 0) == (dy > 0) {
                w + 1
            } else {
                w - 1
            };
            if m < slopes[at - step] || m <= slopes[at + step] {
                continue;
            }
            let strength = (((dx * dx + dy * dy) as f32).sqrt() / 4.0).clamp(1.0, 255.0) as u8;
            found.push(Edge { x: x as f32, y: y as f32, turn: turn_of(dx as f32, dy as f32), strength });
        }
    }
    Edges::new(w, h, &found)
}

/// The slope that one point in [`EDGES_MOST`] exceeds.
fn common(slopes: &[u16]) -> u16 {
    let mut histogram = [0usize; 256];
    for &slope in slopes.iter().step_by(5) {
        histogram[usize::from(slope.min(255))] += 1;
    }
    let mut above = slopes.len() / 5 / EDGES_MOST;
    for (slope, &n) in histogram.iter().enumerate().rev() {
        if n > above {
            return slope as u16;
        }
        above -= n;
    }
    0
}

/// One row of `|dx| + |dy|`, kept where it is more than what stands there.
fn steepness(up: &[u8], here: &[u8], down: &[u8], weight: i16, out: &mut [u16]) {
    let n = out.len();
    let (u0, u1, u2) = (&up[..n], &up[1..n + 1], &up[2..n + 2]);
    let (h0, h2) = (&here[..n], &here[2..n + 2]);
    let (d0, d1, d2) = (&down[..n], &down[1..n + 1], &down[2..n + 2]);
    let v = |b: u8| i16::from(b);
    for i in 0..n {
        let dx = (v(u2[i]) - v(u0[i])) + 2 * (v(h2[i]) - v(h0[i])) + (v(d2[i]) - v(d0[i]));
        let dy = (v(d0[i]) - v(u0[i])) + 2 * (v(d1[i]) - v(u1[i])) + (v(d2[i]) - v(u2[i]));
        let m = ((dx.abs() + dy.abs()) * weight) as u16;
        out[i] = out[i].max(m);
    }
}

/// Slope of the plane that is steepest at a point inside.
fn slope(planes: &[(&Plane, i16)], at: usize) -> (i32, i32) {
    let mut best = (0i32, 0i32);
    for (plane, weight) in planes {
        let (w, d) = (plane.w, &plane.data);
        let v = |i: usize| i32::from(d[i]);
        let (a, b, c) = (at - w, at, at + w);
        let dx = (v(a + 1) - v(a - 1)) + 2 * (v(b + 1) - v(b - 1)) + (v(c + 1) - v(c - 1));
        let dy = (v(c - 1) - v(a - 1)) + 2 * (v(c) - v(a)) + (v(c + 1) - v(a + 1));
        let (dx, dy) = (dx * i32::from(*weight), dy * i32::from(*weight));
        if dx.abs() + dy.abs() > best.0.abs() + best.1.abs() {
            best = (dx, dy);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_are_right_all_around() {
        for i in 0..256 {
            let angle = i as f32 * std::f32::consts::TAU / 256.0;
            let got = turn_of(angle.cos() * 7.0, angle.sin() * 7.0);
            let off = (i32::from(got) - i).rem_euclid(256);
            assert!(off <= 1 || off >= 255, "{i}: {got}");
        }
    }

    #[test]
    fn closing_rubs_out_print_and_keeps_the_paper() {
        let mut plane = Plane { w: 40, h: 30, data: vec![200; 1200] };
        for y in 10..13 {
            for x in 5..30 {
                plane.data[y * 40 + x] = 20;
            }
        }
        let mut slow = vec![0u8; 1200];
        for y in 0..30i32 {
            for x in 0..40i32 {
                let inside = |px: i32, py: i32| (0..40).contains(&px) && (0..30).contains(&py);
                let dilated = |cx: i32, cy: i32| {
                    (-2..=2)
                        .flat_map(|dy| (-2..=2).map(move |dx| (cx + dx, cy + dy)))
                        .filter(|&(px, py)| inside(px, py))
                        .map(|(px, py)| plane.data[(py * 40 + px) as usize])
                        .max()
                        .unwrap()
                };
                slow[(y * 40 + x) as usize] = (-2..=2)
                    .flat_map(|dy| (-2..=2).map(move |dx| (x + dx, y + dy)))
                    .filter(|&(px, py)| inside(px, py))
                    .map(|(px, py)| dilated(px, py))
                    .min()
                    .unwrap();
            }
        }
        assert_eq!(plane.closed(2).data, slow);
        assert!(plane.closed(2).data.iter().all(|&v| v == 200));
    }

    #[test]
    fn an_edge_points_to_its_bright_side() {
        let data = (0..40 * 40).map(|i| if i % 40 < 20 { 30 } else { 220 }).collect();
        let found = edges(&[(&Plane { w: 40, h: 40, data }, 1)], 20..=20);
        assert!(!found.list.is_empty());
        assert!(found.list.iter().all(|edge| edge.turn == 0 && (19.0..=20.0).contains(&edge.x)));
    }
}
