//! The service files are what a service manager takes.

use std::process::Command;

use super::sources::{files, read};

/// Programs that are not on the machine which looks at the files.
const PROGRAMS: &[&str] = &["/usr/bin/town-hall", "/usr/bin/xinit"];

#[test]
fn the_service_files_are_understood_by_systemd() {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        println!("no systemd-analyze here: nothing was looked at");
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    let mut units = Vec::new();
    for file in files().iter().filter_map(|file| file.strip_prefix("assets/deploy/systemd/")) {
        let mut text = read(&format!("assets/deploy/systemd/{file}"));
        for program in PROGRAMS {
            text = text.replace(program, "/bin/true");
        }
        let path = dir.path().join(file);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(&path, text).expect("written");
        if !file.contains('/') {
            units.push(path);
        }
    }
    assert!(units.len() >= 4, "{units:?}");
    let out = Command::new("systemd-analyze").arg("verify").args(&units).output().expect("it ran");
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    // It looks at the machine's own units too; only ours are judged.
    let ours: Vec<&str> = said.lines().filter(|line| line.contains("town-hall") || line.contains("village-terminal")).collect();
    assert!(out.status.success() && ours.is_empty(), "{said}");
}

#[test]
fn no_service_swaps_or_dumps_what_people_entered() {
    for file in files().iter().filter(|file| file.starts_with("assets/deploy/systemd/") && file.ends_with(".service")) {
        let text = read(file);
        for line in ["MemorySwapMax=0", "LimitCORE=0", "UMask=0077"] {
            assert!(text.lines().any(|one| one == line), "{file} lacks {line}");
        }
    }
}
