//! The inbox: what must be answered first stands first.

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use minijinja::context;
use serde::Deserialize;

use super::{Desk, DeskError, blocking, session::Signed, show};
use crate::ledger::{ANSWER_DAYS, InboxFilter, InboxRow, Rules, Tray};

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    tray: Option<String>,
    #[serde(default)]
    q: Option<String>,
}

pub(crate) fn tray_key(tray: Tray) -> &'static str {
    match tray {
        Tray::New => "new",
        Tray::InCorrection => "in-correction",
        Tray::Running => "running",
        Tray::Done => "done",
    }
}

pub(crate) async fn show(
    State(desk): State<Arc<Desk>>,
    signed: Signed,
    Query(asked): Query<Asked>,
) -> Result<Response, DeskError> {
    let search = asked.q.map(|q| q.trim().to_owned()).filter(|q| !q.is_empty());
    let chosen = Tray::ALL.into_iter().find(|tray| Some(tray_key(*tray)) == asked.tray.as_deref()).unwrap_or(Tray::New);
    let filter = InboxFilter {
        // A search looks through all trays: who asks for a number wants the case, wherever it lies.
        tray: search.is_none().then_some(chosen),
        search: search.clone(),
        ..InboxFilter::default()
    };
    let reading = desk.clone();
    let (hall, counts, rows) = blocking(move || {
        let ledger = &reading.hall.ledger;
        Ok::<_, crate::ledger::LedgerError>((ledger.hall_info()?, ledger.tray_counts()?, ledger.inbox(&filter)?))
    })
    .await??;
    let now = desk.hall.clock.now();
    let trays: Vec<_> = Tray::ALL
        .into_iter()
        .map(|tray| {
            let count = match tray {
                Tray::New => counts.new,
                Tray::InCorrection => counts.in_correction,
                Tray::Running => counts.running,
                Tray::Done => counts.done,
            };
            context! { key => tray_key(tray), count, chosen => search.is_none() && tray == chosen }
        })
        .collect();
    let rules = desk.hall.ledger.rules();
    let rows: Vec<_> = rows.iter().map(|row| row_of(&rules, row, now, signed.lang)).collect();
    let page = context! {
        hall => hall.name,
        clerk => signed.clerk.name.clone(),
        mark => signed.mark(),
        now => show::time(now),
        trays,
        tray => tray_key(chosen),
        search,
        count => rows.len(),
        rows,
    };
    Ok(desk.pages.render(signed.lang, "inbox.html", page)?.into_response())
}

fn row_of(rules: &Rules, row: &InboxRow, now: jiff::Timestamp, lang: texts::Lang) -> minijinja::Value {
    let matter = rules.newest(&row.matter);
    let promised = matter.map_or(0, |matter| matter.promised.days);
    let clock = if row.answer_due.is_some() {
        show::countdown(row.answer_due, now, &rules.calendar, ANSWER_DAYS)
    } else {
        show::countdown(row.due, now, &rules.calendar, promised)
    };
    context! {
        filing => row.filing.to_string(),
        number => row.case_number.clone(),
        name => row.applicant_name.expose(),
        matter => show::matter_name(matter, &row.matter, lang),
        instant => matter.is_some_and(|matter| matter.badge == matters::matter::Badge::Instant),
        point => row.point_name.clone(),
        state => show::state(row.state),
        open => matches!(Tray::of(row.state), Tray::New | Tray::Running),
        clock,
        provisional => row.provisional,
        received => show::time(row.received_at),
        changed => show::time(row.last_change),
        pages => row.pages,
    }
}
