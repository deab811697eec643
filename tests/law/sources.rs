//! The files that belong to the project, as git knows them.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests lies in the checkout").to_path_buf()
}

/// Tracked and new files that git does not ignore, relative to the root; in an unpacked archive
/// without git, every file below the rooms.
pub fn files() -> Vec<String> {
    let out = Command::new("git").args(["ls-files", "--cached", "--others", "--exclude-standard"]).current_dir(root()).output();
    let listed = match out {
        Ok(out) if out.status.success() => String::from_utf8_lossy(&out.stdout).lines().map(str::to_owned).collect(),
        _ => {
            let mut found = Vec::new();
            for room in ["src", "drivers", "tests", "assets"] {
                below(&root().join(room), &mut found);
            }
            found
        }
    };
    listed.into_iter().filter(|file: &String| root().join(file).is_file()).collect()
}

fn below(dir: &Path, found: &mut Vec<String>) {
    for path in std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            below(&path, found);
        } else if let Ok(relative) = path.strip_prefix(root()) {
            found.push(relative.to_string_lossy().into_owned());
        }
    }
}

pub fn read(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_default()
}

/// Rust files of the shipped programs and rooms.
pub fn rust() -> Vec<String> {
    files()
        .into_iter()
        .filter(|file| file.ends_with(".rs") && (file.starts_with("src/") || file.starts_with("drivers/")))
        .collect()
}

/// Is this file compiled for tests, benches and tools only?
pub fn is_test(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    let folders = ["/benches/", "/bench/", "/scripted/", "/path_tests/", "_tests/"];
    name.ends_with("_tests.rs")
        || matches!(name, "tests.rs" | "fixtures.rs" | "demo_pages.rs" | "kills.rs")
        || name.contains("bench")
        || folders.iter().any(|folder| file.contains(folder))
}

/// The part of a Rust file that ships: everything before its first test module.
pub fn shipped(text: &str) -> &str {
    text.find("#[cfg(test)]").map_or(text, |at| &text[..at])
}

/// String literals of Rust text with their line numbers; comments are skipped.
pub fn literals(text: &str) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    let chars: Vec<char> = text.chars().collect();
    let (mut i, mut line) = (0, 1);
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    while i < chars.len() {
        match at(i) {
            '\n' => line += 1,
            '/' if at(i + 1) == '/' => {
                while i < chars.len() && at(i) != '\n' {
                    i += 1;
                }
                continue;
            }
            '\'' if at(i + 1) == '\\' && at(i + 3) == '\'' => i += 3,
            '\'' if at(i + 2) == '\'' => i += 2,
            'r' if at(i + 1) == '"' || (at(i + 1) == '#' && (at(i + 2) == '"' || at(i + 2) == '#')) => {
                let mut hashes = 0;
                let mut j = i + 1;
                while at(j) == '#' {
                    hashes += 1;
                    j += 1;
                }
                let start = line;
                let mut literal = String::new();
                j += 1;
                while j < chars.len() && !(at(j) == '"' && (1..=hashes).all(|k| at(j + k) == '#')) {
                    if at(j) == '\n' {
                        line += 1;
                    }
                    literal.push(at(j));
                    j += 1;
                }
                out.push((start, literal));
                i = j + hashes;
            }
            '"' => {
                let start = line;
                let mut literal = String::new();
                i += 1;
                while i < chars.len() && at(i) != '"' {
                    if at(i) == '\\' {
                        i += 1;
                    }
                    if at(i) == '\n' {
                        line += 1;
                    }
                    literal.push(at(i));
                    i += 1;
                }
                out.push((start, literal));
            }
            _ => {}
        }
        i += 1;
    }
    out
}

#[test]
fn literals_are_found_and_comments_are_not() {
    let text = "// \"no\"\nlet a = \"yes\"; let b = '\"'; let c = r#\"a \"quoted\" one\"#;\n let d = \"x\\\"y\";";
    let found: Vec<String> = literals(text).into_iter().map(|(_, literal)| literal).collect();
    assert_eq!(found, ["yes", "a \"quoted\" one", "x\"y"]);
}
