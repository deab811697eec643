//! The gaps of a correction, each with what it is about, what was there, and whether it is mended.

use std::collections::BTreeMap;

use matters::{About, Correction, Filing, Matter, PageRef, Value, form};
use texts::correction as t;

use crate::{
    screen::{Cx, terms},
    words,
};

/// One gap as the screen shows it.
pub struct Gap {
    /// Index in the correction's list.
    pub item: u32,
    pub target: About,
    /// `收费票据 第 2 页`, `表格：出院日期`
    pub about: String,
    /// What is missing and the standard.
    pub words: String,
    /// What was missing, alone: for the phone.
    pub what: String,
    /// The answer that was sealed, when it is about a field.
    pub was: Option<String>,
    pub old: Option<PageRef>,
    pub new: Option<PageRef>,
    pub done: bool,
    pub done_words: Option<String>,
}

/// All gaps in their order. A paper asked for twice needs two new pages.
pub fn gaps(cx: &Cx<'_>, correction: &Correction, filing: &Filing) -> Vec<Gap> {
    let matter = cx.catalogue.matter(&filing.matter);
    let supplement = cx.visit.supplement.as_ref();
    let new_pages =
        supplement.and_then(|supplement| supplement.draft.as_ref()).map(|draft| draft.pages.as_slice()).unwrap_or_default();
    let mut asked: BTreeMap<&str, usize> = BTreeMap::new();
    let mut out = Vec::new();
    for (index, item) in correction.items.iter().enumerate() {
        let item_index = index as u32;
        let standard = t::standard(cx.t, item.what.trim_end_matches('。'), item.standard.as_str());
        let material_name = |code: &str| {
            let material = matter.and_then(|matter| matter.material(code));
            material.map_or_else(|| code.to_owned(), |material| words::said(cx.t, &material.name).to_owned())
        };
        let mut gap = Gap {
            item: item_index,
            target: item.about.clone(),
            about: String::new(),
            words: standard,
            what: item.what.clone(),
            was: None,
            old: None,
            new: None,
            done: false,
            done_words: None,
        };
        match &item.about {
            About::Field { key } => {
                let field = matter.and_then(|matter| matter.field(key));
                gap.about = t::about_field(cx.t, field.map_or(key.as_str(), |field| words::said(cx.t, &field.label)));
                gap.was = field.zip(filing.answers.get(key)).map(|(field, value)| terms::value(cx.t, field, value));
                let answer =
                    supplement.and_then(|supplement| supplement.items.get(&item_index)).and_then(|item| item.answer.as_ref());
                if let (Some(matter), Some(field), Some(answer)) = (matter, field, answer)
                    && is_right(cx, matter, filing, key, answer)
                {
                    gap.done = true;
                    gap.done_words = Some(t::changed(cx.t, terms::value(cx.t, field, answer)));
                }
            }
            About::Page { material, .. } | About::Material { material } => {
                let order = match &item.about {
                    About::Page { order, .. } => Some(*order),
                    _ => None,
                };
                gap.about = match order {
                    Some(order) => t::about_page(cx.t, material_name(material), u64::from(order)),
                    None => t::about_material(cx.t, material_name(material)),
                };
                gap.old =
                    filing.pages.iter().find(|page| page.material == *material && order.is_none_or(|o| o == page.order)).cloned();
                let nth = asked.entry(material).or_default();
                let own: Vec<&PageRef> = new_pages.iter().filter(|page| page.material == *material).collect();
                gap.new = own.get(*nth).map(|page| (*page).clone());
                *nth += 1;
                gap.done = own.len() >= *nth;
                gap.done_words = gap.done.then(|| t::taken(cx.t, own.len() as u64));
            }
        }
        out.push(gap);
    }
    out
}

/// An answer that the hall would refuse again mends nothing: half a number is saved, not sent.
fn is_right(cx: &Cx<'_>, matter: &Matter, filing: &Filing, key: &str, answer: &Value) -> bool {
    let mut answers = filing.answers.clone();
    answers.insert(key.to_owned(), answer.clone());
    let situation = form::Situation {
        answers: &answers,
        situations: &filing.situations,
        applicant: Some(&filing.applicant),
        capacity: Some(&filing.capacity),
        today: words::day(cx.now),
    };
    form::complaints_of(matter, key, &situation).iter().all(|complaint| complaint.warning)
}
