//! What every host answers to: reading and checking.

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::{
    client::Request,
    server::{Host, Server},
};
use crate::{
    place::{files, lines, root},
    sim::client,
};

pub(crate) fn health(server: &Server) {
    for path in ["/", "/v1/health"] {
        let answer = server.ask(&Request::new("GET", path));
        assert_eq!(answer.status, 200);
        let told = answer.json();
        assert_eq!(told["version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(told["contract"], "qonduit:connector@0.1.0");
        assert_eq!(told["datasets"].as_array().map(Vec::len), Some(12));
    }
}

/// Every pair of an answer of Qualys and its records.
pub(crate) fn fixtures(server: &Server) {
    let all = files(&root().join("tests/fixtures"));
    let answers = all.iter().filter(|file| {
        let name = file.to_string_lossy();
        name.ends_with(".xml") || name.ends_with(".json")
    });
    let mut n = 0;
    for file in answers {
        n += 1;
        let expected = file.with_extension("expected.ndjson");
        let expected = lines(&fs::read_to_string(expected).expect("it is there"));
        let path = format!("/v1/read/{}", dataset(file));
        let body = fs::read(file).expect("a fixture can be read");
        let answer = server.ask(&Request::post(&path, body).header("content-type: text/xml"));
        let end = expected.last().expect("a last line");
        if end["record"] == "error" {
            let status = answer.status;
            assert!(
                matches!(status, 400 | 422),
                "{status} for {}",
                file.display()
            );
            let kind = match end["error"].as_str().expect("a word") {
                "cut-off" if end["bytes"] == 0 => "empty-body",
                "unexpected-root" => "another-document",
                other => other,
            };
            assert_eq!(answer.kind(), kind, "{}", file.display());
            continue;
        }
        assert_eq!(answer.status, 200, "{}: {}", file.display(), answer.text());
        let mut found = answer.lines();
        let told = found.pop().expect("a last line");
        for key in ["record", "next", "as_of", "elements", "skipped"] {
            assert_eq!(told[key], end[key], "`{key}` of {}", file.display());
        }
        assert_eq!(
            (&told["complete"], &told["records"]),
            (&json!(true), &json!(found.len()))
        );
        let expected = &expected[..expected.len() - 1];
        let is_warning = |line: &&Value| line["record"] == "warning";
        let apart = |lines: &[Value]| -> (Vec<Value>, Vec<Value>) {
            let (warnings, others) = lines.iter().partition::<Vec<&Value>, _>(is_warning);
            let owned = |lines: Vec<&Value>| lines.into_iter().cloned().collect();
            (owned(warnings), owned(others))
        };
        assert_eq!(apart(&found), apart(expected), "{}", file.display());
    }
    assert!(n > 100, "only {n} fixtures were found");
}

/// The name of the folder; what is no list is read as detections.
fn dataset(file: &Path) -> String {
    let folder = file.parent().and_then(Path::file_name).expect("a folder");
    match folder.to_string_lossy().as_ref() {
        "errors" => "detections".to_owned(),
        other => other.to_owned(),
    }
}

/// What is wrong before anything was answered has a status of its own, and says what to do.
pub(crate) fn mistakes(server: &Server) {
    let check = |request: Request, status: u16, kind: &str, words: &str| {
        let answer = server.ask(&request);
        assert_eq!(
            (answer.status, answer.kind().as_str()),
            (status, kind),
            "{request:?}"
        );
        let detail = answer.json()["detail"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        assert!(detail.contains(words), "{detail}");
    };
    let list = fixture("detections/each-status.xml");
    let post = |path: &str| Request::post(path, list.clone());
    check(
        post("/v1/reed/detections"),
        404,
        "unknown-path",
        "/v1/read/{dataset}",
    );
    check(
        post("/v1/read/detection"),
        404,
        "unknown-dataset",
        "detections",
    );
    check(
        Request::new("GET", "/v1/read/detections"),
        405,
        "method",
        "POST",
    );
    check(
        post("/v1/read/detections?format=xml"),
        400,
        "unknown-format",
        "ocsf",
    );
    check(
        post("/v1/read/tags?format=ocsf"),
        400,
        "no-such-export",
        "format=ndjson",
    );
    check(
        post("/v1/read/knowledge-base?format=ecs"),
        400,
        "no-such-export",
        "takes findings",
    );
    check(
        post("/v1/read/detections?fromat=csv"),
        400,
        "unknown-option",
        "format",
    );
    let settings = "/v1/read/detections?settings=%7B%22fixd%22%3Afalse%7D";
    check(post(settings), 400, "settings", "errors");
    let packed = post("/v1/read/detections").header("content-encoding: gzip");
    check(packed, 415, "compressed", "content-encoding");
    check(
        Request::post("/v1/read/detections", ""),
        400,
        "empty-body",
        "detections",
    );
    check(
        post("/v1/read/knowledge-base"),
        422,
        "another-document",
        "knowledge-base",
    );
    let half = list[..list.len() / 2].to_vec();
    check(
        Request::post("/v1/read/detections", half),
        422,
        "cut-off",
        "bytes",
    );
    let refusal = fixture("errors/account-expired-with-status-200.xml");
    check(
        Request::post("/v1/read/detections", refusal),
        422,
        "refused",
        "expired",
    );
    check(
        Request::post("/v1/check", "{"),
        400,
        "bad-document",
        "line 1",
    );
    check(
        Request::post("/v1/check", r#"{"setings":{}}"#),
        400,
        "bad-document",
        "`setings`",
    );
}

pub(crate) fn fixture(name: &str) -> Vec<u8> {
    fs::read(root().join("tests/fixtures").join(name)).expect("a fixture can be read")
}

/// Answers that are longer than any buffer: whole, cut off, and with a body that breaks off.
pub(crate) fn long_answers(server: &Server) {
    let sim = client::start(&["--hosts", "300", "--web-apps", "0"]);
    let answer = client::detections(&sim, "truncation_limit=0");
    let keys = answer.elements("UNIQUE_VULN_ID");
    assert!(answer.bytes.len() > 5 << 20 && keys.len() > 2_000);
    let path = "/v1/read/detections";

    let whole = server.ask(&Request::post(path, answer.bytes.clone()));
    assert_eq!(whole.status, 200);
    let found = whole.lines();
    let findings = found.iter().filter(|line| line["record"] == "finding");
    let found_keys: Vec<_> = findings
        .map(|line| line["finding_key"].as_str().unwrap_or(""))
        .collect();
    assert_eq!(found_keys, keys);
    assert_eq!(found.last().expect("a line")["complete"], true);
    if has_trailers(server.host) {
        assert_eq!(whole.trailer("x-qonduit-status"), Some("complete"));
    }

    let part = answer.bytes.len() * 2 / 3;
    let cut = server.ask(&Request::post(path, &answer.bytes[..part]));
    assert_eq!((cut.status, cut.is_complete), (200, true));
    let mut found = cut.lines();
    let last = found.pop().expect("a line");
    assert_eq!(
        (&last["record"], &last["complete"]),
        (&json!("error"), &json!(false))
    );
    assert_eq!(last["type"], "urn:qonduit:problem:cut-off");
    assert_eq!(
        (&last["bytes_read"], &last["records"]),
        (&json!(part), &json!(found.len()))
    );
    let n_findings = found
        .iter()
        .filter(|line| line["record"] == "finding")
        .count();
    assert!(n_findings > keys.len() / 2 && n_findings < keys.len());
    if has_trailers(server.host) {
        assert_eq!(cut.trailer("x-qonduit-status"), Some("incomplete"));
    }

    let table = format!("{path}?format=csv");
    let whole = server.ask(&Request::post(&table, answer.bytes.clone()));
    assert!(whole.is_complete);
}

/// A table has no place for a line that tells, so its body breaks off. And whoever hangs up in the
/// middle costs nobody but himself.
pub(crate) fn broken_off(server: &Server) {
    let sim = client::start(&["--hosts", "300", "--web-apps", "0"]);
    let answer = client::detections(&sim, "truncation_limit=0");
    let part = answer.bytes.len() * 2 / 3;
    let table = "/v1/read/detections?format=csv";
    let cut = server.ask(&Request::post(table, &answer.bytes[..part]));
    assert_eq!((cut.status, cut.is_complete), (200, false));
    // Node's server is broken off as a whole.
    if server.host == Host::Node {
        return;
    }
    let gone = Request::post("/v1/read/detections", answer.bytes).cut(part);
    if let Ok(gone) = gone.try_send(server.address()) {
        let is_told = gone
            .lines()
            .last()
            .is_some_and(|line| line["record"] == "error");
        assert!(
            !gone.is_complete || is_told || gone.status >= 400,
            "{}",
            gone.status
        );
    }
    health(server);
}

/// Node's server sends none.
fn has_trailers(host: Host) -> bool {
    match host {
        Host::Wasmtime | Host::WasmCloud | Host::Own => true,
        Host::Node => false,
    }
}

/// The formats of other tools have one row for each finding.
pub(crate) fn formats(server: &Server) {
    let list = fixture("detections/each-status.xml");
    let expected = fixture("detections/each-status.expected.ndjson");
    let expected = lines(&String::from_utf8(expected).expect("text"));
    let findings: Vec<_> = expected
        .iter()
        .filter(|line| line["record"] == "finding")
        .collect();
    for (format, uid) in [("ocsf", "/finding_info/uid"), ("ecs", "/event/id")] {
        let path = format!("/v1/read/detections?format={format}");
        let rows = server.ask(&Request::post(&path, list.clone())).lines();
        let uids: Vec<_> = rows.iter().filter_map(|row| row.pointer(uid)).collect();
        let keys: Vec<_> = findings.iter().map(|line| &line["finding_key"]).collect();
        assert_eq!(uids, keys, "{format}");
    }
    let rows = server.ask(&Request::post("/v1/read/detections?format=csv", list));
    assert_eq!(rows.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(rows.text().lines().count(), findings.len() + 1);
    let hosts = fixture("hosts/which-name-a-host-gets.xml");
    let rows = server
        .ask(&Request::post("/v1/read/hosts?format=ocsf", hosts))
        .lines();
    assert!(!rows.is_empty() && rows.iter().all(|row| row["class_uid"] == 5001));
}

pub(crate) fn checks(server: &Server) {
    let body = json!({
        "settings": {"fixd": false, "tagz": true},
        "expressions": ["severity:>=high and os:windows", "sevrity:high"],
    });
    let told = server
        .ask(&Request::post("/v1/check", body.to_string()))
        .json();
    assert_eq!(told["ok"], false);
    assert_eq!(
        told["settings"]["mistakes"].as_array().map(Vec::len),
        Some(2),
        "{told}"
    );
    let compare = |field: &str, operator: &str, value: &str| json!({"field": field, "operator": operator, "value": value});
    let expected = json!([
        compare("severity", "greater-or-equal", "high"),
        compare("os", "contains", "windows"),
        "all-of"
    ]);
    assert_eq!(told["expressions"][0]["terms"], expected);
    let mistake = &told["expressions"][1]["mistake"];
    assert_eq!(
        (&mistake["offset"], &mistake["suggestion"]),
        (&json!(0), &json!("severity"))
    );
    let told = server.ask(&Request::post("/v1/check", "{}")).json();
    assert_eq!(
        (&told["ok"], &told["settings"]["stages"][0]),
        (&json!(true), &json!("asset-groups"))
    );
}
