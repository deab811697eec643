//! A draft that was begun under another version of the catalogue: what can be kept moves to the new
//! form, the rest stays readable.

use matters::change::{self, Migration};
use outbox::Draft;

use super::App;
use crate::visit::Moved;

impl App {
    /// Moves a draft that was just opened to the catalogue of today. What changed is shown with it.
    pub(super) fn move_draft(&mut self, draft: &mut Draft) {
        let Some(id) = draft.matter.clone() else { return };
        let now = self.catalogue.version();
        let known = self.catalogue.matter(&id);
        if draft.catalogue_version == now && known.is_some() {
            // Moved before: what the new form does not ask is still read.
            if !draft.old.is_empty() {
                self.visit.moved = Some(Moved { from: String::new(), old: draft.old.clone(), ..Moved::default() });
            }
            return;
        }
        let older = self.earlier.iter().find(|catalogue| catalogue.version() == draft.catalogue_version);
        let old = older.and_then(|catalogue| catalogue.matter(&id));
        let Migration { kept, old: gone, situations, changes, withdrawn } =
            change::migrate(&id, &draft.answers, &draft.situations, old, &self.catalogue);
        let mut told: Vec<_> = gone.into_iter().filter(|answer| !draft.old.contains(answer)).collect();
        told.splice(..0, draft.old.iter().cloned());
        let label = |change: &change::Change| {
            let of = |matter: Option<&matters::Matter>| change.label(matter?).cloned();
            of(known).or_else(|| of(old))
        };
        self.visit.moved = Some(Moved {
            from: draft.catalogue_version.clone(),
            compared: old.is_some(),
            changes: changes.into_iter().map(|change| (label(&change), change)).collect(),
            old: told.clone(),
            withdrawn,
            gone: known.is_none(),
        });
        let Some(known) = known else {
            // It cannot be filed any more: nothing of it is touched.
            return;
        };
        draft.answers = kept;
        if let Some(person) = &draft.applicant {
            let today = crate::words::day(self.now);
            for (field, value) in matters::form::prefill(known, person, today) {
                draft.answers.entry(field).or_insert(value);
            }
        }
        draft.situations = situations;
        draft.old = told;
        draft.brought.retain(|code| known.material(code).is_some());
        draft.catalogue_version = now.to_owned();
    }
}
