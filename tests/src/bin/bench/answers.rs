//! The memory of one answer of every list, of 5 and of 50 MB: the records of a fixture, repeated.
//!
//! Most lists come in pages that are far smaller, and the simulator has few rows of some. So the
//! answers are made here and read by `qonduit read`, which is the way that a sync reads. That what
//! was read does not pile up before it is stored shows in a sync, in short and in long pages.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context;

use crate::{process, report::Report, subscription::Subscription};

/// A list, a fixture of it, and what is repeated: from the first of one text to the end of the last
/// of the other, with something in between.
struct List {
    dataset: &'static str,
    fixture: &'static str,
    first: &'static str,
    last: &'static str,
    between: &'static str,
}

pub(crate) fn measure(report: &mut Report, scale: f64) -> anyhow::Result<()> {
    let folder = std::env::temp_dir().join(format!("qonduit-bench-answers-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let measured = lists(report, scale, &folder);
    let _ = std::fs::remove_dir_all(&folder);
    measured?;
    pages(report, scale)
}

/// All lists together, into the database.
fn pages(report: &mut Report, scale: f64) -> anyhow::Result<()> {
    let subscription = Subscription::start((3_000.0 * scale) as u64)?;
    let mut peaks = Vec::new();
    for (name, pages) in [("short", SHORT), ("long", LONG)] {
        let db = subscription.file(&format!("{name}.db"));
        let sets: Vec<String> = PAGES
            .iter()
            .zip(pages)
            .map(|(key, size)| format!("settings.{key}={size}"))
            .collect();
        let mut sets: Vec<&str> = sets.iter().map(String::as_str).collect();
        sets.push("settings.qvs=true");
        peaks.push(process::run(&mut subscription.sync(&db, &sets)?)?.peak_mib);
    }
    let growth = (peaks[1] / peaks[0] - 1.0) * 100.0;
    report.add(
        "peak memory of a sync of all lists, in pages of a tenth and in the longest",
        "under 100 MB, flat",
        format!("{:.0}, {:.0} MiB ({growth:+.0} %)", peaks[0], peaks[1]),
    );
    Ok(())
}

fn lists(report: &mut Report, scale: f64, folder: &Path) -> anyhow::Result<()> {
    // The first process that uses a component compiles it, and keeps that for all others.
    LISTS[0].write(1, &folder.join("answer"))?;
    peak(LISTS[0].dataset, &folder.join("answer"))?;
    for list in LISTS {
        let mut peaks = Vec::new();
        for megabytes in [5.0, 50.0] {
            let file = folder.join("answer");
            list.write((megabytes * scale * 1e6) as usize, &file)
                .with_context(|| list.fixture)?;
            peaks.push(peak(list.dataset, &file)?);
        }
        let growth = (peaks[1] / peaks[0] - 1.0) * 100.0;
        report.add(
            &format!(
                "peak memory of one answer of {}, of 5 and 50 MB",
                list.dataset
            ),
            "under 100 MB, flat",
            format!("{:.0}, {:.0} MiB ({growth:+.0} %)", peaks[0], peaks[1]),
        );
    }
    Ok(())
}

/// The records go nowhere, as nobody else is to be measured.
fn peak(dataset: &str, file: &Path) -> anyhow::Result<f64> {
    let mut command = Command::new("sh");
    command
        .args(["-c", "exec \"$0\" read \"$1\" \"$2\" > /dev/null 2>&1"])
        .arg(process::binary("qonduit")?)
        .arg(dataset)
        .arg(file);
    Ok(process::run(&mut command)?.peak_mib)
}

impl List {
    fn write(&self, n_bytes: usize, file: &Path) -> anyhow::Result<()> {
        let fixtures = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"));
        let text = std::fs::read_to_string(fixtures.join(self.dataset).join(self.fixture))?;
        let first = text.find(self.first).context("has a first record")?;
        let last = text.rfind(self.last).context("has a last record")? + self.last.len();
        let (head, records, tail) = (&text[..first], &text[first..last], &text[last..]);
        let mut out = BufWriter::new(File::create(file)?);
        out.write_all(head.as_bytes())?;
        for n in 0..n_bytes.div_ceil(records.len() + self.between.len()) {
            let between = if n == 0 { "" } else { self.between };
            out.write_all(between.as_bytes())?;
            out.write_all(records.as_bytes())?;
        }
        out.write_all(tail.as_bytes())?;
        Ok(out.flush()?)
    }
}

const fn list(
    dataset: &'static str,
    fixture: &'static str,
    first: &'static str,
    last: &'static str,
) -> List {
    List {
        dataset,
        fixture,
        first,
        last,
        between: "",
    }
}

const PAGES: [&str; 7] = [
    "batch_hosts",
    "host_page",
    "batch_qids",
    "batch_cves",
    "host_asset_page",
    "web_app_page",
    "web_app_finding_page",
];
const SHORT: [u32; 7] = [500, 500, 100, 100, 100, 100, 100];
const LONG: [u32; 7] = [5_000, 5_000, 1_000, 1_000, 1_000, 1_000, 1_000];

const LISTS: &[List] = &[
    list("host-ids", "ids-above-32-bits.xml", "<ID>", "</ID>"),
    list("hosts", "one-host.xml", "<HOST>", "</HOST>"),
    list("detections", "one-detection.xml", "<HOST>", "</HOST>"),
    list("knowledge-base", "one-entry.xml", "<VULN>", "</VULN>"),
    list(
        "asset-groups",
        "one-group.xml",
        "<ASSET_GROUP>",
        "</ASSET_GROUP>",
    ),
    list("tags", "rules-parents-and-children.xml", "<Tag>", "</Tag>"),
    list(
        "host-assets",
        "software-and-ports.xml",
        "<HostAsset>",
        "</HostAsset>",
    ),
    List {
        between: ",",
        ..list(
            "asset-view",
            "one-asset-with-all-there-is.json",
            "{\"assetId\"",
            "\"hostingCategory1\":null}",
        )
    },
    list(
        "web-apps",
        "owner-tags-and-last-scan.xml",
        "<WebApp>",
        "</WebApp>",
    ),
    list(
        "web-app-findings",
        "a-vulnerability-in-full.xml",
        "<Finding>",
        "</Finding>",
    ),
    List {
        between: ",",
        ..list(
            "cve-scores",
            "base-alone.json",
            "\"CVE-2018-0001\":",
            "\"34\"}}",
        )
    },
];
