//! Lists that page after seven rows: nobody scrolls through a register.

use std::ops::Range;

use egui::Ui;
use texts::{Texts, path as t};

use super::button;
use crate::look::theme::{self, text};

/// More rows than this and a list pages.
pub const ROWS_MAX: usize = 7;

/// On which page a list is. Belongs to the screen that shows the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    page: usize,
}

impl Pages {
    /// Back to the first page: after a search or another filter.
    pub fn rewind(&mut self) {
        self.page = 0;
    }

    /// The rows to show of `len`; a page that no longer exists becomes the last one.
    pub fn rows(&mut self, len: usize) -> Range<usize> {
        self.rows_of(len, ROWS_MAX)
    }

    pub fn rows_of(&mut self, len: usize, rows_max: usize) -> Range<usize> {
        self.page = self.page.min(count(len, rows_max) - 1);
        let start = self.page * rows_max;
        start..(start + rows_max).min(len)
    }

    /// The bar below a list; nothing while one page holds it all.
    pub fn bar(&mut self, ui: &mut Ui, texts: &Texts, len: usize) {
        self.bar_of(ui, texts, len, ROWS_MAX);
    }

    pub fn bar_of(&mut self, ui: &mut Ui, texts: &Texts, len: usize, rows_max: usize) {
        let pages = count(len, rows_max);
        if pages == 1 {
            return;
        }
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = theme::GAP;
            if button::small_if(ui, t::page_earlier(texts), self.page > 0).clicked() {
                self.page -= 1;
            }
            ui.label(text::body(t::page_of(texts, self.page as u64 + 1, pages as u64)));
            if button::small_if(ui, t::page_later(texts), self.page + 1 < pages).clicked() {
                self.page += 1;
            }
        });
    }
}

fn count(len: usize, rows_max: usize) -> usize {
    len.div_ceil(rows_max).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_rows_fill_a_page_and_the_eighth_opens_another() {
        let mut pages = Pages::default();
        assert_eq!(pages.rows(0), 0..0);
        assert_eq!(pages.rows(7), 0..7);
        pages.page = 1;
        assert_eq!(pages.rows(8), 7..8);
        assert_eq!(pages.rows(7), 0..7, "the second page is gone");
        assert_eq!(count(15, ROWS_MAX), 3);
    }
}
