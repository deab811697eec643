//! How values look at the desk: times at the hall's place, masked numbers, answers with their labels.

use jiff::{Timestamp, civil::Date};
use matters::{
    Calendar, Capacity, Identity, Matter, Sex, Source, Value, Words,
    calendar::{place_date, place_time},
    deadline::{self, Due},
    form,
    identity::{age_on, mask_number},
};
use minijinja::{Value as Shown, context};
use texts::Lang;

/// `11-23 10:02`, at the hall's place.
pub(crate) fn time(at: Timestamp) -> String {
    place_time(at).strftime("%m-%d %H:%M").to_string()
}

pub(crate) fn day(date: Date) -> String {
    date.strftime("%Y-%m-%d").to_string()
}

pub(crate) fn words(words: &Words, lang: Lang) -> &str {
    match lang {
        Lang::Zh => &words.zh,
        Lang::En => &words.en,
    }
}

pub(crate) fn matter_name(matter: Option<&Matter>, id: &str, lang: Lang) -> String {
    matter.map_or_else(|| id.to_owned(), |matter| words(&matter.name, lang).to_owned())
}

/// Working days left until `date`, with its lamp: `green`, `amber`, `red`.
pub(crate) fn countdown(date: Option<Date>, now: Timestamp, calendar: &Calendar, period_days: u16) -> Shown {
    let Some(date) = date else { return Shown::from(()) };
    let due = Due { date, days: Vec::new(), provisional: false };
    let left = deadline::remaining(&due, matters::matter::Unit::WorkingDay, place_date(now), calendar);
    let lamp = deadline::lamp(left, deadline::Period { days: period_days, unit: matters::matter::Unit::WorkingDay });
    let lamp = match lamp {
        deadline::Lamp::Green => "green",
        deadline::Lamp::Amber => "amber",
        deadline::Lamp::Red => "red",
    };
    context! { date => day(date), left, late => -left, lamp }
}

/// The applicant as the case page shows him; the number stays masked.
pub(crate) fn applicant(identity: &Identity, today: Date) -> Shown {
    let sex = match identity.sex {
        Sex::Male => "male",
        Sex::Female => "female",
        Sex::Unknown | Sex::Unspecified => "unknown",
    };
    let (by_card, read_at) = match &identity.source {
        Source::Card { read_at, .. } => (true, time(*read_at)),
        Source::Manual => (false, String::new()),
    };
    let valid = match identity.valid_until {
        Some(matters::ValidUntil::Date(date)) => context! { date => day(date), expired => date < today },
        Some(matters::ValidUntil::LongTerm) => context! { date => "", expired => false },
        None => Shown::from(()),
    };
    context! {
        name => identity.name.expose(),
        sex,
        age => identity.birth.map(|birth| age_on(birth, today)),
        number => mask_number(identity.number.expose()),
        address => identity.address.expose(),
        nation => identity.nation.as_ref().map(|nation| nation.name.clone()),
        issuer => identity.issuer.clone(),
        by_card,
        read_at,
        valid,
        warnings => identity.warnings.clone(),
    }
}

/// Who filed, and for whom.
pub(crate) fn capacity(capacity: &Capacity) -> Shown {
    match capacity {
        Capacity::Myself => context! { kind => "myself" },
        Capacity::OnBehalf { mandate } => context! {
            kind => "on-behalf",
            name => mandate.proxy_name.expose(),
            phone => mandate.proxy_phone.expose(),
            from => day(mandate.from),
            until => day(mandate.until),
            powers => mandate.powers.clone(),
            related => mandate.related,
        },
        Capacity::Guardian { guardian, relation, .. } => context! {
            kind => "guardian",
            name => guardian.expose(),
            relation => relation.clone(),
        },
        Capacity::Committee { officer, officer_phone, reason } => context! {
            kind => "committee",
            name => officer.expose(),
            phone => officer_phone.expose(),
            reason => reason.clone(),
        },
    }
}

/// How much of the numbers in the answers is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numbers {
    Masked,
    /// After the look was recorded.
    Full,
}

/// Answers in form order with their labels; answers of an older form stay readable at the end.
pub(crate) fn answers(matter: Option<&Matter>, answers: &form::Answers, numbers: Numbers, lang: Lang) -> Vec<Shown> {
    let mut rows = Vec::new();
    let mut shown = std::collections::BTreeSet::new();
    for field in matter.iter().flat_map(|matter| matter.fields()) {
        if let Some(value) = answers.get(&field.key) {
            shown.insert(field.key.as_str());
            let text = match value {
                Value::Choice(_) | Value::Many(_) => choices(field, value, lang),
                Value::Flag(flag) => (if *flag { "✓" } else { "✗" }).to_owned(),
                Value::Text(number) if field.kind == matters::FieldKind::CitizenNumber && numbers == Numbers::Masked => {
                    mask_number(number.expose())
                }
                Value::Payee { .. } | Value::Household(_) | Value::Image(_) => plain(value, numbers),
                other => form::show_value(field, other),
            };
            // What the card said stands above, with its origin; here it would only push the rest down.
            let from_card = field.prefill.is_some_and(|prefill| prefill.from_card());
            rows.push(context! { key => field.key.clone(), label => words(&field.label, lang), text, old => false, from_card });
        }
    }
    for (key, value) in answers {
        if !shown.contains(key.as_str()) {
            rows.push(context! { key, label => key, text => plain(value, numbers), old => true, from_card => false });
        }
    }
    rows
}

fn choices(field: &matters::Field, value: &Value, lang: Lang) -> String {
    let (matters::FieldKind::Choice { choices } | matters::FieldKind::Many { choices }) = &field.kind else {
        return plain(value, Numbers::Masked);
    };
    let label = |key: &String| {
        choices
            .iter()
            .find(|choice| choice.key == *key)
            .map_or_else(|| key.clone(), |choice| words(&choice.label, lang).to_owned())
    };
    match value {
        Value::Choice(key) => label(key),
        Value::Many(keys) => keys.iter().map(label).collect::<Vec<_>>().join(" · "),
        other => plain(other, Numbers::Masked),
    }
}

/// A value without its field: an older form had it.
fn plain(value: &Value, numbers: Numbers) -> String {
    match value {
        Value::Text(text) => text.expose().clone(),
        Value::Money(cents) => format!("{}.{:02}", cents / 100, cents % 100),
        Value::Area(thousandths) => format!("{}.{:03}", thousandths / 1000, thousandths % 1000),
        Value::Date(date) => day(*date),
        Value::Choice(key) => key.clone(),
        Value::Many(keys) => keys.join(" · "),
        Value::Flag(flag) => (if *flag { "✓" } else { "✗" }).to_owned(),
        Value::Payee { bank, account, owner } => {
            let account = account.expose();
            let tail = account.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
            let account = if numbers == Numbers::Full { account.clone() } else { format!("****{}", &account[tail..]) };
            format!("{} · {bank} · {account}", owner.expose())
        }
        Value::Household(members) => members.iter().map(|member| member.name.expose().clone()).collect::<Vec<_>>().join(" · "),
        Value::Image(digest) => digest.to_string(),
    }
}

/// A state's key in desk.ftl: `received` → `state-received`.
pub(crate) fn state(state: matters::State) -> String {
    let name = serde_json::to_value(state).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default();
    format!("state-{}", name.replace('_', "-"))
}
