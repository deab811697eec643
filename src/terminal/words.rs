//! Dates, amounts and codes as people read them. Sentences come from `texts`; this file only
//! prepares their arguments.

use jiff::{Timestamp, civil::Date};
use matters::{CatalogueFault, Sex, deadline::place_time, matter::Words};
use texts::{Lang, Texts};

/// Faults of a town's catalogue: how many, and the first of them with file, line and reason.
pub fn catalogue_faults(t: &Texts, faults: &[CatalogueFault]) -> String {
    const SHOWN: usize = 4;
    let mut lines = vec![texts::trouble::catalogue_faults(t, faults.len() as u64)];
    lines.extend(faults.iter().take(SHOWN).map(|fault| {
        let reason = texts::catalogue_fault::lookup(t, fault.code, &[("detail", fault.detail.clone())]);
        format!("{}:{}: {}", fault.file, fault.line, reason.unwrap_or_else(|| fault.detail.clone()))
    }));
    lines.join("\n")
}

/// The day at the hall's place.
pub fn day(now: Timestamp) -> Date {
    place_time(now).date()
}

/// `09:42`
pub fn clock(at: Timestamp) -> String {
    place_time(at).strftime("%H:%M").to_string()
}

/// `09:42:07`
pub fn clock_seconds(at: Timestamp) -> String {
    place_time(at).strftime("%H:%M:%S").to_string()
}

/// `11月23日 周一`
pub fn date(t: &Texts, date: Date) -> String {
    let weekday = i64::from(date.weekday().to_monday_one_offset());
    texts::shell::date(t, i64::from(date.month()), i64::from(date.day()), weekday)
}

/// `11月23日 周一 09:42`
pub fn date_clock(t: &Texts, at: Timestamp) -> String {
    format!("{} {}", date(t, day(at)), clock(at))
}

/// `今天 16:20`, `昨天 16:20`, `11月18日 周二 16:20`.
pub fn when(t: &Texts, at: Timestamp, now: Timestamp) -> String {
    let (then, today) = (day(at), day(now));
    if then == today {
        texts::shell::today_at(t, clock(at))
    } else if today.yesterday().is_ok_and(|yesterday| yesterday == then) {
        texts::shell::yesterday_at(t, clock(at))
    } else {
        date_clock(t, at)
    }
}

/// `12.4 MB`, `830 kB`: decimal, as a telephone bill counts.
pub fn bytes(count: u64) -> String {
    match count {
        0..1_000_000 => format!("{} kB", count.div_ceil(1_000)),
        _ => format!("{}.{} MB", count / 1_000_000, count % 1_000_000 / 100_000),
    }
}

/// Catalogue data in the language of the window.
pub fn said<'a>(t: &Texts, words: &'a Words) -> &'a str {
    match t.lang() {
        Lang::Zh => &words.zh,
        Lang::En => &words.en,
    }
}

pub fn sex(t: &Texts, sex: Sex) -> String {
    match sex {
        Sex::Male => texts::shell::sex_male(t),
        Sex::Female => texts::shell::sex_female(t),
        Sex::Unknown | Sex::Unspecified => String::new(),
    }
}

/// The hall's numbers in one line; supervision only where there is such a number.
pub fn hall_phones(t: &Texts, particulars: &outbox::Particulars) -> String {
    match particulars.supervision_phone.as_str() {
        "" => particulars.hall_phone.clone(),
        supervision => texts::home::board_hall_line(t, particulars.hall_phone.as_str(), supervision),
    }
}

/// Why a device does not work, as a sentence with what to do.
pub fn device_trouble(t: &Texts, code: &str) -> String {
    texts::devices::lookup(t, code, &[]).unwrap_or_else(|| texts::trouble::device_unknown(t, code.to_owned()))
}

/// What is wrong with a page and what to do, by the code of its judge or of the trouble with its picture.
pub fn page_issue(t: &Texts, code: &str) -> String {
    texts::capture::lookup(t, &format!("verdict-{code}"), &[])
        .or_else(|| texts::devices::lookup(t, code, &[]))
        .unwrap_or_else(|| texts::capture::verdict_other(t, code))
}

/// As [`device_trouble`] in two or three words, for a lamp.
pub fn device_short(t: &Texts, code: &str) -> String {
    texts::trouble::lookup(t, &format!("short_{code}"), &[]).unwrap_or_else(|| texts::trouble::short_other(t))
}

/// Why the line or the hall did not do it.
pub fn line_trouble(t: &Texts, code: &str) -> String {
    texts::line::lookup(t, code, &[]).unwrap_or_else(|| texts::trouble::line_unknown(t, code.to_owned()))
}

/// What happened in the cabinet, and what to do: title and words. What is safe comes first in both.
pub fn cabinet_title(t: &Texts, code: &str) -> String {
    texts::trouble::lookup(t, &format!("{code}_title"), &[]).unwrap_or_else(|| texts::trouble::cabinet_other_title(t))
}

pub fn cabinet_words(t: &Texts, code: &str) -> String {
    texts::trouble::lookup(t, &format!("{code}_do"), &[]).unwrap_or_else(|| texts::trouble::cabinet_other_do(t, code.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_turn_at_the_halls_midnight_and_not_at_the_machines() {
        let late: Timestamp = "2026-11-23T15:59:59Z".parse().unwrap();
        let next: Timestamp = "2026-11-23T16:00:00Z".parse().unwrap();
        assert_eq!(day(late).to_string(), "2026-11-23");
        assert_eq!(day(next).to_string(), "2026-11-24");
        let t = Texts::new(Lang::Zh);
        assert_eq!(when(&t, late, next), "昨天 23:59");
        assert_eq!(when(&t, next, next), "今天 00:00");
        assert_eq!(date_clock(&t, late), "11月23日 周一 23:59");
    }

    #[test]
    fn whatever_the_line_can_say_has_a_sentence_in_both_languages() {
        for lang in [Lang::Zh, Lang::En] {
            let t = Texts::new(lang);
            for code in courier::outcome::codes() {
                let sentence = texts::line::lookup(&t, code, &[]);
                assert!(sentence.as_ref().is_some_and(|words| !words.trim().is_empty()), "{lang:?}: {code}");
            }
        }
    }

    #[test]
    fn amounts_of_data_never_look_smaller_than_they_are() {
        assert_eq!(bytes(0), "0 kB");
        assert_eq!(bytes(1), "1 kB");
        assert_eq!(bytes(999_999), "1000 kB");
        assert_eq!(bytes(12_400_000), "12.4 MB");
    }
}
