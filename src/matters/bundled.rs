//! The catalogue that is built in: every file of assets/catalogue, by name.

include!(concat!(env!("OUT_DIR"), "/bundled.rs"));

/// One built-in file by its name.
pub fn file(name: &str) -> Option<(&'static str, &'static str)> {
    FILES.iter().find(|(file, _)| *file == name).copied()
}
