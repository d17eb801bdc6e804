//! Time passes only when it is told to, and changes what it should.

use std::collections::BTreeMap;

use qonduit_tests::sim::Sim;

use super::client::{detections, hosts, send, start};

const ALL: &str = "status=New,Active,Re-Opened,Fixed&truncation_limit=0";

/// Unique id and status of all findings that carry one.
fn statuses(sim: &Sim) -> BTreeMap<String, String> {
    let truth = send(sim, "GET", "/_sim/truth/findings", &[], "").text();
    let lines = truth
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    lines
        .filter_map(|line| {
            let key = line["finding_key"].as_str()?.to_owned();
            Some((key, line["status"].as_str()?.to_owned()))
        })
        .collect()
}

#[test]
fn the_same_day_is_the_same_bytes() {
    let (one, other) = (
        start(&["--hosts", "40", "--day", "7"]),
        start(&["--hosts", "40"]),
    );
    other.set_day(7);
    assert_eq!(detections(&one, ALL).bytes, detections(&other, ALL).bytes);
    other.set_day(8);
    assert_ne!(detections(&one, ALL).bytes, detections(&other, ALL).bytes);
}

#[test]
fn the_day_can_be_moved_from_outside() {
    let sim = start(&[]);
    assert_eq!(send(&sim, "POST", "/_sim/day", &[], "5").text(), "5\n");
    assert_eq!(send(&sim, "POST", "/_sim/day", &[], "+2").text(), "7\n");
    assert_eq!(sim.day(), 7);
    assert_eq!(send(&sim, "POST", "/_sim/day", &[], "tomorrow").status, 400);
    assert_eq!(
        hosts(&sim, "ids=1").elements("DATETIME"),
        ["2026-11-08T12:00:00Z"]
    );
}

#[test]
fn what_was_processed_since_yesterday_holds_every_change() {
    let sim = start(&["--hosts", "400", "--day", "9"]);
    let before = statuses(&sim);
    let hosts_before = sim.host_ids();
    sim.set_day(10);
    let query = format!(
        "{ALL}&vm_processed_after=2026-11-10T12:00:00Z&include_ignored=1&include_disabled=1"
    );
    let page = detections(&sim, &query);
    let delivered = page.elements("UNIQUE_VULN_ID");
    let after = statuses(&sim);
    let changed = after
        .iter()
        .filter(|(key, status)| before.get(*key) != Some(status));
    let changed: Vec<&String> = changed.map(|(key, _)| key).collect();
    assert!(changed.len() > 100, "{}", changed.len());
    assert!(changed.iter().all(|key| delivered.contains(key)));
    assert!(
        delivered.len() < after.len() / 3,
        "{} of {}",
        delivered.len(),
        after.len()
    );
    assert_ne!(sim.host_ids(), hosts_before);
}

#[test]
fn in_a_month_detections_are_fixed_found_and_found_again() {
    let sim = start(&["--hosts", "200"]);
    let before = statuses(&sim);
    sim.set_day(30);
    let after = statuses(&sim);
    let moved = |from: &str, to: &str| {
        let is_moved =
            |key: &String| before[key] == from && after.get(key).is_some_and(|s| s == to);
        before.keys().filter(|key| is_moved(key)).count()
    };
    assert!(moved("active", "fixed") > 50);
    assert!(moved("new", "active") > 5);
    assert!(moved("fixed", "reopened") + moved("fixed", "active") > 50);
    assert!(after.keys().any(|key| !before.contains_key(key)));
    assert!(before.keys().any(|key| !after.contains_key(key)));
}
