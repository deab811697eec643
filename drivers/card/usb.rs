//! The USB cable: 0400:C35A and its relatives, in whichever of the two pipe schemes the device has.
//!
//! The pair of numbers belongs to no one maker: several sell under it, with four pipes or with two.
//! The endpoint descriptors decide. On Windows a vendor's driver owns these devices.

use std::io::{self, Read, Write};

use devices::Trouble;
use nusb::descriptors::TransferType;
use nusb::transfer::{Bulk, BulkOrInterrupt, In, Interrupt, Out};
use nusb::{DeviceInfo, Interface, MaybeFuture};

use crate::fault::{self, Fault};
use crate::sdt::Command;
use crate::sdt_card::Link;
use crate::sdt_line::{Line, TICK};
use crate::sdt_reader::Opener;

/// Vendor and product numbers that speak plain SDT.
pub(crate) const KNOWN: [(u16, u16); 2] = [(0x0400, 0xC35A), (0x0316, 0x5020)];
/// Transfers kept waiting on an input pipe, each one packet long: an answer whose length is a
/// multiple of the packet ends no larger transfer.
const TRANSFERS: usize = 32;
/// Head of a frame: preamble and length.
const HEAD_LEN: usize = 7;

/// How frames travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    /// Head out 02, rest out 06; head in 81, rest in 85.
    FourPipes,
    /// The whole frame through one pipe each way.
    TwoPipes { input: u8, output: u8, interrupt: bool },
}

/// Chooses by the endpoints of one interface: address and kind.
fn scheme(endpoints: &[(u8, TransferType)]) -> Option<Scheme> {
    let usable = |kind: TransferType| matches!(kind, TransferType::Bulk | TransferType::Interrupt);
    if [0x02, 0x06, 0x81, 0x85].iter().all(|wanted| endpoints.iter().any(|(address, kind)| address == wanted && usable(*kind))) {
        return Some(Scheme::FourPipes);
    }
    let find = |inward: bool, wanted: TransferType| {
        endpoints.iter().find(|(address, kind)| (address & 0x80 != 0) == inward && *kind == wanted).map(|(address, _)| *address)
    };
    [TransferType::Bulk, TransferType::Interrupt].into_iter().find_map(|kind| {
        let interrupt = kind == TransferType::Interrupt;
        Some(Scheme::TwoPipes { input: find(true, kind)?, output: find(false, kind)?, interrupt })
    })
}

pub(crate) struct UsbOpener;

impl Opener for UsbOpener {
    fn open(&mut self) -> Result<(Box<dyn Link + Send>, String), Trouble> {
        let info = found()?.into_iter().next().ok_or(fault::READER_ABSENT)?;
        let name = name(&info);
        let device = info.open().wait().map_err(|error| trouble(&error))?;
        let configuration = device.active_configuration().map_err(|_| fault::READER_FAILED)?;
        let choice = configuration.interface_alt_settings().find_map(|alternate| {
            let kinds: Vec<_> = alternate.endpoints().map(|endpoint| (endpoint.address(), endpoint.transfer_type())).collect();
            let usable = alternate.alternate_setting() == 0;
            usable.then(|| scheme(&kinds)).flatten().map(|scheme| (alternate.interface_number(), kinds, scheme))
        });
        let (number, kinds, scheme) = choice.ok_or(fault::READER_REFUSES)?;
        let interface = device.detach_and_claim_interface(number).wait().map_err(|error| trouble(&error))?;
        tracing::info!(?scheme, "USB reader opened");
        let mut line: Box<dyn Link + Send> = match scheme {
            Scheme::FourPipes => Box::new(Line::new(FourPipes::open(&interface, &kinds)?)),
            Scheme::TwoPipes { input, output, interrupt } => Box::new(Line::new(TwoPipes {
                input: reader(&interface, input, interrupt)?,
                output: writer(&interface, output, interrupt)?,
            })),
        };
        match line.ask(Command::Status) {
            Ok(reply) if reply.status() == 0x60 => Err(fault::READER_SELF_TEST),
            Ok(reply) if reply.status() == 0x66 => Err(fault::READER_UNAUTHORISED),
            Ok(_) => Ok((line, name)),
            Err(Fault::NoReader) => Err(fault::READER_GONE),
            Err(_) => Err(fault::READER_SILENT),
        }
    }
}

fn found() -> Result<Vec<DeviceInfo>, Trouble> {
    // A machine without USB has nothing to list, which nusb calls an error.
    let devices = nusb::list_devices().wait().map_err(|_| fault::READER_ABSENT)?;
    Ok(devices.filter(|info| KNOWN.contains(&(info.vendor_id(), info.product_id()))).collect())
}

fn name(info: &DeviceInfo) -> String {
    format!("usb {:04X}:{:04X} {}-{}", info.vendor_id(), info.product_id(), info.bus_id(), info.device_address())
}

/// SDT readers on USB.
///
/// # Errors
/// `reader_absent` where there is no USB at all.
pub(crate) fn readers() -> Result<Vec<String>, Trouble> {
    Ok(found()?.iter().map(name).collect())
}

fn trouble(error: &nusb::Error) -> Trouble {
    match error.kind() {
        nusb::ErrorKind::PermissionDenied => fault::READER_DENIED,
        nusb::ErrorKind::Busy => fault::READER_IN_USE,
        nusb::ErrorKind::Disconnected | nusb::ErrorKind::NotFound => fault::READER_GONE,
        _ => fault::READER_FAILED,
    }
}

type Input = Box<dyn Read + Send>;
type Output = Box<dyn Write + Send>;

fn reader(interface: &Interface, address: u8, interrupt: bool) -> Result<Input, Trouble> {
    fn of<K: BulkOrInterrupt + Send + 'static>(interface: &Interface, address: u8) -> Result<Input, Trouble> {
        let endpoint = interface.endpoint::<K, In>(address).map_err(|error| trouble(&error))?;
        let packet = endpoint.max_packet_size();
        Ok(Box::new(endpoint.reader(packet).with_num_transfers(TRANSFERS).with_read_timeout(TICK)))
    }
    if interrupt { of::<Interrupt>(interface, address) } else { of::<Bulk>(interface, address) }
}

fn writer(interface: &Interface, address: u8, interrupt: bool) -> Result<Output, Trouble> {
    fn of<K: BulkOrInterrupt + Send + 'static>(interface: &Interface, address: u8) -> Result<Output, Trouble> {
        let endpoint = interface.endpoint::<K, Out>(address).map_err(|error| trouble(&error))?;
        let packet = endpoint.max_packet_size();
        Ok(Box::new(endpoint.writer(packet).with_write_timeout(TICK * 50)))
    }
    if interrupt { of::<Interrupt>(interface, address) } else { of::<Bulk>(interface, address) }
}

struct TwoPipes {
    input: Input,
    output: Output,
}

impl Read for TwoPipes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.input.read(buffer)
    }
}

impl Write for TwoPipes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.output.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

/// Joins the four pipes to one stream each way.
struct FourPipes {
    heads_in: Input,
    bodies_in: Input,
    heads_out: Output,
    bodies_out: Output,
    /// Bytes of the head under way, and what is still to come of its body.
    head: Vec<u8>,
    body_left: usize,
}

impl FourPipes {
    fn open(interface: &Interface, kinds: &[(u8, TransferType)]) -> Result<Self, Trouble> {
        let interrupt = |wanted: u8| kinds.contains(&(wanted, TransferType::Interrupt));
        Ok(Self::new(
            reader(interface, 0x81, interrupt(0x81))?,
            reader(interface, 0x85, interrupt(0x85))?,
            writer(interface, 0x02, interrupt(0x02))?,
            writer(interface, 0x06, interrupt(0x06))?,
        ))
    }

    fn new(heads_in: Input, bodies_in: Input, heads_out: Output, bodies_out: Output) -> Self {
        Self { heads_in, bodies_in, heads_out, bodies_out, head: Vec::with_capacity(HEAD_LEN), body_left: 0 }
    }
}

impl Read for FourPipes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.body_left > 0 {
            let len = self.body_left.min(buffer.len());
            let len = self.bodies_in.read(buffer.get_mut(..len).unwrap_or_default())?;
            self.body_left -= len;
            return Ok(len);
        }
        let wanted = (HEAD_LEN - self.head.len()).min(buffer.len());
        let len = self.heads_in.read(buffer.get_mut(..wanted).unwrap_or_default())?;
        self.head.extend_from_slice(buffer.get(..len).unwrap_or_default());
        if let [.., high, low] = *self.head
            && self.head.len() == HEAD_LEN
        {
            self.body_left = usize::from(u16::from_be_bytes([high, low])).min(crate::sdt::LEN_MAX);
            self.head.clear();
        }
        Ok(len)
    }
}

impl Write for FourPipes {
    /// Takes whole frames, as the line writes them.
    fn write(&mut self, frame: &[u8]) -> io::Result<usize> {
        // A new request: whatever was left of the last answer is not waited for.
        self.head.clear();
        self.body_left = 0;
        let (head, body) = frame.split_at(frame.len().min(HEAD_LEN));
        self.heads_out.write_all(head)?;
        self.heads_out.flush()?;
        self.bodies_out.write_all(body)?;
        self.bodies_out.flush()?;
        Ok(frame.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::simulator::persona::Persona;
    use crate::simulator::sam::Sam;

    #[test]
    fn trap_8_the_descriptors_choose_the_scheme_and_not_the_numbers() {
        use TransferType::{Bulk, Control, Interrupt, Isochronous};
        let four = [(0x02, Bulk), (0x06, Bulk), (0x81, Bulk), (0x85, Bulk)];
        assert_eq!(scheme(&four), Some(Scheme::FourPipes));
        assert_eq!(scheme(&[(0x85, Interrupt), (0x81, Bulk), (0x06, Bulk), (0x02, Interrupt)]), Some(Scheme::FourPipes));
        let two = Some(Scheme::TwoPipes { input: 0x81, output: 0x02, interrupt: false });
        assert_eq!(scheme(&[(0x81, Bulk), (0x02, Bulk)]), two);
        assert_eq!(scheme(&[(0x83, Interrupt), (0x81, Bulk), (0x02, Bulk)]), two, "bulk is preferred");
        let slow = Some(Scheme::TwoPipes { input: 0x82, output: 0x01, interrupt: true });
        assert_eq!(scheme(&[(0x82, Interrupt), (0x01, Interrupt)]), slow);
        assert_eq!(scheme(&[(0x81, Bulk)]), None);
        assert_eq!(scheme(&[(0x00, Control), (0x81, Isochronous), (0x02, Isochronous)]), None);
        assert_eq!(scheme(&[]), None);
    }

    /// Four pipes with a simulated module at their other end.
    #[derive(Clone, Default)]
    struct Device(Arc<Mutex<Ends>>);

    #[derive(Default)]
    struct Ends {
        sam: Sam,
        heads: VecDeque<u8>,
        bodies: VecDeque<u8>,
        request: Vec<u8>,
    }

    struct Pipe {
        device: Device,
        head: bool,
    }

    impl Read for Pipe {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let mut ends = self.device.0.lock().unwrap();
            let queue = if self.head { &mut ends.heads } else { &mut ends.bodies };
            let len = queue.len().min(buffer.len()).min(64);
            if len == 0 {
                return Err(io::ErrorKind::TimedOut.into());
            }
            for (slot, byte) in buffer.iter_mut().zip(queue.drain(..len)) {
                *slot = byte;
            }
            Ok(len)
        }
    }

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut ends = self.device.0.lock().unwrap();
            if self.head {
                assert_eq!(bytes.len(), HEAD_LEN);
                ends.request = bytes.to_vec();
            } else {
                let request = [std::mem::take(&mut ends.request), bytes.to_vec()].concat();
                for output in ends.sam.receive(&request) {
                    let (head, body) = output.bytes.split_at(HEAD_LEN);
                    ends.heads.extend(head);
                    ends.bodies.extend(body);
                }
            }
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_card_is_read_through_four_pipes() {
        let device = Device::default();
        let persona = Persona::parse(include_str!("../../assets/demo/personas/zhang-yangli.toml")).unwrap();
        device.0.lock().unwrap().sam.insert(persona.clone(), Vec::new());
        let pipe = |head| Pipe { device: device.clone(), head };
        let pipes = FourPipes::new(Box::new(pipe(true)), Box::new(pipe(false)), Box::new(pipe(true)), Box::new(pipe(false)));
        let mut line = Line::new(pipes);
        assert!(crate::sdt_card::find(&mut line).ok().unwrap());
        let card = crate::sdt_card::read(&mut line).ok().unwrap();
        assert_eq!((card.name.as_str(), card.photo.as_deref()), (persona.name.as_str(), Some(&persona.photo()[..])));
    }

    #[test]
    fn a_body_that_never_comes_does_not_stop_the_next_request() {
        let device = Device::default();
        device.0.lock().unwrap().heads.extend([0xAA, 0xAA, 0xAA, 0x96, 0x69, 0x05, 0x08]);
        let pipe = |head| Pipe { device: device.clone(), head };
        let pipes = FourPipes::new(Box::new(pipe(true)), Box::new(pipe(false)), Box::new(pipe(true)), Box::new(pipe(false)));
        let mut line = Line::new(pipes);
        assert_eq!(line.ask(Command::Status).map(|reply| reply.status()), Ok(0x90));
    }
}
