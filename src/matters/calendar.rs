//! Which days count: the working-day calendar (工作日历) as data.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime, Weekday},
    tz::{Offset, TimeZone},
};
use serde::Deserialize;

use crate::catalogue::{CatalogueFault, line_of};

/// +08:00: the offset of every time that is written without one, whatever the machine's zone.
pub const PLACE: Offset = Offset::constant(8);

/// The wall clock at the place (+08:00).
pub fn place_time(at: Timestamp) -> DateTime {
    PLACE.to_datetime(at)
}

/// The day at the place (+08:00).
pub fn place_date(at: Timestamp) -> Date {
    place_time(at).date()
}

/// The instant of a wall-clock time at the place; `None` beyond the range of instants.
pub fn instant(time: DateTime) -> Option<Timestamp> {
    PLACE.to_timestamp(time).ok()
}

/// Reads `2026-02-13T10:00`, `2026-02-13T10:00:00`, `2026-02-13`, or an instant with an offset
/// (`…Z`, `…+08:00`), as the wall clock at the place.
pub fn parse_time(text: &str) -> Option<DateTime> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(place_time(at));
    }
    text.parse::<DateTime>().ok()
}

/// The zone of the place, for printing.
pub fn place_zone() -> TimeZone {
    TimeZone::fixed(PLACE)
}

/// Working days of the years that are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    off: BTreeSet<Date>,
    work: BTreeSet<Date>,
    /// Known years: is the official notice loaded?
    years: BTreeMap<i16, bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCalendar {
    year: Vec<toml::Spanned<RawYear>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawYear {
    year: i16,
    published: bool,
    source: String,
    #[serde(rename = "verified")]
    _verified: bool,
    off: Vec<toml::Spanned<String>>,
    work: Vec<toml::Spanned<String>>,
}

impl Calendar {
    /// The calendar that is built in (assets/catalogue/calendar.toml).
    pub fn bundled() -> Result<Self, Vec<CatalogueFault>> {
        let (name, text) = crate::bundled::file("calendar.toml").unwrap_or(("calendar.toml", ""));
        Self::parse(name, text)
    }

    /// Reads `[[year]]` tables. Fault codes: `toml`, `calendar_date`, `calendar_foreign_day`,
    /// `calendar_year_twice`, `calendar_both`, `calendar_source`, `calendar_work_on_weekday`.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<CatalogueFault>> {
        let raw: RawCalendar = toml::from_str(text).map_err(|error| vec![CatalogueFault::toml(file, text, &error)])?;
        let mut calendar = Self::default();
        let mut faults = Vec::new();
        let mut fault = |at: usize, code: &'static str, detail: String| {
            faults.push(CatalogueFault { file: file.to_owned(), line: line_of(text, at), code, detail });
        };
        for year in raw.year {
            let at = year.span().start;
            let year = year.into_inner();
            if calendar.years.insert(year.year, year.published).is_some() {
                fault(at, "calendar_year_twice", year.year.to_string());
            }
            if year.source.trim().is_empty() {
                fault(at, "calendar_source", year.year.to_string());
            }
            for (list, working) in [(&year.off, false), (&year.work, true)] {
                for item in list {
                    let Some((first, last)) = range(item.as_ref()) else {
                        fault(item.span().start, "calendar_date", item.as_ref().clone());
                        continue;
                    };
                    for day in first.series(1.day()).take_while(|day| *day <= last) {
                        // A notice may reach into the December before its year (§2.4).
                        if day.year() != year.year && !(day.year() == year.year - 1 && day.month() == 12) {
                            fault(item.span().start, "calendar_foreign_day", day.to_string());
                        }
                        if working && !weekend(day) {
                            fault(item.span().start, "calendar_work_on_weekday", day.to_string());
                        }
                        let (set, other) =
                            if working { (&mut calendar.work, &calendar.off) } else { (&mut calendar.off, &calendar.work) };
                        set.insert(day);
                        if other.contains(&day) {
                            fault(item.span().start, "calendar_both", day.to_string());
                        }
                    }
                }
            }
        }
        if faults.is_empty() { Ok(calendar) } else { Err(faults) }
    }

    /// A calendar from its parts: days off, days worked on a weekend, years with a published notice.
    pub fn from_days(
        off: impl IntoIterator<Item = Date>,
        work: impl IntoIterator<Item = Date>,
        published: impl IntoIterator<Item = i16>,
    ) -> Self {
        Self {
            off: off.into_iter().collect(),
            work: work.into_iter().collect(),
            years: published.into_iter().map(|year| (year, true)).collect(),
        }
    }

    /// Monday to Friday without holidays, and the weekend days worked instead (调休).
    pub fn is_working(&self, day: Date) -> bool {
        self.work.contains(&day) || (!weekend(day) && !self.off.contains(&day))
    }

    /// The notice of this year is loaded; a date that touches another year is provisional (暂定).
    pub fn published(&self, year: i16) -> bool {
        self.years.get(&year).copied().unwrap_or(false)
    }

    /// Every year that is named, with its state of publication.
    pub fn years(&self) -> impl Iterator<Item = (i16, bool)> {
        self.years.iter().map(|(year, published)| (*year, *published))
    }

    /// This calendar with a region's own days laid over it (e.g. 古尔邦节; 办法 art. 4).
    pub fn with_overlay(mut self, overlay: &Calendar) -> Self {
        for day in &overlay.off {
            self.work.remove(day);
            self.off.insert(*day);
        }
        for day in &overlay.work {
            self.off.remove(day);
            self.work.insert(*day);
        }
        for (year, published) in &overlay.years {
            self.years.entry(*year).or_insert(*published);
        }
        self
    }

    /// Working days from `from` to `until`, both included.
    pub fn working_days(&self, from: Date, until: Date) -> usize {
        from.series(1.day()).take_while(|day| *day <= until).filter(|day| self.is_working(*day)).count()
    }
}

fn weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn range(text: &str) -> Option<(Date, Date)> {
    let (first, last) = text.split_once('/').unwrap_or((text, text));
    let (first, last) = (first.parse::<Date>().ok()?, last.parse::<Date>().ok()?);
    // A holiday of more than a month is a slip of the pen.
    (first <= last && last <= first.checked_add(31.days()).ok()?).then_some((first, last))
}
