//! 签名 and 照片 (§4.2): a signature is drawn with finger, pen or mouse and kept as a page; a photo is
//! taken with the document camera. Both are pages under the key of their field.

use egui::{Sense, Stroke, StrokeKind, Ui, vec2};
use matters::{Field, FieldKind};
use texts::form as t;

use super::Form;
use crate::{
    look::theme::{self, Tone, text},
    screen::{Cx, capture::picture},
    speech::Wish,
    widget::{
        badge, button, card,
        field::{self, Around},
    },
    words,
};

/// The pad, in points: a hand needs room (§2.9 asks for 600 × 250 at least).
const PAD: egui::Vec2 = vec2(760.0, 280.0);
/// Room for a picture that is kept, in points.
const KEPT: egui::Vec2 = vec2(380.0, 180.0);
/// Less ink than this, in widths of the pad, is a slip of the finger.
const INK_MIN: f32 = 0.15;

/// The picture that is kept, in its own proportions: a signature is wide, a photo is tall.
fn shown(ui: &mut Ui, cx: &Cx<'_>, page: &matters::PageRef, label: &str) {
    let shape = vec2(page.width_px.max(1) as f32, page.height_px.max(1) as f32);
    let (rect, response) = ui.allocate_exact_size(shape * (KEPT.x / shape.x).min(KEPT.y / shape.y), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, label));
    ui.painter().rect(rect, theme::RADIUS_BADGE, theme::CARD, theme::STROKE, StrokeKind::Inside);
    if let Some(texture) = cx.textures.page(page.sha256) {
        picture::paint(ui, texture, rect.shrink(2.0));
    }
}

impl Form {
    pub(super) fn image(&mut self, ui: &mut Ui, cx: &Cx<'_>, field: &Field, around: &Around<'_>) -> Option<Wish> {
        let page = cx.visit.draft.as_ref().and_then(|draft| draft.pages.iter().find(|page| page.material == field.key));
        let label = words::said(cx.t, &field.label);
        card::card(ui, |ui| {
            field::head(ui, around);
            let again = self.signing.contains(&field.key);
            if let Some(page) = page.filter(|_| !again) {
                badge::badge(ui, Tone::Good, &t::image_there(cx.t));
                shown(ui, cx, page, label);
                let pressed = button::small(ui, t::image_again(cx.t, label)).clicked();
                if pressed && field.kind == FieldKind::Signature {
                    self.signing.insert(field.key.clone());
                    self.strokes.remove(&field.key);
                    return None;
                }
                return pressed.then(|| Wish::CaptureOf { material: field.key.clone() });
            }
            if field.kind == FieldKind::Photo {
                ui.label(text::small(t::photo_hint(cx.t)));
                let pressed = button::small_primary(ui, t::photo_take(cx.t, label), true).clicked();
                return pressed.then(|| Wish::CaptureOf { material: field.key.clone() });
            }
            self.pad(ui, cx, field, label)
        })
        .inner
    }

    fn pad(&mut self, ui: &mut Ui, cx: &Cx<'_>, field: &Field, label: &str) -> Option<Wish> {
        ui.label(text::small(t::sign_here_more(cx.t)));
        let size = vec2(PAD.x.min(ui.available_width()), PAD.y);
        let (rect, response) = ui.allocate_exact_size(size, Sense::drag());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Canvas, true, t::sign_here(cx.t, label)));
        let strokes = self.strokes.entry(field.key.clone()).or_default();
        if response.drag_started() {
            strokes.push(Vec::new());
        }
        if let (true, Some(at)) = (response.dragged(), response.interact_pointer_pos()) {
            let within = rect.clamp(at);
            let point = [(within.x - rect.left()) / rect.width(), (within.y - rect.top()) / rect.height()];
            if let Some(stroke) = strokes.last_mut().filter(|stroke| stroke.last() != Some(&point)) {
                stroke.push(point);
            }
        }
        let painter = ui.painter_at(rect);
        painter.rect(rect, theme::RADIUS, theme::CARD, theme::STROKE, egui::StrokeKind::Inside);
        let line = rect.top() + rect.height() * 0.78;
        painter.hline(rect.x_range().shrink(24.0), line, Stroke::new(1.0, theme::SOFT.gamma_multiply(0.5)));
        let place = |point: &[f32; 2]| egui::pos2(rect.left() + point[0] * rect.width(), rect.top() + point[1] * rect.height());
        for stroke in strokes.iter() {
            painter.line(stroke.iter().map(place).collect(), Stroke::new(4.0, theme::INK));
        }
        let enough = ink(strokes) >= INK_MIN;
        let (mut clear, mut done) = (false, false);
        ui.horizontal(|ui| {
            done = button::small_primary(ui, t::sign_done(cx.t, label), enough).clicked();
            clear = button::small(ui, t::sign_clear(cx.t, label)).clicked();
        });
        if clear {
            self.strokes.remove(&field.key);
        }
        if done && enough {
            self.signing.remove(&field.key);
            let strokes = self.strokes.remove(&field.key).unwrap_or_default();
            return Some(Wish::Signed { field: field.key.clone(), strokes });
        }
        None
    }
}

/// Length of all strokes, in widths of the pad.
fn ink(strokes: &[Vec<[f32; 2]>]) -> f32 {
    let aspect = PAD.y / PAD.x;
    let step = |pair: &[[f32; 2]]| (pair[1][0] - pair[0][0]).hypot((pair[1][1] - pair[0][1]) * aspect);
    strokes.iter().flat_map(|stroke| stroke.windows(2)).map(step).sum()
}
