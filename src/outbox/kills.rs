//! The cabinet under SIGKILL and on full disks.
//!
//! The parent starts itself as a child that works in a cabinet and says on its standard output
//! what the cabinet acknowledged; the parent kills it at a random moment and holds what it was
//! told against what is there. `kills ROUNDS SEED` for a longer run than the suite's.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    io::{BufRead, BufReader, Write},
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
};

use outbox::*;

#[path = "fixtures.rs"]
#[allow(dead_code, reason = "shared with the tests inside the room, which use more of it")]
mod fixtures;

use fixtures::*;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["work", path, first] => work(Path::new(path), first.parse().unwrap()),
        ["fill", path, until] => fill(Path::new(path), until),
        [rounds, seed] if rounds.parse::<u32>().is_ok() => kill_at_random(rounds.parse().unwrap(), seed.parse().unwrap()),
        // As a test harness would take them: a list of tests, a filter that is not for us.
        [.., "--list"] => {}
        [filter, ..] if !filter.starts_with('-') && !"kills".contains(filter) => {}
        _ => {
            kill_at_random(24, 20_261_124);
            full_disk();
            file_size_limit();
        }
    }
    ExitCode::SUCCESS
}

fn say(line: std::fmt::Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    // A parent that has gone makes this fail; then there is nobody to tell.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// The child: fills, photographs and seals without end, and says "do" before a step and "did"
/// after it was acknowledged.
fn work(path: &Path, first: u128) {
    let mut cabinet = Cabinet::open(path, &key(), at(0)).unwrap();
    cabinet.set_keep_free(0);
    for n in first.. {
        let id = id(n);
        say(format_args!("do save {n}"));
        cabinet.save_draft(&draft(n)).unwrap();
        say(format_args!("did save {n}"));
        for i in 0..3u64 {
            say(format_args!("do page {n} {i}"));
            cabinet.put_page(id, "MR1", None, &picture((n as u64) << 8 | i, 20_000 + 7_000 * i as usize), 1, 1).unwrap();
            say(format_args!("did page {n} {i}"));
        }
        say(format_args!("do number {n}"));
        let sequence = cabinet.next_sequence().unwrap();
        let number = format!("SLC-{}-{sequence}", cabinet.epoch().unwrap());
        say(format_args!("did number {n} {number}"));
        let draft = cabinet.draft(id).unwrap().unwrap();
        let (sealed, act) = seal(&draft, draft.pages.clone(), &number);
        say(format_args!("do seal {n}"));
        cabinet.seal(id, &sealed, &act).unwrap();
        say(format_args!("did seal {n} {}", sealed.digest()));
        if n % 3 == 0 {
            say(format_args!("do receipt {n}"));
            cabinet.record_receipt(&receipt(&act, 1)).unwrap();
            say(format_args!("did receipt {n}"));
        }
    }
}

/// What the children were told.
#[derive(Default)]
struct Told {
    sealed: BTreeMap<u128, String>,
    /// Pages acknowledged of drafts.
    pages: BTreeMap<u128, usize>,
    saved: BTreeSet<u128>,
    receipts: BTreeSet<u128>,
    numbers: BTreeSet<String>,
    /// Steps in which a kill fell.
    fell_in: BTreeMap<String, u32>,
    last: u128,
}

impl Told {
    /// Takes a line in; returns the step that is open after it.
    fn hear(&mut self, line: &str) -> Option<String> {
        let words: Vec<&str> = line.split(' ').collect();
        let n = words[2].parse().unwrap();
        self.last = self.last.max(n);
        match words[..] {
            ["do", step, ..] => return Some(step.to_owned()),
            ["did", "save", ..] => drop(self.saved.insert(n)),
            ["did", "page", ..] => *self.pages.entry(n).or_default() += 1,
            ["did", "number", _, number] => assert!(self.numbers.insert(number.to_owned()), "number {number} came twice"),
            ["did", "seal", _, digest] => drop(self.sealed.insert(n, digest.to_owned())),
            ["did", "receipt", ..] => drop(self.receipts.insert(n)),
            _ => panic!("a child said {line:?}"),
        }
        None
    }

    /// Every acknowledged thing is there once and whole, and what was not is there or not, but
    /// never in part.
    fn check(&self, path: &Path) {
        let reading = Cabinet::reading(path, &key()).unwrap();
        let rows = reading.filings(100_000).unwrap();
        let mut kept = BTreeSet::new();
        for row in &rows {
            let full = reading.filing(row.id).unwrap().unwrap();
            let n = row.id.as_u128() - id(0).as_u128() - 100_000_000;
            assert!(kept.insert(n), "filing {n} is there twice");
            assert_eq!(full.acts.len(), 1, "filing and act come together");
            assert_eq!(full.sealed.filing().pages.len(), 3);
            for page in &full.sealed.filing().pages {
                assert!(reading.page(page.sha256).unwrap().is_some(), "a page of filing {n} is missing");
            }
            assert_eq!(reading.draft(id(n)).unwrap(), None, "filing {n} is a draft as well");
            if let Some(digest) = self.sealed.get(&n) {
                assert_eq!(&full.sealed.digest().to_string(), digest);
            }
            assert!(full.receipt.is_some() || !self.receipts.contains(&n), "the receipt of {n} is lost");
        }
        for n in self.sealed.keys() {
            assert!(kept.contains(n), "filing {n} was acknowledged and is not there");
        }
        for n in self.saved.difference(&kept) {
            let draft = reading.draft(id(*n)).unwrap().expect("a draft that was acknowledged is there");
            assert!(draft.pages.len() >= self.pages.get(n).copied().unwrap_or(0), "a page of draft {n} is lost");
            draft.pages.iter().for_each(|page| assert!(reading.page(page.sha256).unwrap().is_some()));
        }
        let numbers: BTreeSet<&str> = rows.iter().map(|row| &*row.case_number).collect();
        assert_eq!(numbers.len(), rows.len());
    }
}

/// A child, ended with its owner.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Already gone is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn myself() -> PathBuf {
    std::env::current_exe().unwrap()
}

fn kill_at_random(rounds: u32, seed: u64) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cabinet.db");
    let mut told = Told::default();
    let noise = picture(seed, rounds as usize * 8);
    for round in 0..rounds as usize {
        let word = |at: usize| u64::from(u32::from_le_bytes(noise[round * 8 + at..round * 8 + at + 4].try_into().unwrap()));
        let (lines, spins) = (1 + word(0) % 40, word(4) % 400_000);
        let mut command = Command::new(myself());
        command.arg("work").arg(&path).arg((told.last + 1).to_string()).stdout(Stdio::piped());
        let mut child = Running(command.spawn().unwrap());
        let out = child.0.stdout.take().unwrap();
        let mut heard = BufReader::new(out).lines();
        let mut open = None;
        for line in heard.by_ref().take(lines as usize) {
            open = told.hear(&line.unwrap());
        }
        // The moment inside the step is chance too: a spin of up to about a millisecond.
        for spin in 0..spins {
            std::hint::black_box(spin);
        }
        child.0.kill().unwrap();
        // What it was still told before the end counts as acknowledged.
        heard.for_each(|line| open = told.hear(&line.unwrap()));
        let status = child.0.wait().unwrap();
        assert_eq!(status.signal(), Some(9), "the child ended by itself: {status}");
        *told.fell_in.entry(open.unwrap_or_else(|| "between".into())).or_default() += 1;
        told.check(&path);
    }
    let cabinet = Cabinet::open(&path, &key(), at(0)).unwrap();
    assert_eq!(cabinet.arrival(), Arrival::Reopened, "a kill is no restored backup");
    assert!(cabinet.integrity().unwrap().is_whole());
    let mut spread = String::new();
    told.fell_in.iter().for_each(|(step, count)| write!(spread, " {step} {count}").unwrap());
    println!("kills: {rounds} (in:{spread}), seed {seed}; acknowledged filings {}, lost 0, doubled 0", told.sealed.len());
}

/// The child on a small disk: seals until nothing fits, and proves that what was acknowledged
/// is whole, that what was refused left nothing, and that there is a way back.
fn fill(path: &Path, until: &str) {
    let mut cabinet = Cabinet::open(path, &key(), at(0)).unwrap();
    cabinet.set_keep_free(0);
    let mut sealed = Vec::new();
    let mut refused = 0;
    for n in 1..2_000u128 {
        let id = id(n);
        let done = cabinet
            .save_draft(&draft(n))
            .and_then(|()| cabinet.put_page(id, "MR1", None, &picture(n as u64, 150_000), 1, 1))
            .and_then(|page| {
                let (filing, act) = seal(&draft(n), vec![page], &format!("SLC-{n}"));
                cabinet.seal(id, &filing, &act).map(|()| filing)
            });
        match done {
            Ok(filing) => sealed.push(filing),
            Err(error) => {
                assert!(until.split('|').any(|code| code == error.code()), "{error:?}");
                refused += 1;
                if refused == 5 {
                    break;
                }
            }
        }
    }
    assert!(sealed.len() > 3 && refused == 5, "{} sealed, {refused} refused", sealed.len());
    match cabinet.next_sequence() {
        Ok(_) => {}
        Err(error) => assert!(matches!(error.code(), "cabinet_full" | "cabinet_disk" | "cabinet_io"), "{error:?}"),
    }
    let check = |reading: &Reading| {
        assert_eq!(reading.filings(5_000).unwrap().len(), sealed.len());
        for filing in &sealed {
            assert_eq!(&reading.filing(filing.filing().id).unwrap().unwrap().sealed, filing);
            assert!(reading.page(filing.filing().pages[0].sha256).unwrap().is_some());
        }
    };
    check(&Cabinet::reading(path, &key()).unwrap());
    drop(cabinet);
    // On a full disk the cabinet opens, or says why it does not; it never opens with less.
    match Cabinet::open(path, &key(), at(0)) {
        Ok(cabinet) => {
            check(&Cabinet::reading(path, &key()).unwrap());
            assert!(cabinet.integrity().unwrap().is_whole());
        }
        Err(error) => assert!(matches!(error.code(), "cabinet_full" | "cabinet_disk" | "cabinet_io"), "{error:?}"),
    }
    say(format_args!("filled {}", sealed.len()));
}

/// A tmpfs of 24 MB in a mount namespace of its own.
fn full_disk() {
    let folder = tempfile::tempdir().unwrap();
    let script = r#"mount -t tmpfs -o size=24m tmpfs "$1" && exec "$2" fill "$1/cabinet.db" cabinet_full"#;
    // As root, or in a user namespace where the kernel lets everybody have one.
    for flags in [&["-m"][..], &["-rm"]] {
        if !Command::new("unshare").args(flags).arg("true").status().is_ok_and(|status| status.success()) {
            continue;
        }
        let output = Command::new("unshare")
            .args(flags)
            .args(["sh", "-c", script, "sh"])
            .arg(folder.path())
            .arg(myself())
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        assert!(output.status.success(), "on a full disk: {}", output.status);
        print!("disk of 24 MB: {}", String::from_utf8_lossy(&output.stdout));
        return;
    }
    println!("disk of 24 MB: not run, this machine lets nobody mount a file system of his own");
}

/// No file may grow beyond 8 MB: writing fails where the disk still has room.
fn file_size_limit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cabinet.db");
    // SIGXFSZ would end the child; ignored, the write fails instead. Blocks of 512 bytes.
    let script = r#"trap '' XFSZ; ulimit -f 16384; exec "$1" fill "$2" 'cabinet_full|cabinet_disk'"#;
    let output =
        Command::new("sh").args(["-c", script, "sh"]).arg(myself()).arg(&path).stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "with a limit on file size: {}", output.status);
    let said = String::from_utf8(output.stdout).unwrap();
    let count: usize = said.trim().strip_prefix("filled ").unwrap().parse().unwrap();
    // Without the limit everything that was acknowledged is there, and work goes on.
    let mut cabinet = Cabinet::open(&path, &key(), at(0)).unwrap();
    cabinet.set_keep_free(0);
    assert!(cabinet.integrity().unwrap().is_whole());
    file(&mut cabinet, 5_000, &[150_000]);
    assert_eq!(Cabinet::reading(&path, &key()).unwrap().filings(5_000).unwrap().len(), count + 1);
    println!("files of 8 MB at most: {said}");
}
