//! Rules about files: their length, their size, whether anybody reads them.

use super::sources::{files, read, root, rust};

#[test]
fn no_rust_file_is_longer_than_600_lines() {
    let long: Vec<String> = files()
        .into_iter()
        .filter(|file| file.ends_with(".rs"))
        .filter_map(|file| {
            let lines = read(&file).lines().count();
            (lines > 600).then(|| format!("{file}: {lines}"))
        })
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn no_file_is_larger_than_20_megabytes() {
    for file in files() {
        let size = std::fs::metadata(root().join(&file)).map_or(0, |meta| meta.len());
        assert!(size <= 20 * 1024 * 1024, "{file} has {size} bytes");
    }
}

#[test]
fn no_test_file_is_forgotten() {
    let everything: Vec<(String, String)> = files()
        .into_iter()
        .filter(|file| file.ends_with(".rs") || file.ends_with("Cargo.toml"))
        .map(|file| (file.clone(), read(&file)))
        .collect();
    let mut forgotten = Vec::new();
    for (file, _) in everything.iter().filter(|(file, _)| file.ends_with(".rs")) {
        let name = file.rsplit('/').next().unwrap_or(file);
        let stem = name.trim_end_matches(".rs");
        // Roots of crates, folders' own files and cargo's own names are found by cargo.
        if matches!(stem, "lib" | "main" | "build" | "mod") {
            continue;
        }
        let known = everything.iter().any(|(other, text)| {
            other != file
                && (text.contains(&format!("mod {stem};"))
                    || text.contains(&format!("\"{name}\""))
                    || text.contains(&format!("/{name}\"")))
        });
        if !known {
            forgotten.push(file.clone());
        }
    }
    assert!(forgotten.is_empty(), "nobody compiles:\n{}", forgotten.join("\n"));
}

#[test]
fn no_test_is_switched_off() {
    let mark = concat!("#[", "ignore");
    let off: Vec<String> = files().into_iter().filter(|file| file.ends_with(".rs") && read(file).contains(mark)).collect();
    assert!(off.is_empty(), "{}", off.join("\n"));
}

#[test]
fn every_room_has_a_doorplate() {
    for file in rust().into_iter().filter(|file| file.ends_with("/lib.rs")) {
        let text = read(&file);
        assert!(text.starts_with("//!"), "{file} has no doorplate");
        assert!(text.contains("//! Never:") || text.contains("//! **Never"), "{file} does not say what the room never does");
    }
}
