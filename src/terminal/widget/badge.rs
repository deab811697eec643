//! Small signs: badges with a word, lamps by shape.

use egui::{Align2, Color32, Response, Role, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};

use crate::look::theme::{self, Tone, bold, regular, size};

/// A word on a soft ground.
pub fn badge(ui: &mut Ui, tone: Tone, words: &str) -> Response {
    let galley = ui.painter().layout_no_wrap(words.to_owned(), bold(size::SMALL), tone.ink());
    let padding = vec2(14.0, 5.0);
    let (rect, response) = ui.allocate_exact_size(galley.size() + padding * 2.0, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
    ui.painter().rect_filled(rect, theme::RADIUS_BADGE, tone.ground());
    ui.painter().galley(rect.min + padding, galley, tone.ink());
    response
}

/// How a device or the line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Light {
    /// Not configured here: a ring.
    #[default]
    Off,
    /// Works: round.
    Good,
    /// Goes by itself or needs a hand: a diamond.
    Warn,
    /// Does not work: a square.
    Bad,
}

impl Light {
    pub fn colour(self) -> Color32 {
        match self {
            Light::Off => theme::SOFT,
            Light::Good => theme::GREEN,
            Light::Warn => theme::AMBER,
            Light::Bad => theme::RED,
        }
    }
}

/// A lamp by shape and colour, with its word: nobody has to tell red from green.
pub fn lamp(ui: &mut Ui, light: Light, words: &str) -> Response {
    let galley = ui.painter().layout_no_wrap(words.to_owned(), regular(size::SMALL), theme::SOFT);
    let (rect, response) = ui.allocate_exact_size(vec2(24.0 + galley.size().x, galley.size().y), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
    dot(ui, pos2(rect.left() + 8.0, rect.center().y), light);
    ui.painter().galley(pos2(rect.left() + 24.0, rect.top()), galley, theme::SOFT);
    response
}

/// The bare shape of a lamp, 14 points across.
pub fn dot(ui: &Ui, at: egui::Pos2, light: Light) {
    let colour = light.colour();
    let painter = ui.painter();
    match light {
        Light::Off => {
            painter.circle_stroke(at, 6.0, Stroke::new(2.0, colour));
        }
        Light::Good => {
            painter.circle_filled(at, 7.0, colour);
        }
        Light::Warn => {
            let r = 9.0;
            let points = vec![at + vec2(0.0, -r), at + vec2(r, 0.0), at + vec2(0.0, r), at + vec2(-r, 0.0)];
            painter.add(Shape::convex_polygon(points, colour, Stroke::NONE));
        }
        Light::Bad => {
            painter.rect_filled(egui::Rect::from_center_size(at, Vec2::splat(13.0)), 2.0, colour);
        }
    }
}

/// A line of text behind a lamp's shape, in the lamp's colour: 已保存在本机 09:44:12.
pub fn state_line(ui: &mut Ui, light: Light, words: &str) -> Response {
    let colour = light.colour();
    let galley = ui.painter().layout(words.to_owned(), regular(size::BODY), colour, (ui.available_width() - 28.0).max(120.0));
    let (rect, response) = ui.allocate_exact_size(vec2(28.0 + galley.size().x, galley.size().y), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
    dot(ui, pos2(rect.left() + 8.0, rect.top() + galley.rows.first().map_or(rect.height(), |row| row.height()) / 2.0), light);
    ui.painter().galley(pos2(rect.left() + 28.0, rect.top()), galley, colour);
    response
}

/// A bar that fills: share between 0 and 1.
pub fn progress(ui: &mut Ui, share: f32, words: &str) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 10.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, words));
    ui.painter().rect_filled(rect, 5.0, theme::GREY_SOFT);
    let mut filled = rect;
    filled.set_width(rect.width() * share.clamp(0.0, 1.0));
    ui.painter().rect_filled(filled, 5.0, theme::PRIMARY);
    response
}

/// A big figure with what it counts below it.
pub fn figure(ui: &mut Ui, number: &str, what: &str) {
    ui.vertical(|ui| {
        ui.label(egui::RichText::new(number).font(bold(40.0)).color(theme::INK));
        ui.label(theme::text::small(what));
    });
}

/// Text centred in a circle: numbers of steps and items.
pub fn numbered(ui: &Ui, at: egui::Pos2, words: &str, ground: Color32, ink: Color32, ring: Stroke) {
    ui.painter().circle(at, 16.0, ground, ring);
    ui.painter().text(at, Align2::CENTER_CENTER, words, bold(size::SMALL), ink);
}
