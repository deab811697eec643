//! The window itself: size, full screen, what the renderer is asked for. The only other file that
//! mentions a renderer is `main.rs`.

use eframe::{NativeOptions, egui::ViewportBuilder};

use crate::config::Config;

/// Options for the agent's window.
pub fn options(config: &Config) -> NativeOptions {
    let mut viewport = ViewportBuilder::default()
        .with_app_id("village-terminal")
        .with_inner_size([1280.0, 760.0])
        .with_min_inner_size([1024.0, 700.0]);
    viewport = if config.window.fullscreen {
        viewport.with_fullscreen(true).with_decorations(false).with_monitor(0)
    } else {
        viewport.with_maximized(true)
    };
    NativeOptions {
        viewport,
        // Everything on screen is bundled: machines must not differ.
        system_font_fallback: false,
        // Widget state on a disk would be a person on a disk.
        persist_window: false,
        dithering: false,
        ..NativeOptions::default()
    }
}
