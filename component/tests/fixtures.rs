//! Every answer in `tests/fixtures` reads as the file beside it says.
//!
//! `<dataset>/<situation>.xml` (or `.json`) is what Qualys sends; `<situation>.expected.ndjson` is what
//! `Reader::push_text` makes of it, and one last line for how it ends: `{"record":"end",…}` or
//! `{"record":"error",…}`. Documents that come in place of any list are in `errors`, and are read as
//! if detections had been asked for.
//!
//! `QONDUIT_ACCEPT=1 cargo test -p qonduit-component --test fixtures` writes the expected files.
//! Compare each changed line with the rules of normalization before it is committed.

// The component reads no files; the test that feeds it does.
#![allow(clippy::disallowed_methods)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use qonduit_component::contract::ingest::{End, Error};
use qonduit_component::contract::types::Dataset;
use qonduit_component::ingest::Reader;
use qonduit_component::time;
use serde_json::json;

#[test]
fn every_situation_reads_as_expected() {
    let accept = env::var_os("QONDUIT_ACCEPT").is_some();
    let mut n = 0;
    let mut different = String::new();
    for (dataset, path) in situations() {
        let body = fs::read(&path).expect("the fixture was listed");
        let lines = read(dataset, &body, usize::MAX);
        let file = path.with_extension("expected.ndjson");
        if accept {
            fs::write(&file, &lines).expect("the folder can be written");
        }
        let expected = fs::read_to_string(&file).unwrap_or_default();
        if let Some(difference) = difference(&expected, &lines) {
            writeln!(different, "{}: {difference}", path.display()).expect("memory");
        }
        n += 1;
    }
    assert!(n > 0, "there are no fixtures");
    assert!(different.is_empty(), "\n{different}");
}

#[test]
fn every_situation_reads_alike_in_any_chunks() {
    for (dataset, path) in situations() {
        let body = fs::read(&path).expect("the fixture was listed");
        let whole = read(dataset, &body, usize::MAX);
        for chunk in [1, 2, 3, 5, 8, 13, 64, 1_000] {
            let lines = read(dataset, &body, chunk);
            let difference = difference(&warnings_last(&whole), &warnings_last(&lines));
            assert_eq!(difference, None, "{} in chunks of {chunk}", path.display());
        }
    }
}

/// All fixtures, with the dataset that each answers.
fn situations() -> impl Iterator<Item = (Dataset, PathBuf)> {
    DATASETS.into_iter().flat_map(|(folder, dataset)| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../tests/fixtures")
            .join(folder);
        let files =
            fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut paths: Vec<_> = files
            .map(|file| file.expect("a readable folder").path())
            .collect();
        paths.retain(|path| {
            let extension = path.extension().and_then(|extension| extension.to_str());
            matches!(extension, Some("xml" | "json"))
        });
        paths.sort();
        paths.into_iter().map(move |path| (dataset, path))
    })
}

const DATASETS: [(&str, Dataset); 12] = [
    ("host-ids", Dataset::HostIds),
    ("hosts", Dataset::Hosts),
    ("detections", Dataset::Detections),
    ("knowledge-base", Dataset::KnowledgeBase),
    ("asset-groups", Dataset::AssetGroups),
    ("tags", Dataset::Tags),
    ("host-assets", Dataset::HostAssets),
    ("asset-view", Dataset::AssetView),
    ("errors", Dataset::Detections),
    ("web-apps", Dataset::WebApps),
    ("web-app-findings", Dataset::WebAppFindings),
    ("cve-scores", Dataset::CveScores),
];

/// The lines of a whole answer that comes in chunks of so many characters.
fn read(dataset: Dataset, body: &[u8], chunk: usize) -> String {
    // Callers of the text door decode before they push.
    let text = String::from_utf8_lossy(body);
    let mut reader = Reader::new(dataset, "{}");
    let mut lines = String::new();
    let mut rest = &*text;
    while !rest.is_empty() {
        let at = rest
            .char_indices()
            .nth(chunk)
            .map_or(rest.len(), |(at, _)| at);
        let (piece, others) = rest.split_at(at);
        match reader.push_text(piece) {
            Ok(records) => lines.push_str(&records),
            Err(_) => break,
        }
        rest = others;
    }
    let last = match reader.finish() {
        Ok(end) => ending(&end),
        Err(error) => failure(&error),
    };
    writeln!(lines, "{last}").expect("memory");
    lines
}

fn ending(end: &End) -> String {
    let skipped: Vec<_> = end
        .skipped
        .iter()
        .map(|skip| json!({ "rule": skip.rule, "n": skip.n }))
        .collect();
    format!(
        r#"{{"record":"end","next":{},"as_of":{},"elements":{},"skipped":{}}}"#,
        json!(end.next),
        json!(end.as_of.map(time::format)),
        end.elements,
        json!(skipped),
    )
}

fn failure(error: &Error) -> String {
    let details = match error {
        Error::CutOff(n_bytes) => format!(r#""cut-off","bytes":{n_bytes}"#),
        Error::Malformed(why) => format!(r#""malformed","message":{}"#, json!(why)),
        Error::UnexpectedRoot(root) => format!(r#""unexpected-root","root":{}"#, json!(root)),
        Error::Refused(refusal) => format!(
            r#""refused"{},"text":{},"wait_secs":{}"#,
            match &refusal.word {
                Some(word) => format!(r#","word":{}"#, json!(word)),
                None => format!(r#","code":{}"#, json!(refusal.code)),
            },
            json!(refusal.text),
            json!(refusal.wait_secs),
        ),
        Error::TooLarge(why) => format!(r#""too-large","message":{}"#, json!(why)),
    };
    format!(r#"{{"record":"error","error":{details}}}"#)
}

/// The first line that is another one.
fn difference(expected: &str, found: &str) -> Option<String> {
    let n_lines = expected.lines().count().max(found.lines().count());
    (0..n_lines).find_map(|n| {
        let (expected, found) = (expected.lines().nth(n), found.lines().nth(n));
        let (expected, found) = (expected.unwrap_or("nothing"), found.unwrap_or("nothing"));
        (expected != found)
            .then(|| format!("line {}\n  expected {expected}\n  found    {found}", n + 1))
    })
}

/// A page puts its warnings last, so their place among the records depends on the chunks.
fn warnings_last(lines: &str) -> String {
    let is_warning = |line: &&str| line.starts_with(r#"{"record":"warning""#);
    let (warnings, records): (Vec<_>, Vec<_>) = lines.lines().partition(is_warning);
    [records, warnings].concat().join("\n")
}
