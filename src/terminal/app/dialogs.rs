//! What is asked over a screen: the notice before the first card or picture, another person's card,
//! leaving the program.

use eframe::egui::{self, Align, Context, Frame, Id, Layout, Margin, Modal, ScrollArea, Ui, ViewportCommand};

use super::App;
use crate::{
    look::theme::{self, text},
    speech::Wish,
    widget::{button, card},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialog {
    /// The resident is told who takes what for how long, before anything is read or photographed.
    Notice,
    /// Another person's card lies on the reader.
    OtherCard,
    Quit,
}

impl App {
    pub(super) fn dialogs(&mut self, ctx: &Context) -> Option<Wish> {
        match self.dialog? {
            Dialog::Notice => self.notice(ctx),
            Dialog::OtherCard => self.ask_other_card(ctx),
            Dialog::Quit => self.ask_quit(ctx),
        }
    }

    /// The notice of PIPL art. 17: who, why, what, how long, which rights; the number to call.
    fn notice(&self, ctx: &Context) -> Option<Wish> {
        let t = &self.texts;
        let (hall, phone, supervision) = match &self.particulars {
            // A hall without a number of its own for supervision answers at its main one.
            Some(p) if p.supervision_phone.is_empty() => (p.hall_name.as_str(), p.point_phone.as_str(), p.hall_phone.as_str()),
            Some(p) => (p.hall_name.as_str(), p.point_phone.as_str(), p.supervision_phone.as_str()),
            None => ("", "", ""),
        };
        modal(ctx, "notice", 1040.0, |ui| {
            ui.label(text::hero(texts::shell::notice_title(t)));
            ui.label(text::soft(texts::shell::notice_lead(t)));
            ui.add_space(theme::GAP);
            ScrollArea::vertical().max_height(430.0).show(ui, |ui| {
                for (what, words) in [
                    (texts::shell::notice_who(t), texts::shell::notice_who_words(t, hall)),
                    (texts::shell::notice_why(t), texts::shell::notice_why_words(t)),
                    (texts::shell::notice_what(t), texts::shell::notice_what_words(t)),
                    (texts::shell::notice_long(t), texts::shell::notice_long_words(t)),
                    (texts::shell::notice_rights(t), texts::shell::notice_rights_words(t, phone, supervision)),
                    (texts::shell::notice_free(t), texts::shell::notice_free_words(t)),
                ] {
                    card::fact(ui, 140.0, &what, &words);
                    ui.add_space(4.0);
                }
            });
            ui.label(text::small(texts::shell::notice_version(t, super::NOTICE_VERSION)));
            ui.add_space(theme::GAP);
            answer(ui, (texts::shell::notice_agree(t), Wish::NoticeGiven), (texts::shell::notice_refuse(t), Wish::EndVisit))
        })
    }

    fn ask_other_card(&self, ctx: &Context) -> Option<Wish> {
        let t = &self.texts;
        modal(ctx, "other-card", 820.0, |ui| {
            ui.label(text::title(texts::shell::other_card_title(t)));
            ui.label(text::body(texts::shell::other_card_words(t)));
            ui.add_space(theme::GAP);
            answer(ui, (texts::shell::other_card_keep(t), Wish::DismissMessage), (texts::shell::other_card_use(t), Wish::UseCard))
        })
    }

    fn ask_quit(&mut self, ctx: &Context) -> Option<Wish> {
        let t = &self.texts;
        let (title, words) = (texts::shell::quit_title(t), texts::shell::quit_words(t));
        let (stay, leave) = (texts::shell::quit_stay(t), texts::shell::quit_leave(t));
        let mut leaving = false;
        let wish = modal(ctx, "quit", 720.0, |ui| {
            ui.label(text::title(title));
            ui.label(text::body(words));
            ui.add_space(theme::GAP);
            ui.horizontal(|ui| {
                if button::secondary(ui, leave).clicked() {
                    leaving = true;
                }
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| button::primary(ui, stay, true).clicked()).inner
            })
            .inner
            .then_some(Wish::DismissMessage)
        });
        if leaving {
            self.quitting = true;
            self.flush();
            ctx.send_viewport_cmd(ViewportCommand::Close);
        }
        wish
    }

    /// The window closes only when the agent said so.
    pub(super) fn guard_closing(&mut self, ctx: &Context) {
        if ctx.input(|input| input.viewport().close_requested()) && !self.quitting && self.session.is_some() {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            self.dialog = Some(Dialog::Quit);
        }
    }
}

fn modal<R>(ctx: &Context, id: &str, width: f32, add: impl FnOnce(&mut Ui) -> R) -> R {
    Modal::new(Id::unique(("dialog", id)))
        .backdrop_color(theme::VEIL)
        .frame(
            Frame::new()
                .fill(theme::CARD)
                .stroke(theme::STROKE)
                .corner_radius(theme::RADIUS_CARD)
                .inner_margin(Margin::symmetric(44, 36)),
        )
        .show(ctx, |ui| {
            ui.set_width(width.min(ui.ctx().content_rect().width() - 80.0));
            ui.spacing_mut().item_spacing.y = 10.0;
            add(ui)
        })
        .inner
}

/// The main answer at the right, the other at the left.
fn answer(ui: &mut Ui, main: (String, Wish), other: (String, Wish)) -> Option<Wish> {
    ui.horizontal(|ui| {
        let mut wish = None;
        if button::secondary(ui, other.0).clicked() {
            wish = Some(other.1);
        }
        ui.with_layout(Layout::right_to_left(egui::Align::Center), |ui| {
            if button::primary(ui, main.0, true).clicked() {
                wish = Some(main.1);
            }
        });
        wish
    })
    .inner
}
