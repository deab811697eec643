//! 办理结果: what the hall said at the end, and the files it gave.

use egui::Ui;
use outbox::FilingRow;
use texts::filings as t;

use crate::{
    look::theme::text,
    screen::Cx,
    speech::Wish,
    widget::{button, card},
    words,
};

pub fn show(ui: &mut Ui, cx: &Cx<'_>, row: &FilingRow) -> Option<Wish> {
    let case = row.case.as_ref()?;
    if case.results.is_empty() && case.reason.is_none() {
        return None;
    }
    let mut wish = None;
    card::card(ui, |ui| {
        ui.label(text::title(t::result_title(cx.t)));
        if let Some(reason) = &case.reason {
            ui.label(text::small(t::reason(cx.t)));
            ui.label(text::body(reason));
        }
        for result in &case.results {
            ui.label(text::strong(&result.title));
            let kind = result.media_type.rsplit('/').next().unwrap_or_default().to_uppercase();
            ui.label(text::small(t::result_size(cx.t, kind, words::bytes(result.bytes))));
            if button::small_primary(ui, t::result_save(cx.t, result.title.as_str()), true).clicked() {
                wish = Some(Wish::SaveResult(result.sha256));
            }
        }
    });
    wish
}
