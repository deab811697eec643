//! How long frames take, for the bench: from the first fact that is learnt to the last pixel that is drawn.
//!
//! Asked for by `VILLAGE_LOG=frames=trace`; otherwise nothing is measured and nothing is added to a frame. The renderer works
//! behind our back: a software renderer draws only when it is told to finish, so the last thing in a frame tells it to.

use std::sync::Arc;

use eframe::{
    egui::{Context, Id, LayerId, Order, PaintCallback, Rect, pos2, vec2},
    egui_glow::CallbackFn,
    glow::HasContext as _,
};

use crate::clock::Stopwatch;

/// Name of the lines in the log.
pub const TARGET: &str = "frames";

/// Measures one frame after the other.
#[derive(Default)]
pub struct Meter {
    begun: Option<Arc<Stopwatch>>,
}

impl Meter {
    /// Before anything of a frame is done.
    pub fn begin(&mut self) {
        self.begun = tracing::enabled!(target: TARGET, tracing::Level::TRACE).then(|| Arc::new(Stopwatch::start()));
    }

    /// After everything of a frame was laid out: what is added here is drawn last.
    pub fn end(&mut self, ctx: &Context) {
        let Some(begun) = self.begun.take() else { return };
        let callback = CallbackFn::new(move |_, painter| {
            finish(painter.gl());
            tracing::trace!(target: TARGET, us = begun.elapsed().as_micros() as u64);
        });
        let layer = LayerId::new(Order::Debug, Id::unique("frames"));
        let rect = Rect::from_min_size(pos2(0.0, 0.0), vec2(2.0, 2.0));
        ctx.layer_painter(layer).add(PaintCallback { rect, callback: Arc::new(callback) });
    }
}

#[expect(unsafe_code, reason = "glow calls every function of OpenGL unsafe; this one only waits")]
fn finish(gl: &eframe::glow::Context) {
    // SAFETY: called by egui's painter, whose context is current on this thread.
    unsafe { gl.finish() }
}
