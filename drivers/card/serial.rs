//! The serial cable: a port whose rate is found by asking.

use std::path::{Path, PathBuf};

use devices::Trouble;
use serialport::{ErrorKind, SerialPort, TTYPort};

use crate::fault::{self, Fault};
use crate::sdt::Command;
use crate::sdt_card::Link;
use crate::sdt_line::{Line, TICK};
use crate::sdt_reader::Opener;

/// Rates that modules speak, the factory's own first. They are asked, never set: a module whose
/// rate was changed keeps it beyond the session.
const RATES: [u32; 5] = [115_200, 57_600, 38_400, 19_200, 9_600];

pub(crate) struct SerialOpener {
    path: PathBuf,
    /// The rate at which the reader answered last.
    rate: Option<u32>,
}

impl SerialOpener {
    pub fn new(path: PathBuf) -> Self {
        Self { path, rate: None }
    }
}

impl Opener for SerialOpener {
    fn open(&mut self) -> Result<(Box<dyn Link + Send>, String), Trouble> {
        let known = self.rate.into_iter().chain(RATES.into_iter().filter(|rate| Some(*rate) != self.rate));
        let mut line = Line::new(port(&self.path)?);
        for rate in known.collect::<Vec<_>>() {
            if line.port().set_baud_rate(rate).is_err() {
                // A rate that this port cannot do is not the reader's.
                continue;
            }
            match line.ask(Command::Status) {
                Ok(reply) if reply.status() == 0x60 => return Err(fault::READER_SELF_TEST),
                Ok(reply) if reply.status() == 0x66 => return Err(fault::READER_UNAUTHORISED),
                Ok(_) => {
                    self.rate = Some(rate);
                    tracing::info!(rate, "serial reader answers");
                    return Ok((Box::new(line), format!("serial:{} {rate}", self.path.display())));
                }
                Err(Fault::NoReader) => return Err(fault::READER_GONE),
                Err(_) => {}
            }
        }
        Err(fault::READER_SILENT)
    }
}

fn port(path: &Path) -> Result<TTYPort, Trouble> {
    if !path.exists() {
        return Err(fault::READER_ABSENT);
    }
    let builder = serialport::new(path.to_string_lossy(), RATES[0]).timeout(TICK);
    let mut port = TTYPort::open(&builder).map_err(|error| match error.kind() {
        ErrorKind::Io(std::io::ErrorKind::PermissionDenied) => fault::READER_DENIED,
        ErrorKind::Io(std::io::ErrorKind::NotFound) => fault::READER_ABSENT,
        // Locked by another program; serialport has no other word for it.
        ErrorKind::NoDevice => fault::READER_IN_USE,
        _ => fault::READER_FAILED,
    })?;
    // Some boards take their power from these lines; ports without them (pseudo-terminals) say so.
    let _ = port.write_data_terminal_ready(true);
    Ok(port)
}

/// Serial ports of this machine that a reader may hang on.
pub(crate) fn ports() -> Vec<String> {
    const NAMES: [&str; 3] = ["ttyUSB", "ttyACM", "ttyAMA"];
    let mut found: Vec<String> = std::fs::read_dir("/dev")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| NAMES.iter().any(|known| name.starts_with(known)))
        .map(|name| format!("/dev/{name}"))
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use devices::{CardEvent, CardReader};

    use super::*;
    use crate::sdt_reader::SdtReader;
    use crate::simulator::persona::Persona;
    use crate::simulator::serial::Line as Simulated;

    fn until_read(reader: &mut dyn CardReader) -> Result<String, Trouble> {
        for _ in 0..60 {
            match reader.next(Duration::from_millis(200))? {
                CardEvent::Read(record) => return Ok(record.name.clone()),
                CardEvent::Failed(trouble) => return Err(trouble),
                _ => {}
            }
        }
        Err(fault::READER_SILENT)
    }

    #[test]
    fn the_rate_is_found_on_a_line_that_answers_garbage_at_any_other() {
        let persona = Persona::parse(include_str!("../../assets/demo/personas/li-yangben.toml")).unwrap();
        for rate in [115_200, 9_600] {
            let simulated = Simulated::open(rate).unwrap();
            simulated.sam().insert(persona.clone(), Vec::new());
            let mut reader = SdtReader::new(SerialOpener::new(simulated.path().to_owned()), true);
            assert_eq!(until_read(&mut reader), Ok("李样本".to_owned()), "{rate}");
        }
    }

    #[test]
    fn a_port_that_is_not_there_is_absent_and_a_pulled_cable_is_gone() {
        let mut opener = SerialOpener::new("/dev/no-such-port".into());
        assert_eq!(opener.open().err().map(|trouble| trouble.code), Some("reader_absent"));

        let simulated = Simulated::open(115_200).unwrap();
        let mut reader = SdtReader::new(SerialOpener::new(simulated.path().to_owned()), true);
        assert!(matches!(reader.next(Duration::from_secs(2)), Ok(CardEvent::ReaderArrived { .. })));
        let second = SerialOpener::new(simulated.path().to_owned()).open();
        assert_eq!(second.err().map(|trouble| trouble.code), Some("reader_in_use"));
        drop(simulated);
        let gone = (0..10).find_map(|_| match reader.next(Duration::from_secs(1)) {
            Ok(CardEvent::ReaderGone { .. }) => Some(()),
            _ => None,
        });
        assert!(gone.is_some());
    }
}
