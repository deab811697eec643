//! Rules about a matter as a whole: who, by when, on which ground, with which papers.

use jiff::ToSpan;

use super::{lines::Index, proofs::from_village};
use crate::{
    Calendar, Catalogue, CatalogueFault, Matter,
    catalogue::Head,
    deadline,
    division::Division,
    matter::{Badge, FieldKind, Limit, Mode, ProxyRule, SelfService, StopsOn, Unit},
};

/// National type codes (§2.1).
const GB_TYPES: [&str; 11] = ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "20"];
/// More pages are split into several materials (§4.3).
const PAGES_MAX: u32 = 20;
/// More pages than this of one material are too much to photograph alone.
const PAGES_ALONE_MAX: u32 = 10;
const RETENTION_DAYS_MAX: u16 = 180;

/// The town's places: in a county that there is, each with a name and its villages.
pub(super) fn head(head: &Head, index: &Index<'_>, faults: &mut Vec<CatalogueFault>) {
    for (i, place) in head.places.iter().enumerate() {
        let path = format!("places[{i}]");
        if place.region != "000000" && Division::of(&place.region).is_none() {
            faults.push(index.fault(&path, "place_region", place.region.clone()));
        }
        let empty = |name: &String| name.trim().is_empty();
        if empty(&place.town) || place.villages.is_empty() || place.villages.iter().any(empty) {
            faults.push(index.fault(&path, "place_empty", place.town.clone()));
        }
    }
}

pub(super) fn check(
    matter: &Matter,
    catalogue: &Catalogue,
    calendar: &Calendar,
    index: &Index<'_>,
    faults: &mut Vec<CatalogueFault>,
) {
    let mut fault = |path: &str, code: &'static str, detail: &str| faults.push(index.fault(path, code, detail));
    let id = &matter.id;
    let shape = id.len() == 3 && id.starts_with('M') && id[1..].bytes().all(|b| b.is_ascii_digit());
    if !shape {
        fault("id", "id_shape", id);
    }
    if !index.file.starts_with(&format!("{id}-")) {
        fault("id", "file_name", index.file);
    }
    if !GB_TYPES.contains(&matter.gb_type.as_str()) {
        fault("gb_type", "gb_type_unknown", &matter.gb_type);
    }
    if matter.basis.is_empty() || matter.basis.iter().any(|basis| basis.text.trim().is_empty()) {
        fault("basis", "basis_missing", "");
    }
    if matter.window.zh.trim().is_empty() {
        fault("window", "window_missing", "");
    }
    if matter.result.zh.trim().is_empty() || matter.delivery.is_empty() {
        fault("result", "result_missing", "");
    }
    for (key, empty) in [
        ("conditions", matter.conditions.is_empty()),
        ("materials", matter.materials.is_empty()),
        ("levels", matter.levels.is_empty() || matter.steps.is_empty()),
    ] {
        if empty {
            let code = match key {
                "conditions" => "conditions_missing",
                "materials" => "materials_missing",
                _ => "levels_missing",
            };
            fault(key, code, "");
        }
    }
    if matter.fee.zh.trim().is_empty() || matter.fee_basis.trim().is_empty() {
        fault("fee", "fee_missing", "");
    }
    if matter.plain.is_empty() || matter.initials.is_empty() {
        fault("plain", "search_missing", "");
    }
    for initials in &matter.initials {
        if initials.len() < 2 || !initials.bytes().all(|b| b.is_ascii_lowercase()) {
            fault("initials", "initials_shape", initials);
        }
    }
    for (path, source) in [
        ("promised", &matter.promised.source),
        ("correction", &matter.correction.source),
        ("phone", &matter.phone.source),
        ("complaint_phone", &matter.complaint_phone.source),
    ] {
        if source.trim().is_empty() {
            fault(path, "source_missing", path);
        }
    }
    for (i, fact) in matter.facts.iter().enumerate() {
        if fact.source.trim().is_empty() {
            fault(&format!("facts[{i}]"), "source_missing", &fact.text.zh);
        }
    }
    promise(matter, catalogue, calendar, &mut fault);
    // 行政许可法 45: the days of a special procedure are not the resident's to lose, nor the town's.
    if !matter.special.is_empty() && !matter.clock.stop_on.contains(&StopsOn::Special) {
        fault("clock", "clock_runs_on", "特别程序");
    }
    let instant = matter.badge == Badge::Instant;
    if instant != (matter.mode == Mode::Instant) {
        fault("badge", "badge_and_mode", id);
    }
    if matter.mode == Mode::Bundle && matter.children.is_empty() && matter.joint.len() < 2 {
        fault("mode", "bundle_children", id);
    }
    for child in &matter.children {
        if child == id || catalogue.matter(child).is_none() {
            fault("children", "bundle_children", child);
        }
    }
    if matter.gb_type == "01" && !matter.deemed_acceptance {
        fault("deemed_acceptance", "permit_not_deemed", "");
    }
    if (matter.runs_to_site > 0 || !matter.filed_here) && matter.elsewhere.is_none() {
        let path = if matter.filed_here { "runs_to_site" } else { "filed_here" };
        fault(path, "elsewhere_missing", &matter.runs_to_site.to_string());
    }
    for (i, season) in matter.seasons.iter().enumerate() {
        for text in [&season.from, &season.until] {
            if !month_day(text) {
                fault(&format!("seasons[{i}]"), "season_date", text);
            }
        }
    }
    if matter.retention_days == 0 || matter.retention_days > RETENTION_DAYS_MAX || matter.correction.days == 0 {
        fault("retention_days", "retention", &matter.retention_days.to_string());
    }
    materials(matter, &mut fault);
    sensitive(matter, &mut fault);
}

/// No promise beyond the law, and where no law speaks none beyond the town's ceiling.
fn promise(matter: &Matter, catalogue: &Catalogue, calendar: &Calendar, fault: &mut dyn FnMut(&str, &'static str, &str)) {
    let promised = &matter.promised;
    let Some(law) = &matter.statutory else {
        let ceiling = catalogue.head().ceiling;
        let max = if promised.unit == Unit::Day { ceiling.natural_days } else { ceiling.working_days };
        if promised.days > max {
            fault("promised", "promise_above_ceiling", &format!("{} > {max}", written(promised)));
        }
        return;
    };
    if law.source.trim().is_empty() {
        fault("statutory", "source_missing", "statutory");
    }
    if promised.unit == law.unit {
        if promised.days > law.days {
            fault("promised", "promise_above_law", &format!("{} > {}", written(promised), written(law)));
        }
    } else if let Some(above) = later_than(promised, law, calendar) {
        fault("promised", "promise_above_law", &format!("{} > {} ({above})", written(promised), written(law)));
    }
}

fn written(limit: &Limit) -> String {
    format!("{}{}", limit.days, if limit.unit == Unit::Day { "d" } else { "wd" })
}

/// Working days and natural days are compared by the calendar: whoever files on the worst day of its
/// years must still be answered within the law. The first day on which the promise ends later, and
/// both ends. A calendar that knows no year is Mondays to Fridays.
fn later_than(promised: &Limit, law: &Limit, calendar: &Calendar) -> Option<String> {
    // 0 of the one is 0 of the other: the day itself.
    if promised.days == 0 {
        return None;
    }
    let years: Vec<i16> = calendar.years().map(|(year, _)| year).collect();
    let (first, last) = (years.first().copied().unwrap_or(2026), years.last().copied().unwrap_or(2026));
    let begin = jiff::civil::Date::new(first, 1, 1).ok()?;
    begin.series(1.day()).take_while(|day| day.year() <= last).find_map(|day| {
        let ends = |limit: &Limit| deadline::due(day, limit, &[], calendar).ok().map(|due| due.date);
        let (own, lawful) = (ends(promised)?, ends(law)?);
        (own > lawful).then(|| format!("{day}: {own} > {lawful}"))
    })
}

fn materials(matter: &Matter, fault: &mut dyn FnMut(&str, &'static str, &str)) {
    for (i, material) in matter.materials.iter().enumerate() {
        let path = format!("material:{}", material.code);
        if matter.materials[..i].iter().any(|other| other.code == material.code) {
            fault(&path, "material_twice", &material.code);
        }
        if material.pages_max > PAGES_MAX {
            fault(&path, "pages_too_many", &format!("{}: {}", material.code, material.pages_max));
        }
        let alone = matter.self_service == SelfService::Yes;
        let asked_of_him = !material.when.iter().any(|when| when.key == "capacity" || when.key == "proxy_kind");
        // Signed by everybody of the household, or given by the village: one person cannot bring it.
        let others = material.provider.zh.contains("全体") || from_village(&material.provider.zh);
        if alone && asked_of_him && material.required && (material.hand_in || others || material.pages_max > PAGES_ALONE_MAX) {
            fault("self_service", "self_service_contradicted", &material.code);
        }
    }
    if matter.restricted && matter.self_service != SelfService::No {
        fault("self_service", "self_service_contradicted", "restricted");
    }
    let asked_of = |code: &str, capacity: &str| {
        matter
            .material(code)
            .is_some_and(|m| m.when.iter().any(|when| when.key == "capacity" && when.is.iter().any(|is| is == capacity)))
    };
    match matter.proxy {
        ProxyRule::Nobody if matter.material("POA").is_some() => fault("proxy", "mandate_forbidden", "POA"),
        ProxyRule::Nobody => {}
        ProxyRule::Anyone | ProxyRule::RelativesOnly => {
            if !asked_of("POA", "on_behalf") {
                fault("proxy", "mandate_missing", "POA");
            }
            if !asked_of("GU", "guardian") && matter.material("GU").is_none_or(|guardian| !guardian.when.is_empty()) {
                fault("proxy", "guardian_paper_missing", "GU");
            }
        }
    }
}

/// What asks for separate consent (个人信息保护法 28, 29) is named.
fn sensitive(matter: &Matter, fault: &mut dyn FnMut(&str, &'static str, &str)) {
    let mut needed = Vec::new();
    if matter.fields().any(|field| field.kind == FieldKind::Payee) {
        needed.push("account");
    }
    if matter.fields().any(|field| field.kind == FieldKind::Geo) {
        needed.push("location");
    }
    if matter.materials.iter().any(|material| ["MR1", "MR2", "MR3", "MR4", "DP", "DC"].contains(&material.code.as_str())) {
        needed.push("health");
    }
    if matter.fields().any(|field| field.key.starts_with("child_")) {
        needed.push("minor");
    }
    for kind in needed {
        if !matter.sensitive.iter().any(|named| named == kind) {
            fault("sensitive", "sensitive_missing", kind);
        }
    }
}

fn month_day(text: &str) -> bool {
    let leap = format!("2024-{text}");
    text.len() == 5 && leap.parse::<jiff::civil::Date>().is_ok()
}
