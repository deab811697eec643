//! Not written yet.

use egui::Ui;

use super::Cx;
use crate::speech::Wish;

#[derive(Default)]
pub struct Trouble {}

impl Trouble {
    pub fn show(&mut self, _ui: &mut Ui, _cx: &Cx<'_>) -> Option<Wish> {
        None
    }
}
