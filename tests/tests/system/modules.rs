//! What the portal serves: tags. A module that is missing costs itself, never the run.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::place::Place;

fn by_id(rows: &[Value]) -> BTreeMap<u64, Value> {
    let keyed = rows.iter().map(|row| {
        let id = row["tag_id"].as_u64().expect("a number");
        (id, row.clone())
    });
    keyed.collect()
}

#[track_caller]
fn expect_true_tags(place: &Place) {
    let outcome = place.run(&["tags", "--json"]);
    outcome.expect_exit(0);
    let found = by_id(&crate::place::lines(&outcome.stdout));
    let truth = by_id(&place.truth("tags"));
    assert!(!truth.is_empty());
    assert_eq!(found.len(), truth.len());
    for (id, expected) in truth {
        for (key, value) in expected.as_object().expect("an object") {
            assert_eq!(&found[&id][key], value, "{key} of tag {id}");
        }
    }
}

#[test]
fn tags_are_those_of_the_portal_in_any_pages() {
    for page in ["settings.tag_page=1000", "settings.tag_page=3"] {
        let place = Place::new(&["--hosts", "60"]);
        place.sync(&[page]).expect_exit(0);
        expect_true_tags(&place);
        assert_eq!(place.sim.stats().forbidden_actions, 0);
    }
}

#[test]
fn a_table_of_tags_names_parents_and_rules() {
    let place = Place::new(&["--hosts", "30"]);
    place.sync(&[]).expect_exit(0);
    let outcome = place.run(&["tags"]);
    outcome.expect_exit(0);
    let line = |name: &str| {
        let line = outcome.stdout.lines().find(|line| line.contains(name));
        line.unwrap_or_else(|| panic!("{name} in\n{}", outcome.stdout))
    };
    assert!(line("Windows").contains("os_regex"));
    assert!(line("Zürich").contains("Owner"));
}

#[test]
fn a_module_that_is_not_granted_is_noted_and_the_run_goes_on() {
    let place = Place::new(&["--hosts", "40", "--fault", "not-licensed:on=tags"]);
    let outcome = place.sync(&[]);
    outcome.expect_exit(0);
    place.expect_truth();
    let run = outcome.run();
    assert_eq!(run["state"], "complete");
    assert_eq!(run["skipped"], 0);
    assert!(run["watermark"].is_string(), "{run:#}");
    let note = &run["notes"][0];
    assert_eq!(
        (&note["kind"], &note["dataset"]),
        (&"left-out".into(), &"tags".into())
    );
    assert_eq!(note["message"], "not-licensed");
    assert!(
        outcome.stderr.contains("tags are left out"),
        "{}",
        outcome.stderr
    );
    assert_eq!(place.count("SELECT count(*) FROM tags"), 0);

    let doctor = place.run(&["doctor"]);
    // Wrapped to the width of a screen.
    let said: Vec<&str> = doctor.stdout.split_whitespace().collect();
    let said = said.join(" ");
    assert!(
        said.contains("the tags cannot be read: the subscription does not include them"),
        "{said}"
    );
    let shown = place.run(&["runs", "show", "1"]);
    shown.expect_exit(0);
    assert!(shown.stdout.contains("left out:"), "{}", shown.stdout);

    // Granted later, they come.
    place.sim.clear_faults();
    place.sync(&[]).expect_exit(0);
    expect_true_tags(&place);
}

#[test]
fn tags_that_are_not_wanted_are_not_asked_for() {
    let place = Place::new(&["--hosts", "10"]);
    place.sync(&["settings.tags=false"]).expect_exit(0);
    assert_eq!(place.calls("tags"), 0);
}
