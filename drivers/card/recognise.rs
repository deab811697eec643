//! Which way a card in a PC/SC reader is read, and its record at the end of it.
//!
//! Order: a profile that knows the reader; 9000 at hex character 26 of the ATR; the application of
//! the social-security card; then identity cards that are only seen. A way whose first command the
//! card refuses is not its way, and the next one is tried.

use devices::CardRecord;

use crate::apdu::{Channel, exchange};
use crate::fault::{self, Failure, Fault};
use crate::profile::{Profile, Profiles, Way, Wrapping};
use crate::reading::{Reading, identity};
use crate::sdt::{Command, Frames, Reply};
use crate::sdt_card::{self, Link};
use crate::social;
use zeroize::Zeroizing;

/// Reads whatever card this is, once.
pub(crate) fn read(channel: &mut dyn Channel, reader: &str, atr: &[u8], profiles: &Profiles) -> Result<Reading, Failure> {
    for profile in [profiles.by_reader(reader), profiles.by_atr(atr)].into_iter().flatten() {
        if let Some(record) = by_profile(channel, profile)? {
            tracing::debug!(profile = profile.id, "card read");
            return Ok(Reading { record, chip: None });
        }
    }
    match social::read(channel) {
        Ok(Some(reading)) => Ok(reading),
        // An identity card on a plain reader: it does not speak ISO 7816, and may answer nothing at all.
        Ok(None) | Err(Failure::Fault(Fault::Lost | Fault::Timeout | Fault::Mute | Fault::Other)) if profiles.seen_only(atr) => {
            Err(fault::CARD_SEEN_ONLY.into())
        }
        Ok(None) => Err(fault::CARD_UNKNOWN.into()),
        Err(failure) => Err(failure),
    }
}

/// `None` when the card or the reader refuses this way at its first step.
fn by_profile(channel: &mut dyn Channel, profile: &Profile) -> Result<Option<CardRecord>, Failure> {
    match &profile.way {
        Way::Blocks(blocks) => {
            let mut text = Zeroizing::new(Vec::with_capacity(256));
            let mut photo = Zeroizing::new(Vec::with_capacity(1024));
            let mut photo_refused = false;
            for block in blocks {
                if block.text == 0 && photo_refused {
                    continue;
                }
                let answer = exchange(channel, &block.apdu)?;
                let whole = answer.ok() && answer.data.len() == block.skip + block.text + block.photo;
                match whole {
                    true => {
                        let (part, rest) = answer.data[block.skip..].split_at(block.text);
                        text.extend_from_slice(part);
                        photo.extend_from_slice(rest);
                    }
                    // The way is not this card's, or the photo cannot be had; half a text is neither.
                    false if text.is_empty() && photo.is_empty() && !answer.ok() => return Ok(None),
                    false if block.text == 0 => photo_refused = true,
                    false => return Err(fault::CARD_GARBLED.into()),
                }
            }
            let photo = (!photo_refused && !photo.is_empty()).then_some(photo.as_slice());
            let mut record = identity(&text, photo)?;
            if photo_refused {
                record.warnings.push("photo_not_read");
            }
            Ok(Some(record))
        }
        Way::Sdt(wrapping) => {
            let mut link = Wrapped { channel, wrapping };
            match sdt_card::find(&mut link) {
                Ok(true) => sdt_card::read(&mut link).map(Some),
                Ok(false) | Err(Failure::Fault(Fault::Unsupported)) => Ok(None),
                Err(failure) => Err(failure),
            }
        }
    }
}

/// SDT frames carried by APDUs or by control commands.
pub(crate) struct Wrapped<'a> {
    pub channel: &'a mut dyn Channel,
    pub wrapping: &'a Wrapping,
}

impl Link for Wrapped<'_> {
    fn ask(&mut self, command: Command) -> Result<Reply, Fault> {
        let request = self.wrapping.wrap(&command.frame());
        let raw = match self.wrapping.function {
            Some(function) => self.channel.control(function, &request)?,
            None => {
                let answer = exchange(self.channel, &request)?;
                if !answer.ok() {
                    return Err(Fault::Unsupported);
                }
                answer.data
            }
        };
        let mut frames = Frames::default();
        frames.push(self.wrapping.unwrap(&raw).ok_or(Fault::Lost)?);
        match frames.next_reply() {
            Some(Ok(reply)) if command.fits(&reply) => Ok(reply),
            _ => Err(Fault::Lost),
        }
    }
}

#[cfg(test)]
#[path = "recognise_x_tests.rs"]
mod x_tests;
