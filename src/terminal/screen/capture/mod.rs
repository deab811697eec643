//! 拍材料: the live picture with its outline and verdict, the list of papers, the pages below.

mod corners;
mod finish;
mod list;
pub mod picture;
pub mod strip;

use egui::Ui;
use matters::{Matter, PageRef, form};
use outbox::Draft;
use texts::{capture as t, path};

use self::{corners::Corners, list::Wanted};
use crate::{
    look::theme::{self, Tone, text},
    screen::{Cx, checklist, terms},
    speech::{Finish, Place, Spot, Wish},
    widget::{
        badge::{self, Light},
        button, card, frame,
        stepper::{Step, stepper},
    },
    words,
};

#[derive(Default)]
pub struct Capture {
    /// Page that shall really be deleted: asked once more.
    deleting: Option<u32>,
    corners: Option<Corners>,
    /// The choices of paper, colours and watermark stand open.
    choosing: bool,
}

/// True when anything is to be photographed.
pub fn anything(matter: &Matter, situation: &form::Situation<'_>) -> bool {
    form::due_materials(matter, situation).iter().any(|due| !due.by_card)
}

/// The draft that pictures go into: an answer to a correction, or the filing itself.
fn active<'a>(cx: &Cx<'a>) -> Option<&'a Draft> {
    match &cx.visit.supplement {
        Some(supplement) => supplement.draft.as_ref(),
        None => cx.visit.draft.as_ref(),
    }
}

/// Pages of one material, in order.
fn pages_of<'a>(draft: &'a Draft, material: &str) -> Vec<&'a PageRef> {
    let mut pages: Vec<&PageRef> = draft.pages.iter().filter(|page| page.material == material).collect();
    pages.sort_by_key(|page| page.order);
    pages
}

impl Capture {
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
        let Some(draft) = active(cx) else { return checklist::no_matter(ui, cx) };
        let Some(matter) = draft.matter.as_deref().and_then(|id| cx.catalogue.matter(id)) else {
            return checklist::no_matter(ui, cx);
        };
        let wanted = list::wanted(cx, matter, draft);
        let aim = cx.visit.aim.as_ref().map(|aim| aim.material.clone()).or_else(|| list::first(&wanted));
        let answering = cx.visit.supplement.is_some();
        let foot = self.foot(ui, cx, &wanted, aim.as_deref());
        let back = if answering { None } else { frame::path(ui, |ui| stepper(ui, cx.t, Step::Capture)).map(Wish::GoTo) };
        let side = frame::side(ui, cx, |ui| {
            frame::resident(ui, cx);
            let pressed = list::show(ui, cx, &wanted, aim.as_deref());
            verdict_of_last(ui, cx).or(pressed)
        });
        let body = frame::body_at(ui, "capture", |ui| {
            match aim.as_deref().and_then(|code| wanted.iter().find(|w| w.material.code == code)) {
                Some(now) => self.body(ui, cx, draft, now),
                None => {
                    card::note(ui, Tone::Quiet, "", &t::nothing_due(cx.t));
                    None
                }
            }
        });
        let wish = foot.or(back).or(side).or(body);
        if wish.is_some() {
            return wish;
        }
        // The first picture needs an aim; the list shows which one it is.
        match (&cx.visit.aim, aim) {
            (None, Some(material)) => Some(Wish::Aim { material }),
            _ => None,
        }
    }

    fn foot(&mut self, ui: &mut Ui, cx: &Cx<'_>, wanted: &[Wanted<'_>], aim: Option<&str>) -> Option<Wish> {
        let answering = cx.visit.supplement.is_some();
        let next = list::after(wanted, aim);
        let lacking: Vec<&str> = wanted.iter().filter(|w| w.lacks()).map(|w| words::said(cx.t, &w.material.name)).collect();
        let all = lacking.is_empty();
        let can_shoot = cx.textures.preview().is_some()
            && !cx.camera.busy
            && self.corners.is_none()
            && aim.is_some_and(|code| {
                let full = wanted.iter().any(|w| w.material.code == code && w.is_full());
                !full || cx.visit.aim.as_ref().is_some_and(|aim| matches!(aim.spot, Spot::Instead(_)))
            });
        // Nobody is in the middle of anything else, and the page under the camera was not taken yet.
        let idle = cx.visit.shown.is_none() && self.deleting.is_none();
        if cx.camera.auto && cx.camera.settled && can_shoot && idle {
            return Some(Wish::Shoot);
        }
        frame::foot(
            ui,
            |ui| {
                let back = button::secondary(ui, path::back(cx.t)).clicked().then_some(Wish::Back);
                let auto = if cx.camera.auto { t::auto_on(cx.t) } else { t::auto_off(cx.t) };
                let auto = button::link(ui, auto).clicked().then_some(Wish::AutoShot(!cx.camera.auto));
                let keep = if answering { false } else { button::link(ui, path::keep_draft(cx.t)).clicked() };
                back.or(auto).or(keep.then_some(Wish::EndVisit))
            },
            |ui| {
                let mut wish = None;
                let shoot = if cx.camera.busy { t::shooting(cx.t) } else { t::shoot(cx.t) };
                let onward = if answering { texts::correction::finish_capture(cx.t) } else { t::to_review(cx.t) };
                let place = if answering { Place::Correction } else { Place::Review };
                // Once everything is there, going on is the main thing and another page the side one.
                if all {
                    if button::primary(ui, onward, !cx.camera.busy).clicked() {
                        wish = Some(Wish::GoTo(place));
                    }
                    if button::secondary_if(ui, shoot, can_shoot).clicked() {
                        wish = Some(Wish::Shoot);
                    }
                } else {
                    if button::primary(ui, shoot, can_shoot).clicked() {
                        wish = Some(Wish::Shoot);
                    }
                    if let Some(next) = next
                        && button::secondary_if(ui, t::done_kind(cx.t), !cx.camera.busy).clicked()
                    {
                        wish = Some(Wish::Aim { material: next });
                    }
                }
                let line = if all { t::all_there(cx.t) } else { t::saved_each(cx.t) };
                badge::state_line(ui, Light::Good, &line);
                wish
            },
        )
    }

    fn body(&mut self, ui: &mut Ui, cx: &Cx<'_>, draft: &Draft, now: &Wanted<'_>) -> Option<Wish> {
        let pages = pages_of(draft, &now.material.code);
        let spot = cx.visit.aim.as_ref().map(|aim| aim.spot).unwrap_or_default();
        let shown = cx.visit.shown.and_then(|digest| pages.iter().find(|page| page.sha256 == digest)).copied();
        let line = match (spot, shown) {
            (Spot::Last, Some(page)) => t::page_of_material(cx.t, u64::from(page.order)),
            (Spot::Last, None) if now.is_full() => t::count_full(cx.t, u64::from(now.pages)),
            (Spot::Last, None) => t::page_of_material(cx.t, pages.len() as u64 + 1),
            (Spot::Before(order), _) => t::page_before(cx.t, u64::from(order)),
            (Spot::Instead(order), _) => t::page_again(cx.t, u64::from(order)),
        };
        ui.horizontal_wrapped(|ui| {
            ui.label(text::hero(words::said(cx.t, &now.material.name)));
            ui.label(text::soft(line));
        });
        let finish = cx.visit.finish(now.material, cx.config.capture.watermark);
        let chosen = self.finish(ui, cx, now, finish);
        if chosen.is_some() {
            return chosen;
        }
        if let Some(editing) = &mut self.corners {
            return match editing.show(ui, cx) {
                corners::Said::Nothing => None,
                corners::Said::Cancel => {
                    self.corners = None;
                    None
                }
                corners::Said::Use(points) => {
                    self.corners = None;
                    Some(Wish::Corners(points))
                }
            };
        }
        let height = picture_height(ui, shown.is_some());
        match shown {
            Some(page) => picture::page(ui, cx, page, height, &words_of(cx, now, page)),
            None => picture::live(ui, cx, height, finish.paper == scan::Paper::Whole),
        }
        ui.add_space(4.0);
        let picked = strip::show(ui, cx, now, &pages, shown, spot);
        let acts = self.acts(ui, cx, now, &pages, shown);
        picked.or(acts)
    }

    /// How its pages are made: in a few words, or all the choices.
    fn finish(&mut self, ui: &mut Ui, cx: &Cx<'_>, now: &Wanted<'_>, finish: Finish) -> Option<Wish> {
        let code = &now.material.code;
        if self.choosing {
            let anew = cx.camera.last.as_ref().is_some_and(|last| last.page.as_ref().is_some_and(|(of, _)| of == code));
            return match finish::show(ui, cx, code, finish, anew) {
                finish::Said::Nothing => None,
                finish::Said::Close => {
                    self.choosing = false;
                    None
                }
                finish::Said::Wish(wish) => Some(wish),
            };
        }
        // A row of its own height: a layout alone would take all that is left of the screen.
        let row = egui::vec2(ui.available_width(), theme::TARGET);
        ui.allocate_ui_with_layout(row, egui::Layout::right_to_left(egui::Align::Center), |ui| {
            self.choosing = button::small(ui, finish::said(cx, finish)).clicked();
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                ui.add(egui::Label::new(text::small(words::said(cx.t, &now.material.hint))).wrap());
            });
        });
        None
    }

    /// What can be done with the page that is shown large.
    fn acts(&mut self, ui: &mut Ui, cx: &Cx<'_>, now: &Wanted<'_>, pages: &[&PageRef], shown: Option<&PageRef>) -> Option<Wish> {
        let page = shown?;
        let material = || now.material.code.clone();
        let order = page.order;
        let last = pages.iter().map(|page| page.order).max().unwrap_or(order);
        if self.deleting == Some(order) {
            return ui
                .horizontal_wrapped(|ui| {
                    if button::danger(ui, t::delete_sure(cx.t, u64::from(order)), true).clicked() {
                        self.deleting = None;
                        return Some(Wish::DeletePage { material: material(), order });
                    }
                    if button::small(ui, t::delete_not(cx.t)).clicked() {
                        self.deleting = None;
                    }
                    None
                })
                .inner;
        }
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = egui::vec2(12.0, 10.0);
            let mut wish = None;
            if button::small(ui, t::back_to_camera(cx.t)).clicked() {
                wish = Some(Wish::ShowPage(page.sha256));
            }
            if button::small(ui, t::rotate(cx.t)).clicked() {
                wish = Some(Wish::RotatePage { material: material(), order });
            }
            if button::small(ui, t::retake(cx.t)).clicked() {
                wish = Some(Wish::Retake { material: material(), order });
            }
            if button::small_if(ui, t::earlier(cx.t), order > 1).clicked() {
                wish = Some(Wish::MovePage { material: material(), order, to: order - 1 });
            }
            if button::small_if(ui, t::later(cx.t), order < last).clicked() {
                wish = Some(Wish::MovePage { material: material(), order, to: order + 1 });
            }
            if button::small_if(ui, t::insert(cx.t), !now.is_full()).clicked() {
                wish = Some(Wish::InsertBefore { material: material(), order });
            }
            let still = cx.camera.last.as_ref().filter(|still| still.page == Some((material(), order)));
            if let (Some(still), Some(_)) = (still, cx.textures.still())
                && button::small(ui, t::corners(cx.t)).clicked()
            {
                self.corners = Some(Corners::of(still));
            }
            // The frame lies in the cabinet, also of pages that were taken on another day.
            if still.is_none() && cx.config.capture.keep_frames && button::small(ui, t::frame(cx.t)).clicked() {
                wish = Some(Wish::Reopen { material: material(), order });
            }
            if button::small(ui, t::delete(cx.t)).clicked() {
                self.deleting = Some(order);
            }
            wish
        })
        .inner
    }
}

/// Height for the picture, so that strip and buttons stay in sight without scrolling.
fn picture_height(ui: &Ui, acts: bool) -> f32 {
    let below = if acts { 212.0 } else { 150.0 };
    (ui.clip_rect().bottom() - ui.cursor().top() - below).clamp(240.0, 720.0)
}

fn words_of(cx: &Cx<'_>, now: &Wanted<'_>, page: &PageRef) -> String {
    t::page_shown(cx.t, words::said(cx.t, &now.material.name), u64::from(page.order))
}

/// Said of the still that was just taken: good, or what is wrong before it is sent.
fn verdict_of_last(ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
    if let Some(trouble) = cx.camera.failed {
        card::note(ui, Tone::Bad, "", &words::device_trouble(cx.t, trouble.code));
        return None;
    }
    let last = cx.camera.last.as_ref()?;
    let (material, order) = last.page.clone()?;
    if last.issues.is_empty() {
        card::note(ui, Tone::Good, "", &t::still_good(cx.t));
        return None;
    }
    let what: Vec<String> = last.issues.iter().map(|code| picture::verdict(cx, code)).collect();
    let title = t::issue_page(cx.t, u64::from(order), terms::list(cx.t, &what));
    card::note_with(ui, Tone::Warn, &title, &t::issue_more(cx.t), |ui| {
        button::small_primary(ui, t::retake_page(cx.t, u64::from(order)), !cx.camera.busy)
            .clicked()
            .then_some(Wish::Retake { material, order })
    })
}
