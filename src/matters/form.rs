//! The form engine: what is asked, what is wrong, what must be brought. Pure: terminal and hall
//! run the same checks.

mod capacity;
mod check;
mod codes;
mod given;
mod input;
mod json;
mod money;
mod pages;
mod prefill;
mod rules;
mod view;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use capacity::{MANDATE_DAYS_MAX, capacity_complaints, interest};
pub use check::{complaints, complaints_of};
pub use codes::CODES;
pub use given::Given;
pub use input::{normal_name, normal_number, normal_phone, parse_input, show_value};
pub use json::{cell, read_answers};
pub use money::{money_in_words, money_text};
pub use pages::{filing_complaints, page_complaints};
pub(crate) use prefill::fits;
pub use prefill::{prefill, prefill_from_earlier};
pub use view::{due_materials, holds, visible_fields};

use crate::{Capacity, Identity, Material, Personal, matter::Words};

/// What was entered in one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", content = "v", rename_all = "snake_case")]
pub enum Value {
    Text(Personal<String>),
    /// In cents.
    Money(i64),
    /// In thousandths.
    Area(i64),
    Date(Date),
    Choice(String),
    Many(Vec<String>),
    Flag(bool),
    Payee {
        bank: String,
        account: Personal<String>,
        owner: Personal<String>,
    },
    Household(Vec<Member>),
    /// A photo or a signature, kept as a page with this digest.
    Image(crate::Digest),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub name: Personal<String>,
    pub number: Personal<String>,
    pub relation: String,
    /// What the matter asks of every member beyond that, by column key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub more: BTreeMap<String, Value>,
}

pub type Answers = BTreeMap<String, Value>;

/// Everything that a form is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    pub answers: &'a Answers,
    /// Answers to the questions before the form, by situation key.
    pub situations: &'a BTreeMap<String, String>,
    pub applicant: Option<&'a Identity>,
    /// `myself`, `on_behalf` or `guardian`.
    pub capacity: Option<&'a Capacity>,
    /// The day on which it is judged, at the hall's place (+08:00).
    pub today: Date,
}

/// What is wrong with a field. `field` is the key of a field, of a situation, the code of a
/// material, or one of `capacity`, `applicant`, `witness`, `notice`. `code` is stable; `args` fill the sentence in texts;
/// `message` is the matter's own wording where the catalogue gives one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    pub field: String,
    pub code: &'static str,
    pub args: Vec<(&'static str, String)>,
    pub message: Option<Words>,
    /// A warning may be overridden, an error may not.
    pub warning: bool,
}

/// A material that this filing needs.
#[derive(Clone, Copy, Debug)]
pub struct Due<'a> {
    pub material: &'a Material,
    /// Satisfied by the card that was read: nothing to photograph.
    pub by_card: bool,
}

impl Complaint {
    pub(crate) fn new(field: &str, code: &'static str) -> Self {
        Self { field: field.to_owned(), code, args: Vec::new(), message: None, warning: false }
    }

    pub(crate) fn with(mut self, arg: &'static str, value: impl ToString) -> Self {
        self.args.push((arg, value.to_string()));
        self
    }

    pub(crate) fn warned(mut self) -> Self {
        self.warning = true;
        self
    }
}

#[cfg(test)]
#[path = "form/fixture_tests.rs"]
pub(crate) mod fixtures;
#[cfg(test)]
#[path = "form_tests.rs"]
mod form_tests;
