//! When does the page lie still and is good? Decides on the automatic shot. Pure: times come in, a decision goes out.

use std::time::Duration;

use crate::{Corners, Found};

/// What the agent is told while the preview runs, and when the shot is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ready {
    /// No page in the picture.
    Empty,
    /// A page, but it moves, or is not sure.
    Moving,
    /// Lies still; the shot follows.
    Settling,
    /// Take the picture now. Said once a page.
    Shoot,
    /// This page was taken; waiting for it to leave.
    Taken,
}

/// A page lies still when no corner moves by more than this share of its diagonal.
const STILL: f32 = 0.006;
/// Another page has arrived when a corner is further away than this from where the last one was taken.
const CHANGED: f32 = 0.08;
/// Below this the outline is not trusted with a shot of its own; the agent can still press the key.
const SURE: f32 = 0.6;
/// So long it must lie still: hands are gone, the focus has settled.
const SETTLE: Duration = Duration::from_millis(700);
/// So long the place must be empty, or show something else, before the same place counts as a new page.
const GONE: Duration = Duration::from_millis(400);

/// Watches preview frames.
#[derive(Clone, Debug, Default)]
pub struct Stillness {
    last: Option<Corners>,
    since: Duration,
    taken: Option<Corners>,
    away_since: Option<Duration>,
}

fn moved(a: &Corners, b: &Corners) -> f32 {
    let diagonal = (a[0][0] - a[2][0]).hypot(a[0][1] - a[2][1]).max(1.0);
    a.iter().zip(b).map(|(p, q)| (p[0] - q[0]).hypot(p[1] - q[1])).fold(0.0, f32::max) / diagonal
}

impl Stillness {
    /// Learns of one preview frame at `now` (any clock that does not go backwards).
    pub fn frame(&mut self, found: Option<&Found>, now: Duration) -> Ready {
        let page = found.map(|found| &found.corners);
        if let Some(taken) = &self.taken {
            let away = page.is_none_or(|page| moved(taken, page) > CHANGED);
            if !away {
                self.away_since = None;
                return Ready::Taken;
            }
            let since = *self.away_since.get_or_insert(now);
            if now.saturating_sub(since) < GONE {
                return Ready::Taken;
            }
            *self = Self::default();
        }
        let Some(page) = page else {
            self.last = None;
            return Ready::Empty;
        };
        let still = self.last.as_ref().is_some_and(|last| moved(last, page) < STILL);
        if !still {
            // Compared with where it came to rest, not with the frame before: a slow slide is not rest.
            self.last = Some(*page);
            self.since = now;
            return Ready::Moving;
        }
        if found.is_none_or(|found| found.confidence < SURE) {
            return Ready::Moving;
        }
        if now.saturating_sub(self.since) < SETTLE {
            return Ready::Settling;
        }
        self.taken = self.last.take();
        self.away_since = None;
        Ready::Shoot
    }

    /// A shot by hand counts as taken too.
    pub fn taken_by_hand(&mut self) {
        self.taken = self.last.take();
        self.away_since = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: f32, confidence: f32) -> Option<Found> {
        Some(Found { corners: [[x, 10.0], [x + 300.0, 10.0], [x + 300.0, 430.0], [x, 430.0]], confidence })
    }

    fn play(frames: &[Option<Found>]) -> Vec<Ready> {
        let mut watch = Stillness::default();
        frames.iter().enumerate().map(|(i, found)| watch.frame(found.as_ref(), Duration::from_millis(100 * i as u64))).collect()
    }

    fn shots(frames: &[Option<Found>]) -> usize {
        play(frames).into_iter().filter(|ready| *ready == Ready::Shoot).count()
    }

    #[test]
    fn a_page_that_lies_still_is_shot_once() {
        let mut frames = vec![None; 3];
        frames.extend([at(0.0, 0.9), at(40.0, 0.9), at(80.0, 0.9)]);
        frames.extend(vec![at(81.0, 0.9); 30]);
        let heard = play(&frames);
        assert_eq!(heard[2], Ready::Empty);
        assert_eq!(heard[5], Ready::Moving);
        assert_eq!(heard.iter().filter(|ready| **ready == Ready::Shoot).count(), 1);
        assert_eq!(heard.last(), Some(&Ready::Taken));
        let shot = heard.iter().position(|ready| *ready == Ready::Shoot).unwrap();
        assert!(shot >= 5 + 7, "not before it has settled");
    }

    #[test]
    fn the_next_page_in_the_same_place_is_shot_too_and_a_passing_hand_is_no_new_page() {
        let page = vec![at(80.0, 0.9); 12];
        let two = [page.clone(), vec![None; 6], page.clone()].concat();
        assert_eq!(shots(&two), 2);
        let hand = [page.clone(), vec![None; 2], page].concat();
        assert_eq!(shots(&hand), 1);
    }

    #[test]
    fn an_unsure_a_sliding_and_an_absent_page_are_never_shot() {
        assert_eq!(shots(&vec![at(80.0, 0.4); 40]), 0);
        assert_eq!(shots(&vec![None; 40]), 0);
        let slide: Vec<Option<Found>> = (0..60).map(|i| at(i as f32 * 2.0, 0.9)).collect();
        assert_eq!(shots(&slide), 0);
    }

    #[test]
    fn a_shot_by_hand_is_not_repeated_by_itself() {
        let mut watch = Stillness::default();
        for i in 0..3 {
            watch.frame(at(80.0, 0.9).as_ref(), Duration::from_millis(100 * i));
        }
        watch.taken_by_hand();
        for i in 3..30 {
            assert_eq!(watch.frame(at(80.0, 0.9).as_ref(), Duration::from_millis(100 * i)), Ready::Taken);
        }
    }
}
