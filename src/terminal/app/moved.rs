//! Answers that come from elsewhere: a draft begun under another version of the catalogue moves to
//! the new form, and what can not move stays readable; an earlier filing's answers are used again.

use matters::{
    Filing, Value,
    change::{self, Migration},
    form,
};
use outbox::Draft;

use super::App;
use crate::{look::theme::Tone, speech::Place, visit::Moved};

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
            for (field, value) in form::prefill(known, person, today) {
                draft.answers.entry(field).or_insert(value);
            }
        }
        draft.situations = situations;
        draft.old = told;
        draft.brought.retain(|code| known.material(code).is_some());
        draft.catalogue_version = now.to_owned();
    }

    /// Puts the answers of the same person's earlier filing into the draft, where nothing stands
    /// yet. Namesakes are told apart by their numbers: another person's answers go nowhere.
    pub(super) fn reuse(&mut self, earlier: &Filing) {
        let Some(draft) = &self.visit.draft else { return };
        let matter = draft.matter.as_deref().and_then(|id| self.catalogue.matter(id));
        let (Some(matter), Some(person)) = (matter, &draft.applicant) else { return };
        let Some(answers) = form::prefill_from_earlier(matter, person, earlier, true) else {
            let title = texts::form::reuse_other_title(&self.texts);
            let told = texts::form::reuse_other(&self.texts);
            self.say(Tone::Warn, title, told);
            return;
        };
        // An account of which only the owner is known was not entered yet.
        let open = |value: Option<&Value>| match value {
            None => true,
            Some(Value::Payee { account, .. }) => account.expose().is_empty(),
            Some(_) => false,
        };
        self.change(|draft| {
            for (key, value) in answers {
                if open(draft.answers.get(&key)) {
                    draft.answers.insert(key, value);
                }
            }
        });
        self.visit.reused = true;
        // A fresh form: what stood half typed in it is an answer now.
        self.go(Place::Form);
    }
}
