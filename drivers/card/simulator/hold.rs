//! A rude program: it holds the card in the first occupied reader for itself.

use std::io::Read;
use std::time::{Duration, Instant};

use pcsc::{Context, Protocols, Scope, ShareMode};

const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(50);

/// Connects exclusively as soon as a card is there, calls `holding`, and lets go when the standard
/// input ends.
///
/// # Errors
/// A sentence when there is no card to hold in time.
pub fn until_input_ends(holding: &mut dyn FnMut()) -> Result<(), String> {
    let deadline = Instant::now() + PATIENCE;
    let context = Context::establish(Scope::System).map_err(|error| error.to_string())?;
    let card = loop {
        let readers = context.list_readers_owned().map_err(|error| error.to_string())?;
        let held = readers.iter().find_map(|reader| context.connect(reader, ShareMode::Exclusive, Protocols::ANY).ok());
        if let Some(card) = held {
            break card;
        }
        if Instant::now() > deadline {
            return Err("no card to hold".to_owned());
        }
        std::thread::sleep(PAUSE);
    };
    holding();
    // Whatever ends the input ends the hold.
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    card.disconnect(pcsc::Disposition::LeaveCard).map_err(|(_, error)| error.to_string())
}
