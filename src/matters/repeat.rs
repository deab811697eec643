//! What may be filed once (一票一报, 一户一宅): the values of a filing that no other living case of
//! its matter may hold. One case alone cannot know; the ledger that holds them all compares.

use std::collections::BTreeSet;

use crate::{
    Filing, Matter, Personal, Value, calendar, canonical,
    form::{normal_name, normal_number},
    matter::{FieldKind, Repeat, Within},
};

/// In [`Repeat::once`]: the applicant's own number.
pub const APPLICANT: &str = "applicant";
/// In [`Repeat::once`]: the applicant's number and those of everybody in the form's grid.
pub const HOUSEHOLD: &str = "household";
/// More values of one filing are not compared: a form holds far fewer lines.
const MARKS_MAX: usize = 500;

/// A value of a filing that may be filed once.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Once {
    /// Place of its rule in [`Matter::repeat`].
    pub rule: usize,
    /// The value with the matter and the names of what it is made of, in the one spelling in which equal
    /// values are equal bytes. It is the resident's: keep a digest of it.
    pub value: Personal<Vec<u8>>,
}

/// Can a field of this kind be a value that is filed once?
pub fn counts(kind: &FieldKind) -> bool {
    !matches!(kind, FieldKind::Declare | FieldKind::Signature | FieldKind::Photo | FieldKind::Geo)
}

/// The values of the filing that may be filed once, each once, by rule. A rule one of whose fields has
/// no answer says nothing.
pub fn values(matter: &Matter, filing: &Filing) -> Vec<Once> {
    let mut found = BTreeSet::new();
    for (rule, repeat) in matter.repeat.iter().enumerate() {
        let year = match repeat.within {
            Within::Ever => None,
            Within::Year => Some(calendar::place_date(filing.sealed_at).year()),
        };
        for parts in combinations(repeat, matter, filing) {
            let value = Personal::new(canonical::to_bytes(&(&matter.id, &repeat.once, parts, year)));
            found.insert(Once { rule, value });
        }
    }
    found.into_iter().take(MARKS_MAX).collect()
}

/// Every way of taking one value of each key.
fn combinations(repeat: &Repeat, matter: &Matter, filing: &Filing) -> Vec<Vec<String>> {
    repeat.once.iter().fold(vec![Vec::new()], |sofar, key| {
        let own = of_key(key, matter, filing);
        let longer = sofar.iter().flat_map(|parts| own.iter().map(|one| [parts.as_slice(), &[one.clone()]].concat()));
        longer.take(MARKS_MAX).collect()
    })
}

fn of_key(key: &str, matter: &Matter, filing: &Filing) -> BTreeSet<String> {
    let applicant = normal_number(filing.applicant.number.expose());
    let mut found = match key {
        APPLICANT => BTreeSet::from([applicant]),
        HOUSEHOLD => {
            let members = filing.answers.values().flat_map(numbers);
            members.chain([applicant]).collect()
        }
        key => match (matter.field(key), filing.answers.get(key)) {
            (Some(field), Some(value)) => spelt(&field.kind, value),
            _ => BTreeSet::new(),
        },
    };
    found.remove("");
    found
}

fn numbers(value: &Value) -> Vec<String> {
    match value {
        Value::Household(members) => members.iter().map(|member| normal_number(member.number.expose())).collect(),
        _ => Vec::new(),
    }
}

/// The values of an answer as they are compared.
fn spelt(kind: &FieldKind, value: &Value) -> BTreeSet<String> {
    // Typed by different people: width, spaces and case say nothing.
    let plain = |text: &str| normal_number(text);
    match value {
        Value::Text(text) => match kind {
            FieldKind::LongText { .. } => {
                text.expose().lines().filter_map(|line| line.split_whitespace().next()).map(plain).collect()
            }
            FieldKind::Name => BTreeSet::from([normal_name(text.expose())]),
            _ => BTreeSet::from([plain(text.expose())]),
        },
        Value::Choice(key) => BTreeSet::from([key.clone()]),
        Value::Many(keys) => keys.iter().cloned().collect(),
        Value::Payee { account, .. } => BTreeSet::from([plain(account.expose())]),
        Value::Household(_) => numbers(value).into_iter().collect(),
        Value::Money(number) | Value::Area(number) => BTreeSet::from([number.to_string()]),
        Value::Date(date) => BTreeSet::from([date.to_string()]),
        Value::Flag(_) | Value::Image(_) => BTreeSet::new(),
    }
}

#[cfg(test)]
#[path = "repeat_tests.rs"]
mod repeat_tests;
