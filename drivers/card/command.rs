//! What `village-terminal card` does below its words: finds readers, reads one card, and puts its
//! record under the keys that integrators rely on. Also the event log of the tool `virtual-card`.
//!
//! Sentences belong to the caller, who gets a [`Trouble`] by code. What is given out is a card's
//! content: that is the purpose here, and only here.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use devices::{CardEvent, CardRecord, CardType, Kind, Trouble};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::{Config, pcsc, serial, usb};

/// Longest wait for one event, so that every reader has its turn.
const TURN: Duration = Duration::from_millis(200);
/// A reader that is not there may be on its way (a service that starts, a plug in a hand); after
/// this long it is told that there is none.
const ABSENCE: Duration = Duration::from_secs(2);
const WATCH_TURN: Duration = Duration::from_secs(600);
/// A card that was lifted too early may be put down again within this.
const SECOND_TRY: Duration = Duration::from_secs(3);
const NO_CARD: Trouble = Trouble::new(Kind::NoMedia, "card_not_shown", "no card was laid on the reader in time");

/// A reader of this machine as a person names it: the word of its cable and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// `pcsc`, `serial` or `usb`.
    pub cable: &'static str,
    /// As [`Config::named`] understands it.
    pub name: String,
}

/// All readers that can be seen without opening one, and the PC/SC service's own trouble if it has one.
/// Serial ports may belong to anything: they are listed and never asked here.
pub fn readers() -> (Vec<Found>, Option<Trouble>) {
    let by_service = pcsc::readers();
    let trouble = by_service.as_ref().err().copied();
    let found = |cable: &'static str| move |name: String| Found { cable, name };
    let serial = serial::ports().into_iter().map(|path| format!("serial:{path}"));
    let all = by_service.unwrap_or_default().into_iter().map(found("pcsc"));
    let all = all.chain(serial.map(found("serial"))).chain(usb::readers().unwrap_or_default().into_iter().map(found("usb")));
    (all.collect(), trouble)
}

/// Why no record was given out, and the text of a card whose type is unknown, for the eye only.
#[derive(Debug)]
pub struct NotRead {
    pub trouble: Trouble,
    pub raw_text: Option<Zeroizing<String>>,
}

impl From<Trouble> for NotRead {
    fn from(trouble: Trouble) -> Self {
        Self { trouble, raw_text: None }
    }
}

/// Reads the first card that lies or comes on one of the readers.
///
/// # Errors
/// `card_not_shown` when none came in time; else the trouble of the card or, when no reader works, of a reader.
pub fn read_one(configs: Vec<Config>, timeout: Duration) -> Result<Box<CardRecord>, NotRead> {
    let mut readers = configs.into_iter().map(crate::open).collect::<Result<Vec<_>, _>>()?;
    let mut troubles: Vec<Option<Trouble>> = vec![None; readers.len()];
    let start = Instant::now();
    let mut until = timeout;
    let mut lifted = None;
    loop {
        let rest = until.saturating_sub(start.elapsed());
        for (reader, trouble) in readers.iter_mut().zip(&mut troubles) {
            match reader.next(rest.min(TURN)) {
                Ok(CardEvent::Read(record)) => return Ok(record),
                // Lifted, or exchanged a moment ago: whoever stands there puts the card down again.
                Ok(CardEvent::Failed(trouble)) if trouble.kind == Kind::NoMedia => {
                    lifted = Some(trouble);
                    until = timeout.min(start.elapsed() + SECOND_TRY);
                }
                Ok(CardEvent::Failed(trouble)) => {
                    return Err(NotRead { trouble, raw_text: reader.raw_text().map(|text| Zeroizing::new(text.to_owned())) });
                }
                Ok(CardEvent::ReaderArrived { .. }) => *trouble = None,
                Ok(_) => {}
                Err(now) => {
                    *trouble = Some(now);
                    // A driver that fails at once is not asked in a circle.
                    std::thread::sleep(rest.min(TURN));
                }
            }
        }
        let useless = troubles.iter().all(|trouble| trouble.is_some_and(|trouble| hopeless(trouble, start.elapsed())));
        if useless || rest.is_zero() {
            let trouble = troubles.iter().flatten().next().copied();
            let none_works = troubles.iter().all(Option::is_some);
            return Err(lifted.or(trouble.filter(|_| none_works)).unwrap_or(NO_CARD).into());
        }
    }
}

/// Whether waiting longer makes no sense: what is refused or missing does not come by itself.
fn hopeless(trouble: Trouble, waited: Duration) -> bool {
    match trouble.kind {
        Kind::Denied | Kind::Broken | Kind::Unsupported => true,
        Kind::Absent => waited >= ABSENCE,
        Kind::Busy | Kind::Unplugged | Kind::NoMedia | Kind::Garbled | Kind::Timeout => false,
    }
}

/// Keys of [`record_json`], in the order in which they stand on a card.
pub const KEYS: [&str; 18] = [
    "kind",
    "name",
    "name_latin",
    "sex",
    "nation",
    "nationality",
    "birth",
    "address",
    "new_address",
    "number",
    "old_number",
    "issuer",
    "valid_from",
    "valid_until",
    "social_security_number",
    "card_number",
    "generation",
    "warnings",
];

/// The record under the keys that integrators rely on; what is absent is null.
pub fn record_json(record: &CardRecord) -> Value {
    let kind = match record.card {
        CardType::ResidentId => "resident_id",
        CardType::HkmtResidence => "hkmt_residence",
        CardType::ForeignPermanent2017 => "foreign_permanent_2017",
        CardType::ForeignPermanent2023 => "foreign_permanent_2023",
        CardType::SocialSecurity => "social_security",
    };
    let sex = match record.sex {
        Some(0) => Some("unknown"),
        Some(1) => Some("male"),
        Some(2) => Some("female"),
        Some(9) => Some("unspecified"),
        _ => None,
    };
    let nation =
        record.nation.as_ref().map(|(code, name)| json!({ "code": code, "name": Some(name).filter(|name| !name.is_empty()) }));
    json!({
        "kind": kind,
        "name": Some(&record.name).filter(|name| !name.is_empty()),
        "name_latin": record.name_latin,
        "sex": sex,
        "nation": nation,
        "nationality": record.nationality,
        "birth": record.birth,
        "address": record.address,
        "new_address": record.new_address,
        "number": record.number,
        "old_number": record.old_number,
        "issuer": record.issuer,
        "valid_from": record.valid_from,
        "valid_until": record.valid_until,
        "social_security_number": record.social_security_number,
        "card_number": record.card_number,
        "generation": record.generation,
        "warnings": record.warnings,
    })
}

/// The same keys for a card of unknown type, all null, with its text for the eye.
pub fn raw_json(raw_text: &str) -> Value {
    let mut value = record_json(&crate::text_block::blank(CardType::ResidentId));
    if let Some(object) = value.as_object_mut() {
        object.insert("kind".to_owned(), Value::Null);
        object.insert("warnings".to_owned(), json!(["card_type_unknown"]));
        object.insert("raw_text".to_owned(), raw_text.into());
    }
    value
}

/// Prints every event of a reader as a line of JSON, until the timeout; without one, for ever.
///
/// # Errors
/// `reader_profiles`, or the output's own error.
pub fn watch(config: Config, timeout: Option<Duration>, out: &mut dyn Write) -> io::Result<()> {
    let mut reader = crate::open(config).map_err(io::Error::other)?;
    let deadline = timeout.map(|timeout| Instant::now() + timeout);
    let mut last = None;
    loop {
        let rest = deadline.map_or(WATCH_TURN, |deadline| deadline.saturating_duration_since(Instant::now()));
        if rest.is_zero() {
            return Ok(());
        }
        let line = match reader.next(rest) {
            Ok(CardEvent::Quiet) => continue,
            Ok(event) => {
                last = None;
                event_json(event)
            }
            // The same trouble is said once.
            Err(trouble) if last == Some(trouble) => continue,
            Err(trouble) => {
                last = Some(trouble);
                json!({ "event": "trouble", "code": trouble.code })
            }
        };
        writeln!(out, "{line}")?;
        out.flush()?;
    }
}

/// A checksum (FNV-1a) by which tests tell photos apart without printing one.
pub fn photo_sum(photo: &[u8]) -> u32 {
    photo.iter().fold(0x811C_9DC5, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

fn event_json(event: CardEvent) -> Value {
    match event {
        CardEvent::Quiet => json!({ "event": "quiet" }),
        CardEvent::ReaderArrived { name } => json!({ "event": "reader_arrived", "name": name }),
        CardEvent::ReaderGone { name } => json!({ "event": "reader_gone", "name": name }),
        CardEvent::CardPresent => json!({ "event": "card_present" }),
        CardEvent::Reading => json!({ "event": "reading" }),
        CardEvent::Read(record) => {
            let photo_sum = record.photo.as_deref().map(photo_sum);
            json!({ "event": "read", "card": record_json(&record), "photo_sum": photo_sum })
        }
        CardEvent::Failed(trouble) => json!({ "event": "failed", "code": trouble.code }),
        CardEvent::CardRemoved => json!({ "event": "card_removed" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cable;
    use crate::simulator::persona::Persona;
    use crate::text_block::{Block, parse};

    #[test]
    fn readers_are_named_in_four_ways() {
        assert_eq!(Config::named("serial:/dev/ttyUSB0").cable, Cable::Serial("/dev/ttyUSB0".into()));
        assert_eq!(Config::named("usb").cable, Cable::Usb);
        assert_eq!(Config::named("usb 0400:C35A 1-3").cable, Cable::Usb);
        let any = Config::named("pcsc");
        assert_eq!((any.cable, any.reader), (Cable::Pcsc, None));
        for name in ["Virtual PCD 00 00", "pcsc:Virtual PCD 00 00"] {
            let one = Config::named(name);
            assert_eq!((one.cable, one.reader.as_deref()), (Cable::Pcsc, Some("Virtual PCD 00 00")));
        }
    }

    #[test]
    fn a_record_has_every_key_and_absent_ones_are_null() {
        let persona = Persona::parse(include_str!("../../assets/demo/personas/li-yangben.toml")).unwrap();
        let Ok(Block::Record(record)) = parse(&persona.text_block()) else { panic!() };
        let value = record_json(&record);
        assert_eq!(value.as_object().unwrap().len(), KEYS.len());
        assert!(KEYS.iter().all(|key| value.get(key).is_some()));
        assert_eq!(value["kind"], "resident_id");
        assert_eq!(value["sex"], "female");
        assert_eq!(value["nation"], json!({ "code": "01", "name": "汉" }));
        assert_eq!((&value["valid_until"], &value["new_address"]), (&json!("long_term"), &Value::Null));
    }

    #[test]
    fn trap_11_an_unknown_type_has_the_keys_and_nothing_in_them() {
        let value = raw_json("王样本");
        assert!(KEYS.iter().filter(|key| **key != "warnings").all(|key| value[*key].is_null()));
        assert_eq!((&value["raw_text"], &value["warnings"]), (&json!("王样本"), &json!(["card_type_unknown"])));
    }

    #[test]
    fn a_port_that_is_not_there_is_told_before_the_time_is_up() {
        let config = Config::named("serial:/dev/no-such-port");
        let start = Instant::now();
        let error = read_one(vec![config], Duration::from_secs(600)).unwrap_err();
        assert_eq!((error.trouble.code, error.raw_text.is_none()), ("reader_absent", true));
        assert!(start.elapsed() < Duration::from_secs(60));
    }
}
