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
            let wide = ui.available_width() > 900.0;
            let width = if wide { ((ui.available_width() - theme::GAP_L) / 2.0).floor() } else { ui.available_width() };
            let left = &mut self.left;
            let mut entries = entries.into_iter().enumerate();
            while entries.len() > 0 {
                ui.horizontal_top(|ui| {
                    ui.spacing_mut().item_spacing.x = theme::GAP_L;
                    for (index, (value, label, sample, fault, manner, told)) in entries.by_ref().take(if wide { 2 } else { 1 }) {
                        let around =
                            Around { label: &label, sample, told, fault: fault.filter(|_| left[index]), ..Around::default() };
                        let heard = ui
                            .allocate_ui_with_layout(egui::vec2(width, 0.0), egui::Layout::top_down(egui::Align::Min), |ui| {
                                ui.set_width(width);
                                field::entry(ui, ("typed", index), value, &around, manner)
                            })
                            .inner;
                        left[index] |= heard.left && !value.is_empty();
                        if heard.changed && manner.digits {
                            let tidy = tidy_number(value);
                            if tidy != *value {
                                *value = tidy;
                            }
                        }
                    }
                });
            }
        });
    }

    /// The identity, or every fault said.
    pub fn finish(&mut self, cx: &Cx<'_>) -> Option<Identity> {
        self.left = [true; 4];
        self.typed.identity(cx.t, words::day(cx.now))
    }
}
