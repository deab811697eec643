//! The bundled faces: one regular, one bold, both Noto Sans SC (OFL, see assets/fonts).

use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily};

use super::theme::BOLD;

const REGULAR_TTF: &[u8] = include_bytes!("../../../assets/fonts/NotoSansSC-Regular.ttf");
pub(crate) const BOLD_TTF: &[u8] = include_bytes!("../../../assets/fonts/NotoSansSC-Bold.ttf");

/// Installs the faces and nothing of the machine, so that every machine shows the same screen.
pub fn install(ctx: &egui::Context) {
    let mut fonts = FontDefinitions::empty();
    fonts.font_data.insert("regular".into(), Arc::new(FontData::from_static(REGULAR_TTF)));
    fonts.font_data.insert("bold".into(), Arc::new(FontData::from_static(BOLD_TTF)));
    fonts.families.insert(FontFamily::Proportional, vec!["regular".into()]);
    fonts.families.insert(FontFamily::Monospace, vec!["regular".into()]);
    fonts.families.insert(FontFamily::Name(BOLD.into()), vec!["bold".into()]);
    ctx.set_fonts(fonts);
}
