//! The service's moods, scripted: what each does to the events and to the record.

use std::sync::{Arc, Mutex};

use super::*;
use crate::apdu::Channel;
use crate::service::Errand;
use crate::text_block::put;

const ATR: [u8; 16] = [0x3B, 0x8B, 0x80, 0x01, 0, 0x64, 4, 0x11, 1, 1, 0x31, 0x80, 0, 0x90, 0, 0x5A];
const CSC_ATR: [u8; 2] = [0x3B, 0x00];

/// A service that is data, shared with the test, which moves cards about.
#[derive(Clone, Default)]
struct World(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    up: bool,
    refusal: Option<Fault>,
    readers: Vec<Reader>,
    /// Answers of the next sessions before the card itself answers.
    session_faults: Vec<Fault>,
    /// What happens after this many exchanges of a session.
    after: Option<(usize, Mishap)>,
    sessions: usize,
    partings: Vec<Parting>,
    waits: usize,
    establishments: usize,
    listed: usize,
    always_changed: bool,
}

struct Reader {
    name: CString,
    counter: u32,
    card: Option<Face>,
    extra: State,
    /// A module behind control commands, whose cards the service does not see.
    sam: Option<crate::simulator::sam::Sam>,
}

#[derive(Clone)]
enum Face {
    Identity(&'static str),
    Social(u8),
}

#[derive(Clone, Copy)]
enum Mishap {
    Removed,
    Exchanged(&'static str),
    ServiceEnds,
}

impl World {
    fn with_reader(name: &str) -> Self {
        let world = Self::default();
        world.change(|inner| {
            inner.up = true;
            inner.plug(name);
        });
        world
    }

    fn change<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        change(&mut self.0.lock().unwrap())
    }
}

impl Inner {
    fn plug(&mut self, name: &str) {
        self.readers.push(Reader { name: CString::new(name).unwrap(), counter: 0, card: None, extra: State::empty(), sam: None });
    }

    fn insert(&mut self, at: usize, face: Face) {
        self.readers[at].card = Some(face);
        self.readers[at].counter += 1;
    }

    fn remove(&mut self, at: usize) {
        self.readers[at].card = None;
        self.readers[at].counter += 1;
    }
}

fn raw(reader: &Reader) -> u32 {
    let flags = if reader.card.is_some() { State::PRESENT } else { State::EMPTY } | reader.extra;
    (reader.counter << 16) | flags.bits() as u32
}

impl Service for World {
    fn establish(&mut self) -> Result<(), Fault> {
        self.change(|inner| {
            inner.establishments += 1;
            inner.listed = 0;
            match inner.refusal {
                Some(fault) => Err(fault),
                None if inner.up => Ok(()),
                None => Err(Fault::NoService),
            }
        })
    }

    fn release(&mut self) {}

    fn readers(&mut self) -> Result<Vec<CString>, Fault> {
        self.change(|inner| {
            inner.listed = inner.readers.len();
            if inner.up { Ok(inner.readers.iter().map(|reader| reader.name.clone()).collect()) } else { Err(Fault::Stopped) }
        })
    }

    fn wait(&mut self, _: Duration, watched: &mut [Watched]) -> Result<bool, Fault> {
        self.change(|inner| {
            inner.waits += 1;
            if !inner.up {
                return Err(Fault::Stopped);
            }
            let mut news = inner.always_changed;
            for one in watched.iter_mut() {
                let now = match inner.readers.iter().find(|reader| reader.name == one.name) {
                    Some(reader) => {
                        one.atr = match &reader.card {
                            Some(Face::Identity(_)) => ATR.to_vec(),
                            Some(Face::Social(_)) => CSC_ATR.to_vec(),
                            None => Vec::new(),
                        };
                        raw(reader)
                    }
                    None => (State::UNKNOWN | State::UNAVAILABLE).bits() as u32,
                };
                news |= now != one.raw;
                one.raw = now;
            }
            let listed = inner.listed != inner.readers.len();
            if news || listed { Ok(listed) } else { Err(Fault::Timeout) }
        })
    }

    fn session(
        &mut self,
        reader: &std::ffi::CStr,
        access: Access,
        parting: Parting,
        errand: &mut Errand<'_>,
    ) -> Result<(), Failure> {
        self.change(|inner| {
            inner.sessions += 1;
            let seen = inner.readers.iter().any(|one| one.name.as_c_str() == reader && one.card.is_some());
            if access == Access::Shared && !seen {
                return Err(Failure::Fault(Fault::Removed));
            }
            inner.partings.push(parting);
            if inner.session_faults.is_empty() { Ok(()) } else { Err(Failure::Fault(inner.session_faults.remove(0))) }
        })?;
        errand(&mut Line { world: self.clone(), reader: reader.to_owned(), exchanges: 0 })
    }
}

struct Line {
    world: World,
    reader: CString,
    exchanges: usize,
}

impl Channel for Line {
    fn transmit(&mut self, apdu: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
        self.world.change(|inner| {
            if let Some((after, mishap)) = inner.after
                && self.exchanges == after
            {
                inner.after = None;
                let at = inner.readers.iter().position(|reader| reader.name == self.reader).unwrap();
                match mishap {
                    Mishap::Removed => inner.remove(at),
                    Mishap::Exchanged(name) => {
                        inner.remove(at);
                        inner.insert(at, Face::Identity(name));
                    }
                    Mishap::ServiceEnds => inner.up = false,
                }
            }
            self.exchanges += 1;
            if !inner.up {
                return Err(Fault::Stopped);
            }
            let reader = inner.readers.iter().find(|reader| reader.name == self.reader).ok_or(Fault::NoReader)?;
            let answer = match (&reader.card, apdu) {
                (None, _) => return Err(Fault::Removed),
                (Some(Face::Identity(name)), [0xFF, 0xB0, block, ..]) => identity(name, *block),
                (Some(Face::Social(chip)), [0x00, 0xA4, ..]) => [vec![*chip; 0], vec![0x90, 0]].concat(),
                (Some(Face::Social(chip)), [0x00, 0xB2, 0x01, 0x00, _]) => [vec![1, 16], vec![*chip; 16], vec![0x90, 0]].concat(),
                _ => vec![0x6A, 0x82],
            };
            Ok(Zeroizing::new(answer))
        })
    }

    fn control(&mut self, function: u32, request: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
        self.world.change(|inner| {
            if !inner.up {
                return Err(Fault::Stopped);
            }
            let reader = inner.readers.iter_mut().find(|reader| reader.name == self.reader).ok_or(Fault::NoReader)?;
            let sam = reader.sam.as_mut().ok_or(Fault::Unsupported)?;
            modules::carry(sam, function, request)
        })
    }
}

#[path = "pcsc_module_x_tests.rs"]
mod modules;

fn identity(name: &str, block: u8) -> Vec<u8> {
    let mut text = vec![0; 256];
    put(&mut text, 0, 256, "");
    put(&mut text, 0, 30, name);
    if name == "未知类型" {
        put(&mut text, 248, 2, "Z");
    }
    // The photo carries the name too, so that a mixture of two cards would show.
    let mark = name.encode_utf16().next().unwrap() as u8;
    let data = match block {
        0 => [vec![0; 4], text].concat(),
        1 => [vec![0; 4], vec![mark; 252]].concat(),
        5 => vec![mark; 4],
        _ => vec![mark; 256],
    };
    [data, vec![0x90, 0x00]].concat()
}

fn reader(world: &World) -> PcscReader<World> {
    PcscReader::new(world.clone(), Profiles::load(None).unwrap(), None, false)
}

/// Events until nothing happens, as short words.
fn told(reader: &mut PcscReader<World>) -> Vec<String> {
    let mut words = Vec::new();
    for _ in 0..60 {
        match reader.next(Duration::from_millis(1)) {
            Ok(CardEvent::Quiet) if reader.due().is_none() && reader.events.is_empty() => break,
            Ok(CardEvent::Quiet) => {}
            Ok(CardEvent::ReaderArrived { name }) => words.push(format!("arrived {name}")),
            Ok(CardEvent::ReaderGone { name }) => words.push(format!("gone {name}")),
            Ok(CardEvent::CardPresent) => words.push("present".into()),
            Ok(CardEvent::Reading) => words.push("reading".into()),
            Ok(CardEvent::Read(record)) => {
                if let Some(photo) = &record.photo {
                    let mark = record.name.encode_utf16().next().unwrap() as u8;
                    assert!(photo.iter().all(|byte| *byte == mark), "text and photo of two cards");
                }
                words.push(format!("read {}", record.name));
            }
            Ok(CardEvent::Failed(trouble)) => words.push(format!("failed {}", trouble.code)),
            Ok(CardEvent::CardRemoved) => words.push("removed".into()),
            Err(trouble) => {
                words.push(format!("trouble {}", trouble.code));
                break;
            }
        }
    }
    words
}

#[test]
fn a_card_is_told_from_its_arrival_to_its_removal() {
    let world = World::with_reader("R");
    let mut reader = reader(&world);
    assert_eq!(told(&mut reader), ["arrived R"]);
    world.change(|inner| inner.insert(0, Face::Identity("李样本")));
    assert_eq!(told(&mut reader), ["present", "reading", "read 李样本"]);
    assert_eq!(told(&mut reader), [""; 0], "a card that lies there is read once");
    world.change(|inner| inner.remove(0));
    assert_eq!(told(&mut reader), ["removed"]);
}

#[test]
fn trap_6_a_card_pulled_out_or_exchanged_at_any_exchange_leaves_nothing() {
    for after in 0..6 {
        let world = World::with_reader("R");
        let mut reader = reader(&world);
        told(&mut reader);
        world.change(|inner| {
            inner.insert(0, Face::Identity("李样本"));
            inner.after = Some((after, Mishap::Removed));
        });
        let words = told(&mut reader);
        assert_eq!(words, ["present", "reading", "failed card_removed_while_reading", "removed"], "after {after}");

        world.change(|inner| {
            inner.insert(0, Face::Identity("李样本"));
            inner.after = Some((after, Mishap::Exchanged("张样例")));
        });
        let words = told(&mut reader);
        let expected =
            ["present", "reading", "failed card_removed_while_reading", "removed", "present", "reading", "read 张样例"];
        assert_eq!(words, expected, "exchanged after {after}");
    }
}

#[test]
fn trap_5_a_quick_exchange_between_two_looks_is_two_cards() {
    let world = World::with_reader("R");
    let mut reader = reader(&world);
    told(&mut reader);
    world.change(|inner| inner.insert(0, Face::Identity("李样本")));
    told(&mut reader);
    world.change(|inner| {
        inner.remove(0);
        inner.insert(0, Face::Identity("张样例"));
    });
    assert_eq!(told(&mut reader), ["removed", "present", "reading", "read 张样例"]);
}

#[test]
fn trap_24_a_service_that_restarts_gets_a_new_context_and_the_card_a_new_reading() {
    let world = World::with_reader("R");
    let mut reader = reader(&world);
    told(&mut reader);
    world.change(|inner| inner.insert(0, Face::Identity("李样本")));
    told(&mut reader);
    world.change(|inner| inner.up = false);
    let words = told(&mut reader);
    assert_eq!(words, ["removed", "gone R", "trouble pcsc_no_service"]);
    world.change(|inner| inner.up = true);
    std::thread::sleep(SERVICE_FIRST);
    assert_eq!(told(&mut reader), ["arrived R", "present", "reading", "read 李样本"]);
    assert_eq!(world.change(|inner| inner.establishments), 3);
}

#[test]
fn a_service_that_ends_in_the_middle_of_a_reading_leaves_nothing() {
    let world = World::with_reader("R");
    let mut reader = reader(&world);
    told(&mut reader);
    world.change(|inner| {
        inner.insert(0, Face::Identity("李样本"));
        inner.after = Some((3, Mishap::ServiceEnds));
    });
    let words = told(&mut reader);
    assert_eq!(words, ["present", "reading", "failed pcsc_service_stopped", "removed", "gone R", "trouble pcsc_no_service"]);
}

#[test]
fn trap_24_a_reader_that_is_unplugged_is_gone_once_and_costs_no_loop() {
    let world = World::with_reader("R");
    let mut reader = reader(&world);
    told(&mut reader);
    world.change(|inner| inner.insert(0, Face::Identity("李样本")));
    told(&mut reader);
    world.change(|inner| drop(inner.readers.remove(0)));
    let words = told(&mut reader);
    assert_eq!(words[..2], ["removed", "gone R"]);
    world.change(|inner| inner.plug("R 01"));
    let words = told(&mut reader);
    assert!(words.contains(&"arrived R 01".to_owned()), "{words:?}");
}

#[test]
fn a_driver_that_always_says_changed_does_not_eat_the_processor() {
    let world = World::with_reader("R");
    world.change(|inner| inner.always_changed = true);
    let mut reader = reader(&world);
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(400) {
        let _ = reader.next(Duration::from_secs(1));
    }
    let waits = world.change(|inner| inner.waits);
    assert!(waits < 20, "{waits} waits in 400 ms");
}

#[test]
fn another_programs_hold_is_waited_for_and_then_told() {
    let world = World::with_reader("R");
    let mut reader = reader(&world);
    told(&mut reader);
    world.change(|inner| {
        inner.insert(0, Face::Identity("李样本"));
        inner.session_faults = vec![Fault::Shared; 2];
    });
    let mut words = Vec::new();
    let start = Instant::now();
    while !words.iter().any(|word: &String| word.starts_with("read ")) && start.elapsed() < Duration::from_secs(3) {
        words.extend(told(&mut reader));
    }
    assert_eq!(words, ["present", "reading", "read 李样本"]);
    assert_eq!(world.change(|inner| inner.sessions), 3);
    assert!(start.elapsed() >= SHARED_FIRST, "the second attempt backs off");
}

#[test]
fn a_hold_that_never_ends_is_named_and_tried_again_when_it_ends() {
    let world = World::with_reader("R");
    let mut reader = reader(&world);
    told(&mut reader);
    world.change(|inner| {
        inner.insert(0, Face::Identity("李样本"));
        inner.readers[0].extra = State::EXCLUSIVE;
        inner.session_faults = vec![Fault::Shared];
    });
    assert_eq!(told(&mut reader), ["present", "reading"]);
    // Five seconds of holding, made short: the hold's end is moved into the past.
    for slot in &mut reader.slots {
        if let Phase::Held { at, until, .. } = &mut slot.phase {
            (*at, *until) = (Instant::now(), Instant::now());
        }
    }
    world.change(|inner| inner.session_faults = vec![Fault::Shared]);
    assert_eq!(told(&mut reader), ["failed reader_in_use"]);
    world.change(|inner| inner.readers[0].extra = State::empty());
    assert_eq!(told(&mut reader), ["reading", "read 李样本"]);
}

#[test]
fn trap_31_a_card_reset_by_somebody_else_is_read_once_more_from_the_start() {
    let world = World::with_reader("R");
    let mut reader = reader(&world);
    told(&mut reader);
    world.change(|inner| {
        inner.insert(0, Face::Identity("李样本"));
        inner.session_faults = vec![Fault::Reset];
    });
    assert_eq!(told(&mut reader), ["present", "reading", "read 李样本"]);
    world.change(|inner| {
        inner.remove(0);
        inner.insert(0, Face::Identity("张样例"));
        inner.session_faults = vec![Fault::Reset; 2];
    });
    assert_eq!(told(&mut reader), ["removed", "present", "reading", "failed card_reset"]);
}

#[test]
fn a_mute_card_is_named_and_read_when_it_speaks() {
    let world = World::with_reader("R");
    let mut reader = reader(&world);
    told(&mut reader);
    world.change(|inner| {
        inner.insert(0, Face::Identity("李样本"));
        inner.readers[0].extra = State::MUTE;
    });
    assert_eq!(told(&mut reader), ["present", "failed card_mute"]);
    world.change(|inner| inner.readers[0].extra = State::empty());
    assert_eq!(told(&mut reader), ["reading", "read 李样本"]);
}

#[test]
fn trap_26_a_refusal_by_the_system_is_told_and_recovers_by_itself() {
    let world = World::with_reader("R");
    world.change(|inner| inner.refusal = Some(Fault::Denied));
    let mut reader = reader(&world);
    assert_eq!(told(&mut reader), ["trouble pcsc_denied"]);
    world.change(|inner| inner.refusal = None);
    std::thread::sleep(SERVICE_FIRST);
    assert_eq!(told(&mut reader), ["arrived R"]);
}

#[test]
fn trap_27_one_card_with_two_faces_is_told_once() {
    let world = World::with_reader("contact 00");
    world.change(|inner| inner.plug("contactless 01"));
    let mut reader = reader(&world);
    told(&mut reader);
    world.change(|inner| {
        inner.insert(0, Face::Social(7));
        inner.insert(1, Face::Social(7));
    });
    let words = told(&mut reader);
    assert_eq!(words.iter().filter(|word| word.starts_with("read")).count(), 2, "reading and read, once: {words:?}");
    world.change(|inner| {
        inner.remove(0);
        inner.remove(1);
    });
    assert_eq!(told(&mut reader), ["removed"]);
    // Two different cards are two readings.
    world.change(|inner| {
        inner.insert(0, Face::Social(7));
        inner.insert(1, Face::Social(8));
    });
    let words = told(&mut reader);
    assert_eq!(words.iter().filter(|word| word.starts_with("read ")).count(), 2, "{words:?}");
}

#[test]
fn trap_11_the_text_of_an_unknown_type_is_there_for_the_eye_until_the_card_goes() {
    let world = World::with_reader("R");
    let mut reader = reader(&world);
    told(&mut reader);
    world.change(|inner| inner.insert(0, Face::Identity("未知类型")));
    assert_eq!(told(&mut reader), ["present", "reading", "failed card_type_unknown"]);
    assert!(reader.raw_text().is_some_and(|text| text.starts_with("未知类型")));
    world.change(|inner| inner.remove(0));
    told(&mut reader);
    assert!(reader.raw_text().is_none());
}

#[test]
fn no_reader_is_said_once_and_a_prefix_chooses() {
    let world = World::default();
    world.change(|inner| inner.up = true);
    let mut all = reader(&world);
    assert_eq!(told(&mut all), ["trouble reader_absent"]);
    assert_eq!(told(&mut all), [""; 0]);
    world.change(|inner| {
        inner.plug("OMNIKEY 5422 00 00");
        inner.plug("Other 01 00");
    });
    let mut one = PcscReader::new(world.clone(), Profiles::load(None).unwrap(), Some("OMNIKEY".into()), true);
    assert_eq!(told(&mut one), ["arrived OMNIKEY 5422 00 00"]);
    assert!(one.is_stand_in());
}

/// Moves the next attempt at a card that lost contact into the present.
fn make_due(reader: &mut PcscReader<World>) {
    for slot in &mut reader.slots {
        if let Phase::Again { at, .. } = &mut slot.phase {
            *at = Instant::now();
        }
    }
}

#[test]
fn a_card_that_loses_contact_for_a_moment_is_read_from_the_start_again() {
    let world = World::with_reader("R");
    let mut reader = reader(&world);
    told(&mut reader);
    world.change(|inner| {
        inner.insert(0, Face::Identity("李样本"));
        inner.session_faults = vec![Fault::Lost; 2];
    });
    assert_eq!(told(&mut reader), ["present", "reading"]);
    make_due(&mut reader);
    assert_eq!(told(&mut reader), [""; 0]);
    make_due(&mut reader);
    assert_eq!(told(&mut reader), ["read 李样本"]);
    assert_eq!(world.change(|inner| inner.partings.clone()), [Parting::Leave, Parting::Unpower, Parting::Unpower]);
}

#[test]
fn a_card_that_loses_contact_again_and_again_is_told_of_and_left() {
    let world = World::with_reader("R");
    let mut reader = reader(&world);
    told(&mut reader);
    world.change(|inner| {
        inner.insert(0, Face::Identity("李样本"));
        inner.session_faults = vec![Fault::Lost; 3];
    });
    let mut words = Vec::new();
    for _ in 0..3 {
        words.extend(told(&mut reader));
        make_due(&mut reader);
    }
    assert_eq!(words, ["present", "reading", "failed card_moved"]);
    assert_eq!(told(&mut reader), [""; 0]);
}

#[test]
fn a_card_that_leaves_after_losing_contact_was_taken_away_while_reading() {
    let world = World::with_reader("R");
    let mut reader = reader(&world);
    told(&mut reader);
    world.change(|inner| {
        inner.insert(0, Face::Identity("李样本"));
        inner.session_faults = vec![Fault::Lost];
    });
    assert_eq!(told(&mut reader), ["present", "reading"]);
    world.change(|inner| inner.remove(0));
    assert_eq!(told(&mut reader), ["failed card_removed_while_reading", "removed"]);
}
