//! What is said inside the terminal: wishes go up from the screens, orders go down to the
//! workers, facts come back. One place (`app.rs`) turns wishes into orders and learns facts.
//! `apply` and `learn` match without a wildcard.

use std::{collections::BTreeMap, sync::mpsc::SyncSender};

use jiff::Timestamp;
use matters::{Act, AgentAccount, Digest, Identity, PageRef, Personal, Sealed};
use outbox::{
    Admission, Deposit, Draft, FeedNews, FilingFull, FilingRow, LedgerSeen, Message, PackageOffer, PackageVerdict, Parcel,
    Particulars, Pulse, QueueSummary,
};
use uuid::Uuid;

use crate::catalogue::Town;

mod wish;

pub use wish::*;

/// Down to records (the only writing connection).
#[derive(Debug)]
pub enum Order {
    SaveDraft(Box<Draft>),
    DeleteDraft(Uuid),
    PutPage {
        draft: Uuid,
        material: String,
        spot: Spot,
        jpeg: Vec<u8>,
        width_px: u32,
        height_px: u32,
        /// What the camera saw, where the town wants it kept.
        frame: Option<Vec<u8>>,
    },
    /// A sheet takes the place of page `front`, and page `back` goes.
    JoinPages {
        draft: Uuid,
        material: String,
        front: u32,
        back: u32,
        jpeg: Vec<u8>,
        width_px: u32,
        height_px: u32,
    },
    DeletePage {
        draft: Uuid,
        material: String,
        order: u32,
    },
    MovePage {
        draft: Uuid,
        material: String,
        order: u32,
        to: u32,
    },
    /// Mints number and query code, seals draft and pages in one transaction.
    Seal {
        draft: Uuid,
        acted_by: matters::ActedBy,
    },
    /// `draft` holds the new pages of an answer to a correction.
    Enqueue {
        act: Box<Act>,
        draft: Option<Uuid>,
    },
    SignIn {
        account: String,
        password: Personal<String>,
    },
    SendNow,
    Pause(bool),
    Metered(bool),
    /// From the courier: what is due now. The answer goes back at once.
    Parcels {
        reply: SyncSender<Due>,
    },
    /// From the feed, now and then: wipes what may be wiped, and says whether the cabinet's key is to be
    /// deposited at the hall.
    Chores {
        reply: SyncSender<(Option<Deposit>, Pulse)>,
    },
    /// From the feed: the hall keeps the cabinet's key under this recovery key.
    Deposited {
        recovery: String,
    },
    /// From the feed: a new certificate. The old one is given up only when this is on the disk.
    Renewed {
        admission: Box<Admission>,
        reply: SyncSender<bool>,
    },
    /// From the courier: where the hall's ledger stood by its answer.
    Ledger(LedgerSeen),
    /// From the courier: the hall acknowledged so much of a page.
    Upload {
        page: Digest,
        location: Option<String>,
        offset: u64,
        done: bool,
    },
    /// From the courier: the hall forgot the upload.
    ForgetUpload {
        page: Digest,
    },
    /// From the courier: what came of a parcel.
    Enter {
        act: Uuid,
        entry: courier::plan::Entry,
    },
    /// A message of the town was read.
    ReadMessage(Uuid),
    /// From the feed: a file of a package came. Answered with true once it is on the disk.
    PackageFile {
        digest: Digest,
        bytes: Vec<u8>,
        reply: SyncSender<bool>,
    },
    /// From the feed: what came of a package. Answered with true once it is on the disk.
    PackageSettled {
        package: PackageOffer,
        verdict: PackageVerdict,
        reply: SyncSender<bool>,
    },
    /// From the feed: applied whole, and answered with true once it is on the disk.
    Feed {
        news: Box<FeedNews>,
        reply: SyncSender<bool>,
    },
    Stop,
}

/// What the courier finds when it looks into the queue.
#[derive(Debug, Default)]
pub struct Due {
    pub parcels: Vec<Parcel>,
    pub next_due: Option<Timestamp>,
}

/// Down to the camera worker, which also does everything else with pictures.
#[derive(Debug)]
pub enum CameraOrder {
    Preview(bool),
    /// Takes a still, squares it, and gives it to records as a page.
    Shoot {
        draft: Uuid,
        material: String,
        spot: Spot,
        make: Make,
    },
    /// Makes a page anew from the last still: by corners that a hand dragged, or with another finish.
    Square {
        draft: Uuid,
        material: String,
        replace: u32,
        /// `None`: the page is looked for again.
        corners: Option<[[f32; 2]; 4]>,
        make: Make,
    },
    /// A frame that was kept is the last still again.
    Reopen {
        page: PageRef,
        frame: Vec<u8>,
    },
    /// Both sides of a card become one sheet.
    Join {
        draft: Uuid,
        material: String,
        front: (u32, Vec<u8>),
        back: (u32, Vec<u8>),
    },
    /// Turns a page by a quarter to the right.
    Rotate {
        draft: Uuid,
        material: String,
        order: u32,
        jpeg: Vec<u8>,
    },
    /// Pages of this material went or changed places: what was known of them is forgotten.
    Changed {
        material: String,
    },
    /// The visit is over: the last still goes too.
    Forget,
    Stop,
}

/// Down to the courier.
#[derive(Debug)]
pub enum CourierOrder {
    /// Something new may be in the queue.
    Look,
    /// The certificate was renewed, or the hall told of itself: from here on by this.
    Anew(Box<Admission>),
    /// Somebody pressed 立即发送, or the feed heard the hall: no more patience.
    Hurry,
    /// Fetch a result file into this folder.
    Result {
        digest: Digest,
        folder: std::path::PathBuf,
        extension: &'static str,
    },
    Stop,
}

/// Down to the reader (read-only connection).
#[derive(Debug)]
pub enum Question {
    Overview,
    /// What is filed by today, answered by `Town`.
    Town,
    Draft(Uuid),
    Filing(Uuid),
    /// A page as a picture for the screen, answered by `PagePicture`.
    Page(Digest),
    /// A page's own bytes, answered by `PageBytes`.
    Bytes(Digest),
    /// What the camera saw when this page was taken, answered by `FrameBytes`.
    Frame(Digest),
    Stop,
}

/// Up from the workers.
pub enum Fact {
    /// The cabinet is open and this machine is admitted.
    Opened(Box<Opened>),
    /// The cabinet is open and nobody has admitted this machine yet.
    NotAdmitted,
    /// The cabinet cannot be opened: nothing works until that is mended.
    CabinetShut(CabinetTrouble),
    /// Records ended by a mistake of its own; everything acknowledged is on the disk.
    RecordsDied,
    /// Point and hall changed with the feed.
    Particulars(Box<Particulars>),
    /// What is filed by today: from here on, or as soon as the person at the counter has been served.
    Town(Box<Town>),
    /// The town sent another catalogue or calendar, or took one back.
    TownChanged,
    /// What the town sent has a fault and is not used.
    PackageRefused {
        version: String,
        code: String,
    },
    /// Cabinet is open: what stands in it.
    Overview(Box<Overview>),
    DraftSaved {
        id: Uuid,
        at: Timestamp,
    },
    DraftLoaded(Box<Draft>),
    DraftDeleted(Uuid),
    PageSaved {
        draft: Uuid,
        page: PageRef,
        /// Pages of its material from its place on moved down by one.
        inserted: bool,
    },
    PagesChanged {
        draft: Uuid,
        pages: Vec<PageRef>,
    },
    PageBytes {
        digest: Digest,
        jpeg: Vec<u8>,
    },
    PagePicture {
        digest: Digest,
        image: egui::ColorImage,
    },
    FrameBytes {
        page: Digest,
        frame: Vec<u8>,
    },
    /// The draft lacks what every filing has; nothing was sealed.
    Unfit {
        what: &'static str,
    },
    /// A draft, filing or page that was asked for is not in the cabinet.
    NotThere,
    ResultSaved {
        file: std::path::PathBuf,
    },
    ResultFailed {
        code: String,
    },
    /// The virtual card's control socket did not do it.
    DemoCardFailed,
    Sealed {
        filing: Uuid,
        sealed: Box<Sealed>,
    },
    Enqueued {
        act: Uuid,
    },
    FilingLoaded(Box<FilingFull>),
    SignedIn {
        agent: AgentAccount,
    },
    SignInRefused(SignInRefused),
    /// Something in the cabinet did not work; what is safe is part of the sentence.
    Cabinet(CabinetTrouble),
    Card(CardFact),
    Camera(CameraFact),
    Line(LineFact),
    Admitted,
    AdmissionFailed {
        code: String,
    },
}

/// Kinds only: most facts hold a person's data.
impl std::fmt::Debug for Fact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Fact::Opened(_) => "Opened",
            Fact::NotAdmitted => "NotAdmitted",
            Fact::CabinetShut(_) => "CabinetShut",
            Fact::RecordsDied => "RecordsDied",
            Fact::Particulars(_) => "Particulars",
            Fact::Town(_) => "Town",
            Fact::TownChanged => "TownChanged",
            Fact::PackageRefused { .. } => "PackageRefused",
            Fact::Overview(_) => "Overview",
            Fact::DraftSaved { .. } => "DraftSaved",
            Fact::DraftLoaded(_) => "DraftLoaded",
            Fact::DraftDeleted(_) => "DraftDeleted",
            Fact::PageSaved { .. } => "PageSaved",
            Fact::PagesChanged { .. } => "PagesChanged",
            Fact::PageBytes { .. } => "PageBytes",
            Fact::PagePicture { .. } => "PagePicture",
            Fact::FrameBytes { .. } => "FrameBytes",
            Fact::Unfit { .. } => "Unfit",
            Fact::NotThere => "NotThere",
            Fact::ResultSaved { .. } => "ResultSaved",
            Fact::ResultFailed { .. } => "ResultFailed",
            Fact::DemoCardFailed => "DemoCardFailed",
            Fact::Sealed { .. } => "Sealed",
            Fact::Enqueued { .. } => "Enqueued",
            Fact::FilingLoaded(_) => "FilingLoaded",
            Fact::SignedIn { .. } => "SignedIn",
            Fact::SignInRefused(_) => "SignInRefused",
            Fact::Cabinet(_) => "Cabinet",
            Fact::Card(_) => "Card",
            Fact::Camera(_) => "Camera",
            Fact::Line(_) => "Line",
            Fact::Admitted => "Admitted",
            Fact::AdmissionFailed { .. } => "AdmissionFailed",
        })
    }
}

/// What records found when it opened the cabinet.
#[derive(Clone, Debug)]
pub struct Opened {
    pub terminal: String,
    pub particulars: Particulars,
    /// An older state or a copy was opened: said once.
    pub restored: bool,
    pub free_space_ok: bool,
}

/// What home and lists show; replaced whole.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    pub drafts: Vec<Draft>,
    pub filings: Vec<FilingRow>,
    pub queue: QueueSummary,
    pub agents: Vec<AgentAccount>,
    /// What the town told and nobody here has read yet, the newest first.
    pub messages: Vec<Message>,
    /// Figures of this month, from cases only.
    pub month: BTreeMap<String, u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInRefused {
    Unknown,
    WrongPassword { left: u32 },
    Locked { until: Timestamp },
    Expired,
}

/// By kind; the terminal's texts make the sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CabinetTrouble {
    pub code: &'static str,
    pub reference: String,
}

#[derive(Debug)]
pub enum CardFact {
    Lamp {
        reader: String,
        trouble: Option<devices::Trouble>,
    },
    Present,
    Reading,
    Read(Box<Identity>),
    /// The decoded photo of that read, some time after it.
    Photo {
        read_event: uuid::Uuid,
        image: egui::ColorImage,
    },
    Failed(devices::Trouble),
    Removed,
}

#[derive(Debug)]
pub enum CameraFact {
    Lamp {
        camera: String,
        trouble: Option<devices::Trouble>,
    },
    /// A still was taken, squared and judged, and goes to records; corners in its pixels.
    Still {
        corners: Option<[[f32; 2]; 4]>,
        width_px: u32,
        height_px: u32,
        issues: Vec<&'static str>,
        /// Of the page that was made of it.
        digest: Digest,
    },
    /// A frame that was kept is the last still again; its picture follows.
    Reopened {
        page: PageRef,
        width_px: u32,
        height_px: u32,
    },
    /// The page lies still and is good: an automatic shot is due. Said once a page.
    Settled,
    /// The last still as it was taken, small enough for the screen: corners are dragged on it.
    StillPicture(egui::ColorImage),
    Failed(devices::Trouble),
}

/// What the line to the hall says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineFact {
    /// `skew_ms`: our clock minus the hall's, when this exchange could measure it.
    Up { hall_time: Timestamp, skew_ms: Option<i64> },
    /// Stable code by which the texts speak, e.g. `no_network`, `hall_refuses_terminal`.
    Down { code: String },
    /// Bytes of the running parcel.
    Progress { filing: Uuid, sent: u64, total: u64 },
    /// The cabinet changed: ask for a new overview.
    News,
}
