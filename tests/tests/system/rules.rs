//! Rules that put findings aside, as a person changes them: on what is stored, without a call.

use serde_json::Value;

use crate::place::Place;

/// How many findings are open, put aside, and fixed among those that a rule is about.
fn standing(place: &Place) -> (usize, usize, usize) {
    let rows = place.export(&["findings", "--all"]);
    let count = |is_it: fn(&Value) -> bool| rows.iter().filter(|row| is_it(row)).count();
    (
        count(|row| row["is_open"] == true),
        count(|row| row["put_aside_by"] == "kernel-filter"),
        count(|row| row["affects_running_kernel"] == false && row["status"] == "fixed"),
    )
}

fn apply(place: &Place, filter: &str) -> Value {
    let set = format!("settings.kernel_filter={filter}");
    let outcome = place.run(&["rules", "apply", "--json", "--set", &set]);
    outcome.expect_exit(0);
    serde_json::from_str(outcome.stdout.trim()).expect("one object")
}

#[test]
fn a_changed_rule_takes_effect_on_what_is_stored_without_a_call() {
    let place = Place::new(&["--hosts", "40"]);
    place.sync(&[]).expect_exit(0);
    let truth = place.true_findings();
    let is = |row: &&Value, key: &str, value: &Value| row[key] == *value;
    let lives = |row: &&Value| {
        ["new", "active", "reopened"].contains(&row["status"].as_str().unwrap_or_default())
            && is(row, "is_ignored", &false.into())
            && is(row, "is_disabled", &false.into())
    };
    let idle: Vec<&Value> = truth
        .values()
        .filter(|row| is(row, "affects_running_kernel", &false.into()))
        .collect();
    let n_open = truth.values().filter(lives).count();
    let n_idle_open = idle.iter().filter(|row| lives(row)).count();
    let n_idle_fixed = idle
        .iter()
        .filter(|row| is(row, "status", &"fixed".into()))
        .count();
    let n_aside = idle.len() - n_idle_fixed;
    assert!(
        n_idle_open > 0 && n_idle_fixed > 0,
        "the sample has kernels"
    );
    assert_eq!(standing(&place), (n_open, 0, n_idle_fixed));

    let calls = place.all_calls();
    let applied = apply(&place, "1");
    assert_eq!(applied["put_aside"], n_aside);
    assert_eq!(
        standing(&place),
        (n_open - n_idle_open, n_aside, n_idle_fixed)
    );
    assert_eq!(place.all_calls(), calls, "nothing was asked of Qualys");
    assert_eq!(apply(&place, "0")["taken_back"], n_aside);
    assert_eq!(standing(&place), (n_open, 0, n_idle_fixed));

    // A sync applies them too, and goes on from the run before: how findings are shown is no
    // reason to fetch them again.
    let weekly = "settings.full_every_days=7";
    place.sync(&[weekly]).expect_exit(0);
    let outcome = place.sync(&[weekly, "settings.kernel_filter=1"]);
    outcome.expect_exit(0);
    assert_eq!(outcome.run()["is_full"], false);
    assert_eq!(
        standing(&place),
        (n_open - n_idle_open, n_aside, n_idle_fixed)
    );
}

#[test]
fn a_rule_that_does_not_exist_changes_nothing() {
    let place = Place::new(&["--hosts", "3"]);
    place.sync(&[]).expect_exit(0);
    let before = standing(&place);
    let outcome = place.run(&["rules", "apply", "--set", "settings.kernel_filter=5"]);
    outcome.expect_exit(2);
    outcome.expect_words(&["`kernel_filter` must be from 0 to 4"]);
    assert_eq!(standing(&place), before);
}

#[test]
fn whose_findings_are_judged_is_clear_or_asked() {
    let place = Place::new(&["--hosts", "3"]);
    place.sync(&[]).expect_exit(0);
    let (url, username) = (place.sim.url(), place.sim.username());
    let with = |account: &[&str]| {
        let trial = [
            "rules",
            "try",
            "--json",
            "--set",
            "settings.kernel_filter=1",
        ];
        place.run(&[&trial[..], account].concat())
    };
    let other = with(&["--username", "other"]);
    other.expect_exit(2);
    other.expect_words(&[&format!("nothing here is of `other` at {url}"), username]);

    // Without a word of an account, it is the one that is there.
    std::fs::write(place.path("qonduit.toml"), "").expect("a file can be written");
    with(&[]).expect_exit(0);
    let mut store = place.store();
    qonduit_host::store::Store::connector(&mut store, &url, "other").expect("a connector");
    drop(store);
    let unclear = with(&[]);
    unclear.expect_exit(2);
    unclear.expect_words(&["several accounts", "--username", "`other`"]);
    with(&["--username", username, "--api-url", &url]).expect_exit(0);
}
