//! Finds pages and cards in a picture.

use crate::{Corners, Picture};

/// A page that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// In pixels of the picture, clockwise from the top left.
    pub corners: Corners,
    /// 0 to 1.
    pub confidence: f32,
}

/// Pages and cards, best first.
#[must_use]
pub fn find(_picture: &Picture) -> Vec<Found> {
    Vec::new()
}
