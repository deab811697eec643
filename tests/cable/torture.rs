//! Many cards and many restarts: every card read once, none twice, none mixed, memory flat.

use std::time::Instant;

use serde_json::Value;

use crate::cards::with_reader;
use crate::harness::Case;
use crate::stand_in::{Events, StandIn};

pub const CASES: &[Case] = &[
    Case { name: "many_cards_are_each_read_once_and_never_mixed", run: || with_reader(cycles) },
    Case { name: "many_restarts_of_pcscd_lose_and_double_nothing", run: || with_reader(restarts) },
];

/// Growth of the driver's memory that is still flat: one page table, one allocator arena.
const GROWTH_MAX_KB: u64 = 512;

#[expect(clippy::disallowed_methods, reason = "a test is told where things are by the Makefile, through its environment")]
fn count(name: &str, ordinary: u32) -> u32 {
    std::env::var(name).ok().map_or(ordinary, |text| text.parse().expect("a number"))
}

/// A person whose every field carries the same serial number, so that a mixture shows.
struct Person {
    file: tempfile::NamedTempFile,
    name: String,
    number: String,
    address: String,
    photo: [u8; 1024],
}

impl Person {
    fn new(serial: u32) -> Self {
        const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
        let spelled: String = format!("{serial:04}").chars().map(|c| DIGITS[c.to_digit(10).unwrap() as usize]).collect();
        let head = format!("000000{:04}0308{:03}", 1940 + serial / 1000, serial % 1000);
        let check = card::number::check_mod_11_2(&head).unwrap();
        let (name, number) = (format!("样本{spelled}"), format!("{head}{check}"));
        let address = format!("某省某市样本县样本镇石榴村{serial}号");
        let text = format!(
            "title = '{name}'\nkind = 'resident_id'\nname = '{name}'\nsex = '{}'\nnation = '01'\nbirth = '{}0308'\n\
             address = '{address}'\nnumber = '{number}'\nissuer = '样本县公安局'\nvalid_from = '20200101'\nvalid_until = '长期'\n",
            if serial % 2 == 1 { 1 } else { 2 },
            1940 + serial / 1000,
        );
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &text).unwrap();
        let photo = card::simulator::persona::Persona::parse(&text).unwrap().photo();
        Self { file, name, number, address, photo }
    }

    fn insert(&self, stand_in: &StandIn) {
        stand_in.say(&["insert", self.file.path().to_str().unwrap()]);
    }

    /// Waits for this person's one reading and checks that all of it is this person's.
    #[track_caller]
    fn is_read(&self, events: &Events) {
        let event = loop {
            let event = events.next();
            match event["event"].as_str() {
                Some("card_present" | "reading" | "reader_arrived") => {}
                Some("read") => break event,
                _ => panic!("{event} while {} is read", self.name),
            }
        };
        let card = &event["card"];
        let expected = [("name", &self.name), ("number", &self.number), ("address", &self.address)];
        assert!(expected.iter().all(|(key, value)| card[*key] == Value::from(value.as_str())), "mixed: {card}");
        assert_eq!(card["warnings"], serde_json::json!(["number_specimen"]));
        assert_eq!(event["photo_sum"], card::command::photo_sum(&self.photo), "another person's photo");
    }
}

fn memory_kb(pid: u32) -> u64 {
    let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).expect("the driver runs");
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).expect("the kernel counts");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

fn cycles(stand_in: StandIn) {
    let cycles = count("CABLE_CYCLES", 10);
    let events = stand_in.watch();
    events.ready();
    let start = Instant::now();
    let mut settled = 0;
    let mut waits = Vec::new();
    for cycle in 0..cycles {
        let person = Person::new(cycle);
        person.insert(&stand_in);
        let laid_on = Instant::now();
        person.is_read(&events);
        waits.push(laid_on.elapsed().as_millis());
        stand_in.remove();
        events.expect(&["card_removed"]);
        if cycle == cycles / 10 {
            settled = memory_kb(events.pid());
        }
    }
    waits.sort_unstable();
    let (median, longest) = (waits.get(waits.len() / 2), waits.last());
    println!(
        "card in, at once after the last one, to record: median {} ms, longest {} ms",
        median.unwrap_or(&0),
        longest.unwrap_or(&0)
    );
    let memory = memory_kb(events.pid());
    println!(
        "{cycles} cards in {:.0} s; driver's memory {settled} kB after a tenth, {memory} kB at the end",
        start.elapsed().as_secs_f32()
    );
    assert!(memory <= settled + GROWTH_MAX_KB, "memory grows from {settled} to {memory} kB");
}

fn restarts(stand_in: StandIn) {
    let restarts = count("CABLE_RESTARTS", 1);
    let events = stand_in.watch();
    events.ready();
    let start = Instant::now();
    let mut settled = 0;
    for restart in 0..restarts {
        let (before, after) = (Person::new(2 * restart), Person::new(2 * restart + 1));
        before.insert(&stand_in);
        before.is_read(&events);
        stand_in.say(&["service", "stop"]);
        events.until("trouble pcsc_no_service");
        // Another card is laid on while nobody looks.
        after.insert(&stand_in);
        stand_in.say(&["service", "start"]);
        after.is_read(&events);
        stand_in.remove();
        events.expect(&["card_removed"]);
        if restart == restarts / 10 {
            settled = memory_kb(events.pid());
        }
    }
    let memory = memory_kb(events.pid());
    println!(
        "{restarts} restarts in {:.0} s; driver's memory {settled} kB after a tenth, {memory} kB at the end",
        start.elapsed().as_secs_f32()
    );
    assert!(memory <= settled + GROWTH_MAX_KB, "memory grows from {settled} to {memory} kB");
}
