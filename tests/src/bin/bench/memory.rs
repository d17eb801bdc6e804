//! Whether memory grows with the answer: the same sync with one answer of 5, 50 and 500 MB.

use crate::{process, report::Report, subscription::Subscription};

pub(crate) fn measure(report: &mut Report, scale: f64) -> anyhow::Result<()> {
    let mut peaks = Vec::new();
    for megabytes in [5.0, 50.0, 500.0] {
        let hosts = (megabytes * HOSTS_PER_MEGABYTE * scale).ceil() as u64;
        let subscription = Subscription::start(hosts)?;
        let db = subscription.file("inventory.db");
        let mut sync = subscription.sync(
            &db,
            &["settings.batch_hosts=5000", "settings.host_page=5000"],
        )?;
        peaks.push(process::run(&mut sync)?.peak_mib);
    }
    let largest = peaks.iter().copied().fold(0.0, f64::max);
    report.add(
        "peak memory of `qonduit sync`, answers of 5, 50 and 500 MB",
        "under 100 MB, flat within 15 %",
        format!(
            "{:.0}, {:.0}, {:.0} MiB ({:+.0} % from 50 to 500)",
            peaks[0],
            peaks[1],
            peaks[2],
            (largest / peaks[1] - 1.0) * 100.0
        ),
    );
    Ok(())
}

/// About 46 findings of 2.4 KB a host.
const HOSTS_PER_MEGABYTE: f64 = 9.0;
