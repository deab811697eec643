//! 填的内容: every answer as people read it; a press goes back to where it was entered.

use egui::{Sense, Stroke, StrokeKind, Ui, pos2, vec2};
use matters::{Capacity, Field, FieldKind, Matter, ProxyKind, Source, Value, form, matter::Prefill};
use outbox::Draft;
use texts::{person, review as t};

use crate::{
    look::theme::{self, bold, regular, size, text},
    screen::{Cx, aside, terms},
    speech::{Place, Wish},
    widget::{button, card},
    words,
};

const LABEL: f32 = 160.0;

pub fn show(ui: &mut Ui, cx: &Cx<'_>, matter: &Matter, draft: &Draft, held: &mut bool) -> Option<Wish> {
    let mut wish = None;
    let before = *held;
    card::card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.label(text::large(t::filled(cx.t)));
        if row(ui, cx, &t::matter(cx.t), words::said(cx.t, &matter.name)) {
            wish = Some(Wish::GoTo(Place::Matters));
        }
        if let Some(person) = &draft.applicant {
            let name = person.name.expose().as_str();
            let number = matters::identity::mask_number(person.number.expose());
            let sex = words::sex(cx.t, person.sex);
            let birth = person.birth.map(|birth| terms::full_day(cx.t, birth)).unwrap_or_default();
            let known = [name, &sex, &birth, &number].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
            let by_card = matches!(person.source, Source::Card { .. });
            let words = if by_card { t::who_card(cx.t, known) } else { t::who_hand(cx.t, known) };
            if row(ui, cx, &t::who(cx.t), &words) {
                wish = Some(Wish::GoTo(Place::Person));
            }
        }
        if let Some(capacity) = &draft.capacity
            && row(ui, cx, &t::capacity(cx.t), &capacity_words(cx, capacity))
        {
            wish = Some(Wish::GoTo(Place::Person));
        }
        for question in &matter.situations {
            let answer =
                draft.situations.get(&question.key).and_then(|key| question.choices.iter().find(|choice| choice.key == *key));
            if let Some(choice) = answer
                && row(ui, cx, words::said(cx.t, &question.question), words::said(cx.t, &choice.label))
            {
                wish = Some(Wish::GoTo(Place::Checklist));
            }
        }
        let Some(situation) = aside::situation(cx) else { return };
        let fields = form::visible_fields(matter, &situation);
        // Where the money goes stands first; what the card said stands in one line above.
        let (money, rest): (Vec<&Field>, Vec<&Field>) = fields.into_iter().partition(|field| field.kind == FieldKind::Payee);
        for field in money.into_iter().chain(rest.into_iter().filter(|field| !told_by_person(field))) {
            let value = draft.answers.get(&field.key);
            if answer(ui, cx, field, value, held) {
                wish = Some(Wish::MendField { field: field.key.clone() });
            }
        }
        if let Some(witness) = &draft.witness
            && row(
                ui,
                cx,
                &t::witness(cx.t),
                &texts::form::witness_done(cx.t, words::clock(witness.at), witness.name.expose().as_str()),
            )
        {
            wish = Some(Wish::GoTo(Place::Form));
        }
    });
    let looked = *held && !before;
    wish.or(looked.then_some(Wish::Looked { what: "account" }))
}

/// What the line about the person says already.
fn told_by_person(field: &Field) -> bool {
    matches!(
        field.prefill,
        Some(Prefill::CardName | Prefill::CardNumber | Prefill::CardBirth | Prefill::CardSex | Prefill::CardKind)
    )
}

/// How somebody acts for whom, in words.
pub fn capacity_words(cx: &Cx<'_>, capacity: &Capacity) -> String {
    match capacity {
        Capacity::Myself => t::capacity_myself(cx.t),
        Capacity::OnBehalf { mandate } => {
            let kind = match mandate.proxy_kind {
                ProxyKind::Agent => person::proxy_agent(cx.t),
                ProxyKind::Relative => person::proxy_relative(cx.t),
                ProxyKind::Other => person::proxy_other(cx.t),
            };
            t::capacity_on_behalf(cx.t, mandate.proxy_name.expose().as_str(), kind)
        }
        Capacity::Guardian { guardian, relation, .. } => {
            t::capacity_guardian(cx.t, guardian.expose().as_str(), relation.as_str())
        }
        Capacity::Committee { officer, reason, .. } => t::capacity_guardian(cx.t, officer.expose().as_str(), reason.as_str()),
    }
}

fn answer(ui: &mut Ui, cx: &Cx<'_>, field: &Field, value: Option<&Value>, held: &mut bool) -> bool {
    let label = words::said(cx.t, &field.label);
    match (&field.kind, value) {
        (FieldKind::Payee, Some(Value::Payee { bank, account, owner })) => {
            money(ui, cx, label, (bank, account.expose(), owner.expose()), held)
        }
        (FieldKind::CitizenNumber, Some(Value::Text(number))) => {
            row(ui, cx, label, &matters::identity::mask_number(number.expose()))
        }
        (_, Some(value)) => row(ui, cx, label, &terms::value(cx.t, field, value)),
        (_, None) => row(ui, cx, label, &t::empty(cx.t)),
    }
}

/// Where the money goes: large, in red words, to be read aloud.
fn money(ui: &mut Ui, cx: &Cx<'_>, label: &str, (bank, account, owner): (&str, &str, &str), held: &mut bool) -> bool {
    card::rule(ui);
    let mut pressed = false;
    card::fact_with(ui, LABEL, label, |ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        ui.label(egui::RichText::new(format!("{owner} · {bank}")).font(bold(size::TITLE)).color(theme::INK));
        let shown = if *held { terms::grouped(account) } else { terms::masked_account(account) };
        ui.label(egui::RichText::new(shown).font(regular(size::TITLE)).color(theme::INK));
        ui.label(text::strong(t::payee_aloud(cx.t)).color(theme::RED));
        ui.horizontal(|ui| {
            let hold = button::small(ui, person::hold_to_show(cx.t));
            let by_key = hold.has_focus() && ui.input(|input| input.key_down(egui::Key::Space));
            *held = hold.is_pointer_button_down_on() || by_key;
            pressed = button::small(ui, t::change(cx.t, label)).clicked();
        });
    });
    card::rule(ui);
    pressed
}

/// A line that can be pressed to change it; named by what it changes.
fn row(ui: &mut Ui, cx: &Cx<'_>, label: &str, value: &str) -> bool {
    let width = ui.available_width();
    let left = ui.painter().layout(label.to_owned(), regular(size::BODY), theme::SOFT, LABEL);
    let right = ui.painter().layout(value.to_owned(), regular(size::BODY), theme::INK, (width - LABEL - 28.0).max(80.0));
    let height = left.size().y.max(right.size().y) + 14.0;
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::click());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, t::change(cx.t, label)));
    response.clone().labelled_value(value);
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, theme::RADIUS_BADGE, theme::PRIMARY_SOFT);
    }
    if response.has_focus() {
        ui.painter().rect_stroke(rect, theme::RADIUS_BADGE, Stroke::new(2.0, theme::PRIMARY), StrokeKind::Inside);
    }
    ui.painter().galley(pos2(rect.left() + 6.0, rect.top() + 7.0), left, theme::SOFT);
    ui.painter().galley(pos2(rect.left() + LABEL + 20.0, rect.top() + 7.0), right, theme::INK);
    response.clicked()
}

trait LabelledValue {
    /// Adds what stands in the line to its node, so that it can be read without seeing it.
    fn labelled_value(self, value: &str);
}

impl LabelledValue for egui::Response {
    fn labelled_value(self, value: &str) {
        self.ctx.accesskit_node_builder(self.id, |node| node.set_value(value));
    }
}
