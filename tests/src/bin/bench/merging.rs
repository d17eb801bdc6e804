//! An import of as many machines as the inventory has hosts, each of which is one of them.

use std::{
    fmt::Write as _,
    fs::File,
    io::{BufWriter, Write as _},
    process::Command,
};

use anyhow::Context;
use qonduit_host::guest::{plan::Window, types::Dataset};
use qonduit_host::store::{
    Commit, ExportOf, ExportQuery, Exported, Lease, Reader, SqliteReader, SqliteStore, Store,
    load::Load,
};

use crate::{process, report::Report};

pub(crate) fn measure(report: &mut Report, scale: f64) -> anyhow::Result<()> {
    let n = (100_000.0 * scale) as u64;
    let folder = tempfile::tempdir()?;
    let (db, scan) = (
        folder.path().join("inventory.db"),
        folder.path().join("scan.xml"),
    );
    hosts(&db, n)?;
    write_scan(&db, &scan)?;
    let mut command = Command::new(process::binary("qonduit")?);
    command
        .args(["import", "--json", "--db"])
        .arg(&db)
        .arg(&scan);
    let done = process::run(&mut command)?;
    let summary: serde_json::Value = serde_json::from_str(&done.stdout)?;
    let merged = summary["merged"]
        .as_u64()
        .context("the summary has no `merged`")?;
    report.add(
        &format!("merging {n} hosts of nmap into {n} of Qualys, one pass"),
        "30 s",
        format!(
            "{:.1} s, {merged} merged, {:.0} MiB",
            done.secs, done.peak_mib
        ),
    );
    Ok(())
}

/// Hosts with a few findings each, as a sync would have left them.
fn hosts(db: &std::path::Path, n: u64) -> anyhow::Result<()> {
    let load = Load {
        hosts: n,
        findings_of_a_host: 3,
        results_bytes: 40,
        qids: 2_000,
        scanned: 1_795_161_600,
    };
    let lease = Lease {
        holder: "bench",
        now: load.scanned,
        until: load.scanned + 86_400,
    };
    let mut store = SqliteStore::open(db)?;
    let connector = store.connector("https://qualysapi.example", "bench")?;
    let run = store.begin_run(connector, "{}", Window::Full, &lease)?;
    for first in (0..n).step_by(500) {
        let page = load.detections(first, 500);
        let commit = Commit {
            page: Some(&page),
            ..Commit::new(run, lease, Dataset::Hosts)
        };
        store.commit(&commit)?;
    }
    Ok(())
}

/// What nmap would have seen of them.
fn write_scan(db: &std::path::Path, scan: &std::path::Path) -> anyhow::Result<()> {
    let mut out = BufWriter::new(File::create(scan)?);
    writeln!(out, "<?xml version=\"1.0\"?>\n<nmaprun scanner=\"nmap\">")?;
    let mut host = String::new();
    let mut outcome = Ok(());
    let assets = ExportQuery {
        of: ExportOf::Assets,
        terms: &[],
        only_open: false,
        changed_since: None,
    };
    SqliteReader::open(db)?.export(&assets, &mut |record| {
        let Exported::Asset(asset) = record else {
            return std::ops::ControlFlow::Continue(());
        };
        host.clear();
        let (ip, name) = (asset.ip.unwrap_or_default(), asset.name);
        let _ = write!(
            host,
            "<host><status state=\"up\"/><address addr=\"{ip}\" addrtype=\"ipv4\"/><hostnames>\
             <hostname name=\"{name}\" type=\"PTR\"/></hostnames><ports><port protocol=\"tcp\" \
             portid=\"22\"><state state=\"open\"/><service name=\"ssh\"/></port></ports></host>"
        );
        outcome = writeln!(out, "{host}");
        if outcome.is_ok() {
            std::ops::ControlFlow::Continue(())
        } else {
            std::ops::ControlFlow::Break(())
        }
    })?;
    outcome?;
    writeln!(out, "</nmaprun>")?;
    Ok(out.flush()?)
}
