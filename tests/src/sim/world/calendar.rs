//! When a host was scanned.
//!
//! A host counts its scans; scan 0 is the last one on or before day 0, and those before it have
//! negative numbers. Day and scan number are found from each other without walking through the
//! days between.

/// Scans of one host, as numbers and days.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Calendar {
    /// 0 to 999: spreads hosts over the days.
    pub(crate) phase: i64,
    /// Scans in a thousand days, from day 1 on.
    pub(crate) pace: i64,
    /// The day of the first scan; negative for hosts that were there from the start.
    pub(crate) first_day: i64,
}

impl Calendar {
    /// The number of the latest scan on or before a day.
    pub(crate) fn scan_at(&self, day: i64) -> i64 {
        let pace = if day <= 0 { PAST_PACE } else { self.pace };
        (day * pace + self.phase).div_euclid(1_000)
    }

    pub(crate) fn first_scan(&self) -> i64 {
        self.scan_at(self.first_day)
    }

    pub(crate) fn day_of(&self, scan: i64) -> i64 {
        let pace = if scan <= 0 { PAST_PACE } else { self.pace };
        let day = -(self.phase - scan * 1_000).div_euclid(pace);
        day.max(self.first_day)
    }
}

/// One scan in five days, before the simulation begins.
const PAST_PACE: i64 = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_of_the_days_has_a_scan() {
        let calendar = Calendar {
            phase: 400,
            pace: 200,
            first_day: -100,
        };
        assert_eq!(calendar.scan_at(0), 0);
        assert_eq!(calendar.day_of(0), -2);
        assert_eq!((calendar.scan_at(2), calendar.scan_at(3)), (0, 1));
        assert_eq!((calendar.day_of(1), calendar.day_of(2)), (3, 8));
        assert_eq!((calendar.first_scan(), calendar.day_of(-20)), (-20, -100));
    }

    #[test]
    fn the_day_of_a_scan_is_the_first_on_which_it_is_the_latest() {
        for (phase, pace) in [(0, 200), (999, 333), (123, 1_000), (500, 70)] {
            let calendar = Calendar {
                phase,
                pace,
                first_day: -300,
            };
            for scan in -50..30 {
                let day = calendar.day_of(scan);
                assert_eq!(calendar.scan_at(day), scan, "{calendar:?}");
                assert_eq!(calendar.scan_at(day - 1), scan - 1, "{calendar:?}");
            }
        }
    }

    #[test]
    fn without_rescans_the_past_stays_the_present() {
        let calendar = Calendar {
            phase: 400,
            pace: 0,
            first_day: -100,
        };
        assert_eq!(calendar.scan_at(1_000), 0);
    }
}
