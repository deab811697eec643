//! `town-hall deadline`: counts a period by the published calendar, day by day.

use std::{fs, path::Path};

use jiff::civil::{Date, DateTime};
use matters::{
    Calendar,
    calendar::parse_time,
    deadline::{Period, Stop, due},
    hours::Hours,
};
use serde_json::{Value as Json, json};

use super::{Args, Desk, Failure, catalogue::faulty};

/// Bytes of a calendar or of office hours.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

pub fn deadline(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    desk.print_json(&counted(desk, raw)?)
}

fn counted(desk: &Desk<'_>, raw: &[String]) -> Result<Json, Failure> {
    let args = Args::parse(raw, &["start", "limit", "stop", "resume", "calendar", "hours"], &["json"])?;
    args.no_words()?;
    let time = |text: &str| parse_time(text).ok_or_else(|| Failure::usage("time").with("text", text));
    let given = time(args.needed("start")?)?;
    let limit = args.needed("limit")?;
    let period = Period::parse(limit).ok_or_else(|| Failure::usage("limit").with("text", limit))?;
    let (stops, resumes) = (args.all("stop"), args.all("resume"));
    if stops.len() != resumes.len() {
        return Err(Failure::usage("stop-without-resume"));
    }
    let stops: Vec<Stop> = stops
        .iter()
        .zip(resumes)
        .map(|(stop, resume)| {
            // A day without a time is the whole day: a clock can stop on the day on which it began.
            let whole_day = |text: &str, at: DateTime, after: DateTime| {
                let bare = text.trim().parse::<Date>().is_ok() && !text.contains(['T', 't', ':']);
                if bare && at.date() == after.date() { at.max(after) } else { at }
            };
            let stop = whole_day(stop, time(stop)?, given);
            Ok(Stop::new(stop, whole_day(resume, time(resume)?, stop)))
        })
        .collect::<Result<_, Failure>>()?;
    let calendar = match args.maybe("calendar")? {
        Some(path) => Calendar::parse(path, &read(path)?),
        None => Calendar::bundled(),
    };
    let calendar = calendar.map_err(|faults| faulty(desk.t, faults))?;
    // Office hours (办公时间): what comes outside them counts from the next opening.
    let hours = match args.maybe("hours")? {
        Some(path) => Some(Hours::parse(path, &read(path)?).map_err(|faults| faulty(desk.t, faults))?),
        None => None,
    };
    let start = hours.as_ref().map_or(given, |hours| hours.received(given, &calendar));
    let due = due(start, period, &stops, &calendar).map_err(|fault| Failure::usage(fault.code()))?;
    let mut told = json!({ "due": due.date, "days": due.days, "provisional": due.provisional });
    if hours.is_some() {
        told["start"] = json!(start);
    }
    Ok(told)
}

fn read(path: &str) -> Result<String, Failure> {
    let file = || Failure::usage("file").with("path", path);
    if fs::metadata(Path::new(path)).map_err(|error| file().caused(&error))?.len() > FILE_BYTES_MAX {
        return Err(file());
    }
    fs::read_to_string(Path::new(path)).map_err(|error| file().caused(&error))
}

#[cfg(test)]
mod tests {
    use texts::{Lang, Texts};

    use super::*;
    use crate::config::Surroundings;

    fn told(raw: &str) -> Result<Json, Failure> {
        let (t, around) = (Texts::new(Lang::Zh), Surroundings::default());
        let raw: Vec<String> = raw.split_whitespace().map(str::to_owned).collect();
        counted(&Desk { t: &t, around: &around }, &raw)
    }

    fn due(raw: &str) -> String {
        told(raw).unwrap()["due"].as_str().unwrap().to_owned()
    }

    #[test]
    fn a_period_is_counted_day_by_day_and_an_unpublished_year_is_provisional() {
        let told = |raw| told(raw).unwrap();
        let short = told("--start 2026-02-13T10:00 --limit 5wd");
        assert_eq!(short["due"], "2026-02-27");
        assert_eq!(short["days"], json!(["2026-02-14", "2026-02-24", "2026-02-25", "2026-02-26", "2026-02-27"]));
        assert_eq!(short["provisional"], false);
        assert_eq!(told("--start 2026-12-28 --limit 20wd")["provisional"], true);
    }

    #[test]
    fn a_day_without_a_time_stops_the_clock_the_whole_day_also_the_day_on_which_it_began() {
        let hours = "--start 2026-03-02T15:00 --limit 5wd --stop 2026-03-02T15:00 --resume 2026-03-04T09:00";
        let days = "--start 2026-03-02T15:00 --limit 5wd --stop 2026-03-02 --resume 2026-03-04";
        assert_eq!((due(hours), due(days)), ("2026-03-11".into(), "2026-03-11".into()));
        let one_day = "--start 2026-03-02T15:00 --limit 5wd --stop 2026-03-03 --resume 2026-03-03";
        assert_eq!(due(one_day), "2026-03-10");
        assert!(told("--start 2026-03-02T15:00 --limit 5wd --stop 2026-03-01 --resume 2026-03-04").is_err(), "before it began");
    }

    #[test]
    fn what_cannot_be_counted_is_refused() {
        for raw in [
            "--start 2026-03-02",
            "--start 2026-02-30 --limit 5wd",
            "--start 2026-03-02 --limit 5",
            "--start 2026-03-02 --limit 5wd --stop 2026-03-03",
            "--start 2026-03-02 --limit 9wd --stop 2026-03-03 --resume 2026-03-06 --stop 2026-03-05 --resume 2026-03-09",
        ] {
            assert!(told(raw).is_err(), "{raw}");
        }
    }
}
