//! `town-hall serve`.

use std::{fs, io::Write as _, net::SocketAddr, path::Path, sync::Arc};

use matters::calendar::place_date;
use serde_json::json;
use texts::town_hall as said;

use super::{Args, CONSOLE, Desk, Failure};
use crate::serve::{self, Listen};

pub fn serve(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &["dir", "api", "desk", "host", "catalogue", "calendar", "wire-from", "ready-file"], &[])?;
    args.no_words()?;
    let defaults = Listen::default();
    let address = |name: &str, default: SocketAddr| match args.maybe(name)? {
        Some(text) => text.parse().map_err(|_| Failure::usage("address").with("text", text)),
        None => Ok(default),
    };
    let wire_from = match args.maybe("wire-from")? {
        Some(text) => text.parse().map_err(|_| Failure::usage("wire-from").with("text", text))?,
        None => defaults.wire_from,
    };
    let listen = Listen {
        api: address("api", defaults.api)?,
        desk: address("desk", defaults.desk)?,
        names: args.all("host").to_vec(),
        wire_from,
    };
    // Signals are waited for before anybody can be told that the hall is open.
    let signals = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut terminate, mut interrupt) = {
        use tokio::signal::unix::{SignalKind, signal};
        let _context = signals.enter();
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?)
    };
    let mut published = super::catalogue::published(desk.t, args.maybe("catalogue")?.map(Path::new))?;
    if let Some(file) = args.maybe("calendar")? {
        published = super::catalogue::with_calendar(desk.t, published, Path::new(file))?;
    }
    let hall = desk.hall_with(&desk.dir(&args)?, published.rules())?;
    let running = serve::start(Arc::clone(&hall), &listen)?;
    // Only the one who serves says what is in force.
    let now = hall.clock.now();
    if hall.ledger.publish(&published.packages(place_date(now)), CONSOLE, now)? {
        tracing::info!("the terminals are given another catalogue or calendar");
    }
    let addresses = json!({ "api": running.api_url(), "desk": running.desk_url() });
    if let Some(path) = args.maybe("ready-file")? {
        announce(Path::new(path), &addresses.to_string())?;
    }
    desk.print(&addresses.to_string())?;
    desk.tell(&said::serving(desk.t, running.desk_url(), running.api_url()));
    signals.block_on(async {
        tokio::select! {
            _ = terminate.recv() => (),
            _ = interrupt.recv() => (),
        }
    });
    desk.tell(&said::closing(desk.t));
    running.stop()?;
    Ok(())
}

/// Writes the file whole or not at all: who waits for it never reads half.
fn announce(path: &Path, text: &str) -> Result<(), Failure> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let mut file = fs::File::create(&name)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(fs::rename(&name, path)?)
}
