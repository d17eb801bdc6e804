//! Connectors that are stored, and daemons that carry out their schedules: each slot once, and
//! nothing is lost when one ends.

use std::{
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use crate::{
    kills::{send, wait_until},
    outcome::Outcome,
    place::{Place, lines},
};

const WORLD: [&str; 4] = ["--hosts", "60", "--detections", "5-20"];
/// Small batches, so that a run can be met in its middle.
const BATCHES: [&str; 4] = [
    "--set",
    "settings.batch_hosts=20",
    "--set",
    "settings.host_page=30",
];

fn add(place: &Place, name: &str, more: &[&str]) -> Outcome {
    let mut arguments = vec![
        "connector",
        "add",
        name,
        "--password-env",
        "QONDUIT_PASSWORD",
    ];
    arguments.extend(BATCHES);
    arguments.extend(more);
    place.run(&arguments)
}

pub(crate) fn daemon(place: &Place) -> Child {
    let mut command = place.command(&["daemon"]);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().expect("the binary can be started")
}

#[track_caller]
pub(crate) fn end(daemon: Child) -> Outcome {
    let begun = Instant::now();
    send("TERM", daemon.id());
    let outcome = Outcome::of_child(daemon);
    // Service managers kill what takes longer.
    assert!(begun.elapsed() < Duration::from_secs(10), "{outcome:#?}");
    outcome.expect_exit(0).expect_words(&["ended"]);
    outcome
}

pub(crate) fn n_done(place: &Place) -> i64 {
    place.count("SELECT count(*) FROM slots WHERE state = 1")
}

#[test]
fn two_daemons_at_one_inventory_run_a_slot_once() {
    let place = Place::new(&WORLD);
    let sql = rusqlite::Connection::open_in_memory().expect("a database");
    let start = "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '+3 seconds')";
    let start: String = sql.query_row(start, [], |row| row.get(0)).expect("a time");
    add(&place, "prod", &["--once", "--start", &start]).expect_exit(0);
    let (one, other) = (daemon(&place), daemon(&place));
    wait_until(|| n_done(&place) == 1);
    let said = [end(one).stderr, end(other).stderr].concat();
    assert_eq!(said.matches("prod: the slot of").count(), 1, "{said}");
    assert_eq!(place.count("SELECT count(*) FROM runs"), 1);
    // One for the ids, and 60 hosts, 30 at a time.
    assert_eq!(place.calls("hosts"), 3);
    place.expect_truth();
    let told = place.run(&["connector", "show", "prod", "--json"]).run();
    assert_eq!(
        (&told["state"], &told["next"]),
        (&"over".into(), &[(); 0].as_slice().into())
    );
}

#[test]
fn a_run_goes_on_with_the_next_daemon() {
    for signal in ["TERM", "KILL"] {
        let place = Place::new(&WORLD);
        // Its start is now, and the next slot tomorrow.
        add(&place, "prod", &["--every", "1 day"]).expect_exit(0);
        place
            .sim
            .inject("stall:secs=600,at=3000,after=1,on=detections");
        let first = daemon(&place);
        wait_until(|| place.sim.stats().faults.values().sum::<u64>() > 0);
        if signal == "TERM" {
            end(first).expect_words(&["prod: interrupted"]);
        } else {
            send(signal, first.id());
            assert_eq!(Outcome::of_child(first).code, None);
        }
        assert_eq!(n_done(&place), 0);
        place.sim.clear_faults();
        let n_hosts = place.calls("hosts");
        let next = daemon(&place);
        wait_until(|| n_done(&place) == 1);
        end(next).expect_words(&["going on with the run", "prod: run 1 is complete"]);
        assert_eq!(
            place.calls("hosts"),
            n_hosts,
            "what was done is not done again"
        );
        assert_eq!(place.count("SELECT count(*) FROM runs"), 1);
        place.expect_truth();

        let log = lines(&place.run(&["runs", "log", "1", "--json"]).stdout);
        let kinds: Vec<_> = log
            .iter()
            .filter_map(|line| line["kind"].as_str())
            .collect();
        assert_eq!(
            (kinds.first(), kinds.last()),
            (Some(&"begun"), Some(&"ended"))
        );
        let n_begun = kinds.iter().filter(|kind| **kind == "begun").count();
        assert_eq!(n_begun, 2, "{log:#?}");
        assert_eq!(log.last().expect("lines")["message"], "complete");
    }
}

#[test]
fn connectors_run_by_name_or_when_asked_and_one_does_not_hold_up_another() {
    let place = Place::new(&WORLD);
    add(&place, "prod", &["--description", "all of it"]).expect_exit(0);
    add(&place, "wrong", &["-u", "nobody", "--every", "1 day"]).expect_exit(0);
    add(&place, "Prod", &["-u", "somebody"]).expect_error(2, &["already", "another name"]);
    add(&place, "twice", &[]).expect_error(2, &["belongs to the connector `prod`"]);

    // The same account without a name is the same connector.
    place.sync(&[]).expect_exit(0);
    let named = place.run(&["sync", "--connector", "PROD", "--json"]);
    assert_eq!(named.expect_exit(0).run()["connector_id"], 1);
    place.expect_truth();
    place
        .run(&["sync", "--connector", "nowhere"])
        .expect_error(2, &["no connector `nowhere`", "`prod`, `wrong`"]);

    place.run(&["connector", "run", "prod"]).expect_exit(0);
    let listed = place.run(&["connector", "list"]);
    assert!(listed.stdout.contains("asked for"), "{listed:#?}");
    let worker = daemon(&place);
    wait_until(|| {
        n_done(&place) == 1 && place.count("SELECT count(*) FROM slots WHERE state = 2") == 1
    });
    end(worker).expect_words(&[
        "prod: run",
        "is complete",
        "wrong: failed: qualys does not accept",
    ]);
    let told = place.run(&["connector", "show", "wrong", "--json"]).run();
    let trouble = told["trouble"].as_str().expect("a sentence");
    assert!(trouble.contains("user name and password"), "{trouble}");
    assert_eq!(told["next"].as_array().map(Vec::len), Some(5));

    let runs = place.run(&["runs"]).stdout;
    assert!(
        runs.contains("scheduled") && runs.contains("complete"),
        "{runs}"
    );
    let runs = lines(&place.run(&["runs", "--json"]).stdout);
    assert_eq!(runs.len(), 4);
    let runs = lines(&place.run(&["runs", "--json", "--scheduled"]).stdout);
    assert_eq!(runs[0]["connector"], "wrong");

    // What is asked for is carried out although the schedule is paused, and no slot of it comes.
    place.run(&["connector", "pause", "wrong"]).expect_exit(0);
    let told = place.run(&["connector", "show", "wrong", "--json"]).run();
    assert_eq!(
        (&told["state"], told["is_paused"].as_bool()),
        (&"paused".into(), Some(true))
    );
    place
        .run(&["connector", "remove", "prod"])
        .expect_error(2, &["is not removed", "would stay", "--yes"]);
    place
        .run(&["connector", "remove", "prod", "--yes"])
        .expect_exit(0);
    place.expect_truth();
    assert_eq!(
        lines(&place.run(&["connector", "list", "--json"]).stdout).len(),
        1
    );
}

#[test]
fn a_connector_is_changed_in_part() {
    let place = Place::new(&["--hosts", "5"]);
    let start = [
        "--start",
        "2036-03-28T02:30",
        "--time-zone",
        "Europe/Berlin",
    ];
    add(
        &place,
        "prod",
        &[&["--every", "1 day"][..], &start].concat(),
    )
    .expect_exit(0);
    let next = |count: &str| place.run(&["connector", "schedule", "prod", "--count", count]);
    // Clocks are put forward on 2036-03-30.
    assert_eq!(
        next("3").stdout,
        "2036-03-28 02:30 CET\n2036-03-29 02:30 CET\n2036-03-30 03:30 CEST\n"
    );
    let edit = [
        "connector",
        "edit",
        "prod",
        "--cron",
        "0 4 1 * *",
        "--rename",
        "main",
    ];
    let told = place.run(&edit);
    assert!(
        told.expect_exit(0).stdout.contains("2036-04-01 04:00 CEST"),
        "{told:#?}"
    );
    let edit = [
        "connector",
        "edit",
        "main",
        "--no-schedule",
        "--ask-password",
    ];
    place.run(&edit).expect_exit(0);
    let told = place.run(&["connector", "show", "main", "--json"]).run();
    assert_eq!(told["schedule"], serde_json::Value::Null);
    assert_eq!(told["password_from"], "prompt");
    assert_eq!(told["settings"]["batch_hosts"], 20);
    place
        .run(&["sync", "--connector", "main"])
        .expect_error(2, &["no password is given"]);
}

#[test]
fn a_schedule_that_makes_no_sense_is_refused_with_a_next_step() {
    let place = Place::new(&["--hosts", "5"]);
    for (schedule, words) in [
        (
            &["--once", "--start", "2020-01-01T00:00"][..],
            &["in the past", "give a later"][..],
        ),
        (&["--cron", "0 2 30 2 *"], &["never comes", "check its day"]),
        (&["--cron", "0 2"], &["no cron expression", "five fields"]),
        (&["--every", "5 seconds"], &["too short", "one minute"]),
        (
            &["--every", "1 day", "--time-zone", "Europe/Berln"],
            &["no time zone", "did you mean `europe/berlin`?"],
        ),
        (
            &["--every", "1 day", "--ask-password"],
            &["cannot be used with"],
        ),
        (
            &["--every", "1 day", "--set", "settings.batch_hots=5"],
            &["batch_hots"],
        ),
    ] {
        let refused = add(&place, "prod", schedule);
        refused.expect_error(2, words);
    }
    assert!(!place.path("qonduit.db").exists(), "nothing was stored");
}
