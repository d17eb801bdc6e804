//! Times as Qualys writes them, as seconds since 1970 and back. Reads no clock.
//!
//! Qualys sends `YYYY-MM-DDThh:mm:ssZ`, always UTC; anything else is a warning, not a guess.

use crate::contract::types::Timestamp;

/// Reads `YYYY-MM-DDThh:mm:ssZ`, or a bare date as its first second.
pub fn parse(text: impl AsRef<[u8]>) -> Option<Timestamp> {
    let (date, time) = text.as_ref().split_first_chunk()?;
    match time {
        [] => day(date),
        [b'T', h1, h2, b':', m1, m2, b':', s1, s2, b'Z'] => {
            let (hour, minute) = (number([*h1, *h2])?, number([*m1, *m2])?);
            let second = number([*s1, *s2])?;
            let is_valid = hour < 24 && minute < 60 && second < 60;
            is_valid.then_some(day(date)? + hour * 3_600 + minute * 60 + second)
        }
        _ => None,
    }
}

/// The first second of a day, `YYYY-MM-DD`.
fn day(date: &[u8; 10]) -> Option<Timestamp> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = date else {
        return None;
    };
    let year = number([y1, y2])? * 100 + number([y3, y4])?;
    let (month, day) = (number([m1, m2])?, number([d1, d2])?);
    let is_valid = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
    is_valid.then(|| days_since_1970(year, month, day) * DAY)
}

/// Writes `YYYY-MM-DDThh:mm:ssZ` (RFC 3339).
pub fn format(time: Timestamp) -> String {
    let mut text = String::with_capacity(20);
    push(&mut text, time);
    text
}

/// Appends what [`format()`] writes. By hand, as exports write several of them in each line.
pub fn push(text: &mut String, time: Timestamp) {
    let (days, second) = (time.div_euclid(DAY), time.rem_euclid(DAY));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    match year {
        0..=9_999 => {
            two(text, year / 100, None);
            two(text, year % 100, Some('-'));
        }
        // No time of Qualys'.
        _ => *text += &format!("{year:04}-"),
    }
    for (number, after) in [
        (month, '-'),
        (day, 'T'),
        (hour, ':'),
        (minute, ':'),
        (second, 'Z'),
    ] {
        two(text, number, Some(after));
    }
}

/// Two digits, and what follows them.
fn two(text: &mut String, number: i64, after: Option<char>) {
    let digit = |number: i64| char::from(b'0' + u8::try_from(number % 10).unwrap_or_default());
    text.push(digit(number / 10));
    text.push(digit(number));
    text.extend(after);
}

fn number(digits: [u8; 2]) -> Option<i64> {
    let [tens, ones] = digits.map(|digit| digit.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| i64::from(tens) * 10 + i64::from(ones))
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Counts from the 1st of March, so that the leap day is the last of its year.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month <= 2 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    era * DAYS_OF_ERA + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year
        - DAYS_BEFORE_1970
}

fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + DAYS_BEFORE_1970;
    let (era, day_of_era) = (days.div_euclid(DAYS_OF_ERA), days.rem_euclid(DAYS_OF_ERA));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let year = era * 400 + year_of_era;
    if month < 10 {
        (year, month + 3, day)
    } else {
        (year + 1, month - 9, day)
    }
}

/// The last second of the year 9999: what is later has no form of four digits.
pub(crate) const LATEST: Timestamp = 253_402_300_799;
const DAY: i64 = 86_400;
const DAYS_OF_ERA: i64 = 146_097;
/// From the 1st of March of the year 0 to the 1st of January 1970.
const DAYS_BEFORE_1970: i64 = 719_468;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Timestamp) {
        assert_eq!(parse(text), Some(expected));
        assert_eq!(parse(format(expected)), Some(expected));
    }

    #[test]
    fn times_of_qualys_are_read() {
        check("1970-01-01T00:00:00Z", 0);
        check("2000-02-29T12:00:00Z", 951_825_600);
        check("2020-09-27T01:27:44Z", 1_601_170_064);
        check("2026-11-21", 1_795_219_200);
        check("1969-12-31T23:59:59Z", -1);
    }

    #[test]
    fn what_is_no_time_is_not_guessed() {
        for text in [
            "",
            "2020-13-01T00:00:00Z",
            "2021-02-29",
            "2020-01-01T00:00:00+02:00",
            "2020-01-01 00:00:00Z",
            "yesterday",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_written_as_rfc_3339() {
        assert_eq!(format(1_601_170_064), "2020-09-27T01:27:44Z");
        assert_eq!(format(951_825_599), "2000-02-29T11:59:59Z");
    }
}
