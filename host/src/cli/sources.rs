//! `qonduit sources`: who tells of machines.

use clap::Args;

use super::{
    args::{Common, Database, Output},
    exit::Exit,
    failure::Result,
    inventory,
    screen::{Look, Screen},
    table::{Column, Table},
    time,
};
use crate::store::{SourceRow, Word as _};

#[derive(Args, Debug)]
pub(super) struct Sources {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(common: &Common, args: &Sources) -> Result<Exit> {
    let reader = inventory::open(common, &args.database)?;
    let rows = reader.sources()?;
    let mut screen = Screen::standard();
    screen.list(args.output.json, &rows, table)?;
    screen.flush()?;
    Ok(Exit::Ok)
}

fn table(rows: &[SourceRow], look: Look) -> Table {
    let mut table = Table::new([
        Column::flexible("SOURCE", 12),
        Column::text("KIND"),
        Column::number("RECORDS"),
        Column::number("MERGED"),
        Column::text("LAST IMPORT"),
        Column::flexible("FILE", 10),
    ]);
    for row in rows {
        let last = row.last_import.map(|at| time::ago(at, look.now));
        table.row([
            row.name.as_str().into(),
            row.kind.word().into(),
            row.records.to_string().into(),
            row.merged.to_string().into(),
            last.unwrap_or_default().into(),
            row.last_file.as_deref().unwrap_or_default().into(),
        ]);
    }
    table
}

pub(super) const EXAMPLES: &str = "\
Examples:
  qonduit sources
  qonduit import scan.xml              adds what a scan of nmap saw

RECORDS are what a source knows of machines; MERGED are those of them that are one asset with
another record, of this source or of another.";
