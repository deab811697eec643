//! A module with real habits under the reader's states.

use std::sync::{Arc, Mutex};

use super::*;
use crate::fault;
use crate::sdt::{Command, Frames, Reply};
use crate::simulator::persona::Persona;
use crate::simulator::sam::Sam;
use zeroize::Zeroizing;

/// A simulated module, shared with the test, and what it was asked.
#[derive(Clone, Default)]
struct Desk(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    sam: Sam,
    asked: Vec<Command>,
    unplugged: bool,
    /// The firmware does not know 30 03.
    old_firmware: bool,
}

impl Desk {
    fn change<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        change(&mut self.0.lock().unwrap())
    }

    fn lay(&self, name: &str, faults: &[&str]) {
        let persona = Persona::parse(&format!("title = 'x'\nkind = 'resident_id'\nname = '{name}'")).unwrap();
        self.lay_persona(persona, faults);
    }

    fn lay_persona(&self, persona: Persona, faults: &[&str]) {
        let faults = faults.iter().map(|fault| fault.parse().unwrap()).collect();
        self.change(|inner| inner.sam.insert(persona, faults));
    }

    fn lift(&self) {
        self.change(|inner| inner.sam.remove());
    }
}

impl Link for Desk {
    fn ask(&mut self, command: Command) -> Result<Reply, Fault> {
        self.change(|inner| {
            inner.asked.push(command);
            if inner.unplugged {
                return Err(Fault::NoReader);
            }
            let mut frames = Frames::default();
            if inner.old_firmware && command == Command::ReadNewAddress {
                frames.push(&crate::sdt::frame(&[0, 0, 0x21]));
            } else {
                inner.sam.receive(&command.frame()).iter().for_each(|output| frames.push(&output.bytes));
            }
            match frames.next_reply() {
                Some(Ok(reply)) if command.fits(&reply) => Ok(reply),
                Some(_) => Err(Fault::Lost),
                None => Err(Fault::Timeout),
            }
        })
    }
}

impl Opener for Desk {
    fn open(&mut self) -> Result<(Box<dyn Link + Send>, String), Trouble> {
        match self.change(|inner| inner.unplugged) {
            true => Err(fault::READER_ABSENT),
            false => Ok((Box::new(self.clone()), "desk".to_owned())),
        }
    }
}

/// Events of the next `steps` questions, as short words; pauses are skipped.
fn told(reader: &mut SdtReader<Desk>, steps: usize) -> Vec<String> {
    let mut words = Vec::new();
    for _ in 0..steps {
        if let Err(trouble) = reader.step() {
            words.push(format!("trouble {}", trouble.code));
        }
        for event in reader.events.drain(..) {
            words.push(match event {
                CardEvent::Quiet => "quiet".into(),
                CardEvent::ReaderArrived { .. } => "arrived".into(),
                CardEvent::ReaderGone { .. } => "gone".into(),
                CardEvent::CardPresent => "present".into(),
                CardEvent::Reading => "reading".into(),
                CardEvent::Read(record) => format!("read {}", record.name),
                CardEvent::Failed(trouble) => format!("failed {}", trouble.code),
                CardEvent::CardRemoved => "removed".into(),
            });
        }
    }
    words
}

fn reader() -> (Desk, SdtReader<Desk>) {
    let desk = Desk::default();
    let mut reader = SdtReader::new(desk.clone(), false);
    assert_eq!(told(&mut reader, 2), ["arrived"]);
    (desk, reader)
}

#[test]
fn trap_5_a_card_left_lying_is_read_once_and_its_removal_is_seen() {
    let (desk, mut reader) = reader();
    desk.lay("李样本", &[]);
    assert_eq!(told(&mut reader, 10), ["present", "reading", "read 李样本"]);
    desk.lift();
    assert_eq!(told(&mut reader, 3), ["removed"]);
    desk.lay("李样本", &[]);
    assert_eq!(told(&mut reader, 3), ["present", "reading", "read 李样本"]);
}

#[test]
fn trap_5_cards_exchanged_between_two_questions_are_two_people() {
    let (desk, mut reader) = reader();
    desk.lay("李样本", &[]);
    told(&mut reader, 3);
    desk.lay("张样例", &[]);
    assert_eq!(told(&mut reader, 4), ["removed", "present", "reading", "read 张样例"]);
}

#[test]
fn trap_6_a_card_lifted_at_any_exchange_gives_nothing() {
    for at in ["select", "text", "address"] {
        let (desk, mut reader) = reader();
        desk.lay("李样本", &[&format!("remove-during-{at}")]);
        let words = told(&mut reader, 6);
        assert_eq!(words[..2], ["present", "reading"]);
        assert!(words[2].starts_with("failed card_"), "{at}: {words:?}");
        assert_eq!(words[3..], ["removed"], "{at}");
    }
}

#[test]
fn old_firmware_that_cannot_say_whether_a_card_is_there_forgets_it_early_and_mixes_nothing() {
    let (desk, mut reader) = reader();
    desk.change(|inner| inner.old_firmware = true);
    desk.lay("李样本", &[]);
    assert_eq!(told(&mut reader, 6), ["present", "reading", "read 李样本", "removed"]);
    desk.lay("张样例", &[]);
    assert_eq!(told(&mut reader, 2), ["present", "reading", "read 张样例"]);
}

#[test]
fn two_cards_on_the_reader_are_suspected_after_three_failures() {
    let (desk, mut reader) = reader();
    desk.lay("李样本", &["refuse-during-address"]);
    let words = told(&mut reader, 4);
    assert!(words.iter().all(|word| !word.starts_with("read ")), "{words:?}");
    desk.lift();
    told(&mut reader, 3);

    // Finding works, authentication fails: by turns, as two cards do.
    let alternating = Alternating;
    let mut reader = SdtReader::new(alternating, false);
    let mut words = Vec::new();
    for _ in 0..12 {
        let _ = reader.step();
        words.extend(reader.events.drain(..).filter_map(|event| match event {
            CardEvent::Failed(trouble) => Some(trouble.code),
            _ => None,
        }));
    }
    assert_eq!(words, ["card_two_cards"]);
}

#[derive(Clone, Default)]
struct Alternating;

impl Link for Alternating {
    fn ask(&mut self, command: Command) -> Result<Reply, Fault> {
        let (sw3, len) = match command {
            Command::Find => (0x9F, 4),
            Command::Select => (0x31, 0),
            _ => (0x41, 0),
        };
        Ok(Reply { sw: [0, 0, sw3], data: Zeroizing::new(vec![0; len]) })
    }
}

impl Opener for Alternating {
    fn open(&mut self) -> Result<(Box<dyn Link + Send>, String), Trouble> {
        Ok((Box::new(self.clone()), "two".to_owned()))
    }
}

#[test]
fn a_card_that_was_moved_once_is_read_at_the_second_attempt() {
    let (desk, mut reader) = reader();
    // The third exchange (the reading) fails once.
    desk.lay("李样本", &["refuse-during-2"]);
    let words = told(&mut reader, 4);
    assert_eq!(words[..3], ["present", "reading", "failed card_type_refused"], "{words:?}");
    desk.lift();
    told(&mut reader, 4);
    desk.lay("张样例", &["two-cards-during-1"]);
    assert_eq!(told(&mut reader, 4), ["present", "reading", "read 张样例"]);
}

#[test]
fn a_reader_pulled_out_mid_read_is_gone_with_everything_of_the_card() {
    let (desk, mut reader) = reader();
    desk.lay("李样本", &[]);
    assert_eq!(told(&mut reader, 1), ["present", "reading"]);
    desk.change(|inner| inner.unplugged = true);
    assert_eq!(told(&mut reader, 2), ["failed reader_gone", "removed", "gone", "trouble reader_absent"]);
    desk.change(|inner| inner.unplugged = false);
    assert_eq!(told(&mut reader, 3), ["arrived", "present", "reading", "read 李样本"]);
}

#[test]
fn trap_11_an_unknown_type_is_for_the_eye_until_it_leaves() {
    let (desk, mut reader) = reader();
    desk.lay_persona(Persona::parse(include_str!("../../assets/demo/personas/unknown-type.toml")).unwrap(), &[]);
    assert_eq!(told(&mut reader, 4), ["present", "reading", "failed card_type_unknown"]);
    assert!(reader.raw_text().is_some_and(|text| text.starts_with("王样本")));
    desk.lift();
    assert_eq!(told(&mut reader, 2), ["removed"]);
    assert!(reader.raw_text().is_none());
}

#[test]
fn questions_are_half_a_second_apart() {
    let (desk, mut reader) = reader();
    desk.change(|inner| inner.asked.clear());
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(1) {
        let _ = reader.next(Duration::from_millis(50));
    }
    let asked = desk.change(|inner| inner.asked.len());
    assert!(asked <= 4, "{asked} questions in a second");
}
