use crate::{screen::Cx, speech::Wish};

#[derive(Default)]
pub struct Filing {}

impl Filing {
    pub fn show(&mut self, ui: &mut egui::Ui, cx: &Cx<'_>) -> Option<Wish> {
        let _ = (ui, cx);
        None
    }
}
