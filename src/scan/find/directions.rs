//! Which way the edges around a place run: print runs along the sides of its own paper, grain and other papers do not.

use super::planes::{Edges, turn_of};

/// Side of a cell in pixels; three by three are asked at once.
const CELL: usize = 8;
/// So many directions are told apart over a half turn.
const WAYS: usize = 32;

/// Edge points by direction, cell by cell, each cell with its neighbours.
pub(crate) struct Directions {
    w: usize,
    h: usize,
    cells: Vec<[u16; WAYS]>,
}

/// Edge points that run one of two ways, and all.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tally {
    along: f32,
    all: f32,
}

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        self.along += other.along;
        self.all += other.all;
    }

    /// Share of the points that run along; where there are hardly any, what chance would give.
    pub(crate) fn share(self) -> f32 {
        let chance = 6.0 / WAYS as f32;
        (self.along + 20.0 * chance) / (self.all + 20.0)
    }
}

impl Directions {
    pub(crate) fn new(edges: &Edges) -> Self {
        let (w, h) = (edges.w / CELL + 1, edges.h / CELL + 1);
        let mut own = vec![[0u16; WAYS]; w * h];
        for edge in &edges.list {
            own[(edge.y as usize / CELL) * w + edge.x as usize / CELL][way(edge.turn)] += 1;
        }
        // Three by three: across, then down.
        let mut wide = own.clone();
        for row in 0..h {
            let (from, to) = (&own[row * w..(row + 1) * w], &mut wide[row * w..(row + 1) * w]);
            for x in 1..w {
                add(&mut to[x], &from[x - 1]);
                add(&mut to[x - 1], &from[x]);
            }
        }
        let mut cells = wide.clone();
        for i in w..w * h {
            add(&mut cells[i], &wide[i - w]);
            add(&mut cells[i - w], &wide[i]);
        }
        Self { w, h, cells }
    }

    /// Around a point: how many edge points run along either of two vectors. Nothing outside the picture.
    pub(crate) fn at(&self, p: [f32; 2], ways: [[f32; 2]; 2]) -> Tally {
        if !(p[0] >= 0.0 && p[1] >= 0.0) {
            return Tally::default();
        }
        let (x, y) = (p[0] as usize / CELL, p[1] as usize / CELL);
        if x >= self.w || y >= self.h {
            return Tally::default();
        }
        let cell = &self.cells[y * self.w + x];
        let mut along = 0;
        for [dx, dy] in ways {
            // The slope of an edge stands square to the edge.
            let middle = way(turn_of(-dy, dx)) + WAYS;
            along += (middle - 1..=middle + 1).map(|i| u32::from(cell[i % WAYS])).sum::<u32>();
        }
        Tally { along: along as f32, all: cell.iter().map(|&n| u32::from(n)).sum::<u32>() as f32 }
    }
}

fn add(to: &mut [u16; WAYS], from: &[u16; WAYS]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = to.wrapping_add(*from));
}

fn way(turn: u8) -> usize {
    usize::from(turn) % 128 * WAYS / 128
}

#[cfg(test)]
mod tests {
    use super::super::planes::{Plane, edges};
    use super::*;

    #[test]
    fn lines_of_print_run_along_their_paper_and_not_across_it() {
        // Waves whose crests climb by one pixel in four.
        let wave = |i: usize| ((i / 120 * 4 + i % 120) as f32 * std::f32::consts::TAU / 40.0).sin();
        let data = (0..120 * 120).map(|i| (128.0 + 100.0 * wave(i)) as u8).collect();
        let directions = Directions::new(&edges(&[(&Plane { w: 120, h: 120, data }, 1)], 20..=20));
        let (along, across) = ([4.0, -1.0], [1.0, 4.0]);
        assert!(directions.at([60.0, 60.0], [along, across]).share() > 0.8);
        assert!(directions.at([60.0, 60.0], [[1.0, 1.0], [1.0, -1.0]]).share() < 0.1);
        assert!((directions.at([-5.0, 60.0], [along, across]).share() - 6.0 / 32.0).abs() < 1e-6);
    }
}
