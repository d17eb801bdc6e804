//! Times as people read them: how long ago, or date and time in UTC. The only clock of the lists.

pub(super) use crate::time::{Rfc3339, now};
use crate::{guest::types::Timestamp, time::Date};

/// `3 d ago` within a month, the date beyond that.
pub(super) fn ago(time: Timestamp, now: Timestamp) -> String {
    match now.saturating_sub(time) {
        secs if secs < 0 => date(time),
        0..60 => "just now".to_owned(),
        secs @ 60..3_600 => format!("{} min ago", secs / 60),
        secs @ 3_600..86_400 => format!("{} h ago", secs / 3_600),
        secs if secs < 31 * 86_400 => format!("{} d ago", secs / 86_400),
        _ => date(time),
    }
}

/// `2026-11-20 08:00`, in UTC.
pub(super) fn minute(time: Timestamp) -> String {
    let of_day = time.rem_euclid(86_400);
    format!(
        "{} {:02}:{:02}",
        date(time),
        of_day / 3_600,
        of_day / 60 % 60
    )
}

/// `2026-11-20`, in UTC.
pub(super) fn day(time: Timestamp) -> String {
    date(time)
}

/// Date and time, and how long ago that was within a month.
pub(super) fn told(time: Timestamp, now: Timestamp) -> String {
    let ago = ago(time, now);
    if ago == date(time) {
        return minute(time) + " UTC";
    }
    format!("{} UTC, {ago}", minute(time))
}

/// `4 h 12 min`, `12 min 5 s`, `5 s`.
pub(super) fn duration(secs: u64) -> String {
    match secs {
        0..60 => format!("{secs} s"),
        60..3_600 => format!("{} min {} s", secs / 60, secs % 60),
        3_600..86_400 => format!("{} h {} min", secs / 3_600, secs / 60 % 60),
        _ => format!("{} d {} h", secs / 86_400, secs / 3_600 % 24),
    }
}

fn date(time: Timestamp) -> String {
    Date(time).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-20 08:00:00 UTC.
    const NOW: Timestamp = 1_795_161_600;

    #[test]
    fn a_time_is_told_from_now_within_a_month() {
        assert_eq!(ago(NOW - 59, NOW), "just now");
        assert_eq!(ago(NOW - 60, NOW), "1 min ago");
        assert_eq!(ago(NOW - 7_199, NOW), "1 h ago");
        assert_eq!(ago(NOW - 3 * 86_400, NOW), "3 d ago");
        assert_eq!(ago(NOW - 31 * 86_400, NOW), "2026-10-20");
        assert_eq!(ago(NOW + 86_400, NOW), "2026-11-21");
    }

    #[test]
    fn a_minute_is_in_utc() {
        assert_eq!(minute(NOW), "2026-11-20 08:00");
        assert_eq!(minute(951_826_500), "2000-02-29 12:15");
        assert_eq!(minute(-60), "1969-12-31 23:59");
    }

    #[test]
    fn a_duration_has_two_units_at_most() {
        assert_eq!(duration(0), "0 s");
        assert_eq!(duration(725), "12 min 5 s");
        assert_eq!(duration(15_120), "4 h 12 min");
        assert_eq!(duration(90_000), "1 d 1 h");
    }
}
