//! Days that pass: runs for what changed, a full one every week, and after each of them the
//! inventory is what Qualys delivers on that day.
//!
//! `QONDUIT_DAYS` sets how many days pass instead of 90; `make soak` lets a year go by.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{
    outcome::Outcome,
    place::{Place, say},
};

const INCREMENTAL: &str = "settings.full_every_days=7";

/// The clock of this machine stands still while days pass at Qualys, so the full run of each week
/// is asked for.
fn sync_of(place: &Place, day: u32, sets: &[&str]) -> Outcome {
    let mut command = place.sync_command(&[&[INCREMENTAL], sets].concat());
    if day.is_multiple_of(7) {
        command.arg("--full");
    }
    Outcome::of(command)
}

fn n_days() -> u32 {
    std::env::var("QONDUIT_DAYS").map_or(90, |days| days.parse().expect("a number of days"))
}

fn hosts() -> String {
    std::env::var("QONDUIT_DAYS_HOSTS").unwrap_or_else(|_| "60".into())
}

#[test]
fn every_day_the_inventory_is_what_qualys_delivers() {
    let hosts = hosts();
    let place = Place::new(&[
        "--hosts",
        &hosts,
        "--changed-percent",
        "20",
        "--churn-percent",
        "1",
        "--web-apps",
        "20",
    ]);
    let (mut n_closed, mut n_incremental) = (0, 0);
    for day in 0..=n_days() {
        place.sim.set_day(day);
        let outcome = sync_of(&place, day, &[]);
        outcome.expect_exit(0);
        let run = outcome.run();
        assert_eq!(run["is_full"], day.is_multiple_of(7), "day {day}");
        place.expect_truth();
        n_closed += run["closed"].as_u64().expect("a number");
        n_incremental += u32::from(run["is_full"] == false);
    }
    say(&format!("{n_closed} findings were closed"));
    assert!(
        n_closed > 0 && n_incremental > 0,
        "the days prove something"
    );
}

#[test]
fn days_with_trouble_end_with_the_same_truth() {
    let hosts = hosts();
    let place = Place::new(&[
        "--hosts",
        &hosts,
        "--churn-percent",
        "1",
        "--web-apps",
        "20",
    ]);
    let faults = [
        "cut:on=detections,part=0.5,first=1",
        "rate-limited:on=hosts,secs=1,first=2",
        "error:on=detections,status=502,first=1",
    ];
    let mut took = Duration::from_millis(500);
    for day in 0..=n_days() {
        place.sim.set_day(day);
        if day % 3 == 1 {
            place.sim.inject(faults[(day / 3) as usize % faults.len()]);
        }
        if day % 3 == 2 {
            let mut child = place.start(&[INCREMENTAL, "settings.batch_hosts=20"]);
            // Sooner or later in the run, however large the subscription is.
            std::thread::sleep(took.mul_f64(f64::from(37 * day % 100) / 100.0));
            let _ = child.kill();
            let _ = child.wait();
        }
        let start = Instant::now();
        sync_of(&place, day, &["settings.batch_hosts=20"]).expect_exit(0);
        took = start.elapsed();
        place.expect_truth();
    }
}

#[test]
fn a_run_for_what_changed_makes_few_calls() {
    let place = Place::new(&[
        "--hosts",
        "4000",
        "--changed-percent",
        "1",
        "--detections",
        "0-3",
    ]);
    let sets = [
        "settings.batch_hosts=20",
        "settings.host_page=20",
        "settings.batch_qids=100",
    ];
    let calls = |outcome: &Outcome| outcome.run()["calls"].as_u64().expect("a number");
    let first = sync_of(&place, 0, &sets);
    first.expect_exit(0);
    place.sim.set_day(1);
    let next = sync_of(&place, 1, &sets);
    next.expect_exit(0);
    let (full, changed) = (calls(&first), calls(&next));
    assert!(changed * 20 <= full, "{changed} calls against {full}");
    place.expect_truth();
}

#[test]
fn a_host_that_was_purged_is_closed_and_not_forgotten() {
    let place = Place::new(&["--hosts", "60", "--churn-percent", "10"]);
    sync_of(&place, 0, &[]).expect_exit(0);
    let before = place.true_findings();
    place.sim.set_day(1);
    sync_of(&place, 1, &[]).expect_exit(0);
    let hosts = place.true_hosts();
    let purged: Vec<&Value> = before
        .values()
        .filter(|row| {
            let host = row["host_id"].as_u64().expect("a number");
            !hosts.keys().any(|(known, _)| *known == host)
        })
        .collect();
    assert!(!purged.is_empty(), "the day proves something");
    let export = place.export(&["findings", "--all"]);
    for row in purged {
        let kept = export
            .iter()
            .find(|it| it["host_id"] == row["host_id"] && it["finding_key"] == row["finding_key"])
            .expect("nothing is deleted");
        let is_known = ["host-purged", "fixed", "ignored", "disabled"]
            .contains(&kept["closed_reason"].as_str().unwrap_or_default());
        assert!(is_known && kept["is_open"] == false, "{kept:#}");
    }
}

#[test]
fn many_hosts_that_vanish_at_once_are_a_question() {
    let place = Place::new(&["--hosts", "60", "--churn-percent", "3"]);
    sync_of(&place, 0, &[]).expect_exit(0);
    let before = place.hosts();
    place.sim.set_day(30);
    let outcome = sync_of(&place, 1, &[]);
    outcome.expect_exit(8);
    assert!(
        outcome.stderr.contains("--accept-mass-closure"),
        "{}",
        outcome.stderr
    );
    assert_eq!(place.closed_findings().len(), 0);
    assert_eq!(place.hosts(), before);

    let mut accepted = place.sync_command(&[INCREMENTAL]);
    accepted.args(["--full", "--accept-mass-closure"]);
    Outcome::of(accepted).expect_exit(0);
    place.expect_truth();
    assert!(!place.closed_findings().is_empty());
}
