//! Software and open ports: the host assets of the portal, and what results say where no asset does.

use std::collections::{BTreeMap, BTreeSet};

use qonduit_host::store::{Store as _, Word as _};
use serde_json::{Value, json};

use crate::{
    outcome::Outcome,
    place::{Place, lines, say},
};

/// What one host has: a row of JSON each, in no order.
type Rows = BTreeSet<String>;

/// The asset of every host, none of a host that was never assessed; several hosts may be one.
fn assets(place: &Place) -> BTreeMap<u64, Option<i64>> {
    let sql = place.sql();
    let query = "SELECT host_id, CASE WHEN left_out_by IS NULL THEN asset_id END FROM assets
        WHERE host_id IS NOT NULL AND gone_at IS NULL";
    let mut statement = sql.prepare(query).expect(query);
    let host = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?));
    let hosts = statement.query_map([], host).expect(query);
    hosts.map(|host| host.expect("a host")).collect()
}

/// Software and ports of every asset, as the inventory has them.
fn found(place: &Place) -> BTreeMap<i64, (Rows, Rows)> {
    let reader = place.store().reader().expect("the inventory can be read");
    let mut found = BTreeMap::new();
    for asset in place.export(&["assets"]) {
        let id = asset["asset_id"].as_i64().expect("a number");
        let inventory = reader.inventory(id).expect("an asset can be read");
        let software = inventory.software.iter().map(|row| {
            let row = json!({
                "name": row.software.name,
                "version": row.software.version,
                "required_version": row.required_version,
                "source": row.source.word(),
            });
            row.to_string()
        });
        let ports = inventory.ports.iter().map(|row| {
            assert_eq!(row.source, "host-assets");
            let row = json!({
                "port": row.port,
                "protocol": row.protocol,
                "service": row.service,
            });
            row.to_string()
        });
        found.insert(id, (software.collect(), ports.collect()));
    }
    found
}

fn rows(list: &Value) -> Rows {
    let rows = list.as_array().expect("a list");
    rows.iter().map(Value::to_string).collect()
}

/// The inventory is the truth, and so are the counts of the list.
#[track_caller]
fn expect_true_software(place: &Place) {
    let truth = place.truth("software");
    let (found, asset_of) = (found(place), assets(place));
    assert_eq!(asset_of.len(), truth.len());
    let mut expected: BTreeMap<i64, (Rows, Rows)> = BTreeMap::new();
    let mut sources = BTreeSet::new();
    let mut shown = BTreeSet::new();
    for host in &truth {
        let Some(asset) = asset_of[&host["host_id"].as_u64().expect("a number")] else {
            continue;
        };
        let (software, ports) = expected.entry(asset).or_default();
        software.extend(rows(&host["software"]));
        ports.extend(rows(&host["ports"]));
        for row in host["software"].as_array().expect("a list") {
            sources.insert(row["source"].to_string());
            shown.insert((asset, key(row), row["source"].to_string()));
        }
    }
    for (asset, expected) in &expected {
        assert_eq!(found.get(asset), Some(expected), "asset {asset}");
    }
    assert_eq!(found.len(), expected.len());
    let mut counts: BTreeMap<(String, String), u64> = BTreeMap::new();
    for (_, key, _) in shown {
        *counts.entry(key).or_default() += 1;
    }
    assert_eq!(sources.len(), 2, "assets and results both tell of software");
    let listed = place.run(&["software", "--json", "--limit", "10000"]);
    listed.expect_exit(0);
    let mut listed_counts: BTreeMap<(String, String), u64> = BTreeMap::new();
    for row in lines(&listed.stdout) {
        let n = row["assets"].as_u64().expect("a number");
        *listed_counts.entry(key(&row)).or_default() += n;
    }
    assert_eq!(listed_counts, counts);
    assert_eq!(
        place.store().recount().expect("can be counted"),
        Vec::<String>::new()
    );
}

fn key(row: &Value) -> (String, String) {
    (row["name"].to_string(), row["version"].to_string())
}

#[test]
fn software_and_ports_are_those_of_the_portal_in_any_pages() {
    for page in [
        "settings.host_asset_page=1000",
        "settings.host_asset_page=7",
    ] {
        let place = Place::new(&["--hosts", "90"]);
        place.sync(&[page]).expect_exit(0);
        place.expect_truth();
        expect_true_software(&place);
        assert_eq!(place.sim.stats().forbidden_actions, 0);
    }
}

#[test]
fn software_follows_the_days_by_what_was_updated() {
    let place = Place::new(&[
        "--hosts",
        "90",
        "--changed-percent",
        "20",
        "--churn-percent",
        "2",
    ]);
    let (mut n_changed, mut n_seen) = (0, 0);
    for day in 0..10 {
        place.sim.set_day(day);
        let outcome = place.sync(&["settings.full_every_days=7"]);
        outcome.expect_exit(0);
        assert_eq!(outcome.run()["is_full"], day == 0, "day {day}");
        let of_assets = outcome.dataset("host-assets");
        n_changed += of_assets["changed"].as_u64().expect("a number");
        n_seen += of_assets["unchanged"].as_u64().expect("a number");
        expect_true_software(&place);
    }
    say(&format!(
        "{n_changed} host assets changed, {n_seen} did not"
    ));
    assert!(n_changed > 0, "the days prove something");
    // A tenth of what full runs would have brought again.
    assert!(n_seen < 9 * 90 / 2, "{n_seen}");
}

#[test]
fn cut_answers_and_a_server_in_trouble_lose_no_software() {
    let place = Place::new(&[
        "--hosts",
        "60",
        "--fault",
        "cut:part=0.6,first=2,on=host_assets",
        "--fault",
        "error:status=502,first=3,on=host_assets",
    ]);
    place.sync(&["settings.host_asset_page=20"]).expect_exit(0);
    place.expect_truth();
    expect_true_software(&place);
}

#[test]
fn a_rate_limit_on_host_assets_is_waited_for() {
    let place = Place::new(&[
        "--hosts",
        "60",
        "--fault",
        "rate-limited:secs=1,first=1,on=host_assets",
    ]);
    place.sync(&[]).expect_exit(0);
    expect_true_software(&place);
    assert_eq!(place.calls("host_assets"), 2);
}

#[test]
fn without_the_module_results_tell_of_software() {
    let place = Place::new(&["--hosts", "60", "--fault", "not-licensed:on=host_assets"]);
    let outcome = place.sync(&[]);
    outcome.expect_exit(0);
    place.expect_truth();
    let run = outcome.run();
    assert_eq!(
        (&run["state"], &run["skipped"]),
        (&"complete".into(), &0.into())
    );
    let note = &run["notes"][0];
    assert_eq!(
        (&note["kind"], &note["dataset"], &note["message"]),
        (
            &"left-out".into(),
            &"host-assets".into(),
            &"not-licensed".into()
        )
    );
    let sources = "SELECT count(DISTINCT source) * 10 + max(source) FROM asset_software";
    assert_eq!(place.count(sources), 12, "results alone");
    assert!(place.count("SELECT count(*) FROM software WHERE assets > 0") > 0);

    let doctor = place.run(&["doctor"]);
    let said: Vec<&str> = doctor.stdout.split_whitespace().collect();
    let said = said.join(" ");
    assert!(
        said.contains("the host assets cannot be read: the subscription does not include them"),
        "{said}"
    );

    // Granted later, a full run brings them.
    place.sim.clear_faults();
    let mut command = place.sync_command(&[]);
    command.arg("--full");
    Outcome::of(command).expect_exit(0);
    expect_true_software(&place);
}

#[test]
fn software_that_is_not_wanted_is_not_asked_for() {
    let place = Place::new(&["--hosts", "20"]);
    place.sync(&["settings.software=false"]).expect_exit(0);
    assert_eq!(place.calls("host_assets"), 0);
    assert_eq!(place.count("SELECT count(*) FROM software"), 0);
    assert_eq!(place.count("SELECT count(*) FROM asset_inventories"), 0);
}

#[test]
fn people_find_software_and_see_it_on_its_asset() {
    let place = Place::new(&["--hosts", "60"]);
    place.sync(&[]).expect_exit(0);
    let list = place.run(&["software", "--name", "EDITOR <", "--sort", "name"]);
    list.expect_exit(0);
    assert!(
        list.stdout.contains("Editor <Pro> & Friends"),
        "{}",
        list.stdout
    );
    assert!(!list.stdout.contains("openssl"), "{}", list.stdout);

    let truth = place.truth("software");
    let has_ports = |row: &&Value| !row["ports"].as_array().expect("a list").is_empty();
    let host = truth.iter().find(has_ports).expect("a host with ports");
    let id = host["host_id"].to_string();
    let shown = place.run(&["show", "--host", &id]);
    shown.expect_exit(0);
    for part in ["SOFTWARE", "PORT", "host-assets"] {
        assert!(shown.stdout.contains(part), "{part} in {}", shown.stdout);
    }
    let shown = place.run(&["show", "--host", &id, "--json"]);
    let shown = lines(&shown.stdout).remove(0);
    let n = |list: &Value| list.as_array().expect("a list").len();
    assert_eq!(n(&shown["software"]), n(&host["software"]));
    assert_eq!(n(&shown["ports"]), n(&host["ports"]));
    assert_eq!(shown["ports"][0]["source"], "host-assets");

    let n_true: usize = truth.iter().map(|row| n(&row["software"])).sum();
    assert_eq!(place.export(&["software"]).len(), n_true);
    let csv = place.run(&["export", "software", "--format", "csv"]);
    assert!(
        csv.stdout.starts_with("host_id,asset_name,name,version,"),
        "{:.80}",
        csv.stdout
    );
    // A name that a spreadsheet would run.
    assert!(csv.stdout.contains(",'=SUM(A1),"));
}
