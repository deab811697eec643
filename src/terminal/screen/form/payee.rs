//! 收款账户: bank, number and owner. The money goes there, so it is checked three ways.

use egui::Ui;
use matters::{Complaint, Field, Personal, Value};
use texts::form as t;

use super::{Form, Pass};
use crate::{
    look::theme::text,
    screen::{Cx, terms},
    speech::Wish,
    widget::{
        button, card,
        field::{self, Around, Manner},
    },
};

/// The three entries of one account.
const PARTS: [&str; 3] = ["bank", "account", "owner"];

impl Form {
    pub(super) fn payee(
        &mut self,
        ui: &mut Ui,
        cx: &Cx<'_>,
        pass: &Pass<'_>,
        field: &Field,
        around: &Around<'_>,
    ) -> Option<Wish> {
        let answer = pass.situation.answers.get(&field.key);
        let (bank, account, owner) = match answer {
            Some(Value::Payee { bank, account, owner }) => {
                (bank.clone(), terms::grouped(account.expose()), owner.expose().clone())
            }
            _ => Default::default(),
        };
        for (part, value) in PARTS.into_iter().zip([bank, account, owner]) {
            self.typed.entry(format!("{}.{part}", field.key)).or_insert(value);
        }
        let name = cx.visit.applicant().map(|person| person.name.expose().clone()).unwrap_or_default();
        let tried = self.tried.contains(&self.group);
        let mut changed = false;
        card::card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 14.0;
            field::head(ui, around);
            let labels = [t::payee_bank(cx.t), t::payee_account(cx.t), t::payee_owner(cx.t)];
            for (part, label) in PARTS.into_iter().zip(labels) {
                let key = format!("{}.{part}", field.key);
                let complaint = pass.of(&field.key).find(|complaint| part_of(complaint) == part);
                // The number is the one part that complains while its own cursor has left it.
                let due = tried || self.left.contains(&key);
                let said = complaint.filter(|_| due).map(|complaint| (terms::complaint(cx.t, complaint), complaint.warning));
                let typed = self.typed.entry(key.clone()).or_default();
                let digits = typed.chars().filter(char::is_ascii_digit).count();
                let mine = Around {
                    label: &label,
                    aside: if part == "account" { t::payee_must(cx.t, name.as_str()) } else { String::new() },
                    fault: said.clone().filter(|(_, warning)| !warning).map(|(words, _)| words),
                    warning: said.filter(|(_, warning)| *warning).map(|(words, _)| words),
                    told: if part == "account" && digits > 0 { t::digits_count(cx.t, digits as u64) } else { String::new() },
                    ..Around::default()
                };
                let manner = if part == "account" { Manner::DIGITS } else { Manner::of(60) };
                let heard = field::entry(ui, &key, typed, &mine, manner);
                changed |= heard.changed;
                if part == "account" && !heard.focused && !heard.changed {
                    *typed = terms::grouped(typed);
                }
                if heard.left {
                    self.left.insert(key);
                }
                let mut heard = heard;
                heard.left = false;
                // The first part that is wrong gets the cursor, not the first part.
                if self.wanted.as_deref() != Some(&field.key) || complaint.is_some() || pass.of(&field.key).next().is_none() {
                    self.heard(field, &heard);
                } else if heard.focused {
                    self.current = Some(field.key.clone());
                }
            }
            let owner = self.typed.entry(format!("{}.owner", field.key)).or_default();
            if *owner != name && !name.is_empty() && button::small(ui, t::payee_self(cx.t)).clicked() {
                *owner = name.clone();
                changed = true;
            }
            if pass.of(&field.key).any(|complaint| complaint.code == "required") && tried {
                ui.label(text::small_strong(around.fault.clone().unwrap_or_default()).color(crate::look::theme::RED));
            }
        });
        changed.then(|| Wish::Answer { field: field.key.clone(), value: self.account(field) })
    }

    /// What stands in the three entries; `None` when all are empty.
    fn account(&self, field: &Field) -> Option<Value> {
        let part =
            |part: &str| self.typed.get(&format!("{}.{part}", field.key)).map(|text| text.trim().to_owned()).unwrap_or_default();
        let (bank, owner) = (part("bank"), part("owner"));
        let account: String = matters::form::normal_number(&part("account"));
        if bank.is_empty() && account.is_empty() && owner.is_empty() {
            return None;
        }
        Some(Value::Payee { bank, account: Personal::new(account), owner: Personal::new(owner) })
    }
}

/// The entry that a complaint about an account belongs to.
fn part_of(complaint: &Complaint) -> &'static str {
    match complaint.code {
        "payee_bank" => "bank",
        "account_character" | "account_length" | "account_luhn" => "account",
        "required" => "",
        _ => "owner",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_complaint_about_an_account_finds_its_entry() {
        let catalogue = matters::Catalogue::bundled().expect("whole");
        let matter = catalogue.matter("M09").expect("bundled");
        let answers: matters::Answers =
            [("payee".to_owned(), Value::Payee { bank: String::new(), account: "12a".into(), owner: Personal::from("") })].into();
        let situation = matters::form::Situation {
            answers: &answers,
            situations: &Default::default(),
            applicant: None,
            capacity: None,
            today: jiff::civil::Date::constant(2026, 11, 24),
        };
        let mut parts: Vec<&str> = matters::form::complaints_of(matter, "payee", &situation).iter().map(part_of).collect();
        parts.sort_unstable();
        parts.dedup();
        assert_eq!(parts, ["account", "bank", "owner"]);
    }
}
