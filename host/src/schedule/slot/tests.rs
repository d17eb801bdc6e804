use super::*;
use crate::{schedule::Definition, time::Rfc3339};

/// 2026-11-20 08:00:00 UTC, long after the starts below.
const NOW: Timestamp = 1_795_161_600;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

fn definition(start: &str, zone: &str) -> Definition {
    Definition {
        start: Some(start.to_owned()),
        time_zone: Some(zone.to_owned()),
        ..Definition::default()
    }
}

fn every(text: &str, start: &str, zone: &str) -> Schedule {
    let definition = Definition {
        every: Some(text.to_owned()),
        ..definition(start, zone)
    };
    definition.understand(NOW).expect("is a schedule")
}

fn cron(text: &str, zone: &str) -> Schedule {
    let definition = Definition {
        cron: Some(text.to_owned()),
        ..definition("2026-01-01", zone)
    };
    definition.understand(NOW).expect("is a schedule")
}

fn at(text: &str) -> Timestamp {
    crate::time::span(text).expect("is a time").0
}

/// The slots after a time, in UTC.
fn slots(schedule: &Schedule, after: &str, n: usize) -> Vec<String> {
    let mut slot = at(after);
    let next = || {
        slot = schedule.next_after(slot)?;
        Some(Rfc3339(slot).to_string())
    };
    std::iter::from_fn(next).take(n).collect()
}

// In Berlin, clocks go from 02:00 to 03:00 on 2026-03-29 at 01:00 UTC, and from 03:00 back to 02:00
// on 2026-10-25 at 01:00 UTC. Winter is one hour ahead of UTC, summer two.

#[test]
fn a_daily_job_in_the_hour_that_is_left_out_comes_an_hour_later() {
    let daily = every("1 day", "2026-03-27T02:30", "Europe/Berlin");
    assert_eq!(
        slots(&daily, "2026-03-27T12:00:00Z", 3),
        [
            "2026-03-28T01:30:00Z", // 02:30 in winter
            "2026-03-29T01:30:00Z", // 03:30 in summer, as there is no 02:30
            "2026-03-30T00:30:00Z", // 02:30 in summer
        ]
    );
}

#[test]
fn a_daily_job_in_the_hour_that_comes_twice_runs_once() {
    let daily = every("1 day", "2026-03-27T02:30", "Europe/Berlin");
    assert_eq!(
        slots(&daily, "2026-10-24T12:00:00Z", 3),
        [
            "2026-10-25T00:30:00Z", // the first 02:30, in summer
            "2026-10-26T01:30:00Z",
            "2026-10-27T01:30:00Z",
        ]
    );
}

#[test]
fn a_cron_job_at_a_fixed_time_runs_once_on_each_of_these_days() {
    let daily = cron("30 2 * * *", "Europe/Berlin");
    assert_eq!(
        slots(&daily, "2026-03-28T12:00:00Z", 2),
        [
            "2026-03-29T01:00:00Z", // 03:00 in summer, the first moment after the gap
            "2026-03-30T00:30:00Z",
        ]
    );
    assert_eq!(
        slots(&daily, "2026-10-24T12:00:00Z", 2),
        ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]
    );
}

#[test]
fn every_six_hours_are_six_real_hours() {
    let quarter = every("6 hours", "2026-03-28T12:00", "Europe/Berlin");
    assert_eq!(
        slots(&quarter, "2026-03-28T11:00:00Z", 4),
        [
            "2026-03-28T17:00:00Z", // 18:00
            "2026-03-28T23:00:00Z", // 00:00
            "2026-03-29T05:00:00Z", // 07:00
            "2026-03-29T11:00:00Z", // 13:00
        ]
    );
    assert_eq!(
        slots(&quarter, "2026-10-24T22:00:00Z", 2),
        [
            "2026-10-24T23:00:00Z", // 01:00
            "2026-10-25T05:00:00Z", // 06:00, as 02:00 to 03:00 came twice
        ]
    );
}

#[test]
fn weeks_keep_day_and_time_of_day() {
    // A Sunday.
    let fortnight = every("2 weeks", "2026-10-11T02:00", "America/New_York");
    assert_eq!(
        slots(&fortnight, "2026-10-11T00:00:00Z", 4),
        [
            "2026-10-11T06:00:00Z",
            "2026-10-25T06:00:00Z",
            "2026-11-08T07:00:00Z", // clocks went back on 2026-11-01
            "2026-11-22T07:00:00Z",
        ]
    );
}

#[test]
fn a_day_that_a_country_left_out_makes_no_slot_of_its_own() {
    // Samoa went from the end of 2011-12-29 straight to 2011-12-31, from UTC-10 to UTC+14.
    let daily = every("1 day", "2011-12-28T12:00", "Pacific/Apia");
    assert_eq!(
        slots(&daily, "2011-12-29T00:00:00Z", 3),
        [
            "2011-12-29T22:00:00Z", // noon of the 29th
            "2011-12-30T22:00:00Z", // noon of the 31st, in place of the 30th too
            "2011-12-31T22:00:00Z",
        ]
    );
}

#[test]
fn nothing_comes_before_the_start_nor_after_the_only_time() {
    let hourly = every("1 hour", "2026-11-21T00:00:00Z", "UTC");
    assert_eq!(hourly.next_after(NOW), Some(at("2026-11-21T00:00:00Z")));
    let once = Definition {
        once: true,
        ..definition("2026-11-21T00:00", "UTC")
    };
    let once = once.understand(NOW).expect("is a schedule");
    assert_eq!(once.next_after(NOW), Some(at("2026-11-21T00:00:00Z")));
    assert_eq!(once.next_after(at("2026-11-21T00:00:00Z")), None);
    assert_eq!(once.upcoming(1, NOW, NOW, 5).len(), 1);
}

#[test]
fn a_start_with_an_offset_is_that_moment_in_any_zone() {
    let daily = every("1 day", "2026-07-01T02:00:00+02:00", "Asia/Tokyo");
    assert_eq!(
        slots(&daily, "2026-06-01", 2),
        ["2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z"]
    );
    assert_eq!(
        daily.shown(at("2026-07-01T00:00:00Z")),
        "2026-07-01 09:00 JST"
    );
}

#[test]
fn missed_slots_are_made_up_for_once_within_the_window() {
    let hourly = every("1 hour", "2026-11-01", "UTC");
    let on_time = |slot| {
        Some(Due {
            slot,
            is_late: false,
            n_missed: 0,
        })
    };
    assert_eq!(hourly.due(1, NOW - HOUR, NOW - 1), None);
    assert_eq!(hourly.due(1, NOW - HOUR, NOW), on_time(NOW));
    assert_eq!(hourly.due(1, NOW - HOUR, NOW + 60), on_time(NOW));
    assert_eq!(hourly.due(1, NOW, NOW + 60), None, "a slot is taken once");
    // The machine slept for three hours and five minutes.
    assert_eq!(
        hourly.due(1, NOW, NOW + 3 * HOUR + 300),
        Some(Due {
            slot: NOW + 3 * HOUR,
            is_late: true,
            n_missed: 2
        })
    );
    let weekly = every("1 week", "2026-11-20T08:00", "UTC");
    let late = Due {
        slot: NOW,
        is_late: true,
        n_missed: 0,
    };
    // The window is 24 hours.
    assert_eq!(weekly.due(1, NOW - 1, NOW + DAY), Some(late));
    assert_eq!(weekly.due(1, NOW - 1, NOW + DAY + 1), None);
}

#[test]
fn a_clock_that_was_wrong_and_is_put_right_stops_nothing() {
    let hourly = every("1 hour", "2026-11-01", "UTC");
    // A slot of next year was taken; what was before the correction is not made up for.
    let next_year = NOW + 365 * DAY;
    assert_eq!(hourly.due(1, next_year, NOW), None);
    assert_eq!(hourly.upcoming(1, next_year, NOW, 1), [NOW + HOUR]);
    // Put back by ten minutes, the slot that was taken does not come again.
    assert_eq!(hourly.due(1, NOW, NOW - 600), None);
    assert_eq!(hourly.due(1, NOW, NOW), None);
    let next = hourly.due(1, NOW, NOW + HOUR).map(|due| due.slot);
    assert_eq!(next, Some(NOW + HOUR));
}

#[test]
fn jitter_is_the_same_for_everyone_and_within_its_bound() {
    let definition = Definition {
        every: Some("1 day".into()),
        jitter: Some("10 minutes".into()),
        ..definition("2026-11-20T08:00", "UTC")
    };
    let daily = definition.understand(NOW).expect("is a schedule");
    // The first 7 bytes that `printf 1:1795161600 | sha256sum` gives, as a number, modulo 601.
    assert_eq!(daily.delay(1, NOW), 85);
    assert_eq!(daily.delay(2, NOW), 552);
    for day in 0..1_000 {
        assert!((0..=600).contains(&daily.delay(1, NOW + day * DAY)));
    }
    assert_eq!(daily.due(1, NOW - DAY, NOW + 84), None);
    let due = daily.due(1, NOW - DAY, NOW + 85);
    assert_eq!(due.map(|due| due.slot), Some(NOW));
    assert_eq!(daily.upcoming(1, NOW - 1, NOW, 1), [NOW + 85]);
}

/// Whatever the schedule and the time: slots follow each other, and none is left out or named
/// twice.
#[test]
fn slots_are_in_order_from_any_time() {
    let mut random = 0x5eed_u64;
    let mut part = |bound: i64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        i64::try_from(random >> 2).expect("62 bits") % bound
    };
    for zone in [
        "Europe/Berlin",
        "America/St_Johns",
        "Australia/Lord_Howe",
        "UTC",
    ] {
        let schedules = [
            every("1 day", "2025-11-02T02:30", zone),
            every("3 days", "2025-11-02T01:59:59", zone),
            every("2 weeks", "2025-11-02T00:00", zone),
            every("7 minutes", "2025-11-02T02:30", zone),
            cron("30 2 * * *", zone),
            cron("*/20 1-3 * * *", zone),
            cron("0 0 1 * *", zone),
        ];
        for schedule in schedules {
            for _ in 0..200 {
                let from = at("2025-12-31") + part(2 * 365 * DAY);
                let first = schedule.next_after(from).expect("has no end");
                let second = schedule.next_after(first).expect("has no end");
                assert!(from < first && first < second, "{zone} {schedule:?} {from}");
                let between = first + part(second - first);
                assert_eq!(
                    schedule.next_after(between),
                    Some(second),
                    "{zone} {schedule:?}"
                );
                let due = schedule.due(1, from, second - 1);
                assert!(
                    due.is_none_or(|due| due.slot == first),
                    "{zone} {schedule:?}"
                );
                assert_eq!(schedule.due(1, second, second), None);
            }
        }
    }
}
