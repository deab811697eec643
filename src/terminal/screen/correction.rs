use crate::{screen::Cx, speech::Wish};

#[derive(Default)]
pub struct Correction {}

impl Correction {
    pub fn show(&mut self, ui: &mut egui::Ui, cx: &Cx<'_>) -> Option<Wish> {
        let _ = (ui, cx);
        None
    }
}
