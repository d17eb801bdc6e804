//! Any caller that keeps to the limits, against a subscription that counts.
//!
//! Time is of milliseconds here and of seconds to the rules, as it is outside. No call may be over
//! the limit once the first answer has told it, and no time may be wasted that Qualys would allow.

use std::collections::VecDeque;

use proptest::prelude::*;

use super::{admit, observe};
use crate::contract::pace::{Admission, Limits, Signs};
use crate::contract::types::Dataset;

#[derive(Clone, Debug)]
struct Subscription {
    calls: usize,
    window_secs: u64,
    concurrent: u32,
    /// Whether the answer to the last call of a window has a header with a wait of 0, or none.
    names_no_wait: bool,
}

/// How long a call takes until Qualys counts it, and then until its answer is complete.
type Call = (u64, u64);

#[derive(Debug)]
struct Running {
    begun: u64,
    counted: u64,
    ended: u64,
    left: Option<usize>,
}

#[derive(Debug, Eq, PartialEq)]
struct Run {
    over_limit: usize,
    millis: u64,
}

/// Carries out all calls as the rules admit them.
fn run(subscription: &Subscription, calls: &[Call]) -> Run {
    let mut known = Limits::default();
    let mut server = Server::new(subscription);
    let mut running: Vec<Running> = Vec::new();
    let (mut now, mut todo) = (START, calls.iter());
    let mut next = todo.next();
    let mut over_limit = 0;
    loop {
        for call in &mut running {
            if call.counted <= now && call.left.is_none() {
                call.left = Some(server.count(call.counted).unwrap_or_else(|| {
                    over_limit += 1;
                    0
                }));
            }
        }
        let ended = running.iter().position(|call| call.ended <= now);
        if let Some(call) = ended.map(|at| running.swap_remove(at)) {
            let signs = subscription.signs(&call);
            known = observe("{}", &known, &signs, seconds(now) + 1);
            continue;
        }
        let mut wake = u64::MAX;
        if let Some((until_counted, until_ended)) = next {
            let n_running = u32::try_from(running.len()).unwrap();
            match admit("{}", Dataset::Detections, &known, n_running, seconds(now)) {
                Admission::Now => {
                    let counted = now + until_counted;
                    running.push(Running {
                        begun: now,
                        counted,
                        ended: counted + until_ended,
                        left: None,
                    });
                    next = todo.next();
                    continue;
                }
                Admission::At(hold) => wake = u64::try_from(hold.until).unwrap() * 1000,
                Admission::WhenOneEnds => {}
            }
        }
        let times = running.iter().map(|call| match call.left {
            None => call.counted,
            Some(_) => call.ended,
        });
        match times.chain([wake]).min() {
            Some(u64::MAX) => break,
            Some(time) => now = time,
            None => unreachable!("there is the wake"),
        }
    }
    assert!(next.is_none(), "nothing runs, and nothing may start");
    Run {
        over_limit,
        millis: now - START,
    }
}

/// How long someone needs who knows all that the server knows, with as many calls at once.
fn ideal(subscription: &Subscription, calls: &[Call]) -> u64 {
    let slots = subscription.concurrent.saturating_sub(1).max(1) as usize;
    let mut free_at = vec![START; slots];
    let mut counted: VecDeque<u64> = VecDeque::new();
    for (until_counted, until_ended) in calls {
        let slot = (0..slots).min_by_key(|at| free_at[*at]).unwrap();
        let mut at = free_at[slot] + until_counted;
        if counted.len() >= subscription.calls {
            let first = counted.pop_front().unwrap();
            at = at.max(first + subscription.window_secs * 1000);
        }
        counted.push_back(at);
        free_at[slot] = at + until_ended;
    }
    free_at.into_iter().max().unwrap() - START
}

/// Counts calls in a window that reaches back from each of them.
struct Server<'a> {
    subscription: &'a Subscription,
    counted: VecDeque<u64>,
}

impl<'a> Server<'a> {
    fn new(subscription: &'a Subscription) -> Self {
        Self {
            subscription,
            counted: VecDeque::new(),
        }
    }

    /// How many are left after this one; none if it is over the limit.
    fn count(&mut self, at: u64) -> Option<usize> {
        let window = self.subscription.window_secs * 1000;
        self.counted.retain(|before| before + window > at);
        if self.counted.len() >= self.subscription.calls {
            return None;
        }
        self.counted.push_back(at);
        Some(self.subscription.calls - self.counted.len())
    }
}

impl Subscription {
    fn signs(&self, call: &Running) -> Signs {
        let mut headers = vec![
            ("X-RateLimit-Limit".to_owned(), self.calls.to_string()),
            (
                "X-RateLimit-Window-Sec".to_owned(),
                self.window_secs.to_string(),
            ),
            (
                "X-RateLimit-Remaining".to_owned(),
                call.left.unwrap_or_default().to_string(),
            ),
            (
                "X-Concurrency-Limit-Limit".to_owned(),
                self.concurrent.to_string(),
            ),
        ];
        if !self.names_no_wait {
            headers.push(("X-RateLimit-ToWait-Sec".to_owned(), "0".to_owned()));
        }
        Signs {
            headers,
            refusal: None,
            begun: seconds(call.begun),
        }
    }
}

fn seconds(millis: u64) -> i64 {
    i64::try_from(millis / 1000).unwrap()
}

/// Not a whole second.
const START: u64 = 1_000_000_400;

fn subscription() -> impl Strategy<Value = Subscription> {
    (1..40_usize, 100..4000_u64, 1..12_u32, any::<bool>()).prop_map(
        |(calls, window_secs, concurrent, names_no_wait)| Subscription {
            calls,
            window_secs,
            concurrent,
            names_no_wait,
        },
    )
}

/// A call takes a small part of the window, and sometimes much longer than those beside it.
fn calls(window_secs: u64) -> impl Strategy<Value = Vec<Call>> {
    let most = window_secs * 1000 / 40;
    let part = move || prop_oneof![0..most / 20, 0..most];
    prop::collection::vec((part(), part()), 1..200)
}

proptest! {
    #[test]
    fn no_call_is_over_the_limit_and_little_time_is_lost(
        (subscription, calls) in subscription()
            .prop_flat_map(|one| (Just(one.clone()), calls(one.window_secs)))
    ) {
        let run = run(&subscription, &calls);
        prop_assert_eq!(run.over_limit, 0);
        let most = ideal(&subscription, &calls) * 12 / 10 + subscription.window_secs * 1000;
        prop_assert!(run.millis <= most, "{} ms of {most} ms", run.millis);
    }

    /// Whatever the calls take, against the window too.
    #[test]
    fn no_long_call_is_over_the_limit(
        subscription in subscription(),
        calls in prop::collection::vec((0..900_000_u64, 0..900_000_u64), 1..60),
    ) {
        prop_assert_eq!(run(&subscription, &calls).over_limit, 0);
    }
}

#[test]
fn the_window_of_a_caller_without_company_opens_with_each_call_that_leaves_it() {
    let subscription = Subscription {
        calls: 2,
        window_secs: 60,
        concurrent: 2,
        names_no_wait: false,
    };
    // Calls of three seconds: the third waits for the first, and the fourth for the second.
    let calls = [(0, 3000); 4];
    let expected = Run {
        over_limit: 0,
        // At 0 and 3, and from the second after their ends on: 64 and 67; then 3 more.
        millis: 70_000 - 400,
    };
    assert_eq!(run(&subscription, &calls), expected);
    assert_eq!(ideal(&subscription, &calls), 66_000);
}

#[test]
fn the_server_counts_what_is_over_the_limit() {
    let subscription = Subscription {
        calls: 2,
        window_secs: 60,
        concurrent: 2,
        names_no_wait: false,
    };
    let mut server = Server::new(&subscription);
    let told: Vec<_> = [0, 1000, 59_999, 60_000, 60_999, 61_000]
        .map(|at| server.count(at))
        .into();
    assert_eq!(told, [Some(1), Some(0), None, Some(0), None, Some(0)]);
}
