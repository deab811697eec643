//! Things that differ from the desk: where grain or clutter draws longer lines than the sides of a card, its colour still
//! sets it apart.

use super::planes::Plane;

/// Regions are looked for on every second pixel.
const STEP: usize = 2;
/// Smallest and largest share of the picture.
const SHARE: std::ops::Range<f32> = 0.015..0.9;
/// How much of its hull a region must fill.
const FILL: f32 = 0.72;
/// Where the quadrilaterals around a region and within it overlap more, its sides are straight.
const BENT_BELOW: f32 = 0.975;
/// So many corners of a hull are tried as the four.
const HULL_MOST: usize = 12;

/// What a region suggests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Region {
    /// In pixels of the planes, clockwise.
    pub corners: [[f32; 2]; 4],
    /// The corners are the region's own: its sides are bent, so that no line runs along them.
    pub bent: bool,
    /// Area of the region as a share of the quadrilateral's.
    pub fill: f32,
}

/// Quadrilaterals of regions that stand out: the one around each, and the one through its own corners where that differs.
pub(crate) fn regions(luma: &Plane, blue: &Plane, red: &Plane) -> Vec<Region> {
    let (w, h) = (luma.w / STEP, luma.h / STEP);
    if w < 16 || h < 16 {
        return Vec::new();
    }
    let small =
        |plane: &Plane| -> Vec<u8> { (0..h).flat_map(|y| plane.row(y * STEP).iter().step_by(STEP).take(w).copied()).collect() };
    let (luma, blue, red) = (small(luma), small(blue), small(red));
    // The desk's colour: median of the rim.
    let rim: Vec<usize> = (0..w)
        .flat_map(|x| [x, w + x, (h - 1) * w + x, (h - 2) * w + x])
        .chain((0..h).flat_map(|y| [y * w, y * w + w - 1]))
        .collect();
    let middle = |plane: &[u8]| {
        let mut values: Vec<u8> = rim.iter().map(|&i| plane[i]).collect();
        let half = values.len() / 2;
        i32::from(*values.select_nth_unstable(half).1)
    };
    let (l0, b0, r0) = (middle(&luma), middle(&blue), middle(&red));
    let apart: Vec<u8> = luma
        .iter()
        .zip(&blue)
        .zip(&red)
        .map(|((&l, &b), &r)| {
            let colour = (i32::from(b) - b0).abs() + (i32::from(r) - r0).abs();
            ((i32::from(l) - l0).abs() / 2 + 3 * colour).min(255) as u8
        })
        .collect();
    let tint: Vec<u8> = blue
        .iter()
        .zip(&red)
        .map(|(&b, &r)| (4 * ((i32::from(b) - b0).abs() + (i32::from(r) - r0).abs())).min(255) as u8)
        .collect();
    let mut found: Vec<Region> = Vec::new();
    for (plane, scale) in [(&apart, 1.0), (&luma, 1.0), (&tint, 1.0), (&luma, 1.18)] {
        let threshold = (f32::from(otsu(plane)) * scale) as i32;
        for (hull, size) in components(plane, w, h, threshold) {
            let around = enclosing(&hull);
            let inner = inscribed(&hull).filter(|inner| around.is_none_or(|around| super::overlap(&around, inner) < BENT_BELOW));
            for (quad, bent) in [(around, false), (inner, true)] {
                let Some(quad) = quad else { continue };
                let corners = quad.map(|[x, y]| [x * STEP as f32 + 0.5, y * STEP as f32 + 0.5]);
                let near = |other: &Region| {
                    other.corners.iter().zip(&corners).all(|(p, q)| (p[0] - q[0]).abs() + (p[1] - q[1]).abs() < 6.0)
                };
                if !found.iter().any(near) {
                    found.push(Region { corners, bent, fill: size / super::quads::polygon_area(&quad).max(1.0) });
                }
            }
        }
    }
    found
}

/// The threshold that parts a histogram best (Otsu 1979).
fn otsu(plane: &[u8]) -> u8 {
    let mut histogram = [0u32; 256];
    for &v in plane {
        histogram[usize::from(v)] += 1;
    }
    let total = plane.len() as f64;
    let sum: f64 = histogram.iter().enumerate().map(|(v, &n)| v as f64 * f64::from(n)).sum();
    let (mut below, mut below_sum, mut best, mut at) = (0.0f64, 0.0f64, 0.0f64, 0u8);
    for (v, &n) in histogram.iter().enumerate() {
        below += f64::from(n);
        below_sum += v as f64 * f64::from(n);
        let above = total - below;
        if below == 0.0 || above == 0.0 {
            continue;
        }
        let difference = below_sum / below - (sum - below_sum) / above;
        let between = below * above * difference * difference;
        if between > best {
            (best, at) = (between, v as u8);
        }
    }
    at
}

/// Convex hulls, clockwise, and areas of the connected parts above a threshold. Runs of a row are joined to those of the row before.
fn components(plane: &[u8], w: usize, h: usize, threshold: i32) -> Vec<(Vec<[f32; 2]>, f32)> {
    struct Run {
        y: usize,
        from: usize,
        to: usize,
    }
    fn root(parents: &mut [usize], mut i: usize) -> usize {
        while parents[i] != i {
            parents[i] = parents[parents[i]];
            i = parents[i];
        }
        i
    }
    let mut runs: Vec<Run> = Vec::new();
    let mut parents: Vec<usize> = Vec::new();
    let mut before = 0..0;
    for y in 0..h {
        let row = &plane[y * w..(y + 1) * w];
        let start = runs.len();
        let mut x = 0;
        while x < w {
            if i32::from(row[x]) <= threshold {
                x += 1;
                continue;
            }
            let from = x;
            while x < w && i32::from(row[x]) > threshold {
                x += 1;
            }
            // Threads of one or two pixels join what does not belong together.
            if x - from < 3 {
                continue;
            }
            let id = runs.len();
            parents.push(id);
            runs.push(Run { y, from, to: x });
            for other in before.clone() {
                let run: &Run = &runs[other];
                if run.from + 1 < x && from + 1 < run.to {
                    let (a, b) = (root(&mut parents, other), root(&mut parents, id));
                    parents[a.max(b)] = a.min(b);
                }
            }
        }
        before = start..runs.len();
    }
    let mut area = vec![0usize; runs.len()];
    for i in 0..runs.len() {
        area[root(&mut parents, i)] += runs[i].to - runs[i].from;
    }
    let total = (w * h) as f32;
    let mut large: Vec<usize> = (0..runs.len()).filter(|&i| SHARE.contains(&(area[i] as f32 / total))).collect();
    large.sort_unstable_by_key(|&i| std::cmp::Reverse(area[i]));
    large.truncate(4);
    large
        .into_iter()
        .filter_map(|part| {
            let mut points = Vec::new();
            for i in 0..runs.len() {
                if root(&mut parents, i) == part {
                    let run = &runs[i];
                    points.push([run.from as f32, run.y as f32]);
                    points.push([run.to as f32 - 1.0, run.y as f32]);
                }
            }
            let hull = convex(points);
            let size = area[part] as f32;
            (super::quads::polygon_area(&hull) * FILL < size).then_some((hull, size))
        })
        .collect()
}

/// Andrew's monotone chain; the result runs clockwise (y down).
fn convex(mut points: Vec<[f32; 2]>) -> Vec<[f32; 2]> {
    points.sort_unstable_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    let turn = |o: [f32; 2], a: [f32; 2], b: [f32; 2]| (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
    let mut hull: Vec<[f32; 2]> = Vec::new();
    for pass in 0..2 {
        let floor = hull.len() + 1;
        let chain: Box<dyn Iterator<Item = &[f32; 2]>> =
            if pass == 0 { Box::new(points.iter()) } else { Box::new(points.iter().rev()) };
        for &p in chain {
            while hull.len() > floor && turn(hull[hull.len() - 2], hull[hull.len() - 1], p) <= 0.0 {
                hull.pop();
            }
            hull.push(p);
        }
        hull.pop();
    }
    hull
}

/// The quadrilateral around a hull: sides are dropped one by one, each time the one whose neighbours, prolonged, add least area.
/// Rounded, clipped and covered corners come back this way.
fn enclosing(hull: &[[f32; 2]]) -> Option<[[f32; 2]; 4]> {
    let mut q = hull.to_vec();
    let size = super::quads::polygon_area(&q);
    while q.len() > 4 {
        let n = q.len();
        let mut best: Option<(f32, usize, [f32; 2])> = None;
        for i in 0..n {
            // Side i runs from point i to i + 1.
            let (a, b, c, d) = (q[(i + n - 1) % n], q[i], q[(i + 1) % n], q[(i + 2) % n]);
            let (u, v) = ([b[0] - a[0], b[1] - a[1]], [c[0] - d[0], c[1] - d[1]]);
            let den = u[0] * v[1] - u[1] * v[0];
            if den.abs() < 1e-6 {
                continue;
            }
            let t = ((c[0] - b[0]) * v[1] - (c[1] - b[1]) * v[0]) / den;
            let s = ((c[0] - b[0]) * u[1] - (c[1] - b[1]) * u[0]) / den;
            if t < 0.0 || s < 0.0 {
                continue;
            }
            let p = [b[0] + u[0] * t, b[1] + u[1] * t];
            let added = ((p[0] - b[0]) * (c[1] - b[1]) - (p[1] - b[1]) * (c[0] - b[0])).abs() / 2.0;
            if best.is_none_or(|(least, ..)| added < least) {
                best = Some((added, i, p));
            }
        }
        let (_, i, p) = best?;
        let n = q.len();
        q[i] = p;
        q.remove((i + 1) % n);
    }
    let q: [[f32; 2]; 4] = q.try_into().ok()?;
    (super::quads::polygon_area(&q) < 1.35 * size).then_some(q)
}

/// The largest quadrilateral through corners of the hull itself: where a side is bent, its ends stay corners of the hull.
fn inscribed(hull: &[[f32; 2]]) -> Option<[[f32; 2]; 4]> {
    let mut q = hull.to_vec();
    let triangle =
        |a: [f32; 2], b: [f32; 2], c: [f32; 2]| ((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])).abs() / 2.0;
    while q.len() > HULL_MOST {
        let n = q.len();
        let flattest = (0..n)
            .map(|i| (i, triangle(q[(i + n - 1) % n], q[i], q[(i + 1) % n])))
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(i, _)| i)?;
        q.remove(flattest);
    }
    let n = q.len();
    let mut best: Option<(f32, [[f32; 2]; 4])> = None;
    for a in 0..n {
        for c in a + 2..n {
            // Given a diagonal, each of the two other corners is the farthest on its side.
            let farthest = |part: std::ops::Range<usize>| {
                part.map(|i| (i % n, triangle(q[a], q[i % n], q[c]))).max_by(|x, y| x.1.total_cmp(&y.1))
            };
            let (Some((b, upper)), Some((d, lower))) = (farthest(a + 1..c), farthest(c + 1..n + a)) else { continue };
            if best.is_none_or(|(most, _)| upper + lower > most) {
                best = Some((upper + lower, [q[a], q[b], q[c], q[d]]));
            }
        }
    }
    best.map(|(_, quad)| quad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_on_a_grained_desk_is_set_apart_with_its_rounded_corners() {
        let (w, h) = (320usize, 240usize);
        let card = |x: f32, y: f32| {
            let (dx, dy) = ((x - 160.0).abs() - 50.0, (y - 120.0).abs() - 30.0);
            dx.max(0.0).hypot(dy.max(0.0)) < 8.0
        };
        let at = |f: &dyn Fn(usize, usize) -> u8| Plane {
            w,
            h,
            data: (0..h).flat_map(|y| (0..w).map(move |x| (x, y))).map(|(x, y)| f(x, y)).collect(),
        };
        let luma = at(&|x, y| if card(x as f32, y as f32) { 150 } else { 110 + ((y * 37) % 60) as u8 });
        let blue = at(&|x, y| if card(x as f32, y as f32) { 130 } else { 100 });
        let red = at(&|x, y| if card(x as f32, y as f32) { 128 } else { 150 });
        let found = regions(&luma, &blue, &red);
        let want = [[102.0, 82.0], [218.0, 82.0], [218.0, 158.0], [102.0, 158.0]];
        let near = |region: &Region| {
            want.iter().all(|w: &[f32; 2]| region.corners.iter().any(|p| (p[0] - w[0]).hypot(p[1] - w[1]) < 6.0))
        };
        assert!(found.iter().any(near), "{found:?}");
    }

    #[test]
    fn a_sheet_with_a_bowed_side_keeps_its_own_corners() {
        let (w, h) = (320usize, 240usize);
        // The upper side bows inwards by twenty pixels, the lower one outwards.
        let sheet = |x: f32, y: f32| {
            let bow = 20.0 * ((x - 60.0) / 200.0 * std::f32::consts::PI).sin();
            (60.0..260.0).contains(&x) && (50.0 + bow..180.0 + bow).contains(&y)
        };
        let data = (0..h).flat_map(|y| (0..w).map(move |x| if sheet(x as f32, y as f32) { 220 } else { 60 })).collect();
        let (luma, flat) = (Plane { w, h, data }, Plane { w, h, data: vec![128; w * h] });
        let want = [[60.0, 50.0], [260.0, 50.0], [260.0, 180.0], [60.0, 180.0]];
        let found = regions(&luma, &flat, &flat);
        assert!(found.iter().any(|region| region.bent && super::super::overlap(&region.corners, &want) > 0.96), "{found:?}");
    }

    #[test]
    fn nothing_stands_out_on_a_plain_desk() {
        let flat = Plane { w: 100, h: 80, data: vec![90; 8000] };
        assert!(regions(&flat, &flat, &flat).is_empty());
    }
}
