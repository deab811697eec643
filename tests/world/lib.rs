//! Whole towns in one process: the shipped cabinet, courier and ledger over a wire, clocks and disks that
//! misbehave by a seed.
//!
//! Doors: [`run`] lives one world to its end and says whether anything that was promised was broken;
//! [`tidy`] removes what all worlds of a process share.
//!
//! The SQL is the real one, under a file layer that loses what was not synced ([`vfs`]); the courier's
//! questions and what it makes of the answers are the shipped [`courier::delivery`], [`courier::plan`]
//! and signature checks. Simulated are the line between them, the clocks, the power and the people.
//! The same seed gives the same world, step for step.
//!
//! Never: part of a program that ships; knows what a verb does inside; sleeps or looks at a real clock.
//!
//! Start reading at `storm.rs` (what happens), then `oracle.rs` (what must be true).

mod chance;
mod line;
mod oracle;
mod sample;
mod storm;
mod town;
mod village;

pub use sample::tidy;
pub use storm::{Broken, Bug, Life, run};
