//! The virtual card: persona files, played as a card in a PC/SC reader, as a serial or as a USB reader.
//!
//! Doors: [`persona`] (what a persona file says), [`control`] (insert and remove from another
//! process), [`reader`] (a private pcscd with a virtual reader), [`serial`] (an SDT reader on a
//! pseudo-terminal), [`usb`] (one on the kernel's virtual USB), [`chip`] and [`sam`] (the pure machines behind both), [`command`] (the tool).
//!
//! Never: listens on the machine outside its own namespace, plays a real person, stands in for a
//! reader without saying so.

pub mod chip;
pub mod command;
pub mod control;
pub mod fault;
mod hold;
mod kernel;
pub mod persona;
pub mod reader;
pub mod sam;
pub mod serial;
pub mod usb;
pub mod usb_device;
mod usbip;
mod vpcd;
