//! What one read session gave: text, photo and chip number of one card, bound together.

use devices::CardRecord;
use zeroize::Zeroizing;

use crate::fault::{self, Failure};
use crate::text_block::{self, Block, BlockError};

/// What one session gave.
pub(crate) struct Reading {
    pub record: CardRecord,
    /// The chip's own number of a social-security card: the same card can lie in two slots at once.
    pub chip: Option<Zeroizing<Vec<u8>>>,
}

/// The record of a text block and its photo.
pub(crate) fn identity(text: &[u8], photo: Option<&[u8]>) -> Result<CardRecord, Failure> {
    match text_block::parse(text) {
        Ok(Block::Record(mut record)) => {
            record.photo = photo.map(<[u8]>::to_vec);
            Ok(*record)
        }
        Ok(Block::Unknown { text, .. }) => Err(Failure::UnknownType(text)),
        Err(BlockError::Blank) => Err(fault::CARD_BLANK.into()),
        Err(BlockError::Length(_)) => Err(fault::CARD_GARBLED.into()),
    }
}
