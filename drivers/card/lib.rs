//! Identity and social-security cards: every reader and every card that a village point meets.
//!
//! Doors: [`open`] (a [`devices::CardReader`] over PC/SC, serial or USB), [`command`] (for the
//! installer), [`photo`] (a licensed decoder at arm's
//! length), [`simulator`] (the virtual card), and the pure codecs [`text_block`], [`sdt`],
//! [`tlv`], [`number`].
//!
//! Never: owns a thread, sends a PIN, decodes a photo in its own process, keeps a card's data after
//! the session, puts a person's data into a log or an error, hands out half a record.
//!
//! Start reading at [`open`], then `pcsc.rs` for the cable and `text_block.rs` for the card.

mod apdu;
pub mod codes;
pub mod command;
pub mod dates;
pub mod environment;
mod fault;
pub mod number;
mod pcsc;
pub mod photo;
mod photo_library;
mod profile;
mod reading;
mod recognise;
pub mod sdt;
mod sdt_card;
mod sdt_line;
mod sdt_reader;
mod sdt_watch;
mod serial;
mod service;
pub mod simulator;
mod social;
pub mod text_block;
pub mod tlv;
#[cfg(test)]
mod traps;
pub mod units;
mod usb;

use std::path::PathBuf;

use devices::{CardReader, Trouble};
use sdt_reader::SdtReader;

pub use fault::TROUBLES;

/// By which cable the reader hangs on the machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cable {
    /// The PC/SC service (pcscd).
    #[default]
    Pcsc,
    /// An SDT reader on a serial port, e.g. `/dev/ttyUSB0`; the rate is found by asking.
    Serial(PathBuf),
    /// An SDT reader on USB (0400:C35A and relatives).
    Usb,
}

/// Which reader to watch, and how.
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub cable: Cable,
    /// Beginning of a PC/SC reader's name; `None` watches all readers of the service.
    pub reader: Option<String>,
    /// A file of reader profiles that replaces the built-in `assets/devices/readers.toml`.
    pub profiles: Option<PathBuf>,
    /// The reader is a stand-in (virtual card): [`CardReader::is_stand_in`] says so.
    pub stand_in: bool,
}

impl Config {
    /// A reader as a person names it: `usb`, `serial:PATH`, `pcsc` (every reader of the service) or
    /// the beginning of a PC/SC reader's name, with `pcsc:` before it or without.
    pub fn named(name: &str) -> Self {
        let (cable, reader) = match name.split_once(':') {
            Some(("serial", path)) => (Cable::Serial(path.into()), None),
            Some(("pcsc", reader)) => (Cable::Pcsc, Some(reader.to_owned())),
            _ if name == "usb" || name.starts_with("usb ") => (Cable::Usb, None),
            _ if name == "pcsc" => (Cable::Pcsc, None),
            _ => (Cable::Pcsc, Some(name.to_owned())),
        };
        Self { cable, reader, ..Self::default() }
    }
}

/// Opens a reader. No reader need be there yet: it is waited for.
///
/// # Errors
/// [`Trouble`] `reader_profiles` when the profile file of the configuration cannot be used.
pub fn open(config: Config) -> Result<Box<dyn CardReader>, Trouble> {
    match config.cable {
        Cable::Pcsc => Ok(Box::new(pcsc::PcscReader::open(config.reader, config.profiles.as_deref(), config.stand_in)?)),
        Cable::Serial(path) => Ok(Box::new(SdtReader::new(serial::SerialOpener::new(path), config.stand_in))),
        Cable::Usb => Ok(Box::new(SdtReader::new(usb::UsbOpener, config.stand_in))),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn trap_9_a_reader_that_is_no_pcsc_reader_is_found_by_its_own_cable() {
        // Most identity readers never show up in the PC/SC service: its absence must not matter to them.
        let cable = Cable::Serial("/dev/no-such-port".into());
        let mut reader = open(Config { cable, stand_in: true, ..Config::default() }).ok().unwrap();
        assert!(reader.is_stand_in());
        assert_eq!(reader.next(Duration::ZERO).err().map(|trouble| trouble.code), Some("reader_absent"));
    }

    #[test]
    fn a_broken_profile_file_is_said_before_anything_is_opened() {
        let config = Config { profiles: Some("/no/such/readers.toml".into()), ..Config::default() };
        assert_eq!(open(config).err().map(|trouble| trouble.code), Some("reader_profiles"));
    }
}
