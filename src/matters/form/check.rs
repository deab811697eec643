//! What is wrong, field by field.

use jiff::civil::Date;

use super::{
    Complaint, Member, Situation, Value,
    input::{half_width, is_han, normal_name, normal_number, text_of},
    money_text, prefill, rules, view,
};
use crate::{
    Identity, Source, division,
    identity::{NumberFault, birth_in_number, check_citizen_number},
    matter::{ColumnKind, Field, FieldKind, Matter, Prefill, Season},
};

const NAME_CHARS_MAX: usize = 50;
const ADDRESS_CHARS: std::ops::RangeInclusive<usize> = 4..=100;
const ACCOUNT_DIGITS: std::ops::RangeInclusive<usize> = 16..=19;
const MEMBERS_MAX: usize = 30;

/// Everything that is wrong with the form now: unanswered questions, fields in form order, then
/// the cross-checks of the matter, then warnings about the season. Who may file for whom is
/// judged by [`super::capacity_complaints`], pages by [`super::page_complaints`].
pub fn complaints(matter: &Matter, situation: &Situation<'_>) -> Vec<Complaint> {
    let mut out = Vec::new();
    for question in &matter.situations {
        let answer = situation.situations.get(&question.key);
        match question.choices.iter().find(|choice| Some(&choice.key) == answer) {
            None => out.push(Complaint::new(&question.key, "situation_missing")),
            Some(choice) => out.extend(
                choice
                    .ends
                    .as_ref()
                    .map(|why| Complaint { message: Some(why.clone()), ..Complaint::new(&question.key, "situation_ends") }),
            ),
        }
    }
    let visible = view::visible_fields(matter, situation);
    for field in &visible {
        out.extend(field_complaints(field, situation));
    }
    let wrong: Vec<String> = out.iter().filter(|complaint| !complaint.warning).map(|complaint| complaint.field.clone()).collect();
    out.extend(rules::complaints(matter, &visible, &wrong, situation));
    if let Some(season) = closed_season(&matter.seasons, situation.today) {
        let complaint = Complaint::new("season", "season_closed").with("from", &season.from).with("until", &season.until);
        out.push(Complaint { message: Some(season.note.clone()), ..complaint.warned() });
    }
    out
}

/// What is wrong with one field, cross-checks that stand beside it included. A field that is not
/// asked now has no complaint.
pub fn complaints_of(matter: &Matter, key: &str, situation: &Situation<'_>) -> Vec<Complaint> {
    complaints(matter, situation).into_iter().filter(|complaint| complaint.field == key).collect()
}

/// The season to tell about when today lies in none of them.
fn closed_season(seasons: &[Season], today: Date) -> Option<&Season> {
    let day = format!("{:02}-{:02}", today.month(), today.day());
    let open = |season: &Season| {
        let (from, until) = (season.from.as_str(), season.until.as_str());
        // A season may run over New Year.
        if from <= until { from <= day.as_str() && day.as_str() <= until } else { from <= day.as_str() || day.as_str() <= until }
    };
    if seasons.iter().any(open) { None } else { seasons.first() }
}

fn field_complaints(field: &Field, situation: &Situation<'_>) -> Vec<Complaint> {
    let complain = |code| Complaint::new(&field.key, code);
    if matches!(field.kind, FieldKind::Signature | FieldKind::Photo) {
        // A picture is a page under the field's key: it is missed among the pages.
        return Vec::new();
    }
    let Some(value) = situation.answers.get(&field.key).filter(|value| !is_empty(value)) else {
        let code = match field.kind {
            FieldKind::Declare => "declare_missing",
            FieldKind::Household { .. } => "household_empty",
            _ => "required",
        };
        return if field.required { vec![complain(code)] } else { Vec::new() };
    };
    // What the chip says is not judged by shape: cards of other kinds have other numbers, and a
    // name on a card is a name.
    match from_card(field, situation.applicant) {
        Some(read) if text_of(value).is_some_and(|text| text.expose() == read) => return Vec::new(),
        Some(_) => return vec![complain("differs_from_card")],
        None => {}
    }
    let mut out = Vec::new();
    match (&field.kind, value) {
        (FieldKind::Name, Value::Text(text)) => out.extend(name(&field.key, text.expose())),
        (FieldKind::CitizenNumber, Value::Text(text)) => out.extend(citizen_number(&field.key, text.expose(), situation.today)),
        (FieldKind::Phone, Value::Text(text)) => out.extend(phone(&field.key, text.expose())),
        (FieldKind::Text { chars_max } | FieldKind::LongText { chars_max }, Value::Text(text)) => {
            let lines = matches!(field.kind, FieldKind::LongText { .. });
            out.extend(plain_text(&field.key, text.expose(), *chars_max, lines));
        }
        (FieldKind::Address, Value::Text(text)) => {
            out.extend(plain_text(&field.key, text.expose(), *ADDRESS_CHARS.end(), false));
            if text.expose().chars().count() < *ADDRESS_CHARS.start() {
                out.push(complain("address_short").with("min", ADDRESS_CHARS.start()));
            }
        }
        (FieldKind::Money { min, max }, Value::Money(cents)) => {
            if cents < min {
                out.push(complain("money_min").with("min", money_text(*min)));
            }
            if cents > max {
                out.push(complain("money_max").with("max", money_text(*max)));
            }
        }
        (FieldKind::Area { unit, max }, Value::Area(area)) => {
            if *area < 0 {
                out.push(complain("area_shape"));
            }
            if area > max {
                out.push(complain("area_max").with("max", max / 1000).with("unit", unit));
            }
        }
        (FieldKind::Date { future }, Value::Date(date)) => {
            if !future && *date > situation.today {
                out.push(complain("date_future"));
            }
            if date.year() < 1900 {
                out.push(complain("date_old"));
            }
        }
        (FieldKind::Choice { choices }, Value::Choice(key)) => {
            if !choices.iter().any(|choice| choice.key == *key) {
                out.push(complain("choice_unknown"));
            } else if field.prefill == Some(Prefill::AgeBand) {
                let band = situation.applicant.and_then(|person| prefill::age_band(choices, person, situation.today));
                if let Some(band) = band.filter(|band| band != key) {
                    out.push(complain("band_differs").with("band", band));
                }
            }
        }
        (FieldKind::Many { choices }, Value::Many(keys)) => {
            if !keys.iter().all(|key| choices.iter().any(|choice| choice.key == *key)) {
                out.push(complain("choice_unknown"));
            }
        }
        (FieldKind::Declare, Value::Flag(_)) => {}
        (FieldKind::Payee, Value::Payee { bank, account, owner }) => {
            out.extend(payee(&field.key, bank, account.expose(), owner.expose()));
        }
        (FieldKind::Household { .. }, Value::Household(members)) => out.extend(household(field, members)),
        (FieldKind::Geo, Value::Text(text)) => out.extend(geo(&field.key, text.expose())),
        _ => out.push(complain("wrong_kind")),
    }
    out
}

/// An answer that is there and says nothing.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.expose().trim().is_empty(),
        Value::Many(keys) => keys.is_empty(),
        Value::Flag(flag) => !flag,
        Value::Payee { bank, account, owner } => {
            bank.trim().is_empty() && account.expose().trim().is_empty() && owner.expose().trim().is_empty()
        }
        Value::Household(members) => members.is_empty(),
        Value::Money(_) | Value::Area(_) | Value::Date(_) | Value::Choice(_) | Value::Image(_) => false,
    }
}

/// What the chip said for a field that may not differ from it.
fn from_card<'a>(field: &Field, applicant: Option<&'a Identity>) -> Option<&'a str> {
    let person = applicant.filter(|person| matches!(person.source, Source::Card { .. }))?;
    let read = match field.prefill? {
        Prefill::CardName => person.name.expose(),
        Prefill::CardNumber => person.number.expose(),
        _ => return None,
    };
    (!read.is_empty()).then_some(read.as_str())
}

fn name(key: &str, text: &str) -> Vec<Complaint> {
    let text = normal_name(text);
    let mut out = Vec::new();
    let count = text.chars().count();
    if count > NAME_CHARS_MAX {
        out.push(Complaint::new(key, "chars_max").with("max", NAME_CHARS_MAX).with("entered", count));
    }
    let latin = !text.chars().any(is_han);
    let fits = |c: char| {
        c.is_alphabetic() || is_han(c) || c == '·' || private(c) || (latin && matches!(c, ' ' | '-' | '\'' | ',' | '.'))
    };
    if let Some(at) = text.chars().position(|c| !fits(c)) {
        out.push(Complaint::new(key, "name_character").with("at", at + 1));
    }
    if let Some(at) = text.chars().position(private) {
        out.push(Complaint::new(key, "name_private").with("at", at + 1).warned());
    }
    out
}

/// Private-use areas: old police codes of rare characters that other systems cannot read (§2.5).
fn private(c: char) -> bool {
    matches!(c as u32, 0xe000..=0xf8ff | 0xf_0000..=0x10_ffff)
}

fn citizen_number(key: &str, text: &str, today: Date) -> Option<Complaint> {
    let complain = |code| Complaint::new(key, code);
    let text = normal_number(text);
    let Err(fault) = check_citizen_number(&text) else {
        if birth_in_number(&text).is_some_and(|birth| birth > today) {
            return Some(complain("number_birth"));
        }
        return (!division::region_is_known(&text)).then(|| complain("number_region").warned());
    };
    Some(match fault {
        NumberFault::Empty => complain("required"),
        NumberFault::Length { digits: 15 } if text.bytes().all(|b| b.is_ascii_digit()) => complain("number_fifteen"),
        NumberFault::Length { digits } => complain("number_length").with("entered", digits),
        NumberFault::Character => complain("number_character"),
        NumberFault::Birth => complain("number_birth"),
        NumberFault::Checksum => complain("number_checksum"),
    })
}

/// A mobile number (`1[3-9]` and nine digits) or an area code and seven or eight digits.
fn phone(key: &str, text: &str) -> Option<Complaint> {
    let plain: String = half_width(text).chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let digits = plain.bytes().all(|b| b.is_ascii_digit());
    let mobile = digits && plain.starts_with('1') && !matches!(plain.as_bytes().get(1), Some(b'0'..=b'2'));
    if mobile && plain.len() < 11 {
        return Some(Complaint::new(key, "phone_missing_digits").with("missing", 11 - plain.len()));
    }
    let landline = digits && plain.starts_with('0') && (10..=12).contains(&plain.len());
    // National service numbers such as 12345 are nobody's own.
    ((mobile && plain.len() == 11) || landline).then_some(()).map_or_else(|| Some(Complaint::new(key, "phone_shape")), |()| None)
}

fn plain_text(key: &str, text: &str, chars_max: usize, lines: bool) -> Vec<Complaint> {
    let mut out = Vec::new();
    let entered = text.chars().count();
    if entered > chars_max {
        out.push(Complaint::new(key, "chars_max").with("max", chars_max).with("entered", entered));
    }
    if let Some(at) = text.chars().position(|c| c.is_control() && !(lines && c == '\n')) {
        out.push(Complaint::new(key, "text_character").with("at", at + 1));
    }
    out
}

fn payee(key: &str, bank: &str, account: &str, owner: &str) -> Vec<Complaint> {
    let complain = |code| Complaint::new(key, code);
    let mut out = Vec::new();
    if bank.trim().is_empty() {
        out.push(complain("payee_bank"));
    }
    if owner.trim().is_empty() {
        out.push(complain("payee_owner_missing"));
    } else {
        out.extend(name(key, owner));
    }
    let plain: String = half_width(account).chars().filter(|c| !c.is_whitespace()).collect();
    if !plain.bytes().all(|b| b.is_ascii_digit()) {
        out.push(complain("account_character"));
    } else if !ACCOUNT_DIGITS.contains(&plain.len()) {
        let digits = plain.len();
        out.push(
            complain("account_length")
                .with("digits", digits)
                .with("min", ACCOUNT_DIGITS.start())
                .with("max", ACCOUNT_DIGITS.end()),
        );
    } else if !luhn(&plain) {
        // Passbooks of rural banks do not always follow it.
        out.push(complain("account_luhn").warned());
    }
    out
}

/// ISO/IEC 7812-1 check over all digits.
pub(super) fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, b)| {
            let digit = u32::from(b - b'0');
            if i % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 }
        })
        .sum();
    sum.is_multiple_of(10)
}

fn household(field: &Field, members: &[Member]) -> Vec<Complaint> {
    let FieldKind::Household { columns } = &field.kind else {
        return Vec::new();
    };
    let complain = |code, row: usize| Complaint::new(&field.key, code).with("row", row + 1);
    let mut out = Vec::new();
    if members.len() > MEMBERS_MAX {
        out.push(Complaint::new(&field.key, "chars_max").with("max", MEMBERS_MAX).with("entered", members.len()));
    }
    for (row, member) in members.iter().enumerate() {
        let own = member.name.expose();
        if own.trim().is_empty() || name(&field.key, own).iter().any(|complaint| !complaint.warning) {
            out.push(complain("member_name", row));
        }
        let number = normal_number(member.number.expose());
        if check_citizen_number(&number).is_err() {
            out.push(complain("member_number", row));
        } else if members[..row].iter().any(|other| normal_number(other.number.expose()) == number) {
            out.push(complain("household_twice", row));
        }
        if member.relation.trim().is_empty() {
            out.push(complain("member_relation", row));
        }
        for column in columns {
            let fits = match (column.kind, member.more.get(&column.key).filter(|value| !is_empty(value))) {
                (_, None) => !column.required,
                (ColumnKind::Text, Some(Value::Text(text))) => plain_text(&field.key, text.expose(), 100, false).is_empty(),
                (ColumnKind::Money, Some(Value::Money(cents))) => *cents >= 0,
                (ColumnKind::Choice, Some(Value::Choice(key))) => column.choices.iter().any(|choice| choice.key == *key),
                (ColumnKind::Date, Some(Value::Date(_))) => true,
                _ => false,
            };
            if !fits {
                out.push(complain("member_column", row).with("column", &column.key));
            }
        }
    }
    out
}

/// Words for a place, or `latitude,longitude` in degrees.
fn geo(key: &str, text: &str) -> Vec<Complaint> {
    let mut out = plain_text(key, text, 200, false);
    if let Some((north, east)) = text.split_once(',')
        && let (Ok(north), Ok(east)) = (north.trim().parse::<f64>(), east.trim().parse::<f64>())
        && (!(-90.0..=90.0).contains(&north) || !(-180.0..=180.0).contains(&east))
    {
        out.push(Complaint::new(key, "geo_range"));
    }
    out
}
