//! `card`: the installer's look at a reader. Lists the readers when none is named, reads one card
//! and prints it whole: this is the one command whose purpose is a card's content.

use std::{
    io::{self, Write},
    time::Duration,
};

use ::card::{
    Config as ReaderConfig,
    command::{self, Found, NotRead},
    photo, units,
};
use devices::{CardRecord, Trouble};
use matters::Sex;
use serde_json::{Value, json};
use texts::{Texts, command as say};

use super::{Fault, Options};
use crate::{
    clock::Clock,
    config::{self, Config},
    screen::terms,
    words,
    worker::{card::decoder, identity},
};

/// How the program ends when no card was read.
pub const STATUS: u8 = 2;
/// A card that a person still has to fetch comes within this.
const WAIT: Duration = Duration::from_secs(30);
/// A card that lies there already is read within this: the service looks every 400 ms, a reading takes up to 2 s.
const GLANCE: Duration = Duration::from_secs(4);

/// Lists the readers when none is named, reads one card, prints it.
///
/// Without `--reader` and without `--timeout` nobody is waited for: the list is what was asked
/// for, and a card that lies there is read with it.
pub fn card(t: &Texts, options: &mut Options, config: &Config, clock: &Clock) -> Result<(), Fault> {
    let json = options.flag("--json");
    let named = options.take("--reader");
    let timeout = match options.take("--timeout") {
        Some(text) => Some(text.parse().map(Duration::from_secs).map_err(|_| Fault::Number(text))?),
        None => None,
    };
    let profiles = options.path("--profiles").or_else(|| config.devices.card_profiles.clone());
    options.nothing_left()?;
    config::use_card_socket(config);
    let mut out = io::stdout().lock();

    let names = match &named {
        Some(name) => vec![name.clone()],
        None => list(t, json, &mut out)?,
    };
    let configs = names.iter().map(|name| ReaderConfig { profiles: profiles.clone(), ..ReaderConfig::named(name) }).collect();
    let patience = timeout.unwrap_or(if named.is_some() { WAIT } else { GLANCE });
    if !json && (named.is_some() || timeout.is_some()) {
        written(writeln!(out, "{}", say::card_waiting(t, patience.as_secs())))?;
    }
    match command::read_one(configs, patience) {
        Ok(mut record) => {
            if let Some(today) = identity::today(clock.now()) {
                let dated = ::card::text_block::warnings_on(&record, today);
                record.warnings.extend(dated);
            }
            if json {
                return written(writeln!(out, "{}", command::record_json(&record)));
            }
            written(print(t, &record, &mut out))?;
            written(say_photo(t, config, &record, &mut out))
        }
        // Listing was all that was asked for, and nothing lay there.
        Err(NotRead { trouble, .. }) if named.is_none() && timeout.is_none() && trouble.code == "card_not_shown" => {
            if json {
                written(writeln!(out, "{}", list_json(&command::readers().0)))
            } else {
                Ok(())
            }
        }
        Err(NotRead { trouble, raw_text }) => {
            if let Some(raw) = raw_text {
                written(match json {
                    true => writeln!(out, "{}", command::raw_json(&raw)),
                    false => writeln!(out, "{}", say::card_raw(t, units::display(&raw))),
                })?;
            }
            Err(Fault::Card(trouble))
        }
    }
}

/// Lists the readers: on the screen for a person, on stderr where a program waits for the card's JSON.
/// Gives those that a card can be awaited on without disturbing a stranger's device.
fn list(t: &Texts, json: bool, out: &mut dyn Write) -> Result<Vec<String>, Fault> {
    let (found, trouble) = command::readers();
    for Found { cable, name } in &found {
        written(match json {
            true => writeln!(io::stderr(), "{cable}\t{name}"),
            false => writeln!(out, "{}", say::card_reader(t, name.as_str())),
        })?;
    }
    let names: Vec<String> = found
        .iter()
        .filter(|found| found.cable != "serial")
        .map(|found| if found.cable == "pcsc" { "pcsc".to_owned() } else { found.name.clone() })
        .collect();
    match names.is_empty() {
        // The service answers for every reader that hangs on it.
        false => Ok(names.into_iter().fold(Vec::new(), |mut kept: Vec<String>, name| {
            if !kept.contains(&name) {
                kept.push(name);
            }
            kept
        })),
        true => Err(Fault::Card(trouble.unwrap_or(ABSENT))),
    }
}

const ABSENT: Trouble = Trouble::new(devices::Kind::Absent, "reader_absent", "no reader is connected");

fn list_json(found: &[Found]) -> Value {
    let readers: Vec<Value> = found.iter().map(|found| json!({ "cable": found.cable, "reader": found.name })).collect();
    json!({ "readers": readers })
}

/// The record with its labels; what the card does not hold is left out.
fn print(t: &Texts, record: &CardRecord, out: &mut dyn Write) -> io::Result<()> {
    let value = command::record_json(record);
    for key in command::KEYS {
        let text = match (key, &value[key]) {
            ("kind", _) => terms::card_kind(t, identity::kind(record.card)),
            ("sex", Value::String(_)) => words::sex(
                t,
                match record.sex {
                    Some(1) => Sex::Male,
                    Some(2) => Sex::Female,
                    _ => Sex::Unknown,
                },
            ),
            ("valid_until", Value::String(until)) if until == "long_term" => texts::person::valid_long(t),
            ("warnings", Value::Array(codes)) => codes.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
            ("nation", Value::Object(_)) => {
                record.nation.as_ref().map(|(code, name)| format!("{name} {code}")).unwrap_or_default().trim().to_owned()
            }
            (_, Value::String(text)) => units::display(text),
            _ => String::new(),
        };
        if !text.is_empty() {
            let label = say::lookup(t, &format!("card-label-{key}"), &[]).unwrap_or_else(|| key.to_owned());
            writeln!(out, "{}", say::card_line(t, label, text))?;
        }
    }
    Ok(())
}

/// Whether the configured decoder makes a picture of this card's photo. It never fails the reading.
fn say_photo(t: &Texts, config: &Config, record: &CardRecord, out: &mut dyn Write) -> io::Result<()> {
    let (Some(decoder), Some(wlt)) = (decoder(config), &record.photo) else { return Ok(()) };
    match photo::decode(&decoder, wlt) {
        Ok(_) => writeln!(out, "{}", say::card_photo_decoded(t, photo::WIDTH as u64, photo::HEIGHT as u64)),
        Err(trouble) => writeln!(out, "{}", words::device_trouble(t, trouble.code)),
    }
}

/// One line for the installer: what to do, and the code to look it up by.
pub fn what_to_do(t: &Texts, trouble: Trouble) -> String {
    let fix = say::lookup(t, &format!("card-fix-{}", trouble.code.replace('_', "-")), &[]);
    let sentence = fix.unwrap_or_else(|| words::device_trouble(t, trouble.code));
    say::card_failed(t, sentence, trouble.code)
}

fn written(outcome: io::Result<()>) -> Result<(), Fault> {
    outcome.map_err(Fault::Output)
}

#[cfg(test)]
mod tests {
    use texts::Lang;

    use super::*;

    #[test]
    fn every_trouble_of_a_reader_or_card_is_one_line_that_says_what_to_do() {
        for lang in [Lang::Zh, Lang::En] {
            let t = Texts::new(lang);
            for trouble in ::card::TROUBLES {
                let line = what_to_do(&t, *trouble);
                assert!(!line.contains('\n') && line.contains(trouble.code), "{line}");
                let unknown = texts::trouble::device_unknown(&t, trouble.code.to_owned());
                assert!(!line.contains(&unknown), "{} has no sentence of its own", trouble.code);
            }
        }
    }

    #[test]
    fn every_key_has_its_label() {
        for lang in [Lang::Zh, Lang::En] {
            let t = Texts::new(lang);
            for key in command::KEYS {
                assert!(say::lookup(&t, &format!("card-label-{key}"), &[]).is_some(), "{key}");
            }
        }
    }
}
