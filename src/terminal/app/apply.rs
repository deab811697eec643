//! What a wish does. No wildcard: a new wish does not compile until somebody decides what it does.

use eframe::egui;
use matters::{NoticeGiven, Personal, What};
use texts::Texts;

use super::{App, Dialog, NOTICE_VERSION, is_path};
use crate::{
    look::theme::Tone,
    screen::Screen,
    speech::{CourierOrder, Order, Place, Question, Spot, Wish},
    visit::{Aim, CardOnReader},
    worker,
};

impl App {
    pub(crate) fn apply(&mut self, ctx: &egui::Context, wish: Wish) {
        match wish {
            Wish::GoTo(place) => self.walk(ctx, place),
            Wish::Back => self.back(ctx),
            Wish::Admit { hall, code } => self.admit(ctx, hall, code),
            Wish::SignIn { account, password } => {
                if self.order(Order::SignIn { account, password })
                    && let Screen::SignIn(screen) = &mut self.screen
                {
                    screen.asked();
                }
            }
            Wish::Lock => self.lock(ctx),
            Wish::NewVisit => self.new_visit(ctx),
            Wish::Again => self.again(ctx),
            Wish::EndVisit => {
                self.end_visit(ctx);
                self.go(Place::Home);
            }
            Wish::NoticeGiven => {
                let given = NoticeGiven { version: NOTICE_VERSION.to_owned(), at: self.now };
                self.dialog = None;
                self.change(|draft| draft.notice = Some(given));
                self.take_card();
            }
            Wish::TypedIdentity(identity) => {
                // Typed data and a card's data of two people must not mix.
                self.visit.card = CardOnReader::Nothing;
                self.take_identity(identity);
            }
            Wish::UseCard => {
                self.dialog = None;
                self.use_card(ctx);
            }
            Wish::Capacity(capacity) => self.change(|draft| draft.capacity = Some(capacity)),
            Wish::Choose { matter } => self.choose(matter),
            Wish::Situation { key, choice } => self.change(|draft| {
                draft.situations.insert(key, choice);
            }),
            Wish::Brought { material, yes } => self.change(|draft| {
                if yes {
                    draft.brought.insert(material);
                } else {
                    draft.brought.remove(&material);
                }
            }),
            Wish::MendField { field } => {
                self.go(Place::Form);
                self.visit.mend = Some(field);
            }
            Wish::Answer { field, value } => self.change(|draft| match value {
                Some(value) => {
                    draft.answers.insert(field, value);
                }
                None => {
                    draft.answers.remove(&field);
                }
            }),
            Wish::Witness(witness) => self.change(|draft| draft.witness = witness),
            Wish::Aim { material } => self.aim_at(material, Spot::Last),
            Wish::Shoot => self.shoot(),
            Wish::Finish { material, finish } => self.finish(material, finish),
            Wish::AutoShot(on) => {
                self.camera.auto = on;
                self.camera.settled = false;
            }
            Wish::Retake { material, order } => {
                if self.screen.place() != Some(Place::Capture) {
                    self.go(Place::Capture);
                }
                self.aim_at(material, Spot::Instead(order));
            }
            Wish::Reopen { material, order } => self.reopen(&material, order),
            Wish::InsertBefore { material, order } => self.aim_at(material, Spot::Before(order)),
            Wish::JoinSides { material, front, back } => self.join(&material, front, back),
            Wish::DeletePage { material, order } => self.delete_page(material, order),
            Wish::MovePage { material, order, to } => self.move_page(material, order, to),
            Wish::RotatePage { material, order } => self.turn(&material, order),
            Wish::Corners(corners) => self.square(corners),
            Wish::ShowPage(digest) => {
                // The same page again closes it.
                self.visit.shown = (self.visit.shown != Some(digest)).then_some(digest);
            }
            Wish::Seal => {
                self.flush();
                if let (Some(draft), Some(acted_by)) = (&self.visit.draft, self.acted_by()) {
                    let draft = draft.id;
                    self.order(Order::Seal { draft, acted_by });
                }
            }
            Wish::OpenDraft(id) => {
                if self.visit.draft.is_some() || self.visit.filing.is_some() {
                    self.end_visit(ctx);
                }
                if self.ask(Question::Draft(id)) {
                    self.opening = Some(id);
                }
            }
            Wish::DeleteDraft(id) => {
                if self.visit.draft.as_ref().is_some_and(|draft| draft.id == id) {
                    self.save_at = None;
                    self.end_visit(ctx);
                    self.go(Place::Home);
                }
                self.order(Order::DeleteDraft(id));
            }
            Wish::OpenFiling(id) => self.open_filing(ctx, id, false),
            Wish::CaptureOf { material } => {
                self.go(Place::Capture);
                self.visit.aim = Some(Aim::at(material));
            }
            Wish::Signed { field, strokes } => self.sign(field, &strokes),
            Wish::Reuse(id) => {
                if self.ask(Question::Filing(id)) {
                    self.reusing = Some(id);
                }
            }
            Wish::Mend(id) => self.open_filing(ctx, id, true),
            Wish::Looked { what } => self.note_look(what),
            Wish::Supplement => self.begin_supplement(),
            Wish::SupplementAnswer { item, answer, note } => self.answer_item(item, answer, note),
            Wish::SendSupplement => self.send_supplement(),
            Wish::Withdraw { reason } => self.withdraw(reason),
            Wish::Deliver { collector, way } => self.enqueue(What::Deliver { collector: Personal::from(collector), way }),
            Wish::Evaluate { grade, words } => self.enqueue(What::Evaluate { grade, words: Personal::from(words) }),
            Wish::Complain { words } => self.enqueue(What::Complain { words: Personal::from(words) }),
            Wish::Pause(paused) => {
                self.order(Order::Pause(paused));
                self.tell_courier(CourierOrder::Look);
            }
            Wish::Metered(metered) => {
                self.order(Order::Metered(metered));
                self.tell_courier(CourierOrder::Look);
            }
            Wish::SendNow => {
                self.order(Order::SendNow);
                self.tell_courier(CourierOrder::Hurry);
            }
            Wish::SaveResult(digest) => self.save_result(digest),
            Wish::ReadMessage(id) => {
                self.order(Order::ReadMessage(id));
            }
            Wish::DismissMessage => {
                self.message = None;
                self.other_card = None;
                self.dialog = None;
            }
            Wish::Language(lang) => {
                self.texts = Texts::new(lang);
                self.config.window.language = lang;
            }
            Wish::DemoCard(what) => {
                if let (Some(workers), Some(socket)) = (&self.workers, &self.config.devices.card_control) {
                    worker::demo::press(socket.clone(), what, workers.post.clone());
                }
            }
            Wish::Quit => self.dialog = Some(Dialog::Quit),
            Wish::Leave => self.close(ctx),
            Wish::Restart => {
                self.restart = true;
                self.close(ctx);
            }
        }
    }

    /// Shows a place with a fresh screen; the camera runs only where pictures are taken.
    pub(super) fn go(&mut self, place: Place) {
        self.flush();
        self.screen = Screen::at(place);
        self.visit.shown = None;
        self.visit.mend = None;
        if place != Place::Capture {
            self.set_preview(false);
            self.visit.aim = None;
        }
        match place {
            Place::Capture => {
                // Before the notice nothing is photographed.
                if self.picture_draft().is_some() {
                    self.set_preview(true);
                }
            }
            Place::SignIn | Place::Home | Place::Filings | Place::Filing | Place::Queue | Place::Board => {
                self.ask(Question::Overview);
            }
            Place::Person
            | Place::Matters
            | Place::Checklist
            | Place::Form
            | Place::Review
            | Place::Receipt
            | Place::Correction => {}
        }
        if is_path(place) && place != Place::Receipt {
            let step = format!("{place:?}");
            if self.visit.draft.as_ref().is_some_and(|draft| draft.step != step) {
                self.change(|draft| draft.step = step);
            }
        }
    }

    /// Going somewhere by a button. Leaving the path ends the visit; nothing is shown without an agent.
    fn walk(&mut self, ctx: &egui::Context, place: Place) {
        if place == Place::SignIn {
            self.lock(ctx);
            return;
        }
        if self.session.is_none() && place != Place::Board {
            self.go(Place::SignIn);
            return;
        }
        let keeps = is_path(place) || matches!(place, Place::Filing | Place::Correction);
        if !keeps && (self.visit.draft.is_some() || self.visit.filing.is_some()) {
            self.end_visit(ctx);
        }
        if place == Place::Person && self.visit.draft.is_none() {
            self.new_visit(ctx);
            return;
        }
        self.go(place);
    }

    fn back(&mut self, ctx: &egui::Context) {
        let answering = self.visit.supplement.is_some();
        let to = match self.screen.place() {
            None => return,
            Some(Place::SignIn) => return,
            Some(Place::Home) => return,
            Some(Place::Matters) => Place::Person,
            Some(Place::Checklist) => Place::Matters,
            Some(Place::Form) => Place::Checklist,
            Some(Place::Capture) if answering => Place::Correction,
            Some(Place::Capture) => Place::Form,
            Some(Place::Review) => Place::Capture,
            Some(Place::Filing) => Place::Filings,
            Some(Place::Correction) => Place::Filing,
            Some(Place::Board) if self.session.is_none() => {
                self.go(Place::SignIn);
                return;
            }
            Some(Place::Person | Place::Receipt | Place::Filings | Place::Queue | Place::Board) => Place::Home,
        };
        if to == Place::Filing {
            self.visit.supplement = None;
        }
        self.walk(ctx, to);
    }

    fn choose(&mut self, matter: String) {
        let Some(chosen) = self.catalogue.matter(&matter).cloned() else { return };
        let today = crate::words::day(self.now);
        let Some(draft) = &self.visit.draft else { return };
        if draft.matter.as_deref() == Some(matter.as_str()) {
            self.go(Place::Checklist);
            return;
        }
        let (id, old_pages) = (draft.id, draft.pages.clone());
        let prefilled = draft.applicant.as_ref().map(|person| matters::form::prefill(&chosen, person, today)).unwrap_or_default();
        let version = self.catalogue.version().to_owned();
        self.change(|draft| {
            // A mandate names its matters one by one (民法典 165).
            if let Some(matters::Capacity::OnBehalf { mandate }) = &mut draft.capacity {
                mandate.matters = vec![matter.clone()];
            }
            draft.matter = Some(matter);
            draft.catalogue_version = version;
            // Answers of another matter mean something else under the same key.
            draft.answers = prefilled;
            draft.situations.clear();
            draft.brought.clear();
            draft.old.clear();
        });
        self.visit.moved = None;
        self.flush();
        // Sealing refuses pages that the matter does not know. From the last, because the rest moves up.
        for page in old_pages.iter().rev().filter(|page| chosen.material(&page.material).is_none()) {
            self.order(Order::DeletePage { draft: id, material: page.material.clone(), order: page.order });
        }
        self.go(Place::Checklist);
    }

    fn admit(&mut self, ctx: &egui::Context, hall: String, code: String) {
        if self.workers.is_none() {
            let wake = {
                let ctx = ctx.clone();
                move || ctx.request_repaint_after(std::time::Duration::from_millis(1))
            };
            self.workers = Some(worker::admission_only(wake));
        }
        let Some(workers) = &self.workers else { return };
        let started =
            worker::admit(self.config.clone(), self.config_file.clone(), hall, code, self.clock.clone(), workers.post.clone());
        if !started {
            self.say_busy();
        } else if let Screen::Admit(screen) = &mut self.screen {
            screen.asked();
        }
    }

    fn open_filing(&mut self, ctx: &egui::Context, id: uuid::Uuid, mending: bool) {
        if self.visit.draft.is_some() {
            self.end_visit(ctx);
        }
        if self.ask(Question::Filing(id)) {
            self.opening = Some(id);
            self.mending = mending;
        }
    }

    /// Who looked at what is masked: the log names the account and the file, never the person.
    fn note_look(&self, what: &'static str) {
        let who = self.session.as_ref().map_or("-", |session| session.agent.account.as_str());
        let draft = self.visit.draft.as_ref().map(|draft| draft.id);
        let filing = self.visit.filing.as_ref().map(|full| full.row.id);
        tracing::info!(who, what, ?draft, ?filing, "shown unmasked");
    }

    fn save_result(&mut self, digest: matters::Digest) {
        let result = self
            .visit
            .filing
            .iter()
            .filter_map(|full| full.row.case.as_ref())
            .flat_map(|case| &case.results)
            .find(|result| result.sha256 == digest);
        let Some(result) = result else { return };
        let extension = match result.media_type.as_str() {
            "application/pdf" => "pdf",
            "image/jpeg" => "jpg",
            "image/png" => "png",
            _ => "bin",
        };
        let folder = self.config.data_dir.join("results");
        if !self.tell_courier(CourierOrder::Result { digest, folder, extension }) {
            self.say_busy();
        }
    }

    fn close(&mut self, ctx: &egui::Context) {
        self.quitting = true;
        self.flush();
        ctx.send_viewport_cmd(egui::ViewportCommand::Close);
    }

    pub(super) fn say_saved(&mut self, title: String, words: String) {
        self.say(Tone::Good, title, words);
    }
}
