use super::*;
use crate::square::Projection;
use crate::{Corners, jpeg};

fn drawn(matrix: &Matrix, module: u32) -> Picture {
    let side = (matrix.side as u32 + 8) * module;
    let mut data = vec![255u8; (side * side) as usize];
    for y in 0..side {
        for x in 0..side {
            let (mx, my) = ((x / module).wrapping_sub(4) as usize, (y / module).wrapping_sub(4) as usize);
            if mx < matrix.side && my < matrix.side && matrix.dark[my * matrix.side + mx] {
                data[(y * side + x) as usize] = 0;
            }
        }
    }
    Picture::luma(side, side, data).unwrap()
}

#[test]
fn what_is_written_is_read() {
    for text in ["SLC-2026-000001-7F", "https://town.example/q?n=SLC-1&c=AB12", "查询码 样张 000"] {
        let matrix = qr(text).unwrap();
        assert_eq!(matrix.dark.len(), matrix.side * matrix.side);
        assert!(matrix.dark[0], "a finder pattern stands in the first corner");
        let codes = read(&drawn(&matrix, 5));
        assert_eq!(codes.len(), 1, "{text}");
        assert_eq!((codes[0].text.as_str(), codes[0].kind), (text, "qr"));
    }
}

#[test]
fn a_code_says_which_way_up_its_page_lies() {
    for text in ["A", "SLC-2026-000001-7F", "https://town.example/q?n=SLC-1&c=AB12&more=0123456789012345678901234567890123456789"]
    {
        let code = drawn(&qr(text).unwrap(), 5);
        for lying in 0..4 {
            assert_eq!(turns(&read_qr(&crate::rotate90(&code, lying))), Some((4 - lying) % 4), "{text} lying {lying}");
        }
    }
    assert_eq!(turns(&[]), None);
}

#[test]
fn too_long_or_empty_is_refused_and_an_empty_picture_holds_no_code() {
    assert!(matches!(qr(""), Err(ScanError::BadCodeText)));
    assert!(matches!(qr(&"a".repeat(TEXT_BYTES_MAX + 1)), Err(ScanError::BadCodeText)));
    assert!(qr(&"好".repeat(TEXT_BYTES_MAX / 3)).is_ok());
    assert!(read(&Picture::filled(300, 200, [240, 240, 240])).is_empty());
    assert!(read(&Picture::filled(3, 2, [240, 240, 240])).is_empty());
}

struct Chance(u64);

impl Chance {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f64 / f64::from(1 << 24)
    }

    fn within(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.unit()
    }
}

/// A page with one code as a camera sees it: from the side, out of focus by so many pixels, in falling light, with grain.
fn photographed(matrix: &Matrix, module_px: f64, chance: &mut Chance) -> Picture {
    let side = (matrix.side + 8) as f64;
    let (w, h) = (600u32, 600u32);
    let size = module_px * side;
    let (turn, tilt) = (chance.within(-0.12, 0.12) + (chance.unit() * 4.0).floor() * std::f64::consts::FRAC_PI_2, 0.12);
    let (dx, dy, toward) = (chance.within(-40.0, 40.0), chance.within(-40.0, 40.0), chance.within(0.0, std::f64::consts::TAU));
    let corners: Corners = [[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]].map(|[u, v]: [f64; 2]| {
        let (x, y) = (u * size, v * size);
        let (x, y) = (x * turn.cos() - y * turn.sin(), x * turn.sin() + y * turn.cos());
        let depth = 1.0 + (x * toward.cos() + y * toward.sin()) * tilt / 900.0;
        [(300.0 + dx + x / depth) as f32, (300.0 + dy + y / depth) as f32]
    });
    let back = Projection::from_unit(&corners).unwrap().inverse().unwrap();
    let (paper, ink) = (chance.within(232.0, 250.0), chance.within(10.0, 60.0));
    let light = chance.within(0.72, 1.0);
    let fall = chance.within(-0.25, 0.25);
    let mut sharp = vec![0f64; (w * h) as usize];
    for y in 0..h {
        for x in 0..w {
            let mut sum = 0.0;
            for (ox, oy) in [(-0.25, -0.25), (0.25, -0.25), (-0.25, 0.25), (0.25, 0.25)] {
                let [u, v] = back.map(f64::from(x) + ox, f64::from(y) + oy);
                let (mx, my) = ((u * side).floor() - 4.0, (v * side).floor() - 4.0);
                let inside = mx >= 0.0 && my >= 0.0 && mx < matrix.side as f64 && my < matrix.side as f64;
                let dark = inside && matrix.dark[my as usize * matrix.side + mx as usize];
                sum += if dark { ink } else { paper } / 4.0;
            }
            sharp[(y * w + x) as usize] = sum * light * (1.0 + fall * (f64::from(x) / f64::from(w) - 0.5));
        }
    }
    let sigma = [0.5, 0.6, 0.7, 0.8, 1.0][(chance.unit() * 5.0) as usize];
    let soft = blurred(&sharp, w as usize, sigma);
    let grain = chance.within(1.0, 4.0);
    let data =
        soft.iter().map(|v| (v + (chance.unit() + chance.unit() + chance.unit() - 1.5) * 2.0 * grain).clamp(0.0, 255.0) as u8);
    Picture::luma(w, h, data.collect()).unwrap()
}

fn blurred(data: &[f64], w: usize, sigma: f64) -> Vec<f64> {
    let kernel: Vec<f64> = (-3..=3).map(|i| (-f64::from(i * i) / (2.0 * sigma * sigma)).exp()).collect();
    let sum: f64 = kernel.iter().sum();
    let along = |data: &[f64], step: usize| -> Vec<f64> {
        (0..data.len())
            .map(|at| {
                let value =
                    |(i, k): (usize, &f64)| k * data.get((at + i * step).wrapping_sub(3 * step)).copied().unwrap_or(data[at]);
                kernel.iter().enumerate().map(value).sum::<f64>() / sum
            })
            .collect()
    };
    along(&along(data, 1), w)
}

/// 75 photographed codes in the sizes in which the town's papers came: 2 below two pixels a module, 21 up to three, 22 up to four
/// and a half, 30 above. The best reader known reads 60 of such a set.
#[test]
fn codes_of_every_size_are_read_as_often_as_by_the_best_reader() {
    let sizes = [(2, 1.6, 2.0), (21, 2.0, 3.0), (22, 3.0, 4.5), (30, 4.5, 7.5)];
    let (mut right, mut wrong, mut number) = (0, 0, 0u64);
    for (count, from, to) in sizes {
        let mut of_size = 0;
        for _ in 0..count {
            let mut chance = Chance(0x51c0_de00 + number);
            number += 1;
            let length = [12, 24, 60][(chance.unit() * 3.0) as usize];
            let text: String =
                (0..length).map(|_| char::from(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"[(chance.unit() * 32.0) as usize])).collect();
            let text = format!("HIS:{text}");
            let module = chance.within(from, to);
            let frame = photographed(&qr(&text).unwrap(), module, &mut chance);
            let frame = crate::decode_luma(&jpeg::encode_at(&frame, 88).unwrap(), None).unwrap();
            let codes = read(&frame);
            of_size += usize::from(codes.iter().any(|code| code.text == text));
            // Stripes found on a square code too fine to be read are noise; a square read wrongly would be believed.
            wrong += codes.iter().filter(|code| code.kind != "bar" && code.text != text).count();
        }
        println!("{of_size} of {count} with {from} to {to} pixels a module");
        right += of_size;
    }
    println!("{right} of 75 codes read");
    assert!(right >= 60, "{right} of 75 codes read");
    assert_eq!(wrong, 0, "a code was misread");
}
