//! Which candidate is the page, and is it one at all. Two small networks, learnt by `find-lab train`: the first looks at every
//! candidate's measures; the second looks at what is left of them ([`shortlist`]) with what the full picture shows.

use super::refine::CLOSER;
use super::weights::{FIRST, SECOND};
use super::{Candidate, MEASURES, overlap};
use crate::Corners;

/// Hidden nodes of each network.
pub const NODES: usize = 36;
/// Measures farther from their mean than this, in standard deviations, say no more than this.
pub const FAR: f32 = 4.0;
/// What the second network looks at: the measures, those of the full picture, the first score, and how far it is behind the best.
pub const MEASURES_SECOND: usize = MEASURES + CLOSER + 2;

/// So many candidates are looked at closer, and so many of one place.
const SHORT: usize = 12;
const SHORT_OF_ONE: usize = 4;
/// Log odds below which no second look is worth while.
const HOPELESS: f32 = -4.0;
/// Candidates that share more than this are of one place.
const ONE_PLACE: f32 = 0.6;
/// Candidates whose corners are nearer than this, as a share of the longer diagonal, become one when they are made exact.
const SAME: f32 = 0.006;

/// One layer of hidden nodes beside a straight way.
pub(super) struct Net<const N: usize> {
    pub mean: [f32; N],
    pub scale: [f32; N],
    pub skip: [f32; N],
    pub hidden: [[f32; N]; NODES],
    pub bias: [f32; NODES],
    pub out: [f32; NODES],
}

impl<const N: usize> Net<N> {
    /// Log odds that this is a page.
    fn score(&self, measures: &[f32; N]) -> f32 {
        let x: [f32; N] = std::array::from_fn(|i| ((measures[i] - self.mean[i]) * self.scale[i]).clamp(-FAR, FAR));
        let hidden = self.hidden.iter().zip(self.bias).zip(self.out).map(|((w, bias), out)| out * (dot(w, &x) + bias).tanh());
        dot(&self.skip, &x) + hidden.sum::<f32>()
    }
}

/// Sum of products in eight lanes: one lane would wait for each addition.
#[must_use]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0f32; 8];
    let (a8, b8) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = a8.remainder().iter().zip(b8.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a8.zip(b8) {
        for i in 0..8 {
            lanes[i] += a[i] * b[i];
        }
    }
    lanes.iter().sum::<f32>() + rest
}

/// Log odds of the first look.
pub(super) fn first(candidate: &Candidate) -> f32 {
    FIRST.score(&candidate.measures)
}

/// Log odds of the second look.
pub(super) fn second(measures: &[f32; MEASURES_SECOND]) -> f32 {
    SECOND.score(measures)
}

/// What the second network looks at.
#[must_use]
pub fn second_measures(first: &[f32; MEASURES], closer: &[f32; CLOSER], score: f32, best_score: f32) -> [f32; MEASURES_SECOND] {
    let mut all = [0.0; MEASURES_SECOND];
    all[..CLOSER].copy_from_slice(closer);
    all[CLOSER] = score.clamp(-8.0, 8.0) / 4.0;
    all[CLOSER + 1] = (best_score - score).min(8.0) / 4.0;
    // The last of the first measures is always one and stays the last.
    all[CLOSER + 2..].copy_from_slice(first);
    all
}

/// Which candidates deserve a second look, best first: no two that would become the same, and not all of one place.
#[must_use]
pub fn shortlist(candidates: &[(Corners, [bool; 4])], scores: &[f32]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..candidates.len()).filter(|&i| scores[i] >= HOPELESS).collect();
    order.sort_unstable_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
    let mut kept: Vec<usize> = Vec::with_capacity(SHORT);
    for i in order {
        let (corners, fixed) = &candidates[i];
        let same = |&other: &usize| {
            let (others, fixed_other) = &candidates[other];
            let diagonal = |a: usize, b: usize| (corners[a][0] - corners[b][0]).hypot(corners[a][1] - corners[b][1]);
            let near = SAME * diagonal(0, 2).max(diagonal(1, 3));
            fixed == fixed_other && corners.iter().zip(others).all(|(p, q)| (p[0] - q[0]).abs() + (p[1] - q[1]).abs() < near)
        };
        let here = |&other: &usize| overlap(corners, &candidates[other].0) > ONE_PLACE;
        if kept.iter().any(same) || kept.iter().copied().filter(|other| here(other)).count() >= SHORT_OF_ONE {
            continue;
        }
        kept.push(i);
        if kept.len() == SHORT {
            break;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_alike_a_few_are_looked_at_closer_and_others_get_their_turn() {
        let square = |x: f32, size: f32| -> Corners { [[x, 0.0], [x + size, 0.0], [x + size, size], [x, size]] };
        let mut candidates: Vec<(Corners, [bool; 4])> = (0..20).map(|i| (square(0.0, 100.0 + i as f32), [false; 4])).collect();
        candidates.push((square(0.0, 100.1), [false; 4]));
        candidates.push((square(500.0, 100.0), [false; 4]));
        candidates.push((square(900.0, 100.0), [false; 4]));
        let mut scores: Vec<f32> = (0..20).map(|i| 3.0 - 0.1 * i as f32).collect();
        scores.extend([2.99, -1.0, -9.0]);
        let list = shortlist(&candidates, &scores);
        assert_eq!(list, [0, 1, 2, 3, 21], "four of the many, the one apart, not the twin, not the hopeless one");
    }
}
