//! What screens ask for, and the words in which they do: a page's place and finish, where one can go.

use matters::{Capacity, Digest, Grade, Identity, Personal, Value, Witness};
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
    /// Makes the frame of this page the last still again, to cut the page anew.
    Reopen {
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
    /// A message of the town (通知) was read.
    ReadMessage(Uuid),
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
