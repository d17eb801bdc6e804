//! Import rules, as a person tries, applies and takes them back. What each one keeps is worked out
//! here from the export, not asked of the rules.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::place::{Place, lines};

fn rules(place: &Place, what: &str, sets: &[&str]) -> Value {
    let sets = sets
        .iter()
        .flat_map(|set| ["--set".to_owned(), format!("settings.rules.{set}")]);
    let mut arguments = vec!["rules".to_owned(), what.to_owned(), "--json".to_owned()];
    arguments.extend(sets);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = place.run(&arguments);
    outcome.expect_exit(0);
    lines(&outcome.stdout).remove(0)
}

fn open(place: &Place) -> BTreeSet<u64> {
    numbers(&place.export(&["findings"]), "finding_id")
}

fn numbers(rows: &[Value], key: &str) -> BTreeSet<u64> {
    let number = |row: &Value| row[key].as_u64().expect("a number");
    rows.iter().map(number).collect()
}

fn has_tag(asset: &Value, name: &str) -> bool {
    let tags = asset["tags"].as_array().expect("a list");
    tags.iter().any(|tag| tag["name"] == name)
}

#[test]
fn a_trial_tells_what_a_rule_would_do_and_does_nothing() {
    let place = Place::new(&["--hosts", "40"]);
    place.sync(&[]).expect_exit(0);
    let rows = place.export(&["findings", "--all"]);
    let is_lower = |row: &&Value| row["qualys_severity"].as_u64().expect("a level") < 4;
    let lower: Vec<&Value> = rows.iter().filter(is_lower).collect();
    assert!(!lower.is_empty() && lower.len() < rows.len());
    let before = place.content();
    let calls = place.all_calls();

    let tried = rules(&place, "try", &["min_severity=high"]);
    assert_eq!(tried["put_aside"], lower.len());
    assert_eq!(tried["rules"][0]["rule"], "severity");
    assert_eq!(tried["rules"][0]["settings"], json!(["rules.min_severity"]));
    assert_eq!(tried["rules"][0]["findings"], lower.len());
    assert_eq!(place.content(), before, "a trial changes nothing");

    let applied = rules(&place, "apply", &["min_severity=high"]);
    assert_eq!(applied["put_aside"], lower.len());
    let is_open = |row: &&Value| row["is_open"] == true && !is_lower(row);
    let kept: Vec<Value> = rows.iter().filter(is_open).cloned().collect();
    assert_eq!(open(&place), numbers(&kept, "finding_id"));
    let listed = place.run(&["rules", "list", "--json"]);
    assert_eq!(lines(&listed.stdout)[0]["findings"], lower.len());

    let one = lower[0];
    let explained = place.run(&[
        "explain",
        "--asset",
        &one["asset_id"].to_string(),
        "--qid",
        &one["qid"].to_string(),
    ]);
    explained.expect_exit(0);
    for told in [
        "put aside by the rule `severity`",
        "`rules.min_severity`",
        "is 1, as of",
    ] {
        assert!(explained.stdout.contains(told), "{}", explained.stdout);
    }

    assert_eq!(rules(&place, "apply", &[])["taken_back"], lower.len());
    assert_eq!(
        place.export(&["findings", "--all"]),
        rows,
        "a rule that is gone leaves no trace"
    );
    place.expect_counts();
    assert_eq!(place.all_calls(), calls, "nothing was asked of Qualys");
}

#[test]
fn rules_about_findings_keep_what_they_name() {
    let place = Place::new(&["--hosts", "40"]);
    place.sync(&[]).expect_exit(0);
    let rows = place.export(&["findings", "--all"]);
    let before: BTreeSet<u64> = open(&place);
    let word = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    type Keeps = Box<dyn Fn(&Value) -> bool>;
    let cases: Vec<(&str, Keeps)> = vec![
        (
            "severities=[\"low\",\"critical\"]",
            Box::new(move |row| ["low", "critical"].contains(&word(row, "severity").as_str())),
        ),
        (
            "min_risk=high",
            Box::new(move |row| ["high", "critical"].contains(&word(row, "risk").as_str())),
        ),
        (
            "risks=[\"medium\"]",
            Box::new(move |row| word(row, "risk") == "medium"),
        ),
        (
            "certainties=[\"potential\"]",
            Box::new(move |row| word(row, "certainty") == "potential"),
        ),
        (
            "only=port:443 and not certainty:information",
            Box::new(move |row| row["port"] == 443 && word(row, "certainty") != "information"),
        ),
    ];
    for (set, keeps) in cases {
        rules(&place, "apply", &[set]);
        let kept: BTreeSet<u64> = rows
            .iter()
            .filter(|row| keeps(row))
            .map(|row| row["finding_id"].as_u64().expect("a number"))
            .filter(|id| before.contains(id))
            .collect();
        assert!(!kept.is_empty() && kept.len() < before.len(), "{set}");
        assert_eq!(open(&place), kept, "{set}");
    }
    // Each that is set has to hold.
    rules(
        &place,
        "apply",
        &["min_risk=high", "severities=[\"critical\"]"],
    );
    let both = place.export(&["findings"]);
    assert!(both.iter().all(|row| row["severity"] == "critical"));
    place.expect_counts();
    rules(&place, "apply", &[]);
    assert_eq!(open(&place), before);
}

#[test]
fn rules_about_assets_leave_out_assets_with_their_findings() {
    let place = Place::new(&["--hosts", "40"]);
    place.sync(&[]).expect_exit(0);
    let assets = place.export(&["assets"]);
    let group = &assets[0]["asset_group_ids"][0];
    let title: String = place
        .sql()
        .query_row(
            "SELECT title FROM asset_groups WHERE asset_group_id = ?1",
            [group.as_i64()],
            |row| row.get(0),
        )
        .expect("a title");
    let in_group = |asset: &Value| {
        let groups = asset["asset_group_ids"].as_array().expect("a list");
        groups.contains(group)
    };
    let is_windows = |asset: &Value| {
        let os = asset["os"].as_str().unwrap_or_default();
        os.to_lowercase().contains("windows")
    };
    type Keeps<'a> = Box<dyn Fn(&Value) -> bool + 'a>;
    let cases: Vec<(String, Keeps<'_>)> = vec![
        (
            "tags=[\"Windows\"]".into(),
            Box::new(|it| has_tag(it, "Windows")),
        ),
        (
            "not_tags=[\"Windows\"]".into(),
            Box::new(|it| !has_tag(it, "Windows")),
        ),
        ("os=windows".into(), Box::new(is_windows)),
        ("only=os:windows".into(), Box::new(is_windows)),
        (
            format!("asset_groups=[{}]", json!(title)),
            Box::new(in_group),
        ),
    ];
    for (set, keeps) in &cases {
        let done = rules(&place, "apply", &[set]);
        let expected: Vec<Value> = assets.iter().filter(|it| keeps(it)).cloned().collect();
        let expected = numbers(&expected, "asset_id");
        assert!(
            !expected.is_empty() && expected.len() < assets.len(),
            "{set}"
        );
        assert_eq!(
            numbers(&place.export(&["assets"]), "asset_id"),
            expected,
            "{set}: {done}"
        );
        let of_findings = numbers(&place.export(&["findings"]), "asset_id");
        assert!(of_findings.is_subset(&expected), "{set}");
        place.expect_counts();
        rules(&place, "apply", &[]);
    }
    assert_eq!(place.export(&["assets"]), assets);
}

#[test]
fn an_asset_that_nobody_else_has_seen_waits_for_another_source() {
    let place = Place::new(&["--hosts", "20"]);
    place.configure("[settings.rules]\nexclude_unknown = true\n");
    let command = place.run(&["sync"]);
    command.expect_exit(0);
    assert_eq!(place.export(&["assets"]), Vec::<Value>::new());
    let known = place.run(&["rules", "list", "--json"]);
    assert!(
        known.stdout.contains("\"rule\":\"unknown\""),
        "{}",
        known.stdout
    );

    let (name, address): (String, String) = place
        .sql()
        .query_row(
            "SELECT dns, ip FROM assets WHERE dns IS NOT NULL AND ip IS NOT NULL LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .expect("a host with a name");
    let file = place.path("seen.csv");
    std::fs::write(&file, format!("ip,dns\n{address},{name}\n")).expect("can be written");
    let file = file.to_str().expect("a path is text");
    place
        .run(&["import", file, "--format", "csv"])
        .expect_exit(0);
    let assets = place.export(&["assets"]);
    assert_eq!(assets.len(), 1);
    assert_eq!(assets[0]["dns"], name.as_str());
}

#[test]
fn detections_that_are_fingerprints_alone_store_no_finding() {
    let place = Place::new(&["--hosts", "20"]);
    place
        .sync(&["settings.rules.fingerprint_only=true"])
        .expect_exit(0);
    assert_eq!(
        place.export(&["findings", "--all", "--kind", "host"]),
        Vec::<Value>::new()
    );
    assert_eq!(place.export(&["assets"]).len(), place.true_hosts().len());
    assert!(!place.export(&["software"]).is_empty());
}

#[test]
fn a_rule_that_cannot_be_followed_is_told_with_its_key() {
    let place = Place::new(&["--hosts", "3"]);
    place.sync(&[]).expect_exit(0);
    for (set, told) in [
        (
            "settings.rules.only=severty:high",
            &["rules.only", "`severity`"][..],
        ),
        (
            "settings.rules.min_severity=hihg",
            &["rules.min_severity", "did you mean `high`?"],
        ),
        (
            "settings.rules.max_age_days=5000",
            &["rules.max_age_days", "3650"],
        ),
        ("settings.rules.colour=red", &["colour"]),
    ] {
        place
            .run(&["rules", "try", "--set", set])
            .expect_error(2, told);
    }
}
