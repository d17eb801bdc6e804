//! Qualys vulnerability scores (QVS): asked for where they are wanted, once, and as they change.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{outcome::Outcome, place::Place};

const WANTED: &str = "settings.qvs=true";

/// The entries of QIDs that were found.
fn found(place: &Place) -> Vec<Value> {
    let entries = place.export(&["vulnerabilities"]).into_iter();
    let found: Vec<Value> = entries.filter(|it| it["findings"] != 0).collect();
    assert!(found.len() > 100, "{} entries prove nothing", found.len());
    found
}

/// All scores of the CVEs that findings name are the true ones, and none is missing.
#[track_caller]
fn expect_true_scores(place: &Place) -> usize {
    let truth: BTreeMap<String, Value> = place
        .truth("cve-scores")
        .into_iter()
        .map(|row| (row["cve"].as_str().expect("a name").to_owned(), row))
        .collect();
    let mut n_scores = 0;
    for entry in found(place) {
        let cves = entry["cves"].as_array().expect("a list").iter();
        let expected: Vec<&Value> = cves
            .filter_map(|cve| truth.get(cve.as_str().expect("a name")))
            .collect();
        let told = entry["cve_scores"].as_array().expect("a list");
        assert_eq!(told.len(), expected.len(), "of QID {}", entry["qid"]);
        for (told, expected) in told.iter().zip(expected) {
            for (key, value) in expected.as_object().expect("an object") {
                let is_same = match (told[key].as_f64(), value.as_f64()) {
                    (Some(told), Some(value)) => (told - value).abs() < 1e-6,
                    _ => told[key] == *value,
                };
                assert!(is_same, "{key} of {told}, expected {value}");
            }
            n_scores += 1;
        }
    }
    assert!(n_scores > 100, "{n_scores} scores prove nothing");
    n_scores
}

fn counted(outcome: &Outcome) -> Value {
    let run = outcome.run();
    let datasets = run["datasets"].as_array().expect("a list");
    let scores = datasets.iter().find(|it| it["dataset"] == "cve-scores");
    scores.expect("a stage of its own").clone()
}

#[test]
fn scores_are_asked_for_only_where_they_are_wanted() {
    let place = Place::new(&["--hosts", "20"]);
    place.sync(&[]).expect_exit(0);
    assert_eq!(place.calls("qvs"), 0);
    assert_eq!(place.count("SELECT count(*) FROM cve_scores"), 0);
}

#[test]
fn scores_of_all_cves_that_findings_name_are_the_true_ones() {
    for batch in ["settings.batch_cves=300", "settings.batch_cves=17"] {
        let place = Place::new(&["--hosts", "60"]);
        let first = place.sync(&[WANTED, batch]);
        first.expect_exit(0);
        place.expect_truth();
        expect_true_scores(&place);
        assert_eq!(place.sim.stats().forbidden_actions, 0);
        assert!(counted(&first)["new"].as_u64() > Some(100));
        let named = place.count(
            "SELECT count(DISTINCT cve) FROM vulnerability_cves JOIN qids USING (qid)
             WHERE findings > 0",
        );
        let size = if batch.ends_with("300") { 300 } else { 17 };
        assert_eq!(place.calls("qvs"), (named as u64).div_ceil(size), "{batch}");
        // What has no score was asked for all the same, and is not asked for again so soon.
        let asked = "SELECT count(*) FROM cve_scores WHERE content_hash IS NULL";
        assert!(place.count(asked) > 0);
    }
}

#[test]
fn scores_follow_the_days_by_what_changed() {
    let place = Place::new(&["--hosts", "60", "--changed-percent", "20"]);
    let sets = [WANTED, "settings.full_every_days=6"];
    let mut n_changed = 0;
    for day in 0..8 {
        place.sim.set_day(day);
        let before = place.calls("qvs");
        let outcome = place.sync(&sets);
        outcome.expect_exit(0);
        expect_true_scores(&place);
        let is_full = outcome.run()["is_full"] == true;
        let calls = place.calls("qvs") - before;
        if !is_full {
            // One for what changed, and one where findings name new CVEs.
            assert!((1..=2).contains(&calls), "{calls} calls on day {day}");
            n_changed += counted(&outcome)["changed"].as_u64().expect("a count");
        }
    }
    assert!(n_changed > 20, "{n_changed} changes prove nothing");
}

#[test]
fn an_account_without_scores_goes_without_them() {
    for (fault, why) in [
        ("error:status=403,on=qvs", "the account has no right to it"),
        ("error:status=404,on=qvs", "this platform does not serve it"),
    ] {
        let place = Place::new(&["--hosts", "30", "--fault", fault]);
        let outcome = place.sync(&[WANTED]);
        outcome.expect_exit(0);
        place.expect_truth();
        let run = outcome.run();
        assert_eq!(
            (&run["state"], &run["skipped"]),
            (&"complete".into(), &0.into())
        );
        assert_eq!(run["notes"][0]["dataset"], "cve-scores");
        let said = format!("the scores of CVEs are left out: {why}");
        assert!(outcome.stderr.contains(&said), "{}", outcome.stderr);
        let doctor = place.run(&["doctor", "--set", WANTED]);
        let said: Vec<&str> = doctor.stdout.split_whitespace().collect();
        let said = said.join(" ");
        assert!(said.contains("the scores of CVEs cannot be read"), "{said}");
        // Nothing was marked as asked for in vain: granted later, all of them come.
        assert_eq!(place.count("SELECT count(*) FROM cve_scores"), 0);
        place.sim.clear_faults();
        place
            .sync(&[WANTED, "settings.full_every_days=7"])
            .expect_exit(0);
        expect_true_scores(&place);
        let doctor = place.run(&["doctor", "--set", WANTED]);
        assert!(
            doctor
                .stdout
                .contains("the account may read the scores of CVEs")
        );
    }
}

#[test]
fn answers_that_break_are_asked_for_again_in_smaller_pieces() {
    let place = Place::new(&["--hosts", "40", "--fault", "cut:part=0.5,on=qvs,first=3"]);
    place.sync(&[WANTED]).expect_exit(0);
    expect_true_scores(&place);
}

#[test]
fn a_qid_shows_the_scores_of_its_cves() {
    let place = Place::new(&["--hosts", "30"]);
    place.sync(&[WANTED]).expect_exit(0);
    let entries = found(&place);
    let scored = entries
        .iter()
        .find(|it| it["cve_scores"][0]["score"].is_u64());
    let scored = scored.expect("one with a score");
    let outcome = place.run(&["show", &scored["qid"].to_string()]);
    outcome.expect_exit(0);
    let (cve, score) = (
        &scored["cve_scores"][0]["cve"],
        &scored["cve_scores"][0]["score"],
    );
    let shown = format!("{} {score} (EPSS 0.", cve.as_str().expect("a name"));
    let line = outcome
        .stdout
        .lines()
        .find(|line| line.starts_with("  qvs"));
    let line = line.unwrap_or_else(|| panic!("no line in\n{}", outcome.stdout));
    assert!(line.contains(&shown), "{shown} in {line}");
}
