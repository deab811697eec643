//! Messages (通知) to the service points.

use serde_json::json;
use texts::town_hall as said;

use super::{Args, CONSOLE, Desk, Failure};

/// `message --text TEXT [--to POINT]`: to one point, or to all.
pub fn message(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &["dir", "to", "text"], &[])?;
    args.no_words()?;
    let hall = desk.hall(&desk.dir(&args)?)?;
    let id = hall.ledger.send_message(args.maybe("to")?, args.needed("text")?, CONSOLE, hall.clock.now())?;
    desk.tell(&said::message_sent(desk.t));
    desk.print(&json!({ "message": id }).to_string())
}

/// Everything that was sent, the newest first.
pub fn messages(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &["dir"], &["json"])?;
    args.no_words()?;
    desk.print_json(&json!(desk.hall(&desk.dir(&args)?)?.ledger.messages()?))
}
