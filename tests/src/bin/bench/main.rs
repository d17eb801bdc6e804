//! `make bench`: speed and memory, each beside a peer or a limit measured in the same run.
//!
//! Prints a table and asserts nothing: the machine may be busy. Times are medians; where two
//! things are compared, their rounds take turns, so that both see the same machine.

mod answers;
mod calls;
mod export;
mod function;
mod memory;
mod merging;
mod packages;
mod process;
mod questions;
mod reading;
mod report;
mod start;
mod subscription;
mod sync;

use std::path::PathBuf;

use clap::Parser;

use report::Report;

#[derive(Parser)]
#[command(about = "Measures qonduit; `make bench` builds what it needs and calls it")]
struct Args {
    /// A tenth of everything, to see whether the benchmark itself works
    #[arg(long)]
    quick: bool,
    /// So many times as much; 10 for ten million findings
    #[arg(
        long,
        value_name = "TIMES",
        default_value_t = 1.0,
        conflicts_with = "quick"
    )]
    scale: f64,
    /// Python with lxml and xmltodict; without it these two peers are left out
    #[arg(long)]
    python: Option<PathBuf>,
    /// Only the parts whose name contains this: reading, memory, sync, start, incremental, storm,
    /// answers, function, packages
    #[arg(long, default_value = "")]
    only: String,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let scale = if args.quick { 0.1 } else { args.scale };
    let mut report = Report::default();
    let wants = |part: &str| part.contains(&args.only);
    if wants("reading") {
        reading::measure(&mut report, scale, args.python.as_deref())?;
    }
    if wants("memory") {
        memory::measure(&mut report, scale)?;
    }
    if wants("sync") || wants("export") {
        let inventory = sync::measure(&mut report, scale)?;
        if wants("sync") {
            questions::measure(&mut report, &inventory)?;
        }
        export::measure(&mut report, &inventory)?;
    }
    if wants("merging") {
        merging::measure(&mut report, scale)?;
    }
    if wants("start") {
        start::measure(&mut report)?;
    }
    if wants("function") {
        function::measure(&mut report, scale)?;
    }
    // What must hold for the connector to be right every day, in a section of its own.
    let mut report = report.section("Every day");
    if wants("incremental") {
        calls::incremental(&mut report, scale)?;
    }
    if wants("storm") {
        calls::storm(&mut report, scale)?;
    }
    if wants("answers") {
        answers::measure(&mut report, scale)?;
    }
    let mut report = report.section("In other languages");
    if wants("packages") {
        packages::measure(&mut report, scale, args.python.as_deref())?;
    }
    report.print();
    Ok(())
}
