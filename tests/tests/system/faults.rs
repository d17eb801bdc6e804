//! What goes wrong at Qualys and on the way: the inventory is complete in the end, or a sentence
//! says what is not and who has to act.

mod elsewhere;

use serde_json::json;

use crate::{compare::expect_equal, outcome::Outcome, place::Place};

/// Several batches, some of them at once.
const WORLD: [&str; 6] = ["--hosts", "60", "--detections", "5-30", "--web-apps", "6"];
const BATCHES: [&str; 5] = [
    "settings.batch_hosts=6",
    "settings.batch_qids=500",
    "settings.host_page=20",
    "settings.web_app_page=3",
    "settings.web_app_finding_page=30",
];

/// A trouble that passes costs nothing but time. The fault struck so often, or at least once.
#[track_caller]
fn check_passes(fault: &str, n_struck: Option<u64>, words: &[&str]) -> (Place, Outcome) {
    check_passes_with(fault, &[], n_struck, words)
}

#[track_caller]
fn check_passes_with(
    fault: &str,
    sets: &[&str],
    n_struck: Option<u64>,
    words: &[&str],
) -> (Place, Outcome) {
    let place = Place::new(&WORLD);
    place.sim.inject(fault);
    let outcome = place.sync(&[&BATCHES[..], sets].concat());
    outcome.expect_exit(0).expect_words(words);
    place.expect_truth();
    let stats = place.sim.stats();
    let struck = stats.faults.get(fault).copied().unwrap_or(0);
    assert!(
        n_struck.map_or(struck > 0, |n| n == struck),
        "{fault} struck {struck} times"
    );
    let run = outcome.run();
    assert_eq!(
        (&run["state"], &run["skipped"]),
        (&json!("complete"), &json!(0))
    );
    assert_eq!(
        (stats.forbidden_actions, stats.calls_before_wait_ended),
        (0, 0)
    );
    (place, outcome)
}

/// A trouble that somebody has to mend ends the run; once it is mended, the run goes on.
#[track_caller]
fn check_ends(fault: &str, sets: &[&str], code: i32, words: &[&str]) -> (Place, Outcome) {
    let place = Place::new(&WORLD);
    place.sim.inject(fault);
    let sets = [&BATCHES[..], sets].concat();
    let outcome = place.sync(&sets);
    outcome.expect_error(code, words);
    assert_eq!(place.sim.stats().forbidden_actions, 0);
    place.sim.clear_faults();
    let repaired = place.sync(&sets);
    repaired.expect_exit(0);
    assert_eq!(repaired.run()["run_id"], 1, "the same run goes on");
    place.expect_truth();
    (place, outcome)
}

/// One host cannot be delivered: it is named, and all others are complete.
#[track_caller]
fn check_skips(fault: &str, sets: &[&str]) {
    let place = Place::new(&["--hosts", "24", "--detections", "5-30"]);
    let odd = place.sim.host_ids()[3];
    place.sim.inject(fault);
    let all = [
        &["settings.batch_hosts=24", "settings.max_attempts=2"],
        sets,
    ]
    .concat();
    let outcome = place.sync(&all);
    outcome
        .expect_exit(7)
        .expect_words(&["skipped", &odd.to_string()]);
    place.expect_truth_without(&[odd]);
    let run = outcome.run();
    assert_eq!(
        (&run["state"], &run["skipped"]),
        (&json!("complete"), &json!(1))
    );
    assert_eq!(
        run["watermark"],
        json!(null),
        "what was skipped has to be seen by the next run"
    );
    let note = &run["notes"][0];
    assert_eq!(
        (&note["kind"], &note["dataset"]),
        (&json!("skip"), &json!("detections"))
    );
    assert_eq!(note["host_ids"], json!([odd]));

    // Those who only look later learn it, too.
    let shown = place.run(&["runs", "show", "1"]);
    assert!(shown.stdout.contains(&odd.to_string()), "{shown:#?}");

    // The next run brings what was skipped, once it can be delivered.
    place.sim.clear_faults();
    place.sync(&all).expect_exit(0);
    place.expect_truth();
}

#[test]
fn a_storm_of_calls_at_once_is_waited_out() {
    let (place, outcome) = check_passes("busy:first=5,on=detections", Some(5), &["again in"]);
    assert_eq!(place.sim.stats().refused[&1960], 5);
    let calls = outcome.dataset("detections");
    assert_eq!(calls["calls"], 15);
    assert_eq!(calls["batches_done"], 10);
    check_passes("busy:every=3", None, &[]);
}

#[test]
fn a_rate_limit_is_waited_out_for_as_long_as_qualys_says() {
    let (place, outcome) = check_passes(
        "rate-limited:secs=2,first=2,on=detections",
        Some(2),
        &["waiting"],
    );
    assert_eq!(place.sim.stats().refused[&1965], 2);
    assert_eq!(outcome.dataset("detections")["calls"], 12);
    assert!(outcome.run()["waited_secs"].as_u64() > Some(0));
    // More often than a batch may fail: to be limited is no failure.
    check_passes_with(
        "rate-limited:secs=1,first=4,on=asset_groups",
        &["settings.max_attempts=1"],
        Some(4),
        &[],
    );
}

#[test]
fn server_errors_pass() {
    check_passes("error:status=502,every=4", None, &["502"]);
    check_passes("error:status=500,first=2", Some(2), &[]);
    check_passes("internal-error:first=2,on=detections", Some(2), &["999"]);
    check_passes("internal-error:first=2,on=hosts", Some(2), &["999"]);
}

#[test]
fn maintenance_passes() {
    check_passes("maintenance:first=3", Some(3), &["again in"]);
}

#[test]
fn a_server_that_stays_down_ends_the_run_which_goes_on_later() {
    let few = ["settings.max_attempts=2"];
    check_ends(
        "maintenance",
        &few,
        4,
        &["after every retry", "start the sync again"],
    );
    check_ends("error:status=503,after=8", &few, 4, &["after every retry"]);
    check_ends("reset:at=10", &few, 4, &["after every retry"]);
}

#[test]
fn an_outage_ends_the_run_before_every_host_is_skipped() {
    let place = Place::new(&WORLD);
    place.sim.inject("error:status=500,on=detections");
    let sets = ["settings.batch_hosts=1", "settings.max_attempts=1"];
    place
        .sync(&sets)
        .expect_error(4, &["10 batches in a row", "start the sync again"]);
    // Those that were underway when the tenth came back are not counted.
    assert!((10..=12).contains(&place.calls("detections")));
    place.sim.clear_faults();
    // What was given up stays given up, in this run.
    let outcome = place.sync(&sets);
    outcome.expect_exit(7);
    assert_eq!(outcome.run()["skipped"], 10);
    place.sync(&sets).expect_exit(0);
    place.expect_truth();
}

#[test]
fn a_slow_answer_is_waited_for_and_one_that_drips_is_not() {
    check_passes("drip:bytes=30000,first=1,on=hosts", Some(1), &[]);
    let patience = ["http.idle_timeout_secs=1", "http.min_bytes_per_sec=100000"];
    let (_, outcome) = check_passes_with(
        "drip:bytes=500,first=1,on=detections",
        &patience,
        Some(1),
        &["slowly"],
    );
    // The batch of six came as two halves.
    let calls = outcome.dataset("detections");
    assert_eq!(
        (&calls["calls"], &calls["batches_done"]),
        (&json!(12), &json!(11))
    );
}

#[test]
fn batches_are_halved_until_qualys_can_deliver_them() {
    let place = Place::new(&["--hosts", "40", "--detections", "5-30"]);
    place
        .sim
        .inject("stall:secs=600,at=500,over-hosts=10,on=detections");
    let outcome = place.sync(&["http.idle_timeout_secs=1"]);
    outcome
        .expect_exit(0)
        .expect_words(&["did not answer in time"]);
    place.expect_truth();
    let calls = outcome.dataset("detections");
    assert_eq!(
        (&calls["calls"], &calls["batches_done"]),
        (&json!(7), &json!(4))
    );
    assert_eq!(place.sim.stats().faults.values().sum::<u64>(), 3);
}

#[test]
fn a_host_that_never_comes_is_named_and_skipped() {
    check_skips(
        "stall-host:host=#3,on=detections",
        &["http.idle_timeout_secs=1"],
    );
}

#[test]
fn a_host_that_cannot_be_read_is_named_and_skipped() {
    check_skips("broken-host:host=#3,on=detections", &[]);
}

#[test]
fn an_entry_that_could_not_be_read_is_asked_for_again() {
    let world = ["--hosts", "2", "--detections", "5-9", "--seed", "4"];
    let calm = Place::new(&world);
    calm.sync(&[]).expect_exit(0);
    let place = Place::new(&world);
    place.sim.inject("cut:part=0.5,first=1,on=knowledge_base");
    let single = ["settings.batch_qids=1", "settings.max_attempts=1"];
    place.sync(&single).expect_exit(7);
    let n_entries = |place: &Place| place.export(&["vulnerabilities"]).len();
    assert_eq!(n_entries(&place) + 1, n_entries(&calm));
    place.sync(&single).expect_exit(0);
    assert_eq!(n_entries(&place), n_entries(&calm));
}

#[test]
fn bodies_that_end_early_are_fetched_again() {
    check_passes("cut:part=0.5,every=3", None, &["connection broke"]);
    check_passes("cut:at=0,first=1", Some(1), &[]);
    check_passes("reset:part=0.5,every=3", None, &["connection broke"]);
    check_passes("reset:at=50,first=1,on=hosts", Some(1), &[]);
}

#[test]
fn a_document_without_its_end_is_no_complete_one() {
    // HTTP says that all is there.
    let place = Place::new(&[&WORLD[..], &["--no-gzip"]].concat());
    place.sim.inject("cut:part=0.7,every=3");
    place
        .sync(&BATCHES)
        .expect_exit(0)
        .expect_words(&["cut off after"]);
    place.expect_truth();
}

#[test]
fn bytes_that_xml_does_not_allow_cost_no_finding() {
    for fault in ["control-characters", "nul", "invalid-utf8"] {
        let (place, _) = check_passes(&format!("{fault}:on=detections"), None, &[]);
        let odd = place
            .export(&["findings", "--all"])
            .into_iter()
            .filter(|row| {
                let results = row["results"].as_str().unwrap_or_default();
                results.contains(['\0', '\u{1b}', '\u{7}'])
            });
        assert_eq!(odd.count(), 0, "{fault}");
    }
}

#[test]
fn bombs_are_not_unpacked() {
    let (place, _) = check_passes("entity-bomb:first=1,on=detections", Some(1), &[]);
    assert!(place.calls("detections") >= 10);
    let least = ["http.max_answer_bytes=4194304"];
    check_passes_with(
        "gzip-bomb:mib=256,first=1",
        &least,
        Some(1),
        &["larger than 4194304 bytes"],
    );
    let few = ["settings.max_attempts=1", "http.max_answer_bytes=4194304"];
    check_ends(
        "gzip-bomb:mib=256,on=asset_groups",
        &few,
        4,
        &["larger than 4194304 bytes"],
    );
}

#[test]
fn who_has_to_act_is_asked_at_the_first_refusal() {
    for (fault, words) in [
        ("expired", &["account has expired", "2001"][..]),
        ("unregistered", &["may not call the API yet", "2003"]),
        ("securid", &["second factor", "2011"]),
        (
            "unauthorized",
            &["user name and password", "lock the account"],
        ),
    ] {
        let place = Place::new(&WORLD);
        place.sim.inject(fault);
        place.sync(&[]).expect_error(3, words);
        assert_eq!(place.all_calls(), 1, "{fault}");
    }
    // The same in the midst of a run: each call that was underway is answered, none is repeated.
    for fault in ["unregistered:on=detections", "expired:on=knowledge_base"] {
        let (place, _) = check_ends(fault, &[], 3, &[]);
        assert!(place.sim.stats().faults[fault] <= 3, "{fault}");
    }
}

#[test]
fn a_wrong_password_is_tried_once() {
    let place = Place::new(&WORLD);
    let mut command = place.sync_command(&[]);
    command.env("QONDUIT_PASSWORD", "wrong");
    Outcome::of(command).expect_error(3, &["user name and password"]);
    assert_eq!(
        (place.all_calls(), place.sim.stats().wrong_passwords),
        (1, 1)
    );
    place.sync(&[]).expect_exit(0);
    place.expect_truth();
}

#[test]
fn a_password_that_stops_working_keeps_what_is_stored() {
    let place = Place::new(&WORLD);
    place.sim.inject("unauthorized:after=3,on=detections");
    place
        .sync(&BATCHES)
        .expect_error(3, &["user name and password"]);
    let kept = place.findings();
    assert!(!kept.is_empty() && kept.len() < place.true_findings().len());
    let n_failed = place.sim.stats().faults.values().sum::<u64>();
    assert!((1..=3).contains(&n_failed), "{n_failed} calls were refused");
    place.sim.clear_faults();
    let n_lists = place.calls("hosts");
    let outcome = place.sync(&BATCHES);
    outcome.expect_exit(0);
    place.expect_truth();
    assert_eq!(outcome.run()["run_id"], 1);
    assert_eq!(
        place.calls("hosts"),
        n_lists,
        "what was done is not done again"
    );
    assert_eq!(outcome.dataset("detections")["batches_done"], 10);
}

#[test]
fn no_hosts_is_a_notice_at_first_and_a_question_later() {
    let place = Place::new(&WORLD);
    place.sim.inject("no-hosts");
    let outcome = place.sync(&[]);
    outcome
        .expect_exit(0)
        .expect_words(&["lists no host", "restricted account"]);
    assert_eq!(outcome.run()["state"], "complete");

    let place = Place::new(&WORLD);
    place.sync(&[]).expect_exit(0);
    let (hosts, findings) = (place.hosts(), place.findings());
    place.sim.inject("no-hosts");
    place
        .sync(&[])
        .expect_exit(8)
        .expect_words(&["gone from Qualys' list", "nothing was closed"]);
    expect_equal(&place.hosts(), &hosts);
    expect_equal(&place.findings(), &findings);
}
