//! The password is nowhere but in the requests: a marked one is searched for in everything that a
//! sync leaves behind.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::Command,
    thread,
};

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{
    outcome::Outcome,
    place::{Place, bare, files},
    traps::broken_binary,
};

const PASSWORD: &str = "Mark%3A&ed \"pass\\word\" 7f3a9c";
const USERNAME: &str = "marked-user-51e2";

/// A simulator that wants the marked password; the folder of the inventory does not hold it.
fn marked(more: &[&str]) -> Place {
    let secret = tempfile::NamedTempFile::new().expect("a file can be made");
    fs::write(secret.path(), PASSWORD).expect("a file can be written");
    let file = secret.path().to_str().expect("a path of text").to_owned();
    let account = [
        "--username",
        USERNAME,
        "--password-file",
        &file,
        "--hosts",
        "30",
    ];
    let place = Place::new(&[&account[..], more].concat());
    assert_eq!(place.sim.password(), PASSWORD);
    place
}

/// In every way in which it might have been written.
fn forms() -> Vec<Vec<u8>> {
    let encode = |text: &str| STANDARD.encode(text);
    let json = serde_json::to_string(PASSWORD).expect("text is JSON");
    let percent: String = url_encoded(PASSWORD);
    let debug = format!("{PASSWORD:?}");
    // Base64 of a part of a text depends on where it begins; without its ends it is found.
    let account = encode(&format!("{USERNAME}:{PASSWORD}"));
    let core =
        |text: &str, lead: usize| encode(&format!("{}{text}", "x".repeat(lead)))[4..28].to_owned();
    let mut forms = vec![
        PASSWORD.to_owned(),
        json[1..json.len() - 1].to_owned(),
        percent,
        account,
    ];
    forms.push(debug[1..debug.len() - 1].to_owned());
    forms.extend((0..3).map(|lead| core(PASSWORD, lead)));
    forms.push("7f3a9c".to_owned());
    forms.into_iter().map(String::into_bytes).collect()
}

fn url_encoded(text: &str) -> String {
    let one = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}

fn holds_secret(bytes: &[u8]) -> bool {
    forms()
        .iter()
        .any(|form| memchr::memmem::find(bytes, form).is_some())
}

#[track_caller]
pub(crate) fn expect_no_secret(folder: &Path, outcome: &Outcome) {
    assert!(
        !holds_secret(outcome.stdout.as_bytes()),
        "on standard output: {outcome:#?}"
    );
    assert!(
        !holds_secret(outcome.stderr.as_bytes()),
        "on standard error: {outcome:#?}"
    );
    for file in files(folder) {
        let bytes = fs::read(&file).expect("a file can be read");
        assert!(!holds_secret(&bytes), "in `{}`", file.display());
    }
}

#[track_caller]
fn check(place: &Place, sets: &[&str], change: impl FnOnce(&mut Command)) -> Outcome {
    let mut command = place.sync_command(sets);
    command.args(["-vvv", "--log-format", "json"]);
    command
        .env("QONDUIT_LOG", "trace")
        .env("RUST_BACKTRACE", "full");
    change(&mut command);
    let outcome = Outcome::of(command);
    expect_no_secret(place.folder(), &outcome);
    outcome
}

#[test]
fn the_search_finds_what_it_looks_for() {
    assert!(holds_secret(PASSWORD.as_bytes()));
    let account = STANDARD.encode(format!("{USERNAME}:{PASSWORD}"));
    assert!(holds_secret(
        format!("authorization: Basic {account}").as_bytes()
    ));
    assert!(holds_secret(format!("{PASSWORD:?}").as_bytes()));
    assert!(!holds_secret(b"nothing"));
}

#[test]
fn no_ending_of_a_sync_shows_the_password() {
    let quick = [
        "settings.max_attempts=1",
        "settings.batch_qids=1000",
        "http.idle_timeout_secs=1",
    ];
    for (fault, code) in [
        ("busy:first=1", 4),
        ("unauthorized", 3),
        ("expired", 3),
        ("unregistered:on=detections", 3),
        ("error:status=500", 4),
        ("maintenance", 4),
        ("internal-error:on=hosts", 4),
        ("redirect", 2),
        ("link-elsewhere", 0),
        ("invalid-utf8", 0),
        ("entity-bomb:on=detections", 4),
        ("broken-host:host=#3,on=detections", 7),
        ("stall:at=0,first=1,on=asset_groups", 0),
        ("reset:at=5,on=asset_groups", 4),
        ("cut:part=0.5,on=asset_groups", 4),
    ] {
        let place = marked(&[]);
        place.sim.inject(fault);
        let outcome = check(&place, &quick, |_| {});
        assert_eq!(outcome.code, Some(code), "{fault}: {outcome:#?}");
        assert_eq!(
            place.sim.stats().wrong_passwords,
            0,
            "the right password was sent"
        );
    }
    let portal = marked(&["--portal"]);
    check(&portal, &quick, |_| {}).expect_exit(2);
}

#[test]
fn a_password_that_is_refused_is_not_shown() {
    let place = Place::new(&["--hosts", "20"]);
    let with = |command: &mut Command| {
        command.env("QONDUIT_PASSWORD", PASSWORD);
    };
    check(&place, &[], with).expect_exit(3);
    assert_eq!(place.sim.stats().wrong_passwords, 1);
    check(&place, &["settings.max_attempts=1"], |command| {
        with(command);
        command.args(["--api-url", "http://127.0.0.1:9"]);
    })
    .expect_exit(4);
    check(&place, &[], |command| {
        with(command);
        command.args([
            "--api-url",
            &format!("https://me:{}@127.0.0.1", url_encoded(PASSWORD)),
        ]);
    })
    .expect_exit(2);
    for command in [
        &["config", "check"][..],
        &["config", "show"],
        &["runs"],
        &["assets"],
    ] {
        let mut command = place.command(command);
        with(&mut command);
        expect_no_secret(place.folder(), &Outcome::of(command));
    }
}

#[test]
fn a_component_that_fails_shows_no_password() {
    let place = marked(&[]);
    for function in ["ingest@0.1.0#[method]reader.push", "plan@0.1.0#after"] {
        let broken = broken_binary(&place, &format!("qonduit:connector/{function}"));
        let mut command = Command::new(&broken);
        bare(&mut command, place.folder());
        command
            .args(["sync", "--json", "-vvv", "--log-format", "json"])
            .env("QONDUIT_PASSWORD", PASSWORD)
            .env("QONDUIT_LOG", "trace")
            .env("RUST_BACKTRACE", "full")
            .env("WASMTIME_BACKTRACE_DETAILS", "1");
        let outcome = Outcome::of(command);
        outcome
            .expect_exit(1)
            .expect_words(&["the component failed"]);
        fs::remove_file(&broken).expect("a file can be removed");
        expect_no_secret(place.folder(), &outcome);
    }
    assert_eq!(place.sim.stats().wrong_passwords, 0);
    check(&place, &[], |_| {}).expect_exit(0);
}

#[test]
fn a_server_that_repeats_the_password_is_not_repeated() {
    for (status, body) in [
        ("400 Bad Request", refusal(1905)),
        ("409 Conflict", refusal(1960)),
        ("500 Internal Server Error", refusal(999)),
        ("200 OK", refusal(2001)),
        ("200 OK", "<!-- ECHO --><ECHO>".to_owned()),
        ("200 OK", "ECHO".to_owned()),
        ("302 Found", "ECHO".to_owned()),
        ("401 Unauthorized", refusal(2000)),
    ] {
        let place = marked(&[]);
        let url = echo(status, body.clone());
        let to_server = |command: &mut Command| {
            command.args(["--api-url", &url]);
        };
        let outcome = check(&place, &["settings.max_attempts=1"], to_server);
        assert_ne!(outcome.code, Some(0), "{status}: {outcome:#?}");
        if status.starts_with("400") {
            outcome.expect_words(&["You said", "***"]);
        }
        let mut doctor = place.command(&["doctor", "-vvv"]);
        doctor.env("QONDUIT_LOG", "trace");
        to_server(&mut doctor);
        expect_no_secret(place.folder(), &Outcome::of(doctor));
        expect_no_secret(place.folder(), &place.run(&["runs", "--json"]));
    }
}

fn refusal(code: u32) -> String {
    format!(
        "<?xml version=\"1.0\"?><SIMPLE_RETURN><RESPONSE><DATETIME>2026-11-20T08:00:00Z</DATETIME>\
         <CODE>{code}</CODE><TEXT><![CDATA[You said ECHO]]></TEXT></RESPONSE></SIMPLE_RETURN>"
    )
}

/// Puts the credentials of a request into its answer, as a proxy does that somebody debugs.
fn echo(status: &'static str, body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    thread::spawn(move || {
        for stream in listener.incoming() {
            // Whoever asked may be gone.
            let _ = stream.and_then(|stream| answer(stream, status, &body));
        }
    });
    url
}

fn answer(mut stream: TcpStream, status: &str, body: &str) -> std::io::Result<()> {
    let mut request = BufReader::new(stream.try_clone()?);
    let (mut said, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        request.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            if line.trim_end().is_empty() {
                break;
            }
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "authorization" => said = value.to_owned(),
            "content-length" => length = value.parse().expect("a number"),
            _ => {}
        }
    }
    request.read_exact(&mut vec![0; length])?;
    let code = said.strip_prefix("Basic ").expect("credentials");
    let account = STANDARD.decode(code).expect("base64");
    let account = String::from_utf8(account).expect("text");
    assert_eq!(account, format!("{USERNAME}:{PASSWORD}"));
    let body = body.replace("ECHO", &format!("{said}, which is {account}"));
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nContent-Length: {}\r\n\
         Connection: close\r\nX-Authorization: {said}\r\nLocation: /{code}\r\n\
         X-RateLimit-Remaining: {code}\r\n\r\n{body}",
        body.len()
    )
}

#[test]
fn what_a_sync_leaves_behind_does_not_hold_the_password() {
    let place = marked(&[]);
    check(&place, &[], |_| {}).expect_exit(0);
    for what in ["findings", "assets", "vulnerabilities"] {
        for format in ["ndjson", "csv"] {
            let file = format!("{what}.{format}");
            place
                .run(&["export", what, "--format", format, "-o", &file])
                .expect_exit(0);
        }
    }
    for (what, format) in [
        ("findings", "ocsf"),
        ("findings", "ecs"),
        ("findings", "defectdojo"),
        ("assets", "cyclonedx"),
    ] {
        let file = format!("{what}.{format}");
        place
            .run(&["export", what, "--format", format, "-o", &file])
            .expect_exit(0);
    }
    // One that is killed leaves its journal.
    place.sim.set_day(1);
    place.sim.inject("stall:at=3000,on=detections");
    let mut child = place.start(&[]);
    super::kills::wait_until(|| place.sim.stats().faults.values().sum::<u64>() > 0);
    child.kill().expect("a child can be killed");
    let outcome = Outcome::of_child(child);
    assert!(place.path("qonduit.db-wal").exists());
    expect_no_secret(place.folder(), &outcome);
}
