//! What the card (or the person typed by hand) tells: shown once, together, never asked.

use egui::{Frame, Margin, Ui};
use matters::{Field, FieldKind, Value, form, matter::Prefill};
use texts::form as t;

use super::Pass;
use crate::{
    look::theme::{self, Tone, text},
    screen::{Cx, terms},
    speech::Wish,
    widget::{badge, card},
    words,
};

/// Fields that are the person and nothing else. An address on a card may be old and is only
/// proposed; the owner of an account is judged where it stands.
fn is_person(prefill: Option<Prefill>) -> bool {
    match prefill {
        Some(
            Prefill::CardName
            | Prefill::CardNumber
            | Prefill::CardBirth
            | Prefill::CardSex
            | Prefill::CardNation
            | Prefill::CardKind
            | Prefill::AgeBand,
        ) => true,
        Some(Prefill::CardAddress | Prefill::Today | Prefill::PayeeOwner) | None => false,
    }
}

/// True when the person tells this field and the answer stands.
pub(super) fn is_given(cx: &Cx<'_>, pass: &Pass<'_>, field: &Field) -> bool {
    is_person(field.prefill)
        && told(cx, pass).get(&field.key).is_some_and(|value| pass.situation.answers.get(&field.key) == Some(value))
}

fn told(cx: &Cx<'_>, pass: &Pass<'_>) -> matters::Answers {
    cx.visit.applicant().map(|person| form::prefill(pass.matter, person, words::day(cx.now))).unwrap_or_default()
}

/// The person was read or typed anew: what the form says of him follows.
pub(super) fn mend(cx: &Cx<'_>, pass: &Pass<'_>) -> Option<Wish> {
    let told = told(cx, pass);
    let field = pass.groups.iter().flat_map(|(_, fields)| fields).find(|field| {
        is_person(field.prefill)
            && told.get(&field.key).is_some_and(|value| pass.situation.answers.get(&field.key) != Some(value))
    })?;
    Some(Wish::Answer { field: field.key.clone(), value: told.get(&field.key).cloned() })
}

/// True when the answer is still what the card proposed: marked, and free to be changed.
pub(super) fn is_proposed(cx: &Cx<'_>, field: &Field, value: Option<&Value>) -> bool {
    let (Some(Prefill::CardAddress), Some(Value::Text(value)), Some(person)) = (field.prefill, value, cx.visit.applicant())
    else {
        return false;
    };
    value == &person.address
}

/// Where the person's data came from, as a mark beside a field.
pub(super) fn mark(cx: &Cx<'_>) -> (String, Tone) {
    if cx.visit.by_card() { (t::from_card(cx.t), Tone::Good) } else { (t::from_hand(cx.t), Tone::Warn) }
}

/// All given fields in one block, two columns.
pub(super) fn block(ui: &mut Ui, cx: &Cx<'_>, fields: &[&Field]) {
    if fields.is_empty() {
        return;
    }
    let (word, tone) = mark(cx);
    Frame::new()
        .fill(tone.ground().gamma_multiply(0.55))
        .stroke(egui::Stroke::new(1.0, tone.ink().gamma_multiply(0.25)))
        .corner_radius(theme::RADIUS_CARD)
        .inner_margin(Margin::symmetric(24, 16))
        .show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            badge::badge(ui, tone, &word);
            ui.add_space(4.0);
            let two = ui.available_width() > 760.0;
            let width = if two { (ui.available_width() - theme::GAP_L) / 2.0 } else { ui.available_width() };
            for pair in fields.chunks(if two { 2 } else { 1 }) {
                ui.horizontal_top(|ui| {
                    ui.spacing_mut().item_spacing.x = theme::GAP_L;
                    for field in pair {
                        ui.allocate_ui_with_layout(egui::vec2(width, 0.0), egui::Layout::top_down(egui::Align::Min), |ui| {
                            ui.set_width(width);
                            card::fact_with(ui, 130.0, words::said(cx.t, &field.label), |ui| {
                                ui.label(text::body(value_words(cx, field)));
                            });
                        });
                    }
                });
            }
        });
}

fn value_words(cx: &Cx<'_>, field: &Field) -> String {
    let value = cx.visit.draft.as_ref().and_then(|draft| draft.answers.get(&field.key));
    let Some(value) = value else { return String::new() };
    if field.kind == FieldKind::CitizenNumber
        && let Value::Text(number) = value
    {
        return matters::identity::mask_number(number.expose());
    }
    terms::value(cx.t, field, value)
}
