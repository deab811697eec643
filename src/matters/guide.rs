//! The guide of a matter (一事一指南) and of a whole window, from the same data as the form.
//!
//! Headings are codes: `texts` names them. The eleven elements that a village guide must have
//! (§2.1) are among them; hours and place belong to the point and come from its particulars.

use crate::{
    Catalogue, Matter,
    matter::{Limit, Material, Words},
};

/// Codes of the sections, in order.
pub const SECTIONS: &[&str] = &[
    "summary",
    "basis",
    "conditions",
    "materials",
    "levels",
    "steps",
    "how",
    "special",
    "limit",
    "fee",
    "result",
    "delivery",
    "season",
    "elsewhere",
    "facts",
    "contact",
    "complaint",
];

/// One section of a guide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section<'a> {
    /// One of [`SECTIONS`].
    pub code: &'static str,
    pub lines: Vec<Line<'a>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    pub what: What<'a>,
    /// Where the line comes from, if that is told.
    pub source: Option<&'a str>,
    /// Shown with "以本地公布的办事指南为准".
    pub unverified: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What<'a> {
    Words(&'a Words),
    /// Text in one language only: names of laws, telephone numbers.
    Text(&'a str),
    Material(&'a Material),
    /// Name of the limit (`statutory`, `promised`, `correction`) and the limit.
    Limit(&'static str, &'a Limit),
    /// A rule that texts make a sentence of, e.g. `proxy_relatives_only`.
    Code(&'static str),
}

/// The guide of one matter. Sections without anything to say are left out.
pub fn guide(matter: &Matter) -> Vec<Section<'_>> {
    let mut limits: Vec<Line<'_>> = Vec::new();
    for (name, limit) in matter
        .statutory
        .iter()
        .map(|limit| ("statutory", limit))
        .chain([("promised", &matter.promised), ("correction", &matter.correction)])
    {
        limits.push(Line { what: What::Limit(name, limit), source: Some(&limit.source), unverified: !limit.verified });
    }
    let all = vec![
        ("summary", vec![Line::sure(&matter.summary)]),
        (
            "basis",
            matter
                .basis
                .iter()
                .map(|basis| Line { what: What::Text(&basis.text), source: None, unverified: !basis.verified })
                .collect(),
        ),
        ("conditions", words(&matter.conditions)),
        (
            "materials",
            matter
                .materials
                .iter()
                .map(|material| Line { what: What::Material(material), source: Some(&material.basis), unverified: false })
                .collect(),
        ),
        ("levels", words(&matter.levels)),
        ("steps", words(&matter.steps)),
        ("how", how(matter)),
        (
            "special",
            matter
                .special
                .iter()
                .map(|special| Line { what: What::Words(&special.name), source: Some(&special.basis), unverified: false })
                .collect(),
        ),
        ("limit", limits),
        ("fee", vec![Line { what: What::Words(&matter.fee), source: Some(&matter.fee_basis), unverified: false }]),
        ("result", vec![Line::sure(&matter.result)]),
        ("delivery", words(&matter.delivery)),
        ("season", matter.seasons.iter().map(|season| Line::sure(&season.note)).collect()),
        ("elsewhere", matter.elsewhere.iter().map(Line::sure).collect()),
        (
            "facts",
            matter
                .facts
                .iter()
                .map(|fact| Line { what: What::Words(&fact.text), source: Some(&fact.source), unverified: !fact.verified })
                .collect(),
        ),
        ("contact", vec![Line::sourced(&matter.phone)]),
        ("complaint", vec![Line::sourced(&matter.complaint_phone)]),
    ];
    all.into_iter().filter(|(_, lines)| !lines.is_empty()).map(|(code, lines)| Section { code, lines }).collect()
}

fn words(list: &[Words]) -> Vec<Line<'_>> {
    list.iter().map(Line::sure).collect()
}

fn how(matter: &Matter) -> Vec<Line<'_>> {
    use crate::matter::{ProxyRule, SelfService};
    let proxy = match matter.proxy {
        ProxyRule::Anyone => "proxy_anyone",
        ProxyRule::RelativesOnly => "proxy_relatives_only",
        ProxyRule::Nobody => "proxy_nobody",
    };
    let alone = match matter.self_service {
        SelfService::Yes => "self_yes",
        SelfService::Assisted => "self_assisted",
        SelfService::No => "self_no",
    };
    let mut codes = vec![proxy, alone];
    if matter.in_person {
        codes.push("in_person");
    }
    codes.into_iter().map(|code| Line { what: What::Code(code), source: None, unverified: false }).collect()
}

impl<'a> Line<'a> {
    fn sure(words: &'a Words) -> Self {
        Self { what: What::Words(words), source: None, unverified: false }
    }

    fn sourced(sourced: &'a crate::matter::Sourced<String>) -> Self {
        Self { what: What::Text(&sourced.value), source: Some(&sourced.source), unverified: !sourced.verified }
    }
}

/// The matters of one window: 《XX镇(街道)综合服务大厅(XX窗口)服务指南》.
#[derive(Clone, Debug)]
pub struct WindowGuide<'a> {
    pub window: &'a Words,
    pub matters: Vec<&'a Matter>,
}

/// Every window of the public catalogue with its matters, in order of their first matter.
pub fn window_guides(catalogue: &Catalogue) -> Vec<WindowGuide<'_>> {
    let mut guides: Vec<WindowGuide<'_>> = Vec::new();
    for matter in catalogue.matters().iter().filter(|matter| !matter.restricted) {
        match guides.iter_mut().find(|guide| *guide.window == matter.window) {
            Some(guide) => guide.matters.push(matter),
            None => guides.push(WindowGuide { window: &matter.window, matters: vec![matter] }),
        }
    }
    guides
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 事项名称 is the title; 办事时间, 机构及地点 come from the point's particulars.
    const VILLAGE_ELEMENTS: [&str; 8] = ["summary", "materials", "how", "limit", "delivery", "fee", "contact", "complaint"];

    #[test]
    fn every_matter_has_a_guide_with_the_elements_of_a_village_guide() {
        let catalogue = Catalogue::bundled().unwrap();
        for matter in catalogue.matters() {
            let guide = guide(matter);
            let codes: Vec<&str> = guide.iter().map(|section| section.code).collect();
            assert!(VILLAGE_ELEMENTS.iter().all(|code| codes.contains(code)), "{}: {codes:?}", matter.id);
            let order: Vec<usize> = codes.iter().map(|code| SECTIONS.iter().position(|own| own == code).unwrap()).collect();
            assert!(order.is_sorted(), "{codes:?}");
        }
    }

    #[test]
    fn a_window_lists_its_matters_and_the_restricted_one_stands_in_none() {
        let catalogue = Catalogue::bundled().unwrap();
        let guides = window_guides(&catalogue);
        let listed: usize = guides.iter().map(|guide| guide.matters.len()).sum();
        assert_eq!(listed, catalogue.matters().iter().filter(|matter| !matter.restricted).count());
        assert!(guides.iter().all(|guide| guide.matters.iter().all(|matter| matter.id != "M42")));
        let medical = guides.iter().find(|guide| guide.window.zh == "综合受理(医保)").unwrap();
        let ids: Vec<&str> = medical.matters.iter().map(|matter| matter.id.as_str()).collect();
        assert_eq!(ids, ["M05", "M06", "M07"]);
    }
}
