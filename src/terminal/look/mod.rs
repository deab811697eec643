//! How the window looks: tokens, faces, pictures.

pub mod fonts;
pub mod textures;
pub mod theme;

/// Faces, colours and sizes of the house, before the first pass.
pub fn dress(ctx: &egui::Context) {
    fonts::install(ctx);
    theme::apply(ctx);
}
