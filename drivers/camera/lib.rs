//! The document camera (高拍仪) behind a child process: find, open, preview, still.
//!
//! Doors: [`open`] and [`list`] for the terminal, [`child_main`] for its hidden subcommand `camera-child`.
//!
//! Never: waits longer than it was told, unpacks a picture, draws, keeps a frame. A call into V4L2 can hang for ever and keep the
//! device with it, and a thread cannot be killed; a process can. The parent kills and restarts it when a frame is late.
//!
//! Start reading at [`protocol`], then [`parent`] and [`child`].

pub mod child;
mod hardware;
#[cfg(target_os = "linux")]
mod kernel;
pub mod modes;
pub mod parent;
pub mod protocol;

pub use child::child_main;
pub use modes::{CameraInfo, Encoding, Mode};
pub use parent::{CameraConfig, ChildCamera, list, open};
