//! The pages of one paper, small, in order; a press shows one large.

use egui::{Align2, Rect, Sense, Stroke, StrokeKind, Ui, pos2, vec2};
use matters::PageRef;
use texts::capture as t;

use super::{list::Wanted, picture};
use crate::{
    look::theme::{self, bold, size},
    screen::Cx,
    speech::Wish,
    words,
};

/// So many thumbnails stand in a row.
const SHOWN_MAX: usize = 10;

pub fn show(ui: &mut Ui, cx: &Cx<'_>, now: &Wanted<'_>, pages: &[&PageRef], shown: Option<&PageRef>) -> Option<Wish> {
    let mut wish = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(14.0, 10.0);
        for page in pages.iter().take(2 * SHOWN_MAX) {
            let name = t::page_n(cx.t, words::said(cx.t, &now.material.name), u64::from(page.order));
            if thumbnail(ui, cx, page, &name, shown.is_some_and(|shown| shown.sha256 == page.sha256)) {
                wish = Some(Wish::ShowPage(page.sha256));
            }
        }
        if !now.is_full() {
            slot(ui);
        }
    });
    wish
}

/// One page, 84 × 112 points, with its number.
pub fn thumbnail(ui: &mut Ui, cx: &Cx<'_>, page: &PageRef, name: &str, chosen: bool) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(84.0, 112.0), Sense::click());
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, chosen, name));
    let painter = ui.painter();
    painter.rect_filled(rect, theme::RADIUS_BADGE, theme::CARD);
    if let Some(texture) = cx.textures.page(page.sha256) {
        picture::paint(ui, texture, picture::fit(rect.expand(4.0), texture.size_vec2()));
    }
    let stroke = match (chosen, response.has_focus()) {
        (true, _) => Stroke::new(4.0, theme::PRIMARY),
        (_, true) => Stroke::new(3.0, theme::PRIMARY),
        _ => theme::STROKE,
    };
    painter.rect_stroke(rect, theme::RADIUS_BADGE, stroke, StrokeKind::Inside);
    let at = Rect::from_min_size(rect.right_bottom() - vec2(30.0, 30.0), vec2(26.0, 26.0));
    painter.rect_filled(at, theme::RADIUS_BADGE, theme::CARD);
    painter.text(at.center(), Align2::CENTER_CENTER, page.order.to_string(), bold(size::SMALL), theme::INK);
    response.clicked()
}

/// The place of the next page, dashed.
fn slot(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(84.0, 112.0), Sense::hover());
    let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
    ui.painter().extend(egui::Shape::dashed_line(&corners, Stroke::new(1.5, theme::LINE), 6.0, 5.0));
    let (x, y) = (rect.center().x, rect.center().y);
    ui.painter().line_segment([pos2(x - 10.0, y), pos2(x + 10.0, y)], Stroke::new(2.0, theme::SOFT));
    ui.painter().line_segment([pos2(x, y - 10.0), pos2(x, y + 10.0)], Stroke::new(2.0, theme::SOFT));
}
