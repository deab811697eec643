//! `page`: photographs become pages without a window, for whoever installs a desk and for measuring by machine.
//!
//! Coordinates are those of the stored pixels. An orientation in EXIF is not applied: a camera's frame has none, and whoever
//! measures reads the file as it lies there. The corners run clockwise from the top left of the page as its text stands.

use std::{
    collections::BTreeMap,
    io::Read as _,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::{Value, json};
use texts::{Texts, command as say};

use super::{Fault, Options};

/// What was seen on one photograph.
struct Seen {
    corners: Option<scan::Corners>,
    confidence: f32,
    issues: Vec<&'static str>,
    /// By which the page is known again.
    print: Option<scan::twin::Print>,
    /// Why the squared page could not be written.
    unwritten: Option<std::io::Error>,
}

impl Seen {
    fn nothing(issue: &'static str) -> Self {
        Self { corners: None, confidence: 0.0, issues: vec![issue], print: None, unwritten: None }
    }
}

/// `page FILE... [--json] [--out DIR]`: finds, judges, and with `--out` writes the squared pages under the files' own names.
/// A file that is damaged or absent is an entry with its code and stops nobody else.
pub fn page(t: &Texts, options: &mut Options) -> Result<(), Fault> {
    let json = options.flag("--json");
    let out = options.path("--out");
    let mut files = Vec::new();
    while let Some(file) = options.loose() {
        files.push(PathBuf::from(file));
    }
    options.nothing_left()?;
    if files.is_empty() {
        return Err(Fault::Missing("FILE"));
    }
    let names = names(&files);
    let targets = match &out {
        Some(dir) => targets(dir, &files, &names)?,
        None => Vec::new(),
    };
    let mut seen = look_at_all(&files, &targets);
    mark_twins(&mut seen);
    if json {
        let all: serde_json::Map<String, Value> =
            names.iter().cloned().zip(&seen).map(|(name, seen)| (name, entry(seen))).collect();
        println!("{:#}", Value::Object(all));
    } else {
        for (name, seen) in names.iter().zip(&seen) {
            println!("{}", line(t, name, seen));
        }
    }
    for (seen, target) in seen.into_iter().zip(targets) {
        if let Some(error) = seen.unwritten {
            return Err(Fault::File(target, error));
        }
    }
    Ok(())
}

/// What each file is called in the answer: its name, or the whole path where two files have one name.
fn names(files: &[PathBuf]) -> Vec<String> {
    let short = |file: &PathBuf| file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned();
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for file in files {
        *count.entry(short(file)).or_default() += 1;
    }
    files
        .iter()
        .map(|file| {
            let name = short(file);
            if count.get(&name) == Some(&1) { name } else { file.to_string_lossy().into_owned() }
        })
        .collect()
}

/// Where the pages go. The folder is made; nothing that is asked about is ever written over.
fn targets(dir: &Path, files: &[PathBuf], names: &[String]) -> Result<Vec<PathBuf>, Fault> {
    std::fs::create_dir_all(dir).map_err(|error| Fault::File(dir.to_owned(), error))?;
    let sources: Vec<PathBuf> = files.iter().filter_map(|file| file.canonicalize().ok()).collect();
    let home = dir.canonicalize().map_err(|error| Fault::File(dir.to_owned(), error))?;
    let mut taken = std::collections::BTreeSet::new();
    let mut targets = Vec::with_capacity(files.len());
    for name in names {
        // Of two files with one name the path tells which page is whose.
        let flat: String = name.trim_start_matches('/').replace('/', "_");
        let stem = match flat.rsplit_once('.') {
            Some((stem, "jpg" | "jpeg" | "JPG" | "JPEG")) if !stem.is_empty() => stem.to_owned(),
            _ => flat,
        };
        let free = (1..).map(|n| if n == 1 { format!("{stem}.jpg") } else { format!("{stem}-{n}.jpg") });
        let target = free.map(|file| home.join(file)).find(|file| !taken.contains(file)).unwrap_or_else(|| home.join("page.jpg"));
        if sources.contains(&target) {
            let same = std::io::Error::new(std::io::ErrorKind::AlreadyExists, "the photograph itself stands there");
            return Err(Fault::File(target, same));
        }
        taken.insert(target.clone());
        targets.push(target);
    }
    Ok(targets)
}

/// All files, on all cores; answers in the order of the files.
fn look_at_all(files: &[PathBuf], targets: &[PathBuf]) -> Vec<Seen> {
    let hands = std::thread::available_parallelism().map_or(1, usize::from).min(files.len());
    let next = AtomicUsize::new(0);
    let seen: Vec<Mutex<Option<Seen>>> = files.iter().map(|_| Mutex::new(None)).collect();
    let work = || {
        while let Some((at, file)) = Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, files.get(at)?))) {
            // One picture that breaks the finder must not take the answers of the others with it.
            let one = catch_unwind(AssertUnwindSafe(|| look_at(file, targets.get(at))))
                .unwrap_or_else(|_| Seen::nothing("picture_unreadable"));
            *seen[at].lock().unwrap_or_else(PoisonError::into_inner) = Some(one);
        }
    };
    std::thread::scope(|scope| {
        for hand in 1..hands {
            // Without a second thread the first does it all.
            let _ = std::thread::Builder::new().name(format!("page-{hand}")).spawn_scoped(scope, work);
        }
        work();
    });
    let unread = || Seen::nothing("picture_unreadable");
    seen.into_iter().map(|one| one.into_inner().unwrap_or_else(PoisonError::into_inner).unwrap_or_else(unread)).collect()
}

fn look_at(file: &Path, target: Option<&PathBuf>) -> Seen {
    let mut still = Vec::new();
    let limit = scan::jpeg::INPUT_BYTES_MAX as u64 + 1;
    match std::fs::File::open(file).and_then(|open| open.take(limit).read_to_end(&mut still)) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Seen::nothing("file_absent"),
        Err(_) => return Seen::nothing("file_unreadable"),
    }
    let looked = match scan::look(&still, &scan::Wanted::default()) {
        Ok(looked) => looked,
        Err(error) => return Seen::nothing(error.code()),
    };
    let mut issues: Vec<&'static str> = looked.issues.iter().map(|issue| issue.code()).collect();
    if looked.corners.is_none() {
        issues.insert(0, "no_page");
    }
    let print = looked.corners.is_some().then(|| looked.print.clone());
    let mut seen = Seen { corners: looked.corners, confidence: looked.confidence, issues, print, unwritten: None };
    if let Some(target) = target {
        match looked.pack(scan::PAGE_BYTES_MAX) {
            Ok(page) => seen.unwritten = std::fs::write(target, &page.jpeg).err(),
            Err(error) => seen.issues.push(error.code()),
        }
    }
    seen
}

/// The files are one batch: a page that came before is named where it comes again.
fn mark_twins(seen: &mut [Seen]) {
    for at in 1..seen.len() {
        let (before, rest) = seen.split_at_mut(at);
        let again = rest[0]
            .print
            .as_ref()
            .is_some_and(|print| before.iter().any(|it| it.print.as_ref().is_some_and(|it| print.is_twin_of(it))));
        if again {
            rest[0].issues.push(scan::Issue::Twice.code());
        }
    }
}

fn entry(seen: &Seen) -> Value {
    // Hundredths of a pixel: finer than any corner is known.
    let round = |v: f32| (f64::from(v) * 100.0).round() / 100.0;
    json!({
        "corners": seen.corners.map(|corners| corners.map(|point| point.map(round))),
        "confidence": (f64::from(seen.confidence) * 1000.0).round() / 1000.0,
        "issues": seen.issues,
    })
}

fn line(t: &Texts, name: &str, seen: &Seen) -> String {
    let said: Vec<String> = seen.issues.iter().map(|code| crate::words::page_issue(t, code)).collect();
    match &seen.corners {
        Some(_) if said.is_empty() => say::page_good(t, name),
        _ => say::page_issues(t, name, said.join(" ")),
    }
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
