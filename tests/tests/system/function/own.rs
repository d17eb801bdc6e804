//! What only `qonduit function` does: an account, a token, limits, and an end.

use std::fs;

use serde_json::{Value, json};

use super::{
    client::Request,
    requests::fixture,
    server::{Host, Server},
};
use crate::{place::Place, sim::client};

const SMALL: [&str; 2] = ["--hosts", "20"];

fn with_account(place: &Place, more: &[&str]) -> Server {
    let config = place.path("qonduit.toml");
    let server = Server::start_with(Host::Own, |command| {
        command.arg("--config").arg(config).args(more);
        command.env("QONDUIT_PASSWORD", place.sim.password());
    });
    server.expect("it is built")
}

fn last(server: &Server, body: &Value) -> Value {
    let answer = server.ask(&Request::post("/v1/sync", body.to_string()));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.lines().pop().expect("a last line")
}

#[test]
fn the_account_is_added_on_the_way_out_and_for_its_addresses_alone() {
    let place = Place::new(&SMALL);
    let server = with_account(&place, &[]);
    let body = json!({"api": place.sim.url(), "allow_http": true, "credentials": "platform"});
    let end = last(&server, &body);
    assert_eq!(end["status"], "complete", "{end}");
    let other = client::start(&SMALL);
    let body = json!({"api": other.url(), "allow_http": true, "credentials": "platform",
                      "budget": {"seconds": 2}});
    let end = last(&server, &body);
    assert_eq!(end["status"], "unfinished", "{end}");
    assert_eq!(
        other.stats().calls.values().sum::<u64>(),
        0,
        "nothing was sent elsewhere"
    );
    assert!(!server.log().contains(place.sim.password()));
}

#[test]
fn a_token_keeps_others_out() {
    let place = Place::new(&SMALL);
    let file = place.path("token");
    fs::write(&file, "open-sesame\n").expect("a file can be written");
    let server = Server::start_with_token(Host::Own, "open-sesame", |command| {
        command.arg("--token-file").arg(&file);
    });
    let server = server.expect("it is built");
    let ask = |token: &str| {
        let request = Request::new("GET", "/v1/health").header(format!("authorization: {token}"));
        server.ask(&request).status
    };
    assert_eq!(ask("Bearer open-sesame"), 200);
    for wrong in [
        "Bearer open-sesam",
        "Bearer open-sesame2",
        "Basic open-sesame",
        "x",
    ] {
        assert_eq!(ask(wrong), 401, "{wrong}");
    }
    let none = server.ask(&Request::new("GET", "/"));
    assert_eq!((none.status, none.kind().as_str()), (401, "token"));
}

#[test]
fn an_account_is_not_opened_to_the_network() {
    let place = Place::new(&SMALL);
    let outcome = place.run(&["function", "--listen", "0.0.0.0:0"]);
    outcome.expect_error(2, &["0.0.0.0", "--token-file"]);
    let outcome = place.run(&[
        "function",
        "--listen",
        "192.0.2.1:1",
        "--token-file",
        "nowhere",
    ]);
    outcome.expect_error(2, &["nowhere"]);
}

#[test]
fn a_body_that_is_too_long_is_refused() {
    let server = Server::start_with(Host::Own, |command| {
        command.args(["--max-body", "1"]);
    });
    let server = server.expect("it is built");
    let list = fixture("detections/each-status.xml");
    let long = [list, vec![b' '; 1 << 20]].concat();
    let answer = server.ask(&Request::post("/v1/read/detections", long));
    assert_eq!(
        (answer.status, answer.kind().as_str()),
        (413, "body-too-large")
    );
}

#[test]
fn an_interrupt_ends_it_cleanly() {
    let server = Server::start(Host::Own).expect("it is built");
    assert_eq!(server.interrupt(), Some(0));
}
