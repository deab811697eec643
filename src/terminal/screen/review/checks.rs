//! 检查结果: everything that the hall would ask, asked before sealing.

use egui::Ui;
use matters::{Matter, Value, form};
use outbox::Draft;
use texts::review as t;

use crate::{
    look::theme::text,
    screen::{Cx, aside, terms},
    speech::{Place, Wish},
    widget::{
        badge::{self, Light},
        button, card,
    },
    words,
};

/// One line: good, to be noticed, or in the way of sealing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    pub light: Light,
    pub words: String,
    /// Where it is mended.
    pub mend: Option<Place>,
}

impl Check {
    fn good(words: String) -> Self {
        Self { light: Light::Good, words, mend: None }
    }
    fn notice(words: String) -> Self {
        Self { light: Light::Warn, words, mend: None }
    }
    fn bad(words: String, mend: Place) -> Self {
        Self { light: Light::Bad, words, mend: Some(mend) }
    }
}

/// All checks of the draft, the blocking ones included.
pub fn checks(cx: &Cx<'_>, matter: &Matter, draft: &Draft) -> Vec<Check> {
    let Some(situation) = aside::situation(cx) else { return Vec::new() };
    let mut out = Vec::new();
    out.push(if draft.notice.is_some() {
        Check::good(t::check_notice(cx.t))
    } else {
        Check::bad(t::check_notice_bad(cx.t), Place::Person)
    });
    for complaint in form::capacity_complaints(matter, &situation) {
        let words = terms::complaint(cx.t, &complaint);
        out.push(if complaint.warning { Check::notice(words) } else { Check::bad(words, Place::Person) });
    }
    let complaints = form::complaints(matter, &situation);
    let errors = complaints.iter().filter(|complaint| !complaint.warning).count();
    out.push(if errors == 0 {
        Check::good(t::check_form_ok(cx.t))
    } else {
        Check::bad(t::check_form_bad(cx.t, errors as u64), Place::Form)
    });
    out.extend(complaints.iter().filter(|complaint| complaint.warning).map(|c| Check::notice(terms::complaint(cx.t, c))));
    out.push(pages(cx, matter, &situation, draft));
    if matter.in_person {
        out.push(if draft.witness.is_some() {
            Check::good(t::check_witness(cx.t))
        } else {
            Check::bad(t::check_witness_bad(cx.t), Place::Form)
        });
    }
    let name = draft.applicant.as_ref().map(|person| person.name.expose().as_str()).unwrap_or_default();
    for value in draft.answers.values() {
        if let Value::Payee { owner, .. } = value {
            let own = form::normal_name(owner.expose()) == form::normal_name(name);
            out.push(if own { Check::good(t::check_payee(cx.t)) } else { Check::notice(t::check_payee_other(cx.t)) });
        }
    }
    let same = cx.overview.filings.iter().find(|row| {
        row.matter == matter.id && row.applicant_name.expose() == name && row.case.as_ref().is_none_or(|case| !case.state.over())
    });
    out.push(match same {
        Some(row) => Check::notice(t::check_same_open(cx.t, row.case_number.as_str())),
        None => Check::good(t::check_same(cx.t)),
    });
    if draft.applicant.as_ref().is_some_and(|person| person.source == matters::Source::Manual) {
        out.push(Check::notice(t::check_hand(cx.t)));
    }
    let agent = cx.agent.map(|agent| agent.name.as_str()).unwrap_or_default();
    if let Some(code) = draft.capacity.as_ref().and_then(|capacity| form::interest(capacity, name, agent)) {
        let words = t::lookup(cx.t, &format!("check-{code}"), &[]).unwrap_or_else(|| t::check_agent_is_relative(cx.t));
        out.push(Check::notice(words));
    }
    out
}

fn pages(cx: &Cx<'_>, matter: &Matter, situation: &form::Situation<'_>, draft: &Draft) -> Check {
    let complaints = form::page_complaints(matter, situation, &draft.pages);
    if complaints.is_empty() {
        return Check::good(t::check_pages_ok(cx.t));
    }
    let lines: Vec<String> = complaints
        .iter()
        .map(|complaint| {
            let name = matter.material(&complaint.field).map_or(complaint.field.as_str(), |m| words::said(cx.t, &m.name));
            t::check_paper(cx.t, name, terms::complaint(cx.t, complaint))
        })
        .collect();
    Check::bad(lines.join("\n"), Place::Capture)
}

pub fn show(ui: &mut Ui, cx: &Cx<'_>, checks: &[Check]) -> Option<Wish> {
    let mut wish = None;
    card::card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 10.0;
        ui.label(text::large(t::checks(cx.t)));
        let mut offered = Vec::new();
        for check in checks {
            badge::state_line(ui, check.light, &check.words);
            // One way to each place is enough, and two buttons of one name are one too many.
            if let Some((place, words)) = super::place_of(check)
                && !offered.contains(&place)
            {
                offered.push(place);
                if button::small(ui, words(cx.t)).clicked() {
                    wish = Some(Wish::GoTo(place));
                }
            }
        }
    });
    wish
}
