//! `file` and `queue`: fills the cabinet and looks into it without a window.

use std::{io::BufRead as _, path::PathBuf};

use matters::{ActedBy, Personal};
use outbox::{Cabinet, Draft};
use texts::{Texts, command as say};

use super::{Fault, Options, cabinet};
use crate::{
    clock::Clock,
    config::Config,
    ids::Ids,
    sign_in, words,
    worker::{
        key,
        sealing::{SealFault, seal},
    },
};

/// Seals a draft from a JSON file with its pages. The agent's password comes from standard input:
/// also without a window nothing is filed by nobody.
pub fn file(t: &Texts, options: &mut Options, config: &Config, clock: &Clock) -> Result<(), Fault> {
    let from = options.path("--draft").ok_or(Fault::Missing("--draft"))?;
    let account = options.need("--account")?;
    let mut pages = Vec::new();
    while let Some(page) = options.take("--page") {
        let (material, file) = page.split_once('=').ok_or(Fault::NoValue("--page".into()))?;
        pages.push((material.to_owned(), PathBuf::from(file)));
    }
    options.nothing_left()?;

    let text = std::fs::read(&from).map_err(|error| Fault::File(from.clone(), error))?;
    let mut draft: Draft = serde_json::from_slice(&text).map_err(Fault::Draft)?;
    let mut password = Personal::<String>::default();
    std::io::stdin().lock().read_line(password.expose_mut()).map_err(|error| Fault::File("stdin".into(), error))?;
    let length = password.expose().trim_end_matches(['\r', '\n']).len();
    password.expose_mut().truncate(length);

    let ids = Ids::random();
    let mut cabinet = cabinet(config, clock)?;
    let admission = cabinet.admission()?.ok_or(Fault::NotAdmitted)?;
    let now = clock.now();
    let agent = sign_in::check(&mut cabinet, &account, &password, now)?.map_err(|_| Fault::Refused)?;
    let acted_by = ActedBy { account: agent.account, session: ids.next(now) };
    draft.id = ids.next(now);
    draft.acted_by = acted_by.clone();
    cabinet.save_draft(&draft)?;
    for (material, file) in pages {
        let still = std::fs::read(&file).map_err(|error| Fault::File(file.clone(), error))?;
        let page = scan::page(&still, None).map_err(|error| Fault::Picture(error.code()))?;
        cabinet.put_page(draft.id, &material, None, &page.jpeg, page.w, page.h)?;
    }
    let sealed = seal(&mut cabinet, &admission, &ids, clock.now(), draft.id, acted_by).map_err(|fault| match fault {
        SealFault::Cabinet(error) => Fault::Cabinet(error),
        SealFault::Unfit(what) => Fault::Unfit(what),
    })?;
    println!("{}", say::filed(t, sealed.filing().case_number.as_str()));
    Ok(())
}

/// What the hall has not received, and why. Reads only: works beside an open window.
pub fn queue(t: &Texts, options: &mut Options, config: &Config) -> Result<(), Fault> {
    let json = options.flag("--json");
    options.nothing_left()?;
    let key = key(config)?;
    let reading = Cabinet::reading(&config.cabinet_file(), &key)?;
    let queue = reading.queue()?;
    let rows = reading.filings(usize::MAX >> 1)?;
    if json {
        let rows: Vec<serde_json::Value> = rows
            .iter()
            .map(|row| {
                serde_json::json!({
                    "id": row.id, "case_number": row.case_number, "matter": row.matter, "pages": row.pages,
                    "bytes_total": row.bytes_total, "bytes_sent": row.bytes_sent, "trouble": row.trouble,
                    "stage": format!("{:?}", row.stage), "state": row.case.as_ref().map(|case| case.state),
                })
            })
            .collect();
        let out = serde_json::json!({ "filings_waiting": queue.filings_waiting, "pages_waiting": queue.pages_waiting, "filings": rows });
        println!("{out}");
        return Ok(());
    }
    let size = words::bytes(queue.bytes_total);
    println!("{}", texts::queue::total(t, queue.filings_waiting, queue.pages_waiting, size));
    for row in rows {
        let stage = match row.stage {
            outbox::Stage::Waiting => texts::queue::waiting(t),
            outbox::Stage::Sending => texts::queue::sending(t),
            outbox::Stage::Received => texts::queue::received(t),
            outbox::Stage::Quarantined => texts::home::aside(t),
        };
        println!("{}  {}  {stage}", row.case_number, row.matter);
        if let Some(code) = &row.trouble {
            println!("    {}", words::line_trouble(t, code));
        }
    }
    Ok(())
}
