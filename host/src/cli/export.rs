//! `qonduit export`: everything, as a file that other tools read. Streams, so its size does not
//! matter.

use std::{
    ops::ControlFlow,
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
};

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::{
    args::{Common, Database, Filter},
    exit::Exit,
    failure::{Failure, Result},
    interrupt, inventory, text,
};
use crate::{
    guest::filter::Term,
    store::{
        AssetDetail, FindingDetail, InstalledRow, Reader, VulnerabilityDetail, asks_for_closed,
    },
};

mod csv;
mod software;
mod target;

use target::Target;

#[derive(Args, Debug)]
pub(super) struct Export {
    /// What is written
    what: What,
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "ndjson",
        help_heading = "Output"
    )]
    format: Format,
    /// File to write, as a whole or not at all; without it, standard output
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Puts a `'` before CSV cells that a spreadsheet would run as a formula
    #[arg(long, value_name = "BOOL", default_value_t = true, action = clap::ArgAction::Set,
          help_heading = "Output")]
    safe_cells: bool,
    #[command(flatten)]
    filter: Filter,
    /// Writes also findings that are fixed, closed, ignored or disabled, and gathered information
    #[arg(long, help_heading = "Filters (all of them have to hold)")]
    all: bool,
    #[command(flatten)]
    database: Database,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum What {
    Assets,
    Findings,
    /// The knowledge base
    Vulnerabilities,
    /// The software of each asset, and who told of it
    Software,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// One JSON object a line
    Ndjson,
    /// With a header line; lists are joined with `; `
    Csv,
}

/// What is handed over, one at a time.
#[derive(Serialize)]
#[serde(untagged)]
enum Row {
    Asset(Box<AssetDetail>),
    Finding(Box<FindingDetail>),
    Vulnerability(Box<VulnerabilityDetail>),
    Software(Box<InstalledRow>),
}

pub(super) fn run(common: &Common, args: &Export) -> Result<Exit> {
    let terms = inventory::terms(&args.filter)?;
    let reader = inventory::open(common, &args.database)?;
    let interrupted = interrupt::watch();
    let mut target = Target::open(args.output.as_deref())?;
    match args.format {
        Format::Ndjson => each(&*reader, args, &terms, &interrupted, &mut |row| {
            let line = serde_json::to_string(row)?;
            target.write(text::json(&line).as_bytes())?;
            target.write(b"\n")
        })?,
        Format::Csv => {
            let mut sheet = csv::Sheet::new(args.safe_cells);
            target.write(sheet.line(&csv::header(args.what))?)?;
            each(&*reader, args, &terms, &interrupted, &mut |row| {
                target.write(sheet.line(&csv::cells(row))?)
            })?;
        }
    }
    target.finish()?;
    Ok(Exit::Ok)
}

/// Until all are taken, one cannot be taken, or somebody interrupts.
fn each(
    reader: &dyn Reader,
    args: &Export,
    terms: &[Term],
    interrupted: &AtomicBool,
    take: &mut dyn FnMut(&Row) -> Result,
) -> Result {
    let mut outcome = Ok(());
    let mut step = |row: Row| {
        outcome = if interrupted.load(Ordering::Relaxed) {
            Err(Failure::sentence(
                Exit::Interrupted,
                "interrupted before the export was complete",
            ))
        } else {
            take(&row)
        };
        if outcome.is_ok() {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    };
    match args.what {
        What::Assets => reader.each_asset(terms, &mut |row| step(Row::Asset(Box::new(row))))?,
        What::Findings => {
            let only_open = !args.all && !asks_for_closed(terms);
            let mut step = |row| step(Row::Finding(Box::new(row)));
            reader.each_finding(terms, only_open, &mut step)?;
        }
        What::Vulnerabilities => {
            reader.each_vulnerability(terms, &mut |row| step(Row::Vulnerability(Box::new(row))))?;
        }
        What::Software => {
            reader.each_software(terms, &mut |row| step(Row::Software(Box::new(row))))?;
        }
    }
    outcome
}

pub(super) const EXAMPLES: &str = "\
Examples:
  qonduit export findings --format csv -o open.csv        what is open
  qonduit export findings --all -o findings.ndjson        with fixed and ignored ones
  qonduit export findings --severity high --os windows --format csv -o windows.csv
  qonduit export assets | jq -r '[.name, .open_findings] | @tsv'
  qonduit export vulnerabilities -o knowledge-base.ndjson
  qonduit export software --format csv -o software.csv    what is installed where

A file is written beside its place and then renamed: nobody reads a half one, and
nothing is left behind when the disk is full. Cells of CSV that begin with = + - @ or
a tab get a ' before them; `--safe-cells false` writes them as they are.";
