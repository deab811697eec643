//! A persona as an APDU machine: a reader's pseudo-APDUs for identity cards, the files of a
//! social-security card, and everything else refused.

use crate::simulator::fault::{Fault, Moment, What};
use crate::simulator::persona::{Kind, Persona};

/// What the card does with one command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reaction {
    Answer(Vec<u8>),
    /// After this many milliseconds.
    Late(u64, Vec<u8>),
    /// The card leaves.
    Leaves,
    /// Nothing, ever.
    Silence,
}

/// One card in one slot, from insertion to removal.
pub struct Chip {
    persona: Persona,
    faults: Vec<Fault>,
    exchanges: usize,
    /// The file that is current after a SELECT.
    selected: Option<u16>,
    text: [u8; 256],
    photo: [u8; 1024],
}

const NOT_FOUND: [u8; 2] = [0x6A, 0x82];
const OK: [u8; 2] = [0x90, 0x00];

impl Chip {
    pub fn new(persona: Persona, faults: Vec<Fault>) -> Self {
        let (text, photo) = (persona.text_block(), persona.photo());
        Self { persona, faults, exchanges: 0, selected: None, text, photo }
    }

    pub fn atr(&self) -> Vec<u8> {
        self.persona.atr()
    }

    /// Power on or reset: what was selected is forgotten. Exchanges go on counting.
    pub fn reset(&mut self) {
        self.selected = None;
    }

    /// Answers an APDU.
    pub fn answer(&mut self, apdu: &[u8]) -> Reaction {
        let moment = match apdu {
            [0xFF, 0xB0, 0x00, ..] => Moment::Text,
            [0xFF, 0xB0, ..] => Moment::Photo,
            [_, 0xA4, ..] => Moment::Select,
            _ => Moment::Text,
        };
        let exchange = self.exchanges;
        self.exchanges += 1;
        let struck = self.faults.iter().find(|fault| fault.strikes(moment, exchange)).map(|fault| fault.what);
        let answer = self.regular(apdu);
        match struck {
            Some(What::Remove) => Reaction::Leaves,
            Some(What::Silence) => Reaction::Silence,
            Some(What::Slow { ms }) => Reaction::Late(ms, answer),
            Some(What::Refuse) => Reaction::Answer(vec![0x69, 0x82]),
            _ => Reaction::Answer(answer),
        }
    }

    fn regular(&mut self, apdu: &[u8]) -> Vec<u8> {
        match self.persona.kind {
            Kind::SeenOnly | Kind::Foreign => NOT_FOUND.to_vec(),
            Kind::SocialSecurity => self.social(apdu),
            _ => self.identity(apdu),
        }
    }

    fn identity(&self, apdu: &[u8]) -> Vec<u8> {
        let head = [0x01, 0x00, 0x04, 0x00];
        let data = match apdu {
            [0xFF, 0xB0, 0x00, ..] => [&head[..], &self.text].concat(),
            [0xFF, 0xB0, 0x01, ..] => [&head[..], &self.photo[..252]].concat(),
            [0xFF, 0xB0, block @ 0x02..=0x04, ..] => {
                let start = 252 + 256 * (usize::from(*block) - 2);
                self.photo[start..start + 256].to_vec()
            }
            [0xFF, 0xB0, 0x05, ..] => self.photo[1020..].to_vec(),
            // What a reader says of a card with this name: the number is nought for every such card.
            [0xFF, 0xCA, 0x00, 0x00, ..] => vec![0; 4],
            _ => return NOT_FOUND.to_vec(),
        };
        [&data[..], &OK].concat()
    }

    fn social(&mut self, apdu: &[u8]) -> Vec<u8> {
        match apdu {
            [0x00, 0xA4, 0x04, 0x00, 0x0F, name @ ..] if name.starts_with(b"sx1.sh.") => {
                self.selected = Some(0);
                [&[0x6F, 0x02, 0x84, 0x00][..], &OK].concat()
            }
            [0x00, 0xA4, 0x00 | 0x02, 0x00, 0x02, high, low] if self.selected.is_some() => {
                let file = u16::from_be_bytes([*high, *low]);
                if !matches!(file, 0xEF05 | 0xEF06) {
                    return NOT_FOUND.to_vec();
                }
                self.selected = Some(file);
                OK.to_vec()
            }
            [0x00, 0xB2, tag, 0x00, le] => self.record(*tag, *le),
            _ => vec![0x6D, 0x00],
        }
    }

    fn record(&self, tag: u8, le: u8) -> Vec<u8> {
        let persona = &self.persona;
        let packed = |digits: &str| -> Vec<u8> {
            let nibble = |c: char| c.to_digit(16).unwrap_or(0xF) as u8;
            let digits: Vec<char> = digits.chars().collect();
            digits.chunks(2).map(|pair| nibble(pair[0]) << 4 | pair.get(1).map_or(0xF, |c| nibble(*c))).collect()
        };
        let name = encoding_rs::GB18030.encode(&persona.name).0.into_owned();
        let (first, second) = name.split_at(name.len().min(30));
        let value = match (self.selected, tag) {
            (Some(0xEF05), 0x01) => {
                let tail = persona.card_number.bytes().fold(1u8, |sum, byte| sum.wrapping_mul(31) ^ byte);
                [&[0, 0, 0, 0xD1, 0x56, 0, 0, 5][..], &[0; 7], &[tail]].concat()
            }
            (Some(0xEF05), 0x03) => format!("{}.00", persona.generation).into_bytes(),
            (Some(0xEF05), 0x05) => packed(&persona.valid_from),
            (Some(0xEF05), 0x06) => packed(&persona.valid_until),
            (Some(0xEF05), 0x07) => padded(persona.card_number.as_bytes(), 9),
            (Some(0xEF06), 0x08) => padded(persona.number.as_bytes(), 18),
            (Some(0xEF06), 0x09) => padded(first, 30),
            (Some(0xEF06), 0x4E) if persona.generation > 1 => padded(second, 20),
            (Some(0xEF06), 0x0A) => padded(persona.sex.as_bytes(), 1),
            (Some(0xEF06), 0x0B) => packed(&persona.nation),
            (Some(0xEF06), 0x0D) => packed(&persona.birth),
            _ => return vec![0x6A, 0x83],
        };
        let free = self.selected == Some(0xEF05) && matches!(tag, 0x01 | 0x03 | 0x07);
        if persona.generation >= 3 && !free {
            return vec![0x69, 0x82];
        }
        let whole = [&[tag, value.len() as u8][..], &value].concat();
        if le != 0 && usize::from(le) != whole.len() {
            return vec![0x6C, whole.len() as u8];
        }
        [&whole[..], &OK].concat()
    }
}

fn padded(bytes: &[u8], len: usize) -> Vec<u8> {
    bytes.iter().copied().chain(std::iter::repeat(0)).take(len).collect()
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;
    use crate::apdu::Channel;
    use crate::fault::Fault as Line;
    use crate::profile::Profiles;
    use crate::recognise;

    impl Channel for Chip {
        fn transmit(&mut self, apdu: &[u8]) -> Result<Zeroizing<Vec<u8>>, Line> {
            match self.answer(apdu) {
                Reaction::Answer(answer) | Reaction::Late(_, answer) => Ok(Zeroizing::new(answer)),
                Reaction::Leaves => Err(Line::Removed),
                Reaction::Silence => Err(Line::Timeout),
            }
        }

        fn control(&mut self, _: u32, _: &[u8]) -> Result<Zeroizing<Vec<u8>>, Line> {
            Err(Line::Unsupported)
        }
    }

    fn read(text: &str, faults: &[&str]) -> Result<devices::CardRecord, &'static str> {
        let faults = faults.iter().map(|fault| fault.parse().unwrap()).collect();
        let mut chip = Chip::new(Persona::parse(text).unwrap(), faults);
        let atr = chip.atr();
        recognise::read(&mut chip, "Virtual PCD 00 00", &atr, &Profiles::load(None).unwrap())
            .map(|reading| reading.record)
            .map_err(|failure| failure.trouble().code)
    }

    const SOCIAL: &str = "title = 's'\nkind = 'social_security'\nname = '李样本'\nsex = '2'\nnation = '01'\nbirth = '19500308'\n\
        number = '00000019500308002X'\nvalid_from = '20200101'\nvalid_until = '20300101'\ncard_number = 'A00000001'\n";

    #[test]
    fn the_driver_reads_what_the_simulator_plays() {
        let text = include_str!("../../../assets/demo/personas/li-yangben.toml");
        let card = read(text, &[]).unwrap();
        let persona = Persona::parse(text).unwrap();
        assert_eq!(card.name, persona.name);
        assert_eq!(card.photo.as_deref(), Some(&persona.photo()[..]));
        for generation in 1..=3 {
            let card = read(&format!("{SOCIAL}generation = {generation}"), &[]).unwrap();
            assert_eq!(card.card_number.as_deref(), Some("A00000001"));
            assert_eq!(card.name.is_empty(), generation == 3);
        }
    }

    #[test]
    fn faults_strike_where_they_say() {
        let text = include_str!("../../../assets/demo/personas/li-yangben.toml");
        for fault in ["remove-during-text", "remove-during-photo", "remove-during-5"] {
            assert_eq!(read(text, &[fault]).err(), Some("card_removed_while_reading"), "{fault}");
        }
        assert_eq!(read(text, &["silence-during-photo"]).err(), Some("reader_silent"));
        assert!(read(text, &["refuse-during-photo"]).unwrap().warnings.contains(&"photo_not_read"));
        assert!(read(text, &["remove-during-6"]).is_ok());
    }
}
