//! A persona file: who the card says it is, in the chip's own terms, so that wrong values can be played too.

use std::path::Path;

use serde::Deserialize;

use crate::text_block::{LEN, put};

/// What kind of card a persona has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    ResidentId,
    HkmtResidence,
    #[serde(rename = "foreign_permanent_2017")]
    ForeignPermanent2017,
    #[serde(rename = "foreign_permanent_2023")]
    ForeignPermanent2023,
    SocialSecurity,
    /// An identity card on a reader without a security module: seen, never read.
    SeenOnly,
    /// A card of somebody else's world (bank, bus): answers every command with "not found".
    Foreign,
}

/// A persona. All values are written to the chip as they stand here.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Persona {
    /// One line for lists.
    pub title: String,
    pub kind: Kind,
    /// Replaces the type flag of the kind (one character).
    pub type_flag: Option<String>,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub name_latin: String,
    /// GB/T 2261.1, one character.
    #[serde(default)]
    pub sex: String,
    /// GB/T 3304, two digits.
    #[serde(default)]
    pub nation: String,
    #[serde(default)]
    pub nationality: String,
    /// `YYYYMMDD`
    #[serde(default)]
    pub birth: String,
    #[serde(default)]
    pub address: String,
    /// Added addresses, four at most.
    #[serde(default)]
    pub new_address: Vec<String>,
    #[serde(default)]
    pub number: String,
    #[serde(default)]
    pub issuer: String,
    #[serde(default)]
    pub valid_from: String,
    /// `YYYYMMDD` or 长期
    #[serde(default)]
    pub valid_until: String,
    /// J: travel permit.
    #[serde(default)]
    pub permit: String,
    /// Y: three characters that link to the earlier number.
    #[serde(default)]
    pub link: String,
    /// Social security: 1, 2 or 3.
    #[serde(default)]
    pub generation: u8,
    /// Social security: number printed on the card.
    #[serde(default)]
    pub card_number: String,
}

impl Persona {
    /// Reads a persona from the text of its file.
    ///
    /// # Errors
    /// A sentence of the parser: unknown key, missing kind, not TOML.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    /// Reads a persona file.
    ///
    /// # Errors
    /// As [`Persona::parse`], or when the file cannot be read.
    pub fn load(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Self::parse(&text).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// The 256-byte text block of an identity card.
    pub fn text_block(&self) -> [u8; LEN] {
        let mut block = [0; LEN];
        put(&mut block, 0, LEN, "");
        if self.kind == Kind::ForeignPermanent2017 {
            put(&mut block, 0, 120, &self.name_latin);
            put(&mut block, 120, 2, &self.sex);
            put(&mut block, 122, 30, &self.number);
            put(&mut block, 152, 6, &self.nationality);
            put(&mut block, 158, 30, &self.name);
            put(&mut block, 220, 16, &self.birth);
            put(&mut block, 236, 12, "011500");
        } else {
            put(&mut block, 0, 30, &self.name);
            put(&mut block, 30, 2, &self.sex);
            put(&mut block, 36, 16, &self.birth);
            put(&mut block, 122, 36, &self.number);
            put(&mut block, 158, 30, &self.issuer);
        }
        put(&mut block, 188, 16, &self.valid_from);
        put(&mut block, 204, 16, &self.valid_until);
        match self.kind {
            Kind::HkmtResidence => {
                put(&mut block, 52, 70, &self.address);
                put(&mut block, 220, 18, &self.permit);
                put(&mut block, 238, 4, "01");
            }
            Kind::ForeignPermanent2023 => {
                put(&mut block, 32, 4, "00");
                let latin: Vec<char> = self.name_latin.chars().collect();
                let (first, second) = latin.split_at(latin.len().min(35));
                put(&mut block, 52, 70, &first.iter().collect::<String>());
                put(&mut block, 158, 30, "");
                put(&mut block, 220, 22, &second.iter().collect::<String>());
                put(&mut block, 242, 6, &self.nationality);
                put(&mut block, 250, 6, &self.link);
            }
            Kind::ForeignPermanent2017 => {}
            _ => {
                put(&mut block, 32, 4, &self.nation);
                put(&mut block, 52, 70, &self.address);
            }
        }
        let flag = match self.kind {
            Kind::HkmtResidence => "J",
            Kind::ForeignPermanent2017 => "I",
            Kind::ForeignPermanent2023 => "Y",
            _ => "",
        };
        put(&mut block, 248, 2, self.type_flag.as_deref().unwrap_or(flag));
        block
    }

    /// A photo of 1,024 bytes that is recognisably this persona's and no picture of anybody.
    pub fn photo(&self) -> [u8; 1024] {
        let mut photo = [0; 1024];
        let seed = self.number.bytes().chain(self.name.bytes()).fold(0x5Au8, |seed, byte| seed.rotate_left(3) ^ byte);
        for (at, byte) in photo.iter_mut().enumerate() {
            *byte = seed.wrapping_add((at % 251) as u8);
        }
        photo[..4].copy_from_slice(b"WLf~");
        photo
    }

    /// The added addresses as the reader answers them, or `None` when there is none.
    pub fn added_addresses(&self) -> Option<Vec<u8>> {
        if self.new_address.is_empty() {
            return None;
        }
        let mut data = vec![0; 280];
        put(&mut data, 0, 280, "");
        for (entry, text) in data.chunks_exact_mut(70).zip(&self.new_address) {
            put(entry, 0, 70, text);
        }
        Some(data)
    }

    /// Answer to reset. Identity cards in a reader with a security module show 9000 at hex character 26.
    pub fn atr(&self) -> Vec<u8> {
        let mut atr = match self.kind {
            Kind::SeenOnly => vec![0x3B, 0x88, 0x80, 0x01, 0xD1, 0x03, 0x86, 0x0C, 0x00, 0x80, 0x80, 0x00],
            Kind::SocialSecurity | Kind::Foreign => vec![0x3B, 0x84, 0x80, 0x01, b'S', b'S', b'S', b'E'],
            _ => vec![0x3B, 0x8B, 0x80, 0x01, 0x00, 0x64, 0x04, 0x11, 0x01, 0x01, 0x31, 0x80, 0x00, 0x90, 0x00],
        };
        atr.push(atr.iter().skip(1).fold(0, |check, byte| check ^ byte));
        atr
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::text_block::{Block, parse};

    fn personas() -> Vec<(String, Persona)> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../assets/demo/personas");
        let mut found: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
            .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), Persona::load(&path).unwrap()))
            .collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found
    }

    #[test]
    fn every_persona_of_the_demo_is_what_it_says() {
        let personas = personas();
        assert!(personas.len() >= 5);
        for (name, persona) in personas {
            if matches!(persona.kind, Kind::SocialSecurity | Kind::SeenOnly | Kind::Foreign) {
                continue;
            }
            match parse(&persona.text_block()).unwrap() {
                Block::Record(card) => {
                    assert!(persona.type_flag.is_none(), "{name}");
                    assert_eq!(card.name, persona.name, "{name}");
                    assert_eq!(card.number.as_deref(), Some(persona.number.as_str()), "{name}");
                    let odd: Vec<_> = card.warnings.iter().filter(|code| **code != "number_specimen").collect();
                    assert!(odd.is_empty(), "{name}: {odd:?}");
                }
                Block::Unknown { .. } => assert!(persona.type_flag.is_some(), "{name}"),
            }
        }
    }

    #[test]
    fn unknown_keys_are_refused() {
        assert!(Persona::parse("title = 'x'\nkind = 'resident_id'\nnmae = 'y'").is_err());
        assert!(Persona::parse("title = 'x'\nkind = 'passport'").is_err());
        assert!(Persona::parse("title = 'x'\nkind = 'resident_id'").is_ok());
    }
}
