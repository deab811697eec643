//! A picture becomes a page: unpack, find, square, clean, judge, pack, read codes.
//!
//! Doors: [`page`] and [`look`] (the whole shot in one call), [`preview`]; behind them [`decode`], [`find`], [`square`], [`judge`], [`encode`],
//! [`upright`], [`clean`], [`twin`] (the same page twice), [`codes`], [`still`] (when to shoot), [`paper`], [`compose`] and [`pdf`].
//!
//! Never: reads a file, a camera or a clock; keeps a picture; makes a sentence; knows what a page is for.
//!
//! Start reading at [`page`]. `lab/` is the workshop: where the finder learns and is measured.

pub mod clean;
pub mod codes;
pub mod compose;
pub mod find;
mod huffman;
pub mod jpeg;
pub mod judge;
pub mod paper;
pub mod pdf;
mod picture;
pub mod planar;
pub mod shot;
pub mod square;
pub mod still;
pub mod twin;
pub mod upright;
mod warp;
mod wide;

pub use clean::Tone;
pub use find::{Found, find};
pub use jpeg::{PAGE_BYTES_MAX, cut_first_jpeg, decode, decode_luma, decode_planar, encode, encode_planar};
pub use judge::{Issue, judge};
pub use paper::Paper;
pub use picture::{Picture, Pixels, rotate90};
pub use planar::{Planar, Surface};
pub use shot::{Looked, Page, Wanted, look, page};
pub use square::{Format, square, square_planar, square_to};

/// Four corners in pixels of the original picture, clockwise from the top left.
pub type Corners = [[f32; 2]; 4];

/// Why bytes did not become a page. No variant can hold what stands on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    #[error("not a JPEG picture")]
    NotJpeg,
    #[error("the picture is cut off")]
    Truncated,
    #[error("the picture is damaged")]
    Corrupt,
    #[error("a kind of JPEG that no camera makes")]
    Unsupported,
    #[error("a picture of {width} × {height} pixels is too large")]
    TooLarge { width: u32, height: u32 },
    #[error("the file is too large")]
    TooManyBytes,
    #[error("a picture without pixels")]
    Empty,
    #[error("these corners span no page")]
    BadCorners,
    #[error("the page cannot be packed small enough")]
    DoesNotFit,
    #[error("packing failed")]
    Encode,
    #[error("this text fits no code")]
    BadCodeText,
    #[error("no memory for the picture")]
    OutOfMemory,
}

impl ScanError {
    /// Stable code by which the texts speak.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotJpeg => "picture_not_jpeg",
            Self::Truncated => "picture_truncated",
            Self::Corrupt => "picture_corrupt",
            Self::Unsupported => "picture_unsupported",
            Self::TooLarge { .. } | Self::TooManyBytes => "picture_too_large",
            Self::Empty => "picture_empty",
            Self::BadCorners => "corners_impossible",
            Self::DoesNotFit | Self::Encode => "picture_cannot_be_packed",
            Self::BadCodeText => "code_text_unfit",
            Self::OutOfMemory => "out_of_memory",
        }
    }
}

/// A preview frame ready for the window.
#[derive(Clone, Debug)]
pub struct Preview {
    /// Scaled inside the decoder, no larger than asked unless an eighth still is.
    pub picture: Picture,
    /// Size of the frame itself.
    pub frame: (u32, u32),
    /// In pixels of `picture`; best first.
    pub found: Vec<Found>,
}

/// Unpacks a preview frame scaled to fit `w_max` × `h_max` and finds the pages in it.
///
/// # Errors
/// A damaged frame; the caller shows the one before.
pub fn preview(frame_jpeg: &[u8], w_max: u32, h_max: u32) -> Result<Preview, ScanError> {
    let frame = jpeg::size(frame_jpeg)?;
    let times = frame.0.div_ceil(w_max.max(1)).max(frame.1.div_ceil(h_max.max(1)));
    let picture = decode(frame_jpeg, Some(frame.0.max(frame.1).div_ceil(times)))?;
    let found = find(&picture);
    Ok(Preview { picture, frame, found })
}
