//! What lies about on a desk and is no page: pens, hands, cables, keyboards, telephones, rulers, cups, plates, mats.

use super::{Bend, Canvas, Cast, Chance, Colour, laid, noise, times};

/// Where a thing lies.
pub(super) enum Place {
    Anywhere,
    /// On a page at this point: only what people really leave there.
    OnPaper([f32; 2]),
}

/// Something that is no page.
pub(super) fn thing(canvas: &mut Canvas, chance: &mut Chance, place: Place) {
    let at = match place {
        Place::Anywhere => None,
        Place::OnPaper(at) => Some(at),
    };
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
    match chance.below(if at.is_some() { 3 } else { 13 }) {
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
        8 => {
            // A plate or a bowl.
            let r = size * chance.within(0.1, 0.25);
            canvas.stroke(centre, centre, r, bright);
            canvas.stroke(centre, centre, r * 0.97, times(bright, 0.93));
            canvas.stroke(centre, centre, r * chance.within(0.55, 0.75), times(bright, 0.85));
        }
        9 => {
            // A cutting mat or a desk pad: printed squares, a rule around.
            let base = if chance.yes(0.5) { [dark[0], dark[0] * 1.9 + 20.0, dark[0] * 1.5 + 20.0] } else { dark };
            let rule = if chance.yes(0.5) { [205.0, 205.0, 160.0] } else { times(base, 0.7) };
            let mm = [chance.within(300.0, 700.0), chance.within(220.0, 420.0)];
            let (pitch, cover) = (chance.within(10.0, 40.0), chance.within(0.6, 1.5));
            plain_plate(canvas, chance, mm, centre, cover, 3.0, move |x, y| {
                let grid = x.rem_euclid(pitch) < 0.9 || y.rem_euclid(pitch) < 0.9;
                let inside = x > 12.0 && y > 12.0 && x < mm[0] - 12.0 && y < mm[1] - 12.0;
                if grid && inside { rule } else { base }
            });
        }
        10 => {
            // A laptop or a folder, mostly out of the picture.
            let rim = [if chance.yes(0.5) { 0.0 } else { w }, if chance.yes(0.5) { 0.0 } else { h }];
            let cover = chance.within(0.4, 0.9);
            let (seed, colour) = (chance.next(), if chance.yes(0.7) { dark } else { [chance.within(120.0, 165.0); 3] });
            plain_plate(canvas, chance, [330.0, 230.0], rim, cover, 6.0, move |x, y| {
                let keys = y > 20.0 && y < 130.0 && x > 20.0 && x < 310.0;
                let key = x.rem_euclid(19.0) > 3.0 && y.rem_euclid(19.0) > 3.0;
                let base = times(colour, 1.0 + 0.02 * noise(seed, x, y));
                if keys && key { times(base, 0.6) } else { base }
            });
        }
        11 => canvas.stroke(centre, toward(turn, size * 0.05), size * chance.within(0.03, 0.055), colour),
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
