//! Surfaces: cards, notes, rows.

use egui::{Frame, InnerResponse, Margin, Stroke, Ui, vec2};

use crate::look::theme::{self, Tone, text};

/// A white card with a thin border; fills the width it is given.
pub fn card<R>(ui: &mut Ui, add: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
    edged(ui, theme::STROKE, add)
}

/// A card whose border says something: green for a card that was read, primary for the chosen one.
pub fn edged<R>(ui: &mut Ui, stroke: Stroke, add: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
    Frame::new().fill(theme::CARD).stroke(stroke).corner_radius(theme::RADIUS_CARD).inner_margin(Margin::symmetric(28, 22)).show(
        ui,
        |ui| {
            ui.set_min_width(ui.available_width());
            add(ui)
        },
    )
}

/// A coloured note: title, then what follows from it.
pub fn note(ui: &mut Ui, tone: Tone, title: &str, words: &str) {
    note_with(ui, tone, title, words, |_| {});
}

/// A note that ends in something to press.
pub fn note_with<R>(ui: &mut Ui, tone: Tone, title: &str, words: &str, add: impl FnOnce(&mut Ui) -> R) -> R {
    Frame::new()
        .fill(tone.ground())
        .stroke(Stroke::new(1.0, tone.ink().gamma_multiply(0.25)))
        .corner_radius(theme::RADIUS_CARD)
        .inner_margin(Margin::symmetric(24, 18))
        .show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            if !title.is_empty() {
                ui.label(text::strong(title).color(tone.ink()));
            }
            if !words.is_empty() {
                ui.label(text::body(words));
            }
            add(ui)
        })
        .inner
}

/// The thin line between rows.
pub fn rule(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 1.0), egui::Sense::hover());
    ui.painter().hline(rect.x_range(), rect.center().y, Stroke::new(1.0, theme::LINE_SOFT));
}

/// Label and value in two columns, the label `label_width` wide.
pub fn fact(ui: &mut Ui, label_width: f32, label: &str, value: &str) {
    fact_with(ui, label_width, label, |ui| {
        ui.label(text::body(value));
    });
}

/// As [`fact`], with whatever stands for the value.
pub fn fact_with<R>(ui: &mut Ui, label_width: f32, label: &str, add: impl FnOnce(&mut Ui) -> R) -> R {
    ui.horizontal_top(|ui| {
        ui.allocate_ui_with_layout(vec2(label_width, 30.0), egui::Layout::top_down(egui::Align::Min), |ui| {
            ui.set_min_width(label_width);
            ui.label(text::soft(label));
        });
        ui.vertical(add).inner
    })
    .inner
}
