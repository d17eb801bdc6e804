//! Exports: the same bytes through the component as natively, the same rows as the lists, files that
//! are whole and told of by their manifest, and what changed since a time.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use qonduit_host::guest::{
    Guest,
    export::{Format, Options, Subject},
};
use serde_json::Value;

use crate::place::{Place, component, files, lines, root};

const WORLD: [&str; 2] = ["--hosts", "30"];

#[test]
fn every_export_comes_through_the_component_as_expected() {
    // Of the sources as they are, not of an older build.
    component();
    let guest = Guest::embedded().expect("the component can be loaded");
    let folder = root().join("tests/exports");
    let records = folder.join("everything.records.ndjson");
    let records = fs::read_to_string(records).expect("the records");
    let mut n = 0;
    for file in files(&folder) {
        let name = file.file_name().expect("a name").to_string_lossy();
        let Some(ending) = name.strip_prefix("everything.") else {
            continue;
        };
        let Some((subject, format)) = ending.split_once('.') else {
            continue;
        };
        let subject = match subject {
            "assets" => Subject::Assets,
            "findings" => Subject::Findings,
            "vulnerabilities" => Subject::Vulnerabilities,
            "software" => Subject::Software,
            _ => continue,
        };
        let (format, version) = match format.split_once('-') {
            Some((format, version)) => (format, Some(version.to_owned())),
            None => (format, None),
        };
        let format = match format {
            "ndjson" => Format::Ndjson,
            "csv" => Format::Csv,
            "ocsf" => Format::Ocsf,
            "ecs" => Format::Ecs,
            "defectdojo" => Format::Defectdojo,
            "cyclonedx" => Format::Cyclonedx,
            other => panic!("`{other}` is no format"),
        };
        n += 1;
        let options = Options {
            format,
            subject,
            version,
            safe_cells: true,
            made: 1_795_219_200,
        };
        let found = through(&guest, &options, &records);
        let expected = fs::read_to_string(&file).expect("a fixture can be read");
        assert!(found == expected, "{}: {found}", file.display());
    }
    assert_eq!(n, 16, "fixtures of every format");
}

fn through(guest: &Guest, options: &Options, records: &str) -> String {
    let exporter = guest.exporter(options).expect("no trap");
    let mut exporter = exporter.expect("there is such an export");
    let is_finding = |line: &&str| line.starts_with(r#"{"record":"finding""#);
    let (findings, others): (Vec<_>, Vec<_>) = records.lines().partition(is_finding);
    let mut push = |lines: &str| {
        let pushed = exporter.push_text(lines).expect("no trap");
        pushed.expect("can be rendered")
    };
    let mut out = push(&others.join("\n"));
    if options.subject == Subject::Findings {
        out += &push(&findings.join("\n"));
    } else if options.format == Format::Cyclonedx {
        out += &push(records);
    }
    let ending = exporter.finish().expect("no trap").expect("can be ended");
    out + std::str::from_utf8(&ending.bytes).expect("is text")
}

#[test]
fn rows_of_an_export_are_those_of_the_list() {
    let place = Place::new(&WORLD);
    place.sync(&[]).expect_exit(0);
    for (what, own, flags) in [
        (
            "findings",
            &["results", "solution", "attributes", "history"][..],
            &["--all"][..],
        ),
        ("assets", &["is_partial", "attributes"], &[]),
        (
            "findings",
            &["results", "solution", "attributes", "history"],
            &["--where", "os:windows and severity:>=high"],
        ),
    ] {
        let list = place.run(&[&[what, "--json", "--limit", "10000"], flags].concat());
        list.expect_exit(0);
        let id = if what == "assets" {
            "asset_id"
        } else {
            "finding_id"
        };
        let by_id = |rows: Vec<Value>| -> BTreeMap<u64, Value> {
            let id = |row: &Value| row[id].as_u64().expect("a number");
            rows.into_iter().map(|row| (id(&row), row)).collect()
        };
        let listed = by_id(lines(&list.stdout));
        let mut exported = by_id(place.export(&[&[what], flags].concat()));
        assert!(listed.len() > 5, "{what}: {}", listed.len());
        for row in exported.values_mut() {
            let row = row.as_object_mut().expect("an object");
            own.iter()
                .for_each(|key| assert!(row.remove(*key).is_some(), "{key}"));
        }
        assert!(listed == exported, "{what} {flags:?}");
    }
}

#[test]
fn a_file_comes_with_a_manifest_that_is_true() {
    let place = Place::new(&WORLD);
    place.sync(&[]).expect_exit(0);
    let filter = "severity:>=high";
    let arguments = [
        "export", "--format", "ocsf", "findings", "--where", filter, "-o", "out",
    ];
    place.run(&arguments).expect_exit(0);
    let file = fs::read_to_string(place.path("out")).expect("is there");
    let manifest = fs::read(place.path("out.manifest.json")).expect("is there");
    let manifest: Value = serde_json::from_slice(&manifest).expect("is JSON");
    assert_eq!(manifest["rows"], file.lines().count());
    assert_eq!(manifest["bytes"], file.len());
    assert_eq!(manifest["format"], "ocsf");
    assert_eq!(manifest["version"], "1.6.0");
    assert_eq!(manifest["filter"]["where"], filter);
    assert_eq!(manifest["only_open"], true);
    assert_eq!(manifest["runs"][0]["run_id"], 1);
    assert!(manifest["runs"][0]["watermark"].is_string(), "{manifest}");
    let open = place.export(&["findings", "--where", filter]);
    assert_eq!(open.len(), file.lines().count());
    assert!(!open.is_empty());
}

#[test]
fn what_changed_since_is_what_differs() {
    let place = Place::new(&WORLD);
    place.sync(&[]).expect_exit(0);
    // As if the first sync had been long ago.
    let sql = place.sql();
    sql.execute("UPDATE findings SET changed_at = 1000000000", [])
        .expect("can be written");
    drop(sql);
    let before = of_findings(place.export(&["findings", "--all"]));
    assert_eq!(
        place.export(&["findings", "--changes-since", "2020-01-01"]),
        Vec::<Value>::new()
    );
    place.sim.set_day(1);
    place.sync(&[]).expect_exit(0);
    let after = of_findings(place.export(&["findings", "--all"]));
    let differ: BTreeSet<_> = after
        .iter()
        .filter(|(id, row)| before.get(*id) != Some(row))
        .map(|(id, _)| *id)
        .collect();
    let told = place.export(&["findings", "--changes-since", "2020-01-01"]);
    let told = of_findings(told).into_keys().collect::<BTreeSet<_>>();
    assert!(
        differ.len() > 3 && differ.len() < after.len(),
        "{}",
        differ.len()
    );
    assert_eq!(told, differ);
    place
        .run(&["export", "assets", "--changes-since", "1day"])
        .expect_error(2, &["only findings remember when they changed"]);
    place
        .run(&["export", "findings", "--changes-since", "soon"])
        .expect_error(2, &["soon"]);
}

/// Findings by number, without what other tables say of them.
fn of_findings(rows: Vec<Value>) -> BTreeMap<u64, Value> {
    let of_others = [
        "title",
        "cves",
        "cvss",
        "category",
        "is_patchable",
        "risk",
        "risk_score",
        "risk_source",
        "asset_name",
        "ip",
        "asset_id",
    ];
    let rows = rows.into_iter().map(|mut row| {
        let object = row.as_object_mut().expect("an object");
        of_others.iter().for_each(|key| drop(object.remove(*key)));
        (row["finding_id"].as_u64().expect("a number"), row)
    });
    rows.collect()
}

#[test]
fn what_does_not_fit_is_a_sentence_and_leaves_no_file() {
    let place = Place::new(&["--hosts", "30", "--web-apps", "3"]);
    place.sync(&[]).expect_exit(0);
    for (arguments, words) in [
        (
            &["export", "software", "--format", "ocsf"][..],
            &[
                "`ocsf` has no place for software",
                "it takes findings and assets",
            ][..],
        ),
        (
            &["export", "findings", "--format", "cyclonedx"],
            &["`cyclonedx` has no place for findings", "it takes assets"],
        ),
        (
            &[
                "export",
                "findings",
                "--format",
                "ocsf",
                "--ocsf-version",
                "0.9",
            ],
            &["not written in version `0.9`", "1.6.0, 1.5.0, 1.4.0"],
        ),
        (
            &["export", "findings", "--ocsf-version", "1.5.0"],
            &["`--ocsf-version` says nothing about `ndjson`"],
        ),
        (
            &["export", "findings", "--format", "xlsx"],
            &["xlsx", "ndjson"],
        ),
        (
            &["export", "findings", "--where", "sevrity:high"],
            &["sevrity", "severity"],
        ),
    ] {
        let outcome = place.run(&[arguments, &["-o", "out"]].concat());
        outcome.expect_error(2, words);
        assert!(!place.path("out").exists(), "{arguments:?}");
        assert!(!place.path("out.manifest.json").exists(), "{arguments:?}");
    }
    let nothing = [
        "export",
        "findings",
        "--cve",
        "CVE-1999-0000",
        "--format",
        "defectdojo",
    ];
    let outcome = place.run(&nothing);
    outcome.expect_exit(0);
    let document: Value = serde_json::from_str(&outcome.stdout).expect("is a whole document");
    assert_eq!(document["findings"], Value::Array(vec![]));
    assert!(
        outcome.stderr.contains("nothing matches"),
        "{}",
        outcome.stderr
    );
    // Web applications are no devices.
    let outcome = place.run(&["export", "assets", "--format", "ocsf"]);
    outcome.expect_exit(0);
    let n_hosts = place.export(&["assets", "--kind", "host"]).len();
    assert_eq!(outcome.stdout.lines().count(), n_hosts);
    assert!(
        outcome.stderr.contains("web applications were left out"),
        "{}",
        outcome.stderr
    );
}
