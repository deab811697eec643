//! Drawn scenes with true corners: desks, things that lie about, sheets and cards. The ranking is trained on them (`find-lab`)
//! and the tests of the finder measure with them; no photograph is needed. A scene follows from its number alone.

use super::{Corners, Picture, Projection};
use bends::Bend;
use desks::{desk, pale_desk};
use sheets::sheet;
use things::{Place, thing};

#[path = "bends.rs"]
mod bends;
#[path = "desks.rs"]
mod desks;
#[path = "sheets.rs"]
mod sheets;
#[path = "things.rs"]
mod things;

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

/// A desk without a page: every kind of surface, things that lie about, lamps and shadows.
#[must_use]
pub fn empty_desk(number: u64) -> Scene {
    let mut chance = Chance::new(number, 0x65d1);
    let mut canvas = desk(&mut chance);
    for _ in 0..[0, 0, 1, 2, 4][chance.below(5)] {
        thing(&mut canvas, &mut chance, Place::Anywhere);
    }
    Scene { picture: photographed(canvas, &mut chance), pages: Vec::new() }
}

/// One sheet or card, sometimes two, on any desk; some bent, some cut by the frame, some under a hand, some on top of others.
#[must_use]
pub fn with_pages(number: u64) -> Scene {
    let mut chance = Chance::new(number, 0x9a6e);
    match chance.below(12) {
        0 | 1 => stacked(&mut chance),
        2 | 3 => crumpled(&mut chance),
        4 if chance.yes(0.6) => card_on_sheet(&mut chance),
        _ => plainly_laid(&mut chance),
    }
}

/// Letters on letters of their own white, under pens and cables: only a faint step and the print tell the upper one.
fn stacked(chance: &mut Chance) -> Scene {
    let mut canvas = if chance.yes(0.7) { pale_desk(chance) } else { desk(chance) };
    let room = [canvas.w as f32, canvas.h as f32];
    let mut top = sheet(chance, false);
    while top.mm[0] > top.mm[1] {
        top = sheet(chance, false);
    }
    let Some((corners, seen)) = (0..40).find_map(|attempt| {
        let centre = room.map(|v| v * (0.5 + chance.within(-0.08, 0.08)));
        let cover = chance.within(0.45, 0.85) * (1.0 - 0.01 * attempt as f32);
        let corners = laid(chance, room, top.mm, centre, cover)?;
        Some((corners, seen(&corners, room[0], room[1], false)?))
    }) else {
        return plainly_laid(chance);
    };
    let middle = [0, 1].map(|i| corners.iter().map(|c| c[i]).sum::<f32>() / 4.0);
    let size = (corners[0][0] - corners[2][0]).hypot(corners[0][1] - corners[2][1]);
    // Thin paper casts thin shadows.
    let thin = |chance: &mut Chance| Cast {
        off: [0; 2].map(|_| chance.within(-0.003, 0.003) * size),
        blur: size / chance.within(80.0, 300.0),
        dark: chance.within(0.0, 0.3),
    };
    // Mostly a pile of the same sheets; sometimes a folder or a book that lies across and shows all round.
    let across = chance.yes(0.35);
    for _ in 0..1 + chance.below(3) {
        let (s, c) = if across { chance.within(-1.6, 1.6) } else { chance.within(-0.16, 0.16) }.sin_cos();
        let shift = [0; 2].map(|_| chance.within(-0.07, 0.07) * size);
        let scale = match chance.unit() {
            _ if across => chance.within(0.9, 1.4),
            v if v < 0.7 => 1.0,
            _ => chance.within(0.8, 1.1),
        };
        let moved = corners.map(|p| {
            let d = [(p[0] - middle[0]) * scale, (p[1] - middle[1]) * scale];
            [middle[0] + shift[0] + d[0] * c - d[1] * s, middle[1] + shift[1] + d[0] * s + d[1] * c]
        });
        let mut below = if across && chance.yes(0.5) { sheets::blank(chance) } else { sheet(chance, false) };
        if chance.yes(if across { 0.3 } else { 0.8 }) {
            below.tinted_like(&top, chance.within(0.97, 1.02));
        }
        let cast = thin(chance);
        canvas.plate(&moved, below.mm, 0.0, &cast, &Bend::default(), |x, y| below.at(x, y));
    }
    let cast = thin(chance);
    let bend = if chance.yes(0.2) { Bend::new(chance, size * 0.3) } else { Bend::default() };
    canvas.plate(&corners, top.mm, 0.0, &cast, &bend, |x, y| top.at(x, y));
    for _ in 0..chance.below(4) {
        let p = on_side(chance, &corners);
        let inward = chance.within(0.0, 0.8);
        let at = [0, 1].map(|i| p[i] + (middle[i] - p[i]) * inward);
        thing(&mut canvas, chance, Place::OnPaper(at));
    }
    for _ in 0..chance.below(3) {
        thing(&mut canvas, chance, Place::Anywhere);
    }
    Scene { picture: photographed(canvas, chance), pages: vec![seen] }
}

/// A sheet that was folded, rolled or crumpled, large in the picture.
fn crumpled(chance: &mut Chance) -> Scene {
    let mut canvas = desk(chance);
    let room = [canvas.w as f32, canvas.h as f32];
    let one = sheet(chance, true);
    for attempt in 0..40 {
        let centre = room.map(|v| v * (0.5 + chance.within(-0.06, 0.06)));
        let cover = chance.within(0.6, 0.97) * (1.0 - 0.01 * attempt as f32);
        let Some(corners) = laid(chance, room, one.mm, centre, cover) else { continue };
        let Some(seen) = seen(&corners, room[0], room[1], false) else { continue };
        let size = (corners[0][0] - corners[2][0]).hypot(corners[0][1] - corners[2][1]);
        let bend = Bend::crumpled(chance, size);
        let cast = Cast::new(chance, room[0]);
        canvas.plate(&corners, one.mm, 0.0, &cast, &bend, |x, y| one.at(x, y));
        if chance.yes(0.2) {
            let at = on_side(chance, &corners);
            thing(&mut canvas, chance, Place::OnPaper(at));
        }
        return Scene { picture: photographed(canvas, chance), pages: vec![seen] };
    }
    plainly_laid(chance)
}

/// An ID card put on a sheet of paper: both are pages.
fn card_on_sheet(chance: &mut Chance) -> Scene {
    let mut canvas = desk(chance);
    let room = [canvas.w as f32, canvas.h as f32];
    let (paper, card) = (sheets::paper(chance), sheets::any_card(chance));
    for attempt in 0..40 {
        let centre = room.map(|v| v * (0.5 + chance.within(-0.08, 0.08)));
        let cover = chance.within(0.6, 0.95) * (1.0 - 0.01 * attempt as f32);
        let Some(corners) = laid(chance, room, paper.mm, centre, cover) else { continue };
        let Some(seen) = seen(&corners, room[0], room[1], false) else { continue };
        let Some(map) = Projection::from_unit(&corners) else { continue };
        // The card lies flat on the paper, so it is seen under the same perspective.
        let turn = chance.below(4) as f32 * 90.0 + chance.within(-12.0, 12.0);
        let (s, c) = turn.to_radians().sin_cos();
        let at = [paper.mm[0] * chance.within(0.35, 0.65), paper.mm[1] * chance.within(0.35, 0.65)];
        let outline = [[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]].map(|[u, v]: [f32; 2]| {
            let (x, y) = (u * card.mm[0], v * card.mm[1]);
            let (x, y) = (at[0] + x * c - y * s, at[1] + x * s + y * c);
            map.map(f64::from(x / paper.mm[0]), f64::from(y / paper.mm[1])).map(|v| v as f32)
        });
        let Some(outline) = super::ordered(outline) else { continue };
        let cast = Cast::new(chance, room[0]);
        canvas.plate(&corners, paper.mm, 0.0, &cast, &Bend::default(), |x, y| paper.at(x, y));
        let cast = Cast::new(chance, room[0] * 0.4);
        // The texture runs from the outline's own top left.
        let upright = (outline[1][0] - outline[0][0]).hypot(outline[1][1] - outline[0][1])
            > (outline[2][0] - outline[1][0]).hypot(outline[2][1] - outline[1][1]);
        let mm = if upright { card.mm } else { [card.mm[1], card.mm[0]] };
        canvas.plate(&outline, mm, card.radius, &cast, &Bend::default(), |x, y| {
            if upright { card.at(x, y) } else { card.at(y, card.mm[1] - x) }
        });
        return Scene { picture: photographed(canvas, chance), pages: vec![seen, outline] };
    }
    plainly_laid(chance)
}

/// A point on one of the sides.
fn on_side(chance: &mut Chance, page: &Corners) -> [f32; 2] {
    let (i, t) = (chance.below(4), chance.within(0.1, 0.9));
    let (a, b) = (page[i], page[(i + 1) % 4]);
    [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]
}

fn plainly_laid(chance: &mut Chance) -> Scene {
    let mut canvas = desk(chance);
    let (w, h) = (canvas.w as f32, canvas.h as f32);
    for _ in 0..[0, 0, 0, 1, 3][chance.below(5)] {
        thing(&mut canvas, chance, Place::Anywhere);
    }
    // Older papers lie below, always cut by the frame or the sheet above.
    if chance.yes(0.15) {
        for _ in 0..1 + chance.below(3) {
            let below = sheet(chance, false);
            let centre = [chance.within(-0.05, 1.05) * w, if chance.yes(0.5) { 0.02 } else { 0.98 } * h];
            if let Some(corners) = laid(chance, [w, h], below.mm, centre, 0.8) {
                let cast = Cast::new(chance, w);
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
        let one = sheet(chance, true);
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
            let Some(corners) = laid(chance, room, one.mm, centre, cover * (1.0 - 0.01 * attempt as f32)) else { continue };
            let Some(seen) = seen(&corners, w, h, cut) else { continue };
            if pages.iter().any(|other| super::overlap(other, &seen) > 0.0) {
                continue;
            }
            let cast = Cast::new(chance, w);
            let size = (corners[0][0] - corners[2][0]).hypot(corners[0][1] - corners[2][1]);
            let bend = if !card && !cut && chance.yes(0.2) { Bend::new(chance, size) } else { Bend::default() };
            canvas.plate(&corners, one.mm, one.radius, &cast, &bend, |x, y| one.at(x, y));
            pages.push(seen);
            break;
        }
    }
    if let Some(page) = pages.first()
        && chance.yes(0.2)
    {
        let at = on_side(chance, page);
        thing(&mut canvas, chance, Place::OnPaper(at));
    }
    Scene { picture: photographed(canvas, chance), pages }
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
