//! Runs cases one after another and counts what passed, what failed and what could not run here.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Instant;

/// How a case ended when it did not panic.
pub enum Ended {
    Passed,
    /// The machine cannot do it; why.
    NotRun(String),
}

pub struct Case {
    pub name: &'static str,
    pub run: fn() -> Ended,
}

/// Runs the cases whose names contain one of the words (all without words). Options of libtest
/// are understood as far as `cargo test` passes them: `--list`, `--exact`; others are let pass.
pub fn run(words: impl Iterator<Item = String>, groups: &[&[Case]]) -> ExitCode {
    let (options, words): (Vec<String>, Vec<String>) = words.partition(|word| word.starts_with("--"));
    let exact = options.iter().any(|option| option == "--exact");
    let chosen = |case: &&Case| {
        words.is_empty() || words.iter().any(|word| if exact { case.name == word } else { case.name.contains(word.as_str()) })
    };
    let cases: Vec<&Case> = groups.iter().copied().flatten().filter(chosen).collect();
    if options.iter().any(|option| option == "--list") {
        for case in &cases {
            println!("{}: test", case.name);
        }
        return ExitCode::SUCCESS;
    }
    println!("\nrunning {} cable tests", cases.len());
    let (mut passed, mut failed, mut not_run) = (0, Vec::new(), 0);
    for case in cases {
        let start = Instant::now();
        match catch_unwind(AssertUnwindSafe(case.run)) {
            Ok(Ended::Passed) => {
                passed += 1;
                println!("test {} ... ok ({:.1} s)", case.name, start.elapsed().as_secs_f32());
            }
            Ok(Ended::NotRun(why)) => {
                not_run += 1;
                println!("test {} ... NOT RUN: {why}", case.name);
            }
            Err(_) => {
                failed.push(case.name);
                println!("test {} ... FAILED", case.name);
            }
        }
    }
    let verdict = if failed.is_empty() { "ok" } else { "FAILED" };
    println!("\ntest result: {verdict}. {passed} passed; {} failed; {not_run} not run\n", failed.len());
    for name in &failed {
        println!("failed: {name}");
    }
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
