//! What holds for every format: the reference page tells of every path, and errors stay.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Exporter, check, reference};
use crate::contract::export::{Format, Options, Subject};

fn options(format: Format, subject: Subject) -> Options {
    Options {
        format,
        subject,
        version: None,
        safe_cells: true,
        made: 1_795_161_600,
    }
}

/// Every line of the fixtures, which have something in every field.
fn export(format: Format, subject: Subject) -> String {
    let mut exporter = Exporter::new(options(format, subject));
    let records = include_str!("../../../tests/exports/everything.records.ndjson");
    let is_finding = |line: &&str| line.contains(r#""record":"finding""#);
    let mut out = String::new();
    if format == Format::Cyclonedx {
        let assets: Vec<_> = records.lines().filter(|line| !is_finding(line)).collect();
        out += &exporter.push_text(&assets.join("\n")).expect("is sound");
    }
    if subject == Subject::Assets && format != Format::Cyclonedx {
        let assets: Vec<_> = records.lines().filter(|line| !is_finding(line)).collect();
        out += &exporter.push_text(&assets.join("\n")).expect("is sound");
    } else {
        out += &exporter.push_text(records).expect("is sound");
    }
    let ending = exporter.finish().expect("ends");
    out += std::str::from_utf8(&ending.bytes).expect("is text");
    out
}

/// The paths of all values that are no objects.
fn paths(value: &Value, prefix: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let dot = if prefix.is_empty() { "" } else { "." };
                paths(member, &format!("{prefix}{dot}{name}"), found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| paths(item, prefix, found)),
        _ => {
            found.insert(prefix.to_owned());
        }
    }
}

#[test]
fn the_reference_page_tells_of_every_path() {
    for (format, subject, word) in [
        (Format::Ocsf, Subject::Findings, "ocsf"),
        (Format::Ocsf, Subject::Assets, "ocsf"),
        (Format::Ecs, Subject::Findings, "ecs"),
        (Format::Ecs, Subject::Assets, "ecs"),
        (Format::Defectdojo, Subject::Findings, "defectdojo"),
        (Format::Cyclonedx, Subject::Assets, "cyclonedx"),
    ] {
        let sections = reference::sections();
        let told: BTreeSet<_> = sections
            .iter()
            .filter(|section| section.format == word)
            .flat_map(|it| {
                it.fields
                    .iter()
                    .map(|(path, _)| format!("{}{path}", it.prefix))
            })
            .collect();
        let text = export(format, subject);
        let mut found = BTreeSet::new();
        let is_document = matches!(format, Format::Defectdojo | Format::Cyclonedx);
        let documents: Vec<&str> = if is_document {
            vec![&text]
        } else {
            text.lines().collect()
        };
        assert!(!documents.is_empty());
        for document in documents {
            paths(
                &serde_json::from_str(document).expect("is JSON"),
                "",
                &mut found,
            );
        }
        // A list or an object that is made as a whole is told of as one.
        let is_told = |path: &&String| {
            !told.iter().any(|it| {
                *path == it
                    || path
                        .strip_prefix(it.as_str())
                        .is_some_and(|rest| rest.starts_with('.'))
            })
        };
        let untold: Vec<_> = found.iter().filter(is_told).collect();
        let untold: Vec<_> = untold
            .into_iter()
            .filter(|path| !HEAD.contains(&path.as_str()))
            .collect();
        assert!(untold.is_empty(), "{word} {subject:?}: {untold:?}");
        // What is told of is there in one of the fixtures.
        let n_there = told
            .iter()
            .filter(|it| found.iter().any(|path| path.starts_with(it.as_str())))
            .count();
        assert!(n_there > 15, "{word} {subject:?}: {n_there}");
    }
}

/// What stands around the rows of a document.
const HEAD: &[&str] = &[
    "name",
    "type",
    "bomFormat",
    "specVersion",
    "version",
    "metadata.timestamp",
    "metadata.tools.components.name",
    "metadata.tools.components.type",
    "metadata.tools.components.version",
];

#[test]
fn fields_of_an_object_stand_together() {
    // Else an object would be opened twice, and hold a key twice.
    for section in reference::sections() {
        if section.format == "csv" {
            continue;
        }
        let mut closed: BTreeSet<String> = BTreeSet::new();
        let mut open: Vec<String> = Vec::new();
        for (path, _) in &section.fields {
            let names: Vec<_> = path.split('.').collect();
            let around: Vec<_> = (1..names.len()).map(|n| names[..n].join(".")).collect();
            closed.extend(open.iter().filter(|it| !around.contains(it)).cloned());
            for it in &around {
                assert!(
                    !closed.contains(it),
                    "{}: `{it}` is opened again for `{path}`",
                    section.title
                );
            }
            open = around;
            assert!(
                closed.insert((*path).to_owned()),
                "{}: `{path}` comes twice",
                section.title
            );
        }
    }
}

#[test]
fn what_a_format_has_no_place_for_is_refused_in_words() {
    assert_eq!(
        check(&options(Format::Defectdojo, Subject::Assets)),
        Err("`defectdojo` has no place for assets; it takes findings".to_owned())
    );
    let of = |format, version: &str| {
        let options = options(format, Subject::Findings);
        check(&Options {
            version: Some(version.to_owned()),
            ..options
        })
    };
    assert_eq!(of(Format::Ocsf, "1.5.0"), Ok(()));
    assert_eq!(
        of(Format::Ocsf, "2.0.0"),
        Err(
            "`ocsf` is not written in version `2.0.0`; choose one of 1.6.0, 1.5.0, 1.4.0"
                .to_owned()
        )
    );
    assert_eq!(
        of(Format::Csv, "1"),
        Err("`csv` has no versions; leave the version out".to_owned())
    );
    let mut refused = Exporter::new(options(Format::Ecs, Subject::Software));
    let error = refused.push_text("").expect_err("is refused");
    assert_eq!(
        error,
        "`ecs` has no place for software; it takes findings and assets"
    );
    assert_eq!(refused.finish().expect_err("is refused"), error);
}

#[test]
fn a_record_that_cannot_be_read_ends_the_export() {
    let mut exporter = Exporter::new(options(Format::Ndjson, Subject::Findings));
    let error = exporter
        .push_text("\n{\"record\":\"finding\"}")
        .expect_err("lacks nearly all");
    assert_eq!(error, "line 2 is no record: missing field `finding_key`");
    assert_eq!(exporter.push_text("").expect_err("stays"), error);
    let mut exporter = Exporter::new(options(Format::Ndjson, Subject::Findings));
    let finding = r#"{"record":"finding","finding_key":"1","host_id":7,"qid":5,"certainty":"confirmed","severity":"low","qualys_severity":2,"risk":"low"}"#;
    assert_eq!(
        exporter.push_text(finding).expect_err("has no asset"),
        "a finding names asset 7, which was not given; give it first"
    );
}

#[test]
fn what_was_forgotten_has_to_be_given_again() {
    let mut exporter = Exporter::new(options(Format::Csv, Subject::Findings));
    let records = include_str!("../../../tests/exports/everything.records.ndjson");
    let mut batch = super::text::read(records).expect("is sound");
    assert!(exporter.push(batch.clone()).is_ok());
    batch.assets.clear();
    batch.entries.clear();
    assert!(exporter.push(batch.clone()).is_ok(), "both are known");
    batch.forget = true;
    assert!(exporter.push(batch).is_err());
}

#[test]
fn an_export_of_nothing_is_a_whole_document() {
    for (format, subject, expected) in [
        (Format::Ndjson, Subject::Findings, ""),
        (
            Format::Defectdojo,
            Subject::Findings,
            "{\"name\":\"Qualys\",\"type\":\"Qonduit\",\"findings\":[\n\n]}\n",
        ),
    ] {
        let ending = Exporter::new(options(format, subject))
            .finish()
            .expect("ends");
        assert_eq!(String::from_utf8(ending.bytes).expect("is text"), expected);
        assert_eq!(ending.rows, 0);
    }
    let ending = Exporter::new(options(Format::Cyclonedx, Subject::Assets))
        .finish()
        .expect("ends");
    let bill: Value = serde_json::from_slice(&ending.bytes).expect("is JSON");
    assert_eq!(bill["components"], Value::Array(vec![]));
}
