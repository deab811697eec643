//! Insert and remove from outside: one JSON line to `control.sock`, one JSON line back.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A request takes at most this long on either side; starting pcscd is the longest.
const PATIENCE: Duration = Duration::from_secs(30);
/// A persona file is a few hundred bytes.
const REQUEST_LEN_MAX: u64 = 64 * 1024;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// Puts a card in; the one that was there is taken out. `persona` is the text of a persona file.
    Insert {
        persona: String,
        #[serde(default)]
        faults: Vec<String>,
        #[serde(default)]
        slot: u8,
    },
    Remove {
        #[serde(default)]
        slot: u8,
    },
    /// What is in the slots.
    List,
    /// Ends the private pcscd (PC/SC stand-in only).
    StopService,
    /// Starts it again, with or without its reader.
    StartService {
        #[serde(default = "yes")]
        reader: bool,
    },
    /// Ends the stand-in.
    Stop,
}

fn yes() -> bool {
    true
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Response {
    /// Why the request was not carried out.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<String>,
    /// Titles of the cards by slot.
    #[serde(default)]
    pub cards: Vec<Option<String>>,
    /// How long ago a card in a PC/SC slot gave its last answer, in microseconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub answered_us_ago: Option<u64>,
}

/// Where a stand-in in this folder listens.
pub fn socket(dir: &Path) -> PathBuf {
    dir.join("control.sock")
}

/// Sends one request to a control socket.
///
/// # Errors
/// A sentence: no stand-in there, or its own refusal.
pub fn send(socket: &Path, request: &Request) -> Result<Response, String> {
    let go = || -> io::Result<Response> {
        let mut line = UnixStream::connect(socket)?;
        line.set_read_timeout(Some(PATIENCE))?;
        line.set_write_timeout(Some(PATIENCE))?;
        line.write_all(format!("{}\n", serde_json::to_string(request)?).as_bytes())?;
        let mut answer = String::new();
        BufReader::new(line).read_line(&mut answer)?;
        Ok(serde_json::from_str(&answer)?)
    };
    let response = go().map_err(|error| format!("no virtual card at {}: {error}", socket.display()))?;
    match response.error {
        Some(error) => Err(error),
        None => Ok(response),
    }
}

/// Puts a card in.
///
/// # Errors
/// As [`send`].
pub fn insert(socket: &Path, persona: &str, faults: &[String]) -> Result<(), String> {
    send(socket, &Request::Insert { persona: persona.to_owned(), faults: faults.to_vec(), slot: 0 }).map(|_| ())
}

/// Takes the card out.
///
/// # Errors
/// As [`send`].
pub fn remove(socket: &Path) -> Result<(), String> {
    send(socket, &Request::Remove { slot: 0 }).map(|_| ())
}

/// Serves requests until one says stop. `act` does what is asked.
pub(super) fn serve(listener: &UnixListener, act: &mut dyn FnMut(Request) -> Result<Response, String>) -> io::Result<()> {
    loop {
        let (line, _) = listener.accept()?;
        // A client that hangs up or talks nonsense is its own trouble, not the stand-in's.
        if let Ok(true) = talk(line, act) {
            return Ok(());
        }
    }
}

fn talk(mut line: UnixStream, act: &mut dyn FnMut(Request) -> Result<Response, String>) -> io::Result<bool> {
    // A client writes at once; on a machine that is overloaded "at once" has taken seconds.
    line.set_read_timeout(Some(PATIENCE))?;
    line.set_write_timeout(Some(PATIENCE))?;
    let mut text = String::new();
    BufReader::new(io::Read::take(&line, REQUEST_LEN_MAX)).read_line(&mut text)?;
    let request: Result<Request, _> = serde_json::from_str(&text);
    let stop = matches!(request, Ok(Request::Stop));
    let response = request.map_err(|error| error.to_string()).and_then(|request| match request {
        Request::Stop => Ok(Response::default()),
        other => act(other),
    });
    let response = response.unwrap_or_else(|error| Response { error: Some(error), ..Response::default() });
    line.write_all(format!("{}\n", serde_json::to_string(&response)?).as_bytes())?;
    Ok(stop)
}
