//! Data files → matters. The dictionary supplies what a matter's file leaves unsaid; what is
//! still missing afterwards is a fault with its line.

use std::collections::BTreeMap;

use serde::{Deserialize, de::IntoDeserializer};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Catalogue, CatalogueFault, Head, line_of};
use crate::matter::{Capture, Choice, Column, Field, FieldKind, Group, Material, Matter, Prefill, Sheet, When, Words};

/// Sees every file that is TOML: its name, its text and what stands in it.
pub(crate) type Visit<'v> = dyn FnMut(&str, &str, &DeTable<'_>) + 'v;

/// Reads all files of a catalogue, each once; `visit` sees them before they become matters.
pub(super) fn catalogue(version: &str, files: &[(&str, &str)], visit: &mut Visit<'_>) -> (Catalogue, Vec<CatalogueFault>) {
    let mut faults = Vec::new();
    let mut dictionary = Dictionary::default();
    let mut head = None;
    for (file, text) in files {
        match *file {
            "dictionary.toml" => match whole(file, text, visit) {
                Ok(read) => dictionary = read,
                Err(found) => faults.extend(found),
            },
            "catalogue.toml" => match whole(file, text, visit) {
                Ok(read) => head = Some(read),
                Err(found) => faults.extend(found),
            },
            _ => {}
        }
    }
    let mut head: Head = head.unwrap_or_default();
    if !version.is_empty() {
        head.version = version.to_owned();
    } else if head.version.is_empty() {
        faults.push(CatalogueFault { file: "catalogue.toml".into(), line: 0, code: "version_missing", detail: String::new() });
    }
    let mut matters: BTreeMap<String, Matter> = BTreeMap::new();
    for (file, text) in files {
        if matches!(*file, "dictionary.toml" | "catalogue.toml" | "calendar.toml") {
            continue;
        }
        match matter(file, text, &dictionary, visit) {
            Ok(matter) => {
                if let Some(twice) = matters.get(&matter.id) {
                    let detail = format!("{} is also {}", matter.id, twice.name.zh);
                    faults.push(CatalogueFault { file: (*file).into(), line: 1, code: "id_twice", detail });
                } else {
                    matters.insert(matter.id.clone(), matter);
                }
            }
            Err(found) => faults.extend(found),
        }
    }
    let matters: Vec<Matter> = matters.into_values().collect();
    let names = matters.iter().map(crate::search::names).collect();
    (Catalogue { head, matters, names }, faults)
}

/// What matters share: material, field and group defaults, lists of choices.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Dictionary {
    choices: BTreeMap<String, Vec<Choice>>,
    materials: BTreeMap<String, RawMaterial>,
    fields: BTreeMap<String, RawField>,
    groups: BTreeMap<String, RawGroup>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMaterial {
    code: Option<String>,
    /// Dictionary entry to start from, when it is not the code's own.
    #[serde(rename = "use")]
    base: Option<String>,
    name: Option<Words>,
    original: Option<bool>,
    pages_min: Option<u32>,
    pages_max: Option<u32>,
    provider: Option<Words>,
    capture: Option<Capture>,
    required: Option<bool>,
    hint: Option<Words>,
    basis: Option<String>,
    made_here: Option<bool>,
    hand_in: Option<bool>,
    paper: Option<Sheet>,
    watermark: Option<bool>,
    when: Option<Vec<When>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawField {
    key: Option<String>,
    #[serde(rename = "use")]
    base: Option<String>,
    label: Option<Words>,
    sample: Option<Words>,
    note: Option<Words>,
    #[serde(rename = "type")]
    kind: Option<String>,
    chars_max: Option<usize>,
    min: Option<i64>,
    max: Option<i64>,
    unit: Option<String>,
    future: Option<bool>,
    choices: Option<RawChoices>,
    columns: Option<Vec<Column>>,
    required: Option<bool>,
    prefill: Option<Prefill>,
    default: Option<String>,
    reuse: Option<bool>,
    when: Option<Vec<When>>,
}

/// A list of the dictionary by name, or the list itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum RawChoices {
    Named(String),
    Own(Vec<Choice>),
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGroup {
    #[serde(rename = "use")]
    base: Option<String>,
    title: Option<Words>,
    /// Fields of the dictionary's group that this matter does not ask.
    #[serde(default)]
    without: Vec<String>,
    #[serde(default)]
    fields: Vec<Spanned<RawField>>,
}

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    dictionary: &'a Dictionary,
    faults: Vec<CatalogueFault>,
}

/// The file as TOML, seen by `visit`; every place where it is none.
fn table<'t>(file: &str, text: &'t str, visit: &mut Visit<'_>) -> Result<Spanned<DeTable<'t>>, Vec<CatalogueFault>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(errors.iter().map(|error| CatalogueFault::toml(file, text, error)).collect());
    }
    visit(file, text, table.get_ref());
    Ok(table)
}

/// A file that is read as it stands.
fn whole<'t, T: Deserialize<'t>>(file: &str, text: &'t str, visit: &mut Visit<'_>) -> Result<T, Vec<CatalogueFault>> {
    let table = table(file, text, visit)?;
    T::deserialize(toml::de::Deserializer::from(table)).map_err(|error| vec![CatalogueFault::toml(file, text, &error)])
}

fn matter(file: &str, text: &str, dictionary: &Dictionary, visit: &mut Visit<'_>) -> Result<Matter, Vec<CatalogueFault>> {
    let table = table(file, text, visit)?;
    let mut reader = Reader { file, text, dictionary, faults: Vec::new() };
    let span = table.span();
    let mut table = table.into_inner();
    let materials = take::<RawMaterial>(&mut reader, &mut table, "materials");
    let groups = take::<RawGroup>(&mut reader, &mut table, "groups");
    let materials = materials.into_iter().filter_map(|raw| reader.material(raw)).collect();
    let groups = groups.into_iter().filter_map(|raw| reader.group(raw)).collect();
    match Matter::deserialize(toml::de::Deserializer::from(Spanned::new(span, table))) {
        Ok(mut matter) if reader.faults.is_empty() => {
            matter.materials = materials;
            matter.groups = groups;
            let pictures: Vec<Material> = matter.fields().filter_map(|field| picture(&matter, field)).collect();
            matter.materials.extend(pictures);
            Ok(matter)
        }
        Ok(_) => Err(reader.faults),
        Err(error) => {
            reader.faults.insert(0, CatalogueFault::toml(file, text, &error));
            Err(reader.faults)
        }
    }
}

/// A photo or signature of the form is kept as the one page of a material of its key.
fn picture(matter: &Matter, field: &Field) -> Option<Material> {
    matches!(field.kind, FieldKind::Signature | FieldKind::Photo).then(|| Material {
        code: field.key.clone(),
        name: field.label.clone(),
        original: false,
        pages_min: 1,
        pages_max: 1,
        provider: Words { zh: "本人".to_owned(), en: "The resident".to_owned() },
        capture: Capture::Camera,
        required: field.required,
        hint: field.note.clone().unwrap_or_else(|| field.sample.clone()),
        basis: matter.basis.first().map(|basis| basis.text.clone()).unwrap_or_default(),
        made_here: true,
        hand_in: false,
        paper: Sheet::Auto,
        watermark: false,
        when: field.when.clone(),
    })
}

/// Takes an array of tables out of the document, so that the rest can be read strictly.
fn take<'t, T: Deserialize<'t>>(reader: &mut Reader<'_>, table: &mut DeTable<'t>, key: &str) -> Vec<Spanned<T>> {
    let Some(value) = table.remove(key) else {
        reader.fault(0, "missing", key);
        return Vec::new();
    };
    let start = value.span().start;
    let DeValue::Array(list) = value.into_inner() else {
        reader.fault(start, "not_a_list", key);
        return Vec::new();
    };
    let mut out = Vec::new();
    for item in list {
        let span = item.span();
        match T::deserialize(item.into_deserializer()) {
            Ok(raw) => out.push(Spanned::new(span, raw)),
            Err(error) => reader.faults.push(CatalogueFault::toml(reader.file, reader.text, &error)),
        }
    }
    out
}

impl Reader<'_> {
    fn fault(&mut self, at: usize, code: &'static str, detail: impl Into<String>) {
        let line = line_of(self.text, at);
        self.faults.push(CatalogueFault { file: self.file.to_owned(), line, code, detail: detail.into() });
    }

    /// The value, or a fault that names what is missing and where.
    fn need<T>(&mut self, at: usize, owner: &str, key: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.fault(at, "missing", format!("{owner}: {key}"));
        }
        value
    }

    fn material(&mut self, raw: Spanned<RawMaterial>) -> Option<Material> {
        let at = raw.span().start;
        let raw = raw.into_inner();
        let code = self.need(at, "material", "code", raw.code.clone())?;
        let base = self.base(at, raw.base.as_deref(), &code, |dictionary| &dictionary.materials)?;
        let known = self.faults.len();
        let name = self.need(at, &code, "name", raw.name.or(base.name));
        let provider = self.need(at, &code, "provider", raw.provider.or(base.provider));
        let capture = self.need(at, &code, "capture", raw.capture.or(base.capture));
        let hint = self.need(at, &code, "hint", raw.hint.or(base.hint));
        let basis = self.need(at, &code, "basis", raw.basis.or(base.basis));
        let pages_min = raw.pages_min.or(base.pages_min).unwrap_or(1);
        let pages_max = raw.pages_max.or(base.pages_max).unwrap_or(pages_min.max(1));
        if pages_min > pages_max || pages_max == 0 {
            self.fault(at, "pages", format!("{code}: {pages_min}..{pages_max}"));
        }
        if self.faults.len() > known {
            return None;
        }
        Some(Material {
            code,
            name: name?,
            original: raw.original.or(base.original).unwrap_or(true),
            pages_min,
            pages_max,
            provider: provider?,
            capture: capture?,
            required: raw.required.or(base.required).unwrap_or(true),
            hint: hint?,
            basis: basis?,
            made_here: raw.made_here.or(base.made_here).unwrap_or(false),
            hand_in: raw.hand_in.or(base.hand_in).unwrap_or(false),
            paper: raw.paper.or(base.paper).unwrap_or_default(),
            watermark: raw.watermark.or(base.watermark).unwrap_or(false),
            when: raw.when.or(base.when).unwrap_or_default(),
        })
    }

    fn group(&mut self, raw: Spanned<RawGroup>) -> Option<Group> {
        let at = raw.span().start;
        let raw = raw.into_inner();
        let base = match &raw.base {
            None => RawGroup::default(),
            Some(name) => match self.dictionary.groups.get(name) {
                Some(base) => base.clone(),
                None => {
                    self.fault(at, "use_unknown", name.clone());
                    return None;
                }
            },
        };
        let title = self.need(at, "group", "title", raw.title.or(base.title));
        for key in &raw.without {
            if !base.fields.iter().any(|field| field.as_ref().key.as_ref() == Some(key)) {
                self.fault(at, "without_unknown", key.clone());
            }
        }
        // Fields of the dictionary have their spans there; their faults are told at this group.
        let shared = base.fields.into_iter().map(|field| (at, field.into_inner()));
        let own = raw.fields.into_iter().map(|field| (field.span().start, field.into_inner()));
        let fields = shared
            .filter(|(_, field)| !field.key.as_ref().is_some_and(|key| raw.without.contains(key)))
            .chain(own)
            .filter_map(|(at, field)| self.field(at, field))
            .collect();
        Some(Group { title: title?, fields })
    }

    fn field(&mut self, at: usize, raw: RawField) -> Option<Field> {
        let key = self.need(at, "field", "key", raw.key.clone())?;
        let base = self.base(at, raw.base.as_deref(), &key, |dictionary| &dictionary.fields)?;
        let known = self.faults.len();
        let label = self.need(at, &key, "label", raw.label.clone().or(base.label.clone()));
        let sample = self.need(at, &key, "sample", raw.sample.clone().or(base.sample.clone()));
        let kind = self.kind(at, &key, &raw, &base);
        if self.faults.len() > known {
            return None;
        }
        Some(Field {
            key,
            label: label?,
            sample: sample?,
            kind: kind?,
            required: raw.required.or(base.required).unwrap_or(true),
            prefill: raw.prefill.or(base.prefill),
            default: raw.default.or(base.default),
            note: raw.note.or(base.note),
            reuse: raw.reuse.or(base.reuse).unwrap_or(false),
            when: raw.when.or(base.when).unwrap_or_default(),
        })
    }

    fn kind(&mut self, at: usize, key: &str, raw: &RawField, base: &RawField) -> Option<FieldKind> {
        let kind = self.need(at, key, "type", raw.kind.clone().or(base.kind.clone()))?;
        // A field that changes its type takes no bounds from the dictionary.
        let base = if base.kind.as_ref() == Some(&kind) { base } else { &RawField::default() };
        let max = raw.max.or(base.max);
        Some(match kind.as_str() {
            "name" => FieldKind::Name,
            "citizen_number" => FieldKind::CitizenNumber,
            "phone" => FieldKind::Phone,
            "text" => FieldKind::Text { chars_max: raw.chars_max.or(base.chars_max).unwrap_or(50) },
            "long_text" => FieldKind::LongText { chars_max: raw.chars_max.or(base.chars_max).unwrap_or(500) },
            "money" => FieldKind::Money { min: raw.min.or(base.min).unwrap_or(0), max: max.unwrap_or(MONEY_MAX) },
            "area" => FieldKind::Area {
                unit: self.need(at, key, "unit", raw.unit.clone().or(base.unit.clone()))?,
                max: self.need(at, key, "max", max)?,
            },
            "date" => FieldKind::Date { future: raw.future.or(base.future).unwrap_or(false) },
            "choice" => FieldKind::Choice { choices: self.choices(at, key, raw, base)? },
            "many" => FieldKind::Many { choices: self.choices(at, key, raw, base)? },
            "declare" => FieldKind::Declare,
            "address" => FieldKind::Address,
            "payee" => FieldKind::Payee,
            "household" => FieldKind::Household { columns: raw.columns.clone().or(base.columns.clone()).unwrap_or_default() },
            "signature" => FieldKind::Signature,
            "photo" => FieldKind::Photo,
            "geo" => FieldKind::Geo,
            other => {
                self.fault(at, "type_unknown", format!("{key}: {other}"));
                return None;
            }
        })
    }

    fn choices(&mut self, at: usize, key: &str, raw: &RawField, base: &RawField) -> Option<Vec<Choice>> {
        match self.need(at, key, "choices", raw.choices.clone().or(base.choices.clone()))? {
            RawChoices::Own(list) => Some(list),
            RawChoices::Named(name) => {
                let list = self.dictionary.choices.get(&name).cloned();
                if list.is_none() {
                    self.fault(at, "use_unknown", name);
                }
                list
            }
        }
    }

    /// The dictionary's entry: the one named by `use`, else the one of the same name, else nothing.
    fn base<T: Clone + Default>(
        &mut self,
        at: usize,
        named: Option<&str>,
        own: &str,
        list: fn(&Dictionary) -> &BTreeMap<String, T>,
    ) -> Option<T> {
        let list = list(self.dictionary);
        match named {
            None => Some(list.get(own).cloned().unwrap_or_default()),
            Some(name) => {
                let found = list.get(name).cloned();
                if found.is_none() {
                    self.fault(at, "use_unknown", name);
                }
                found
            }
        }
    }
}

/// A hundred million yuan: beyond every village matter, within 53 bits.
const MONEY_MAX: i64 = 10_000_000_000;
