//! Pictures on the graphics card: the live preview, the last still, and pages by digest.
//! The only file that loads a texture, because a side longer than the card allows would abort.

use std::collections::BTreeMap;

use egui::{ColorImage, Context, TextureHandle, TextureOptions};
use matters::Digest;
use uuid::Uuid;

/// More pages than this are dropped, oldest first: a page is about eight megabytes of memory.
pub const PAGES_MAX: usize = 24;

/// Every picture that is held. Dropping or clearing it frees them: part of forgetting a person.
#[derive(Default)]
pub struct Textures {
    preview: Option<TextureHandle>,
    /// The last still, whole, for dragging its corners.
    still: Option<TextureHandle>,
    /// The photo on the card of one read.
    photo: Option<(Uuid, TextureHandle)>,
    pages: BTreeMap<Digest, TextureHandle>,
    order: Vec<Digest>,
}

impl Textures {
    /// The newest preview frame; the same handle is set again, never loaded a frame.
    pub fn set_preview(&mut self, ctx: &Context, image: ColorImage) {
        let Some(image) = fitting(ctx, image) else { return };
        match &mut self.preview {
            Some(handle) => handle.set(image, TextureOptions::LINEAR),
            None => self.preview = Some(load(ctx, "preview", image)),
        }
    }

    pub fn preview(&self) -> Option<&TextureHandle> {
        self.preview.as_ref()
    }

    pub fn drop_preview(&mut self) {
        self.preview = None;
        self.still = None;
    }

    pub fn set_still(&mut self, ctx: &Context, image: ColorImage) {
        if let Some(image) = fitting(ctx, image) {
            self.still = Some(load(ctx, "still", image));
        }
    }

    pub fn still(&self) -> Option<&TextureHandle> {
        self.still.as_ref()
    }

    /// The decoded photo of a card, instead of any earlier one.
    pub fn set_photo(&mut self, ctx: &Context, read_event: Uuid, image: ColorImage) {
        self.photo = fitting(ctx, image).map(|image| (read_event, load(ctx, "photo", image)));
    }

    /// The photo that came with this very read, never another person's.
    pub fn photo(&self, read_event: Uuid) -> Option<&TextureHandle> {
        self.photo.as_ref().filter(|(event, _)| *event == read_event).map(|(_, handle)| handle)
    }

    pub fn set_page(&mut self, ctx: &Context, digest: Digest, image: ColorImage) {
        let Some(image) = fitting(ctx, image) else { return };
        if self.pages.insert(digest, load(ctx, "page", image)).is_none() {
            self.order.push(digest);
        }
        while self.order.len() > PAGES_MAX {
            let oldest = self.order.remove(0);
            self.pages.remove(&oldest);
        }
    }

    /// A page's picture, once the reader has brought it.
    pub fn page(&self, digest: Digest) -> Option<&TextureHandle> {
        self.pages.get(&digest)
    }

    /// Frees everything about a person.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    pub fn is_empty(&self) -> bool {
        self.preview.is_none() && self.still.is_none() && self.photo.is_none() && self.pages.is_empty()
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that loads: the size was checked")]
fn load(ctx: &Context, name: &str, image: ColorImage) -> TextureHandle {
    ctx.load_texture(name, image, TextureOptions::LINEAR)
}

/// `None` for a picture that the graphics card cannot hold: the worker was asked for less.
fn fitting(ctx: &Context, image: ColorImage) -> Option<ColorImage> {
    let side = ctx.input(|input| input.max_texture_side);
    let [width, height] = image.size;
    if width == 0 || height == 0 || width > side || height > side {
        tracing::warn!(width, height, side, "picture does not fit the graphics card");
        return None;
    }
    Some(image)
}
