//! Colours, type sizes, gaps and the style of every plain widget. Nothing else names a colour or a size.
//! Values are the tokens of the house's drawings.

#![expect(clippy::disallowed_methods, reason = "this is the file that names colours and sizes")]

use egui::{Color32, CornerRadius, FontFamily, FontId, Margin, RichText, Stroke, Vec2, style::Selection};

pub const PAPER: Color32 = Color32::from_rgb(0xF6, 0xF4, 0xEE);
pub const CARD: Color32 = Color32::from_rgb(0xFF, 0xFF, 0xFF);
pub const INK: Color32 = Color32::from_rgb(0x1B, 0x2A, 0x30);
pub const SOFT: Color32 = Color32::from_rgb(0x5A, 0x6A, 0x70);
pub const LINE: Color32 = Color32::from_rgb(0xD9, 0xD4, 0xC7);
/// Between rows inside a card: lighter than the card's own border.
pub const LINE_SOFT: Color32 = Color32::from_rgb(0xE6, 0xE2, 0xD8);
/// Right column of the path screens.
pub const SIDE: Color32 = Color32::from_rgb(0xFB, 0xFA, 0xF6);
pub const PRIMARY: Color32 = Color32::from_rgb(0x0B, 0x5A, 0x6B);
pub const PRIMARY_SOFT: Color32 = Color32::from_rgb(0xE2, 0xEF, 0xF1);
/// The main action while it cannot be taken.
pub const PRIMARY_OFF: Color32 = Color32::from_rgb(0x8F, 0xB2, 0xBA);
/// Second line on a primary ground.
pub const ON_PRIMARY_SOFT: Color32 = Color32::from_rgb(0xDC, 0xEA, 0xED);
pub const RED: Color32 = Color32::from_rgb(0xB3, 0x26, 0x1E);
pub const RED_SOFT: Color32 = Color32::from_rgb(0xFB, 0xE9, 0xE7);
pub const AMBER: Color32 = Color32::from_rgb(0x8A, 0x53, 0x00);
pub const AMBER_SOFT: Color32 = Color32::from_rgb(0xFF, 0xF1, 0xDA);
pub const GREEN: Color32 = Color32::from_rgb(0x1F, 0x6B, 0x3F);
pub const GREEN_SOFT: Color32 = Color32::from_rgb(0xE3, 0xF2, 0xE8);
/// Help and the card gate.
pub const SEAL: Color32 = Color32::from_rgb(0xC8, 0x40, 0x2F);
pub const GREY_SOFT: Color32 = Color32::from_rgb(0xEC, 0xE9, 0xE0);
/// Ground of pictures: dark, so that white paper has an edge.
pub const DESK: Color32 = Color32::from_rgb(0x4A, 0x41, 0x38);
/// Over the screen while something is asked.
pub const VEIL: Color32 = Color32::from_rgba_premultiplied(0x0E, 0x15, 0x18, 0x80);
/// Outline of a page that was found in a picture.
pub const OUTLINE: Color32 = Color32::from_rgb(0x38, 0xC4, 0x8B);

/// Type sizes of the agent's screens, in points.
pub mod size {
    pub const SMALL: f32 = 20.0;
    pub const BODY: f32 = 22.0;
    pub const LARGE: f32 = 24.0;
    pub const TITLE: f32 = 28.0;
    pub const HERO: f32 = 36.0;
    /// The case number alone, which residents copy by hand; and the point's name at sign-in.
    pub const GIANT: f32 = 60.0;
}

pub const GAP_S: f32 = 8.0;
pub const GAP: f32 = 16.0;
pub const GAP_L: f32 = 24.0;
pub const GAP_XL: f32 = 32.0;

/// Smallest height of anything that is pressed, and of the one main action.
pub const TARGET: f32 = 52.0;
pub const TARGET_MAIN: f32 = 68.0;

pub const RADIUS: CornerRadius = CornerRadius::same(12);
pub const RADIUS_CARD: CornerRadius = CornerRadius::same(16);
pub const RADIUS_BADGE: CornerRadius = CornerRadius::same(8);

pub const STROKE: Stroke = Stroke { width: 1.0, color: LINE };

/// The bold face is a family of its own: egui has no weights.
pub const BOLD: &str = "bold";

pub fn regular(size: f32) -> FontId {
    FontId::new(size, FontFamily::Proportional)
}

pub fn bold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(BOLD.into()))
}

/// What a ground and its text say together with a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Where you are, what kind it is.
    Primary,
    Good,
    Warn,
    Bad,
    /// Neither good nor bad: drafts, counts.
    Quiet,
}

impl Tone {
    pub fn ink(self) -> Color32 {
        match self {
            Tone::Primary => PRIMARY,
            Tone::Good => GREEN,
            Tone::Warn => AMBER,
            Tone::Bad => RED,
            Tone::Quiet => SOFT,
        }
    }

    pub fn ground(self) -> Color32 {
        match self {
            Tone::Primary => PRIMARY_SOFT,
            Tone::Good => GREEN_SOFT,
            Tone::Warn => AMBER_SOFT,
            Tone::Bad => RED_SOFT,
            Tone::Quiet => GREY_SOFT,
        }
    }
}

/// Text in the house's sizes. Each returns a `RichText` that `ui.label` takes.
pub mod text {
    use super::{INK, RichText, SOFT, bold, regular, size};

    pub fn body(words: impl Into<String>) -> RichText {
        RichText::new(words).font(regular(size::BODY)).color(INK)
    }
    pub fn strong(words: impl Into<String>) -> RichText {
        RichText::new(words).font(bold(size::BODY)).color(INK)
    }
    pub fn small(words: impl Into<String>) -> RichText {
        RichText::new(words).font(regular(size::SMALL)).color(SOFT)
    }
    pub fn small_strong(words: impl Into<String>) -> RichText {
        RichText::new(words).font(bold(size::SMALL)).color(INK)
    }
    /// Secondary text at body size.
    pub fn soft(words: impl Into<String>) -> RichText {
        RichText::new(words).font(regular(size::BODY)).color(SOFT)
    }
    pub fn large(words: impl Into<String>) -> RichText {
        RichText::new(words).font(bold(size::LARGE)).color(INK)
    }
    /// Heading of a card.
    pub fn title(words: impl Into<String>) -> RichText {
        RichText::new(words).font(bold(size::TITLE)).color(INK)
    }
    /// Heading of a screen.
    pub fn hero(words: impl Into<String>) -> RichText {
        RichText::new(words).font(bold(size::HERO)).color(INK)
    }
}

/// Sets the style of plain widgets: flat fills, one-point lines, no shadow, nothing that moves.
pub fn apply(ctx: &egui::Context) {
    ctx.set_theme(egui::Theme::Light);
    ctx.all_styles_mut(|style| {
        style.animation_time = 0.0;
        style.override_font_id = None;
        style.text_styles = [
            (egui::TextStyle::Small, regular(size::SMALL)),
            (egui::TextStyle::Body, regular(size::BODY)),
            (egui::TextStyle::Button, bold(size::BODY)),
            (egui::TextStyle::Heading, bold(size::HERO)),
            (egui::TextStyle::Monospace, FontId::new(size::BODY, FontFamily::Monospace)),
        ]
        .into();
        style.interaction.selectable_labels = false;
        style.interaction.tooltip_delay = 0.6;

        let spacing = &mut style.spacing;
        spacing.item_spacing = Vec2::new(GAP_S, GAP_S);
        spacing.button_padding = Vec2::new(20.0, 10.0);
        spacing.interact_size = Vec2::new(TARGET, TARGET);
        spacing.icon_width = 28.0;
        spacing.icon_width_inner = 18.0;
        spacing.icon_spacing = 12.0;
        spacing.combo_width = 240.0;
        spacing.text_edit_width = 400.0;
        spacing.window_margin = Margin::same(28);
        spacing.menu_margin = Margin::same(8);
        spacing.scroll = egui::style::ScrollStyle::solid();
        spacing.scroll.bar_width = 8.0;
        // White on white would hide that there is more below.
        spacing.scroll.foreground_color = true;
        // A fade is a gradient: dear to draw in software, and half-faded words look switched off.
        spacing.scroll.fade.strength = 0.0;

        let visuals = &mut style.visuals;
        visuals.override_text_color = Some(INK);
        visuals.panel_fill = PAPER;
        visuals.window_fill = CARD;
        visuals.window_stroke = STROKE;
        visuals.window_corner_radius = RADIUS_CARD;
        visuals.menu_corner_radius = RADIUS;
        visuals.window_shadow = egui::Shadow::NONE;
        visuals.popup_shadow = egui::Shadow::NONE;
        visuals.extreme_bg_color = CARD;
        visuals.text_edit_bg_color = Some(CARD);
        visuals.faint_bg_color = SIDE;
        visuals.hyperlink_color = PRIMARY;
        visuals.warn_fg_color = AMBER;
        visuals.error_fg_color = RED;
        // A blinking cursor wakes the window twice a second for nothing.
        visuals.text_cursor.blink = false;
        visuals.text_cursor.stroke = Stroke::new(2.0, PRIMARY);
        visuals.selection = Selection { bg_fill: Color32::from_rgb(0xB9, 0xDB, 0xE1), stroke: Stroke::new(2.0, PRIMARY) };
        visuals.image_loading_spinners = false;

        let widgets = &mut visuals.widgets;
        for state in
            [&mut widgets.noninteractive, &mut widgets.inactive, &mut widgets.hovered, &mut widgets.active, &mut widgets.open]
        {
            state.corner_radius = RADIUS;
            state.expansion = 0.0;
            state.bg_stroke = STROKE;
            state.fg_stroke = Stroke::new(1.5, INK);
            state.bg_fill = CARD;
            state.weak_bg_fill = CARD;
        }
        widgets.hovered.bg_stroke = Stroke::new(1.0, SOFT);
        widgets.active.bg_fill = PRIMARY_SOFT;
        widgets.active.weak_bg_fill = PRIMARY_SOFT;
        widgets.active.bg_stroke = Stroke::new(2.0, PRIMARY);
    });
    ctx.options_mut(|options| {
        // Ctrl+Q would close the window under a resident's eyes, Ctrl+plus would break the layout.
        options.quit_shortcuts.clear();
        options.zoom_with_keyboard = false;
        // Unsteady hands: a click may wander and last.
        options.input_options.max_click_dist = 24.0;
        options.input_options.max_click_duration = 3.0;
    });
}
