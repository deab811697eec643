//! 补正: every gap with its page or field and the standard; the phone sentence; the old page beside it.

mod answer;
pub mod item;
mod phone;

use egui::{Sense, Ui, pos2, vec2};
use matters::{About, Correction as Notice, Filing as Sealed, State};
use texts::{correction as t, path};

use self::{answer::Answer, item::Gap};
use crate::{
    look::theme::{self, Tone, bold, size, text},
    screen::{
        Cx,
        capture::picture,
        filing::{self, events, matter_name, newest},
        terms,
    },
    speech::{Place, Wish},
    widget::{badge, button, card, columns, frame},
    words,
};

#[derive(Default)]
pub struct Correction {
    /// The gap whose old page is shown; the first that has one until another was pressed.
    picked: Option<usize>,
    /// The field that is being changed.
    answer: Option<Answer>,
    /// The camera was aimed; now go there.
    to_capture: bool,
    sending: bool,
}

impl Correction {
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
        if std::mem::take(&mut self.to_capture) {
            return Some(Wish::GoTo(Place::Capture));
        }
        let Some(full) = &cx.visit.filing else { return nothing(ui, cx) };
        let row = newest(cx, full);
        let open = row.case.as_ref().filter(|case| case.state == State::InCorrection).and_then(|case| case.correction.as_ref());
        let Some(notice) = open else { return closed(ui, cx) };
        let filing = full.sealed.filing();
        let gaps = item::gaps(cx, notice, filing);
        let foot = self.foot(ui, cx, &gaps);
        let body = frame::body_at(ui, "correction", |ui| {
            heading(ui, cx, filing, notice);
            let stacked = ui.available_width() < 1000.0;
            columns::two(
                ui,
                stacked,
                0.62,
                self,
                |ui, this| {
                    let wish = this.gaps(ui, cx, notice, filing, &gaps);
                    card::card(ui, |ui| {
                        ui.label(text::large(texts::filings::where_(cx.t)));
                        events::show(ui, cx, &events::of(cx, full, row));
                    });
                    ui.add_space(theme::GAP);
                    wish
                },
                |ui, this| {
                    phone::show(ui, cx, filing, notice, &gaps);
                    this.old(ui, cx, filing, &gaps);
                    None
                },
            )
        });
        foot.or(body)
    }

    fn foot(&mut self, ui: &mut Ui, cx: &Cx<'_>, gaps: &[Gap]) -> Option<Wish> {
        let left = gaps.iter().filter(|gap| !gap.done).count();
        let begun = cx.visit.supplement.is_some();
        let sending = self.sending && begun;
        let wish = frame::foot(
            ui,
            |ui| {
                let back = button::secondary(ui, path::back(cx.t)).clicked().then_some(Wish::Back);
                let home = button::link(ui, path::home(cx.t)).clicked().then_some(Wish::GoTo(Place::Home));
                back.or(home)
            },
            |ui| {
                if !begun {
                    return button::primary(ui, texts::filings::mend(cx.t), true).clicked().then_some(Wish::Supplement);
                }
                let send = button::primary(ui, t::send(cx.t), left == 0 && !sending).clicked();
                let line = if sending {
                    t::sending(cx.t)
                } else if left == 0 {
                    t::ready(cx.t)
                } else {
                    t::left(cx.t, left as u64)
                };
                ui.label(text::soft(line));
                badge::state_line(ui, badge::Light::Good, &t::kept(cx.t));
                send.then_some(Wish::SendSupplement)
            },
        );
        self.sending |= matches!(wish, Some(Wish::SendSupplement));
        wish
    }

    fn gaps(&mut self, ui: &mut Ui, cx: &Cx<'_>, notice: &Notice, filing: &Sealed, gaps: &[Gap]) -> Option<Wish> {
        let mut wish = None;
        let chosen = self.chosen(gaps);
        card::card(ui, |ui| {
            let day = terms::day(cx.t, words::day(notice.told_at));
            ui.label(text::large(t::told(cx.t, day, notice.clerk.as_str(), notice.phone.as_str())));
            for (index, gap) in gaps.iter().enumerate() {
                if index > 0 {
                    card::rule(ui);
                }
                wish = wish.take().or(self.gap(ui, cx, index, gap, chosen == index));
                let editing = self.answer.as_ref().is_some_and(|answer| answer.item == gap.item);
                if editing && let Some(answer) = &mut self.answer {
                    let (said, close) = answer.show(ui, cx, filing, gap);
                    wish = wish.take().or(said);
                    if close {
                        self.answer = None;
                    }
                }
            }
        });
        wish
    }

    /// Number, what it is about, what is missing and the standard; at the right what can be done.
    fn gap(&mut self, ui: &mut Ui, cx: &Cx<'_>, index: usize, gap: &Gap, chosen: bool) -> Option<Wish> {
        let width = ui.available_width();
        let begun = cx.visit.supplement.is_some();
        let mut wish = None;
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = theme::GAP;
            let (number, _) = ui.allocate_exact_size(vec2(36.0, 60.0), Sense::hover());
            let ink = if gap.done { theme::GREEN } else { theme::RED };
            ui.painter().text(number.center(), egui::Align2::CENTER_CENTER, index + 1, bold(size::TITLE), ink);
            let room = (width - 36.0 - 250.0 - 2.0 * theme::GAP).max(240.0);
            ui.allocate_ui_with_layout(vec2(room, 0.0), egui::Layout::top_down(egui::Align::Min), |ui| {
                ui.set_width(room);
                ui.spacing_mut().item_spacing.y = 4.0;
                if title(ui, &gap.about, chosen) {
                    self.picked = Some(index);
                }
                ui.label(text::small(&gap.words));
                if let Some(was) = &gap.was {
                    ui.label(text::small(t::was(cx.t, was.as_str())));
                }
            });
            ui.with_layout(egui::Layout::top_down(egui::Align::Max), |ui| {
                if let Some(done) = &gap.done_words {
                    badge::badge(ui, Tone::Good, done);
                }
                if begun {
                    // A row of its own: in a column laid out to the right, words on buttons go right too.
                    let row = egui::Layout::right_to_left(egui::Align::Center);
                    wish = ui
                        .allocate_ui_with_layout(vec2(ui.available_width(), theme::TARGET), row, |ui| {
                            self.act(ui, cx, index, gap)
                        })
                        .inner;
                }
            });
        });
        wish
    }

    fn act(&mut self, ui: &mut Ui, cx: &Cx<'_>, index: usize, gap: &Gap) -> Option<Wish> {
        let (label, name) = match (&gap.target, gap.done) {
            (About::Field { .. }, false) => (t::change(cx.t), t::change_item(cx.t, gap.about.as_str())),
            (About::Page { .. }, false) => (t::retake(cx.t), t::retake_item(cx.t, gap.about.as_str())),
            (About::Material { .. }, false) => (t::take(cx.t), t::take_item(cx.t, gap.about.as_str())),
            (_, true) => (t::again(cx.t), t::again_item(cx.t, gap.about.as_str())),
        };
        let pressed = if gap.done { button::small(ui, label) } else { button::small_primary(ui, label, true) };
        if !pressed.accessible_name(name).clicked() {
            return None;
        }
        self.picked = Some(index);
        match &gap.target {
            About::Field { .. } => {
                self.answer = Some(Answer::of(cx, gap));
                None
            }
            About::Page { material, .. } | About::Material { material } => {
                self.to_capture = true;
                Some(Wish::Aim { material: material.clone() })
            }
        }
    }

    /// The gap whose old page is shown.
    fn chosen(&self, gaps: &[Gap]) -> usize {
        let first = gaps.iter().position(|gap| gap.old.is_some()).unwrap_or(0);
        self.picked.filter(|picked| *picked < gaps.len()).unwrap_or(first)
    }

    /// 原来那一页 of the chosen gap, and the new one below it once it is there.
    fn old(&self, ui: &mut Ui, cx: &Cx<'_>, filing: &Sealed, gaps: &[Gap]) {
        let Some(gap) = gaps.get(self.chosen(gaps)) else { return };
        card::card(ui, |ui| {
            ui.label(text::title(t::old_page(cx.t)));
            match &gap.old {
                Some(page) => picture::page(ui, cx, page, 440.0, &t::old_page_name(cx.t, gap.about.as_str())),
                None => drop(ui.label(text::soft(t::old_none(cx.t)))),
            }
            if let Some(new) = &gap.new {
                ui.label(text::large(t::new_page(cx.t)));
                let matter = cx.catalogue.matter(&filing.matter);
                picture::page(ui, cx, new, 440.0, &filing::page_name(cx, matter, new));
            }
        });
    }
}

/// What the gap is about, as something to press: its old page shows at the right.
fn title(ui: &mut Ui, words: &str, chosen: bool) -> bool {
    let ink = if chosen { theme::PRIMARY } else { theme::INK };
    let galley = ui.painter().layout(words.to_owned(), bold(size::LARGE), ink, ui.available_width());
    let (rect, response) = ui.allocate_exact_size(galley.size() + vec2(0.0, 8.0), Sense::click());
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, chosen, words));
    ui.painter().galley(pos2(rect.left(), rect.top() + 4.0), galley, ink);
    if chosen || response.has_focus() {
        ui.painter().hline(rect.x_range(), rect.bottom(), egui::Stroke::new(2.0, theme::PRIMARY));
    }
    response.clicked()
}

fn heading(ui: &mut Ui, cx: &Cx<'_>, filing: &Sealed, notice: &Notice) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = theme::GAP;
        let name = filing.applicant.name.expose().as_str();
        ui.label(text::hero(texts::filings::page_title(cx.t, name, matter_name(cx, &filing.matter))));
        let today = words::day(cx.now);
        let (word, tone) = match notice.due.cmp(&today) {
            std::cmp::Ordering::Less => (t::badge_overdue(cx.t), Tone::Bad),
            std::cmp::Ordering::Equal => (t::badge_today(cx.t), Tone::Bad),
            std::cmp::Ordering::Greater => (t::badge_due(cx.t, terms::day(cx.t, notice.due)), Tone::Warn),
        };
        badge::badge(ui, tone, &word);
    });
}

fn nothing(ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
    leave(ui, cx, &t::no_correction(cx.t))
}

fn closed(ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
    leave(ui, cx, &t::closed(cx.t))
}

fn leave(ui: &mut Ui, cx: &Cx<'_>, words: &str) -> Option<Wish> {
    let foot = frame::foot(ui, |ui| button::secondary(ui, path::back(cx.t)).clicked().then_some(Wish::Back), |_| None);
    frame::body_at(ui, "correction", |ui| card::note(ui, Tone::Warn, "", words));
    foot
}
