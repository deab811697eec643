//! The SDT reader as a USB device, 0400:C35A: its descriptors, its pipes, and the packets that wait
//! in them. Pure: a bus (`usbip.rs`, or a test) moves the packets.

use std::collections::VecDeque;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use super::sam::Sam;

/// Full speed, bulk or interrupt.
pub const PACKET_LEN: usize = 64;
const VENDOR: u16 = 0x0400;
const PRODUCT: u16 = 0xC35A;
/// Preamble and length, which travel through a pipe of their own where there are four.
const HEAD_LEN: usize = 7;

/// The pipes that a maker chose. All of them occur under the same pair of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Head out 02, rest out 06; head in 81, rest in 85.
    FourPipes,
    /// One bulk pipe each way.
    TwoPipes,
    /// One interrupt pipe each way.
    TwoInterruptPipes,
}

impl FromStr for Scheme {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "four" => Ok(Self::FourPipes),
            "two" => Ok(Self::TwoPipes),
            "two-interrupt" => Ok(Self::TwoInterruptPipes),
            _ => Err(format!("no such scheme of pipes: {text} (four, two, two-interrupt)")),
        }
    }
}

impl Scheme {
    /// Addresses of the endpoints and their kind: 2 is bulk, 3 is interrupt.
    fn endpoints(self) -> &'static [(u8, u8)] {
        match self {
            Self::FourPipes => &[(0x02, 2), (0x06, 2), (0x81, 2), (0x85, 2)],
            Self::TwoPipes => &[(0x81, 2), (0x02, 2)],
            Self::TwoInterruptPipes => &[(0x82, 3), (0x01, 3)],
        }
    }

    fn head_in(self) -> u8 {
        if self == Self::TwoInterruptPipes { 0x82 } else { 0x81 }
    }

    fn body_in(self) -> u8 {
        if self == Self::FourPipes { 0x85 } else { self.head_in() }
    }
}

/// The device does not do this: the host sees a stalled pipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stall;

/// One plugged-in reader.
pub struct Device {
    scheme: Scheme,
    sam: Arc<Mutex<Sam>>,
    /// Packets that wait for the host, by input endpoint.
    waiting: Vec<(u8, VecDeque<Vec<u8>>)>,
}

impl Device {
    pub fn new(scheme: Scheme, sam: Arc<Mutex<Sam>>) -> Self {
        let inputs = scheme.endpoints().iter().filter(|(address, _)| address & 0x80 != 0);
        Self { scheme, sam, waiting: inputs.map(|(address, _)| (*address, VecDeque::new())).collect() }
    }

    /// A request on endpoint nought; what is read back of it.
    ///
    /// # Errors
    /// [`Stall`] for what such readers do not know, as the kernel expects of them.
    pub fn control(&self, setup: [u8; 8]) -> Result<Vec<u8>, Stall> {
        const GET_DESCRIPTOR: u8 = 6;
        let [kind, request, _, value_high, _, _, len_low, len_high] = setup;
        let mut answer = match (kind, request, value_high) {
            (0x80, GET_DESCRIPTOR, 1) => self.device_descriptor(),
            (0x80, GET_DESCRIPTOR, 2) => self.configuration(),
            (0x80..=0x82, 0, _) => vec![0, 0],
            (0x80, 8, _) => vec![1],
            (0x81, 10, _) => vec![0],
            // SET_CONFIGURATION, SET_INTERFACE, SET_ADDRESS, CLEAR_FEATURE.
            (0x00, 5 | 9, _) | (0x01, 11, _) | (0x00..=0x02, 1, _) => Vec::new(),
            _ => return Err(Stall),
        };
        answer.truncate(usize::from(u16::from_le_bytes([len_low, len_high])));
        Ok(answer)
    }

    fn device_descriptor(&self) -> Vec<u8> {
        let ([vendor_low, vendor_high], [product_low, product_high]) = (VENDOR.to_le_bytes(), PRODUCT.to_le_bytes());
        let head = [18, 1, 0x10, 0x01, 0, 0, 0, PACKET_LEN as u8];
        [&head[..], &[vendor_low, vendor_high, product_low, product_high, 0, 1, 0, 0, 0, 1]].concat()
    }

    fn configuration(&self) -> Vec<u8> {
        let endpoints = self.scheme.endpoints();
        let len = 9 + 9 + 7 * endpoints.len() as u8;
        let mut bytes = vec![9, 2, len, 0, 1, 1, 0, 0x80, 50];
        bytes.extend([9, 4, 0, 0, endpoints.len() as u8, 0xFF, 0, 0, 0]);
        for (address, kind) in endpoints {
            bytes.extend([7, 5, *address, *kind, PACKET_LEN as u8, 0, u8::from(*kind == 3)]);
        }
        bytes
    }

    /// Takes what the host sent through an output pipe. What the module answers waits in the input
    /// pipes afterwards. Gives how long the module takes, in milliseconds.
    ///
    /// # Errors
    /// [`Stall`] for a pipe that is not there, or a head of another length than a head has.
    pub fn receive(&mut self, endpoint: u8, bytes: &[u8]) -> Result<u64, Stall> {
        let known = self.scheme.endpoints().iter().any(|(address, _)| *address == endpoint);
        if !known || (self.scheme == Scheme::FourPipes && endpoint == 0x02 && bytes.len() != HEAD_LEN) {
            return Err(Stall);
        }
        // Head and rest come one after the other, so the module gets its frame in order either way.
        let outputs = self.sam.lock().unwrap_or_else(PoisonError::into_inner).receive(bytes);
        let mut delay_ms = 0;
        for output in outputs {
            delay_ms += output.delay_ms;
            self.send(&output.bytes);
        }
        Ok(delay_ms)
    }

    fn send(&mut self, frame: &[u8]) {
        let (head, body) = match self.scheme {
            Scheme::FourPipes => frame.split_at(frame.len().min(HEAD_LEN)),
            Scheme::TwoPipes | Scheme::TwoInterruptPipes => (&[][..], frame),
        };
        for (endpoint, bytes) in [(self.scheme.head_in(), head), (self.scheme.body_in(), body)] {
            if let Some((_, queue)) = self.waiting.iter_mut().find(|(address, _)| *address == endpoint) {
                queue.extend(bytes.chunks(PACKET_LEN).map(<[u8]>::to_vec));
            }
        }
    }

    /// The next packet of an input pipe. An answer whose length is a multiple of the packet is
    /// followed by nothing: these readers send no empty packet.
    pub fn packet(&mut self, endpoint: u8) -> Option<Vec<u8>> {
        self.waiting.iter_mut().find(|(address, _)| *address == endpoint)?.1.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdt::Command;
    use crate::simulator::persona::Persona;

    fn device(scheme: Scheme) -> Device {
        let mut sam = Sam::default();
        sam.insert(Persona::parse("title = 'x'\nkind = 'resident_id'\nname = '李样本'").unwrap(), Vec::new());
        Device::new(scheme, Arc::new(Mutex::new(sam)))
    }

    fn taken(device: &mut Device, endpoint: u8) -> Vec<u8> {
        std::iter::from_fn(|| device.packet(endpoint)).flatten().collect()
    }

    #[test]
    fn the_descriptors_name_the_reader_and_its_pipes() {
        for (scheme, pipes) in [(Scheme::FourPipes, 4), (Scheme::TwoPipes, 2), (Scheme::TwoInterruptPipes, 2)] {
            let device = device(scheme);
            let named = device.control([0x80, 6, 0, 1, 0, 0, 18, 0]).unwrap();
            assert_eq!((named.len(), &named[8..12]), (18, &[0x00, 0x04, 0x5A, 0xC3][..]));
            let configured = device.control([0x80, 6, 0, 2, 0, 0, 255, 0]).unwrap();
            assert_eq!((configured.len(), configured[2] as usize), (18 + 7 * pipes, configured.len()));
            assert_eq!(device.control([0x80, 6, 0, 2, 0, 0, 9, 0]).unwrap().len(), 9, "no more than was asked for");
            assert_eq!(device.control([0x80, 6, 0, 6, 0, 0, 10, 0]), Err(Stall), "full speed has no qualifier");
        }
    }

    #[test]
    fn a_frame_travels_whole_or_in_head_and_rest() {
        let find = Command::Find.frame();
        let mut two = device(Scheme::TwoPipes);
        two.receive(0x02, &find).unwrap();
        let answer = taken(&mut two, 0x81);
        assert_eq!(answer.len(), 15);

        let mut four = device(Scheme::FourPipes);
        four.receive(0x02, &find[..7]).unwrap();
        assert!(four.packet(0x81).is_none(), "half a request");
        four.receive(0x06, &find[7..]).unwrap();
        assert_eq!([taken(&mut four, 0x81), taken(&mut four, 0x85)].concat(), answer);
        assert_eq!(four.receive(0x02, &find), Err(Stall));
        assert_eq!(four.receive(0x04, &find), Err(Stall));
    }
}
