//! 办件: every draft and filing of this point, by name or number, in the exact words of its state.

use egui::{Align, CentralPanel, Frame, Layout, Margin, Sense, Stroke, StrokeKind, Ui, pos2, vec2};
use jiff::Timestamp;
use matters::State;
use outbox::{Draft, FilingRow, Stage};
use texts::{filings as t, path};
use uuid::Uuid;

use crate::{
    look::theme::{self, Tone, bold, regular, size, text},
    screen::{Cx, terms},
    speech::{Place, Wish},
    widget::{
        badge, button, card,
        field::{self, Around, Manner},
        frame, once,
        pages::Pages,
    },
    words,
};

#[derive(Default)]
pub struct Filings {
    query: String,
    filter: Filter,
    pages: Pages,
    /// Draft that shall really be deleted: asked once more.
    deleting: Option<Uuid>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Filter {
    #[default]
    All,
    Open,
    Drafts,
    ToMend,
    Done,
}

enum Row<'a> {
    Draft(&'a Draft),
    Filing(&'a FilingRow),
}

impl Row<'_> {
    fn name(&self) -> &str {
        match self {
            Row::Draft(draft) => draft.applicant.as_ref().map(|person| person.name.expose().as_str()).unwrap_or_default(),
            Row::Filing(row) => row.applicant_name.expose(),
        }
    }

    fn matter(&self) -> Option<&str> {
        match self {
            Row::Draft(draft) => draft.matter.as_deref(),
            Row::Filing(row) => Some(&row.matter),
        }
    }

    fn changed_at(&self) -> Timestamp {
        match self {
            Row::Draft(draft) => draft.changed_at,
            Row::Filing(row) => row.case.as_ref().map_or(row.sealed_at, |case| case.last_change.max(row.sealed_at)),
        }
    }

    fn is(&self, filter: Filter) -> bool {
        match (self, filter) {
            (_, Filter::All) | (Row::Draft(_), Filter::Drafts) => true,
            (Row::Draft(_), _) | (Row::Filing(_), Filter::Drafts) => false,
            (Row::Filing(row), filter) => {
                let state = row.case.as_ref().map(|case| case.state);
                let mend = state == Some(State::InCorrection);
                let done = state.is_some_and(State::over);
                match filter {
                    Filter::ToMend => mend,
                    Filter::Done => done,
                    _ => !done,
                }
            }
        }
    }

    /// By name, or by number with or without its dashes.
    fn answers(&self, query: &str) -> bool {
        let query = plain(query);
        query.is_empty()
            || plain(self.name()).contains(&query)
            || matches!(self, Row::Filing(row) if plain(&row.case_number).contains(&query))
    }
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

impl Filings {
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
        let rows = self.rows(cx);
        let foot = frame::foot(
            ui,
            |ui| button::secondary(ui, path::home(cx.t)).clicked().then_some(Wish::GoTo(Place::Home)),
            |ui| {
                ui.label(text::soft(t::count(cx.t, rows.len() as u64)));
                None
            },
        );
        let frame = Frame::new().fill(theme::PAPER).inner_margin(Margin { left: 32, right: 32, top: 28, bottom: 8 });
        let body = CentralPanel::default()
            .frame(frame)
            .show(ui, |ui| {
                egui::ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
                    ui.set_max_width(ui.available_width() - 14.0);
                    ui.spacing_mut().item_spacing.y = 12.0;
                    self.body(ui, cx, &rows)
                })
            })
            .inner
            .inner;
        foot.or(body)
    }

    fn rows<'a>(&self, cx: &Cx<'a>) -> Vec<Row<'a>> {
        // An answer to a correction is part of its filing, not a draft of its own.
        let drafts = cx.overview.drafts.iter().filter(|draft| draft.supplement_to.is_none()).map(Row::Draft);
        let mut rows: Vec<Row<'_>> = drafts.chain(cx.overview.filings.iter().map(Row::Filing)).collect();
        rows.retain(|row| row.is(self.filter) && row.answers(&self.query));
        rows.sort_by_key(|row| std::cmp::Reverse(row.changed_at()));
        rows
    }

    fn body(&mut self, ui: &mut Ui, cx: &Cx<'_>, rows: &[Row<'_>]) -> Option<Wish> {
        ui.label(text::hero(t::title(cx.t)));
        let label = t::search(cx.t);
        let around = Around { label: &label, aside: t::search_hint(cx.t), ..Around::default() };
        let heard = field::entry(ui, "filing-search", &mut self.query, &around, Manner::of(40));
        once::focus_once(ui, &heard.response, egui::Id::unique("filing-search-focus"));
        if heard.changed {
            self.pages.rewind();
        }
        self.filters(ui, cx);
        if rows.is_empty() {
            let title = if self.query.trim().is_empty() { t::none(cx.t) } else { t::none_found(cx.t, self.query.trim()) };
            card::note(ui, Tone::Quiet, &title, &t::none_more(cx.t));
            return None;
        }
        let mut wish = None;
        let shown = self.pages.rows(rows.len());
        card::card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 8.0;
            for (index, row) in rows[shown].iter().enumerate() {
                if index > 0 {
                    card::rule(ui);
                }
                let from_row = match row {
                    Row::Filing(filing) => self.filing(ui, cx, row, filing),
                    Row::Draft(draft) => self.draft(ui, cx, row, draft),
                };
                wish = wish.take().or(from_row);
            }
        });
        self.pages.bar(ui, cx.t, rows.len());
        wish
    }

    fn filters(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let all = [
            (Filter::All, t::all(cx.t)),
            (Filter::Open, t::open(cx.t)),
            (Filter::Drafts, t::drafts(cx.t)),
            (Filter::ToMend, t::to_mend(cx.t)),
            (Filter::Done, t::done(cx.t)),
        ];
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(12.0, 10.0);
            for (filter, label) in all {
                if button::choice_sized(ui, label, self.filter == filter, vec2(84.0, theme::TARGET)).clicked() {
                    self.filter = filter;
                    self.pages.rewind();
                }
            }
        });
    }

    fn filing(&mut self, ui: &mut Ui, cx: &Cx<'_>, row: &Row<'_>, filing: &FilingRow) -> Option<Wish> {
        let (state, tone) = terms::stage(cx.t, filing);
        let name = t::open_filing(cx.t, filing.case_number.as_str());
        let more = under(cx, filing);
        let press = |ui: &mut Ui| button::small(ui, &name).clicked().then_some(Wish::OpenFiling(filing.id));
        line(ui, cx, row, &filing.case_number, (&state, tone), &more, press)
    }

    fn draft(&mut self, ui: &mut Ui, cx: &Cx<'_>, row: &Row<'_>, draft: &Draft) -> Option<Wish> {
        let who = if row.name().is_empty() { t::no_name(cx.t) } else { row.name().to_owned() };
        let what = matter_name(cx, row).unwrap_or_else(|| t::no_matter(cx.t));
        let sure = self.deleting == Some(draft.id);
        let mut asked = self.deleting;
        let wish = line(ui, cx, row, "", (&t::state_draft(cx.t), Tone::Quiet), "", |ui| {
            if sure {
                if button::danger(ui, t::delete_sure(cx.t), true).clicked() {
                    asked = None;
                    return Some(Wish::DeleteDraft(draft.id));
                }
                if button::small(ui, t::delete_not(cx.t)).clicked() {
                    asked = None;
                }
                return None;
            }
            let go = button::small_primary(ui, t::continue_draft(cx.t), true)
                .accessible_name(t::continue_draft_name(cx.t, &*who, &*what));
            if go.clicked() {
                return Some(Wish::OpenDraft(draft.id));
            }
            let delete = button::small(ui, t::delete_draft(cx.t)).accessible_name(t::delete_draft_name(cx.t, &*who, &*what));
            if delete.clicked() {
                asked = Some(draft.id);
            }
            None
        });
        if sure {
            ui.label(text::small_strong(t::delete_more(cx.t)).color(theme::RED));
        }
        self.deleting = asked;
        wish
    }
}

fn matter_name(cx: &Cx<'_>, row: &Row<'_>) -> Option<String> {
    let id = row.matter()?;
    Some(cx.catalogue.matter(id).map_or_else(|| id.to_owned(), |matter| words::said(cx.t, &matter.name).to_owned()))
}

/// What follows from the state: the last day of a correction, the next try.
fn under(cx: &Cx<'_>, row: &FilingRow) -> String {
    if let Some(case) = &row.case {
        if let Some(correction) = case.correction.as_ref().filter(|_| case.state == State::InCorrection) {
            let today = words::day(cx.now);
            return match correction.due.cmp(&today) {
                std::cmp::Ordering::Less => t::overdue(cx.t),
                std::cmp::Ordering::Equal => t::due_today(cx.t),
                std::cmp::Ordering::Greater => t::due_on(cx.t, terms::day(cx.t, correction.due)),
            };
        }
        return String::new();
    }
    match (&row.trouble, row.stage) {
        (Some(code), Stage::Waiting | Stage::Quarantined) => t::trouble(cx.t, words::line_trouble(cx.t, code)),
        _ => String::new(),
    }
}

/// Name and number, matter and time, state, and what can be done.
fn line(
    ui: &mut Ui,
    cx: &Cx<'_>,
    row: &Row<'_>,
    number: &str,
    (state, tone): (&str, Tone),
    more: &str,
    acts: impl FnOnce(&mut Ui) -> Option<Wish>,
) -> Option<Wish> {
    let width = ui.available_width();
    let who = if row.name().is_empty() { t::no_name(cx.t) } else { row.name().to_owned() };
    let what = matter_name(cx, row).unwrap_or_else(|| t::no_matter(cx.t));
    let when = words::when(cx.t, row.changed_at(), cx.now);
    ui.horizontal(|ui| {
        ui.set_min_height(68.0);
        ui.spacing_mut().item_spacing.x = theme::GAP;
        two_lines(ui, (width * 0.23).floor(), &who, number);
        two_lines(ui, (width * 0.29).floor(), &what, &when);
        let layout = if more.is_empty() { Layout::left_to_right(Align::Center) } else { Layout::top_down(Align::Min) };
        ui.allocate_ui_with_layout(vec2((width * 0.2).floor(), 64.0), layout, |ui| {
            ui.set_width((width * 0.2).floor());
            ui.spacing_mut().item_spacing.y = 2.0;
            badge::badge(ui, tone, state);
            if !more.is_empty() {
                ui.label(text::small(more).color(tone.ink()));
            }
        });
        ui.with_layout(Layout::right_to_left(Align::Center), acts).inner
    })
    .inner
}

/// A strong line above a soft one, in a column of fixed width.
fn two_lines(ui: &mut Ui, width: f32, strong: &str, soft: &str) {
    let first = ui.painter().layout(strong.to_owned(), bold(size::BODY), theme::INK, width);
    let second = ui.painter().layout(soft.to_owned(), regular(size::SMALL), theme::SOFT, width);
    let height = first.size().y + second.size().y;
    let (rect, response) = ui.allocate_exact_size(vec2(width, height.max(56.0)), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, format!("{strong} {soft}").trim()));
    let top = rect.center().y - height / 2.0;
    let middle = top + first.size().y;
    ui.painter().galley(pos2(rect.left(), top), first, theme::INK);
    ui.painter().galley(pos2(rect.left(), middle), second, theme::SOFT);
    if response.has_focus() {
        ui.painter().rect_stroke(rect, theme::RADIUS_BADGE, Stroke::new(2.0, theme::PRIMARY), StrokeKind::Inside);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_however_it_is_written() {
        assert_eq!(plain("slc-a1-000087-4"), "SLCA10000874");
        assert!(plain("SLC-A1-000087-4").contains(&plain("000087 4")));
    }
}
