//! One filing: where it stands and how it came there, its receipt, its result, and what can be done.

mod deliver;
pub mod events;
mod result;
pub mod voice;
mod withdraw;

use egui::Ui;
use matters::{Filing as Sealed, Matter, PageRef, State, What};
use outbox::{ActState, FilingFull, FilingRow, Stage};
use texts::filings as t;

use self::{deliver::Deliver, voice::Voice, withdraw::Withdraw};
use crate::{
    look::theme::{self, Tone, text},
    screen::{Cx, capture::picture, capture::strip, receipt, terms},
    speech::Wish,
    widget::{badge, button, card, columns, frame},
    words,
};

#[derive(Default)]
pub struct Filing {
    withdraw: Option<Withdraw>,
    deliver: Option<Deliver>,
    voice: Voice,
}

/// The list knows of news before the filing was read again.
pub fn newest<'a>(cx: &Cx<'a>, full: &'a FilingFull) -> &'a FilingRow {
    cx.overview.filings.iter().find(|row| row.id == full.row.id).unwrap_or(&full.row)
}

/// Name of the matter in the window's language; its id when the catalogue does not know it.
pub fn matter_name(cx: &Cx<'_>, id: &str) -> String {
    super::home::matter_name(cx, id)
}

impl Filing {
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
        let Some(full) = &cx.visit.filing else {
            let foot =
                frame::foot(ui, |ui| button::secondary(ui, t::back_to_list(cx.t)).clicked().then_some(Wish::Back), |_| None);
            frame::body_at(ui, "filing", |ui| card::note(ui, Tone::Quiet, "", &t::loading(cx.t)));
            return foot;
        };
        let row = newest(cx, full);
        let foot = self.foot(ui, cx, full, row);
        let body = frame::body_at(ui, "filing", |ui| self.body(ui, cx, full, row));
        foot.or(body)
    }

    fn foot(&mut self, ui: &mut Ui, cx: &Cx<'_>, full: &FilingFull, row: &FilingRow) -> Option<Wish> {
        let state = row.case.as_ref().map(|case| case.state);
        let mend = state == Some(State::InCorrection);
        let may_withdraw = withdraw::possible(row) && self.withdraw.is_none();
        let may_deliver = deliver::possible(full, row) && self.deliver.is_none();
        let (mut open, mut hand_over) = (false, false);
        let wish = frame::foot(
            ui,
            |ui| {
                let back = button::secondary(ui, t::back_to_list(cx.t)).clicked().then_some(Wish::Back);
                if may_withdraw {
                    open = button::link(ui, t::withdraw(cx.t)).clicked();
                }
                back
            },
            |ui| {
                if mend {
                    return button::primary(ui, t::mend(cx.t), true).clicked().then_some(Wish::Supplement);
                }
                if may_deliver {
                    hand_over = button::primary(ui, t::deliver(cx.t), true).clicked();
                    return None;
                }
                if matches!(row.stage, Stage::Waiting) {
                    return button::secondary(ui, t::send_now(cx.t)).clicked().then_some(Wish::SendNow);
                }
                None
            },
        );
        if open {
            self.withdraw = Some(Withdraw::default());
        }
        if hand_over {
            self.deliver = Some(Deliver::to(full.sealed.filing().applicant.name.expose()));
        }
        wish
    }

    fn body(&mut self, ui: &mut Ui, cx: &Cx<'_>, full: &FilingFull, row: &FilingRow) -> Option<Wish> {
        let filing = full.sealed.filing();
        let matter = cx.catalogue.matter(&filing.matter);
        let shown = cx.visit.shown.and_then(|digest| brought(full).into_iter().find(|(page, _)| page.sha256 == digest));
        if let Some((page, _)) = shown {
            let name = page_name(cx, matter, page);
            ui.label(text::hero(&name));
            let height = (ui.clip_rect().bottom() - ui.cursor().top() - 84.0).clamp(300.0, 1000.0);
            picture::page(
                ui,
                cx,
                page,
                height,
                &texts::capture::page_shown(cx.t, material_name(cx, matter, &page.material), u64::from(page.order)),
            );
            return button::small(ui, t::back_to_filing(cx.t)).clicked().then_some(Wish::ShowPage(page.sha256));
        }
        heading(ui, cx, filing, row);
        let mut wish = None;
        if let Some(withdraw) = &mut self.withdraw {
            match withdraw.show(ui, cx) {
                withdraw::Said::Nothing => {}
                withdraw::Said::Not => self.withdraw = None,
                withdraw::Said::Send(reason) => {
                    self.withdraw = None;
                    wish = Some(Wish::Withdraw { reason });
                }
            }
        }
        if let Some(deliver) = &mut self.deliver {
            match deliver.show(ui, cx) {
                deliver::Said::Nothing => {}
                deliver::Said::Not => self.deliver = None,
                deliver::Said::Send { collector, way } => {
                    self.deliver = None;
                    wish = Some(Wish::Deliver { collector, way });
                }
            }
        }
        let stacked = ui.available_width() < 1000.0;
        let from_columns = columns::two(
            ui,
            stacked,
            0.56,
            self,
            |ui, _| {
                card::card(ui, |ui| {
                    ui.label(text::title(t::where_(cx.t)));
                    events::show(ui, cx, &events::of(cx, full, row));
                });
                pages(ui, cx, full, matter)
            },
            |ui, this| {
                if row.stage != Stage::Received {
                    receipt::hall(ui, cx, row);
                }
                let saved = result::show(ui, cx, row);
                facts(ui, cx, full, filing);
                saved.or(this.voice.show(ui, cx, full, row))
            },
        );
        ui.add_space(theme::GAP);
        wish.or(from_columns)
    }
}

/// Who and what, and the state in its exact words.
pub fn heading(ui: &mut Ui, cx: &Cx<'_>, filing: &Sealed, row: &FilingRow) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = theme::GAP;
        let matter = matter_name(cx, &filing.matter);
        ui.label(text::hero(t::page_title(cx.t, filing.applicant.name.expose().as_str(), matter)));
        let (state, tone) = terms::stage(cx.t, row);
        badge::badge(ui, tone, &state);
    });
}

fn material_name(cx: &Cx<'_>, matter: Option<&Matter>, code: &str) -> String {
    matter
        .and_then(|matter| matter.material(code))
        .map_or_else(|| code.to_owned(), |material| words::said(cx.t, &material.name).to_owned())
}

pub fn page_name(cx: &Cx<'_>, matter: Option<&Matter>, page: &matters::PageRef) -> String {
    texts::capture::page_n(cx.t, material_name(cx, matter, &page.material), u64::from(page.order))
}

fn facts(ui: &mut Ui, cx: &Cx<'_>, full: &FilingFull, filing: &Sealed) {
    card::card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 10.0;
        card::fact_with(ui, 130.0, &t::number(cx.t), |ui| ui.label(text::large(&filing.case_number)));
        card::fact(ui, 130.0, &t::query_code(cx.t), &terms::pairs(filing.query_code.expose()));
        let receipt = if full.receipt.is_some() { t::receipt_held(cx.t) } else { t::receipt_not_yet(cx.t) };
        card::fact(ui, 130.0, &t::receipt(cx.t), &receipt);
        let digest = full.sealed.digest().to_string();
        ui.label(text::small(t::seal_digest(cx.t, &digest[..16])));
    });
}

/// Pages of the filing, then those of its answered corrections; true for the latter. An answer that
/// the hall refused belongs to nothing.
pub fn brought(full: &FilingFull) -> Vec<(&PageRef, bool)> {
    let answers = full.acts.iter().filter(|(_, state)| !matches!(state, ActState::Refused { .. }));
    let later = answers.flat_map(|(act, _)| match &act.what {
        What::Supplement { pages, .. } => pages.as_slice(),
        What::File { .. } | What::Withdraw { .. } | What::Deliver { .. } | What::Evaluate { .. } | What::Complain { .. } => &[],
    });
    full.sealed.filing().pages.iter().map(|page| (page, false)).chain(later.map(|page| (page, true))).collect()
}

fn pages(ui: &mut Ui, cx: &Cx<'_>, full: &FilingFull, matter: Option<&Matter>) -> Option<Wish> {
    let all = brought(full);
    if all.is_empty() {
        return None;
    }
    let (first, later): (Vec<_>, Vec<_>) = all.into_iter().take(crate::look::textures::PAGES_MAX).partition(|(_, later)| !later);
    let mut wish = None;
    card::card(ui, |ui| {
        for (title, group) in [(t::pages(cx.t, first.len() as u64), first), (t::pages_later(cx.t, later.len() as u64), later)] {
            if group.is_empty() {
                continue;
            }
            ui.label(text::large(title));
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing = egui::vec2(12.0, 10.0);
                for (page, _) in group {
                    if strip::thumbnail(ui, cx, page, &page_name(cx, matter, page), false) {
                        wish = Some(Wish::ShowPage(page.sha256));
                    }
                }
            });
        }
    });
    wish
}
