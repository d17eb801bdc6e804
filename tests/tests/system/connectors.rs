//! Connectors that `qonduit.toml` defines, and gateways that are stored with a connector.

use serde_json::{Value, json};

use crate::{
    kills::wait_until,
    place::{Place, lines},
    schedule::{daemon, end, n_done},
};

const WORLD: [&str; 4] = ["--hosts", "30", "--detections", "5-20"];

/// A table for the account of the simulator.
fn table(place: &Place, name: &str, more: &str) -> String {
    let (url, username) = (place.sim.url(), place.sim.username());
    format!(
        "[[connector]]\nname = \"{name}\"\napi_url = \"{url}\"\nusername = \"{username}\"\n\
         password_env = \"QONDUIT_PASSWORD\"\n{more}"
    )
}

/// Another account, which nobody syncs.
const OTHER: &str = "[[connector]]\nname = \"other\"\nusername = \"acme2ab\"\n";

fn listed(place: &Place) -> Vec<Value> {
    let outcome = place.run(&["connector", "list", "--json"]);
    outcome.expect_exit(0);
    lines(&outcome.stdout)
}

#[test]
fn connectors_of_the_file_are_taken_up_changed_and_taken_away() {
    let place = Place::new(&WORLD);
    let schedule = "description = \"all\"\n[connector.settings]\nbatch_hosts = 7\n\
                    [connector.schedule]\nevery = \"6 hours\"\n";
    place.configure(&(table(&place, "prod", schedule) + OTHER));
    let first = place.run(&["connector", "list", "--json"]);
    first.expect_exit(0).expect_words(&[
        "the connector `prod` comes from the file",
        "the connector `other` comes from the file",
    ]);
    let rows = lines(&first.stdout);
    assert_eq!((rows.len(), &rows[1]["name"]), (2, &json!("prod")));
    let file = place.path("qonduit.toml");
    let file = file.to_str().expect("is UTF-8");
    assert_eq!(rows[1]["file"], file);
    assert_eq!(rows[1]["settings"], json!({ "batch_hosts": 7 }));
    assert_eq!(rows[1]["schedule"], json!({ "every": "6 hours" }));
    assert_eq!(rows[0]["password_from"], "prompt");
    // Nothing is told of what is as it was.
    let again = place.run(&["connector", "show", "prod"]);
    again.expect_exit(0);
    assert!(!again.stderr.contains("the file"), "{}", again.stderr);
    let said: Vec<&str> = again.stdout.split_whitespace().collect();
    assert!(said.join(" ").contains("defined in"), "{}", again.stdout);

    for command in [
        &["connector", "edit", "prod", "--description", "x"][..],
        &["connector", "remove", "prod", "--yes"],
    ] {
        place
            .run(command)
            .expect_error(2, &["`prod` is defined in", file]);
    }
    place.run(&["connector", "pause", "prod"]).expect_exit(0);
    let run = place.run(&["sync", "--connector", "prod", "--json"]);
    run.expect_exit(0);
    place.expect_truth();
    // 30 hosts, 7 at a time.
    assert_eq!(place.calls("detections"), 5);

    place.configure(&table(&place, "prod", "description = \"less\"\n"));
    let changed = place.run(&["connector", "list", "--json"]);
    changed.expect_exit(0).expect_words(&[
        "the connector `prod` was changed in the file",
        "the connector `other` is no longer in the file",
    ]);
    let rows = lines(&changed.stdout);
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (&rows[0]["description"], &rows[0]["schedule"]),
        (&json!("less"), &Value::Null)
    );
    // That it is paused is no part of what is defined.
    assert_eq!(rows[0]["is_paused"], true);

    place.configure("");
    assert!(listed(&place).is_empty());
    place.expect_truth();
    // Nobody else's are touched, and without the file nothing is.
    let add = [
        "connector",
        "add",
        "mine",
        "--password-env",
        "QONDUIT_PASSWORD",
    ];
    place.run(&add).expect_exit(0);
    place.configure(OTHER);
    assert_eq!(listed(&place).len(), 2);
    let moved = place.path("moved.toml");
    std::fs::rename(place.path("qonduit.toml"), &moved).expect("a file can be renamed");
    assert_eq!(listed(&place).len(), 2);
    // Where it is now, it defines the same.
    let moved = moved.to_str().expect("is UTF-8");
    let outcome = place.run(&["connector", "list", "--json", "--config", moved]);
    outcome.expect_exit(0);
    let other = &lines(&outcome.stdout)[1];
    assert_eq!(
        (&other["name"], &other["file"]),
        (&json!("other"), &json!(moved))
    );
}

#[test]
fn all_that_is_wrong_with_the_connectors_of_a_file_is_told_at_once() {
    let place = Place::new(&WORLD);
    let add = [
        "connector",
        "add",
        "mine",
        "--password-env",
        "QONDUIT_PASSWORD",
    ];
    place.run(&add).expect_exit(0);
    let wrong = [
        table(&place, "prod", ""),
        "[[connector]]\nname = \"Mine\"\nusername = \"acme2ab\"\npassword_env = \"X\"\n\
         [connector.schedule]\nevery = \"5 seconds\"\n"
            .to_owned(),
        "[[connector]]\nname = \"third\"\nusername = \"acme2ab\"\n\
         [connector.settings]\nbatch_hosts = 0\n[connector.schedule]\nevery = \"1 day\"\n"
            .to_owned(),
    ];
    place.configure(&wrong.concat());
    let words = [
        "mistakes in the configuration",
        "qonduit.toml:11: the account `sim-user` belongs to the connector `mine`, which a command",
        "qonduit.toml:16: there is a connector `mine` already",
        "`5 seconds` is too short for an interval",
        "qonduit.toml:22: the account `acme2ab` belongs to the connector `Mine` already",
        "a schedule needs a password that nobody has to type",
        "[connector.settings]: `batch_hosts` must be from 1 to 5000",
    ];
    for command in [
        &["connector", "list"][..],
        &["daemon"],
        &["sync", "--connector", "mine"],
    ] {
        place.run(command).expect_error(2, &words);
    }
    let check = place.run(&["config", "check"]);
    check.expect_exit(2).expect_words(&words[1..]);
    // Nothing of it was taken up.
    assert_eq!(place.count("SELECT count(*) FROM connector_definitions"), 1);
    let syntax = "[[connector]]\nname = 5\npassword = \"x\"\n";
    place.configure(syntax);
    place.run(&["connector", "list"]).expect_error(
        2,
        &[
            "qonduit.toml:12: `name` must be text in quotes",
            "qonduit.toml:13: a password does not belong here",
            "qonduit.toml:11: a connector needs an account",
        ],
    );
}

#[test]
fn a_daemon_carries_out_the_schedules_of_the_file() {
    let place = Place::new(&WORLD);
    place.configure(&table(
        &place,
        "prod",
        "[connector.schedule]\nevery = \"6 hours\"\n",
    ));
    let running = daemon(&place);
    let is_there = || place.path("qonduit.db").exists() && !place.store_is_empty();
    wait_until(|| is_there() && n_done(&place) == 1);
    let outcome = end(running);
    assert!(
        outcome
            .stderr
            .contains("the connector `prod` comes from the file")
    );
    place.expect_truth();
}

#[test]
fn a_gateway_is_stored_with_its_connector() {
    let place = Place::new(&WORLD);
    let url = place.sim.url();
    let gateway = [
        "--gateway-url",
        &url,
        "--client-id",
        "sim-client",
        "--client-secret-env",
        "ROBOT_SECRET",
        "--client-level",
        "subscription",
    ];
    let add = [
        "connector",
        "add",
        "prod",
        "--password-env",
        "QONDUIT_PASSWORD",
    ];
    let wrong = [&add[..], &["--client-secret-env", "ROBOT_SECRET"]].concat();
    place
        .run(&wrong)
        .expect_error(2, &["an API client needs its id"]);
    let wrong = [
        &add[..],
        &["--gateway-url", "ftp://x", "--client-level", "robot"],
    ]
    .concat();
    place
        .run(&wrong)
        .expect_error(2, &["`gateway_url`", "`client_level` is `robot`"]);
    let set = ["--set", "settings.asset_view=true"];
    let outcome = place.run(&[&add[..], &gateway, &set].concat());
    outcome.expect_exit(0);
    let said: Vec<&str> = outcome.stdout.split_whitespace().collect();
    let said = said.join(" ");
    assert!(said.contains(&format!("gateway {url}")), "{said}");
    let client = "api client sim-client for the subscription, its secret in the variable \
                  ROBOT_SECRET";
    assert!(said.contains(client), "{said}");
    let row = &listed(&place)[0];
    assert_eq!(row["gateway_url"], url.as_str());
    assert_eq!(row["client"]["client_secret_ref"], "ROBOT_SECRET");

    // The client is asked for a token, not the user.
    let mut command = place.command(&["sync", "--connector", "prod", "--json"]);
    command.env("ROBOT_SECRET", "wrong");
    let outcome = crate::outcome::Outcome::of(command);
    outcome
        .expect_exit(0)
        .expect_words(&["asset view is left out"]);
    place.run(&["connector", "run", "prod"]).expect_exit(0);
    let mut command = place.command(&["daemon"]);
    command
        .env("ROBOT_SECRET", "sim-secret")
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let running = command.spawn().expect("the binary can be started");
    wait_until(|| n_done(&place) == 1);
    end(running);
    assert!(place.calls("asset_view") > 0);
    assert!(place.count("SELECT count(*) FROM asset_software WHERE source = 1") > 0);
    assert_eq!(place.sim.stats().tokens, 1);

    // What is given later goes over what is known.
    let edit = ["connector", "edit", "prod", "--client-level", "user"];
    place.run(&edit).expect_exit(0);
    let row = &listed(&place)[0];
    assert_eq!(row["client"]["client_level"], "user");
    assert_eq!(row["client"]["client_id"], "sim-client");
    assert_eq!(row["gateway_url"], url.as_str());
}
