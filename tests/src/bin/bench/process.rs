//! Other processes: where the built binaries are, what a run of one costs.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};

/// What a process did.
pub(crate) struct Outcome {
    pub(crate) stdout: String,
    pub(crate) secs: f64,
    /// Largest resident size, in mebibytes.
    pub(crate) peak_mib: f64,
}

/// Beside this one.
pub(crate) fn binary(name: &str) -> anyhow::Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name(name);
    ensure!(
        path.is_file(),
        "there is no `{}`; run `make build` first",
        path.display()
    );
    Ok(path)
}

/// Runs to the end and watches the memory.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<Outcome> {
    let started = Instant::now();
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .context("the process does not start")?;
    let status_file = format!("/proc/{}/status", child.id());
    let mut peak_kib = 0;
    while child.try_wait()?.is_none() {
        if let Some(kib) = fs::read_to_string(&status_file)
            .ok()
            .as_deref()
            .and_then(high_water_mark)
        {
            peak_kib = kib.max(peak_kib);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let secs = started.elapsed().as_secs_f64();
    let output = child.wait_with_output()?;
    ensure!(
        output.status.success(),
        "the process ended with {}",
        output.status
    );
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(Outcome {
        stdout,
        secs,
        peak_mib: peak_kib as f64 / 1024.0,
    })
}

fn high_water_mark(status: &str) -> Option<u64> {
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
