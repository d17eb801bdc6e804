//! What the subscription allows is kept to, before Qualys has to refuse.

use serde_json::json;

use crate::place::Place;

#[track_caller]
fn check_parallel(concurrency: &str, most: u64) {
    let place = Place::new(&["--hosts", "120", "--concurrency", concurrency]);
    // Answers that take a while, so that calls meet.
    place.sim.inject("drip:bytes=400000,on=detections");
    place
        .sync(&["settings.batch_hosts=6", "settings.batch_qids=500"])
        .expect_exit(0);
    place.expect_truth();
    let stats = place.sim.stats();
    assert_eq!(
        stats.max_concurrency["detections"], most,
        "of {concurrency}"
    );
    assert_eq!(stats.max_concurrency["knowledge_base"], 1);
    assert_eq!((stats.calls_over_limit, stats.refused.len()), (0, 0));
}

#[test]
fn one_of_the_parallel_calls_is_left_to_others() {
    check_parallel("2", 1);
    check_parallel("4", 3);
    check_parallel("7", 6);
}

#[test]
fn a_window_without_calls_left_is_waited_out() {
    let place = Place::new(&[
        "--hosts",
        "60",
        "--detections",
        "5-30",
        "--rate-limit",
        "4/3",
        "--concurrency",
        "2",
    ]);
    let outcome = place.sync(&["settings.batch_hosts=6", "settings.batch_qids=500"]);
    outcome
        .expect_exit(0)
        .expect_words(&["calls that Qualys allows are used up"]);
    place.expect_truth();
    let stats = place.sim.stats();
    assert_eq!(stats.calls_before_wait_ended, 0, "{stats:#?}");
    // The last call of a window says that no call is left and that no wait is needed; when the
    // first of the window leaves it is known without a refusal.
    assert_eq!(
        (stats.calls_over_limit, stats.refused.len()),
        (0, 0),
        "{stats:#?}"
    );
    assert_eq!(stats.calls["detections"], 10);
    assert_eq!(outcome.run()["calls"], place.all_calls());
    assert!(outcome.run()["waited_secs"].as_u64() > Some(0));
}

#[test]
fn calls_at_once_share_a_window_without_going_over_it() {
    let place = Place::new(&["--hosts", "60", "--rate-limit", "5/4", "--concurrency", "4"]);
    // Answers that take a while, so that they overtake each other.
    place.sim.inject("drip:bytes=400000,on=detections");
    let outcome = place.sync(&["settings.batch_hosts=6", "settings.batch_qids=500"]);
    outcome.expect_exit(0);
    place.expect_truth();
    let stats = place.sim.stats();
    assert_eq!(stats.calls["detections"], 10);
    assert_eq!(
        (stats.calls_over_limit, stats.refused.len()),
        (0, 0),
        "{stats:#?}"
    );
    // A second run knows from the first what is left of the window.
    place.sim.set_day(1);
    place.sync(&["settings.batch_hosts=6"]).expect_exit(0);
    assert_eq!(place.sim.stats().calls_over_limit, 0);
}

#[test]
fn a_wait_outlives_the_process() {
    let place = Place::new(&["--hosts", "30"]);
    place
        .sim
        .inject("rate-limited:secs=4,first=1,on=detections");
    let mut child = place.start(&[]);
    super::kills::wait_until(|| place.sim.stats().refused.contains_key(&1965));
    // Until the refusal is stored: a wait that nobody wrote down nobody can keep.
    super::kills::wait_until(|| {
        place.count("SELECT count(*) FROM batches WHERE not_before > 0") > 0
    });
    child.kill().expect("a child can be killed");
    child.wait().expect("a child can be waited for");
    place.sync(&[]).expect_exit(0);
    assert_eq!(place.sim.stats().calls_before_wait_ended, 0);
    place.expect_truth();
}

#[test]
fn a_call_that_was_given_up_keeps_its_slot() {
    let place = Place::new(&[
        "--hosts",
        "40",
        "--concurrency",
        "2",
        "--held-slot-secs",
        "2",
    ]);
    place
        .sim
        .inject("stall:secs=600,at=500,over-hosts=20,on=detections");
    let patience = [
        "http.idle_timeout_secs=1",
        "settings.waits.held_slot_secs=4",
        "settings.waits.longest_secs=4",
    ];
    place.sync(&patience).expect_exit(0);
    place.expect_truth();
    let stats = place.sim.stats();
    assert_eq!(stats.faults.values().sum::<u64>(), 1);
    assert_eq!(
        (stats.calls_over_limit, stats.refused.len()),
        (0, 0),
        "{stats:#?}"
    );
}

#[test]
fn the_requests_of_a_run_are_those_of_a_reader() {
    let place = Place::new(&["--hosts", "150"]);
    let outcome = place.sync(&["settings.host_ids_page=100", "settings.batch_hosts=40"]);
    outcome.expect_exit(0);
    let stats = place.sim.stats();
    assert_eq!(
        (stats.forbidden_actions, stats.missing_requested_with),
        (0, 0)
    );
    assert_eq!((stats.wrong_passwords, stats.abandoned), (0, 0));
    assert_eq!(stats.max_hosts_asked, 150);
    assert!(stats.other_calls.is_empty() && stats.ignored_parameters.is_empty());
    assert_eq!(outcome.dataset("host-ids")["calls"], json!(2));
}
