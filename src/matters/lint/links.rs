//! Keys that lead somewhere: conditions, checks, choices, prefills.

use std::collections::BTreeSet;

use super::{lines::Index, wording};
use crate::{
    CatalogueFault, Matter,
    matter::{Field, FieldKind, Prefill, Rule, When},
    repeat,
};

const CAPACITIES: [&str; 4] = ["myself", "on_behalf", "guardian", "committee"];
const PROXY_KINDS: [&str; 3] = ["agent", "relative", "other"];
const YES_NO: [&str; 2] = ["yes", "no"];
const AGES: [&str; 4] = ["adult", "under_16", "under_14", "under_8"];

pub(super) fn check(matter: &Matter, index: &Index<'_>, faults: &mut Vec<CatalogueFault>) {
    let mut fault = |path: &str, code: &'static str, detail: String| faults.push(index.fault(path, code, detail));
    let mut keys = BTreeSet::new();
    for situation in &matter.situations {
        let path = format!("situation:{}", situation.key);
        if !keys.insert(situation.key.as_str()) || reserved(&situation.key) {
            fault(&path, "key_clash", situation.key.clone());
        }
        choices(&path, situation.choices.iter().map(|choice| choice.key.as_str()), &mut fault);
        for choice in situation.choices.iter().filter(|choice| wording::is_other(&choice.label.zh)) {
            fault(&path, "wording_vague", choice.label.zh.clone());
        }
    }
    for field in matter.fields() {
        let path = format!("field:{}", field.key);
        if reserved(&field.key) || matter.situation(&field.key).is_some() {
            fault(&path, "key_clash", field.key.clone());
        } else if !keys.insert(field.key.as_str()) {
            fault(&path, "field_twice", field.key.clone());
        }
        if matches!(field.kind, FieldKind::Choice { .. } | FieldKind::Many { .. }) {
            choices(&path, field.choices().iter().map(|choice| choice.key.as_str()), &mut fault);
        }
        // A form that is half filled in does not end: checks say so beside the field.
        for choice in field.choices().iter().filter(|choice| choice.ends.is_some()) {
            fault(&path, "ends_in_form", choice.key.clone());
        }
        // 其他 → the text is required (§4.2): a choice that names nothing asks what it means.
        for choice in field.choices().iter().filter(|choice| wording::is_other(&choice.label.zh)) {
            let told = matter.fields().any(|text| {
                let kind = matches!(text.kind, FieldKind::Text { .. } | FieldKind::LongText { .. });
                kind && text.required && text.when.iter().any(|when| when.key == field.key && when.is.contains(&choice.key))
            });
            if !told {
                fault(&path, "wording_vague", choice.label.zh.clone());
            }
        }
        if let Some(default) = &field.default
            && !field.choices().iter().any(|choice| choice.key == *default)
        {
            fault(&format!("{path}.default"), "default_unknown", default.clone());
        }
        if let Some(prefill) = field.prefill
            && !prefills(prefill, &field.kind)
        {
            fault(&format!("{path}.prefill"), "prefill_kind", format!("{}: {prefill:?}", field.key));
        }
        whens(matter, &path, &field.when, &mut fault);
        if circle(matter, field) {
            fault(&path, "when_circle", field.key.clone());
        }
    }
    for material in &matter.materials {
        whens(matter, &format!("material:{}", material.code), &material.when, &mut fault);
    }
    for (i, repeat) in matter.repeat.iter().enumerate() {
        let path = format!("repeat[{i}]");
        if repeat.once.is_empty() {
            fault(&path, "repeat_unknown_field", "once".to_owned());
        }
        for key in &repeat.once {
            let known = match key.as_str() {
                repeat::APPLICANT => true,
                repeat::HOUSEHOLD => matter.fields().any(|field| matches!(field.kind, FieldKind::Household { .. })),
                key => matter.field(key).is_some_and(|field| repeat::counts(&field.kind)),
            };
            if !known {
                fault(&path, "repeat_unknown_field", key.clone());
            }
        }
    }
    for (i, check) in matter.checks.iter().enumerate() {
        let path = format!("checks[{i}]");
        whens(matter, &path, &check.when, &mut fault);
        for key in check.rule.fields() {
            match matter.field(key) {
                None => fault(&path, "check_unknown_field", key.to_owned()),
                Some(field) if !judges(&check.rule, field) => fault(&path, "check_field_kind", key.to_owned()),
                Some(_) => {}
            }
        }
    }
}

fn reserved(key: &str) -> bool {
    AGES.contains(&key) || matches!(key, "capacity" | "proxy_kind" | "applicant" | "witness" | "notice" | "season")
}

fn choices<'a>(path: &str, keys: impl Iterator<Item = &'a str>, fault: &mut dyn FnMut(&str, &'static str, String)) {
    let mut seen = BTreeSet::new();
    for key in keys {
        if !seen.insert(key) {
            fault(path, "choice_twice", key.to_owned());
        }
    }
    if seen.len() < 2 {
        fault(path, "choices_few", seen.len().to_string());
    }
}

fn whens(matter: &Matter, path: &str, when: &[When], fault: &mut dyn FnMut(&str, &'static str, String)) {
    for condition in when {
        let known: Vec<&str> = match condition.key.as_str() {
            "capacity" => CAPACITIES.to_vec(),
            "proxy_kind" => PROXY_KINDS.to_vec(),
            key if AGES.contains(&key) => YES_NO.to_vec(),
            key => match (matter.situation(key), matter.field(key)) {
                (Some(situation), _) => situation.choices.iter().map(|choice| choice.key.as_str()).collect(),
                (None, Some(field)) => match field.kind {
                    FieldKind::Choice { .. } | FieldKind::Many { .. } => {
                        field.choices().iter().map(|choice| choice.key.as_str()).collect()
                    }
                    FieldKind::Declare => YES_NO.to_vec(),
                    _ => {
                        fault(path, "when_unknown_key", format!("{key} has no choices"));
                        continue;
                    }
                },
                (None, None) => {
                    fault(path, "when_unknown_key", key.to_owned());
                    continue;
                }
            },
        };
        if condition.is.is_empty() {
            fault(path, "when_unknown_value", condition.key.clone());
        }
        for value in &condition.is {
            if !known.contains(&value.as_str()) {
                fault(path, "when_unknown_value", format!("{} = {value}", condition.key));
            }
        }
    }
}

/// Does the field hang on itself, however far round?
fn circle(matter: &Matter, field: &Field) -> bool {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&str> = field.when.iter().map(|when| when.key.as_str()).collect();
    while let Some(key) = open.pop() {
        if key == field.key {
            return true;
        }
        if reached.insert(key) {
            open.extend(matter.field(key).into_iter().flat_map(|field| &field.when).map(|when| when.key.as_str()));
        }
    }
    false
}

fn prefills(prefill: Prefill, kind: &FieldKind) -> bool {
    match prefill {
        Prefill::CardName => matches!(kind, FieldKind::Name),
        Prefill::CardNumber => matches!(kind, FieldKind::CitizenNumber | FieldKind::Text { .. }),
        Prefill::CardAddress => matches!(kind, FieldKind::Address),
        Prefill::CardBirth | Prefill::Today => matches!(kind, FieldKind::Date { .. }),
        Prefill::CardNation => matches!(kind, FieldKind::Text { .. }),
        Prefill::CardSex | Prefill::CardKind | Prefill::AgeBand => matches!(kind, FieldKind::Choice { .. }),
        Prefill::PayeeOwner => matches!(kind, FieldKind::Payee),
    }
}

/// Can the rule judge a field of this kind?
fn judges(rule: &Rule, field: &Field) -> bool {
    let kind = &field.kind;
    let born = matches!(kind, FieldKind::Date { .. } | FieldKind::CitizenNumber);
    let date = matches!(kind, FieldKind::Date { .. });
    let number = matches!(kind, FieldKind::Money { .. } | FieldKind::Area { .. } | FieldKind::Household { .. });
    match rule {
        Rule::AgeAtLeast { .. } | Rule::AgeBelow { .. } | Rule::AgeAtLeastOn { .. } | Rule::OlderThan { .. } => born,
        Rule::NotBefore { .. } | Rule::WithinMonths { .. } | Rule::NotOlderThanMonths { .. } | Rule::DaysPassed { .. } => date,
        Rule::Differs { .. } | Rule::Same { .. } => !matches!(kind, FieldKind::Declare),
        Rule::SumEquals { .. } | Rule::NotAbove { .. } | Rule::ChangeAtMost { .. } | Rule::AtMost { .. } => number,
        Rule::PayeeIsApplicant { .. } => matches!(kind, FieldKind::Payee),
        Rule::Excludes { is, .. } => is.iter().all(|key| field.choices().iter().any(|choice| choice.key == *key)),
        Rule::LinesUnique { .. } => matches!(kind, FieldKind::LongText { .. }),
        Rule::LinesAddUp { field: total, .. } => {
            if field.key == *total {
                matches!(kind, FieldKind::Money { .. })
            } else {
                matches!(kind, FieldKind::LongText { .. })
            }
        }
        Rule::EveryMember { column, .. } => match kind {
            FieldKind::Household { columns } => columns.iter().any(|own| own.key == *column),
            _ => false,
        },
    }
}
