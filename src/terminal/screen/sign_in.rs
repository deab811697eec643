//! Who is on duty, what waits on this machine, the clock against the hall. Residents need no login.

use egui::{Align, CentralPanel, Frame, Key, Layout, Margin, Stroke, TextEdit, Ui, Vec2, vec2};
use matters::{AgentAccount, Personal, Role};

use super::Cx;
use crate::{
    look::theme::{self, Tone, bold, regular, size, text},
    speech::{Place, SignInRefused, Wish},
    widget::{badge::badge, button, card, once},
    words,
};

/// A clock that is further off than this is no longer only a number.
const SKEW_LARGE_MS: i64 = 60_000;

/// Below this height, in points, the card does without its hint and stands closer.
const ROOMY: f32 = 760.0;

#[derive(Default)]
pub struct SignIn {
    account: Option<String>,
    password: Personal<String>,
    /// Records is checking; argon2id takes a good part of a second.
    checking: bool,
    refused: Option<SignInRefused>,
    /// The field wants the keyboard back: a name was chosen, or the password was wrong.
    refocus: bool,
}

impl SignIn {
    /// The wish went down to records.
    pub fn asked(&mut self) {
        self.checking = true;
        self.refused = None;
    }

    pub fn refused(&mut self, refused: SignInRefused) {
        self.checking = false;
        self.password = Personal::default();
        self.refused = Some(refused);
        self.refocus = true;
    }

    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
        let frame = Frame::new().fill(theme::PAPER).inner_margin(Margin::symmetric(0, 0));
        CentralPanel::default()
            .frame(frame)
            .show(ui, |ui| {
                let area = ui.available_rect_before_wrap();
                let card_width = (area.width() * 0.333).clamp(520.0, 640.0);
                let side = (area.width() * 0.073).clamp(48.0, 140.0);
                let left = egui::Rect::from_min_max(
                    egui::pos2(area.left() + side, area.top() + (area.height() * 0.13).min(120.0)),
                    egui::pos2(area.right() - side - card_width - 64.0, area.bottom() - 24.0),
                );
                let right = egui::Rect::from_min_max(
                    egui::pos2(area.right() - side - card_width, area.top() + (area.height() * 0.04)),
                    egui::pos2(area.right() - side, area.bottom() - 72.0),
                );
                let from_left = ui.scope_builder(egui::UiBuilder::new().max_rect(left), |ui| self.place(ui, cx)).inner;
                let from_right = ui.scope_builder(egui::UiBuilder::new().max_rect(right), |ui| self.entry(ui, cx)).inner;
                let corner = egui::Rect::from_min_max(
                    egui::pos2(area.right() - 260.0, area.bottom() - 68.0),
                    egui::pos2(area.right() - 32.0, area.bottom() - 8.0),
                );
                let language = ui
                    .scope_builder(egui::UiBuilder::new().max_rect(corner).layout(Layout::right_to_left(Align::Center)), |ui| {
                        let other = match cx.t.lang() {
                            texts::Lang::Zh => texts::Lang::En,
                            texts::Lang::En => texts::Lang::Zh,
                        };
                        button::link(ui, texts::home::language(cx.t)).clicked().then_some(Wish::Language(other))
                    })
                    .inner;
                from_right.or(from_left).or(language)
            })
            .inner
    }

    /// The left half: which point this is and how it stands.
    fn place(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
        badge(ui, Tone::Primary, &texts::home::workbench(cx.t));
        ui.add_space(theme::GAP);
        let (point, hall, hours) = match cx.particulars {
            Some(p) => (p.point_name.as_str(), p.hall_name.as_str(), p.point_hours.as_str()),
            None => ("", "", ""),
        };
        ui.label(egui::RichText::new(point).font(bold(size::GIANT)).color(theme::INK));
        ui.label(egui::RichText::new(texts::home::hall_and_kind(cx.t, hall)).font(regular(size::TITLE)).color(theme::SOFT));
        ui.add_space(40.0);
        Frame::new().stroke(theme::STROKE).corner_radius(theme::RADIUS_CARD).inner_margin(Margin::symmetric(28, 24)).show(
            ui,
            |ui| {
                ui.set_width(ui.available_width().min(760.0));
                ui.spacing_mut().item_spacing.y = 14.0;
                let duty: Vec<String> = agents(cx).map(|agent| named(cx, agent)).collect();
                card::fact(ui, 150.0, &texts::home::hours(cx.t), hours);
                if !duty.is_empty() {
                    card::fact(ui, 150.0, &texts::home::duty(cx.t), &duty.join(" · "));
                }
                let drafts = cx.overview.drafts.len() as u64;
                let waiting = texts::home::machine_waiting(cx.t, cx.overview.queue.filings_waiting, drafts);
                card::fact(ui, 150.0, &texts::home::this_machine(cx.t), &waiting);
                let clock = match cx.lamps.skew_ms {
                    None => texts::home::hall_skew_unknown(cx.t),
                    Some(ms) if ms.abs() >= SKEW_LARGE_MS => texts::home::hall_skew_large(cx.t, ms.abs() / 1000),
                    Some(ms) => texts::home::hall_skew(cx.t, ms.abs() / 1000),
                };
                card::fact(ui, 150.0, &texts::home::hall_time(cx.t), &clock);
            },
        );
        ui.add_space(theme::GAP_L);
        button::secondary(ui, texts::home::show_board(cx.t)).clicked().then_some(Wish::GoTo(Place::Board))
    }

    /// The right half: name, password, keys.
    fn entry(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
        let room = ui.available_height();
        let mut wish = None;
        Frame::new()
            .fill(theme::CARD)
            .stroke(theme::STROKE)
            .corner_radius(theme::RADIUS_CARD)
            .inner_margin(Margin::symmetric(48, if room < ROOMY { 22 } else { 32 }))
            .show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.spacing_mut().item_spacing.y = 10.0;
                ui.label(text::hero(texts::home::sign_in(cx.t)));
                let names: Vec<&AgentAccount> = agents(cx).collect();
                if names.is_empty() {
                    card::note(ui, Tone::Warn, &texts::home::no_agents(cx.t), &texts::home::no_agents_words(cx.t));
                    return;
                }
                if self.account.is_none() {
                    self.account = Some(names[0].account.clone());
                }
                self.names(ui, cx, &names);
                let entered = self.password(ui, cx);
                // What is left of the window decides how high the keys are; they never scroll.
                let around = if room < ROOMY { 470.0 } else { 520.0 };
                let key_height = ((room - around) / 4.0).clamp(theme::TARGET, 84.0);
                self.keys(ui, cx, key_height);
                let ready = !self.password.expose().is_empty() && !self.checking && self.account.is_some();
                let words = if self.checking { texts::home::checking(cx.t) } else { texts::home::enter(cx.t) };
                let pressed = ui
                    .scope(|ui| {
                        ui.spacing_mut().interact_size.x = ui.available_width();
                        let width = ui.available_width();
                        ui.allocate_ui_with_layout(
                            vec2(width, theme::TARGET_MAIN),
                            Layout::centered_and_justified(egui::Direction::TopDown),
                            |ui| button::primary(ui, words, ready).clicked(),
                        )
                        .inner
                    })
                    .inner;
                if pressed || (entered && ready) {
                    wish = self.account.clone().map(|account| Wish::SignIn { account, password: self.password.clone() });
                }
                if room >= ROOMY {
                    ui.vertical_centered(|ui| ui.label(text::small(texts::home::lock_rule(cx.t))));
                }
            });
        wish
    }

    fn names(&mut self, ui: &mut Ui, cx: &Cx<'_>, names: &[&AgentAccount]) {
        ui.label(text::small(texts::home::who(cx.t)));
        let per_row = names.len().clamp(1, 2);
        let width = (ui.available_width() - theme::GAP_S * (per_row as f32 - 1.0)) / per_row as f32;
        for row in names.chunks(per_row) {
            ui.horizontal(|ui| {
                for agent in row {
                    let chosen = self.account.as_deref() == Some(agent.account.as_str());
                    if button::choice_sized(ui, agent.name.as_str(), chosen, vec2(width, 60.0)).clicked() {
                        self.account = Some(agent.account.clone());
                        self.password = Personal::default();
                        self.refused = None;
                        self.refocus = true;
                    }
                }
            });
        }
    }

    /// The field; true when Enter was pressed in it.
    fn password(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> bool {
        let label = ui.label(text::strong(texts::home::password(cx.t)));
        let wrong = self.refused.is_some();
        let stroke = if wrong { Stroke::new(2.0, theme::RED) } else { Stroke::new(2.0, theme::PRIMARY) };
        let frame =
            Frame::new().fill(theme::CARD).stroke(stroke).corner_radius(theme::RADIUS).inner_margin(Margin::symmetric(16, 10));
        let field = TextEdit::singleline(self.password.expose_mut())
            .password(true)
            .char_limit(128)
            .font(regular(size::TITLE))
            .align(egui::Align2::CENTER_CENTER)
            .frame(frame)
            .desired_width(f32::INFINITY);
        let response = ui.add(field).labelled_by(label.id);
        once::focus_once(ui, &response, response.id);
        if std::mem::take(&mut self.refocus) {
            once::focus(&response);
            // Behind what the keys have entered, or the keyboard would go on in front of it.
            if let Some(mut state) = TextEdit::load_state(ui.ctx(), response.id) {
                let end = egui::text::CCursor::new(self.password.expose().chars().count());
                state.cursor.set_char_range(Some(egui::text::CCursorRange::one(end)));
                TextEdit::store_state(ui.ctx(), response.id, state);
            }
        }
        if let Some(refused) = &self.refused {
            ui.label(text::small_strong(refusal(cx, refused)).color(theme::RED));
        }
        response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))
    }

    fn keys(&mut self, ui: &mut Ui, cx: &Cx<'_>, height: f32) {
        let width = ((ui.available_width() - 2.0 * 12.0) / 3.0).min(134.0);
        let clear = texts::home::clear(cx.t);
        let erase = texts::home::erase(cx.t);
        ui.vertical_centered(|ui| {
            ui.set_max_width(width * 3.0 + 24.0);
            for row in [["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"], [clear.as_str(), "0", erase.as_str()]] {
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = 12.0;
                    ui.spacing_mut().button_padding.y = 2.0;
                    for key in row {
                        if key_button(ui, key, vec2(width, height)) {
                            let password = self.password.expose_mut();
                            if key == clear {
                                password.clear();
                            } else if key == erase {
                                password.pop();
                            } else {
                                password.push_str(key);
                            }
                            self.refocus = true;
                            self.refused = None;
                        }
                    }
                });
            }
        });
    }
}

fn key_button(ui: &mut Ui, words: &str, min: Vec2) -> bool {
    let digit = if min.y < 64.0 { size::TITLE } else { size::HERO };
    let font = if words.len() == 1 { bold(digit) } else { bold(size::LARGE) };
    let text = egui::RichText::new(words).font(font).color(theme::INK);
    ui.add(egui::Button::new(text).fill(theme::CARD).stroke(theme::STROKE).min_size(min)).clicked()
}

/// Accounts that serve residents here.
fn agents<'a>(cx: &'a Cx<'_>) -> impl Iterator<Item = &'a AgentAccount> {
    cx.overview.agents.iter().filter(|agent| agent.role == Role::Agent)
}

fn named(cx: &Cx<'_>, agent: &AgentAccount) -> String {
    if agent.post.is_empty() { agent.name.clone() } else { texts::home::post(cx.t, agent.name.as_str(), agent.post.as_str()) }
}

fn refusal(cx: &Cx<'_>, refused: &SignInRefused) -> String {
    match refused {
        SignInRefused::Unknown => texts::home::account_unknown(cx.t),
        SignInRefused::WrongPassword { left } => texts::home::wrong_password(cx.t, i64::from(*left)),
        SignInRefused::Locked { until } => texts::home::locked_until(cx.t, words::clock(*until)),
        SignInRefused::Expired => texts::home::account_expired(cx.t),
    }
}
