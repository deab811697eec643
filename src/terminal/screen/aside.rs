//! What stands beside a path screen: the matter in short, and by when it ends at the latest.

use egui::Ui;
use matters::{Matter, deadline, form::Situation, matter::Starts};
use texts::path as t;

use crate::{
    look::theme::text,
    screen::{Cx, terms},
    widget::{button, card},
    words,
};

const LABEL: f32 = 88.0;

/// The matter of the draft, when it is chosen and known to the catalogue.
pub fn matter<'a>(cx: &Cx<'a>) -> Option<&'a Matter> {
    cx.catalogue.matter(cx.visit.draft.as_ref()?.matter.as_deref()?)
}

/// Everything by which the form engine judges the draft.
pub fn situation<'a>(cx: &Cx<'a>) -> Option<Situation<'a>> {
    let draft = cx.visit.draft.as_ref()?;
    Some(Situation {
        answers: &draft.answers,
        situations: &draft.situations,
        applicant: draft.applicant.as_ref(),
        capacity: draft.capacity.as_ref(),
        today: words::day(cx.now),
    })
}

/// 这件事: basis, conditions, window, limit, fee. Returns true when the whole guide is asked for.
pub fn facts(ui: &mut Ui, cx: &Cx<'_>, matter: &Matter) -> bool {
    card::card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 10.0;
        ui.label(text::large(t::this_matter(cx.t)));
        let basis: Vec<&str> = matter.basis.iter().map(|basis| basis.text.as_str()).collect();
        row(ui, &t::basis(cx.t), &basis.join("\n"));
        let conditions: Vec<&str> = matter.conditions.iter().map(|words| words::said(cx.t, words)).collect();
        row(ui, &t::conditions(cx.t), &conditions.join("\n"));
        row(ui, &t::window(cx.t), words::said(cx.t, &matter.window));
        row(ui, &t::limit(cx.t), &terms::promise(cx.t, matter));
        row(ui, &t::fee(cx.t), words::said(cx.t, &matter.fee));
        if !matter.promised.verified {
            ui.label(text::small(t::local_guide(cx.t)));
        }
        button::small(ui, t::full_guide(cx.t)).clicked()
    })
    .inner
}

fn row(ui: &mut Ui, label: &str, value: &str) {
    card::fact_with(ui, LABEL, label, |ui| ui.label(text::small(value).color(crate::look::theme::INK)));
}

/// 最迟办结, counted as if the hall received it today; nothing for what is decided at once.
pub fn latest(ui: &mut Ui, cx: &Cx<'_>, matter: &Matter) {
    card::card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        ui.label(text::large(t::latest(cx.t)));
        if matter.promised.days == 0 {
            ui.label(text::title(t::short_at_once(cx.t)));
            ui.label(text::small(t::limit_at_once(cx.t)));
            return;
        }
        // An estimate: the hall's word counts.
        if let Ok(due) = deadline::due(deadline::place_time(cx.now), &matter.promised, &[], cx.calendar) {
            ui.label(text::title(words::date(cx.t, due.date)));
            ui.label(text::small(match matter.clock.start {
                Starts::Accepted => t::if_accepted_today(cx.t),
                Starts::Received => t::if_received_today(cx.t),
            }));
            if due.provisional {
                ui.label(text::small(t::provisional(cx.t)));
            }
        }
        ui.label(text::small(terms::promise(cx.t, matter)));
    });
}
