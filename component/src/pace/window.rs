//! The rolling window of calls, as far as the calls of one caller and their answers show it.
//!
//! Qualys tells how many calls are left, but not when the next one is; so the own calls are kept,
//! and the window opens when one of them leaves it. When Qualys counted a call is known no better
//! than that it was between its beginning and its end. Of what is possible, the latest is taken: a
//! call too early is refused, and what it would have gained is seconds.

use crate::contract::pace::RecentCall;
use crate::contract::types::Timestamp;
use crate::plan::backoff::LONGEST_NAMED_SECS;

#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    calls_allowed: Option<u32>,
    secs: i64,
}

impl Window {
    pub(super) fn new(calls_allowed: Option<u32>, secs: Option<u32>) -> Self {
        let secs = secs.unwrap_or(USUAL_SECS).min(LONGEST_NAMED_SECS);
        Self {
            calls_allowed,
            secs: i64::from(secs),
        }
    }

    /// The calls that still matter, with one that has just ended.
    pub(super) fn add(&self, recent: &[RecentCall], call: RecentCall) -> Vec<RecentCall> {
        let now = call.ended;
        // One window more, as calls that have left it still tell which others are within. Times
        // of the future are from before a clock was put right.
        let matters =
            |one: &RecentCall| one.ended <= now && now.saturating_sub(one.ended) < 2 * self.secs;
        let mut all: Vec<_> = recent.iter().copied().filter(matters).collect();
        all.push(call);
        let last_begun = all.iter().map(|one| one.begun).max().unwrap_or(now);
        let slot_secs = (self.secs / SLOTS).max(1);
        let mut kept: Vec<RecentCall> = Vec::with_capacity(all.len());
        for mut one in all {
            if one.ended > last_begun {
                kept.push(one);
                continue;
            }
            // A call that began later has said what is left now.
            one.calls_left = None;
            let is_of_slot = |last: &&mut RecentCall| {
                last.calls_left.is_none() && last.ended / slot_secs == one.ended / slot_secs
            };
            if one.calls == 0 {
                continue;
            }
            if let Some(last) = kept.last_mut().filter(is_of_slot) {
                last.begun = last.begun.max(one.begun);
                last.ended = last.ended.max(one.ended);
                last.calls = last.calls.saturating_add(one.calls);
            } else {
                kept.push(one);
            }
        }
        kept
    }

    /// From when on a call is allowed again, after one that began at `begun` has found none left.
    pub(super) fn opens(
        &self,
        recent: &[RecentCall],
        begun: Timestamp,
        now: Timestamp,
    ) -> Timestamp {
        self.opens_for_the_only_caller(recent, begun)
            .or_else(|| self.opens_among_others(recent, now))
            .unwrap_or(now.saturating_add(self.secs))
    }

    /// Whose own last calls fill the window: the first of them leaves it. None if that one has left
    /// before, and so others have calls there.
    fn opens_for_the_only_caller(
        &self,
        recent: &[RecentCall],
        begun: Timestamp,
    ) -> Option<Timestamp> {
        let mut n_within = self.calls_allowed.filter(|calls| *calls > 0)?;
        let first = recent.iter().rev().find(|one| {
            let is_first = one.calls >= n_within;
            n_within = n_within.saturating_sub(one.calls);
            is_first
        })?;
        Some(self.left_by(first)).filter(|at| *at > begun)
    }

    /// When others have calls there too, only an own call that is surely within tells a time.
    fn opens_among_others(&self, recent: &[RecentCall], now: Timestamp) -> Option<Timestamp> {
        let is_within =
            |one: &&RecentCall| one.calls > 0 && one.begun.saturating_add(self.secs) > now;
        recent
            .iter()
            .filter(is_within)
            .map(|one| self.left_by(one))
            .min()
    }

    fn left_by(&self, call: &RecentCall) -> Timestamp {
        call.ended.saturating_add(self.secs)
    }
}

/// Calls that are left: the least that any answer said which may be the latest. Answers overtake
/// each other, so only one to a call that began after another had ended is surely later than that.
pub(super) fn calls_left(recent: &[RecentCall]) -> Option<u32> {
    recent.iter().filter_map(|one| one.calls_left).min()
}

/// The window of the standard service level.
const USUAL_SECS: u32 = 3600;
/// Older calls are told apart no finer than by this part of a window.
const SLOTS: i64 = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_was_overtaken_gives_no_call_back() {
        let window = Window::new(Some(300), Some(3600));
        let add = |recent: &[RecentCall], begun, ended, left| {
            window.add(
                recent,
                RecentCall {
                    begun,
                    ended,
                    calls_left: Some(left),
                    calls: 1,
                },
            )
        };
        let recent = add(&[], 0, 10, 3);
        // Begun before that one had ended: it may have been counted earlier.
        let recent = add(&recent, 9, 20, 5);
        assert_eq!(calls_left(&recent), Some(3));
        let recent = add(&recent, 5, 21, 2);
        assert_eq!(calls_left(&recent), Some(2));
        // Begun after all of them had ended: the window has moved on.
        let recent = add(&recent, 21, 60, 7);
        assert_eq!(calls_left(&recent), Some(7));
        // What is no longer the last word of anybody is kept as calls of the window alone.
        let all: Vec<_> = recent.iter().map(|it| (it.ended, it.calls)).collect();
        assert_eq!(all, [(21, 3), (60, 1)]);
    }

    #[test]
    fn a_call_that_was_refused_is_none_of_the_window() {
        let window = Window::new(Some(300), Some(3600));
        let call = |begun, calls| RecentCall {
            begun,
            ended: begun + 10,
            calls_left: Some(0),
            calls,
        };
        let recent = window.add(&[], call(0, 0));
        assert_eq!(calls_left(&recent), Some(0));
        assert_eq!(window.add(&recent, call(20, 1)), [call(20, 1)]);
    }

    #[test]
    fn the_window_opens_when_the_first_of_the_calls_that_fill_it_leaves() {
        let window = Window::new(Some(3), Some(3600));
        let call = |begun, ended| RecentCall {
            begun,
            ended,
            calls_left: None,
            calls: 1,
        };
        let now = 10_000;
        let opens = |first| window.opens(&[first, call(9100, 9300), call(9999, now)], 9999, now);
        assert_eq!(opens(call(7000, 7010)), 7010 + 3600);
        // It had left before the last call began, so others have made the third.
        assert_eq!(opens(call(6000, 6010)), 9300 + 3600);
        // Nothing is known of any call.
        assert_eq!(window.opens(&[], 9999, now), now + 3600);
    }
}
