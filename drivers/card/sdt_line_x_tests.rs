//! A scripted port: what comes back for each request, and how long nothing does.

use std::collections::VecDeque;

use super::*;
use crate::apdu::scripted::hex;
use crate::simulator::persona::Persona;
use crate::simulator::sam::Sam;

/// One tick of what the port does.
#[derive(Clone, Debug)]
enum Tick {
    Bytes(Vec<u8>),
    Silence(u32),
    Gone,
}

#[derive(Default)]
struct Port {
    /// What is already on the line, then what each request brings.
    now: VecDeque<Tick>,
    answers: VecDeque<Vec<Tick>>,
    written: Vec<Vec<u8>>,
    silences: u32,
}

impl Read for Port {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.now.pop_front() {
            Some(Tick::Bytes(mut bytes)) => {
                let len = bytes.len().min(buffer.len());
                buffer[..len].copy_from_slice(&bytes[..len]);
                if len < bytes.len() {
                    bytes.drain(..len);
                    self.now.push_front(Tick::Bytes(bytes));
                }
                Ok(len)
            }
            Some(Tick::Silence(ticks)) => {
                if ticks > 1 {
                    self.now.push_front(Tick::Silence(ticks - 1));
                }
                self.silences += 1;
                Err(ErrorKind::TimedOut.into())
            }
            Some(Tick::Gone) => Err(io::Error::from_raw_os_error(5)),
            None => {
                self.silences += 1;
                Err(ErrorKind::TimedOut.into())
            }
        }
    }
}

impl Write for Port {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.written.push(bytes.to_vec());
        self.now.extend(self.answers.pop_front().unwrap_or_default());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const NO_CARD: &str = "AAAAAA96690004 000080 84";
const FOUND: &str = "AAAAAA96690008 00009F 00000000 97";
const SELECTED: &str = "AAAAAA9669000C 000090 0000000000000000 9C";

fn line(answers: &[&[Tick]]) -> Line<Port> {
    Line::new(Port { answers: answers.iter().map(|ticks| ticks.to_vec()).collect(), ..Port::default() })
}

fn bytes(text: &str) -> Tick {
    Tick::Bytes(hex(text))
}

fn status(line: &mut Line<Port>, command: Command) -> Result<u8, Fault> {
    line.ask(command).map(|reply| reply.status())
}

#[test]
fn an_answer_in_pieces_with_pauses_is_one_answer() {
    let pieces: Vec<Tick> =
        hex(FOUND).into_iter().flat_map(|byte| [Tick::Bytes(vec![byte]), Tick::Silence(INSIDE_TICKS - 1)]).collect();
    assert_eq!(status(&mut line(&[&pieces]), Command::Find), Ok(0x9F));
}

#[test]
fn trap_3_a_short_pseudo_frame_ends_in_a_timeout_and_the_line_is_clean_again() {
    let mut line = line(&[&[bytes("AAAAAA9669 0005 050505")], &[bytes(NO_CARD)]]);
    assert_eq!(status(&mut line, Command::Find), Err(Fault::Timeout));
    assert_eq!(status(&mut line, Command::Find), Ok(0x80));
}

#[test]
fn trap_4_noise_before_an_answer_costs_nothing() {
    let mut line = line(&[&[bytes("AA00"), bytes(SELECTED)]]);
    assert_eq!(status(&mut line, Command::Select), Ok(0x90));
}

#[test]
fn a_late_answer_to_a_request_that_timed_out_is_drained() {
    let mut line = line(&[&[], &[bytes(SELECTED)]]);
    assert_eq!(status(&mut line, Command::Find), Err(Fault::Timeout));
    // The answer to find arrives now, in front of the next request.
    line.port.now.extend([Tick::Silence(3), bytes(FOUND)]);
    assert_eq!(status(&mut line, Command::Select), Ok(0x90));
}

#[test]
fn a_late_answer_behind_the_next_request_is_not_taken_for_its_answer() {
    for late in [FOUND, NO_CARD] {
        let mut line = line(&[&[bytes(late), Tick::Silence(5), bytes(SELECTED)]]);
        assert_eq!(status(&mut line, Command::Select), Ok(0x90), "{late}");
    }
}

#[test]
fn a_broken_answer_is_asked_for_once_more_but_a_reading_is_not() {
    let broken = bytes("AAAAAA96690004 000080 85");
    let mut twice = line(&[std::slice::from_ref(&broken), &[bytes(NO_CARD)]]);
    assert_eq!(status(&mut twice, Command::Find), Ok(0x80));
    assert_eq!(twice.port.written.len(), 2);
    let mut reading = line(&[&[broken], &[bytes(NO_CARD)]]);
    assert_eq!(status(&mut reading, Command::ReadBase), Err(Fault::Lost));
    assert_eq!(reading.port.written.len(), 1);
}

#[test]
fn trap_32_a_request_spoilt_by_somebody_elses_bytes_is_sent_again() {
    // ModemManager's "AT" in front of our request: the module complains of its checksum.
    let complaint = bytes("AAAAAA96690004 000010 14");
    let mut line = line(&[&[complaint], &[bytes(NO_CARD)]]);
    assert_eq!(status(&mut line, Command::Find), Ok(0x80));
}

#[test]
fn a_cable_pulled_out_is_no_timeout() {
    assert_eq!(status(&mut line(&[&[bytes("AAAAAA96"), Tick::Gone]]), Command::Find), Err(Fault::NoReader));
}

#[test]
fn a_device_that_babbles_is_given_up() {
    let noise: Vec<Tick> = (0..100).map(|_| Tick::Bytes(vec![0x55; 512])).collect();
    assert_eq!(status(&mut line(&[&noise]), Command::Find), Err(Fault::Other));
}

#[test]
fn a_silent_device_costs_two_seconds_and_no_more() {
    let mut line = line(&[&[]]);
    assert_eq!(status(&mut line, Command::Find), Err(Fault::Timeout));
    assert_eq!(line.port.silences, FIRST_BYTE_TICKS + 1);
}

/// A simulated module behind a port that hands out its bytes in chunks.
struct Module {
    sam: Sam,
    out: VecDeque<u8>,
    chunk: usize,
}

impl Read for Module {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.out.len().min(self.chunk).min(buffer.len());
        if len == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        for (slot, byte) in buffer.iter_mut().zip(self.out.drain(..len)) {
            *slot = byte;
        }
        Ok(len)
    }
}

impl Write for Module {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.extend(self.sam.receive(bytes).into_iter().flat_map(|output| output.bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_persona_is_read_over_a_line_that_breaks_everything_into_pieces() {
    let persona = Persona::parse(include_str!("../../assets/demo/personas/zhang-yangli.toml")).unwrap();
    for chunk in [1, 7, 64, 512] {
        let mut sam = Sam::default();
        sam.insert(persona.clone(), vec!["stray-during-any".parse().unwrap()]);
        let mut line = Line::new(Module { sam, out: VecDeque::new(), chunk });
        assert!(crate::sdt_card::find(&mut line).ok().unwrap());
        let card = crate::sdt_card::read(&mut line).ok().unwrap();
        assert_eq!(card.name, persona.name);
        assert_eq!(card.new_address.as_deref(), Some("某省某市样本县样本镇石榴村2组3号"));
        assert_eq!(card.photo.as_deref(), Some(&persona.photo()[..]));
    }
}

#[derive(Clone, Default)]
struct Log(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn trap_29_the_most_talkative_log_holds_nothing_of_the_person() {
    let persona = Persona::parse(include_str!("../../assets/demo/personas/li-yangben.toml")).unwrap();
    let log = Log::default();
    let theirs = log.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || theirs.clone()).finish();
    let card = tracing::subscriber::with_default(subscriber, || {
        let mut sam = Sam::default();
        sam.insert(persona.clone(), vec!["stray-during-any".parse().unwrap()]);
        let mut line = Line::new(Module { sam, out: VecDeque::new(), chunk: 64 });
        assert!(crate::sdt_card::find(&mut line).ok().unwrap());
        let card = crate::sdt_card::read(&mut line).ok().unwrap();
        let event = devices::CardEvent::Read(Box::new(card.clone()));
        tracing::info!(?event, ?card, "what a careless line would say");
        card
    });
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("stray bytes") && log.contains("careless"), "{log}");
    let hex: String = persona.number.encode_utf16().flat_map(u16::to_le_bytes).map(|byte| format!("{byte:02x}")).collect();
    for secret in [&persona.name, &persona.number, &persona.address, &persona.birth, &hex] {
        assert!(!log.to_lowercase().contains(&secret.to_lowercase()), "{log}");
    }
    assert_eq!(format!("{card:?}"), "CardRecord(ResidentId, •••)");
}
