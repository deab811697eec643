//! The cross-checks that a matter's file can name (§4.1): data here, judged in `form/rules.rs`.

use serde::{Deserialize, Serialize};

use crate::matter::{When, Words};

/// A check over several fields or the applicant (§4.1). `message` says what is wrong and what to
/// do; a check with `warning` may be overridden by who fills in the form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    pub rule: Rule,
    pub message: Words,
    #[serde(default)]
    pub warning: bool,
    /// Checked only when these conditions hold.
    #[serde(default)]
    pub when: Vec<When>,
}

/// What must hold. `field` names the field beside which the message stands; a field that is not
/// filled in is not judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Rule {
    /// The person whose birth date or citizen number stands in `field` is that old today, or
    /// will be within `early_days`.
    AgeAtLeast {
        field: String,
        years: i16,
        early_days: i64,
    },
    AgeBelow {
        field: String,
        years: i16,
    },
    /// That old on this day (`MM-DD`) of the current year: school entry.
    AgeAtLeastOn {
        field: String,
        years: i16,
        month_day: String,
    },
    /// The person in `field` is at least `years` older than the one in `younger`.
    OlderThan {
        field: String,
        younger: String,
        years: i16,
    },
    NotBefore {
        field: String,
        earlier: String,
    },
    /// The date in `field` lies at most this long after the one in `from`.
    WithinMonths {
        field: String,
        from: String,
        months: i32,
    },
    /// Today lies at most this long after the date in `field`.
    NotOlderThanMonths {
        field: String,
        months: i32,
    },
    /// At least this many days have passed since the date in `field`.
    DaysPassed {
        field: String,
        days: i64,
    },
    Differs {
        field: String,
        other: String,
    },
    Same {
        field: String,
        other: String,
    },
    SumEquals {
        field: String,
        parts: Vec<String>,
    },
    /// No more than another amount or area.
    NotAbove {
        field: String,
        other: String,
    },
    /// Differs from another amount or area by at most this share of it.
    ChangeAtMost {
        field: String,
        other: String,
        percent: i64,
    },
    /// No more than a number: cents, or thousandths of the field's unit.
    AtMost {
        field: String,
        max: i64,
    },
    PayeeIsApplicant {
        field: String,
    },
    /// These conditions must not hold: they end the matter (`field` shows the message).
    Excludes {
        field: String,
        is: Vec<String>,
    },
    /// The first word of every line of the text is there once: numbers of bills.
    LinesUnique {
        field: String,
    },
    /// The amounts at the ends of the lines in `lines` add up to the money in `field`.
    LinesAddUp {
        field: String,
        lines: String,
    },
    /// Every adult of the grid has an answer in this column.
    EveryMember {
        field: String,
        column: String,
    },
}

impl Rule {
    /// The field beside which the message stands.
    pub fn field(&self) -> &str {
        match self {
            Rule::AgeAtLeast { field, .. }
            | Rule::AgeBelow { field, .. }
            | Rule::AgeAtLeastOn { field, .. }
            | Rule::OlderThan { field, .. }
            | Rule::NotBefore { field, .. }
            | Rule::WithinMonths { field, .. }
            | Rule::NotOlderThanMonths { field, .. }
            | Rule::DaysPassed { field, .. }
            | Rule::Differs { field, .. }
            | Rule::Same { field, .. }
            | Rule::SumEquals { field, .. }
            | Rule::NotAbove { field, .. }
            | Rule::AtMost { field, .. }
            | Rule::ChangeAtMost { field, .. }
            | Rule::PayeeIsApplicant { field }
            | Rule::Excludes { field, .. }
            | Rule::LinesUnique { field }
            | Rule::LinesAddUp { field, .. }
            | Rule::EveryMember { field, .. } => field,
        }
    }

    /// Every field that the rule looks at.
    pub fn fields(&self) -> Vec<&str> {
        let mut all = vec![self.field()];
        match self {
            Rule::OlderThan { younger: other, .. }
            | Rule::NotBefore { earlier: other, .. }
            | Rule::WithinMonths { from: other, .. }
            | Rule::Differs { other, .. }
            | Rule::Same { other, .. }
            | Rule::LinesAddUp { lines: other, .. }
            | Rule::ChangeAtMost { other, .. }
            | Rule::NotAbove { other, .. } => all.push(other),
            Rule::SumEquals { parts, .. } => all.extend(parts.iter().map(String::as_str)),
            _ => {}
        }
        all
    }
}
