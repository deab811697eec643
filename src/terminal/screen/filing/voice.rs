//! 好差评 and 投诉: what the resident says of the service, by his own hand on the screen.

use egui::Ui;
use matters::{Grade, What};
use outbox::{FilingFull, FilingRow, Stage};
use texts::filings as t;

use crate::{
    look::theme::{self, text},
    screen::Cx,
    speech::Wish,
    widget::{
        button, card,
        field::{self, Around, Manner},
    },
};

/// Characters that a resident may say.
const WORDS_MAX: usize = 500;

#[derive(Default)]
pub struct Voice {
    words: String,
    /// The words of a complaint that is being written.
    complaint: Option<String>,
    tried: bool,
}

pub fn grade(t: &texts::Texts, grade: Grade) -> String {
    match grade {
        Grade::VerySatisfied => t::grade_very_satisfied(t),
        Grade::Satisfied => t::grade_satisfied(t),
        Grade::Acceptable => t::grade_acceptable(t),
        Grade::Dissatisfied => t::grade_dissatisfied(t),
        Grade::VeryDissatisfied => t::grade_very_dissatisfied(t),
    }
}

impl Voice {
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>, full: &FilingFull, row: &FilingRow) -> Option<Wish> {
        if row.stage != Stage::Received {
            return None;
        }
        let answered = row.case.as_ref().is_some_and(|case| case.state.may_be_evaluated());
        let said = full.acts.iter().any(|(act, _)| matches!(act.what, What::Evaluate { .. }));
        let mut wish = None;
        card::card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 12.0;
            if answered && !said {
                wish = self.evaluate(ui, cx);
            }
            wish = wish.take().or(self.complain(ui, cx));
        });
        wish
    }

    fn evaluate(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
        ui.label(text::title(t::evaluate_title(cx.t)));
        ui.label(text::body(t::evaluate_more(cx.t)));
        let label = t::evaluate_words(cx.t);
        let around = Around { label: &label, sample: t::evaluate_sample(cx.t), ..Around::default() };
        field::entry(ui, "evaluate-words", &mut self.words, &around, Manner::of(WORDS_MAX));
        let mut chosen = None;
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = egui::vec2(theme::GAP, 12.0);
            for each in Grade::ALL {
                if button::secondary(ui, grade(cx.t, each)).clicked() {
                    chosen = Some(each);
                }
            }
        });
        let words = self.words.trim().to_owned();
        chosen.map(|grade| {
            self.words.clear();
            Wish::Evaluate { grade, words }
        })
    }

    fn complain(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
        let Some(words) = &mut self.complaint else {
            if button::link(ui, t::complain(cx.t)).clicked() {
                self.complaint = Some(String::new());
                self.tried = false;
            }
            return None;
        };
        ui.label(text::title(t::complain_title(cx.t)));
        ui.label(text::body(t::complain_more(cx.t)));
        let label = t::complain_words(cx.t);
        let empty = words.trim().is_empty();
        let fault = (self.tried && empty).then(|| t::complain_empty(cx.t));
        let around = Around { label: &label, sample: t::complain_sample(cx.t), fault, ..Around::default() };
        field::entry(ui, "complain-words", words, &around, Manner::of(WORDS_MAX));
        let (mut send, mut not) = (false, false);
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = theme::GAP;
            send = button::danger(ui, t::complain_send(cx.t), true).clicked();
            not = button::secondary(ui, t::complain_not(cx.t)).clicked();
        });
        self.tried |= send;
        let words = words.trim().to_owned();
        if not || (send && !empty) {
            self.complaint = None;
        }
        (send && !empty).then_some(Wish::Complain { words })
    }
}
