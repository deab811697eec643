//! The worlds: `worlds` lives a fixed number of seeds, `worlds SEED COUNT` others, `worlds replay SEED` shows one,
//! `worlds torture SEED COUNT` writes down what it reached, `worlds survey SEED COUNT` lists the broken ones, `worlds hunt SEED COUNT` plants each mistake and counts until it is found.

use std::{
    process::ExitCode,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use worlds::{Broken, Bug, Life, run};

#[path = "../support/book.rs"]
mod book;

/// Lived by `make test`.
const SEED: u64 = 1;
const COUNT: u64 = 2000;
/// `make test` spends no more than this on worlds; on a slow machine it lives fewer, and says so.
const SECONDS_MAX: u64 = 120;
/// Seeds after which a planted mistake must have been found.
const HUNT: u64 = 400;
/// A long run ends after this, and the next goes on behind it.
const TORTURE_SECONDS: u64 = 44 * 60;

fn main() -> ExitCode {
    let code = obey();
    worlds::tidy();
    code
}

fn obey() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse::<u64>().ok();
    match words[..] {
        ["replay", seed] if number(seed).is_some() => replay(number(seed).unwrap_or(0)),
        ["torture", seed, count] => torture(number(seed), number(count).unwrap_or(COUNT)),
        ["survey", seed, count] => survey(number(seed).unwrap_or(SEED), number(count).unwrap_or(HUNT)),
        ["hunt", seed, count] => hunt(number(seed).unwrap_or(SEED), number(count).unwrap_or(HUNT)),
        [seed, count] if number(seed).is_some() && number(count).is_some() => {
            live(number(seed).unwrap_or(0), number(count).unwrap_or(0), u64::MAX).1
        }
        // As a test harness would take them: a list of tests, a filter that is not for us.
        [.., "--list"] => ExitCode::SUCCESS,
        [filter, ..] if !filter.starts_with('-') && !"worlds".contains(filter) => ExitCode::SUCCESS,
        _ => {
            let found = hunt(SEED, HUNT);
            let same = twice(SEED, 3);
            let (_, lived) = live(SEED, COUNT, SECONDS_MAX);
            if [found, same, lived].iter().all(|code| *code == ExitCode::SUCCESS) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
    }
}

fn now() -> Instant {
    Instant::now()
}

fn report(seed: u64, broken: &Broken) {
    println!("world {seed} broke a promise: {}", broken.what);
    let from = broken.trace.len().saturating_sub(40);
    broken.trace[from..].iter().for_each(|line| println!("  {line}"));
    println!("  replay with: cargo test -p worlds --test worlds -- replay {seed}");
}

/// A long run, written down; without a seed it goes on where the last one ended.
fn torture(seed: Option<u64>, count: u64) -> ExitCode {
    let seed = seed.or_else(|| book::next("worlds")).unwrap_or(100_000);
    let (reached, code) = live(seed, count, TORTURE_SECONDS);
    let (worlds, life, took) = reached;
    if worlds > 0 && code == ExitCode::SUCCESS {
        book::append(
            "worlds",
            &format!(
                "| {seed}–{} | {worlds} | {} | {} | {} | {} | 0 | {} min |",
                seed + worlds - 1,
                life.acts,
                life.questions,
                life.power_cuts,
                life.restores,
                took.as_secs() / 60
            ),
        );
    }
    code
}

/// Lives worlds on every core; returns what they saw together.
fn live(seed: u64, count: u64, seconds_max: u64) -> ((u64, Life, Duration), ExitCode) {
    let started = now();
    let (next, bad) = (AtomicU64::new(0), AtomicBool::new(false));
    let sum = Mutex::new((0u64, Life::default()));
    std::thread::scope(|scope| {
        for n in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            let work = || {
                while !bad.load(Ordering::Relaxed) && started.elapsed().as_secs() < seconds_max {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= count {
                        return;
                    }
                    match run(seed + n, None) {
                        Ok(life) => {
                            let mut sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
                            sum.0 += 1;
                            sum.1.acts += life.acts;
                            sum.1.power_cuts += life.power_cuts;
                            sum.1.restores += life.restores;
                            sum.1.questions += life.questions;
                            sum.1.refusals += life.refusals;
                        }
                        Err(broken) => {
                            bad.store(true, Ordering::Relaxed);
                            report(seed + n, &broken);
                        }
                    }
                }
            };
            std::thread::Builder::new().name(format!("world-{n}")).spawn_scoped(scope, work).expect("a thread");
        }
    });
    let (worlds, life) = sum.into_inner().unwrap_or_else(PoisonError::into_inner);
    let took = started.elapsed();
    println!(
        "worlds: {worlds} of {count} from seed {seed} in {} s ({} ms each); {} acts, {} questions, {} power cuts, {} restored or cloned, {} acts refused and shown; broken promises {}",
        took.as_secs(),
        took.as_millis() / u128::from(worlds.max(1)),
        life.acts,
        life.questions,
        life.power_cuts,
        life.restores,
        life.refusals,
        u8::from(bad.load(Ordering::Relaxed)),
    );
    let code = if bad.into_inner() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    ((worlds, life, took), code)
}

/// One line for every world that breaks a promise.
fn survey(seed: u64, count: u64) -> ExitCode {
    let broken: Vec<String> =
        (seed..seed + count).filter_map(|seed| run(seed, None).err().map(|broken| format!("{seed}: {}", broken.what))).collect();
    println!("{} of {count} worlds from seed {seed} broke a promise", broken.len());
    broken.iter().for_each(|line| println!("{line}"));
    if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The same seed is the same world, step for step.
fn twice(seed: u64, count: u64) -> ExitCode {
    for seed in seed..seed + count {
        let (first, second) = (run(seed, None), run(seed, None));
        match (first, second) {
            (Ok(first), Ok(second)) if first == second => {}
            (Ok(_), Ok(_)) => {
                println!("world {seed} is not the same twice");
                return ExitCode::FAILURE;
            }
            (Err(broken), _) | (_, Err(broken)) => {
                report(seed, &broken);
                return ExitCode::FAILURE;
            }
        }
    }
    println!("worlds: {count} seeds lived twice, the same step for step");
    ExitCode::SUCCESS
}

fn replay(seed: u64) -> ExitCode {
    match run(seed, None) {
        Ok(life) => {
            println!("world {seed}: {life:?}");
            ExitCode::SUCCESS
        }
        Err(broken) => {
            broken.trace.iter().for_each(|line| println!("{line}"));
            println!("broken: {}", broken.what);
            ExitCode::FAILURE
        }
    }
}

/// Plants each mistake and looks how many worlds it takes to find it.
fn hunt(seed: u64, count: u64) -> ExitCode {
    let mut all = ExitCode::SUCCESS;
    for bug in Bug::ALL {
        let started = now();
        let found = (seed..seed + count).find_map(|seed| run(seed, Some(bug)).err().map(|broken| (seed, broken)));
        match found {
            Some((at, broken)) => println!(
                "planted {}: found in world {at}, the {}. from seed {seed}, after {} ms: {}",
                bug.name(),
                at - seed + 1,
                started.elapsed().as_millis(),
                broken.what
            ),
            None => {
                println!("planted {}: not found in {count} worlds from seed {seed}", bug.name());
                all = ExitCode::FAILURE;
            }
        }
    }
    all
}
