//! How long to wait before asking Qualys again.
//!
//! Qualys names the wait when a subscription is over its limit, but mostly not when too many
//! calls run at once, and never when it does not answer at all. This module gives all cases one
//! number. It reads no clock: the caller adds the result to the time it was given.

use crate::contract::plan::Setback;
use crate::settings::Waits;

/// Seconds to wait after `attempts` earlier failures of the same batch.
///
/// A wait that Qualys named is taken as it is: a shorter one would only be refused again, and a
/// longer one would waste the window that follows.
pub(crate) fn wait(setback: Setback, named: Option<u32>, attempts: u32, waits: &Waits) -> u32 {
    if let Some(secs) = named.filter(|secs| *secs > 0) {
        return named_wait(secs);
    }
    let first = match setback {
        Setback::RateLimited => return waits.longest_secs,
        Setback::Busy | Setback::TimedOut => waits.busy_secs,
        Setback::Maintenance => waits.maintenance_secs,
        Setback::ServerError | Setback::Unreachable | Setback::CutOff | Setback::Unreadable => {
            waits.unreachable_secs
        }
    };
    first
        .saturating_mul(2_u32.saturating_pow(attempts))
        .min(waits.longest_secs)
}

/// A wait named by Qualys, unless it is longer than any that Qualys has.
pub(crate) fn named_wait(secs: u32) -> u32 {
    secs.min(LONGEST_NAMED_SECS)
}

/// The longest window is a day; another day for clocks that disagree.
pub(crate) const LONGEST_NAMED_SECS: u32 = 2 * 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(setback: Setback, named: Option<u32>, attempts: u32, expected_secs: u32) {
        assert_eq!(
            wait(setback, named, attempts, &Waits::default()),
            expected_secs
        );
    }

    #[test]
    fn silence_doubles_the_wait_up_to_the_ceiling() {
        check(Setback::Unreachable, None, 0, 5);
        check(Setback::Unreachable, None, 3, 40);
        check(Setback::Unreachable, None, u32::MAX, 900);
    }

    #[test]
    fn a_busy_subscription_gets_more_room_than_a_silent_one() {
        check(Setback::Busy, None, 0, 60);
        check(Setback::TimedOut, None, 1, 120);
        check(Setback::Maintenance, None, 0, 300);
    }

    #[test]
    fn a_named_wait_is_taken_as_it_is() {
        check(Setback::RateLimited, Some(68_928), 9, 68_928);
        check(Setback::Busy, Some(7), 9, 7);
    }

    #[test]
    fn a_rate_limit_without_a_time_waits_longest() {
        check(Setback::RateLimited, None, 0, 900);
        check(Setback::RateLimited, Some(0), 0, 900);
    }

    #[test]
    fn nobody_waits_for_a_year() {
        check(Setback::RateLimited, Some(u32::MAX), 0, 172_800);
    }
}
