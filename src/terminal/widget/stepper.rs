//! The path of a filing at the left: where one is, what is done, free to walk back.

use egui::{Align2, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};
use texts::{Texts, path as t};

use super::badge::numbered;
use crate::{
    look::theme::{self, bold, regular, size},
    speech::Place,
};

/// The eight steps in order. Sealing has no place of its own: it happens on the way from
/// checking to the receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Person,
    Matters,
    Checklist,
    Form,
    Capture,
    Review,
    Seal,
    Receipt,
}

impl Step {
    pub const ALL: [Step; 8] =
        [Step::Person, Step::Matters, Step::Checklist, Step::Form, Step::Capture, Step::Review, Step::Seal, Step::Receipt];

    pub fn words(self, texts: &Texts) -> String {
        match self {
            Step::Person => t::step_person(texts),
            Step::Matters => t::step_matters(texts),
            Step::Checklist => t::step_checklist(texts),
            Step::Form => t::step_form(texts),
            Step::Capture => t::step_capture(texts),
            Step::Review => t::step_review(texts),
            Step::Seal => t::step_seal(texts),
            Step::Receipt => t::step_receipt(texts),
        }
    }

    /// The step of a place; `None` for places that are not on the path.
    pub fn of(place: Place) -> Option<Self> {
        Some(match place {
            Place::Person => Step::Person,
            Place::Matters => Step::Matters,
            Place::Checklist => Step::Checklist,
            Place::Form => Step::Form,
            Place::Capture => Step::Capture,
            Place::Review => Step::Review,
            Place::Receipt => Step::Receipt,
            Place::SignIn | Place::Home | Place::Filings | Place::Filing | Place::Correction | Place::Queue | Place::Board => {
                return None;
            }
        })
    }

    fn place(self) -> Option<Place> {
        Some(match self {
            Step::Person => Place::Person,
            Step::Matters => Place::Matters,
            Step::Checklist => Place::Checklist,
            Step::Form => Place::Form,
            Step::Capture => Place::Capture,
            Step::Review => Place::Review,
            Step::Seal | Step::Receipt => return None,
        })
    }
}

/// Draws the path with `now` marked. Returns the place walked back to: only what lies behind
/// can be pressed, and nothing once a filing is sealed.
pub fn stepper(ui: &mut Ui, texts: &Texts, now: Step) -> Option<Place> {
    ui.spacing_mut().item_spacing.y = theme::GAP_S;
    let sealed = now >= Step::Seal;
    let mut to = None;
    for step in Step::ALL {
        let words = step.words(texts);
        let behind = step < now && !sealed;
        let response = row(ui, step, now, &words, behind);
        if behind && response.clicked() {
            to = step.place();
        }
    }
    to
}

fn row(ui: &mut Ui, step: Step, now: Step, words: &str, behind: bool) -> Response {
    let sense = if behind { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 58.0), sense);
    response.widget_info(|| {
        if behind {
            WidgetInfo::selected(Role::Button, true, false, words)
        } else {
            WidgetInfo::labeled(Role::Label, true, words)
        }
    });
    if !ui.is_rect_visible(rect) {
        return response;
    }
    let here = step == now;
    let painter = ui.painter();
    if here {
        painter.rect_filled(rect, theme::RADIUS, theme::PRIMARY_SOFT);
    }
    if response.has_focus() {
        painter.rect_stroke(rect, theme::RADIUS, Stroke::new(2.0, theme::PRIMARY), StrokeKind::Inside);
    }
    let at = pos2(rect.left() + 32.0, rect.center().y);
    let number = (step as usize + 1).to_string();
    if here {
        numbered(ui, at, &number, theme::PRIMARY, theme::CARD, Stroke::NONE);
    } else if step < now {
        numbered(ui, at, "✓", theme::GREEN, theme::CARD, Stroke::NONE);
    } else {
        numbered(ui, at, &number, theme::CARD, theme::SOFT, theme::STROKE);
    }
    let (font, ink) = match (here, step < now) {
        (true, _) => (bold(size::BODY), theme::PRIMARY),
        (_, true) => (regular(size::BODY), theme::INK),
        _ => (regular(size::BODY), theme::SOFT),
    };
    ui.painter().text(pos2(rect.left() + 66.0, rect.center().y), Align2::LEFT_CENTER, words, font, ink);
    response
}

/// Dots of a history, one below the other, joined by a line from `above` to `at`.
pub fn joined(ui: &Ui, above: egui::Pos2, at: egui::Pos2) {
    ui.painter().rect_filled(Rect::from_two_pos(above + vec2(-1.0, 12.0), at + vec2(1.0, -12.0)), 0.0, theme::LINE);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_the_path_has_its_step_and_back() {
        for step in Step::ALL {
            if let Some(place) = step.place() {
                assert_eq!(Step::of(place), Some(step));
            }
        }
        assert_eq!(Step::of(Place::Home), None);
        assert!(Step::Person < Step::Receipt);
    }
}
