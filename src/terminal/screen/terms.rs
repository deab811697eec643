//! States, limits and numbers as the path of a filing says them.

use jiff::{Timestamp, civil::Date};
use matters::{
    CardKind, Complaint, Field, FieldKind, Matter, State, Value, form,
    matter::{Badge, Category, Limit, Starts, Unit},
};
use outbox::{FilingRow, Stage};
use texts::{Texts, filings, matter_screen, path, person};

use crate::{look::theme::Tone, words};

/// `11月23日`
pub fn day(t: &Texts, date: Date) -> String {
    path::month_day(t, date.month(), date.day())
}

/// `2026年11月23日`
pub fn full_day(t: &Texts, date: Date) -> String {
    path::full_date(t, i64::from(date.year()), date.month(), date.day())
}

/// `11月16日 10:02`
pub fn moment(t: &Texts, at: Timestamp) -> String {
    let date = words::day(at);
    path::month_day_time(t, date.month(), date.day(), words::clock(at))
}

pub fn card_kind(t: &Texts, kind: CardKind) -> String {
    match kind {
        CardKind::ResidentId => person::kind_resident(t),
        CardKind::HkmtResidence => person::kind_hkmt(t),
        CardKind::ForeignPermanent2017 | CardKind::ForeignPermanent2023 => person::kind_foreign(t),
        CardKind::SocialSecurity => person::kind_social(t),
        CardKind::None => person::kind_none(t),
    }
}

pub fn badge(t: &Texts, badge: Badge) -> (String, Tone) {
    match badge {
        Badge::Instant => (path::badge_instant(t), Tone::Good),
        Badge::Promised => (path::badge_promised(t), Tone::Primary),
    }
}

pub fn category(t: &Texts, category: Category) -> String {
    match category {
        Category::Statutory => matter_screen::category_statutory(t),
        Category::PublicService => matter_screen::category_public(t),
        Category::Delegated => matter_screen::category_delegated(t),
        Category::Station => matter_screen::category_station(t),
        Category::ReviewAndForward => matter_screen::category_forward(t),
    }
}

/// `受理后 20 个工作日`
pub fn promise(t: &Texts, matter: &Matter) -> String {
    match (matter.promised.days, matter.promised.unit, matter.clock.start) {
        (0, ..) => path::limit_at_once(t),
        (days, Unit::WorkingDay, Starts::Accepted) => path::limit_working_days(t, days),
        (days, Unit::Day, Starts::Accepted) => path::limit_days(t, days),
        (days, Unit::WorkingDay, Starts::Received) => path::limit_received_working_days(t, days),
        (days, Unit::Day, Starts::Received) => path::limit_received_days(t, days),
    }
}

/// `20 个工作日`, `当场`
pub fn short_limit(t: &Texts, limit: &Limit) -> String {
    match (limit.days, limit.unit) {
        (0, _) => path::short_at_once(t),
        (days, Unit::WorkingDay) => path::short_working_days(t, days),
        (days, Unit::Day) => path::short_days(t, days),
    }
}

/// State of a case at the hall, in the exact words of the house.
pub fn state(t: &Texts, state: State) -> (String, Tone) {
    match state {
        State::Received => (filings::state_received(t), Tone::Primary),
        State::InCorrection => (filings::state_in_correction(t), Tone::Bad),
        State::Corrected => (filings::state_corrected(t), Tone::Primary),
        State::Accepted => (filings::state_accepted(t), Tone::Primary),
        State::SpecialProcedure => (filings::state_special_procedure(t), Tone::Primary),
        State::Forwarded => (filings::state_forwarded(t), Tone::Primary),
        State::NotAccepted => (filings::state_not_accepted(t), Tone::Bad),
        State::Granted => (filings::state_granted(t), Tone::Good),
        State::Refused => (filings::state_refused(t), Tone::Bad),
        State::Delivered => (filings::state_delivered(t), Tone::Good),
        State::Withdrawn => (filings::state_withdrawn(t), Tone::Quiet),
        State::Terminated => (filings::state_terminated(t), Tone::Quiet),
        State::Voided => (filings::state_voided(t), Tone::Quiet),
    }
}

/// Where a filing stands: nothing is called received before the receipt was verified.
pub fn stage(t: &Texts, row: &FilingRow) -> (String, Tone) {
    match row.stage {
        Stage::Waiting => (filings::state_waiting(t), Tone::Warn),
        Stage::Sending => (filings::state_sending(t, percent(row)), Tone::Warn),
        Stage::Quarantined => (filings::state_quarantined(t), Tone::Bad),
        Stage::Received => match &row.case {
            Some(case) => state(t, case.state),
            None => (filings::state_received(t), Tone::Primary),
        },
    }
}

/// Whole percent sent; never 100 before the receipt is there.
pub fn percent(row: &FilingRow) -> u64 {
    (row.bytes_sent * 100).checked_div(row.bytes_total).unwrap_or(0).min(99)
}

/// What is wrong with an answer, in the matter's own words where it has some.
pub fn complaint(t: &Texts, complaint: &Complaint) -> String {
    if let Some(message) = &complaint.message {
        return words::said(t, message).to_owned();
    }
    let args: Vec<(&str, String)> = complaint.args.clone();
    texts::complaint::lookup(t, complaint.code, &args).unwrap_or_else(|| texts::complaint::check(t))
}

/// An answer as people read it; labels for choices, words for dates. Accounts and numbers are
/// whole here: mask them where others may look.
pub fn value(t: &Texts, field: &Field, value: &Value) -> String {
    let label = |key: &str| {
        let choice = field.choices().iter().find(|choice| choice.key == key);
        choice.map_or_else(|| key.to_owned(), |choice| words::said(t, &choice.label).to_owned())
    };
    match value {
        Value::Text(text) => text.expose().clone(),
        Value::Money(cents) => format!("{} {}", form::money_text(*cents), texts::form::unit_yuan(t)),
        Value::Area(_) => {
            let unit = match &field.kind {
                FieldKind::Area { unit, .. } if unit == "mu" => texts::form::unit_mu(t),
                _ => texts::form::unit_sqm(t),
            };
            format!("{} {unit}", form::show_value(field, value))
        }
        Value::Date(date) => full_day(t, *date),
        Value::Choice(key) => label(key),
        Value::Many(keys) => list(t, &keys.iter().map(|key| label(key)).collect::<Vec<_>>()),
        Value::Flag(true) => path::yes(t),
        Value::Flag(false) => path::no(t),
        Value::Payee { bank, account, owner } => format!("{} · {bank} · {}", owner.expose(), grouped(account.expose())),
        Value::Household(members) => list(t, &members.iter().map(|member| member.name.expose().clone()).collect::<Vec<_>>()),
        Value::Image(_) => path::yes(t),
    }
}

/// `周一`
pub fn weekday(t: &Texts, date: Date) -> String {
    match date.weekday().to_monday_one_offset() {
        1 => path::weekday_1(t),
        2 => path::weekday_2(t),
        3 => path::weekday_3(t),
        4 => path::weekday_4(t),
        5 => path::weekday_5(t),
        6 => path::weekday_6(t),
        _ => path::weekday_7(t),
    }
}

/// Digits in groups of four, as they stand on a bank card.
pub fn grouped(account: &str) -> String {
    let digits: Vec<char> = account.chars().filter(|c| !c.is_whitespace()).collect();
    digits.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// An account with its first four and last four digits: `6200 **** **** ***0 018`.
pub fn masked_account(account: &str) -> String {
    let digits: Vec<char> = account.chars().filter(|c| !c.is_whitespace()).collect();
    let len = digits.len();
    let masked: String = digits.iter().enumerate().map(|(i, c)| if i < 4 || i + 4 >= len { *c } else { '*' }).collect();
    grouped(&masked)
}

/// `73 51 20`: pairs are easier to copy than six digits in a row.
pub fn pairs(code: &str) -> String {
    let digits: Vec<char> = code.chars().collect();
    digits.chunks(2).map(|two| two.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// Names in a list: `身份证、银行卡`.
pub fn list<S: AsRef<str>>(t: &Texts, names: &[S]) -> String {
    names.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(&path::list_comma(t))
}

#[cfg(test)]
mod tests {
    use texts::Lang;

    use super::*;

    #[test]
    fn numbers_are_grouped_for_reading() {
        assert_eq!(grouped("6200000000000000018"), "6200 0000 0000 0000 018");
        assert_eq!(pairs("735120"), "73 51 20");
        assert_eq!(list(&Texts::new(Lang::En), &["a", "b"]), "a, b");
    }
}
