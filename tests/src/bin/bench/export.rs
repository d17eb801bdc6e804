//! Exports of the whole inventory, as `qonduit export` writes them: rate and peak memory.

use std::{fs, process::Command};

use crate::{process, report::Report, sync::Inventory};

pub(crate) fn measure(report: &mut Report, inventory: &Inventory) -> anyhow::Result<()> {
    let file = inventory.db.with_file_name("export");
    for (format, reach) in [
        ("ndjson", "50,000 a second, under 200 MB"),
        ("csv", "50,000 a second, under 200 MB"),
        ("ocsf", "20,000 a second, under 200 MB"),
        ("ecs", "20,000 a second, under 200 MB"),
    ] {
        let mut export = Command::new(process::binary("qonduit")?);
        export
            .args(["export", "findings", "--all", "--format", format, "-o"])
            .arg(&file)
            .env("QONDUIT_DB", &inventory.db);
        let outcome = process::run(&mut export)?;
        let n_bytes = fs::metadata(&file)?.len();
        fs::remove_file(&file)?;
        report.add(
            &format!("export of all findings as {format}, to a file"),
            reach,
            format!(
                "{:.0} a second ({:.1} s, {:.0} MiB written), peak {:.0} MiB",
                inventory.n_findings as f64 / outcome.secs,
                outcome.secs,
                n_bytes as f64 / 1_048_576.0,
                outcome.peak_mib
            ),
        );
    }
    Ok(())
}
