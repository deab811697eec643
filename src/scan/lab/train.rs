//! Learns the ranking of the page finder from gathered candidates; writes `find/weights.rs`.
//!
//! Every picture is one question: which of its candidates is the page, or is it none of them? The network gives each a score;
//! "none" has the score 0. What is improved is the expected overlap under the softmax of the scores, its cross entropy, and the
//! cross entropy of each candidate for itself, which makes the score a log odds.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use super::{MEASURES, NODES};

/// So many networks are learnt from different beginnings and answer together: one alone follows chance where pictures are few.
const MEMBERS: usize = 3;
/// Hidden nodes of each.
const OWN: usize = NODES / MEMBERS;

/// Best numbers found by cross validation.
const EPOCHS: usize = 70;
const BATCH: usize = 16;
const RATE: f32 = 0.012;
const DECAY: f32 = 3e-3;
/// A photograph counts as much as this many drawn scenes.
const PHOTO_WEIGHT: f32 = 4.0;
/// Overlap from which a candidate is the page, and below which it is not.
const IS: f32 = 0.92;
const IS_NOT: f32 = 0.8;

const SIZE: usize = MEASURES + OWN * (MEASURES + 2);

/// One picture's candidates.
pub struct Question {
    /// Pictures of one source are never on both sides of a cross validation.
    pub source: String,
    pub file: String,
    /// Does the picture show a page?
    pub page: bool,
    pub overlaps: Vec<f32>,
    pub measures: Vec<[f32; MEASURES]>,
}

/// Reads what `find-lab gather` wrote.
pub fn questions(file: &Path) -> Vec<Question> {
    let text = std::fs::read_to_string(file).expect("gathered candidates");
    let mut all: Vec<Question> = Vec::new();
    for line in text.lines() {
        let mut words = line.split(' ');
        let mut word = || words.next().expect("a word");
        let (source, file, page) = (word(), word(), word() == "1");
        let mut numbers = words.map(|word| word.parse::<f32>().expect("a number"));
        let overlap = numbers.next().expect("overlap");
        let measures: Vec<f32> = numbers.collect();
        if all.last().is_none_or(|last| last.file != file || last.source != source) {
            all.push(Question { source: source.into(), file: file.into(), page, overlaps: Vec::new(), measures: Vec::new() });
        }
        if let Some(last) = all.last_mut() {
            last.overlaps.push(overlap);
            last.measures.push(measures.try_into().expect("as many measures as the finder takes"));
        }
    }
    all
}

/// Mean and one over the standard deviation of each measure.
struct Norm {
    mean: [f32; MEASURES],
    scale: [f32; MEASURES],
}

impl Norm {
    fn new(questions: &[&Question]) -> Self {
        let (mut sum, mut square, mut n) = ([0.0f64; MEASURES], [0.0f64; MEASURES], 0.0f64);
        for measures in questions.iter().flat_map(|q| &q.measures) {
            n += 1.0;
            for i in 0..MEASURES {
                sum[i] += f64::from(measures[i]);
                square[i] += f64::from(measures[i]).powi(2);
            }
        }
        let mut mean = sum.map(|s| (s / n) as f32);
        let mut scale: [f32; MEASURES] =
            std::array::from_fn(|i| 1.0 / ((square[i] / n - (sum[i] / n).powi(2)).max(0.0).sqrt().max(1e-3) as f32));
        // The last measure is always one: it carries the threshold.
        (mean[MEASURES - 1], scale[MEASURES - 1]) = (0.0, 1.0);
        Self { mean, scale }
    }

    fn of(&self, measures: &[f32; MEASURES]) -> [f32; MEASURES] {
        std::array::from_fn(|i| ((measures[i] - self.mean[i]) * self.scale[i]).clamp(-super::FAR, super::FAR))
    }
}

/// Weights in one row: skip, then for each node its row, bias and way out.
struct Net(Vec<f32>);

impl Net {
    fn new(seed: u64) -> Self {
        let mut state = seed;
        let mut small = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 40) as f32 / (1u64 << 24) as f32 - 0.5) * 0.5
        };
        let mut row: Vec<f32> = (0..SIZE).map(|_| small()).collect();
        row[..MEASURES].fill(0.0);
        Self(row)
    }

    fn node(&self, i: usize) -> &[f32] {
        &self.0[MEASURES + i * (MEASURES + 2)..MEASURES + (i + 1) * (MEASURES + 2)]
    }

    fn score(&self, x: &[f32; MEASURES], hidden: &mut [f32]) -> f32 {
        let dot = |w: &[f32]| w.iter().zip(x).map(|(w, x)| w * x).sum::<f32>();
        let mut sum = dot(&self.0[..MEASURES]);
        for (i, h) in hidden.iter_mut().enumerate() {
            let node = self.node(i);
            *h = (dot(&node[..MEASURES]) + node[MEASURES]).tanh();
            sum += node[MEASURES + 1] * *h;
        }
        sum
    }

    /// Adds to `slope` what a change of the score by `by` means for every weight.
    fn back(&self, x: &[f32; MEASURES], hidden: &[f32], by: f32, slope: &mut [f32]) {
        let add = |to: &mut [f32], by: f32| to.iter_mut().zip(x).for_each(|(to, x)| *to += by * x);
        add(&mut slope[..MEASURES], by);
        for (i, h) in hidden.iter().enumerate() {
            let at = MEASURES + i * (MEASURES + 2);
            let inner = by * self.node(i)[MEASURES + 1] * (1.0 - h * h);
            slope[at + MEASURES + 1] += by * h;
            slope[at + MEASURES] += inner;
            add(&mut slope[at..at + MEASURES], inner);
        }
    }
}

/// How much a candidate with this overlap is worth.
fn worth(overlap: f32) -> f32 {
    ((overlap - 0.6) / 0.38).clamp(0.0, 1.0).powi(2)
}

/// Slopes of the loss by each score.
fn slopes(question: &Question, scores: &[f32]) -> Vec<f32> {
    let worths: Vec<f32> = question.overlaps.iter().map(|&o| worth(o)).collect();
    let best = worths.iter().fold(0.0f32, |a, &b| a.max(b));
    let top = scores.iter().fold(0.0f32, |a, &b| a.max(b));
    let none = (-top).exp();
    let weights: Vec<f32> = scores.iter().map(|s| (s - top).exp()).collect();
    let sum = none + weights.iter().sum::<f32>();
    let chances: Vec<f32> = weights.iter().map(|w| w / sum).collect();
    let none_worth = if question.page { 0.0 } else { 1.0 };
    let expected = chances.iter().zip(&worths).map(|(q, u)| q * u).sum::<f32>() + none_worth * none / sum;
    let answered = question.page && best > 0.2;
    let wanted: Vec<f32> = worths.iter().map(|u| if answered { (12.0 * (u - best)).exp() } else { 0.0 }).collect();
    let all = wanted.iter().sum::<f32>().max(1e-9);
    let certain: f32 = question.overlaps.iter().map(|&o| f32::from(o >= IS)).sum();
    let wrong: f32 = question.overlaps.iter().map(|&o| f32::from(o < IS_NOT)).sum();
    (0..scores.len())
        .map(|i| {
            let choose = -chances[i] * (worths[i] - expected);
            // A page without a good candidate teaches nothing about which is best.
            let entropy = if answered || !question.page { chances[i] - wanted[i] / all } else { 0.0 };
            let own = 1.0 / (1.0 + (-scores[i]).exp());
            let alone = match question.overlaps[i] {
                o if o >= IS => (own - 1.0) / certain,
                o if o < IS_NOT => own / wrong.sqrt().max(1.0),
                _ => 0.0,
            };
            choose + 0.5 * entropy + 0.25 * alone
        })
        .collect()
}

/// Several networks side by side are one with all their nodes.
fn learn(questions: &[&Question], norm: &Norm, photo: &dyn Fn(&Question) -> bool) -> Net {
    let mut row = vec![0.0f32; MEASURES];
    for member in 0..MEMBERS as u64 {
        let net = learn_one(questions, norm, photo, member);
        let share = 1.0 / MEMBERS as f32;
        row[..MEASURES].iter_mut().zip(&net.0).for_each(|(sum, w)| *sum += w * share);
        for node in net.0[MEASURES..].chunks_exact(MEASURES + 2) {
            row.extend(&node[..=MEASURES]);
            row.push(node[MEASURES + 1] * share);
        }
    }
    Net(row)
}

fn learn_one(questions: &[&Question], norm: &Norm, photo: &dyn Fn(&Question) -> bool, seed: u64) -> Net {
    let mut net = Net::new(17 + seed);
    let (mut first, mut second) = (vec![0.0f32; SIZE], vec![0.0f32; SIZE]);
    let inputs: Vec<Vec<[f32; MEASURES]>> = questions.iter().map(|q| q.measures.iter().map(|m| norm.of(m)).collect()).collect();
    let mut order: Vec<usize> = (0..questions.len()).collect();
    let mut state = 99 + seed;
    let mut step = 0;
    for epoch in 0..EPOCHS {
        for i in (1..order.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            order.swap(i, (state >> 33) as usize % (i + 1));
        }
        let rate = RATE * (1.0 - epoch as f32 / EPOCHS as f32);
        for batch in order.chunks(BATCH) {
            let mut slope: Vec<f32> = net.0.iter().map(|w| DECAY * w * BATCH as f32).collect();
            for &i in batch {
                let mut hidden = vec![[0.0f32; OWN]; inputs[i].len()];
                let scores: Vec<f32> = inputs[i].iter().zip(&mut hidden).map(|(x, h)| net.score(x, h)).collect();
                let weight = if photo(questions[i]) { PHOTO_WEIGHT } else { 1.0 };
                for ((x, h), by) in inputs[i].iter().zip(&hidden).zip(slopes(questions[i], &scores)) {
                    if by.abs() > 1e-5 {
                        net.back(x, h, by * weight, &mut slope);
                    }
                }
            }
            // Adam (Kingma and Ba 2015).
            step += 1;
            let (c1, c2) = (1.0 - 0.9f32.powi(step), 1.0 - 0.99f32.powi(step));
            for k in 0..SIZE {
                first[k] = 0.9 * first[k] + 0.1 * slope[k];
                second[k] = 0.99 * second[k] + 0.01 * slope[k] * slope[k];
                net.0[k] -= rate * first[k] / c1 / ((second[k] / c2).sqrt() + 1e-8);
            }
        }
    }
    net
}

/// Overlap and score of the best candidate; `None` where the picture has no candidate at all.
fn answer(net: &Net, norm: &Norm, question: &Question) -> Option<(f32, f32)> {
    let mut hidden = [0.0f32; NODES];
    question
        .measures
        .iter()
        .zip(&question.overlaps)
        .map(|(m, &o)| (o, net.score(&norm.of(m), &mut hidden)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
}

/// Cross-validates by source, prints what it finds, learns from everything and writes the table.
pub fn train(out: &Path, files: &[std::path::PathBuf], said: &str) {
    let all: Vec<Question> = files.iter().flat_map(|file| questions(file)).collect();
    let photo = |q: &Question| !q.source.starts_with("drawn") && !q.source.starts_with("synth");
    let mut sources: Vec<&str> = all.iter().map(|q| q.source.as_str()).collect();
    sources.sort_unstable();
    sources.dedup();
    let photos: Vec<&str> = sources.iter().copied().filter(|s| !s.starts_with("drawn") && !s.starts_with("synth")).collect();
    let mut report = String::new();
    let mut results: BTreeMap<String, Vec<(f32, f32, bool, String)>> = BTreeMap::new();
    for fold in 0..FOLDS {
        let held = |q: &Question| match photos.iter().position(|&s| s == q.source) {
            Some(at) => at % FOLDS == fold,
            // Scenes are all drawn by one hand: every fifth is held back.
            None => q.file.bytes().fold(0usize, |sum, b| sum * 31 % 1009 + b as usize) % FOLDS == fold,
        };
        let learnt: Vec<&Question> = all.iter().filter(|q| !held(q)).collect();
        let norm = Norm::new(&learnt);
        let net = learn(&learnt, &norm, &photo);
        for question in all.iter().filter(|q| held(q)) {
            let (overlap, score) = answer(&net, &norm, question).unwrap_or((0.0, -99.0));
            let group = if photo(question) { "photographs" } else { question.source.as_str() };
            let entry = (overlap, score, question.page, question.file.clone());
            results.entry(group.to_owned()).or_default().push(entry);
        }
    }
    for (group, answers) in &results {
        let pages: Vec<f32> = answers.iter().filter(|a| a.2).map(|a| a.0).collect();
        let missed = answers.iter().filter(|a| a.2 && a.1 < 0.0).count();
        let falsely = answers.iter().filter(|a| !a.2 && a.1 >= 0.0).count();
        let empty = answers.iter().filter(|a| !a.2).count();
        let share = |least: f32| 100.0 * pages.iter().filter(|&&o| o >= least).count() as f32 / pages.len().max(1) as f32;
        let mean = pages.iter().sum::<f32>() / pages.len().max(1) as f32;
        let _ = writeln!(
            report,
            "{group}: {} pages, mean overlap {mean:.3}, ≥ 0.95 {:.1} %, ≥ 0.90 {:.1} %, {missed} called none; {empty} without a page, {falsely} called one",
            pages.len(),
            share(0.95),
            share(0.90)
        );
        if group == "photographs" {
            for (overlap, score, _, file) in answers.iter().filter(|a| a.0 < 0.95 || a.1 < 1.0) {
                println!("  {file}: {overlap:.3}, score {score:.1}");
            }
        }
        let mut wrong: Vec<f32> = answers.iter().filter(|a| !a.2 || a.0 < 0.8).map(|a| a.1).collect();
        let mut right: Vec<f32> = answers.iter().filter(|a| a.2 && a.0 >= 0.8).map(|a| a.1).collect();
        wrong.sort_by(|a, b| b.total_cmp(a));
        right.sort_by(f32::total_cmp);
        println!(
            "  {group}: highest wrong {:.1?}, lowest right {:.1?}",
            &wrong[..wrong.len().min(8)],
            &right[..right.len().min(8)]
        );
    }
    print!("{report}");
    let every: Vec<&Question> = all.iter().collect();
    let norm = Norm::new(&every);
    let net = learn(&every, &norm, &photo);
    std::fs::write(out, table(&net, &norm, said, &report)).expect("weights");
}

const FOLDS: usize = 5;

fn table(net: &Net, norm: &Norm, said: &str, report: &str) -> String {
    let mut text = String::from("//! Learnt weights of the ranking. Made by\n");
    for line in said.lines() {
        let _ = writeln!(text, "//! `{line}`");
    }
    text.push_str("//! Held back by source while learning, it answered:\n//!\n");
    for line in report.lines() {
        let _ = writeln!(text, "//! - {line}");
    }
    text.push_str("\nuse super::{MEASURES, rank::NODES};\n");
    let row = |values: &[f32]| values.iter().map(|v| format!("{v:.4}")).collect::<Vec<_>>().join(", ");
    let mut one = |name: &str, kind: &str, values: String| {
        let _ = write!(text, "\n#[rustfmt::skip]\npub(super) const {name}: [{kind}] = [\n    {values},\n];\n");
    };
    one("MEAN", "f32; MEASURES", row(&norm.mean));
    one("SCALE", "f32; MEASURES", row(&norm.scale));
    one("SKIP", "f32; MEASURES", row(&net.0[..MEASURES]));
    let nodes = |from: usize, to: usize| -> Vec<String> { (0..NODES).map(|i| row(&net.node(i)[from..to])).collect() };
    let hidden: Vec<String> = nodes(0, MEASURES).iter().map(|row| format!("[{row}]")).collect();
    one("HIDDEN", "[f32; MEASURES]; NODES", hidden.join(",\n    "));
    one("BIAS", "f32; NODES", nodes(MEASURES, MEASURES + 1).join(", "));
    one("OUT", "f32; NODES", nodes(MEASURES + 1, MEASURES + 2).join(", "));
    text
}
