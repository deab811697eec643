//! `queue`: what waits, why, and what the hall has. Reads only: works beside an open window.

use outbox::{Cabinet, FilingRow, MESSAGES_KEPT, OpenAct, Reading, Stage, Why};
use serde_json::{Value as Json, json};
use texts::{Texts, command as say};

use super::{Fault, Options, print};
use crate::{config::Config, words, worker::key};

pub fn queue(t: &Texts, options: &mut Options, config: &Config) -> Result<(), Fault> {
    let as_json = options.flag("--json");
    options.nothing_left()?;
    let reading = Cabinet::reading(&config.cabinet_file(), &key(config)?)?;
    if as_json {
        return print(&look(t, &reading)?.to_string());
    }
    let queue = reading.queue()?;
    let size = words::bytes(queue.bytes_total);
    print(&texts::queue::total(t, queue.filings_waiting, queue.pages_waiting, size))?;
    for act in reading.open_acts()? {
        let number = act.case_number.clone().unwrap_or_else(|| act.filing.to_string());
        print(&format!("{number}  {}\n    {}", kind(t, &act.kind), why(t, &act.why)))?;
    }
    for row in reading.filings(usize::MAX >> 1)?.iter().filter(|row| row.stage == Stage::Received) {
        print(&format!("{}  {}  {}", row.case_number, row.matter, texts::queue::received(t)))?;
    }
    Ok(())
}

/// The whole queue for a script. Times are RFC 3339 in UTC, sizes bytes.
pub(super) fn look(t: &Texts, reading: &Reading) -> Result<Json, Fault> {
    let queue = reading.queue()?;
    let (aside, waiting): (Vec<_>, Vec<_>) = reading.open_acts()?.into_iter().partition(|act| matches!(act.why, Why::Aside(_)));
    let filings = reading.filings(usize::MAX >> 1)?;
    let messages = reading.messages(MESSAGES_KEPT)?.into_iter().filter(|message| message.read_at.is_none());
    Ok(json!({
        "messages": messages.map(|message| json!({ "at": message.at, "text": message.text })).collect::<Vec<_>>(),
        "paused": queue.paused,
        "metered": queue.metered,
        "filings_waiting": queue.filings_waiting,
        "pages_waiting": queue.pages_waiting,
        "bytes_total": queue.bytes_total,
        "bytes_sent": queue.bytes_sent,
        "last_receipt_at": queue.last_receipt_at,
        "waiting": waiting.iter().map(|act| open(t, act)).collect::<Vec<_>>(),
        "aside": aside.iter().map(|act| open(t, act)).collect::<Vec<_>>(),
        "filings": filings.iter().map(filing).collect::<Vec<_>>(),
    }))
}

fn open(t: &Texts, act: &OpenAct) -> Json {
    json!({
        "act": act.act,
        "kind": act.kind,
        "filing": act.filing,
        "case_number": act.case_number,
        "at": act.at,
        "code": act.why.code(),
        "sentence": why(t, &act.why),
        "tries": act.tries,
        "next_try_at": act.next_try_at,
        "pages": act.pages,
        "bytes_total": act.bytes_total,
        "bytes_sent": act.bytes_sent,
    })
}

/// A filing and what the hall has of it: `hall` is null until its signed receipt is held here.
fn filing(row: &FilingRow) -> Json {
    let hall = row.received_at.map(|received_at| {
        json!({
            "received_at": received_at,
            "state": row.case.as_ref().map(|case| case.state),
            "revision": row.case.as_ref().map(|case| case.revision),
        })
    });
    let stage = match row.stage {
        Stage::Waiting => "waiting",
        Stage::Sending => "sending",
        Stage::Received => "received",
        Stage::Quarantined => "aside",
    };
    json!({
        "filing": row.id,
        "case_number": row.case_number,
        "matter": row.matter,
        "sealed_at": row.sealed_at,
        "stage": stage,
        "pages": row.pages,
        "bytes_total": row.bytes_total,
        "bytes_sent": row.bytes_sent,
        "hall": hall,
    })
}

/// Why the hall has not taken an act, in a sentence that begins with what is safe.
pub(super) fn why(t: &Texts, why: &Why) -> String {
    match why {
        Why::Untried => say::act_untried(t),
        Why::Metered => say::act_metered(t),
        Why::Paused => say::act_paused(t),
        Why::Behind => say::act_behind(t),
        Why::Again => say::act_again(t),
        Why::Trouble(code) | Why::Aside(code) => words::line_trouble(t, code),
    }
}

fn kind(t: &Texts, kind: &str) -> String {
    say::lookup(t, &format!("act-kind-{kind}"), &[]).unwrap_or_else(|| kind.to_owned())
}
