//! Paper that does not lie flat.

use super::{Chance, noise, speck};

/// Paper that does not lie flat: bows and a fold. The corners stay where they are.
#[derive(Default)]
pub(super) struct Bend {
    bow_u: [f32; 2],
    bow_v: [f32; 2],
    fold: [f32; 2],
    fold_at: f32,
    shade: f32,
    /// Creases of a sheet that was folded small: how many across and down, and how high each facet stands.
    creases: Option<Creases>,
}

struct Creases {
    seed: u64,
    count: [f32; 2],
    high: f32,
    /// Facets (as paper folds) or waves (as it crumples).
    facets: bool,
    toward: [f32; 2],
}

impl Creases {
    /// Height of the sheet at a place, −1 to 1.
    fn height(&self, u: f32, v: f32) -> f32 {
        let (x, y) = (u * self.count[0], v * self.count[1]);
        if !self.facets {
            return noise(self.seed, x, y) * 0.7 + 0.3 * noise(self.seed + 1, x * 2.3, y * 2.3);
        }
        let (i, j) = (x.floor(), y.floor());
        let (fx, fy) = (x - i, y - j);
        let at = |di: i32, dj: i32| speck(self.seed, i as i32 + di, j as i32 + dj);
        let (top, low) = (at(0, 0) + (at(1, 0) - at(0, 0)) * fx, at(0, 1) + (at(1, 1) - at(0, 1)) * fx);
        top + (low - top) * fy
    }
}

impl Bend {
    pub(super) fn new(chance: &mut Chance, size: f32) -> Self {
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

    /// Folded to a small size once, or crumpled, sometimes bowed as well.
    pub(super) fn crumpled(chance: &mut Chance, size: f32) -> Self {
        let mut bend = if chance.yes(0.5) {
            Self::new(chance, size)
        } else {
            Self { fold_at: 0.5, shade: chance.within(0.03, 0.25), ..Self::default() }
        };
        let facets = chance.yes(0.6);
        let count =
            if facets { [chance.below(3) + 1, chance.below(3) + 1].map(|n| n as f32) } else { [chance.within(1.5, 5.0); 2] };
        let turn = chance.within(0.0, std::f32::consts::TAU);
        let toward = [turn.cos(), turn.sin()];
        let high = chance.within(0.004, if facets { 0.035 } else { 0.02 }) * size;
        bend.creases = Some(Creases { seed: chance.next(), count, high, facets, toward });
        bend
    }

    pub(super) fn any(&self) -> bool {
        self.shade > 0.0
    }

    pub(super) fn reach(&self) -> f32 {
        [self.bow_u, self.bow_v, self.fold].iter().map(|d| d[0].hypot(d[1])).sum::<f32>()
            + self.creases.as_ref().map_or(0.0, |creases| creases.high * 1.1)
    }

    fn tent(&self, u: f32) -> f32 {
        if u < self.fold_at { u / self.fold_at } else { (1.0 - u) / (1.0 - self.fold_at) }
    }

    pub(super) fn shift(&self, u: f32, v: f32) -> [f32; 2] {
        let pi = std::f32::consts::PI;
        let (a, b, c) = ((pi * u).sin() * (1.0 - 0.5 * v), (pi * v).sin(), self.tent(v));
        // The corners stay where they are.
        let risen = self.creases.as_ref().map_or([0.0; 2], |creases| {
            let free = 1.0 - (1.0 - 4.0 * u * (1.0 - u)) * (1.0 - 4.0 * v * (1.0 - v));
            creases.toward.map(|t| t * creases.high * free * creases.height(u, v))
        });
        [0, 1].map(|i| self.bow_u[i] * a + self.bow_v[i] * b + self.fold[i] * c + risen[i])
    }

    pub(super) fn light(&self, [u, v]: [f32; 2]) -> f32 {
        if !self.any() {
            return 1.0;
        }
        let pi = std::f32::consts::PI;
        let bowed =
            if self.bow_u != [0.0; 2] { (pi * u).cos() } else { 0.0 } + if self.bow_v != [0.0; 2] { (pi * v).cos() } else { 0.0 };
        let folded = if self.fold != [0.0; 2] { (self.fold_at - v).signum() * 0.6 } else { 0.0 };
        let leaning = self.creases.as_ref().map_or(0.0, |creases| {
            let step = 0.02;
            let slope = [creases.height(u + step, v), creases.height(u, v + step)].map(|h| (h - creases.height(u, v)) / step);
            ((slope[0] * creases.toward[0] + slope[1] * creases.toward[1]) * 0.25).clamp(-1.2, 1.2)
        });
        1.0 + self.shade * (bowed + folded + leaning) * 0.7
    }
}
