//! Learns the ranking of the page finder from gathered candidates; writes `find/weights.rs`.
//!
//! Every picture is one question: which of its candidates is the page, or is it none of them? A network gives each a score;
//! "none" has the score 0. What is improved is the expected overlap under the softmax of the scores, its cross entropy, and the
//! cross entropy of each candidate for itself, which makes the score a log odds. The second network is asked about the shortlist
//! that a first one makes which has not seen the picture, as it will be in the field.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use scan::Corners;
use scan::find::{CLOSER, FAR, MEASURES, MEASURES_SECOND, NODES, dot, second_measures, shortlist};

/// So many networks are learnt from different beginnings and answer together: one alone follows chance where pictures are few.
const MEMBERS: usize = 3;
/// Hidden nodes of each.
const OWN: usize = NODES / MEMBERS;

/// Best numbers found by cross validation.
const EPOCHS: usize = 50;
const BATCH: usize = 16;
const RATE: f32 = 0.012;
const DECAY: f32 = 3e-3;
/// A photograph counts as much as this many drawn scenes.
const PHOTO_WEIGHT: f32 = 4.0;
/// Overlap from which a candidate is the page, and below which it is not.
const IS: f32 = 0.92;
const IS_NOT: f32 = 0.8;
/// Parts of the cross validation.
const FOLDS: usize = 5;

/// One candidate as `find-lab gather` wrote it.
pub struct Case {
    overlap: f32,
    corners: Corners,
    fixed: [bool; 4],
    closer: [f32; CLOSER],
    measures: [f32; MEASURES],
}

/// One picture's candidates.
pub struct Question {
    /// Pictures of one source are never on both sides of a cross validation.
    source: String,
    file: String,
    /// Does the picture show a page?
    page: bool,
    cases: Vec<Case>,
}

impl Question {
    fn photo(&self) -> bool {
        !self.source.starts_with("drawn") && !self.source.starts_with("synth")
    }

    fn group(&self) -> &str {
        if self.photo() { "photographs" } else { &self.source }
    }
}

/// Reads what `find-lab gather` wrote.
pub fn questions(file: &Path) -> Vec<Question> {
    let text = std::fs::read_to_string(file).expect("gathered candidates");
    let mut all: Vec<Question> = Vec::new();
    for line in text.lines() {
        let mut words = line.split(' ');
        let mut word = || words.next().expect("a word");
        let (source, file, page) = (word(), word(), word() == "1");
        if all.last().is_none_or(|last| last.file != file || last.source != source) {
            all.push(Question { source: source.into(), file: file.into(), page, cases: Vec::new() });
        }
        let fixed = word();
        if fixed == "-" {
            continue;
        }
        let fixed: Vec<bool> = fixed.chars().map(|c| c == '1').collect();
        let mut numbers = words.map(|word| word.parse::<f32>().expect("a number"));
        let mut next = || numbers.next().expect("as many numbers as the finder has");
        let case = Case {
            overlap: next(),
            corners: std::array::from_fn(|_| [next(), next()]),
            fixed: fixed.try_into().expect("four sides"),
            closer: std::array::from_fn(|_| next()),
            measures: std::array::from_fn(|_| next()),
        };
        all.last_mut().expect("a question").cases.push(case);
    }
    all
}

/// Mean and one over the standard deviation of each measure.
struct Norm {
    mean: Vec<f32>,
    scale: Vec<f32>,
}

impl Norm {
    fn new<'a>(rows: impl Iterator<Item = &'a [f32]>) -> Self {
        let (mut sum, mut square, mut n) = (Vec::new(), Vec::new(), 0.0f64);
        for row in rows {
            sum.resize(row.len(), 0.0f64);
            square.resize(row.len(), 0.0f64);
            n += 1.0;
            for (i, &v) in row.iter().enumerate() {
                sum[i] += f64::from(v);
                square[i] += f64::from(v).powi(2);
            }
        }
        let mut mean: Vec<f32> = sum.iter().map(|s| (s / n) as f32).collect();
        let mut scale: Vec<f32> =
            (0..sum.len()).map(|i| 1.0 / ((square[i] / n - (sum[i] / n).powi(2)).max(0.0).sqrt().max(1e-3) as f32)).collect();
        // The last measure is always one: it carries the threshold.
        if let (Some(mean), Some(scale)) = (mean.last_mut(), scale.last_mut()) {
            (*mean, *scale) = (0.0, 1.0);
        }
        Self { mean, scale }
    }

    fn of(&self, row: &[f32]) -> Vec<f32> {
        row.iter().zip(&self.mean).zip(&self.scale).map(|((v, mean), scale)| ((v - mean) * scale).clamp(-FAR, FAR)).collect()
    }
}

/// Weights in one row: skip, then for each node its row, bias and way out.
struct Net {
    n: usize,
    row: Vec<f32>,
}

impl Net {
    fn new(n: usize, seed: u64) -> Self {
        let mut state = seed;
        let mut small = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 40) as f32 / (1u64 << 24) as f32 - 0.5) * 0.5
        };
        let mut row: Vec<f32> = (0..n + OWN * (n + 2)).map(|_| small()).collect();
        row[..n].fill(0.0);
        Self { n, row }
    }

    fn node(&self, i: usize) -> &[f32] {
        &self.row[self.n + i * (self.n + 2)..self.n + (i + 1) * (self.n + 2)]
    }

    fn nodes(&self) -> usize {
        (self.row.len() - self.n) / (self.n + 2)
    }

    fn score(&self, x: &[f32], hidden: &mut [f32]) -> f32 {
        let n = self.n;
        let mut sum = dot(&self.row[..n], x);
        for (i, h) in hidden.iter_mut().enumerate() {
            let node = self.node(i);
            *h = (dot(&node[..n], x) + node[n]).tanh();
            sum += node[n + 1] * *h;
        }
        sum
    }

    /// Adds to `slope` what a change of the score by `by` means for every weight.
    fn back(&self, x: &[f32], hidden: &[f32], by: f32, slope: &mut [f32]) {
        let n = self.n;
        let add = |to: &mut [f32], by: f32| to.iter_mut().zip(x).for_each(|(to, x)| *to += by * x);
        add(&mut slope[..n], by);
        for (i, h) in hidden.iter().enumerate() {
            let at = n + i * (n + 2);
            let inner = by * self.node(i)[n + 1] * (1.0 - h * h);
            slope[at + n + 1] += by * h;
            slope[at + n] += inner;
            add(&mut slope[at..at + n], inner);
        }
    }
}

/// A question as one network is asked it.
struct Asked {
    page: bool,
    weight: f32,
    overlaps: Vec<f32>,
    rows: Vec<Vec<f32>>,
}

/// A network and what it expects its measures to be.
struct Judge {
    norm: Norm,
    net: Net,
}

impl Judge {
    fn score(&self, row: &[f32]) -> f32 {
        let mut hidden = vec![0.0; self.net.nodes()];
        self.net.score(&self.norm.of(row), &mut hidden)
    }

    /// Several networks side by side are one with all their nodes.
    fn learnt(asked: &[Asked], members: usize) -> Self {
        let norm = Norm::new(asked.iter().flat_map(|it| it.rows.iter().map(Vec::as_slice)));
        let n = norm.mean.len();
        let inputs: Vec<Vec<Vec<f32>>> = asked.iter().map(|it| it.rows.iter().map(|row| norm.of(row)).collect()).collect();
        let mut row = vec![0.0f32; n];
        for member in 0..members as u64 {
            let net = learn_one(asked, &inputs, n, member);
            let share = 1.0 / members as f32;
            row[..n].iter_mut().zip(&net.row).for_each(|(sum, w)| *sum += w * share);
            for node in net.row[n..].chunks_exact(n + 2) {
                row.extend(&node[..=n]);
                row.push(node[n + 1] * share);
            }
        }
        Self { norm, net: Net { n, row } }
    }
}

/// How much a candidate with this overlap is worth.
fn worth(overlap: f32) -> f32 {
    ((overlap - 0.6) / 0.38).clamp(0.0, 1.0).powi(2)
}

/// Slopes of the loss by each score.
fn slopes(question: &Asked, scores: &[f32]) -> Vec<f32> {
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

fn learn_one(asked: &[Asked], inputs: &[Vec<Vec<f32>>], n: usize, seed: u64) -> Net {
    let mut net = Net::new(n, 17 + seed);
    let size = net.row.len();
    let (mut first, mut second) = (vec![0.0f32; size], vec![0.0f32; size]);
    let mut order: Vec<usize> = (0..asked.len()).collect();
    let mut state = 99 + seed;
    let mut step = 0;
    for epoch in 0..EPOCHS {
        for i in (1..order.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            order.swap(i, (state >> 33) as usize % (i + 1));
        }
        let rate = RATE * (1.0 - epoch as f32 / EPOCHS as f32);
        for batch in order.chunks(BATCH) {
            let mut slope: Vec<f32> = net.row.iter().map(|w| DECAY * w * BATCH as f32).collect();
            for &i in batch {
                let mut hidden = vec![[0.0f32; OWN]; inputs[i].len()];
                let scores: Vec<f32> = inputs[i].iter().zip(&mut hidden).map(|(x, h)| net.score(x, h)).collect();
                for ((x, h), by) in inputs[i].iter().zip(&hidden).zip(slopes(&asked[i], &scores)) {
                    if by.abs() > 1e-4 {
                        net.back(x, h, by * asked[i].weight, &mut slope);
                    }
                }
            }
            // Adam (Kingma and Ba 2015).
            step += 1;
            let (c1, c2) = (1.0 - 0.9f32.powi(step), 1.0 - 0.99f32.powi(step));
            for k in 0..size {
                first[k] = 0.9 * first[k] + 0.1 * slope[k];
                second[k] = 0.99 * second[k] + 0.01 * slope[k] * slope[k];
                net.row[k] -= rate * first[k] / c1 / ((second[k] / c2).sqrt() + 1e-8);
            }
        }
    }
    net
}

/// What the first network is asked. Of the many that nobody would take, a part teaches enough.
fn asked_first(question: &Question) -> Asked {
    let kept = || question.cases.iter().enumerate().filter(|(i, case)| !(40..80).contains(i) || case.overlap >= 0.6);
    Asked {
        page: question.page,
        weight: if question.photo() { PHOTO_WEIGHT } else { 1.0 },
        overlaps: kept().map(|(_, case)| case.overlap).collect(),
        rows: kept().map(|(_, case)| case.measures.to_vec()).collect(),
    }
}

/// What the second network is asked after a first one.
fn asked_second(question: &Question, first: &Judge) -> Asked {
    let scores: Vec<f32> = question.cases.iter().map(|case| first.score(&case.measures)).collect();
    let places: Vec<(Corners, [bool; 4])> = question.cases.iter().map(|case| (case.corners, case.fixed)).collect();
    let best = scores.iter().copied().fold(f32::MIN, f32::max);
    let kept = shortlist(&places, &scores);
    let row = |&i: &usize| {
        let case = &question.cases[i];
        second_measures(&case.measures, &case.closer, scores[i], best).to_vec()
    };
    Asked {
        page: question.page,
        weight: if question.photo() { PHOTO_WEIGHT } else { 1.0 },
        overlaps: kept.iter().map(|&i| question.cases[i].overlap).collect(),
        rows: kept.iter().map(row).collect(),
    }
}

/// Both networks from these questions.
fn both(questions: &[&Question]) -> (Judge, Judge) {
    let learn = |of: &dyn Fn(usize) -> bool, members: usize| {
        let asked: Vec<Asked> = questions.iter().enumerate().filter(|(i, _)| of(*i)).map(|(_, q)| asked_first(q)).collect();
        Judge::learnt(&asked, members)
    };
    // A first network knows what it learnt from; the second is asked after one that does not.
    let halves = [learn(&|i| i % 2 == 1, 1), learn(&|i| i % 2 == 0, 1)];
    let asked: Vec<Asked> = questions.iter().enumerate().map(|(i, q)| asked_second(q, &halves[i % 2])).collect();
    (learn(&|_| true, MEMBERS), Judge::learnt(&asked, MEMBERS))
}

/// One held-back answer.
struct Answer {
    /// Overlap of the one chosen, of the best on the shortlist, and of the best of all.
    overlap: f32,
    listed: f32,
    best: f32,
    score: f32,
    page: bool,
    file: String,
}

/// Cross-validates by source, prints what it finds, learns from everything and writes the table.
pub fn train(out: &Path, files: &[std::path::PathBuf], said: &str) {
    let all: Vec<Question> = files.iter().flat_map(|file| questions(file)).collect();
    let mut photos: Vec<&str> = all.iter().filter(|q| q.photo()).map(|q| q.source.as_str()).collect();
    photos.sort_unstable();
    photos.dedup();
    let part = |q: &Question| match photos.iter().position(|&s| s == q.source) {
        Some(at) => at % FOLDS,
        // Scenes are all drawn by one hand: every fifth is held back.
        None => q.file.bytes().fold(0usize, |sum, b| (sum * 31 + b as usize) % 1009) % FOLDS,
    };
    // The last part holds nothing back.
    let results = std::sync::Mutex::new(BTreeMap::<&str, Vec<Answer>>::new());
    let table_of = std::sync::Mutex::new(None);
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let fold = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    if fold > FOLDS {
                        break;
                    }
                    let learnt: Vec<&Question> = all.iter().filter(|q| fold == FOLDS || part(q) != fold).collect();
                    let judges = both(&learnt);
                    for question in all.iter().filter(|q| fold < FOLDS && part(q) == fold) {
                        let answer = answered(question, &judges);
                        results.lock().expect("no panic").entry(question.group()).or_default().push(answer);
                    }
                    if fold == FOLDS {
                        *table_of.lock().expect("no panic") = Some(judges);
                    }
                }
            });
        }
    });
    let report = reported(&results.into_inner().expect("no panic"));
    let (first, second) = table_of.into_inner().expect("no panic").expect("the whole");
    std::fs::write(out, table(&first, &second, said, &report)).expect("weights");
}

fn answered(question: &Question, (first, second): &(Judge, Judge)) -> Answer {
    let asked = asked_second(question, first);
    let chosen = asked.rows.iter().zip(&asked.overlaps).map(|(row, &o)| (o, second.score(row)));
    let (overlap, score) = chosen.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((0.0, -9.0));
    Answer {
        overlap,
        listed: asked.overlaps.iter().copied().fold(0.0, f32::max),
        best: question.cases.iter().map(|case| case.overlap).fold(0.0, f32::max),
        score,
        page: question.page,
        file: question.file.clone(),
    }
}

fn reported(results: &BTreeMap<&str, Vec<Answer>>) -> String {
    let mut report = String::new();
    for (group, answers) in results {
        let pages: Vec<&Answer> = answers.iter().filter(|a| a.page).collect();
        let n = pages.len().max(1) as f32;
        let mean = |of: &dyn Fn(&Answer) -> f32| pages.iter().map(|a| of(a)).sum::<f32>() / n;
        let share = |least: f32| 100.0 * pages.iter().filter(|a| a.overlap >= least).count() as f32 / n;
        let missed = pages.iter().filter(|a| a.score < 0.0).count();
        let empty: Vec<&Answer> = answers.iter().filter(|a| !a.page).collect();
        let falsely = empty.iter().filter(|a| a.score >= 0.0).count();
        let _ = writeln!(
            report,
            "{group}: {} pages, mean overlap {:.3}, ≥ 0.95 {:.1} %, ≥ 0.90 {:.1} %, {missed} called none (best listed {:.3}, best of all {:.3}); {} without a page, {falsely} called one",
            pages.len(),
            mean(&|a| a.overlap),
            share(0.95),
            share(0.90),
            mean(&|a| a.listed),
            mean(&|a| a.best),
            empty.len(),
        );
        if *group == "photographs" {
            for a in pages.iter().filter(|a| a.overlap < 0.96 || a.score < 1.0) {
                println!("  {}: {:.3}, score {:.1}, listed {:.3}, best {:.3}", a.file, a.overlap, a.score, a.listed, a.best);
            }
        }
        let mut wrong: Vec<f32> = answers.iter().filter(|a| !a.page || a.overlap < 0.8).map(|a| a.score).collect();
        let mut right: Vec<f32> = pages.iter().filter(|a| a.overlap >= 0.8).map(|a| a.score).collect();
        wrong.sort_by(|a, b| b.total_cmp(a));
        right.sort_by(f32::total_cmp);
        println!(
            "  {group}: highest wrong {:.1?}, lowest right {:.1?}",
            &wrong[..wrong.len().min(8)],
            &right[..right.len().min(8)]
        );
    }
    print!("{report}");
    report
}

fn table(first: &Judge, second: &Judge, said: &str, report: &str) -> String {
    let mut text = String::from("//! Learnt weights of the ranking. Made by\n");
    for line in said.lines() {
        let _ = writeln!(text, "//! `{line}`");
    }
    text.push_str("//! Held back by source while learning, it answered:\n//!\n");
    for line in report.lines() {
        let _ = writeln!(text, "//! - {line}");
    }
    text.push_str("#![allow(clippy::approx_constant, reason = \"learnt numbers, near constants by chance\")]\n\n");
    text.push_str("use super::MEASURES;\nuse super::rank::{MEASURES_SECOND, Net};\n");
    for (name, size, judge) in [("FIRST", "MEASURES", first), ("SECOND", "MEASURES_SECOND", second)] {
        assert_eq!(judge.net.n, if size == "MEASURES" { MEASURES } else { MEASURES_SECOND });
        assert_eq!(judge.net.nodes(), NODES);
        let n = judge.net.n;
        let row = |values: &[f32]| values.iter().map(|v| format!("{v:.4}")).collect::<Vec<_>>().join(", ");
        let nodes = |from: usize, to: usize| -> Vec<String> { (0..NODES).map(|i| row(&judge.net.node(i)[from..to])).collect() };
        let hidden: Vec<String> = nodes(0, n).iter().map(|row| format!("[{row}]")).collect();
        let _ = write!(text, "\n#[rustfmt::skip]\npub(super) static {name}: Net<{{ {size} }}> = Net {{\n");
        for (field, values) in [
            ("mean", row(&judge.norm.mean)),
            ("scale", row(&judge.norm.scale)),
            ("skip", row(&judge.net.row[..n])),
            ("hidden", hidden.join(",\n        ")),
            ("bias", nodes(n, n + 1).join(", ")),
            ("out", nodes(n + 1, n + 2).join(", ")),
        ] {
            let _ = writeln!(text, "    {field}: [\n        {values},\n    ],");
        }
        text.push_str("};\n");
    }
    text
}
