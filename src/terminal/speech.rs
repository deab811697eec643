//! What is said inside the terminal: wishes go up from the screens, orders go down to the
//! workers, facts come back. One place (`app.rs`) turns wishes into orders and learns facts.
//! `apply` and `learn` match without a wildcard.

use std::{collections::BTreeMap, sync::mpsc::SyncSender};

use jiff::Timestamp;
use matters::{Act, AgentAccount, Capacity, Digest, Grade, Identity, PageRef, Personal, Sealed, Value, Witness};
use outbox::{Admission, Deposit, Draft, FeedNews, FilingFull, FilingRow, LedgerSeen, Parcel, Particulars, Pulse, QueueSummary};
use uuid::Uuid;

/// Where a page goes among those of its material.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spot {
    /// Behind the last.
    #[default]
    Last,
    /// Before this one.
    Before(u32),
    /// In place of this one.
    Instead(u32),
}

/// How pictures of a material become pages: as the catalogue says, until the agent chooses otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Finish {
    pub paper: scan::Paper,
    pub tone: scan::Tone,
    /// 仅用于办理 … over the page.
    pub watermark: bool,
}

/// A [`Finish`] as the worker carries it out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Make {
    pub paper: scan::Paper,
    pub tone: scan::Tone,
    /// The sentence that is laid over the page.
    pub watermark: Option<String>,
}

/// Where one can go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    SignIn,
    Home,
    Person,
    Matters,
    Checklist,
    Form,
    Capture,
    Review,
    Receipt,
    Filings,
    Filing,
    Correction,
    Queue,
    Board,
}

/// What a screen asks for. A wish that cannot be carried out becomes a sentence on the screen.
#[derive(Debug)]
pub enum Wish {
    GoTo(Place),
    /// One step back on the path of the filing; always safe.
    Back,
    Admit {
        hall: String,
        code: String,
    },
    SignIn {
        account: String,
        password: Personal<String>,
    },
    Lock,
    /// Starts serving somebody: notice first, then card or hand.
    NewVisit,
    /// Another matter for the person whose filing was just sealed; the card is not read again.
    Again,
    /// Keeps the draft and forgets the person.
    EndVisit,
    /// The resident was given the notice (告知).
    NoticeGiven,
    TypedIdentity(Identity),
    /// Takes the card that was just read, when another person's draft is open.
    UseCard,
    Capacity(Capacity),
    Choose {
        matter: String,
    },
    Situation {
        key: String,
        choice: String,
    },
    Brought {
        material: String,
        yes: bool,
    },
    /// Back to the form, to the field that is to be changed.
    MendField {
        field: String,
    },
    /// `None` clears the field.
    Answer {
        field: String,
        value: Option<Value>,
    },
    Witness(Option<Witness>),
    /// Which material the next picture belongs to.
    Aim {
        material: String,
    },
    Shoot,
    /// How pictures of this material become pages from now on; the page just taken is made anew.
    Finish {
        material: String,
        finish: Finish,
    },
    /// Whether a good page that lies still is taken without a press.
    AutoShot(bool),
    /// Replaces this page by the next picture.
    Retake {
        material: String,
        order: u32,
    },
    /// Puts the next picture before this page.
    InsertBefore {
        material: String,
        order: u32,
    },
    /// Both sides of a card become one sheet.
    JoinSides {
        material: String,
        front: u32,
        back: u32,
    },
    DeletePage {
        material: String,
        order: u32,
    },
    MovePage {
        material: String,
        order: u32,
        to: u32,
    },
    RotatePage {
        material: String,
        order: u32,
    },
    /// Corners dragged by hand, in pixels of the last still, clockwise from top left.
    Corners([[f32; 2]; 4]),
    /// Goes to the camera for this material.
    CaptureOf {
        material: String,
    },
    /// A signature was drawn: strokes of points in parts of the pad.
    Signed {
        field: String,
        strokes: Vec<Vec<[f32; 2]>>,
    },
    ShowPage(Digest),
    Seal,
    OpenDraft(Uuid),
    DeleteDraft(Uuid),
    OpenFiling(Uuid),
    /// The resident agrees that his answers of this earlier filing are used again.
    Reuse(Uuid),
    /// Opens a filing to answer its correction.
    Mend(Uuid),
    /// Something masked was held open: a number, an account.
    Looked {
        what: &'static str,
    },
    /// Starts answering the open correction of the filing that is open.
    Supplement,
    SupplementAnswer {
        item: u32,
        answer: Option<Value>,
        note: String,
    },
    SendSupplement,
    Withdraw {
        reason: String,
    },
    /// 送达: the result was handed over here.
    Deliver {
        collector: String,
        way: String,
    },
    /// 好差评, by the resident's own hand.
    Evaluate {
        grade: Grade,
        words: String,
    },
    /// 投诉
    Complain {
        words: String,
    },
    /// Send now instead of waiting for the next try.
    SendNow,
    /// Nothing is sent until it is lifted.
    Pause(bool),
    /// The network costs by the byte: large things wait to be sent by hand.
    Metered(bool),
    SaveResult(Digest),
    DismissMessage,
    Language(texts::Lang),
    /// Demo only: what the virtual card's control socket is told.
    DemoCard(DemoCard),
    /// Asks before leaving the program.
    Quit,
    /// From a trouble screen: leaves without asking, nothing is open.
    Leave,
    /// From a trouble screen: starts the program anew.
    Restart,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DemoCard {
    Insert { persona: String },
    Remove,
}

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
    Draft(Uuid),
    Filing(Uuid),
    /// A page as a picture for the screen, answered by `PagePicture`.
    Page(Digest),
    /// A page's own bytes, answered by `PageBytes`.
    Bytes(Digest),
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
            Fact::Overview(_) => "Overview",
            Fact::DraftSaved { .. } => "DraftSaved",
            Fact::DraftLoaded(_) => "DraftLoaded",
            Fact::DraftDeleted(_) => "DraftDeleted",
            Fact::PageSaved { .. } => "PageSaved",
            Fact::PagesChanged { .. } => "PagesChanged",
            Fact::PageBytes { .. } => "PageBytes",
            Fact::PagePicture { .. } => "PagePicture",
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
