//! A disk under SQLite that forgets what was not synced: for tests of power cuts.
//!
//! Doors: [`install`] puts the shim before SQLite's own file layer, once a process; [`Disk`] is a
//! folder whose database files lose power.
//!
//! Every write goes to the real file at once, and what stood there before is remembered until the
//! file is synced. A power cut takes back everything since the last sync and puts back whatever part of
//! it chance had already written, sector by sector. A file that was made or removed without a
//! sync of its folder may be gone, or there again.
//!
//! Never: part of a program that ships; touches a file outside the folder of a [`Disk`]; knows
//! about files that are not SQLite's.
//!
//! Start reading at `disk.rs`; `shim.rs` only hands SQLite's calls to it.

mod disk;
#[allow(unsafe_code, reason = "SQLite's file layer is a table of C functions; there is no other way in")]
mod shim;

pub use disk::{Cut, Disk};
pub use shim::install;

#[cfg(test)]
mod tests;
