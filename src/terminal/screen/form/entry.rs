//! One field of any kind.

use egui::{Ui, vec2};
use matters::{
    Complaint, Field, FieldKind, Value,
    form::{self, money_in_words, parse_input, show_value},
    matter::Choice,
};
use texts::form as t;

use super::{Form, Pass, given};
use crate::{
    look::theme::{self, text},
    screen::{Cx, terms},
    speech::Wish,
    widget::{
        button, card,
        field::{self, Around, Heard, Manner},
        once,
    },
    words,
};

impl Form {
    pub(super) fn field(&mut self, ui: &mut Ui, cx: &Cx<'_>, pass: &Pass<'_>, field: &Field) -> Option<Wish> {
        let label = words::said(cx.t, &field.label).to_owned();
        let (fault, warning) = self.faults(cx, pass, field);
        let note = field.note.as_ref().map_or("", |note| words::said(cx.t, note));
        let mut around = Around { label: &label, fault, warning, ..Around::default() };
        if !field.required {
            around.aside = t::optional(cx.t);
        }
        // Beside the label where there is room for it, else with the sample below.
        let beside = ui.available_width() > 700.0;
        if !note.is_empty() && !beside && !matches!(field.kind, FieldKind::Declare) {
            around.sample = note.to_owned();
        }
        if !note.is_empty() && beside && !matches!(field.kind, FieldKind::Declare) {
            around.aside = if around.aside.is_empty() { note.to_owned() } else { format!("{} · {note}", around.aside) };
        }
        match &field.kind {
            FieldKind::Choice { choices } => self.choice(ui, cx, pass, field, choices, &around),
            FieldKind::Many { choices } => self.many(ui, cx, pass, field, choices, &around),
            FieldKind::Declare => self.declare(ui, cx, pass, field, note, &around),
            FieldKind::Payee => self.payee(ui, cx, pass, field, &around),
            FieldKind::Household { columns } => self.household(ui, cx, pass, field, columns, &around),
            FieldKind::Signature | FieldKind::Photo => self.image(ui, cx, field, &around),
            FieldKind::CitizenNumber => self.number_twice(ui, cx, pass, field, around),
            FieldKind::Address => self.address(ui, cx, pass, field, around),
            FieldKind::Name
            | FieldKind::Phone
            | FieldKind::Text { .. }
            | FieldKind::LongText { .. }
            | FieldKind::Money { .. }
            | FieldKind::Area { .. }
            | FieldKind::Date { .. }
            | FieldKind::Geo => self.line(ui, cx, pass, field, around),
        }
    }

    /// A citizen number is typed twice: one digit in ten slips past the check character.
    fn number_twice(&mut self, ui: &mut Ui, cx: &Cx<'_>, pass: &Pass<'_>, field: &Field, around: Around<'_>) -> Option<Wish> {
        // What was right when the form was opened was typed twice then.
        let before = match pass.situation.answers.get(&field.key) {
            Some(Value::Text(number)) if !self.typed.contains_key(&field.key) => number.expose().clone(),
            _ => String::new(),
        };
        let label = t::number_again(cx.t, around.label);
        let wish = self.line(ui, cx, pass, field, around);
        let again = self.again.entry(field.key.clone()).or_insert(before);
        let typed = self.typed.get(&field.key).map(String::as_str).unwrap_or_default();
        if !typed.trim().is_empty() {
            let told = self.tried.contains(&self.group) || self.left.contains(&again_key(&field.key));
            let fault = (differ(typed, again) && told).then(|| texts::person::number_differs(cx.t));
            let around = Around { label: &label, fault, ..Around::default() };
            let heard = field::entry(ui, again_key(&field.key), again, &around, Manner::DIGITS);
            if heard.left && !again.trim().is_empty() {
                self.left.insert(again_key(&field.key));
            }
        }
        wish
    }

    /// The first number of this group whose two entries are not the same.
    pub(super) fn doubtful(&self, pass: &Pass<'_>) -> Option<String> {
        let (_, fields) = pass.groups.get(self.group)?;
        let mut numbers = fields.iter().filter(|field| field.kind == FieldKind::CitizenNumber);
        let doubt = numbers.find(|field| {
            let typed = self.typed.get(&field.key).filter(|typed| !typed.trim().is_empty());
            typed.zip(self.again.get(&field.key)).is_some_and(|(typed, again)| differ(typed, again))
        });
        doubt.map(|field| field.key.clone())
    }

    /// An address is mostly one that is known: the card's own, or its village with another house.
    fn address(&mut self, ui: &mut Ui, cx: &Cx<'_>, pass: &Pass<'_>, field: &Field, around: Around<'_>) -> Option<Wish> {
        let typed = self.line(ui, cx, pass, field, around);
        let card = cx.visit.applicant().map(|person| person.address.expose().trim().to_owned()).unwrap_or_default();
        let village = matters::identity::village_of(&card).to_owned();
        let mut picked = None;
        let mut listed = None;
        ui.horizontal_wrapped(|ui| {
            let stands = self.typed.get(&field.key).map(String::as_str).unwrap_or_default();
            for (words, text) in [(t::address_card(cx.t), card.as_str()), (t::address_village(cx.t), village.as_str())] {
                if !text.is_empty() && stands != text && button::small(ui, words).clicked() {
                    picked = Some(text.to_owned());
                }
            }
            if !self.places.contains_key(&field.key) {
                listed = self.picker(ui, cx, field);
            }
        });
        if self.places.contains_key(&field.key) {
            listed = self.picker(ui, cx, field);
        }
        let Some(text) = picked else { return typed.or(listed) };
        self.typed.insert(field.key.clone(), text.clone());
        // The village alone is no address yet: the house is typed behind it.
        self.wanted = Some(field.key.clone());
        Some(Wish::Answer { field: field.key.clone(), value: parse_input(field, &text).ok() })
    }

    /// What is to be said now: after the cursor left the field, or after "next".
    pub(super) fn faults(&self, cx: &Cx<'_>, pass: &Pass<'_>, field: &Field) -> (Option<String>, Option<String>) {
        let tried = self.tried.contains(&self.group);
        let left = self.left.contains(&field.key);
        let say = |complaint: &Complaint| terms::complaint(cx.t, complaint);
        let warning = pass.of(&field.key).find(|complaint| complaint.warning).map(say);
        // What cannot be read is no answer, so the engine only misses it: say what is wrong with it.
        let typed = self.typed.get(&field.key).filter(|typed| !typed.trim().is_empty());
        let unreadable = typed.and_then(|typed| parse_input(field, typed).err()).filter(|_| one_line(&field.kind));
        let fault = match unreadable {
            Some(complaint) => (tried || left).then(|| say(&complaint)),
            None => pass
                .of(&field.key)
                .find(|complaint| !complaint.warning)
                // An empty field that was only walked through is not scolded before "next".
                .filter(|complaint| tried || (left && complaint.code != "required"))
                .map(say),
        };
        (fault, warning.filter(|_| tried || left))
    }

    fn line(&mut self, ui: &mut Ui, cx: &Cx<'_>, pass: &Pass<'_>, field: &Field, mut around: Around<'_>) -> Option<Wish> {
        let answer = pass.situation.answers.get(&field.key);
        if given::is_proposed(cx, field, answer) {
            around.mark = Some(given::mark(cx));
        } else {
            let sample = t::sample(cx.t, words::said(cx.t, &field.sample));
            around.sample = if around.sample.is_empty() { sample } else { format!("{sample} · {}", around.sample) };
        }
        around.told = told(cx, field, answer);
        let typed = self
            .typed
            .entry(field.key.clone())
            .or_insert_with(|| answer.map(|value| show_value(field, value)).unwrap_or_default());
        let heard = field::entry(ui, &field.key, typed, &around, manner(&field.kind));
        let wish = read(field, typed, answer, &heard);
        self.heard(field, &heard);
        wish
    }

    /// Focus and faults after an entry was shown.
    pub(super) fn heard(&mut self, field: &Field, heard: &Heard) {
        if heard.focused {
            self.current = Some(field.key.clone());
        }
        if heard.left {
            self.left.insert(field.key.clone());
        }
        if self.wanted.as_deref() == Some(&field.key) {
            self.wanted = None;
            once::focus(&heard.response);
            heard.response.scroll_to_me(None);
        }
    }

    fn choice(
        &mut self,
        ui: &mut Ui,
        cx: &Cx<'_>,
        pass: &Pass<'_>,
        field: &Field,
        choices: &[Choice],
        around: &Around<'_>,
    ) -> Option<Wish> {
        let answer = match pass.situation.answers.get(&field.key) {
            Some(Value::Choice(key)) => Some(key.as_str()),
            _ => None,
        };
        let chosen: Vec<bool> = choices.iter().map(|choice| Some(choice.key.as_str()) == answer).collect();
        let pressed = field::choices(ui, around, &self.options(cx, pass, field, choices), &chosen)?;
        self.wanted = None;
        let key = &choices[pressed].key;
        // Pressed again, a field that may be empty is empty again.
        let value = (Some(key.as_str()) != answer || field.required).then(|| Value::Choice(key.clone()));
        Some(Wish::Answer { field: field.key.clone(), value })
    }

    fn many(
        &mut self,
        ui: &mut Ui,
        cx: &Cx<'_>,
        pass: &Pass<'_>,
        field: &Field,
        choices: &[Choice],
        around: &Around<'_>,
    ) -> Option<Wish> {
        let mut keys = match pass.situation.answers.get(&field.key) {
            Some(Value::Many(keys)) => keys.clone(),
            _ => Vec::new(),
        };
        let chosen: Vec<bool> = choices.iter().map(|choice| keys.contains(&choice.key)).collect();
        let pressed = field::choices(ui, around, &self.options(cx, pass, field, choices), &chosen)?;
        let key = &choices[pressed].key;
        if chosen[pressed] {
            keys.retain(|has| has != key);
        } else {
            keys.push(key.clone());
        }
        Some(Wish::Answer { field: field.key.clone(), value: (!keys.is_empty()).then_some(Value::Many(keys)) })
    }

    /// Labels with names: the same word under two fields is told apart by its field.
    fn options(&self, cx: &Cx<'_>, pass: &Pass<'_>, field: &Field, choices: &[Choice]) -> Vec<(String, String)> {
        let shown = pass.groups.get(self.group).map(|(_, fields)| fields.as_slice()).unwrap_or_default();
        choices
            .iter()
            .map(|choice| {
                let label = words::said(cx.t, &choice.label);
                let times =
                    shown.iter().flat_map(|field| field.choices()).filter(|c| words::said(cx.t, &c.label) == label).count();
                let name = if times > 1 { format!("{} {label}", words::said(cx.t, &field.label)) } else { label.to_owned() };
                (label.to_owned(), name)
            })
            .collect()
    }

    /// Never ticked beforehand, and read aloud first.
    fn declare(
        &mut self,
        ui: &mut Ui,
        cx: &Cx<'_>,
        pass: &Pass<'_>,
        field: &Field,
        note: &str,
        around: &Around<'_>,
    ) -> Option<Wish> {
        let agreed = pass.situation.answers.get(&field.key) == Some(&Value::Flag(true));
        card::card(ui, |ui| {
            ui.label(text::small(t::declare_first(cx.t)));
            if !note.is_empty() {
                ui.label(egui::RichText::new(note).font(theme::regular(theme::size::TITLE)).color(theme::INK));
            }
            let pressed = field::tick(ui, agreed, around.label);
            field::foot(ui, around);
            pressed.then(|| Wish::Answer { field: field.key.clone(), value: (!agreed).then_some(Value::Flag(true)) })
        })
        .inner
    }
}

/// The entry in which a number is typed again.
fn again_key(key: &str) -> String {
    format!("{key}.again")
}

fn differ(typed: &str, again: &str) -> bool {
    form::normal_number(typed) != form::normal_number(again)
}

fn one_line(kind: &FieldKind) -> bool {
    !matches!(
        kind,
        FieldKind::Choice { .. }
            | FieldKind::Many { .. }
            | FieldKind::Declare
            | FieldKind::Payee
            | FieldKind::Household { .. }
            | FieldKind::Signature
            | FieldKind::Photo
    )
}

fn manner(kind: &FieldKind) -> Manner {
    match kind {
        FieldKind::CitizenNumber
        | FieldKind::Phone
        | FieldKind::Money { .. }
        | FieldKind::Area { .. }
        | FieldKind::Date { .. } => Manner::DIGITS,
        FieldKind::LongText { chars_max } => Manner { rows: 4, ..Manner::of(chars_max.saturating_mul(2)) },
        FieldKind::Text { chars_max } => Manner::of(chars_max.saturating_mul(2)),
        FieldKind::Name => Manner::of(60),
        _ => Manner::LINE,
    }
}

/// What was understood, said back, so that a slip of the finger is heard.
fn told(cx: &Cx<'_>, field: &Field, answer: Option<&Value>) -> String {
    match (&field.kind, answer) {
        (FieldKind::Money { .. }, Some(Value::Money(cents))) => t::money_words(cx.t, money_in_words(*cents)),
        (FieldKind::Date { .. }, Some(Value::Date(date))) => {
            t::date_read(cx.t, terms::full_day(cx.t, *date), terms::weekday(cx.t, *date))
        }
        (FieldKind::Area { unit, .. }, Some(Value::Area(area))) => other_unit(cx, unit, *area),
        _ => String::new(),
    }
}

/// 1 亩 = 666.67 m², shown in the other unit because people know one and papers the other.
fn other_unit(cx: &Cx<'_>, unit: &str, thousandths: i64) -> String {
    if unit == "mu" {
        t::area_also_sqm(cx.t, decimal(thousandths.saturating_mul(2000) / 3))
    } else {
        t::area_also_mu(cx.t, decimal(thousandths.saturating_mul(3) / 2000))
    }
}

/// Two places are enough to compare.
fn decimal(thousandths: i64) -> String {
    format!("{}.{:02}", thousandths / 1000, thousandths % 1000 / 10)
}

/// The wish that follows from what was typed, and the tidy text once the cursor has gone.
fn read(field: &Field, typed: &mut String, answer: Option<&Value>, heard: &Heard) -> Option<Wish> {
    let value = parse_input(field, typed).ok();
    if heard.changed {
        return (value.as_ref() != answer).then(|| Wish::Answer { field: field.key.clone(), value });
    }
    if !heard.focused {
        // Tidied (full-width digits, spaces), or changed elsewhere: by a card, by the catalogue.
        match (answer, &value) {
            (Some(answer), _) => {
                let shown = show_value(field, answer);
                if shown != *typed {
                    *typed = shown;
                }
            }
            (None, Some(_)) => typed.clear(),
            (None, None) => {}
        }
    }
    None
}

/// So wide stands a small entry inside a row of several.
pub(super) const SMALL: egui::Vec2 = vec2(260.0, 0.0);
