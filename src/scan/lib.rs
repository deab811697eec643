//! Room scan.
