//! What lies on the drawn desks: letters, forms, tickets, receipts, cards, covers and open booklets, as textures in millimetres.

use super::{Chance, Colour, noise, speck, times};

/// A sheet before a camera sees it.
pub(super) struct Sheet {
    /// Width and height in millimetres.
    pub mm: [f32; 2],
    /// Radius of the corners in millimetres.
    pub radius: f32,
    w: usize,
    h: usize,
    texel: f32,
    data: Vec<Colour>,
}

impl Sheet {
    fn new(mm: [f32; 2], texel: f32, paper: Colour) -> Self {
        let (w, h) = ((mm[0] * texel) as usize + 1, (mm[1] * texel) as usize + 1);
        Self { mm, radius: 0.0, w, h, texel, data: vec![paper; w * h] }
    }

    /// Colour at a place in millimetres, blended between texels.
    pub(super) fn at(&self, x: f32, y: f32) -> Colour {
        let clip = |v: f32, n: usize| (v * self.texel - 0.5).clamp(0.0, n as f32 - 1.001);
        let (x, y) = (clip(x, self.w), clip(y, self.h));
        let (i, j) = (x as usize, y as usize);
        let (fx, fy) = (x - i as f32, y - j as f32);
        let row = |j: usize| {
            let (a, b) = (self.data[j * self.w + i], self.data[j * self.w + i + 1]);
            [0, 1, 2].map(|c| a[c] + (b[c] - a[c]) * fx)
        };
        let (top, low) = (row(j), row(j + 1));
        [0, 1, 2].map(|c| top[c] + (low[c] - top[c]) * fy)
    }

    /// Takes the paper colour of another sheet, a little lighter or darker, under its own print.
    pub(super) fn tinted_like(&mut self, other: &Self, by: f32) {
        let (mine, theirs) = (self.data[0], other.data[0]);
        let scale: Colour = std::array::from_fn(|c| theirs[c] * by / mine[c].max(1.0));
        for texel in &mut self.data {
            *texel = std::array::from_fn(|c| (texel[c] * scale[c]).min(255.0));
        }
    }

    fn each(&mut self, x: f32, y: f32, w: f32, h: f32, mut ink: impl FnMut(f32, f32, &mut Colour)) {
        let clip = |v: f32, most: usize| ((v * self.texel).round().max(0.0) as usize).min(most);
        let (x0, x1, y0, y1) = (clip(x, self.w), clip(x + w, self.w), clip(y, self.h), clip(y + h, self.h));
        for j in y0..y1 {
            for i in x0..x1 {
                ink(i as f32 / self.texel, j as f32 / self.texel, &mut self.data[j * self.w + i]);
            }
        }
    }

    fn fill(&mut self, x: f32, y: f32, w: f32, h: f32, colour: Colour) {
        let thin = 1.0 / self.texel;
        self.each(x, y, w.max(thin), h.max(thin), |_, _, old| *old = colour);
    }

    /// Rows of signs from `y` to `end`; some lines end early, some are left out.
    fn text(&mut self, chance: &mut Chance, at: [f32; 2], width: f32, end: f32, size: f32, ink: Colour) {
        let lead = size * chance.within(1.35, 2.0);
        let latin = chance.yes(0.4);
        let mut y = at[1];
        while y + size < end {
            let long = if chance.yes(0.25) { chance.within(0.2, 0.9) } else { 1.0 } * width;
            let mut x = at[0];
            let skip = chance.yes(0.1);
            while !skip && x + size < at[0] + long {
                if chance.yes(0.9) {
                    let tall = if latin { size * 0.6 } else { size * 0.92 };
                    let step = 1.0 / self.texel;
                    for _ in 0..if latin { 2 } else { 4 } {
                        let (px, py) = (x + chance.unit() * size * 0.7, y + chance.unit() * tall * 0.8);
                        if chance.yes(0.5) {
                            self.fill(px, py, size * 0.5, step, ink)
                        } else {
                            self.fill(px, py, step, tall * 0.5, ink)
                        }
                    }
                }
                x += if latin { size * 0.55 } else { size };
            }
            y += lead;
        }
    }

    fn table(&mut self, chance: &mut Chance, at: [f32; 2], size: [f32; 2], ink: Colour) {
        let (rows, columns) = (4 + chance.below(14), 2 + chance.below(5));
        let (dx, dy) = (size[0] / columns as f32, size[1] / rows as f32);
        for i in 0..=rows {
            self.fill(at[0], at[1] + dy * i as f32, size[0], 0.35, ink);
        }
        for j in 0..=columns {
            self.fill(at[0] + dx * j as f32, at[1], 0.35, size[1], ink);
        }
        for i in 0..rows {
            for j in 0..columns {
                if chance.yes(0.6) {
                    let (x, y) = (at[0] + dx * j as f32 + 1.0, at[1] + dy * i as f32 + dy * 0.25);
                    let long = dx * chance.within(0.3, 0.9);
                    self.text(chance, [x, y], long, y + dy * 0.6, (dy * 0.5).min(4.0), ink);
                }
            }
        }
    }

    fn writing(&mut self, chance: &mut Chance, at: [f32; 2], width: f32, end: f32, ink: Colour) {
        let (seed, tall) = (chance.next(), chance.within(3.0, 7.0));
        let mut y = at[1];
        while y < end {
            let stop = width * if chance.yes(0.3) { chance.within(0.2, 0.9) } else { 1.0 };
            let mut x = 0.0;
            while x < stop {
                if noise(seed, x / 9.0, y) > -0.5 {
                    let v = y + tall * 0.5 * noise(seed + 1, x / 1.4, y) + 0.8 * (x / 2.0).sin();
                    self.fill(at[0] + x, v, 0.5, 0.7, ink);
                }
                x += 0.5;
            }
            y += tall * 2.0;
        }
    }

    fn picture(&mut self, chance: &mut Chance, at: [f32; 2], size: [f32; 2]) {
        let seed = chance.next();
        let base = [0; 3].map(|_| chance.within(40.0, 200.0));
        let coarse = size[0] * chance.within(0.1, 0.5);
        self.each(at[0], at[1], size[0], size[1], |x, y, old| {
            let v = noise(seed, x / coarse, y / coarse) + 0.5 * noise(seed + 1, x / coarse * 3.0, y / coarse * 3.0);
            *old = base.map(|b| (b + 60.0 * v).clamp(5.0, 250.0));
        });
    }

    fn seal(&mut self, chance: &mut Chance, at: [f32; 2], radius: f32) {
        let seed = chance.next();
        let red = [chance.within(180.0, 225.0), 45.0, 50.0];
        self.each(at[0] - radius, at[1] - radius, radius * 2.0, radius * 2.0, |x, y, old| {
            let r = (x - at[0]).hypot(y - at[1]);
            let ring = (r - radius * 0.94).abs() < 0.8;
            let star = r < radius * 0.3;
            let words = (0.62..0.82).contains(&(r / radius)) && speck(seed, (x * 0.7) as i32, (y * 0.7) as i32) > 0.1;
            if ring || star || words {
                *old = [0, 1, 2].map(|c| old[c] * 0.2 + red[c] * 0.8);
            }
        });
    }
}

/// Any paper, card, cover or booklet. `whole` allows small and dark ones too, which only make sense when they lie on top.
pub(super) fn sheet(chance: &mut Chance, whole: bool) -> Sheet {
    let bright = chance.within(212.0, 252.0);
    let warm = chance.within(-12.0, 4.0);
    let white = [bright, bright + warm * 0.3, bright + warm];
    let ink = {
        let v = chance.within(8.0, 95.0);
        [v, v, v + chance.within(0.0, 40.0)]
    };
    match if whole { chance.below(14) } else { chance.below(6) } {
        0..=5 => letter(chance, white, ink),
        6 => {
            let long = chance.within(90.0, 230.0);
            let mut it = Sheet::new([chance.within(57.0, 80.0), long], 2.5, white);
            let wide = it.mm[0] - 10.0;
            it.text(chance, [5.0, 4.0], wide, long - 8.0, 3.0, ink);
            it
        }
        7..=9 => card(chance, ink),
        10 => ticket(chance, white, ink),
        11 => cover(chance),
        12 => booklet(chance, white, ink),
        _ => magazine(chance, white, ink),
    }
}

/// A letter or a form.
pub(super) fn paper(chance: &mut Chance) -> Sheet {
    let bright = chance.within(215.0, 252.0);
    letter(chance, [bright, bright - 1.0, bright - 4.0], [40.0; 3])
}

/// A folder, a book or a board: one colour, nothing on it.
pub(super) fn blank(chance: &mut Chance) -> Sheet {
    let base = chance.within(60.0, 245.0);
    Sheet::new([210.0, 297.0], 2.0, [0.0, 4.0, 14.0].map(|v| base - v * chance.unit()))
}

/// A card of the size of an ID card.
pub(super) fn any_card(chance: &mut Chance) -> Sheet {
    card(chance, [30.0; 3])
}

fn letter(chance: &mut Chance, white: Colour, ink: Colour) -> Sheet {
    let mm = [[210.0, 297.0], [210.0, 297.0], [148.0, 210.0], [176.0, 250.0], [216.0, 279.0], [190.0, 130.0]][chance.below(6)];
    let mut it = Sheet::new(mm, 2.0, white);
    let m = mm[0] * chance.within(0.05, 0.13);
    let (wide, mut y) = (mm[0] - 2.0 * m, m);
    if chance.yes(0.75) {
        let long = wide * chance.within(0.3, 0.8);
        it.text(chance, [m + (wide - long) / 2.0, y], long, y + 9.0, 7.0, ink);
        y += 16.0;
    }
    match chance.below(7) {
        0 => {}
        1 | 2 => it.text(chance, [m, y], wide, mm[1] - m, 3.8, ink),
        3 => {
            let end = mm[1] * chance.within(0.3, 0.6);
            it.text(chance, [m, y], wide, end, 4.2, ink);
        }
        4 => {
            let tall = mm[1] * chance.within(0.4, 0.75);
            it.table(chance, [m, y], [wide, tall], ink);
        }
        5 => {
            let pen = [ink[0], ink[1], ink[2] + 60.0];
            if chance.yes(0.6) {
                let rule = times(white, 0.86);
                let mut line = y;
                while line < mm[1] {
                    it.fill(0.0, line, mm[0], 0.3, rule);
                    line += 8.0;
                }
            }
            let end = mm[1] * chance.within(0.3, 0.95);
            it.writing(chance, [m, y], wide, end, pen);
        }
        _ => {
            let tall = mm[1] * chance.within(0.15, 0.4);
            it.picture(chance, [m, y], [wide * 0.6, tall]);
            it.text(chance, [m, y + tall + 5.0], wide, mm[1] - m, 3.4, ink);
        }
    }
    if chance.yes(0.25) {
        let at = [mm[0] * chance.within(0.5, 0.8), mm[1] * chance.within(0.6, 0.85)];
        it.seal(chance, at, 19.0);
    }
    if chance.yes(0.12) {
        let at = mm[1] * [0.333, 0.5, 0.667][chance.below(3)];
        it.each(0.0, at - 1.5, mm[0], 3.0, |_, y, old| *old = times(*old, 0.86 + 0.06 * (y - at).abs()));
    }
    if chance.yes(0.1) {
        let hole = if chance.yes(0.5) { [50.0; 3] } else { [120.0, 90.0, 60.0] };
        for part in [0.15, 0.5, 0.85] {
            it.fill(7.0, mm[1] * part, 6.0, 6.0, hole);
        }
    }
    it
}

fn card(chance: &mut Chance, ink: Colour) -> Sheet {
    let seed = chance.next();
    let pale = chance.yes(0.75);
    let base = [0; 3].map(|_| if pale { chance.within(190.0, 246.0) } else { chance.within(30.0, 200.0) });
    let mut it = Sheet::new([85.6, 54.0], 4.0, base);
    it.radius = if chance.yes(0.8) { 3.18 } else { 0.0 };
    let wave = chance.within(2.0, 14.0);
    it.each(0.0, 0.0, 86.0, 55.0, |x, y, old| *old = old.map(|v| v + wave * noise(seed, x / 9.0, y / 5.0)));
    let ink = if pale { ink } else { [235.0; 3] };
    match chance.below(4) {
        0 => {
            let photo = if chance.yes(0.5) { 58.0 } else { 5.0 };
            it.picture(chance, [photo, 10.0], [22.0, 28.0]);
            let left = if photo > 30.0 { 6.0 } else { 31.0 };
            it.text(chance, [left, 6.0], 48.0, 40.0, 3.0, ink);
            it.text(chance, [6.0, 44.0], 70.0, 49.0, 3.6, ink);
        }
        1 => {
            it.fill(0.0, 5.0, 86.0, 12.0, [30.0; 3]);
            it.text(chance, [6.0, 22.0], 70.0, 50.0, 2.6, ink);
        }
        2 => {
            it.seal(chance, [15.0, 15.0], 9.0);
            it.text(chance, [30.0, 8.0], 48.0, 28.0, 5.5, ink);
            it.text(chance, [10.0, 36.0], 66.0, 50.0, 3.2, ink);
        }
        _ => {
            let band = [0; 3].map(|_| chance.within(20.0, 200.0));
            it.fill(0.0, 0.0, 86.0, 11.0, band);
            it.text(chance, [6.0, 16.0], 70.0, 48.0, 3.4, ink);
        }
    }
    it
}

fn ticket(chance: &mut Chance, white: Colour, ink: Colour) -> Sheet {
    let mm = [chance.within(85.0, 240.0), chance.within(54.0, 140.0)];
    let tint = [0; 3].map(|_| chance.within(0.78, 1.0));
    let paper = [0, 1, 2].map(|c| white[c] * tint[c]);
    let mut it = Sheet::new(mm, 2.5, paper);
    let (fine, deep) = (chance.within(1.0, 4.0), chance.within(0.0, 10.0));
    it.each(0.0, 0.0, mm[0], mm[1], |x, y, old| *old = old.map(|v| v + deep * ((x / fine).sin() * (y / fine).cos())));
    let m = mm[1] * chance.within(0.04, 0.14);
    if chance.yes(0.6) {
        it.table(chance, [m, m * 2.5], [mm[0] - 2.0 * m, mm[1] - 4.0 * m], ink);
    } else {
        it.text(chance, [m * 1.5, m * 2.0], mm[0] - 3.0 * m, mm[1] - m, 4.0, ink);
    }
    if chance.yes(0.5) {
        let at = [mm[0] * chance.within(0.3, 0.8), mm[1] * chance.within(0.3, 0.7)];
        it.seal(chance, at, mm[1] * 0.2);
    }
    if chance.yes(0.3) {
        let band = [0; 3].map(|_| chance.within(60.0, 210.0));
        it.fill(0.0, mm[1] * 0.88, mm[0], mm[1], band);
    }
    it
}

/// The cover of a household register, a passport, a book.
fn cover(chance: &mut Chance) -> Sheet {
    let base =
        [[125.0, 25.0, 30.0], [30.0, 45.0, 95.0], [25.0, 85.0, 50.0], [40.0, 120.0, 170.0], [60.0, 30.0, 25.0]][chance.below(5)];
    let mm = [[105.0, 143.0], [88.0, 125.0], [185.0, 260.0]][chance.below(3)];
    let mut it = Sheet::new(mm, 2.5, times(base, chance.within(0.7, 1.4)));
    let gold = if chance.yes(0.6) { [205.0, 170.0, 85.0] } else { [235.0; 3] };
    it.text(chance, [mm[0] * 0.15, mm[1] * 0.15], mm[0] * 0.7, mm[1] * 0.3, mm[0] * 0.09, gold);
    if chance.yes(0.6) {
        let r = mm[0] * 0.16;
        let at = [mm[0] / 2.0, mm[1] * 0.55];
        it.each(at[0] - r, at[1] - r, r * 2.0, r * 2.0, |x, y, old| {
            if (x - at[0]).hypot(y - at[1]) < r {
                *old = gold;
            }
        });
    } else {
        it.picture(chance, [mm[0] * 0.1, mm[1] * 0.4], [mm[0] * 0.8, mm[1] * 0.4]);
    }
    it
}

/// Two pages and the gutter between them.
fn booklet(chance: &mut Chance, white: Colour, ink: Colour) -> Sheet {
    let mm = [[210.0, 143.0], [176.0, 125.0], [296.0, 210.0]][chance.below(3)];
    let mut it = Sheet::new(mm, 2.0, white);
    for left in [0.0, mm[0] / 2.0] {
        let (x, wide) = (left + mm[0] * 0.04, mm[0] * 0.42);
        match chance.below(3) {
            0 => it.text(chance, [x, 12.0], wide, mm[1] - 10.0, 3.6, ink),
            1 => it.table(chance, [x, 14.0], [wide, mm[1] - 28.0], ink),
            _ => {}
        }
    }
    let (wide, deep) = (chance.within(2.0, 16.0), chance.within(0.08, 0.5));
    it.each(0.0, 0.0, mm[0], mm[1], |x, _, old| {
        let t = 1.0 - ((x - mm[0] / 2.0).abs() / wide).min(1.0);
        *old = times(*old, 1.0 - deep * t * t);
    });
    it
}

fn magazine(chance: &mut Chance, white: Colour, ink: Colour) -> Sheet {
    let mm = [chance.within(180.0, 216.0), chance.within(255.0, 297.0)];
    let paper = if chance.yes(0.5) { white } else { [0; 3].map(|_| chance.within(40.0, 250.0)) };
    let mut it = Sheet::new(mm, 2.0, paper);
    if chance.yes(0.5) {
        let band = [0; 3].map(|_| chance.within(20.0, 220.0));
        it.fill(0.0, 0.0, mm[0], chance.within(15.0, 60.0), band);
    }
    for _ in 0..1 + chance.below(3) {
        let at = [chance.within(0.05, 0.4) * mm[0], chance.within(0.15, 0.6) * mm[1]];
        let size = [chance.within(0.2, 0.5) * mm[0], chance.within(0.1, 0.35) * mm[1]];
        it.picture(chance, at, size);
    }
    for column in 0..2 {
        let x = mm[0] * (0.06 + 0.47 * column as f32);
        let from = mm[1] * chance.within(0.2, 0.7);
        it.text(chance, [x, from], mm[0] * 0.41, mm[1] * 0.95, 3.2, ink);
    }
    it
}
