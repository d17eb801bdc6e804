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

use std::path::{Path, PathBuf};
use std::{env, fs};

use qonduit_component::contract::export::{Format, Options, Subject};
use qonduit_component::export::{Exporter, reference};

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
