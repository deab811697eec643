//! Readers whose profile carries plain SDT frames by control commands: the service sees no card,
//! the module behind it does. The profile is data, as a maker's would be.

use super::*;
use crate::simulator::persona::Persona;
use crate::simulator::sam::Sam;

const PROFILES: &str = "
fallback = 'made-up'
seen_only = []
[[profile]]
id = 'made-up'
readers = ['Made-up ID *']
sdt_control = { function = 3500, wrap = 'CA DF {len16} {frame} E3', head = 2, tail = 1 }
";

/// What the reader's firmware does: takes the frame out, lets the module answer, wraps the answer.
pub(super) fn carry(sam: &mut Sam, function: u32, request: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
    assert_eq!(function, 3500);
    let [0xCA, 0xDF, high, low, frame @ .., 0xE3] = request else { panic!("not as the profile says: {request:02X?}") };
    assert_eq!(usize::from(u16::from_be_bytes([*high, *low])), frame.len());
    let answer: Vec<u8> = sam.receive(frame).into_iter().flat_map(|output| output.bytes).collect();
    if answer.is_empty() { Err(Fault::Timeout) } else { Ok(Zeroizing::new([&[0x90, 0x00][..], &answer, &[0xE3]].concat())) }
}

fn world() -> (World, PcscReader<World>) {
    let world = World::with_reader("Made-up ID reader 00 00");
    world.change(|inner| inner.readers[0].sam = Some(Sam::default()));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), PROFILES).unwrap();
    let reader = PcscReader::new(world.clone(), Profiles::load(Some(file.path())).unwrap(), None, false);
    (world, reader)
}

fn persona(name: &str, flag: &str) -> Persona {
    let text = format!("title = 'x'\nkind = 'resident_id'\nname = '{name}'\nsex = '2'\nnumber = '00000019500308002X'\n{flag}");
    Persona::parse(&text).unwrap()
}

fn lay(world: &World, persona: Persona, faults: &[&str]) {
    let faults = faults.iter().map(|fault| fault.parse().unwrap()).collect();
    world.change(|inner| inner.readers[0].sam.as_mut().unwrap().insert(persona, faults));
}

fn lift(world: &World) {
    world.change(|inner| inner.readers[0].sam.as_mut().unwrap().remove());
}

/// Events of the next questions, pauses skipped.
fn asked(reader: &mut PcscReader<World>, questions: usize) -> Vec<String> {
    let mut words = Vec::new();
    for _ in 0..questions {
        for slot in &mut reader.slots {
            slot.module.as_mut().unwrap().watch.pause(Duration::ZERO);
        }
        // The module is asked, then the service is looked at.
        for _ in 0..8 {
            match reader.next(Duration::ZERO) {
                Ok(CardEvent::Quiet) => {}
                Ok(CardEvent::ReaderArrived { .. }) => words.push("arrived".to_owned()),
                Ok(CardEvent::ReaderGone { .. }) => words.push("gone".to_owned()),
                Ok(CardEvent::CardPresent) => words.push("present".to_owned()),
                Ok(CardEvent::Reading) => words.push("reading".to_owned()),
                Ok(CardEvent::Read(record)) => words.push(format!("read {}", record.name)),
                Ok(CardEvent::Failed(trouble)) => words.push(format!("failed {}", trouble.code)),
                Ok(CardEvent::CardRemoved) => words.push("removed".to_owned()),
                Err(trouble) => words.push(format!("trouble {}", trouble.code)),
            }
        }
    }
    words
}

#[test]
fn a_card_that_the_service_never_sees_is_found_read_once_and_its_removal_seen() {
    let (world, mut reader) = world();
    assert_eq!(asked(&mut reader, 2), ["arrived"]);
    lay(&world, persona("李样本", ""), &[]);
    assert_eq!(asked(&mut reader, 3), ["present", "reading", "read 李样本"]);
    assert_eq!(asked(&mut reader, 3), [""; 0], "a card that lies there is read once");
    // Exchanged between two questions: two people.
    lay(&world, persona("张样例", ""), &[]);
    assert_eq!(asked(&mut reader, 4), ["removed", "present", "reading", "read 张样例"]);
    lift(&world);
    assert_eq!(asked(&mut reader, 2), ["removed"]);
}

#[test]
fn trap_6_a_card_lifted_off_a_module_behind_control_commands_leaves_nothing() {
    for fault in ["remove-during-select", "remove-during-text", "remove-during-address"] {
        let (world, mut reader) = world();
        lay(&world, persona("李样本", ""), &[fault]);
        let words = asked(&mut reader, 6);
        assert!(words.iter().all(|word| !word.starts_with("read ")), "{fault}: {words:?}");
        assert!(words.iter().any(|word| word.starts_with("failed ")), "{fault}: {words:?}");
        assert_eq!(words.last().map(String::as_str), Some("removed"), "{fault}: {words:?}");
    }
}

#[test]
fn a_module_whose_card_the_service_sees_too_tells_of_it_once() {
    let (world, mut reader) = world();
    lay(&world, persona("李样本", ""), &[]);
    assert_eq!(asked(&mut reader, 3), ["arrived", "present", "reading", "read 李样本"]);
    // A moment later the service has noticed as well.
    world.change(|inner| inner.insert(0, Face::Identity("李样本")));
    assert_eq!(asked(&mut reader, 3), [""; 0]);
    world.change(|inner| inner.remove(0));
    assert_eq!(asked(&mut reader, 2), [""; 0], "the module decides when its card is gone");
    lift(&world);
    assert_eq!(asked(&mut reader, 2), ["removed"]);
    // A card of another kind in the same slot is the service's own.
    world.change(|inner| inner.insert(0, Face::Social(7)));
    let words = asked(&mut reader, 2);
    assert_eq!(words[..2], ["present", "reading"], "{words:?}");
}

#[test]
fn trap_11_a_module_behind_control_commands_shows_an_unknown_type_to_the_eye_only() {
    let (world, mut reader) = world();
    lay(&world, persona("王样本", "type_flag = 'Z'"), &[]);
    assert_eq!(asked(&mut reader, 3), ["arrived", "present", "reading", "failed card_type_unknown"]);
    assert!(reader.raw_text().is_some_and(|text| text.starts_with("王样本")));
    lift(&world);
    assert_eq!(asked(&mut reader, 2), ["removed"]);
    assert!(reader.raw_text().is_none());
}

#[test]
fn a_driver_that_passes_no_control_commands_is_named_and_works_once_it_is_allowed_to() {
    let (world, mut reader) = world();
    let sam = world.change(|inner| inner.readers[0].sam.take());
    assert_eq!(asked(&mut reader, 1), ["arrived", "trouble reader_refuses_command"]);
    let before = world.change(|inner| inner.sessions);
    for _ in 0..20 {
        let _ = reader.next(Duration::ZERO);
    }
    assert_eq!(world.change(|inner| inner.sessions), before, "not asked in a circle");
    world.change(|inner| inner.readers[0].sam = sam);
    assert_eq!(asked(&mut reader, 2), ["arrived"], "the lamp is green again");
}

#[test]
fn a_module_that_is_unplugged_with_a_card_on_it_takes_the_card_with_it() {
    let (world, mut reader) = world();
    lay(&world, persona("李样本", ""), &[]);
    asked(&mut reader, 3);
    world.change(|inner| inner.readers.clear());
    let words = asked(&mut reader, 3);
    assert_eq!(words[..2], ["removed", "gone"], "{words:?}");
    let (world, mut reader) = self::world();
    lay(&world, persona("李样本", ""), &[]);
    asked(&mut reader, 3);
    world.change(|inner| inner.up = false);
    let words = asked(&mut reader, 1);
    assert_eq!(words[..2], ["removed", "gone"], "{words:?}");
}
