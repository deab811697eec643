//! What reading costs beyond the card itself: a text block into fields, an SDT answer out of its
//! bytes, a whole dialogue with a module that answers at once.

use std::hint::black_box;

use card::sdt::{Command, Frames};
use card::simulator::persona::Persona;
use card::simulator::sam::Sam;
use card::text_block;
use criterion::{Criterion, criterion_group, criterion_main};

fn persona() -> Persona {
    Persona::parse(include_str!("../../assets/demo/personas/li-yangben.toml")).expect("the demo's own persona")
}

fn benches(criterion: &mut Criterion) {
    let block = persona().text_block();
    criterion.bench_function("text block into a record", |bencher| {
        bencher.iter(|| text_block::parse(black_box(&block)));
    });

    let mut sam = Sam::default();
    sam.insert(persona(), Vec::new());
    let mut ask =
        |command: Command| -> Vec<u8> { sam.receive(&command.frame()).into_iter().flat_map(|output| output.bytes).collect() };
    let _ = (ask(Command::Find), ask(Command::Select));
    let answer = ask(Command::ReadBase);
    criterion.bench_function("a base answer of 1295 bytes out of 64-byte pieces", |bencher| {
        bencher.iter(|| {
            let mut frames = Frames::default();
            for piece in black_box(&answer).chunks(64) {
                frames.push(piece);
            }
            frames.next_reply()
        });
    });
    criterion.bench_function("last byte in to record", |bencher| {
        bencher.iter(|| {
            let mut frames = Frames::default();
            frames.push(black_box(&answer));
            let reply = frames.next_reply().and_then(Result::ok).expect("whole");
            let base = card::sdt::base(&reply.data).expect("sound");
            text_block::parse(base.text)
        });
    });
}

criterion_group!(cards, benches);
criterion_main!(cards);
