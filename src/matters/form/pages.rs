//! Pages against materials, and a whole filing against its matter.

use std::collections::BTreeMap;

use super::{Complaint, Situation, capacity_complaints, complaints, due_materials};
use crate::{Filing, PageRef, calendar::place_date, matter::Matter};

/// Which pages are missing, too many, or not asked for. Field of a complaint: the material's code.
pub fn page_complaints(matter: &Matter, situation: &Situation<'_>, pages: &[PageRef]) -> Vec<Complaint> {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for page in pages {
        *counts.entry(&page.material).or_default() += 1;
    }
    let mut out = Vec::new();
    for due in due_materials(matter, situation) {
        let material = due.material;
        let have = counts.remove(material.code.as_str()).unwrap_or(0);
        let needed = material.required && !due.by_card;
        if have < material.pages_min && (needed || have > 0) {
            out.push(Complaint::new(&material.code, "pages_few").with("min", material.pages_min).with("have", have));
        }
        if have > material.pages_max {
            out.push(Complaint::new(&material.code, "pages_many").with("max", material.pages_max).with("have", have));
        }
    }
    // Data that nobody asked for is not collected (个人信息保护法 6).
    out.extend(counts.into_keys().map(|code| Complaint::new(code, "pages_unasked")));
    out
}

/// Everything that is wrong with a whole filing, judged on the day it was sealed: what the hall
/// checks when it arrives and the terminal before it is sealed.
pub fn filing_complaints(matter: &Matter, filing: &Filing) -> Vec<Complaint> {
    let situation = Situation {
        answers: &filing.answers,
        situations: &filing.situations,
        applicant: Some(&filing.applicant),
        capacity: Some(&filing.capacity),
        today: place_date(filing.sealed_at),
    };
    let mut out = capacity_complaints(matter, &situation);
    if filing.notice.version.trim().is_empty() {
        out.push(Complaint::new("notice", "notice_missing"));
    }
    if matter.in_person && filing.witness.as_ref().is_none_or(|witness| witness.name.expose().trim().is_empty()) {
        out.push(Complaint::new("witness", "witness_missing"));
    }
    out.extend(complaints(matter, &situation));
    out.extend(page_complaints(matter, &situation, &filing.pages));
    out
}
