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
        let [first, second] = self.places(turn, spread);
        self.list[first].iter().chain(&self.list[second])
    }

    /// Where those stand in the list.
    pub(crate) fn places(&self, turn: i32, spread: i32) -> [std::ops::Range<usize>; 2] {
        let (from, to) = ((turn - spread).rem_euclid(256) as usize, (turn + spread).rem_euclid(256) as usize);
        if from <= to {
            [self.starts[from]..self.starts[to + 1], 0..0]
        } else {
            [self.starts[from]..self.list.len(), 0..self.starts[to + 1]]
        }
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
    ((r + 0.5) as i32 & 255) as u8
}

/// Share of all points that may be edges before only the stronger ones count: grain and cloth are edges everywhere.
const EDGES_MOST: usize = 8;
/// Every so manieth row is looked at to learn what is common.
const COMMON_STEP: usize = 4;

/// Slopes of one row, those of the plane that is steepest at each point. Everything about a row is a matter of 16-bit additions,
/// eight at once. They cannot leave 16 bits (4 × 255 × the weight); written as wrapping ones, because a build that checks every sum
/// takes them one by one.
struct Slopes {
    /// `|dx| + |dy|`.
    sum: Vec<i16>,
    dx: Vec<i16>,
    dy: Vec<i16>,
    /// The three rows of a plane added one, two, one; and the lower less the upper.
    added: Vec<i16>,
    fallen: Vec<i16>,
}

impl Slopes {
    fn new(w: usize) -> Self {
        let row = || vec![0; w];
        Self { sum: row(), dx: row(), dy: row(), added: row(), fallen: row() }
    }

    /// Sobel over the row `y`, which is neither the first nor the last. `weights` lift the colour planes.
    fn fill(&mut self, planes: &[(&Plane, i16)], y: usize) {
        self.sum.fill(-1);
        for (plane, weight) in planes {
            let w = plane.w;
            let (up, here, down) = (&plane.row(y - 1)[..w], &plane.row(y)[..w], &plane.row(y + 1)[..w]);
            let (added, fallen) = (&mut self.added[..w], &mut self.fallen[..w]);
            for x in 0..w {
                let (u, h, d) = (i16::from(up[x]), i16::from(here[x]), i16::from(down[x]));
                added[x] = u.wrapping_add(h).wrapping_add(h).wrapping_add(d).wrapping_mul(*weight);
                fallen[x] = d.wrapping_sub(u).wrapping_mul(*weight);
            }
            let inner = 1..w - 1;
            steeper(added, fallen, &mut self.sum[inner.clone()], &mut self.dx[inner.clone()], &mut self.dy[inner]);
        }
    }
}

/// Keeps the slopes that are steeper than those that stand there. A function of its own, so that the compiler knows the rows apart;
/// masks in place of branches, so that it takes eight at once.
#[inline(never)]
fn steeper(added: &[i16], fallen: &[i16], sums: &mut [i16], dxs: &mut [i16], dys: &mut [i16]) {
    let n = added.len() - 2;
    let (a0, a2) = (&added[..n], &added[2..][..n]);
    let (f0, f1, f2) = (&fallen[..n], &fallen[1..][..n], &fallen[2..][..n]);
    let (sums, dxs, dys) = (&mut sums[..n], &mut dxs[..n], &mut dys[..n]);
    for x in 0..n {
        let dx = a2[x].wrapping_sub(a0[x]);
        let dy = f0[x].wrapping_add(f1[x]).wrapping_add(f1[x]).wrapping_add(f2[x]);
        let sum = dx.wrapping_abs().wrapping_add(dy.wrapping_abs());
        let new = i16::from(sum > sums[x]).wrapping_neg();
        sums[x] = (sum & new) | (sums[x] & !new);
        dxs[x] = (dx & new) | (dxs[x] & !new);
        dys[x] = (dy & new) | (dys[x] & !new);
    }
}

/// Edge points of the strongest of several planes: Sobel, thinned along the slope. `weights` lift the colour planes.
/// What is an edge adapts within `floor`: on a smooth white desk a faint step is one.
pub(crate) fn edges(planes: &[(&Plane, i16)], floor: std::ops::RangeInclusive<u16>) -> Edges {
    let (w, h) = (planes[0].0.w, planes[0].0.h);
    if w < 3 || h < 3 {
        return Edges::new(w, h, &[]);
    }
    let floor = common(planes).clamp(*floor.start(), *floor.end()) as i16;
    let mut found = Vec::with_capacity(w * h / 10);
    let [mut up, mut here, mut down] = [0; 3].map(|_| Slopes::new(w));
    here.fill(planes, 1);
    for y in 1..h - 1 {
        if y + 2 < h {
            down.fill(planes, y + 1);
        } else {
            down.sum.fill(0);
        }
        for from in (1..w - 1).step_by(16) {
            let to = (from + 16).min(w - 1);
            if here.sum[from..to].iter().copied().fold(0, i16::max) < floor {
                continue;
            }
            for x in from..to {
                let m = here.sum[x];
                if m < floor {
                    continue;
                }
                let (dx, dy) = (i32::from(here.dx[x]), i32::from(here.dy[x]));
                let (ax, ay) = (dx.abs(), dy.abs());
                // 22.5° in whole numbers.
                let (before, after) = if ay * 5 < ax * 2 {
                    (here.sum[x - 1], here.sum[x + 1])
                } else if ax * 5 < ay * 2 {
                    (up.sum[x], down.sum[x])
                } else if (dx > 0) == (dy > 0) {
                    (up.sum[x - 1], down.sum[x + 1])
                } else {
                    (up.sum[x + 1], down.sum[x - 1])
                };
                if m < before || m <= after {
                    continue;
                }
                let strength = (((dx * dx + dy * dy) as f32).sqrt() / 4.0).clamp(1.0, 255.0) as u8;
                found.push(Edge { x: x as f32, y: y as f32, turn: turn_of(dx as f32, dy as f32), strength });
            }
        }
        std::mem::swap(&mut up, &mut here);
        std::mem::swap(&mut here, &mut down);
    }
    Edges::new(w, h, &found)
}

/// The slope that one point in [`EDGES_MOST`] exceeds.
fn common(planes: &[(&Plane, i16)]) -> u16 {
    let (w, h) = (planes[0].0.w, planes[0].0.h);
    let mut histogram = [0usize; 256];
    let mut row = Slopes::new(w);
    let mut above = 0;
    for y in (1..h - 1).step_by(COMMON_STEP) {
        row.fill(planes, y);
        for &slope in &row.sum {
            histogram[slope.clamp(0, 255) as usize] += 1;
        }
        above += w;
    }
    above /= EDGES_MOST;
    for (slope, &n) in histogram.iter().enumerate().rev() {
        if n > above {
            return slope as u16;
        }
        above -= n;
    }
    0
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
