//! How many calls a sync needs, and whether it keeps within limits: counted by the simulator.

use std::{path::PathBuf, time::Instant};

use anyhow::{Context, ensure};
use qonduit_tests::sim::{Options, Sim};
use serde_json::Value;

use crate::{process, report::Report, subscription};

/// A simulator in this process, and a folder for what is synced from it.
struct Place {
    sim: Sim,
    folder: PathBuf,
}

pub(crate) fn incremental(report: &mut Report, scale: f64) -> anyhow::Result<()> {
    let hosts = ((50_000.0 * scale) as u64).to_string();
    let place = Place::new(&[
        "--hosts",
        &hosts,
        "--detections",
        "1-4",
        "--changed-percent",
        "1",
        "--churn-percent",
        "0",
    ])?;
    let calls = |place: &Place, sets: &[&str]| -> anyhow::Result<(u64, Value)> {
        let before = place.calls();
        let run = place.sync(sets)?;
        Ok((place.calls() - before, run))
    };
    let (full, _) = calls(&place, &[])?;
    place.sim.set_day(1);
    let (part, run) = calls(&place, &[])?;
    ensure!(
        run["is_full"] == false,
        "the second sync is about what changed"
    );
    report.add(
        &format!("calls of a sync when 1 % of {hosts} hosts changed, against a full one"),
        "5 % or less",
        format!(
            "{:.1} % ({part} of {full})",
            part as f64 / full as f64 * 100.0
        ),
    );
    Ok(())
}

/// A window that is far too small, so that most of the time is spent waiting; and refusals that
/// nobody could foresee, as other tools of the customer cause them.
pub(crate) fn storm(report: &mut Report, scale: f64) -> anyhow::Result<()> {
    let n_hosts = (900.0 * scale.max(0.3)) as u64;
    let limit = format!("{LIMIT}/{WINDOW_SECS}");
    let place = Place::new(&[
        "--hosts",
        &n_hosts.to_string(),
        "--detections",
        "1-4",
        "--rate-limit",
        &limit,
    ])?;
    let started = Instant::now();
    place.sync(&["settings.batch_hosts=3", "settings.host_page=20"])?;
    let secs = started.elapsed().as_secs_f64();
    let stats = place.sim.stats();
    // The lists of VMDR count for themselves, and come one after the other. Of the calls to one,
    // a window full starts at once, and each further window full when one has passed.
    let calls = ["hosts", "detections", "knowledge_base", "asset_groups"];
    let calls = calls.map(|api| stats.calls.get(api).copied().unwrap_or(0));
    let waits: u64 = calls.iter().map(|n| n.saturating_sub(1) / LIMIT).sum();
    let ideal = (waits * WINDOW_SECS) as f64;
    let n_calls: u64 = calls.iter().sum();
    report.add(
        &format!("calls over a limit of {LIMIT} in {WINDOW_SECS} s, of {n_calls}"),
        "0",
        stats.calls_over_limit.to_string(),
    );
    report.add(
        "duration of that sync against the ideal time",
        "1.2",
        format!("{:.2} ({secs:.0} s, ideal {ideal:.0} s)", secs / ideal),
    );

    let place = Place::new(&[
        "--hosts",
        "300",
        "--detections",
        "1-4",
        "--concurrency",
        "2",
    ])?;
    let fault = format!("rate-limited:secs={NAMED_SECS},every=3,on=detections");
    place.sim.inject(&fault);
    let started = Instant::now();
    place.sync(&["settings.batch_hosts=30"])?;
    let secs = started.elapsed().as_secs_f64();
    let stats = place.sim.stats();
    let n_refused = stats.faults.get(&fault).copied().unwrap_or(0);
    ensure!(n_refused > 3, "only {n_refused} calls were refused");
    let ideal = (n_refused * NAMED_SECS) as f64;
    report.add(
        &format!("calls before a wait had passed, in a storm of {n_refused} refusals"),
        "0",
        stats.calls_before_wait_ended.to_string(),
    );
    report.add(
        "duration of that sync against the waits that were named",
        "1.2",
        format!("{:.2} ({secs:.0} s, ideal {ideal:.0} s)", secs / ideal),
    );
    Ok(())
}

impl Place {
    fn new(options: &[&str]) -> anyhow::Result<Self> {
        let sim = Sim::start(Options::with(options.iter().copied()))?;
        let port = sim.url().rsplit(':').next().unwrap_or_default().to_owned();
        let name = format!("qonduit-bench-calls-{}-{port}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("password"), sim.password())?;
        Ok(Self { sim, folder })
    }

    fn sync(&self, sets: &[&str]) -> anyhow::Result<Value> {
        let db = self.folder.join("inventory.db");
        let mut command = subscription::sync(&self.sim.url(), &self.folder, &db, sets)?;
        let outcome = process::run(&mut command)?;
        serde_json::from_str(&outcome.stdout).context("the summary is JSON")
    }

    fn calls(&self) -> u64 {
        self.sim.stats().calls.values().sum()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

const LIMIT: u64 = 60;
const WINDOW_SECS: u64 = 20;
/// How long each refusal asks to wait.
const NAMED_SECS: u64 = 10;
