//! `town-hall catalogue guide`: the guides of every window and of every matter, as pages to print,
//! from the same data as the forms (policy §三: 一事一指南, 服务指南).

use std::{fs, path::Path};

use matters::{
    Catalogue, Material, Matter,
    guide::{Line, Section, What, WindowGuide, guide, window_guides},
    matter::{Badge, Limit, Starts, Unit, When, Words},
};
use minijinja::{Environment, Value as Shown, context};
use texts::{Texts, guide as t, matter_screen, town_hall as said};

use super::{
    Args, Desk, Failure,
    catalogue::{files, parsed, words},
};

const PAGE: &str = include_str!("../../../assets/hall/guide.html");

/// `catalogue guide [DIR] --to NEWDIR [--hall NAME]`: one page a window and one a matter.
pub fn write(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &["to", "hall"], &[])?;
    let files = files(args.words().first().map(Path::new))?;
    let catalogue = parsed(desk.t, &files)?;
    let to = Path::new(args.needed("to")?);
    let hall = match args.maybe("hall")? {
        Some(name) => name.to_owned(),
        None => t::hall_unnamed(desk.t),
    };
    // A folder that is there may hold what somebody wrote: nothing is overwritten.
    fs::create_dir(to).map_err(|error| Failure::usage("folder-new").with("path", to.display().to_string()).caused(&error))?;
    let pages = pages(desk.t, &catalogue, &hall)?;
    for (name, page) in &pages {
        fs::write(to.join(name), page)?;
    }
    desk.tell(&said::guides_written(desk.t, pages.len() as u32, to.display().to_string()));
    Ok(())
}

/// File names and pages.
fn pages(t: &Texts, catalogue: &Catalogue, hall: &str) -> Result<Vec<(String, String)>, Failure> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    let broken = |error: minijinja::Error| Failure::new("io").caused(&error);
    environment.add_template("guide.html", PAGE).map_err(broken)?;
    let template = environment.get_template("guide.html").map_err(broken)?;
    let lang = t.lang();
    let render = |title: String, matters: &[&Matter], list: bool| {
        let rows: Vec<Shown> = matters.iter().map(|matter| row(t, matter)).collect();
        let guides: Vec<Shown> = matters.iter().map(|matter| one(t, matter)).collect();
        let page = context! { lang => lang.tag(), title, list, rows, guides, version => said_version(t, catalogue),
        local => t::unverified(t), columns => [t::col_matter(t), t::col_badge(t), t::col_runs(t), t::col_limit(t)] };
        template.render(page).map_err(broken)
    };
    let mut out = Vec::new();
    for (n, WindowGuide { window, matters }) in window_guides(catalogue).iter().enumerate() {
        let title = t::window_title(t, hall, flat(words(window, lang)));
        out.push((format!("window-{:02}.html", n + 1), render(title, matters, true)?));
    }
    for matter in catalogue.public() {
        let title = t::matter_title(t, words(&matter.name, lang));
        out.push((format!("{}.html", matter.id), render(title, &[matter], false)?));
    }
    Ok(out)
}

fn said_version(t: &Texts, catalogue: &Catalogue) -> String {
    t::version(t, catalogue.version(), catalogue.head().in_force_from.to_string())
}

/// A window's own brackets would stand inside those of the title.
fn flat(window: &str) -> String {
    let parts = window.split(['(', ')', '\u{ff08}', '\u{ff09}']).map(str::trim).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("·")
}

/// What the list of a window says of each matter: 即办件 and 承诺件, 最多跑一次, how long it takes.
fn row(t: &Texts, matter: &Matter) -> Shown {
    let badge = match matter.badge {
        Badge::Instant => t::instant(t),
        Badge::Promised => t::promised(t),
    };
    context! { id => matter.id.clone(), name => words(&matter.name, t.lang()), badge,
    once => if matter.runs_to_site <= 1 { t::once(t) } else { t::runs(t, matter.runs_to_site) },
    limit => limit(t, &matter.promised), unverified => !matter.promised.verified }
}

fn one(t: &Texts, matter: &Matter) -> Shown {
    let sections: Vec<Shown> = guide(matter).iter().map(|section| section_of(t, matter, section)).collect();
    context! { id => matter.id.clone(), title => words(&matter.name, t.lang()), unverified => matter.has_unverified(),
    department => words(&matter.department, t.lang()), sections }
}

fn section_of(t: &Texts, matter: &Matter, section: &Section<'_>) -> Shown {
    let title = t::lookup(t, &format!("section-{}", section.code), &[]).unwrap_or_default();
    let lines: Vec<Shown> = section
        .lines
        .iter()
        .map(|line| context! { text => line_of(t, matter, line), unverified => line.unverified, source => line.source })
        .collect();
    context! { title, lines }
}

fn line_of(t: &Texts, matter: &Matter, line: &Line<'_>) -> String {
    match &line.what {
        What::Words(said) => words(said, t.lang()).to_owned(),
        What::Text(text) => (*text).to_owned(),
        What::Material(material) => material_of(t, matter, material),
        What::Limit("promised", own) => match matter.clock.start {
            _ if own.days == 0 => t::limit_promised_at_once(t),
            Starts::Accepted => t::limit_promised(t, limit(t, own)),
            Starts::Received => t::limit_promised_received(t, limit(t, own)),
        },
        What::Limit(name, own) => t::lookup(t, &format!("limit-{name}"), &[("limit", limit(t, own))]).unwrap_or_default(),
        What::Code(code) => t::lookup(t, &format!("how-{code}"), &[]).unwrap_or_default(),
    }
}

/// `答“不一样”的：户口簿（原件，1 到 2 页；本人）：四角都要看得见`
fn material_of(t: &Texts, matter: &Matter, material: &Material) -> String {
    let said = |text: &Words| words(text, t.lang()).to_owned();
    let mut name = said(&material.name);
    let when: Vec<String> = material.when.iter().filter_map(|when| condition(t, matter, when)).collect();
    if !when.is_empty() {
        name = matter_screen::guide_material_when(t, when.join(&t::comma(t)), name);
    }
    let kind = if material.original { t::original(t) } else { t::copy(t) };
    let pages = match (material.pages_min, material.pages_max) {
        (min, max) if min == max => t::pages(t, max),
        (0, max) => t::pages_at_most(t, max),
        (min, max) => t::pages_between(t, min, max),
    };
    t::material(t, name, kind, pages, said(&material.provider), said(&material.hint))
}

/// In which case a paper is needed, in words.
fn condition(t: &Texts, matter: &Matter, when: &When) -> Option<String> {
    let lang = t.lang();
    if let Some(question) = matter.situation(&when.key) {
        let answers: Vec<&str> = question
            .choices
            .iter()
            .filter(|choice| when.is.contains(&choice.key))
            .map(|choice| words(&choice.label, lang))
            .collect();
        return Some(matter_screen::guide_when_answer(t, words(&question.question, lang), answers.join(&t::comma(t))));
    }
    if let Some(field) = matter.field(&when.key) {
        let answers: Vec<&str> = field
            .choices()
            .iter()
            .filter(|choice| when.is.contains(&choice.key))
            .map(|choice| words(&choice.label, lang))
            .collect();
        return Some(matter_screen::guide_when_answer(t, words(&field.label, lang), answers.join(&t::comma(t))));
    }
    let codes = when.is.iter().filter_map(|is| matter_screen::lookup(t, &format!("when-{}-{is}", when.key), &[]));
    let codes: Vec<String> = codes.collect();
    (!codes.is_empty()).then(|| codes.join(&t::comma(t)))
}

fn limit(t: &Texts, limit: &Limit) -> String {
    match (limit.days, limit.unit) {
        (0, _) => t::at_once(t),
        (days, Unit::WorkingDay) => t::working_days(t, days),
        (days, Unit::Day) => t::natural_days(t, days),
    }
}

#[cfg(test)]
mod tests {
    use texts::Lang;

    use super::*;

    #[test]
    fn every_window_and_every_public_matter_has_a_page_that_leaves_nothing_unsaid() {
        let catalogue = Catalogue::bundled().unwrap();
        for lang in [Lang::Zh, Lang::En] {
            let t = Texts::new(lang);
            let plain = |page: String| {
                let signs = [("&#x27;", "'"), ("&#x2f;", "/"), ("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
                signs.iter().fold(page, |page, (escaped, sign)| page.replace(escaped, sign))
            };
            let pages = pages(&t, &catalogue, "样本镇综合服务大厅").unwrap();
            let pages: Vec<(String, String)> = pages.into_iter().map(|(name, page)| (name, plain(page))).collect();
            let windows = window_guides(&catalogue).len();
            assert_eq!(pages.len(), windows + catalogue.public().count());
            for (name, page) in &pages {
                assert!(!page.contains("·</") && !page.contains("1 到 1 页") && !page.contains("1 to 1 page"), "{name}");
                assert!(page.contains("<h1>") && !page.contains("<h2></h2>") && !page.contains("<li></li>"), "{name}");
                assert!(page.contains(&t::unverified(&t)), "{name}: figures that a town must check say so");
            }
            for matter in catalogue.public() {
                let named = pages.iter().filter(|(_, page)| page.contains(words(&matter.name, lang))).count();
                assert!(named >= 2, "{}: its own guide and its window's", matter.id);
                for material in &matter.materials {
                    let (_, page) = pages.iter().find(|(name, _)| *name == format!("{}.html", matter.id)).unwrap();
                    assert!(page.contains(words(&material.name, lang)), "{} {}", matter.id, material.code);
                }
            }
            assert!(pages.iter().all(|(name, _)| name != "M42.html"), "the restricted matter stands in no public guide");
        }
        let (_, first) = &pages(&Texts::new(Lang::Zh), &catalogue, "样本镇综合服务大厅").unwrap()[0];
        assert!(first.contains("样本镇综合服务大厅(综合受理·社保窗口)服务指南"), "{}", &first[..600]);
    }
}
