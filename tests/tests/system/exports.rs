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

use crate::{
    kills::{send, wait_until},
    place::{Place, component, files, lines, root},
};

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
    for table in ["findings", "assets", "asset_inventories", "vulnerabilities"] {
        sql.execute(&format!("UPDATE {table} SET changed_at = 1000000000"), [])
            .expect("can be written");
    }
    drop(sql);
    let before = of_findings(place.export(&["findings", "--all"]));
    let before_of = |what| rows_by_line(place.export(&[what]));
    let assets_before = before_of("assets");
    let software_before = before_of("software");
    for what in ["findings", "assets", "software", "vulnerabilities"] {
        let told = place.export(&[what, "--changes-since", "2020-01-01"]);
        assert_eq!(told, Vec::<Value>::new(), "{what}");
    }
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

    // An asset has changed with any of its findings.
    let number = |row: &Value, key: &str| row[key].as_u64().expect("a number");
    let with_changes: BTreeSet<u64> = place
        .export(&["findings", "--all"])
        .iter()
        .filter(|row| differ.contains(&number(row, "finding_id")))
        .map(|row| number(row, "asset_id"))
        .collect();
    let assets_after = rows_by_line(place.export(&["assets"]));
    let of_asset = |line: &String| {
        let row: Value = serde_json::from_str(line).expect("JSON");
        number(&row, "asset_id")
    };
    let new_lines = assets_after.difference(&assets_before).map(of_asset);
    let expected: BTreeSet<u64> = new_lines.chain(with_changes).collect();
    let told = place.export(&["assets", "--changes-since", "2020-01-01"]);
    let told: BTreeSet<u64> = rows_by_line(told).iter().map(of_asset).collect();
    assert!(
        told.len() > 1 && told.len() < assets_after.len(),
        "{told:?}"
    );
    assert_eq!(told, expected);

    let software_after = rows_by_line(place.export(&["software"]));
    let told = rows_by_line(place.export(&["software", "--changes-since", "2020-01-01"]));
    assert!(
        software_after
            .difference(&software_before)
            .all(|line| told.contains(line))
    );
    assert!(!told.is_empty() && told.len() < software_after.len());
    place
        .run(&["export", "findings", "--changes-since", "soon"])
        .expect_error(2, &["soon"]);
}

fn rows_by_line(rows: Vec<Value>) -> BTreeSet<String> {
    rows.iter().map(Value::to_string).collect()
}

#[test]
fn an_asset_that_is_gone_has_changed() {
    let place = Place::new(&["--hosts", "60", "--churn-percent", "10"]);
    place.sync(&[]).expect_exit(0);
    let hosts = |rows: Vec<Value>| -> BTreeSet<u64> {
        let id = |row: &Value| row["host_id"].as_u64().expect("a host");
        rows.iter().map(id).collect()
    };
    let before = hosts(place.export(&["assets"]));
    let sql = place.sql();
    sql.execute("UPDATE assets SET changed_at = 1000000000", [])
        .expect("can be written");
    drop(sql);
    place.sim.set_day(1);
    place.sync(&[]).expect_exit(0);
    let after = hosts(place.export(&["assets"]));
    let purged: BTreeSet<u64> = before.difference(&after).copied().collect();
    assert!(!purged.is_empty(), "the day proves something");
    let told = place.export(&["assets", "--changes-since", "2020-01-01"]);
    let gone = told.into_iter().filter(|row| !row["gone"].is_null());
    assert_eq!(hosts(gone.collect()), purged);
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

#[cfg(unix)]
#[test]
fn an_export_that_is_interrupted_leaves_the_old_file() {
    let place = Place::new(&["--hosts", "800"]);
    place.sync(&[]).expect_exit(0);
    let folder = place.path("exports");
    std::fs::create_dir(&folder).expect("a folder can be made");
    let file = folder.join("findings.ndjson");
    std::fs::write(&file, "of yesterday").expect("can be written");
    let files = || -> Vec<String> {
        let entries = std::fs::read_dir(&folder).expect("can be listed");
        let name = |entry: std::io::Result<std::fs::DirEntry>| {
            let name = entry.expect("an entry").file_name();
            name.to_string_lossy().into_owned()
        };
        entries.map(name).collect()
    };
    let mut command = place.command(&["export", "findings", "--all", "-o"]);
    command.arg(&file).stderr(std::process::Stdio::piped());
    let child = command.spawn().expect("can be started");
    // The new one is beside it as soon as it begins.
    wait_until(|| files().len() > 1);
    send("INT", child.id());
    let ended = child.wait_with_output().expect("ends");
    let told = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(130), "{told}");
    assert!(
        told.contains("interrupted before the export was complete"),
        "{told}"
    );
    assert_eq!(files(), ["findings.ndjson"]);
    assert_eq!(std::fs::read(&file).expect("is there"), b"of yesterday");
}
