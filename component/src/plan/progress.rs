//! Promises of the plan as a whole, whatever Qualys answers: a run ends, no row is lost on the
//! way, one bad row costs only itself, and nothing but `list`, `search` and `count` is asked for.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::contract::plan::{Body, Ending, Fate, Refusal, Service, Setback, Window};

const DATASETS: [Dataset; 12] = [
    Dataset::AssetGroups,
    Dataset::HostIds,
    Dataset::ChangedHostIds,
    Dataset::Hosts,
    Dataset::Detections,
    Dataset::KnowledgeBase,
    Dataset::Tags,
    Dataset::HostAssets,
    Dataset::AssetView,
    Dataset::WebApps,
    Dataset::WebAppFindings,
    Dataset::CveScores,
];

/// How a work list ended.
#[derive(Debug, Default, PartialEq)]
struct Run {
    delivered: BTreeSet<u64>,
    skipped: Vec<(u64, Setback)>,
    failure: Option<Failure>,
    n_requests: u64,
}

/// Works a list off, at most `bound` requests long.
fn work_off(mut list: Vec<Batch>, bound: u64, mut reply: impl FnMut(&Batch) -> Answer) -> Run {
    let mut run = Run::default();
    while let Some(batch) = list.pop() {
        run.n_requests += 1;
        assert!(
            run.n_requests <= bound,
            "{batch:?} is request {bound} and no end in sight"
        );
        let outcome = after("{}", &batch, &reply(&batch), 0);
        let ids = hosts_of(&batch);
        match outcome.fate {
            Fate::Done => {
                let rest: BTreeSet<u64> = outcome.follow.iter().flat_map(hosts_of).collect();
                run.delivered
                    .extend(ids.iter().filter(|id| !rest.contains(id)));
            }
            Fate::Split => assert!(!outcome.follow.is_empty()),
            Fate::AgainAt(at) => assert!(at > 0 && outcome.follow.len() == 1),
            Fate::LeftOut(failure) => {
                assert!(
                    ids.is_empty(),
                    "no host is left out with a module: {failure:?}"
                );
            }
            Fate::Skipped(setback) => run.skipped.extend(ids.iter().map(|id| (*id, setback))),
            Fate::Failed(failure) => {
                run.failure = Some(failure);
                return run;
            }
        }
        list.extend(outcome.follow);
    }
    run
}

fn answered(status: u16) -> Answer {
    Answer {
        ending: Ending::Answered(status),
        refusal: None,
        next: None,
    }
}

fn detections(hosts: impl IntoIterator<Item = u64>) -> Vec<Batch> {
    stage("{}", Dataset::Detections, &facts(hosts))
}

fn facts(hosts: impl IntoIterator<Item = u64>) -> Facts {
    Facts {
        hosts: hosts.into_iter().collect(),
        unknown_qids: Vec::new(),
        window: Window::Full,
        watermark: None,
        left_out: Vec::new(),
        unknown_cves: Vec::new(),
        known_cves: Vec::new(),
    }
}

#[track_caller]
fn check_isolated(trouble: &Answer, setback: Setback, n_requests: u64) {
    let run = work_off(detections(1..=500), 1000, |batch| {
        if hosts_of(batch).contains(&77) {
            trouble.clone()
        } else {
            answered(200)
        }
    });
    let others: BTreeSet<u64> = (1..=500).filter(|id| *id != 77).collect();
    let skipped = vec![(77, setback)];
    assert_eq!(
        run,
        Run {
            delivered: others,
            skipped,
            failure: None,
            n_requests
        }
    );
}

#[test]
fn one_host_that_qualys_cannot_deliver_costs_only_itself() {
    // 500 hosts are halved nine times on the way to host 77, with a good half at each step: nine
    // good answers, and 1, 2 or 3 bad ones at each step, then 6 for the host alone.
    let with = |ending| Answer {
        ending,
        ..answered(0)
    };
    check_isolated(&with(Ending::TimedOut), Setback::TimedOut, 9 + 9 + 6);
    check_isolated(&with(Ending::CutOff), Setback::CutOff, 9 + 9 * 2 + 6);
    check_isolated(
        &with(Ending::Unreadable),
        Setback::Unreadable,
        9 + 9 * 2 + 6,
    );
    check_isolated(&answered(500), Setback::ServerError, 9 + 9 * 3 + 6);
}

#[test]
fn a_subscription_that_cannot_be_reached_ends_the_run_and_skips_nobody() {
    let with = |ending| Answer {
        ending,
        ..answered(0)
    };
    for trouble in [with(Ending::Unreachable), answered(503), answered(409)] {
        let run = work_off(detections(1..=500), 6, |_| trouble.clone());
        assert_eq!(run.failure, Some(Failure::OutOfRetries));
        assert_eq!((run.n_requests, run.skipped.len()), (6, 0));
    }
}

#[test]
fn pages_that_come_against_expectation_are_followed() {
    let run = work_off(detections(1..=500), 1000, |batch| {
        let next = hosts_of(batch)
            .get(100)
            .map(|id| format!("action=purge&id_min={id}"));
        Answer {
            next,
            ..answered(200)
        }
    });
    assert_eq!(run.delivered.len(), 500);
    assert_eq!(run.n_requests, 5);
}

fn is_limited(answer: &Answer) -> bool {
    meaning::of(answer) == meaning::Meaning::Hindered(Setback::RateLimited)
}

fn ending() -> impl Strategy<Value = Ending> {
    let statuses = prop::sample::select(vec![200, 202, 400, 409, 413, 414, 429, 500, 503]);
    prop_oneof![
        4 => statuses.prop_map(Ending::Answered),
        1 => any::<u16>().prop_map(Ending::Answered),
        1 => Just(Ending::AnotherDocument),
        3 => Just(Ending::CutOff),
        3 => Just(Ending::TimedOut),
        2 => Just(Ending::Unreachable),
        3 => Just(Ending::Unreadable),
    ]
}

fn answer() -> impl Strategy<Value = Answer> {
    let known = prop::sample::select(vec![999, 1901, 1960, 1965, 2001, 2003, 2011]);
    let code = prop::option::of(prop_oneof![known, any::<u32>()]);
    let wait_secs = prop::option::of(prop_oneof![0..600_u32, any::<u32>()]);
    let words = prop::sample::select(vec!["UNAUTHORIZED", "NOT_LICENSED", "INTERNAL_ERROR", "X"]);
    let word = prop::option::weighted(0.3, words.prop_map(str::to_owned));
    let refusal = (code, word, wait_secs).prop_map(|(code, word, wait_secs)| Refusal {
        code,
        word,
        text: String::new(),
        wait_secs,
    });
    let next = prop_oneof![
        (0..200_u64).prop_map(|id| format!("id_min={id}")),
        ".{0,20}"
    ];
    let refusal = prop::option::weighted(0.2, refusal);
    (ending(), refusal, prop::option::of(next)).prop_map(|(ending, refusal, next)| Answer {
        ending,
        refusal,
        next,
    })
}

fn batch() -> impl Strategy<Value = Batch> {
    let scope = prop_oneof![
        Just(String::new()),
        (0..99_u64, 0..99_u64).prop_map(|(first, n)| format!("{first}-{}", first + n)),
        any::<u64>().prop_map(|id| format!("from:{id}")),
        (0..200_u32).prop_map(|n| format!("CVE-2021-{:04},CVE-2022-{n}0000", n)),
        (0..4_000_000_000_i64, any::<u64>()).prop_map(|(at, id)| format!("tested:{at};from:{id}")),
        ".{0,30}",
    ];
    (
        prop::sample::select(&DATASETS),
        scope,
        any::<u32>(),
        any::<u32>(),
    )
        .prop_map(|(dataset, scope, page_size, attempts)| Batch {
            dataset,
            scope,
            page_size,
            attempts,
        })
}

fn settings() -> impl Strategy<Value = String> {
    let versions = prop::sample::select(vec!["2.0", "3.0", "4.0", "5.0"]);
    let keys = ["fixed", "trurisk", "information_gathered", "asset_groups"];
    (
        versions.clone(),
        versions,
        prop::collection::vec(any::<bool>(), keys.len()),
    )
        .prop_map(move |(host_list, detections, flags)| {
            let flags: Vec<String> = keys
                .iter()
                .zip(flags)
                .map(|(key, flag)| format!(r#""{key}":{flag}"#))
                .collect();
            let api = format!(r#"{{"host_list":"{host_list}","detections":"{detections}"}}"#);
            format!(r#"{{"api":{api},{}}}"#, flags.join(","))
        })
}

proptest! {
    #[test]
    fn list_search_and_count_are_the_only_actions_there_are(
        settings in settings(), batch in batch(),
    ) {
        let request = ask(&settings, &batch);
        prop_assert!(!request.path.contains(['?', '&', '#']));
        let form = match request.body {
            Body::Form(form) => {
                prop_assert_eq!((request.service, &request.query), (Service::Api, &vec![]));
                form
            }
            Body::Document(document) if request.service == Service::Gateway => {
                prop_assert_eq!(request.path, "/rest/2.0/search/am/asset");
                prop_assert_eq!(document.text, "{}");
                for (name, value) in request.query {
                    let names = ["pageSize", "lastSeenAssetId", "assetLastUpdated"];
                    prop_assert!(names.contains(&name.as_str()));
                    let is_odd = |letter: char| !(letter.is_ascii_digit() || "-:TZ".contains(letter));
                    prop_assert!(!value.contains(is_odd), "{value}");
                }
                return Ok(());
            }
            Body::Document(document) => {
                prop_assert!(request.query.is_empty());
                let [empty, qps, rest, version, action, module, list] =
                    request.path.split('/').collect::<Vec<_>>()[..] else {
                    panic!("{}", request.path);
                };
                prop_assert_eq!((empty, qps, rest), ("", "qps", "rest"));
                prop_assert!(["2.0", "3.0"].contains(&version));
                prop_assert!(["search", "count"].contains(&action));
                prop_assert!(!module.is_empty() && !list.is_empty());
                // Numbers are all that a scope brings into it, one of them perhaps as a time.
                let shape = document.text.replace(|letter: char| letter.is_ascii_digit(), "");
                prop_assert!(shape.starts_with("<ServiceRequest>"));
                prop_assert!((1..=2).contains(&shape.matches("<Criteria ").count()));
                let known = ["", "0", "--T::Z"];
                for value in shape.split("<Criteria ").skip(1) {
                    let value = value.split(['>', '<']).nth(1).unwrap_or_default();
                    prop_assert!(value.replace(',', "").is_empty() || known.contains(&value), "{}", value);
                }
                return Ok(());
            }
        };
        let named = |name: &str| -> Vec<String> {
            let values = form.iter().filter(|(own, _)| own == name);
            values.map(|(_, value)| value.clone()).collect()
        };
        prop_assert_eq!(named("action"), ["list"]);
        prop_assert!(request.path.starts_with("/api/"));
        let names: BTreeSet<&str> = form.iter().map(|(name, _)| name.as_str()).collect();
        prop_assert_eq!(names.len(), form.len(), "a name twice: {:?}", form);
        // An answer without a limit is asked for only together with the ids that bound it.
        if named("truncation_limit") == ["0"] {
            prop_assert!(!named("ids").is_empty());
        }
    }

    #[test]
    fn any_batch_and_answer_have_an_outcome_and_always_the_same(
        settings in settings(), batch in batch(), answer in answer(), now in any::<i64>(),
    ) {
        let outcome = after(&settings, &batch, &answer, now);
        prop_assert_eq!(&after(&settings, &batch, &answer, now), &outcome);
        let n_expected = match outcome.fate {
            Fate::Done => 0..=1,
            Fate::Split => 1..=2,
            Fate::AgainAt(_) => 1..=1,
            Fate::Skipped(_) | Fate::LeftOut(_) | Fate::Failed(_) => 0..=0,
        };
        prop_assert!(n_expected.contains(&outcome.follow.len()));
        for follow in outcome.follow {
            prop_assert_eq!(follow.dataset, batch.dataset);
            let scope = Scope::parse(follow.dataset, &follow.scope);
            prop_assert!(scope.is_some(), "{}", follow.scope);
            let asked: BTreeSet<HostId> = hosts_of(&batch).into_iter().collect();
            prop_assert!(hosts_of(&follow).iter().all(|id| asked.contains(id)));
        }
    }

    #[test]
    fn a_list_of_hosts_comes_to_an_end_whatever_is_answered(
        n_hosts in 1..60_u64, answers in prop::collection::vec(answer(), 1..30),
    ) {
        let mut answers = answers.iter().cycle();
        let mut n_limited = 0;
        let bound = 6 * (2 * n_hosts - 1) + 50;
        let run = work_off(detections(1..=n_hosts), bound, |_| {
            let answer = answers.next().unwrap().clone();
            n_limited += u32::from(is_limited(&answer));
            // A rate limit is no failure, and waited for as long as it is there.
            if is_limited(&answer) && n_limited > 50 { answered(200) } else { answer }
        });
        if run.failure.is_none() {
            let skipped = run.skipped.iter().map(|(id, _)| *id);
            let all: BTreeSet<u64> = run.delivered.iter().copied().chain(skipped).collect();
            prop_assert_eq!(all, (1..=n_hosts).collect::<BTreeSet<u64>>());
        }
    }

    #[test]
    fn a_walk_comes_to_an_end_whatever_is_answered(
        answers in prop::collection::vec(answer(), 1..30),
    ) {
        let mut answers = answers.iter().cycle();
        let mut n_limited = 0;
        // 200 pages at most, ten halvings of the page size, 6 attempts each.
        let bound = (200 + 10) * 6 + 50;
        work_off(stage("{}", Dataset::HostIds, &facts([])), bound, |_| {
            let answer = answers.next().unwrap().clone();
            n_limited += u32::from(is_limited(&answer));
            let next = answer.next.clone().filter(|next| cursor::id_min(next) < Some(200));
            let answer = Answer { next, ..answer };
            if is_limited(&answer) && n_limited > 50 { answered(200) } else { answer }
        });
    }
}
