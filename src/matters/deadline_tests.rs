use jiff::civil::{Date, DateTime, date};
use proptest::prelude::*;

use super::*;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn bundled() -> Calendar {
    Calendar::bundled().unwrap()
}

/// Domain facts §2.4, computed from the published tables.
const VECTORS: [(&str, u16, &str); 14] = [
    ("2025-01-24", 5, "2025-02-07"),
    ("2025-01-26", 5, "2025-02-08"),
    ("2025-04-30", 5, "2025-05-12"),
    ("2025-09-26", 5, "2025-10-10"),
    ("2025-09-30", 20, "2025-11-04"),
    ("2025-12-31", 3, "2026-01-06"),
    ("2026-01-30", 20, "2026-03-05"),
    ("2026-02-13", 5, "2026-02-27"),
    ("2026-02-13", 20, "2026-03-19"),
    ("2026-02-20", 5, "2026-02-28"),
    ("2026-04-03", 3, "2026-04-09"),
    ("2026-06-18", 1, "2026-06-22"),
    ("2026-09-24", 5, "2026-10-09"),
    ("2026-10-10", 1, "2026-10-12"),
];

#[test]
fn the_vectors_of_2025_and_2026() {
    let calendar = bundled();
    for (start, days, end) in VECTORS {
        let due = due(day(start), Period::working(days), &[], &calendar).unwrap();
        assert_eq!(due.date, day(end), "{start} +{days}");
        assert_eq!(due.days.len(), usize::from(days));
        assert_eq!(due.days.last(), Some(&due.date));
        assert!(!due.provisional);
        // The hour of the start does not matter.
        let late = super::due(day(start).at(23, 59, 59, 0), Period::working(days), &[], &calendar).unwrap();
        assert_eq!(late, due);
    }
}

#[test]
fn working_days_of_every_month() {
    let calendar = bundled();
    for (year, months) in
        [(2025, [19, 19, 21, 22, 19, 20, 23, 21, 23, 18, 20, 23]), (2026, [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23])]
    {
        for (month, expected) in (1..).zip(months) {
            let first = date(year, month, 1);
            assert_eq!(calendar.working_days(first, first.last_of_month()), expected, "{year}-{month}");
        }
        assert_eq!(calendar.working_days(date(year, 1, 1), date(year, 12, 31)), 248);
    }
}

#[test]
fn a_year_without_a_notice_makes_the_end_provisional() {
    let calendar = bundled();
    for (start, days, end, provisional) in [
        ("2026-12-30", 1, "2026-12-31", false),
        ("2026-12-31", 1, "2027-01-04", true),
        ("2027-02-04", 1, "2027-02-09", true),
        ("2028-03-01", 2, "2028-03-03", true),
        ("2024-12-31", 1, "2025-01-02", true),
    ] {
        let due = due(day(start), Period::working(days), &[], &calendar).unwrap();
        assert_eq!((due.date, due.provisional), (day(end), provisional), "{start} +{days}");
    }
}

#[test]
fn natural_days_that_end_on_a_holiday_move_to_the_next_working_day() {
    let calendar = bundled();
    for (start, days, end) in [
        // 居住证暂行条例 9: 15 days, ends on a Monday.
        ("2026-11-01", 15, "2026-11-16"),
        // Ends on Saturday 2026-11-21.
        ("2026-11-06", 15, "2026-11-23"),
        // Ends within the spring festival: the first working day after it.
        ("2026-02-10", 7, "2026-02-24"),
        // Ends on a Saturday that is worked.
        ("2026-02-13", 15, "2026-02-28"),
    ] {
        let due = due(day(start), Period::natural(days), &[], &calendar).unwrap();
        assert_eq!(due.date, day(end), "{start} +{days}d");
        assert_eq!(due.days.len(), usize::from(days));
        assert_eq!(due.days[0], day(start).tomorrow().unwrap());
    }
}

#[test]
fn a_stop_takes_out_its_own_day_the_resume_day_and_all_between() {
    let calendar = bundled();
    let stop = Stop::new(day("2026-11-04").at(9, 0, 0, 0), day("2026-11-10").at(17, 0, 0, 0));
    let due = due(day("2026-11-02"), Period::working(5), &[stop], &calendar).unwrap();
    let days: Vec<Date> = ["2026-11-03", "2026-11-11", "2026-11-12", "2026-11-13", "2026-11-16"].map(day).to_vec();
    assert_eq!(due.days, days);
    // A stop on the last day moves the end; one after it changes nothing.
    let last = Stop::new(day("2026-11-09"), day("2026-11-09"));
    assert_eq!(super::due(day("2026-11-02"), Period::working(5), &[last], &calendar).unwrap().date, day("2026-11-10"));
    let after = Stop::new(day("2026-11-10"), day("2026-11-20"));
    assert_eq!(super::due(day("2026-11-02"), Period::working(5), &[after], &calendar).unwrap().date, day("2026-11-09"));
}

#[test]
fn impossible_stops_are_refused_each_with_its_reason() {
    let calendar = bundled();
    let at = |text: &str| text.parse::<DateTime>().unwrap();
    let start = at("2026-11-02T10:00");
    let s = |a: &str, b: &str| Stop::new(at(a), at(b));
    for (stops, fault) in [
        (vec![s("2026-11-02T09:59", "2026-11-03T00:00")], DeadlineFault::StopBeforeStart),
        (vec![s("2026-11-04T10:00", "2026-11-04T09:00")], DeadlineFault::ResumeBeforeStop),
        (vec![s("2026-11-09T08:00", "2026-11-12T08:00"), s("2026-11-04T08:00", "2026-11-09T09:00")], DeadlineFault::Overlap),
        (vec![s("2026-11-04T08:00", "2099-11-09T09:00")], DeadlineFault::TooLong),
    ] {
        assert_eq!(due(start, Period::working(5), &stops, &calendar), Err(fault));
    }
    // Resumed in the morning and stopped again in the afternoon of one day: no overlap.
    let touching = [s("2026-11-04T08:00", "2026-11-05T09:00"), s("2026-11-05T14:00", "2026-11-06T09:00")];
    assert_eq!(due(start, Period::working(2), &touching, &calendar).unwrap().date, day("2026-11-09"));
    assert_eq!(due(start, Period::working(DAYS_MAX + 1), &[], &calendar), Err(DeadlineFault::TooLong));
    assert_eq!(due(Date::MAX, Period::working(1), &[], &calendar), Err(DeadlineFault::TooLong));
}

#[test]
fn no_days_end_today_or_on_the_next_working_day() {
    let calendar = bundled();
    for (start, end) in [("2026-11-23", "2026-11-23"), ("2026-11-21", "2026-11-23"), ("2026-02-14", "2026-02-14")] {
        assert_eq!(due(day(start), Period::working(0), &[], &calendar).unwrap().date, day(end));
    }
}

#[test]
fn what_is_left_and_its_lamp() {
    let calendar = bundled();
    let five = Period::working(5);
    let end = due(day("2026-11-16"), five, &[], &calendar).unwrap();
    assert_eq!(end.date, day("2026-11-23"));
    for (today, left, light) in [
        ("2026-11-16", 5, Lamp::Green),
        ("2026-11-18", 3, Lamp::Green),
        ("2026-11-19", 2, Lamp::Amber),
        ("2026-11-20", 1, Lamp::Amber),
        ("2026-11-21", 1, Lamp::Amber),
        ("2026-11-23", 0, Lamp::Red),
        ("2026-11-24", -1, Lamp::Red),
        ("2026-11-30", -5, Lamp::Red),
    ] {
        let remaining = remaining(&end, Unit::WorkingDay, day(today), &calendar);
        assert_eq!((remaining, lamp(remaining, five)), (left, light), "{today}");
    }
    assert_eq!(remaining(&end, Unit::Day, day("2026-11-21"), &calendar), 2);
    assert_eq!(lamp(0, Period::working(0)), Lamp::Green, "an instant matter is green on its day");
    assert_eq!(lamp(-1, Period::working(0)), Lamp::Red);
}

#[test]
fn a_clock_that_stands_keeps_what_it_has_left() {
    let calendar = bundled();
    let start = day("2026-11-02");
    let at = |text: &str| day(text).at(12, 0, 0, 0);
    for (stopped, left) in [("2026-11-02", 5), ("2026-11-03", 5), ("2026-11-04", 4), ("2026-11-09", 1), ("2026-12-09", 0)] {
        assert_eq!(remaining_while_stopped(start, Period::working(5), &[], at(stopped), &calendar), Ok(left), "{stopped}");
    }
}

#[test]
fn an_extension_counts_on_from_the_first_end() {
    let calendar = bundled();
    let first = due(day("2026-02-02"), Period::working(5), &[], &calendar).unwrap();
    let more = extended(&first, EXTENSION_MAX, &calendar).unwrap();
    let whole = due(day("2026-02-02"), Period::working(15), &[], &calendar).unwrap();
    assert_eq!(more, whole);
    assert!(
        extended(&due(day("2026-12-30"), Period::working(1), &[], &calendar).unwrap(), EXTENSION_MAX, &calendar)
            .unwrap()
            .provisional
    );
}

#[test]
fn periods_are_written_in_one_way() {
    assert_eq!(Period::parse("20wd"), Some(Period::working(20)));
    assert_eq!(Period::parse(" 60D "), Some(Period::natural(60)));
    for bad in ["", "wd", "d", "20", "-1d", "+5wd", "1.5d", "20 wd", "3651d", "99999999999d", "20w"] {
        assert_eq!(Period::parse(bad), None, "{bad}");
    }
}

#[test]
fn times_without_an_offset_are_the_places() {
    assert_eq!(parse_time("2026-02-13T10:00"), parse_time("2026-02-13T02:00:00Z"));
    assert_eq!(parse_time("2026-02-13T23:30:00-01:00").unwrap().date(), day("2026-02-14"));
    assert_eq!(parse_time("2026-02-13").unwrap(), day("2026-02-13").at(0, 0, 0, 0));
    assert_eq!(parse_time("13.02.2026"), None);
    assert_eq!(place_date("2026-11-23T15:59:59Z".parse().unwrap()), day("2026-11-23"));
    assert_eq!(place_date("2026-11-23T16:00:00Z".parse().unwrap()), day("2026-11-24"));
    assert_eq!(instant(day("2026-11-24").at(0, 0, 0, 0)), Some("2026-11-23T16:00:00Z".parse().unwrap()));
}

#[test]
fn a_broken_calendar_names_its_lines() {
    let text = "[[year]]\nyear = 2030\npublished = true\nsource = \" \"\nverified = false\noff = [\n  \"2030-02-30\",\n  \"2031-01-01\",\n  \"2029-12-31\",\n  \"2030-05-04\",\n]\nwork = [\"2030-05-04\", \"2030-05-06\"]\n[[year]]\nyear = 2030\npublished = false\nsource = \"x\"\nverified = false\noff = []\nwork = []\n";
    let faults = Calendar::parse("calendar.toml", text).unwrap_err();
    let told: Vec<(usize, &str)> = faults.iter().map(|fault| (fault.line, fault.code)).collect();
    assert_eq!(
        told,
        [
            (1, "calendar_source"),
            (7, "calendar_date"),
            (8, "calendar_foreign_day"),
            (12, "calendar_both"),
            (12, "calendar_work_on_weekday"),
            (13, "calendar_year_twice"),
        ]
    );
    let faults = Calendar::parse("calendar.toml", "[[year]]\nyear = 2030\nholidays = []\n").unwrap_err();
    assert_eq!((faults[0].line, faults[0].code), (3, "toml"));
}

#[test]
fn a_region_lays_its_own_days_over_the_national_ones() {
    let own = Calendar::from_days([day("2026-03-20")], [day("2026-03-21")], []);
    let calendar = bundled().with_overlay(&own);
    assert!(!calendar.is_working(day("2026-03-20")) && calendar.is_working(day("2026-03-21")));
    assert!(calendar.published(2026));
}

/// The slow reference: one state a day, from the words of the law, sharing no code with `due`.
fn day_by_day(start: Date, period: Period, stops: &[(Date, Date)], off: &[Date], work: &[Date]) -> (Date, Vec<Date>) {
    let works = |d: Date| {
        let number = d.weekday().to_monday_one_offset();
        if work.contains(&d) { true } else { number <= 5 && !off.contains(&d) }
    };
    let mut counted = Vec::new();
    let mut left = period.days;
    let mut today = start;
    loop {
        if left == 0 {
            let standing = period.days > 0 && stops.iter().any(|(a, b)| *a <= today && today <= *b);
            if works(today) && !standing {
                return (today, counted);
            }
        }
        today = today.tomorrow().unwrap();
        if left == 0 {
            continue;
        }
        let mut counts = true;
        for (a, b) in stops {
            if today >= *a && today <= *b {
                counts = false;
            }
        }
        if period.unit == Unit::WorkingDay && !works(today) {
            counts = false;
        }
        if counts {
            counted.push(today);
            left -= 1;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn due_agrees_with_a_day_by_day_walk_over_ten_random_years(
        holidays in proptest::collection::btree_set(0i64..3660, 0..300),
        start in 0i64..3000,
        length in 0u16..120,
        natural in any::<bool>(),
        mut gaps in proptest::collection::vec((0i64..40, 0i64..30), 0..4),
    ) {
        let zero = date(2025, 1, 1);
        let at = |n: i64| zero.checked_add(n.days()).unwrap();
        // A random calendar: weekdays drawn are holidays, weekend days drawn are worked.
        let (work, off): (Vec<Date>, Vec<Date>) = holidays.iter().map(|n| at(*n)).partition(|d| d.weekday().to_monday_one_offset() > 5);
        let calendar = Calendar::from_days(off.clone(), work.clone(), 2025..=2035);
        let start = at(start);
        let mut next = start;
        let mut pairs = Vec::new();
        for (gap, length) in gaps.drain(..) {
            let stop = next.checked_add(gap.days()).unwrap();
            let resume = stop.checked_add(length.days()).unwrap();
            pairs.push((stop, resume));
            next = resume.checked_add(1.day()).unwrap();
        }
        let period = Period { days: length, unit: if natural { Unit::Day } else { Unit::WorkingDay } };
        let (end, counted) = day_by_day(start, period, &pairs, &off, &work);
        let stops: Vec<Stop> = pairs.iter().rev().map(|(a, b)| Stop::new(*a, *b)).collect();
        let due = due(start, period, &stops, &calendar).unwrap();
        prop_assert_eq!(due.date, end);
        prop_assert_eq!(&due.days, &counted);
        prop_assert_eq!(due.provisional, end.year() > 2035);
        let left = remaining(&due, Unit::WorkingDay, start, &calendar);
        let walked = (1..).map(|n| start.checked_add(jiff::Span::new().days(n)).unwrap()).take_while(|d| *d <= end).filter(|d| calendar.is_working(*d)).count();
        prop_assert_eq!(left, walked as i32);
    }
}
