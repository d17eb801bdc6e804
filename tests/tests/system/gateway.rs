//! The gateway: tokens that end, limits of its own, and Global AssetView, which most accounts lack.

mod tokens;

use std::collections::BTreeMap;

use qonduit_host::store::Store as _;
use serde_json::{Value, json};

use crate::{outcome::Outcome, place::Place};

/// A sync with the asset view, in pages so small that there are several.
fn sync(place: &Place, sets: &[&str]) -> Outcome {
    let gateway = format!("gateway_url={}", place.sim.url());
    let own = [
        gateway.as_str(),
        "settings.asset_view=true",
        "settings.asset_view_page=20",
    ];
    place.sync(&[&own[..], sets].concat())
}

/// Software and ports by host, in any order.
type Views = BTreeMap<u64, (Vec<String>, Vec<String>)>;

fn found(place: &Place) -> Views {
    let mut views = Views::new();
    for mut row in place.export(&["software"]) {
        if row["source"] != "asset-view" {
            continue;
        }
        let host = row["host_id"].as_u64().expect("a host");
        let row = row.as_object_mut().expect("an object");
        for key in ["host_id", "asset_name", "source", "required_version"] {
            row.remove(key).expect(key);
        }
        views
            .entry(host)
            .or_default()
            .0
            .push(json!(row).to_string());
    }
    let sql = place.sql();
    let mut ports = sql
        .prepare(
            "SELECT host_id, port, protocol, service FROM asset_ports
             JOIN assets ON assets.id = asset_ports.asset_id WHERE source = 1 AND gone_at IS NULL",
        )
        .expect("a statement");
    let rows = ports.query_map([], |row| {
        let (port, protocol): (u16, String) = (row.get(1)?, row.get(2)?);
        let service: Option<String> = row.get(3)?;
        let port = json!({ "port": port, "protocol": protocol, "service": service });
        Ok((row.get::<_, i64>(0)?.cast_unsigned(), port.to_string()))
    });
    for row in rows.expect("rows") {
        let (host, port) = row.expect("a row");
        views.entry(host).or_default().1.push(port);
    }
    sorted(views)
}

fn truth(place: &Place) -> Views {
    let texts = |rows: &Value| -> Vec<String> {
        let rows = rows.as_array().expect("a list").iter();
        rows.map(Value::to_string).collect()
    };
    let views = place.truth("asset_view").into_iter().map(|row| {
        let host = row["host_id"].as_u64().expect("a host");
        (host, (texts(&row["software"]), texts(&row["ports"])))
    });
    let mut views: Views = views.collect();
    views.retain(|_, (software, ports)| !software.is_empty() || !ports.is_empty());
    sorted(views)
}

fn sorted(mut views: Views) -> Views {
    for (software, ports) in views.values_mut() {
        software.sort();
        ports.sort();
    }
    views
}

#[track_caller]
fn expect_true_views(place: &Place) {
    let (found, truth) = (found(place), truth(place));
    assert!(truth.len() > 20, "a truth without hosts proves nothing");
    for (host, expected) in &truth {
        assert_eq!(found.get(host), Some(expected), "host {host}");
    }
    assert_eq!(found.len(), truth.len());
    assert_eq!(
        place.store().recount().expect("counts"),
        Vec::<String>::new()
    );
}

#[track_caller]
fn expect_left_out(outcome: &Outcome, why: &str, words: &[&str]) {
    outcome
        .expect_exit(0)
        .expect_words(&["asset view is left out"]);
    outcome.expect_words(words);
    let run = outcome.run();
    assert_eq!(run["state"], "complete");
    let notes = run["notes"].as_array().expect("notes").iter();
    let note = notes.clone().find(|note| note["dataset"] == "asset-view");
    let note = note.unwrap_or_else(|| panic!("no note: {run:#}"));
    assert_eq!(
        (&note["kind"], &note["message"]),
        (&json!("left-out"), &json!(why))
    );
}

#[test]
fn the_asset_view_is_true_after_a_first_and_after_each_later_sync() {
    let place = Place::new(&[
        "--hosts",
        "150",
        "--changed-percent",
        "20",
        "--churn-percent",
        "1",
    ]);
    let incremental = ["settings.full_every_days=7"];
    sync(&place, &incremental).expect_exit(0);
    place.expect_truth();
    expect_true_views(&place);
    // All pages, and one more, as the gateway ends a long list too early at times.
    assert_eq!(place.calls("asset_view"), 9);
    assert_eq!(place.calls("host_assets"), 0);

    // Whatever happened meanwhile to hosts that were not scanned is for the next full run.
    for day in 1..4 {
        place.sim.set_day(day);
        let before = place.calls("asset_view");
        let outcome = sync(&place, &incremental);
        outcome.expect_exit(0);
        assert_eq!(outcome.run()["is_full"], false);
        assert!(place.calls("asset_view") - before < 5, "only what changed");
        expect_true_views(&place);
    }
    let stats = place.sim.stats();
    assert_eq!((stats.tokens, stats.wrong_passwords), (4, 0));
    assert_eq!((stats.forbidden_actions, stats.calls_over_limit), (0, 0));
}

#[test]
fn an_asset_view_without_news_writes_nothing() {
    let place = Place::new(&["--hosts", "60"]);
    sync(&place, &[]).expect_exit(0);
    let before = place.content();
    let outcome = sync(&place, &["settings.asset_view_page=300"]);
    outcome.expect_exit(0);
    let view = outcome.dataset("asset-view");
    assert_eq!((&view["new"], &view["changed"]), (&json!(0), &json!(0)));
    assert!(view["unchanged"].as_u64() > Some(20), "{view:#}");
    assert_eq!(place.content(), before);
}

#[test]
fn an_asset_view_that_is_not_wanted_costs_no_call() {
    let place = Place::new(&["--hosts", "20"]);
    let gateway = format!("gateway_url={}", place.sim.url());
    place.sync(&[&gateway]).expect_exit(0);
    assert_eq!(
        (place.calls("asset_view"), place.sim.stats().tokens),
        (0, 0)
    );
}

#[test]
fn a_page_that_does_not_say_where_the_next_begins_is_asked_for_again() {
    let place = Place::new(&[
        "--hosts",
        "60",
        "--fault",
        "no-cursor:on=asset_view,first=2",
    ]);
    sync(&place, &[]).expect_exit(0);
    expect_true_views(&place);
    let stats = place.sim.stats();
    assert_eq!(stats.faults.values().sum::<u64>(), 2);
    // Three pages, twice the first one again, and the end.
    assert_eq!(stats.calls["asset_view"], 6);
}

#[test]
fn no_content_is_an_end_and_no_error() {
    let place = Place::new(&["--hosts", "30", "--fault", "no-hosts:on=asset_view"]);
    let outcome = sync(&place, &[]);
    outcome.expect_exit(0);
    assert_eq!(outcome.run()["notes"], json!([]));
    assert_eq!(place.sim.stats().statuses[&204], 1);
    assert!(found(&place).is_empty());
}

#[test]
fn broken_pages_are_asked_for_again() {
    for fault in [
        "cut:part=0.5,on=asset_view,every=2,first=2",
        "reset:at=3000,on=asset_view,first=1",
        "error:status=502,on=asset_view,after=1,first=2",
        "maintenance:on=asset_view,first=1",
    ] {
        let place = Place::new(&["--hosts", "60", "--fault", fault]);
        sync(&place, &[]).expect_exit(0);
        expect_true_views(&place);
        assert!(
            place.sim.stats().faults.values().sum::<u64>() > 0,
            "{fault}"
        );
    }
}

#[test]
fn limits_of_the_gateway_are_waited_for() {
    let storm = "rate-limited:secs=1,on=asset_view,every=2,first=3";
    let place = Place::new(&["--hosts", "100", "--fault", storm]);
    sync(&place, &[]).expect_exit(0);
    expect_true_views(&place);
    let stats = place.sim.stats();
    assert_eq!(
        (stats.statuses[&429], stats.calls_before_wait_ended),
        (3, 0)
    );

    let place = Place::new(&["--hosts", "160", "--rate-limit", "6/2"]);
    sync(
        &place,
        &["settings.batch_hosts=200", "settings.batch_qids=1000"],
    )
    .expect_exit(0);
    expect_true_views(&place);
    let stats = place.sim.stats();
    assert_eq!(
        (stats.calls_over_limit, stats.calls_before_wait_ended),
        (0, 0)
    );
}

#[test]
fn an_account_without_the_asset_view_goes_without() {
    let place = Place::new(&["--hosts", "40", "--fault", "not-licensed:on=asset_view"]);
    let outcome = sync(&place, &[]);
    expect_left_out(&outcome, "unauthorized", &["no access to the module"]);
    place.expect_truth();
    // The token might have been at fault, so it was exchanged, once.
    let stats = place.sim.stats();
    assert_eq!((stats.tokens, stats.calls["asset_view"]), (2, 2));
    // What the portal knows stands in for it.
    assert!(stats.calls["host_assets"] > 0);
    let told_by = |source| {
        place.count(&format!(
            "SELECT count(*) FROM asset_inventories WHERE source = {source}"
        ))
    };
    assert!(told_by(0) > 20);
    assert_eq!(told_by(1), 0);

    let gateway = format!("gateway_url={}", place.sim.url());
    let sets = ["--set", &gateway, "--set", "settings.asset_view=true"];
    let said = doctor(&place, &sets);
    assert!(said.contains("gives the account a token"), "{said}");
    assert!(
        said.contains("Global AssetView cannot be read: the token gives no right to it"),
        "{said}"
    );

    place.sim.clear_faults();
    let said = doctor(&place, &sets);
    assert!(said.contains("Global AssetView may be read"), "{said}");
    assert!(
        said.contains("9999 of 10000 calls an hour are left"),
        "{said}"
    );
    sync(&place, &[]).expect_exit(0);
    expect_true_views(&place);
    assert!(told_by(1) > 20);
    let twice = "SELECT count(*) FROM asset_inventories one JOIN asset_inventories other
                 USING (asset_id) WHERE one.source = 0 AND other.source = 1";
    assert_eq!(place.count(twice), 0);
}

/// What the doctor says, without the line ends of its table.
fn doctor(place: &Place, sets: &[&str]) -> String {
    let outcome = place.run(&[&["doctor"], sets].concat());
    outcome.expect_exit(0);
    let words: Vec<&str> = outcome.stdout.split_whitespace().collect();
    words.join(" ")
}

#[test]
fn an_account_without_a_gateway_goes_without() {
    let place = Place::new(&["--hosts", "20"]);
    let outcome = place.sync(&["settings.asset_view=true"]);
    expect_left_out(&outcome, "not-an-api", &["--gateway-url"]);
    assert_eq!(place.calls("asset_view"), 0);
    let said = doctor(&place, &["--set", "settings.asset_view=true"]);
    assert!(
        said.contains("no gateway is known for this account"),
        "{said}"
    );
}
