//! A first sync of a million findings from the simulator into SQLite, and a second one.

use std::path::PathBuf;

use anyhow::Context;

use crate::{process, report::Report, subscription::Subscription};

/// The synced inventory, as long as its subscription lives.
pub(crate) struct Inventory {
    pub(crate) db: PathBuf,
    pub(crate) n_findings: u64,
    _subscription: Subscription,
}

pub(crate) fn measure(report: &mut Report, scale: f64) -> anyhow::Result<Inventory> {
    let subscription = Subscription::start((22_000.0 * scale) as u64)?;
    let db = subscription.file("inventory.db");
    let first = process::run(&mut subscription.sync(&db, &[])?)?;
    let n_findings = count(&first.stdout, "new")?;
    report.add(
        "findings a second, simulator to SQLite, first sync, all stages",
        "25,000",
        format!(
            "{:.0} ({n_findings} findings in {:.1} s)",
            n_findings as f64 / first.secs,
            first.secs
        ),
    );
    let second = process::run(&mut subscription.sync(&db, &[])?)?;
    let (new, changed) = (
        count(&second.stdout, "new")?,
        count(&second.stdout, "changed")?,
    );
    report.add(
        "second sync, nothing changed",
        "no finding row written",
        format!("{} written, {:.1} s", new + changed, second.secs),
    );
    Ok(Inventory {
        db,
        n_findings,
        _subscription: subscription,
    })
}

/// A number of the run's own summary.
fn count(summary: &str, key: &str) -> anyhow::Result<u64> {
    let summary: serde_json::Value = serde_json::from_str(summary)?;
    summary[key]
        .as_u64()
        .with_context(|| format!("the summary has no `{key}`"))
}
