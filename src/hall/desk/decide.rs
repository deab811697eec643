//! The acts at the foot of a case: 受理, 一次性告知补正, 不予受理, 办结; those after acceptance stand in `course.rs`. Each names the revision on
//! which it was decided; a stale one shows who did what when, and keeps what was typed.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Form,
    extract::{Multipart, Path, State},
    response::{IntoResponse, Redirect, Response},
};
use matters::{About, CorrectionItem};
use minijinja::{Value as Shown, context};
use serde::Deserialize;
use uuid::Uuid;

use super::{Desk, DeskError, blocking, case, session::Signed, show};
use crate::ledger::{DecideRefuse, Decision, ResultInput};

/// Carries a decision to the ledger. `Ok(None)` = done; `Ok(Some(message))` = refused, and why.
pub(super) async fn carry(
    desk: &Arc<Desk>,
    signed: &Signed,
    filing: Uuid,
    decision: Decision,
    revision: u64,
) -> Result<Option<Shown>, DeskError> {
    let (asked, clerk) = (desk.clone(), signed.clerk.clone());
    let outcome = blocking(move || asked.hall.ledger.decide(filing, &decision, &clerk, revision, asked.hall.clock.now())).await?;
    Ok(Some(match outcome {
        Ok(_) => return Ok(None),
        Err(DecideRefuse::Stale { by, at, state, .. }) => {
            context! { key => "decide-stale", by, at => show::time(at), state => show::state(state) }
        }
        Err(DecideRefuse::NotNow { state }) => context! { key => "decide-not-now", state => show::state(state) },
        Err(DecideRefuse::Faulty { field, fault }) => context! { key => format!("decide-faulty-{field}"), fault },
        Err(DecideRefuse::NotAllowed) => context! { key => "decide-not-allowed" },
        Err(DecideRefuse::NotFound) => return Err(DeskError::NotFound),
        Err(DecideRefuse::Ledger(error)) => return Err(error.into()),
    }))
}

/// Back to the case when it was done, else the same page with the reason and what was typed.
pub(super) async fn answer(
    desk: &Arc<Desk>,
    signed: &Signed,
    filing: Uuid,
    template: &str,
    refused: Option<Shown>,
    typed: BTreeMap<String, String>,
) -> Result<Response, DeskError> {
    match refused {
        None => Ok(Redirect::to(&format!("/case/{filing}?done=1")).into_response()),
        Some(message) => page(desk, signed, filing, template, message, typed).await,
    }
}

pub(super) async fn page(
    desk: &Arc<Desk>,
    signed: &Signed,
    filing: Uuid,
    template: &str,
    message: Shown,
    typed: BTreeMap<String, String>,
) -> Result<Response, DeskError> {
    let file = case::load(desk, filing).await?;
    let view = case::view(desk, signed, &file, &case::Asked::default(), message, None).await?;
    let (fields, materials) = askable(desk, &file, signed.lang);
    let page = context! { typed, fields, materials, ..view };
    Ok(desk.pages.render(signed.lang, template, page)?.into_response())
}

/// What a correction can be tied to: answered fields, and materials with their pages.
fn askable(desk: &Desk, file: &crate::ledger::CaseFile, lang: texts::Lang) -> (Vec<Shown>, Vec<Shown>) {
    let filing = file.sealed.filing();
    let rules = desk.hall.ledger.rules();
    let matter = rules.matter(&filing.catalogue_version, &filing.matter);
    let fields = show::answers(matter, &filing.answers, show::Numbers::Masked, lang);
    let mut materials = Vec::new();
    for page in &filing.pages {
        let label = matter
            .and_then(|matter| matter.material(&page.material))
            .map_or_else(|| page.material.clone(), |material| show::words(&material.name, lang).to_owned());
        materials.push(context! { id => format!("page:{}:{}", page.material, page.order), label, order => page.order, sha256 => page.sha256.to_string() });
    }
    for material in matter.iter().flat_map(|matter| &matter.materials) {
        if !filing.pages.iter().any(|page| page.material == material.code) {
            materials.push(context! { id => format!("material:{}", material.code), label => show::words(&material.name, lang), order => 0, sha256 => "" });
        }
    }
    (fields, materials)
}

#[derive(Deserialize)]
pub(crate) struct Accepting {
    mark: String,
    revision: u64,
}

pub(crate) async fn accept(
    State(desk): State<Arc<Desk>>,
    signed: Signed,
    Path(filing): Path<Uuid>,
    Form(form): Form<Accepting>,
) -> Result<Response, DeskError> {
    signed.check(&form.mark)?;
    let refused = carry(&desk, &signed, filing, Decision::Accept, form.revision).await?;
    answer(&desk, &signed, filing, "case.html", refused, BTreeMap::new()).await
}

pub(crate) async fn correct_form(
    State(desk): State<Arc<Desk>>,
    signed: Signed,
    Path(filing): Path<Uuid>,
) -> Result<Response, DeskError> {
    page(&desk, &signed, filing, "correct.html", Shown::from(()), BTreeMap::new()).await
}

/// The form's rows are named `about:<id>`, `what:<id>` and `standard:<id>`.
pub(crate) async fn correct(
    State(desk): State<Arc<Desk>>,
    signed: Signed,
    Path(filing): Path<Uuid>,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Response, DeskError> {
    let text = |key: &str| form.get(key).map(|text| text.trim().to_owned()).unwrap_or_default();
    signed.check(&text("mark"))?;
    let revision = text("revision").parse().map_err(|_| DeskError::BadForm)?;
    let due = match text("due") {
        day if day.is_empty() => None,
        day => Some(day.parse().map_err(|_| DeskError::BadForm)?),
    };
    let mut items = Vec::new();
    for id in form.keys().filter_map(|key| key.strip_prefix("about:")) {
        let about = parse_about(id).ok_or(DeskError::BadForm)?;
        items.push(CorrectionItem { about, what: text(&format!("what:{id}")), standard: text(&format!("standard:{id}")) });
    }
    let decision = Decision::AskCorrection { items, due, reason: text("reason") };
    let refused = carry(&desk, &signed, filing, decision, revision).await?;
    answer(&desk, &signed, filing, "correct.html", refused, form).await
}

fn parse_about(id: &str) -> Option<About> {
    let (kind, rest) = id.split_once(':')?;
    match kind {
        "field" => Some(About::Field { key: rest.to_owned() }),
        "material" => Some(About::Material { material: rest.to_owned() }),
        "page" => {
            let (material, order) = rest.rsplit_once(':')?;
            Some(About::Page { material: material.to_owned(), order: order.parse().ok()? })
        }
        _ => None,
    }
}

#[derive(Deserialize)]
pub(crate) struct Refusing {
    mark: String,
    revision: u64,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    remedy: String,
}

pub(crate) async fn refuse_form(
    State(desk): State<Arc<Desk>>,
    signed: Signed,
    Path(filing): Path<Uuid>,
) -> Result<Response, DeskError> {
    page(&desk, &signed, filing, "refuse.html", Shown::from(()), BTreeMap::new()).await
}

pub(crate) async fn refuse(
    State(desk): State<Arc<Desk>>,
    signed: Signed,
    Path(filing): Path<Uuid>,
    Form(form): Form<Refusing>,
) -> Result<Response, DeskError> {
    signed.check(&form.mark)?;
    let typed = BTreeMap::from([("reason".to_owned(), form.reason.clone()), ("remedy".to_owned(), form.remedy.clone())]);
    let decision = Decision::RefuseAcceptance { reason: form.reason.trim().to_owned(), remedy: form.remedy.trim().to_owned() };
    let refused = carry(&desk, &signed, filing, decision, form.revision).await?;
    answer(&desk, &signed, filing, "refuse.html", refused, typed).await
}

pub(crate) async fn finish_form(
    State(desk): State<Arc<Desk>>,
    signed: Signed,
    Path(filing): Path<Uuid>,
) -> Result<Response, DeskError> {
    page(&desk, &signed, filing, "finish.html", Shown::from(()), BTreeMap::new()).await
}

pub(crate) async fn finish(
    State(desk): State<Arc<Desk>>,
    signed: Signed,
    Path(filing): Path<Uuid>,
    mut form: Multipart,
) -> Result<Response, DeskError> {
    let mut typed = BTreeMap::new();
    let mut file = None;
    while let Some(part) = form.next_field().await.map_err(|_| DeskError::BadForm)? {
        let name = part.name().unwrap_or_default().to_owned();
        if name == "file" {
            let media_type = part.content_type().unwrap_or_default().to_owned();
            let bytes = part.bytes().await.map_err(|_| DeskError::BadForm)?;
            if !bytes.is_empty() {
                file = Some((media_type, bytes.to_vec()));
            }
        } else {
            typed.insert(name, part.text().await.map_err(|_| DeskError::BadForm)?);
        }
    }
    let text = |key: &str| typed.get(key).map(|text| text.trim().to_owned()).unwrap_or_default();
    signed.check(&text("mark"))?;
    let revision = text("revision").parse().map_err(|_| DeskError::BadForm)?;
    let granted = match text("granted").as_str() {
        "yes" => true,
        "no" => false,
        _ => return Err(DeskError::BadForm),
    };
    // The file's own name may hold a person's name: the title is what the clerk wrote for people.
    let result = file.map(|(media_type, bytes)| ResultInput { media_type, title: text("title"), bytes });
    // The page offers the remedies ready to send; who is granted what he asked for is not told how to appeal.
    let remedy = if granted { String::new() } else { text("remedy") };
    let decision = Decision::Finish { granted, reason: text("reason"), remedy, result };
    let refused = carry(&desk, &signed, filing, decision, revision).await?;
    answer(&desk, &signed, filing, "finish.html", refused, typed).await
}
