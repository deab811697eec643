//! The drawn desks: wood, cloth, stripes, stone, tiles and plain tops, bright and dark, some with their edge and the floor.
#![allow(clippy::approx_constant, reason = "the wave of a drawn cloth; the learnt weights belong to these very pictures")]

use super::{Canvas, Chance, Colour, noise, speck, times};

const WOODS: [Colour; 6] = [
    [165.0, 115.0, 68.0],
    [120.0, 80.0, 45.0],
    [205.0, 170.0, 128.0],
    [85.0, 55.0, 35.0],
    [225.0, 195.0, 185.0],
    [175.0, 140.0, 100.0],
];

/// A surface that fills the picture, sometimes with its edge and the floor beyond.
pub(super) fn desk(chance: &mut Chance) -> Canvas {
    let top = surface(chance);
    covered(chance, top)
}

/// A desk as white as paper.
pub(super) fn pale_desk(chance: &mut Chance) -> Canvas {
    let top = pale(chance);
    covered(chance, top)
}

fn covered(chance: &mut Chance, top: Surface) -> Canvas {
    let (w, h) = [(640, 480), (480, 640), (640, 360), (600, 600), (480, 640), (640, 480)][chance.below(6)];
    let mut canvas = Canvas { w, h, data: vec![[0.0; 3]; w * h] };
    let angle =
        chance.below(2) as f32 * 90.0 + if chance.yes(0.6) { chance.within(-6.0, 6.0) } else { chance.within(-45.0, 45.0) };
    let (s, c) = angle.to_radians().sin_cos();
    let deep = if chance.yes(0.4) { chance.within(0.0, 0.5) } else { 0.0 };
    let (wf, hf) = (w as f32, h as f32);
    let view = move |x: f32, y: f32| {
        let z = 1.0 + deep * (0.5 - y / hf);
        let (x, y) = ((x - wf / 2.0) * z, (y - hf / 2.0) * z * (1.0 + deep));
        (x * c - y * s, x * s + y * c)
    };
    let area = [0.0, 0.0, wf, hf];
    canvas.paint(area, |x, y| {
        let (u, v) = view(x, y);
        (top(u, v), 1.0)
    });
    if chance.yes(0.22) {
        let floor = surface(chance);
        let turn = chance.below(4) as f32 * 90.0 + chance.within(-20.0, 20.0);
        let (ny, nx) = turn.to_radians().sin_cos();
        let rho = chance.within(0.2, 0.46) * if nx.abs() > ny.abs() { wf } else { hf };
        let thick = chance.within(0.0, 9.0);
        let rim = times(top(3.0, 3.0), chance.within(0.5, 1.3));
        canvas.paint(area, |x, y| {
            let off = (x - wf / 2.0) * nx + (y - hf / 2.0) * ny - rho;
            let colour = if off < thick { rim } else { floor(x * 1.3, y * 1.3) };
            (colour, (off + 0.5).clamp(0.0, 1.0))
        });
    }
    canvas
}

type Surface = Box<dyn Fn(f32, f32) -> Colour>;

fn surface(chance: &mut Chance) -> Surface {
    let seed = chance.next();
    let grey = chance.within(15.0, 235.0);
    let tint = if chance.yes(0.5) { 6.0f32 } else { 60.0 };
    let any = [0; 3].map(|_| (grey + chance.within(-tint, tint)).clamp(8.0, 245.0));
    let other = [0; 3].map(|_| chance.within(20.0, 235.0));
    let soft = chance.within(0.0, 3.0);
    let plain = move |base: Colour, x: f32, y: f32| base.map(|v| v + soft * noise(seed, x / 3.0, y / 3.0));
    match chance.below(12) {
        0 => Box::new(move |x, y| plain(any, x, y)),
        1..=3 => {
            let base = WOODS[chance.below(WOODS.len())];
            let (long, thin) = (chance.within(40.0, 220.0), chance.within(1.2, 7.0));
            let (deep, rings) = (chance.within(0.02, 0.14), chance.within(6.0, 40.0));
            let plank = if chance.yes(0.4) { chance.within(45.0, 220.0) } else { 1e9 };
            Box::new(move |x, y| {
                let row = (y / plank).floor();
                let seam = (y / plank - row) * plank < 1.3;
                let wave = ((y + 14.0 * noise(seed + 2, x / 180.0, y / 50.0)) / rings).sin();
                let v = noise(seed, x / long, y / thin) + 0.6 * noise(seed + 1, x / long / 2.0, y / thin / 4.0) + 0.5 * wave;
                let own = 1.0 + 0.1 * speck(seed, row as i32, 3) + if seam { -0.45 } else { 0.0 };
                times(base, own * (1.0 + deep * v))
            })
        }
        4 => {
            let (p, mixed, tartan) = (chance.within(7.0, 70.0), chance.within(0.2, 0.9), chance.yes(0.4));
            Box::new(move |x, y| {
                let band = |t: f32| {
                    if tartan { f32::from((t / p).rem_euclid(1.0) < 0.2) } else { f32::from((t / p).rem_euclid(1.0) < 0.5) }
                };
                let share = (band(x) + band(y)) * 0.5 * mixed;
                let base = [0, 1, 2].map(|i| any[i] + (other[i] - any[i]) * share);
                plain(base, x, y)
            })
        }
        5 => {
            let (p, duty, round) = (chance.within(5.0, 110.0), chance.within(0.1, 0.6), chance.yes(0.3));
            Box::new(move |x, y| {
                let t = (x / p).rem_euclid(1.0);
                let share = if round { 0.5 + 0.5 * (t * std::f32::consts::TAU).sin() } else { f32::from(t < duty) };
                plain([0, 1, 2].map(|i| any[i] + (other[i] - any[i]) * share * 0.8), x, y)
            })
        }
        6 => {
            let (deep, coarse) = (chance.within(6.0, 32.0), chance.within(1.5, 8.0));
            Box::new(move |x, y| {
                any.map(|v| v + deep * (noise(seed, x / coarse, y / coarse) + 0.6 * noise(seed + 1, x / 1.3, y / 1.3)))
            })
        }
        7 => {
            let (p, least) = (chance.within(10.0, 60.0), chance.within(0.1, 0.4));
            Box::new(move |x, y| {
                let flower = noise(seed + 5, x / p, y / p) > least || noise(seed + 6, x / p * 2.0, y / p * 0.7) > 0.62;
                plain(if flower { other } else { any }, x, y)
            })
        }
        8 => {
            let (p, grout, shade) = (chance.within(60.0, 300.0), chance.within(1.0, 5.0), chance.within(0.5, 1.3));
            Box::new(move |x, y| {
                let (i, j) = ((x / p).floor(), (y / p).floor());
                let joint = x - i * p < grout || y - j * p < grout;
                let base = times(any, 1.0 + 0.05 * speck(seed, i as i32, j as i32));
                plain(if joint { times(any, shade) } else { base }, x, y)
            })
        }
        9 => pale(chance),
        10 => {
            // Oilcloth: rows of one printed thing.
            let (p, r, lean) = (chance.within(18.0, 90.0), chance.within(0.15, 0.45), chance.within(0.0, 0.5));
            Box::new(move |x, y| {
                let row = (y / p).floor();
                let (u, v) = ((x / p + row * lean).rem_euclid(1.0) - 0.5, y / p - row - 0.5);
                let petal = r * (1.0 + 0.35 * (5.0 * v.atan2(u)).sin());
                plain(if u.hypot(v) < petal { other } else { any }, x, y)
            })
        }
        _ => {
            let (p, deep) = (chance.within(2.2, 5.0), chance.within(3.0, 16.0));
            Box::new(move |x, y| {
                any.map(|v| {
                    v + deep * ((x * 6.28 / p).sin() + (y * 6.28 / p).sin()) * 0.5 + 6.0 * noise(seed, x / 12.0, y / 12.0)
                })
            })
        }
    }
}

/// White or nearly white, with a breath of shade.
fn pale(chance: &mut Chance) -> Surface {
    let (seed, paper) = (chance.next(), chance.within(195.0, 246.0));
    let (soft, warm) = (chance.within(0.0, 3.0), chance.within(0.0, 14.0));
    let base = [paper, paper - 0.4 * warm, paper - warm * chance.unit()];
    Box::new(move |x, y| base.map(|v| v + soft * noise(seed, x / 3.0, y / 3.0) + 2.5 * noise(seed + 3, x / 150.0, y / 150.0)))
}
