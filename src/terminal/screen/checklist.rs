//! 带齐了吗: the questions decide the list, and nobody starts a form that cannot be finished.

use std::collections::BTreeSet;

use egui::Ui;
use matters::{Matter, form};
use texts::{checklist as t, path};

use crate::{
    look::theme::{self, Tone, text},
    screen::{Cx, aside, guide, moved, terms},
    speech::{Place, Wish},
    widget::{
        badge, button, card,
        field::{self, Around},
        frame,
        stepper::{Step, stepper},
    },
    words,
};

/// Names in the foot before they are counted instead.
const NAMED_MAX: usize = 2;

#[derive(Default)]
pub struct Checklist {
    guide: bool,
}

/// Whether the form may be started.
#[derive(Debug, PartialEq, Eq)]
pub enum Readiness {
    /// Questions before the list are open.
    Asking,
    /// Codes of required materials that were not brought.
    Lacking(Vec<String>),
    Ready,
}

pub fn readiness(matter: &Matter, situation: &form::Situation<'_>, brought: &BTreeSet<String>) -> Readiness {
    let asked = |question: &matters::matter::Situation| {
        situation.situations.get(&question.key).is_some_and(|answer| question.choices.iter().any(|choice| choice.key == *answer))
    };
    if !matter.situations.iter().all(asked) {
        return Readiness::Asking;
    }
    let lacking: Vec<String> = form::due_materials(matter, situation)
        .into_iter()
        // A photo or signature is made here: nobody brings it.
        .filter(|due| matter.field(&due.material.code).is_none())
        .filter(|due| due.material.required && !due.by_card && !brought.contains(&due.material.code))
        .map(|due| due.material.code.clone())
        .collect();
    if lacking.is_empty() { Readiness::Ready } else { Readiness::Lacking(lacking) }
}

impl Checklist {
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
        let (Some(matter), Some(situation), Some(draft)) = (aside::matter(cx), aside::situation(cx), &cx.visit.draft) else {
            return no_matter(ui, cx);
        };
        let ready = readiness(matter, &situation, &draft.brought);
        let foot = self.foot(ui, cx, matter, &ready);
        let back = frame::path(ui, |ui| stepper(ui, cx.t, Step::Checklist)).map(Wish::GoTo);
        let mut guide = false;
        let side = frame::side(ui, cx, |ui| {
            frame::resident(ui, cx);
            guide = aside::facts(ui, cx, matter);
            None
        });
        self.guide |= guide;
        let body = frame::body_at(ui, "checklist", |ui| {
            if self.guide {
                guide::show(ui, cx, matter);
                None
            } else {
                list(ui, cx, matter, &situation)
            }
        });
        foot.or(back).or(side).or(body)
    }

    fn foot(&mut self, ui: &mut Ui, cx: &Cx<'_>, matter: &Matter, ready: &Readiness) -> Option<Wish> {
        let open = self.guide;
        let mut close = false;
        let wish = frame::foot(
            ui,
            |ui| {
                if open {
                    close = button::secondary(ui, path::back(cx.t)).clicked();
                    return None;
                }
                let back = button::secondary(ui, path::back(cx.t)).clicked().then_some(Wish::GoTo(Place::Matters));
                let keep = button::link(ui, path::keep_draft(cx.t)).clicked().then_some(Wish::EndVisit);
                back.or(keep)
            },
            |ui| {
                let start = button::primary(ui, t::start(cx.t), *ready == Readiness::Ready && !open).clicked();
                match ready {
                    Readiness::Asking => drop(ui.label(text::soft(t::answer_first(cx.t)))),
                    Readiness::Lacking(codes) => {
                        let names: Vec<&str> = codes
                            .iter()
                            .take(NAMED_MAX)
                            .filter_map(|code| matter.material(code))
                            .map(|material| words::said(cx.t, &material.name))
                            .collect();
                        let names = terms::list(cx.t, &names);
                        let line = if codes.len() > NAMED_MAX {
                            t::lacking_many(cx.t, names, codes.len() as u64)
                        } else {
                            t::lacking(cx.t, names)
                        };
                        ui.label(text::soft(line));
                    }
                    Readiness::Ready => drop(badge::state_line(ui, badge::Light::Good, &t::all_there(cx.t))),
                }
                start.then_some(Wish::GoTo(Place::Form))
            },
        );
        if close {
            self.guide = false;
        }
        wish
    }
}

/// Reached without a matter (by a walk back): says so, and where to go.
pub fn no_matter(ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
    let foot =
        frame::foot(ui, |ui| button::secondary(ui, path::back(cx.t)).clicked().then_some(Wish::GoTo(Place::Matters)), |_| None);
    let back = frame::path(ui, |ui| stepper(ui, cx.t, Step::Checklist)).map(Wish::GoTo);
    frame::body_at(ui, "checklist", |ui| {
        if !moved::withdrawn(ui, cx) {
            card::note(ui, Tone::Warn, "", &t::no_matter(cx.t));
        }
    });
    foot.or(back)
}

fn list(ui: &mut Ui, cx: &Cx<'_>, matter: &Matter, situation: &form::Situation<'_>) -> Option<Wish> {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = theme::GAP;
        ui.label(text::hero(words::said(cx.t, &matter.name)));
        let (word, tone) = terms::badge(cx.t, matter.badge);
        badge::badge(ui, tone, &word);
        badge::badge(ui, Tone::Quiet, &path::runs(cx.t, matter.runs_to_site));
    });
    ui.label(text::soft(t::sub(cx.t)));
    // Known before anybody fills in a form, not after.
    if let Some(place) = &matter.elsewhere {
        card::note(ui, Tone::Warn, "", words::said(cx.t, place));
    }
    moved::note(ui, cx);
    let mut wish = None;
    for question in &matter.situations {
        wish = wish.take().or(ask(ui, cx, matter, question, situation));
    }
    card::card(ui, |ui| {
        ui.label(text::small(t::tick_hint(cx.t)));
        let due = form::due_materials(matter, situation);
        let mut first = true;
        for due in due.iter().filter(|due| matter.field(&due.material.code).is_none()) {
            if !std::mem::take(&mut first) {
                card::rule(ui);
            }
            wish = wish.take().or(bring(ui, cx, due));
        }
        for material in matter.materials.iter().filter(|material| depends_on_questions(matter, material)) {
            if due.iter().all(|due| due.material.code != material.code) {
                card::rule(ui);
                row(
                    ui,
                    words::said(cx.t, &material.name),
                    &t::not_needed_more(cx.t),
                    (&t::not_needed(cx.t), Tone::Quiet),
                    |ui, at| {
                        ui.painter().rect_filled(
                            egui::Rect::from_center_size(at, egui::Vec2::splat(40.0)),
                            theme::RADIUS_BADGE,
                            theme::GREY_SOFT,
                        );
                    },
                );
            }
        }
    });
    ui.label(text::small(t::can_keep(cx.t)));
    wish
}

/// Only what the questions above decide is worth a line saying "not needed": a mandate is no
/// surprise to somebody who came in person.
fn depends_on_questions(matter: &Matter, material: &matters::Material) -> bool {
    material.when.iter().any(|when| matter.situations.iter().any(|question| question.key == when.key))
}

fn ask(
    ui: &mut Ui,
    cx: &Cx<'_>,
    matter: &Matter,
    question: &matters::matter::Situation,
    situation: &form::Situation<'_>,
) -> Option<Wish> {
    let said = words::said(cx.t, &question.question);
    let answer = situation.situations.get(&question.key);
    let options: Vec<(String, String)> = question
        .choices
        .iter()
        .map(|choice| {
            let label = words::said(cx.t, &choice.label);
            // The same word under two questions is told apart by its question.
            let twice =
                matter.situations.iter().flat_map(|q| &q.choices).filter(|c| words::said(cx.t, &c.label) == label).count() > 1;
            (label.to_owned(), if twice { format!("{said} {label}") } else { label.to_owned() })
        })
        .collect();
    let chosen: Vec<bool> = question.choices.iter().map(|choice| answer == Some(&choice.key)).collect();
    let around = Around { label: said, ..Around::default() };
    let pressed = card::card(ui, |ui| field::choices(ui, &around, &options, &chosen)).inner?;
    Some(Wish::Situation { key: question.key.clone(), choice: question.choices[pressed].key.clone() })
}

fn bring(ui: &mut Ui, cx: &Cx<'_>, due: &form::Due<'_>) -> Option<Wish> {
    let material = due.material;
    let name = words::said(cx.t, &material.name);
    let by_hand = material.capture == matters::Capture::Card && !due.by_card;
    let more = if by_hand {
        t::needs_photo(cx.t)
    } else {
        t::from(cx.t, words::said(cx.t, &material.provider), words::said(cx.t, &material.hint))
    };
    let brought = cx.visit.draft.as_ref().is_some_and(|draft| draft.brought.contains(&material.code));
    let sign = match (due.by_card, brought, material.required) {
        (true, ..) => (t::by_card(cx.t), Tone::Good),
        (false, true, _) => (t::brought(cx.t), Tone::Good),
        (false, false, true) => (t::not_yet(cx.t), Tone::Warn),
        (false, false, false) => (t::optional(cx.t), Tone::Quiet),
    };
    let response = row(ui, name, &more, (&sign.0, sign.1), |ui, at| field::tick_box(ui, at, due.by_card || brought, false));
    if due.by_card {
        return None;
    }
    let response = response.interact(egui::Sense::click());
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::CheckBox, true, brought, name));
    if response.has_focus() {
        ui.painter().rect_stroke(response.rect, theme::RADIUS, egui::Stroke::new(2.0, theme::PRIMARY), egui::StrokeKind::Outside);
    }
    response.clicked().then(|| Wish::Brought { material: material.code.clone(), yes: !brought })
}

/// Box, name, a line below, and a sign at the right.
fn row(ui: &mut Ui, name: &str, more: &str, sign: (&str, Tone), mark: impl FnOnce(&Ui, egui::Pos2)) -> egui::Response {
    let width = ui.available_width();
    let words = format!("{name} {more}");
    let name = ui.painter().layout(name.to_owned(), theme::bold(theme::size::LARGE), theme::INK, width - 260.0);
    let more = ui.painter().layout(more.to_owned(), theme::regular(theme::size::SMALL), theme::SOFT, width - 260.0);
    let height = (name.size().y + more.size().y + 20.0).max(72.0);
    let (rect, response) = ui.allocate_exact_size(egui::vec2(width, height), egui::Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &words));
    mark(ui, egui::pos2(rect.left() + 22.0, rect.center().y));
    let top = rect.center().y - (name.size().y + more.size().y) / 2.0;
    let left = rect.left() + 64.0;
    let more_top = top + name.size().y;
    ui.painter().galley(egui::pos2(left, top), name, theme::INK);
    ui.painter().galley(egui::pos2(left, more_top), more, theme::SOFT);
    let at = egui::Rect::from_min_max(
        egui::pos2(rect.right() - 190.0, rect.center().y - 20.0),
        egui::pos2(rect.right(), rect.center().y + 20.0),
    );
    // A child of its own: the sign stands in the row and must not move what comes below.
    let mut right = ui.new_child(egui::UiBuilder::new().max_rect(at).layout(egui::Layout::right_to_left(egui::Align::Center)));
    badge::badge(&mut right, sign.1, sign.0);
    response
}
