//! Lists the files of assets/catalogue for [`crate::bundled`], so that a matter is added by a file alone.

use std::{fmt::Write as _, fs, path::Path};

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/catalogue");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| {
            entry.expect("the catalogue folder can be listed").file_name().into_string().expect("catalogue file names are UTF-8")
        })
        .filter(|name| name.ends_with(".toml"))
        .collect();
    names.sort();
    let mut out = String::from("pub const FILES: &[(&str, &str)] = &[\n");
    for name in &names {
        let path = folder.join(name).canonicalize().expect("a listed file exists");
        println!("cargo::rerun-if-changed={}", path.display());
        writeln!(out, "    ({name:?}, include_str!({:?})),", path.display().to_string()).expect("writing to a string");
    }
    out.push_str("];\n");
    #[expect(clippy::disallowed_methods, reason = "cargo tells a build script its folder this way only")]
    let target = Path::new(&std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("bundled.rs");
    fs::write(&target, out).unwrap_or_else(|error| panic!("{}: {error}", target.display()));
}
