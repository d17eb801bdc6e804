//! The simulator as a program: starts it, says where it is, and waits for a signal.

use std::fs;
use std::path::Path;

use anyhow::Context;
use clap::Parser;
use qonduit_tests::sim::{Options, Sim};
use tokio::signal::unix::{SignalKind, signal};

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let summary = format!(
        "user {}, {} hosts from seed {}, day {} (from {})",
        options.username, options.hosts, options.seed, options.day, options.base_date
    );
    let (ready_file, ca_out) = (options.ready_file.clone(), options.ca_out.clone());
    let sim = Sim::start(options)?;
    if let (Some(file), Some(authority)) = (&ca_out, sim.authority()) {
        write_at_once(file, authority)?;
    }
    if let Some(file) = &ready_file {
        write_at_once(file, &sim.url())?;
    }
    println!("qualys-sim on {}, {summary}", sim.url());
    wait_for_signal()
}

fn wait_for_signal() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate()).context("listen for SIGTERM")?;
        tokio::select! {
            _ = terminate.recv() => Ok(()),
            pressed = tokio::signal::ctrl_c() => pressed.context("listen for Ctrl-C"),
        }
    })
}

/// A reader sees the whole file or none.
fn write_at_once(file: &Path, text: &str) -> anyhow::Result<()> {
    let mut unfinished = file.as_os_str().to_owned();
    unfinished.push(".part");
    fs::write(&unfinished, text)
        .and_then(|()| fs::rename(&unfinished, file))
        .with_context(|| format!("write `{}`", file.display()))
}
