//! The 256-byte text block of identity cards (GA/T 490 and the rules for J, I and Y cards).
//!
//! The type flag at byte 248 alone decides the layout. A number, a prefix or a nation can only
//! warn; an unknown flag is shown raw and fills in nothing.

use devices::{CardRecord, CardType};
use zeroize::Zeroizing;

use crate::{
    codes,
    dates::{Date, Until, until},
    number,
    units::{Field, field, is_blank},
};

/// Bytes of a text block.
pub const LEN: usize = 256;
/// Where the type flag stands.
const FLAG: usize = 248;

/// What a text block holds.
pub enum Block {
    /// A card of a known layout.
    Record(Box<CardRecord>),
    /// A card type that this driver does not know. The text is for the eye only.
    Unknown {
        /// The unit at byte 248.
        flag: u16,
        text: Zeroizing<String>,
    },
}

/// Why a text block is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    #[error("a text block has 256 bytes, not {0}")]
    Length(usize),
    /// Seen after radio errors: nothing but blanks or noughts.
    #[error("the text block is blank")]
    Blank,
}

/// Reads a text block.
///
/// # Errors
/// [`BlockError`] when the length is not 256 or nothing stands in it.
pub fn parse(block: &[u8]) -> Result<Block, BlockError> {
    let block: &[u8; LEN] = block.try_into().map_err(|_| BlockError::Length(block.len()))?;
    if is_blank(block) {
        return Err(BlockError::Blank);
    }
    let flag = u16::from_le_bytes([block[FLAG], block[FLAG + 1]]);
    let record = match flag {
        0x0020 | 0x0000 => citizen(block),
        0x004A => residence_permit(block),
        0x0049 => permanent_2017(block),
        0x0059 => permanent_2023(block),
        _ => return Ok(Block::Unknown { flag, text: field(block).text }),
    };
    Ok(Block::Record(Box::new(record)))
}

/// A record under construction. The record wipes itself when it is dropped half-made.
struct Draft<'a> {
    block: &'a [u8; LEN],
    record: CardRecord,
}

impl<'a> Draft<'a> {
    fn new(block: &'a [u8; LEN], card: CardType) -> Self {
        Self { block, record: blank(card) }
    }

    fn field(&self, at: usize, len: usize) -> Field {
        field(self.block.get(at..at + len).unwrap_or_default())
    }

    fn text(&self, at: usize, len: usize) -> Option<String> {
        self.field(at, len).filled().map(str::to_owned)
    }

    fn warn(&mut self, code: &'static str) {
        if !self.record.warnings.contains(&code) {
            self.record.warnings.push(code);
        }
    }

    fn name(&mut self, at: usize, len: usize) {
        let name = self.field(at, len);
        for (set, code) in [
            (name.marks.private_use, "name_private_use"),
            (name.marks.lone_surrogate, "name_lone_surrogate"),
            (name.marks.control, "name_control"),
            (name.marks.full, "name_possibly_cut"),
            (name.text.is_empty(), "name_blank"),
        ] {
            if set {
                self.warn(code);
            }
        }
        self.record.name = name.text.to_string();
    }

    /// GB/T 2261.1 has 0, 1, 2 and 9; anything else is no sex, and never "the other one".
    fn sex(&mut self, at: usize) {
        match self.field(at, 2).filled() {
            Some(code @ ("0" | "1" | "2" | "9")) => self.record.sex = code.parse().ok(),
            Some(_) => self.warn("sex_code"),
            None => self.warn("sex_blank"),
        }
    }

    fn nation(&mut self, at: usize) {
        let Some(code) = self.text(at, 4) else { return self.warn("nation_blank") };
        let name = codes::nation(&code).unwrap_or_else(|| {
            self.warn("nation_code");
            ""
        });
        self.record.nation = Some((code, name.to_owned()));
    }

    fn date(&mut self, at: usize, blank: &'static str, unreadable: &'static str) -> Option<String> {
        let text = self.field(at, 16).text;
        let date = Date::from_digits(&text).map(Date::iso);
        if date.is_none() {
            self.warn(if text.is_empty() { blank } else { unreadable });
        }
        date
    }

    fn birth(&mut self, at: usize) {
        self.record.birth = self.date(at, "birth_blank", "birth_date");
        if self.record.birth.as_deref().and_then(Date::from_iso).is_some_and(|birth| birth.year < 1880) {
            self.warn("birth_date");
        }
    }

    fn validity(&mut self, from: usize, to: usize) {
        self.record.valid_from = self.date(from, "valid_from_blank", "valid_from_date");
        self.record.valid_until = match until(&self.field(to, 16).text) {
            Until::Date(date) => Some(date.iso()),
            Until::LongTerm => Some("long_term".to_owned()),
            Until::Blank => {
                self.warn("valid_until_blank");
                None
            }
            Until::Unreadable => {
                self.warn("valid_until_date");
                None
            }
        };
    }

    fn address(&mut self, at: usize) {
        let address = self.field(at, 70);
        if address.marks.full {
            self.warn("address_possibly_cut");
        }
        if address.marks.private_use || address.marks.lone_surrogate || address.marks.control {
            self.warn("address_characters");
        }
        self.record.address = address.filled().map(str::to_owned);
    }

    fn number_18(&mut self, at: usize, heads: fn(&str) -> bool) {
        let number = self.field(at, 36).text.replace('x', "X");
        let warnings = number::warn_18(&number, self.record.birth.as_deref(), self.record.sex, heads);
        self.record.warnings.extend(warnings);
        self.record.number = Some(number).filter(|number| !number.is_empty());
    }
}

/// A record with nothing in it but its kind.
pub(crate) fn blank(card: CardType) -> CardRecord {
    CardRecord {
        card,
        name: String::new(),
        name_latin: None,
        sex: None,
        nation: None,
        nationality: None,
        birth: None,
        address: None,
        new_address: None,
        number: None,
        old_number: None,
        issuer: None,
        valid_from: None,
        valid_until: None,
        social_security_number: None,
        card_number: None,
        generation: None,
        photo: None,
        warnings: Vec::new(),
    }
}

/// The citizen's identity card (居民身份证).
fn citizen(block: &[u8; LEN]) -> CardRecord {
    let mut draft = Draft::new(block, CardType::ResidentId);
    draft.name(0, 30);
    draft.sex(30);
    draft.nation(32);
    draft.birth(36);
    draft.address(52);
    draft.number_18(122, codes::is_province);
    draft.record.issuer = draft.text(158, 30);
    draft.validity(188, 204);
    draft.record
}

/// Residence permit for Hong Kong, Macao and Taiwan residents (港澳台居民居住证). It has no nation.
fn residence_permit(block: &[u8; LEN]) -> CardRecord {
    let mut draft = Draft::new(block, CardType::HkmtResidence);
    draft.name(0, 30);
    draft.sex(30);
    draft.birth(36);
    draft.address(52);
    draft.number_18(122, |head| matches!(head, "81" | "82" | "83"));
    draft.record.issuer = draft.text(158, 30);
    draft.validity(188, 204);
    draft.record.card_number = draft.text(220, 18);
    draft.record
}

/// Foreigner's permanent residence card, 2017 edition. Its issuer is not in the chip.
fn permanent_2017(block: &[u8; LEN]) -> CardRecord {
    let mut draft = Draft::new(block, CardType::ForeignPermanent2017);
    draft.name(158, 30);
    let latin = draft.field(0, 120);
    if latin.marks.full {
        draft.warn("name_latin_possibly_cut");
    }
    draft.record.name_latin = latin.filled().map(str::to_owned);
    draft.sex(120);
    draft.record.number = draft.text(122, 30);
    draft.record.nationality = draft.text(152, 6);
    draft.birth(220);
    draft.validity(188, 204);
    let warnings = number::warn_15(draft.record.number.as_deref().unwrap_or_default());
    draft.record.warnings.extend(warnings);
    latin_only(&mut draft.record);
    draft.record
}

/// Foreigner's permanent residence card, 2023 edition.
fn permanent_2023(block: &[u8; LEN]) -> CardRecord {
    let mut draft = Draft::new(block, CardType::ForeignPermanent2023);
    draft.name(0, 30);
    draft.sex(30);
    draft.birth(36);
    // 35 + 11 units: the first part is joined untrimmed, because a blank may stand at the seam.
    let joined = Zeroizing::new([&block[52..122], &block[220..242]].concat());
    let latin = field(&joined);
    if latin.marks.full {
        draft.warn("name_latin_possibly_cut");
    }
    draft.record.name_latin = latin.filled().map(str::to_owned);
    draft.record.nationality = draft.text(242, 6);
    draft.number_18(122, |head| head.starts_with('9'));
    draft.validity(188, 204);
    let link = draft.field(250, 6).text;
    let record = &mut draft.record;
    if let (Some(nationality), Some(number)) = (&record.nationality, &record.number) {
        record.old_number = number::old_number(nationality, number, &link);
    }
    latin_only(record);
    draft.record
}

/// A foreigner without a Chinese name goes by the other one.
fn latin_only(record: &mut CardRecord) {
    if record.name.is_empty()
        && let Some(latin) = &record.name_latin
    {
        record.name.clone_from(latin);
        record.warnings.retain(|code| *code != "name_blank");
    }
}

/// What is odd about a record on a day, as stable codes: `expired`, `not_yet_valid`,
/// `birth_in_future`. A computer whose clock stands before 2024 (dead battery) is not asked.
pub fn warnings_on(record: &CardRecord, today: Date) -> Vec<&'static str> {
    if today.year < 2024 {
        return Vec::new();
    }
    let date = |text: &Option<String>| text.as_deref().and_then(Date::from_iso);
    let mut warnings = Vec::new();
    if date(&record.valid_until).is_some_and(|until| until < today) {
        warnings.push("expired");
    }
    if date(&record.valid_from).is_some_and(|from| from > today) {
        warnings.push("not_yet_valid");
    }
    if date(&record.birth).is_some_and(|birth| birth > today) {
        warnings.push("birth_in_future");
    }
    warnings
}

/// Builds a citizen-layout block; the simulator and the tests write cards with it.
pub(crate) fn put(block: &mut [u8], at: usize, len: usize, text: &str) {
    let units: Vec<u16> = crate::units::encode(text).iter().copied().chain(std::iter::repeat(0x0020)).take(len / 2).collect();
    for (pair, unit) in block[at..at + len].chunks_exact_mut(2).zip(units) {
        pair.copy_from_slice(&unit.to_le_bytes());
    }
}

#[cfg(test)]
#[path = "text_block_x_tests.rs"]
mod x_tests;
