//! Room camera.
