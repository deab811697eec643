//! A place for one picture: the newest wins, nobody waits.

use std::sync::{Mutex, PoisonError};

/// Holds at most one value.
#[derive(Debug)]
pub struct Slot<T>(Mutex<Option<T>>);

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> Slot<T> {
    /// Replaces what lies there.
    pub fn put(&self, value: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    }

    pub fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A preview frame, ready for the window.
pub struct Preview {
    pub image: egui::ColorImage,
    /// Page outline in the picture's pixels, clockwise from top left.
    pub outline: Option<[[f32; 2]; 4]>,
    pub issues: Vec<&'static str>,
}
