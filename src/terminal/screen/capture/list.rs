//! 要拍的材料: which papers are wanted, how many pages each has, and which one is next.

use egui::{Sense, Stroke, StrokeKind, Ui, vec2};
use matters::{About, Material, Matter, form};
use outbox::Draft;
use texts::capture as t;

use super::pages_of;
use crate::{
    look::theme::{self, bold, regular, size, text},
    screen::{Cx, aside},
    speech::Wish,
    widget::card,
    words,
};

/// One paper and how far it is.
pub struct Wanted<'a> {
    pub material: &'a Material,
    pub by_card: bool,
    pub required: bool,
    pub pages: u32,
    pub pages_min: u32,
}

impl Wanted<'_> {
    /// Nothing can go on without it.
    pub fn lacks(&self) -> bool {
        !self.by_card && self.pages < self.pages_min && (self.required || self.pages > 0)
    }

    pub fn is_full(&self) -> bool {
        self.pages >= self.material.pages_max
    }
}

/// The papers of this filing, or those that a correction asks for.
pub fn wanted<'a>(cx: &Cx<'a>, matter: &'a Matter, draft: &Draft) -> Vec<Wanted<'a>> {
    let count = |code: &str| pages_of(draft, code).len() as u32;
    if cx.visit.supplement.is_some() {
        let correction = cx.visit.filing.as_ref().and_then(|full| full.row.case.as_ref()?.correction.as_ref());
        let mut out: Vec<Wanted<'_>> = Vec::new();
        for item in correction.iter().flat_map(|correction| &correction.items) {
            let code = match &item.about {
                About::Page { material, .. } | About::Material { material } => material,
                About::Field { .. } => continue,
            };
            // Two pages of one paper need two pictures.
            let pages_min = u32::from(matches!(item.about, About::Page { .. } | About::Material { .. }));
            match (out.iter_mut().find(|w| w.material.code == *code), matter.material(code)) {
                (Some(have), _) => have.pages_min += pages_min,
                (None, Some(material)) => {
                    out.push(Wanted { material, by_card: false, required: true, pages: count(code), pages_min })
                }
                (None, None) => {}
            }
        }
        return out;
    }
    let Some(situation) = aside::situation(cx) else { return Vec::new() };
    form::due_materials(matter, &situation)
        .into_iter()
        .map(|due| Wanted {
            material: due.material,
            by_card: due.by_card,
            required: due.material.required,
            pages: count(&due.material.code),
            pages_min: due.material.pages_min,
        })
        .collect()
}

/// Where to begin: the first that lacks, else the first that can be photographed.
pub fn first(wanted: &[Wanted<'_>]) -> Option<String> {
    let camera = || wanted.iter().filter(|w| !w.by_card);
    camera().find(|w| w.lacks()).or_else(|| camera().next()).map(|w| w.material.code.clone())
}

/// The paper after this one that still lacks, going round once.
pub fn after(wanted: &[Wanted<'_>], aim: Option<&str>) -> Option<String> {
    let at = wanted.iter().position(|w| Some(w.material.code.as_str()) == aim)?;
    if wanted[at].lacks() {
        return None;
    }
    let round = wanted[at + 1..].iter().chain(&wanted[..at]);
    round.filter(|w| w.lacks()).map(|w| w.material.code.clone()).next()
}

pub fn show(ui: &mut Ui, cx: &Cx<'_>, wanted: &[Wanted<'_>], aim: Option<&str>) -> Option<Wish> {
    let mut wish = None;
    card::card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        ui.label(text::large(t::list_title(cx.t)));
        for (index, one) in wanted.iter().enumerate() {
            if index > 0 {
                card::rule(ui);
            }
            if row(ui, cx, one, Some(one.material.code.as_str()) == aim) {
                wish = Some(Wish::Aim { material: one.material.code.clone() });
            }
        }
    });
    wish
}

fn row(ui: &mut Ui, cx: &Cx<'_>, one: &Wanted<'_>, here: bool) -> bool {
    let name = words::said(cx.t, &one.material.name);
    let state = state(cx, one);
    let state = ui.painter().layout_no_wrap(state, regular(size::SMALL), theme::SOFT);
    let font = if here { bold(size::BODY) } else { regular(size::BODY) };
    let room = (ui.available_width() - 40.0 - state.size().x - 12.0).max(80.0);
    let galley = ui.painter().layout(name.to_owned(), font, theme::INK, room);
    let height = galley.size().y.max(44.0) + 8.0;
    let sense = if one.by_card { Sense::hover() } else { Sense::click() };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), sense);
    response.widget_info(|| {
        if one.by_card {
            egui::WidgetInfo::labeled(egui::Role::Label, true, name)
        } else {
            egui::WidgetInfo::selected(egui::Role::Button, true, here, name)
        }
    });
    if response.has_focus() {
        ui.painter().rect_stroke(rect, theme::RADIUS_BADGE, Stroke::new(2.0, theme::PRIMARY), StrokeKind::Inside);
    }
    let mark = rect.left_center() + vec2(14.0, 0.0);
    let done = one.by_card || (one.pages >= one.pages_min && one.pages > 0);
    let painter = ui.painter();
    if here {
        let points = vec![mark + vec2(-5.0, -8.0), mark + vec2(8.0, 0.0), mark + vec2(-5.0, 8.0)];
        painter.add(egui::Shape::convex_polygon(points, theme::PRIMARY, Stroke::NONE));
    } else if done {
        painter.text(mark, egui::Align2::CENTER_CENTER, "✓", bold(size::BODY), theme::GREEN);
    } else {
        painter.circle_stroke(mark, 9.0, Stroke::new(1.5, theme::SOFT));
    }
    painter.galley(egui::pos2(rect.left() + 38.0, rect.center().y - galley.size().y / 2.0), galley, theme::INK);
    painter.galley(egui::pos2(rect.right() - state.size().x, rect.center().y - state.size().y / 2.0), state, theme::SOFT);
    response.clicked()
}

fn state(cx: &Cx<'_>, one: &Wanted<'_>) -> String {
    let pages = u64::from(one.pages);
    match one {
        Wanted { by_card: true, .. } => t::by_card(cx.t),
        Wanted { pages: 0, required: false, .. } => t::optional(cx.t),
        Wanted { pages: 0, .. } => t::count_none(cx.t),
        one if one.pages < one.pages_min => t::count_lack(cx.t, pages, u64::from(one.pages_min)),
        one if one.is_full() && one.material.pages_max > 1 => t::count_full(cx.t, pages),
        _ => t::count_pages(cx.t, pages),
    }
}
