//! The words of the tool `virtual-card`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::control::{self, Request};
use super::persona::Persona;
use super::{reader, serial, usb};
use crate::{Config, command};

const USAGE: &str = "\
virtual-card reader --dir DIR [--lib-dir ROOT]        a virtual PC/SC reader in a namespace of its own
virtual-card serial --dir DIR [--rate BAUD]           a virtual SDT reader; its port is DIR/serial
virtual-card usb --dir DIR [--pipes four|two|two-interrupt]   one on USB, 0400:C35A (root, module vhci-hcd)
virtual-card insert PERSONA.toml --dir DIR [--fault WHAT-during-MOMENT]... [--slot N]
virtual-card remove --dir DIR [--slot N]
virtual-card status --dir DIR                         which cards are in
virtual-card service stop|start|start-without-reader --dir DIR     for a USB reader: unplug, plug in
virtual-card stop --dir DIR
virtual-card list [FOLDER]                            personas in a folder
virtual-card watch --dir DIR [--timeout S]            events of the reader in DIR, as lines of JSON
virtual-card hold --dir DIR                           holds the card exclusively until its input ends, as rude programs do

WHAT: remove, silence, slow (with :MILLISECONDS), refuse, wrong-checksum, stray, two-cards
MOMENT: find, select, text, photo, address, any, or the number of an exchange from nought
";
const RATE: u32 = 115_200;

#[derive(Default)]
struct Words {
    dir: Option<PathBuf>,
    lib_dir: Option<PathBuf>,
    faults: Vec<String>,
    slot: u8,
    rate: Option<u32>,
    pipes: Option<String>,
    timeout: Option<String>,
    rest: Vec<String>,
}

impl Words {
    fn parse(words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut parsed = Self::default();
        let mut words = words;
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} wants a value"));
            match word.as_str() {
                "--dir" => parsed.dir = Some(value()?.into()),
                "--lib-dir" => parsed.lib_dir = Some(value()?.into()),
                "--fault" => parsed.faults.push(value()?),
                "--slot" => parsed.slot = value()?.parse().map_err(|_| "--slot wants a number".to_owned())?,
                "--rate" => parsed.rate = Some(value()?.parse().map_err(|_| "--rate wants a number".to_owned())?),
                "--pipes" => parsed.pipes = Some(value()?),
                "--timeout" => parsed.timeout = Some(value()?),
                option if option.starts_with("--") => return Err(format!("unknown: {option}")),
                _ => parsed.rest.push(word),
            }
        }
        Ok(parsed)
    }

    fn dir(&self) -> Result<&Path, String> {
        self.dir.as_deref().ok_or_else(|| "--dir is missing".to_owned())
    }

    fn first(&self) -> Result<&str, String> {
        self.rest.first().map(String::as_str).ok_or_else(|| USAGE.to_owned())
    }
}

/// Does what the words (without the program's name) say, printing to `out`. To be called before
/// the process has a second thread.
///
/// # Errors
/// One sentence for the person at the keyboard.
pub fn run(words: impl IntoIterator<Item = String>, out: &mut dyn Write) -> Result<(), String> {
    let mut words = words.into_iter();
    let Some(verb) = words.next() else { return Err(USAGE.to_owned()) };
    let words = Words::parse(words)?;
    let mut say = |line: &str| {
        // A reader of our output that is gone needs no telling.
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    };
    let send = |request: Request| control::send(&control::socket(words.dir()?), &request);
    match verb.as_str() {
        "reader" => {
            let options = reader::Options { dir: words.dir()?.to_owned(), lib_dir: words.lib_dir.clone() };
            reader::run(&options, &mut || say("ready"))
        }
        "serial" => serial::run(words.dir()?, words.rate.unwrap_or(RATE), &mut || say("ready")),
        "usb" => usb::run(words.dir()?, words.pipes.as_deref().unwrap_or("four").parse()?, &mut || say("ready")),
        "insert" => {
            let file = PathBuf::from(words.first()?);
            let persona = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            send(Request::Insert { persona, faults: words.faults.clone(), slot: words.slot }).map(|_| ())
        }
        "remove" => send(Request::Remove { slot: words.slot }).map(|_| ()),
        "stop" => send(Request::Stop).map(|_| ()),
        "service" => match words.first()? {
            "stop" => send(Request::StopService).map(|_| ()),
            "start" => send(Request::StartService { reader: true }).map(|_| ()),
            "start-without-reader" => send(Request::StartService { reader: false }).map(|_| ()),
            _ => Err(USAGE.to_owned()),
        },
        "status" => {
            for (slot, card) in send(Request::List)?.cards.iter().enumerate() {
                say(&format!("{slot}\t{}", card.as_deref().unwrap_or("-")));
            }
            Ok(())
        }
        "list" => {
            let folder = words.rest.first().map_or("assets/demo/personas", String::as_str);
            let entries = std::fs::read_dir(folder).map_err(|error| format!("{folder}: {error}"))?;
            let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
            files.sort();
            for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "toml")) {
                match Persona::load(file) {
                    Ok(persona) => say(&format!("{}\t{}", file.display(), persona.title)),
                    Err(error) => say(&format!("{}\t! {error}", file.display())),
                }
            }
            Ok(())
        }
        "hold" => {
            use_socket(words.dir()?)?;
            super::hold::until_input_ends(&mut || say("{\"event\":\"holding\"}"))
        }
        "watch" => {
            let dir = words.dir()?;
            let serial = dir.join("serial");
            let config = if serial.exists() {
                Config::named(&format!("serial:{}", serial.display()))
            } else if dir.join("usb").exists() {
                Config::named("usb")
            } else {
                use_socket(dir)?;
                Config::default()
            };
            let seconds = words.timeout.as_deref().map(|text| text.parse().map_err(|_| "--timeout wants seconds".to_owned()));
            let timeout = seconds.transpose()?.map(Duration::from_secs);
            command::watch(config, timeout, out).map_err(|error| error.to_string())
        }
        _ => Err(USAGE.to_owned()),
    }
}

fn use_socket(dir: &Path) -> Result<(), String> {
    let socket = dir.join("pcscd/pcscd.comm");
    crate::environment::use_socket(&socket).map_err(|_| "the environment cannot be changed any more".to_owned())
}
