//! A new answer to a field that the hall asked about, entered as in the form.

use egui::{Frame, Margin, Ui};
use matters::{About, Filing};
use texts::correction as t;

use super::item::Gap;
use crate::{
    look::theme::{self, Tone},
    screen::{Cx, form::Form},
    speech::Wish,
    widget::{
        button, card,
        field::{self, Around, Manner},
    },
};

pub struct Answer {
    pub item: u32,
    form: Form,
    note: String,
}

impl Answer {
    pub fn of(cx: &Cx<'_>, gap: &Gap) -> Self {
        let begun = cx.visit.supplement.as_ref().and_then(|supplement| supplement.items.get(&gap.item));
        Self { item: gap.item, form: Form::default(), note: begun.map(|item| item.note.clone()).unwrap_or_default() }
    }

    /// The wish that follows, and whether the entry is closed.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>, filing: &Filing, gap: &Gap) -> (Option<Wish>, bool) {
        let About::Field { key } = &gap.target else { return (None, true) };
        let new = cx
            .visit
            .supplement
            .as_ref()
            .and_then(|supplement| supplement.items.get(&gap.item))
            .and_then(|item| item.answer.clone());
        let mut close = false;
        let wish = Frame::new()
            .fill(Tone::Primary.ground())
            .corner_radius(theme::RADIUS_CARD)
            .inner_margin(Margin::symmetric(24, 18))
            .show(ui, |ui| {
                ui.set_min_width(ui.available_width());
                ui.spacing_mut().item_spacing.y = 12.0;
                let Some((entered, whole)) = self.form.amend(ui, cx, filing, key, new.as_ref()) else {
                    card::note(ui, Tone::Warn, "", &texts::form::unsupported(cx.t));
                    close = button::small(ui, t::cancel_answer(cx.t)).clicked();
                    return None;
                };
                let label = t::note_about(cx.t, u64::from(gap.item) + 1);
                let around = Around { label: &label, aside: t::note_hint(cx.t), ..Around::default() };
                let noted = field::entry(ui, ("note", gap.item), &mut self.note, &around, Manner::of(200)).changed;
                let mut dropped = false;
                ui.horizontal(|ui| {
                    if button::small_primary(ui, t::use_answer(cx.t), whole && new.is_some()).clicked() {
                        close = true;
                    }
                    if button::small(ui, t::cancel_answer(cx.t)).clicked() {
                        close = true;
                        dropped = true;
                    }
                });
                if dropped {
                    return Some(Wish::SupplementAnswer { item: self.item, answer: None, note: String::new() });
                }
                if let Some(answer) = entered {
                    return Some(Wish::SupplementAnswer { item: self.item, answer, note: self.note.clone() });
                }
                noted.then(|| Wish::SupplementAnswer { item: self.item, answer: new.clone(), note: self.note.clone() })
            })
            .inner;
        (wish, close)
    }
}
