//! The social-security card (社会保障卡), generations 1 to 3, as far as it reads without keys.
//!
//! Records are read by tag, because their numbers shift between generations. No PIN is ever sent,
//! the bank application on the same chip is never selected, and a card that withholds its holder
//! file (third generation without the ministry's module) gives what it gives, with the reason.

use devices::{CardRecord, CardType};
use zeroize::{Zeroize, Zeroizing};

use crate::apdu::{Channel, exchange};
use crate::dates::Date;
use crate::fault::{Failure, Fault};
use crate::reading::Reading;
use crate::text_block::blank;
use crate::{codes, number, tlv};

/// SELECT SSSE by name: "sx1.sh." and 社会保障 in GBK.
const SELECT: &[u8] =
    &[0x00, 0xA4, 0x04, 0x00, 0x0F, 0x73, 0x78, 0x31, 0x2E, 0x73, 0x68, 0x2E, 0xC9, 0xE7, 0xBB, 0xE1, 0xB1, 0xA3, 0xD5, 0xCF];
const ISSUER_FILE: [u8; 2] = [0xEF, 0x05];
const HOLDER_FILE: [u8; 2] = [0xEF, 0x06];
/// Records looked at when a card cannot be asked by tag.
const RECORDS_MAX: u8 = 8;

/// Bytes of each record as the card rules give them; Le is two more, for the head.
const CHIP: (u8, u8) = (0x01, 16);
const VERSION: (u8, u8) = (0x03, 4);
const ISSUED: (u8, u8) = (0x05, 4);
const EXPIRES: (u8, u8) = (0x06, 4);
const CARD_NUMBER: (u8, u8) = (0x07, 9);
const NUMBER: (u8, u8) = (0x08, 18);
const NAME: (u8, u8) = (0x09, 30);
const NAME_MORE: (u8, u8) = (0x4E, 20);
const SEX: (u8, u8) = (0x0A, 1);
const NATION: (u8, u8) = (0x0B, 1);
const BIRTH: (u8, u8) = (0x0D, 4);

/// One file's records by tag; wiped when dropped.
#[derive(Default)]
struct File {
    records: Vec<(u8, Zeroizing<Vec<u8>>)>,
    /// The card has the record and does not give it without keys.
    withheld: bool,
}

impl File {
    fn get(&self, tag: (u8, u8)) -> Option<&[u8]> {
        self.records.iter().find(|(found, _)| *found == tag.0).map(|(_, value)| value.as_slice())
    }

    fn text(&self, tag: (u8, u8)) -> Option<String> {
        self.get(tag).and_then(tlv::text).filter(|text| !text.is_empty())
    }

    fn date(&self, tag: (u8, u8)) -> Option<String> {
        Date::from_digits(&tlv::digits(self.get(tag)?)?).map(Date::iso)
    }
}

/// Reads a social-security card; `None` when the card is none.
pub(crate) fn read(channel: &mut dyn Channel) -> Result<Option<Reading>, Failure> {
    if !selected(exchange(channel, SELECT)?.sw) {
        return Ok(None);
    }
    let issuer = file(channel, ISSUER_FILE, &[CHIP, VERSION, ISSUED, EXPIRES, CARD_NUMBER])?;
    let holder = file(channel, HOLDER_FILE, &[NUMBER, NAME, NAME_MORE, SEX, NATION, BIRTH])?;
    let chip = issuer.get(CHIP).map(|chip| Zeroizing::new(chip.to_vec()));
    Ok(Some(Reading { record: record(&issuer, &holder), chip }))
}

/// 9000, more data, or "selected file invalidated", which still selects. Anything else leaves the
/// bank application current, whose files have the same names.
fn selected(sw: u16) -> bool {
    matches!(sw, 0x9000 | 0x6283) || sw >> 8 == 0x61
}

fn file(channel: &mut dyn Channel, name: [u8; 2], tags: &[(u8, u8)]) -> Result<File, Fault> {
    let mut file = File::default();
    let mut sw = 0;
    // Both forms of SELECT FILE occur.
    for p1 in [0x02, 0x00] {
        sw = exchange(channel, &[0x00, 0xA4, p1, 0x00, 0x02, name[0], name[1]])?.sw;
        if selected(sw) {
            break;
        }
    }
    if !selected(sw) {
        file.withheld = matches!(sw, 0x6982 | 0x6985);
        return Ok(file);
    }
    let mut by_tag = false;
    for (tag, len) in tags {
        let answer = exchange(channel, &[0x00, 0xB2, *tag, 0x00, len + 2])?;
        match answer.sw {
            0x9000 => match tlv::value(*tag, &answer.data) {
                Ok(value) => {
                    by_tag = true;
                    file.records.push((*tag, Zeroizing::new(value.to_vec())));
                }
                // An empty answer is how some third-generation cards say no.
                Err(tlv::TlvError::Empty) => file.withheld = true,
                Err(_) => {}
            },
            0x6982 | 0x6985 => {
                by_tag = true;
                file.withheld = true;
            }
            _ => {}
        }
    }
    if !by_tag && !file.withheld {
        by_number(channel, &mut file)?;
    }
    Ok(file)
}

/// For cards that do not know reading by tag: every record by number, told apart by its own tag.
fn by_number(channel: &mut dyn Channel, file: &mut File) -> Result<(), Fault> {
    for number in 1..=RECORDS_MAX {
        let answer = exchange(channel, &[0x00, 0xB2, number, 0x04, 0x00])?;
        match answer.sw {
            0x9000 => {
                if let Ok((tag, value)) = tlv::record(&answer.data) {
                    file.records.push((tag, Zeroizing::new(value.to_vec())));
                }
            }
            0x6A83 => break,
            0x6982 | 0x6985 => file.withheld = true,
            _ => {}
        }
    }
    Ok(())
}

fn record(issuer: &File, holder: &File) -> CardRecord {
    let mut record = blank(CardType::SocialSecurity);
    record.card_number = issuer.text(CARD_NUMBER);
    record.generation = issuer.text(VERSION).and_then(|version| version.get(..1).map(str::to_owned));
    record.valid_from = issuer.date(ISSUED);
    record.valid_until = issuer.date(EXPIRES);

    let mut name = Zeroizing::new(Vec::with_capacity(64));
    for part in [NAME, NAME_MORE] {
        name.extend_from_slice(holder.get(part).unwrap_or_default());
    }
    record.name = gb_text(&name, &mut record.warnings);
    record.sex = match holder.get(SEX) {
        Some([code @ (b'0' | b'1' | b'2' | b'9')]) => Some(code - b'0'),
        Some([]) | None => None,
        Some(_) => {
            record.warnings.push("sex_code");
            None
        }
    };
    record.nation = holder.get(NATION).and_then(tlv::digits).filter(|code| !code.is_empty() && code != "00").map(|code| {
        let name = codes::nation(&code).unwrap_or_else(|| {
            record.warnings.push("nation_code");
            ""
        });
        (code, name.to_owned())
    });
    record.birth = holder.date(BIRTH);
    record.social_security_number = holder.text(NUMBER).map(|number| number.replace('x', "X"));
    if let Some(number) = &record.social_security_number {
        // The number of most holders is their citizen number; foreigners carry other numbering.
        let warnings = number::warn_18(number, record.birth.as_deref(), record.sex, codes::is_province);
        let citizen = !warnings.iter().any(|code| matches!(*code, "number_length" | "number_characters" | "number_checksum"));
        record.number = citizen.then(|| number.clone());
        record.warnings.extend(warnings);
    }
    if issuer.withheld || holder.withheld {
        record.warnings.push("social_needs_psam");
    } else if record.name.is_empty() {
        record.warnings.push("name_blank");
    }
    record
}

/// Text in GBK or GB 18030. Both parts of a name are joined before this: a character may straddle them.
fn gb_text(bytes: &[u8], warnings: &mut Vec<&'static str>) -> String {
    let used = bytes.iter().rposition(|b| !matches!(b, 0x00 | 0xFF | 0x20)).map_or(0, |last| last + 1);
    let (text, _, damaged) = encoding_rs::GB18030.decode(&bytes[..used]);
    let mut text = text.into_owned();
    if damaged {
        warnings.push("name_characters");
    }
    // Padding between the two parts of a name that fits into the first.
    let trimmed: String = text.chars().filter(|c| *c != '\0').collect();
    text.zeroize();
    if trimmed.chars().any(|c| matches!(u32::from(c), 0xE000..=0xF8FF)) {
        warnings.push("name_private_use");
    }
    trimmed.trim_end().to_owned()
}

#[cfg(test)]
#[path = "social_x_tests.rs"]
mod x_tests;
