//! The filing cabinet: one encrypted SQLite file with drafts, queue and pages.
//!
//! Doors: [`Cabinet`] writes (one program, one connection), [`Reading`] reads beside it,
//! [`CabinetKey`] opens both; the data in `kinds.rs`; [`CabinetError`] says what must be done.
//!
//! Never: knows that a network exists, starts a thread, reads a clock, makes a sentence,
//! deletes what it cannot read.
//!
//! Start reading at `schema.rs` (the tables in prose), then `sealing.rs`, then `queue.rs`.

mod cabinet;
mod drafts;
mod error;
mod feed;
mod key;
mod kinds;
mod lists;
mod mark;
mod messages;
mod numbers;
mod packages;
mod pages;
mod people;
mod queue;
mod rows;
mod salvage;
mod schema;
mod sealing;
mod settings;
mod upkeep;

#[cfg(test)]
mod arrival_tests;
#[cfg(test)]
mod cabinet_tests;
#[cfg(test)]
mod feed_tests;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod packages_tests;
#[cfg(test)]
mod queue_tests;

pub use cabinet::{Arrival, Cabinet, KEEP_FREE_BYTES, Reading};
pub use error::CabinetError;
pub use feed::CLOCK_AHEAD_DAYS_MAX;
pub use key::CabinetKey;
pub use kinds::*;
pub use mark::Machine;
pub use messages::{MESSAGES_KEPT, Message};
pub use packages::*;
pub use pages::PAGE_BYTES_MAX;
pub use people::{FAILURES_MAX, LOCK_LONGEST};
pub use queue::{METERED_BYTES_MAX, PARCELS_MAX};
pub use salvage::{Lost, LostPart, Salvage};
pub use upkeep::{Integrity, Wiped};
