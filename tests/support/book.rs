//! docs/reliability.md: long runs write down what they reached, and go on from there.

use std::{fs, path::PathBuf};

fn page() -> PathBuf {
    // From `tests/<room>` or `tests` to the checkout.
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let page = here.ancestors().map(|folder| folder.join("docs/reliability.md")).find(|page| page.exists());
    page.expect("the checkout has docs/reliability.md")
}

/// Every run of a part ends its table with this line.
fn mark(part: &str) -> String {
    format!("<!-- {part} -->")
}

/// The number after the last that a run of this part wrote down; rows begin with `| FROM–TO |`.
pub fn next(part: &str) -> Option<u64> {
    let text = fs::read_to_string(page()).expect("docs/reliability.md can be read");
    let (before, _) = text.split_once(&mark(part))?;
    let rows = before.rsplit("\n\n").next()?.lines();
    rows.filter_map(|row| row.split('|').nth(1)?.trim().split_once('–')?.1.trim().replace(',', "").parse::<u64>().ok())
        .max()
        .map(|last| last + 1)
}

/// Adds a row to the table of this part.
pub fn append(part: &str, row: &str) {
    let text = fs::read_to_string(page()).expect("docs/reliability.md can be read");
    let mark = mark(part);
    assert!(text.contains(&mark), "docs/reliability.md has a table for {part}");
    let text = text.replacen(&mark, &format!("{row}\n{mark}"), 1);
    fs::write(page(), text).expect("docs/reliability.md can be written");
}
