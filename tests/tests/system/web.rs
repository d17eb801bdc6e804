//! Web applications of Qualys WAS and what was found in them: the inventory is what Qualys delivers,
//! day after day, and a module that is missing costs itself alone.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    outcome::Outcome,
    place::{Place, lines},
};

type Keyed = BTreeMap<(u64, String), Value>;

/// The inventory holds the web applications and findings of the day. What Qualys dropped without a
/// word is closed by a full run at the latest.
#[track_caller]
pub(crate) fn expect_truth(place: &Place) {
    let truth = keyed(place.truth("web-apps"));
    let found = keyed(place.export(&["assets", "--kind", "web-application"]));
    let ids = |rows: &Keyed| rows.keys().cloned().collect::<Vec<_>>();
    assert_eq!(ids(&found), ids(&truth));
    for (key, row) in &truth {
        let asset = &found[key];
        assert_eq!(asset["name"], row["name"], "{key:?}");
        assert_eq!(asset["web"]["url"], row["url"], "{key:?}");
        assert_eq!(asset["web"]["risk_score"], row["risk_score"], "{key:?}");
        assert_eq!(asset["last_seen"], row["last_seen"], "{key:?}");
        let n_tags = asset["tags"].as_array().map(Vec::len);
        assert_eq!(n_tags.map(|n| json!(n)), Some(row["tags"].clone()));
        assert_eq!(asset["host_id"], Value::Null);
    }

    let truth = keyed(place.truth("web-findings"));
    let found = findings(place);
    for (key, row) in &truth {
        let Some(finding) = found.get(key) else {
            panic!("{key:?} is missing: {row:#}");
        };
        let kept = json!({
            "web_app_id": finding["web_app_id"],
            "finding_key": finding["finding_key"],
            "qid": finding["qid"],
            "kind": finding["web"]["kind"],
            "severity": finding["qualys_severity"],
            "status": finding["status"],
            "is_protected": finding["web"]["is_protected"],
            "url": finding["web"]["url"],
            "param": finding["web"]["param"],
            "cwe": finding["web"]["cwe"],
            "is_ignored": finding["is_ignored"],
            "ignored_reason": finding["web"]["ignored_reason"],
            "last_found": finding["last_found"],
            "last_fixed": finding["last_fixed"],
        });
        assert_eq!(&kept, row);
        let is_vanished = finding["closed_reason"] == "vanished";
        assert!(!is_vanished, "delivered, and vanished: {finding:#}");
    }
    let was_full = place.count("SELECT window = 0 FROM runs ORDER BY id DESC LIMIT 1") == 1;
    for (key, row) in found.iter().filter(|(key, _)| !truth.contains_key(*key)) {
        let is_listed = place
            .truth("web-apps")
            .iter()
            .any(|app| app["web_app_id"] == row["web_app_id"]);
        assert!(
            row["is_open"] == false || (is_listed && !was_full),
            "{key:?} is open, and Qualys has it no more: {row:#}"
        );
        if was_full || !is_listed {
            assert!(row["closed_reason"].is_string(), "{key:?}: {row:#}");
        }
    }
}

fn findings(place: &Place) -> Keyed {
    keyed(place.export(&["findings", "--all", "--kind", "web-application"]))
}

fn keyed(rows: Vec<Value>) -> Keyed {
    let mut found = Keyed::new();
    for row in rows {
        let app = row["web_app_id"].as_u64().expect("a number");
        let key = row["finding_key"].as_str().unwrap_or_default().to_owned();
        assert!(found.insert((app, key), row).is_none(), "twice in {app}");
    }
    found
}

fn place(more: &[&str]) -> Place {
    let always = ["--hosts", "8", "--detections", "1-3", "--web-apps", "30"];
    Place::new(&[&always[..], more].concat())
}

#[test]
fn a_first_sync_ends_with_the_truth_in_any_pages() {
    for page in ["100", "7"] {
        let place = place(&[]);
        let sets = [
            format!("settings.web_app_page={page}"),
            format!("settings.web_app_finding_page={page}"),
        ];
        let sets: Vec<&str> = sets.iter().map(String::as_str).collect();
        let outcome = place.sync(&sets);
        outcome.expect_exit(0);
        place.expect_truth();
        let run = outcome.run();
        assert_eq!(run["warnings"], 0, "{run:#}");
        assert!(findings(&place).len() > 100);
        assert_eq!(place.sim.stats().forbidden_actions, 0);
        // Their QIDs have entries, but for those that Qualys itself lacks.
        let unknown = "SELECT count(*) FROM qids WHERE qid BETWEEN 150000 AND 150999 \
            AND is_known = 0 AND asked_at IS NULL";
        assert_eq!(place.count(unknown), 0);
        let known = "SELECT count(*) FROM vulnerabilities WHERE qid BETWEEN 150000 AND 150999";
        assert!(place.count(known) > 30);

        // Nothing is written where nothing has changed.
        let before = place.content();
        let again = [&sets[..], &["settings.full_every_days=0"]].concat();
        place.sync(&again).expect_exit(0);
        assert_eq!(place.content(), before);
    }
}

#[test]
fn nothing_secret_of_a_payload_is_kept() {
    let place = place(&[]);
    place.sync(&[]).expect_exit(0);
    let export = place.export(&["findings", "--all", "--kind", "web-application"]);
    let text = export.iter().map(Value::to_string).collect::<String>();
    assert!(
        text.contains("q=\\\"'><qss a=X1Y2Z3>"),
        "the payload is there"
    );
    assert!(!text.contains("QXV0aG9yaXphdGlvbjog"), "and no header");
}

/// As in the module of days.
fn sync_of(place: &Place, day: u32, sets: &[&str]) -> Outcome {
    let always = ["settings.full_every_days=7"];
    let mut command = place.sync_command(&[&always, sets].concat());
    if day.is_multiple_of(7) {
        command.arg("--full");
    }
    Outcome::of(command)
}

#[test]
fn every_day_the_web_applications_are_those_of_qualys() {
    let place = place(&["--changed-percent", "30", "--churn-percent", "2"]);
    let mut reasons: BTreeMap<String, u32> = BTreeMap::new();
    let mut n_calls = [0, 0];
    for day in 0..=15 {
        place.sim.set_day(day);
        let before = place.calls("web_findings");
        let outcome = sync_of(&place, day, &["settings.web_app_finding_page=50"]);
        outcome.expect_exit(0);
        n_calls[usize::from(day.is_multiple_of(7))] += place.calls("web_findings") - before;
        place.expect_truth();
    }
    for row in findings(&place).into_values() {
        if let Some(reason) = row["closed_reason"].as_str() {
            *reasons.entry(reason.to_owned()).or_default() += 1;
        }
    }
    // Each of them has happened, so the days prove something.
    for reason in ["fixed", "vanished", "host-purged", "ignored"] {
        assert!(reasons.contains_key(reason), "{reason} in {reasons:?}");
    }
    let reopened = "SELECT count(*) FROM finding_history h JOIN findings f ON f.id = h.finding_id \
        JOIN assets a ON a.id = f.asset_id WHERE a.kind = 1 AND h.to_status = 3";
    assert!(place.count(reopened) > 0);
    // Thirteen days of what changed against three of everything.
    assert!(n_calls[0] < 4 * n_calls[1], "{n_calls:?}");
}

#[test]
fn trouble_on_the_way_changes_nothing_of_the_truth() {
    let place = place(&[]);
    let faults = [
        "cut:on=web_findings,part=0.5,first=1",
        "error:on=web_findings,status=502,first=1",
        "cut:on=web_apps,part=0.3,first=1",
        "error:on=web_apps,status=502,first=1",
        "rate-limited:on=web_findings,secs=1,first=1",
    ];
    for (day, fault) in (0..).zip(faults) {
        place.sim.set_day(day);
        place.sim.inject(fault);
        let sets = [
            "settings.waits.unreachable_secs=1",
            "settings.full_every_days=0",
        ];
        place.sync(&sets).expect_exit(0);
        assert_eq!(place.sim.stats().faults.len(), day as usize + 1, "{fault}");
        place.expect_truth();
        place.sim.clear_faults();
    }
}

#[test]
fn without_the_module_the_rest_goes_on_and_nothing_is_closed() {
    let place = place(&[]);
    place.sync(&[]).expect_exit(0);
    let open = "SELECT count(*) FROM findings f JOIN assets a ON a.id = f.asset_id \
        WHERE a.kind = 1 AND f.is_open = 1";
    let before = place.count(open);
    assert!(before > 0);

    place.sim.inject("not-licensed:on=web_apps");
    place.sim.inject("not-licensed:on=web_findings");
    let outcome = place.sync(&["settings.full_every_days=0"]);
    outcome.expect_exit(0);
    let run = outcome.run();
    assert_eq!(
        (&run["state"], &run["skipped"]),
        (&json!("complete"), &json!(0))
    );
    assert!(run["watermark"].is_string(), "{run:#}");
    let left_out: Vec<&Value> = run["notes"]
        .as_array()
        .expect("notes")
        .iter()
        .filter(|note| note["kind"] == "left-out")
        .map(|note| &note["dataset"])
        .collect();
    assert_eq!(left_out, [&json!("web-apps"), &json!("web-app-findings")]);
    assert!(
        outcome.stderr.contains("web-apps are left out"),
        "{}",
        outcome.stderr
    );
    assert_eq!(place.count(open), before);

    let doctor = place.run(&["doctor"]);
    let said = doctor
        .stdout
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let expected = "the web applications cannot be read: the subscription does not include them";
    assert!(said.contains(expected), "{said}");

    place.sim.clear_faults();
    place.sync(&["settings.full_every_days=0"]).expect_exit(0);
    place.expect_truth();
    let doctor = place.run(&["doctor"]);
    let said = doctor
        .stdout
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(
        said.contains("the account may read the web applications"),
        "{said}"
    );
}

#[test]
fn web_applications_that_are_not_wanted_are_not_asked_for() {
    let place = place(&[]);
    place.sync(&["settings.web_apps=false"]).expect_exit(0);
    assert_eq!(
        (place.calls("web_apps"), place.calls("web_findings")),
        (0, 0)
    );
    let doctor = place.run(&["doctor", "--set", "settings.web_apps=false"]);
    assert!(
        !doctor.stdout.contains("web applications"),
        "{}",
        doctor.stdout
    );
}

#[test]
fn people_see_web_applications_beside_hosts() {
    let place = place(&[]);
    place.sync(&[]).expect_exit(0);
    let shown = |args: &[&str]| {
        let outcome = place.run(args);
        outcome.expect_exit(0);
        outcome.stdout
    };
    let rows = lines(&shown(&["assets", "--json", "--limit", "1000"]));
    let of_kind = |kind: &str| rows.iter().filter(|row| row["kind"] == kind).count();
    assert_eq!(of_kind("host"), place.truth("hosts").len());
    assert_eq!(of_kind("web-application"), place.truth("web-apps").len());
    let table = shown(&["assets", "--kind", "web-application"]);
    assert!(table.contains("https://app-"), "{table}");
    let where_kind = shown(&["findings", "--where", "kind:web-application", "--json"]);
    let row = &lines(&where_kind)[0];
    let (id, app) = (row["finding_id"].to_string(), row["web_app_id"].to_string());
    let finding = shown(&["show", "--finding", &id]);
    assert!(
        finding.contains(&format!("web application {app}")),
        "{finding}"
    );
    let asset = shown(&["show", "--web-app", &app]);
    assert!(asset.starts_with("web application "), "{asset}");
    assert!(asset.contains("  url  "), "{asset}");
    let csv = shown(&["export", "findings", "--all", "--format", "csv"]);
    assert!(
        csv.contains("information-gathered"),
        "the kind has its column"
    );
}
