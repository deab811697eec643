//! Room hall.
