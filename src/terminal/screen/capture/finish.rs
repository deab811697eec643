//! 拍法: on what paper a material is written, in which colours its pages are kept, and whether they say what they are for.

use egui::{Ui, vec2};
use scan::{Paper, Tone};
use texts::capture as t;

use crate::{
    look::theme::{size, text},
    screen::Cx,
    speech::{Finish, Wish},
    widget::{button, card},
};

/// Room for the words at the left of the choices.
const LABEL_WIDTH: f32 = 104.0;
const TONES: [Tone; 3] = [Tone::Colour, Tone::Grey, Tone::Clean];

fn paper(cx: &Cx<'_>, paper: Paper) -> String {
    match paper {
        Paper::Auto => t::paper_auto(cx.t),
        Paper::A4 => t::paper_a4(cx.t),
        Paper::A5 => t::paper_a5(cx.t),
        Paper::Card => t::paper_card(cx.t),
        Paper::Booklet => t::paper_booklet(cx.t),
        Paper::Receipt => t::paper_receipt(cx.t),
        Paper::Free => t::paper_free(cx.t),
        Paper::Whole => t::paper_whole(cx.t),
    }
}

fn tone(cx: &Cx<'_>, tone: Tone) -> String {
    match tone {
        Tone::Colour => t::tone_colour(cx.t),
        Tone::Grey => t::tone_grey(cx.t),
        Tone::Clean => t::tone_clean(cx.t),
    }
}

/// The finish in a few words, for the button that opens the choices.
pub fn said(cx: &Cx<'_>, finish: Finish) -> String {
    let watermark = if finish.watermark { t::watermark_with(cx.t) } else { t::watermark_without(cx.t) };
    t::finish_said(cx.t, paper(cx, finish.paper), tone(cx, finish.tone), watermark)
}

/// What came of this pass.
pub enum Said {
    Nothing,
    Close,
    Wish(Wish),
}

/// All choices at once, the ones in force filled. `anew`: the page just taken follows them.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, material: &str, finish: Finish, anew: bool) -> Said {
    let mut chosen = None;
    let mut close = false;
    card::card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 8.0;
        let row = |ui: &mut Ui, label: String, add: &mut dyn FnMut(&mut Ui)| {
            ui.horizontal_top(|ui| {
                ui.allocate_ui_with_layout(vec2(LABEL_WIDTH, 52.0), egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    ui.set_min_width(LABEL_WIDTH);
                    ui.label(text::small_strong(label));
                });
                ui.horizontal_wrapped(|ui| {
                    ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
                    add(ui);
                });
            });
        };
        row(ui, t::paper(cx.t), &mut |ui| {
            for one in Paper::ALL {
                if button::choice_small(ui, paper(cx, one), finish.paper == one).clicked() {
                    chosen = Some(Finish { paper: one, ..finish });
                }
            }
        });
        row(ui, t::tone(cx.t), &mut |ui| {
            for one in TONES {
                if button::choice_small(ui, tone(cx, one), finish.tone == one).clicked() {
                    chosen = Some(Finish { tone: one, ..finish });
                }
            }
        });
        row(ui, t::watermark_label(cx.t), &mut |ui| {
            for (words, on) in [(t::watermark_on(cx.t), true), (t::watermark_off(cx.t), false)] {
                if button::choice_small(ui, words, finish.watermark == on).clicked() {
                    chosen = Some(Finish { watermark: on, ..finish });
                }
            }
        });
        ui.horizontal(|ui| {
            close = button::small_primary(ui, t::finish_close(cx.t), true).clicked();
            let line = if anew { t::finish_anew(cx.t) } else { t::finish_next(cx.t) };
            ui.add(egui::Label::new(text::small(line).size(size::SMALL)).wrap());
        });
    });
    match chosen.filter(|chosen| *chosen != finish) {
        Some(finish) => Said::Wish(Wish::Finish { material: material.to_owned(), finish }),
        None if close => Said::Close,
        None => Said::Nothing,
    }
}
