//! Keeps within what Qualys allows a subscription, before Qualys has to refuse.
//!
//! Qualys counts per subscription and API: calls in a rolling window, and calls at once. Both are
//! shared with every other tool of the customer, so one of the parallel calls is left to them.
//! What is known comes from headers that may be missing or empty; then the last word holds. And
//! it may be out of date: no number here stops the first call, only a time can, and no time that
//! is absurdly far away, as after a clock that jumped, is believed.

use crate::contract::pace::{Admission, Hold, Limits, Reason, Signs};
use crate::contract::plan::Setback;
use crate::contract::types::{Dataset, Timestamp};
use crate::plan::{backoff, meaning};
use crate::settings;

mod header;

use header::Headers;

/// The API on whose limits a dataset draws.
pub fn api(dataset: Dataset) -> &'static str {
    match dataset {
        Dataset::AssetGroups => "asset_groups",
        Dataset::HostIds | Dataset::Hosts => "host_list",
        Dataset::Detections => "detections",
        Dataset::KnowledgeBase => "knowledge_base",
    }
}

/// What is known after an answer, once for each.
pub fn observe(settings: &str, known: &Limits, seen: &Signs, now: Timestamp) -> Limits {
    let waits = settings::parse(settings).unwrap_or_default().waits;
    let headers = Headers::read(&seen.headers);
    let window_secs = headers.window_secs.or(known.window_secs);
    let limit = seen.refusal.as_ref().and_then(meaning::limit);
    let named = seen.refusal.as_ref().and_then(|refusal| refusal.wait_secs);

    // An answer without the header has still used up a call.
    let counted = known.calls_left.map(|left| left.saturating_sub(1));
    let mut calls_left = headers.calls_left.or(counted);
    let wait_secs = match (limit, headers.wait_secs, headers.calls_left) {
        (_, Some(secs @ 1..), _) => Some(backoff::named_wait(secs)),
        (Some(setback), _, _) => Some(backoff::wait(setback, named, 0, &waits)),
        // No call is left and no wait is named: the first call leaves the window at its end at
        // the latest.
        (None, None, Some(0)) => Some(backoff::named_wait(
            window_secs.unwrap_or(USUAL_WINDOW_SECS),
        )),
        (None, _, _) => None,
    };
    let is_rate_limited = wait_secs.is_some() && limit != Some(Setback::Busy);
    if is_rate_limited {
        calls_left = Some(0);
    }

    // Answers overtake each other: a wait that one of them named is not lifted by the next.
    let known_wait = known.not_before.filter(|at| is_ahead(*at, now));
    let wait = wait_secs.map(|secs| now.saturating_add(i64::from(secs)));
    Limits {
        calls_left,
        calls_allowed: headers.calls_allowed.or(known.calls_allowed),
        window_secs,
        concurrent: headers.concurrent.or(known.concurrent),
        not_before: known_wait.max(wait),
        held_until: held(known, now).collect(),
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
        Dataset::KnowledgeBase => 1,
        Dataset::AssetGroups | Dataset::Detections | Dataset::HostIds | Dataset::Hosts => {
            known.concurrent.unwrap_or(1).saturating_sub(1).max(1)
        }
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

/// The window of the standard service level.
const USUAL_WINDOW_SECS: u32 = 3600;

#[cfg(test)]
mod tests;
