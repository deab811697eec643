//! Which candidate is the page: a weighted sum of its measures, weights learned.

use super::{Candidate, MEASURES};

/// Learned weights, one a measure.
#[rustfmt::skip]
const WEIGHTS: [f32; MEASURES] = [
    3.778, -3.099, -1.285, 1.061, 0.939, 6.546, -1.323, -7.650, -0.672, -1.205, 0.161, 5.387, 0.388, -0.622, 1.194, 0.032, -0.985, 2.111, 8.699, -3.010, 4.365, -2.362, -48.842, -1.603, -0.189, 2.997, 0.054, 3.319, -4.470, 0.756, -7.691, 0.125,
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
