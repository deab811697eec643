//! `town-hall deadline`: counts a period by the published calendar, day by day.

use std::{fs, path::Path};

use jiff::civil::{Date, DateTime};
use matters::{
    Calendar,
    calendar::parse_time,
    deadline::{Period, Stop, due},
    hours::Hours,
};
use serde_json::json;

use super::{Args, Desk, Failure, catalogue::faulty};

/// Bytes of a calendar or of office hours.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

pub fn deadline(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
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
    desk.print_json(&told)
}

fn read(path: &str) -> Result<String, Failure> {
    let file = || Failure::usage("file").with("path", path);
    if fs::metadata(Path::new(path)).map_err(|error| file().caused(&error))?.len() > FILE_BYTES_MAX {
        return Err(file());
    }
    fs::read_to_string(Path::new(path)).map_err(|error| file().caused(&error))
}
