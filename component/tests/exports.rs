//! The records in `tests/exports` are rendered as the files beside them say, and the reference page
//! is that of the tables.
//!
//! `<situation>.records.ndjson` is what is given to `Exporter::push_text`;
//! `<situation>.<subject>.<format>` is what comes out.
//!
//! `QONDUIT_ACCEPT=1 cargo test -p qonduit-component --test exports` writes the expected files and
//! the page. Compare each changed line with what the formats say before it is committed.

// The component reads no files; the test that feeds it does.
#![allow(clippy::disallowed_methods)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{env, fs};

use qonduit_component::contract::export::{Format, Options, Subject};
use qonduit_component::export::{Exporter, reference};
use serde_json::Value;

#[test]
fn every_situation_is_rendered_as_expected() {
    for records in situations() {
        for (format, subject, version, ending) in EXPORTS {
            let found = export(&records, *format, *subject, *version);
            let name = records
                .to_str()
                .expect("a name")
                .replace(".records.ndjson", "");
            hold(Path::new(&format!("{name}.{ending}")), &found);
        }
    }
}

/// Of the published list of fields; what the schema has no field for is under `qonduit`.
#[test]
fn every_field_of_ecs_is_one_that_is_published() {
    let list = include_str!("../../tests/formats/ecs-fields.tsv");
    let known: BTreeMap<_, _> = list
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut cells = line.split('\t');
            let mut cell = || cells.next().expect("three cells");
            (cell(), (cell(), cell()))
        })
        .collect();
    let mut n = 0;
    for subject in [Subject::Findings, Subject::Assets] {
        for records in situations() {
            for line in export(&records, Format::Ecs, subject, None).lines() {
                let document: Value = serde_json::from_str(line).expect("is JSON");
                check_ecs(&document, "", &known);
                n += 1;
            }
        }
    }
    assert!(n > 5, "{n}");
}

fn check_ecs(value: &Value, path: &str, known: &BTreeMap<&str, (&str, &str)>) {
    if path == "qonduit" {
        return;
    }
    if let Value::Object(members) = value {
        for (name, member) in members {
            let dot = if path.is_empty() { "" } else { "." };
            check_ecs(member, &format!("{path}{dot}{name}"), known);
        }
        return;
    }
    let (kind, number) = known
        .get(path)
        .unwrap_or_else(|| panic!("`{path}` is no field of ECS"));
    assert!(
        *number != "list" || value.is_array(),
        "`{path}` has to be a list"
    );
    let values = value
        .as_array()
        .cloned()
        .unwrap_or_else(|| vec![value.clone()]);
    for value in values {
        let is_sound = match *kind {
            "long" => value.is_i64() || value.is_u64(),
            "float" => value.is_number(),
            "date" => value
                .as_str()
                .is_some_and(|text| qonduit_component::time::parse(text).is_some()),
            "ip" => value
                .as_str()
                .is_some_and(|text| text.parse::<std::net::IpAddr>().is_ok()),
            "keyword" | "match_only_text" | "wildcard" => value.is_string(),
            other => panic!("`{path}` is of the kind `{other}`, of which nothing is known here"),
        };
        assert!(is_sound, "`{path}` is no {kind}: {value}");
    }
}

/// The importer refuses a document over a key that it does not know, or one that is missing.
#[test]
fn every_key_for_defectdojo_is_one_that_it_takes() {
    let list = include_str!("../../tests/formats/defectdojo-keys.tsv");
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    let known: BTreeMap<_, _> = lines
        .map(|line| line.split_once('\t').expect("two cells"))
        .collect();
    let mut ids = BTreeSet::new();
    for records in situations() {
        let text = export(&records, Format::Defectdojo, Subject::Findings, None);
        let document: Value = serde_json::from_str(&text).expect("is JSON");
        for finding in document["findings"].as_array().expect("a list") {
            let finding = finding.as_object().expect("an object");
            for key in finding.keys() {
                assert!(known.contains_key(key.as_str()), "`{key}` is not taken");
            }
            for (key, need) in &known {
                let is_there = finding.get(*key).is_some_and(|it| it.as_str() != Some(""));
                assert!(*need != "required" || is_there, "`{key}` is required");
            }
            let words = ["Info", "Low", "Medium", "High", "Critical"];
            assert!(words.contains(&finding["severity"].as_str().expect("a text")));
            let id = finding["unique_id_from_tool"]
                .as_str()
                .expect("a text")
                .to_owned();
            assert!(ids.insert(id), "an id comes twice");
        }
    }
    assert!(ids.len() > 3);
}

#[test]
fn the_reference_page_is_that_of_the_tables() {
    hold(&root().join("docs/export-formats.md"), &reference::page());
}

#[track_caller]
fn hold(file: &Path, found: &str) {
    if env::var_os("QONDUIT_ACCEPT").is_some() {
        fs::write(file, found).expect("the folder can be written");
    }
    let expected = fs::read_to_string(file).unwrap_or_default();
    let lines = expected.lines().count().max(found.lines().count());
    for n in 0..lines {
        let (expected, found) = (expected.lines().nth(n), found.lines().nth(n));
        assert_eq!(found, expected, "{} line {}", file.display(), n + 1);
    }
    assert_eq!(found, expected, "{}", file.display());
}

/// All that is known of the inventory, each asset before its findings.
fn export(records: &Path, format: Format, subject: Subject, version: Option<&str>) -> String {
    let mut exporter = Exporter::new(Options {
        format,
        subject,
        version: version.map(str::to_owned),
        safe_cells: true,
        made: 1_795_219_200,
    });
    let text = fs::read_to_string(records).expect("the fixture was listed");
    let is_finding = |line: &&str| line.starts_with(r#"{"record":"finding""#);
    let (findings, others): (Vec<_>, Vec<_>) = text.lines().partition(is_finding);
    let mut out = exporter
        .push_text(&others.join("\n"))
        .expect("can be rendered");
    if subject == Subject::Findings {
        // In two pieces, so that what was given once is there later.
        for piece in findings.chunks(2) {
            out += &exporter
                .push_text(&piece.join("\n"))
                .expect("can be rendered");
        }
    } else if format == Format::Cyclonedx {
        out += &exporter.push_text(&text).expect("can be rendered");
    }
    let ending = exporter.finish().expect("can be ended");
    out += std::str::from_utf8(&ending.bytes).expect("is text");
    out
}

fn situations() -> Vec<PathBuf> {
    let folder = root().join("tests/exports");
    let files = fs::read_dir(&folder).expect("a folder of fixtures");
    let mut paths: Vec<_> = files
        .map(|file| file.expect("can be read").path())
        .collect();
    paths.retain(|path| path.to_string_lossy().ends_with(".records.ndjson"));
    paths.sort();
    assert!(!paths.is_empty(), "there are no fixtures");
    paths
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

const EXPORTS: &[(Format, Subject, Option<&str>, &str)] = &[
    (Format::Ndjson, Subject::Findings, None, "findings.ndjson"),
    (Format::Ndjson, Subject::Assets, None, "assets.ndjson"),
    (
        Format::Ndjson,
        Subject::Vulnerabilities,
        None,
        "vulnerabilities.ndjson",
    ),
    (Format::Ndjson, Subject::Software, None, "software.ndjson"),
    (Format::Csv, Subject::Findings, None, "findings.csv"),
    (Format::Csv, Subject::Assets, None, "assets.csv"),
    (
        Format::Csv,
        Subject::Vulnerabilities,
        None,
        "vulnerabilities.csv",
    ),
    (Format::Csv, Subject::Software, None, "software.csv"),
    (Format::Ocsf, Subject::Findings, None, "findings.ocsf"),
    (
        Format::Ocsf,
        Subject::Findings,
        Some("1.4.0"),
        "findings.ocsf-1.4.0",
    ),
    (Format::Ocsf, Subject::Assets, None, "assets.ocsf"),
    (Format::Ecs, Subject::Findings, None, "findings.ecs"),
    (Format::Ecs, Subject::Assets, None, "assets.ecs"),
    (
        Format::Defectdojo,
        Subject::Findings,
        None,
        "findings.defectdojo",
    ),
    (Format::Cyclonedx, Subject::Assets, None, "assets.cyclonedx"),
    (
        Format::Cyclonedx,
        Subject::Assets,
        Some("1.5"),
        "assets.cyclonedx-1.5",
    ),
];
