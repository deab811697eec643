//! 村委会来办: for somebody who cannot come and has nobody to send (社会救助暂行办法 15).

use egui::Ui;
use matters::{Capacity, Personal};
use texts::{Texts, person as t};

use super::{
    typed::{name_fault, phone_fault, tidy_name},
    who::{Left, line},
};
use crate::{
    look::theme::{self, text},
    screen::Cx,
    widget::{card, field::Manner},
};

/// Characters of a reason.
const REASON_CHARS_MAX: usize = 200;

/// The officer of the committee as he stands in the fields.
#[derive(Default)]
pub struct CommitteeEntry {
    pub officer: String,
    pub phone: String,
    pub reason: String,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct CommitteeFaults {
    pub officer: Option<String>,
    pub phone: Option<String>,
    pub reason: Option<String>,
}

impl CommitteeFaults {
    pub fn count(&self) -> usize {
        [&self.officer, &self.phone, &self.reason].into_iter().flatten().count()
    }
}

impl CommitteeEntry {
    pub fn faults(&self, texts: &Texts) -> CommitteeFaults {
        CommitteeFaults {
            officer: name_fault(texts, &self.officer),
            phone: phone_fault(texts, &self.phone),
            reason: self.reason.trim().is_empty().then(|| t::committee_reason_empty(texts)),
        }
    }

    /// The capacity once nothing is wrong.
    pub fn capacity(&self, texts: &Texts) -> Option<Capacity> {
        (self.faults(texts).count() == 0).then(|| Capacity::Committee {
            officer: Personal::new(tidy_name(&self.officer)),
            officer_phone: Personal::from(self.phone.trim()),
            reason: self.reason.trim().to_owned(),
        })
    }
}

pub fn show(ui: &mut Ui, cx: &Cx<'_>, entry: &mut CommitteeEntry, left: &mut Left, tried: bool) {
    let faults = entry.faults(cx.t);
    card::card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = theme::GAP;
        ui.label(text::title(t::committee_title(cx.t)));
        ui.label(text::soft(t::committee_title_more(cx.t)));
        let rows: [(&mut String, String, String, &Option<String>, Manner); 3] = [
            (&mut entry.officer, t::committee_officer(cx.t), String::new(), &faults.officer, Manner::of(50)),
            (&mut entry.phone, t::committee_phone(cx.t), t::phone_sample(cx.t), &faults.phone, Manner::DIGITS),
            (
                &mut entry.reason,
                t::committee_reason(cx.t),
                t::committee_reason_sample(cx.t),
                &faults.reason,
                Manner::of(REASON_CHARS_MAX),
            ),
        ];
        for (index, (value, label, sample, fault, manner)) in rows.into_iter().enumerate() {
            line(ui, ("committee", index), value, &label, sample, fault, manner, &mut left[index], tried);
        }
    });
}

#[cfg(test)]
mod tests {
    use texts::Lang;

    use super::*;

    #[test]
    fn the_committee_needs_an_officer_a_phone_and_a_reason() {
        let t = Texts::new(Lang::Zh);
        let mut entry = CommitteeEntry::default();
        assert_eq!(entry.faults(&t).count(), 3);
        entry = CommitteeEntry { officer: "赵样本".into(), phone: "029-88880000".into(), reason: " ".into() };
        assert_eq!(entry.faults(&t).count(), 1);
        entry.reason = "卧床，没有亲属".into();
        assert!(matches!(entry.capacity(&t), Some(Capacity::Committee { .. })));
    }
}
