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
        word: None,
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

#[test]
fn a_page_of_assets_that_lost_its_way_is_asked_for_again() {
    let assets = batch(Dataset::AssetView, "from:7", 0);
    let next = |query: &str| Answer {
        next: Some(query.to_owned()),
        ..answer(Ending::Answered(200))
    };
    let again = Fate::AgainAt(NOW + 5);
    check(&assets, &next(""), again, &["from:7 1000 1"]);
    check(&assets, &next("id_min=9"), Fate::Done, &["from:9 1000 0"]);
    let spent = batch(Dataset::AssetView, "from:7", 5);
    let out = Fate::Failed(Failure::OutOfRetries);
    check(&spent, &next(""), out, &[]);
    // Back to where it was.
    let lost = Fate::Failed(Failure::CursorLoop);
    check(&assets, &next("id_min=7"), lost, &[]);
}

#[test]
fn the_gateway_may_be_lacking_for_any_reason_but_a_passing_one() {
    let assets = batch(Dataset::AssetView, "", 0);
    for (ending, failure) in [
        (Ending::Answered(400), Failure::BadRequest),
        (Ending::Answered(401), Failure::Unauthorized),
        (Ending::Answered(403), Failure::Forbidden),
        (Ending::Answered(404), Failure::NotAnApi),
        (Ending::NoService, Failure::NotAnApi),
    ] {
        check(&assets, &answer(ending), Fate::LeftOut(failure), &[]);
    }
    let later = answer(Ending::Answered(503));
    let again = Fate::AgainAt(NOW + 300);
    check(&assets, &later, again, &[" 1000 1"]);
}
