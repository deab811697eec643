//! Dates as chips write them: `YYYYMMDD`, blanks, and 长期 in three spellings.

/// A civil date that exists in the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    pub year: u16,
    pub month: u8,
    pub day: u8,
}

impl Date {
    /// A date, if the calendar has it and it lies between 1800 and 9999.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        ((1800..=9999).contains(&year) && (1..=days).contains(&day)).then_some(Self { year, month, day })
    }

    /// Reads eight ASCII digits.
    pub fn from_digits(text: &str) -> Option<Self> {
        if text.len() != 8 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        Self::new(text.get(..4)?.parse().ok()?, text.get(4..6)?.parse().ok()?, text.get(6..8)?.parse().ok()?)
    }

    /// Reads `YYYY-MM-DD`.
    pub fn from_iso(text: &str) -> Option<Self> {
        (text.len() == 10).then(|| Self::from_digits(&text.replace('-', "")))?
    }

    /// `YYYY-MM-DD`
    pub fn iso(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// The end of a card's validity as the chip has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    Date(Date),
    /// 长期; some issuers write 30001231 or 99991231 instead of the word.
    LongTerm,
    Blank,
    /// Anything else: shown to nobody as a date.
    Unreadable,
}

/// Reads the end of validity from the trimmed text of its field.
pub fn until(text: &str) -> Until {
    match text {
        "" => Until::Blank,
        "\u{957F}\u{671F}" | "30001231" | "99991231" => Until::LongTerm,
        digits => Date::from_digits(digits).map_or(Until::Unreadable, Until::Date),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_dates_of_the_calendar_pass() {
        for (text, iso) in [
            ("19500308", Some("1950-03-08")),
            ("20000229", Some("2000-02-29")),
            ("19000229", None),
            ("20230229", None),
            ("20231301", None),
            ("20230431", None),
            ("00000000", None),
            ("FFFFFFFF", None),
            ("1950030", None),
            ("１９５0", None),
        ] {
            assert_eq!(Date::from_digits(text).map(Date::iso).as_deref(), iso, "{text}");
        }
        assert_eq!(Date::from_iso("2026-11-24"), Date::new(2026, 11, 24));
        assert_eq!(Date::from_iso("20261124"), None);
    }

    #[test]
    fn long_term_is_text_and_blank_dates_exist() {
        assert_eq!(until("长期"), Until::LongTerm);
        assert_eq!(until("30001231"), Until::LongTerm);
        assert_eq!(until("99991231"), Until::LongTerm);
        assert_eq!(until(""), Until::Blank);
        assert_eq!(until("20301332"), Until::Unreadable);
        assert_eq!(until("20300101"), Until::Date(Date::new(2030, 1, 1).unwrap()));
    }
}
