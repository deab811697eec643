//! Bytes on the line against payload, and how much a bad line costs: `cargo bench -p courier`.
//!
//! Counted on the TCP connections of the hall, both directions, handshake included; TCP and
//! IP headers are not.

#![expect(dead_code, unused_imports, reason = "the scripted hall has faults that only the tests commit")]

#[path = "scripted/mod.rs"]
mod scripted;

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use courier::{Client, Line, Outcome, Step, StopFlag};
use scripted::{Fault, Pack, TinyHall, day, pack, supplement};

fn main() {
    println!("{:<44} {:>11} {:>11} {:>11} {:>8} {:>9}", "", "payload B", "to hall B", "from hall B", "ratio", "time ms");
    // Twelve pages as the scanner makes them: about 300 kB each.
    let pages = [300_000; 12];
    measure("filing, 12 pages of 300 kB", &mut pack(1, &pages), &[]);
    measure("filing, 1 page of 2 MB", &mut pack(2, &[2_000_000]), &[]);
    measure("withdrawal without pages", &mut supplement(3, &[]), &[]);
    // A link that breaks every 100 kB, inside pages.
    let cuts = [100_000; 24];
    measure("filing, 12 pages, cut every 100 kB", &mut pack(4, &pages), &cuts);
    idle_feed();
}

/// Delivers until it is done, as often as the line needs, and prints what went over it.
fn measure(what: &str, pack: &mut Pack, cuts: &[usize]) {
    let hall = TinyHall::start();
    for bytes in cuts {
        hall.fault("PATCH", wire::path::PAGES, Fault::CutBody(*bytes));
    }
    let mut client = client(&hall);
    let began = Instant::now();
    let mut tries = 0;
    loop {
        let parcel = pack.parcel.clone();
        let mut steps = Vec::new();
        let outcome = client.deliver(&parcel, &mut pack.bytes(), &mut |progress| steps.push(progress.step), &StopFlag::new());
        for step in steps {
            if let Step::Upload { page, location, .. } = step
                && let Some(upload) = pack.parcel.pages.iter_mut().find(|upload| upload.sha256 == page)
            {
                upload.location = location;
            }
        }
        tries += 1;
        match outcome {
            Outcome::Done(_) => break,
            other => assert!(tries < 50, "{other:?}"),
        }
    }
    let payload = pack.pages.iter().map(Vec::len).sum::<usize>()
        + pack.parcel.act_bytes.len()
        + pack.parcel.filing_bytes.as_ref().map_or(0, Vec::len);
    print(what, payload, &hall, began.elapsed());
}

/// What an hour of waiting for news costs, asked every 50 s.
fn idle_feed() {
    let hall = TinyHall::start();
    let mut client = client(&hall);
    let began = Instant::now();
    for _ in 0..72 {
        if let Err(outcome) = client.feed(0, Duration::ZERO, &StopFlag::new()) {
            println!("the feed failed: {}", outcome.code());
            return;
        }
    }
    print("feed, 72 empty answers (an idle hour)", 0, &hall, began.elapsed());
}

fn print(what: &str, payload: usize, hall: &TinyHall, took: Duration) {
    let up = hall.line.to_hall.load(Ordering::SeqCst);
    let down = hall.line.from_hall.load(Ordering::SeqCst);
    let ratio = if payload == 0 { String::from("-") } else { format!("{:.4}", (up + down) as f64 / payload as f64) };
    println!("{what:<44} {payload:>11} {up:>11} {down:>11} {ratio:>8} {:>9.1}", took.as_secs_f64() * 1000.0);
}

fn client(hall: &TinyHall) -> Client {
    let line = Line { wall: Box::new(|| day("2026-06-01")), hall_time: None };
    match Client::new(&hall.admission(), line) {
        Ok(client) => client,
        Err(outcome) => panic!("{}", outcome.code()),
    }
}
