//! The cross-checks of a matter (§4.1). A rule that looks at an empty or wrong field is silent:
//! that field has its own complaint.

use std::collections::BTreeSet;

use jiff::{ToSpan, civil::Date};

use super::{
    Complaint, Situation, Value,
    input::{cents, normal_name, normal_number, text_of},
    view,
};
use crate::{
    Capacity, Sex,
    identity::{age_on, birth_in_number, check_citizen_number, sex_in_number},
    matter::{Field, FieldKind, Matter, Prefill, Rule},
};

/// What the rules of the matter find among the fields that are asked and not `wrong` by themselves.
pub(super) fn complaints(matter: &Matter, visible: &[&Field], wrong: &[String], situation: &Situation<'_>) -> Vec<Complaint> {
    let mut out = Vec::new();
    for check in &matter.checks {
        // Whose account it is must be told even while its number is half typed.
        let payee = matches!(check.rule, Rule::PayeeIsApplicant { .. });
        let asked =
            |key: &str| visible.iter().any(|field| field.key == key) && (payee || !wrong.iter().any(|field| field == key));
        if !asked(check.rule.field()) || !view::holds(&check.when, matter, situation) || holds(&check.rule, &asked, situation) {
            continue;
        }
        out.push(Complaint {
            field: check.rule.field().to_owned(),
            code: "check",
            args: Vec::new(),
            message: Some(check.message.clone()),
            warning: check.warning,
        });
    }
    let doubts = doubts(visible, wrong, situation);
    out.extend(doubts.into_iter().filter(|doubt| !out.iter().any(|told| told.field == doubt.field)).collect::<Vec<_>>());
    // An account of somebody else loses money (§4.2): no matter may forget this rule.
    for field in visible.iter().filter(|field| field.kind == FieldKind::Payee) {
        let told = out.iter().any(|complaint| complaint.field == field.key);
        if !told && !payee_fits(situation, &field.key) {
            out.push(Complaint::new(&field.key, "payee_owner"));
        }
    }
    out
}

/// Birth and sex stand in the person's own number (GB 11643). Old numbers hold mistakes, so a
/// difference is shown and may stand.
fn doubts(visible: &[&Field], wrong: &[String], situation: &Situation<'_>) -> Vec<Complaint> {
    let value = |prefill: Prefill| {
        let field = visible.iter().find(|field| field.prefill == Some(prefill) && !wrong.contains(&field.key))?;
        Some((field.key.as_str(), situation.answers.get(&field.key)?))
    };
    let Some(number) = value(Prefill::CardNumber).and_then(|(_, value)| text_of(value)) else { return Vec::new() };
    let number = normal_number(number.expose());
    if check_citizen_number(&number).is_err() {
        return Vec::new();
    }
    let mut out = Vec::new();
    if let Some((key, Value::Date(birth))) = value(Prefill::CardBirth)
        && birth_in_number(&number) != Some(*birth)
    {
        out.push(Complaint::new(key, "birth_differs").warned());
    }
    let sex = match sex_in_number(&number) {
        Some(Sex::Male) => "male",
        _ => "female",
    };
    if let Some((key, Value::Choice(said))) = value(Prefill::CardSex)
        && said != sex
    {
        out.push(Complaint::new(key, "sex_differs").warned());
    }
    out
}

fn holds(rule: &Rule, asked: &dyn Fn(&str) -> bool, situation: &Situation<'_>) -> bool {
    let value = |key: &str| situation.answers.get(key).filter(|_| asked(key));
    let date = |key: &str| match value(key) {
        Some(Value::Date(date)) => Some(*date),
        _ => None,
    };
    let birth = |key: &str| value(key).and_then(birth_of);
    let today = situation.today;
    match rule {
        Rule::AgeAtLeast { field, years, early_days } => {
            birth(field).is_none_or(|birth| age_on(birth, today.saturating_add(early_days.days())) >= *years)
        }
        Rule::AgeBelow { field, years } => birth(field).is_none_or(|birth| age_on(birth, today) < *years),
        Rule::AgeAtLeastOn { field, years, month_day } => match (birth(field), day_of_year(month_day, today)) {
            (Some(birth), Some(day)) => age_on(birth, day) >= *years,
            _ => true,
        },
        Rule::OlderThan { field, younger, years } => match (birth(field), birth(younger)) {
            (Some(older), Some(younger)) => age_on(older, younger) >= *years,
            _ => true,
        },
        Rule::NotBefore { field, earlier } => both(date(field), date(earlier), |later, earlier| later >= earlier),
        Rule::WithinMonths { field, from, months } => {
            both(date(field), date(from), |later, from| later <= from.saturating_add(months.months()))
        }
        Rule::NotOlderThanMonths { field, months } => {
            date(field).is_none_or(|date| today <= date.saturating_add(months.months()))
        }
        Rule::DaysPassed { field, days } => date(field).is_none_or(|date| date.saturating_add(days.days()) <= today),
        Rule::Differs { field, other } => both(value(field), value(other), |a, b| !same(a, b)),
        Rule::Same { field, other } => both(value(field), value(other), same),
        Rule::SumEquals { field, parts } => {
            let parts: Vec<i64> = parts.iter().filter_map(|part| value(part).and_then(number)).collect();
            // Before any part is entered there is nothing to compare.
            value(field).and_then(number).is_none_or(|total| parts.is_empty() || total == parts.iter().sum::<i64>())
        }
        Rule::NotAbove { field, other } => both(value(field).and_then(number), value(other).and_then(number), |a, b| a <= b),
        Rule::ChangeAtMost { field, other, percent } => {
            both(value(field).and_then(number), value(other).and_then(number), |now, before| {
                (now - before).abs().saturating_mul(100) <= before.abs().saturating_mul(*percent)
            })
        }
        Rule::AtMost { field, max } => value(field).and_then(number).is_none_or(|number| number <= *max),
        Rule::PayeeIsApplicant { field } => payee_fits(situation, field),
        Rule::Excludes { field, is } => value(field).is_none_or(|value| match value {
            Value::Choice(key) => !is.contains(key),
            Value::Many(keys) => !keys.iter().any(|key| is.contains(key)),
            _ => true,
        }),
        Rule::LinesUnique { field } => value(field).and_then(text_of).is_none_or(|text| {
            let mut seen = BTreeSet::new();
            lines(text.expose()).filter_map(|line| line.split_whitespace().next()).all(|first| seen.insert(first.to_owned()))
        }),
        Rule::LinesAddUp { field, lines: list } => match (value(field), value(list).and_then(text_of)) {
            (Some(Value::Money(total)), Some(text)) => {
                let amounts: Option<Vec<i64>> = lines(text.expose()).map(|line| cents(line.split_whitespace().nth(1)?)).collect();
                amounts.is_some_and(|amounts| amounts.iter().sum::<i64>() == *total)
            }
            _ => true,
        },
        Rule::EveryMember { field, column } => match value(field) {
            Some(Value::Household(members)) => members.iter().all(|member| {
                let adult =
                    birth_in_number(&normal_number(member.number.expose())).is_none_or(|birth| age_on(birth, today) >= 18);
                !adult || member.more.contains_key(column)
            }),
            _ => true,
        },
    }
}

/// Lines that say something.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn both<A, B>(a: Option<A>, b: Option<B>, fits: impl Fn(A, B) -> bool) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => fits(a, b),
        _ => true,
    }
}

/// A birth date: the date itself, or the one inside a good citizen number.
fn birth_of(value: &Value) -> Option<Date> {
    match value {
        Value::Date(date) => Some(*date),
        Value::Text(text) => {
            let number = normal_number(text.expose());
            check_citizen_number(&number).ok()?;
            birth_in_number(&number)
        }
        _ => None,
    }
}

/// Money in cents, area in thousandths; for a grid the sum of all its money.
fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Money(number) | Value::Area(number) => Some(*number),
        Value::Household(members) => Some(members.iter().flat_map(|member| member.more.values()).filter_map(number).sum()),
        _ => None,
    }
}

fn same(a: &Value, b: &Value) -> bool {
    match (text_of(a), text_of(b)) {
        (Some(a), Some(b)) => a.expose().split_whitespace().eq(b.expose().split_whitespace()),
        _ => a == b,
    }
}

fn day_of_year(month_day: &str, today: Date) -> Option<Date> {
    let (month, day) = month_day.split_once('-')?;
    Date::new(today.year(), month.parse().ok()?, day.parse().ok()?).ok()
}

/// The account belongs to the applicant or to the guardian who files; silent while one of the
/// names is not known.
fn payee_fits(situation: &Situation<'_>, field: &str) -> bool {
    let (Some(Value::Payee { owner, .. }), Some(applicant)) = (situation.answers.get(field), situation.applicant) else {
        return true;
    };
    let owner = normal_name(owner.expose());
    let is = |name: &str| normal_name(name) == owner;
    let guardian = match situation.capacity {
        Some(Capacity::Guardian { guardian, .. }) => is(guardian.expose()),
        _ => false,
    };
    owner.is_empty() || is(applicant.name.expose()) || guardian
}
