//! How long it takes before anything can happen.

use std::{fs, process::Command, time::Instant};

use qonduit_host::guest::Guest;

use crate::{
    process,
    report::{Report, median},
};

pub(crate) fn measure(report: &mut Report) -> anyhow::Result<()> {
    let binary = process::binary("qonduit")?;
    let mut help = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        Command::new(&binary).arg("--help").output()?;
        help.push(started.elapsed().as_secs_f64() * 1e3);
    }
    report.add(
        "start of `qonduit --help`",
        "30 ms",
        format!("{:.1} ms", median(help)),
    );
    let embedded = Guest::embedded()?;
    let file = std::env::temp_dir().join(format!("qonduit-bench-{}.cwasm", std::process::id()));
    fs::write(&file, embedded.precompile()?)?;
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        // SAFETY: the file holds what `Guest::precompile` returned, and nobody else knows it.
        let guest = unsafe { embedded.from_precompiled(&file) }?;
        guest.instantiate()?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
    }
    fs::remove_file(&file)?;
    report.add(
        "the component from its precompiled form to an instance",
        "1 ms",
        format!("{:.2} ms", median(times)),
    );
    Ok(())
}

const ROUNDS: usize = 31;
