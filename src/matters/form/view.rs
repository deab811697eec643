//! What is asked and what must be brought, given what is known so far.

use super::{Due, Situation, Value};
use crate::{
    Capacity, CardKind, ProxyKind,
    identity::age_on,
    matter::{Capture, Field, Matter, When},
};

/// Conditions may hang on fields that have conditions themselves; deeper is a mistake of the
/// catalogue (its linter refuses circles).
const DEPTH_MAX: usize = 8;

/// The fields that are asked now, in form order.
pub fn visible_fields<'m>(matter: &'m Matter, situation: &Situation<'_>) -> Vec<&'m Field> {
    matter.fields().filter(|field| holds(&field.when, matter, situation)).collect()
}

/// The materials that this filing needs, in the order of the matter. Optional ones are among
/// them (`material.required` is false): they may be added, nothing is missing without them.
pub fn due_materials<'m>(matter: &'m Matter, situation: &Situation<'_>) -> Vec<Due<'m>> {
    // What the chip said needs no picture; what a hand typed does.
    let read = situation.applicant.is_some_and(|person| person.card != CardKind::None);
    matter
        .materials
        .iter()
        .filter(|material| holds(&material.when, matter, situation))
        .map(|material| Due { material, by_card: read && material.capture == Capture::Card })
        .collect()
}

/// Do all these conditions hold? A condition is met when the value of its key is one of `is`.
///
/// Keys: a situation, a field (a choice's key; each key of several; `yes`/`no` of a declaration;
/// the text), `capacity`, `proxy_kind` (`agent`, `relative`, `other`), and `adult`, `under_16`,
/// `under_14`, `under_8` (`yes`/`no`, by the applicant's birth). A field that is not asked now has
/// no value, even when an answer is left over from before.
pub fn holds(when: &[When], matter: &Matter, situation: &Situation<'_>) -> bool {
    holds_at(when, matter, situation, 0)
}

fn holds_at(when: &[When], matter: &Matter, situation: &Situation<'_>, depth: usize) -> bool {
    when.iter().all(|condition| {
        let met = |value: &str| condition.is.iter().any(|is| is == value);
        match condition.key.as_str() {
            "capacity" => situation.capacity.is_some_and(|capacity| met(capacity.key())),
            "proxy_kind" => situation.capacity.and_then(proxy_kind).is_some_and(met),
            "adult" => at_least(situation, 18).is_some_and(met),
            "under_16" => at_least(situation, 16).map(not).is_some_and(met),
            "under_14" => at_least(situation, 14).map(not).is_some_and(met),
            "under_8" => at_least(situation, 8).map(not).is_some_and(met),
            key => match matter.field(key) {
                None => situation.situations.get(key).is_some_and(|choice| met(choice)),
                Some(field) => {
                    depth < DEPTH_MAX
                        && situation.answers.get(key).is_some_and(|value| value_met(value, met))
                        && holds_at(&field.when, matter, situation, depth + 1)
                }
            },
        }
    })
}

fn value_met(value: &Value, met: impl Fn(&str) -> bool) -> bool {
    match value {
        Value::Choice(key) => met(key),
        Value::Many(keys) => keys.iter().any(|key| met(key)),
        Value::Flag(flag) => met(if *flag { "yes" } else { "no" }),
        Value::Text(text) => met(text.expose()),
        _ => false,
    }
}

fn proxy_kind(capacity: &Capacity) -> Option<&'static str> {
    match capacity {
        Capacity::OnBehalf { mandate } => Some(match mandate.proxy_kind {
            ProxyKind::Agent => "agent",
            ProxyKind::Relative => "relative",
            ProxyKind::Other => "other",
        }),
        Capacity::Myself | Capacity::Guardian { .. } | Capacity::Committee { .. } => None,
    }
}

fn at_least(situation: &Situation<'_>, years: i16) -> Option<&'static str> {
    let birth = situation.applicant?.birth?;
    Some(if age_on(birth, situation.today) >= years { "yes" } else { "no" })
}

fn not(answer: &'static str) -> &'static str {
    if answer == "yes" { "no" } else { "yes" }
}
