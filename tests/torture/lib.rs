//! A file system that forgets what was not synced, for programs that run as they ship.
//!
//! Doors: [`Image`] is what is on the disk and what only seems to be; [`mount`] shows it as a folder.
//!
//! A file's bytes are on the disk after `fsync` of the file, a name after `fsync` of its folder. A power
//! cut keeps of everything else whatever chance had already written: whole, torn by sectors, or nothing.
//!
//! Never: touches a real file; syncs by itself; is part of a program that ships.
//!
//! Start reading at `image.rs`; `mount.rs` only hands the kernel's calls to it.

mod image;
mod mount;

pub use image::{Cut, Image};
pub use mount::{Mounted, mount};

#[cfg(test)]
mod tests;
