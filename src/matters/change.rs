//! What changed between two versions of the catalogue, and how a draft moves to the newer one.
//! A sealed filing never moves.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    Answers, Catalogue, Matter, Value,
    catalogue::Withdrawn,
    form::fits,
    matter::{Choice, Field, ProxyRule, SelfService, Words},
};

/// One matter that differs between two versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatterChange {
    pub id: String,
    pub kind: ChangeKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    Added,
    Removed,
    Changed(Vec<Change>),
}

/// One thing that differs within a matter. `code` is one of [`CHANGES`], `key` the field,
/// material or situation it is about, empty for the matter itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    pub code: &'static str,
    pub key: String,
}

impl Change {
    /// What it is about, as this version of the matter calls it; `None` for the matter itself and for
    /// what this version does not have.
    pub fn label<'m>(&self, matter: &'m Matter) -> Option<&'m Words> {
        match self.code.split('_').next()? {
            "field" => matter.field(&self.key).map(|field| &field.label),
            "material" => matter.material(&self.key).map(|material| &material.name),
            "situation" => matter.situation(&self.key).map(|situation| &situation.question),
            _ => None,
        }
    }
}

/// Every code of a change.
pub const CHANGES: &[&str] = &[
    "basis_changed",
    "checks_changed",
    "conditions_changed",
    "fee_changed",
    "field_added",
    "field_changed",
    "field_removed",
    "limit_changed",
    "material_added",
    "material_changed",
    "material_removed",
    "name_changed",
    "proxy_changed",
    "situation_added",
    "situation_changed",
    "situation_removed",
    "text_changed",
    "window_changed",
];

/// What the newer catalogue has otherwise, in order of ids.
pub fn diff(older: &Catalogue, newer: &Catalogue) -> Vec<MatterChange> {
    let mut ids: Vec<&str> = older.matters().iter().chain(newer.matters()).map(|matter| matter.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter()
        .filter_map(|id| {
            let kind = match (older.matter(id), newer.matter(id)) {
                (None, Some(_)) => ChangeKind::Added,
                (Some(_), None) => ChangeKind::Removed,
                (Some(old), Some(new)) => {
                    let changes = changes(old, new);
                    if changes.is_empty() {
                        return None;
                    }
                    ChangeKind::Changed(changes)
                }
                (None, None) => return None,
            };
            Some(MatterChange { id: id.to_owned(), kind })
        })
        .collect()
}

/// By whom it is filed, and where.
fn who(matter: &Matter) -> (ProxyRule, SelfService, bool, bool, Option<&Words>) {
    (matter.proxy, matter.self_service, matter.in_person, matter.filed_here, matter.elsewhere.as_ref())
}

/// What differs between two versions of one matter, in order of codes and keys.
pub fn changes(old: &Matter, new: &Matter) -> Vec<Change> {
    let mut out = Vec::new();
    let mut note = |code: &'static str, key: &str, differs: bool| {
        if differs {
            out.push(Change { code, key: key.to_owned() });
        }
    };
    note("name_changed", "", old.name != new.name);
    note("window_changed", "", (&old.window, old.window_kind, &old.levels) != (&new.window, new.window_kind, &new.levels));
    note(
        "limit_changed",
        "",
        (&old.promised, &old.clock, &old.statutory, &old.seasons) != (&new.promised, &new.clock, &new.statutory, &new.seasons),
    );
    note("basis_changed", "", old.basis != new.basis);
    note("conditions_changed", "", old.conditions != new.conditions);
    note("fee_changed", "", (&old.fee, &old.fee_basis) != (&new.fee, &new.fee_basis));
    note("proxy_changed", "", who(old) != who(new));
    note("checks_changed", "", (&old.checks, &old.repeat) != (&new.checks, &new.repeat));
    listed(old.fields(), new.fields(), |field| &field.key, ["field_added", "field_removed", "field_changed"], &mut note);
    listed(
        old.materials.iter(),
        new.materials.iter(),
        |material| &material.code,
        ["material_added", "material_removed", "material_changed"],
        &mut note,
    );
    listed(
        old.situations.iter(),
        new.situations.iter(),
        |situation| &situation.key,
        ["situation_added", "situation_removed", "situation_changed"],
        &mut note,
    );
    let texts = out.is_empty() && old != new;
    if texts {
        out.push(Change { code: "text_changed", key: String::new() });
    }
    out.sort();
    out
}

fn listed<'a, T: PartialEq + 'a>(
    old: impl Iterator<Item = &'a T> + Clone,
    new: impl Iterator<Item = &'a T> + Clone,
    key: impl Fn(&T) -> &String,
    [added, removed, changed]: [&'static str; 3],
    note: &mut dyn FnMut(&'static str, &str, bool),
) {
    for now in new.clone() {
        match old.clone().find(|before| key(before) == key(now)) {
            None => note(added, key(now), true),
            Some(before) => note(changed, key(now), before != now),
        }
    }
    for before in old {
        note(removed, key(before), !new.clone().any(|now| key(now) == key(before)));
    }
}

/// A draft under the newer catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Answers whose field still exists and still takes them.
    pub kept: Answers,
    /// The others: readable as 旧版填写, never sent.
    pub old: Vec<OldAnswer>,
    /// Answers to the questions before the form that still can be given.
    pub situations: BTreeMap<String, String>,
    /// What changed in the matter, when the older version is at hand.
    pub changes: Vec<Change>,
    /// The matter can no longer be filed; this is where to go.
    pub withdrawn: Option<Withdrawn>,
}

/// An answer whose field is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OldAnswer {
    pub key: String,
    /// What the field was called, when the older version is at hand.
    pub label: Option<Words>,
    pub value: Value,
    /// What the chosen answers were called, when the older version is at hand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub said: Vec<Words>,
}

/// Moves a draft of matter `id` to the newer catalogue. `old` is its matter in the version it was
/// begun under, where that is still at hand.
pub fn migrate(
    id: &str,
    answers: &Answers,
    situations: &BTreeMap<String, String>,
    old: Option<&Matter>,
    newer: &Catalogue,
) -> Migration {
    let new = newer.matter(id);
    let field = |key: &str| -> Option<&Field> { new?.field(key) };
    let (kept, gone): (Answers, Answers) =
        answers.clone().into_iter().partition(|(key, value)| field(key).is_some_and(|field| fits(field, value)));
    let label = |key: &str| old.and_then(|matter| matter.field(key)).or(field(key)).map(|field| field.label.clone());
    let said = |key: &str, value: &Value| -> Vec<Words> {
        let choices = old.and_then(|matter| matter.field(key)).map(Field::choices).unwrap_or_default();
        let chosen = |choice: &&Choice| match value {
            Value::Choice(key) => choice.key == *key,
            Value::Many(keys) => keys.contains(&choice.key),
            _ => false,
        };
        choices.iter().filter(chosen).map(|choice| choice.label.clone()).collect()
    };
    let still = |key: &str, choice: &str| {
        new.and_then(|matter| matter.situation(key)).is_some_and(|question| question.choices.iter().any(|own| own.key == choice))
    };
    Migration {
        kept,
        old: gone
            .into_iter()
            .map(|(key, value)| OldAnswer { label: label(&key), said: said(&key, &value), key, value })
            .collect(),
        situations: situations.iter().filter(|(key, choice)| still(key, choice)).map(|(k, v)| (k.clone(), v.clone())).collect(),
        changes: old.zip(new).map(|(old, new)| changes(old, new)).unwrap_or_default(),
        withdrawn: if new.is_none() { newer.withdrawn(id).cloned() } else { None },
    }
}

#[cfg(test)]
#[path = "change_tests.rs"]
mod change_tests;
