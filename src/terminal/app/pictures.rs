//! Taking pictures and what is done with the pages of a paper: finished, turned, put in order, joined.

use matters::{Digest, PageRef};
use texts::{Lang, Texts};

use super::App;
use crate::{
    speech::{CameraOrder, Finish, Make, Order, Question, Spot},
    visit::Aim,
};

/// Pages whose bytes were asked for, and what is done with them once they are here.
pub(crate) enum Handling {
    /// A quarter turn.
    Turn(PageRef),
    /// Its frame becomes the last still again.
    Reopen(PageRef),
    /// Both sides of a card on one sheet; the front's bytes come first.
    Join { front: PageRef, back: PageRef, brought: Option<Vec<u8>> },
}

impl App {
    pub(super) fn shoot(&mut self) {
        let (Some(draft), Some(aim)) = (self.picture_draft(), self.visit.aim.clone()) else { return };
        if self.camera.busy {
            return;
        }
        // The draft must be in the cabinet before a page can go into it.
        if self.visit.supplement.is_none() && self.visit.saved_at.is_none() {
            self.save_at = Some(self.now);
            self.flush();
        }
        self.camera.failed = None;
        self.camera.settled = false;
        self.camera.last = None;
        let make = self.make(&aim.material);
        self.busy_with(CameraOrder::Shoot { draft, material: aim.material, spot: aim.spot, make });
    }

    /// Corners that a hand dragged on the last still.
    pub(super) fn square(&mut self, corners: [[f32; 2]; 4]) {
        self.make_anew(Some(corners));
    }

    /// From now on pages of this material are made so, and the one just taken is made anew.
    pub(super) fn finish(&mut self, material: String, finish: Finish) {
        let anew = self.camera.last.as_ref().is_some_and(|last| last.page.as_ref().is_some_and(|(of, _)| *of == material));
        self.visit.finishes.insert(material, finish);
        if anew {
            let corners = self.camera.last.as_ref().and_then(|last| last.corners);
            self.make_anew(corners);
        }
    }

    fn make_anew(&mut self, corners: Option<[[f32; 2]; 4]>) {
        let page = self.camera.last.as_ref().and_then(|still| still.page.clone());
        if let (Some(draft), Some((material, replace)), false) = (self.picture_draft(), page, self.camera.busy) {
            let make = self.make(&material);
            self.busy_with(CameraOrder::Square { draft, material, replace, corners, make });
        }
    }

    /// Asks for the page's bytes, to be turned.
    pub(super) fn turn(&mut self, material: &str, order: u32) {
        if let Some(page) = self.page_at(material, order)
            && self.ask(Question::Bytes(page.sha256))
        {
            self.handling = Some(Handling::Turn(page));
        }
    }

    /// Asks for the bytes of both sides, to be put on one sheet.
    pub(super) fn join(&mut self, material: &str, front: u32, back: u32) {
        let (Some(front), Some(back)) = (self.page_at(material, front), self.page_at(material, back)) else { return };
        if !self.camera.busy && self.ask(Question::Bytes(front.sha256)) && self.ask(Question::Bytes(back.sha256)) {
            self.camera.busy = true;
            self.handling = Some(Handling::Join { front, back, brought: None });
        }
    }

    /// Asks for the frame that was kept beside a page.
    pub(super) fn reopen(&mut self, material: &str, order: u32) {
        if let Some(page) = self.page_at(material, order)
            && self.ask(Question::Frame(page.sha256))
        {
            self.handling = Some(Handling::Reopen(page));
        }
    }

    /// The frame of a page that was asked for.
    pub(super) fn frame_came(&mut self, digest: Digest, frame: Vec<u8>) {
        match self.handling.take() {
            Some(Handling::Reopen(page)) if page.sha256 == digest => {
                if !self.tell_camera(CameraOrder::Reopen { page, frame }) {
                    self.say_busy();
                }
            }
            other => self.handling = other,
        }
    }

    /// Bytes of a page that was asked for.
    pub(super) fn bytes_came(&mut self, digest: Digest, jpeg: Vec<u8>) {
        let Some(draft) = self.picture_draft() else { return };
        match self.handling.take() {
            Some(Handling::Turn(page)) if page.sha256 == digest => {
                self.busy_with(CameraOrder::Rotate { draft, material: page.material, order: page.order, jpeg });
            }
            Some(Handling::Join { front, back, brought: None }) if front.sha256 == digest => {
                self.handling = Some(Handling::Join { front, back, brought: Some(jpeg) });
            }
            Some(Handling::Join { front, back, brought: Some(first) }) if back.sha256 == digest => {
                let material = front.material;
                let order = CameraOrder::Join { draft, material, front: (front.order, first), back: (back.order, jpeg) };
                self.busy_with(order);
            }
            // Of something that was called off meanwhile.
            other => self.handling = other,
        }
    }

    pub(super) fn delete_page(&mut self, material: String, order: u32) {
        if let Some(draft) = self.picture_draft() {
            self.tell_camera(CameraOrder::Changed { material: material.clone() });
            self.order(Order::DeletePage { draft, material, order });
        }
    }

    pub(super) fn move_page(&mut self, material: String, order: u32, to: u32) {
        if let Some(draft) = self.picture_draft() {
            self.order(Order::MovePage { draft, material, order, to });
        }
    }

    /// A page is on the disk: at its place in the draft, and the next one goes behind the last.
    pub(super) fn page_saved(&mut self, draft: uuid::Uuid, page: PageRef, inserted: bool) {
        self.camera.busy = false;
        if let Some(last) = &mut self.camera.last {
            // A page that was turned or signed meanwhile is not the one just taken.
            if last.digest == page.sha256 {
                last.page = Some((page.material.clone(), page.order));
                if let Some(aim) = &mut self.visit.aim {
                    aim.spot = Spot::Last;
                }
            }
        }
        let shown = self.visit.shown;
        let Some(draft) = self.draft_mut(draft) else { return };
        if inserted {
            for later in draft.pages.iter_mut().filter(|old| old.material == page.material && old.order >= page.order) {
                later.order += 1;
            }
        }
        let at = draft.pages.iter().position(|old| old.material == page.material && old.order == page.order);
        let before = at.map(|at| draft.pages[at].sha256);
        let now = page.sha256;
        match at {
            Some(at) => draft.pages[at] = page,
            None => draft.pages.push(page),
        }
        draft.pages.sort_by(|a, b| (&a.material, a.order).cmp(&(&b.material, b.order)));
        // A page that was turned or made anew while it is shown stays shown.
        if shown.is_some() && shown == before {
            self.visit.shown = Some(now);
        }
    }

    #[cfg(test)]
    pub(crate) fn camera_view(&self) -> &super::camera_view::CameraView {
        &self.camera
    }

    pub(super) fn aim_at(&mut self, material: String, spot: Spot) {
        self.visit.aim = Some(Aim { material, spot });
        self.visit.shown = None;
    }

    fn page_at(&self, material: &str, order: u32) -> Option<PageRef> {
        self.picture_pages().iter().find(|page| page.material == material && page.order == order).cloned()
    }

    fn busy_with(&mut self, order: CameraOrder) {
        self.camera.busy = self.tell_camera(order);
        if !self.camera.busy {
            self.say_busy();
        }
    }

    /// How the next page of this material is made, with the sentence of its watermark. That sentence is Chinese whatever the
    /// window speaks: it is read by whoever is handed the copy.
    fn make(&self, material: &str) -> Make {
        let draft = match &self.visit.supplement {
            Some(supplement) => supplement.draft.as_ref(),
            None => self.visit.draft.as_ref(),
        };
        let matter = draft.and_then(|draft| self.catalogue.matter(draft.matter.as_deref()?));
        let Some((matter, paper)) = matter.and_then(|matter| Some((matter, matter.material(material)?))) else {
            return Make::default();
        };
        let finish = self.visit.finish(paper, self.config.capture.watermark);
        let watermark = finish.watermark.then(|| {
            let chinese = Texts::new(Lang::Zh);
            let point = self.particulars.as_ref().map(|point| point.point_name.as_str()).unwrap_or_default();
            // With its year: the copy outlives it.
            let date = crate::words::day(self.now).to_string();
            texts::capture::watermark(&chinese, matter.name.zh.as_str(), date, point)
        });
        Make { paper: finish.paper, tone: finish.tone, watermark }
    }
}
