//! Which candidate is the page, and is it one at all: a small network over its measures, learnt by `find-lab train`.

use super::weights::{BIAS, HIDDEN, MEAN, OUT, SCALE, SKIP};
use super::{Candidate, MEASURES};

/// Hidden nodes of the network.
pub const NODES: usize = 36;
/// Measures farther from their mean than this, in standard deviations, say no more than this.
pub const FAR: f32 = 4.0;

/// Candidates with their confidence, best first.
pub(crate) fn ranked(candidates: Vec<Candidate>) -> Vec<(Candidate, f32)> {
    let mut scored: Vec<(Candidate, f32)> = candidates
        .into_iter()
        .map(|candidate| {
            let score = score(&candidate.measures);
            (candidate, score)
        })
        .collect();
    scored.sort_by(|a, b| b.1.total_cmp(&a.1));
    for (_, score) in &mut scored {
        *score = 1.0 / (1.0 + (-*score).exp());
    }
    scored
}

/// Log odds that this is a page.
fn score(measures: &[f32; MEASURES]) -> f32 {
    let x: [f32; MEASURES] = std::array::from_fn(|i| ((measures[i] - MEAN[i]) * SCALE[i]).clamp(-FAR, FAR));
    let dot = |w: &[f32; MEASURES]| w.iter().zip(&x).map(|(w, x)| w * x).sum::<f32>();
    let hidden = HIDDEN.iter().zip(BIAS).zip(OUT).map(|((w, bias), out)| out * (dot(w) + bias).tanh());
    dot(&SKIP) + hidden.sum::<f32>()
}
