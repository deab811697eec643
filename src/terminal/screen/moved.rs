//! 目录换了新版: what changed in the matter of an open draft, what was filled in under the earlier
//! version (旧版填写), and where to go when the matter is not filed any more.

use egui::Ui;
use matters::{Value, change::OldAnswer, form::money_text};
use texts::{catalogue_change, moved as t};

use crate::{
    look::theme::{self, Tone, text},
    screen::{Cx, terms},
    visit::Moved,
    widget::card,
    words,
};

const LABEL: f32 = 220.0;

/// The note above the list and above the form; nothing when the draft is of today's catalogue.
pub fn note(ui: &mut Ui, cx: &Cx<'_>) {
    let Some(moved) = &cx.visit.moved else { return };
    card::card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = theme::GAP / 2.0;
        if !moved.from.is_empty() {
            ui.label(text::large(t::title(cx.t, moved.from.as_str(), cx.catalogue.version())));
            ui.label(text::body(t::safe(cx.t)).color(theme::GREEN));
            changes(ui, cx, moved);
        }
        old(ui, cx, &moved.old, &t::old_more(cx.t));
    });
}

/// A draft of a matter that the catalogue does not have: why, where to go, and what was filled in.
pub fn withdrawn(ui: &mut Ui, cx: &Cx<'_>) -> bool {
    let Some(moved) = cx.visit.moved.as_ref().filter(|moved| moved.gone) else { return false };
    match &moved.withdrawn {
        Some(matter) => {
            ui.label(text::hero(words::said(cx.t, &matter.name)));
            let since = t::withdrawn(cx.t, terms::full_day(cx.t, matter.on));
            card::note(ui, Tone::Warn, &since, &t::withdrawn_where(cx.t, words::said(cx.t, &matter.elsewhere)));
        }
        None => card::note(ui, Tone::Warn, &t::gone(cx.t), &t::gone_more(cx.t)),
    }
    card::card(ui, |ui| old(ui, cx, &moved.old, &t::kept_to_read(cx.t)));
    true
}

fn changes(ui: &mut Ui, cx: &Cx<'_>, moved: &Moved) {
    if !moved.compared {
        ui.label(text::small(t::not_compared(cx.t)));
        return;
    }
    for (label, change) in &moved.changes {
        let what = label.as_ref().map_or_else(|| change.key.clone(), |label| words::said(cx.t, label).to_owned());
        if let Some(sentence) = catalogue_change::lookup(cx.t, change.code, &[("what", what)]) {
            ui.label(text::body(format!("· {sentence}")));
        }
    }
}

fn old(ui: &mut Ui, cx: &Cx<'_>, answers: &[OldAnswer], more: &str) {
    if answers.is_empty() {
        return;
    }
    card::rule(ui);
    ui.label(text::strong(t::old(cx.t)));
    ui.label(text::small(more));
    for answer in answers {
        let label = answer.label.as_ref().map_or(answer.key.as_str(), |label| words::said(cx.t, label));
        card::fact(ui, LABEL, label, &plain(cx, answer));
    }
}

/// An answer whose field is gone, read without it.
fn plain(cx: &Cx<'_>, answer: &OldAnswer) -> String {
    if !answer.said.is_empty() {
        let said: Vec<&str> = answer.said.iter().map(|label| words::said(cx.t, label)).collect();
        return terms::list(cx.t, &said);
    }
    match &answer.value {
        Value::Text(text) => match text.expose().as_str() {
            // Whose number it is stands above; here it need not be read over a shoulder.
            number if matters::identity::check_citizen_number(number).is_ok() => matters::identity::mask_number(number),
            text => text.to_owned(),
        },
        Value::Money(cents) => format!("{} {}", money_text(*cents), texts::form::unit_yuan(cx.t)),
        Value::Area(thousandths) => {
            let whole = format!("{}.{:03}", thousandths / 1000, (thousandths % 1000).abs());
            whole.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        Value::Date(date) => terms::full_day(cx.t, *date),
        Value::Choice(key) => key.clone(),
        Value::Many(keys) => terms::list(cx.t, keys),
        Value::Flag(flag) => {
            if *flag {
                texts::path::yes(cx.t)
            } else {
                texts::path::no(cx.t)
            }
        }
        Value::Payee { bank, account, owner } => {
            format!("{} · {bank} · {}", owner.expose(), terms::masked_account(account.expose()))
        }
        Value::Household(members) => {
            terms::list(cx.t, &members.iter().map(|member| member.name.expose().as_str()).collect::<Vec<_>>())
        }
        Value::Image(_) => texts::path::yes(cx.t),
    }
}
