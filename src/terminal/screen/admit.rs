//! The first start: asks for the hall's address and the one-time code, and admits this machine.

use egui::{CentralPanel, Frame, Layout, Margin, TextEdit, Ui, vec2};

use super::Cx;
use crate::{
    look::theme::{self, Tone, regular, size, text},
    speech::Wish,
    widget::{button, card, once},
    words,
};

#[derive(Default)]
pub struct Admit {
    hall: String,
    code: String,
    asking: bool,
    failed: Option<String>,
}

impl Admit {
    pub fn asked(&mut self) {
        self.asking = true;
        self.failed = None;
    }

    pub fn failed(&mut self, code: String) {
        self.asking = false;
        self.failed = Some(code);
    }

    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
        let frame = Frame::new().fill(theme::PAPER).inner_margin(Margin::symmetric(40, 40));
        CentralPanel::default()
            .frame(frame)
            .show(ui, |ui| {
                let width = ui.available_width().min(860.0);
                let side = (ui.available_width() - width) / 2.0;
                ui.horizontal_top(|ui| {
                    ui.add_space(side);
                    ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(egui::Align::Min), |ui| self.entry(ui, cx))
                        .inner
                })
                .inner
            })
            .inner
    }

    fn entry(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
        ui.spacing_mut().item_spacing.y = 12.0;
        ui.label(text::hero(texts::admission::title(cx.t)));
        ui.label(text::soft(texts::admission::lead(cx.t)));
        card::card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 10.0;
            let label = ui.label(text::strong(texts::admission::hall(cx.t)));
            let hall = ui.add(line(&mut self.hall, 200)).labelled_by(label.id);
            once::focus_once(ui, &hall, hall.id);
            ui.label(text::small(texts::admission::hall_hint(cx.t)));
            let label = ui.label(text::strong(texts::admission::code(cx.t)));
            ui.add(line(&mut self.code, 60)).labelled_by(label.id);
            ui.label(text::small(texts::admission::code_hint(cx.t)));
            if let Some(code) = &self.failed {
                card::note(ui, Tone::Bad, &texts::admission::failed(cx.t), &self.why(cx, code));
            }
            ui.add_space(theme::GAP_S);
            let ready = !self.asking && !self.hall.trim().is_empty() && !self.code.trim().is_empty();
            let words = if self.asking { texts::admission::asking(cx.t) } else { texts::admission::admit(cx.t) };
            let pressed = button::primary(ui, words, ready).clicked();
            pressed.then(|| Wish::Admit { hall: self.hall.trim().to_owned(), code: self.code.trim().to_owned() })
        })
        .inner
    }

    fn why(&self, cx: &Cx<'_>, code: &str) -> String {
        if code.starts_with("cabinet_") {
            format!("{} {}", words::cabinet_title(cx.t, code), words::cabinet_words(cx.t, code))
        } else {
            words::line_trouble(cx.t, code)
        }
    }
}

fn line(value: &mut String, chars_max: usize) -> TextEdit<'_> {
    let frame =
        Frame::new().fill(theme::CARD).stroke(theme::STROKE).corner_radius(theme::RADIUS).inner_margin(Margin::symmetric(16, 12));
    TextEdit::singleline(value).font(regular(size::LARGE)).char_limit(chars_max).frame(frame).desired_width(f32::INFINITY)
}
