//! Limits and the headers that tell of them.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use qonduit_tests::sim::Sim;

use super::client::{Answer, basic, detections, hosts, list, open, read, start};

fn rate(answer: &Answer) -> [Option<&str>; 6] {
    [
        "x-ratelimit-limit",
        "x-ratelimit-window-sec",
        "x-ratelimit-remaining",
        "x-ratelimit-towait-sec",
        "x-concurrency-limit-limit",
        "x-concurrency-limit-running",
    ]
    .map(|name| answer.header(name))
}

/// A call whose answer is on its way; the first one stalls.
fn hold(sim: &Sim, path: &str, query: &str) -> TcpStream {
    let body = format!("action=list&{query}");
    let stream = open(
        sim,
        "POST",
        path,
        &[&basic(sim), "X-Requested-With: test"],
        &body,
    );
    std::thread::sleep(Duration::from_millis(200));
    stream
}

#[test]
fn over_the_rate_a_wait_is_told_and_calls_before_its_end_are_counted() {
    let sim = start(&["--rate-limit", "2/60"]);
    assert_eq!(
        rate(&hosts(&sim, "ids=1")),
        [
            Some("2"),
            Some("60"),
            Some("1"),
            Some("0"),
            Some("4"),
            Some("1")
        ]
    );
    assert_eq!(
        hosts(&sim, "ids=1").header("x-ratelimit-remaining"),
        Some("0")
    );
    let refused = hosts(&sim, "ids=1");
    assert_eq!((refused.status, refused.code()), (409, Some(1965)));
    assert_eq!(
        rate(&refused),
        [
            Some("2"),
            Some("60"),
            Some("0"),
            Some("60"),
            Some("4"),
            Some("0")
        ]
    );
    assert_eq!(refused.elements("KEY"), ["SECONDS_TO_WAIT"]);
    assert_eq!(refused.elements("VALUE"), ["60"]);
    assert_eq!(hosts(&sim, "ids=1").status, 409);
    assert_eq!(detections(&sim, "ids=1").status, 200);
    let stats = sim.stats();
    assert_eq!(
        (stats.calls_over_limit, stats.calls_before_wait_ended),
        (2, 1)
    );
    assert_eq!(stats.refused[&1965], 2);
}

#[test]
fn over_the_concurrency_no_wait_is_told() {
    let sim = start(&["--concurrency", "1", "--fault", "stall:secs=2,first=1"]);
    let held = hold(&sim, "/api/5.0/fo/asset/host/vm/detection/", "ids=1");
    let refused = detections(&sim, "ids=1");
    assert_eq!((refused.status, refused.code()), (409, Some(1960)));
    assert_eq!(
        rate(&refused),
        [
            Some("10000"),
            Some("3600"),
            None,
            None,
            Some("1"),
            Some("1")
        ]
    );
    assert_eq!(refused.elements("KEY"), ["CALLS_TO_FINISH"]);
    assert!(read(held).is_complete);
    assert_eq!(detections(&sim, "ids=1").status, 200);
    assert_eq!(sim.stats().max_concurrency["detections"], 1);
}

#[test]
fn the_knowledge_base_takes_one_call_at_a_time() {
    let path = "/api/4.0/fo/knowledge_base/vuln/";
    let sim = start(&["--fault", "stall:secs=2,first=1"]);
    let body = "action=list&ids=38000";
    let stream = open(
        &sim,
        "POST",
        path,
        &[&basic(&sim), "X-Requested-With: test"],
        body,
    );
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(list(&sim, path, "ids=38000").code(), Some(1960));
    assert_eq!(hosts(&sim, "ids=1").status, 200);
    assert_eq!(read(stream).status, 200);
    assert_eq!(list(&sim, path, "ids=38000").status, 200);
}

#[test]
fn a_client_that_goes_away_keeps_its_slot_as_long_as_chosen() {
    let held = ["--concurrency", "1", "--held-slot-secs", "2"];
    let sim = start(&[&held[..], &["--fault", "stall:secs=3600,first=1"]].concat());
    drop(hold(&sim, "/api/5.0/fo/asset/host/vm/detection/", "ids=1"));
    let gone = Instant::now();
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(detections(&sim, "ids=1").code(), Some(1960));
    while detections(&sim, "ids=1").status != 200 {
        assert!(gone.elapsed() < Duration::from_secs(5));
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(gone.elapsed() >= Duration::from_secs(2));
    assert_eq!(sim.stats().abandoned, 1);
}
