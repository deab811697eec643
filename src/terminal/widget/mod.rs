//! The few widgets of which every screen is made. Each has an accessible name: its own words.

pub mod badge;
pub mod button;
pub mod card;
pub mod columns;
pub mod field;
pub mod frame;
pub mod once;
pub mod pages;
pub mod stepper;
