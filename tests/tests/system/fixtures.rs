//! Every fixture reads through the component as the file beside it says, through both doors and in
//! any chunks. The native half of this promise is `component/tests/fixtures.rs`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use qonduit_host::guest::{
    Guest,
    ingest::{End, Error, Page},
    types::Dataset,
};
use serde_json::{Value, json};

use crate::place::{component, files, lines, root};

#[test]
fn every_situation_reads_through_the_component_as_expected() {
    let folder = root().join("tests/fixtures");
    // Of the sources as they are, not of an older build.
    component();
    let guest = Guest::embedded().expect("the component can be loaded");
    let all = files(&folder);
    let is_answer = |file: &&PathBuf| {
        file.extension()
            .is_some_and(|it| it == "xml" || it == "json")
    };
    let situations: Vec<_> = all.iter().filter(is_answer).collect();
    assert!(
        !situations.is_empty(),
        "`{}` holds no fixture",
        folder.display()
    );
    for file in situations {
        let body = fs::read(file).expect("a fixture can be read");
        let expected = file.with_extension("expected.ndjson");
        let expected = fs::read_to_string(&expected)
            .unwrap_or_else(|error| panic!("`{}`: {error}", expected.display()));
        check(&guest, dataset(file), &body, &lines(&expected), file);
    }
}

#[track_caller]
fn check(guest: &Guest, dataset: Dataset, body: &[u8], expected: &[Value], file: &Path) {
    for chunk in [1, 7, 4096, usize::MAX] {
        let found = lines(&read_text(guest, dataset, body, chunk));
        let (found, expected) = (warnings_last(&found), warnings_last(expected));
        assert_eq!(found, expected, "{} in chunks of {chunk}", file.display());
    }
    let whole = read_typed(guest, dataset, body, usize::MAX);
    for chunk in [1, 7, 4096] {
        let chunks = read_typed(guest, dataset, body, chunk);
        assert_eq!(chunks, whole, "{} in chunks of {chunk}", file.display());
    }
    // Both doors tell of the same records.
    let (page, _) = &whole;
    let n = |record: &str| {
        expected
            .iter()
            .filter(|line| line["record"] == record)
            .count()
    };
    let n_findings: usize = page.hosts.iter().map(|host| host.findings.len()).sum();
    let typed = [
        ("host", page.hosts.len()),
        ("finding", n_findings),
        ("vulnerability", page.vulnerabilities.len()),
        ("asset-group", page.asset_groups.len()),
        ("tag", page.tags.len()),
        ("inventory", page.inventories.len()),
        ("web-app", page.web_apps.len()),
        ("web-app-finding", page.web_app_findings.len()),
        ("warning", page.warnings.len()),
    ];
    for (record, n_typed) in typed {
        assert_eq!(n_typed, n(record), "{record} in {}", file.display());
    }
}

/// In pieces of so many characters, as callers of this door decode before they push.
fn read_text(guest: &Guest, dataset: Dataset, body: &[u8], chunk: usize) -> String {
    let text: Vec<char> = String::from_utf8_lossy(body).chars().collect();
    let mut reader = guest.reader(dataset, &"{}".to_owned()).expect("a reader");
    let mut found = String::new();
    for piece in text.chunks(chunk) {
        let piece: String = piece.iter().collect();
        match reader.push_text(&piece).expect("no trap") {
            Ok(records) => found += &records,
            Err(_) => break,
        }
    }
    let last = match reader.finish().expect("no trap") {
        Ok(end) => ending(&end),
        Err(error) => failure(&error),
    };
    found + &last.to_string() + "\n"
}

fn read_typed(
    guest: &Guest,
    dataset: Dataset,
    body: &[u8],
    chunk: usize,
) -> (Page, Result<End, Error>) {
    let mut reader = guest.reader(dataset, &"{}".to_owned()).expect("a reader");
    let mut whole: Option<Page> = None;
    for piece in body.chunks(chunk) {
        let Ok(page) = reader.push(piece).expect("no trap") else {
            break;
        };
        match &mut whole {
            None => whole = Some(page),
            Some(whole) => whole.append(page),
        }
    }
    (whole.unwrap_or_default(), reader.finish().expect("no trap"))
}

fn ending(end: &End) -> Value {
    let skipped = end
        .skipped
        .iter()
        .map(|it| json!({ "rule": it.rule, "n": it.n }));
    let as_of = end.as_of.map(qonduit_component::time::format);
    json!({
        "record": "end",
        "next": end.next,
        "as_of": as_of,
        "elements": end.elements,
        "skipped": skipped.collect::<Vec<_>>(),
    })
}

fn failure(error: &Error) -> Value {
    let mut line = match error {
        Error::CutOff(n_bytes) => json!({ "error": "cut-off", "bytes": n_bytes }),
        Error::Malformed(why) => json!({ "error": "malformed", "message": why }),
        Error::UnexpectedRoot(root) => json!({ "error": "unexpected-root", "root": root }),
        Error::TooLarge(why) => json!({ "error": "too-large", "message": why }),
        Error::Refused(refusal) => json!({
            "error": "refused",
            "code": refusal.code,
            "text": refusal.text,
            "wait_secs": refusal.wait_secs,
        }),
    };
    line["record"] = json!("error");
    if let (Error::Refused(refusal), Some(object)) = (error, line.as_object_mut())
        && let Some(word) = &refusal.word
    {
        object.remove("code");
        object.insert("word".to_owned(), json!(word));
    }
    line
}

/// A page puts its warnings last, so their place among the records depends on the chunks.
fn warnings_last(lines: &[Value]) -> Vec<Value> {
    let is_warning = |line: &Value| line["record"] == "warning";
    let (warnings, records): (Vec<Value>, Vec<Value>) = lines.iter().cloned().partition(is_warning);
    [records, warnings].concat()
}

/// Told by the folder; errors are read as if detections had been asked for.
fn dataset(file: &Path) -> Dataset {
    let folder = file.parent().and_then(Path::file_name).unwrap_or_default();
    match folder.to_str() {
        Some("host-ids") => Dataset::HostIds,
        Some("hosts") => Dataset::Hosts,
        Some("detections" | "errors") => Dataset::Detections,
        Some("knowledge-base") => Dataset::KnowledgeBase,
        Some("asset-groups") => Dataset::AssetGroups,
        Some("tags") => Dataset::Tags,
        Some("host-assets") => Dataset::HostAssets,
        Some("asset-view") => Dataset::AssetView,
        Some("web-apps") => Dataset::WebApps,
        Some("web-app-findings") => Dataset::WebAppFindings,
        Some("cve-scores") => Dataset::CveScores,
        _ => panic!("`{}` lies in no folder of a dataset", file.display()),
    }
}
