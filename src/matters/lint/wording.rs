//! Texts of a file: both languages there, each in its own script, nothing vague in either.

use toml::de::DeTable;

use super::{
    lines::{Index, walk},
    vague::{is_han, vague_chinese},
};
use crate::CatalogueFault;

/// Longest label of a field that still fits beside its box.
const LABEL_CHARS_MAX: usize = 12;

/// Every text of the file: both languages there, each in its own script, nothing vague.
pub(super) fn check(index: &Index<'_>, table: &DeTable<'_>, faults: &mut Vec<CatalogueFault>) {
    walk(table, &mut |path, _, value| {
        if let Some(text) = value.as_str().filter(|_| is_basis(path)) {
            // 《土地管理法》等法律 is no basis.
            faults.extend(vague_chinese(text).map(|found| index.fault(path, "wording_vague", format!("{found} — {text}"))));
            return;
        }
        let Some(words) = value.as_table() else { return };
        let text = |key: &str| words.get(key).map(|value| value.get_ref().as_str().unwrap_or("").trim());
        let (zh, en) = match (text("zh"), text("en")) {
            (None, None) => return,
            (zh, en) => (zh.unwrap_or(""), en.unwrap_or("")),
        };
        let mut fault = |code: &'static str, detail: String| faults.push(index.fault(path, code, detail));
        if zh.is_empty() || en.is_empty() {
            fault("words_empty", path.to_owned());
            return;
        }
        let sample = path.ends_with(".sample");
        if !sample && !zh.chars().any(is_han) {
            fault("words_not_chinese", zh.to_owned());
        }
        if en.chars().any(is_han) {
            fault("words_not_english", en.to_owned());
        }
        if sample {
            return;
        }
        // A choice 其他 is judged where its field is: what it means must be written out (links.rs).
        let choice = path.contains("choices") && path.ends_with(".label") && is_other(zh);
        if let Some(found) = vague_chinese(zh).filter(|_| !choice) {
            fault("wording_vague", format!("{found} — {zh}"));
        }
        if let Some(found) = vague_english(en) {
            fault("wording_vague_english", format!("{found} — {en}"));
        }
        let label = path.strip_suffix(".label").is_some_and(|owner| !owner.ends_with(']'));
        if label && zh.chars().count() > LABEL_CHARS_MAX {
            fault("label_long", zh.to_owned());
        }
    });
}

/// Legal bases are shown in the guide, in one language.
fn is_basis(path: &str) -> bool {
    path.ends_with(".basis") || path == "fee_basis" || (path.starts_with("basis[") && path.ends_with(".text"))
}

/// A choice that names nothing by itself.
pub(super) fn is_other(zh: &str) -> bool {
    matches!(zh.trim(), "其他" | "其它" | "其余" | "别的")
}

/// English phrases that say nothing, in lower case.
const ENGLISH: [&str; 58] = [
    "etc",
    "and so on",
    "and so forth",
    "as required",
    "as necessary",
    "if necessary",
    "where necessary",
    "as appropriate",
    "where appropriate",
    "other documents",
    "other papers",
    "other materials",
    "other proof",
    "relevant documents",
    "relevant papers",
    "relevant proof",
    "related documents",
    "relevant departments",
    "in principle",
    "depending on circumstances",
    "and others",
    "and the like",
    "among others",
    "including but not limited to",
    "as needed",
    "if needed",
    "when needed",
    "when necessary",
    "when required",
    "where applicable",
    "as applicable",
    "as the case may be",
    "case by case",
    "other relevant",
    "other related",
    "other supporting",
    "other necessary",
    "other required",
    "other certificates",
    "other evidence",
    "other formalities",
    "any other",
    "relevant certificates",
    "relevant materials",
    "relevant regulations",
    "relevant procedures",
    "relevant authorities",
    "related papers",
    "related materials",
    "related proof",
    "according to regulations",
    "according to the rules",
    "in accordance with regulations",
    "as prescribed",
    "as stipulated",
    "at its discretion",
    "as soon as possible",
    "in due course",
];

/// The vague piece of an English text.
pub fn vague_english(text: &str) -> Option<&'static str> {
    let mut inside_word = false;
    for (i, c) in text.char_indices() {
        let starts = c.is_ascii_alphabetic() && !inside_word;
        inside_word = c.is_alphabetic();
        if !starts {
            continue;
        }
        let rest = &text.as_bytes()[i..];
        let found = ENGLISH.into_iter().find(|phrase| {
            rest.len() >= phrase.len()
                && rest[..phrase.len()].eq_ignore_ascii_case(phrase.as_bytes())
                && !rest.get(phrase.len()).is_some_and(u8::is_ascii_alphabetic)
        });
        if found.is_some() {
            return found;
        }
    }
    None
}
