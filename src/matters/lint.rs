//! The catalogue's linter: nothing vague, nothing that a village may not issue, no promise beyond
//! the law, no key that leads nowhere. Every fault has its file, line and code ([`RULES`]).

mod lines;
mod links;
mod proofs;
mod rules;
mod samples;
mod vague;
mod wording;

pub use proofs::{VILLAGE_PROOFS, village_proof};
pub use vague::vague_chinese;
pub use wording::vague_english;

use crate::{Calendar, Catalogue, CatalogueFault};
use lines::Index;

/// Every code that a fault of a catalogue can carry: the reader's, the calendar's and the rules'.
pub const RULES: &[&str] = &[
    // reading
    "toml",
    "missing",
    "not_a_list",
    "use_unknown",
    "without_unknown",
    "type_unknown",
    "pages",
    "id_twice",
    "version_missing",
    // head
    "place_region",
    "place_empty",
    // calendar
    "calendar_date",
    "calendar_foreign_day",
    "calendar_year_twice",
    "calendar_both",
    "calendar_source",
    "calendar_work_on_weekday",
    // texts
    "wording_vague",
    "wording_vague_english",
    "words_empty",
    "words_not_chinese",
    "words_not_english",
    "label_long",
    // head of a matter
    "id_shape",
    "file_name",
    "gb_type_unknown",
    "basis_missing",
    "window_missing",
    "result_missing",
    "conditions_missing",
    "materials_missing",
    "levels_missing",
    "fee_missing",
    "search_missing",
    "initials_shape",
    "source_missing",
    "promise_above_law",
    "promise_above_ceiling",
    "badge_and_mode",
    "bundle_children",
    "permit_not_deemed",
    "elsewhere_missing",
    "season_date",
    "clock_runs_on",
    "retention",
    // materials
    "village_proof",
    "self_service_contradicted",
    "material_twice",
    "pages_too_many",
    "mandate_missing",
    "mandate_forbidden",
    "guardian_paper_missing",
    // fields
    "field_twice",
    "key_clash",
    "choice_twice",
    "choices_few",
    "ends_in_form",
    "default_unknown",
    "when_unknown_key",
    "when_unknown_value",
    "when_circle",
    "check_unknown_field",
    "check_field_kind",
    "repeat_unknown_field",
    "sensitive_missing",
    "prefill_kind",
    // samples
    "sample_unusable",
    "sample_real_number",
];

/// Checks a whole catalogue folder: name and text of every file. Faults in order of file and line.
pub fn check(files: &[(&str, &str)]) -> Vec<CatalogueFault> {
    let mut faults = Vec::new();
    let mut matters: Vec<(String, String)> = Vec::new();
    let (catalogue, unread) = Catalogue::parse_visited(files, &mut |file, text, table| {
        wording::check(&Index::new(file, text), table, &mut faults);
        if let Some(id) = table.get("id").and_then(|id| id.get_ref().as_str()) {
            matters.push((file.to_owned(), id.to_owned()));
        }
    });
    faults.extend(unread);
    let calendar = match files.iter().find(|(file, _)| *file == "calendar.toml") {
        Some((file, text)) => Calendar::parse(file, text),
        None => Calendar::bundled(),
    };
    let calendar = calendar.unwrap_or_else(|found| {
        faults.extend(found);
        Calendar::default()
    });
    for (file, text) in files {
        if *file == "catalogue.toml" {
            rules::head(catalogue.head(), &Index::new(file, text), &mut faults);
        }
        let id = matters.iter().find(|(own, _)| own == file).map(|(_, id)| id);
        if let Some(matter) = id.and_then(|id| catalogue.matter(id)) {
            let index = Index::new(file, text);
            rules::check(matter, &catalogue, &calendar, &index, &mut faults);
            links::check(matter, &index, &mut faults);
            samples::check(matter, &index, &mut faults);
            proofs::check(matter, &index, &mut faults);
        }
    }
    faults.sort_by(|a, b| (&a.file, a.line, a.code).cmp(&(&b.file, b.line, b.code)));
    faults.dedup();
    faults
}

#[cfg(test)]
#[path = "lint_tests.rs"]
mod lint_tests;
