//! What becomes of a batch: every transition of the work list is here.
//!
//! Time-outs, broken answers and server errors can be the fault of one row, a host that Qualys
//! cannot deliver. Such a batch is halved until that row stands alone, and only the row is given
//! up. Everything else that hinders concerns the subscription or the network: then waiting is all
//! that helps, and after the last attempt the run ends with nothing lost, as it can go on later.

use super::backoff;
use super::cursor;
use super::meaning::{self, Meaning};
use super::scope::Scope;
use crate::contract::plan::{Answer, Batch, Failure, Fate, Outcome, Setback};
use crate::contract::types::{Dataset, Timestamp};
use crate::settings::Settings;

pub(crate) fn after(
    settings: &Settings,
    batch: &Batch,
    scope: &Scope,
    answer: &Answer,
    now: Timestamp,
) -> Outcome {
    match meaning::of(answer) {
        Meaning::Delivered if lost_its_way(batch.dataset, answer) => {
            hindered(settings, batch, scope, answer, Setback::ServerError, now)
        }
        Meaning::Delivered => delivered(batch, scope, answer.next.as_deref()),
        Meaning::Hindered(setback) => hindered(settings, batch, scope, answer, setback, now),
        Meaning::TooLong => match smaller(batch, scope) {
            Some(parts) => outcome(Fate::Split, parts),
            None => failed(Failure::BadRequest),
        },
        Meaning::Hopeless(failure) if may_lack(batch.dataset, failure) => {
            outcome(Fate::LeftOut(failure), Vec::new())
        }
        Meaning::Hopeless(failure) => failed(failure),
    }
}

pub(crate) fn failed(failure: Failure) -> Outcome {
    outcome(Fate::Failed(failure), Vec::new())
}

/// The gateway sometimes says that there is more, and not from where on. Asked again, it does.
fn lost_its_way(dataset: Dataset, answer: &Answer) -> bool {
    let next = answer.next.as_deref();
    dataset == Dataset::AssetView && next.is_some_and(|next| cursor::id_min(next).is_none())
}

/// Modules are granted one by one. What is wrong with the account or the address itself shows at
/// the lists that every run needs, too.
fn may_lack(dataset: Dataset, failure: Failure) -> bool {
    let is_module = match dataset {
        Dataset::Tags
        | Dataset::HostAssets
        | Dataset::WebApps
        | Dataset::WebAppFindings
        | Dataset::CveScores => true,
        // The gateway has an account of its own, and refuses a token that lacks a module in the
        // same words as one that is wrong. To API clients it has said that the request was bad.
        Dataset::AssetView => {
            return matches!(
                failure,
                Failure::Unauthorized
                    | Failure::AccountExpired
                    | Failure::RegistrationIncomplete
                    | Failure::Forbidden
                    | Failure::NotLicensed
                    | Failure::NotAnApi
                    | Failure::BadRequest
            );
        }
        Dataset::AssetGroups
        | Dataset::HostIds
        | Dataset::ChangedHostIds
        | Dataset::Hosts
        | Dataset::Detections
        | Dataset::KnowledgeBase => false,
    };
    let is_lack = matches!(
        failure,
        Failure::Forbidden | Failure::NotLicensed | Failure::NotAnApi
    );
    is_module && is_lack
}

fn delivered(batch: &Batch, scope: &Scope, next: Option<&str>) -> Outcome {
    let Some(next) = next else {
        return outcome(Fate::Done, Vec::new());
    };
    match cursor::id_min(next).map(|id_min| scope.rest(id_min)) {
        Some(Ok(rest)) => outcome(
            Fate::Done,
            rest.iter().map(|rest| part(batch, rest)).collect(),
        ),
        // There is more, but the way to it is missing or leads back.
        None | Some(Err(_)) => failed(Failure::CursorLoop),
    }
}

fn hindered(
    settings: &Settings,
    batch: &Batch,
    scope: &Scope,
    answer: &Answer,
    setback: Setback,
    now: Timestamp,
) -> Outcome {
    let named = answer
        .refusal
        .as_ref()
        .and_then(|refusal| refusal.wait_secs);
    let secs = backoff::wait(setback, named, batch.attempts, &settings.waits);
    let again = Fate::AgainAt(now.saturating_add(i64::from(secs)));
    // Qualys says when a rate limit is over: to be held by one is no failure.
    if setback == Setback::RateLimited {
        return outcome(again, vec![batch.clone()]);
    }

    let failures = batch.attempts.saturating_add(1);
    let is_spent = failures >= settings.max_attempts;
    let patience = patience(setback, settings.max_attempts);
    let is_enough = patience.is_some_and(|patience| failures >= patience);
    let parts = smaller(batch, scope).filter(|_| is_enough && may_split(setback, scope));
    match (parts, is_spent, scope) {
        (Some(parts), _, _) => outcome(Fate::Split, parts),
        (None, false, _) => outcome(
            again,
            vec![Batch {
                attempts: failures,
                ..batch.clone()
            }],
        ),
        (None, true, Scope::Ids(_) | Scope::Cves(_)) if patience.is_some() => {
            outcome(Fate::Skipped(setback), Vec::new())
        }
        (None, true, _) => failed(Failure::OutOfRetries),
    }
}

/// Failures after which a batch is halved, for setbacks that may be the fault of one row.
fn patience(setback: Setback, max_attempts: u32) -> Option<u32> {
    match setback {
        // The same again would take as long again. The slot that the call keeps at Qualys is
        // held by `pace`, so the halves do not start at once either.
        Setback::TimedOut => Some(1),
        // The network's fault as a rule, and then the next try succeeds.
        Setback::CutOff | Setback::Unreadable => Some(max_attempts.min(2)),
        // The server's own trouble as a rule, and then it should be left alone for a while.
        Setback::ServerError => Some((max_attempts / 2).max(1)),
        Setback::Busy | Setback::Maintenance | Setback::RateLimited | Setback::Unreachable => None,
    }
}

/// A walk has no row to isolate; smaller pages only help an answer that took too long.
fn may_split(setback: Setback, scope: &Scope) -> bool {
    match scope {
        Scope::All | Scope::From(_) | Scope::Lately { .. } => setback != Setback::ServerError,
        Scope::Ids(_) | Scope::Cves(_) => true,
        Scope::ModifiedSince(_) => false,
    }
}

/// What takes the place of a batch that is too large, none if it is as small as can be.
fn smaller(batch: &Batch, scope: &Scope) -> Option<Vec<Batch>> {
    match scope {
        Scope::All | Scope::From(_) | Scope::Lately { .. }
            if batch.page_size > smallest_page(batch.dataset) =>
        {
            let page_size = (batch.page_size / 2).max(smallest_page(batch.dataset));
            Some(vec![Batch {
                page_size,
                ..part(batch, scope)
            }])
        }
        Scope::All | Scope::From(_) | Scope::Lately { .. } | Scope::ModifiedSince(_) => None,
        Scope::Ids(ids) | Scope::Cves(ids) => {
            let (low, high) = ids.halves()?;
            Some(
                [low, high]
                    .map(|half| part(batch, &Scope::naming(batch.dataset, half)))
                    .into(),
            )
        }
    }
}

/// A batch of the same dataset that has not failed yet.
fn part(batch: &Batch, scope: &Scope) -> Batch {
    let page_size = match scope.ids() {
        Some(ids) => u32::try_from(ids.len()).unwrap_or(u32::MAX),
        None => batch.page_size,
    };
    Batch {
        dataset: batch.dataset,
        scope: scope.to_string(),
        page_size,
        attempts: 0,
    }
}

fn outcome(fate: Fate, follow: Vec<Batch>) -> Outcome {
    Outcome { fate, follow }
}

/// Below this, Qualys has more work with the pages than with the rows.
fn smallest_page(dataset: Dataset) -> u32 {
    match dataset {
        // Each comes with all of its payloads, or with all that is installed on it.
        Dataset::WebAppFindings | Dataset::HostAssets | Dataset::AssetView => 5,
        Dataset::AssetGroups
        | Dataset::HostIds
        | Dataset::ChangedHostIds
        | Dataset::Hosts
        | Dataset::Detections
        | Dataset::KnowledgeBase
        | Dataset::Tags
        | Dataset::WebApps
        | Dataset::CveScores => 100,
    }
}

#[cfg(test)]
mod tests;
