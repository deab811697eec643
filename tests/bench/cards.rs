//! Cards, from the chip's bytes to the domain, and from a card laid down to its event.
//!
//! Goals: a text block becomes an identity within 5 µs; a card is told of with pcscd's own look,
//! which comes every 400 ms. From the last byte to the fields on the screen: `make bench`.

use std::hint::black_box;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use card::simulator::{command, control, persona::Persona};
use card::text_block::{self, Block};
use criterion::{Criterion, SamplingMode};
use devices::{CardEvent, CardReader};

/// By this word the benchmark becomes the tool `virtual-card`.
const AS_VIRTUAL_CARD: &str = "as-virtual-card";
const PERSONA: &str = include_str!("../../assets/demo/personas/li-yangben.toml");

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1).peekable();
    if words.peek().is_some_and(|word| word == AS_VIRTUAL_CARD) {
        return match command::run(words.skip(1), &mut std::io::stdout()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(why) => {
                eprintln!("{why}");
                ExitCode::FAILURE
            }
        };
    }
    let folder = tempfile::tempdir().expect("a folder");
    let reader = stand_in(folder.path());
    // The library looks for its service in the environment, once, before any thread runs.
    if reader.is_ok() {
        card::environment::use_socket(&folder.path().join("pcscd/pcscd.comm")).expect("one thread");
    }
    let mut criterion = Criterion::default().configure_from_args();
    identity(&mut criterion);
    match reader {
        Ok(mut child) => {
            card_in(&mut criterion, folder.path());
            let _ = control::send(&control::socket(folder.path()), &control::Request::Stop);
            let _ = child.wait();
        }
        Err(why) => println!("card in to event: NOT RUN: {why}"),
    }
    criterion.final_summary();
    ExitCode::SUCCESS
}

fn identity(criterion: &mut Criterion) {
    let block = Persona::parse(PERSONA).expect("the demo's own persona").text_block();
    let now = "2026-11-23T01:42:00Z".parse().expect("an instant");
    criterion.bench_function("text block into an identity", |bencher| {
        bencher.iter(|| match text_block::parse(black_box(&block)) {
            Ok(Block::Record(record)) => terminal::worker::identity::of(&record, uuid::Uuid::nil(), now),
            _ => unreachable!("a citizen's card"),
        });
    });
}

fn card_in(criterion: &mut Criterion, folder: &Path) {
    let socket = control::socket(folder);
    let mut reader = card::open(card::Config::default()).expect("the built-in profiles");
    let mut group = criterion.benchmark_group("card in");
    group.sample_size(20).sampling_mode(SamplingMode::Flat).warm_up_time(Duration::from_secs(2));
    for (name, wanted) in [("to event", Wanted::Present), ("to record", Wanted::Read)] {
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|times| {
                let mut all = Duration::ZERO;
                for time in 0..times {
                    // Nobody lays the next card down within a second, and nobody in step with the service:
                    // pcscd looks less often for a moment after a card has gone.
                    std::thread::sleep(Duration::from_millis(1500 + time * 137 % 400));
                    control::insert(&socket, PERSONA, &[]).expect("the stand-in obeys");
                    let laid_on = Instant::now();
                    until(reader.as_mut(), wanted);
                    all += laid_on.elapsed();
                    control::remove(&socket).expect("the stand-in obeys");
                    until(reader.as_mut(), Wanted::Removed);
                }
                all
            });
        });
    }
    group.finish();
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Present,
    Read,
    Removed,
}

fn until(reader: &mut dyn CardReader, wanted: Wanted) {
    loop {
        let seen = match reader.next(Duration::from_secs(10)) {
            Ok(CardEvent::CardPresent) => Wanted::Present,
            Ok(CardEvent::Read(_)) => Wanted::Read,
            Ok(CardEvent::CardRemoved) => Wanted::Removed,
            _ => continue,
        };
        if seen == wanted {
            return;
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark is told where things are by the Makefile, through its environment")]
fn stand_in(folder: &Path) -> Result<Child, String> {
    let me = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new(me);
    command.args([AS_VIRTUAL_CARD, "reader", "--dir"]).arg(folder);
    if let Some(unpacked) = std::env::var_os("VILLAGE_VPCD_DIR") {
        command.arg("--lib-dir").arg(unpacked);
    }
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(|error| error.to_string())?;
    let mut line = String::new();
    if let Some(out) = child.stdout.take() {
        let _ = BufReader::new(out).read_line(&mut line);
    }
    if line.trim() == "ready" { Ok(child) } else { Err("no virtual reader on this machine".to_owned()) }
}
