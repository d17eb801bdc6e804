//! Keeps within what Qualys allows a subscription, before Qualys has to refuse.
//!
//! Qualys counts per subscription and API: calls in a rolling window, and calls at once. Both are
//! shared with every other tool of the customer, so one of the parallel calls is left to them.
//! What is known comes from headers that may be missing or empty; then the last word holds. And
//! it may be out of date: no number here stops the first call, only a time can, and no time that
//! is absurdly far away, as after a clock that jumped, is believed.

use crate::contract::pace::{Admission, Hold, Limits, Reason, RecentCall, Signs};
use crate::contract::plan::Setback;
use crate::contract::types::{Dataset, Timestamp};
use crate::plan::{backoff, meaning};
use crate::settings;

mod header;
mod window;

use header::Headers;
use window::Window;

/// The API on whose limits a dataset draws.
pub fn api(dataset: Dataset) -> &'static str {
    match dataset {
        Dataset::AssetGroups => "asset_groups",
        Dataset::ChangedHostIds | Dataset::HostIds | Dataset::Hosts => "host_list",
        Dataset::Detections => "detections",
        Dataset::KnowledgeBase => "knowledge_base",
        Dataset::Tags | Dataset::HostAssets | Dataset::WebApps | Dataset::WebAppFindings => {
            "portal"
        }
        Dataset::AssetView => "asset_view",
        Dataset::CveScores => "qvs",
    }
}

/// What is known after an answer, once for each.
pub fn observe(settings: &str, known: &Limits, seen: &Signs, now: Timestamp) -> Limits {
    let waits = settings::parse(settings).unwrap_or_default().waits;
    let headers = Headers::read(&seen.headers);
    let calls_allowed = headers.calls_allowed.or(known.calls_allowed);
    let window_secs = headers.window_secs.or(known.window_secs);
    let limit = seen.refusal.as_ref().and_then(meaning::limit);
    let named = seen.refusal.as_ref().and_then(|refusal| refusal.wait_secs);
    let named_wait = match (limit, headers.wait_secs) {
        (_, Some(secs @ 1..)) => Some(backoff::named_wait(secs)),
        (Some(setback), _) => Some(backoff::wait(setback, named, 0, &waits)),
        (None, _) => None,
    };
    // An answer without the header has still used up a call. One to a call when none was left tells
    // that this is out of date: the portal names a wait, and never a number.
    let counted = known.calls_left.and_then(|left| left.checked_sub(1));
    let is_rate_limited = named_wait.is_some() && limit != Some(Setback::Busy);
    let call = RecentCall {
        begun: seen.begun,
        ended: now,
        calls_left: if is_rate_limited {
            Some(0)
        } else {
            headers.calls_left.or(counted)
        },
        calls: u32::from(limit.is_none()),
    };
    let window = Window::new(calls_allowed, window_secs);
    let recent = window.add(&known.recent, call);
    let calls_left = window::calls_left(&recent);

    let wait = match (named_wait, calls_left) {
        (Some(secs), _) => Some(now.saturating_add(i64::from(secs))),
        // The last call that the window allows is answered with a wait of 0, if with any.
        (None, Some(0)) => Some(window.opens(&recent, seen.begun, now)),
        (None, _) => None,
    };
    // Answers overtake each other: a wait that one of them named is not lifted by the next.
    let waits = known.not_before.into_iter().chain(wait);
    Limits {
        calls_left,
        calls_allowed,
        window_secs,
        concurrent: headers.concurrent.or(known.concurrent),
        // The time of an answer is rounded up, so this second may not have come yet.
        not_before: waits
            .filter(|at| is_ahead(*at, now.saturating_sub(1)))
            .max(),
        held_until: held(known, now).collect(),
        recent,
    }
}

/// What is known after a call was given up before its answer was complete.
pub fn give_up(settings: &str, known: &Limits, now: Timestamp) -> Limits {
    let waits = settings::parse(settings).unwrap_or_default().waits;
    let until = now.saturating_add(i64::from(waits.held_slot_secs));
    let held_until = held(known, now).chain([until]).collect();
    Limits {
        held_until,
        ..known.clone()
    }
}

/// Whether a call may start, with `in_flight` calls to the same API running.
pub fn admit(
    _settings: &str,
    dataset: Dataset,
    known: &Limits,
    in_flight: u32,
    now: Timestamp,
) -> Admission {
    if let Some(until) = known.not_before.filter(|at| is_ahead(*at, now)) {
        let reason = match known.calls_left {
            Some(0) => Reason::RateLimit,
            _ => Reason::ConcurrencyLimit,
        };
        return Admission::At(Hold { until, reason });
    }
    let slots = slots(dataset, known);
    // What the last header said may not have counted the calls that are running yet.
    let calls_left = known.calls_left.map_or(u32::MAX, |left| left.max(1));
    if in_flight >= slots.min(calls_left) {
        return Admission::WhenOneEnds;
    }
    // Slots that are held are not ours to wait for; so many must expire that one is free.
    let mut held: Vec<Timestamp> = held(known, now).collect();
    held.sort_unstable();
    let n_free = usize::try_from(slots - in_flight).unwrap_or(usize::MAX);
    match held.len().checked_sub(n_free) {
        Some(n_over) => Admission::At(Hold {
            until: held[n_over],
            reason: Reason::ConcurrencyLimit,
        }),
        None => Admission::Now,
    }
}

/// Calls that may run at once: all but one of those that Qualys allows, and one until it has said
/// how many. Calls to the knowledge base shut each other out on some subscriptions.
fn slots(dataset: Dataset, known: &Limits) -> u32 {
    match dataset {
        Dataset::KnowledgeBase | Dataset::CveScores => 1,
        Dataset::AssetGroups
        | Dataset::ChangedHostIds
        | Dataset::Detections
        | Dataset::HostIds
        | Dataset::Hosts
        | Dataset::Tags
        | Dataset::HostAssets
        | Dataset::AssetView
        | Dataset::WebApps
        | Dataset::WebAppFindings => known.concurrent.unwrap_or(1).saturating_sub(1).max(1),
    }
}

/// The slots at Qualys that calls which were given up still keep.
fn held(known: &Limits, now: Timestamp) -> impl Iterator<Item = Timestamp> {
    known
        .held_until
        .iter()
        .copied()
        .filter(move |until| is_ahead(*until, now))
}

/// Whether a time is still to come, and near enough to be believed.
fn is_ahead(at: Timestamp, now: Timestamp) -> bool {
    at > now && at.saturating_sub(now) <= i64::from(backoff::LONGEST_NAMED_SECS)
}

impl Default for Limits {
    /// Nothing is known.
    fn default() -> Self {
        Self {
            calls_left: None,
            calls_allowed: None,
            window_secs: None,
            concurrent: None,
            not_before: None,
            held_until: Vec::new(),
            recent: Vec::new(),
        }
    }
}

#[cfg(test)]
mod server;
#[cfg(test)]
mod tests;
