//! 送达: who took the result and how. The village hands most results over itself.

use egui::Ui;
use matters::{DELIVERY_WAYS, Role, State, What, state::Verb};
use outbox::{ActState, FilingFull, FilingRow};
use texts::filings as t;

use crate::{
    look::theme::{self, text},
    screen::Cx,
    widget::{
        button, card,
        field::{self, Around, Manner},
    },
};

/// Characters of a name.
const NAME_CHARS_MAX: usize = 50;

pub struct Deliver {
    collector: String,
    way: usize,
    tried: bool,
}

pub enum Said {
    Nothing,
    Not,
    Send { collector: String, way: String },
}

/// Decided, not delivered, and no word of it on the way.
pub fn possible(full: &FilingFull, row: &FilingRow) -> bool {
    let state: Option<State> = row.case.as_ref().map(|case| case.state);
    let waits = |(act, state): &(matters::Act, ActState)| {
        matches!(act.what, What::Deliver { .. }) && matches!(state, ActState::Waiting | ActState::Acknowledged { .. })
    };
    state.is_some_and(|state| state.next(Verb::Deliver, Role::Agent).is_ok()) && !full.acts.iter().any(waits)
}

impl Deliver {
    /// The applicant himself takes it most often.
    pub fn to(collector: &str) -> Self {
        Self { collector: collector.to_owned(), way: 0, tried: false }
    }

    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Said {
        card::edged(ui, egui::Stroke::new(2.0, theme::PRIMARY), |ui| {
            ui.spacing_mut().item_spacing.y = 12.0;
            ui.label(text::title(t::deliver_title(cx.t)));
            ui.label(text::body(t::deliver_more(cx.t)));
            let label = t::deliver_collector(cx.t);
            let empty = self.collector.trim().is_empty();
            let fault = (self.tried && empty).then(|| t::deliver_collector_empty(cx.t));
            let around = Around { label: &label, sample: t::deliver_sample(cx.t), fault, ..Around::default() };
            field::entry(ui, "deliver-collector", &mut self.collector, &around, Manner::of(NAME_CHARS_MAX));
            let label = t::deliver_way(cx.t);
            let words = DELIVERY_WAYS.map(|way| t::lookup(cx.t, &format!("way-{way}"), &[]).unwrap_or_default());
            let options = words.map(|way| (way.clone(), way));
            let chosen: Vec<bool> = (0..options.len()).map(|at| at == self.way).collect();
            if let Some(way) = field::choices(ui, &Around { label: &label, ..Around::default() }, &options, &chosen) {
                self.way = way;
            }
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = theme::GAP;
                if button::small_primary(ui, t::deliver_send(cx.t), true).clicked() {
                    self.tried = true;
                    if !empty {
                        let way = DELIVERY_WAYS[self.way].to_owned();
                        return Said::Send { collector: self.collector.trim().to_owned(), way };
                    }
                }
                if button::small(ui, t::deliver_not(cx.t)).clicked() {
                    return Said::Not;
                }
                Said::Nothing
            })
            .inner
        })
        .inner
    }
}
