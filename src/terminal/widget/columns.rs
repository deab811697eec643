//! Two columns that become one where the window is narrow.

use egui::{Align, Layout, Ui, vec2};

use crate::look::theme;

/// Draws `left` and `right` side by side, `share` of the width to the left one, or one below the
/// other when `stacked`. `state` is handed to both in turn, because both may change it.
pub fn two<S: ?Sized, R>(
    ui: &mut Ui,
    stacked: bool,
    share: f32,
    state: &mut S,
    left: impl FnOnce(&mut Ui, &mut S) -> Option<R>,
    right: impl FnOnce(&mut Ui, &mut S) -> Option<R>,
) -> Option<R> {
    if stacked {
        let first = left(ui, state);
        ui.add_space(theme::GAP);
        let second = right(ui, state);
        return first.or(second);
    }
    let width = ui.available_width() - theme::GAP_L;
    let gap_y = ui.spacing().item_spacing.y;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = theme::GAP_L;
        let column = |ui: &mut Ui, width: f32, add: &mut dyn FnMut(&mut Ui) -> Option<R>| {
            ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
                ui.set_width(width);
                ui.spacing_mut().item_spacing.y = gap_y;
                add(ui)
            })
            .inner
        };
        let mut left = Some(left);
        let mut right = Some(right);
        let first = column(ui, (width * share).floor(), &mut |ui| left.take().and_then(|left| left(ui, state)));
        let second = column(ui, (width * (1.0 - share)).floor(), &mut |ui| right.take().and_then(|right| right(ui, state)));
        first.or(second)
    })
    .inner
}
