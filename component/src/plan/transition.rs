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
use crate::contract::types::Timestamp;
use crate::settings::Settings;

pub(crate) fn after(
    settings: &Settings,
    batch: &Batch,
    scope: &Scope,
    answer: &Answer,
    now: Timestamp,
) -> Outcome {
    match meaning::of(answer) {
        Meaning::Delivered => delivered(batch, scope, answer.next.as_deref()),
        Meaning::Hindered(setback) => hindered(settings, batch, scope, answer, setback, now),
        Meaning::TooLong => match smaller(batch, scope) {
            Some(parts) => outcome(Fate::Split, parts),
            None => failed(Failure::BadRequest),
        },
        Meaning::Hopeless(failure) => failed(failure),
    }
}

pub(crate) fn failed(failure: Failure) -> Outcome {
    outcome(Fate::Failed(failure), Vec::new())
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
        (None, true, Scope::Ids(_)) if patience.is_some() => {
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
        Scope::All | Scope::From(_) => setback != Setback::ServerError,
        Scope::Ids(_) => true,
    }
}

/// What takes the place of a batch that is too large, none if it is as small as can be.
fn smaller(batch: &Batch, scope: &Scope) -> Option<Vec<Batch>> {
    match scope {
        Scope::All | Scope::From(_) if batch.page_size > SMALLEST_PAGE => {
            let page_size = (batch.page_size / 2).max(SMALLEST_PAGE);
            Some(vec![Batch {
                page_size,
                ..part(batch, scope)
            }])
        }
        Scope::All | Scope::From(_) => None,
        Scope::Ids(ids) => {
            let (low, high) = ids.halves()?;
            Some(
                [low, high]
                    .map(|half| part(batch, &Scope::Ids(half)))
                    .into(),
            )
        }
    }
}

/// A batch of the same dataset that has not failed yet.
fn part(batch: &Batch, scope: &Scope) -> Batch {
    let page_size = match scope {
        Scope::All | Scope::From(_) => batch.page_size,
        Scope::Ids(ids) => u32::try_from(ids.len()).unwrap_or(u32::MAX),
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
const SMALLEST_PAGE: u32 = 100;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::plan::{Ending, Refusal};
    use crate::contract::types::Dataset;

    const NOW: Timestamp = 1_000_000;

    fn batch(dataset: Dataset, scope: &str, attempts: u32) -> Batch {
        Batch {
            dataset,
            scope: scope.to_owned(),
            page_size: 1000,
            attempts,
        }
    }

    fn answer(ending: Ending) -> Answer {
        Answer {
            ending,
            refusal: None,
            next: None,
        }
    }

    fn refused(code: u32, wait_secs: Option<u32>) -> Answer {
        let refusal = Some(Refusal {
            code: Some(code),
            text: String::new(),
            wait_secs,
        });
        Answer {
            refusal,
            ..answer(Ending::Answered(409))
        }
    }

    /// What follows is written as `scope page-size attempts`.
    #[track_caller]
    fn check(batch: &Batch, answer: &Answer, fate: Fate, follow: &[&str]) {
        let scope = Scope::parse(batch.dataset, &batch.scope).unwrap();
        let outcome = after(&Settings::default(), batch, &scope, answer, NOW);
        let found: Vec<String> = outcome
            .follow
            .iter()
            .map(|b| format!("{} {} {}", b.scope, b.page_size, b.attempts))
            .collect();
        assert_eq!(outcome.fate, fate);
        assert_eq!(found, follow);
    }

    #[test]
    fn a_last_page_is_the_end() {
        let hosts = batch(Dataset::Hosts, "1-9", 3);
        check(&hosts, &answer(Ending::Answered(200)), Fate::Done, &[]);
    }

    #[test]
    fn a_next_page_begins_with_a_clean_slate() {
        let next = |query: &str| Answer {
            next: Some(query.to_owned()),
            ..answer(Ending::Answered(200))
        };
        let ids = batch(Dataset::HostIds, "from:7", 3);
        check(
            &ids,
            &next("action=list&id_min=1001"),
            Fate::Done,
            &["from:1001 1000 0"],
        );
        let hosts = batch(Dataset::Hosts, "1-9", 0);
        check(&hosts, &next("id_min=8"), Fate::Done, &["8-9 2 0"]);
        check(&hosts, &next("id_min=10"), Fate::Done, &[]);
    }

    #[test]
    fn a_next_page_that_leads_nowhere_ends_the_run() {
        let ids = batch(Dataset::HostIds, "from:7", 0);
        for query in ["", "id_min=7", "id_min=6", "id_min=x", "action=list"] {
            let next = Answer {
                next: Some(query.to_owned()),
                ..answer(Ending::Answered(200))
            };
            check(&ids, &next, Fate::Failed(Failure::CursorLoop), &[]);
        }
    }

    #[test]
    fn a_rate_limit_is_waited_for_and_not_counted() {
        let hosts = batch(Dataset::Hosts, "1-9", 2);
        let again = Fate::AgainAt(NOW + 68_928);
        check(&hosts, &refused(1965, Some(68_928)), again, &["1-9 1000 2"]);
        check(
            &hosts,
            &refused(1965, None),
            Fate::AgainAt(NOW + 900),
            &["1-9 1000 2"],
        );
    }

    #[test]
    fn a_busy_subscription_is_waited_for_longer_each_time() {
        let again = Fate::AgainAt(NOW + 60);
        check(
            &batch(Dataset::Hosts, "1-9", 0),
            &refused(1960, None),
            again,
            &["1-9 1000 1"],
        );
        let again = Fate::AgainAt(NOW + 240);
        check(
            &batch(Dataset::Hosts, "1-9", 2),
            &refused(1960, None),
            again,
            &["1-9 1000 3"],
        );
        let spent = Fate::Failed(Failure::OutOfRetries);
        check(
            &batch(Dataset::Hosts, "1-9", 5),
            &refused(1960, None),
            spent,
            &[],
        );
    }

    #[test]
    fn what_took_too_long_is_halved_at_once() {
        let late = answer(Ending::TimedOut);
        check(
            &batch(Dataset::Detections, "1-9", 0),
            &late,
            Fate::Split,
            &["1-4 4 0", "5-9 5 0"],
        );
        check(
            &batch(Dataset::HostIds, "from:7", 0),
            &late,
            Fate::Split,
            &["from:7 500 0"],
        );
    }

    #[test]
    fn a_broken_answer_is_asked_for_once_more_before_it_is_halved() {
        let broken = answer(Ending::CutOff);
        let again = Fate::AgainAt(NOW + 5);
        check(
            &batch(Dataset::KnowledgeBase, "1-4", 0),
            &broken,
            again,
            &["1-4 1000 1"],
        );
        let halves = &["1-2 2 0", "3-4 2 0"];
        check(
            &batch(Dataset::KnowledgeBase, "1-4", 1),
            &broken,
            Fate::Split,
            halves,
        );
    }

    #[test]
    fn a_server_error_gets_time_before_the_batch_is_halved() {
        let error = answer(Ending::Answered(500));
        let again = Fate::AgainAt(NOW + 10);
        check(
            &batch(Dataset::Hosts, "1-4", 1),
            &error,
            again,
            &["1-4 1000 2"],
        );
        check(
            &batch(Dataset::Hosts, "1-4", 2),
            &error,
            Fate::Split,
            &["1-2 2 0", "3-4 2 0"],
        );
        // A walk keeps its page: the server's trouble is not the size.
        let again = Fate::AgainAt(NOW + 20);
        check(&batch(Dataset::HostIds, "", 2), &error, again, &[" 1000 3"]);
    }

    #[test]
    fn a_row_alone_is_given_up_after_the_last_attempt() {
        let late = answer(Ending::TimedOut);
        let again = Fate::AgainAt(NOW + 900);
        check(
            &batch(Dataset::Detections, "7", 4),
            &late,
            again,
            &["7 1000 5"],
        );
        let skipped = Fate::Skipped(Setback::TimedOut);
        check(&batch(Dataset::Detections, "7", 5), &late, skipped, &[]);
    }

    #[test]
    fn a_walk_that_cannot_be_delivered_ends_the_run() {
        let smallest = Batch {
            page_size: 100,
            ..batch(Dataset::HostIds, "", 5)
        };
        let spent = Fate::Failed(Failure::OutOfRetries);
        check(&smallest, &answer(Ending::TimedOut), spent, &[]);
    }

    #[test]
    fn a_request_that_was_too_long_is_halved_while_it_can_be() {
        let long = answer(Ending::Answered(414));
        check(
            &batch(Dataset::Hosts, "1,5", 0),
            &long,
            Fate::Split,
            &["1 1 0", "5 1 0"],
        );
        let failed = Fate::Failed(Failure::BadRequest);
        check(&batch(Dataset::Hosts, "5", 0), &long, failed, &[]);
    }

    #[test]
    fn even_one_attempt_isolates_a_row() {
        let settings = Settings {
            max_attempts: 1,
            ..Settings::default()
        };
        for ending in [Ending::CutOff, Ending::TimedOut, Ending::Answered(500)] {
            let batch = batch(Dataset::Hosts, "1-2", 0);
            let scope = Scope::parse(batch.dataset, &batch.scope).unwrap();
            let outcome = after(&settings, &batch, &scope, &answer(ending), NOW);
            assert_eq!(outcome.fate, Fate::Split);
        }
    }
}
