//! How long it takes before anything can happen.

use std::{process::Command, time::Instant};

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
    let code = Guest::precompile()?;
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        // SAFETY: the bytes come from `Guest::precompile` of this very process.
        let guest = unsafe { Guest::from_precompiled(&code) }?;
        guest.instantiate()?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
    }
    report.add(
        "the component from its precompiled form to an instance",
        "1 ms",
        format!("{:.2} ms", median(times)),
    );
    Ok(())
}

const ROUNDS: usize = 31;
