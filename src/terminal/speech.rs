//! What is said inside the terminal: wishes go up from the screens, orders go down to the
//! workers, facts come back. One place (`app.rs`) turns wishes into orders and learns facts.
//! `apply` and `learn` match without a wildcard.

use std::collections::BTreeMap;

use jiff::Timestamp;
use matters::{Act, AgentAccount, Capacity, Digest, Identity, PageRef, Personal, Sealed, Value, Witness};
use outbox::{Draft, FilingFull, FilingRow, QueueSummary};
use uuid::Uuid;

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
    Admit { hall: String, code: String },
    SignIn { account: String, password: Personal<String> },
    Lock,
    /// Starts serving somebody: notice first, then card or hand.
    NewVisit,
    /// Keeps the draft and forgets the person.
    EndVisit,
    /// The resident was given the notice (告知).
    NoticeGiven,
    TypedIdentity(Identity),
    /// Takes the card that was just read, when another person's draft is open.
    UseCard,
    Capacity(Capacity),
    Choose { matter: String },
    Situation { key: String, choice: String },
    Brought { material: String, yes: bool },
    /// `None` clears the field.
    Answer { field: String, value: Option<Value> },
    Witness(Option<Witness>),
    /// Which material the next picture belongs to.
    Aim { material: String },
    Shoot,
    /// Replaces this page by the next picture.
    Retake { material: String, order: u32 },
    DeletePage { material: String, order: u32 },
    MovePage { material: String, order: u32, to: u32 },
    RotatePage { material: String, order: u32 },
    /// Corners dragged by hand, in pixels of the last still, clockwise from top left.
    Corners([[f32; 2]; 4]),
    ShowPage(Digest),
    Seal,
    OpenDraft(Uuid),
    DeleteDraft(Uuid),
    OpenFiling(Uuid),
    /// Starts answering the open correction of the filing that is open.
    Supplement,
    SupplementAnswer { item: u32, answer: Option<Value>, note: String },
    SendSupplement,
    Withdraw { reason: String },
    /// Send now instead of waiting for the next try.
    SendNow,
    SaveResult(Digest),
    DismissMessage,
    Language(texts::Lang),
    /// Demo only: what the virtual card's control socket is told.
    DemoCard(DemoCard),
    Quit,
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
    /// Puts a page; `replace` = order of the page it replaces.
    PutPage { draft: Uuid, material: String, replace: Option<u32>, jpeg: Vec<u8>, width_px: u32, height_px: u32 },
    DeletePage { draft: Uuid, material: String, order: u32 },
    MovePage { draft: Uuid, material: String, order: u32, to: u32 },
    /// Mints number and query code, seals draft and pages in one transaction.
    Seal { draft: Uuid },
    Enqueue { act: Box<Act>, pages: Vec<PageRef> },
    SignIn { account: String, password: Personal<String> },
    SendNow,
    Stop,
}

/// Down to the reader (read-only connection).
#[derive(Debug)]
pub enum Question {
    Overview,
    Draft(Uuid),
    Filing(Uuid),
    Page(Digest),
    Stop,
}

/// Up from the workers.
#[derive(Debug)]
pub enum Fact {
    /// Cabinet is open: what stands in it.
    Overview(Box<Overview>),
    DraftSaved { id: Uuid, at: Timestamp },
    DraftLoaded(Box<Draft>),
    DraftDeleted(Uuid),
    PageSaved { draft: Uuid, page: PageRef },
    PagesChanged { draft: Uuid, pages: Vec<PageRef> },
    PageBytes { digest: Digest, jpeg: Vec<u8> },
    Sealed { filing: Uuid, sealed: Box<Sealed> },
    Enqueued { act: Uuid },
    FilingLoaded(Box<FilingFull>),
    SignedIn { agent: AgentAccount },
    SignInRefused(SignInRefused),
    /// Something in the cabinet did not work; what is safe is part of the sentence.
    Cabinet(CabinetTrouble),
    Card(CardFact),
    Camera(CameraFact),
    Line(LineFact),
    Admitted,
    AdmissionFailed { code: String },
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
    Lamp { reader: String, trouble: Option<devices::Trouble> },
    Present,
    Reading,
    Read(Box<Identity>),
    Failed(devices::Trouble),
    Removed,
}

#[derive(Debug)]
pub enum CameraFact {
    Lamp { camera: String, trouble: Option<devices::Trouble> },
    /// A still was taken, squared and judged, and goes to records; corners in its pixels.
    Still { corners: Option<[[f32; 2]; 4]>, width_px: u32, height_px: u32, issues: Vec<&'static str> },
    Failed(devices::Trouble),
}

/// What the line to the hall says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineFact {
    Up { hall_time: Timestamp, skew_ms: i64 },
    /// Stable code by which the texts speak, e.g. `no_network`, `hall_refuses_terminal`.
    Down { code: String },
    /// Bytes of the running parcel.
    Progress { filing: Uuid, sent: u64, total: u64 },
    /// The cabinet changed: ask for a new overview.
    News,
}
