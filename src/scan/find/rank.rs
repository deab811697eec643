//! Which candidate is the page: a weighted sum of its measures, weights learned.

use super::{Candidate, MEASURES};

/// Learned weights, one a measure.
#[rustfmt::skip]
const WEIGHTS: [f32; MEASURES] = [
    0.6, 1.6, 0.3, 0.4, 0.0, 0.0, 0.0, -0.8, -0.3, 0.3, 0.2, 0.8, 0.8, 0.5, 0.2, -0.4, 0.0, -1.0, 2.4, 0.0, 0.5, -0.4, -1.0, -0.1, -0.2, 0.6,
    0.2, 0.2, -0.6, -0.4, -0.2, 0.0,
];
/// From score to confidence.
const STEEP: f32 = 2.0;
const MIDDLE: f32 = 4.0;

/// Candidates with their confidence, best first.
pub(crate) fn ranked(candidates: Vec<Candidate>) -> Vec<(Candidate, f32)> {
    let mut scored: Vec<(Candidate, f32)> = candidates
        .into_iter()
        .map(|candidate| {
            let score = score(&candidate.measures);
            (candidate, 1.0 / (1.0 + (-STEEP * (score - MIDDLE)).exp()))
        })
        .collect();
    scored.sort_by(|a, b| score(&b.0.measures).total_cmp(&score(&a.0.measures)));
    scored
}

fn score(measures: &[f32; MEASURES]) -> f32 {
    measures.iter().zip(WEIGHTS).map(|(m, w)| m * w).sum()
}
