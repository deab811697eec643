//! Answers written by a script or a test as plain JSON → the form's own values.

use serde_json::Value as Json;

use super::{Answers, Complaint, Member, Value, parse_input};
use crate::{
    Matter,
    matter::{Column, ColumnKind, Field, FieldKind},
};

/// Reads `{ "phone": "029-88880000", "amount": "12.50", "declared": true, "payee": { "bank": …,
/// "account": …, "owner": … }, "members": [{ "name": …, "number": …, "relation": …, … }] }`.
///
/// Numbers may stand without quotes, lists of choices are arrays. What cannot be read is a
/// complaint beside its field (`wrong_kind`, or what [`parse_input`] says); a key that the form
/// does not have is a complaint `wrong_kind` under that key.
pub fn read_answers(matter: &Matter, json: &serde_json::Map<String, Json>) -> (Answers, Vec<Complaint>) {
    let mut answers = Answers::new();
    let mut complaints = Vec::new();
    for (key, json) in json {
        let Some(field) = matter.field(key) else {
            complaints.push(Complaint::new(key, "wrong_kind"));
            continue;
        };
        match answer(field, json) {
            Ok(Some(value)) => drop(answers.insert(key.clone(), value)),
            Ok(None) => {}
            Err(complaint) => complaints.push(complaint),
        }
    }
    (answers, complaints)
}

/// One answer; an empty one is none.
pub(super) fn answer(field: &Field, json: &Json) -> Result<Option<Value>, Complaint> {
    if json.is_null() || json.as_str().is_some_and(|text| text.trim().is_empty()) {
        return Ok(None);
    }
    value(field, json).map(Some)
}

fn value(field: &Field, json: &Json) -> Result<Value, Complaint> {
    let wrong = || Complaint::new(&field.key, "wrong_kind");
    match (&field.kind, json) {
        (FieldKind::Payee, Json::Object(map)) => {
            let text = |key: &str| map.get(key).and_then(Json::as_str).unwrap_or_default();
            if map.keys().any(|key| !["bank", "account", "owner"].contains(&key.as_str())) {
                return Err(wrong());
            }
            Ok(Value::Payee { bank: text("bank").to_owned(), account: text("account").into(), owner: text("owner").into() })
        }
        (FieldKind::Household { columns }, Json::Array(rows)) => {
            rows.iter().map(|row| member(columns, row)).collect::<Option<_>>().map(Value::Household).ok_or_else(wrong)
        }
        (FieldKind::Many { .. }, Json::Array(list)) => {
            let keys: Option<Vec<&str>> = list.iter().map(Json::as_str).collect();
            parse_input(field, &keys.ok_or_else(wrong)?.join(","))
        }
        (FieldKind::Declare, Json::Bool(flag)) => Ok(Value::Flag(*flag)),
        (FieldKind::Signature | FieldKind::Photo, Json::String(text)) => {
            crate::Digest::from_hex(text).map(Value::Image).ok_or_else(wrong)
        }
        // An author may write what the form shows.
        (FieldKind::Choice { choices }, Json::String(text)) => {
            let said = choices.iter().find(|choice| choice.label.zh == text.trim() || choice.label.en == text.trim());
            parse_input(field, said.map_or(text, |choice| &choice.key))
        }
        (_, Json::Bool(flag)) => parse_input(field, if *flag { "yes" } else { "no" }),
        (_, Json::String(text)) => parse_input(field, text),
        (_, Json::Number(number)) => parse_input(field, &number.to_string()),
        _ => Err(wrong()),
    }
}

fn member(columns: &[Column], row: &Json) -> Option<Member> {
    let map = row.as_object()?;
    let text = |key: &str| map.get(key).and_then(Json::as_str).unwrap_or_default();
    let mut more = std::collections::BTreeMap::new();
    for (key, json) in map.iter().filter(|(key, _)| !["name", "number", "relation"].contains(&key.as_str())) {
        let column = columns.iter().find(|column| column.key == *key)?;
        let text = match json {
            Json::String(text) => text.clone(),
            Json::Number(number) => number.to_string(),
            _ => return None,
        };
        more.insert(key.clone(), cell(column, &text)?);
    }
    Some(Member { name: text("name").into(), number: text("number").into(), relation: text("relation").to_owned(), more })
}

/// Reads what was typed into a cell of the household grid; `None` when it does not fit.
pub fn cell(column: &Column, text: &str) -> Option<Value> {
    let kind = match column.kind {
        ColumnKind::Text => FieldKind::Text { chars_max: 100 },
        ColumnKind::Money => FieldKind::Money { min: 0, max: i64::MAX },
        ColumnKind::Choice => FieldKind::Choice { choices: column.choices.clone() },
        ColumnKind::Date => FieldKind::Date { future: true },
    };
    let field = Field {
        key: column.key.clone(),
        label: column.label.clone(),
        sample: column.label.clone(),
        kind,
        required: column.required,
        prefill: None,
        default: None,
        note: None,
        reuse: false,
        when: Vec::new(),
    };
    parse_input(&field, text).ok()
}
