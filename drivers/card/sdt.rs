//! The frames of the security module (SAM_V / SAM_A) in Chinese identity-card readers.
//!
//! ```text
//! host → SAM : AA AA AA 96 69 | Len1 Len2 | CMD PARA   | data… | CHK
//! SAM → host : AA AA AA 96 69 | Len1 Len2 | SW1 SW2 SW3 | data… | CHK
//! ```
//! Len is big-endian and counts everything after itself, CHK included; CHK is the XOR of everything
//! after the preamble. Sources and checked frames: GA/T 467 as restated in vendors' documents.

use devices::Trouble;
use zeroize::{Zeroize, Zeroizing};

use crate::fault;

pub const PREAMBLE: [u8; 5] = [0xAA, 0xAA, 0xAA, 0x96, 0x69];
/// What a preamble may shrink to when a byte was lost on the line.
const MARK: [u8; 4] = [0xAA, 0xAA, 0x96, 0x69];
/// The longest legal answer has Len 0x090A; nothing longer is waited for.
pub const LEN_MAX: usize = 4096;
/// Shortest answer: three status bytes and CHK.
const LEN_MIN: usize = 4;

/// A request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    Reset,
    Status,
    SamId,
    Find,
    Select,
    /// Text and photo. Fingerprints (30 10) are never asked for.
    ReadBase,
    /// The added addresses; also the way to ask whether the card that was read still lies there.
    ReadNewAddress,
}

impl Command {
    pub const ALL: [Self; 7] =
        [Self::Reset, Self::Status, Self::SamId, Self::Find, Self::Select, Self::ReadBase, Self::ReadNewAddress];

    fn bytes(self) -> [u8; 2] {
        match self {
            Self::Reset => [0x10, 0xFF],
            Self::Status => [0x11, 0xFF],
            Self::SamId => [0x12, 0xFF],
            Self::Find => [0x20, 0x01],
            Self::Select => [0x20, 0x02],
            Self::ReadBase => [0x30, 0x01],
            Self::ReadNewAddress => [0x30, 0x03],
        }
    }

    /// The request as it goes on the line.
    pub fn frame(self) -> Vec<u8> {
        frame(&self.bytes())
    }

    /// Whether a reply can be the answer to this request at all. A late answer to an earlier
    /// request has another status or another length, and must not be taken for this one's.
    pub fn fits(self, reply: &Reply) -> bool {
        let len = reply.data.len();
        let refusal = matches!(reply.status(), 0x10 | 0x11 | 0x21 | 0x23 | 0x24 | 0x60 | 0x66);
        let card = matches!(reply.status(), 0x31 | 0x32 | 0x33 | 0x37 | 0x3F | 0x40 | 0x41 | 0x47);
        if !reply.sound() {
            return true;
        }
        (match self {
            Self::Reset | Self::Status => reply.status() == 0x90 && len == 0,
            Self::SamId => reply.status() == 0x90 && len == 16,
            Self::Find => (reply.status() == 0x9F && len <= 8) || reply.status() == 0x80,
            Self::Select => (reply.status() == 0x90 && len == 8) || reply.status() == 0x81 || card,
            Self::ReadBase => (reply.status() == 0x90 && len >= 4) || card,
            Self::ReadNewAddress => {
                (reply.status() == 0x90 && len > 0 && len.is_multiple_of(ADDRESS_LEN)) || reply.status() == 0x91 || card
            }
        }) || refusal
    }
}

/// Bytes of one added address.
pub const ADDRESS_LEN: usize = 70;

/// Frames any payload (CMD PARA data, or SW1 SW2 SW3 data).
pub fn frame(payload: &[u8]) -> Vec<u8> {
    let len = u16::try_from(payload.len() + 1).unwrap_or(u16::MAX).to_be_bytes();
    let check = payload.iter().chain(&len).fold(0, |check, byte| check ^ byte);
    [&PREAMBLE[..], &len, payload, &[check]].concat()
}

/// An answer whose checksum holds.
pub struct Reply {
    pub sw: [u8; 3],
    pub data: Zeroizing<Vec<u8>>,
}

impl Reply {
    /// SW3, which alone carries the result.
    pub fn status(&self) -> u8 {
        self.sw[2]
    }

    /// SW1 and SW2 are nought in every source; anything else is an unknown error, not masked.
    pub fn sound(&self) -> bool {
        self.sw[0] == 0 && self.sw[1] == 0
    }
}

/// What went wrong on the line. Sizes only, never bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    #[error("checksum of an answer of {0} bytes does not hold")]
    Checksum(usize),
    #[error("an answer claims {0} bytes")]
    Length(usize),
}

/// Finds answers in a stream of bytes, over stray ones, lost ones and lies about lengths.
#[derive(Default)]
pub struct Frames {
    buffer: Zeroizing<Vec<u8>>,
    /// Bytes that belonged to no answer, since the last [`Frames::clear`].
    stray: usize,
}

impl Frames {
    pub fn push(&mut self, bytes: &[u8]) {
        if self.buffer.capacity() < self.buffer.len() + bytes.len() {
            // Growing by hand, because a growing Vec leaves the old copy unwiped.
            let mut larger = Zeroizing::new(Vec::with_capacity((self.buffer.len() + bytes.len()).max(2 * LEN_MAX)));
            larger.extend_from_slice(&self.buffer);
            self.buffer = larger;
        }
        self.buffer.extend_from_slice(bytes);
    }

    pub fn stray(&self) -> usize {
        self.stray
    }

    /// Whether an answer has begun and is not whole.
    pub fn partial(&self) -> bool {
        find_mark(&self.buffer).is_some()
    }

    pub fn clear(&mut self) {
        self.buffer.zeroize();
        self.stray = 0;
    }

    /// Gives up on the answer that has begun (its length was a lie) and looks behind its head.
    /// True when there is something left to look at.
    pub fn skip_false_start(&mut self) -> bool {
        let Some(at) = find_mark(&self.buffer) else { return false };
        self.drop_front(at + 1);
        !self.buffer.is_empty()
    }

    /// The next answer, if one is whole.
    pub fn next_reply(&mut self) -> Option<Result<Reply, FrameError>> {
        loop {
            let Some(at) = find_mark(&self.buffer) else {
                // The tail may be the beginning of a preamble.
                let keep = self.buffer.len().min(PREAMBLE.len() - 1);
                self.drop_front(self.buffer.len() - keep);
                return None;
            };
            let head = at + MARK.len();
            let len = match self.buffer.get(head..head + 2) {
                Some(len) => usize::from(u16::from_be_bytes([len[0], len[1]])),
                None => return None,
            };
            if !(LEN_MIN..=LEN_MAX).contains(&len) {
                self.drop_front(at + 1);
                return Some(Err(FrameError::Length(len)));
            }
            let body = self.buffer.get(head..head + 2 + len)?;
            let holds = body.iter().fold(0, |check, byte| check ^ byte) == 0;
            let whole = at > 0 && self.buffer[at - 1] == PREAMBLE[0];
            if !holds {
                self.drop_front(at + 1);
                if whole {
                    return Some(Err(FrameError::Checksum(len)));
                }
                continue;
            }
            let sw = [body[2], body[3], body[4]];
            let data = Zeroizing::new(body[5..body.len() - 1].to_vec());
            self.stray += at - usize::from(whole);
            let end = head + 2 + len;
            self.buffer[..end].zeroize();
            self.buffer.drain(..end);
            return Some(Ok(Reply { sw, data }));
        }
    }

    fn drop_front(&mut self, count: usize) {
        self.stray += count;
        self.buffer[..count].zeroize();
        self.buffer.drain(..count);
    }
}

fn find_mark(bytes: &[u8]) -> Option<usize> {
    bytes.windows(MARK.len()).position(|window| window == MARK)
}

/// The SAM's number as service desks ask for it, e.g. `05.03-20101010-0000000001-1234567890`.
pub fn sam_id(data: &[u8]) -> Option<String> {
    let half = |at: usize| Some(u16::from_le_bytes(data.get(at..at + 2)?.try_into().ok()?));
    let word = |at: usize| Some(u32::from_le_bytes(data.get(at..at + 4)?.try_into().ok()?));
    if data.len() != 16 {
        return None;
    }
    Some(format!("{:02}.{:02}-{:08}-{:010}-{:010}", half(0)?, half(2)?, word(4)?, word(8)?, word(12)?))
}

/// What a status that is no success means for the person at the reader.
pub fn trouble(reply: &Reply) -> Trouble {
    if !reply.sound() {
        return fault::READER_GARBLED;
    }
    match reply.status() {
        0x10 | 0x11 => fault::READER_GARBLED,
        0x21 | 0x23 => fault::READER_REFUSES,
        0x31 | 0x32 => fault::CARD_AUTHENTICATION,
        0x33 | 0x37 => fault::CARD_VERIFICATION,
        0x3F | 0x40 => fault::CARD_TOO_NEW,
        0x41 | 0x47 | 0x81 => fault::CARD_MOVED,
        0x60 => fault::READER_SELF_TEST,
        0x66 => fault::READER_UNAUTHORISED,
        0x80 => fault::REMOVED,
        _ => fault::READER_FAILED,
    }
}

/// Text and photo out of a base answer: 30 01, or 30 10 with any length of fingerprints behind.
pub struct Base<'a> {
    pub text: &'a [u8],
    pub photo: &'a [u8],
}

/// Splits the data of a base answer. Fingerprints, where a reader sends them unasked, are left out.
///
/// # Errors
/// `card_garbled` when the inner lengths are not 256 and 1,024 or do not add up.
pub fn base(data: &[u8]) -> Result<Base<'_>, Trouble> {
    let len = |at: usize| data.get(at..at + 2).map(|pair| usize::from(u16::from_be_bytes([pair[0], pair[1]])));
    let (Some(256), Some(1024)) = (len(0), len(2)) else { return Err(fault::CARD_GARBLED) };
    let start = match data.len() {
        1284 => 4,
        longer if len(4).is_some_and(|prints| matches!(prints, 0 | 512 | 1024) && longer == 6 + 256 + 1024 + prints) => 6,
        _ => return Err(fault::CARD_GARBLED),
    };
    let (text, rest) = data[start..].split_at_checked(256).ok_or(fault::CARD_GARBLED)?;
    let photo = rest.get(..1024).ok_or(fault::CARD_GARBLED)?;
    Ok(Base { text, photo })
}

/// The last added address that is not blank.
pub fn new_address(data: &[u8]) -> Option<String> {
    data.chunks_exact(ADDRESS_LEN).rev().find_map(|entry| crate::units::field(entry).filled().map(str::to_owned))
}

#[cfg(test)]
#[path = "sdt_x_tests.rs"]
mod x_tests;
