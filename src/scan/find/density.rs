//! How dense edge points are around a place: print has many, blank paper few, cloth as many everywhere.

use super::planes::Edges;

/// Side of a cell in pixels.
const CELL: usize = 4;
/// A block of so many cells to each side is asked at once.
const ARM: usize = 2;

/// Prefix sums of edge points over cells.
pub(crate) struct Density {
    w: usize,
    h: usize,
    sums: Vec<u32>,
    /// Over the whole picture.
    pub mean: f32,
}

impl Density {
    pub(crate) fn new(edges: &Edges) -> Self {
        let (w, h) = (edges.w / CELL + 1, edges.h / CELL + 1);
        let stride = w + 1;
        let mut sums = vec![0u32; stride * (h + 1)];
        for edge in &edges.list {
            sums[(edge.y as usize / CELL + 1) * stride + edge.x as usize / CELL + 1] += 1;
        }
        for y in 1..=h {
            let mut row = 0;
            for x in 1..=w {
                row += sums[y * stride + x];
                sums[y * stride + x] = row + sums[(y - 1) * stride + x];
            }
        }
        let mean = edges.list.len() as f32 * SCALE / (edges.w * edges.h).max(1) as f32;
        Self { w, h, sums, mean }
    }

    /// Around a point: 0 where there is no edge point, about 1 in dense print; 0 outside the picture.
    pub(crate) fn at(&self, x: f32, y: f32) -> f32 {
        if !(x >= 0.0 && y >= 0.0) {
            return 0.0;
        }
        let (i, j) = (x as usize / CELL, y as usize / CELL);
        if i >= self.w || j >= self.h {
            return 0.0;
        }
        let (x0, x1) = (i.saturating_sub(ARM), (i + ARM + 1).min(self.w));
        let (y0, y1) = (j.saturating_sub(ARM), (j + ARM + 1).min(self.h));
        let stride = self.w + 1;
        let sum =
            self.sums[y1 * stride + x1] + self.sums[y0 * stride + x0] - self.sums[y0 * stride + x1] - self.sums[y1 * stride + x0];
        sum as f32 * SCALE / ((x1 - x0) * (y1 - y0) * CELL * CELL) as f32
    }
}

/// Print has an edge point in every fifth pixel.
const SCALE: f32 = 5.0;
