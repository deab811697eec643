//! What the same person filed here before, and that a card is not a person.

use egui::Ui;
use matters::State;
use outbox::FilingRow;
use texts::person as t;

use crate::{
    look::theme::{Tone, text},
    screen::{Cx, terms},
    speech::Wish,
    widget::{badge, button, card},
    words,
};

/// So many are listed; the rest stand in the list of filings.
const SHOWN_MAX: usize = 2;

pub fn show(ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
    let person = cx.visit.applicant()?;
    let mut rows: Vec<&FilingRow> =
        cx.overview.filings.iter().filter(|row| row.applicant_name.expose() == person.name.expose()).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.sealed_at));
    let mut wish = None;
    card::card(ui, |ui| {
        ui.label(text::title(t::earlier(cx.t)));
        if rows.is_empty() {
            ui.label(text::soft(t::earlier_none(cx.t)));
        }
        if !rows.is_empty() {
            ui.label(text::small(t::earlier_same_name(cx.t)));
        }
        for row in rows.into_iter().take(SHOWN_MAX) {
            wish = wish.take().or(one(ui, cx, row));
        }
    });
    card::note(ui, Tone::Warn, &t::person_first(cx.t), &t::person_first_more(cx.t, person.name.expose().as_str()));
    wish
}

fn one(ui: &mut Ui, cx: &Cx<'_>, row: &FilingRow) -> Option<Wish> {
    let name = cx.catalogue.matter(&row.matter).map_or(row.matter.as_str(), |matter| words::said(cx.t, &matter.name));
    let (state, tone) = terms::stage(cx.t, row);
    let mend = row.case.as_ref().is_some_and(|case| case.state == State::InCorrection);
    card::rule(ui);
    ui.label(text::strong(name));
    ui.horizontal_wrapped(|ui| {
        badge::badge(ui, tone, &state);
        let pressed = if mend {
            button::small_primary(ui, t::earlier_mend(cx.t), true)
                .accessible_name(t::earlier_mend_name(cx.t, row.case_number.as_str()))
        } else {
            button::small(ui, t::earlier_open(cx.t, row.case_number.as_str()))
        };
        pressed.clicked().then_some(Wish::OpenFiling(row.id))
    })
    .inner
}
