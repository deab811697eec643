//! Things that are pressed. Their accessible name is what stands on them.

use egui::{Align2, Button, Response, RichText, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, vec2};

use crate::look::theme::{self, bold, regular, size};

/// The one main action of a screen.
pub fn primary(ui: &mut Ui, words: impl Into<String>, enabled: bool) -> Response {
    let fill = if enabled { theme::PRIMARY } else { theme::PRIMARY_OFF };
    let text = RichText::new(words).font(bold(size::LARGE)).color(theme::CARD);
    // Painted by hand when off: egui's fading would make white on grey out of it.
    let button = Button::new(text).fill(fill).stroke(Stroke::NONE).min_size(vec2(220.0, theme::TARGET_MAIN));
    pressed(ui, enabled, button)
}

/// Every other action.
pub fn secondary(ui: &mut Ui, words: impl Into<String>) -> Response {
    secondary_if(ui, words, true)
}

pub fn secondary_if(ui: &mut Ui, words: impl Into<String>, enabled: bool) -> Response {
    let ink = if enabled { theme::INK } else { theme::SOFT };
    let text = RichText::new(words).font(bold(size::BODY)).color(ink);
    let button = Button::new(text).fill(theme::CARD).stroke(theme::STROKE).min_size(vec2(96.0, 60.0));
    pressed(ui, enabled, button)
}

/// In rows and bars, where many stand together.
pub fn small(ui: &mut Ui, words: impl Into<String>) -> Response {
    small_if(ui, words, true)
}

pub fn small_if(ui: &mut Ui, words: impl Into<String>, enabled: bool) -> Response {
    let ink = if enabled { theme::INK } else { theme::SOFT };
    let text = RichText::new(words).font(bold(size::SMALL)).color(ink);
    let button = Button::new(text).fill(theme::CARD).stroke(theme::STROKE).min_size(vec2(72.0, theme::TARGET));
    pressed(ui, enabled, button)
}

/// A main action inside a row or card, smaller than the one at the foot.
pub fn small_primary(ui: &mut Ui, words: impl Into<String>, enabled: bool) -> Response {
    let fill = if enabled { theme::PRIMARY } else { theme::PRIMARY_OFF };
    let text = RichText::new(words).font(bold(size::SMALL)).color(theme::CARD);
    let button = Button::new(text).fill(fill).stroke(Stroke::NONE).min_size(vec2(96.0, theme::TARGET));
    pressed(ui, enabled, button)
}

/// Takes something away: says so in red.
pub fn danger(ui: &mut Ui, words: impl Into<String>, enabled: bool) -> Response {
    let text = RichText::new(words).font(bold(size::BODY)).color(theme::RED);
    let button = Button::new(text).fill(theme::CARD).stroke(Stroke::new(1.0, theme::RED)).min_size(vec2(96.0, 60.0));
    pressed(ui, enabled, button)
}

/// A quiet way out, without a frame, as high as the others.
pub fn link(ui: &mut Ui, words: impl Into<String>) -> Response {
    let text = RichText::new(words).font(bold(size::BODY)).color(theme::PRIMARY);
    let button = Button::new(text).frame(false).min_size(vec2(0.0, theme::TARGET));
    pressed(ui, true, button)
}

/// One of a few choices side by side; the chosen one is filled.
pub fn choice(ui: &mut Ui, words: impl Into<String>, chosen: bool) -> Response {
    choice_sized(ui, words, chosen, vec2(120.0, 60.0))
}

pub fn choice_sized(ui: &mut Ui, words: impl Into<String>, chosen: bool, min: Vec2) -> Response {
    let words = words.into();
    let (fill, ink, stroke) =
        if chosen { (theme::PRIMARY, theme::CARD, Stroke::NONE) } else { (theme::CARD, theme::INK, theme::STROKE) };
    let text = RichText::new(&words).font(bold(size::BODY)).color(ink);
    let response = pressed(ui, true, Button::new(text).fill(fill).stroke(stroke).min_size(min));
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, &words));
    response
}

/// As [`choice`], in rows where many stand together.
pub fn choice_small(ui: &mut Ui, words: impl Into<String>, chosen: bool) -> Response {
    let words = words.into();
    let (fill, ink, stroke) =
        if chosen { (theme::PRIMARY, theme::CARD, Stroke::NONE) } else { (theme::CARD, theme::INK, theme::STROKE) };
    let text = RichText::new(&words).font(bold(size::SMALL)).color(ink);
    let response = pressed(ui, true, Button::new(text).fill(fill).stroke(stroke).min_size(vec2(72.0, theme::TARGET)));
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, &words));
    response
}

/// A large tile with a title and a line below; `main` fills it and speaks louder.
pub fn tile(ui: &mut Ui, size: Vec2, title: &str, line: &str, main: bool) -> Response {
    let response = painted_tile(ui, size, title, line, main, main);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, title));
    response
}

/// One of a few tiles side by side; the chosen one is filled, and no word moves when it is chosen.
pub fn choice_tile(ui: &mut Ui, size: Vec2, title: &str, line: &str, chosen: bool) -> Response {
    let response = painted_tile(ui, size, title, line, chosen, false);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, title));
    response
}

fn painted_tile(ui: &mut Ui, size: Vec2, title: &str, line: &str, main: bool, loud: bool) -> Response {
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    if ui.is_rect_visible(rect) {
        let (ground, ink, soft, stroke) = if main {
            (theme::PRIMARY, theme::CARD, theme::ON_PRIMARY_SOFT, Stroke::NONE)
        } else {
            (theme::CARD, theme::INK, theme::SOFT, theme::STROKE)
        };
        let stroke = if response.has_focus() { Stroke::new(3.0, if main { theme::INK } else { theme::PRIMARY }) } else { stroke };
        let painter = ui.painter();
        painter.rect(rect, theme::RADIUS_CARD, ground, stroke, StrokeKind::Inside);
        let (title_size, x) = if loud { (theme::size::HERO, 40.0) } else { (30.0, 36.0) };
        if line.is_empty() {
            painter.text(rect.center(), Align2::CENTER_CENTER, title, bold(title_size), ink);
        } else {
            // Both are laid out first, so that a line that wraps keeps the pair in the middle.
            let width = rect.width() - 2.0 * x;
            let title = painter.layout(title.to_owned(), bold(title_size), ink, width);
            let line = painter.layout(line.to_owned(), regular(theme::size::BODY), soft, width);
            let top = rect.center().y - (title.size().y + theme::GAP_S + line.size().y) / 2.0;
            let below = top + title.size().y + theme::GAP_S;
            painter.galley(egui::pos2(rect.left() + x, top), title, ink);
            painter.galley(egui::pos2(rect.left() + x, below), line, soft);
        }
    }
    response
}

fn pressed(ui: &mut Ui, enabled: bool, button: Button<'_>) -> Response {
    let layout = *ui.layout();
    // A column aligns the words of a button as its own: at the left edge of a wide one.
    let leftish = layout.is_vertical() && layout.horizontal_align() == egui::Align::Min && !layout.horizontal_justify();
    ui.scope(|ui| {
        // The colours above already say "off"; fading them once more would hide the words.
        ui.visuals_mut().disabled_alpha = 1.0;
        if leftish { ui.horizontal(|ui| ui.add_enabled(enabled, button)).inner } else { ui.add_enabled(enabled, button) }
    })
    .inner
}
