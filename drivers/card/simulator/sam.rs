//! A persona as an SDT reader: a security module that answers frames, with its real-life habits.

use crate::sdt::frame;
use crate::simulator::fault::{Fault, Moment, What};
use crate::simulator::persona::{Kind, Persona};

/// What goes back on the line for one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    pub delay_ms: u64,
    pub bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Placed,
    Found,
    Selected,
    /// Read well: not found again until it leaves the field.
    Read,
}

struct Card {
    persona: Persona,
    faults: Vec<Fault>,
    exchanges: usize,
    stage: Stage,
}

/// A module with or without a card on it.
#[derive(Default)]
pub struct Sam {
    card: Option<Card>,
    buffer: Vec<u8>,
}

impl Sam {
    /// Lays a card on the reader; the one that lay there is taken away.
    pub fn insert(&mut self, persona: Persona, faults: Vec<Fault>) {
        self.card = Some(Card { persona, faults, exchanges: 0, stage: Stage::Placed });
    }

    pub fn remove(&mut self) {
        self.card = None;
    }

    pub fn has_card(&self) -> bool {
        self.card.is_some()
    }

    /// Takes bytes from the host and gives back what the module sends, request by request.
    pub fn receive(&mut self, bytes: &[u8]) -> Vec<Output> {
        self.buffer.extend_from_slice(bytes);
        let mut outputs = Vec::new();
        loop {
            let start = self.buffer.windows(5).position(|window| window == crate::sdt::PREAMBLE);
            let Some(start) = start else {
                let keep = self.buffer.len().min(4);
                self.buffer.drain(..self.buffer.len() - keep);
                return outputs;
            };
            self.buffer.drain(..start);
            let Some(&[high, low]) = self.buffer.get(5..7) else { return outputs };
            let len = usize::from(u16::from_be_bytes([high, low]));
            if !(3..=16).contains(&len) {
                self.buffer.drain(..5);
                outputs.push(answer(0x11, &[]));
                continue;
            }
            if self.buffer.len() < 7 + len {
                return outputs;
            }
            let request: Vec<u8> = self.buffer.drain(..7 + len).skip(5).collect();
            let holds = request.iter().fold(0, |check, byte| check ^ byte) == 0;
            outputs.push(if holds { self.respond(&request[2..request.len() - 1]) } else { answer(0x10, &[]) });
        }
    }

    fn respond(&mut self, command: &[u8]) -> Output {
        let moment = match command {
            [0x20, 0x01] => Moment::Find,
            [0x20, 0x02] => Moment::Select,
            [0x30, 0x01 | 0x10] => Moment::Text,
            [0x30, 0x03] => Moment::Address,
            [0x10 | 0x11, 0xFF] => return answer(0x90, &[]),
            [0x12, 0xFF] => return answer(0x90, &[5, 0, 3, 0, 0x92, 0xB7, 0x32, 1, 1, 0, 0, 0, 0xD2, 2, 0x96, 0x49]),
            _ => return answer(0x21, &[]),
        };
        let Some(card) = &mut self.card else {
            return match moment {
                Moment::Find => answer(0x80, &[]),
                Moment::Select => answer(0x81, &[]),
                _ => answer(0x41, &[]),
            };
        };
        let exchange = card.exchanges;
        card.exchanges += 1;
        let struck = card.faults.iter().find(|fault| fault.strikes(moment, exchange)).map(|fault| fault.what);
        if struck == Some(What::Remove) {
            self.card = None;
            return self.respond(command);
        }
        let mut output = card.regular(moment, command[1] == 0x10);
        match struck {
            Some(What::Silence) => output.bytes.clear(),
            Some(What::Slow { ms }) => output.delay_ms = ms,
            Some(What::WrongChecksum) => {
                if let Some(check) = output.bytes.last_mut() {
                    *check ^= 0x5A;
                }
            }
            Some(What::Stray) => {
                output.bytes.splice(..0, [0xAA, 0x00]);
            }
            Some(What::TwoCards) => return answer([0x80, 0x31, 0x81, 0x32][exchange % 4], &[]),
            Some(What::Refuse) => return answer(0x40, &[]),
            Some(What::Remove) | None => {}
        }
        output
    }
}

impl Card {
    fn regular(&mut self, moment: Moment, prints: bool) -> Output {
        let readable = !matches!(self.persona.kind, Kind::SocialSecurity | Kind::SeenOnly | Kind::Foreign);
        match (moment, self.stage) {
            // A card that is no identity card is not there for the module.
            (Moment::Find, _) if !readable => answer(0x80, &[]),
            (Moment::Find, Stage::Read) => answer(0x80, &[]),
            (Moment::Find, _) => {
                self.stage = Stage::Found;
                answer(0x9F, &[0; 4])
            }
            (Moment::Select, Stage::Found) => {
                self.stage = Stage::Selected;
                answer(0x90, &[0; 8])
            }
            (Moment::Select, _) => answer(0x81, &[]),
            (Moment::Text, Stage::Selected | Stage::Read) => {
                self.stage = Stage::Read;
                let (head, tail): (&[u8], &[u8]) = if prints { (&[1, 0, 4, 0, 4, 0], &[0; 1024]) } else { (&[1, 0, 4, 0], &[]) };
                answer(0x90, &[head, &self.persona.text_block(), &self.persona.photo(), tail].concat())
            }
            (Moment::Address, Stage::Read) => match self.persona.added_addresses() {
                Some(data) => answer(0x90, &data),
                None => answer(0x91, &[]),
            },
            _ => answer(0x41, &[]),
        }
    }
}

fn answer(sw3: u8, data: &[u8]) -> Output {
    Output { delay_ms: 0, bytes: frame(&[&[0, 0, sw3], data].concat()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apdu::scripted::hex;

    fn ask(sam: &mut Sam, request: &str) -> Vec<u8> {
        sam.receive(&hex(request)).into_iter().flat_map(|output| output.bytes).collect()
    }

    #[test]
    fn the_module_answers_the_printed_frames_with_the_printed_answers() {
        let mut sam = Sam::default();
        assert_eq!(ask(&mut sam, "AAAAAA9669000311FFED"), hex("AAAAAA9669000400009094"));
        assert_eq!(ask(&mut sam, "AAAAAA96690003200122"), hex("AAAAAA9669000400008084"));
        assert_eq!(ask(&mut sam, "AAAAAA9669000312FFEE"), hex("AAAAAA96690014000090 0500030092B7320101000000D2029649 9A"));
        let persona = Persona::parse("title = 'x'\nkind = 'resident_id'\nname = '李样本'").unwrap();
        sam.insert(persona, Vec::new());
        assert_eq!(ask(&mut sam, "AAAAAA96690003200221"), hex("AAAAAA9669000400008185"), "select before find");
        assert_eq!(ask(&mut sam, "AAAAAA96690003200122"), hex("AAAAAA9669000800009F0000000097"));
        assert_eq!(ask(&mut sam, "AAAAAA96690003200221"), hex("AAAAAA9669000C00009000000000000000009C"));
        assert_eq!(ask(&mut sam, "AAAAAA96690003300132").len(), 1295);
        assert_eq!(ask(&mut sam, "AAAAAA96690003300330"), hex("AAAAAA9669000400009195"));
        assert_eq!(ask(&mut sam, "AAAAAA96690003200122"), hex("AAAAAA9669000400008084"), "found once only");
        assert_eq!(ask(&mut sam, "AAAAAA96690003200123"), hex("AAAAAA96690004000010 14"), "wrong check byte");
    }

    #[test]
    fn fingerprints_would_move_everything_by_two() {
        let mut sam = Sam::default();
        sam.insert(Persona::parse("title = 'x'\nkind = 'resident_id'").unwrap(), Vec::new());
        ask(&mut sam, "AAAAAA96690003200122");
        ask(&mut sam, "AAAAAA96690003200221");
        assert_eq!(ask(&mut sam, "AAAAAA96690003301023").len(), 2321);
    }

    #[test]
    fn requests_in_pieces_and_noise_are_understood() {
        let mut sam = Sam::default();
        assert!(ask(&mut sam, "FFAAAAAA96").is_empty());
        assert_eq!(ask(&mut sam, "69000311FFED"), hex("AAAAAA9669000400009094"));
    }
}
