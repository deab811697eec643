//! What every device is to this house: traits, kinds of trouble, scripted stand-ins.
//!
//! Doors: [`CardReader`], [`Camera`], [`Trouble`], and the stand-ins in `folder_camera`.
//!
//! Never: touches hardware, owns a thread, makes a sentence, logs a person's data.
//! A driver's `next(patience)` is called again and again by one named thread of the terminal.
//!
//! Start reading at [`Trouble`].

pub mod folder_camera;
pub mod jpeg_frame;

use std::time::Duration;

pub use folder_camera::FolderCamera;
use zeroize::Zeroize;

/// What somebody can do about a trouble decides its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// No such device here.
    Absent,
    /// Somebody else holds it; goes by itself.
    Busy,
    /// The system does not let us (polkit, udev, permissions).
    Denied,
    /// It was there and is gone.
    Unplugged,
    /// Nothing on it: no card, no paper.
    NoMedia,
    /// It answered with something that cannot be trusted.
    Garbled,
    Timeout,
    /// It can see the thing and cannot read it.
    Unsupported,
    Broken,
}

/// Why a device did not do what was asked. Holds no personal data by construction:
/// `code` is stable and looked up in the texts, `detail` is for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Trouble {
    pub kind: Kind,
    /// Stable, e.g. `card_removed_while_reading`.
    pub code: &'static str,
    pub detail: &'static str,
}

impl Trouble {
    pub const fn new(kind: Kind, code: &'static str, detail: &'static str) -> Self {
        Self { kind, code, detail }
    }
}

/// What kind of card was read. The type flag alone decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardType {
    ResidentId,
    HkmtResidence,
    ForeignPermanent2017,
    ForeignPermanent2023,
    SocialSecurity,
}

/// One person's record from one read session. Wiped on drop; prints nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct CardRecord {
    pub card: CardType,
    pub name: String,
    pub name_latin: Option<String>,
    /// GB/T 2261.1: 0 unknown, 1 male, 2 female, 9 unspecified.
    pub sex: Option<u8>,
    /// GB/T 3304 code and name.
    pub nation: Option<(String, String)>,
    pub nationality: Option<String>,
    /// `YYYY-MM-DD`
    pub birth: Option<String>,
    pub address: Option<String>,
    pub new_address: Option<String>,
    pub number: Option<String>,
    pub old_number: Option<String>,
    pub issuer: Option<String>,
    pub valid_from: Option<String>,
    /// `YYYY-MM-DD` or `long_term`
    pub valid_until: Option<String>,
    pub social_security_number: Option<String>,
    pub card_number: Option<String>,
    pub generation: Option<String>,
    /// Raw WLT photo, 1,024 bytes, where the card has one.
    pub photo: Option<Vec<u8>>,
    /// Stable codes, e.g. `name_possibly_cut`.
    pub warnings: Vec<&'static str>,
}

impl Zeroize for CardRecord {
    fn zeroize(&mut self) {
        self.name.zeroize();
        for text in [
            &mut self.name_latin,
            &mut self.birth,
            &mut self.address,
            &mut self.new_address,
            &mut self.number,
            &mut self.old_number,
            &mut self.social_security_number,
            &mut self.card_number,
        ] {
            text.zeroize();
        }
        self.photo.zeroize();
    }
}

impl Drop for CardRecord {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl std::fmt::Debug for CardRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CardRecord({:?}, •••)", self.card)
    }
}

/// What a reader reports. Text, photo and all else of one card come in one `Read`.
#[derive(Debug)]
pub enum CardEvent {
    /// Nothing happened within the patience given.
    Quiet,
    ReaderArrived {
        name: String,
    },
    ReaderGone {
        name: String,
    },
    CardPresent,
    Reading,
    Read(Box<CardRecord>),
    Failed(Trouble),
    CardRemoved,
}

/// A card reader. Owns no thread; a partial record is discarded whole on removal, error or timeout.
pub trait CardReader: Send {
    /// Waits at most `patience` for the next event.
    ///
    /// # Errors
    /// Trouble of the reader itself (service stopped, denied …). The caller waits and calls again:
    /// the driver recovers without a new object.
    fn next(&mut self, patience: Duration) -> Result<CardEvent, Trouble>;

    /// Text of the card that just failed as `card_type_unknown`, while it lies there: to be shown
    /// to the eye, never filled in anywhere.
    fn raw_text(&self) -> Option<&str> {
        None
    }

    /// Ends a wait of `next` that is under way on its thread, which then reports [`CardEvent::Quiet`].
    /// `None` for a reader that has to be asked again and again, and so never waits for long.
    /// Whoever has one may be as patient as can be: a thread that waits costs nothing.
    fn interrupt(&self) -> Option<Interrupt> {
        None
    }

    /// True for a stand-in (virtual card): the window says so in a visible band.
    fn is_stand_in(&self) -> bool {
        false
    }
}

/// Ends a wait from another thread. A wait that begins just afterwards is not ended: ask again.
pub type Interrupt = std::sync::Arc<dyn Fn() + Send + Sync>;

/// What a document camera reports. Pictures are whole JPEG files, cut at their first EOI.
#[derive(Debug)]
pub enum CameraEvent {
    Quiet,
    Arrived {
        name: String,
    },
    Gone,
    /// A preview frame.
    Frame(Vec<u8>),
    /// The picture that `still` asked for, at full size.
    Still(Vec<u8>),
    /// A still could not be taken.
    Failed(Trouble),
}

/// A document camera (高拍仪). Owns no thread of its own; may own a child process.
pub trait Camera: Send {
    /// Waits at most `patience` for the next event.
    ///
    /// # Errors
    /// Trouble of the camera itself; the caller waits and calls again.
    fn next(&mut self, patience: Duration) -> Result<CameraEvent, Trouble>;

    /// Starts or stops the preview. Off = the device is closed.
    ///
    /// # Errors
    /// When the camera cannot be opened.
    fn preview(&mut self, on: bool) -> Result<(), Trouble>;

    /// Asks for one picture at full size; it arrives as [`CameraEvent::Still`].
    ///
    /// # Errors
    /// When no camera is open.
    fn still(&mut self) -> Result<(), Trouble>;

    /// True for a stand-in (folder of photographs): the window says so in a visible band.
    fn is_stand_in(&self) -> bool {
        false
    }
}
