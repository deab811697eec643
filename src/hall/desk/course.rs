//! The acts after acceptance: 转报, 特别程序, 恢复计时, 延期, 送达, 终止, 作废. One page for all of
//! them; what each asks stands in `act.html`.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Form,
    extract::{Path, State},
    response::Response,
};
use matters::{State as CaseState, StepKind, state::Verb};
use minijinja::{Value as Shown, context};
use uuid::Uuid;

use super::{
    Desk, DeskError,
    decide::{answer, carry, page},
    session::Signed,
    show,
};
use crate::ledger::{CaseFile, Decision, Rules};

/// Verbs of the state machine that have a page here, with the word of their address.
const ACTS: [(Verb, &str); 7] = [
    (Verb::Forward, "forward"),
    (Verb::StartSpecial, "special"),
    (Verb::EndSpecial, "resume"),
    (Verb::Extend, "extend"),
    (Verb::Deliver, "deliver"),
    (Verb::Terminate, "terminate"),
    (Verb::Void, "void"),
];

/// The acts that this clerk may take now, in the order of their buttons.
pub(super) fn possible(state: CaseState, signed: &Signed) -> Vec<&'static str> {
    ACTS.iter().filter(|(verb, _)| state.next(*verb, signed.clerk.role).is_ok()).map(|(_, name)| *name).collect()
}

pub(crate) async fn form(
    State(desk): State<Arc<Desk>>,
    signed: Signed,
    Path((filing, act)): Path<(Uuid, String)>,
) -> Result<Response, DeskError> {
    let act = known(&act)?;
    page(&desk, &signed, filing, "act.html", Shown::from(()), BTreeMap::from([("act".to_owned(), act.to_owned())])).await
}

pub(crate) async fn take(
    State(desk): State<Arc<Desk>>,
    signed: Signed,
    Path((filing, act)): Path<(Uuid, String)>,
    Form(mut typed): Form<BTreeMap<String, String>>,
) -> Result<Response, DeskError> {
    let act = known(&act)?;
    let text = |key: &str| typed.get(key).map(|text| text.trim().to_owned()).unwrap_or_default();
    signed.check(&text("mark"))?;
    let revision = text("revision").parse().map_err(|_| DeskError::BadForm)?;
    let decision = match act {
        "forward" => Decision::Forward { body: text("body") },
        // What is no number of days is no day at all: the ledger says which field it misses.
        "special" => Decision::StartSpecial { procedure: text("procedure"), days: text("days").parse().unwrap_or(0) },
        "resume" => Decision::EndSpecial,
        "extend" => {
            let until = text("until").parse().map_err(|_| DeskError::BadForm)?;
            Decision::Extend { until, reason: text("reason") }
        }
        "deliver" => Decision::Deliver { collector: text("collector"), way: text("way") },
        "terminate" => Decision::Terminate { reason: text("reason") },
        _ => Decision::Void { reason: text("reason") },
    };
    let refused = carry(&desk, &signed, filing, decision, revision).await?;
    typed.insert("act".to_owned(), act.to_owned());
    answer(&desk, &signed, filing, "act.html", refused, typed).await
}

fn known(act: &str) -> Result<&'static str, DeskError> {
    ACTS.iter().find(|(_, name)| *name == act).map(|(_, name)| *name).ok_or(DeskError::NotFound)
}

/// What has happened since acceptance, in words for the page.
pub(super) fn steps(case: &CaseFile) -> Vec<Shown> {
    case.view
        .steps
        .iter()
        .map(|step| {
            let (kind, what, day, more) = match &step.what {
                StepKind::Forwarded { body } => ("forwarded", body.clone(), String::new(), String::new()),
                StepKind::SpecialStarted { procedure, expected } => {
                    ("special", procedure.clone(), show::day(*expected), String::new())
                }
                StepKind::SpecialEnded => ("resumed", String::new(), String::new(), String::new()),
                StepKind::Extended { reason, until, .. } => ("extended", reason.clone(), show::day(*until), String::new()),
                StepKind::Delivered { collector, way } => ("delivered", collector.clone(), String::new(), way.clone()),
            };
            context! { at => show::time(step.at), by => step.by.clone(), kind, what, day, way => more }
        })
        .collect()
}

/// What the form offers: the special procedures of the matter, the latest day of an extension.
pub(super) fn offers(rules: &Rules, case: &CaseFile, lang: texts::Lang) -> Shown {
    let filing = case.sealed.filing();
    let matter = rules.matter(&filing.catalogue_version, &filing.matter);
    let procedures: Vec<Shown> = matter
        .iter()
        .flat_map(|matter| &matter.special)
        .map(|special| {
            context! { name => show::words(&special.name, lang), basis => special.basis.clone(),
            days => special.expected.as_ref().map(|limit| limit.days) }
        })
        .collect();
    let latest = case.view.due.and_then(|due| {
        matters::deadline::due(due, matters::deadline::EXTENSION_MAX, &[], &rules.calendar).ok().map(|due| show::day(due.date))
    });
    context! { procedures, latest, ways => matters::DELIVERY_WAYS.to_vec() }
}
