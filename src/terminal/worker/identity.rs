//! A card's record becomes an identity of the domain. Nothing is guessed: what the card does not
//! say stays empty, what does not parse becomes a warning.

use devices::{CardRecord, CardType};
use jiff::{Timestamp, civil::Date};
use matters::{CardKind, Identity, Nation, Personal, Sex, Source, ValidUntil};
use uuid::Uuid;

/// The identity of one read. `read_event` is new for every read.
pub fn of(record: &CardRecord, read_event: Uuid, read_at: Timestamp) -> Identity {
    let dated = today(read_at).map(|today| card::text_block::warnings_on(record, today)).unwrap_or_default();
    let mut warnings: Vec<String> = record.warnings.iter().chain(&dated).map(|warning| (*warning).to_owned()).collect();
    let birth = date(record.birth.as_deref(), "birth_unreadable", &mut warnings);
    let valid_from = date(record.valid_from.as_deref(), "valid_from_unreadable", &mut warnings);
    let valid_until = match record.valid_until.as_deref() {
        Some("long_term") => Some(ValidUntil::LongTerm),
        other => date(other, "valid_until_unreadable", &mut warnings).map(ValidUntil::Date),
    };
    // A new address written on the chip later replaces the printed one.
    let address = record.new_address.as_deref().filter(|text| !text.is_empty()).or(record.address.as_deref());
    let number = record.number.as_deref().or(record.social_security_number.as_deref());
    Identity {
        source: Source::Card { read_event, read_at },
        card: kind(record.card),
        name: Personal::from(record.name.as_str()),
        sex: match record.sex {
            Some(1) => Sex::Male,
            Some(2) => Sex::Female,
            Some(9) => Sex::Unspecified,
            Some(_) | None => Sex::Unknown,
        },
        nation: record.nation.clone().map(|(code, name)| Nation { code, name }),
        birth,
        address: Personal::from(address.unwrap_or_default()),
        number: Personal::from(number.unwrap_or_default()),
        issuer: record.issuer.clone().unwrap_or_default(),
        valid_from,
        valid_until,
        warnings,
    }
}

/// The read session that a person's data came from.
pub fn read_event(person: &Identity) -> Option<Uuid> {
    match person.source {
        Source::Card { read_event, .. } => Some(read_event),
        Source::Manual => None,
    }
}

/// The day at the hall's place, as the card's own dates are written.
pub fn today(now: Timestamp) -> Option<card::dates::Date> {
    let day = crate::words::day(now);
    card::dates::Date::new(u16::try_from(day.year()).ok()?, u8::try_from(day.month()).ok()?, u8::try_from(day.day()).ok()?)
}

pub fn kind(card: CardType) -> CardKind {
    match card {
        CardType::ResidentId => CardKind::ResidentId,
        CardType::HkmtResidence => CardKind::HkmtResidence,
        CardType::ForeignPermanent2017 => CardKind::ForeignPermanent2017,
        CardType::ForeignPermanent2023 => CardKind::ForeignPermanent2023,
        CardType::SocialSecurity => CardKind::SocialSecurity,
    }
}

fn date(text: Option<&str>, warning: &str, warnings: &mut Vec<String>) -> Option<Date> {
    let text = text?;
    let date = text.parse().ok();
    if date.is_none() {
        warnings.push(warning.to_owned());
    }
    date
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> CardRecord {
        CardRecord {
            card: CardType::ResidentId,
            name: "李样本".into(),
            name_latin: None,
            sex: Some(2),
            nation: Some(("01".into(), "汉".into())),
            nationality: None,
            birth: Some("1949-12-31".into()),
            address: Some("某省某市样本县样本镇石榴村3组12号".into()),
            new_address: None,
            number: Some(crate::screen::specimen::number("19491231", 2)),
            old_number: None,
            issuer: Some("样本县公安局".into()),
            valid_from: Some("2020-01-01".into()),
            valid_until: Some("long_term".into()),
            social_security_number: None,
            card_number: None,
            generation: None,
            photo: None,
            warnings: vec!["name_possibly_cut"],
        }
    }

    #[test]
    fn a_resident_card_becomes_an_identity_with_its_read_event() {
        let now: Timestamp = "2026-11-23T01:42:00Z".parse().unwrap();
        let event = Uuid::from_u128(7);
        let identity = of(&record(), event, now);
        assert_eq!(identity.source, Source::Card { read_event: event, read_at: now });
        assert_eq!(identity.sex, Sex::Female);
        assert_eq!(identity.birth.unwrap().to_string(), "1949-12-31");
        assert_eq!(identity.valid_until, Some(ValidUntil::LongTerm));
        assert_eq!(identity.warnings, ["name_possibly_cut"]);
    }

    #[test]
    fn what_is_odd_about_a_card_on_this_day_is_said() {
        let mut record = record();
        record.valid_until = Some("2026-11-22".into());
        let now: Timestamp = "2026-11-22T17:00:00Z".parse().unwrap();
        // At the hall's place it is the 23rd already.
        assert_eq!(of(&record, Uuid::nil(), now).warnings, ["name_possibly_cut", "expired"]);
        let dead_battery: Timestamp = "2000-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(of(&record, Uuid::nil(), dead_battery).warnings, ["name_possibly_cut"]);
    }

    #[test]
    fn a_new_address_replaces_the_printed_one_and_nonsense_dates_become_warnings() {
        let mut record = record();
        record.new_address = Some("某省某市样本县样本镇石榴村1组1号".into());
        record.birth = Some("1949-13-31".into());
        let identity = of(&record, Uuid::nil(), Timestamp::UNIX_EPOCH);
        assert!(identity.address.expose().ends_with("1组1号"));
        assert_eq!(identity.birth, None);
        assert!(identity.warnings.iter().any(|warning| warning == "birth_unreadable"));
    }
}
