//! Drawn scenes with true corners: desks, things that lie about, sheets and cards. The ranking is trained on them (`find-lab`)
//! and the tests of the finder measure with them; no photograph is needed. A scene follows from its number alone.

use super::{Corners, Picture, Projection};
use desks::desk;
use sheets::sheet;

#[path = "desks.rs"]
mod desks;
#[path = "sheets.rs"]
mod sheets;

pub(crate) type Colour = [f32; 3];

/// A picture and the pages in it, each clockwise from its own top left.
pub struct Scene {
    pub picture: Picture,
    pub pages: Vec<Corners>,
}

/// Chance that can be repeated (splitmix64).
pub(crate) struct Chance(u64);

impl Chance {
    fn new(number: u64, salt: u64) -> Self {
        Self(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ salt)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.0)
    }

    pub(crate) fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u64 << 24) as f32
    }

    pub(crate) fn within(&mut self, from: f32, to: f32) -> f32 {
        from + (to - from) * self.unit()
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    pub(crate) fn yes(&mut self, share: f32) -> bool {
        self.unit() < share
    }
}

fn mixed(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// −1 to 1 for each lattice point.
pub(crate) fn speck(seed: u64, x: i32, y: i32) -> f32 {
    let z = mixed(seed ^ (u64::from(x as u32) << 32 | u64::from(y as u32)).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    (z >> 40) as f32 / (1u64 << 23) as f32 - 1.0
}

/// Smooth noise, −1 to 1, with features one unit wide.
pub(crate) fn noise(seed: u64, x: f32, y: f32) -> f32 {
    let (x0, y0) = (x.floor(), y.floor());
    let (i, j) = (x0 as i32, y0 as i32);
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let (fx, fy) = (ease(x - x0), ease(y - y0));
    let top = speck(seed, i, j) * (1.0 - fx) + speck(seed, i + 1, j) * fx;
    let low = speck(seed, i, j + 1) * (1.0 - fx) + speck(seed, i + 1, j + 1) * fx;
    top * (1.0 - fy) + low * fy
}

pub(crate) fn times(colour: Colour, by: f32) -> Colour {
    colour.map(|v| v * by)
}

struct Canvas {
    w: usize,
    h: usize,
    data: Vec<Colour>,
}

impl Canvas {
    /// Blends `ink` (colour and cover) over every pixel of a box `[left, top, right, bottom]`.
    fn paint(&mut self, area: [f32; 4], ink: impl Fn(f32, f32) -> (Colour, f32)) {
        let clip = |v: f32, most: usize| (v.max(0.0) as usize).min(most);
        let (x0, y0) = (clip(area[0], self.w), clip(area[1], self.h));
        let (x1, y1) = (clip(area[2] + 2.0, self.w), clip(area[3] + 2.0, self.h));
        for y in y0..y1 {
            for x in x0..x1 {
                let (colour, cover) = ink(x as f32, y as f32);
                if cover > 0.0 {
                    for (old, new) in self.data[y * self.w + x].iter_mut().zip(colour) {
                        *old += (new - *old) * cover.min(1.0);
                    }
                }
            }
        }
    }

    /// A thick line with round ends.
    fn stroke(&mut self, a: [f32; 2], b: [f32; 2], radius: f32, colour: Colour) {
        let area =
            [a[0].min(b[0]) - radius, a[1].min(b[1]) - radius, a[0].max(b[0]) + radius + 1.0, a[1].max(b[1]) + radius + 1.0];
        let d = [b[0] - a[0], b[1] - a[1]];
        let l2 = (d[0] * d[0] + d[1] * d[1]).max(1e-6);
        self.paint(area, |x, y| {
            let t = (((x - a[0]) * d[0] + (y - a[1]) * d[1]) / l2).clamp(0.0, 1.0);
            let off = (x - a[0] - t * d[0]).hypot(y - a[1] - t * d[1]);
            // Rounder things are lighter along their middle.
            (times(colour, 1.12 - 0.35 * (off / radius).powi(2)), (radius - off + 0.5).clamp(0.0, 1.0))
        });
    }

    /// A flat thing of `mm` size laid so that its corners come to lie there. `ink` is asked in millimetres.
    fn plate(
        &mut self,
        corners: &Corners,
        mm: [f32; 2],
        radius: f32,
        cast: &Cast,
        bend: &Bend,
        ink: impl Fn(f32, f32) -> Colour,
    ) {
        let Some(map) = Projection::from_unit(corners).and_then(|map| map.inverse()) else { return };
        let side = |a: usize, b: usize| (corners[a][0] - corners[b][0]).hypot(corners[a][1] - corners[b][1]);
        // Pixels of a millimetre, across and down.
        let scale = [(side(0, 1) + side(2, 3)) / 2.0 / mm[0], (side(1, 2) + side(3, 0)) / 2.0 / mm[1]];
        let reach = bend.reach() + cast.blur + cast.off[0].abs().max(cast.off[1].abs()) + 2.0;
        let edge = |i: usize, pick: fn(f32, f32) -> f32| corners.iter().map(|c| c[i]).reduce(pick).unwrap_or(0.0);
        let area = [edge(0, f32::min) - reach, edge(1, f32::min) - reach, edge(0, f32::max) + reach, edge(1, f32::max) + reach];
        let at = |x: f32, y: f32| {
            let [mut u, mut v] = map.map(f64::from(x), f64::from(y)).map(|v| v as f32);
            if bend.any() {
                for _ in 0..4 {
                    let d = bend.shift(u.clamp(0.0, 1.0), v.clamp(0.0, 1.0));
                    [u, v] = map.map(f64::from(x - d[0]), f64::from(y - d[1])).map(|v| v as f32);
                }
            }
            [u, v]
        };
        // Pixels inside (positive) or outside of the outline.
        let depth = |[u, v]: [f32; 2]| {
            let r = radius * scale[0].min(scale[1]);
            let dx = ((u - 0.5).abs() - 0.5) * mm[0] * scale[0] + r;
            let dy = ((v - 0.5).abs() - 0.5) * mm[1] * scale[1] + r;
            r - dx.max(0.0).hypot(dy.max(0.0)) - dx.max(dy).min(0.0)
        };
        if cast.dark > 0.0 {
            self.paint(area, |x, y| {
                let outside = -depth(at(x - cast.off[0], y - cast.off[1]));
                let t = (1.0 - outside.max(0.0) / cast.blur).clamp(0.0, 1.0);
                ([0.0; 3], cast.dark * t * t)
            });
        }
        self.paint(area, |x, y| {
            let uv = at(x, y);
            let cover = (depth(uv) + 0.5).clamp(0.0, 1.0);
            if cover == 0.0 { ([0.0; 3], 0.0) } else { (times(ink(uv[0] * mm[0], uv[1] * mm[1]), bend.light(uv)), cover) }
        });
    }
}

/// The shadow that a thing casts.
struct Cast {
    off: [f32; 2],
    blur: f32,
    dark: f32,
}

impl Cast {
    fn new(chance: &mut Chance, size: f32) -> Self {
        let off = [chance.within(-1.0, 1.0), chance.within(-0.4, 1.0)].map(|v| v * size / 180.0);
        Self { off, blur: size / chance.within(60.0, 400.0), dark: chance.within(0.05, 0.55) }
    }
}

/// Paper that does not lie flat: bows and a fold. The corners stay where they are.
#[derive(Default)]
struct Bend {
    bow_u: [f32; 2],
    bow_v: [f32; 2],
    fold: [f32; 2],
    fold_at: f32,
    shade: f32,
}

impl Bend {
    fn new(chance: &mut Chance, size: f32) -> Self {
        let mut bend = Self { fold_at: chance.within(0.3, 0.7), shade: chance.within(0.02, 0.2), ..Self::default() };
        let mut some = |least: f32, most: f32| {
            let a = chance.within(least, most) * size;
            let turn = chance.within(0.0, std::f32::consts::TAU);
            [a * turn.cos(), a * turn.sin()]
        };
        match (size.to_bits() >> 3) % 4 {
            0 => bend.bow_u = some(0.01, 0.07),
            1 => bend.bow_v = some(0.01, 0.07),
            2 => (bend.bow_u, bend.bow_v) = (some(0.01, 0.05), some(0.01, 0.05)),
            _ => bend.fold = some(0.01, 0.04),
        }
        bend
    }

    fn any(&self) -> bool {
        self.shade > 0.0
    }

    fn reach(&self) -> f32 {
        [self.bow_u, self.bow_v, self.fold].iter().map(|d| d[0].hypot(d[1])).sum()
    }

    fn tent(&self, u: f32) -> f32 {
        if u < self.fold_at { u / self.fold_at } else { (1.0 - u) / (1.0 - self.fold_at) }
    }

    fn shift(&self, u: f32, v: f32) -> [f32; 2] {
        let pi = std::f32::consts::PI;
        let (a, b, c) = ((pi * u).sin() * (1.0 - 0.5 * v), (pi * v).sin(), self.tent(v));
        [0, 1].map(|i| self.bow_u[i] * a + self.bow_v[i] * b + self.fold[i] * c)
    }

    fn light(&self, [u, v]: [f32; 2]) -> f32 {
        if !self.any() {
            return 1.0;
        }
        let pi = std::f32::consts::PI;
        let bowed =
            if self.bow_u != [0.0; 2] { (pi * u).cos() } else { 0.0 } + if self.bow_v != [0.0; 2] { (pi * v).cos() } else { 0.0 };
        let folded = if self.fold != [0.0; 2] { (self.fold_at - v).signum() * 0.6 } else { 0.0 };
        1.0 + self.shade * (bowed + folded) * 0.7
    }
}

/// A desk without a page: every kind of surface, things that lie about, lamps and shadows.
#[must_use]
pub fn empty_desk(number: u64) -> Scene {
    let mut chance = Chance::new(number, 0x65d1);
    let mut canvas = desk(&mut chance);
    for _ in 0..[0, 0, 1, 2, 4][chance.below(5)] {
        thing(&mut canvas, &mut chance, None);
    }
    Scene { picture: photographed(canvas, &mut chance), pages: Vec::new() }
}

/// One sheet or card, sometimes two or three, on any desk; some bent, some cut by the frame, some under a hand.
#[must_use]
pub fn with_pages(number: u64) -> Scene {
    let mut chance = Chance::new(number, 0x9a6e);
    let mut canvas = desk(&mut chance);
    let (w, h) = (canvas.w as f32, canvas.h as f32);
    for _ in 0..[0, 0, 0, 1, 3][chance.below(5)] {
        thing(&mut canvas, &mut chance, None);
    }
    // Older papers lie below, always cut by the frame or the sheet above.
    if chance.yes(0.15) {
        for _ in 0..1 + chance.below(3) {
            let below = sheet(&mut chance, false);
            let centre = [chance.within(-0.05, 1.05) * w, if chance.yes(0.5) { 0.02 } else { 0.98 } * h];
            if let Some(corners) = laid(&mut chance, [w, h], below.mm, centre, 0.8) {
                let cast = Cast::new(&mut chance, w);
                canvas.plate(&corners, below.mm, 0.0, &cast, &Bend::default(), |x, y| below.at(x, y));
            }
        }
    }
    let several = chance.yes(0.12);
    let cut = !several && chance.yes(0.08);
    let places: Vec<[f32; 2]> = match (several, w > h) {
        (false, _) => vec![[0.5, 0.5]],
        (true, true) => vec![[0.26, 0.5], [0.74, 0.5]],
        (true, false) => vec![[0.5, 0.26], [0.5, 0.74]],
    };
    let mut pages = Vec::new();
    for place in &places {
        let one = sheet(&mut chance, true);
        let card = one.mm[0].max(one.mm[1]) < 100.0;
        let cover = if several {
            chance.within(0.5, 0.62)
        } else if card {
            chance.within(0.22, 0.6)
        } else {
            chance.within(0.4, 0.93)
        };
        let stray = if several { 0.02 } else { 0.12 };
        for attempt in 0..40 {
            let drift = [chance.within(-stray, stray), chance.within(-stray, stray)];
            let mut centre = [(place[0] + drift[0]) * w, (place[1] + drift[1]) * h];
            if cut {
                centre[1] += h * 0.35;
            }
            let room = if several { [w * 0.5, h].map(|v| v.min(w.max(h) * 0.5)) } else { [w, h] };
            let Some(corners) = laid(&mut chance, room, one.mm, centre, cover * (1.0 - 0.01 * attempt as f32)) else { continue };
            let Some(seen) = seen(&corners, w, h, cut) else { continue };
            if pages.iter().any(|other| super::overlap(other, &seen) > 0.0) {
                continue;
            }
            let cast = Cast::new(&mut chance, w);
            let size = (corners[0][0] - corners[2][0]).hypot(corners[0][1] - corners[2][1]);
            let bend = if !card && !cut && chance.yes(0.2) { Bend::new(&mut chance, size) } else { Bend::default() };
            canvas.plate(&corners, one.mm, one.radius, &cast, &bend, |x, y| one.at(x, y));
            pages.push(seen);
            break;
        }
    }
    if let Some(page) = pages.first()
        && chance.yes(0.2)
    {
        let (i, t) = (chance.below(4), chance.within(0.1, 0.9));
        let (a, b) = (page[i], page[(i + 1) % 4]);
        let on_edge = [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];
        thing(&mut canvas, &mut chance, Some(on_edge));
    }
    Scene { picture: photographed(canvas, &mut chance), pages }
}

/// What of a sheet is inside the frame, if that has four corners; a sheet that should lie inside whole must.
fn seen(corners: &Corners, w: f32, h: f32, cut: bool) -> Option<Corners> {
    let margin = 3.0;
    let inside = |c: &[f32; 2]| c[0] > margin && c[1] > margin && c[0] < w - margin && c[1] < h - margin;
    if !cut {
        return corners.iter().all(inside).then_some(*corners);
    }
    let line = h - 1.0;
    let mut kept: Vec<[f32; 2]> = Vec::new();
    for i in 0..4 {
        let (a, b) = (corners[i], corners[(i + 1) % 4]);
        if a[1] <= line {
            kept.push(a);
        }
        if (a[1] <= line) != (b[1] <= line) {
            let t = (line - a[1]) / (b[1] - a[1]);
            kept.push([a[0] + (b[0] - a[0]) * t, line]);
        }
    }
    let fits = kept.iter().all(|c| c[0] > margin && c[0] < w - margin && c[1] > margin);
    let quad: Corners = kept.try_into().ok()?;
    let cuts = quad.iter().filter(|c| c[1] > line - 0.01).count() == 2;
    (fits && cuts && super::overlap(&quad, &[[0.0, 0.0], [w, 0.0], [w, h], [0.0, h]]) > 0.05).then_some(quad)
}

/// Corners of a thing of this size as a camera above the desk sees it, turned and tilted at random.
fn laid(chance: &mut Chance, room: [f32; 2], mm: [f32; 2], centre: [f32; 2], cover: f32) -> Option<Corners> {
    let steep = if chance.yes(0.5) { 8.0f32 } else { 34.0 };
    let tilt = chance.within(0.0, steep).to_radians();
    let toward = chance.within(0.0, std::f32::consts::TAU);
    let wide = if chance.yes(0.5) { 5.0f32 } else { 22.0 };
    let turn = chance.below(4) as f32 * 90.0 + chance.within(-wide, wide);
    let (s, c) = turn.to_radians().sin_cos();
    let upright = chance_upright(turn);
    let across = if upright { mm } else { [mm[1], mm[0]] };
    let scale = (cover * room[0] / across[0]).min(cover * room[1] / across[1]);
    // Distance of the camera in units of the room's width.
    let far = 1.1 * room[0];
    let corners = [[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]].map(|[u, v]: [f32; 2]| {
        let (x, y) = (u * mm[0] * scale, v * mm[1] * scale);
        let (x, y) = (x * c - y * s, x * s + y * c);
        let along = x * toward.cos() + y * toward.sin();
        let squeeze = along * (tilt.cos() - 1.0);
        let depth = 1.0 + along * tilt.sin() / far;
        [centre[0] + (x + squeeze * toward.cos()) / depth, centre[1] + (y + squeeze * toward.sin()) / depth]
    });
    super::ordered(corners)
}

fn chance_upright(turn: f32) -> bool {
    ((turn / 90.0).round() as i32).rem_euclid(2) == 0
}

/// Something that is no page, anywhere or at a point.
fn thing(canvas: &mut Canvas, chance: &mut Chance, at: Option<[f32; 2]>) {
    let (w, h) = (canvas.w as f32, canvas.h as f32);
    let size = w.min(h);
    let centre = at.unwrap_or_else(|| [chance.within(0.0, 1.0) * w, chance.within(0.0, 1.0) * h]);
    let dark = {
        let v = chance.within(15.0, 70.0);
        [v, v, v * chance.within(0.9, 1.15)]
    };
    let bright = [0; 3].map(|_| chance.within(90.0, 245.0));
    let colour = if chance.yes(0.6) { dark } else { bright };
    let turn = chance.within(0.0, std::f32::consts::TAU);
    let toward = |angle: f32, by: f32| [centre[0] + by * angle.cos(), centre[1] + by * angle.sin()];
    // On the edge of a page only what people really leave there.
    match chance.below(if at.is_some() { 3 } else { 10 }) {
        0 => {
            let long = size * chance.within(0.1, 0.25);
            canvas.stroke(toward(turn, long), toward(turn, -long), size * chance.within(0.006, 0.016), colour);
        }
        1 => {
            // A hand from the nearest rim.
            let skin = times([225.0, 178.0, 150.0], chance.within(0.55, 1.1));
            let from = [if centre[0] < w / 2.0 { -40.0 } else { w + 40.0 }, centre[1] + chance.within(-0.2, 0.5) * h];
            let thick = size * chance.within(0.02, 0.035);
            let palm = [0, 1].map(|i| centre[i] * 0.55 + from[i] * 0.45);
            canvas.stroke(palm, from, thick * 3.0, skin);
            for i in 0..1 + chance.below(4) {
                let end = [centre[0] + i as f32 * thick * 0.6, centre[1] + i as f32 * thick * 2.0];
                canvas.stroke(palm, end, thick, times(skin, 1.03));
            }
        }
        2 => {
            let mut from = toward(turn, size * 0.5);
            let mut angle = turn + std::f32::consts::PI;
            let thick = size * chance.within(0.003, 0.008);
            for _ in 0..26 {
                angle += chance.within(-0.45, 0.45);
                let to = [from[0] + angle.cos() * size * 0.05, from[1] + angle.sin() * size * 0.05];
                canvas.stroke(from, to, thick, dark);
                from = to;
            }
        }
        3 | 4 => {
            let wide = chance.yes(0.6);
            let mm = if wide { [chance.within(280.0, 450.0), chance.within(110.0, 150.0)] } else { [80.0, 150.0] };
            let (body, key) =
                if chance.yes(0.65) { (dark, times(dark, chance.within(0.5, 1.7))) } else { ([215.0; 3], [235.0; 3]) };
            let cover = if wide { chance.within(0.4, 1.0) } else { 0.3 };
            plain_plate(canvas, chance, mm, centre, cover, 4.0, move |x, y| {
                let pitch = if wide { 19.0 } else { 15.0 };
                let (fx, fy) = ((x / pitch).rem_euclid(1.0), (y / pitch).rem_euclid(1.0));
                let legend = (0.35..0.6).contains(&fx) && (0.3..0.55).contains(&fy);
                let gap = fx < 0.14 || fy < 0.16 || y < if wide { 8.0 } else { 40.0 };
                if gap {
                    body
                } else if legend {
                    times(body, 0.6).map(|v| 200.0 - v)
                } else {
                    key
                }
            });
        }
        5 => {
            let glow = chance.within(0.0, 60.0);
            let cover = chance.within(0.15, 0.4);
            plain_plate(canvas, chance, [75.0, 155.0], centre, cover, 8.0, move |x, y| {
                if x + y * 0.4 < 60.0 { dark.map(|v| v + glow) } else { dark }
            });
        }
        6 => {
            let face = if chance.yes(0.5) { [215.0, 190.0, 90.0] } else { [170.0, 172.0, 175.0] };
            plain_plate(canvas, chance, [300.0, 30.0], centre, 0.7, 1.0, move |x, y| {
                if x.rem_euclid(5.0) < 1.0 && y < 9.0 { [40.0; 3] } else { face }
            });
        }
        7 => {
            let r = size * chance.within(0.06, 0.12);
            canvas.stroke(centre, toward(turn, r * 1.5), r * 0.25, bright);
            canvas.stroke(centre, centre, r, bright);
            canvas.stroke(centre, centre, r * 0.85, times(bright, 0.8));
            canvas.stroke(centre, centre, r * 0.8, [70.0, 45.0, 25.0]);
        }
        8 => canvas.stroke(centre, toward(turn, size * 0.05), size * chance.within(0.03, 0.055), colour),
        _ => {
            for _ in 0..1 + chance.below(5) {
                let p = [centre[0] + chance.within(-0.2, 0.2) * size, centre[1] + chance.within(-0.2, 0.2) * size];
                canvas.stroke(p, p, size * chance.within(0.008, 0.03), bright);
            }
        }
    }
}

fn plain_plate(
    canvas: &mut Canvas,
    chance: &mut Chance,
    mm: [f32; 2],
    centre: [f32; 2],
    cover: f32,
    radius: f32,
    ink: impl Fn(f32, f32) -> Colour,
) {
    let room = [canvas.w as f32, canvas.h as f32];
    let cast = Cast::new(chance, room[0]);
    if let Some(corners) = laid(chance, room, mm, centre, cover) {
        canvas.plate(&corners, mm, radius, &cast, &Bend::default(), ink);
    }
}

/// Light, shadow, glare, lens and sensor.
fn photographed(mut canvas: Canvas, chance: &mut Chance) -> Picture {
    let (w, h) = (canvas.w, canvas.h);
    let (wf, hf) = (w as f32, h as f32);
    let slope = [chance.within(-0.3, 0.3), chance.within(-0.3, 0.3)];
    let corner = chance.within(0.0, 0.3);
    let cast = [chance.within(0.86, 1.1), 1.0, chance.within(0.82, 1.12)];
    let gain = chance.within(0.55, 1.06);
    let shadows: Vec<([f32; 3], f32, f32)> = (0..[0, 0, 1, 2][chance.below(4)])
        .map(|_| {
            let (ny, nx) = chance.within(0.0, std::f32::consts::TAU).sin_cos();
            let p = [chance.within(0.1, 0.9) * wf, chance.within(0.1, 0.9) * hf];
            ([nx, ny, nx * p[0] + ny * p[1]], chance.within(1.5, 60.0), chance.within(0.1, 0.5))
        })
        .collect();
    // Lamps and windows mirrored in the desk: spots and soft-edged bars.
    let spots: Vec<([f32; 2], [f32; 2], f32, bool)> = (0..[0, 0, 0, 1, 2][chance.below(5)])
        .map(|_| {
            let at = [chance.within(0.0, 1.0) * wf, chance.within(0.0, 1.0) * hf];
            (at, [chance.within(0.03, 0.2) * wf, chance.within(0.03, 0.2) * wf], chance.within(25.0, 200.0), chance.yes(0.3))
        })
        .collect();
    for y in 0..h {
        for x in 0..w {
            let (u, v) = (x as f32 / wf - 0.5, y as f32 / hf - 0.5);
            let mut light = gain * (1.0 + slope[0] * u + slope[1] * v) * (1.0 - corner * 2.0 * (u * u + v * v));
            for (line, soft, dark) in &shadows {
                let off = (x as f32 * line[0] + y as f32 * line[1] - line[2]) / soft;
                light *= 1.0 - dark * (off + 0.5).clamp(0.0, 1.0);
            }
            let mut extra = 0.0;
            for (at, size, strength, window) in &spots {
                let d = [(x as f32 - at[0]) / size[0], (y as f32 - at[1]) / size[1]];
                extra += strength
                    * if *window {
                        ((1.0 - d[0].abs().max(d[1].abs())) * 4.0).clamp(0.0, 1.0) * 0.5
                    } else {
                        (-(d[0] * d[0] + d[1] * d[1]) * 2.0).exp()
                    };
            }
            let pixel = &mut canvas.data[y * w + x];
            for (value, tint) in pixel.iter_mut().zip(cast) {
                *value = *value * light * tint + extra;
            }
        }
    }
    for _ in 0..chance.below(3) {
        canvas.data = softened(&canvas.data, w, h);
    }
    let grain = chance.within(0.0, 5.0);
    let seed = chance.next();
    let mut data = Vec::with_capacity(w * h * 3);
    for (i, pixel) in canvas.data.iter().enumerate() {
        let common = speck(seed, i as i32, 0);
        for (channel, value) in pixel.iter().enumerate() {
            data.push((value + grain * (common + 0.6 * speck(seed, i as i32, 1 + channel as i32))).clamp(0.0, 255.0) as u8);
        }
    }
    Picture::rgb(w as u32, h as u32, data).expect("as many bytes as pixels")
}

/// Binomial 3 × 3.
fn softened(data: &[Colour], w: usize, h: usize) -> Vec<Colour> {
    let sum = |a: Colour, b: Colour, c: Colour| [0, 1, 2].map(|i| (a[i] + 2.0 * b[i] + c[i]) / 4.0);
    let across: Vec<Colour> = (0..w * h)
        .map(|i| {
            let x = i % w;
            sum(data[if x == 0 { i } else { i - 1 }], data[i], data[if x + 1 == w { i } else { i + 1 }])
        })
        .collect();
    (0..w * h)
        .map(|i| sum(across[if i < w { i } else { i - w }], across[i], across[if i + w >= w * h { i } else { i + w }]))
        .collect()
}
