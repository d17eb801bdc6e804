//! The life of one detection, counted in scans of its host.
//!
//! Found for the first time, found again, gone, back: all of it follows from the pattern and
//! the number of the latest scan, so that yesterday and today always fit together.

/// When a detection is there.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pattern {
    /// Comes back and goes: open for the first scans of each cycle.
    Flapping {
        cycle: i64,
        open: i64,
    },
    /// Open for that many scans, then fixed for good.
    Fixed {
        open: i64,
    },
    Lasting,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Status {
    Active,
    Fixed,
    New,
    Reopened,
}

/// What the scans until now say. The fields ending in `scan` are numbers of scans.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Life {
    pub(crate) status: Status,
    pub(crate) last_found_scan: i64,
    pub(crate) times_found: i64,
    pub(crate) last_fixed_scan: Option<i64>,
    pub(crate) first_reopened_scan: Option<i64>,
    pub(crate) last_reopened_scan: Option<i64>,
    pub(crate) times_reopened: i64,
}

/// A detection first found by scan `first`, as seen after scan `latest`.
pub(crate) fn after(pattern: Pattern, first: i64, latest: i64) -> Life {
    let (cycle, open) = match pattern {
        Pattern::Flapping { cycle, open } => (cycle, open),
        Pattern::Fixed { open } => (i64::MAX, open),
        Pattern::Lasting => (i64::MAX, i64::MAX),
    };
    let since = latest - first;
    let (cycles, within) = (since / cycle, since % cycle);
    let is_open = within < open;
    let status = match (is_open, within, cycles) {
        (false, _, _) => Status::Fixed,
        (true, 0, 0) => Status::New,
        (true, 0, _) => Status::Reopened,
        (true, _, _) => Status::Active,
    };
    // Open-ended patterns have no cycle to come, so `start` is `first` for them.
    let start = if cycles == 0 {
        first
    } else {
        first + cycles * cycle
    };
    let last_fixed_scan = match (is_open, cycles) {
        (false, _) => Some(start + open),
        (true, 0) => None,
        (true, _) => Some(start - cycle + open),
    };
    Life {
        status,
        last_found_scan: if is_open { latest } else { start + open - 1 },
        times_found: cycles * open.min(cycle) + (within + 1).min(open),
        last_fixed_scan,
        first_reopened_scan: (cycles > 0).then_some(first.saturating_add(cycle)),
        last_reopened_scan: (cycles > 0).then_some(start),
        times_reopened: cycles,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAPPING: Pattern = Pattern::Flapping { cycle: 5, open: 2 };

    #[track_caller]
    fn check(pattern: Pattern, latest: i64, expected: Status, last_found: i64, times: i64) {
        let life = after(pattern, 10, latest);
        assert_eq!(
            (life.status, life.last_found_scan, life.times_found),
            (expected, last_found, times)
        );
    }

    #[test]
    fn what_lasts_is_new_once_and_active_from_then_on() {
        check(Pattern::Lasting, 10, Status::New, 10, 1);
        check(Pattern::Lasting, 11, Status::Active, 11, 2);
        check(Pattern::Lasting, 99, Status::Active, 99, 90);
    }

    #[test]
    fn what_is_fixed_keeps_the_scan_that_found_it_last() {
        check(Pattern::Fixed { open: 3 }, 12, Status::Active, 12, 3);
        check(Pattern::Fixed { open: 3 }, 13, Status::Fixed, 12, 3);
        check(Pattern::Fixed { open: 3 }, 40, Status::Fixed, 12, 3);
        assert_eq!(
            after(Pattern::Fixed { open: 3 }, 10, 40).last_fixed_scan,
            Some(13)
        );
    }

    #[test]
    fn what_comes_back_is_reopened_once_and_keeps_its_last_fix() {
        check(FLAPPING, 12, Status::Fixed, 11, 2);
        check(FLAPPING, 15, Status::Reopened, 15, 3);
        check(FLAPPING, 16, Status::Active, 16, 4);
        check(FLAPPING, 18, Status::Fixed, 16, 4);
        let life = after(FLAPPING, 10, 21);
        assert_eq!(
            (life.status, life.times_reopened, life.times_found),
            (Status::Active, 2, 6)
        );
        assert_eq!(life.last_fixed_scan, Some(17));
        assert_eq!(
            (life.first_reopened_scan, life.last_reopened_scan),
            (Some(15), Some(20))
        );
    }
}
