//! What became of findings, as the commands tell it, against what the syncs said and the simulator
//! knows; and expressions against its truth.

use qonduit_host::store::Store as _;
use serde_json::Value;

use crate::place::{Place, lines};

fn rows(place: &Place, arguments: &[&str]) -> Vec<Value> {
    let outcome = place.run(&[arguments, &["--json", "--limit", "10000"]].concat());
    outcome.expect_exit(0);
    lines(&outcome.stdout)
}

fn total(day: &Value, key: &str) -> u64 {
    let counts = day[key].as_object().expect("by severity").values();
    counts.map(|n| n.as_u64().expect("a number")).sum()
}

#[test]
fn what_two_syncs_bring_is_told_as_changes_and_days() {
    let place = Place::new(&["--hosts", "60"]);
    let first = place.sync(&[]).expect_exit(0).run();
    place.sim.set_day(1);
    let second = place
        .sync(&["settings.full_every_days=7"])
        .expect_exit(0)
        .run();
    assert!(second["fixed"].as_u64() > Some(0), "{second:#}");
    let told = |change: &str| rows(&place, &["changes", "--since", "1h", "--change", change]);
    let n_new = first["new"].as_u64().unwrap() + second["new"].as_u64().unwrap();
    assert_eq!(told("new").len() as u64, n_new);
    for change in ["fixed", "reopened"] {
        let told = told(change);
        assert_eq!(
            told.len() as u64,
            second[change].as_u64().unwrap(),
            "{change}"
        );
        assert!(told.iter().all(|row| row["change"] == change));
    }
    assert!(told("fixed").iter().all(|row| row["to_status"] == "fixed"));
    // The whole list comes in pages, newest first, and none is told twice.
    let mut all = Vec::new();
    let mut after = Vec::new();
    loop {
        let page = ["changes", "--since", "1h", "--limit", "700", "--json"];
        let outcome = place.run(&[&page[..], &after].concat());
        all.extend(lines(&outcome.expect_exit(0).stdout));
        let Some((_, token)) = outcome.stderr.split_once("--after ") else {
            break;
        };
        let token = token.split('`').next().unwrap().to_owned();
        after = vec!["--after", Box::leak(token.into_boxed_str())];
    }
    assert_eq!(all.len(), rows(&place, &["changes", "--since", "1h"]).len());
    let times: Vec<_> = all.iter().map(|row| row["at"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|one, other| one >= other));

    let outcome = place.run(&["trends", "--json"]);
    let days = lines(&outcome.expect_exit(0).stdout);
    // The syncs may have been before and after a midnight.
    let sum = |key: &str| days.iter().map(|day| total(day, key)).sum::<u64>();
    assert_eq!(sum("new"), n_new);
    assert_eq!(sum("fixed"), second["fixed"].as_u64().unwrap());
    assert_eq!(sum("reopened"), second["reopened"].as_u64().unwrap());
    let open = rows(&place, &["findings"]).len() as u64;
    assert_eq!(total(days.last().unwrap(), "open"), open);
    assert_eq!(place.store().recount().unwrap(), [""; 0]);
}

#[test]
fn targets_count_what_is_late() {
    let place = Place::new(&["--hosts", "30"]);
    place
        .run(&["targets", "set", "critical=15"])
        .expect_error(5, &["no inventory"]);
    place.sync(&[]).expect_exit(0);
    let outcome = place.run(&["targets", "--json"]);
    let none = lines(&outcome.expect_exit(0).stdout);
    assert_eq!(none.len(), 5);
    assert!(
        none.iter()
            .all(|row| row["target_days"].is_null() && row["breached"] == 0)
    );
    let set = ["targets", "set", "critical=15", "high=100", "--json"];
    let told = lines(&place.run(&set).expect_exit(0).stdout);
    let late = rows(&place, &["findings", "--where", "breached:true"]);
    assert!(!late.is_empty(), "the sample has late ones");
    for row in &told {
        let of = |late: &&Value| late["severity"] == row["severity"];
        let n = late.iter().filter(of).count();
        assert_eq!(row["breached"], n, "{row}");
    }
    let on_time = rows(
        &place,
        &["findings", "--where", "has:due and breached:false"],
    );
    let severe = rows(&place, &["findings", "--severity", "high"]);
    assert_eq!(late.len() + on_time.len(), severe.len());
    place
        .run(&["targets", "set", "urgent=3"])
        .expect_error(2, &["no severity `urgent`", "critical=15"]);
}

#[test]
fn an_expression_selects_what_the_simulator_knows() {
    let place = Place::new(&["--hosts", "60"]);
    place.sync(&[]).expect_exit(0);
    let truth = place.true_findings();
    let count = |is_it: &dyn Fn(&Value) -> bool| truth.values().filter(|row| is_it(row)).count();
    let found = |expression: &str| {
        let kept = format!("({expression}) and kind:host");
        rows(&place, &["findings", "--all", "--where", &kept]).len()
    };
    let is = |row: &Value, key: &str, value: &str| row[key] == value;
    let severe = count(&|row| row["severity"].as_u64() >= Some(4));
    assert!(severe > 0);
    assert_eq!(found("severity:>=high"), severe);
    assert_eq!(found("not severity:<high"), severe);
    let fixed_on_443 = count(&|row| is(row, "status", "fixed") && row["port"] == 443);
    assert_eq!(found("status:fixed and port:443"), fixed_on_443);
    let kept = place.export(&["findings", "--all", "--kind", "host"]);
    let has_version = |row: &&Value| {
        let text = row["results"].as_str().unwrap_or_default();
        text.to_ascii_lowercase().contains("version")
    };
    let with_version = kept.iter().filter(has_version).count();
    assert!(with_version > 0);
    assert_eq!(found("results:VERSION"), with_version);
    // Without `--all`, who asks for what is fixed sees it.
    let fixed = count(&|row| is(row, "status", "fixed"));
    let shown = rows(
        &place,
        &["findings", "--where", "status:fixed and kind:host"],
    );
    assert_eq!(shown.len(), fixed);
}

#[test]
fn a_mistake_in_a_time_or_an_expression_is_told() {
    let place = Place::new(&["--hosts", "2"]);
    place.sync(&[]).expect_exit(0);
    place
        .run(&["changes", "--since", "soon"])
        .expect_error(2, &["`soon` is no time", "30days"]);
    place
        .run(&["vulnerabilities", "--where", "kev:csia"])
        .expect_error(
            2,
            &[
                "`kev` is `cisa`",
                "kev:csia\n      ^",
                "did you mean `cisa`",
            ],
        );
    place
        .run(&["export", "software", "--where", "@qualsy.os:x"])
        .expect_error(2, &["`@qualsy` is no source", "did you mean `@qualys.os`"]);
    let outcome = place.run(&["fields", "kev"]);
    outcome.expect_exit(0);
    assert!(outcome.stdout.contains("kev:cisa"), "{}", outcome.stdout);
}
