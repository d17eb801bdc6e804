//! Tokens: when they are asked for, when they end, and that they are nowhere to be found.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::Command,
    thread,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{expect_left_out, expect_true_views, sync};
use crate::{
    outcome::Outcome,
    place::{Place, files},
};

#[test]
fn a_token_that_ends_in_the_middle_of_a_run_is_renewed() {
    let place = Place::new(&["--hosts", "80", "--token-secs", "3"]);
    place
        .sim
        .inject("stall:at=0,secs=4,on=asset_view,after=1,first=1");
    let outcome = sync(&place, &[]);
    outcome.expect_exit(0);
    expect_true_views(&place);
    let stats = place.sim.stats();
    assert!(stats.tokens >= 2, "{stats:#?}");
    assert!(
        !stats.statuses.contains_key(&401),
        "before it ends: {stats:#?}"
    );
}

#[test]
fn a_token_that_the_gateway_ends_early_is_exchanged() {
    let place = Place::new(&["--hosts", "80"]);
    place
        .sim
        .inject("unauthorized:on=asset_view,after=1,every=2,first=2");
    sync(&place, &[]).expect_exit(0);
    expect_true_views(&place);
    let stats = place.sim.stats();
    assert_eq!((stats.tokens, stats.statuses[&401]), (3, 2));
}

#[test]
fn a_gateway_that_gives_no_token_for_now_is_waited_for() {
    for fault in [
        "error:status=503,on=/auth,first=2",
        "error:status=500,on=/auth,first=1",
        "rate-limited:secs=1,on=/auth,first=1",
    ] {
        let place = Place::new(&["--hosts", "40", "--fault", fault]);
        let outcome = sync(&place, &[]);
        outcome.expect_exit(0);
        outcome.expect_words(&["gives no token"]);
        expect_true_views(&place);
        assert_eq!(place.sim.stats().tokens, 1, "{fault}");
    }
}

/// With an API client, and this secret.
fn with_client(place: &Place, secret: &str, sets: &[&str]) -> Outcome {
    let gateway = format!("gateway_url={}", place.sim.url());
    let own = [&gateway, "client_id=sim-client", "settings.asset_view=true"];
    let mut command = place.sync_command(&[&own[..], sets].concat());
    command.env("QONDUIT_CLIENT_SECRET", secret);
    Outcome::of(command)
}

#[test]
fn an_api_client_is_asked_for_by_its_level() {
    for (level, path) in [("user", "/auth/oidc"), ("subscription", "/auth/oauth")] {
        let place = Place::new(&["--hosts", "40"]);
        let level = format!("client_level={level}");
        with_client(&place, "sim-secret", &[&level]).expect_exit(0);
        expect_true_views(&place);
        let stats = place.sim.stats();
        assert_eq!((stats.tokens, stats.other_calls[path]), (1, 1));
        assert!(!stats.other_calls.contains_key("/auth"));
    }
}

#[test]
fn a_wrong_client_secret_is_tried_once() {
    let place = Place::new(&["--hosts", "40"]);
    let outcome = with_client(&place, "wrong-secret-19c4", &[]);
    expect_left_out(&outcome, "unauthorized", &["client_id"]);
    assert!(!outcome.stderr.contains("wrong-secret-19c4"));
    place.expect_truth();
    let stats = place.sim.stats();
    assert_eq!(
        (stats.wrong_passwords, stats.other_calls["/auth/oidc"]),
        (1, 1)
    );

    let without = place.sync(&["client_id=sim-client"]);
    // Without a gateway, nobody would use it.
    without.expect_exit(0);
    let gateway = format!("gateway_url={}", place.sim.url());
    let without = place.sync(&["client_id=sim-client", &gateway]);
    without.expect_error(2, &["client_id", "QONDUIT_CLIENT_SECRET"]);
}

const SECRET: &str = "Cl&ent \"sec\\ret\" 5d21ff";

#[track_caller]
fn expect_hidden(folder: &Path, outcome: &Outcome, secrets: &[String]) {
    let check = |bytes: &[u8], place: &str| {
        for secret in secrets {
            let is_there = memchr::memmem::find(bytes, secret.as_bytes()).is_some();
            assert!(!is_there, "`{secret}` in {place}: {outcome:#?}");
        }
    };
    check(outcome.stdout.as_bytes(), "standard output");
    check(outcome.stderr.as_bytes(), "standard error");
    for file in files(folder) {
        let bytes = fs::read(&file).expect("a file can be read");
        check(&bytes, &file.display().to_string());
    }
}

fn loudly(place: &Place, arguments: &[&str], sets: &[&str]) -> Outcome {
    let mut command = place.command(arguments);
    command.args(sets.iter().flat_map(|set| ["--set", set]));
    command
        .args(["-vvv", "--log-format", "json"])
        .env("QONDUIT_LOG", "trace")
        .env("QONDUIT_CLIENT_SECRET", SECRET);
    Outcome::of(command)
}

#[test]
fn neither_token_nor_client_secret_is_left_behind() {
    let secret = tempfile::NamedTempFile::new().expect("a file can be made");
    fs::write(secret.path(), SECRET).expect("a file can be written");
    let file = secret.path().to_str().expect("a path of text");
    let place = Place::new(&["--hosts", "30", "--client-secret-file", file]);
    assert_eq!(place.sim.client(), ("sim-client", SECRET));
    let gateway = format!("gateway_url={}", place.sim.url());
    let sets = [&gateway, "client_id=sim-client", "settings.asset_view=true"];
    // Every token begins so.
    let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT"}"#);
    let secrets = [SECRET.to_owned(), "5d21ff".to_owned(), head];
    let outcome = loudly(&place, &["sync", "--json"], &sets);
    outcome.expect_exit(0);
    assert_eq!(place.sim.stats().tokens, 1);
    expect_hidden(place.folder(), &outcome, &secrets);
    for command in [&["doctor"][..], &["config", "check"], &["sync"]] {
        place.sim.inject("unauthorized:on=asset_view");
        let outcome = loudly(&place, command, &sets);
        outcome.expect_exit(0);
        expect_hidden(place.folder(), &outcome, &secrets);
    }
}

/// A gateway behind a proxy that puts the headers of a request into its answer.
#[test]
fn a_token_that_is_repeated_is_not_told() {
    let place = Place::new(&["--hosts", "20"]);
    let url = echo();
    let sets = [&format!("gateway_url={url}"), "settings.asset_view=true"];
    let [head, claims, sign] = TOKEN.split('.').collect::<Vec<_>>()[..] else {
        panic!("{TOKEN}");
    };
    let secrets = [head, claims, sign].map(str::to_owned);
    let outcome = loudly(&place, &["sync", "--json"], &sets);
    expect_left_out(&outcome, "bad-request", &["you said", "***"]);
    expect_hidden(place.folder(), &outcome, &secrets);
    let doctor = loudly(&place, &["doctor"], &sets);
    doctor.expect_exit(0);
    expect_hidden(place.folder(), &doctor, &secrets);
    let mut runs: Command = place.command(&["runs", "show", "1"]);
    runs.arg("-vvv");
    expect_hidden(place.folder(), &Outcome::of(runs), &secrets);
}

fn echo() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    thread::spawn(move || {
        for stream in listener.incoming() {
            // Whoever asked may be gone.
            let _ = stream.and_then(answer);
        }
    });
    url
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut request = BufReader::new(stream.try_clone()?);
    let (mut first, mut said, mut length) = (String::new(), String::new(), 0);
    request.read_line(&mut first)?;
    loop {
        let mut line = String::new();
        request.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "authorization" => said = value.to_owned(),
            "content-length" => length = value.parse().expect("a number"),
            _ => {}
        }
    }
    request.read_exact(&mut vec![0; length])?;
    let (status, body) = if first.starts_with("POST /auth ") {
        ("201 Created", TOKEN.to_owned())
    } else {
        assert_eq!(said, format!("Bearer {TOKEN}"));
        let sign = TOKEN.rsplit('.').next().expect("a part");
        let message = format!("you said {said}, signed {sign}");
        (
            "400 Bad Request",
            serde_json::json!({ "message": message }).to_string(),
        )
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\
         X-Authorization: {said}\r\nX-RateLimit-Remaining: {said}\r\n\r\n{body}",
        body.len()
    )
}

const TOKEN: &str = "eyJhbGciOiJub25lIiwiayI6Im1hcmtlZCJ9.eyJtYXJrZWQiOiI3YzQwZTE5YSJ9.\
                     bWFya2VkLXNpZ25hdHVyZS0zZjlhMTE";
