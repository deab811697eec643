//! Samples (办事样表): usable as they stand, and nobody's.

use super::lines::Index;
use crate::{
    CatalogueFault, Matter,
    form::parse_input,
    identity::check_citizen_number,
    matter::{Field, FieldKind},
};

pub(super) fn check(matter: &Matter, index: &Index<'_>, faults: &mut Vec<CatalogueFault>) {
    for field in matter.fields() {
        let path = format!("field:{}.sample", field.key);
        if !usable(field) {
            faults.push(index.fault(&path, "sample_unusable", format!("{}: {}", field.key, field.sample.zh)));
        }
        for text in [&field.sample.zh, &field.sample.en] {
            if let Some(real) = real_looking(text) {
                faults.push(index.fault(&path, "sample_real_number", format!("{}: {real}", field.key)));
            }
        }
    }
}

/// Could somebody type the sample and be understood?
fn usable(field: &Field) -> bool {
    let (zh, en) = (field.sample.zh.as_str(), field.sample.en.as_str());
    match &field.kind {
        FieldKind::Choice { choices } => choices.iter().any(|choice| choice.label.zh == zh && choice.label.en == en),
        FieldKind::Many { choices } => zh.split('、').all(|one| choices.iter().any(|choice| choice.label.zh == one)),
        FieldKind::CitizenNumber => check_citizen_number(zh).is_ok(),
        FieldKind::Declare | FieldKind::Payee | FieldKind::Household { .. } | FieldKind::Signature | FieldKind::Photo => true,
        FieldKind::Text { chars_max } | FieldKind::LongText { chars_max } => zh.chars().count() <= *chars_max,
        FieldKind::Phone => {
            let digits = zh.chars().filter(char::is_ascii_digit).count();
            parse_input(field, zh).is_ok() && (10..=12).contains(&digits)
        }
        _ => parse_input(field, zh).is_ok(),
    }
}

/// A run of digits that could be somebody's: a citizen number outside region 000000, a mobile
/// number, an account with hardly a zero.
fn real_looking(text: &str) -> Option<&str> {
    text.split(|c: char| !c.is_ascii_digit() && c != 'X').find(|run| {
        let zeros = run.bytes().filter(|b| *b == b'0').count();
        match run.len() {
            11 => run.starts_with('1') && !matches!(run.as_bytes()[1], b'0'..=b'2') && zeros < 8,
            15 | 18 => !run.starts_with("000000"),
            16 | 17 | 19 => zeros < 8,
            _ => false,
        }
    })
}
