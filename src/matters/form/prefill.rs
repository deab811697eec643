//! What stands in the form before anybody types.

use jiff::civil::Date;

use super::{Answers, Value, normal_name};
use crate::{
    CardKind, Filing, Identity, Sex,
    identity::age_on,
    matter::{Choice, Field, FieldKind, Matter, Prefill},
};

/// Answers from the card (or from the person typed by hand) and from the matter's own defaults.
/// What the card does not say is left out; nothing is guessed.
pub fn prefill(matter: &Matter, person: &Identity, today: Date) -> Answers {
    matter.fields().filter_map(|field| Some((field.key.clone(), value(field, person, today)?))).collect()
}

/// Answers of the same person's earlier filing that may be used again. Only with the person's
/// consent; only fields that the catalogue marks so, of the same kind, and a choice that still
/// exists. `None` when the earlier filing is somebody else's.
pub fn prefill_from_earlier(matter: &Matter, person: &Identity, earlier: &Filing, consent: bool) -> Option<Answers> {
    if !consent || person.number.expose().is_empty() || person.number != earlier.applicant.number {
        return None;
    }
    let kept = matter.fields().filter(|field| field.reuse).filter_map(|field| {
        let value = earlier.answers.get(&field.key)?;
        fits(field, value).then(|| (field.key.clone(), value.clone()))
    });
    Some(kept.collect())
}

/// Could this value have been entered in this field?
pub(crate) fn fits(field: &Field, value: &Value) -> bool {
    match (&field.kind, value) {
        (FieldKind::Choice { choices }, Value::Choice(key)) => choices.iter().any(|choice| choice.key == *key),
        (FieldKind::Many { choices }, Value::Many(keys)) => {
            keys.iter().all(|key| choices.iter().any(|choice| choice.key == *key))
        }
        (
            FieldKind::Name
            | FieldKind::CitizenNumber
            | FieldKind::Phone
            | FieldKind::Text { .. }
            | FieldKind::LongText { .. }
            | FieldKind::Address
            | FieldKind::Geo,
            Value::Text(_),
        )
        | (FieldKind::Money { .. }, Value::Money(_))
        | (FieldKind::Area { .. }, Value::Area(_))
        | (FieldKind::Date { .. }, Value::Date(_))
        | (FieldKind::Declare, Value::Flag(_))
        | (FieldKind::Payee, Value::Payee { .. })
        | (FieldKind::Household { .. }, Value::Household(_))
        | (FieldKind::Signature | FieldKind::Photo, Value::Image(_)) => true,
        _ => false,
    }
}

fn value(field: &Field, person: &Identity, today: Date) -> Option<Value> {
    let text = |text: &str| (!text.trim().is_empty()).then(|| Value::Text(text.into()));
    let Some(prefill) = field.prefill else {
        let default = field.default.as_ref()?;
        return field.choices().iter().any(|choice| choice.key == *default).then(|| Value::Choice(default.clone()));
    };
    let value = match prefill {
        // A card's name is kept as the chip gave it; one typed by hand is normalised.
        Prefill::CardName if person.card == CardKind::None => text(&normal_name(person.name.expose())),
        Prefill::CardName => text(person.name.expose()),
        Prefill::CardNumber => text(person.number.expose()),
        Prefill::CardAddress => text(person.address.expose()),
        Prefill::CardBirth => person.birth.map(Value::Date),
        Prefill::CardSex => match person.sex {
            Sex::Male => Some("male"),
            Sex::Female => Some("female"),
            Sex::Unknown | Sex::Unspecified => None,
        }
        .map(|key| Value::Choice(key.to_owned())),
        Prefill::CardNation => person.nation.as_ref().and_then(|nation| text(&nation.name)),
        Prefill::CardKind => Some(Value::Choice(
            match person.card {
                CardKind::ResidentId | CardKind::SocialSecurity | CardKind::None => "resident_id",
                CardKind::HkmtResidence => "hkmt_residence",
                CardKind::ForeignPermanent2017 | CardKind::ForeignPermanent2023 => "foreign_permanent",
            }
            .to_owned(),
        )),
        Prefill::Today => Some(Value::Date(today)),
        Prefill::AgeBand => age_band(field.choices(), person, today).map(Value::Choice),
        Prefill::PayeeOwner => {
            let owner = normal_name(person.name.expose());
            (!owner.is_empty()).then(|| Value::Payee { bank: String::new(), account: "".into(), owner: owner.into() })
        }
    }?;
    fits(field, &value).then_some(value)
}

/// Among choices whose keys are ages, the highest that the person has reached; the lowest for
/// somebody who has not reached it yet but may file early.
pub(super) fn age_band(choices: &[Choice], person: &Identity, today: Date) -> Option<String> {
    let age = age_on(person.birth?, today);
    let mut bands: Vec<(i16, &str)> =
        choices.iter().filter_map(|choice| Some((choice.key.parse().ok()?, choice.key.as_str()))).collect();
    bands.sort_unstable();
    let reached = bands.iter().rev().find(|(from, _)| *from <= age).or(bands.first());
    reached.map(|(_, key)| (*key).to_owned())
}
