//! Fields in which something is entered: label, where the value comes from, sample, and what is
//! wrong in words below. Each is named by its own label.

use egui::{Frame, Id, Margin, Response, Stroke, TextEdit, Ui, vec2};

use super::{badge, button};
use crate::look::theme::{self, Tone, text};

/// What stands around an entry.
#[derive(Clone, Default)]
pub struct Around<'a> {
    pub label: &'a str,
    /// Where the value comes from: 来自身份证.
    pub mark: Option<(String, Tone)>,
    /// A soft remark beside the label: 可不填, 必须是本人的卡.
    pub aside: String,
    /// The filled example below the field.
    pub sample: String,
    /// What was understood, said back: 大写, weekday, number of digits.
    pub told: String,
    /// What is wrong, once it is time to say so; wins over sample and `told`.
    pub fault: Option<String>,
    /// Only noted, not refused.
    pub warning: Option<String>,
}

/// How a text entry behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    /// Digits, dots and X go past the input method: nothing is composed.
    pub digits: bool,
    /// 1 for a single line.
    pub rows: usize,
    pub chars_max: usize,
    /// Comes from a card: shown, not edited.
    pub locked: bool,
}

impl Manner {
    pub const LINE: Manner = Manner { digits: false, rows: 1, chars_max: 200, locked: false };
    pub const DIGITS: Manner = Manner { digits: true, rows: 1, chars_max: 40, locked: false };

    pub fn of(chars_max: usize) -> Self {
        Self { chars_max, ..Self::LINE }
    }
}

/// What happened to an entry in this pass.
pub struct Heard {
    pub changed: bool,
    /// The cursor left it: now its fault may be said.
    pub left: bool,
    pub focused: bool,
    pub response: Response,
}

/// A text field with everything around it.
pub fn entry(
    ui: &mut Ui,
    salt: impl std::hash::Hash + std::fmt::Debug,
    words: &mut String,
    around: &Around<'_>,
    manner: Manner,
) -> Heard {
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        let label = head(ui, around);
        let id = ui.make_persistent_id(("field", salt));
        let focused = ui.memory(|memory| memory.has_focus(id));
        let (ground, stroke) = look(focused, manner.locked, around);
        let frame = Frame::new().fill(ground).stroke(stroke).corner_radius(theme::RADIUS).inner_margin(Margin::symmetric(18, 12));
        let edit =
            if manner.rows > 1 { TextEdit::multiline(words).desired_rows(manner.rows) } else { TextEdit::singleline(words) };
        let edit = edit
            .id(id)
            .font(theme::regular(theme::size::BODY))
            .frame(frame)
            .char_limit(manner.chars_max)
            .interactive(!manner.locked)
            .desired_width(f32::INFINITY)
            .min_size(vec2(120.0, theme::TARGET + 4.0));
        let response = ui.add(edit).labelled_by(label.id);
        if manner.digits && focused {
            // The input method would compose digits into a candidate list; without an owner
            // of composition it stays out of the way.
            ui.output_mut(|output| output.ime = None);
        }
        foot(ui, around);
        Heard { changed: response.changed(), left: response.lost_focus(), focused: response.has_focus(), response }
    })
    .inner
}

fn look(focused: bool, locked: bool, around: &Around<'_>) -> (egui::Color32, Stroke) {
    let ground = if locked { Tone::Good.ground().gamma_multiply(0.6) } else { theme::CARD };
    // All borders take two points inside the frame, so that nothing moves when focus comes.
    let stroke = match (&around.fault, focused) {
        (Some(_), _) => Stroke::new(2.0, theme::RED),
        (None, true) => Stroke::new(2.0, theme::PRIMARY),
        (None, false) => theme::STROKE,
    };
    (ground, stroke)
}

/// Label line: the name of the field, where it comes from, a soft remark.
pub fn head(ui: &mut Ui, around: &Around<'_>) -> Response {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 12.0;
        ui.spacing_mut().interact_size.y = 30.0;
        let label = ui.label(text::strong(around.label));
        if let Some((words, tone)) = &around.mark {
            badge::badge(ui, *tone, words);
        }
        if !around.aside.is_empty() {
            ui.label(text::small(&around.aside));
        }
        label
    })
    .inner
}

/// The line below: what is wrong, or what was understood, or the sample.
pub fn foot(ui: &mut Ui, around: &Around<'_>) {
    if let Some(fault) = &around.fault {
        ui.label(text::small_strong(fault).color(theme::RED));
        return;
    }
    if let Some(warning) = &around.warning {
        ui.label(text::small_strong(warning).color(theme::AMBER));
    }
    if !around.told.is_empty() {
        ui.label(text::small(&around.told));
    } else if !around.sample.is_empty() {
        ui.label(text::small(&around.sample));
    }
}

/// Smallest size of a choice.
pub const CHOICE: egui::Vec2 = vec2(120.0, 60.0);

/// Buttons in lines, as many in each as fit. Returns the index of the one that `add` says was
/// pressed. egui's own wrapping breaks the words of the last button of a line instead.
pub fn flow(ui: &mut Ui, labels: &[&str], min: egui::Vec2, mut add: impl FnMut(&mut Ui, usize) -> bool) -> Option<usize> {
    const GAP: f32 = 12.0;
    let padding = 2.0 * ui.spacing().button_padding.x;
    let font = theme::bold(theme::size::BODY);
    let widths: Vec<f32> = labels
        .iter()
        .map(|label| (ui.painter().layout_no_wrap((*label).to_owned(), font.clone(), theme::INK).size().x + padding).max(min.x))
        .collect();
    let mut pressed = None;
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing = vec2(GAP, 10.0);
        for line in lines(&widths, ui.available_width(), GAP) {
            ui.horizontal(|ui| {
                for index in line {
                    if add(ui, index) {
                        pressed = Some(index);
                    }
                }
            });
        }
    });
    pressed
}

/// Which widths share a line of this room; one that is wider than the room has a line alone.
fn lines(widths: &[f32], room: f32, gap: f32) -> Vec<std::ops::Range<usize>> {
    let mut out = Vec::new();
    let (mut start, mut used) = (0, 0.0);
    for (index, width) in widths.iter().enumerate() {
        let with = if index == start { *width } else { used + gap + width };
        if with > room && index > start {
            out.push(start..index);
            (start, used) = (index, *width);
        } else {
            used = with;
        }
    }
    if start < widths.len() {
        out.push(start..widths.len());
    }
    out
}

/// A few choices side by side, wrapped. Returns the index that was pressed.
///
/// `names` gives each button its accessible name; it is the label unless the same label stands
/// twice on the screen.
pub fn choices(ui: &mut Ui, around: &Around<'_>, options: &[(String, String)], chosen: &[bool]) -> Option<usize> {
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        head(ui, around);
        let labels: Vec<&str> = options.iter().map(|(label, _)| label.as_str()).collect();
        let pressed = flow(ui, &labels, CHOICE, |ui, index| {
            let (label, name) = &options[index];
            let response = button::choice_sized(ui, label, chosen.get(index).copied().unwrap_or(false), CHOICE);
            if label != name {
                response.clone().accessible_name(name);
            }
            response.clicked()
        });
        foot(ui, around);
        pressed
    })
    .inner
}

/// A box with a tick and words that may be long. Returns true when it was pressed.
pub fn tick(ui: &mut Ui, ticked: bool, words: &str) -> bool {
    tick_named(ui, ticked, words, words)
}

pub fn tick_named(ui: &mut Ui, ticked: bool, words: &str, name: &str) -> bool {
    let width = ui.available_width();
    let galley = ui.painter().layout(words.to_owned(), theme::regular(theme::size::BODY), theme::INK, (width - 62.0).max(80.0));
    let height = galley.size().y.max(44.0) + 8.0;
    let (rect, response) = ui.allocate_exact_size(vec2((galley.size().x + 62.0).min(width), height), egui::Sense::click());
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::CheckBox, ui.is_enabled(), ticked, name));
    tick_box(ui, egui::pos2(rect.left() + 22.0, rect.center().y), ticked, response.has_focus());
    ui.painter().galley(egui::pos2(rect.left() + 58.0, rect.center().y - galley.size().y / 2.0), galley, theme::INK);
    response.clicked()
}

/// The box alone, 40 points wide.
pub fn tick_box(ui: &Ui, at: egui::Pos2, ticked: bool, focused: bool) {
    let rect = egui::Rect::from_center_size(at, egui::Vec2::splat(40.0));
    let (ground, edge) = if ticked { (theme::GREEN, theme::GREEN) } else { (theme::CARD, theme::SOFT) };
    let stroke = if focused { Stroke::new(3.0, theme::PRIMARY) } else { Stroke::new(1.5, edge) };
    ui.painter().rect(rect, theme::RADIUS_BADGE, ground, stroke, egui::StrokeKind::Inside);
    if ticked {
        ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, "✓", theme::bold(theme::size::BODY), theme::CARD);
    }
}

/// Whose value it is, where nothing can be pressed: label above, value in the tint of card data.
pub fn given(ui: &mut Ui, salt: impl std::hash::Hash + std::fmt::Debug, value: &str, around: &Around<'_>) {
    let mut words = value.to_owned();
    entry(ui, salt, &mut words, around, Manner { locked: true, chars_max: usize::MAX, ..Manner::LINE });
}

/// The id under which an entry keeps its cursor, to give it focus after an error.
pub fn id_of(ui: &Ui, salt: impl std::hash::Hash + std::fmt::Debug) -> Id {
    ui.make_persistent_id(("field", salt))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buttons_go_to_the_next_line_whole() {
        assert_eq!(lines(&[100.0, 100.0, 100.0], 220.0, 12.0), [0..2, 2..3]);
        assert_eq!(lines(&[500.0, 100.0], 220.0, 12.0), [0..1, 1..2]);
        assert_eq!(lines(&[100.0], 220.0, 12.0), [0..1]);
        assert!(lines(&[], 220.0, 12.0).is_empty());
    }
}
