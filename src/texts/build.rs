//! Reads assets/texts and writes one Rust module a file with one function a sentence, so that
//! a missing key, a missing language or a missing argument does not compile.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

type Messages = BTreeMap<String, Vec<String>>;

#[expect(clippy::disallowed_methods, reason = "a build script hears from cargo through its environment only")]
fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/texts");
    println!("cargo::rerun-if-changed={}", root.display());
    let zh = read(&root.join("zh-CN"));
    let en = read(&root.join("en"));
    let mut faults = Vec::new();
    compare(&zh, &en, &mut faults);
    if !faults.is_empty() {
        for fault in faults {
            println!("cargo::error={fault}");
        }
        std::process::exit(1);
    }
    let out = Path::new(&std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("sentences.rs");
    fs::write(out, generate(&root, &zh)).expect("OUT_DIR is writable");
}

/// Messages with their variables in order of first appearance, by file stem.
fn read(dir: &Path) -> BTreeMap<String, Messages> {
    println!("cargo::rerun-if-changed={}", dir.display());
    let mut files = BTreeMap::new();
    let entries = fs::read_dir(dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display()));
    for path in entries.map(|entry| entry.expect("folder is readable").path()) {
        if path.extension().is_none_or(|ext| ext != "ftl") {
            continue;
        }
        println!("cargo::rerun-if-changed={}", path.display());
        let text = fs::read_to_string(&path).expect("text file is readable");
        let resource =
            fluent_syntax::parser::parse(text.as_str()).unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", path.display()));
        let mut messages = Messages::new();
        for entry in &resource.body {
            if let Entry::Message(message) = entry {
                let mut variables = Vec::new();
                if let Some(pattern) = &message.value {
                    in_pattern(pattern, &mut variables);
                }
                let id = message.id.name.to_owned();
                assert!(messages.insert(id.clone(), variables).is_none(), "{}: {id} stands twice", path.display());
            }
        }
        files.insert(path.file_stem().expect("has a name").to_string_lossy().into_owned(), messages);
    }
    files
}

fn in_pattern(pattern: &Pattern<&str>, variables: &mut Vec<String>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            in_expression(expression, variables);
        }
    }
}

fn in_expression(expression: &Expression<&str>, variables: &mut Vec<String>) {
    match expression {
        Expression::Inline(inline) => in_inline(inline, variables),
        Expression::Select { selector, variants } => {
            in_inline(selector, variables);
            for variant in variants {
                in_pattern(&variant.value, variables);
            }
        }
    }
}

fn in_inline(inline: &InlineExpression<&str>, variables: &mut Vec<String>) {
    match inline {
        InlineExpression::VariableReference { id } => {
            if !variables.iter().any(|known| known == id.name) {
                variables.push(id.name.to_owned());
            }
        }
        InlineExpression::FunctionReference { arguments, .. } => {
            for argument in &arguments.positional {
                in_inline(argument, variables);
            }
        }
        InlineExpression::Placeable { expression } => in_expression(expression, variables),
        _ => {}
    }
}

fn compare(zh: &BTreeMap<String, Messages>, en: &BTreeMap<String, Messages>, faults: &mut Vec<String>) {
    for (name, (have, other, lang)) in zh
        .iter()
        .map(|(name, have)| (name, (have, en.get(name), "en")))
        .chain(en.iter().map(|(name, have)| (name, (have, zh.get(name), "zh-CN"))))
    {
        let Some(other) = other else {
            faults.push(format!("{lang}/{name}.ftl does not exist"));
            continue;
        };
        for (key, variables) in have {
            match other.get(key) {
                None => faults.push(format!("{lang}/{name}.ftl lacks {key}")),
                Some(theirs) => {
                    let (mut a, mut b) = (variables.clone(), theirs.clone());
                    a.sort();
                    b.sort();
                    if a != b && lang == "en" {
                        faults.push(format!("{name}.ftl: {key} has variables {a:?} in zh-CN and {b:?} in en"));
                    }
                }
            }
        }
    }
}

fn rust_name(name: &str) -> String {
    let name = name.replace('-', "_");
    match name.as_str() {
        "do" | "type" | "match" | "move" | "self" | "use" | "where" | "as" | "in" | "if" | "for" | "loop" | "box" | "try" | "ref"
        | "mod" | "new" | "yield" | "return" | "continue" | "break" => name + "_",
        _ => name,
    }
}

fn generate(root: &Path, files: &BTreeMap<String, Messages>) -> String {
    let mut out = String::new();
    writeln!(out, "pub(crate) const FILES: &[(&str, [&str; 2])] = &[").unwrap();
    for name in files.keys() {
        let path = |lang: &str| root.join(lang).join(format!("{name}.ftl"));
        writeln!(out, "    ({name:?}, [include_str!({:?}), include_str!({:?})]),", path("zh-CN"), path("en")).unwrap();
    }
    writeln!(out, "];").unwrap();
    for (index, (name, messages)) in files.iter().enumerate() {
        writeln!(out, "/// Sentences of assets/texts/*/{name}.ftl.\npub mod {} {{", rust_name(name)).unwrap();
        let spoken_with = if messages.values().any(|variables| !variables.is_empty()) { "{Texts, FluentValue}" } else { "Texts" };
        writeln!(out, "    use super::{spoken_with};").unwrap();
        writeln!(out, "    /// All keys of the file.\n    pub const KEYS: &[&str] = &[").unwrap();
        for key in messages.keys() {
            writeln!(out, "        {key:?},").unwrap();
        }
        writeln!(out, "    ];").unwrap();
        writeln!(out, "    /// The sentence of a stable code that comes from data; `None` when the file has no such key.")
            .unwrap();
        writeln!(out, "    pub fn lookup(t: &Texts, code: &str, args: &[(&str, String)]) -> Option<String> {{ t.lookup({index}, code, args) }}").unwrap();
        for (key, variables) in messages {
            let generics: Vec<String> = (0..variables.len()).map(|i| format!("A{i}: Into<FluentValue<'a>>")).collect();
            let generics = if generics.is_empty() { String::new() } else { format!("<'a, {}>", generics.join(", ")) };
            let arguments: String = variables.iter().enumerate().map(|(i, v)| format!(", {}: A{i}", rust_name(v))).collect();
            let pairs: Vec<String> = variables.iter().map(|v| format!("({v:?}, {}.into())", rust_name(v))).collect();
            writeln!(
                out,
                "    pub fn {}{generics}(t: &Texts{arguments}) -> String {{ t.say({index}, {key:?}, [{}]) }}",
                rust_name(key),
                pairs.join(", ")
            )
            .unwrap();
        }
        writeln!(out, "}}").unwrap();
    }
    out
}
