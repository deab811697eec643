//! Four corners set by hand on the last still: dragged, or moved by buttons and arrow keys.

use egui::{Key, Pos2, Sense, Stroke, Ui, pos2, vec2};
use texts::capture as t;

use super::picture;
use crate::{
    app::camera_view::LastStill,
    look::theme::{self, text},
    screen::Cx,
    widget::button,
};

/// The corners being set, in pixels of the still, clockwise from the top left.
pub struct Corners {
    points: [[f32; 2]; 4],
    width_px: f32,
    height_px: f32,
    chosen: usize,
}

/// What came of this pass.
pub enum Said {
    Nothing,
    Cancel,
    Use([[f32; 2]; 4]),
}

/// A button moves a corner by this share of the longer side.
const STEP: f32 = 0.01;

impl Corners {
    pub fn of(still: &LastStill) -> Self {
        let (width_px, height_px) = (still.width_px.max(1) as f32, still.height_px.max(1) as f32);
        let whole = [[0.0, 0.0], [width_px, 0.0], [width_px, height_px], [0.0, height_px]];
        Self { points: still.corners.unwrap_or(whole), width_px, height_px, chosen: 0 }
    }

    /// Moves one corner and keeps it in the picture.
    pub fn shift(&mut self, corner: usize, dx: f32, dy: f32) {
        let [x, y] = &mut self.points[corner];
        *x = (*x + dx).clamp(0.0, self.width_px);
        *y = (*y + dy).clamp(0.0, self.height_px);
    }

    fn step(&mut self, dx: f32, dy: f32) {
        let by = STEP * self.width_px.max(self.height_px);
        self.shift(self.chosen, dx * by, dy * by);
    }

    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Said {
        ui.label(text::large(t::corners_title(cx.t)));
        ui.label(text::small(t::corners_more(cx.t)));
        let Some(texture) = cx.textures.still() else { return Said::Cancel };
        let height = (ui.clip_rect().bottom() - ui.cursor().top() - 168.0).clamp(240.0, 720.0);
        let rect = picture::ground(ui, height, &t::corners_title(cx.t));
        let at = picture::fit(rect, texture.size_vec2());
        picture::paint(ui, texture, at);
        let scale = at.width() / self.width_px;
        let names = [t::corner_1(cx.t), t::corner_2(cx.t), t::corner_3(cx.t), t::corner_4(cx.t)];
        for (corner, name) in names.iter().enumerate() {
            let place = to_screen(at, scale, self.points[corner]);
            let handle = egui::Rect::from_center_size(place, vec2(56.0, 56.0));
            let response = ui.interact(handle, ui.scope_id().with(("corner", corner)), Sense::click_and_drag());
            response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, self.chosen == corner, name));
            if response.clicked() || response.dragged() {
                self.chosen = corner;
            }
            let by = response.drag_delta() / scale;
            self.shift(corner, by.x, by.y);
            if response.has_focus() {
                self.chosen = corner;
                self.keys(ui);
            }
        }
        let points: Vec<Pos2> = self.points.iter().map(|point| to_screen(at, scale, *point)).collect();
        for index in 0..4 {
            ui.painter().line_segment([points[index], points[(index + 1) % 4]], Stroke::new(4.0, theme::OUTLINE));
        }
        for (index, point) in points.iter().enumerate() {
            let radius = if index == self.chosen { 18.0 } else { 13.0 };
            ui.painter().circle(*point, radius, theme::OUTLINE, Stroke::new(3.0, theme::CARD));
        }
        self.buttons(ui, cx, &names)
    }

    /// Arrow keys move the corner that has the focus; they are taken from the window's own walk.
    fn keys(&mut self, ui: &Ui) {
        let filter = egui::EventFilter { horizontal_arrows: true, vertical_arrows: true, ..Default::default() };
        if let Some(id) = ui.memory(|memory| memory.focused()) {
            ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
        }
        for (key, dx, dy) in
            [(Key::ArrowLeft, -1.0, 0.0), (Key::ArrowRight, 1.0, 0.0), (Key::ArrowUp, 0.0, -1.0), (Key::ArrowDown, 0.0, 1.0)]
        {
            if ui.input(|input| input.key_pressed(key)) {
                self.step(dx, dy);
            }
        }
    }

    fn buttons(&mut self, ui: &mut Ui, cx: &Cx<'_>, names: &[String; 4]) -> Said {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(12.0, 10.0);
            ui.label(text::strong(&names[self.chosen]));
            for (words, dx, dy) in [
                (t::corner_left(cx.t), -1.0, 0.0),
                (t::corner_right(cx.t), 1.0, 0.0),
                (t::corner_up(cx.t), 0.0, -1.0),
                (t::corner_down(cx.t), 0.0, 1.0),
            ] {
                if button::small(ui, words).clicked() {
                    self.step(dx, dy);
                }
            }
            if button::small_primary(ui, t::corners_use(cx.t), self.spans_a_page()).clicked() {
                return Said::Use(self.points);
            }
            if button::small(ui, t::corners_cancel(cx.t)).clicked() {
                return Said::Cancel;
            }
            Said::Nothing
        })
        .inner
    }

    /// Convex and clockwise: anything else squares to nonsense.
    pub fn spans_a_page(&self) -> bool {
        (0..4).all(|index| {
            let [a, b, c] = [0, 1, 2].map(|step| self.points[(index + step) % 4]);
            (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0]) > 0.0
        })
    }
}

fn to_screen(at: egui::Rect, scale: f32, point: [f32; 2]) -> Pos2 {
    pos2(at.left() + point[0] * scale, at.top() + point[1] * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn corners() -> Corners {
        Corners::of(&LastStill {
            corners: None,
            width_px: 3000,
            height_px: 2000,
            issues: Vec::new(),
            digest: matters::Digest::of(b""),
            page: None,
        })
    }

    #[test]
    fn a_corner_never_leaves_the_picture() {
        let mut corners = corners();
        corners.shift(2, 500.0, 500.0);
        assert_eq!(corners.points[2], [3000.0, 2000.0]);
        corners.shift(0, -10.0, 30.0);
        assert_eq!(corners.points[0], [0.0, 30.0]);
        corners.step(1.0, 0.0);
        assert_eq!(corners.points[0], [30.0, 30.0]);
    }

    #[test]
    fn crossed_corners_are_no_page() {
        let mut corners = corners();
        assert!(corners.spans_a_page());
        corners.points.swap(0, 1);
        assert!(!corners.spans_a_page());
        corners.points.swap(0, 1);
        corners.points[0] = [2900.0, 1900.0];
        assert!(!corners.spans_a_page(), "dented");
    }
}
