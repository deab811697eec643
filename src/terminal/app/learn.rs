//! What a fact changes. No wildcard: a new fact does not compile until somebody learns it.

use eframe::egui;
use outbox::{ActState, Draft};

use super::{App, Session, camera_view::LastStill};
use crate::{
    config::{self, Loaded},
    look::theme::Tone,
    screen::{Screen, trouble::Trouble},
    speech::{CabinetTrouble, CameraFact, CardFact, CourierOrder, Fact, LineFact, Place, Question, SignInRefused},
    visit::CardOnReader,
};

impl App {
    pub(crate) fn learn(&mut self, ctx: &egui::Context, fact: Fact) {
        match fact {
            Fact::Opened(opened) => {
                self.particulars = Some(opened.particulars);
                if opened.restored {
                    let (title, words) =
                        (texts::trouble::restored_title(&self.texts), texts::trouble::restored_words(&self.texts));
                    self.say(Tone::Warn, title, words);
                } else if !opened.free_space_ok {
                    self.cabinet_trouble(CabinetTrouble { code: "cabinet_full", reference: String::new() });
                }
                self.go(Place::SignIn);
            }
            Fact::NotAdmitted => {
                if let Some(workers) = self.workers.take() {
                    workers.stop();
                }
                self.screen = Screen::Admit(Default::default());
            }
            Fact::CabinetShut(trouble) => {
                self.session = None;
                self.forget_all();
                self.screen = Screen::Trouble(Trouble::of(trouble.code, trouble.reference));
            }
            Fact::RecordsDied => {
                self.forget_all();
                self.records_died();
            }
            Fact::Particulars(particulars) => self.particulars = Some(*particulars),
            Fact::Town(town) => self.learn_town(*town),
            Fact::TownChanged => {
                self.ask(Question::Town);
            }
            Fact::PackageRefused { version, code } => self.package_refused(&version, &code),
            Fact::Overview(overview) => {
                self.overview = *overview;
                self.refresh_open_filing();
            }
            Fact::DraftSaved { id, at } => self.saved(id, at),
            Fact::DraftLoaded(draft) => self.draft_loaded(*draft),
            Fact::DraftDeleted(_) => {
                self.ask(Question::Overview);
            }
            Fact::PageSaved { draft, page, inserted } => self.page_saved(draft, page, inserted),
            Fact::PagesChanged { draft, pages } => {
                self.camera.busy = false;
                self.visit.shown = None;
                self.camera.last = None;
                if let Some(draft) = self.draft_mut(draft) {
                    draft.pages = pages;
                }
            }
            Fact::PageBytes { digest, jpeg } => self.bytes_came(digest, jpeg),
            Fact::FrameBytes { page, frame } => self.frame_came(page, frame),
            Fact::PagePicture { digest, image } => {
                // Of a visit that is over: nobody asked for it any more.
                if let Some(at) = self.asked.iter().position(|asked| *asked == digest) {
                    self.asked.remove(at);
                    self.textures.set_page(ctx, digest, image);
                }
            }
            Fact::Unfit { what } => {
                let what = texts::trouble::lookup(&self.texts, &format!("lacks_{what}"), &[]).unwrap_or_else(|| what.to_owned());
                let (title, words) = (texts::trouble::unfit_title(&self.texts), texts::trouble::unfit_words(&self.texts, what));
                self.say(Tone::Warn, title, words);
            }
            Fact::NotThere => {
                self.opening = None;
                self.camera.busy &= self.handling.take().is_none();
                let (title, words) = (texts::trouble::not_there_title(&self.texts), texts::trouble::not_there_words(&self.texts));
                self.say(Tone::Warn, title, words);
                self.ask(Question::Overview);
            }
            Fact::ResultSaved { file } => {
                let title = texts::shell::result_saved(&self.texts);
                self.say_saved(title, file.display().to_string());
            }
            Fact::ResultFailed { code } => {
                let title = texts::shell::result_failed(&self.texts);
                let words = crate::words::line_trouble(&self.texts, &code);
                self.say(Tone::Warn, title, words);
            }
            Fact::DemoCardFailed => {
                let (title, words) =
                    (texts::shell::demo_failed(&self.texts), crate::words::device_trouble(&self.texts, "demo_card_refused"));
                self.say(Tone::Warn, title, words);
            }
            Fact::Sealed { filing, sealed: _ } => {
                // The draft is gone from the cabinet; a late save must not be tried.
                self.save_at = None;
                self.visit.draft = None;
                self.visit.dirty = false;
                self.textures.clear();
                self.asked.clear();
                if self.ask(Question::Filing(filing)) {
                    self.opening = Some(filing);
                }
                self.tell_courier(CourierOrder::Look);
            }
            Fact::Enqueued { act } => {
                self.visit.supplement = None;
                let filing = self.visit.filing.as_ref().map(|full| full.row.id);
                let (title, words) = (texts::shell::enqueued_title(&self.texts), texts::shell::enqueued_words(&self.texts));
                self.say_saved(title, words);
                if let Some(message) = &mut self.message {
                    message.until = Some(act);
                }
                self.tell_courier(CourierOrder::Look);
                if let Some(filing) = filing
                    && self.ask(Question::Filing(filing))
                {
                    self.opening = Some(filing);
                }
            }
            Fact::FilingLoaded(full) => self.filing_loaded(*full),
            Fact::SignedIn { agent } => {
                self.session = Some(Session { agent, id: self.ids.next(self.now) });
                self.last_touch = self.now;
                self.message = None;
                // The field's undo would bring the password back.
                ctx.memory_mut(|memory| memory.data.clear());
                self.go(Place::Home);
            }
            Fact::SignInRefused(refused) => self.refused(refused),
            Fact::Cabinet(trouble) => self.cabinet_trouble(trouble),
            Fact::Card(fact) => self.learn_card(ctx, fact),
            Fact::Camera(fact) => self.learn_camera(ctx, fact),
            Fact::Line(fact) => self.learn_line(fact),
            Fact::Admitted => match config::load(&self.config_file) {
                Loaded::Ready(config) => {
                    self.config = config;
                    if let Some(workers) = self.workers.take() {
                        workers.stop();
                    }
                    self.launch(ctx);
                }
                Loaded::Absent | Loaded::Wrong(_) => {
                    self.screen = Screen::Trouble(Trouble::of("config_unreadable", String::new()))
                }
            },
            Fact::AdmissionFailed { code } => {
                if let Screen::Admit(screen) = &mut self.screen {
                    screen.failed(code);
                }
            }
        }
    }

    fn refused(&mut self, refused: SignInRefused) {
        if let Screen::SignIn(screen) = &mut self.screen {
            screen.refused(refused);
        }
    }

    fn draft_loaded(&mut self, mut draft: Draft) {
        if self.opening.take() != Some(draft.id) || self.session.is_none() {
            return;
        }
        if draft.supplement_to.is_some_and(|(filing, _)| self.visit.filing.as_ref().is_some_and(|full| full.row.id == filing)) {
            self.resume_supplement(draft);
            return;
        }
        if let Some((filing, _)) = draft.supplement_to {
            // An answer to a correction is continued from its filing.
            if self.ask(Question::Filing(filing)) {
                self.opening = Some(filing);
                self.mending = true;
            }
            return;
        }
        let place = match draft.step.as_str() {
            "Matters" => Place::Matters,
            "Checklist" => Place::Checklist,
            "Form" => Place::Form,
            "Capture" => Place::Capture,
            "Review" => Place::Review,
            _ => Place::Person,
        };
        self.visit.saved_at = Some(draft.changed_at);
        let before = draft.clone();
        self.move_draft(&mut draft);
        let moved = draft != before;
        self.visit.draft = Some(draft);
        if moved {
            // Saved under the new version at once: the next opening need not move it again.
            self.change(|_| ());
            self.flush();
        }
        // A form that changed is begun at its list; what was withdrawn can only be read there.
        let changed = self.visit.moved.as_ref().is_some_and(|moved| moved.gone || !moved.from.is_empty());
        self.go(if changed && place != Place::Person { Place::Checklist } else { place });
    }

    fn filing_loaded(&mut self, full: outbox::FilingFull) {
        let id = full.row.id;
        if self.reusing == Some(id) {
            self.reusing = None;
            self.reuse(full.sealed.filing());
            return;
        }
        let asked = self.opening == Some(id);
        let shown = self.visit.filing.as_ref().is_some_and(|open| open.row.id == id);
        if self.session.is_none() || !(asked || shown) {
            return;
        }
        let answered = |act| full.acts.iter().any(|(one, state)| one.id == act && !matches!(state, ActState::Waiting));
        if self.message.as_ref().and_then(|message| message.until).is_some_and(answered) {
            // "On its way" is no longer true; the history below says what came of it.
            self.message = None;
        }
        let correction = full.row.case.as_ref().is_some_and(|case| case.correction.is_some());
        self.visit.filing = Some(full);
        if !asked {
            return;
        }
        self.opening = None;
        if std::mem::take(&mut self.mending) && correction {
            self.begin_supplement();
            return;
        }
        // Straight from sealing: the receipt. Else the filing itself.
        if self.screen.place() == Some(Place::Review) {
            self.go(Place::Receipt);
        } else if self.screen.place() != Some(Place::Receipt) {
            self.go(Place::Filing);
        }
    }

    /// After news: the filing on the screen must not show what was.
    fn refresh_open_filing(&mut self) {
        let Some(full) = &self.visit.filing else { return };
        let id = full.row.id;
        if self.overview.filings.iter().find(|row| row.id == id).is_some_and(|row| *row != full.row) {
            self.ask(Question::Filing(id));
        }
    }

    pub(super) fn cabinet_trouble(&mut self, trouble: CabinetTrouble) {
        self.camera.busy = false;
        self.saving = self.saving.saturating_sub(1);
        let title = crate::words::cabinet_title(&self.texts, trouble.code);
        let mut words = crate::words::cabinet_words(&self.texts, trouble.code);
        if !trouble.reference.is_empty() {
            words.push(' ');
            words.push_str(&texts::common::reference(&self.texts, trouble.reference));
        }
        self.say(Tone::Bad, title, words);
    }

    fn learn_card(&mut self, ctx: &egui::Context, fact: CardFact) {
        self.lamps.learn_card(&fact);
        match fact {
            CardFact::Lamp { .. } => {}
            CardFact::Present | CardFact::Reading => {
                if self.session.is_some() {
                    self.visit.card = CardOnReader::Reading;
                }
            }
            CardFact::Read(identity) => self.card_read(ctx, identity),
            CardFact::Photo { read_event, image } => self.photo_decoded(ctx, read_event, image),
            CardFact::Failed(trouble) => {
                if self.session.is_some() {
                    self.visit.card = CardOnReader::Failed(trouble);
                    if self.screen.place() == Some(Place::Home) {
                        let title = texts::shell::card_failed(&self.texts);
                        self.say(Tone::Warn, title, crate::words::device_trouble(&self.texts, trouble.code));
                    }
                }
            }
            CardFact::Removed => self.card_removed(),
        }
    }

    fn learn_camera(&mut self, ctx: &egui::Context, fact: CameraFact) {
        self.lamps.learn_camera(&fact);
        match fact {
            CameraFact::Lamp { .. } => {}
            CameraFact::Settled => self.camera.settled = true,
            CameraFact::Still { corners, width_px, height_px, issues, digest } => {
                self.camera.failed = None;
                // Squaring again keeps the page that the first squaring made.
                let page = self.camera.last.take().and_then(|last| last.page);
                self.camera.last = Some(LastStill { corners, width_px, height_px, issues, digest, page });
            }
            CameraFact::Reopened { page, width_px, height_px } => {
                let (digest, page) = (page.sha256, Some((page.material, page.order)));
                self.camera.last = Some(LastStill { corners: None, width_px, height_px, issues: Vec::new(), digest, page });
            }
            CameraFact::StillPicture(image) => self.textures.set_still(ctx, image),
            CameraFact::Failed(trouble) => {
                self.camera.busy = false;
                self.camera.failed = Some(trouble);
            }
        }
    }

    fn learn_line(&mut self, fact: LineFact) {
        self.lamps.learn_line(&fact);
        match fact {
            LineFact::Up { .. } | LineFact::Down { .. } => {}
            LineFact::Progress { filing, sent, total } => {
                let row = self.overview.filings.iter_mut().find(|row| row.id == filing);
                if let Some(row) = row {
                    row.bytes_sent = sent;
                    row.bytes_total = total;
                }
            }
            LineFact::News => {
                self.ask(Question::Overview);
            }
        }
    }
}
