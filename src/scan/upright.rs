//! Which way up is the page? Told by its lines of print, without reading a character.
//!
//! Lines or columns: between lines of Chinese there are wide empty rows, between its characters hardly any. Up or down: roofs and
//! dots stand at the top of a character, legs and boxes at its foot (亠 and 宀 against 人 and 口), Latin letters rise above their line
//! more often than they hang below. So the strokes' directions in eight layers of a line are compared with the same line upside
//! down; a few dozen characters together are sure where one is not.
//!
//! The weights come from 160 generated pages of GB 2312 characters, digits and Latin words in four faces, 11 to 26 pixels high,
//! blurred and with noise (mean over covariance, Fisher 1936); no page of any test was among them.

use crate::wide::wide;
use crate::{Surface, codes};

/// Short sides of the copies that are looked at: small print has nine pixels in the first, a card's in the second, where the first
/// says too little.
const SHORT_SIDES: [u32; 2] = [600, 320];
/// Half side of the square whose mean is the paper.
const AROUND: usize = 16;
/// Darker than its surroundings by this share is ink.
const INK: f32 = 0.06;
/// Straight runs of ink longer than this are rules of a form.
const RULE: usize = 45;
/// Outer part without print.
const MARGIN: f32 = 0.03;
/// Strips side by side, so that a page that lies a little askew and short lines do no harm.
const STRIPS: usize = 6;
/// Heights of a line of print in pixels.
const LINE: std::ops::RangeInclusive<usize> = 7..=44;
/// Layers of a line that are weighed, of eight; their mirror images are the other four.
const LAYERS: usize = 4;
/// Four directions of stroke, and ink.
const KINDS: usize = 5;
/// Rows: layers from the top; columns: strokes whose slope lies across, falling, down, rising, then ink.
#[rustfmt::skip]
const WEIGHTS: [[f32; KINDS]; LAYERS] = [
    [0.3979, -0.0556, 0.0947, 0.1316, 0.1273],
    [-0.3517, -0.1722, 0.1035, -0.3469, 0.2510],
    [-0.5279, 0.0448, 0.1573, -0.0927, 0.1869],
    [-0.2216, 0.1302, 0.0802, 0.1623, 0.0307],
];
/// So few lines, each counted in every strip, are no answer.
const LINES_MIN: usize = 10;
/// Lines differ; their mean is an answer when it is so many times its own deviation. The smaller copy shows less of a stroke.
const AGREE: f32 = 1.2;
const AGREE_FAR: f32 = 2.0;

/// Quarter turns clockwise that put the print upright; `None` without enough print to tell, and without a code that does.
#[must_use]
pub fn turns(page: &impl Surface) -> Option<u32> {
    let (w, h) = page.size();
    let [near, far] = SHORT_SIDES;
    told(page, near, AGREE)
        .or_else(|| codes::turns(&codes::read_qr(&page.part(0, 0, w, h))))
        .or_else(|| (w.min(h) > far).then(|| told(page, far, AGREE_FAR)).flatten())
}

/// What the print says on a copy of this size, where its lines agree so well.
fn told(page: &impl Surface, short: u32, agree: f32) -> Option<u32> {
    let ink = Ink::of(page, short)?;
    let lies = ink.emptiness() > ink.emptiness_sideways();
    let lines = if lies { ink.lines()? } else { ink.turned().lines()? };
    // `turned` is a quarter against the clock.
    (lines.score.abs() > agree * lines.deviation).then_some(match (lies, lines.score > 0.0) {
        (true, up) => {
            if up {
                0
            } else {
                2
            }
        }
        (false, up) => {
            if up {
                3
            } else {
                1
            }
        }
    })
}

/// What all lines together say.
struct Lines {
    /// Positive where they stand upright, negative upside down.
    score: f32,
    /// How far the score would be off by chance.
    deviation: f32,
}

/// How dark each pixel is against its surroundings, in 1/[`FULL`], rules taken out.
struct Ink {
    w: usize,
    h: usize,
    data: Vec<u8>,
}

/// Ink that swallows all light.
const FULL: f32 = 255.0;

impl Ink {
    fn of(page: &impl Surface, short: u32) -> Option<Self> {
        let near = page.fitted_luma(short);
        let (w, h, grey) = (near.w as usize, near.h as usize, near.data);
        if w < 8 * AROUND || h < 8 * AROUND {
            return None;
        }
        let mut ink = Self { w, h, data: vec![0; w * h] };
        wide(|| ink.darkness(&grey));
        ink.without_rules();
        Some(ink)
    }

    #[inline(always)]
    fn darkness(&mut self, grey: &[u8]) {
        let (w, h) = (self.w, self.h);
        let margin = (MARGIN * w.min(h) as f32) as usize;
        // Sums of whole columns over the rows around, moved down row by row; then the same along the row.
        let mut columns = vec![0i32; w];
        let mut around = vec![0f32; w];
        let mut running = vec![0i32; w + 1];
        let row = |y: usize| &grey[y * w..(y + 1) * w];
        let add = |columns: &mut [i32], y: usize| columns.iter_mut().zip(row(y)).for_each(|(sum, &v)| *sum += i32::from(v));
        let take = |columns: &mut [i32], y: usize| columns.iter_mut().zip(row(y)).for_each(|(sum, &v)| *sum -= i32::from(v));
        for y in 0..AROUND {
            add(&mut columns, y);
        }
        for y in 0..h {
            if y + AROUND < h {
                add(&mut columns, y + AROUND);
            }
            if y > AROUND {
                take(&mut columns, y - AROUND - 1);
            }
            if y < margin || y >= h - margin {
                continue;
            }
            let rows = (y + AROUND).min(h - 1) + 1 - y.saturating_sub(AROUND);
            // Running sums, of which the difference is the sum in between.
            let mut total = 0;
            for (to, &sum) in running[1..].iter_mut().zip(&columns) {
                total += sum;
                *to = total;
            }
            for (x, to) in around.iter_mut().enumerate().filter(|(x, _)| *x < AROUND || *x + AROUND >= w) {
                *to = (running[(x + AROUND + 1).min(w)] - running[x.saturating_sub(AROUND)]) as f32;
            }
            let inner = around[AROUND..w - AROUND].iter_mut().zip(&running[2 * AROUND + 1..]).zip(&running);
            inner.for_each(|((to, end), begin)| *to = (end - begin) as f32);
            let share = 1.0 / (rows as f32 * (2 * AROUND + 1) as f32);
            let (ink, grey) = (&mut self.data[y * w..(y + 1) * w], row(y));
            for x in (0..w).filter(|x| *x < AROUND || *x + AROUND >= w) {
                let columns = (x + AROUND).min(w - 1) + 1 - x.saturating_sub(AROUND);
                around[x] *= (2 * AROUND + 1) as f32 / columns as f32;
            }
            for ((to, &v), &sum) in ink.iter_mut().zip(grey).zip(&around) {
                let mean = sum * share;
                let ink = ((mean - f32::from(v)) / mean.max(12.0) - INK) * FULL;
                *to = (ink.clamp(0.0, FULL) as i32) as u8;
            }
            ink[..margin].fill(0);
            ink[w - margin..].fill(0);
        }
    }

    /// Takes out long straight runs, with the pixels beside them.
    fn without_rules(&mut self) {
        let (w, h) = (self.w, self.h);
        let mut rules: Vec<(usize, usize, usize)> = Vec::new();
        for y in 0..h {
            let mut from = 0;
            let row = &self.data[y * w..(y + 1) * w];
            for gap in (0..w).filter(|x| row[*x] == 0).chain([w]) {
                if gap - from >= RULE {
                    rules.push((y * w + from, 1, gap - from));
                }
                from = gap + 1;
            }
        }
        // How long the run is in which each column stands.
        let mut runs = vec![0u16; w];
        let below = vec![0u8; w];
        for row in self.data.chunks_exact(w).chain([&below[..]]).enumerate() {
            wide(|| columns_run(row, &mut runs, &mut rules));
        }
        for (first, step, long) in rules {
            for at in (first..).step_by(step).take(long) {
                if at > w && at + w + 1 < w * h {
                    for row in [at - w, at, at + w] {
                        self.data[row - 1..=row + 1].fill(0);
                    }
                }
            }
        }
    }

    /// A quarter turn against the clock.
    fn turned(&self) -> Self {
        const BLOCK: usize = 32;
        let (w, h) = (self.h, self.w);
        let mut data = vec![0u8; w * h];
        for y0 in (0..h).step_by(BLOCK) {
            for x in 0..w {
                for y in y0..(y0 + BLOCK).min(h) {
                    data[y * w + x] = self.data[x * self.w + (self.w - 1 - y)];
                }
            }
        }
        Self { w, h, data }
    }

    fn strips(&self) -> impl Iterator<Item = std::ops::Range<usize>> {
        let w = self.w;
        (0..STRIPS).map(move |i| i * w / STRIPS..(i + 1) * w / STRIPS)
    }

    /// Ink of every row of a strip.
    fn profile(&self, strip: &std::ops::Range<usize>) -> Vec<f32> {
        let sum = |row: &[u8]| row[strip.clone()].iter().map(|&ink| u32::from(ink)).sum::<u32>();
        wide(|| self.data.chunks_exact(self.w).map(|row| sum(row) as f32 / FULL).collect())
    }

    /// Share of rows without ink between rows with it, gaps of paragraphs counted only in part.
    fn emptiness(&self) -> f32 {
        emptiness(self.strips().map(|strip| self.profile(&strip)))
    }

    /// The same of the page lying on its side: columns instead of rows.
    fn emptiness_sideways(&self) -> f32 {
        let (w, h) = (self.w, self.h);
        emptiness((0..STRIPS).map(|i| {
            let mut sums = vec![0u32; w];
            for row in self.data.chunks_exact(w).take((i + 1) * h / STRIPS).skip(i * h / STRIPS) {
                wide(|| sums.iter_mut().zip(row).for_each(|(sum, &ink)| *sum += u32::from(ink)));
            }
            let profile: Vec<f32> = sums.into_iter().map(|sum| sum as f32 / FULL).collect();
            profile
        }))
    }

    /// `None` with too few lines.
    fn lines(&self) -> Option<Lines> {
        // Of each line: score and weight.
        let mut lines: Vec<(f32, f32)> = Vec::new();
        for strip in self.strips() {
            let profile = self.profile(&strip);
            let Some(floor) = inked_percentile(&profile, 0.9).map(|high| (0.12 * high).max(0.3)) else { continue };
            let mut y = 0;
            while y < self.h {
                let top = y;
                while y < self.h && profile[y] > floor {
                    y += 1;
                }
                if LINE.contains(&(y - top)) {
                    lines.push(self.weigh(&strip, top..y));
                }
                y = y.max(top + 1);
            }
        }
        let weight: f32 = lines.iter().map(|line| line.1).sum();
        if lines.len() < LINES_MIN || weight <= 0.0 {
            return None;
        }
        let score = lines.iter().map(|line| line.0).sum::<f32>() / weight;
        let deviation = lines.iter().map(|line| (line.0 - score * line.1).powi(2)).sum::<f32>().sqrt() / weight;
        Some(Lines { score, deviation })
    }

    /// Score of one line: its layers, each less its mirror image, weighed; and the sum of all slopes, which is the line's weight.
    fn weigh(&self, strip: &std::ops::Range<usize>, line: std::ops::Range<usize>) -> (f32, f32) {
        let mut layers = [[0f32; KINDS]; 2 * LAYERS];
        let (w, height) = (self.w, line.len());
        let (from, to) = (strip.start.max(1), strip.end.min(w - 1));
        for y in line.start.max(1)..line.end.min(self.h - 1) {
            let rows = [y - 1, y, y + 1].map(|y| &self.data[y * w + from - 1..y * w + to + 1]);
            let row = wide(|| slopes_of(rows));
            // A row belongs to each layer by what lies in it, so that the line upside down has the same layers.
            let edge = |i: usize| (i * 2 * LAYERS) as f32 / height as f32;
            let (top, low) = (edge(y - line.start), edge(y - line.start + 1));
            for (i, layer) in layers.iter_mut().enumerate().take(low.ceil() as usize).skip(top as usize) {
                let part = (low.min(i as f32 + 1.0) - top.max(i as f32)).max(0.0) / (low - top);
                layer.iter_mut().zip(row).for_each(|(to, v)| *to += part * v);
            }
        }
        let slopes: f32 = layers.iter().flat_map(|layer| &layer[..KINDS - 1]).sum();
        let ink: f32 = layers.iter().map(|layer| layer[KINDS - 1]).sum();
        let mut score = 0.0;
        for (i, weights) in WEIGHTS.iter().enumerate() {
            for (kind, share) in weights.iter().enumerate() {
                let all = if kind == KINDS - 1 { ink } else { slopes };
                score += share * slopes * (layers[i][kind] - layers[2 * LAYERS - 1 - i][kind]) / all.max(1e-6);
            }
        }
        (score, slopes)
    }
}

/// Sums of the slopes of a row in four directions, and of its ink; of the rows above, here and below with a pixel more at each end.
#[inline(always)]
fn slopes_of([above, here, below]: [&[u8]; 3]) -> [f32; KINDS] {
    let n = here.len() - 2;
    let (left, right, above, middle, below) = (&here[..n], &here[2..], &above[1..=n], &here[1..=n], &below[1..=n]);
    let mut sums = [0i32; KINDS];
    for i in 0..n {
        let (dx, dy) = (i32::from(right[i]) - i32::from(left[i]), i32::from(below[i]) - i32::from(above[i]));
        let (ax, ay) = (dx.abs(), dy.abs());
        // In sixteenths, so that sums of whole numbers lose nothing.
        let length = (((ax * ax + ay * ay) as f32).sqrt() * 16.0) as i32;
        // tan 22.5° is 106 / 256.
        let across = 256 * ay <= 106 * ax;
        let down = !across & (256 * ax <= 106 * ay);
        let falling = !across & !down & ((dx ^ dy) >= 0);
        let rising = !across & !down & ((dx ^ dy) < 0);
        for (sum, is) in sums.iter_mut().zip([across, falling, down, rising]) {
            *sum += length * i32::from(is);
        }
        sums[KINDS - 1] += i32::from(middle[i]);
    }
    let mut out = sums.map(|sum| sum as f32 / 16.0);
    out[KINDS - 1] *= 16.0;
    out
}

/// Lengthens the run of each column that has ink in this row; runs that end here and were long enough are rules.
#[inline(always)]
fn columns_run((y, row): (usize, &[u8]), runs: &mut [u16], rules: &mut Vec<(usize, usize, usize)>) {
    let ends = runs.iter().zip(row).map(|(&run, &ink)| u16::from(ink == 0 && run >= RULE as u16)).max();
    if ends == Some(1) {
        for (x, (&run, &ink)) in runs.iter().zip(row).enumerate() {
            if ink == 0 && usize::from(run) >= RULE {
                rules.push(((y - usize::from(run)) * row.len() + x, row.len(), usize::from(run)));
            }
        }
    }
    runs.iter_mut().zip(row).for_each(|(run, &ink)| *run = if ink > 0 { *run + 1 } else { 0 });
}

fn emptiness(profiles: impl Iterator<Item = Vec<f32>>) -> f32 {
    let (mut sum, mut weight) = (0.0, 0.0);
    for profile in profiles {
        let Some(floor) = inked_percentile(&profile, 0.85).map(|high| 0.15 * high) else { continue };
        let (Some(first), Some(last)) = (profile.iter().position(|&p| p > floor), profile.iter().rposition(|&p| p > floor))
        else {
            continue;
        };
        let (mut gaps, mut gap, mut full) = (0usize, 0usize, 0usize);
        for &p in &profile[first..=last] {
            if p <= floor {
                gap += 1;
                continue;
            }
            full += 1;
            gaps += if gap >= 3 { gap.min(30) } else { 0 };
            gap = 0;
        }
        let ink: f32 = profile.iter().sum();
        sum += ink * gaps as f32 / (gaps + full).max(1) as f32;
        weight += ink;
    }
    if weight > 0.0 { sum / weight } else { 0.0 }
}

/// Nearest of the four directions of a slope: 0 across, 1 falling, 2 down, 3 rising.
pub(crate) fn direction(dx: f32, dy: f32) -> usize {
    // tan 22.5°.
    const EIGHTH: f32 = 0.414_213_56;
    if dy.abs() <= EIGHTH * dx.abs() {
        0
    } else if dx.abs() <= EIGHTH * dy.abs() {
        2
    } else if (dx > 0.0) == (dy > 0.0) {
        1
    } else {
        3
    }
}

fn inked_percentile(profile: &[f32], share: f32) -> Option<f32> {
    let mut inked: Vec<f32> = profile.iter().copied().filter(|&p| p > 0.0).collect();
    inked.sort_by(f32::total_cmp);
    (inked.len() >= 8).then(|| inked[((inked.len() - 1) as f32 * share) as usize])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Picture, rotate90};

    /// The demo's papers, squared: tables, receipts, letters. A list of figures may leave it open, but nothing is turned wrongly.
    #[test]
    fn the_papers_of_the_demo_are_put_upright_from_every_side() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/demo/pages");
        let mut open = 0;
        for name in ["01-receipt", "02-itemised-list", "03-diagnosis", "04-record", "06-mandate", "08-booklet"] {
            let bytes = std::fs::read(folder.join(format!("{name}.jpg"))).unwrap();
            let frame = crate::decode(&bytes, None).unwrap();
            let page = crate::square(&frame, &crate::find(&frame)[0].corners).unwrap();
            for lying in 0..4 {
                match turns(&rotate90(&page, lying)) {
                    None => open += 1,
                    said => assert_eq!(said, Some((4 - lying) % 4), "{name} lying {lying}"),
                }
            }
        }
        assert!(open <= 8, "{open} of 24 left open");
    }

    #[test]
    fn nothing_is_said_of_blank_and_tiny_pages() {
        assert_eq!(turns(&Picture::filled(1000, 1400, [230; 3])), None);
        assert_eq!(turns(&Picture::filled(20, 1400, [230; 3])), None);
    }
}
