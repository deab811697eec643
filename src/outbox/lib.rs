//! The filing cabinet: one encrypted SQLite file with drafts, queue and pages.
//!
//! Doors: the data in `kinds.rs`; the cabinet itself.
//!
//! Never: knows that a network exists, starts a thread, makes a sentence.

mod kinds;

pub use kinds::*;
