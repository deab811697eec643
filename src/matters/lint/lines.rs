//! Where in a file something stands.

use std::{cell::OnceCell, collections::BTreeMap};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::{CatalogueFault, catalogue::line_of};

/// The lines of one file by key.
///
/// Keys: a dotted path (`window`, `checks[1].message`), and for what has a name of its own
/// `material:CODE`, `field:KEY`, `situation:KEY` with whatever follows.
pub(super) struct Index<'a> {
    pub file: &'a str,
    text: &'a str,
    /// Looked up only when there is a fault, so a good file never pays for it.
    lines: OnceCell<BTreeMap<String, usize>>,
}

impl<'a> Index<'a> {
    pub fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, lines: OnceCell::new() }
    }

    pub fn fault(&self, path: &str, code: &'static str, detail: impl Into<String>) -> CatalogueFault {
        CatalogueFault { file: self.file.to_owned(), line: self.line(path), code, detail: detail.into() }
    }

    /// Line of a key, or of the nearest key above it; 1 for what the file does not name.
    fn line(&self, path: &str) -> usize {
        let lines = self.lines.get_or_init(|| lines(self.text));
        let mut path = path;
        loop {
            if let Some(line) = lines.get(path) {
                return *line;
            }
            match path.rfind(['.', '[']) {
                Some(cut) => path = &path[..cut],
                None => return 1,
            }
        }
    }
}

fn lines(text: &str) -> BTreeMap<String, usize> {
    let mut offsets: Vec<(String, usize)> = Vec::new();
    if let Ok(table) = DeTable::parse(text) {
        walk(table.get_ref(), &mut |path, at, _| offsets.push((path.to_owned(), at)));
    }
    // Counting lines from the start for every key would be quadratic: offsets go in order.
    offsets.sort_by_key(|(_, at)| *at);
    let (mut line, mut done) = (1, 0);
    let mut lines = BTreeMap::new();
    for (path, at) in offsets {
        line += line_of(&text[done..], at - done) - 1;
        done = at;
        lines.entry(path).or_insert(line);
    }
    lines
}

/// Shows every key of a document with its path, its offset and its value.
pub(super) fn walk<'t>(table: &'t DeTable<'t>, see: &mut dyn FnMut(&str, usize, &'t DeValue<'t>)) {
    walk_table(&mut String::new(), table, see);
}

fn walk_table<'t>(path: &mut String, table: &'t DeTable<'t>, see: &mut dyn FnMut(&str, usize, &'t DeValue<'t>)) {
    for (key, value) in table.iter() {
        let length = path.len();
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(key.get_ref());
        see(path, key.span().start, value.get_ref());
        walk_value(path, value, see);
        path.truncate(length);
    }
}

fn walk_value<'t>(path: &mut String, value: &'t Spanned<DeValue<'t>>, see: &mut dyn FnMut(&str, usize, &'t DeValue<'t>)) {
    match value.get_ref() {
        DeValue::Table(table) => walk_table(path, table, see),
        DeValue::Array(list) => {
            for (i, item) in list.iter().enumerate() {
                let mut below = named(path, item.get_ref()).unwrap_or_else(|| format!("{path}[{i}]"));
                see(&below, item.span().start, item.get_ref());
                walk_value(&mut below, item, see);
            }
        }
        _ => {}
    }
}

/// Materials, fields and situations are found by their own keys, wherever they stand.
fn named(path: &str, item: &DeValue<'_>) -> Option<String> {
    let own = |key: &str| item.as_table()?.get(key)?.get_ref().as_str();
    match path.rsplit('.').next()? {
        "materials" => own("code").map(|code| format!("material:{code}")),
        "situations" => own("key").map(|key| format!("situation:{key}")),
        "fields" => own("key").map(|key| format!("field:{key}")),
        _ => None,
    }
}
