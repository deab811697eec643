//! UTF-16 little-endian fields of a chip, kept whole.
//!
//! The standard says UCS-2 (GB 13000); newer issuers may write surrogate pairs, older cards carry
//! private-use units of a police font, and radio errors leave halves of pairs. None of that may be
//! lost or guessed: [`decode`] and [`encode`] are inverse to each other for every unit sequence.

use zeroize::Zeroizing;

/// A lone surrogate `u` is kept as the private-use character `U+100000 + u`; pairs that would
/// decode into that very range are kept as two lone halves, so that the way back is unambiguous.
const LONE: u32 = 0x10_0000;
const LONE_FIRST: u32 = LONE + 0xD800;
const LONE_LAST: u32 = LONE + 0xDFFF;

/// What is remarkable about a field's characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// A private-use character: it has no meaning without the issuer's font.
    pub private_use: bool,
    /// Half of a surrogate pair.
    pub lone_surrogate: bool,
    /// A control character inside the text.
    pub control: bool,
    /// Every unit of the field is taken: the value may have been cut by the issuer.
    pub full: bool,
}

/// One field: its text without the padding at its tail, and what is remarkable about it.
pub struct Field {
    pub text: Zeroizing<String>,
    pub marks: Marks,
}

impl Field {
    /// Text of the field, or `None` when it is blank.
    pub fn filled(&self) -> Option<&str> {
        (!self.text.is_empty()).then_some(self.text.as_str())
    }
}

fn is_padding(unit: u16) -> bool {
    matches!(unit, 0x0020 | 0x0000 | 0x3000)
}

/// Units of a little-endian byte field; an odd last byte is dropped.
fn units(bytes: &[u8]) -> impl DoubleEndedIterator<Item = u16> + ExactSizeIterator + Clone + '_ {
    bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
}

/// Whether nothing but padding stands in a field.
pub fn is_blank(bytes: &[u8]) -> bool {
    units(bytes).all(is_padding)
}

/// Reads a field. Only the tail is trimmed (U+0020, U+0000, U+3000): names and addresses have spaces inside.
pub fn field(bytes: &[u8]) -> Field {
    let units = units(bytes);
    let len = units.len();
    let used = units.clone().rposition(|unit| !is_padding(unit)).map_or(0, |last| last + 1);
    let text = decoded(units.take(used), used);
    let mut marks = Marks { full: used > 0 && used == len, ..Marks::default() };
    for c in text.chars() {
        let code = u32::from(c);
        if (LONE_FIRST..=LONE_LAST).contains(&code) {
            marks.lone_surrogate = true;
        } else if is_private(code) {
            marks.private_use = true;
        } else if c.is_control() {
            marks.control = true;
        }
    }
    Field { text, marks }
}

/// Decodes any units into text; see [`encode`] for the way back.
pub fn decode(units: &[u16]) -> Zeroizing<String> {
    decoded(units.iter().copied(), units.len())
}

fn decoded(units: impl Iterator<Item = u16>, len: usize) -> Zeroizing<String> {
    // Four bytes a unit at most (a lone half), so that growing never leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(len * 4));
    let lone = |unit: u16| char::from_u32(LONE + u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER);
    for decoded in char::decode_utf16(units) {
        match decoded {
            Ok(c) if (LONE_FIRST..=LONE_LAST).contains(&u32::from(c)) => {
                let mut pair = [0; 2];
                for unit in c.encode_utf16(&mut pair) {
                    text.push(lone(*unit));
                }
            }
            Ok(c) => text.push(c),
            Err(half) => text.push(lone(half.unpaired_surrogate())),
        }
    }
    text
}

/// The units that [`decode`] read.
pub fn encode(text: &str) -> Zeroizing<Vec<u16>> {
    let mut units = Zeroizing::new(Vec::with_capacity(text.len()));
    for c in text.chars() {
        let code = u32::from(c);
        if (LONE_FIRST..=LONE_LAST).contains(&code) {
            // In range by the check above: D800–DFFF.
            units.push((code - LONE) as u16);
        } else {
            units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
        }
    }
    units
}

fn is_private(code: u32) -> bool {
    matches!(code, 0xE000..=0xF8FF | 0xF_0000..=0xF_FFFD | 0x10_0000..=0x10_FFFD)
}

/// Text for the eye: a character without a portable glyph becomes `〓U+E863`.
pub fn display(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        let code = u32::from(c);
        if (LONE_FIRST..=LONE_LAST).contains(&code) {
            shown.push_str(&format!("〓U+{:04X}", code - LONE));
        } else if is_private(code) || c.is_control() {
            shown.push_str(&format!("〓U+{code:04X}"));
        } else {
            shown.push(c);
        }
    }
    shown
}

/// A name for comparison only: every separator that typists and databases use (• ・ ． ‧ · .)
/// becomes U+00B7, and blanks fall away. The value itself is stored and shown as it stood.
pub fn fold_name(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_whitespace() && *c != '\0')
        .map(|c| match c {
            '\u{2022}' | '\u{30FB}' | '\u{FF0E}' | '\u{2027}' | '\u{0387}' | '.' | '\u{FF65}' => '\u{00B7}',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn only_the_tail_is_trimmed() {
        for (given, expected) in [
            ("ZHENGJIAN, YANGBEN   ", "ZHENGJIAN, YANGBEN"),
            ("样本县 样本镇\0\0", "样本县 样本镇"),
            (" 样本　　", " 样本"),
            ("   ", ""),
            ("", ""),
        ] {
            assert_eq!(field(&bytes(given)).text.as_str(), expected);
        }
    }

    #[test]
    fn private_use_and_halves_of_pairs_are_kept_and_flagged() {
        let private = field(&bytes("王\u{E863}"));
        assert_eq!(private.text.as_str(), "王\u{E863}");
        assert!(private.marks.private_use && !private.marks.lone_surrogate);
        assert_eq!(display(&private.text), "王〓U+E863");

        let half = field(&[0x8B, 0x73, 0x40, 0xD8, 0x20, 0x00]);
        assert!(half.marks.lone_surrogate && !half.marks.private_use);
        assert_eq!(display(&half.text), "王〓U+D840");
        assert_eq!(encode(&half.text).as_slice(), [0x738B, 0xD840]);

        let whole = field(&bytes("𠀀 "));
        assert_eq!(whole.text.as_str(), "𠀀");
        assert_eq!(whole.marks, Marks::default());
    }

    #[test]
    fn a_full_field_is_flagged_as_possibly_cut() {
        assert!(field(&bytes("阿卜杜热合曼阿卜杜热合曼阿卜杜")).marks.full);
        assert!(!field(&bytes("李样本  ")).marks.full);
        assert!(!field(&bytes("  ")).marks.full);
    }

    #[test]
    fn trap_16_separators_fold_for_comparison_only() {
        for name in ["买买提·样本", "买买提•样本", "买买提・样本", "买买提．样本", "买买提‧样本", "买买提.样本", "买买提 · 样本"]
        {
            assert_eq!(fold_name(name), "买买提·样本", "{name}");
        }
    }

    proptest! {
        #[test]
        fn no_unit_is_ever_lost(units in proptest::collection::vec(any::<u16>(), 0..64)) {
            prop_assert_eq!(encode(&decode(&units)).to_vec(), units);
        }

        #[test]
        fn halves_beside_halves_come_back(units in proptest::collection::vec(0xD7FEu16..=0xE001, 0..64)) {
            prop_assert_eq!(encode(&decode(&units)).to_vec(), units);
        }
    }
}
