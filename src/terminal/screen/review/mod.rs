//! 核对: turned to the resident. What was entered, where the money goes, which pages, what follows.

mod checks;
mod filled;

use egui::Ui;
use jiff::{SignedDuration, Timestamp};
use matters::PageRef;
use outbox::Draft;
use texts::{path, review as t};

pub use self::checks::{Check, checks};
use crate::{
    look::theme::{self, Tone, text},
    screen::{
        Cx, aside,
        capture::{picture, strip},
        checklist,
    },
    speech::{Place, Wish},
    widget::{
        badge::Light,
        button, card, columns, field, frame,
        stepper::{Step, stepper},
    },
    words,
};

/// After this long without an answer the seal can be pressed again; what failed was said.
const SEAL_PATIENCE: SignedDuration = SignedDuration::from_secs(8);

#[derive(Default)]
pub struct Review {
    /// The resident has read it.
    confirmed: bool,
    sealing_since: Option<Timestamp>,
    /// The account number is shown whole while somebody holds the button.
    account_held: bool,
}

impl Review {
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
        let (Some(matter), Some(draft)) = (aside::matter(cx), &cx.visit.draft) else {
            // Sealed a moment ago: the draft is gone, the filing is on its way here.
            return if self.sealing_since.is_some() { sealing(ui, cx) } else { checklist::no_matter(ui, cx) };
        };
        let checks = checks(cx, matter, draft);
        let foot = self.foot(ui, cx, &checks);
        let step = if self.is_sealing(cx) { Step::Seal } else { Step::Review };
        let back = frame::path(ui, |ui| stepper(ui, cx.t, step)).map(Wish::GoTo);
        let side = frame::side(ui, cx, |ui| {
            frame::resident(ui, cx);
            checks::show(ui, cx, &checks)
        });
        let body = frame::body_at(ui, "review", |ui| self.body(ui, cx, draft, matter));
        foot.or(back).or(side).or(body)
    }

    fn is_sealing(&self, cx: &Cx<'_>) -> bool {
        self.sealing_since.is_some_and(|since| cx.now.duration_since(since) < SEAL_PATIENCE)
    }

    fn foot(&mut self, ui: &mut Ui, cx: &Cx<'_>, checks: &[Check]) -> Option<Wish> {
        let whole = checks.iter().all(|check| check.light != Light::Bad);
        let sealing = self.is_sealing(cx);
        let ready = whole && self.confirmed && !sealing;
        let confirmed = self.confirmed;
        let mut ticked = false;
        let wish = frame::foot(
            ui,
            |ui| {
                let back = button::secondary_if(ui, path::back(cx.t), !sealing).clicked().then_some(Wish::Back);
                let keep = button::link(ui, path::keep_draft(cx.t)).clicked().then_some(Wish::EndVisit);
                back.or(keep)
            },
            |ui| {
                let seal = button::primary(ui, t::seal(cx.t), ready).clicked();
                if sealing {
                    ui.label(text::soft(t::sealing(cx.t)));
                } else if whole {
                    ticked = field::tick(ui, confirmed, &t::confirmed(cx.t));
                    if confirmed {
                        let agent = cx.agent.map(|agent| agent.name.as_str()).unwrap_or_default();
                        ui.label(text::small(t::signed_by(cx.t, agent)));
                    } else {
                        ui.label(text::soft(t::confirm_first(cx.t)));
                    }
                } else {
                    ui.label(text::strong(t::not_whole(cx.t)).color(theme::RED));
                }
                seal.then_some(Wish::Seal)
            },
        );
        self.confirmed ^= ticked;
        if matches!(wish, Some(Wish::Seal)) {
            self.sealing_since = Some(cx.now);
        }
        wish
    }

    fn body(&mut self, ui: &mut Ui, cx: &Cx<'_>, draft: &Draft, matter: &matters::Matter) -> Option<Wish> {
        if let Some(page) = cx.visit.shown.and_then(|digest| draft.pages.iter().find(|page| page.sha256 == digest)) {
            return large(ui, cx, matter, page);
        }
        let name = draft.applicant.as_ref().map(|person| person.name.expose().as_str()).unwrap_or_default();
        ui.label(text::hero(t::title(cx.t, name)));
        ui.label(text::soft(t::sub(cx.t)));
        let stacked = ui.available_width() < 900.0;
        let wish = columns::two(
            ui,
            stacked,
            0.58,
            self,
            |ui, this| filled::show(ui, cx, matter, draft, &mut this.account_held),
            |ui, _| pages(ui, cx, matter, draft),
        );
        after(ui, cx);
        ui.add_space(theme::GAP);
        wish
    }
}

fn sealing(ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
    frame::path(ui, |ui| stepper(ui, cx.t, Step::Seal));
    frame::body_at(ui, "review", |ui| card::note(ui, Tone::Primary, "", &t::sealing(cx.t)));
    None
}

fn page_name(cx: &Cx<'_>, matter: &matters::Matter, page: &PageRef) -> String {
    let name = matter.material(&page.material).map_or(page.material.as_str(), |material| words::said(cx.t, &material.name));
    texts::capture::page_n(cx.t, name, u64::from(page.order))
}

/// One page as large as it fits, with the way back.
fn large(ui: &mut Ui, cx: &Cx<'_>, matter: &matters::Matter, page: &PageRef) -> Option<Wish> {
    let name = page_name(cx, matter, page);
    ui.label(text::hero(&name));
    let height = (ui.clip_rect().bottom() - ui.cursor().top() - 84.0).clamp(300.0, 1000.0);
    picture::page(ui, cx, page, height, &texts::capture::page_shown(cx.t, name, u64::from(page.order)));
    button::small(ui, t::back_to_review(cx.t)).clicked().then_some(Wish::ShowPage(page.sha256))
}

fn pages(ui: &mut Ui, cx: &Cx<'_>, matter: &matters::Matter, draft: &Draft) -> Option<Wish> {
    let mut wish = None;
    card::card(ui, |ui| {
        ui.label(text::large(t::pages(cx.t, draft.pages.len() as u64)));
        if draft.pages.is_empty() {
            ui.label(text::soft(t::no_pages(cx.t)));
        }
        for material in &matter.materials {
            let own: Vec<&PageRef> = draft.pages.iter().filter(|page| page.material == material.code).collect();
            if own.is_empty() {
                continue;
            }
            ui.label(text::body(words::said(cx.t, &material.name)));
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing = egui::vec2(12.0, 10.0);
                for page in own {
                    if strip::thumbnail(ui, cx, page, &page_name(cx, matter, page), false) {
                        wish = Some(Wish::ShowPage(page.sha256));
                    }
                }
            });
        }
    });
    wish
}

fn after(ui: &mut Ui, cx: &Cx<'_>) {
    let steps = [t::after_1(cx.t), t::after_2(cx.t), t::after_3(cx.t), t::after_4(cx.t)].join(" → ");
    card::note(ui, Tone::Primary, &t::after_title(cx.t), &steps);
}

/// Where to go to mend what a check found.
pub(crate) fn place_of(check: &Check) -> Option<(Place, fn(&texts::Texts) -> String)> {
    check.mend.map(|place| match place {
        Place::Capture => (place, t::fix_pages as fn(&texts::Texts) -> String),
        Place::Person => (place, t::fix_person as _),
        _ => (place, t::fix_form as _),
    })
}
