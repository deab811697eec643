//! Which candidate is the page: a weighted sum of its measures, weights learned.

use super::{Candidate, MEASURES};

/// Learned weights, one a measure.
#[rustfmt::skip]
const WEIGHTS: [f32; MEASURES] = [
    2.339, -2.569, -0.095, 0.620, 0.679, 3.317, -0.638, -6.538, -1.195, -0.101, 0.240, 3.581, 1.051, 0.453, 0.631, -0.048, -1.156, -0.367, 5.270, -0.489, 2.764, -4.388, -91.694, -1.475, -0.953, 4.868, 0.028, 3.635, -3.188, 0.738, -7.527, 0.036,
];
/// From score to confidence.
const STEEP: f32 = 0.6;
const MIDDLE: f32 = 10.5;

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
