//! 用上次填的: answers of the same person's earlier filing, only when he agrees. The name finds
//! candidates; whether it is the same person is decided by the number, in the filing itself.

use egui::Ui;
use outbox::{FilingRow, Stage};
use texts::form as t;

use super::Pass;
use crate::{
    look::theme::text,
    screen::{Cx, home, terms},
    speech::Wish,
    widget::{button, card},
    words,
};

/// The offer beside the form; nothing when nobody of this name filed here, or nothing can be taken over.
pub(super) fn offer(ui: &mut Ui, cx: &Cx<'_>, pass: &Pass<'_>) -> Option<Wish> {
    let person = cx.visit.applicant()?;
    let names: Vec<&str> =
        pass.matter.fields().filter(|field| field.reuse).map(|field| words::said(cx.t, &field.label)).collect();
    if names.is_empty() || cx.visit.reused {
        return None;
    }
    let row = newest(&cx.overview.filings, person.name.expose())?;
    let mut wish = None;
    card::card(ui, |ui| {
        ui.label(text::large(t::reuse_title(cx.t)));
        ui.label(text::small(t::reuse_from(cx.t, home::matter_name(cx, &row.matter), terms::moment(cx.t, row.sealed_at))));
        ui.label(text::small(t::reuse_what(cx.t, terms::list(cx.t, &names))));
        if button::small(ui, t::reuse(cx.t)).clicked() {
            wish = Some(Wish::Reuse(row.id));
        }
    });
    wish
}

/// What was filed last under this name and was not put aside.
fn newest<'r>(rows: &'r [FilingRow], name: &str) -> Option<&'r FilingRow> {
    let same = rows.iter().filter(|row| row.applicant_name.expose() == name && row.stage != Stage::Quarantined);
    same.max_by_key(|row| row.sealed_at)
}
