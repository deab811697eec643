//! Judges a filing before it becomes a case: its place, its pages, its matter and the matter's rules.
//! The form's own checks are those of `matters`, the same that the terminal ran.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp, civil::Date};
use matters::{
    Calendar, Catalogue, CorrectionItem, Digest, Filing, Matter, PageRef, Sealed,
    deadline::{self, Period},
    form, numbering,
};
use rusqlite::Connection;
use wire::problem::Kind;

use super::{Caller, LedgerError, PAGES_MAX, Refuse, people::day, uploads};
use crate::asking;

/// What the ledger judges by: the versions of the catalogue and the working days.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// The first day in force ascending; never empty but in tests without matters.
    versions: Vec<Arc<Catalogue>>,
    pub calendar: Arc<Calendar>,
}

impl Rules {
    /// The catalogue and calendar that are built in.
    ///
    /// # Errors
    /// The faults of the data files.
    pub fn bundled() -> Result<Self, Vec<matters::catalogue::CatalogueFault>> {
        Ok(Self::of(vec![Arc::new(Catalogue::bundled()?)], Arc::new(Calendar::bundled()?)))
    }

    /// These versions, in order of their first days in force.
    pub fn of(mut versions: Vec<Arc<Catalogue>>, calendar: Arc<Calendar>) -> Self {
        versions.sort_by_key(|catalogue| catalogue.head().in_force_from);
        Self { versions, calendar }
    }

    pub fn versions(&self) -> &[Arc<Catalogue>] {
        &self.versions
    }

    /// The version in force on a day; before the first one, the first.
    pub fn on(&self, day: Date) -> Option<&Catalogue> {
        let newest = self.versions.iter().rev().find(|catalogue| catalogue.head().in_force_from <= day);
        newest.or(self.versions.first()).map(Arc::as_ref)
    }

    /// The matter as the version says under which a filing was sealed; where that version is not at
    /// hand, as the newest version says that has it.
    pub fn matter(&self, version: &str, id: &str) -> Option<&Matter> {
        let own = self.versions.iter().find(|catalogue| catalogue.version() == version);
        own.and_then(|catalogue| catalogue.matter(id)).or_else(|| self.newest(id))
    }

    /// The matter as the newest version says that has it.
    pub fn newest(&self, id: &str) -> Option<&Matter> {
        self.versions.iter().rev().find_map(|catalogue| catalogue.matter(id))
    }

    /// Was this version in force on that day? A version ends where the next one begins, or on the
    /// day that a later head names for it (`earlier`).
    fn was_in_force(&self, version: &str, day: Date) -> bool {
        let named = self.versions.iter().rev().any(|catalogue| {
            catalogue.version() != version && catalogue.head().in_force_from > Date::MIN && catalogue.was_in_force(version, day)
        });
        named || self.on(day).is_some_and(|catalogue| catalogue.version() == version && catalogue.was_in_force(version, day))
    }
}

/// A terminal's clock is believed about the past as far as this; beyond it the hall's own day counts.
const SEALED_BEFORE_DAYS_MAX: i64 = 400;

/// The day on which a filing is judged: when it was sealed, unless the terminal's clock was plainly wrong.
fn judged_on(sealed_at: Timestamp, now: Timestamp) -> Date {
    let oldest = now - SignedDuration::from_hours(24 * SEALED_BEFORE_DAYS_MAX);
    day(if sealed_at < oldest || sealed_at > now { now } else { sealed_at })
}

fn faulty(rule: &'static str) -> Refuse {
    Refuse::because(Kind::FormFaulty, rule)
}

/// What came of judging a filing: its matter, and what must be asked at once because the version
/// of the catalogue that it was sealed under was not in force.
pub(super) struct Judged<'r> {
    pub matter: &'r Matter,
    pub ask: Vec<CorrectionItem>,
}

/// Checks a sealed filing of this caller against everything that does not depend on the ledger.
pub(super) fn filing<'r>(rules: &'r Rules, caller: &Caller, sealed: &Sealed, now: Timestamp) -> Result<Judged<'r>, Refuse> {
    let filing = sealed.filing();
    if filing.point.id != caller.point {
        return Err(Refuse::because(Kind::WrongPoint, "point"));
    }
    let was = |on| rules.was_in_force(&filing.catalogue_version, on);
    // A guide cannot have been followed before it was there: then, too, the clock was wrong.
    let on = Some(judged_on(filing.sealed_at, now)).filter(|on| was(*on)).unwrap_or(day(now));
    let in_force = was(on);
    let matter = if in_force {
        rules.matter(&filing.catalogue_version, &filing.matter)
    } else {
        rules.on(day(now)).and_then(|catalogue| catalogue.matter(&filing.matter))
    };
    let matter = matter.ok_or(Refuse::because(Kind::CatalogueUnknown, "matter or version"))?;
    let number = numbering::parse(&filing.case_number).map_err(|_| faulty("case number"))?;
    if number.as_str() != filing.case_number || number.groups().next() != Some(&filing.point.id) {
        return Err(faulty("case number"));
    }
    order(matter, &filing.pages, in_force)?;
    let complaints = if on == day(filing.sealed_at) {
        form::filing_complaints(matter, filing)
    } else {
        form::filing_complaints(matter, &Filing { sealed_at: now, ..filing.clone() })
    };
    let mut wrong = complaints.iter().filter(|complaint| !complaint.warning);
    if in_force {
        return match wrong.next() {
            Some(complaint) => Err(faulty(complaint.code)),
            None => Ok(Judged { matter, ask: Vec::new() }),
        };
    }
    // The resident did nothing wrong: the village is told what the form in force asks otherwise.
    // Pages that it does not ask for any more stay with the case.
    let mut ask: Vec<CorrectionItem> =
        wrong.filter(|complaint| complaint.code != "pages_unasked").map(|complaint| asking::item(matter, complaint)).collect();
    if ask.is_empty() {
        ask.push(asking::again(matter));
    }
    Ok(Judged { matter, ask })
}

/// Pages are numbered from 1 without gap or repetition; `known`: they belong to materials of the matter.
fn order(matter: &Matter, pages: &[PageRef], known: bool) -> Result<(), Refuse> {
    let mut orders: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for page in pages {
        if known && matter.material(&page.material).is_none() {
            return Err(faulty("unknown material"));
        }
        if !orders.entry(&page.material).or_default().insert(page.order) {
            return Err(faulty("page order"));
        }
    }
    let gapless = |orders: &BTreeSet<u32>| orders.iter().copied().eq(1..=orders.len() as u32);
    if orders.values().all(gapless) { Ok(()) } else { Err(faulty("page order")) }
}

/// Pages of a supplement: known materials; numbers may continue those of the filing.
pub(super) fn supplement(matter: &Matter, pages: &[PageRef]) -> Result<(), Refuse> {
    let mut seen = BTreeSet::new();
    for page in pages {
        if matter.material(&page.material).is_none() {
            return Err(faulty("unknown material"));
        }
        if !seen.insert((&page.material, page.order)) {
            return Err(faulty("page order"));
        }
    }
    Ok(())
}

/// The pages that an act names, each held for the caller's point and of the size it says.
pub(super) fn pages(db: &Connection, caller: &Caller, pages: &[PageRef]) -> Result<Vec<Digest>, Refuse> {
    if pages.len() > PAGES_MAX {
        return Err(Refuse::because(Kind::TooManyPages, "pages"));
    }
    let named: BTreeSet<Digest> = pages.iter().map(|page| page.sha256).collect();
    let named: Vec<Digest> = named.into_iter().collect();
    let held: BTreeMap<Digest, u64> = uploads::held(db, &caller.point, &named)?.into_iter().collect();
    if pages.iter().any(|page| held.get(&page.sha256) != Some(&page.bytes)) {
        return Err(Refuse::because(Kind::PageUnknown, "page"));
    }
    Ok(named)
}

/// A day so many working days after `from`; `None` only beyond every calendar.
pub(super) fn working_days(rules: &Rules, from: Timestamp, days: u16) -> Result<(Date, bool), LedgerError> {
    period(rules, from, Period::working(days))
}

/// The end of a period of the matter (its promise, its time for corrections) that starts at `from`.
pub(super) fn period(rules: &Rules, from: Timestamp, period: impl Into<Period>) -> Result<(Date, bool), LedgerError> {
    let due =
        deadline::due(deadline::place_time(from), period, &[], &rules.calendar).map_err(|_| LedgerError::Damaged("calendar"))?;
    Ok((due.date, due.provisional))
}
