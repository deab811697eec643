//! One page on its way by tus 1.0 (https://tus.io/protocols/resumable-upload, 2016-03-25):
//! which request comes next. Pure: `client.rs` asks [`Trip::next`] and tells what came.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use matters::Digest;
use outbox::PageUpload;

use crate::outcome::{LineTrouble, Outcome};
use wire::problem::Kind;

/// Version that every request names.
pub(crate) const VERSION: &str = "1.0.0";
pub(crate) const CONTENT_TYPE: &str = "application/offset+octet-stream";

/// Up to this size a body carries its checksum. The protocol lets a server throw away a body
/// that breaks off before its checksum could be compared, so on a longer body the checksum
/// would cost exactly the bytes that resuming is there to save; the whole page is compared
/// with its digest at the hall in any case.
const CHECKSUM_MAX: u64 = 64 * 1024;
/// Requests in a row that brought nothing new.
const IDLE_MAX: u32 = 3;
/// Less than this is no headway, unless it was the rest of the page.
const HEADWAY_MIN: u64 = 1024;
/// New beginnings of one page within one delivery.
const CREATED_MAX: u32 = 3;

/// What to ask the hall next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// POST: a new upload.
    Create,
    /// HEAD: where does it stand?
    Ask { location: String },
    /// PATCH: everything from here on, in one body.
    Send { location: String, from: u64, checksum: bool },
    /// The hall has every byte.
    Done,
    /// No use going on now.
    GiveUp(Outcome),
}

/// What came of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Came {
    Created {
        location: String,
    },
    /// Answer to HEAD or PATCH.
    Stands {
        offset: u64,
        length: Option<u64>,
    },
    /// The hall does not know this upload (any more), or it is not ours.
    Gone,
    /// The offset is not where the upload stands, or the body did not arrive whole: ask.
    Unsure(Outcome),
}

/// The way of one page.
#[derive(Clone, Debug)]
pub(crate) struct Trip {
    bytes: u64,
    location: Option<String>,
    /// As the hall said in this delivery; what the cabinet remembers is only where to ask.
    stands: Option<u64>,
    best: u64,
    idle: u32,
    created: u32,
    last: Option<Outcome>,
    done: bool,
}

impl Trip {
    pub(crate) fn new(page: &PageUpload) -> Self {
        Self {
            bytes: page.bytes,
            location: page.location.clone(),
            stands: None,
            best: 0,
            idle: 0,
            created: 0,
            last: None,
            done: false,
        }
    }

    pub(crate) fn location(&self) -> Option<&str> {
        self.location.as_deref()
    }

    /// Bytes that the hall acknowledged in this delivery.
    pub(crate) fn acknowledged(&self) -> u64 {
        self.best
    }

    pub(crate) fn next(&self) -> Next {
        if self.done {
            return Next::Done;
        }
        if self.idle >= IDLE_MAX || self.created >= CREATED_MAX && self.location.is_none() {
            return Next::GiveUp(self.last.clone().unwrap_or_else(|| Kind::UploadGone.into()));
        }
        match (&self.location, self.stands) {
            (None, _) => Next::Create,
            (Some(location), None) => Next::Ask { location: location.clone() },
            // Also with nothing left to send: an empty body makes the hall look at the page
            // once more, when it has every byte but did not come to closing it.
            (Some(location), Some(from)) => {
                Next::Send { location: location.clone(), from, checksum: self.bytes - from <= CHECKSUM_MAX }
            }
        }
    }

    /// Learns what came of the request that [`Trip::next`] asked for.
    pub(crate) fn learn(&mut self, asked: &Next, came: Came) {
        match came {
            Came::Created { location } => {
                self.location = Some(location);
                self.stands = Some(0);
                self.best = 0;
                self.created += 1;
            }
            Came::Stands { offset, length } => {
                if offset > self.bytes || length.is_some_and(|length| length != self.bytes) {
                    // Not our page: a hall or a proxy that mixes up addresses.
                    self.last = Some(LineTrouble::AnswerUnreadable.into());
                    self.forget();
                    return;
                }
                // A break that brought bytes is no idle turn: the line is bad, but it moves.
                if offset > self.best && (offset == self.bytes || offset - self.best >= HEADWAY_MIN) {
                    self.idle = 0;
                } else if matches!(asked, Next::Send { .. }) {
                    self.idle += 1;
                }
                self.best = self.best.max(offset);
                self.stands = Some(offset);
                self.done = matches!(asked, Next::Send { .. }) && offset == self.bytes;
            }
            Came::Gone => {
                self.last = Some(Kind::UploadGone.into());
                self.forget();
            }
            Came::Unsure(why) => {
                self.last = Some(why);
                self.stands = None;
                self.idle += 1;
            }
        }
    }

    fn forget(&mut self) {
        self.location = None;
        self.stands = None;
        self.best = 0;
    }
}

/// Value of `Upload-Metadata`: the digest that the whole page must have.
pub(crate) fn metadata(page: &Digest) -> String {
    format!("sha256 {}", STANDARD.encode(page.to_string()))
}

/// Value of `Upload-Checksum` for a body with this digest.
pub(crate) fn checksum(body: &Digest) -> String {
    format!("sha256 {}", STANDARD.encode(body.0))
}

#[cfg(test)]
#[path = "tus_tests.rs"]
mod tests;
