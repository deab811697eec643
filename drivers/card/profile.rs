//! Reader profiles: how a maker's PC/SC reader gives out an identity card, as data.

use std::path::Path;

use serde::Deserialize;

use crate::apdu::historical_bytes;
use crate::fault;
use devices::Trouble;

const BUILT_IN: &str = include_str!("../../assets/devices/readers.toml");
/// Blocks of one profile; a text and a photo need seven at most in any known reader.
const BLOCKS_MAX: usize = 64;

/// All profiles, in the order of the file.
#[derive(Clone, Debug)]
pub(crate) struct Profiles {
    profiles: Vec<Profile>,
    fallback: usize,
    seen_only: Vec<Vec<u8>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Profile {
    pub id: String,
    patterns: Vec<String>,
    pub way: Way,
}

#[derive(Clone, Debug)]
pub(crate) enum Way {
    Blocks(Vec<Block>),
    Sdt(Wrapping),
}

/// One pseudo-APDU and what its answer holds.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub apdu: Vec<u8>,
    pub skip: usize,
    pub text: usize,
    pub photo: usize,
}

/// How an SDT frame is carried.
#[derive(Clone, Debug)]
pub(crate) struct Wrapping {
    /// `None`: inside an APDU. `Some(n)`: by SCardControl with SCARD_CTL_CODE(n).
    pub function: Option<u32>,
    parts: Vec<Part>,
    pub head: usize,
    pub tail: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Bytes(Vec<u8>),
    Frame,
    Len,
    Len16,
}

impl Wrapping {
    /// The frame as this reader wants it.
    pub fn wrap(&self, frame: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(frame.len() + 16);
        for part in &self.parts {
            match part {
                Part::Bytes(bytes) => out.extend_from_slice(bytes),
                Part::Frame => out.extend_from_slice(frame),
                // Requests have ten or eleven bytes.
                Part::Len => out.push(frame.len() as u8),
                Part::Len16 => out.extend_from_slice(&(frame.len() as u16).to_be_bytes()),
            }
        }
        out
    }

    /// The answering frame without what the reader put around it.
    pub fn unwrap<'a>(&self, answer: &'a [u8]) -> Option<&'a [u8]> {
        answer.get(self.head..answer.len().checked_sub(self.tail)?)
    }
}

impl Profiles {
    /// The built-in profiles, or those of a file that replaces them.
    ///
    /// # Errors
    /// `reader_profiles` when the file cannot be read or understood; what is wrong goes to the log.
    pub fn load(path: Option<&Path>) -> Result<Self, Trouble> {
        let text = match path {
            None => BUILT_IN.to_owned(),
            Some(path) => std::fs::read_to_string(path).map_err(|error| {
                tracing::warn!(%error, "reader profiles cannot be read");
                fault::READER_PROFILES
            })?,
        };
        Self::parse(&text).map_err(|error| {
            tracing::warn!(%error, "reader profiles cannot be understood");
            fault::READER_PROFILES
        })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let raw: RawFile = toml::from_str(text).map_err(|error| error.to_string())?;
        let profiles: Vec<Profile> = raw.profile.into_iter().map(Profile::try_from).collect::<Result<_, _>>()?;
        let fallback = profiles
            .iter()
            .position(|profile| profile.id == raw.fallback)
            .ok_or_else(|| format!("fallback names no profile: {}", raw.fallback))?;
        let seen_only = raw.seen_only.iter().map(|atr| hex(atr)).collect::<Result<_, _>>()?;
        Ok(Self { profiles, fallback, seen_only })
    }

    /// The profile whose pattern fits a reader's name.
    pub fn by_reader(&self, name: &str) -> Option<&Profile> {
        let name = name.to_lowercase();
        self.profiles.iter().find(|profile| profile.patterns.iter().any(|pattern| glob(pattern, &name)))
    }

    /// How a reader is asked for cards that the service does not see: a module behind control
    /// commands finds its cards itself, and PC/SC may never say that one lies there.
    pub fn asked(&self, name: &str) -> Option<&Wrapping> {
        match &self.by_reader(name)?.way {
            Way::Sdt(wrapping) if wrapping.function.is_some() => Some(wrapping),
            Way::Sdt(_) | Way::Blocks(_) => None,
        }
    }

    /// The profile for an ATR with 9000 at hex character 26, whatever the reader's name.
    pub fn by_atr(&self, atr: &[u8]) -> Option<&Profile> {
        (atr.get(13..15) == Some(&[0x90, 0x00])).then(|| &self.profiles[self.fallback])
    }

    /// Whether an ATR is that of an identity card that only a security module can read.
    pub fn seen_only(&self, atr: &[u8]) -> bool {
        historical_bytes(atr).starts_with(&[0xD1, 0x03, 0x86]) || self.seen_only.iter().any(|listed| listed == atr)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    fallback: String,
    seen_only: Vec<String>,
    profile: Vec<RawProfile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawProfile {
    id: String,
    readers: Vec<String>,
    blocks: Option<Vec<RawBlock>>,
    sdt_apdu: Option<RawWrapping>,
    sdt_control: Option<RawWrapping>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBlock {
    apdu: String,
    #[serde(default)]
    skip: usize,
    #[serde(default)]
    text: usize,
    #[serde(default)]
    photo: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWrapping {
    function: Option<u32>,
    wrap: String,
    #[serde(default)]
    head: usize,
    #[serde(default)]
    tail: usize,
}

impl TryFrom<RawProfile> for Profile {
    type Error = String;

    fn try_from(raw: RawProfile) -> Result<Self, String> {
        let of = |what: &str| format!("profile {}: {what}", raw.id);
        let way = match (raw.blocks, raw.sdt_apdu, raw.sdt_control) {
            (Some(blocks), None, None) => Way::Blocks(self::blocks(blocks).map_err(|error| of(&error))?),
            (None, Some(wrapping), None) if wrapping.function.is_none() => {
                Way::Sdt(wrapping.parsed().map_err(|error| of(&error))?)
            }
            (None, None, Some(wrapping)) if wrapping.function.is_some() => {
                Way::Sdt(wrapping.parsed().map_err(|error| of(&error))?)
            }
            _ => return Err(of("wants exactly one of blocks, sdt_apdu (no function), sdt_control (with function)")),
        };
        let patterns = raw.readers.iter().map(|pattern| pattern.to_lowercase()).collect();
        Ok(Self { id: raw.id, patterns, way })
    }
}

fn blocks(raw: Vec<RawBlock>) -> Result<Vec<Block>, String> {
    let blocks: Vec<Block> = raw
        .into_iter()
        .map(|raw| Ok(Block { apdu: hex(&raw.apdu)?, skip: raw.skip, text: raw.text, photo: raw.photo }))
        .collect::<Result<_, String>>()?;
    let text: usize = blocks.iter().map(|block| block.text).fold(0, usize::saturating_add);
    let photo: usize = blocks.iter().map(|block| block.photo).fold(0, usize::saturating_add);
    let sizes = blocks.iter().all(|block| block.skip <= 1024 && block.apdu.len() >= 4 && block.apdu.len() <= 261);
    if text != 256 || !matches!(photo, 0 | 1024) || blocks.len() > BLOCKS_MAX || !sizes {
        return Err(format!("text must be 256 bytes in all and photo 1024 or none, not {text} and {photo}"));
    }
    Ok(blocks)
}

impl RawWrapping {
    fn parsed(self) -> Result<Wrapping, String> {
        let mut parts = Vec::new();
        for word in self.wrap.split_whitespace() {
            parts.push(match word {
                "{frame}" => Part::Frame,
                "{len}" => Part::Len,
                "{len16}" => Part::Len16,
                bytes => Part::Bytes(hex(bytes)?),
            });
        }
        if !parts.contains(&Part::Frame) {
            return Err("wrap lacks {frame}".to_owned());
        }
        Ok(Wrapping { function: self.function, parts, head: self.head, tail: self.tail })
    }
}

fn hex(text: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<u32> = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_digit(16).ok_or_else(|| format!("no hex: {text}")))
        .collect::<Result<_, _>>()?;
    if !digits.len().is_multiple_of(2) {
        return Err(format!("half a byte: {text}"));
    }
    Ok(digits.chunks_exact(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect())
}

/// `*` stands for any run of characters.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATR: &str = "3B 8B 80 01 00 64 04 11 01 01 31 80 00 90 00 5A";

    #[test]
    fn the_built_in_file_is_sound() {
        let profiles = Profiles::load(None).unwrap();
        assert_eq!(profiles.by_reader("Sinosecure Passport Reader 00 00").map(|found| found.id.as_str()), Some("ff-b0"));
        assert!(profiles.by_reader("Virtual PCD 00 00").is_none());
    }

    #[test]
    fn nine_thousand_at_character_26_means_the_fallback() {
        let profiles = Profiles::load(None).unwrap();
        assert!(profiles.by_atr(&hex(ATR).unwrap()).is_some());
        assert!(profiles.by_atr(&hex("3B 88 80 01 D1 03 86 05 00 80 80 00 58").unwrap()).is_none());
        assert!(profiles.by_atr(&[]).is_none());
    }

    #[test]
    fn trap_10_identity_cards_on_plain_readers_are_known_by_their_atr_family() {
        let profiles = Profiles::load(None).unwrap();
        for atr in [
            "3B 88 80 01 D1 03 86 05 00 80 80 00 58",
            "3B 88 80 01 D1 03 86 0C 00 80 80 00 51",
            "3B 88 80 01 D1 03 86 07 00 80 90 00 4A",
            "3B 86 80 01 80 4F 03 F0 01 00 3A",
            "3B 8F 80 01 80 4F 0C A0 00 00 03 06 07 FF B0 00 00 00 00 20",
        ] {
            assert!(profiles.seen_only(&hex(atr).unwrap()), "{atr}");
        }
        for atr in ["3B 8B 80 01 20 70 01 00 00 00 00 07 1C 61 51 70", "3B 00", ""] {
            assert!(!profiles.seen_only(&hex(atr).unwrap()), "{atr}");
        }
    }

    #[test]
    fn a_new_maker_is_a_few_lines() {
        let profiles = Profiles::parse(
            r#"fallback = "made-up"
               seen_only = []
               [[profile]]
               id = "made-up"
               readers = ["maker * id*"]
               sdt_control = { function = 1, wrap = "CA DF {len16} {frame} E3", head = 2, tail = 1 }"#,
        )
        .unwrap();
        let Some(Profile { way: Way::Sdt(wrapping), .. }) = profiles.by_reader("MAKER 100 ID reader 00 00") else { panic!() };
        assert_eq!(wrapping.wrap(&[1, 2, 3]), [0xCA, 0xDF, 0, 3, 1, 2, 3, 0xE3]);
        assert_eq!(wrapping.unwrap(&[9, 9, 1, 2, 9]), Some(&[1, 2][..]));
        assert_eq!(wrapping.unwrap(&[9, 9]), None);
        assert_eq!(wrapping.unwrap(&[]), None);
    }

    #[test]
    fn a_broken_file_is_refused_with_its_reason() {
        let file = |body: &str| format!("fallback = \"x\"\nseen_only = []\n[[profile]]\nid = \"x\"\nreaders = []\n{body}");
        for body in [
            "",
            "blocks = []",
            "blocks = [{ apdu = 'FF B0 00 00 00', text = 255 }]",
            "blocks = [{ apdu = 'FF B', text = 256 }]",
            "blocks = [{ apdu = 'FF B0 00 00 00', text = 256, colour = 1 }]",
            "sdt_apdu = { wrap = 'FF 00' }",
            "sdt_apdu = { function = 1, wrap = '{frame}' }",
            "sdt_control = { wrap = '{frame}' }",
            "sdt_control = { function = 1, wrap = 'XY {frame}' }",
        ] {
            assert!(Profiles::parse(&file(body)).is_err(), "{body}");
        }
        assert!(Profiles::parse(&file("blocks = [{ apdu = 'FF B0 00 00 00', text = 256 }]")).is_ok());
        let missing = tempfile::tempdir().unwrap();
        let error = Profiles::load(Some(&missing.path().join("none.toml"))).unwrap_err();
        assert_eq!(error.code, "reader_profiles");
    }

    #[test]
    fn patterns_match_as_a_person_expects() {
        for (pattern, text, fits) in [
            ("sinosecu*", "sinosecure 00", true),
            ("*secure*", "a sinosecure b", true),
            ("a*c", "abc", true),
            ("a*c", "abcd", false),
            ("abc", "abc", true),
            ("abc", "abcd", false),
            ("*", "", true),
            ("a*b*a", "aba", true),
            ("ab*ba", "aba", false),
        ] {
            assert_eq!(glob(pattern, text), fits, "{pattern} {text}");
        }
    }
}
