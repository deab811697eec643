//! How long to wait before the next try: back-off with jitter, and the hall's own word.
//!
//! Pure: the random number is an argument.

use std::time::Duration;

use jiff::Timestamp;

/// First wait after a failure.
pub const FIRST: Duration = Duration::from_secs(2);
/// No wait of our own is longer: a village whose network comes back must not wait for a long time.
pub const LONGEST: Duration = Duration::from_secs(300);
/// No word of the hall keeps us away for longer: a wrong header must not silence a point.
pub const LONGEST_NAMED: Duration = Duration::from_secs(3600);
/// Where an administrator has to act, nothing changes within seconds.
pub const ADMINISTRATOR: Duration = Duration::from_secs(600);

/// The wait before try number `failures + 1`: doubles from [`FIRST`] to [`LONGEST`], of which
/// the upper half is drawn by `dice`, so that forty terminals cut off by one power failure
/// do not come back in one second. A pace named by the hall is kept, and spread upward by
/// at most a quarter.
pub fn delay(failures: u32, named: Option<Duration>, dice: u32) -> Duration {
    let doubled = FIRST.saturating_mul(1u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX));
    let own = doubled.min(LONGEST);
    let drawn = own / 2 + part(own / 2, dice);
    match named {
        None => drawn,
        Some(named) => {
            let named = named.min(LONGEST_NAMED);
            drawn.max(named + part(named / 4, dice))
        }
    }
}

/// `whole · dice / 2³²`
fn part(whole: Duration, dice: u32) -> Duration {
    let nanos = whole.as_nanos() * u128::from(dice) / (1u128 << 32);
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

/// Reads `Retry-After` (RFC 9110 10.2.3): seconds, or a date that is judged by the hall's own
/// `Date`, so that a wrong clock here does not matter.
pub fn retry_after(header: &str, hall_date: Option<Timestamp>) -> Option<Duration> {
    let header = header.trim();
    if !header.is_empty() && header.bytes().all(|b| b.is_ascii_digit()) {
        return Some(header.parse().map_or(LONGEST_NAMED, Duration::from_secs).min(LONGEST_NAMED));
    }
    let until = http_date(header)?;
    let wait = until.duration_since(hall_date?);
    Some(Duration::try_from(wait).unwrap_or(Duration::ZERO).min(LONGEST_NAMED))
}

/// Reads an HTTP date in its one current form, `Sun, 06 Nov 1994 08:49:37 GMT`.
pub fn http_date(header: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(header).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn waits_double_from_two_seconds_to_five_minutes() {
        let seconds: Vec<u64> =
            (0..12).map(|failures| delay(failures, None, u32::MAX).as_millis() as u64).map(|ms| (ms + 1) / 1000).collect();
        assert_eq!(seconds, [2, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
        assert_eq!(delay(3, None, 0), Duration::from_secs(4), "the lower half is certain, the upper is drawn");
        assert!(delay(u32::MAX, None, u32::MAX) <= LONGEST);
    }

    #[test]
    fn the_hall_names_a_pace_in_seconds_or_by_date() {
        let date = http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        let table = [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("99999999999999999999", Some(3600)),
            ("86400", Some(3600)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("Sun, 06 Nov 2094 08:00:00 GMT", None), // a weekday that is not that date's
            ("soon", None),
            ("-3", None),
            ("", None),
        ];
        for (header, expected) in table {
            assert_eq!(retry_after(header, Some(date)), expected.map(Duration::from_secs), "{header:?}");
        }
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:50:07 GMT", None), None, "a date needs the hall's clock");
    }

    proptest! {
        #[test]
        fn never_earlier_than_the_hall_said_and_never_for_ever(failures: u32, named in proptest::option::of(0u64..100_000), dice: u32) {
            let wait = delay(failures, named.map(Duration::from_secs), dice);
            prop_assert!(wait >= FIRST / 2);
            prop_assert!(wait <= LONGEST_NAMED * 5 / 4);
            if let Some(named) = named {
                prop_assert!(wait >= Duration::from_secs(named).min(LONGEST_NAMED));
            }
        }

        #[test]
        fn no_header_panics(header in "\\PC{0,40}") {
            let _ = retry_after(&header, Some(Timestamp::UNIX_EPOCH));
        }
    }
}
