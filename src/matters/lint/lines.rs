//! Where in a file something stands.

use std::collections::BTreeMap;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::CatalogueFault;

/// The texts of one file and the lines of its keys.
///
/// Keys: a dotted path (`window`, `checks[1].message`), and for what has a name of its own
/// `material:CODE`, `field:KEY`, `situation:KEY` with whatever follows.
pub(super) struct Index<'a> {
    pub file: &'a str,
    /// Offsets of line ends: thousands of keys are looked up.
    ends: Vec<usize>,
    lines: BTreeMap<String, usize>,
    /// Path and text of every `{ zh, en }`.
    pub words: Vec<(String, Option<String>, Option<String>)>,
    id: Option<String>,
}

impl<'a> Index<'a> {
    pub fn new(file: &'a str, text: &'a str, table: &DeTable<'_>) -> Self {
        let id = table.get("id").and_then(|id| id.get_ref().as_str()).map(str::to_owned);
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect();
        let mut index = Self { file, ends, lines: BTreeMap::new(), words: Vec::new(), id };
        index.table("", table);
        index
    }

    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Line of a key, or of the nearest key above it; 1 for what the file does not name.
    pub fn line(&self, path: &str) -> usize {
        let mut path = path;
        loop {
            if let Some(line) = self.lines.get(path) {
                return *line;
            }
            match path.rfind(['.', '[']) {
                Some(cut) => path = &path[..cut],
                None => return 1,
            }
        }
    }

    pub fn fault(&self, path: &str, code: &'static str, detail: impl Into<String>) -> CatalogueFault {
        CatalogueFault { file: self.file.to_owned(), line: self.line(path), code, detail: detail.into() }
    }

    fn line_at(&self, offset: usize) -> usize {
        1 + self.ends.partition_point(|end| *end < offset)
    }

    fn table(&mut self, path: &str, table: &DeTable<'_>) {
        let text = |key: &str| table.get(key).map(|value| value.get_ref().as_str().unwrap_or("").to_owned());
        let (zh, en) = (text("zh"), text("en"));
        if zh.is_some() || en.is_some() {
            self.words.push((path.to_owned(), zh, en));
        }
        for (key, value) in table.iter() {
            let below = if path.is_empty() { key.get_ref().to_string() } else { format!("{path}.{}", key.get_ref()) };
            let line = self.line_at(key.span().start);
            self.lines.entry(below.clone()).or_insert(line);
            self.value(&below, value);
        }
    }

    fn value(&mut self, path: &str, value: &Spanned<DeValue<'_>>) {
        match value.get_ref() {
            DeValue::Table(table) => self.table(path, table),
            DeValue::Array(list) => {
                for (i, item) in list.iter().enumerate() {
                    let below = named(path, item.get_ref()).unwrap_or_else(|| format!("{path}[{i}]"));
                    let line = self.line_at(item.span().start);
                    self.lines.entry(below.clone()).or_insert(line);
                    self.value(&below, item);
                }
            }
            _ => {}
        }
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
