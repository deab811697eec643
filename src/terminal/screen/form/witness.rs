//! 见面见证: somebody saw the resident in person. No face, no fingerprint.

use egui::Ui;
use matters::{Personal, Witness};
use texts::form as t;

use crate::{
    look::theme::{self, Tone, text},
    screen::Cx,
    speech::Wish,
    widget::{
        badge, button, card,
        field::{self, Around, Manner},
    },
    words,
};

const ROLES: [&str; 3] = ["agent", "neighbour", "official"];

/// The witness as entered, before the act.
#[derive(Default)]
pub struct WitnessEntry {
    name: String,
    role: usize,
    filled: bool,
    /// "Next" was pressed without a witness.
    pub tried: bool,
    /// A witness is recorded in the draft.
    pub stands: bool,
}

impl WitnessEntry {
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
        let recorded = cx.visit.draft.as_ref().and_then(|draft| draft.witness.as_ref());
        self.stands = recorded.is_some();
        let resident = cx.visit.applicant()?.name.expose();
        if !self.filled {
            self.filled = true;
            self.name = cx.agent.map(|agent| agent.name.clone()).unwrap_or_default();
        }
        let edge = if self.stands { theme::GREEN } else { theme::LINE };
        card::edged(ui, egui::Stroke::new(if self.stands { 2.0 } else { 1.0 }, edge), |ui| {
            ui.spacing_mut().item_spacing.y = 12.0;
            ui.label(text::large(t::witness_title(cx.t)));
            ui.label(text::small(t::witness_more(cx.t)));
            if let Some(witness) = recorded {
                badge::badge(ui, Tone::Good, &t::witness_done(cx.t, words::clock(witness.at), witness.name.expose().as_str()));
                return button::small(ui, t::witness_again(cx.t)).clicked().then_some(Wish::Witness(None));
            }
            self.ask(ui, cx, resident)
        })
        .inner
    }

    fn ask(&mut self, ui: &mut Ui, cx: &Cx<'_>, resident: &str) -> Option<Wish> {
        let label = t::witness_role(cx.t);
        let options =
            [t::witness_agent(cx.t), t::witness_neighbour(cx.t), t::witness_official(cx.t)].map(|word| (word.clone(), word));
        let chosen: Vec<bool> = (0..ROLES.len()).map(|index| index == self.role).collect();
        if let Some(pressed) = field::choices(ui, &Around { label: &label, ..Around::default() }, &options, &chosen) {
            self.role = pressed;
            self.name = if pressed == 0 { cx.agent.map(|agent| agent.name.clone()).unwrap_or_default() } else { String::new() };
        }
        let label = t::witness_name(cx.t);
        let empty = self.name.trim().is_empty();
        let fault = (self.tried && empty).then(|| t::witness_needed(cx.t));
        field::entry(ui, "witness-name", &mut self.name, &Around { label: &label, fault, ..Around::default() }, Manner::of(50));
        let seen = button::small_primary(ui, t::witness_seen(cx.t, resident), !empty).clicked();
        if self.tried && !empty {
            ui.label(text::small_strong(t::witness_needed(cx.t)).color(theme::RED));
        }
        seen.then(|| {
            Wish::Witness(Some(Witness { name: Personal::from(self.name.trim()), role: ROLES[self.role].to_owned(), at: cx.now }))
        })
    }
}
