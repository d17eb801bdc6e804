//! Whether memory grows with the answer: the same subscription, in answers of 5, 50 and 500 MB.

use crate::{process, report::Report, subscription::Subscription};

pub(crate) fn measure(report: &mut Report, scale: f64) -> anyhow::Result<()> {
    // Of one size, so that nothing differs but how much comes in one answer.
    let subscription = Subscription::start((500.0 * HOSTS_PER_MEGABYTE * scale) as u64)?;
    let mut peaks = Vec::new();
    for megabytes in [5.0, 50.0, 500.0] {
        let hosts = (megabytes * HOSTS_PER_MEGABYTE * scale).ceil();
        let db = subscription.file(&format!("inventory-{megabytes}.db"));
        let batch = format!("settings.batch_hosts={hosts}");
        let mut sync = subscription.sync(&db, &[&batch, "settings.host_page=5000"])?;
        peaks.push(process::run(&mut sync)?.peak_mib);
    }
    report.add(
        "peak memory of `qonduit sync`, the same hosts in answers of 5, 50 and 500 MB",
        "under 100 MB, flat within 15 %",
        format!(
            "{:.0}, {:.0}, {:.0} MiB ({:+.0} % from 5 to 500)",
            peaks[0],
            peaks[1],
            peaks[2],
            (peaks[2] / peaks[0] - 1.0) * 100.0
        ),
    );
    Ok(())
}

/// About 46 findings of 2.4 KB a host.
const HOSTS_PER_MEGABYTE: f64 = 9.0;
