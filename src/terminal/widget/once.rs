//! Focus is asked for once, on entering: asked on every pass it eats half a core and
//! interrupts whoever is composing Chinese.

use egui::{Id, Response, Ui};

/// Gives the widget focus the first time it is shown under `visit_id`; forgotten with the memory.
pub fn focus_once(ui: &Ui, response: &Response, visit_id: Id) {
    let asked = visit_id.with("focus-asked");
    let first = ui.data_mut(|data| {
        let first = data.get_temp::<bool>(asked).is_none();
        data.insert_temp(asked, true);
        first
    });
    if first {
        focus(response);
    }
}

/// Gives the widget focus now: after an error, to the field that is wrong. Never on every pass.
#[expect(clippy::disallowed_methods, reason = "the one helper that asks, and its callers ask once")]
pub fn focus(response: &Response) {
    response.request_focus();
}
