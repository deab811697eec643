//! 撤回: only with a reason, and only while the case is open.

use egui::Ui;
use matters::State;
use outbox::{FilingRow, Stage};
use texts::filings as t;

use crate::{
    look::theme::{self, text},
    screen::Cx,
    widget::{
        button, card,
        field::{self, Around, Manner},
    },
};

#[derive(Default)]
pub struct Withdraw {
    reason: String,
    tried: bool,
}

pub enum Said {
    Nothing,
    Not,
    Send(String),
}

/// What is closed cannot be withdrawn; what the hall refuses for good is nobody's case.
pub fn possible(row: &FilingRow) -> bool {
    match (row.stage, row.case.as_ref().map(|case| case.state)) {
        (Stage::Quarantined, _) => false,
        (_, None) => true,
        (
            _,
            Some(
                State::Received
                | State::InCorrection
                | State::Corrected
                | State::Accepted
                | State::SpecialProcedure
                | State::Forwarded,
            ),
        ) => true,
        (_, Some(_)) => false,
    }
}

impl Withdraw {
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Said {
        card::edged(ui, egui::Stroke::new(2.0, theme::RED), |ui| {
            ui.spacing_mut().item_spacing.y = 12.0;
            ui.label(text::title(t::withdraw_title(cx.t)));
            ui.label(text::body(t::withdraw_more(cx.t)));
            let label = t::withdraw_reason(cx.t);
            let empty = self.reason.trim().is_empty();
            let fault = (self.tried && empty).then(|| t::withdraw_reason_empty(cx.t));
            let around = Around { label: &label, sample: t::withdraw_sample(cx.t), fault, ..Around::default() };
            field::entry(ui, "withdraw-reason", &mut self.reason, &around, Manner::of(200));
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = theme::GAP;
                if button::danger(ui, t::withdraw_send(cx.t), true).clicked() {
                    self.tried = true;
                    if !empty {
                        return Said::Send(self.reason.trim().to_owned());
                    }
                }
                if button::secondary(ui, t::withdraw_not(cx.t)).clicked() {
                    return Said::Not;
                }
                Said::Nothing
            })
            .inner
        })
        .inner
    }
}
