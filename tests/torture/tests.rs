use std::{ffi::OsStr, sync::Arc};

use crate::image::{Image, ROOT, Refusal, Write};

fn chance(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed.wrapping_mul(2) + 1;
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    }
}

fn bytes(text: &[u8]) -> Write {
    Write::Bytes { at: 0, bytes: text.to_vec() }
}

#[test]
fn only_what_was_synced_is_certain() {
    let mut outcomes = std::collections::BTreeSet::new();
    for seed in 0..200 {
        let mut image = Image::new();
        let file = image.make(ROOT, OsStr::new("a"), 0o600, false).unwrap();
        image.write(file, bytes(b"synced")).unwrap();
        image.sync(file).unwrap();
        image.sync(ROOT).unwrap();
        image.write(file, bytes(b"later!")).unwrap();
        let other = image.make(ROOT, OsStr::new("b"), 0o600, false).unwrap();
        image.rename(ROOT, OsStr::new("b"), ROOT, OsStr::new("c")).unwrap();
        image.cut(&mut chance(seed));
        let kept = image.read(file, 0, 100).unwrap().to_vec();
        assert!(kept == b"synced" || kept == b"later!", "{kept:?}");
        let names = ["b", "c"].map(|name| image.child(ROOT, OsStr::new(name)) == Ok(other));
        assert!(names != [true, true], "a rename is one step");
        outcomes.insert((kept, names));
    }
    assert!(outcomes.len() >= 5, "everything that may happen does: {outcomes:?}");
}

#[test]
fn without_power_nothing_answers_and_somebody_is_told() {
    let mut image = Image::new();
    let file = image.make(ROOT, OsStr::new("a"), 0o600, false).unwrap();
    let told = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let tell = Arc::clone(&told);
    image.dies_in(2, move || tell.store(true, std::sync::atomic::Ordering::Relaxed));
    image.write(file, bytes(b"x")).unwrap();
    assert_eq!(image.sync(file), Err(Refusal::NoPower));
    assert!(told.load(std::sync::atomic::Ordering::Relaxed) && image.is_dead());
    assert_eq!(image.read(file, 0, 1), Err(Refusal::NoPower));
    image.cut(&mut chance(1));
    assert!(image.read(file, 0, 1).is_ok());
}
