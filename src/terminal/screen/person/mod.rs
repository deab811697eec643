//! 办事人: whom it is for, from the card or by hand, and who came (本人 · 代办 · 监护人).

mod card;
pub mod committee;
mod earlier;
mod hand;
pub mod mandate;
pub mod typed;
mod who;

use egui::Ui;
use matters::Capacity;
use texts::{path, person as t};

use self::{
    committee::CommitteeEntry,
    hand::Hand,
    mandate::{GuardianEntry, MandateEntry},
};
use crate::{
    look::theme::text,
    screen::Cx,
    speech::{Place, Wish},
    widget::{
        button, columns, frame,
        stepper::{Step, stepper},
    },
};

/// Below this width the earlier filings stand under the card.
const STACK_BELOW: f32 = 1000.0;

#[derive(Default)]
pub struct Person {
    /// Open while somebody types.
    hand: Option<Hand>,
    way: Option<Way>,
    /// True once "next" was pressed: now every gap is said.
    tried: bool,
}

/// Who came, while it is being entered.
enum Way {
    Myself,
    OnBehalf(Box<MandateEntry>, who::Left),
    Guardian(GuardianEntry, who::Left),
    Committee(CommitteeEntry, who::Left),
}

impl Person {
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
        if self.way.is_none() {
            self.way = cx.visit.draft.as_ref().and_then(|draft| draft.capacity.as_ref()).map(Way::of);
        }
        let foot = self.foot(ui, cx);
        let path = frame::path(ui, |ui| stepper(ui, cx.t, Step::Person)).map(Wish::GoTo);
        let body = frame::body_at(ui, "person", |ui| self.body(ui, cx));
        foot.or(path).or(body)
    }

    fn foot(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
        let has = cx.visit.applicant().is_some();
        let typing = self.hand.is_some() && !has;
        let capacity = self.way.as_ref().is_some_and(|way| !matches!(way, Way::Myself)) || self.capacity_stands(cx);
        let wrong = if self.tried { self.faults(cx) } else { 0 };
        let mut next = false;
        let mut toggle = false;
        let wish = frame::foot(
            ui,
            |ui| {
                let home = button::secondary(ui, path::home(cx.t)).clicked();
                if !has {
                    let words = if typing { t::back_to_card(cx.t) } else { t::by_hand(cx.t) };
                    toggle = button::link(ui, words).clicked();
                }
                home.then_some(Wish::GoTo(Place::Home))
            },
            |ui| {
                if has {
                    next = button::primary(ui, t::go_on(cx.t), capacity).clicked();
                    if wrong > 0 {
                        ui.label(text::strong(t::fields_wrong(cx.t, wrong as u64)).color(crate::look::theme::RED));
                    } else if !capacity {
                        let line = if cx.visit.by_card() { t::foot_clear(cx.t) } else { t::capacity_first(cx.t) };
                        ui.label(text::soft(line));
                    } else {
                        frame::saved(ui, cx);
                    }
                } else if typing {
                    next = button::primary(ui, t::use_typed(cx.t), true).clicked();
                } else {
                    button::primary(ui, t::go_on(cx.t), false);
                    ui.label(text::soft(t::who_first(cx.t)));
                }
                None
            },
        );
        if toggle {
            self.hand = if typing { None } else { Some(Hand::default()) };
        }
        let next = if next { self.next(cx) } else { None };
        wish.or(next)
    }

    /// What pressing the main action means now.
    fn next(&mut self, cx: &Cx<'_>) -> Option<Wish> {
        if cx.visit.applicant().is_none() {
            return self.hand.as_mut().and_then(|hand| hand.finish(cx)).map(Wish::TypedIdentity);
        }
        self.tried = true;
        self.way.as_ref()?;
        // What is whole was saved when it became so.
        (self.faults(cx) == 0).then_some(Wish::GoTo(Place::Matters))
    }

    /// How many entries about who came are not right yet.
    fn faults(&self, cx: &Cx<'_>) -> usize {
        let Some(person) = cx.visit.applicant() else { return 0 };
        let number = person.number.expose();
        let today = crate::words::day(cx.now);
        match &self.way {
            None | Some(Way::Myself) => 0,
            Some(Way::OnBehalf(entry, _)) => entry.faults(cx.t, number, today).count(),
            Some(Way::Guardian(entry, _)) => entry.faults(cx.t, number, today).count(),
            Some(Way::Committee(entry, _)) => entry.faults(cx.t).count(),
        }
    }

    fn capacity_stands(&self, cx: &Cx<'_>) -> bool {
        matches!((&self.way, draft_capacity(cx)), (Some(Way::Myself), Some(Capacity::Myself)))
    }

    fn body(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = crate::look::theme::GAP;
            ui.label(text::hero(t::title(cx.t)));
            ui.label(text::soft(self.subtitle(cx)));
        });
        let Some(person) = cx.visit.applicant() else {
            match &mut self.hand {
                Some(hand) => hand.show(ui, cx),
                None => card::waiting(ui, cx),
            }
            return None;
        };
        // While a mandate is filled in, its entries need the room that the card had.
        if matches!(self.way, Some(Way::OnBehalf(..) | Way::Guardian(..) | Way::Committee(..))) {
            card::short(ui, cx, person);
            return self.who(ui, cx);
        }
        // On a low window who came is asked before what was filed earlier: it decides what follows.
        if frame::folds(ui) {
            let shown = card::data(ui, cx, person);
            let who = self.who(ui, cx);
            let opened = earlier::show(ui, cx);
            card::warnings(ui, cx, person);
            return shown.or(who).or(opened);
        }
        let stacked = ui.available_width() < STACK_BELOW;
        let shown = columns::two(
            ui,
            stacked,
            0.61,
            self,
            |ui, _| card::data(ui, cx, person),
            |ui, _| {
                let wish = earlier::show(ui, cx);
                card::warnings(ui, cx, person);
                wish
            },
        );
        // Drawn in every pass, also in the one in which something above was pressed.
        let who = self.who(ui, cx);
        shown.or(who)
    }

    fn subtitle(&self, cx: &Cx<'_>) -> String {
        match cx.visit.applicant() {
            Some(_) if cx.visit.by_card() => t::sub_read(cx.t),
            Some(_) => t::sub_manual(cx.t),
            None if self.hand.is_some() => t::sub_manual(cx.t),
            None => t::sub_wait(cx.t),
        }
    }
}

fn draft_capacity<'a>(cx: &'a Cx<'_>) -> Option<&'a Capacity> {
    cx.visit.draft.as_ref()?.capacity.as_ref()
}

impl Way {
    fn of(capacity: &Capacity) -> Self {
        match capacity {
            Capacity::Myself => Way::Myself,
            Capacity::OnBehalf { mandate } => Way::OnBehalf(Box::new(MandateEntry::of(mandate)), Default::default()),
            Capacity::Guardian { guardian, guardian_number, relation } => Way::Guardian(
                GuardianEntry {
                    name: guardian.expose().clone(),
                    number: guardian_number.expose().clone(),
                    relation: relation.clone(),
                },
                Default::default(),
            ),
            Capacity::Committee { officer, officer_phone, reason } => Way::Committee(
                CommitteeEntry {
                    officer: officer.expose().clone(),
                    phone: officer_phone.expose().clone(),
                    reason: reason.clone(),
                },
                Default::default(),
            ),
        }
    }
}
