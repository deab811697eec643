//! 这件事走到哪了: what happened, when, and what is still to come.

use egui::{Sense, Ui, pos2, vec2};
use jiff::Timestamp;
use matters::{CaseStep, State, StepKind, What};
use outbox::{ActState, FilingFull, FilingRow, Stage};
use texts::filings as t;

use crate::{
    look::theme::{self, regular, size},
    screen::{Cx, terms},
    widget::{
        badge::{Light, dot},
        stepper,
    },
    words,
};

/// One line of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub light: Light,
    /// `None` for what is still to come.
    pub at: Option<Timestamp>,
    pub words: String,
}

/// Everything that is known, oldest first, what is to come last.
pub fn of(cx: &Cx<'_>, full: &FilingFull, row: &FilingRow) -> Vec<Event> {
    let filing = full.sealed.filing();
    let good = |at, words| Event { light: Light::Good, at: Some(at), words };
    let mut out = vec![good(filing.sealed_at, t::event_sealed(cx.t, filing.point.name.as_str(), filing.pages.len() as u64))];
    match row.stage {
        Stage::Received => {
            let at = full.received_at.or(row.case.as_ref().map(|case| case.received_at));
            out.push(Event { light: Light::Good, at, words: t::event_received(cx.t) });
        }
        Stage::Waiting => out.push(Event { light: Light::Warn, at: None, words: t::event_waiting(cx.t) }),
        Stage::Sending => {
            let words = t::event_sending(cx.t, words::bytes(row.bytes_sent), words::bytes(row.bytes_total));
            out.push(Event { light: Light::Warn, at: None, words });
        }
        Stage::Quarantined => {
            let code = row.trouble.as_deref().unwrap_or("-");
            out.push(Event { light: Light::Bad, at: None, words: t::event_quarantined(cx.t, code) });
        }
    }
    out.extend(acts(cx, full));
    if let Some(case) = &row.case {
        let asked = |correction: &matters::Correction, light| {
            let words = t::event_correction(cx.t, correction.items.len() as u64, correction.clerk.as_str());
            Event { light, at: Some(correction.told_at), words }
        };
        out.extend(case.answered.iter().map(|correction| asked(correction, Light::Good)));
        out.extend(case.correction.iter().map(|correction| asked(correction, Light::Bad)));
        if let Some(at) = case.accepted_at {
            out.push(good(at, t::event_accepted(cx.t)));
        }
        out.extend(case.steps.iter().map(|step| good(step.at, step_words(cx, step))));
        let told = match case.state {
            State::Received | State::Accepted | State::InCorrection => true,
            State::SpecialProcedure | State::Forwarded | State::Delivered => !case.steps.is_empty(),
            _ => false,
        };
        if !told {
            let (state, tone) = terms::state(cx.t, case.state);
            let light = if tone == theme::Tone::Bad { Light::Bad } else { Light::Good };
            out.push(Event { light, at: Some(case.last_change), words: t::event_state(cx.t, state, case.by.as_str()) });
        }
    }
    // Dated ones by their time; what is to come stays behind them. Stable for equal times.
    out.sort_by_key(|event| (event.at.is_none(), event.at));
    out.extend(to_come(cx, row));
    out
}

/// 转报, 特别程序, 延期, 送达, as the hall told them.
fn step_words(cx: &Cx<'_>, step: &CaseStep) -> String {
    match &step.what {
        StepKind::Forwarded { body } => t::event_forwarded(cx.t, body.as_str(), step.by.as_str()),
        StepKind::SpecialStarted { procedure, expected } => {
            t::event_special(cx.t, procedure.as_str(), terms::day(cx.t, *expected))
        }
        StepKind::SpecialEnded => t::event_special_ended(cx.t),
        StepKind::Extended { reason, until, .. } => t::event_extended(cx.t, terms::day(cx.t, *until), reason.as_str()),
        StepKind::Delivered { collector, way } => {
            let way = t::lookup(cx.t, &format!("way-{way}"), &[]).unwrap_or_default();
            t::event_delivered(cx.t, collector.as_str(), way)
        }
    }
}

fn acts(cx: &Cx<'_>, full: &FilingFull) -> Vec<Event> {
    let mut out = Vec::new();
    for (act, state) in &full.acts {
        let sent = match &act.what {
            What::File { .. } => continue,
            What::Supplement { .. } => (t::event_supplement_waiting(cx.t), t::event_supplement(cx.t)),
            What::Withdraw { .. } => (t::event_withdraw_waiting(cx.t), t::event_withdraw(cx.t)),
            What::Deliver { .. } => (t::event_deliver_waiting(cx.t), t::event_deliver(cx.t)),
            What::Evaluate { grade, .. } => {
                let grade = super::voice::grade(cx.t, *grade);
                (t::event_evaluate_waiting(cx.t, grade.as_str()), t::event_evaluate(cx.t, grade))
            }
            What::Complain { .. } => (t::event_complain_waiting(cx.t), t::event_complain(cx.t)),
        };
        let at = Some(act.at);
        out.push(match state {
            ActState::Waiting => Event { light: Light::Warn, at, words: sent.0 },
            ActState::Acknowledged { .. } => Event { light: Light::Good, at, words: sent.1 },
            ActState::Refused { code, by, at } => {
                Event { light: Light::Bad, at: Some(*at), words: t::event_refused_act(cx.t, by.as_str(), code.as_str()) }
            }
            ActState::Quarantined { code } => Event { light: Light::Bad, at, words: t::event_quarantined(cx.t, code.as_str()) },
        });
    }
    out
}

fn to_come(cx: &Cx<'_>, row: &FilingRow) -> Option<Event> {
    let case = row.case.as_ref()?;
    let words = match case.state {
        State::Received | State::Corrected => t::event_answer_due(cx.t, terms::day(cx.t, case.answer_due?)),
        State::SpecialProcedure => t::event_clock_stands(cx.t),
        State::Accepted | State::Forwarded => {
            let due = terms::day(cx.t, case.due?);
            if case.provisional { t::event_due_provisional(cx.t, due) } else { t::event_due(cx.t, due) }
        }
        State::InCorrection => t::event_answer_wanted(cx.t, terms::day(cx.t, case.correction.as_ref()?.due)),
        State::NotAccepted
        | State::Granted
        | State::Refused
        | State::Delivered
        | State::Withdrawn
        | State::Terminated
        | State::Voided => return None,
    };
    Some(Event { light: Light::Off, at: None, words })
}

/// Dots, times and words, one below the other.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, events: &[Event]) {
    ui.spacing_mut().item_spacing.y = 4.0;
    let mut above = None;
    for event in events {
        let when = event.at.map_or_else(|| t::event_not_yet(cx.t), |at| terms::moment(cx.t, at));
        let width = ui.available_width();
        let time = ui.painter().layout(when.clone(), regular(size::BODY), theme::SOFT, 200.0);
        let said = ui.painter().layout(event.words.clone(), regular(size::BODY), theme::INK, (width - 260.0).max(120.0));
        let (rect, response) = ui.allocate_exact_size(vec2(width, said.size().y.max(time.size().y) + 16.0), Sense::hover());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, format!("{when} {}", event.words)));
        let at = pos2(rect.left() + 10.0, rect.top() + 24.0);
        if let Some(above) = above {
            stepper::joined(ui, above, at);
        }
        dot(ui, at, event.light);
        ui.painter().galley(pos2(rect.left() + 40.0, rect.top() + 8.0), time, theme::SOFT);
        ui.painter().galley(pos2(rect.left() + 252.0, rect.top() + 8.0), said, theme::INK);
        above = Some(at);
    }
}
