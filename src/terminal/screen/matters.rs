//! 选事项: the list with its search, what this person may file first, and the guide of each.

use egui::{Ui, vec2};
use matters::{
    Capacity, Identity, Matter, ProxyKind, Rule, identity,
    matter::{Category, ProxyRule},
    search,
};
use texts::{matter_screen as t, path};

use crate::{
    look::theme::{self, Tone, text},
    screen::{Cx, aside, guide, terms},
    speech::{Place, Wish},
    widget::{
        badge, button, card,
        field::{self, Around, Manner},
        frame,
        pages::Pages,
        stepper::{Step, stepper},
    },
    words,
};

#[derive(Default)]
pub struct Matters {
    query: String,
    filter: Filter,
    pages: Pages,
    /// Id of the matter whose guide is open.
    guide: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Filter {
    #[default]
    All,
    Of(Category),
    OneTrip,
}

/// How a matter fits the person and the capacity; in this order they are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// An age rule, and this person meets it: years.
    Fits(i16),
    /// Old enough on this day, and it may be filed before: years.
    FitsSoon(i16, jiff::civil::Date),
    Open,
    /// Not old enough yet: years needed.
    TooYoung(i16),
    TooOld(i16),
    InPersonOnly,
    RelativesOnly,
    /// Cannot be filed at a village.
    Elsewhere,
}

/// The day on which somebody reaches this age; 29 February becomes 1 March in common years.
fn birthday(birth: jiff::civil::Date, years: i16) -> jiff::civil::Date {
    let year = birth.year().saturating_add(years);
    jiff::civil::Date::new(year, birth.month(), birth.day()).or_else(|_| jiff::civil::Date::new(year, 3, 1)).unwrap_or(birth)
}

impl Fit {
    fn may(self) -> bool {
        matches!(self, Fit::Fits(_) | Fit::FitsSoon(..) | Fit::Open)
    }
}

/// Judges by the age rules of the matter, who came, and whether the village takes it in at all.
pub fn fit(matter: &Matter, person: Option<&Identity>, capacity: Option<&Capacity>, today: jiff::civil::Date) -> Fit {
    if !matter.filed_here {
        return Fit::Elsewhere;
    }
    match (matter.proxy, capacity) {
        (ProxyRule::Nobody, Some(Capacity::OnBehalf { .. })) => return Fit::InPersonOnly,
        (ProxyRule::RelativesOnly, Some(Capacity::OnBehalf { mandate })) if mandate.proxy_kind != ProxyKind::Relative => {
            return Fit::RelativesOnly;
        }
        _ => {}
    }
    let Some(birth) = person.and_then(|person| person.birth) else { return Fit::Open };
    let age = identity::age_on(birth, today);
    let mut fits = Fit::Open;
    for check in &matter.checks {
        match &check.rule {
            Rule::AgeAtLeast { years, early_days, .. } => {
                let early = today.saturating_add(jiff::Span::new().days(i64::from(*early_days)));
                if identity::age_on(birth, early) < *years {
                    return Fit::TooYoung(*years);
                }
                fits = if age < *years { Fit::FitsSoon(*years, birthday(birth, *years)) } else { Fit::Fits(age) };
            }
            Rule::AgeBelow { years, .. } => {
                if age >= *years {
                    return Fit::TooOld(*years);
                }
                fits = Fit::Fits(age);
            }
            _ => {}
        }
    }
    fits
}

impl Matters {
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
        let open = self.guide.as_deref().and_then(|id| cx.catalogue.matter(id));
        let mut close = false;
        let mut choose = None;
        let foot = frame::foot(
            ui,
            |ui| {
                if open.is_some() {
                    close = button::secondary(ui, t::guide_back(cx.t)).clicked();
                    return None;
                }
                button::secondary(ui, path::back(cx.t)).clicked().then_some(Wish::GoTo(Place::Person))
            },
            |ui| {
                if let Some(matter) = open {
                    let may = self.fit(cx, matter).may();
                    if button::primary(ui, t::guide_choose(cx.t), may).clicked() {
                        choose = Some(matter.id.clone());
                    }
                } else {
                    ui.label(text::soft(t::foot(cx.t)));
                }
                None
            },
        );
        let back = frame::path(ui, |ui| stepper(ui, cx.t, Step::Matters)).map(Wish::GoTo);
        let body = frame::body_at(ui, ("matters", open.is_some()), |ui| match open {
            Some(matter) => {
                guide::show(ui, cx, matter);
                None
            }
            None => self.list(ui, cx),
        });
        if close {
            self.guide = None;
        }
        foot.or(back).or(body).or(choose.map(|matter| Wish::Choose { matter }))
    }

    fn fit(&self, cx: &Cx<'_>, matter: &Matter) -> Fit {
        let capacity = cx.visit.draft.as_ref().and_then(|draft| draft.capacity.as_ref());
        fit(matter, cx.visit.applicant(), capacity, words::day(cx.now))
    }

    fn list(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
        let total = cx.catalogue.matters().len();
        ui.horizontal_wrapped(|ui| {
            ui.label(text::hero(t::title(cx.t)));
            ui.label(text::soft(t::total(cx.t, total as u64, cx.catalogue.version())));
        });
        if let Some(chosen) = aside::matter(cx) {
            card::note(ui, Tone::Primary, &t::chosen_now(cx.t, words::said(cx.t, &chosen.name)), &t::change_warning(cx.t));
        }
        let label = t::search(cx.t);
        let around = Around { label: &label, aside: t::search_hint(cx.t), ..Around::default() };
        let heard = field::entry(ui, "matter-search", &mut self.query, &around, Manner::of(40));
        crate::widget::once::focus_once(ui, &heard.response, egui::Id::unique("matter-search-focus"));
        if heard.changed {
            self.pages.rewind();
        }
        self.filters(ui, cx);
        let mut found: Vec<(Fit, &Matter)> = search::find(cx.catalogue, &self.query)
            .into_iter()
            .map(|hit| hit.matter)
            .filter(|matter| self.wanted(matter))
            .map(|matter| (self.fit(cx, matter), matter))
            .collect();
        // Stable: within equal fits the search's own order stands. An answer to words comes first
        // where it was found, only what cannot be filed here goes to the end.
        if self.query.trim().is_empty() {
            found.sort_by_key(|(fit, _)| rank(*fit));
        } else {
            found.sort_by_key(|(fit, _)| *fit == Fit::Elsewhere);
        }
        if !self.query.trim().is_empty() && !found.is_empty() {
            ui.label(text::small(t::found(cx.t, found.len() as u64)));
        }
        if found.is_empty() {
            card::note(ui, Tone::Quiet, &t::nothing(cx.t, self.query.trim()), &t::nothing_more(cx.t));
            return None;
        }
        let mut wish = None;
        let rows = self.pages.rows(found.len());
        card::card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 6.0;
            for (index, (fit, matter)) in found[rows].iter().enumerate() {
                if index > 0 {
                    card::rule(ui);
                }
                wish = wish.take().or(self.row(ui, cx, *fit, matter));
            }
        });
        self.pages.bar(ui, cx.t, found.len());
        wish
    }

    fn wanted(&self, matter: &Matter) -> bool {
        match self.filter {
            Filter::All => true,
            Filter::Of(category) => matter.category == category,
            Filter::OneTrip => matter.runs_to_site <= 1,
        }
    }

    fn filters(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        const CATEGORIES: [Category; 5] =
            [Category::Statutory, Category::PublicService, Category::Delegated, Category::Station, Category::ReviewAndForward];
        let all = std::iter::once((Filter::All, t::all(cx.t)))
            .chain(CATEGORIES.map(|category| (Filter::Of(category), terms::category(cx.t, category))))
            .chain(std::iter::once((Filter::OneTrip, t::one_trip(cx.t))));
        let all: Vec<(Filter, String)> = all.collect();
        let labels: Vec<&str> = all.iter().map(|(_, label)| label.as_str()).collect();
        let size = vec2(84.0, theme::TARGET);
        let now = self.filter;
        if let Some(index) = field::flow(ui, &labels, size, |ui, index| {
            button::choice_sized(ui, labels[index], now == all[index].0, size).clicked()
        }) {
            self.filter = all[index].0;
            self.pages.rewind();
        }
    }

    fn row(&mut self, ui: &mut Ui, cx: &Cx<'_>, fit: Fit, matter: &Matter) -> Option<Wish> {
        let name = words::said(cx.t, &matter.name);
        let width = ui.available_width();
        let narrow = width < 1000.0;
        let mut wish = None;
        ui.horizontal(|ui| {
            ui.set_min_height(60.0);
            ui.spacing_mut().item_spacing.x = theme::GAP;
            let right = if narrow { 250.0 } else { 620.0 };
            ui.allocate_ui_with_layout(vec2((width - right).max(240.0), 60.0), egui::Layout::top_down(egui::Align::Min), |ui| {
                ui.set_width((width - right - theme::GAP).max(220.0));
                ui.spacing_mut().item_spacing.y = 2.0;
                ui.horizontal_wrapped(|ui| {
                    ui.label(text::large(name));
                    if let Some((words, tone)) = fit_words(cx, fit) {
                        badge::badge(ui, tone, &words);
                    }
                });
                let line = match &matter.elsewhere {
                    Some(place) if fit == Fit::Elsewhere => t::go_to(cx.t, words::said(cx.t, place)),
                    Some(place) => words::said(cx.t, place).to_owned(),
                    None => words::said(cx.t, &matter.summary).to_owned(),
                };
                ui.label(text::small(line));
            });
            if !narrow {
                let (word, tone) = terms::badge(cx.t, matter.badge);
                cell(ui, 96.0, |ui| drop(badge::badge(ui, tone, &word)));
                cell(ui, 130.0, |ui| drop(ui.label(text::body(terms::short_limit(cx.t, &matter.promised)))));
                cell(ui, 112.0, |ui| drop(ui.label(text::body(guide::how(cx, matter)))));
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 12.0;
                if fit != Fit::Elsewhere {
                    let choose =
                        button::small_primary(ui, t::choose(cx.t), fit.may()).accessible_name(t::choose_name(cx.t, name));
                    if choose.clicked() {
                        wish = Some(Wish::Choose { matter: matter.id.clone() });
                    }
                }
                if button::small(ui, t::guide(cx.t)).accessible_name(t::guide_name(cx.t, name)).clicked() {
                    self.guide = Some(matter.id.clone());
                }
            });
        });
        wish
    }
}

fn cell(ui: &mut Ui, width: f32, add: impl FnOnce(&mut Ui)) {
    ui.allocate_ui_with_layout(vec2(width, 60.0), egui::Layout::left_to_right(egui::Align::Center), |ui| {
        ui.set_width(width);
        // English words are longer than the column: two lines, and never under the buttons.
        ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Wrap);
        add(ui);
    });
}

fn rank(fit: Fit) -> u8 {
    match fit {
        Fit::Fits(_) | Fit::FitsSoon(..) => 0,
        Fit::Open => 1,
        Fit::TooYoung(_) | Fit::TooOld(_) | Fit::InPersonOnly | Fit::RelativesOnly => 2,
        Fit::Elsewhere => 3,
    }
}

fn fit_words(cx: &Cx<'_>, fit: Fit) -> Option<(String, Tone)> {
    Some(match fit {
        Fit::Fits(age) => (t::fits(cx.t, age), Tone::Primary),
        Fit::FitsSoon(years, day) => (t::fits_soon(cx.t, terms::day(cx.t, day), years), Tone::Primary),
        Fit::TooYoung(years) => (t::too_young(cx.t, years), Tone::Quiet),
        Fit::TooOld(years) => (t::too_old(cx.t, years), Tone::Quiet),
        Fit::InPersonOnly => (t::in_person_only(cx.t), Tone::Warn),
        Fit::RelativesOnly => (t::relatives_only(cx.t), Tone::Warn),
        Fit::Open | Fit::Elsewhere => return None,
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;
    use matters::Catalogue;

    use super::*;

    #[test]
    fn an_allowance_opens_thirty_days_before_the_birthday() {
        let catalogue = Catalogue::bundled().expect("whole");
        let matter = catalogue.matter("M09").expect("bundled");
        let born = crate::screen::specimen::person;
        let today = Date::constant(2026, 11, 24);
        for (birth, fits) in [
            (Date::constant(1950, 3, 8), Fit::Fits(76)),
            (Date::constant(1956, 12, 24), Fit::FitsSoon(70, Date::constant(2026, 12, 24))),
            (Date::constant(1956, 12, 25), Fit::TooYoung(70)),
            (Date::constant(1990, 1, 1), Fit::TooYoung(70)),
        ] {
            assert_eq!(fit(matter, Some(&born(birth)), None, today), fits, "{birth}");
        }
        assert_eq!(birthday(Date::constant(1956, 2, 29), 70), Date::constant(2026, 3, 1));
    }
}
