//! 家庭成员: a row a person, with the columns that the matter asks for.

use egui::Ui;
use matters::{Column, ColumnKind, Field, Member, Personal, Value, form::money_text};
use texts::form as t;

use super::{Form, Pass, entry::SMALL};
use crate::{
    look::theme::{self, text},
    screen::Cx,
    speech::Wish,
    widget::{
        button, card,
        field::{self, Around, Manner},
    },
    words,
};

impl Form {
    pub(super) fn household(
        &mut self,
        ui: &mut Ui,
        cx: &Cx<'_>,
        pass: &Pass<'_>,
        field: &Field,
        columns: &[Column],
        around: &Around<'_>,
    ) -> Option<Wish> {
        let mut members = match pass.situation.answers.get(&field.key) {
            Some(Value::Household(members)) => members.clone(),
            _ => Vec::new(),
        };
        let before = members.clone();
        // A row that was just added has nothing yet and would vanish with an empty answer.
        let shown = members.len().max(self.rows.get(&field.key).copied().unwrap_or(0));
        members.resize_with(shown, empty);
        let mut remove = None;
        card::card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 12.0;
            field::head(ui, around);
            for (index, member) in members.iter_mut().enumerate() {
                if index > 0 {
                    card::rule(ui);
                }
                let n = index as u64 + 1;
                ui.label(text::strong(t::household_member(cx.t, n)));
                // From the top: cells of a row begin at one height, however tall each becomes.
                let row = egui::Layout::left_to_right(egui::Align::Min).with_main_wrap(true);
                ui.allocate_ui_with_layout(egui::vec2(ui.available_width(), 0.0), row, |ui| {
                    ui.spacing_mut().item_spacing = egui::vec2(theme::GAP, 10.0);
                    cell(ui, (&field.key, n, "name"), member.name.expose_mut(), &t::household_name(cx.t, n), Manner::of(50));
                    cell(
                        ui,
                        (&field.key, n, "number"),
                        member.number.expose_mut(),
                        &t::household_number(cx.t, n),
                        Manner::DIGITS,
                    );
                    cell(ui, (&field.key, n, "relation"), &mut member.relation, &t::household_relation(cx.t, n), Manner::of(20));
                    for column in columns {
                        self.column(ui, cx, field, n, column, member);
                    }
                });
                if button::small(ui, t::household_remove(cx.t, n)).clicked() {
                    remove = Some(index);
                }
            }
            if button::small(ui, t::household_add(cx.t)).clicked() {
                self.rows.insert(field.key.clone(), shown + 1);
            }
            field::foot(ui, around);
        });
        if let Some(index) = remove {
            members.remove(index);
            self.rows.insert(field.key.clone(), members.len());
            self.typed.retain(|key, _| !key.starts_with(&format!("{}#", field.key)));
        }
        while members.last().is_some_and(|member| *member == empty()) {
            members.pop();
        }
        (members != before)
            .then(|| Wish::Answer { field: field.key.clone(), value: (!members.is_empty()).then_some(Value::Household(members)) })
    }

    fn column(&mut self, ui: &mut Ui, cx: &Cx<'_>, field: &Field, n: u64, column: &Column, member: &mut Member) {
        let label = format!("{} {}", t::household_member(cx.t, n), words::said(cx.t, &column.label));
        if column.kind == ColumnKind::Choice {
            let options: Vec<(String, String)> = column
                .choices
                .iter()
                .map(|choice| {
                    let word = words::said(cx.t, &choice.label).to_owned();
                    (word.clone(), format!("{label} {word}"))
                })
                .collect();
            let answer = match member.more.get(&column.key) {
                Some(Value::Choice(key)) => Some(key.as_str()),
                _ => None,
            };
            let chosen: Vec<bool> = column.choices.iter().map(|choice| Some(choice.key.as_str()) == answer).collect();
            if let Some(pressed) = field::choices(ui, &Around { label: &label, ..Around::default() }, &options, &chosen) {
                member.more.insert(column.key.clone(), Value::Choice(column.choices[pressed].key.clone()));
            }
            return;
        }
        let key = format!("{}#{n}#{}", field.key, column.key);
        let shown = match member.more.get(&column.key) {
            Some(Value::Text(text)) => text.expose().clone(),
            Some(Value::Money(cents)) => money_text(*cents),
            Some(Value::Date(date)) => date.to_string(),
            _ => String::new(),
        };
        let typed = self.typed.entry(key.clone()).or_insert(shown);
        let manner = if column.kind == ColumnKind::Text { Manner::of(100) } else { Manner::DIGITS };
        if cell(ui, &key, typed, &label, manner) {
            match parse(column.kind, typed) {
                Some(value) => member.more.insert(column.key.clone(), value),
                None => member.more.remove(&column.key),
            };
        }
    }
}

/// Reads a cell as the engine reads a field of that kind.
fn parse(kind: ColumnKind, typed: &str) -> Option<Value> {
    use matters::{FieldKind, Words, form::parse_input};
    let kind = match kind {
        ColumnKind::Text | ColumnKind::Choice => FieldKind::Text { chars_max: 100 },
        ColumnKind::Money => FieldKind::Money { min: 0, max: i64::MAX },
        ColumnKind::Date => FieldKind::Date { future: true },
    };
    let none = || Words { zh: String::new(), en: String::new() };
    let field = Field {
        key: String::new(),
        label: none(),
        sample: none(),
        kind,
        required: false,
        prefill: None,
        default: None,
        note: None,
        reuse: false,
        when: Vec::new(),
    };
    parse_input(&field, typed).ok()
}

fn cell(ui: &mut Ui, salt: impl std::hash::Hash + std::fmt::Debug, value: &mut String, label: &str, manner: Manner) -> bool {
    ui.allocate_ui(SMALL, |ui| {
        ui.set_width(SMALL.x);
        field::entry(ui, salt, value, &Around { label, ..Around::default() }, manner).changed
    })
    .inner
}

fn empty() -> Member {
    Member { name: Personal::from(""), number: Personal::from(""), relation: String::new(), more: Default::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_read_as_fields_are() {
        assert_eq!(parse(ColumnKind::Money, "1200.5"), Some(Value::Money(120_050)));
        assert_eq!(parse(ColumnKind::Date, "20261021"), Some(Value::Date(jiff::civil::Date::constant(2026, 10, 21))));
        assert_eq!(parse(ColumnKind::Money, "很多"), None);
        assert_eq!(parse(ColumnKind::Text, ""), None);
    }
}
