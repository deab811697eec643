//! The window: facts come in, the screen is shown, wishes go out. This is the one place that acts.
//!
//! `learn.rs` learns facts, `apply.rs` applies wishes, `visits.rs` keeps the person being served,
//! `bars.rs` draws what stands around every screen, `dialogs.rs` what is asked over it.

use std::{sync::mpsc::TryRecvError, time::Duration};

use eframe::egui;
use jiff::Timestamp;
use matters::{ActedBy, AgentAccount, Calendar, Catalogue};
use outbox::Particulars;
use texts::Texts;
use uuid::Uuid;

use crate::{
    catalogue::Town,
    clock::Clock,
    config::{Complaint, Config},
    ids::Ids,
    look::{self, textures::Textures},
    screen::{Cx, Screen, trouble::Trouble},
    speech::{CameraOrder, CourierOrder, Order, Overview, Place, Question},
    visit::Visit,
    worker::{Workers, launch},
};
use camera_view::CameraView;
use dialogs::Dialog;
use lamps::Lamps;

mod apply;
mod bars;
pub mod camera_view;
mod dialogs;
pub mod lamps;
mod learn;
mod moved;
mod pictures;
mod signature;
mod supplements;
mod town;
mod visits;

#[cfg(test)]
mod tests;

/// Version of the notice (告知) whose text stands in `shell.ftl`; recorded with every filing.
pub const NOTICE_VERSION: &str = "2026-1";

/// An answered field is on the disk at the latest so long after it was changed.
const SAVE_AFTER: Duration = Duration::from_millis(500);

/// Everything an app needs to start.
pub struct Start {
    pub config: Config,
    /// Where the configuration stands, or shall stand once this machine is admitted.
    pub config_file: std::path::PathBuf,
    pub clock: Clock,
    pub ids: Ids,
    /// A town's own catalogue may have faults: its good matters are used, and the window says so.
    pub town: Town,
    pub begin: Begin,
}

/// With what the window opens.
pub enum Begin {
    /// The configuration is whole: start the workers.
    Work,
    /// As [`Begin::Work`], with workers that somebody else started.
    With(Box<Workers>),
    /// No configuration: ask for hall and code.
    Admit,
    /// The configuration cannot be used: say everything that is wrong with it.
    Wrong(Vec<Complaint>),
}

/// Who signed in, and the session that every act names.
pub(crate) struct Session {
    pub(crate) agent: AgentAccount,
    pub(crate) id: Uuid,
}

/// One sentence that stays until it is dismissed or overtaken.
pub(crate) struct Message {
    pub(crate) tone: look::theme::Tone,
    pub(crate) title: String,
    pub(crate) words: String,
    /// Said of this act: overtaken when the hall has answered it.
    pub(crate) until: Option<Uuid>,
}

pub struct App {
    pub(crate) config: Config,
    config_file: std::path::PathBuf,
    clock: Clock,
    ids: Ids,
    now: Timestamp,
    texts: Texts,
    catalogue: Catalogue,
    calendar: Calendar,
    /// Versions before it, newest first.
    earlier: Vec<Catalogue>,
    /// What is filed by once the person at the counter has been served.
    next_town: Option<Box<Town>>,
    /// The day for which the catalogue was chosen.
    town_day: jiff::civil::Date,
    workers: Option<Workers>,
    lamps: Lamps,
    overview: Overview,
    particulars: Option<Particulars>,
    session: Option<Session>,
    visit: Visit,
    screen: Screen,
    textures: Textures,
    /// Pages that the reader was asked for and has not brought.
    asked: Vec<matters::Digest>,
    camera: CameraView,
    camera_on: bool,
    message: Option<Message>,
    dialog: Option<Dialog>,
    /// A card of another person than the one served: taken only when the agent says so.
    other_card: Option<Box<matters::Identity>>,
    /// Pages that wait for their bytes, and what for.
    handling: Option<pictures::Handling>,
    /// Draft or filing that was asked for, to go to once it is here.
    opening: Option<Uuid>,
    /// The filing that is being opened is opened to answer its correction.
    mending: bool,
    /// An earlier filing that was asked for because the resident agreed to use its answers again.
    reusing: Option<Uuid>,
    /// When the changed draft is to be saved, and how many saves are under way.
    save_at: Option<Timestamp>,
    saving: u32,
    last_touch: Timestamp,
    /// Personas of the virtual card, for the demo band.
    personas: Vec<String>,
    quitting: bool,
    /// The agent pressed 重新打开: main starts the program again.
    pub restart: bool,
}

impl App {
    /// Dresses the window and opens the first screen. Nothing is read here: workers do that.
    pub fn new(ctx: &egui::Context, start: Start) -> Self {
        look::dress(ctx);
        let now = start.clock.now();
        let texts = Texts::new(start.config.window.language);
        let camera = CameraView { auto: start.config.capture.auto_shot, ..CameraView::default() };
        let mut app = Self {
            lamps: Lamps::of(&start.config),
            config: start.config,
            config_file: start.config_file,
            clock: start.clock,
            ids: start.ids,
            now,
            texts,
            catalogue: start.town.current,
            calendar: start.town.calendar,
            earlier: start.town.earlier,
            next_town: None,
            town_day: crate::words::day(now),
            workers: None,
            overview: Overview::default(),
            particulars: None,
            session: None,
            visit: Visit::default(),
            screen: Screen::SignIn(Default::default()),
            textures: Textures::default(),
            asked: Vec::new(),
            camera,
            camera_on: false,
            message: None,
            dialog: None,
            other_card: None,
            handling: None,
            opening: None,
            reusing: None,
            mending: false,
            save_at: None,
            saving: 0,
            last_touch: now,
            personas: crate::worker::demo::personas(),
            quitting: false,
            restart: false,
        };
        if !start.town.faults.is_empty() {
            let title = texts::trouble::catalogue_title(&app.texts);
            let told = crate::words::catalogue_faults(&app.texts, &start.town.faults);
            app.say(look::theme::Tone::Bad, title, told);
        }
        match start.begin {
            Begin::Work => app.launch(ctx),
            Begin::With(workers) => app.workers = Some(*workers),
            Begin::Admit => app.screen = Screen::Admit(Default::default()),
            Begin::Wrong(complaints) => app.screen = Screen::Trouble(Trouble::config(&app.config_file, complaints)),
        }
        app
    }

    /// Starts the workers of this configuration.
    fn launch(&mut self, ctx: &egui::Context) {
        let wake = {
            let ctx = ctx.clone();
            // One millisecond: `request_repaint()` costs two passes.
            move || ctx.request_repaint_after(Duration::from_millis(1))
        };
        self.lamps = Lamps::of(&self.config);
        match launch(&self.config, self.clock.clone(), self.ids.clone(), wake) {
            Ok(workers) => self.workers = Some(workers),
            Err(error) => {
                tracing::error!(%error, "a worker thread cannot be started");
                self.screen = Screen::Trouble(Trouble::of("no_threads", String::new()));
            }
        }
    }

    /// What screens look at, with the screen itself: the two halves that are borrowed together.
    fn split(&mut self) -> (&mut Screen, Cx<'_>) {
        let cx = Cx {
            now: self.now,
            t: &self.texts,
            lamps: &self.lamps,
            config: &self.config,
            catalogue: &self.catalogue,
            calendar: &self.calendar,
            overview: &self.overview,
            particulars: self.particulars.as_ref(),
            visit: &self.visit,
            agent: self.session.as_ref().map(|session| &session.agent),
            textures: &self.textures,
            camera: &self.camera,
        };
        (&mut self.screen, cx)
    }

    fn acted_by(&self) -> Option<ActedBy> {
        self.session.as_ref().map(|session| ActedBy { account: session.agent.account.clone(), session: session.id })
    }

    /// Takes every fact that has come; also while the window is covered.
    fn drain(&mut self, ctx: &egui::Context) {
        loop {
            let Some(workers) = &self.workers else { return };
            match workers.facts.try_recv() {
                Ok(fact) => self.learn(ctx, fact),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => {
                    self.workers = None;
                    self.records_died();
                    return;
                }
            }
        }
        if let Some(preview) = self.workers.as_ref().and_then(|workers| workers.preview.take())
            && self.camera_on
        {
            self.camera.width_px = preview.image.size[0] as u32;
            self.camera.height_px = preview.image.size[1] as u32;
            // Taken away before anybody could take it: the next page announces itself.
            self.camera.settled &= preview.outline.is_some();
            self.camera.outline = preview.outline;
            self.camera.issues = preview.issues;
            self.textures.set_preview(ctx, preview.image);
        }
    }

    pub(crate) fn records_died(&mut self) {
        self.session = None;
        self.screen = Screen::Trouble(Trouble::of("records_died", String::new()));
    }

    /// Gives records an order; a full channel becomes a sentence, never a wait.
    fn order(&mut self, order: Order) -> bool {
        let sent = self.workers.as_ref().is_some_and(|workers| workers.records.try_send(order).is_ok());
        if !sent {
            self.say_busy();
        }
        sent
    }

    fn ask(&mut self, question: Question) -> bool {
        let sent = self.workers.as_ref().is_some_and(|workers| workers.reader.try_send(question).is_ok());
        if !sent && self.workers.is_some() {
            self.say_busy();
        }
        sent
    }

    fn tell_camera(&mut self, order: CameraOrder) -> bool {
        self.workers.as_ref().is_some_and(|workers| workers.camera.try_send(order).is_ok())
    }

    fn tell_courier(&mut self, order: CourierOrder) -> bool {
        self.workers.as_ref().is_some_and(|workers| workers.courier.try_send(order).is_ok())
    }

    fn say(&mut self, tone: look::theme::Tone, title: String, words: String) {
        self.message = Some(Message { tone, title, words, until: None });
    }

    fn say_busy(&mut self) {
        let title = texts::shell::busy_title(&self.texts);
        let words = texts::shell::busy_words(&self.texts);
        self.say(look::theme::Tone::Warn, title, words);
    }

    /// The next moment at which something changes by itself, so that nothing is painted before.
    fn sleep(&self, ctx: &egui::Context) {
        let mut next = 60_000 - self.now.as_millisecond().rem_euclid(60_000);
        if let Some(at) = self.save_at {
            next = next.min((at.as_millisecond() - self.now.as_millisecond()).max(1));
        }
        if self.session.is_some() {
            let lock_at = self.last_touch.as_millisecond() + self.idle_ms();
            next = next.min((lock_at - self.now.as_millisecond()).max(1));
        }
        ctx.request_repaint_after(Duration::from_millis(u64::try_from(next).unwrap_or(60_000)));
    }

    fn idle_ms(&self) -> i64 {
        i64::from(self.config.window.idle_lock_minutes) * 60_000
    }

    /// Small screens show the same layout a little smaller, unless the configuration says how large.
    fn fit(&self, ctx: &egui::Context) {
        let width = ctx.content_rect().width() * ctx.zoom_factor();
        let zoom = self.config.window.zoom.unwrap_or_else(|| (width / 1520.0).clamp(0.8, 1.0));
        if (ctx.zoom_factor() - zoom).abs() > 0.005 {
            ctx.set_zoom_factor(zoom);
        }
    }
}

/// Places that show the person being served.
pub(crate) fn is_path(place: Place) -> bool {
    match place {
        Place::Person | Place::Matters | Place::Checklist | Place::Form | Place::Capture | Place::Review | Place::Receipt => true,
        Place::SignIn | Place::Home | Place::Filings | Place::Filing | Place::Correction | Place::Queue | Place::Board => false,
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &egui::Context, _: &mut eframe::Frame) {
        self.now = self.clock.now();
        self.drain(ctx);
        self.save_if_due();
        if self.session.is_some() && self.now.as_millisecond() - self.last_touch.as_millisecond() >= self.idle_ms() {
            self.lock(ctx);
        }
        self.turn_day();
        self.fetch_pages();
        self.sleep(ctx);
    }

    fn ui(&mut self, ui: &mut egui::Ui, _: &mut eframe::Frame) {
        self.fit(ui.ctx());
        if ui.input(|input| !input.events.is_empty()) {
            self.last_touch = self.now;
        }
        self.guard_closing(ui.ctx());
        let from_bars = self.bars(ui);
        let (screen, cx) = self.split();
        let from_screen = screen.show(ui, &cx);
        let from_dialog = self.dialogs(ui.ctx());
        // A dialog covers the screen, so its wish is the one that was meant.
        if let Some(wish) = from_dialog.or(from_bars).or(from_screen) {
            self.apply(ui.ctx(), wish);
        }
    }

    fn on_exit(&mut self, _: Option<&eframe::glow::Context>) {
        self.flush();
        self.forget_all();
        if let Some(workers) = self.workers.take() {
            workers.stop();
        }
    }
}
