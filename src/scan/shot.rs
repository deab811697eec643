//! The whole shot: bytes of a still come in, a page goes out.

use crate::{
    Corners, Found, Issue, PAGE_BYTES_MAX, Paper, Planar, ScanError, Surface, Tone, clean, decode_planar, encode_planar, find,
    jpeg, judge, judge::Seen, square_planar, twin, upright,
};

/// What the caller knows or wants. The default finds the page by itself and leaves everything else as it lies.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Wanted {
    /// Corners that a hand set, in pixels of the still.
    pub corners: Option<Corners>,
    /// What kind of paper it is, where somebody knows.
    pub paper: Paper,
    /// Whether the page is cleaned after it was judged.
    pub tone: Tone,
}

/// A still that was looked at: its page squared and judged, not yet packed.
#[derive(Clone, Debug)]
pub struct Looked {
    pub page: Planar,
    /// Where the page lay in the still; `None` when the whole frame was taken.
    pub corners: Option<Corners>,
    /// How sure the finder is, 0 to 1; 1 for corners set by hand, 0 without a page.
    pub confidence: f32,
    /// What speaks against it; an empty list is a good page.
    pub issues: Vec<Issue>,
    /// By which the page is known again.
    pub print: twin::Print,
}

/// A page as it goes to the cabinet.
#[derive(Clone, PartialEq)]
pub struct Page {
    /// Under [`PAGE_BYTES_MAX`] bytes.
    pub jpeg: Vec<u8>,
    pub w: u32,
    pub h: u32,
    /// Where the page lay in the still; `None` when the whole frame was taken.
    pub corners: Option<Corners>,
    /// What speaks against it; an empty list is a good page.
    pub issues: Vec<Issue>,
}

/// Shows size and issues, never the bytes.
impl std::fmt::Debug for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Page({}x{}, {} bytes, {:?}, {:?})", self.w, self.h, self.jpeg.len(), self.corners, self.issues)
    }
}

impl Looked {
    /// Packs the page as JPEG of at most `max_bytes`.
    ///
    /// # Errors
    /// A page that cannot be packed so small.
    pub fn pack(self, max_bytes: usize) -> Result<Page, ScanError> {
        let jpeg = encode_planar(&self.page, max_bytes)?;
        // Packing may have halved a picture that is all noise; the size is the packed one's.
        let (w, h) = jpeg::size(&jpeg)?;
        Ok(Page { jpeg, w, h, corners: self.corners, issues: self.issues })
    }
}

/// Fewest pixels on the long side of the copy in which pages are looked for: two for each that the finder samples.
const FIND_SIDE_MIN: u32 = 1024;

/// The pages in a still, best first. Looked for in a smaller copy, as the finder looks at some 500 points across whatever it is
/// given; corners come out to a fraction of a pixel of the copy, which on a still of 13 MP is a quarter of its own.
#[must_use]
pub fn pages(still: &Planar) -> Vec<Found> {
    let n = still.w.max(still.h) / FIND_SIDE_MIN;
    // An even number holds whole pixels of colour.
    let n = (n - n % 2).max(1);
    let original = |v: f32| (v + 0.5) * n as f32 - 0.5;
    let found = find(&still.small(n)).into_iter();
    found.map(|it| Found { corners: it.corners.map(|corner| corner.map(original)), ..it }).collect()
}

/// Unpacks the still, finds the page (or takes it at the corners that a hand set), squares and judges it.
/// Where no page is found the whole frame is the page, and the agent can drag the corners.
///
/// # Errors
/// A damaged picture, or corners by hand that span no page.
pub fn look(still_jpeg: &[u8], wanted: &Wanted) -> Result<Looked, ScanError> {
    let frame = decode_planar(still_jpeg)?;
    let (mut corners, confidence) = match wanted.corners {
        _ if wanted.paper == Paper::Whole => (None, 0.0),
        Some(by_hand) => (Some(by_hand), 1.0),
        None => pages(&frame).first().map_or((None, 0.0), |found| (Some(found.corners), found.confidence)),
    };
    let size = (frame.w, frame.h);
    let (mut page, frame) = match &corners {
        Some(corners) => (square_planar(&frame, corners, wanted.paper.size(corners, size))?, Some(frame)),
        None => (frame, None),
    };
    // Corners set by hand say which side is up, and a whole frame is a camera's, which is never turned.
    if let (Some(found), None) = (&mut corners, wanted.corners)
        && let Some(turns) = upright::turns(&page).filter(|&turns| turns > 0)
    {
        page = page.turned(turns);
        // The corner that is the first of the upright page is the first of the list.
        found.rotate_right(turns as usize);
    }
    let seen = match (&corners, &frame) {
        _ if wanted.paper == Paper::Whole => Seen::Whole,
        (Some(corners), Some(frame)) => Seen::Within { corners, frame },
        _ => Seen::Nowhere,
    };
    let issues = judge(&page, seen);
    let print = twin::Print::of(&page);
    Ok(Looked { page: clean::toned(page, wanted.tone), corners, confidence, issues, print })
}

/// [`look`], packed for the cabinet.
///
/// # Errors
/// As [`look`] and [`Looked::pack`].
pub fn page(still_jpeg: &[u8], corners: Option<&Corners>) -> Result<Page, ScanError> {
    look(still_jpeg, &Wanted { corners: corners.copied(), ..Wanted::default() })?.pack(PAGE_BYTES_MAX)
}

#[cfg(test)]
#[path = "shot_tests.rs"]
mod tests;
