//! What the town sends: another catalogue is put to use between two people, its messages are read.

use super::App;
use crate::{catalogue::Town, look::theme::Tone, speech::Question, words};

impl App {
    /// From here on by this; while somebody is being served, as soon as that is done, so that no form
    /// changes under anybody's hands. Drafts move when they are opened.
    pub(super) fn learn_town(&mut self, town: Town) {
        if self.visit.draft.is_some() || self.visit.supplement.is_some() {
            self.next_town = Some(Box::new(town));
        } else {
            self.put_town(town);
        }
    }

    /// What had to wait until the person at the counter was served.
    pub(super) fn put_next_town(&mut self) {
        if let Some(town) = self.next_town.take() {
            self.put_town(*town);
        }
    }

    fn put_town(&mut self, town: Town) {
        let changed = town.current.version() != self.catalogue.version();
        self.catalogue = town.current;
        self.calendar = town.calendar;
        self.earlier = town.earlier;
        if changed && self.session.is_some() {
            let version = self.catalogue.version();
            let (title, told) = (texts::moved::town_title(&self.texts), texts::moved::town_words(&self.texts, version));
            self.say(Tone::Good, title, told);
        }
    }

    pub(super) fn package_refused(&mut self, version: &str, code: &str) {
        let title = texts::trouble::package_refused_title(&self.texts);
        let told = texts::trouble::package_refused_words(&self.texts, version, code);
        self.say(Tone::Warn, title, told);
    }

    /// A version may come into force with a new day.
    pub(super) fn turn_day(&mut self) {
        let today = words::day(self.now);
        if self.town_day != today && self.workers.is_some() && self.ask(Question::Town) {
            self.town_day = today;
        }
    }
}
