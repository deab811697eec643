//! Office hours (办公时间): when somebody is there, and when a filing made outside them counts as
//! received (§2.4). The law asks for seven hours on every working day (policy §七).

use jiff::{
    ToSpan,
    civil::{Date, DateTime, Time, Weekday},
};
use serde::Deserialize;

use crate::{Calendar, CatalogueFault, catalogue::line_of};

/// The least a point is open on a working day, in minutes.
pub const MINUTES_MIN: i64 = 7 * 60;
/// No calendar closes an office for longer.
const CLOSED_DAYS_MAX: usize = 60;

/// Hours of a week. A weekend day that is worked (调休) has the hours of a working day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    workday: Vec<(Time, Time)>,
    /// Monday to Friday, where they differ.
    weekday: [Option<Vec<(Time, Time)>>; 5],
}

/// What the sign at the door says now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// 营业中
    Open { until: DateTime },
    /// 午休
    Break { until: DateTime },
    /// 已下班; `None` when no opening is in sight.
    Closed { opens: Option<DateTime> },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    workday: toml::Spanned<Vec<String>>,
    #[serde(default)]
    weekday: RawWeek,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawWeek {
    mon: Option<toml::Spanned<Vec<String>>>,
    tue: Option<toml::Spanned<Vec<String>>>,
    wed: Option<toml::Spanned<Vec<String>>>,
    thu: Option<toml::Spanned<Vec<String>>>,
    fri: Option<toml::Spanned<Vec<String>>>,
}

impl Hours {
    /// Reads `workday = ["09:00-12:00", "13:00-17:00"]` and `[weekday] fri = […]`.
    /// Fault codes: `toml`, `hours_shape`, `hours_order`, `hours_below_seven` (detail: missing minutes).
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<CatalogueFault>> {
        let raw: Raw = toml::from_str(text).map_err(|error| vec![CatalogueFault::toml(file, text, &error)])?;
        let mut faults = Vec::new();
        let mut read = |list: &toml::Spanned<Vec<String>>| {
            let found = spans(list.as_ref());
            if let Err((code, detail)) = &found {
                let line = line_of(text, list.span().start);
                faults.push(CatalogueFault { file: file.to_owned(), line, code, detail: detail.clone() });
            }
            found.unwrap_or_default()
        };
        let workday = read(&raw.workday);
        let week = raw.weekday;
        let weekday = [week.mon, week.tue, week.wed, week.thu, week.fri].map(|day| day.as_ref().map(&mut read));
        if faults.is_empty() { Ok(Self { workday, weekday }) } else { Err(faults) }
    }

    /// The hours of a day; none on a day off.
    pub fn on<'a>(&'a self, day: Date, calendar: &Calendar) -> &'a [(Time, Time)] {
        if !calendar.is_working(day) {
            return &[];
        }
        let own = match day.weekday() {
            Weekday::Saturday | Weekday::Sunday => None,
            weekday => self.weekday[usize::from(weekday.to_monday_zero_offset().unsigned_abs())].as_ref(),
        };
        own.unwrap_or(&self.workday)
    }

    /// When a filing made at this time counts as received: at once within the hours, otherwise
    /// at the next opening. Without any opening in sight it counts at once.
    pub fn received(&self, at: DateTime, calendar: &Calendar) -> DateTime {
        match self.door(at, calendar) {
            Door::Open { .. } => at,
            Door::Break { until } => until,
            Door::Closed { opens } => opens.unwrap_or(at),
        }
    }

    /// Open, at rest or closed at this time.
    pub fn door(&self, at: DateTime, calendar: &Calendar) -> Door {
        let today = self.on(at.date(), calendar);
        for (i, (from, until)) in today.iter().enumerate() {
            if at.time() < *from {
                let opens = at.date().to_datetime(*from);
                return if i == 0 { Door::Closed { opens: Some(opens) } } else { Door::Break { until: opens } };
            }
            if at.time() < *until {
                return Door::Open { until: at.date().to_datetime(*until) };
            }
        }
        let next = at.date().series(1.day()).skip(1).take(CLOSED_DAYS_MAX);
        let opens = next.filter_map(|day| self.on(day, calendar).first().map(|(from, _)| day.to_datetime(*from))).next();
        Door::Closed { opens }
    }

    /// The moment at which the last day of a period ends: close of business (民法典 203), else midnight.
    pub fn close_of(&self, day: Date, calendar: &Calendar) -> DateTime {
        let last = self.on(day, calendar).last().map(|(_, until)| *until);
        day.to_datetime(last.unwrap_or(Time::constant(23, 59, 59, 0)))
    }
}

fn spans(list: &[String]) -> Result<Vec<(Time, Time)>, (&'static str, String)> {
    let mut out: Vec<(Time, Time)> = Vec::new();
    let mut minutes = 0;
    for text in list {
        let time = |text: &str| if text.trim().len() == 5 { text.trim().parse::<Time>().ok() } else { None };
        let (from, until) = text
            .split_once('-')
            .and_then(|(from, until)| Some((time(from)?, time(until)?)))
            .ok_or(("hours_shape", text.clone()))?;
        if from >= until || out.last().is_some_and(|(_, before)| *before > from) {
            return Err(("hours_order", text.clone()));
        }
        minutes += i64::from(until.hour() - from.hour()) * 60 + i64::from(until.minute() - from.minute());
        out.push((from, until));
    }
    if minutes < MINUTES_MIN {
        return Err(("hours_below_seven", (MINUTES_MIN - minutes).to_string()));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "workday = [\"09:00-12:00\", \"13:00-17:00\"]\n[weekday]\nfri = [\"08:30-16:00\"]\n";

    #[test]
    fn the_door_follows_calendar_and_hours() {
        let (hours, calendar) = (Hours::parse("hours.toml", TEXT).unwrap(), Calendar::bundled().unwrap());
        let at = |text: &str| text.parse::<DateTime>().unwrap();
        for (now, door) in [
            ("2026-11-23T08:59", Door::Closed { opens: Some(at("2026-11-23T09:00")) }),
            ("2026-11-23T09:00", Door::Open { until: at("2026-11-23T12:00") }),
            ("2026-11-23T12:00", Door::Break { until: at("2026-11-23T13:00") }),
            ("2026-11-23T16:59", Door::Open { until: at("2026-11-23T17:00") }),
            ("2026-11-23T17:00", Door::Closed { opens: Some(at("2026-11-24T09:00")) }),
            ("2026-11-26T20:00", Door::Closed { opens: Some(at("2026-11-27T08:30")) }),
            ("2026-11-27T16:00", Door::Closed { opens: Some(at("2026-11-30T09:00")) }),
            // A Saturday that is worked, and the eve of the spring festival.
            ("2026-02-14T10:00", Door::Open { until: at("2026-02-14T12:00") }),
            ("2026-02-14T18:00", Door::Closed { opens: Some(at("2026-02-24T09:00")) }),
        ] {
            assert_eq!(hours.door(at(now), &calendar), door, "{now}");
        }
        assert_eq!(hours.received(at("2026-11-23T10:10"), &calendar), at("2026-11-23T10:10"));
        assert_eq!(hours.received(at("2026-11-28T10:10"), &calendar), at("2026-11-30T09:00"));
        assert_eq!(hours.received(at("2026-11-23T12:30"), &calendar), at("2026-11-23T13:00"));
        assert_eq!(hours.close_of(at("2026-11-27T00:00").date(), &calendar), at("2026-11-27T16:00"));
        assert_eq!(hours.close_of(at("2026-11-28T00:00").date(), &calendar), at("2026-11-28T23:59:59"));
    }

    #[test]
    fn fewer_than_seven_hours_are_refused_with_the_missing_minutes() {
        for (text, line, code, detail) in [
            ("workday = [\"09:00-12:00\", \"13:00-16:40\"]", 1, "hours_below_seven", "20"),
            ("workday = [\"09:00-12:00\", \"13:00-17:00\"]\n[weekday]\nmon = []\n", 3, "hours_below_seven", "420"),
            ("workday = [\"9-17\"]", 1, "hours_shape", "9-17"),
            ("workday = [\"13:00-17:00\", \"09:00-12:00\"]", 1, "hours_order", "09:00-12:00"),
            ("workday = [\"17:00-09:00\"]", 1, "hours_order", "17:00-09:00"),
        ] {
            let faults = Hours::parse("hours.toml", text).unwrap_err();
            assert_eq!((faults[0].line, faults[0].code, faults[0].detail.as_str()), (line, code, detail));
        }
        assert_eq!(Hours::parse("hours.toml", "workdays = []").unwrap_err()[0].code, "toml");
    }
}
