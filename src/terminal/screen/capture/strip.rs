//! The pages of one paper, small, in order; a press shows one large.

use egui::{Align2, Rect, Sense, Stroke, StrokeKind, Ui, pos2, vec2};
use matters::PageRef;
use scan::paper::is_card_shaped;
use texts::capture as t;

use super::{list::Wanted, picture};
use crate::{
    look::theme::{self, bold, size},
    screen::Cx,
    speech::{Spot, Wish},
    widget::button,
    words,
};

/// So many thumbnails stand in a row.
const SHOWN_MAX: usize = 10;

/// The pages, the place of the next one, and both sides of a card to be joined.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, now: &Wanted<'_>, pages: &[&PageRef], shown: Option<&PageRef>, spot: Spot) -> Option<Wish> {
    let mut wish = None;
    let material = || now.material.code.clone();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(14.0, 10.0);
        for page in pages.iter().take(2 * SHOWN_MAX) {
            if spot == Spot::Before(page.order) && slot(ui, &t::slot_before(cx.t, u64::from(page.order)), true) {
                // Pressed again: the next page goes behind the last after all.
                wish = Some(Wish::Aim { material: material() });
            }
            let name = t::page_n(cx.t, words::said(cx.t, &now.material.name), u64::from(page.order));
            let chosen = shown.is_some_and(|shown| shown.order == page.order) || spot == Spot::Instead(page.order);
            if thumbnail(ui, cx, page, &name, chosen) {
                wish = Some(Wish::ShowPage(page.sha256));
            }
        }
        if !now.is_full() && slot(ui, &t::slot_next(cx.t), spot == Spot::Last && shown.is_none()) {
            wish = Some(Wish::Aim { material: material() });
        }
        if let Some((front, back)) = sides(pages)
            && pages.len() as u32 > now.pages_min
            && button::small_primary(ui, t::join(cx.t, u64::from(front), u64::from(back)), !cx.camera.busy).clicked()
        {
            wish = Some(Wish::JoinSides { material: material(), front, back });
        }
    });
    wish
}

/// The first two neighbours that are both one side of a card: front and back, by their places.
fn sides(pages: &[&PageRef]) -> Option<(u32, u32)> {
    let is_side = |page: &PageRef| is_card_shaped(page.width_px, page.height_px);
    let pair = pages.windows(2).find(|pair| is_side(pair[0]) && is_side(pair[1]))?;
    Some((pair[0].order, pair[1].order))
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

/// The place of a page to come, dashed. `here`: the next picture goes there.
fn slot(ui: &mut Ui, name: &str, here: bool) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(84.0, 112.0), Sense::click());
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, here, name));
    let (line, ink) = if here { (theme::PRIMARY, theme::PRIMARY) } else { (theme::LINE, theme::SOFT) };
    if response.has_focus() {
        ui.painter().rect_stroke(rect, theme::RADIUS_BADGE, Stroke::new(3.0, theme::PRIMARY), StrokeKind::Inside);
    }
    let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
    let width = if here { 2.5 } else { 1.5 };
    ui.painter().extend(egui::Shape::dashed_line(&corners, Stroke::new(width, line), 6.0, 5.0));
    let (x, y) = (rect.center().x, rect.center().y);
    ui.painter().line_segment([pos2(x - 10.0, y), pos2(x + 10.0, y)], Stroke::new(2.0, ink));
    ui.painter().line_segment([pos2(x, y - 10.0), pos2(x, y + 10.0)], Stroke::new(2.0, ink));
    response.clicked()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(order: u32, width_px: u32, height_px: u32) -> PageRef {
        PageRef { material: "ID".into(), order, sha256: matters::Digest::of(&[order as u8]), bytes: 1, width_px, height_px }
    }

    #[test]
    fn two_sides_of_a_card_side_by_side_can_be_joined_and_nothing_else() {
        let (front, back, sheet) = (page(1, 1011, 638), page(2, 638, 1011), page(3, 2480, 3508));
        assert_eq!(sides(&[&front, &back]), Some((1, 2)));
        assert_eq!(sides(&[&front, &sheet]), None);
        assert_eq!(sides(&[&sheet, &front]), None);
        assert_eq!(sides(&[&front]), None);
        let (next, last) = (page(4, 1011, 638), page(5, 1011, 638));
        assert_eq!(sides(&[&sheet, &next, &last]), Some((4, 5)), "the next person's card after the first one's sheet");
    }
}
