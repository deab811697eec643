//! 回执: safe first, then the number, then what the hall has not yet done.

use egui::{Align, Color32, Layout, Rect, Sense, Ui, Vec2, vec2};
use matters::Filing;
use outbox::{FilingRow, Stage};
use scan::codes::Matrix;
use texts::receipt as t;

use crate::{
    look::theme::{self, Tone, bold, regular, size, text},
    screen::{Cx, filing::newest, terms},
    speech::{Place, Wish},
    visit::CardOnReader,
    widget::{
        badge::{self, badge},
        button, card, columns, frame,
        stepper::{Step, stepper},
    },
    words,
};

/// Side of the code on the screen, in points: large enough for a cheap phone held over the counter.
const CODE_SIDE: f32 = 360.0;
/// Light squares around a code, without which no phone finds it.
const QUIET: usize = 4;

#[derive(Default)]
pub struct Receipt {
    /// The code, made once; dropped with the screen.
    code: Option<Matrix>,
}

impl Receipt {
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
        let foot = foot(ui, cx);
        frame::path(ui, |ui| stepper(ui, cx.t, Step::Receipt));
        frame::body_at(ui, "receipt", |ui| {
            let Some(full) = &cx.visit.filing else {
                card::note(ui, Tone::Good, &t::sealed_here(cx.t), &t::opening(cx.t));
                return;
            };
            let row = newest(cx, full);
            let filing = full.sealed.filing();
            let stacked = ui.available_width() < 1000.0;
            columns::two::<_, ()>(
                ui,
                stacked,
                0.56,
                self,
                |ui, _| {
                    sealed(ui, cx, filing, row);
                    None
                },
                |ui, this| {
                    this.slip(ui, cx, filing);
                    None
                },
            );
        });
        foot
    }

    fn slip(&mut self, ui: &mut Ui, cx: &Cx<'_>, filing: &Filing) {
        card::card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 10.0;
            ui.label(text::title(t::slip(cx.t)));
            let matter = cx.catalogue.matter(&filing.matter);
            let name = matter.map_or(filing.matter.as_str(), |matter| words::said(cx.t, &matter.name));
            let applicant = &filing.applicant;
            let who = format!("{} ({})", applicant.name.expose(), matters::identity::mask_number(applicant.number.expose()));
            fact(ui, &t::slip_applicant(cx.t), &who);
            fact(ui, &t::slip_matter(cx.t), name);
            fact(ui, &t::slip_papers(cx.t), &papers(cx, filing));
            let agent = cx.agent.map(|agent| agent.name.as_str()).unwrap_or_default();
            let day = terms::full_day(cx.t, words::day(filing.sealed_at));
            fact(ui, &t::slip_taken(cx.t), &format!("{} {agent}\n{day} {}", filing.point.name, words::clock(filing.sealed_at)));
            if let Some(place) = matter.and_then(|matter| matter.elsewhere.as_ref()) {
                fact(ui, &t::slip_then(cx.t), words::said(cx.t, place));
            }
            fact(ui, &t::slip_note(cx.t), &t::slip_note_text(cx.t));
            ui.add_space(8.0);
            self.code(ui, cx, filing);
        });
    }

    fn code(&mut self, ui: &mut Ui, cx: &Cx<'_>, filing: &Filing) {
        if self.code.is_none() {
            let words = t::qr_text(cx.t, filing.case_number.as_str(), filing.query_code.expose().as_str());
            self.code = scan::codes::qr(&words).ok();
        }
        ui.vertical_centered(|ui| {
            if let Some(matrix) = &self.code {
                let (rect, response) = ui.allocate_exact_size(Vec2::splat(CODE_SIDE.min(ui.available_width())), Sense::hover());
                response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, t::qr_name(cx.t)));
                ui.painter().rect_filled(rect, 0.0, Color32::WHITE);
                for bar in bars(matrix, rect) {
                    ui.painter().rect_filled(bar, 0.0, Color32::BLACK);
                }
            }
            ui.label(text::small(t::qr_hint(cx.t)));
        });
    }
}

/// The dark squares of a code inside `rect`, runs joined to bars, with the quiet zone around.
fn bars(matrix: &Matrix, rect: Rect) -> Vec<Rect> {
    let square = rect.width() / (matrix.side + 2 * QUIET) as f32;
    let mut out = Vec::new();
    for y in 0..matrix.side {
        let row = &matrix.dark[y * matrix.side..(y + 1) * matrix.side];
        let mut x = 0;
        while x < row.len() {
            let run = row[x..].iter().take_while(|dark| **dark).count();
            if run > 0 {
                let min = rect.min + vec2((x + QUIET) as f32, (y + QUIET) as f32) * square;
                out.push(Rect::from_min_size(min, vec2(run as f32 * square, square)));
            }
            x += run.max(1);
        }
    }
    out
}

fn fact(ui: &mut Ui, label: &str, value: &str) {
    card::fact_with(ui, 88.0, label, |ui| {
        ui.label(text::small(value).color(theme::INK));
    });
}

fn papers(cx: &Cx<'_>, filing: &Filing) -> String {
    let mut counts: Vec<(&str, u64)> = Vec::new();
    for page in &filing.pages {
        match counts.iter_mut().find(|(code, _)| *code == page.material) {
            Some((_, count)) => *count += 1,
            None => counts.push((&page.material, 1)),
        }
    }
    if counts.is_empty() {
        return t::slip_papers_none(cx.t);
    }
    let matter = cx.catalogue.matter(&filing.matter);
    let lines: Vec<String> = counts
        .into_iter()
        .map(|(code, count)| {
            let name = matter.and_then(|matter| matter.material(code)).map_or(code, |material| words::said(cx.t, &material.name));
            t::slip_paper(cx.t, name, count)
        })
        .collect();
    terms::list(cx.t, &lines)
}

fn sealed(ui: &mut Ui, cx: &Cx<'_>, filing: &Filing, row: &FilingRow) {
    card::card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 12.0;
        badge(ui, Tone::Good, &t::sealed_here(cx.t));
        let matter = cx.catalogue.matter(&filing.matter).map_or(filing.matter.as_str(), |matter| words::said(cx.t, &matter.name));
        ui.label(text::hero(t::headline(cx.t, filing.applicant.name.expose().as_str(), matter)));
        ui.label(text::soft(t::sealed_line(cx.t, words::clock(filing.sealed_at), filing.pages.len() as u64)));
        ui.add_space(theme::GAP);
        ui.label(text::small(t::number(cx.t)));
        let font = bold(if ui.available_width() > 700.0 { size::GIANT } else { size::HERO });
        ui.label(egui::RichText::new(&filing.case_number).font(font).color(theme::INK));
        ui.horizontal(|ui| {
            ui.label(text::soft(t::query_code(cx.t)));
            ui.label(egui::RichText::new(terms::pairs(filing.query_code.expose())).font(bold(size::HERO)).color(theme::INK));
        });
        ui.add_space(theme::GAP);
        hall(ui, cx, row);
    });
}

/// What the hall has, in the words of the house.
pub fn hall(ui: &mut Ui, cx: &Cx<'_>, row: &FilingRow) {
    match row.stage {
        Stage::Waiting | Stage::Sending => {
            let line = if cx.lamps.offline() { t::not_received_line_down(cx.t) } else { t::not_received_line_up(cx.t) };
            card::note_with(ui, Tone::Warn, &t::not_received(cx.t), &line, |ui| {
                if row.stage == Stage::Sending {
                    let percent = terms::percent(row);
                    badge::progress(ui, percent as f32 / 100.0, &t::sending(cx.t, percent));
                    ui.label(text::small(t::sending(cx.t, percent)));
                }
            });
        }
        Stage::Received => {
            let at = row.case.as_ref().map(|case| case.received_at);
            let title = match at {
                Some(at) => t::received(cx.t, words::clock(at)),
                None => t::received_plain(cx.t),
            };
            card::note(ui, Tone::Good, &title, &t::received_more(cx.t));
        }
        Stage::Quarantined => {
            let why = row.trouble.as_deref().map(|code| words::line_trouble(cx.t, code)).unwrap_or_default();
            card::note(ui, Tone::Bad, &t::quarantined(cx.t), &t::quarantined_more(cx.t, why));
        }
    }
}

fn foot(ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
    let card_there = matches!(cx.visit.card, CardOnReader::Read(_) | CardOnReader::Reading);
    let ready = cx.visit.filing.is_some();
    frame::foot(
        ui,
        |ui| {
            let again = button::secondary_if(ui, t::again(cx.t), ready).clicked().then_some(Wish::Again);
            let see = button::link(ui, t::see(cx.t)).clicked().then_some(Wish::GoTo(Place::Filing));
            again.or(see)
        },
        |ui| {
            let farewell = button::primary(ui, t::farewell(cx.t), true).clicked().then_some(Wish::EndVisit);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if card_there {
                    ui.label(egui::RichText::new(t::card_still_there(cx.t)).font(bold(size::BODY)).color(theme::SEAL));
                } else {
                    ui.label(egui::RichText::new(t::give_back(cx.t)).font(regular(size::BODY)).color(theme::SOFT));
                }
            });
            farewell
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_keeps_its_quiet_zone_and_loses_no_square() {
        let matrix = scan::codes::qr("办件号 SLC-A1-000087-4 查询码 735120").expect("short enough");
        let rect = Rect::from_min_size(egui::pos2(10.0, 20.0), Vec2::splat(CODE_SIDE));
        let square = CODE_SIDE / (matrix.side + 2 * QUIET) as f32;
        let bars = bars(&matrix, rect);
        let quiet = rect.shrink(QUIET as f32 * square - 0.01);
        assert!(bars.iter().all(|bar| quiet.contains_rect(*bar)));
        let dark: f32 = bars.iter().map(|bar| bar.width() / square).sum();
        assert_eq!(dark.round() as usize, matrix.dark.iter().filter(|dark| **dark).count());
        assert!(square * matrix.side as f32 >= 250.0, "squares large enough for a cheap phone: {square}");
    }
}
