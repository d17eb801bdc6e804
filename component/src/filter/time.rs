//! Days, moments and ages, as people write them.

use crate::contract::types::Timestamp;

/// A time in an expression.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Time {
    /// A day in UTC, by its first second.
    Day(Timestamp),
    Moment(Timestamp),
    /// So many seconds ago.
    Age(i64),
}

pub(super) fn parse(text: &str) -> Option<Time> {
    age(text).or_else(|| day(text)).or_else(|| moment(text))
}

/// A number and a unit, such as `30days`.
fn age(text: &str) -> Option<Time> {
    let n_digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (count, unit) = text.split_at(n_digits);
    let secs = match unit.to_ascii_lowercase().as_str() {
        "min" | "minute" | "minutes" => 60,
        "h" | "hour" | "hours" => 3600,
        "d" | "day" | "days" => DAY_SECS,
        "w" | "week" | "weeks" => 7 * DAY_SECS,
        "month" | "months" => 30 * DAY_SECS,
        "y" | "year" | "years" => 365 * DAY_SECS,
        _ => return None,
    };
    Some(Time::Age(i64::from(count.parse::<u32>().ok()?) * secs))
}

fn day(text: &str) -> Option<Time> {
    midnight(text).map(Time::Day)
}

/// RFC 3339. Fractions of a second are dropped, as Qualys has none.
fn moment(text: &str) -> Option<Time> {
    let date = midnight(text.get(..10)?)?;
    let clock = text.get(10..)?.strip_prefix(['T', 't', ' '])?;
    let (hour, clock) = number(clock, 2)?;
    let (minute, clock) = number(clock.strip_prefix(':')?, 2)?;
    let (second, clock) = number(clock.strip_prefix(':')?, 2)?;
    let zone = match clock.strip_prefix('.') {
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|digit: char| digit.is_ascii_digit());
            (zone.len() < fraction.len()).then_some(zone)?
        }
        None => clock,
    };
    // 60 is a leap second.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let local = date + hour * 3600 + minute * 60 + second;
    Some(Time::Moment(local - offset_secs(zone)?))
}

/// The first second of a date `YYYY-MM-DD`, none before 1970.
fn midnight(text: &str) -> Option<Timestamp> {
    let is_date = text.len() == "YYYY-MM-DD".len();
    crate::time::parse(text).filter(|at| is_date && *at >= 0)
}

fn offset_secs(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if zone.starts_with('+') { 1 } else { -1 };
    let (hours, rest) = number(zone.strip_prefix(['+', '-'])?, 2)?;
    let (minutes, rest) = number(rest.strip_prefix(':')?, 2)?;
    (rest.is_empty() && hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Exactly so many digits, and what is left.
fn number(text: &str, n_digits: usize) -> Option<(i64, &str)> {
    let (digits, rest) = text.split_at_checked(n_digits)?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    Some((digits.parse().ok().filter(|_| is_number)?, rest))
}

pub(super) const DAY_SECS: i64 = 86_400;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Time) {
        assert_eq!(parse(text), Some(expected), "{text}");
    }

    #[test]
    fn days_are_counted_as_the_calendar_does() {
        check("1970-01-01", Time::Day(0));
        check("1970-03-01", Time::Day(59 * 86_400));
        check("2000-02-29", Time::Day(951_782_400));
        check("2026-11-01", Time::Day(1_793_491_200));
        check("9999-12-31", Time::Day(253_402_214_400));
    }

    #[test]
    fn moments_are_put_into_utc() {
        check("2026-11-01T10:00:00Z", Time::Moment(1_793_527_200));
        check("2026-11-01t10:00:00.123z", Time::Moment(1_793_527_200));
        check("2026-11-01T11:30:00+01:30", Time::Moment(1_793_527_200));
        check("2026-11-01 05:00:00-05:00", Time::Moment(1_793_527_200));
    }

    #[test]
    fn ages_have_a_unit() {
        check("30days", Time::Age(2_592_000));
        check("30d", Time::Age(2_592_000));
        check("1Day", Time::Age(86_400));
        check("12h", Time::Age(43_200));
        check("90minutes", Time::Age(5400));
        check("2weeks", Time::Age(1_209_600));
        check("3months", Time::Age(7_776_000));
        check("1year", Time::Age(31_536_000));
        check("4294967295y", Time::Age(4_294_967_295 * 31_536_000));
    }

    #[test]
    fn what_is_on_no_calendar_is_no_time() {
        for text in [
            "",
            "30",
            "days",
            "30parsecs",
            "-3days",
            "4294967296d",
            "2026-02-29",
            "1900-01-01",
            "2026-13-01",
            "2026-00-01",
            "2026-11-00",
            "2026-11-31",
            "2026-1-1",
            "26-11-01",
            "2026-11-01T",
            "2026-11-01T24:00:00Z",
            "2026-11-01T10:00Z",
            "2026-11-01T10:00:00",
            "2026-11-01T10:00:00.Z",
            "2026-11-01T10:00:00+1:00",
            "2026-11-01T10:00:00+01:00x",
            "2026-11-0\u{661}",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_time_or_not(text in ".{0,30}|[0-9T:Z+. -]{0,30}") {
            let _ = parse(&text);
        }
    }
}
