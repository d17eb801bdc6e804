//! A sync ends with what the simulator knows to be true: the first one, one without news, and
//! those of later days.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    compare::{Rows, expect_equal},
    place::Place,
    sim::client,
};

#[track_caller]
fn check(simulator: &[&str], sets: &[&str]) {
    let place = Place::new(simulator);
    let outcome = place.sync(sets);
    outcome.expect_exit(0);
    place.expect_truth();
    let run = outcome.run();
    let truth = place.true_findings();
    assert_eq!(run["state"], "complete");
    assert_eq!(run["new"], truth.len());
    assert_eq!((&run["changed"], &run["unchanged"]), (&0.into(), &0.into()));
    assert_eq!(
        (&run["skipped"], &run["warnings"]),
        (&0.into(), &0.into()),
        "{run:#}"
    );
    assert_eq!(outcome.dataset("hosts")["new"], place.true_hosts().len());
    assert_eq!(place.sim.stats().forbidden_actions, 0);
    assert_eq!(place.sim.stats().ignored_parameters, BTreeSet::new());
    assert_eq!(run["calls"], place.all_calls());
}

#[test]
fn a_first_sync_ends_with_the_truth() {
    check(&["--hosts", "250", "--seed", "1"], &[]);
}

#[test]
fn batches_and_pages_do_not_change_the_truth() {
    let sets = [
        "settings.batch_hosts=17",
        "settings.host_page=23",
        "settings.host_ids_page=100",
        "settings.batch_qids=1000",
    ];
    check(
        &["--hosts", "250", "--seed", "2", "--concurrency", "5"],
        &sets,
    );
}

#[test]
fn odd_subscriptions_do_not_change_the_truth() {
    let hosts = ["--hosts", "90"];
    let qids = ["settings.batch_qids=1000"];
    check(
        &[
            &hosts[..],
            &["--trial", "--seed", "3", "--split-host-lists"],
        ]
        .concat(),
        &qids,
    );
    check(
        &[
            &hosts[..],
            &["--notice", "--plain", "--no-gzip", "--day", "40"],
        ]
        .concat(),
        &qids,
    );
    check(
        &[
            &hosts[..],
            &["--no-cvss", "--retired-versions-gone", "--own-links"],
        ]
        .concat(),
        &qids,
    );
    check(
        &[&hosts[..], &["--detections", "0-3", "--seed", "77"]].concat(),
        &qids,
    );
}

#[test]
fn every_version_of_the_lists_gives_the_truth() {
    for version in ["2.0", "3.0", "4.0"] {
        let place = Place::new(&["--hosts", "60"]);
        let versions = ["host_list", "detections", "knowledge_base"]
            .map(|api| format!("settings.api.{api}='{version}'"));
        place
            .sync(&versions.each_ref().map(String::as_str))
            .expect_exit(0);
        expect_equal(&place.hosts(), &place.true_hosts());
        let without_keys = |rows: Rows| -> BTreeSet<String> {
            let line = |mut row: Value| {
                // Older versions send no number of their own for a detection.
                row.as_object_mut()
                    .expect("an object")
                    .remove("finding_key");
                row.to_string()
            };
            rows.into_values().map(line).collect()
        };
        assert_eq!(
            without_keys(place.findings()),
            without_keys(place.true_findings()),
            "version {version}"
        );
    }
}

#[test]
fn what_the_settings_leave_out_is_left_out_and_nothing_else() {
    let place = Place::new(&["--hosts", "120"]);
    let off = ["information_gathered", "fixed", "ignored", "disabled"]
        .map(|key| format!("settings.{key}=false"));
    place
        .sync(&off.each_ref().map(String::as_str))
        .expect_exit(0);
    let mut expected = place.true_findings();
    let n_all = expected.len();
    expected.retain(|_, row| {
        let is_open = !row["status"].is_null() && row["status"] != "fixed";
        is_open && row["is_ignored"] == false && row["is_disabled"] == false
    });
    assert!(!expected.is_empty() && expected.len() < n_all);
    expect_equal(&place.findings(), &expected);
}

#[test]
fn the_whole_knowledge_base_comes_window_by_window_where_wanted() {
    let place = Place::new(&["--hosts", "5"]);
    let whole = "settings.whole_knowledge_base=true";
    place.sync(&[whole]).expect_exit(0);
    let all = client::list(
        &place.sim,
        "/api/4.0/fo/knowledge_base/vuln/",
        "details=All&ids=1-1000000",
    );
    let expected: BTreeSet<u64> = all
        .elements("QID")
        .iter()
        .map(|qid| qid.parse().expect("a number"))
        .collect();
    let found: BTreeSet<u64> = place
        .export(&["vulnerabilities"])
        .iter()
        .map(|row| row["qid"].as_u64().expect("a number"))
        .collect();
    assert!(expected.len() > 1_000);
    assert_eq!(found, expected);
    let n_calls = place.calls("knowledge_base");
    place.sync(&[whole]).expect_exit(0);
    assert_eq!(place.calls("knowledge_base"), n_calls + 1);
}

#[test]
fn the_knowledge_base_is_complete_for_what_was_seen() {
    let place = Place::new(&["--hosts", "150"]);
    place.sync(&[]).expect_exit(0);
    let seen: BTreeSet<u64> = place
        .true_findings()
        .values()
        .filter_map(|row| row["qid"].as_u64())
        .collect();
    let listed = |name| format!("{name}={}", join(&seen));
    let answer = client::list(
        &place.sim,
        "/api/4.0/fo/knowledge_base/vuln/",
        &listed("details=All&ids"),
    );
    let known: BTreeSet<u64> = answer
        .elements("QID")
        .iter()
        .map(|qid| qid.parse().expect("a number"))
        .collect();
    let found: BTreeSet<u64> = place
        .export(&["vulnerabilities"])
        .iter()
        .map(|row| row["qid"].as_u64().expect("a number"))
        .collect();
    assert!(known.len() > 1_000 && known.len() < seen.len());
    assert_eq!(found, known);

    // What Qualys does not know is not asked for again, only what was revised since.
    let n_unknown = place.count("SELECT count(*) FROM qids WHERE is_known = 0");
    assert_eq!(n_unknown, (seen.len() - known.len()) as i64);
    let n_calls = place.calls("knowledge_base");
    place.sync(&[]).expect_exit(0);
    assert_eq!(place.calls("knowledge_base"), n_calls + 1);
}

fn join(numbers: &BTreeSet<u64>) -> String {
    numbers
        .iter()
        .map(u64::to_string)
        .collect::<Vec<_>>()
        .join(",")
}

#[test]
fn a_sync_without_news_writes_no_row_of_the_inventory() {
    let place = Place::new(&["--hosts", "150"]);
    place.sync(&[]).expect_exit(0);
    let before = place.content();
    watch_writes(&place);
    let outcome = place.sync(&[]);
    outcome.expect_exit(0);
    assert_eq!(place.count("SELECT count(*) FROM written"), 0);
    assert_eq!(place.content(), before);
    let run = outcome.run();
    assert_eq!((&run["new"], &run["changed"]), (&0.into(), &0.into()));
    assert_eq!(run["unchanged"], place.true_findings().len());

    // The watch itself sees a change.
    place.sim.set_day(1);
    place.sync(&[]).expect_exit(0);
    assert!(place.count("SELECT count(*) FROM written") > 0);
}

/// Notes every row that is written, whatever is written into it.
fn watch_writes(place: &Place) {
    let tables = [
        "assets",
        "asset_tags",
        "asset_groups",
        "asset_group_hosts",
        "tags",
        "software",
        "asset_inventories",
        "asset_software",
        "asset_ports",
        "findings",
        "finding_history",
        "results",
        "finding_attributes",
        "texts",
        "text_bodies",
        "qids",
        "vulnerabilities",
        "vulnerability_cves",
        "vulnerability_texts",
        "finding_counts",
        "counts",
    ];
    let mut script = "CREATE TABLE written (what TEXT);".to_owned();
    for table in tables {
        for event in ["INSERT", "UPDATE", "DELETE"] {
            script += &format!(
                "CREATE TRIGGER {table}_{event} AFTER {event} ON {table} \
                 BEGIN INSERT INTO written VALUES ('{event} {table}'); END;"
            );
        }
    }
    place
        .sql()
        .execute_batch(&script)
        .expect("triggers can be made");
}

/// Found again after it was fixed, even when both happened since the last sync.
fn has_come_back(before: &Value, after: &Value) -> bool {
    let is_open =
        after["status"] != "fixed" && after["is_ignored"] == false && after["is_disabled"] == false;
    let is_reopened = after["status"] == "reopened" && before["status"] != "reopened";
    (before["status"] == "fixed" && is_open) || is_reopened
}

#[test]
fn later_days_bring_the_truth_of_those_days() {
    let place = Place::new(&[
        "--hosts",
        "200",
        "--changed-percent",
        "70",
        "--churn-percent",
        "2",
    ]);
    place.sync(&[]).expect_exit(0);
    let mut known = place.true_findings();
    for day in [1, 2, 9, 10] {
        place.sim.set_day(day);
        let outcome = place.sync(&[]);
        outcome.expect_exit(0);
        let truth = place.true_findings();
        place.expect_truth();

        let both = truth
            .iter()
            .filter_map(|(key, row)| Some((known.get(key)?, row)));
        let moves: Vec<(&Value, &Value)> = both.collect();
        let n = |moved: fn(&Value, &Value) -> bool| {
            moves
                .iter()
                .filter(|(before, after)| moved(before, after))
                .count()
        };
        let n_fixed = n(|before, after| before["status"] != "fixed" && after["status"] == "fixed");
        let n_reopened = n(has_come_back);
        let n_new = truth.keys().filter(|key| !known.contains_key(*key)).count();
        let run = outcome.run();
        assert!(
            n_fixed > 0 && n_reopened > 0 && n_new > 0,
            "day {day} proves something"
        );
        assert_eq!(run["fixed"], n_fixed, "day {day}");
        assert_eq!(run["reopened"], n_reopened, "day {day}");
        assert_eq!(run["new"], n_new, "day {day}");
        assert_eq!(run["older"], 0, "day {day}");
        let truth_len = truth.len();
        // Nothing that is no longer delivered is forgotten.
        for (key, row) in truth {
            known.insert(key, row);
        }
        assert_eq!(place.closed_findings().len() + truth_len, known.len());
    }
    let moved = place.count("SELECT count(*) FROM finding_history WHERE from_status <> to_status");
    assert!(moved > 0);
}
