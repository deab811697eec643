//! Room stories.
