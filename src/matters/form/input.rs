//! What a hand types → values, and back for editing.

use jiff::civil::Date;

use super::{Complaint, Value};
use crate::{
    Personal,
    matter::{Field, FieldKind},
};

/// Nothing that is typed may be longer than this many times what the field takes: it is cut off
/// at the door instead of being kept in a draft.
const OVERLONG: usize = 4;
const LONGEST: usize = 4000;

/// Reads what was typed into a field of one line or several. Text-like kinds keep what stands
/// there, normalised, so that half a number can be saved: [`super::complaints`] judges it. Money,
/// areas and dates must be whole to be a value.
///
/// An empty text is `required`: the field has no answer then. Kinds that are not typed (payee,
/// household, pictures) are `wrong_kind`.
pub fn parse_input(field: &Field, text: &str) -> Result<Value, Complaint> {
    let complain = |code| Complaint::new(&field.key, code);
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(complain("required"));
    }
    let plain = half_width(trimmed);
    let max = match &field.kind {
        FieldKind::Text { chars_max } | FieldKind::LongText { chars_max } => *chars_max,
        _ => 200,
    };
    let entered = trimmed.chars().count();
    if entered > (max * OVERLONG).min(LONGEST) {
        return Err(complain("chars_max").with("max", max).with("entered", entered));
    }
    match &field.kind {
        FieldKind::Name => Ok(Value::Text(normal_name(trimmed).into())),
        FieldKind::CitizenNumber => Ok(Value::Text(normal_number(trimmed).into())),
        FieldKind::Phone => Ok(Value::Text(normal_phone(trimmed).into())),
        FieldKind::Text { .. } | FieldKind::LongText { .. } | FieldKind::Address => Ok(Value::Text(trimmed.into())),
        FieldKind::Geo => Ok(Value::Text(plain.into())),
        FieldKind::Money { .. } => cents(trimmed).map(Value::Money).ok_or_else(|| complain("money_shape")),
        FieldKind::Area { .. } => decimal(&plain, 3).map(Value::Area).ok_or_else(|| complain("area_shape")),
        FieldKind::Date { .. } => date(&plain).map(Value::Date).ok_or_else(|| complain("date_shape")),
        FieldKind::Choice { choices } => {
            let found = choices.iter().find(|choice| choice.key == trimmed);
            found.map(|choice| Value::Choice(choice.key.clone())).ok_or_else(|| complain("choice_unknown"))
        }
        FieldKind::Many { choices } => {
            let keys: Vec<String> = trimmed.split(',').map(|key| key.trim().to_owned()).collect();
            let known = keys.iter().all(|key| choices.iter().any(|choice| choice.key == *key));
            if known { Ok(Value::Many(keys)) } else { Err(complain("choice_unknown")) }
        }
        FieldKind::Declare => match trimmed {
            "yes" => Ok(Value::Flag(true)),
            "no" => Ok(Value::Flag(false)),
            _ => Err(complain("choice_unknown")),
        },
        FieldKind::Payee | FieldKind::Household { .. } | FieldKind::Signature | FieldKind::Photo => Err(complain("wrong_kind")),
    }
}

/// The text to edit a value by: what [`parse_input`] reads back to the same value. Kinds that are
/// not typed give an empty text.
pub fn show_value(field: &Field, value: &Value) -> String {
    match value {
        Value::Text(text) => text.expose().clone(),
        Value::Money(cents) => super::money_text(*cents),
        Value::Area(thousandths) => area_text(*thousandths),
        Value::Date(date) => date.to_string(),
        Value::Choice(key) => key.clone(),
        Value::Many(keys) => keys.join(","),
        Value::Flag(flag) if field.kind == FieldKind::Declare => if *flag { "yes" } else { "no" }.to_owned(),
        Value::Flag(_) | Value::Payee { .. } | Value::Household(_) | Value::Image(_) => String::new(),
    }
}

/// `12500` (thousandths) → `12.5`.
fn area_text(thousandths: i64) -> String {
    let text = format!("{}.{:03}", thousandths / 1000, (thousandths % 1000).abs());
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Names are compared and sent with one middle dot: • ‧ ・ ． and . between Han characters become
/// `·` (U+00B7, GB 18030); spaces around go.
pub fn normal_name(text: &str) -> String {
    let latin = !text.chars().any(is_han);
    let dotted: String = text
        .trim()
        .chars()
        .map(|c| match c {
            '•' | '‧' | '・' | '･' | '⋅' | '●' | '∙' => '·',
            '.' | '．' if !latin => '·',
            '\u{3000}' => ' ',
            c => c,
        })
        .collect();
    if latin {
        // Names in Latin letters keep single spaces between their parts.
        return dotted.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    dotted
}

/// Citizen numbers: full-width forms become ASCII, `x` becomes `X`, spaces go.
pub fn normal_number(text: &str) -> String {
    half_width(text).chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect()
}

/// Telephone numbers: digits only, with one dash after an area code.
pub fn normal_phone(text: &str) -> String {
    let plain: String = half_width(text).chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '(' | ')')).collect();
    let plain = plain.strip_prefix("+86").unwrap_or(&plain).to_owned();
    if !plain.starts_with('0') || !plain.bytes().all(|b| b.is_ascii_digit()) {
        return plain;
    }
    // Area codes have three digits for 010 and 02x, four elsewhere.
    let code = if plain.starts_with("01") || plain.starts_with("02") { 3 } else { 4 };
    if plain.len() <= code { plain } else { format!("{}-{}", &plain[..code], &plain[code..]) }
}

/// Is it a Han character, by the planes and blocks that hold them?
pub(super) fn is_han(c: char) -> bool {
    matches!(c as u32, 0x2e80..=0x2fdf | 0x3007 | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x2_0000..=0x3_ffff)
}

/// Full-width letters, digits and signs as the Chinese keyboard gives them, as ASCII.
pub(super) fn half_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            '\u{3000}' => ' ',
            '。' => '.',
            '—' | '–' | '−' | '‐' => '-',
            c => c,
        })
        .collect()
}

/// An amount in yuan with at most two decimals, in cents.
pub(super) fn cents(text: &str) -> Option<i64> {
    let plain = half_width(text);
    decimal(plain.trim().trim_start_matches(['¥', '￥']).trim_end_matches('元').trim(), 2)
}

/// A number with at most `places` decimals, times ten to that power. Commas between thousands
/// are allowed where they separate thousands.
fn decimal(text: &str, places: usize) -> Option<i64> {
    let (whole, part) = match text.split_once('.') {
        Some((whole, part)) if !part.is_empty() => (whole, part),
        Some(_) => return None,
        None => (text, ""),
    };
    let whole = thousands(whole)?;
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if part.len() > places || !digits(part) {
        return None;
    }
    let all = format!("{whole}{part:0<places$}");
    // 15 digits stay within the 53 bits of canonical JSON.
    (all.len() <= 15).then(|| all.parse().ok())?
}

fn thousands(text: &str) -> Option<String> {
    let groups: Vec<&str> = text.split(',').collect();
    let shaped = match groups.as_slice() {
        [only] => !only.is_empty(),
        [first, rest @ ..] => (1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3),
        [] => false,
    };
    let joined = groups.concat();
    (shaped && joined.bytes().all(|b| b.is_ascii_digit())).then_some(joined)
}

/// `2026-11-23`, `2026/11/23`, `2026.11.23`, `20261123` or with 年月日.
fn date(text: &str) -> Option<Date> {
    let parts: Vec<&str> = if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        vec![&text[..4], &text[4..6], &text[6..]]
    } else {
        text.trim_end_matches('日').split(['-', '/', '.', '年', '月']).map(str::trim).collect()
    };
    let [year, month, day] = parts.as_slice() else {
        return None;
    };
    if year.len() != 4 || [year, month, day].iter().any(|part| part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// The text of a text value.
pub(super) fn text_of(value: &Value) -> Option<&Personal<String>> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
#[path = "input_tests.rs"]
mod input_tests;
