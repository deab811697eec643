//! The one place that acts.
pub mod camera_view;
pub mod lamps;
