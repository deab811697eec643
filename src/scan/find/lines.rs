//! Straight lines: where many edge points agree, with a record of where along the line they stand.

use super::planes::{Edge, Edges};

const TURNS: usize = 256;
/// A point votes for its own direction and as many 256ths to each side: Sobel on a blurred edge is good to 3°.
const SPREAD: i32 = 3;
/// How far off the line, in pixels, a point may be and still speak for it: paper is never flat.
const REACH: f32 = 2.3;
/// How far the slope at a point may differ from the line's, in 256ths (17°).
const AGREE: i32 = 12;

/// A line `x · nx + y · ny = rho` and what stands along it. Sums are indexed by x where the line is nearer to horizontal,
/// otherwise by y; `pos` counts points whose bright side is where the normal points, `neg` the others.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub nx: f32,
    pub ny: f32,
    pub rho: f32,
    /// Indexed by x.
    pub flat: bool,
    /// Edge of the picture itself, not of a thing in it.
    pub frame: bool,
    /// Prefix sums: points on the print-free planes.
    pub pos: Vec<u16>,
    pub neg: Vec<u16>,
    /// Prefix sums: points on the plain brightness, either polarity.
    pub raw: Vec<u16>,
    /// Prefix sums of strength, either polarity, each capped.
    pub strong: Vec<u32>,
}

impl Line {
    pub(crate) fn index(&self, p: [f32; 2]) -> f32 {
        if self.flat { p[0] } else { p[1] }
    }

    pub(crate) fn crossing(&self, other: &Self) -> Option<[f32; 2]> {
        self.crossing_of([other.nx, other.ny, other.rho])
    }

    /// Crossing with a line of which there is no record: its normal and distance.
    pub(crate) fn crossing_of(&self, [nx, ny, rho]: [f32; 3]) -> Option<[f32; 2]> {
        let den = self.nx * ny - self.ny * nx;
        (den.abs() >= 0.3).then(|| [(self.rho * ny - rho * self.ny) / den, (rho * self.nx - self.rho * nx) / den])
    }

    /// The sides of the picture.
    pub(crate) fn of_frame(w: usize, h: usize) -> [Self; 4] {
        [(0.0, 1.0, 0.0), (0.0, 1.0, h as f32 - 1.0), (1.0, 0.0, 0.0), (1.0, 0.0, w as f32 - 1.0)].map(|(nx, ny, rho)| {
            let n = if ny > 0.5 { w } else { h } + 1;
            let none = vec![0u16; n];
            Self { nx, ny, rho, flat: ny > 0.5, frame: true, pos: none.clone(), neg: none.clone(), raw: none, strong: vec![0; n] }
        })
    }
}

/// Share of `[a, b]` that a prefix sum covers.
#[inline]
pub(crate) fn share(sums: &[u16], a: f32, b: f32) -> f32 {
    let (a, b) = if a < b { (a, b) } else { (b, a) };
    let last = sums.len() - 1;
    let (i, j) = ((a.max(0.0) as usize).min(last), (b.max(0.0) as usize).min(last));
    f32::from(sums[j] - sums[i]) / (b - a).max(1.0)
}

/// The lines that most points agree on, strongest first, at most `most` of each map.
pub(crate) fn lines(clean: &Edges, raw: &Edges, most_clean: usize, most_raw: usize) -> Vec<Line> {
    let mut found: Vec<Line> = Vec::with_capacity(most_clean + most_raw);
    for (edges, most) in [(clean, most_clean), (raw, most_raw)] {
        let mut votes = Votes::new(edges);
        let mut taken = 0;
        for _ in 0..most * 3 {
            if taken == most {
                break;
            }
            let Some((turn, rho)) = votes.highest() else { break };
            let Some((nx, ny, rho)) = votes.fit(turn, rho) else {
                votes.drop_peak(turn);
                continue;
            };
            let (cx, cy) = (edges.w as f32 / 2.0, edges.h as f32 / 2.0);
            let twin = found.iter().any(|line| {
                let cos = line.nx * nx + line.ny * ny;
                // The same line may come with its normal the other way round.
                let (a, b) = (line.rho - line.nx * cx - line.ny * cy, rho - nx * cx - ny * cy);
                cos.abs() > 0.9995 && (a - cos.signum() * b).abs() < 2.5
            });
            if !twin {
                found.push(profile(clean, raw, [nx, ny, rho]));
                taken += 1;
            }
            if votes.take(nx, ny, rho) < TAKEN_MIN {
                votes.drop_peak(turn);
            }
        }
    }
    found
}

/// A line that takes fewer points than this did not explain the votes that led to it.
const TAKEN_MIN: usize = 6;

/// The line through two points, drawn to where the edge points near it agree: its normal, inwards of a clockwise outline, and its
/// distance. As it is where they do not.
pub(crate) fn drawn(clean: &Edges, a: [f32; 2], b: [f32; 2]) -> Option<[f32; 3]> {
    let [nx, ny, rho] = exactly(a, b)?;
    // Most things are brighter than their desk, so that polarity is tried first.
    let fitted = fit_from(clean, &[], nx, ny, rho).or_else(|| fit_from(clean, &[], -nx, -ny, -rho));
    Some(fitted.map_or([nx, ny, rho], |(nx, ny, rho)| [nx, ny, rho]))
}

/// The line through two points as they are: a bent side has no better one.
pub(crate) fn exactly(a: [f32; 2], b: [f32; 2]) -> Option<[f32; 3]> {
    let d = [b[0] - a[0], b[1] - a[1]];
    let length = d[0].hypot(d[1]);
    let (nx, ny) = (-d[1] / length, d[0] / length);
    (length >= 8.0).then_some([nx, ny, nx * a[0] + ny * a[1]])
}

/// Hough transform over the full turn, so that a bright-to-dark edge and a dark-to-bright one beside it stay apart. The points
/// of a line that was found take their votes back: what remains of a strong line would hide the sheet that lies askew below it.
struct Votes<'a> {
    edges: &'a Edges,
    /// Points whose votes were taken back.
    gone: Vec<bool>,
    width: usize,
    reach: i32,
    votes: Vec<u16>,
    /// The highest of each direction: votes of three neighbouring distances, and the middle one.
    best: Vec<(u16, usize)>,
    lowest: u16,
}

impl<'a> Votes<'a> {
    fn new(edges: &'a Edges) -> Self {
        let reach = (edges.w as f32).hypot(edges.h as f32).ceil() as usize / 2 + 2;
        let width = 2 * reach + 1;
        let mut all = Self {
            edges,
            gone: vec![false; edges.list.len()],
            width,
            reach: reach as i32,
            votes: vec![0u16; TURNS * width],
            best: vec![(0, 0); TURNS],
            lowest: (edges.w.min(edges.h) / 12).max(12) as u16,
        };
        for edge in &edges.list {
            all.cells(edge).into_iter().for_each(|cell| all.votes[cell] += 1);
        }
        (0..TURNS).for_each(|turn| all.find_best(turn));
        all
    }

    /// Where a point votes.
    #[inline]
    fn cells(&self, edge: &Edge) -> [usize; 2 * SPREAD as usize + 1] {
        // In halves of a pixel from the middle.
        let (x, y) = (2 * edge.x as i32 - self.edges.w as i32, 2 * edge.y as i32 - self.edges.h as i32);
        let first = i32::from(edge.turn) - SPREAD;
        std::array::from_fn(|step| {
            let turn = (first + step as i32) as usize & (TURNS - 1);
            let (c, s) = DIRECTIONS.whole[turn];
            let off = x.wrapping_mul(c).wrapping_add(y.wrapping_mul(s)).wrapping_add(ONE) >> (SHIFT + 1);
            turn * self.width + off.wrapping_add(self.reach) as usize
        })
    }

    fn find_best(&mut self, turn: usize) {
        let row = &self.votes[turn * self.width..(turn + 1) * self.width];
        let sums = || row.iter().zip(&row[1..]).zip(&row[2..]).map(|((a, b), c)| a.wrapping_add(*b).wrapping_add(*c));
        let most = sums().fold(0, u16::max);
        let at = if most >= self.lowest { sums().position(|sum| sum == most).unwrap_or(0) + 1 } else { 0 };
        self.best[turn] = (most, at);
    }

    /// Direction and distance that most points agree on.
    fn highest(&self) -> Option<(usize, i32)> {
        let (turn, &(most, at)) =
            self.best.iter().enumerate().max_by_key(|(turn, (most, _))| (*most, std::cmp::Reverse(*turn)))?;
        (most >= self.lowest).then_some((turn, at as i32 - self.reach))
    }

    /// Least squares through the points that agree and are still there.
    fn fit(&self, turn: usize, distance: i32) -> Option<(f32, f32, f32)> {
        let (nx, ny) = DIRECTIONS.exact[turn];
        let rho = distance as f32 + nx * self.edges.w as f32 / 2.0 + ny * self.edges.h as f32 / 2.0;
        fit_from(self.edges, &self.gone, nx, ny, rho)
    }

    /// Points of a line take their votes back; how many there were.
    fn take(&mut self, nx: f32, ny: f32, rho: f32) -> usize {
        let turn = i32::from(super::planes::turn_of(nx, ny));
        let mut taken = 0;
        for place in self.edges.places(turn, AGREE).into_iter().flatten() {
            let edge = &self.edges.list[place];
            if self.gone[place] || (nx * edge.x + ny * edge.y - rho).abs() > REACH {
                continue;
            }
            self.gone[place] = true;
            self.cells(edge).into_iter().for_each(|cell| self.votes[cell] -= 1);
            taken += 1;
        }
        for step in -AGREE - SPREAD..=AGREE + SPREAD {
            self.find_best((turn + step) as usize & (TURNS - 1));
        }
        taken
    }

    /// A peak that is no line: its direction is not asked again before something in it changes.
    fn drop_peak(&mut self, turn: usize) {
        self.best[turn] = (0, 0);
    }
}

/// Cosine and sine of each direction, also in units of 1 / [`ONE`].
struct Directions {
    exact: [(f32, f32); TURNS],
    whole: [(i32, i32); TURNS],
}

const SHIFT: u32 = 14;
const ONE: i32 = 1 << SHIFT;

static DIRECTIONS: std::sync::LazyLock<Directions> = std::sync::LazyLock::new(|| {
    let exact = std::array::from_fn(|i| {
        let angle = i as f32 * std::f32::consts::TAU / TURNS as f32;
        (angle.cos(), angle.sin())
    });
    let whole = exact.map(|(c, s): (f32, f32)| ((c * ONE as f32).round() as i32, (s * ONE as f32).round() as i32));
    Directions { exact, whole }
});

/// Least squares through the points that agree, twice, so that the second round drops what the first one's tilt let in.
fn fit_from(edges: &Edges, gone: &[bool], nx: f32, ny: f32, rho: f32) -> Option<(f32, f32, f32)> {
    let turn = i32::from(super::planes::turn_of(nx, ny));
    let mut near: Vec<[f32; 2]> = Vec::with_capacity(256);
    for place in edges.places(turn, AGREE).into_iter().flatten() {
        let edge = &edges.list[place];
        if (nx * edge.x + ny * edge.y - rho).abs() <= FIT_REACH && !gone.get(place).is_some_and(|gone| *gone) {
            near.push([edge.x, edge.y]);
        }
    }
    let (nx, ny, rho) = straight(&near, [nx, ny])?;
    near.retain(|p| (nx * p[0] + ny * p[1] - rho).abs() <= FIT_REACH / 2.0);
    straight(&near, [nx, ny])
}

/// How far, in pixels, the points of the first round may be from where the votes point.
const FIT_REACH: f32 = 4.0;

/// The line of least squares through ten points or more; its normal turns by less than 8° from the one given.
fn straight(points: &[[f32; 2]], normal: [f32; 2]) -> Option<(f32, f32, f32)> {
    if points.len() < 10 {
        return None;
    }
    let (mut sx, mut sy, mut sxx, mut sxy, mut syy) = (0.0f64, 0.0f64, 0.0f64, 0.0f64, 0.0f64);
    for &[x, y] in points {
        let (x, y) = (f64::from(x), f64::from(y));
        sx += x;
        sy += y;
        sxx += x * x;
        sxy += x * y;
        syy += y * y;
    }
    let n = points.len() as f64;
    let (mx, my) = (sx / n, sy / n);
    let (vxx, vxy, vyy) = (sxx / n - mx * mx, sxy / n - mx * my, syy / n - my * my);
    // Direction of least spread.
    let theta = 0.5 * (2.0 * vxy).atan2(vxx - vyy) + std::f64::consts::FRAC_PI_2;
    let (mut nx, mut ny) = (theta.cos() as f32, theta.sin() as f32);
    if nx * normal[0] + ny * normal[1] < 0.0 {
        (nx, ny) = (-nx, -ny);
    }
    let rho = (f64::from(nx) * mx + f64::from(ny) * my) as f32;
    (nx * normal[0] + ny * normal[1] >= 0.99).then_some((nx, ny, rho))
}

/// The record of a line.
pub(crate) fn profile(clean: &Edges, raw: &Edges, [nx, ny, rho]: [f32; 3]) -> Line {
    let flat = ny.abs() >= nx.abs();
    let n = if flat { clean.w } else { clean.h };
    let mut marks = vec![(false, false, false, 0u8); n];
    let turn = i32::from(super::planes::turn_of(nx, ny));
    let on_line = |edge: &&Edge| (nx * edge.x + ny * edge.y - rho).abs() <= REACH;
    let index = |edge: &Edge| if flat { edge.x } else { edge.y } as usize;
    for edge in clean.about(turn, AGREE).filter(on_line) {
        let mark = &mut marks[index(edge)];
        (mark.0, mark.3) = (true, mark.3.max(edge.strength));
    }
    for edge in clean.about(turn + 128, AGREE).filter(on_line) {
        let mark = &mut marks[index(edge)];
        (mark.1, mark.3) = (true, mark.3.max(edge.strength));
    }
    for edge in raw.about(turn, AGREE).chain(raw.about(turn + 128, AGREE)).filter(on_line) {
        marks[index(edge)].2 = true;
    }
    let mut line = Line {
        nx,
        ny,
        rho,
        flat,
        frame: false,
        pos: Vec::with_capacity(n + 1),
        neg: Vec::with_capacity(n + 1),
        raw: Vec::with_capacity(n + 1),
        strong: Vec::with_capacity(n + 1),
    };
    let (mut p, mut q, mut r, mut s) = (0u16, 0u16, 0u16, 0u32);
    for mark in marks {
        line.pos.push(p);
        line.neg.push(q);
        line.raw.push(r);
        line.strong.push(s);
        p += u16::from(mark.0);
        q += u16::from(mark.1);
        r += u16::from(mark.2);
        s += u32::from(mark.3.min(60));
    }
    line.pos.push(p);
    line.neg.push(q);
    line.raw.push(r);
    line.strong.push(s);
    line
}
