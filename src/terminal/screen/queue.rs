//! The upload queue: what the hall has not received, how far each is, what to do about it.

use egui::{Align, Layout, Ui};
use outbox::{FilingRow, Stage};

use super::{Cx, home};
use crate::{
    look::theme::{self, Tone, text},
    speech::{Place, Wish},
    widget::{
        badge::{badge, progress},
        button, card, frame,
    },
    words,
};

const ROWS_MAX: usize = 7;

#[derive(Default)]
pub struct Queue {
    page: usize,
}

impl Queue {
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
        let waiting: Vec<&FilingRow> = cx.overview.filings.iter().filter(|row| row.stage != Stage::Received).collect();
        let from_foot = frame::foot(
            ui,
            |ui| button::secondary(ui, texts::queue::back(cx.t)).clicked().then_some(Wish::GoTo(Place::Home)),
            |ui| {
                let any = waiting.iter().any(|row| row.stage != Stage::Quarantined);
                button::primary(ui, texts::queue::send_now(cx.t), any).clicked().then_some(Wish::SendNow)
            },
        );
        let from_body = frame::body(ui, |ui| self.body(ui, cx, &waiting));
        from_foot.or(from_body)
    }

    fn body(&mut self, ui: &mut Ui, cx: &Cx<'_>, waiting: &[&FilingRow]) -> Option<Wish> {
        let queue = &cx.overview.queue;
        ui.horizontal(|ui| {
            ui.label(text::hero(texts::home::queue(cx.t)));
            let (tone, words) = home::queue_state(cx);
            badge(ui, tone, &words);
        });
        ui.label(text::soft(texts::queue::lead(cx.t)));
        if waiting.is_empty() {
            card::note(ui, Tone::Good, &texts::queue::empty_title(cx.t), &texts::queue::empty_words(cx.t));
            return self.switches(ui, cx);
        }
        if cx.lamps.offline() && !cx.lamps.line.code.is_empty() && cx.lamps.line.code != "not_asked_yet" {
            card::note(ui, Tone::Warn, &texts::queue::why(cx.t), &words::line_trouble(cx.t, &cx.lamps.line.code));
        }
        let mut wish = self.switches(ui, cx);
        card::card(ui, |ui| {
            let size = words::bytes(queue.bytes_total);
            ui.label(text::large(texts::queue::total(cx.t, queue.filings_waiting, queue.pages_waiting, size)));
            let pages = waiting.len().div_ceil(ROWS_MAX).max(1);
            self.page = self.page.min(pages - 1);
            for row in waiting.iter().skip(self.page * ROWS_MAX).take(ROWS_MAX) {
                card::rule(ui);
                if self.row(ui, cx, row) {
                    wish = Some(Wish::OpenFiling(row.id));
                }
            }
            if pages > 1 {
                card::rule(ui);
                ui.horizontal(|ui| {
                    if button::small_if(ui, texts::queue::earlier(cx.t), self.page > 0).clicked() {
                        self.page -= 1;
                    }
                    ui.label(text::small(texts::queue::page(cx.t, (self.page + 1) as u64, pages as u64)));
                    if button::small_if(ui, texts::queue::later(cx.t), self.page + 1 < pages).clicked() {
                        self.page += 1;
                    }
                });
            }
        });
        wish
    }

    /// What somebody may decide about sending: not now, and not the large ones.
    fn switches(&self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
        let queue = &cx.overview.queue;
        let mut wish = None;
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = egui::vec2(theme::GAP, 12.0);
            let pause = if queue.paused { texts::queue::resume(cx.t) } else { texts::queue::pause(cx.t) };
            if button::secondary(ui, pause).clicked() {
                wish = Some(Wish::Pause(!queue.paused));
            }
            let metered = if queue.metered { texts::queue::unmetered(cx.t) } else { texts::queue::metered(cx.t) };
            if button::secondary(ui, metered).clicked() {
                wish = Some(Wish::Metered(!queue.metered));
            }
        });
        if queue.paused {
            card::note(ui, Tone::Warn, &texts::queue::paused_title(cx.t), &texts::queue::paused_words(cx.t));
        } else if queue.metered {
            card::note(ui, Tone::Warn, &texts::queue::metered_title(cx.t), &texts::queue::metered_words(cx.t));
        }
        wish
    }

    fn row(&self, ui: &mut Ui, cx: &Cx<'_>, row: &FilingRow) -> bool {
        let pressed = ui
            .horizontal(|ui| {
                ui.set_min_height(64.0);
                ui.vertical(|ui| {
                    ui.set_width((ui.available_width() * 0.5).min(760.0));
                    ui.spacing_mut().item_spacing.y = 2.0;
                    let name = row.applicant_name.expose().as_str();
                    ui.label(text::strong(format!("{name} · {}", home::matter_name(cx, &row.matter))));
                    let sealed = words::when(cx.t, row.sealed_at, cx.now);
                    ui.label(text::small(texts::queue::sealed(cx.t, row.case_number.as_str(), sealed, u64::from(row.pages))));
                });
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let words = texts::home::see(cx.t);
                    let response = button::small(ui, words.as_str());
                    response.widget_info(|| {
                        egui::WidgetInfo::labeled(egui::Role::Button, true, format!("{words} {}", row.case_number))
                    });
                    let (tone, stage) = match row.stage {
                        Stage::Waiting => (Tone::Warn, texts::queue::waiting(cx.t)),
                        Stage::Sending => (Tone::Primary, texts::queue::sending(cx.t)),
                        Stage::Received => (Tone::Good, texts::queue::received(cx.t)),
                        Stage::Quarantined => (Tone::Bad, texts::home::aside(cx.t)),
                    };
                    badge(ui, tone, &stage);
                    response.clicked()
                })
                .inner
            })
            .inner;
        if row.bytes_sent > 0 && row.bytes_total > 0 {
            let share = row.bytes_sent as f32 / row.bytes_total as f32;
            progress(ui, share, &texts::home::queue_progress(cx.t, (share * 100.0) as i64));
            ui.add_space(4.0);
        }
        if let Some(code) = &row.trouble {
            let colour = if row.stage == Stage::Quarantined { theme::RED } else { theme::AMBER };
            ui.label(text::small(words::line_trouble(cx.t, code)).color(colour));
            if let Some(at) = row.next_try_at.filter(|at| *at > cx.now) {
                ui.label(text::small(texts::queue::next_try(cx.t, words::clock_seconds(at))));
            }
        }
        pressed
    }
}
