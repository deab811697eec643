//! Legal clocks (法定期限): when a period ends, what is left of it, which lamp it lights.
//!
//! The rules: the start day does not count (民法典 201); working days skip statutory holidays
//! (行政许可法 82); the last day of a period in natural days that is no working day moves to the
//! next one (民法典 203); while a special procedure or a correction runs, from the stop day to the
//! resume day inclusive, nothing counts (行政许可法 45).

use jiff::{
    ToSpan,
    civil::{Date, DateTime},
};
use serde::{Deserialize, Serialize};

pub use crate::calendar::{Calendar, PLACE, instant, parse_time, place_date, place_time};
use crate::matter::{Limit, Unit};

/// The longest period that can be counted.
pub const DAYS_MAX: u16 = 3650;
/// A stopped clock may push an end this far; beyond it the input is a mistake.
const SPAN_DAYS_MAX: i64 = 366 * 40;

/// A length of time: `20wd` or `60d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    pub days: u16,
    pub unit: Unit,
}

impl Period {
    pub const fn working(days: u16) -> Self {
        Self { days, unit: Unit::WorkingDay }
    }

    pub const fn natural(days: u16) -> Self {
        Self { days, unit: Unit::Day }
    }

    /// Reads `20wd` (working days) or `60d` (natural days).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let (digits, unit) = match text.strip_suffix("wd") {
            Some(digits) => (digits, Unit::WorkingDay),
            None => (text.strip_suffix('d')?, Unit::Day),
        };
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let days = digits.parse().ok().filter(|days| *days <= DAYS_MAX)?;
        Some(Self { days, unit })
    }
}

/// The hall answers within five working days or the case counts as accepted (行政许可法 32).
pub const ANSWER: Period = Period::working(5);
/// A decision is delivered within ten working days (行政许可法 44).
pub const DELIVERY: Period = Period::working(10);
/// An extension adds at most ten working days, once (行政许可法 42).
pub const EXTENSION_MAX: Period = Period::working(10);

impl From<&Limit> for Period {
    fn from(limit: &Limit) -> Self {
        Self { days: limit.days, unit: limit.unit }
    }
}

/// A time during which the clock stood: from the stop to the resume, both days included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    pub stop: DateTime,
    pub resume: DateTime,
}

impl Stop {
    pub fn new(stop: impl Into<DateTime>, resume: impl Into<DateTime>) -> Self {
        Self { stop: stop.into(), resume: resume.into() }
    }

    fn covers(&self, day: Date) -> bool {
        self.stop.date() <= day && day <= self.resume.date()
    }
}

/// When a period ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The last day on which the duty is done in time.
    pub date: Date,
    /// Every day that was counted.
    pub days: Vec<Date>,
    /// A year without a published calendar is touched (暂定).
    pub provisional: bool,
}

/// Why no end can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeadlineFault {
    #[error("a clock cannot stop before it started")]
    StopBeforeStart,
    #[error("a clock resumes after it stopped")]
    ResumeBeforeStop,
    #[error("two stops overlap")]
    Overlap,
    #[error("the period is longer than {DAYS_MAX} days or ends beyond every calendar")]
    TooLong,
}

impl DeadlineFault {
    /// Stable code for texts.
    pub fn code(self) -> &'static str {
        match self {
            DeadlineFault::StopBeforeStart => "stop_before_start",
            DeadlineFault::ResumeBeforeStop => "resume_before_stop",
            DeadlineFault::Overlap => "stops_overlap",
            DeadlineFault::TooLong => "period_too_long",
        }
    }
}

/// The end of a period that began at `start`, with the times during which it stood still.
/// A period of no days ends on the start day, or on the next working day when that is none.
pub fn due(
    start: impl Into<DateTime>,
    period: impl Into<Period>,
    stops: &[Stop],
    calendar: &Calendar,
) -> Result<Due, DeadlineFault> {
    let (start, period) = (start.into(), period.into());
    if period.days > DAYS_MAX {
        return Err(DeadlineFault::TooLong);
    }
    check_stops(start, stops)?;
    let stopped = |day: Date| stops.iter().any(|stop| stop.covers(day));
    let mut days = Vec::with_capacity(usize::from(period.days));
    let mut day = start.date();
    let mut walked = 0;
    let mut forward = |day: Date| {
        walked += 1;
        if walked > SPAN_DAYS_MAX { Err(DeadlineFault::TooLong) } else { day.tomorrow().map_err(|_| DeadlineFault::TooLong) }
    };
    while days.len() < usize::from(period.days) {
        day = forward(day)?;
        if !stopped(day) && (period.unit == Unit::Day || calendar.is_working(day)) {
            days.push(day);
        }
    }
    // A period cannot end on a day without office, nor while its clock stands.
    while !calendar.is_working(day) || (period.days > 0 && stopped(day)) {
        day = forward(day)?;
    }
    let provisional = (start.year()..=day.year()).any(|year| !calendar.published(year));
    Ok(Due { date: day, days, provisional })
}

/// An end that was extended (延期): the added days are counted on from it.
pub fn extended(first: &Due, added: impl Into<Period>, calendar: &Calendar) -> Result<Due, DeadlineFault> {
    let more = due(first.date, added, &[], calendar)?;
    let days = first.days.iter().chain(&more.days).copied().collect();
    Ok(Due { date: more.date, days, provisional: first.provisional || more.provisional })
}

/// How much is left: positive before the end, 0 on the last day, negative when overdue, in the
/// period's own unit.
pub fn remaining(due: &Due, unit: Unit, today: Date, calendar: &Calendar) -> i32 {
    let between = |from: Date, until: Date| -> i32 {
        // The day itself does not count, the last one does.
        let count = match unit {
            Unit::WorkingDay => from.tomorrow().map_or(0, |next| calendar.working_days(next, until)),
            Unit::Day => usize::try_from((until - from).get_days()).unwrap_or(0),
        };
        i32::try_from(count).unwrap_or(i32::MAX)
    };
    if today <= due.date { between(today, due.date) } else { -between(due.date, today) }
}

/// What is left of a period whose clock stands still: counted days are used up, the rest waits.
pub fn remaining_while_stopped(
    start: impl Into<DateTime>,
    period: impl Into<Period>,
    stops: &[Stop],
    stopped_at: DateTime,
    calendar: &Calendar,
) -> Result<u16, DeadlineFault> {
    let (start, period) = (start.into(), period.into());
    check_stops(start, stops)?;
    if stopped_at < start {
        return Err(DeadlineFault::StopBeforeStart);
    }
    if stops.iter().any(|stop| stopped_at < stop.resume) {
        return Err(DeadlineFault::Overlap);
    }
    let used = start
        .date()
        .series(1.day())
        .skip(1)
        .take_while(|day| *day < stopped_at.date())
        .filter(|day| !stops.iter().any(|stop| stop.covers(*day)))
        .filter(|day| period.unit == Unit::Day || calendar.is_working(*day))
        .count();
    Ok(period.days.saturating_sub(u16::try_from(used).unwrap_or(u16::MAX)))
}

/// The lamp of a running clock: always shown with a word and a shape, never by colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lamp {
    Green,
    /// Half of the period is used, or one day is left.
    Amber,
    /// Last day or overdue.
    Red,
}

/// Lamp for what is left of a period.
pub fn lamp(remaining: i32, period: impl Into<Period>) -> Lamp {
    let total = i32::from(period.into().days);
    match remaining {
        ..=0 if total == 0 && remaining == 0 => Lamp::Green,
        ..=0 => Lamp::Red,
        1 => Lamp::Amber,
        left if left * 2 <= total => Lamp::Amber,
        _ => Lamp::Green,
    }
}

fn check_stops(start: DateTime, stops: &[Stop]) -> Result<(), DeadlineFault> {
    let mut sorted: Vec<&Stop> = stops.iter().collect();
    sorted.sort_by_key(|stop| (stop.stop, stop.resume));
    for stop in &sorted {
        if stop.stop < start {
            return Err(DeadlineFault::StopBeforeStart);
        }
        if stop.resume < stop.stop {
            return Err(DeadlineFault::ResumeBeforeStop);
        }
        if (stop.resume.date() - stop.stop.date()).get_days() as i64 > SPAN_DAYS_MAX {
            return Err(DeadlineFault::TooLong);
        }
    }
    if sorted.windows(2).any(|pair| pair[1].stop < pair[0].resume) {
        return Err(DeadlineFault::Overlap);
    }
    Ok(())
}

#[cfg(test)]
#[path = "deadline_tests.rs"]
mod deadline_tests;
