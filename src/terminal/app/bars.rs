//! What stands around every screen: the top bar, the bands below it, the message.

use eframe::egui::{self, Align, Frame, Layout, Margin, Panel, Stroke, Ui};

use super::{App, lamps::Lamp, lamps::Lamps};
use crate::{
    config::{CameraChoice, CardChoice, Config},
    look::theme::{self, Tone, text},
    screen::Screen,
    speech::{DemoCard, Place, Wish},
    visit::CardOnReader,
    widget::{
        badge::{Light, lamp},
        button,
    },
    words,
};

/// From here on the clock is called wrong. Below it lies what a clock without a network may drift.
const CLOCK_WRONG_MS: i64 = 5 * 60_000;

impl App {
    /// Draws the bars; at most one wish comes out of them.
    pub(super) fn bars(&mut self, ui: &mut Ui) -> Option<Wish> {
        let mut wish = None;
        let bare = matches!(self.screen, Screen::Admit(_) | Screen::Trouble(_) | Screen::SignIn(_));
        if !bare {
            wish = wish.or(self.top_bar(ui));
        }
        if !matches!(self.screen, Screen::Admit(_) | Screen::Trouble(_)) {
            if self.lamps.any_stand_in() {
                wish = wish.or(self.demo_band(ui));
            }
            if !bare && self.lamps.offline() {
                wish = wish.or(self.offline_band(ui));
            }
            if !bare {
                self.clock_band(ui);
            }
        }
        if self.message.is_some() {
            wish = wish.or(self.message_band(ui));
        }
        wish
    }

    fn top_bar(&mut self, ui: &mut Ui) -> Option<Wish> {
        let t = &self.texts;
        let frame = Frame::new().fill(theme::CARD).inner_margin(Margin::symmetric(32, 12));
        Panel::top("top")
            .frame(frame)
            .resizable(false)
            .show(ui, |ui| {
                let wide = ui.available_width() > 1500.0;
                ui.horizontal(|ui| {
                    ui.set_min_height(theme::TARGET);
                    ui.spacing_mut().item_spacing.x = if wide { 28.0 } else { 18.0 };
                    if let Some(particulars) = &self.particulars {
                        ui.label(text::large(&particulars.point_name));
                        ui.label(text::small(&particulars.hall_name));
                    }
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        let mut wish = None;
                        if button::small(ui, texts::shell::lock(t)).clicked() {
                            wish = Some(Wish::Lock);
                        }
                        if let Some(session) = &self.session {
                            ui.label(text::strong(texts::shell::agent(t, session.agent.name.as_str())));
                        }
                        let (rect, _) = ui.allocate_exact_size(egui::vec2(1.0, 36.0), egui::Sense::hover());
                        ui.painter().vline(rect.center().x, rect.y_range(), Stroke::new(1.0, theme::LINE));
                        ui.label(text::small(words::date_clock(t, self.now)));
                        // From right to left: the line stands last, the reader first.
                        for (light, words) in lamp_words(t, &self.lamps).into_iter().rev() {
                            lamp(ui, light, &words);
                        }
                        wish
                    })
                    .inner
                })
                .inner
            })
            .inner
    }

    fn offline_band(&mut self, ui: &mut Ui) -> Option<Wish> {
        let waiting = self.overview.queue.filings_waiting;
        let title = texts::shell::offline_title(&self.texts, line_code(&self.lamps.line));
        let mut sentence = texts::shell::offline_words(&self.texts);
        if waiting > 0 {
            sentence.push_str(&texts::shell::offline_waiting(&self.texts, waiting));
        }
        let show = texts::shell::show_queue(&self.texts);
        let at_queue = self.screen.place() == Some(Place::Queue);
        band(ui, "offline", Tone::Warn, &title, &sentence, |ui| {
            (!at_queue && button::small(ui, show).clicked()).then_some(Wish::GoTo(Place::Queue))
        })
    }

    /// A clock that is minutes or years off: work goes on, terms are counted by the hall's time.
    fn clock_band(&self, ui: &mut Ui) {
        let Some(skew) = self.lamps.skew_ms.filter(|ms| ms.abs() >= CLOCK_WRONG_MS) else { return };
        let minutes = skew.abs() / 60_000;
        let (unit, amount) = match minutes {
            ..120 => ("minutes", minutes),
            120..2_880 => ("hours", minutes / 60),
            _ => ("days", minutes / 1_440),
        };
        let title = texts::shell::clock_title(&self.texts);
        let words = texts::shell::clock_words(&self.texts, amount, unit);
        band(ui, "clock", Tone::Warn, &title, &words, |_| None);
    }

    /// Stand-ins are never silent: the band names them, and has the buttons of the virtual card.
    fn demo_band(&mut self, ui: &mut Ui) -> Option<Wish> {
        let t = &self.texts;
        let sentence = match (self.lamps.card.stand_in, self.lamps.camera.stand_in) {
            (true, true) => texts::shell::demo_both(t),
            (true, false) => texts::shell::demo_card(t),
            (false, _) => texts::shell::demo_camera(t),
        };
        let buttons = self.config.devices.card_control.is_some() && self.session.is_some();
        let lies = !matches!(self.visit.card, CardOnReader::Nothing);
        let personas = &self.personas;
        band(ui, "demo", Tone::Quiet, &texts::shell::demo_title(t), &sentence, |ui| {
            if !buttons {
                return None;
            }
            let mut wish = None;
            if button::small_if(ui, texts::shell::demo_remove(t), lies).clicked() {
                wish = Some(Wish::DemoCard(DemoCard::Remove));
            }
            for persona in personas.iter().rev() {
                if button::small(ui, texts::shell::demo_insert(t, persona.as_str())).clicked() {
                    wish = Some(Wish::DemoCard(DemoCard::Insert { persona: persona.clone() }));
                }
            }
            wish
        })
    }

    fn message_band(&mut self, ui: &mut Ui) -> Option<Wish> {
        let message = self.message.as_ref()?;
        let close = texts::shell::understood(&self.texts);
        band(ui, "message", message.tone, &message.title, &message.words, |ui| {
            button::small(ui, close).clicked().then_some(Wish::DismissMessage)
        })
    }
}

/// A coloured band over the full width: what is the matter, and at the right what one can do.
fn band(
    ui: &mut Ui,
    id: &str,
    tone: Tone,
    title: &str,
    sentence: &str,
    right: impl FnOnce(&mut Ui) -> Option<Wish>,
) -> Option<Wish> {
    let frame = Frame::new().fill(tone.ground()).inner_margin(Margin::symmetric(32, 2));
    Panel::top(egui::Id::unique(("band", id)))
        .frame(frame)
        .resizable(false)
        .show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.set_min_height(theme::TARGET);
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let wish = right(ui);
                    ui.with_layout(Layout::left_to_right(Align::Center).with_main_wrap(true), |ui| {
                        ui.label(text::small_strong(title).color(tone.ink()));
                        ui.label(text::small(sentence).color(tone.ink()));
                    });
                    wish
                })
                .inner
            })
            .inner
        })
        .inner
}

/// The four lamps with their words, in the order of the top bar.
fn lamp_words(t: &texts::Texts, lamps: &Lamps) -> [(Light, String); 4] {
    let device = |lamp: &Lamp, name: String| {
        let words = match lamp.light {
            Light::Good => name,
            Light::Off => texts::shell::lamp_off(t, name),
            Light::Warn | Light::Bad => texts::shell::lamp_trouble(t, name, words::device_short(t, &lamp.code)),
        };
        (lamp.light, words)
    };
    let line = match lamps.line.light {
        Light::Good => texts::shell::lamp_line(t),
        Light::Off | Light::Warn | Light::Bad => texts::shell::lamp_line_down(t, line_code(&lamps.line)),
    };
    [
        device(&lamps.card, texts::shell::lamp_card(t)),
        device(&lamps.camera, texts::shell::lamp_camera(t)),
        device(&lamps.printer, texts::shell::lamp_printer(t)),
        (lamps.line.light, line),
    ]
}

/// What kind of trouble the line has, as the sentences select it.
fn line_code(lamp: &Lamp) -> &'static str {
    match lamp.code.as_str() {
        "" | "not_asked_yet" => "asking",
        "certificate_revoked" | "terminal_unknown" | "no_certificate" | "hall_refuses_certificate" => "refused",
        "foreign_authority" | "not_tls" | "not_the_hall" | "redirected" | "hall_certificate_name" | "hall_certificate_date" => {
            "foreign"
        }
        _ => "down",
    }
}

impl Lamps {
    /// Lamps before any device has spoken: what is configured waits, what is not stays a ring.
    pub fn of(config: &Config) -> Self {
        let waiting = |configured: bool, stand_in: bool| Lamp {
            light: if configured { Light::Warn } else { Light::Off },
            code: if configured { "not_asked_yet".into() } else { String::new() },
            name: String::new(),
            stand_in: configured && stand_in,
        };
        Self {
            card: waiting(config.devices.card != CardChoice::Off, config.devices.card_stand_in),
            camera: waiting(config.devices.camera != CameraChoice::Off, matches!(config.devices.camera, CameraChoice::Folder(_))),
            printer: Lamp::default(),
            line: waiting(true, false),
            skew_ms: None,
        }
    }
}
