use proptest::prelude::*;

use super::*;
use crate::contract::plan::Refusal;

const NOW: Timestamp = 1_000_000;

fn nothing() -> Limits {
    Limits::default()
}

/// The limits of the standard service level, with much left.
fn standard() -> Limits {
    Limits {
        calls_left: Some(295),
        calls_allowed: Some(300),
        window_secs: Some(3600),
        concurrent: Some(2),
        ..nothing()
    }
}

fn signs(headers: &[(&str, &str)], refusal: Option<(u32, Option<u32>)>) -> Signs {
    Signs {
        headers: headers
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect(),
        refusal: refusal.map(|(code, wait_secs)| Refusal {
            word: None,
            code: Some(code),
            text: String::new(),
            wait_secs,
        }),
        begun: NOW - 1,
    }
}

#[track_caller]
fn check(known: &Limits, seen: &Signs, expected: &Limits) {
    let found = observe("{}", known, seen, NOW);
    assert_eq!(found.recent.last().map(|call| call.ended), Some(NOW));
    let found = Limits {
        recent: Vec::new(),
        ..found
    };
    assert_eq!(&found, expected);
}

#[track_caller]
fn check_admit(dataset: Dataset, known: &Limits, in_flight: u32, expected: Admission) {
    assert_eq!(admit("{}", dataset, known, in_flight, NOW), expected);
}

fn at(until: Timestamp, reason: Reason) -> Admission {
    Admission::At(Hold { until, reason })
}

#[test]
fn the_headers_of_a_good_answer_are_taken_over() {
    let headers = [
        ("x-ratelimit-limit", "300"),
        ("x-ratelimit-window-sec", "3600"),
        ("x-ratelimit-remaining", "295"),
        ("x-ratelimit-towait-sec", "0"),
        ("x-concurrency-limit-limit", "2"),
        ("x-concurrency-limit-running", "0"),
        ("content-type", "application/xml"),
    ];
    check(&nothing(), &signs(&headers, None), &standard());
}

#[test]
fn a_rate_limit_with_all_its_headers_holds_until_it_is_over() {
    let headers = [
        ("X-RateLimit-Limit", "300"),
        ("X-RateLimit-Window-Sec", "3600"),
        ("X-RateLimit-Remaining", "0"),
        ("X-RateLimit-ToWait-Sec", "181"),
        ("X-Concurrency-Limit-Limit", "2"),
        ("X-Concurrency-Limit-Running", "0"),
    ];
    let limits = Limits {
        calls_left: Some(0),
        not_before: Some(NOW + 181),
        ..standard()
    };
    // The header goes before the item of the document.
    check(
        &standard(),
        &signs(&headers, Some((1965, Some(68_928)))),
        &limits,
    );
    check_admit(Dataset::Hosts, &limits, 0, at(NOW + 181, Reason::RateLimit));
}

#[test]
fn a_rate_limit_without_headers_holds_for_what_its_document_says() {
    let limits = Limits {
        calls_left: Some(0),
        not_before: Some(NOW + 68_928),
        ..nothing()
    };
    check(&nothing(), &signs(&[], Some((1965, Some(68_928)))), &limits);
    let limits = Limits {
        not_before: Some(NOW + 900),
        ..limits
    };
    check(&nothing(), &signs(&[], Some((1965, None))), &limits);
}

#[test]
fn a_concurrency_limit_names_no_wait_and_holds_for_the_usual_one() {
    let headers = [
        ("X-RateLimit-Limit", "300"),
        ("X-RateLimit-Window-Sec", "3600"),
        ("X-Concurrency-Limit-Limit", "2"),
        ("X-Concurrency-Limit-Running", "2"),
    ];
    let limits = Limits {
        calls_left: Some(294),
        not_before: Some(NOW + 60),
        ..standard()
    };
    check(&standard(), &signs(&headers, Some((1960, None))), &limits);
    check_admit(
        Dataset::Hosts,
        &limits,
        0,
        at(NOW + 60, Reason::ConcurrencyLimit),
    );
}

#[test]
fn a_wait_without_a_code_holds_like_a_rate_limit() {
    let mut seen = signs(&[], Some((0, Some(30))));
    seen.refusal.as_mut().unwrap().code = None;
    let limits = Limits {
        calls_left: Some(0),
        not_before: Some(NOW + 30),
        ..standard()
    };
    check(&standard(), &seen, &limits);
}

#[test]
fn other_refusals_hold_nothing() {
    let limits = Limits {
        calls_left: Some(294),
        ..standard()
    };
    check(&standard(), &signs(&[], Some((2003, None))), &limits);
    check(&standard(), &signs(&[], Some((1901, None))), &limits);
}

#[test]
fn empty_headers_leave_what_was_known_and_count_the_call() {
    let headers = [("X-RateLimit-Limit", ""), ("X-RateLimit-Remaining", "")];
    let limits = Limits {
        calls_left: Some(294),
        ..standard()
    };
    check(&standard(), &signs(&headers, None), &limits);
    check(&nothing(), &signs(&headers, None), &nothing());
}

#[test]
fn the_last_call_of_a_window_waits_for_its_end_when_no_wait_is_named() {
    let spent = [("X-RateLimit-Remaining", "0")];
    let limits = Limits {
        calls_left: Some(0),
        not_before: Some(NOW + 3600),
        ..nothing()
    };
    check(&nothing(), &signs(&spent, None), &limits);
    let limits = Limits {
        calls_left: Some(0),
        not_before: Some(NOW + 3600),
        ..standard()
    };
    check(&standard(), &signs(&spent, None), &limits);
    // A wait of 0 is of the call that was answered, not of the next one.
    let free = [
        ("X-RateLimit-Remaining", "0"),
        ("X-RateLimit-ToWait-Sec", "0"),
    ];
    check(&standard(), &signs(&free, None), &limits);
}

#[test]
fn a_wait_is_not_lifted_by_an_answer_that_came_late() {
    let waiting = Limits {
        not_before: Some(NOW + 100),
        ..standard()
    };
    let good = [
        ("X-RateLimit-Remaining", "7"),
        ("X-RateLimit-ToWait-Sec", "0"),
    ];
    let limits = Limits {
        calls_left: Some(7),
        ..waiting.clone()
    };
    check(&waiting, &signs(&good, None), &limits);
    let over = Limits {
        not_before: Some(NOW - 1),
        ..standard()
    };
    check(
        &over,
        &signs(&good, None),
        &Limits {
            calls_left: Some(7),
            ..standard()
        },
    );
}

#[test]
fn one_call_runs_until_the_limit_is_known() {
    check_admit(Dataset::Hosts, &nothing(), 0, Admission::Now);
    check_admit(Dataset::Hosts, &nothing(), 1, Admission::WhenOneEnds);
}

#[test]
fn one_of_the_parallel_calls_is_left_to_others() {
    let premium = Limits {
        concurrent: Some(10),
        calls_left: Some(2000),
        ..standard()
    };
    check_admit(Dataset::Detections, &premium, 8, Admission::Now);
    check_admit(Dataset::Detections, &premium, 9, Admission::WhenOneEnds);
    check_admit(Dataset::Detections, &standard(), 1, Admission::WhenOneEnds);
    let express = Limits {
        concurrent: Some(1),
        ..standard()
    };
    check_admit(Dataset::Detections, &express, 0, Admission::Now);
}

#[test]
fn the_knowledge_base_is_asked_by_one_call_at_a_time() {
    let premium = Limits {
        concurrent: Some(10),
        ..standard()
    };
    check_admit(Dataset::KnowledgeBase, &premium, 0, Admission::Now);
    check_admit(Dataset::KnowledgeBase, &premium, 1, Admission::WhenOneEnds);
}

#[test]
fn running_calls_count_against_those_that_are_left() {
    let few = Limits {
        concurrent: Some(10),
        calls_left: Some(3),
        ..standard()
    };
    check_admit(Dataset::Detections, &few, 2, Admission::Now);
    check_admit(Dataset::Detections, &few, 3, Admission::WhenOneEnds);
}

#[test]
fn when_no_call_is_left_and_the_wait_is_over_one_call_finds_out() {
    let spent = Limits {
        calls_left: Some(0),
        not_before: Some(NOW),
        ..standard()
    };
    check_admit(Dataset::Hosts, &spent, 0, Admission::Now);
    let spent = Limits {
        concurrent: Some(10),
        ..spent
    };
    check_admit(Dataset::Hosts, &spent, 1, Admission::WhenOneEnds);
}

#[test]
fn an_answer_without_headers_after_a_named_wait_tells_that_there_are_calls() {
    // The portal names a wait, and on a good answer no number.
    let held = Limits {
        calls_left: Some(0),
        not_before: Some(NOW - 1),
        ..standard()
    };
    let free = Limits {
        calls_left: None,
        ..standard()
    };
    check(&held, &signs(&[], None), &free);
}

#[test]
fn a_call_that_was_given_up_keeps_its_slot_for_a_while() {
    let limits = give_up("{}", &standard(), NOW);
    assert_eq!(limits.held_until, [NOW + 60]);
    check_admit(
        Dataset::Hosts,
        &limits,
        0,
        at(NOW + 60, Reason::ConcurrencyLimit),
    );
    let later = admit("{}", Dataset::Hosts, &limits, 0, NOW + 60);
    assert_eq!(later, Admission::Now);
    assert_eq!(give_up("{}", &limits, NOW + 61).held_until, [NOW + 121]);
    // Three slots of which one runs: the first of two held ones has to expire.
    let enterprise = Limits {
        concurrent: Some(4),
        held_until: vec![NOW + 9, NOW + 5],
        ..standard()
    };
    check_admit(
        Dataset::Hosts,
        &enterprise,
        1,
        at(NOW + 5, Reason::ConcurrencyLimit),
    );
    check_admit(Dataset::Hosts, &enterprise, 0, Admission::Now);
}

#[test]
fn a_time_that_a_wrong_clock_wrote_holds_nothing() {
    let year = 365 * 86_400;
    let odd = Limits {
        not_before: Some(NOW + year),
        held_until: vec![NOW + year],
        ..standard()
    };
    check_admit(Dataset::Hosts, &odd, 0, Admission::Now);
    let express = Limits {
        window_secs: Some(86_400),
        not_before: Some(NOW + 86_400),
        ..standard()
    };
    check_admit(
        Dataset::Hosts,
        &express,
        0,
        at(NOW + 86_400, Reason::ConcurrencyLimit),
    );
}

fn limits() -> impl Strategy<Value = Limits> {
    let count = || prop::option::of(prop_oneof![0..4_u32, any::<u32>()]);
    let time = || prop_oneof![NOW - 99..NOW + 99_999, any::<i64>()];
    let held = prop::collection::vec(time(), 0..5);
    (count(), count(), count(), prop::option::of(time()), held).prop_map(
        |(calls_left, window_secs, concurrent, not_before, held_until)| Limits {
            calls_left,
            calls_allowed: None,
            window_secs,
            concurrent,
            not_before,
            held_until,
            recent: Vec::new(),
        },
    )
}

proptest! {
    /// Whoever waits as he is told, with no call running, soon may start one.
    #[test]
    fn nobody_waits_for_ever(known in limits()) {
        let mut now = NOW;
        for _ in 0..10 {
            match admit("{}", Dataset::Detections, &known, 0, now) {
                Admission::Now => return Ok(()),
                Admission::At(hold) => {
                    prop_assert!(hold.until > now);
                    now = hold.until;
                }
                Admission::WhenOneEnds => prop_assert!(false, "none is running"),
            }
        }
        prop_assert!(false, "still waiting at {}", now);
    }

    #[test]
    fn any_signs_are_read(
        known in limits(), value in ".{0,12}|[0-9]{1,12}", code in prop::option::of(1950..1970_u32),
        wait_secs in prop::option::of(any::<u32>()), now in any::<i64>(),
        begun in any::<i64>(),
    ) {
        let headers = ["Limit", "Remaining", "Window-Sec", "ToWait-Sec"]
            .map(|end| (format!("X-RateLimit-{end}"), value.clone()));
        let refusal = Some(Refusal { code, word: None, text: String::new(), wait_secs });
        let seen = Signs { headers: headers.into(), refusal, begun };
        let limits = observe("{}", &known, &seen, now);
        prop_assert_eq!(observe("{}", &known, &seen, now), limits.clone());
        let _ = admit("{}", Dataset::Hosts, &give_up("{}", &limits, now), 3, now);
    }
}
