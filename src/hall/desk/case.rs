//! The case page: the page large, the facts beside it, the acts at the foot.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Path, Query, State},
    http::header,
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use matters::{
    About, Digest, What,
    calendar::{place_date, place_time},
    deadline, form,
    state::Running,
};
use minijinja::{Value as Shown, context};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Desk, DeskError, blocking, course,
    session::{Marked, Signed},
    show,
};
use crate::ledger::{ANSWER_DAYS, CaseFile, Tray};

#[derive(Deserialize, Default)]
pub(crate) struct Asked {
    /// Number of the page shown large, from 1.
    #[serde(default)]
    pub page: Option<usize>,
    /// `1` right after an act was done.
    #[serde(default)]
    pub done: Option<String>,
}

/// Reads a case or says that there is none.
pub(crate) async fn load(desk: &Arc<Desk>, filing: Uuid) -> Result<CaseFile, DeskError> {
    let reading = desk.clone();
    blocking(move || reading.hall.ledger.case(filing)).await??.ok_or(DeskError::NotFound)
}

pub(crate) async fn show(
    State(desk): State<Arc<Desk>>,
    signed: Signed,
    Path(filing): Path<Uuid>,
    Query(asked): Query<Asked>,
) -> Result<Response, DeskError> {
    let case = load(&desk, filing).await?;
    let page = view(&desk, &signed, &case, &asked, Shown::from(()), None).await?;
    Ok(desk.pages.render(signed.lang, "case.html", page)?.into_response())
}

/// Everything that the case pages show. `message` says why the last act was not done.
pub(crate) async fn view(
    desk: &Arc<Desk>,
    signed: &Signed,
    case: &CaseFile,
    asked: &Asked,
    message: Shown,
    number: Option<String>,
) -> Result<Shown, DeskError> {
    let reading = desk.clone();
    let hall = blocking(move || reading.hall.ledger.hall_info()).await??;
    let now = desk.hall.clock.now();
    let today = place_date(now);
    let lang = signed.lang;
    let numbers = if number.is_some() { show::Numbers::Full } else { show::Numbers::Masked };
    let filing = case.sealed.filing();
    let rules = desk.hall.ledger.rules();
    let matter = rules.matter(&filing.catalogue_version, &filing.matter);
    let pages = pages(matter, case, lang);
    let shown = asked.page.unwrap_or(1).clamp(1, pages.len().max(1));
    let tray = Tray::of(case.view.state);
    let clock = match tray {
        Tray::New => show::countdown(case.view.answer_due, now, &rules.calendar, ANSWER_DAYS),
        Tray::Running => show::countdown(case.view.due, now, &rules.calendar, matter.map_or(0, |matter| matter.promised.days)),
        Tray::InCorrection | Tray::Done => Shown::from(()),
    };
    let may = course::possible(case.view.state, signed);
    // 行政许可法 44: a decision reaches its applicant within ten working days.
    let deliver_by = (case.view.state.running() == Running::Delivery)
        .then(|| deadline::due(place_time(case.view.last_change), deadline::DELIVERY, &[], &rules.calendar).ok())
        .flatten();
    let deliver_by =
        deliver_by.map_or(Shown::from(()), |due| show::countdown(Some(due.date), now, &rules.calendar, deadline::DELIVERY.days));
    Ok(context! {
        may,
        interest => interest(case),
        deliver_by,
        steps => course::steps(case),
        offers => course::offers(&rules, case, lang),
        hall => hall.name,
        clerk => signed.clerk.name.clone(),
        mark => signed.mark(),
        now => show::time(now),
        filing => filing.id.to_string(),
        case_number => case.view.case_number.clone(),
        revision => case.view.revision,
        state => show::state(case.view.state),
        tray => super::inbox::tray_key(tray),
        matter => show::matter_name(matter, &filing.matter, lang),
        instant => matter.is_some_and(|matter| matter.badge == matters::matter::Badge::Instant),
        applicant => show::applicant(&filing.applicant, today),
        number,
        capacity => show::capacity(&filing.capacity),
        witness => filing.witness.as_ref().map(|witness| context! { name => witness.name.expose(), at => show::time(witness.at) }),
        answers => show::answers(matter, &filing.answers, numbers, lang),
        conditions => matter.map(|matter| matter.conditions.iter().map(|text| show::words(text, lang).to_owned()).collect::<Vec<_>>()),
        point => case.point.name.clone(),
        point_phone => case.point.phone.clone(),
        sealed_at => show::time(filing.sealed_at),
        received_at => show::time(case.view.received_at),
        accepted_at => case.view.accepted_at.map(show::time),
        due => case.view.due.map(show::day),
        provisional => case.view.provisional,
        clock,
        pages,
        shown,
        supplements => supplements(case, lang, matter),
        correction => case.view.correction.as_ref().map(|correction| correction_view(correction, lang, matter)),
        reason => case.view.reason.clone(),
        results => case.view.results.iter().map(|result| context! { sha256 => result.sha256.to_string(), title => result.title.clone() }).collect::<Vec<_>>(),
        history => history(case),
        earlier => case.earlier.iter().map(|row| context! { filing => row.filing.to_string(), number => row.case_number.clone(), state => show::state(row.state), at => show::time(row.received_at) }).collect::<Vec<_>>(),
        repeats => repeats(case, matter, lang),
        message,
        done => asked.done.is_some(),
    })
}

fn pages(matter: Option<&matters::Matter>, case: &CaseFile, lang: texts::Lang) -> Vec<Shown> {
    case.pages
        .iter()
        .enumerate()
        .map(|(index, page)| {
            let material = matter
                .and_then(|matter| matter.material(&page.page.material))
                .map_or_else(|| page.page.material.clone(), |material| show::words(&material.name, lang).to_owned());
            context! {
                index => index + 1,
                sha256 => page.page.sha256.to_string(),
                code => page.page.material.clone(),
                material,
                order => page.page.order,
                supplement => page.correction.is_some(),
                width => page.page.width_px,
                height => page.page.height_px,
            }
        })
        .collect()
}

pub(crate) fn about(about: &About, lang: texts::Lang, matter: Option<&matters::Matter>) -> Shown {
    let material = |code: &str| {
        matter
            .and_then(|matter| matter.material(code))
            .map_or_else(|| code.to_owned(), |material| show::words(&material.name, lang).to_owned())
    };
    match about {
        About::Field { key } => {
            let label = matter
                .and_then(|matter| matter.fields().find(|field| field.key == *key))
                .map_or_else(|| key.clone(), |field| show::words(&field.label, lang).to_owned());
            context! { kind => "field", label, order => 0 }
        }
        About::Page { material: code, order } => context! { kind => "page", label => material(code), order },
        About::Material { material: code } => context! { kind => "material", label => material(code), order => 0 },
    }
}

fn correction_view(correction: &matters::Correction, lang: texts::Lang, matter: Option<&matters::Matter>) -> Shown {
    let items: Vec<_> = correction
        .items
        .iter()
        .map(|item| context! { about => about(&item.about, lang, matter), what => item.what.clone(), standard => item.standard.clone() })
        .collect();
    context! { told_at => show::time(correction.told_at), due => show::day(correction.due), clerk => correction.clerk.clone(), items }
}

/// What the village answered to corrections.
fn supplements(case: &CaseFile, lang: texts::Lang, matter: Option<&matters::Matter>) -> Vec<Shown> {
    let mut out = Vec::new();
    for stored in case.acts.iter().filter(|stored| stored.refused.is_none()) {
        let What::Supplement { correction, items, pages } = &stored.act.what else { continue };
        let asked = case.corrections.iter().find(|asked| asked.correction.id == *correction);
        let items: Vec<_> = items
            .iter()
            .map(|item| {
                let question = asked.and_then(|asked| asked.correction.items.get(item.item as usize));
                let field = question.and_then(|question| match &question.about {
                    About::Field { key } => Some(key.clone()),
                    About::Page { .. } | About::Material { .. } => None,
                });
                let answer = item.answer.as_ref().map(|value| {
                    let answers = std::iter::once((field.clone().unwrap_or_default(), value.clone())).collect();
                    show::answers(matter, &answers, show::Numbers::Masked, lang)
                });
                context! { what => question.map(|question| question.what.clone()), answer, note => item.note.clone() }
            })
            .collect();
        out.push(context! { at => show::time(stored.received_at), by => stored.actor_name.clone(), items, pages => pages.len() });
    }
    out
}

/// Did the agent file for himself or for a relative? The clerk looks twice then.
fn interest(case: &CaseFile) -> Option<&'static str> {
    let filing = case.sealed.filing();
    let filed = case.acts.iter().find(|stored| matches!(stored.act.what, What::File { .. }) && stored.refused.is_none())?;
    form::interest(&filing.capacity, filing.applicant.name.expose(), &filed.actor_name)
}

/// Values that may be filed once and stand in another case: what the matter says of it, and where.
fn repeats(case: &CaseFile, matter: Option<&matters::Matter>, lang: texts::Lang) -> Vec<Shown> {
    let said = |rule: usize| {
        matter.and_then(|matter| matter.repeat.get(rule)).map(|repeat| show::words(&repeat.message, lang).to_owned())
    };
    case.repeats
        .iter()
        .map(|row| {
            context! {
                message => said(row.rule),
                filing => row.filing.to_string(),
                number => row.case_number.clone(),
                state => show::state(row.state),
                at => show::time(row.received_at),
                point => row.point_name.clone(),
            }
        })
        .collect()
}

fn history(case: &CaseFile) -> Vec<Shown> {
    case.history
        .iter()
        .map(|row| context! { at => show::time(row.at), who => row.who.clone(), verb => row.verb.replace(['.', '_'], "-") })
        .collect()
}

pub(crate) async fn page(
    State(desk): State<Arc<Desk>>,
    _signed: Signed,
    Path((filing, sha256)): Path<(Uuid, String)>,
) -> Result<Response, DeskError> {
    let digest = Digest::from_hex(&sha256).ok_or(DeskError::NotFound)?;
    let bytes = blocking(move || desk.hall.ledger.page_bytes(filing, digest)).await??.ok_or(DeskError::NotFound)?;
    Ok(([(header::CONTENT_TYPE, "image/jpeg")], bytes).into_response())
}

pub(crate) async fn result(
    State(desk): State<Arc<Desk>>,
    _signed: Signed,
    Path((filing, sha256)): Path<(Uuid, String)>,
) -> Result<Response, DeskError> {
    let digest = Digest::from_hex(&sha256).ok_or(DeskError::NotFound)?;
    let (file, bytes) = blocking(move || desk.hall.ledger.result_bytes(filing, digest)).await??.ok_or(DeskError::NotFound)?;
    Ok(([(header::CONTENT_TYPE, file.media_type)], bytes).into_response())
}

/// Shows the whole number once; the audit trail says to whom.
pub(crate) async fn reveal(
    State(desk): State<Arc<Desk>>,
    signed: Signed,
    Path(filing): Path<Uuid>,
    Form(form): Form<Marked>,
) -> Result<Response, DeskError> {
    signed.check(&form.mark)?;
    let (asked, clerk) = (desk.clone(), signed.clerk.clone());
    blocking(move || asked.hall.ledger.record_look(filing, "number", &clerk, now(&asked))).await??;
    let case = load(&desk, filing).await?;
    let number = case.sealed.filing().applicant.number.expose().clone();
    let page = view(&desk, &signed, &case, &Asked::default(), Shown::from(()), Some(number)).await?;
    Ok(desk.pages.render(signed.lang, "case.html", page)?.into_response())
}

fn now(desk: &Desk) -> Timestamp {
    desk.hall.clock.now()
}
