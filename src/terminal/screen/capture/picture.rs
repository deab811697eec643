//! The large picture: live with its outline and verdict, or one page that was taken.

use egui::{Align2, Color32, Pos2, Rect, Sense, Stroke, StrokeKind, TextureHandle, Ui, Vec2, pos2, vec2};
use matters::PageRef;
use texts::capture as t;

use crate::{
    look::theme::{self, bold, regular, size},
    screen::Cx,
    words,
};

/// What is wrong with a picture, by its stable code.
pub fn verdict(cx: &Cx<'_>, code: &str) -> String {
    words::page_issue(cx.t, code)
}

/// Dark ground with room for a picture.
pub fn ground(ui: &mut Ui, height: f32, name: &str) -> Rect {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, name));
    ui.painter().rect_filled(rect, theme::RADIUS_CARD, theme::DESK);
    rect
}

/// The place of a picture of this size inside `rect`, whole and centred.
pub fn fit(rect: Rect, picture: Vec2) -> Rect {
    let room = rect.shrink(8.0);
    let scale = (room.width() / picture.x).min(room.height() / picture.y);
    Rect::from_center_size(room.center(), picture * scale)
}

pub fn paint(ui: &Ui, texture: &TextureHandle, at: Rect) {
    let uv = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
    ui.painter().image(texture.id(), at, uv, Color32::WHITE);
}

/// The live picture. `whole`: no paper is looked for, everything in it becomes the page.
pub fn live(ui: &mut Ui, cx: &Cx<'_>, height: f32, whole: bool) {
    let rect = ground(ui, height, &t::preview(cx.t));
    let Some(texture) = cx.textures.preview() else {
        no_picture(ui, cx, rect);
        return;
    };
    let at = fit(rect, texture.size_vec2());
    paint(ui, texture, at);
    let scale = at.width() / (cx.camera.width_px.max(1) as f32);
    let outline = cx.camera.outline.filter(|_| !whole);
    if let Some(outline) = outline {
        let points: Vec<Pos2> = outline.iter().map(|[x, y]| at.min + vec2(*x, *y) * scale).collect();
        let colour = if cx.camera.issues.is_empty() { theme::OUTLINE } else { theme::AMBER };
        for index in 0..4 {
            ui.painter().line_segment([points[index], points[(index + 1) % 4]], Stroke::new(5.0, colour));
        }
        for point in points {
            ui.painter().circle_filled(point, 12.0, colour);
        }
    }
    let good = whole || outline.is_some() && cx.camera.issues.is_empty();
    let lines: Vec<String> = match (good, outline) {
        _ if whole => vec![t::whole_frame(cx.t)],
        (true, _) => vec![t::verdict_good(cx.t)],
        (false, None) if cx.camera.issues.is_empty() => vec![t::place_page(cx.t)],
        (false, _) => cx.camera.issues.iter().map(|code| verdict(cx, code)).collect(),
    };
    sign(ui, rect.min + vec2(24.0, 24.0), &lines, if good { theme::GREEN } else { theme::AMBER });
    if cx.camera.busy {
        let chip = Rect::from_min_size(rect.left_bottom() + vec2(24.0, -72.0), vec2(260.0, 48.0));
        ui.painter().rect_filled(chip, theme::RADIUS, theme::INK);
        ui.painter().text(chip.center(), Align2::CENTER_CENTER, t::shooting(cx.t), regular(size::BODY), theme::CARD);
    }
}

/// Words on a white card in the picture.
fn sign(ui: &mut Ui, at: Pos2, lines: &[String], ink: Color32) {
    let galleys: Vec<_> = lines.iter().map(|line| ui.painter().layout(line.clone(), bold(size::BODY), ink, 420.0)).collect();
    let width = galleys.iter().map(|galley| galley.size().x).fold(0.0, f32::max);
    let height: f32 = galleys.iter().map(|galley| galley.size().y).sum();
    let rect = Rect::from_min_size(at, vec2(width + 36.0, height + 20.0));
    let response = ui.interact(rect, ui.scope_id().with("verdict"), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, lines.join(" ")));
    ui.painter().rect(rect, theme::RADIUS, theme::CARD, theme::STROKE, StrokeKind::Inside);
    let mut top = rect.top() + 10.0;
    for galley in galleys {
        let step = galley.size().y;
        ui.painter().galley(pos2(rect.left() + 18.0, top), galley, ink);
        top += step;
    }
}

fn no_picture(ui: &Ui, cx: &Cx<'_>, rect: Rect) {
    let code = cx.lamps.camera.code.as_str();
    let (title, more) = if code.is_empty() {
        (t::no_picture(cx.t), t::place_page(cx.t))
    } else {
        (words::device_trouble(cx.t, code), t::camera_off_more(cx.t))
    };
    let mut top = rect.center().y - 48.0;
    for (words, font) in [(title, bold(size::LARGE)), (more, regular(size::BODY))] {
        let mut job = egui::text::LayoutJob::simple(words, font, theme::CARD, rect.width() - 96.0);
        job.halign = egui::Align::Center;
        let galley = ui.painter().layout_job(job);
        let step = galley.size().y + 8.0;
        ui.painter().galley(pos2(rect.center().x, top), galley, theme::CARD);
        top += step;
    }
}

/// A page that was taken, as large as it fits.
pub fn page(ui: &mut Ui, cx: &Cx<'_>, page: &PageRef, height: f32, name: &str) {
    let rect = ground(ui, height, name);
    match cx.textures.page(page.sha256) {
        Some(texture) => paint(ui, texture, fit(rect, texture.size_vec2())),
        None => {
            ui.painter().text(rect.center(), Align2::CENTER_CENTER, t::fetching(cx.t), regular(size::BODY), theme::CARD);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_stands_whole_in_its_room() {
        let room = Rect::from_min_size(pos2(100.0, 50.0), vec2(800.0, 400.0));
        for picture in [vec2(3000.0, 2000.0), vec2(600.0, 4000.0)] {
            let at = fit(room, picture);
            assert!(room.contains_rect(at));
            assert!((at.width() / at.height() - picture.x / picture.y).abs() < 1e-3);
            assert!((at.center() - room.center()).length() < 0.01);
        }
    }
}
