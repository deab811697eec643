//! 打电话这样说: one sentence that the agent can read aloud.

use egui::Ui;
use matters::{About, Capacity, Correction, Filing, Value};
use texts::correction as t;

use super::item::Gap;
use crate::{
    look::theme::{self, bold, size, text},
    screen::{Cx, filing::matter_name, terms},
    widget::card,
    words,
};

pub fn show(ui: &mut Ui, cx: &Cx<'_>, filing: &Filing, correction: &Correction, gaps: &[Gap]) {
    card::card(ui, |ui| {
        ui.label(text::title(t::phone_title(cx.t)));
        ui.label(text::body(sentence(cx, filing, correction, gaps)));
        if let Some(phone) = phone(filing) {
            ui.label(egui::RichText::new(phone).font(bold(size::TITLE)).color(theme::INK));
        }
    });
}

/// Says what is missing and exactly what to bring; nothing else is asked for.
pub fn sentence(cx: &Cx<'_>, filing: &Filing, correction: &Correction, gaps: &[Gap]) -> String {
    let name = filing.applicant.name.expose().as_str();
    let agent = cx.agent.map(|agent| agent.name.as_str()).unwrap_or_default();
    let matter = matter_name(cx, &filing.matter);
    let missing: Vec<String> = gaps.iter().map(|gap| gap.what.trim_end_matches(['。', '.']).to_owned()).collect();
    let missing = terms::list(cx.t, &missing);
    let today = words::day(cx.now);
    let when = if correction.due <= today {
        t::phone_when_today(cx.t)
    } else {
        t::phone_when_date(cx.t, terms::day(cx.t, correction.due))
    };
    let mut bring: Vec<&str> = Vec::new();
    for gap in gaps {
        if !matches!(gap.target, About::Field { .. }) && !bring.contains(&gap.about.as_str()) {
            bring.push(&gap.about);
        }
    }
    let point = filing.point.name.as_str();
    if bring.is_empty() {
        t::phone_fields(cx.t, name, point, agent, matter, missing, when)
    } else {
        t::phone_pages(cx.t, name, point, agent, matter, missing, when, terms::list(cx.t, &bring))
    }
}

/// The number to call: the one in the form, else that of who acts on behalf.
fn phone(filing: &Filing) -> Option<String> {
    if let Some(Value::Text(phone)) = filing.answers.get("phone") {
        return Some(phone.expose().clone());
    }
    match &filing.capacity {
        Capacity::OnBehalf { mandate } => Some(mandate.proxy_phone.expose().clone()),
        Capacity::Committee { officer_phone, .. } => Some(officer_phone.expose().clone()),
        Capacity::Myself | Capacity::Guardian { .. } => None,
    }
}
