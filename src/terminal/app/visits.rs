//! The person being served: draft, card, autosave, and how the terminal forgets.

use eframe::egui;
use jiff::ToSpan;
use matters::{Identity, Source};
use outbox::Draft;

use super::{App, Dialog, SAVE_AFTER, camera_view::CameraView};
use crate::{
    screen::Screen,
    speech::{CameraOrder, Order, Place, Question},
    visit::{CardOnReader, Visit},
};

impl App {
    /// Starts serving somebody. What was open stays as a draft.
    pub(super) fn new_visit(&mut self, ctx: &egui::Context) {
        self.end_visit(ctx);
        let Some(acted_by) = self.acted_by() else { return };
        self.visit.draft = Some(Draft {
            id: self.ids.next(self.now),
            supplement_to: None,
            created_at: self.now,
            changed_at: self.now,
            acted_by,
            matter: None,
            catalogue_version: self.catalogue.version().to_owned(),
            step: format!("{:?}", Place::Person),
            notice: None,
            applicant: None,
            capacity: None,
            situations: Default::default(),
            brought: Default::default(),
            answers: Default::default(),
            witness: None,
            old: Vec::new(),
            pages: Vec::new(),
        });
        self.dialog = Some(Dialog::Notice);
        self.screen = Screen::at(Place::Person);
    }

    /// Keeps the draft and forgets the person: screen, visit, widget memory (with every undo),
    /// clipboard, pictures, the camera's last still.
    pub(super) fn end_visit(&mut self, ctx: &egui::Context) {
        self.flush();
        self.forget_all();
        ctx.memory_mut(|memory| {
            memory.data.clear();
            memory.stop_text_input();
        });
        // An empty text replaces what was copied; there is no command that clears.
        ctx.copy_text(String::new());
        if self.camera_on {
            self.set_preview(false);
        }
        self.tell_camera(CameraOrder::Forget);
    }

    /// The part of forgetting that needs no window.
    pub(super) fn forget_all(&mut self) {
        self.visit = Visit::default();
        self.other_card = None;
        self.handling = None;
        self.opening = None;
        self.reusing = None;
        self.mending = false;
        self.asked.clear();
        self.save_at = None;
        self.saving = 0;
        self.textures.clear();
        self.camera = CameraView { auto: self.config.capture.auto_shot, ..CameraView::default() };
        self.dialog = None;
        self.message = None;
        self.put_next_town();
    }

    pub(super) fn lock(&mut self, ctx: &egui::Context) {
        self.end_visit(ctx);
        self.session = None;
        self.go(Place::SignIn);
    }

    /// Changes the draft and lets it be saved. Nothing is changed without a draft.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut Draft)) {
        let now = self.now;
        let Some(draft) = &mut self.visit.draft else { return };
        change(draft);
        draft.changed_at = now;
        self.visit.dirty = true;
        if self.save_at.is_none() {
            self.save_at = now.checked_add(jiff::SignedDuration::try_from(SAVE_AFTER).unwrap_or_default()).ok();
        }
    }

    /// Saves what was changed, now. Called before anything leaves a screen.
    pub(super) fn flush(&mut self) {
        if self.save_at.take().is_none() {
            return;
        }
        let Some(draft) = self.visit.draft.clone() else { return };
        // Before the notice was given nothing about a person may be kept.
        if draft.notice.is_none() && draft.supplement_to.is_none() {
            return;
        }
        if self.order(Order::SaveDraft(Box::new(draft))) {
            self.saving += 1;
        } else {
            // Stays dirty, and is tried again.
            self.save_at = self.now.checked_add(1.second()).ok();
        }
    }

    pub(super) fn save_if_due(&mut self) {
        if self.save_at.is_some_and(|at| at <= self.now) {
            self.flush();
        }
    }

    pub(super) fn saved(&mut self, id: uuid::Uuid, at: jiff::Timestamp) {
        if self.visit.draft.as_ref().is_some_and(|draft| draft.id == id) {
            self.saving = self.saving.saturating_sub(1);
            self.visit.saved_at = Some(at);
            if self.saving == 0 && self.save_at.is_none() {
                self.visit.dirty = false;
            }
        }
    }

    /// A card was read in full. It reaches the form only here.
    pub(super) fn card_read(&mut self, ctx: &egui::Context, identity: Box<Identity>) {
        if self.session.is_none() {
            // Nobody is on duty: a card on the reader is nobody's business.
            return;
        }
        let at_home = self.screen.place() == Some(Place::Home);
        if self.visit.draft.is_none() {
            if !at_home {
                return;
            }
            // A card laid down on the first screen begins a visit.
            self.new_visit(ctx);
        }
        let Some(draft) = &self.visit.draft else { return };
        let told = draft.notice.is_some();
        match &draft.applicant {
            Some(served) if !same_person(served, &identity) => {
                self.other_card = Some(identity);
                self.dialog = Some(Dialog::OtherCard);
            }
            _ => {
                self.visit.card = CardOnReader::Read(identity);
                if told {
                    self.take_card();
                }
            }
        }
    }

    /// Keeps the photo of a read that this visit, or the question about another card, is about.
    /// Any other comes too late: its person is gone.
    pub(super) fn photo_decoded(&mut self, ctx: &egui::Context, read_event: uuid::Uuid, image: egui::ColorImage) {
        let on_reader = match &self.visit.card {
            CardOnReader::Read(identity) => Some(&**identity),
            CardOnReader::Nothing | CardOnReader::Reading | CardOnReader::Failed(_) => None,
        };
        let known = [on_reader, self.visit.applicant(), self.other_card.as_deref()];
        if self.session.is_some()
            && known.into_iter().flatten().any(|person| crate::worker::identity::read_event(person) == Some(read_event))
        {
            self.textures.set_photo(ctx, read_event, image);
        }
    }

    /// Puts the card's person into the draft: after the notice, and only from this read.
    pub(super) fn take_card(&mut self) {
        if let CardOnReader::Read(identity) = &self.visit.card
            && self.visit.draft.as_ref().is_some_and(|draft| draft.notice.is_some())
        {
            let identity = (**identity).clone();
            self.take_identity(identity);
        }
    }

    pub(super) fn take_identity(&mut self, identity: Identity) {
        let today = crate::words::day(self.now);
        let catalogue = &self.catalogue;
        let Some(draft) = &mut self.visit.draft else { return };
        if draft.applicant.as_ref() == Some(&identity) {
            return;
        }
        if let Some(matter) = draft.matter.as_deref().and_then(|id| catalogue.matter(id)) {
            // What the card tells is never asked; what was entered by hand is never overwritten.
            for (field, value) in matters::form::prefill(matter, &identity, today) {
                draft.answers.entry(field).or_insert(value);
            }
        }
        self.change(|draft| draft.applicant = Some(identity));
    }

    /// The card was taken away. In the middle of a read nothing is left of it.
    pub(super) fn card_removed(&mut self) {
        let undecided = self.screen.place() == Some(Place::Person)
            && self.visit.draft.as_ref().is_some_and(|draft| draft.capacity.is_none() && draft.matter.is_none());
        let from_card =
            |draft: &Draft| draft.applicant.as_ref().is_some_and(|person| matches!(person.source, Source::Card { .. }));
        if undecided && self.visit.draft.as_ref().is_some_and(from_card) {
            // Nothing was chosen yet: the screen empties with the card.
            self.change(|draft| draft.applicant = None);
        }
        self.visit.card = CardOnReader::Nothing;
    }

    /// Serves the person whose card was just laid down; the other draft stays.
    pub(super) fn use_card(&mut self, ctx: &egui::Context) {
        let Some(identity) = self.other_card.take() else { return };
        self.new_visit(ctx);
        self.visit.card = CardOnReader::Read(identity);
    }

    /// A new draft for the person of the filing that is open: told already, known already.
    pub(super) fn again(&mut self, ctx: &egui::Context) {
        let Some(full) = &self.visit.filing else { return };
        let filing = full.sealed.filing();
        let (person, notice) = (filing.applicant.clone(), filing.notice.clone());
        let card = std::mem::take(&mut self.visit.card);
        self.new_visit(ctx);
        self.dialog = None;
        self.visit.card = card;
        self.change(|draft| draft.notice = Some(notice));
        self.take_identity(person);
        self.go(Place::Person);
    }

    /// Asks the reader for pages that a screen may want to show.
    pub(super) fn fetch_pages(&mut self) {
        let mut wanted: Vec<matters::Digest> = Vec::new();
        if self.screen.place().is_some_and(|place| {
            matches!(place, Place::Form | Place::Capture | Place::Review | Place::Correction | Place::Filing)
        }) {
            let draft = self.visit.draft.iter().flat_map(|draft| &draft.pages);
            let answer =
                self.visit.supplement.iter().filter_map(|supplement| supplement.draft.as_ref()).flat_map(|draft| &draft.pages);
            let sealed = self.visit.filing.iter().flat_map(crate::screen::filing::brought).map(|(page, _)| page);
            wanted.extend(draft.chain(answer).chain(sealed).map(|page| page.sha256));
            wanted.extend(self.visit.shown);
        }
        // As many as are kept: asking for more would drop the first again.
        wanted.truncate(crate::look::textures::PAGES_MAX);
        for digest in wanted {
            if self.textures.page(digest).is_none() && !self.asked.contains(&digest) {
                let sent = self.workers.as_ref().is_some_and(|workers| workers.reader.try_send(Question::Page(digest)).is_ok());
                if !sent {
                    return;
                }
                self.asked.push(digest);
            }
        }
    }

    pub(super) fn set_preview(&mut self, on: bool) {
        if self.camera_on != on && self.tell_camera(CameraOrder::Preview(on)) {
            self.camera_on = on;
            if !on {
                self.textures.drop_preview();
                self.camera.outline = None;
                self.camera.issues.clear();
            }
        }
    }
}

/// The number decides; names are written in more than one way.
fn same_person(a: &Identity, b: &Identity) -> bool {
    a.number == b.number
}
