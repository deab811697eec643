//! The picture made small, its colours split, its print rubbed out, its edges found.

use crate::{Picture, Pixels};

/// Long side of the small picture, roughly. A page needs some hundred pixels to be found, its corners are refined at full size.
const SIDE: f32 = 640.0;

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
    pub n: usize,
    pub luma: Plane,
    pub blue: Plane,
    pub red: Plane,
}

impl Planes {
    /// Averages up to 2 × 3 points of each block: reading every byte of 13 MP would cost more than all the rest.
    pub(crate) fn new(picture: &Picture) -> Self {
        let n = ((picture.w.max(picture.h) as f32 / SIDE).round() as usize).max(1);
        let (w, h) = ((picture.w as usize / n).max(1), (picture.h as usize / n).max(1));
        let taps_x: Vec<usize> = taps(n, 3);
        let taps_y: Vec<usize> = taps(n, 2);
        let mut planes = [0; 3].map(|_| Vec::with_capacity(w * h));
        let c = picture.pixels.bytes();
        let count = (taps_x.len() * taps_y.len()) as u32;
        let scale = 65536 / count + 1;
        for y in 0..h {
            let rows: Vec<&[u8]> = taps_y.iter().map(|t| picture.row((y * n + t).min(picture.h as usize - 1) as u32)).collect();
            for x in 0..w {
                let mut sum = [0u32; 3];
                for row in &rows {
                    for t in &taps_x {
                        let at = (x * n + t) * c;
                        match picture.pixels {
                            Pixels::Rgb8 => {
                                if let Some(pixel) = row.get(at..at + 3) {
                                    sum[0] += u32::from(pixel[0]);
                                    sum[1] += u32::from(pixel[1]);
                                    sum[2] += u32::from(pixel[2]);
                                }
                            }
                            Pixels::Luma8 => {
                                let v = row.get(at).copied().map_or(0, u32::from);
                                sum = sum.map(|s| s + v);
                            }
                        }
                    }
                }
                let [r, g, b] = sum.map(|s| (((s * scale) >> 16).min(255)) as i32);
                let l = (r * 77 + g * 150 + b * 29 + 128) >> 8;
                planes[0].push(l as u8);
                planes[1].push((128 + ((b - l) * 144 >> 8)).clamp(0, 255) as u8);
                planes[2].push((128 + ((r - l) * 183 >> 8)).clamp(0, 255) as u8);
            }
        }
        let [luma, blue, red] = planes.map(|data| Plane { w, h, data });
        Self { w, h, n, luma, blue, red }
    }

    /// A point of the small picture in pixels of the original.
    pub(crate) fn to_original(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let n = self.n as f32;
        [(x + 0.5) * n - 0.5, (y + 0.5) * n - 0.5]
    }
}

fn taps(n: usize, most: usize) -> Vec<usize> {
    let count = n.min(most);
    (0..count).map(|i| (2 * i + 1) * n / (2 * count)).collect()
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
    let mut data = vec![0u8; w * h];
    let mut padded = vec![outside; w + 2 * window];
    for y in 0..h {
        padded.fill(outside);
        padded[r..r + w].copy_from_slice(plane.row(y));
        let mut size = 1;
        while size < window {
            let step = size.min(window - size);
            let end = w + window;
            for i in 0..end {
                padded[i] = pick(padded[i], padded[i + step]);
            }
            size += step;
        }
        data[y * w..(y + 1) * w].copy_from_slice(&padded[..w]);
    }
    let mut tall = vec![outside; w * (h + 2 * window)];
    tall[r * w..(r + h) * w].copy_from_slice(&data);
    let mut size = 1;
    while size < window {
        let step = size.min(window - size);
        let end = w * (h + window);
        for i in 0..end {
            tall[i] = pick(tall[i], tall[i + step * w]);
        }
        size += step;
    }
    data.copy_from_slice(&tall[..w * h]);
    Plane { w, h, data }
}

/// A point of an edge: place and direction of the steepest rise.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge {
    pub x: u16,
    pub y: u16,
    /// Towards the brighter side, in 256ths of a full turn, clockwise from +x (y down).
    pub turn: u8,
}

/// All edge points, and the same as a map.
#[derive(Debug)]
pub(crate) struct Edges {
    pub w: usize,
    pub h: usize,
    pub list: Vec<Edge>,
    /// 0 = no edge here, otherwise strength 1–255.
    pub strength: Vec<u8>,
    pub turn: Vec<u8>,
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

/// Edge points of the strongest of several planes: Sobel, thinned along the slope. `weights` lift the colour planes.
pub(crate) fn edges(planes: &[(&Plane, i32)], floor: i32) -> Edges {
    let (w, h) = (planes[0].0.w, planes[0].0.h);
    let mut gx = vec![0i16; w * h];
    let mut gy = vec![0i16; w * h];
    let mut mag = vec![0i32; w * h];
    if w < 3 || h < 3 {
        return Edges { w, h, list: Vec::new(), strength: vec![0; w * h], turn: vec![0; w * h] };
    }
    let mut line_x = vec![0i16; w];
    let mut line_y = vec![0i16; w];
    for (plane, weight) in planes {
        let weight = *weight as i16;
        for y in 1..h - 1 {
            let (up, here, down) = (plane.row(y - 1), plane.row(y), plane.row(y + 1));
            for x in 0..w {
                let (a, b, c) = (i16::from(up[x]), i16::from(here[x]), i16::from(down[x]));
                line_x[x] = a + 2 * b + c;
                line_y[x] = c - a;
            }
            let at = y * w;
            let (ox, oy, om) = (&mut gx[at + 1..at + w - 1], &mut gy[at + 1..at + w - 1], &mut mag[at + 1..at + w - 1]);
            for (i, ((ox, oy), om)) in ox.iter_mut().zip(oy.iter_mut()).zip(om.iter_mut()).enumerate() {
                let dx = (line_x[i + 2] - line_x[i]) * weight;
                let dy = (line_y[i] + 2 * line_y[i + 1] + line_y[i + 2]) * weight;
                let m = i32::from(dx) * i32::from(dx) + i32::from(dy) * i32::from(dy);
                if m > *om {
                    *om = m;
                    *ox = dx;
                    *oy = dy;
                }
            }
        }
    }
    let floor2 = floor * floor;
    let mut found = Edges { w, h, list: Vec::with_capacity(w * h / 12), strength: vec![0; w * h], turn: vec![0; w * h] };
    for y in 1..h - 1 {
        for x in 1..w - 1 {
            let at = y * w + x;
            let m = mag[at];
            if m < floor2 {
                continue;
            }
            let (dx, dy) = (i32::from(gx[at]), i32::from(gy[at]));
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
            if m < mag[at - step] || m <= mag[at + step] {
                continue;
            }
            let turn = turn_of(dx as f32, dy as f32);
            found.strength[at] = ((m as f32).sqrt() / 4.0).clamp(1.0, 255.0) as u8;
            found.turn[at] = turn;
            found.list.push(Edge { x: x as u16, y: y as u16, turn });
        }
    }
    found
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
        let found = edges(&[(&Plane { w: 40, h: 40, data }, 1)], 20);
        assert!(!found.list.is_empty());
        assert!(found.list.iter().all(|edge| edge.turn == 0 && (19..=20).contains(&edge.x)));
    }
}
