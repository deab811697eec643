//! Who somebody is: what a card or a hand gave, and where it came from.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Personal;

/// Where identity data came from. A clerk sees this beside the name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Source {
    /// Read from the chip in one read session; `read_event` is new for every read.
    Card { read_event: Uuid, read_at: jiff::Timestamp },
    /// Typed by hand (手工录入).
    Manual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardKind {
    ResidentId,
    HkmtResidence,
    // Without the names serde would run word and year together; what was sealed so stays readable.
    #[serde(rename = "foreign_permanent_2017", alias = "foreign_permanent2017")]
    ForeignPermanent2017,
    #[serde(rename = "foreign_permanent_2023", alias = "foreign_permanent2023")]
    ForeignPermanent2023,
    SocialSecurity,
    /// Typed by hand: no card was read.
    None,
}

/// GB/T 2261.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    Male,
    Female,
    Unknown,
    Unspecified,
}

/// Nation (民族) by GB/T 3304: two digits and its Chinese name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nation {
    pub code: String,
    pub name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValidUntil {
    Date(Date),
    /// 长期
    LongTerm,
}

/// A person as a card or a hand gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub source: Source,
    pub card: CardKind,
    pub name: Personal<String>,
    pub sex: Sex,
    pub nation: Option<Nation>,
    pub birth: Option<Date>,
    pub address: Personal<String>,
    /// Citizen number (公民身份号码) or the number of the other card kinds.
    pub number: Personal<String>,
    pub issuer: String,
    pub valid_from: Option<Date>,
    pub valid_until: Option<ValidUntil>,
    /// Stable codes, e.g. `name_possibly_cut`, `number_checksum`.
    pub warnings: Vec<String>,
}

/// Why a typed citizen number (GB 11643) is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberFault {
    Empty,
    Length { digits: usize },
    Character,
    Birth,
    Checksum,
}

/// Checks 18 characters by GB 11643 (MOD 11-2) and the birth date inside.
pub fn check_citizen_number(text: &str) -> Result<(), NumberFault> {
    if text.is_empty() {
        return Err(NumberFault::Empty);
    }
    let len = text.chars().count();
    if len != 18 {
        return Err(NumberFault::Length { digits: len });
    }
    let bytes = text.as_bytes();
    if bytes.len() != 18 || !bytes[..17].iter().all(u8::is_ascii_digit) || !(bytes[17].is_ascii_digit() || bytes[17] == b'X') {
        return Err(NumberFault::Character);
    }
    if birth_in_number(text).is_none() {
        return Err(NumberFault::Birth);
    }
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = bytes[..17].iter().zip(WEIGHTS).map(|(d, w)| u32::from(d - b'0') * w).sum();
    if b"10X98765432"[(sum % 11) as usize] != bytes[17] {
        return Err(NumberFault::Checksum);
    }
    Ok(())
}

/// Birth date written in an 18-character number, when it is a real date.
pub fn birth_in_number(text: &str) -> Option<Date> {
    let part = |a: usize, b: usize| text.get(a..b)?.parse::<i16>().ok();
    Date::new(part(6, 10)?, part(10, 12)? as i8, part(12, 14)? as i8).ok()
}

/// The part of an address that ends with its village: `…样本镇石榴村` of `…样本镇石榴村3组12号`; empty
/// where none is named.
pub fn village_of(address: &str) -> &str {
    let end = ["村委会", "村", "社区"].iter().filter_map(|word| address.rfind(word).map(|at| at + word.len())).max();
    end.map_or("", |end| &address[..end])
}

/// Sex written in an 18-character number: odd is male.
pub fn sex_in_number(text: &str) -> Option<Sex> {
    let digit = text.as_bytes().get(16)?;
    digit.is_ascii_digit().then(|| if digit % 2 == 1 { Sex::Male } else { Sex::Female })
}

/// Full years of age on a day.
pub fn age_on(birth: Date, day: Date) -> i16 {
    let years = day.year() - birth.year();
    if (day.month(), day.day()) < (birth.month(), birth.day()) { years - 1 } else { years }
}

/// `610***********002X`: the first three and the last four characters.
pub fn mask_number(number: &str) -> String {
    let chars: Vec<char> = number.chars().collect();
    if chars.len() <= 7 {
        return "*".repeat(chars.len());
    }
    let stars = "*".repeat(chars.len() - 7);
    chars[..3].iter().collect::<String>() + &stars + &chars[chars.len() - 4..].iter().collect::<String>()
}

/// `王*`, `欧阳*`: the family name and one star.
pub fn mask_name(name: &str) -> String {
    const TWO: [&str; 12] = ["欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "令狐", "慕容", "司徒", "夏侯"];
    let keep = if TWO.iter().any(|two| name.starts_with(two)) && name.chars().count() > 2 { 2 } else { 1 };
    name.chars().take(keep).collect::<String>() + "*"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_examples_of_gb_11643_pass_and_their_neighbours_fail() {
        assert_eq!(check_citizen_number("11010519491231002X"), Ok(()));
        assert_eq!(check_citizen_number("440524188001010014"), Ok(()));
        assert_eq!(check_citizen_number("110105194912310021"), Err(NumberFault::Checksum));
        assert_eq!(check_citizen_number("11010519491331002X"), Err(NumberFault::Birth));
        assert_eq!(check_citizen_number("1101051949123100"), Err(NumberFault::Length { digits: 16 }));
        assert_eq!(check_citizen_number("11010519491231002x"), Err(NumberFault::Character));
        assert_eq!(check_citizen_number(""), Err(NumberFault::Empty));
    }

    #[test]
    fn kinds_of_card_are_written_as_scripts_know_them() {
        let written = |kind: CardKind| serde_json::to_string(&kind).unwrap();
        assert_eq!(written(CardKind::ForeignPermanent2017), r#""foreign_permanent_2017""#);
        assert_eq!(written(CardKind::ForeignPermanent2023), r#""foreign_permanent_2023""#);
        assert_eq!(written(CardKind::HkmtResidence), r#""hkmt_residence""#);
        let before: CardKind = serde_json::from_str(r#""foreign_permanent2017""#).unwrap();
        assert_eq!(before, CardKind::ForeignPermanent2017);
    }

    #[test]
    fn masks_show_three_and_four() {
        assert_eq!(mask_number("11010519491231002X"), "110***********002X");
        assert_eq!(mask_number("1234567"), "*******");
        assert_eq!(mask_name("欧阳样本"), "欧阳*");
        assert_eq!(mask_name("王样本"), "王*");
    }

    #[test]
    fn age_turns_on_the_birthday() {
        let birth = Date::new(1950, 3, 8).unwrap();
        assert_eq!(age_on(birth, Date::new(2026, 3, 7).unwrap()), 75);
        assert_eq!(age_on(birth, Date::new(2026, 3, 8).unwrap()), 76);
    }
}
