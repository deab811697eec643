//! `town-hall deadline`: counts a period by the published calendar, day by day.

use std::{fs, path::Path};

use jiff::civil::{DateTime, Time};
use matters::{
    Calendar,
    calendar::parse_time,
    deadline::{Period, Stop, due},
};
use serde::Deserialize;
use serde_json::json;

use super::{Args, Desk, Failure};

/// Office hours (办公时间): what comes after closing, or on a day without office, counts from the next opening.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hours {
    open: Time,
    close: Time,
}

impl Hours {
    /// The moment from which something received at `at` counts.
    fn received(self, at: DateTime, calendar: &Calendar) -> Option<DateTime> {
        let mut day = at.date();
        if calendar.is_working(day) && at.time() < self.close {
            return Some(at.max(day.to_datetime(self.open)));
        }
        loop {
            day = day.tomorrow().ok()?;
            if calendar.is_working(day) {
                return Some(day.to_datetime(self.open));
            }
        }
    }
}

pub fn deadline(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &["start", "limit", "stop", "resume", "calendar", "hours"], &["json"])?;
    args.no_words()?;
    let time = |text: &str| parse_time(text).ok_or_else(|| Failure::usage("time").with("text", text));
    let start = time(args.needed("start")?)?;
    let limit = args.needed("limit")?;
    let period = Period::parse(limit).ok_or_else(|| Failure::usage("limit").with("text", limit))?;
    let (stops, resumes) = (args.all("stop"), args.all("resume"));
    if stops.len() != resumes.len() {
        return Err(Failure::usage("stop-without-resume"));
    }
    let stops: Vec<Stop> = stops
        .iter()
        .zip(resumes)
        .map(|(stop, resume)| Ok(Stop::new(time(stop)?, time(resume)?)))
        .collect::<Result<_, Failure>>()?;
    let calendar = match args.maybe("calendar")? {
        Some(path) => Calendar::parse(path, &read(path)?),
        None => Calendar::bundled(),
    };
    let calendar = calendar.map_err(|faults| {
        Failure::usage("catalogue-faulty").with("fault", faults.first().map(ToString::to_string).unwrap_or_default())
    })?;
    let start = match args.maybe("hours")? {
        Some(path) => hours(path)?.received(start, &calendar).ok_or_else(|| Failure::usage("period_too_long"))?,
        None => start,
    };
    let due = due(start, period, &stops, &calendar).map_err(|fault| Failure::usage(fault.code()))?;
    desk.print_json(&json!({ "due": due.date, "days": due.days, "provisional": due.provisional, "start": start }))
}

fn read(path: &str) -> Result<String, Failure> {
    fs::read_to_string(Path::new(path)).map_err(|error| Failure::usage("file").with("path", path).caused(&error))
}

fn hours(path: &str) -> Result<Hours, Failure> {
    let bad = || Failure::usage("hours").with("path", path);
    let hours: Hours = toml::from_str(&read(path)?).map_err(|error| bad().caused(&error))?;
    if hours.open < hours.close { Ok(hours) } else { Err(bad()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_after_closing_counts_from_the_next_opening() {
        let hours: Hours = toml::from_str("open = \"09:00\"\nclose = \"17:00\"").unwrap();
        let calendar = Calendar::bundled().unwrap();
        for (at, counts) in [
            ("2026-11-24T10:30", "2026-11-24T10:30"),
            ("2026-11-24T07:30", "2026-11-24T09:00"),
            ("2026-11-24T17:00", "2026-11-25T09:00"),
            ("2026-11-27T18:00", "2026-11-30T09:00"),
            ("2026-02-14T18:00", "2026-02-24T09:00"),
        ] {
            let (at, counts) = (parse_time(at).unwrap(), parse_time(counts).unwrap());
            assert_eq!(hours.received(at, &calendar), Some(counts), "{at}");
        }
    }
}
