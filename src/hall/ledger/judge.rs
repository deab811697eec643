//! Judges a filing before it becomes a case: its place, its pages, its matter and the matter's rules.
//! The form's own checks are those of `matters`, the same that the terminal ran.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp, civil::Date};
use matters::{
    Calendar, Catalogue, Digest, Filing, Matter, PageRef, Sealed,
    deadline::{self, Period},
    form, numbering,
};
use rusqlite::Connection;
use wire::problem::Kind;

use super::{Caller, LedgerError, PAGES_MAX, Refuse, people::day, uploads};

/// What the ledger judges by: the catalogue and the working days.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub catalogue: Arc<Catalogue>,
    pub calendar: Arc<Calendar>,
}

impl Rules {
    /// The catalogue and calendar that are built in.
    ///
    /// # Errors
    /// The faults of the data files.
    pub fn bundled() -> Result<Self, Vec<matters::catalogue::CatalogueFault>> {
        Ok(Self { catalogue: Arc::new(Catalogue::bundled()?), calendar: Arc::new(Calendar::bundled()?) })
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

/// Checks a sealed filing of this caller against everything that does not depend on the ledger.
/// Returns its matter.
pub(super) fn filing<'r>(rules: &'r Rules, caller: &Caller, sealed: &Sealed, now: Timestamp) -> Result<&'r Matter, Refuse> {
    let filing = sealed.filing();
    if filing.point.id != caller.point {
        return Err(Refuse::because(Kind::WrongPoint, "point"));
    }
    let in_force = |on| rules.catalogue.was_in_force(&filing.catalogue_version, on);
    // A guide cannot have been followed before it was there: then, too, the clock was wrong.
    let on = Some(judged_on(filing.sealed_at, now)).filter(|on| in_force(*on)).unwrap_or(day(now));
    let matter = rules
        .catalogue
        .matter(&filing.matter)
        .filter(|_| in_force(on))
        .ok_or(Refuse::because(Kind::CatalogueUnknown, "matter or version"))?;
    let number = numbering::parse(&filing.case_number).map_err(|_| faulty("case number"))?;
    if number.as_str() != filing.case_number || number.groups().next() != Some(&filing.point.id) {
        return Err(faulty("case number"));
    }
    order(matter, &filing.pages)?;
    let complaints = if on == day(filing.sealed_at) {
        form::filing_complaints(matter, filing)
    } else {
        form::filing_complaints(matter, &Filing { sealed_at: now, ..filing.clone() })
    };
    match complaints.iter().find(|complaint| !complaint.warning) {
        Some(complaint) => Err(faulty(complaint.code)),
        None => Ok(matter),
    }
}

/// Pages belong to materials of the matter and are numbered from 1 without gap or repetition.
fn order(matter: &Matter, pages: &[PageRef]) -> Result<(), Refuse> {
    let mut orders: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for page in pages {
        if matter.material(&page.material).is_none() {
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
