//! The frame of a path screen: path at the left, person at the right, saved state and the one main
//! action at the foot. Call in the order foot, path, side, body: panels take from what is left.

use egui::{Align, CentralPanel, Frame, Id, Layout, Margin, Panel, ScrollArea, Ui};
use matters::{Identity, identity};

use super::{
    badge::{Light, state_line},
    button, card,
};
use crate::{
    look::theme::{self, text},
    screen::Cx,
    speech::Wish,
    visit::CardOnReader,
    words,
};

/// Below this width, in points, the right column folds under a tab.
pub const FOLD_BELOW: f32 = 1600.0;
const PATH_WIDTH: f32 = 300.0;
const SIDE_WIDTH: f32 = 420.0;
const FOLDED_WIDTH: f32 = 104.0;

/// The foot bar: the way back at the left, what is saved and the one main action at the right.
/// `right` is laid out from right to left: add the main action first.
pub fn foot(
    ui: &mut Ui,
    left: impl FnOnce(&mut Ui) -> Option<Wish>,
    right: impl FnOnce(&mut Ui) -> Option<Wish>,
) -> Option<Wish> {
    let frame = Frame::new().fill(theme::CARD).inner_margin(Margin::symmetric(32, 14));
    Panel::bottom("foot")
        .frame(frame)
        .resizable(false)
        .show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.set_min_height(theme::TARGET_MAIN);
                ui.spacing_mut().item_spacing.x = theme::GAP_L;
                let from_left = left(ui);
                let from_right = ui.with_layout(Layout::right_to_left(Align::Center), right).inner;
                from_left.or(from_right)
            })
            .inner
        })
        .inner
}

/// The left column, for the path of the filing.
pub fn path<R>(ui: &mut Ui, add: impl FnOnce(&mut Ui) -> R) -> R {
    let frame = Frame::new().fill(theme::PAPER).inner_margin(Margin { left: 32, right: 16, top: 28, bottom: 16 });
    let width = if folds(ui) { 248.0 } else { PATH_WIDTH };
    Panel::left("path").frame(frame).resizable(false).exact_size(width).show_separator_line(false).show(ui, add).inner
}

/// The right column: whom we serve and what the law promises. Folds under a tab on narrow windows.
pub fn side(ui: &mut Ui, cx: &Cx<'_>, add: impl FnOnce(&mut Ui) -> Option<Wish>) -> Option<Wish> {
    let id = Id::unique("side-open");
    let narrow = folds(ui);
    let open = !narrow || ui.data_mut(|data| data.get_temp::<bool>(id)).unwrap_or(false);
    let frame = Frame::new().fill(theme::SIDE).inner_margin(Margin::symmetric(if open { 24 } else { 12 }, 28));
    let width = if open { SIDE_WIDTH } else { FOLDED_WIDTH };
    Panel::right("side")
        .frame(frame)
        .resizable(false)
        .exact_size(width)
        .show(ui, |ui| {
            if narrow {
                let words = if open { texts::shell::side_close(cx.t) } else { texts::shell::side_open(cx.t) };
                if button::small(ui, words).clicked() {
                    ui.data_mut(|data| data.insert_temp(id, !open));
                }
            }
            if !open {
                return None;
            }
            ScrollArea::vertical()
                .id_salt("side-scroll")
                .show(ui, |ui| {
                    ui.spacing_mut().item_spacing.y = theme::GAP;
                    add(ui)
                })
                .inner
        })
        .inner
}

/// What is left: the screen itself, scrolling downwards only.
pub fn body<R>(ui: &mut Ui, add: impl FnOnce(&mut Ui) -> R) -> R {
    body_at(ui, "body", add)
}

/// As [`body`], with a scroll position of its own: the next screen must not open where the last one
/// was scrolled to.
pub fn body_at<R>(ui: &mut Ui, place: impl std::hash::Hash + std::fmt::Debug, add: impl FnOnce(&mut Ui) -> R) -> R {
    let frame = Frame::new().fill(theme::PAPER).inner_margin(Margin { left: 32, right: 20, top: 28, bottom: 8 });
    CentralPanel::default()
        .frame(frame)
        .show(ui, |ui| {
            ScrollArea::vertical()
                .id_salt(("body-scroll", place))
                .auto_shrink([false, false])
                .show(ui, |ui| {
                    // Room for the scroll bar, so that cards do not jump when it comes.
                    ui.set_max_width(ui.available_width() - 14.0);
                    ui.spacing_mut().item_spacing.y = 12.0;
                    add(ui)
                })
                .inner
        })
        .inner
}

/// True while the right column is folded under a tab.
pub fn folds(ui: &Ui) -> bool {
    ui.ctx().content_rect().width() < FOLD_BELOW
}

/// The state of the draft, always visible at the foot: 已保存在本机 09:44:12.
pub fn saved(ui: &mut Ui, cx: &Cx<'_>) {
    if cx.visit.dirty {
        state_line(ui, Light::Warn, &texts::shell::saving(cx.t));
    } else if let Some(at) = cx.visit.saved_at {
        state_line(ui, Light::Good, &texts::shell::saved_here(cx.t, words::clock_seconds(at)));
    }
}

/// The card of the person we serve: name, sex and age, masked number, where the data came from.
pub fn resident(ui: &mut Ui, cx: &Cx<'_>) {
    let Some(person) = cx.visit.applicant() else { return };
    card::card(ui, |ui| {
        ui.label(text::small(texts::shell::serving(cx.t)));
        ui.horizontal(|ui| {
            ui.label(text::title(person.name.expose().as_str()));
            ui.label(text::soft(sex_and_age(cx, person)));
        });
        ui.label(text::body(identity::mask_number(person.number.expose())));
        let (light, line) = provenance(cx, person);
        state_line(ui, light, &line);
    });
}

fn sex_and_age(cx: &Cx<'_>, person: &Identity) -> String {
    let mut parts = vec![words::sex(cx.t, person.sex)];
    if let Some(birth) = person.birth {
        parts.push(texts::shell::age(cx.t, i64::from(identity::age_on(birth, words::day(cx.now)))));
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" · ")
}

fn provenance(cx: &Cx<'_>, person: &Identity) -> (Light, String) {
    match (&person.source, &cx.visit.card) {
        (matters::Source::Manual, _) => (Light::Warn, texts::shell::typed_by_hand(cx.t)),
        (matters::Source::Card { read_at, .. }, CardOnReader::Read(read)) if read.source == person.source => {
            (Light::Good, texts::shell::card_on_reader(cx.t, words::clock(*read_at)))
        }
        (matters::Source::Card { read_at, .. }, _) => (Light::Good, texts::shell::card_taken(cx.t, words::clock(*read_at))),
    }
}
