//! The window of a village service point (村级便民服务点): what the agent sees, and the workers behind it.
//!
//! Doors: [`app::App`] (the window), [`config`], [`speech`] (what is said between window and workers),
//! [`worker`] (the threads), [`command`] (the same work without a window).
//!
//! Never: waits, reads or opens in the thread that paints; knows what stands on the line or in a
//! database; shows a person after the visit has ended.
//!
//! Start reading at `speech.rs`, then `app/mod.rs`.

pub mod app;
pub mod catalogue;
pub mod clock;
pub mod command;
pub mod config;
pub mod crash;
pub mod frames;
pub mod ids;
pub mod kiosk;
pub mod look;
pub mod screen;
pub mod sign_in;
pub mod speech;
pub mod visit;
pub mod widget;
pub mod words;
pub mod worker;
