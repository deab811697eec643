//! The notice board (公示栏) with its six tabs, readable without signing in.

use egui::{Ui, vec2};
use matters::{Role, matter::SelfService};

use super::Cx;
use crate::{
    look::theme::{self, Tone, text},
    speech::Wish,
    widget::{badge::badge, button, card, frame},
    words,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
enum Tab {
    #[default]
    Duties,
    People,
    Services,
    OneVisit,
    Procedure,
    Rules,
}

#[derive(Default)]
pub struct Board {
    tab: Tab,
    page: usize,
}

/// Rows of a list before it pages.
const ROWS_MAX: usize = 7;

impl Board {
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
        let from_foot =
            frame::foot(ui, |ui| button::secondary(ui, texts::board::back(cx.t)).clicked().then_some(Wish::Back), |_| None);
        frame::body(ui, |ui| {
            ui.horizontal(|ui| {
                ui.label(text::hero(texts::home::board(cx.t)));
                if let Some(p) = cx.particulars {
                    ui.label(text::soft(&p.point_name));
                }
            });
            self.tabs(ui, cx);
            card::card(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 12.0;
                match self.tab {
                    Tab::Duties => numbered(ui, &texts::board::duties_text(cx.t)),
                    Tab::People => people(ui, cx),
                    Tab::Services => self.services(ui, cx, false),
                    Tab::OneVisit => self.services(ui, cx, true),
                    Tab::Procedure => numbered(ui, &texts::board::procedure_text(cx.t)),
                    Tab::Rules => numbered(ui, &texts::board::rules_text(cx.t)),
                }
            });
        });
        from_foot
    }

    fn tabs(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        ui.horizontal_wrapped(|ui| {
            for (tab, words) in [
                (Tab::Duties, texts::board::duties(cx.t)),
                (Tab::People, texts::board::people(cx.t)),
                (Tab::Services, texts::board::services(cx.t)),
                (Tab::OneVisit, texts::board::one_visit(cx.t)),
                (Tab::Procedure, texts::board::procedure(cx.t)),
                (Tab::Rules, texts::board::rules(cx.t)),
            ] {
                if button::choice_sized(ui, words, self.tab == tab, vec2(120.0, theme::TARGET)).clicked() {
                    self.tab = tab;
                    self.page = 0;
                }
            }
        });
    }

    fn services(&mut self, ui: &mut Ui, cx: &Cx<'_>, one_visit: bool) {
        let list: Vec<_> = cx.catalogue.matters().iter().filter(|matter| !one_visit || matter.runs_to_site <= 1).collect();
        let pages = list.len().div_ceil(ROWS_MAX).max(1);
        self.page = self.page.min(pages - 1);
        ui.label(text::small(texts::board::catalogue(cx.t, list.len() as u64, cx.catalogue.version())));
        for matter in list.iter().skip(self.page * ROWS_MAX).take(ROWS_MAX) {
            card::rule(ui);
            ui.horizontal(|ui| {
                ui.set_min_height(52.0);
                let width = ui.available_width();
                cell(ui, width * 0.5, |ui| {
                    ui.add(egui::Label::new(text::strong(words::said(cx.t, &matter.name))).truncate());
                });
                let how = match matter.self_service {
                    SelfService::Yes => texts::board::by_oneself(cx.t),
                    SelfService::Assisted => texts::board::assisted(cx.t),
                    SelfService::No => texts::board::by_agent(cx.t),
                };
                cell(ui, width * 0.17, |ui| {
                    badge(ui, Tone::Primary, &how);
                });
                cell(ui, width * 0.14, |ui| {
                    ui.label(text::small(texts::board::visits(cx.t, i64::from(matter.runs_to_site))));
                });
                ui.add(egui::Label::new(text::small(words::said(cx.t, &matter.fee))).truncate());
            });
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
    }
}

/// One column of a row, so that rows stand under each other.
fn cell(ui: &mut Ui, width: f32, add: impl FnOnce(&mut Ui)) {
    ui.allocate_ui_with_layout(vec2(width, theme::TARGET), egui::Layout::left_to_right(egui::Align::Center), |ui| {
        ui.set_min_width(width);
        add(ui);
    });
}

fn people(ui: &mut Ui, cx: &Cx<'_>) {
    let mut any = false;
    for agent in cx.overview.agents.iter().filter(|agent| agent.role == Role::Agent) {
        any = true;
        let line = texts::board::person(cx.t, agent.name.as_str(), agent.phone.as_str());
        card::fact(ui, 140.0, &texts::home::board_post(cx.t, agent.post.as_str()), &line);
    }
    if !any {
        // An empty tab breaks the rule of the six: said, not hidden.
        card::note(ui, Tone::Warn, &texts::home::no_agents(cx.t), &texts::home::no_agents_words(cx.t));
    }
    if let Some(p) = cx.particulars {
        card::rule(ui);
        card::fact(ui, 140.0, &texts::home::board_today(cx.t), &p.point_hours);
        card::fact(ui, 140.0, &texts::board::point_phone(cx.t), &p.point_phone);
        let phones = words::hall_phones(cx.t, p);
        card::fact(ui, 140.0, &p.hall_name, &phones);
    }
}

/// One line of the text a numbered row.
fn numbered(ui: &mut Ui, text_of_tab: &str) {
    for (index, line) in text_of_tab.lines().map(str::trim).filter(|line| !line.is_empty()).enumerate() {
        card::fact(ui, 48.0, &format!("{}", index + 1), line);
    }
}
