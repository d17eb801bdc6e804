//! `qonduit export`: everything, as a file that other tools read. Streams, so its size does not
//! matter. How a format looks is the component's business.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{
    args::{Common, Database, Filter},
    exit::Exit,
    failure::{Failure, Result},
    interrupt, inventory,
    screen::hint_line,
    time,
};
use crate::{
    guest::{Guest, export},
    store::{ExportOf, ExportQuery, asks_for_closed},
};

mod manifest;
#[cfg(feature = "parquet")]
mod parquet;
mod pipe;
mod sink;
mod target;

use manifest::Manifest;
use sink::Sink;
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
    /// Version of OCSF: 1.6.0, 1.5.0 or 1.4.0; without it, the newest of these
    #[arg(long, value_name = "VERSION", help_heading = "Output")]
    ocsf_version: Option<String>,
    /// Version of CycloneDX: 1.6 or 1.5; without it, the newest of these
    #[arg(long, value_name = "VERSION", help_heading = "Output")]
    cyclonedx_version: Option<String>,
    /// File to write, as a whole or not at all, with FILE.manifest.json beside it; without it,
    /// standard output
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
    /// Writes only what came, changed or went since, findings whether open or not, assets with those
    /// that are gone: a day (2026-11-20), a moment (2026-11-20T08:00:00Z) or an age (7days)
    #[arg(
        long,
        value_name = "TIME",
        help_heading = "Filters (all of them have to hold)"
    )]
    changes_since: Option<String>,
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

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Format {
    /// One JSON object a line
    Ndjson,
    /// With a header line; lists are joined with `; `
    Csv,
    /// Open Cybersecurity Schema Framework, one event a line: findings or assets
    Ocsf,
    /// Elastic Common Schema, one document a line: findings or assets
    Ecs,
    /// DefectDojo's Generic Findings Import: findings
    Defectdojo,
    /// A bill of materials with vulnerabilities: assets
    Cyclonedx,
    /// The columns of CSV, with types; only in a build with the feature `parquet`
    Parquet,
}

pub(super) fn run(common: &Common, args: &Export) -> Result<Exit> {
    let made = time::now();
    let options = options(args, made)?;
    let mut guest = Guest::embedded()?;
    let exporter = exporter(&mut guest, &options)?;
    let terms = inventory::terms(&args.filter)?;
    let changed_since = args.changes_since.as_deref().map(inventory::moment);
    let changed_since = changed_since.transpose()?;
    let mut reader = inventory::open(common, &args.database)?;
    // What was fixed or closed since has changed, too.
    let only_open = !args.all && changed_since.is_none() && !asks_for_closed(&terms);
    let query = ExportQuery {
        of: match (args.what, args.format) {
            (What::Assets, Format::Cyclonedx) => ExportOf::BillOfMaterials,
            (What::Assets, _) => ExportOf::Assets,
            (What::Findings, _) => ExportOf::Findings,
            (What::Vulnerabilities, _) => ExportOf::Vulnerabilities,
            (What::Software, _) => ExportOf::Software,
        },
        terms: &terms,
        only_open,
        changed_since,
    };
    let mut manifest = Manifest {
        what: args.what.word(),
        format: args.format.word(),
        version: exporter.version().map(str::to_owned),
        made,
        only_open: matches!(args.what, What::Findings) && only_open,
        changed_since: query.changed_since,
        filter: (&args.filter).into(),
        runs: manifest::runs(&*reader)?,
        ..Manifest::default()
    };
    let target = Target::open(args.output.as_deref())?;
    let mut sink = Sink::new(args.format, target)?;
    let interrupted = interrupt::watch();
    let ending = pipe::run(&mut *reader, &query, exporter, &mut sink, &interrupted)?;
    manifest.rows = ending.rows;
    manifest.left_out = ending.left_out;
    sink.finish(&manifest)?;
    if ending.left_out > 0 {
        let (format, n) = (args.format.word(), ending.left_out);
        let message =
            format!("{n} web applications were left out; `{format}` has no place for them");
        hint_line("note", &message);
    }
    if ending.rows == 0 && ending.left_out == 0 {
        let is_filtered = !terms.is_empty() || query.changed_since.is_some() || !args.all;
        hint_line("hint", inventory::nothing_found(&*reader, is_filtered)?);
    }
    Ok(Exit::Ok)
}

fn options(args: &Export, made: i64) -> Result<export::Options> {
    let versions = [
        (Format::Ocsf, "--ocsf-version", &args.ocsf_version),
        (
            Format::Cyclonedx,
            "--cyclonedx-version",
            &args.cyclonedx_version,
        ),
    ];
    let mut version = None;
    for (format, flag, given) in versions {
        if given.is_some() && format != args.format {
            let message = format!(
                "`{flag}` says nothing about `{}`; leave it out, or choose `--format {}`",
                args.format.word(),
                format.word(),
            );
            return Err(Failure::new(Exit::Usage, message));
        }
        version = version.or_else(|| given.clone());
    }
    Ok(export::Options {
        format: args.format.of_guest(),
        subject: match args.what {
            What::Assets => export::Subject::Assets,
            What::Findings => export::Subject::Findings,
            What::Vulnerabilities => export::Subject::Vulnerabilities,
            What::Software => export::Subject::Software,
        },
        version,
        // No spreadsheet reads types.
        safe_cells: args.safe_cells && args.format != Format::Parquet,
        made,
    })
}

fn exporter(guest: &mut Guest, options: &export::Options) -> Result<crate::guest::Exporter> {
    let exporter = guest.exporter(options)?;
    exporter.map_err(|refused| Failure::new(Exit::Usage, refused))
}

impl What {
    fn word(self) -> &'static str {
        match self {
            Self::Assets => "assets",
            Self::Findings => "findings",
            Self::Vulnerabilities => "vulnerabilities",
            Self::Software => "software",
        }
    }
}

impl Format {
    fn word(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            Self::Ocsf => "ocsf",
            Self::Ecs => "ecs",
            Self::Defectdojo => "defectdojo",
            Self::Cyclonedx => "cyclonedx",
            Self::Parquet => "parquet",
        }
    }

    fn of_guest(self) -> export::Format {
        match self {
            Self::Ndjson => export::Format::Ndjson,
            Self::Csv | Self::Parquet => export::Format::Csv,
            Self::Ocsf => export::Format::Ocsf,
            Self::Ecs => export::Format::Ecs,
            Self::Defectdojo => export::Format::Defectdojo,
            Self::Cyclonedx => export::Format::Cyclonedx,
        }
    }
}

pub(super) const EXAMPLES: &str = "\
Examples:
  qonduit export findings --format csv -o open.csv        what is open
  qonduit export findings --all -o findings.ndjson        with fixed and ignored ones
  qonduit export --format ocsf findings -o findings.ocsf.ndjson \\
    --where 'severity:=critical and os:\"windows server\" and last_found:<7days'
  qonduit export findings --changes-since 1day -o yesterday.ndjson
  qonduit export findings --format defectdojo -o defectdojo.json
  qonduit export assets --format cyclonedx --where 'name:web01' -o web01.cdx.json
  qonduit export assets | jq -r '[.name, .open_findings] | @tsv'
  qonduit export vulnerabilities -o knowledge-base.ndjson
  qonduit export software --format csv -o software.csv    what is installed where

docs/export-formats.md tells where each field goes. A file is written beside its place
and then renamed: nobody reads a half one, and nothing is left behind when the disk is
full. FILE.manifest.json tells what it holds: counts, hash, filter, last complete run.
Cells of CSV that begin with = + - @ or a tab get a ' before them; `--safe-cells false`
writes them as they are.";
