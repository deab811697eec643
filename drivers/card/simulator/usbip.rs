//! The USB/IP line between a kernel's virtual host controller and an emulated device.
//!
//! Source: the kernel's Documentation/usb/usbip_protocol. All numbers are big-endian; a command or
//! an answer is a head of 48 bytes, and the data of a transfer where it has any.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::time::Duration;

use super::usb_device::{Device, PACKET_LEN, Stall};

const HEAD_LEN: usize = 48;
const SUBMIT: u32 = 1;
const UNLINK: u32 = 2;
const RETURN_SUBMIT: u32 = 3;
const RETURN_UNLINK: u32 = 4;
/// -EPIPE: the pipe stalled.
const STALLED: i32 = -32;
/// -ECONNRESET: taken back before it was carried out.
const TAKEN_BACK: i32 = -104;
/// The kernel never asks such readers for more at once.
const TRANSFER_LEN_MAX: usize = 1 << 20;

/// A read that waits for packets.
struct Pending {
    number: u32,
    endpoint: u8,
    wanted: usize,
    got: Vec<u8>,
}

/// Plays the device until the kernel hangs up.
///
/// # Errors
/// What the line says; the end of the line is the ordinary end.
pub fn serve(line: &mut (impl Read + Write), device: &mut Device) -> io::Result<()> {
    let mut pending: VecDeque<Pending> = VecDeque::new();
    loop {
        let mut head = [0; HEAD_LEN];
        line.read_exact(&mut head)?;
        let word = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let (command, number, inward, endpoint) = (word(0), word(4), word(12) == 1, word(16) as u8);
        match command {
            SUBMIT => {
                let len = word(24) as usize;
                if len > TRANSFER_LEN_MAX {
                    return Err(io::Error::other(format!("a transfer of {len} bytes")));
                }
                let mut data = vec![0; if inward { 0 } else { len }];
                line.read_exact(&mut data)?;
                if endpoint == 0 {
                    let setup = [head[40], head[41], head[42], head[43], head[44], head[45], head[46], head[47]];
                    match device.control(setup) {
                        Ok(answer) if inward => done(line, number, 0, answer.len(), &answer)?,
                        Ok(_) => done(line, number, 0, len, &[])?,
                        Err(Stall) => done(line, number, STALLED, 0, &[])?,
                    }
                } else if inward {
                    pending.push_back(Pending { number, endpoint: endpoint | 0x80, wanted: len, got: Vec::new() });
                } else {
                    match device.receive(endpoint, &data) {
                        Ok(delay_ms) => {
                            done(line, number, 0, len, &[])?;
                            std::thread::sleep(Duration::from_millis(delay_ms));
                        }
                        Err(Stall) => done(line, number, STALLED, 0, &[])?,
                    }
                }
            }
            UNLINK => {
                let wanted = word(20);
                let known = pending.iter().position(|read| read.number == wanted);
                if let Some(at) = known {
                    pending.remove(at);
                }
                let status = if known.is_some() { TAKEN_BACK } else { 0 };
                answer(line, RETURN_UNLINK, number, status, 0, &[])?;
            }
            other => return Err(io::Error::other(format!("a command {other}"))),
        }
        deliver(line, device, &mut pending)?;
    }
}

/// Gives waiting packets to waiting reads, in order. A read ends with a short packet or when it is full.
fn deliver(line: &mut impl Write, device: &mut Device, pending: &mut VecDeque<Pending>) -> io::Result<()> {
    let mut at = 0;
    while let Some(endpoint) = pending.get(at).map(|read| read.endpoint) {
        if pending.iter().take(at).any(|earlier| earlier.endpoint == endpoint) {
            at += 1;
            continue;
        }
        let Some(read) = pending.get_mut(at) else { return Ok(()) };
        let mut whole = false;
        while !whole && let Some(packet) = device.packet(read.endpoint) {
            read.got.extend_from_slice(&packet);
            whole = packet.len() < PACKET_LEN || read.got.len() >= read.wanted;
        }
        if !whole {
            at += 1;
            continue;
        }
        if let Some(read) = pending.remove(at) {
            let len = read.got.len().min(read.wanted);
            done(line, read.number, 0, len, &read.got[..len])?;
        }
    }
    Ok(())
}

fn done(line: &mut impl Write, number: u32, status: i32, len: usize, data: &[u8]) -> io::Result<()> {
    answer(line, RETURN_SUBMIT, number, status, len, data)
}

fn answer(line: &mut impl Write, command: u32, number: u32, status: i32, len: usize, data: &[u8]) -> io::Result<()> {
    let mut bytes = vec![0; HEAD_LEN];
    bytes[0..4].copy_from_slice(&command.to_be_bytes());
    bytes[4..8].copy_from_slice(&number.to_be_bytes());
    bytes[20..24].copy_from_slice(&status.to_be_bytes());
    bytes[24..28].copy_from_slice(&(len as u32).to_be_bytes());
    bytes.extend_from_slice(data);
    line.write_all(&bytes)
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::sdt::Command;
    use crate::simulator::persona::Persona;
    use crate::simulator::sam::Sam;
    use crate::simulator::usb_device::Scheme;

    /// The kernel's end of the line.
    struct Kernel(UnixStream);

    impl Kernel {
        fn submit(&mut self, number: u32, inward: bool, endpoint: u32, len: u32, data: &[u8]) {
            let mut head = [0; HEAD_LEN];
            for (at, word) in [(0, SUBMIT), (4, number), (12, u32::from(inward)), (16, endpoint), (24, len)] {
                head[at..at + 4].copy_from_slice(&word.to_be_bytes());
            }
            self.0.write_all(&[&head[..], data].concat()).unwrap();
        }

        fn unlink(&mut self, number: u32, wanted: u32) {
            let mut head = [0; HEAD_LEN];
            for (at, word) in [(0, UNLINK), (4, number), (20, wanted)] {
                head[at..at + 4].copy_from_slice(&word.to_be_bytes());
            }
            self.0.write_all(&head).unwrap();
        }

        /// Command, number, status and data of the next answer to a read.
        fn answer(&mut self, reads: bool) -> (u32, u32, i32, Vec<u8>) {
            let mut head = [0; HEAD_LEN];
            self.0.read_exact(&mut head).unwrap();
            let word = |at: usize| u32::from_be_bytes(head[at..at + 4].try_into().unwrap());
            let mut data = vec![0; if reads { word(24) as usize } else { 0 }];
            self.0.read_exact(&mut data).unwrap();
            (word(0), word(4), word(20) as i32, data)
        }
    }

    #[test]
    fn reads_end_with_a_short_packet_and_can_be_taken_back() {
        let mut sam = Sam::default();
        sam.insert(Persona::parse("title = 'x'\nkind = 'resident_id'\nname = '李样本'").unwrap(), Vec::new());
        let mut device = Device::new(Scheme::TwoPipes, Arc::new(Mutex::new(sam)));
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let thread =
            std::thread::Builder::new().name("device".to_owned()).spawn(move || serve(&mut theirs, &mut device)).unwrap();
        let mut kernel = Kernel(ours);
        for number in 1..=3 {
            kernel.submit(number, true, 1, 64, &[]);
        }
        let find = Command::Find.frame();
        kernel.submit(4, false, 2, find.len() as u32, &find);
        assert_eq!(kernel.answer(false).1, 4);
        let (command, number, status, data) = kernel.answer(true);
        assert_eq!((command, number, status, data.len()), (RETURN_SUBMIT, 1, 0, 15));
        kernel.unlink(5, 2);
        assert_eq!(kernel.answer(false), (RETURN_UNLINK, 5, TAKEN_BACK, Vec::new()));
        kernel.unlink(6, 1);
        assert_eq!(kernel.answer(false), (RETURN_UNLINK, 6, 0, Vec::new()), "done already");
        kernel.submit(7, false, 9, 1, &[0]);
        assert_eq!(kernel.answer(false), (RETURN_SUBMIT, 7, STALLED, Vec::new()));
        drop(kernel);
        assert!(thread.join().unwrap().is_err_and(|error| error.kind() == io::ErrorKind::UnexpectedEof));
    }
}
