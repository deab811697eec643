//! Nothing works until this is mended: what is safe, what happened, what to do, the reference.

use std::path::{Path, PathBuf};

use egui::{CentralPanel, Frame, Layout, Margin, ScrollArea, Ui, vec2};

use super::Cx;
use crate::{
    config::Complaint,
    look::theme::{self, Tone, text},
    speech::Wish,
    widget::{badge::badge, button, card},
    words,
};

pub struct Trouble {
    /// Stable code, e.g. `cabinet_wrong_key`.
    code: String,
    reference: String,
    /// What is wrong with the configuration, when that is the trouble.
    complaints: Vec<Complaint>,
    file: PathBuf,
}

impl Trouble {
    pub fn of(code: impl Into<String>, reference: String) -> Self {
        Self { code: code.into(), reference, complaints: Vec::new(), file: PathBuf::new() }
    }

    pub fn config(file: &Path, complaints: Vec<Complaint>) -> Self {
        Self { code: "config".into(), reference: String::new(), complaints, file: file.to_owned() }
    }

    pub fn code(&self) -> &str {
        &self.code
    }

    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
        let frame = Frame::new().fill(theme::PAPER).inner_margin(Margin::symmetric(40, 56));
        CentralPanel::default()
            .frame(frame)
            .show(ui, |ui| {
                let width = ui.available_width().min(1040.0);
                let side = (ui.available_width() - width) / 2.0;
                ScrollArea::vertical()
                    .show(ui, |ui| {
                        ui.horizontal_top(|ui| {
                            ui.add_space(side);
                            ui.allocate_ui_with_layout(vec2(width - 14.0, 0.0), Layout::top_down(egui::Align::Min), |ui| {
                                ui.spacing_mut().item_spacing.y = theme::GAP;
                                self.body(ui, cx)
                            })
                            .inner
                        })
                        .inner
                    })
                    .inner
            })
            .inner
    }

    fn body(&self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
        if self.complaints.is_empty() {
            let safe = texts::trouble::lookup(cx.t, &format!("{}_safe", self.code), &[])
                .unwrap_or_else(|| texts::trouble::cabinet_other_safe(cx.t));
            self.head(ui, cx, &words::cabinet_title(cx.t, &self.code), &safe);
            card::card(ui, |ui| {
                ui.label(text::small(texts::trouble::do_(cx.t)));
                ui.label(text::large(words::cabinet_words(cx.t, &self.code)));
            });
        } else {
            let title = texts::trouble::config_title(cx.t, self.complaints.len() as u64);
            self.head(ui, cx, &title, &texts::trouble::config_safe(cx.t));
            card::card(ui, |ui| {
                ui.label(text::small(texts::trouble::do_(cx.t)));
                ui.label(text::large(texts::trouble::config_do(cx.t)));
                ui.label(text::small(texts::trouble::config_file(cx.t, self.file.display().to_string())));
                for complaint in &self.complaints {
                    card::rule(ui);
                    let key =
                        if complaint.key.is_empty() { texts::trouble::config_whole_file(cx.t) } else { complaint.key.clone() };
                    let args = [("detail", complaint.detail.clone())];
                    let words = texts::trouble::lookup(cx.t, &format!("complaint-{}", complaint.code), &args);
                    card::fact(ui, 320.0, &key, &words.unwrap_or_else(|| complaint.code.to_owned()));
                }
            });
        }
        if !self.reference.is_empty() {
            ui.label(text::small(texts::common::reference(cx.t, self.reference.as_str())));
        }
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = theme::GAP_L;
            let again = button::primary(ui, texts::trouble::again(cx.t), true).clicked().then_some(Wish::Restart);
            let leave = button::secondary(ui, texts::trouble::leave(cx.t)).clicked().then_some(Wish::Leave);
            again.or(leave)
        })
        .inner
    }

    /// Safe first, then what happened.
    fn head(&self, ui: &mut Ui, cx: &Cx<'_>, title: &str, safe: &str) {
        badge(ui, Tone::Good, &texts::trouble::safe(cx.t));
        ui.label(text::large(safe).color(theme::GREEN));
        ui.label(text::hero(title));
    }
}
