//! The whole catalogue as one Markdown page for its authors: matter × fields, materials,
//! situations, sources, verified.

use std::fmt::Write as _;

use crate::{
    Catalogue, Matter,
    matter::{FieldKind, Limit, ProxyRule, SelfService, Unit, When, Within},
};

/// The page. The same catalogue always gives the same text.
pub fn markdown(catalogue: &Catalogue) -> String {
    let mut out = String::new();
    write_page(&mut out, catalogue).expect("writing to a string cannot fail");
    out
}

fn write_page(out: &mut String, catalogue: &Catalogue) -> std::fmt::Result {
    let matters = catalogue.matters();
    writeln!(out, "# Catalogue {}\n", catalogue.version())?;
    writeln!(out, "Generated from assets/catalogue; `cargo test -p matters` fails when it is not current.")?;
    writeln!(out, "{} matters. `✓` a source that was read, `?` one that a town must check before use.\n", matters.len())?;
    writeln!(
        out,
        "| | matter | category | type | badge | window | law | promise | fields | materials | questions | proxy | alone |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|---|---|---|---|---|---|")?;
    for matter in matters {
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            matter.id,
            matter.name.zh,
            name_of(&matter.category),
            matter.gb_type,
            name_of(&matter.badge),
            matter.window.zh,
            matter.statutory.as_ref().map_or_else(|| "–".to_owned(), limit),
            limit(&matter.promised),
            matter.fields().count(),
            matter.materials.len(),
            matter.situations.len(),
            proxy(matter.proxy),
            alone(matter.self_service),
        )?;
    }
    for matter in matters {
        write_matter(out, matter)?;
    }
    Ok(())
}

fn write_matter(out: &mut String, matter: &Matter) -> std::fmt::Result {
    writeln!(out, "\n## {} {} · {}\n", matter.id, matter.name.zh, matter.name.en)?;
    writeln!(out, "{}\n", matter.summary.zh)?;
    let basis: Vec<String> = matter.basis.iter().map(|basis| format!("{} {}", basis.text, mark(basis.verified))).collect();
    writeln!(out, "- Basis: {}", basis.join("; "))?;
    let limits = matter
        .statutory
        .iter()
        .map(|law| ("law", law))
        .chain([("promise", &matter.promised), ("correction", &matter.correction)]);
    let limits: Vec<String> = limits.map(|(name, own)| format!("{name} {} ({})", limit(own), own.source)).collect();
    writeln!(out, "- Limits: {}", limits.join("; "))?;
    for special in &matter.special {
        writeln!(out, "- Stops the clock: {} ({})", special.name.zh, special.basis)?;
    }
    for repeat in &matter.repeat {
        let keys: Vec<String> = repeat.once.iter().map(|key| format!("`{key}`")).collect();
        let within = if repeat.within == Within::Year { " a year" } else { "" };
        writeln!(out, "- Once{within}: {} ({})", keys.join(" with "), repeat.message.zh)?;
    }
    for season in &matter.seasons {
        writeln!(out, "- Season: {}–{} ({})", season.from, season.until, season.note.zh)?;
    }
    let conditions: Vec<&str> = matter.conditions.iter().map(|condition| condition.zh.as_str()).collect();
    writeln!(out, "- Conditions: {}", conditions.join("; "))?;
    writeln!(out, "- Fee: {} ({})", matter.fee.zh, matter.fee_basis)?;
    writeln!(out, "- Result: {}", matter.result.zh)?;
    for fact in &matter.facts {
        writeln!(out, "- {} ({}) {}", fact.text.zh, fact.source, mark(fact.verified))?;
    }
    for situation in &matter.situations {
        let choices: Vec<String> =
            situation.choices.iter().map(|choice| format!("{} `{}`", choice.label.zh, choice.key)).collect();
        writeln!(out, "- Question `{}`: {} {}", situation.key, situation.question.zh, choices.join(" / "))?;
    }
    writeln!(out, "\n| material | name | from | pages | needed | when | basis |\n|---|---|---|---|---|---|---|")?;
    for material in &matter.materials {
        writeln!(
            out,
            "| {} | {} | {} | {}–{} | {} | {} | {} |",
            material.code,
            material.name.zh,
            material.provider.zh,
            material.pages_min,
            material.pages_max,
            if material.required { "yes" } else { "may" },
            whens(&material.when),
            material.basis,
        )?;
    }
    writeln!(out, "\n| field | label | kind | needed | when |\n|---|---|---|---|---|")?;
    for field in matter.fields() {
        let needed = if field.required { "yes" } else { "may" };
        writeln!(out, "| {} | {} | {} | {needed} | {} |", field.key, field.label.zh, kind(&field.kind), whens(&field.when))?;
    }
    Ok(())
}

fn mark(verified: bool) -> &'static str {
    if verified { "✓" } else { "?" }
}

fn limit(limit: &Limit) -> String {
    let unit = if limit.unit == Unit::Day { "d" } else { "wd" };
    format!("{}{unit} {}", limit.days, mark(limit.verified))
}

fn proxy(rule: ProxyRule) -> &'static str {
    match rule {
        ProxyRule::Anyone => "yes",
        ProxyRule::RelativesOnly => "relatives",
        ProxyRule::Nobody => "no",
    }
}

fn alone(rule: SelfService) -> &'static str {
    match rule {
        SelfService::Yes => "yes",
        SelfService::Assisted => "assisted",
        SelfService::No => "no",
    }
}

fn whens(when: &[When]) -> String {
    let all: Vec<String> = when.iter().map(|when| format!("{} = {}", when.key, when.is.join(" or "))).collect();
    all.join(", ")
}

/// The name that the data file uses.
fn name_of<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn kind(kind: &FieldKind) -> String {
    serde_json::to_value(kind).ok().and_then(|value| value.get("type")?.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_in_docs_is_the_catalogue_as_it_is() {
        let page = markdown(crate::form::fixtures::catalogue());
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/catalogue.md");
        if std::fs::read_to_string(&path).is_ok_and(|old| old == page) {
            return;
        }
        let new = path.with_extension("md.new");
        std::fs::create_dir_all(new.parent().unwrap()).and_then(|()| std::fs::write(&new, &page)).unwrap();
        panic!("docs/catalogue.md is not current: look at docs/catalogue.md.new and move it over");
    }
}
