//! Commands to a card and their answers, with the follow-up that T=0 cards ask for.

use zeroize::Zeroizing;

use crate::fault::Fault;

/// Longest answer taken in: 4 + 256 bytes of a block and its status fit, an extended answer too.
pub(crate) const ANSWER_LEN_MAX: usize = 4096;
/// Follow-ups to one command (61xx, 6Cxx) before giving up.
const FOLLOW_UPS_MAX: usize = 40;

/// What a card answered: data and status word. The data are wiped when dropped.
pub(crate) struct Answer {
    pub data: Zeroizing<Vec<u8>>,
    pub sw: u16,
}

impl Answer {
    pub fn ok(&self) -> bool {
        self.sw == 0x9000
    }
}

/// A line to one card. One session: it ends when the value is dropped.
pub(crate) trait Channel {
    /// Sends an APDU and gives back the raw answer with its two status bytes.
    fn transmit(&mut self, apdu: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault>;

    /// Sends a command to the reader itself.
    fn control(&mut self, function: u32, data: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault>;
}

/// Sends a short APDU and follows 61xx (more data) and 6Cxx (right length) to the end.
pub(crate) fn exchange(channel: &mut dyn Channel, apdu: &[u8]) -> Result<Answer, Fault> {
    let mut command = apdu.to_vec();
    let mut data = Zeroizing::new(Vec::with_capacity(512));
    for _ in 0..FOLLOW_UPS_MAX {
        let raw = channel.transmit(&command)?;
        let Some((part, &[sw1, sw2])) = raw.split_last_chunk::<2>() else { return Err(Fault::Lost) };
        data.extend_from_slice(part);
        if data.len() > ANSWER_LEN_MAX {
            return Err(Fault::Lost);
        }
        match sw1 {
            0x61 => command = vec![0x00, 0xC0, 0x00, 0x00, sw2],
            // The length was wrong: once more with the right one, unless that is what was sent.
            0x6C if command.last() != Some(&sw2) => {
                if command.len() == 4 {
                    command.push(sw2);
                } else if let Some(le) = command.last_mut() {
                    *le = sw2;
                }
            }
            _ => return Ok(Answer { data, sw: u16::from_be_bytes([sw1, sw2]) }),
        }
    }
    Err(Fault::Lost)
}

/// The historical bytes of an answer to reset, or an empty slice when it is not one.
pub(crate) fn historical_bytes(atr: &[u8]) -> &[u8] {
    let Some(&t0) = atr.get(1) else { return &[] };
    let (mut at, mut present) = (2, t0 >> 4);
    loop {
        at += (present & 0b0111).count_ones() as usize;
        if present & 0b1000 == 0 {
            break;
        }
        let Some(&td) = atr.get(at) else { return &[] };
        present = td >> 4;
        at += 1;
    }
    let count = usize::from(t0 & 0x0F);
    atr.get(at..at + count).unwrap_or_default()
}

#[cfg(test)]
pub(crate) mod scripted {
    use super::*;

    /// A command and the answer or fault that it brings.
    pub(crate) type Step = (Vec<u8>, Result<Vec<u8>, Fault>);

    /// A card that is data.
    pub(crate) struct Script(pub Vec<Step>);

    impl Channel for Script {
        fn transmit(&mut self, apdu: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
            let at = self.0.iter().position(|(command, _)| command == apdu);
            match at {
                Some(at) => self.0.remove(at).1.map(Zeroizing::new),
                None => Ok(Zeroizing::new(vec![0x6A, 0x82])),
            }
        }

        fn control(&mut self, _: u32, data: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
            self.transmit(data)
        }
    }

    pub(crate) fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
        digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::scripted::{Script, hex};
    use super::*;

    #[test]
    fn trap_20_a_t0_card_is_followed_to_its_end() {
        let mut card = Script(vec![
            (hex("00A40400 02 3F00"), Ok(hex("6104"))),
            (hex("00C0000004"), Ok(hex("6F02 8400 9000"))),
            (hex("00B2080000"), Ok(hex("6C14"))),
            (hex("00B2080014"), Ok(hex("0812 9000"))),
        ]);
        assert_eq!(*exchange(&mut card, &hex("00A40400 02 3F00")).unwrap().data, hex("6F028400"));
        let answer = exchange(&mut card, &hex("00B2080000")).unwrap();
        assert!(answer.ok() && *answer.data == hex("0812"));
    }

    #[test]
    fn a_card_that_always_asks_for_more_is_left() {
        struct Endless;
        impl Channel for Endless {
            fn transmit(&mut self, _: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
                Ok(Zeroizing::new(hex("00 61 FF")))
            }
            fn control(&mut self, _: u32, _: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
                Err(Fault::Unsupported)
            }
        }
        assert_eq!(exchange(&mut Endless, &hex("00B2080000")).err(), Some(Fault::Lost));
    }

    #[test]
    fn an_answer_without_a_status_is_contact_lost() {
        for raw in ["", "90"] {
            let mut card = Script(vec![(hex("00B2080000"), Ok(hex(raw)))]);
            assert_eq!(exchange(&mut card, &hex("00B2080000")).err(), Some(Fault::Lost));
        }
    }

    #[test]
    fn historical_bytes_are_found_behind_any_interface_bytes() {
        for (atr, bytes) in [
            ("3B 88 80 01 D1 03 86 05 00 80 80 00 58", "D1 03 86 05 00 80 80 00"),
            ("3B 86 80 01 80 4F 03 F0 01 00 3A", "80 4F 03 F0 01 00"),
            ("3B 00", ""),
            ("3B", ""),
            ("", ""),
            ("3B F8 13 00 00 81", ""),
            ("3B 8F 80", ""),
        ] {
            assert_eq!(historical_bytes(&hex(atr)), hex(bytes), "{atr}");
        }
    }
}
