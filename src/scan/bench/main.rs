//! `make bench [SCAN_SET=DIR] [PYTHON=python3]`: what a shot costs and what the finder finds, as tables in docs/performance.md.
//!
//! With SCAN_SET the baseline in that folder runs in the same run, pinned to the same core, on the same files; without it only
//! pages of this project are timed, and the table says so. All times are CPU time of one thread on one core, medians.
//!
//! `cargo bench -p scan --bench shot -- [--fast] [FILE…]`: `--fast` leaves accuracy out; with files only their stages are printed.

mod baseline;
mod stages;
mod table;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// By this word the bench knows that it is pinned already.
const PINNED: &str = "--pinned";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if !args.iter().any(|arg| arg == PINNED) {
        return pinned(&args);
    }
    let fast = args.iter().any(|arg| arg == "--fast");
    let files: Vec<PathBuf> = args.iter().filter(|arg| !arg.starts_with("--")).map(PathBuf::from).collect();
    if !files.is_empty() {
        for file in &files {
            let jpeg = std::fs::read(file).expect("a file");
            match stages::measured(&jpeg) {
                Some(row) => println!("{}: {row:#?}", file.display()),
                None => println!("{}: no page", file.display()),
            }
        }
        return ExitCode::SUCCESS;
    }
    let set = variable("SCAN_SET").map(PathBuf::from);
    let report = match set.as_deref() {
        Some(set) => match baseline::Baseline::new(set, &variable("PYTHON").unwrap_or_else(|| "python3".into()), fast) {
            Ok(baseline) => table::beside(&baseline, fast),
            Err(why) => {
                eprintln!("the baseline in {} does not run: {why}", set.display());
                return ExitCode::FAILURE;
            }
        },
        None => table::alone(),
    };
    println!("{report}");
    table::keep(&root().join("docs/performance.md"), "shot", &report);
    ExitCode::SUCCESS
}

/// Starts this program anew on one core, so that figures of two runs and of two sides can be compared.
fn pinned(args: &[String]) -> ExitCode {
    let me = std::env::current_exe().expect("a program has a path");
    let core = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    // The last of the cores that this process may use.
    let core = core
        .lines()
        .find_map(|line| line.strip_prefix("Cpus_allowed_list:"))
        .and_then(|list| list.trim().rsplit([',', '-']).next())
        .unwrap_or("0");
    let status = Command::new("taskset").args(["-c", core]).arg(me).arg(PINNED).args(args).status();
    match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("taskset (util-linux) is needed: {why}");
            ExitCode::FAILURE
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "a bench has no configuration file")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
