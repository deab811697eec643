//! 手工录入: the four entries, with their faults in words.

use egui::Ui;
use matters::Identity;
use texts::person as t;

use super::typed::{Typed, tidy_number};
use crate::{
    look::theme::{self, Tone},
    screen::{Cx, terms},
    widget::{
        card,
        field::{self, Around, Manner},
    },
    words,
};

/// The entries, and which of them the cursor has left: only those complain.
#[derive(Default)]
pub struct Hand {
    typed: Typed,
    left: [bool; 4],
}

impl Hand {
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let today = words::day(cx.now);
        let faults = self.typed.faults(cx.t, today);
        card::edged(ui, egui::Stroke::new(2.0, theme::AMBER), |ui| {
            ui.spacing_mut().item_spacing.y = theme::GAP;
            card::note(ui, Tone::Warn, &t::by_hand_title(cx.t), &t::by_hand_more(cx.t));
            let told = self
                .typed
                .told_by_number(today)
                .map(|(birth, age, sex)| t::from_number(cx.t, terms::full_day(cx.t, birth), age, words::sex(cx.t, sex)));
            let told = told.unwrap_or_default();
            let entries: [(&mut String, String, String, Option<String>, Manner, String); 4] = [
                (&mut self.typed.name, t::name(cx.t), t::name_sample(cx.t), faults.name, Manner::of(50), String::new()),
                (&mut self.typed.number, t::number(cx.t), t::number_sample(cx.t), faults.number, Manner::DIGITS, told),
                (&mut self.typed.again, t::number_again(cx.t), String::new(), faults.again, Manner::DIGITS, String::new()),
                (
                    &mut self.typed.address,
                    t::address(cx.t),
                    t::address_sample(cx.t),
                    faults.address,
                    Manner::of(120),
                    String::new(),
                ),
            ];
            for (index, (value, label, sample, fault, manner, told)) in entries.into_iter().enumerate() {
                let around =
                    Around { label: &label, sample, told, fault: fault.filter(|_| self.left[index]), ..Around::default() };
                let heard = field::entry(ui, ("typed", index), value, &around, manner);
                self.left[index] |= heard.left && !value.is_empty();
                if heard.changed && manner.digits {
                    let tidy = tidy_number(value);
                    if tidy != *value {
                        *value = tidy;
                    }
                }
            }
        });
    }

    /// The identity, or every fault said.
    pub fn finish(&mut self, cx: &Cx<'_>) -> Option<Identity> {
        self.left = [true; 4];
        self.typed.identity(cx.t, words::day(cx.now))
    }
}
