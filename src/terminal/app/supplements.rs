//! Answers to a correction (补正) and withdrawal: acts on a filing that is sealed already.

use matters::{Act, Personal, SupplementItem, Value, What};
use outbox::Draft;
use uuid::Uuid;

use super::App;
use crate::{
    look::theme::Tone,
    speech::{Order, Place, Question},
    visit::Supplement,
};

/// Answers live in the draft under these keys, so that a kill loses none of them.
fn answer_key(item: u32) -> String {
    format!("item:{item}")
}

fn note_key(item: u32) -> String {
    format!("note:{item}")
}

/// The answers as the act carries them, read back from the draft.
pub(super) fn items_of(draft: &Draft, count: usize) -> std::collections::BTreeMap<u32, SupplementItem> {
    (0..count as u32)
        .filter_map(|item| {
            let answer = draft.answers.get(&answer_key(item)).cloned();
            let note = match draft.answers.get(&note_key(item)) {
                Some(Value::Text(note)) => note.expose().clone(),
                _ => String::new(),
            };
            (answer.is_some() || !note.is_empty()).then_some((item, SupplementItem { item, answer, note }))
        })
        .collect()
}

impl App {
    /// The draft that pictures go into: the answer to a correction, else the filing being made.
    pub(super) fn picture_draft(&self) -> Option<Uuid> {
        match &self.visit.supplement {
            Some(supplement) => supplement.draft.as_ref().map(|draft| draft.id),
            None => self.visit.draft.as_ref().filter(|draft| draft.notice.is_some()).map(|draft| draft.id),
        }
    }

    pub(super) fn picture_pages(&self) -> &[matters::PageRef] {
        let draft = match &self.visit.supplement {
            Some(supplement) => supplement.draft.as_ref(),
            None => self.visit.draft.as_ref(),
        };
        draft.map_or(&[], |draft| &draft.pages)
    }

    /// The draft of this id, wherever the visit keeps it.
    pub(super) fn draft_mut(&mut self, id: Uuid) -> Option<&mut Draft> {
        let answer = self.visit.supplement.as_mut().and_then(|supplement| supplement.draft.as_mut());
        answer.into_iter().chain(self.visit.draft.as_mut()).find(|draft| draft.id == id)
    }

    pub(super) fn begin_supplement(&mut self) {
        let Some(acted_by) = self.acted_by() else { return };
        let Some(full) = &self.visit.filing else { return };
        let Some(correction) = full.row.case.as_ref().and_then(|case| case.correction.as_ref()) else { return };
        let belongs = Some((full.row.id, correction.id));
        // One that was begun before, even before a restart, goes on.
        if let Some(begun) = self.overview.drafts.iter().find(|draft| draft.supplement_to == belongs) {
            let id = begun.id;
            if self.ask(Question::Draft(id)) {
                self.opening = Some(id);
            }
            return;
        }
        let filing = full.sealed.filing();
        let draft = Draft {
            id: self.ids.next(self.now),
            supplement_to: belongs,
            created_at: self.now,
            changed_at: self.now,
            acted_by,
            matter: Some(filing.matter.clone()),
            catalogue_version: filing.catalogue_version.clone(),
            step: format!("{:?}", Place::Correction),
            notice: Some(filing.notice.clone()),
            applicant: Some(filing.applicant.clone()),
            capacity: Some(filing.capacity.clone()),
            situations: Default::default(),
            brought: Default::default(),
            answers: Default::default(),
            witness: None,
            old: Vec::new(),
            pages: Vec::new(),
        };
        if self.order(Order::SaveDraft(Box::new(draft.clone()))) {
            let correction = correction_id(belongs);
            self.visit.supplement = Some(Supplement { correction, items: Default::default(), draft: Some(draft) });
            self.go(Place::Correction);
        }
    }

    /// A supplement's draft came from the cabinet: its answers go back to their items.
    pub(super) fn resume_supplement(&mut self, draft: Draft) {
        let correction = self.visit.filing.as_ref().and_then(|full| full.row.case.as_ref()?.correction.as_ref());
        let Some(correction) = correction.filter(|correction| draft.supplement_to.is_some_and(|(_, id)| id == correction.id))
        else {
            let title = texts::shell::correction_over_title(&self.texts);
            let words = texts::shell::correction_over_words(&self.texts);
            self.say(Tone::Warn, title, words);
            return;
        };
        let items = items_of(&draft, correction.items.len());
        self.visit.supplement = Some(Supplement { correction: correction.id, items, draft: Some(draft) });
        self.go(Place::Correction);
    }

    pub(super) fn answer_item(&mut self, item: u32, answer: Option<Value>, note: String) {
        let now = self.now;
        let Some(supplement) = &mut self.visit.supplement else { return };
        supplement.items.insert(item, SupplementItem { item, answer: answer.clone(), note: note.clone() });
        let Some(draft) = &mut supplement.draft else { return };
        match answer {
            Some(answer) => draft.answers.insert(answer_key(item), answer),
            None => draft.answers.remove(&answer_key(item)),
        };
        if note.is_empty() {
            draft.answers.remove(&note_key(item));
        } else {
            draft.answers.insert(note_key(item), Value::Text(Personal::from(note)));
        }
        draft.changed_at = now;
        let draft = Box::new(draft.clone());
        self.order(Order::SaveDraft(draft));
    }

    pub(super) fn send_supplement(&mut self) {
        let Some(acted_by) = self.acted_by() else { return };
        let (Some(full), Some(supplement)) = (&self.visit.filing, &self.visit.supplement) else { return };
        let revision = full.row.case.as_ref().map_or(0, |case| case.revision);
        let draft = supplement.draft.as_ref();
        let act = Act {
            id: self.ids.next(self.now),
            filing: full.row.id,
            acted_by,
            at: self.now,
            revision,
            what: What::Supplement {
                correction: supplement.correction,
                items: supplement.items.values().cloned().collect(),
                pages: draft.map(|draft| draft.pages.clone()).unwrap_or_default(),
            },
        };
        let draft = draft.map(|draft| draft.id);
        self.order(Order::Enqueue { act: Box::new(act), draft });
    }

    pub(super) fn withdraw(&mut self, reason: String) {
        self.enqueue(What::Withdraw { reason });
    }

    /// An act on the filing that is open, without papers.
    pub(super) fn enqueue(&mut self, what: What) {
        let Some(acted_by) = self.acted_by() else { return };
        let Some(full) = &self.visit.filing else { return };
        let act = Act {
            id: self.ids.next(self.now),
            filing: full.row.id,
            acted_by,
            at: self.now,
            revision: full.row.case.as_ref().map_or(0, |case| case.revision),
            what,
        };
        self.order(Order::Enqueue { act: Box::new(act), draft: None });
    }
}

fn correction_id(belongs: Option<(Uuid, Uuid)>) -> Uuid {
    belongs.map(|(_, correction)| correction).unwrap_or_default()
}
