//! 办事指南: the eleven elements of one matter, from the same data as its form.

use egui::Ui;
use matters::{Material, Matter, matter::ProxyRule};
use texts::{matter_screen as t, path};

use crate::{
    look::theme::{self, Tone, text},
    screen::{Cx, terms},
    widget::{badge, card},
    words,
};

const LABEL: f32 = 170.0;

/// How a matter may be filed: 可代办, 须本人, where to go.
pub fn how(cx: &Cx<'_>, matter: &Matter) -> String {
    if !matter.filed_here {
        return t::how_elsewhere(cx.t);
    }
    match matter.proxy {
        ProxyRule::Anyone => t::how_proxy(cx.t),
        ProxyRule::RelativesOnly => t::how_relatives(cx.t),
        ProxyRule::Nobody => t::how_self(cx.t),
    }
}

/// The guide as a page.
pub fn show(ui: &mut Ui, cx: &Cx<'_>, matter: &Matter) {
    ui.horizontal_wrapped(|ui| {
        ui.label(text::hero(path::guide_of(cx.t, words::said(cx.t, &matter.name))));
        let (word, tone) = terms::badge(cx.t, matter.badge);
        badge::badge(ui, tone, &word);
    });
    if matter.has_unverified() {
        card::note(ui, Tone::Warn, "", &path::local_guide(cx.t));
    }
    card::card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = theme::GAP;
        for (label, value) in rows(cx, matter) {
            card::fact_with(ui, LABEL, &label, |ui| {
                for line in value {
                    ui.label(text::body(line));
                }
            });
        }
    });
}

/// Label and lines of each element, in the order of the published list.
pub fn rows(cx: &Cx<'_>, matter: &Matter) -> Vec<(String, Vec<String>)> {
    let said = |words| words::said(cx.t, words).to_owned();
    let marked = |line: String, verified: bool| if verified { line } else { format!("{line} ({})", path::to_verify(cx.t)) };
    let mut limits = Vec::new();
    if let Some(statutory) = &matter.statutory {
        limits.push(marked(t::guide_statutory(cx.t, terms::short_limit(cx.t, statutory)), statutory.verified));
    }
    limits.push(marked(t::guide_promised(cx.t, terms::promise(cx.t, matter)), matter.promised.verified));
    let materials = matter
        .materials
        .iter()
        .map(|material| {
            let (mut name, provider) = (said(&material.name), said(&material.provider));
            let when = whens(cx, matter, material);
            if !when.is_empty() {
                name = t::guide_material_when(cx.t, when, name);
            }
            if material.original {
                t::guide_material_original(cx.t, name, provider)
            } else {
                t::guide_material_copy(cx.t, name, provider)
            }
        })
        .collect();
    let mut brief: Vec<String> = vec![said(&matter.summary)];
    brief.extend(matter.conditions.iter().map(said));
    let mut way = vec![t::guide_way_here(cx.t, said(&matter.window), how(cx, matter), path::runs(cx.t, matter.runs_to_site))];
    way.extend(matter.steps.iter().enumerate().map(|(index, step)| format!("{}. {}", index + 1, said(step))));
    match &matter.elsewhere {
        Some(place) if matter.filed_here => way.push(said(place)),
        Some(place) => way = vec![t::go_to(cx.t, said(place))],
        None => {}
    }
    let ways: Vec<String> = matter.delivery.iter().map(said).collect();
    let (point, hours, point_phone) = match cx.particulars {
        Some(p) => (p.point_name.clone(), p.point_hours.clone(), p.point_phone.clone()),
        None => Default::default(),
    };
    let hours = if hours.is_empty() { t::guide_hours_unknown(cx.t) } else { hours };
    let mut ask = vec![marked(matter.phone.value.clone(), matter.phone.verified)];
    if !point_phone.is_empty() {
        ask.insert(0, point_phone);
    }
    let mut complain = vec![marked(matter.complaint_phone.value.clone(), matter.complaint_phone.verified)];
    if let Some(phone) = cx.particulars.map(|p| &p.supervision_phone).filter(|phone| !phone.is_empty()) {
        complain.insert(0, phone.clone());
    }
    // Beyond the published eleven: what only some matters have.
    let facts: Vec<String> = matter.facts.iter().map(|fact| marked(said(&fact.text), fact.verified)).collect();
    let special: Vec<String> = matter.special.iter().map(|special| said(&special.name)).collect();
    let season: Vec<String> = matter.seasons.iter().map(|season| said(&season.note)).collect();
    let more = [(t::guide_special(cx.t), special), (t::guide_season(cx.t), season), (t::guide_facts(cx.t), facts)];
    let mut rows = vec![
        (t::guide_name_row(cx.t), vec![said(&matter.name)]),
        (t::guide_brief(cx.t), brief),
        (t::guide_basis(cx.t), matter.basis.iter().map(|basis| marked(basis.text.clone(), basis.verified)).collect()),
        (t::guide_materials(cx.t), materials),
        (t::guide_way(cx.t), way),
        (t::guide_limit(cx.t), limits),
        (t::guide_delivery(cx.t), vec![t::guide_result(cx.t, said(&matter.result), terms::list(cx.t, &ways))]),
        (t::guide_fee(cx.t), vec![said(&matter.fee)]),
        (t::guide_hours(cx.t), vec![hours]),
        (t::guide_place(cx.t), vec![t::guide_place_text(cx.t, point, said(&matter.window), said(&matter.department))]),
        (t::guide_ask(cx.t), ask),
        (t::guide_complain(cx.t), complain),
    ];
    rows.extend(more.into_iter().filter(|(_, lines)| !lines.is_empty()));
    rows
}

/// In which case a paper is needed, in words; empty when it always is.
fn whens(cx: &Cx<'_>, matter: &Matter, material: &Material) -> String {
    let said: Vec<String> = material
        .when
        .iter()
        .filter_map(|when| {
            if let Some(question) = matter.situations.iter().find(|question| question.key == when.key) {
                let answers: Vec<&str> = question
                    .choices
                    .iter()
                    .filter(|choice| when.is.contains(&choice.key))
                    .map(|choice| words::said(cx.t, &choice.label))
                    .collect();
                return Some(t::guide_when_answer(cx.t, words::said(cx.t, &question.question), terms::list(cx.t, &answers)));
            }
            let codes = when.is.iter().filter_map(|is| t::lookup(cx.t, &format!("when-{}-{is}", when.key), &[]));
            let codes: Vec<String> = codes.collect();
            (!codes.is_empty()).then(|| terms::list(cx.t, &codes))
        })
        .collect();
    terms::list(cx.t, &said)
}
