//! The screens. A screen owns what is only on it; what belongs to the person being served is in
//! [`Visit`]. `show` draws, touches only itself, and returns at most one wish.
//!
//! The notice (告知) and the question about another card are drawn by the app over every path
//! screen: a screen needs not ask for them.

use ::matters::AgentAccount;
use egui::Ui;
use jiff::Timestamp;
use outbox::Particulars;
use texts::Texts;

use crate::{
    app::{camera_view::CameraView, lamps::Lamps},
    config::Config,
    look::textures::Textures,
    speech::{Overview, Place, Wish},
    visit::Visit,
};

pub mod admit;
pub mod aside;
pub mod board;
pub mod capture;
#[cfg(test)]
mod capture_tests;
pub mod checklist;
pub mod correction;
#[cfg(test)]
#[path = "desk_tests.rs"]
pub mod desk;
pub mod filing;
#[cfg(test)]
mod filing_tests;
pub mod filings;
pub mod form;
pub mod guide;
pub mod home;
pub mod matters;
pub mod moved;
#[cfg(test)]
mod moved_tests;
#[cfg(test)]
mod path_tests;
pub mod person;
pub mod queue;
pub mod receipt;
pub mod review;
pub mod sign_in;
#[cfg(test)]
#[path = "specimen_tests.rs"]
pub mod specimen;
pub mod terms;
pub mod trouble;

/// What a screen may look at while it draws. Nothing in it can be changed from a screen.
pub struct Cx<'a> {
    pub now: Timestamp,
    pub t: &'a Texts,
    pub lamps: &'a Lamps,
    pub config: &'a Config,
    pub catalogue: &'a ::matters::Catalogue,
    /// Working days of the town.
    pub calendar: &'a ::matters::Calendar,
    pub overview: &'a Overview,
    /// Point and hall; `None` before the first word of the cabinet.
    pub particulars: Option<&'a Particulars>,
    pub visit: &'a Visit,
    pub agent: Option<&'a AgentAccount>,
    /// Pages by digest and the preview; `None` from it means "not here yet", the app fetches.
    pub textures: &'a Textures,
    /// What the document camera sees and last took.
    pub camera: &'a CameraView,
}

/// Where one is. Exhaustive: a new place does not compile until it can be shown.
pub enum Screen {
    Admit(admit::Admit),
    SignIn(sign_in::SignIn),
    Home(home::Home),
    Person(person::Person),
    Matters(matters::Matters),
    Checklist(checklist::Checklist),
    Form(form::Form),
    Capture(capture::Capture),
    Review(review::Review),
    Receipt(receipt::Receipt),
    Filings(filings::Filings),
    Filing(filing::Filing),
    Correction(correction::Correction),
    Queue(queue::Queue),
    Board(board::Board),
    Trouble(trouble::Trouble),
}

impl Screen {
    /// A fresh screen of a place. Its own state starts empty; the visit stays.
    pub fn at(place: Place) -> Self {
        match place {
            Place::SignIn => Screen::SignIn(Default::default()),
            Place::Home => Screen::Home(Default::default()),
            Place::Person => Screen::Person(Default::default()),
            Place::Matters => Screen::Matters(Default::default()),
            Place::Checklist => Screen::Checklist(Default::default()),
            Place::Form => Screen::Form(Default::default()),
            Place::Capture => Screen::Capture(Default::default()),
            Place::Review => Screen::Review(Default::default()),
            Place::Receipt => Screen::Receipt(Default::default()),
            Place::Filings => Screen::Filings(Default::default()),
            Place::Filing => Screen::Filing(Default::default()),
            Place::Correction => Screen::Correction(Default::default()),
            Place::Queue => Screen::Queue(Default::default()),
            Place::Board => Screen::Board(Default::default()),
        }
    }

    /// The place one is at; `None` for admission and trouble, from which nobody walks away.
    pub fn place(&self) -> Option<Place> {
        Some(match self {
            Screen::Admit(_) | Screen::Trouble(_) => return None,
            Screen::SignIn(_) => Place::SignIn,
            Screen::Home(_) => Place::Home,
            Screen::Person(_) => Place::Person,
            Screen::Matters(_) => Place::Matters,
            Screen::Checklist(_) => Place::Checklist,
            Screen::Form(_) => Place::Form,
            Screen::Capture(_) => Place::Capture,
            Screen::Review(_) => Place::Review,
            Screen::Receipt(_) => Place::Receipt,
            Screen::Filings(_) => Place::Filings,
            Screen::Filing(_) => Place::Filing,
            Screen::Correction(_) => Place::Correction,
            Screen::Queue(_) => Place::Queue,
            Screen::Board(_) => Place::Board,
        })
    }

    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
        match self {
            Screen::Admit(screen) => screen.show(ui, cx),
            Screen::SignIn(screen) => screen.show(ui, cx),
            Screen::Home(screen) => screen.show(ui, cx),
            Screen::Person(screen) => screen.show(ui, cx),
            Screen::Matters(screen) => screen.show(ui, cx),
            Screen::Checklist(screen) => screen.show(ui, cx),
            Screen::Form(screen) => screen.show(ui, cx),
            Screen::Capture(screen) => screen.show(ui, cx),
            Screen::Review(screen) => screen.show(ui, cx),
            Screen::Receipt(screen) => screen.show(ui, cx),
            Screen::Filings(screen) => screen.show(ui, cx),
            Screen::Filing(screen) => screen.show(ui, cx),
            Screen::Correction(screen) => screen.show(ui, cx),
            Screen::Queue(screen) => screen.show(ui, cx),
            Screen::Board(screen) => screen.show(ui, cx),
            Screen::Trouble(screen) => screen.show(ui, cx),
        }
    }
}
