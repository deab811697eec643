//! Who may import whom. A new corridor is a line here, with a reason in the commit.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use super::sources::root;

/// room → rooms it may import.
const CORRIDORS: &[(&str, &[&str])] = &[
    ("matters", &[]),
    ("wire", &["matters"]),
    ("seal", &[]),
    ("texts", &[]),
    ("scan", &[]),
    ("devices", &[]),
    ("card", &["devices"]),
    ("camera", &["devices"]),
    ("outbox", &["matters", "seal"]),
    ("courier", &["matters", "wire", "seal", "outbox"]),
    ("terminal", &["matters", "texts", "seal", "scan", "outbox", "courier", "devices", "card", "camera"]),
    ("hall", &["matters", "wire", "seal", "texts"]),
    ("vfs", &[]),
    ("torture", &[]),
    ("worlds", &["matters", "wire", "seal", "outbox", "courier", "hall", "vfs"]),
    ("stories", &[]),
];

/// third party → the only rooms that may touch it.
const ALONE: &[(&str, &[&str])] = &[
    ("egui", &["terminal"]),
    ("eframe", &["terminal"]),
    ("rusqlite", &["outbox", "hall", "vfs"]),
    ("reqwest", &["courier"]),
    ("axum", &["hall"]),
    ("axum-server", &["hall"]),
    ("minijinja", &["hall"]),
    ("pcsc", &["card"]),
    ("serialport", &["card"]),
    ("nusb", &["card"]),
    ("nokhwa", &["camera"]),
    ("v4l", &["camera"]),
    ("fluent-bundle", &["texts"]),
    ("image", &["scan"]),
    ("imageproc", &["scan"]),
    ("turbojpeg", &["scan"]),
    ("rxing", &["scan"]),
    ("ed25519-dalek", &["seal"]),
    ("anyhow", &["terminal", "hall", "card"]),
    ("tokio", &["courier", "hall"]),
];

#[derive(serde::Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(serde::Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(serde::Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

fn packages() -> Vec<Package> {
    let cargo = option_env!("CARGO").unwrap_or("cargo");
    let out = Command::new(cargo)
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo can be started");
    assert!(out.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice::<Metadata>(&out.stdout).expect("cargo metadata prints JSON").packages
}

#[test]
fn every_room_imports_only_through_its_corridors() {
    let allowed: BTreeMap<&str, BTreeSet<&str>> =
        CORRIDORS.iter().map(|(room, list)| (*room, list.iter().copied().collect())).collect();
    let mut faults = Vec::new();
    let packages = packages();
    for package in &packages {
        let Some(may) = allowed.get(package.name.as_str()) else {
            faults.push(format!("{} is a room without a line in the table", package.name));
            continue;
        };
        for dependency in package.dependencies.iter().filter(|dependency| dependency.kind.is_none()) {
            if allowed.contains_key(dependency.name.as_str()) && !may.contains(dependency.name.as_str()) {
                faults.push(format!("{} imports {}", package.name, dependency.name));
            }
            let alone = ALONE.iter().find(|(name, _)| *name == dependency.name);
            if let Some((name, rooms)) = alone
                && !rooms.contains(&package.name.as_str())
            {
                faults.push(format!("{} touches {name}, which belongs to {rooms:?}", package.name));
            }
        }
    }
    for (room, _) in CORRIDORS {
        if !packages.iter().any(|package| package.name == *room) {
            faults.push(format!("{room} is in the table and nowhere else"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_room_pulls_a_second_tls_or_a_system_ssl() {
    let lock = super::sources::read("Cargo.lock");
    for unwanted in ["aws-lc-sys", "native-tls", "openssl-sys"] {
        // rusqlite's SQLCipher links the system's libcrypto through its own build script.
        assert!(!lock.contains(&format!("name = \"{unwanted}\"")), "{unwanted} came in");
    }
}

#[test]
fn matters_reads_no_clock_no_file_no_socket_and_no_random_number() {
    let doors = [
        "std::fs",
        "std::net",
        "std::time::",
        "std::env",
        "std::process",
        "std::thread",
        "::now()",
        "getrandom",
        "now_v7",
        "rand::",
    ];
    let mut faults = Vec::new();
    for file in super::sources::rust().iter().filter(|file| file.starts_with("src/matters/") && !file.ends_with("build.rs")) {
        if super::sources::is_test(file) {
            continue;
        }
        let text = super::sources::read(file);
        for (number, line) in super::sources::shipped(&text).lines().enumerate() {
            let code = line.split("//").next().unwrap_or(line);
            for door in doors.iter().filter(|door| code.contains(**door)) {
                faults.push(format!("{file}:{}: {door}", number + 1));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn async_lives_only_at_the_line() {
    let homes = ["src/courier/", "src/hall/"];
    let mut faults = Vec::new();
    for file in super::sources::rust().iter().filter(|file| !homes.iter().any(|home| file.starts_with(home))) {
        let text = super::sources::read(file);
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or(line);
            if code.contains("async fn") || code.contains(".await") {
                faults.push(format!("{file}:{}", number + 1));
            }
        }
    }
    // Inside the hall, what decides stays synchronous.
    for file in super::sources::rust().iter().filter(|file| file.starts_with("src/hall/ledger/")) {
        let text = super::sources::read(file);
        if text.lines().any(|line| line.split("//").next().unwrap_or(line).contains("async fn")) {
            faults.push(file.clone());
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
