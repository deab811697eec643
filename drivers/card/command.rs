//! `village-terminal card`: lists readers, reads one card and prints it, for the installer.
//!
//! Prints to what it is given and nothing else; sentences belong to the caller, who gets a
//! [`Trouble`] by code. What is printed is a card's content: that is the purpose here, and only here.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use devices::{CardEvent, CardReader, CardRecord, CardType, Kind, Trouble};
use serde_json::{Value, json};

use crate::{Cable, Config, pcsc, serial, units, usb};

/// Exit code for anything that was not done.
pub const EXIT_FAILURE: u8 = 2;
const TIMEOUT: Duration = Duration::from_secs(30);
const NO_CARD: Trouble = Trouble::new(Kind::NoMedia, "card_not_shown", "no card was laid on the reader in time");

/// What the command was asked for.
#[derive(Clone, Debug, Default)]
pub struct Args {
    /// `NAME` (beginning of a PC/SC reader's name), `serial:PATH` or `usb`; `None` lists.
    pub reader: Option<String>,
    pub json: bool,
    pub timeout: Option<Duration>,
    /// Prints every event as a line of JSON until the timeout; without one, for ever.
    pub watch: bool,
    /// Reader profiles instead of the built-in ones.
    pub profiles: Option<PathBuf>,
}

/// Why the command failed. The exit code is [`EXIT_FAILURE`].
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The arguments make no sense: which.
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Trouble(#[from] Trouble),
    #[error("the result cannot be written")]
    Output(#[from] io::Error),
}

impl Args {
    /// Reads the words behind `card`.
    ///
    /// # Errors
    /// [`CommandError::Usage`] with the word that is not understood.
    pub fn parse(words: impl IntoIterator<Item = String>) -> Result<Self, CommandError> {
        let mut args = Self::default();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| CommandError::Usage(format!("{word} wants a value")));
            match word.as_str() {
                "--reader" => args.reader = Some(value()?),
                "--json" => args.json = true,
                "--watch" => args.watch = true,
                "--profiles" => args.profiles = Some(value()?.into()),
                "--timeout" => {
                    let text = value()?;
                    let seconds: u32 = text.parse().map_err(|_| CommandError::Usage(format!("no number of seconds: {text}")))?;
                    args.timeout = Some(Duration::from_secs(seconds.into()));
                }
                _ => return Err(CommandError::Usage(format!("unknown: {word}"))),
            }
        }
        Ok(args)
    }

    fn config(&self) -> Config {
        let (cable, reader) = match self.reader.as_deref() {
            Some("usb") => (Cable::Usb, None),
            Some(name) => match name.strip_prefix("serial:") {
                Some(path) => (Cable::Serial(path.into()), None),
                None => (Cable::Pcsc, Some(name.to_owned())),
            },
            None => (Cable::Pcsc, None),
        };
        Config { cable, reader, profiles: self.profiles.clone(), stand_in: false }
    }
}

/// Does what was asked and prints the result.
///
/// # Errors
/// [`CommandError`]; on `card_type_unknown` the card's raw text has been printed for the eye.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<(), CommandError> {
    if args.watch {
        return watch(args, out);
    }
    if args.reader.is_none() {
        return list(args, out);
    }
    let mut reader = crate::open(args.config())?;
    let deadline = Instant::now() + args.timeout.unwrap_or(TIMEOUT);
    loop {
        let rest = deadline.saturating_duration_since(Instant::now());
        if rest.is_zero() {
            return Err(NO_CARD.into());
        }
        match reader.next(rest)? {
            CardEvent::Read(record) => return print(&record, args.json, out),
            CardEvent::Failed(trouble) => {
                print_raw(reader.as_ref(), args.json, out)?;
                return Err(trouble.into());
            }
            _ => {}
        }
    }
}

fn list(args: &Args, out: &mut dyn Write) -> Result<(), CommandError> {
    let mut found: Vec<(&str, String)> = Vec::new();
    let by_service = pcsc::readers();
    found.extend(by_service.iter().flatten().map(|name| ("pcsc", name.clone())));
    found.extend(serial::ports().into_iter().map(|path| ("serial", format!("serial:{path}"))));
    found.extend(usb::readers().unwrap_or_default().into_iter().map(|name| ("usb", name)));
    if args.json {
        let readers: Vec<Value> = found.iter().map(|(cable, name)| json!({ "cable": cable, "reader": name })).collect();
        writeln!(out, "{}", json!({ "readers": readers }))?;
    } else {
        for (cable, name) in &found {
            writeln!(out, "{cable}\t{name}")?;
        }
    }
    // Serial ports may belong to anything: without a reader that names itself, the service's trouble counts.
    if found.iter().all(|(cable, _)| *cable == "serial") {
        by_service?;
    }
    Ok(())
}

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

fn print(record: &CardRecord, json: bool, out: &mut dyn Write) -> Result<(), CommandError> {
    let value = record_json(record);
    if json {
        writeln!(out, "{value}")?;
        return Ok(());
    }
    for (key, value) in value.as_object().into_iter().flatten() {
        let text = match value {
            Value::String(text) => units::display(text),
            Value::Object(nation) => {
                let word = |key: &str| nation.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
                format!("{} {}", word("code"), word("name"))
            }
            Value::Array(codes) => codes.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
            _ => continue,
        };
        if !text.is_empty() {
            writeln!(out, "{key}: {text}")?;
        }
    }
    Ok(())
}

fn print_raw(reader: &dyn CardReader, json: bool, out: &mut dyn Write) -> Result<(), CommandError> {
    if let Some(raw) = reader.raw_text() {
        if json {
            writeln!(out, "{}", json!({ "kind": null, "raw_text": raw, "warnings": ["card_type_unknown"] }))?;
        } else {
            writeln!(out, "raw_text: {}", units::display(raw))?;
        }
    }
    Ok(())
}

fn watch(args: &Args, out: &mut dyn Write) -> Result<(), CommandError> {
    let mut reader = crate::open(args.config())?;
    let deadline = args.timeout.map(|timeout| Instant::now() + timeout);
    let mut last = None;
    loop {
        let rest = deadline.map_or(TIMEOUT, |deadline| deadline.saturating_duration_since(Instant::now()));
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
    use crate::simulator::persona::Persona;
    use crate::text_block::{Block, parse};

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn arguments_are_understood_or_refused_by_name() {
        let args = Args::parse(words("--reader serial:/dev/ttyUSB0 --json --timeout 5")).unwrap();
        assert_eq!(args.config().cable, Cable::Serial("/dev/ttyUSB0".into()));
        assert_eq!((args.json, args.timeout), (true, Some(Duration::from_secs(5))));
        assert_eq!(Args::parse(words("--reader usb")).unwrap().config().cable, Cable::Usb);
        assert_eq!(Args::parse(words("--reader Virtual")).unwrap().config().reader.as_deref(), Some("Virtual"));
        for wrong in ["--timeout", "--timeout soon", "--redaer x", "--timeout -1"] {
            assert!(matches!(Args::parse(words(wrong)), Err(CommandError::Usage(_))), "{wrong}");
        }
    }

    #[test]
    fn json_has_every_key_and_null_for_what_is_absent() {
        let persona = Persona::parse(include_str!("../../assets/demo/personas/li-yangben.toml")).unwrap();
        let Ok(Block::Record(record)) = parse(&persona.text_block()) else { panic!() };
        let value = record_json(&record);
        let keys = [
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
        assert_eq!(value.as_object().unwrap().len(), keys.len());
        assert!(keys.iter().all(|key| value.get(key).is_some()));
        assert_eq!(value["kind"], "resident_id");
        assert_eq!(value["sex"], "female");
        assert_eq!(value["nation"], json!({ "code": "01", "name": "汉" }));
        assert_eq!((&value["valid_until"], &value["new_address"]), (&json!("long_term"), &Value::Null));

        let mut text = Vec::new();
        print(&record, false, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains("name: 李样本\n") && !text.contains("null") && !text.contains("new_address"));
    }
}
