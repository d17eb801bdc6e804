//! The clock, and between timestamps and their texts in UTC.
//!
//! Whoever works on a run has its own clock, and whoever shows something that of the command line;
//! nobody else asks here what time it is.

use std::{
    fmt,
    time::{SystemTime, UNIX_EPOCH},
};

/// Seconds since 1970, as in the contract.
pub(crate) type Timestamp = i64;

pub(crate) const DAY: i64 = 86_400;

/// The whole second before the present.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::try_from(since.as_secs()).unwrap_or(Timestamp::MAX)
}

/// `2026-11-20`.
pub(crate) struct Date(pub(crate) Timestamp);

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.0.div_euclid(DAY));
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// `2026-11-20T08:00:00Z`.
pub(crate) struct Rfc3339(pub(crate) Timestamp);

impl fmt::Display for Rfc3339 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secs = self.0.rem_euclid(DAY);
        let (hour, minute, second) = (secs / 3_600, secs / 60 % 60, secs % 60);
        write!(f, "{}T{hour:02}:{minute:02}:{second:02}Z", Date(self.0))
    }
}

/// The seconds that a text stands for, from the first up to but not including the second: one
/// second for digits and for a time, a day for a date.
pub(crate) fn span(text: &str) -> Option<(Timestamp, Timestamp)> {
    if let Ok(second) = text.parse::<i64>() {
        return Some((second, second.checked_add(1)?));
    }
    let (date, time) = match text.split_once(['T', 't', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.splitn(3, '-');
    let year = number(parts.next()?, 4, 0..=9_999)?;
    let month = number(parts.next()?, 2, 1..=12)?;
    let day = number(parts.next()?, 2, 1..=31)?;
    let days = days_from_civil(year, month, day);
    if civil(days) != (year, month, day) {
        return None;
    }
    let Some(time) = time else {
        return Some((days * DAY, (days + 1) * DAY));
    };
    let time = time.strip_suffix(['Z', 'z']).unwrap_or(time);
    let mut parts = time.splitn(3, ':');
    let hour = number(parts.next()?, 2, 0..=23)?;
    let minute = number(parts.next()?, 2, 0..=59)?;
    let second = parts
        .next()
        .map_or(Some(0), |text| number(text, 2, 0..=59))?;
    let at = days * DAY + hour * 3_600 + minute * 60 + second;
    Some((at, at + 1))
}

fn number(text: &str, digits: usize, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
    let sound = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse()
        .ok()
        .filter(|number| sound && range.contains(number))
}

// Years begin in March here, so that the leap day is the last of its year; eras are 400 years.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc() {
        assert_eq!(Rfc3339(0).to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(Rfc3339(951_782_400).to_string(), "2000-02-29T00:00:00Z");
        assert_eq!(Rfc3339(-1).to_string(), "1969-12-31T23:59:59Z");
    }

    #[test]
    fn a_date_is_a_day_and_a_time_a_second() {
        assert_eq!(span("1970-01-02"), Some((DAY, 2 * DAY)));
        assert_eq!(span("1970-01-01T00:01:05Z"), Some((65, 66)));
        assert_eq!(span("1700000000"), Some((1_700_000_000, 1_700_000_001)));
    }

    #[test]
    fn a_date_that_is_not_in_the_calendar_is_none() {
        assert_eq!(span("2026-02-29"), None);
        assert_eq!(span("yesterday"), None);
        assert_eq!(span("2026-1-2"), None);
    }
}
