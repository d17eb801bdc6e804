//! Which hosts a run is about, and when findings are closed that Qualys did not speak of.
//!
//! The watermark is Qualys' own time, so a clock that is wrong cannot make a run pass over a host.
//! Our clock decides only whether a full run is due, and in doubt one is.

use crate::contract::plan::{ClosureRules, History, Window};
use crate::contract::types::Timestamp;
use crate::settings::Settings;

pub(crate) fn choose(settings: &Settings, history: &History, now: Timestamp) -> Window {
    if settings.detection_window_days > 0 {
        return Window::ScannedSince(now.saturating_sub(days(settings.detection_window_days)));
    }
    let (Some(watermark), Some(last_full)) = (history.watermark, history.last_full) else {
        return Window::Full;
    };
    let is_recent = (0..days(settings.full_every_days)).contains(&now.saturating_sub(last_full));
    if is_recent {
        Window::ProcessedSince(watermark.saturating_sub(i64::from(settings.overlap_secs)))
    } else {
        Window::Full
    }
}

pub(crate) fn closure(settings: &Settings, now: Timestamp) -> ClosureRules {
    let limit = settings.inactive_after_days;
    ClosureRules {
        inactive_before: (limit > 0).then(|| now.saturating_sub(days(limit))),
        most_vanished_percent: settings.most_vanished_percent,
    }
}

fn days(n: u32) -> i64 {
    i64::from(n) * 86_400
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;
    /// A full run 6 days ago, another run since.
    const HISTORY: History = History {
        watermark: Some(99 * DAY),
        last_full: Some(94 * DAY),
    };

    #[track_caller]
    fn check(settings: &Settings, history: &History, now: i64, expected: Window) {
        assert_eq!(choose(settings, history, now), expected);
    }

    #[test]
    fn a_first_run_is_full_and_later_ones_begin_before_the_watermark() {
        let settings = Settings::default();
        let none = History {
            watermark: None,
            last_full: None,
        };
        check(&settings, &none, 100 * DAY, Window::Full);
        let since = Window::ProcessedSince(99 * DAY - 3600);
        check(&settings, &HISTORY, 100 * DAY, since);
    }

    #[test]
    fn a_full_run_comes_every_week_or_as_often_as_wanted() {
        let settings = Settings::default();
        let since = Window::ProcessedSince(99 * DAY - 3600);
        check(&settings, &HISTORY, 101 * DAY - 1, since);
        check(&settings, &HISTORY, 101 * DAY, Window::Full);
        let always = Settings {
            full_every_days: 0,
            ..Settings::default()
        };
        check(&always, &HISTORY, 94 * DAY, Window::Full);
    }

    #[test]
    fn a_clock_that_went_back_makes_a_run_full() {
        check(&Settings::default(), &HISTORY, 93 * DAY, Window::Full);
    }

    #[test]
    fn a_window_of_days_takes_the_place_of_both() {
        let settings = Settings {
            detection_window_days: 30,
            ..Settings::default()
        };
        let since = Window::ScannedSince(70 * DAY);
        check(&settings, &HISTORY, 100 * DAY, since);
    }

    #[test]
    fn inactivity_closes_nothing_unless_wanted() {
        let rules = closure(&Settings::default(), 100 * DAY);
        assert_eq!(
            (rules.inactive_before, rules.most_vanished_percent),
            (None, 30)
        );
        let settings = Settings {
            inactive_after_days: 60,
            ..Settings::default()
        };
        assert_eq!(
            closure(&settings, 100 * DAY).inactive_before,
            Some(40 * DAY)
        );
    }
}
