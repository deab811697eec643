//! Case numbers (办件号) minted without a network, and query codes (查询码).
//!
//! `SLC-7KQM-2237-H`: service point · serial of the terminal and epoch of its cabinet · sequence ·
//! check character (ISO 7064 MOD 37-36 over everything before it). A number never holds 0, O, 1
//! or I, so it can be read aloud and written down.

use std::fmt;

/// The 32 characters of a number: digits and letters without 0, O, 1, I.
pub const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// Values of ISO 7064 MOD 37-36 in order.
const ISO: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Of the 32 characters that may stand last in the sequence at least 28 lead to a check
/// character without 0, O, 1, I, because the check is a bijection of the last character.
const LAST_CHOICES: u64 = 28;

/// Numbers of one terminal and epoch: three free characters and one of 28.
pub const SEQUENCE_END: u64 = 32 * 32 * 32 * LAST_CHOICES;

const SERIAL_LEN: usize = 2;
const EPOCH_LEN: usize = 2;
const SEQUENCE_LEN: usize = 4;
const TAIL_LEN: usize = SERIAL_LEN + EPOCH_LEN + SEQUENCE_LEN + 1;
/// Length of a service point's code.
pub const POINT_LEN: std::ops::RangeInclusive<usize> = 2..=6;

/// A case number in its one spelling, with dashes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CaseNumber(String);

impl CaseNumber {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The parts one after another, as they are read aloud.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        self.0.split('-')
    }
}

impl fmt::Display for CaseNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<CaseNumber> for String {
    fn from(number: CaseNumber) -> Self {
        number.0
    }
}

/// Why no number can be minted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MintFault {
    /// The point's code, the serial or the epoch has a wrong length or a character outside [`ALPHABET`].
    #[error("{part} cannot be part of a case number")]
    Part { part: &'static str },
    /// All numbers of this epoch are used: the cabinet must draw a new epoch.
    #[error("the sequence of this epoch is used up")]
    Exhausted,
}

/// Why a typed number is no case number. `at` counts characters from 1, without dashes and spaces.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberFault {
    #[error("{characters} characters cannot be a case number")]
    Length { characters: usize },
    /// A character that never stands in a number: 0, O, 1, I or a sign.
    #[error("character {at} never stands in a case number")]
    Character { at: usize, found: char },
    /// One character is wrong or two were swapped.
    #[error("the check character does not fit")]
    Check,
}

impl NumberFault {
    /// Stable code for texts.
    pub fn code(&self) -> &'static str {
        match self {
            NumberFault::Length { .. } => "number_length",
            NumberFault::Character { .. } => "number_character",
            NumberFault::Check => "number_check",
        }
    }
}

/// True when a service point may carry this code (it starts every number of the point).
pub fn point_fits(code: &str) -> bool {
    POINT_LEN.contains(&code.len()) && sayable(code)
}

/// Two characters from two random bytes: the epoch of a cabinet, the serial of a terminal.
pub fn two_characters(random: [u8; 2]) -> String {
    random.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

/// The `n`th serial of a hall, from 0; 1024 terminals are possible.
pub fn serial(n: u32) -> Option<String> {
    let n = usize::try_from(n).ok().filter(|n| *n < 32 * 32)?;
    Some([ALPHABET[n / 32], ALPHABET[n % 32]].map(char::from).iter().collect())
}

/// Mints the number of this sequence. The same arguments always give the same number, different
/// sequences always give different numbers.
pub fn mint(point: &str, serial: &str, epoch: &str, sequence: u64) -> Result<CaseNumber, MintFault> {
    if !point_fits(point) {
        return Err(MintFault::Part { part: "point" });
    }
    for (part, text, len) in [("serial", serial, SERIAL_LEN), ("epoch", epoch, EPOCH_LEN)] {
        if text.len() != len || !sayable(text) {
            return Err(MintFault::Part { part });
        }
    }
    if sequence >= SEQUENCE_END {
        return Err(MintFault::Exhausted);
    }
    let mut body = format!("{point}{serial}{epoch}");
    let block = sequence / LAST_CHOICES;
    for shift in [32 * 32, 32, 1] {
        body.push(char::from(ALPHABET[(block / shift % 32) as usize]));
    }
    let (last, check) = ALPHABET
        .iter()
        .map(|last| (*last, check_character(body.bytes().chain([*last]))))
        .filter(|(_, check)| ALPHABET.contains(check))
        .nth((sequence % LAST_CHOICES) as usize)
        .expect("a check character is a bijection of the last character, so 28 of 32 are sayable");
    body.push(char::from(last));
    body.push(char::from(check));
    Ok(CaseNumber(grouped(&body)))
}

/// Reads a typed number back. Case, dashes, spaces and full-width forms do not matter.
pub fn parse(text: &str) -> Result<CaseNumber, NumberFault> {
    let plain: Vec<char> = text.chars().map(half_width).filter(|c| !c.is_whitespace() && !DASHES.contains(c)).collect();
    if !(POINT_LEN.start() + TAIL_LEN..=POINT_LEN.end() + TAIL_LEN).contains(&plain.len()) {
        return Err(NumberFault::Length { characters: plain.len() });
    }
    let mut body = String::with_capacity(plain.len());
    for (i, c) in plain.into_iter().enumerate() {
        let upper = c.to_ascii_uppercase();
        if !upper.is_ascii() || !ALPHABET.contains(&(upper as u8)) {
            return Err(NumberFault::Character { at: i + 1, found: c });
        }
        body.push(upper);
    }
    let (front, check) = body.split_at(body.len() - 1);
    if check.as_bytes() != [check_character(front.bytes())] {
        return Err(NumberFault::Check);
    }
    Ok(CaseNumber(grouped(&body)))
}

/// Six digits that open a case's state to who holds the slip.
pub fn query_code(random: [u8; 8]) -> String {
    // 2^64 is so much larger than 10^6 that the remainder favours no code noticeably.
    format!("{:06}", u64::from_be_bytes(random) % 1_000_000)
}

/// ISO 7064 MOD 37-36 (hybrid system) over capital letters and digits.
fn check_character(body: impl Iterator<Item = u8>) -> u8 {
    let mut p = 36;
    for byte in body {
        let value = ISO.iter().position(|c| *c == byte).expect("bodies hold digits and capital letters only");
        let sum = (p + value) % 36;
        p = if sum == 0 { 36 } else { sum } * 2 % 37;
    }
    ISO[(37 - p) % 36]
}

fn sayable(text: &str) -> bool {
    text.bytes().all(|byte| ALPHABET.contains(&byte))
}

fn grouped(body: &str) -> String {
    let point = body.len() - TAIL_LEN;
    let machine = point + SERIAL_LEN + EPOCH_LEN;
    let sequence = machine + SEQUENCE_LEN;
    format!("{}-{}-{}-{}", &body[..point], &body[point..machine], &body[machine..sequence], &body[sequence..])
}

const DASHES: [char; 6] = ['-', '‐', '‑', '–', '—', '−'];

/// Full-width letters, digits and dashes as the Chinese keyboard gives them.
fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_check_character_is_the_published_one() {
        // ISO 7064 MOD 37-36 specimen used by the Global Release Identifier standard.
        assert_eq!(check_character(b"A12425GABC1234002".iter().copied()), b'M');
    }

    #[test]
    fn a_number_is_grouped_for_reading_and_has_no_doubtful_character() {
        let number = mint("SLC", "7K", "QM", 0).unwrap();
        assert_eq!(number.groups().map(str::len).collect::<Vec<_>>(), [3, 4, 4, 1]);
        assert!(number.as_str().starts_with("SLC-7KQM-222"));
        assert!(!number.as_str().contains(['0', 'O', '1', 'I']));
    }

    #[test]
    fn ten_thousand_sequences_are_ten_thousand_numbers() {
        let all: BTreeSet<_> = (0..10_000).map(|n| mint("SLC", "22", "22", n).unwrap()).collect();
        assert_eq!(all.len(), 10_000);
        assert!(mint("SLC", "22", "22", SEQUENCE_END - 1).is_ok());
        assert_eq!(mint("SLC", "22", "22", SEQUENCE_END), Err(MintFault::Exhausted));
    }

    #[test]
    fn what_cannot_be_said_is_no_part_of_a_number() {
        for (point, serial, epoch, part) in [
            ("SIC", "22", "22", "point"),
            ("", "22", "22", "point"),
            ("S", "22", "22", "point"),
            ("SLC", "2", "22", "serial"),
            ("SLC", "22", "0A", "epoch"),
        ] {
            assert_eq!(mint(point, serial, epoch, 7), Err(MintFault::Part { part }));
        }
        assert!(point_fits("SLC") && !point_fits("slc") && !point_fits("SLC0001"));
    }

    #[test]
    fn typed_numbers_are_forgiven_their_dress_and_told_their_fault() {
        let number = mint("SLC", "7K", "QM", 87).unwrap();
        let plain: String = number.groups().collect();
        assert_eq!(parse(&plain.to_lowercase()), Ok(number.clone()));
        assert_eq!(parse(&format!(" {} ", number.as_str().replace('-', " - "))), Ok(number.clone()));
        let full: String = number.as_str().chars().map(|c| char::from_u32(c as u32 + 0xfee0).unwrap()).collect();
        assert_eq!(parse(&full), Ok(number.clone()));
        assert_eq!(parse(&plain[1..]).unwrap_err().code(), "number_check");
        assert_eq!(parse("SLC"), Err(NumberFault::Length { characters: 3 }));
        assert_eq!(parse(&plain.replacen('S', "0", 1)), Err(NumberFault::Character { at: 1, found: '0' }));
    }

    #[test]
    fn query_codes_keep_their_leading_zeros() {
        assert_eq!(query_code([0; 8]), "000000");
        assert_eq!(query_code(1_735_120u64.to_be_bytes()), "735120");
    }

    #[test]
    fn serials_count_up_and_end() {
        assert_eq!(serial(0).as_deref(), Some("22"));
        assert_eq!(serial(33).as_deref(), Some("33"));
        assert_eq!(serial(1023).as_deref(), Some("ZZ"));
        assert_eq!(serial(1024), None);
        assert_eq!(two_characters([0, 31]), "2Z");
    }

    proptest! {
        #[test]
        fn a_wrong_character_is_always_found(sequence in 0..SEQUENCE_END, at in 0usize..12, other in 0usize..32) {
            let number = mint("SLC", "7K", "QM", sequence).unwrap();
            let mut plain: Vec<u8> = number.groups().collect::<String>().into_bytes();
            prop_assert_eq!(parse(std::str::from_utf8(&plain).unwrap()).unwrap(), number);
            prop_assume!(plain[at] != ALPHABET[other]);
            plain[at] = ALPHABET[other];
            prop_assert_eq!(parse(std::str::from_utf8(&plain).unwrap()), Err(NumberFault::Check));
        }
    }
}
