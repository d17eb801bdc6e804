//! `qonduit runs`: what was synced when, and what came of it.

use clap::{Args, Subcommand};

use super::{
    args::{Common, Database, Output},
    exit::Exit,
    failure::{Failure, Result},
    inventory,
    screen::{Look, Screen},
    summary,
    table::{Column, Table},
    time,
};
use crate::store::{RunRow, Word};

#[derive(Args, Debug)]
pub(super) struct Runs {
    #[command(subcommand)]
    one: Option<One>,
    /// Rows a page
    #[arg(long, value_name = "N", default_value_t = 20,
          value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// The page after the one that told this token
    #[arg(long, value_name = "TOKEN")]
    after: Option<String>,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Subcommand)]
enum One {
    /// Tell all of one run: counts of each dataset, and what was skipped
    Show {
        /// Number of the run
        run: i64,
        #[command(flatten)]
        database: Database,
        #[command(flatten)]
        output: Output,
    },
}

pub(super) fn run(common: &Common, args: &Runs) -> Result<Exit> {
    if let Some(One::Show {
        run,
        database,
        output,
    }) = &args.one
    {
        return show(common, *run, database, *output);
    }
    let reader = inventory::open(common, &args.database)?;
    let listing = reader.runs(args.limit, args.after.as_deref())?;
    let mut screen = Screen::standard();
    screen.list(args.output.json, &listing.rows, table)?;
    if let Some(next) = &listing.next {
        screen.hint(&format!(
            "there is more: add `--after {next}` for the next page"
        ))?;
    } else if listing.rows.is_empty() {
        screen.hint("there was no run yet; `qonduit sync` starts one")?;
    }
    screen.flush()?;
    Ok(Exit::Ok)
}

fn show(common: &Common, run: i64, database: &Database, output: Output) -> Result<Exit> {
    let reader = inventory::open(common, database)?;
    let Some(row) = reader.run(run)? else {
        let message = format!("there is no run {run}; `qonduit runs` lists them");
        return Err(Failure::new(Exit::Usage, message));
    };
    let mut screen = Screen::standard();
    if output.json {
        screen.json(&row)?;
    } else {
        let text = summary::text(&row, screen.width, screen.look.now);
        screen.print(&text)?;
    }
    screen.flush()?;
    Ok(Exit::Ok)
}

fn table(rows: &[RunRow], look: Look) -> Table {
    let mut table = Table::new([
        Column::number("RUN"),
        Column::text("STATE"),
        Column::text("STARTED (UTC)"),
        Column::number("NEW"),
        Column::number("CHANGED"),
        Column::number("FIXED"),
        Column::number("SKIPPED"),
        Column::number("CALLS"),
        Column::flexible("TOOK", 6),
    ]);
    for row in rows {
        table.row([
            row.run_id.to_string().into(),
            row.state.word().into(),
            time::minute(row.started).into(),
            row.findings.new.to_string().into(),
            row.findings.changed.to_string().into(),
            row.findings.fixed.to_string().into(),
            row.skipped.to_string().into(),
            row.calls.to_string().into(),
            summary::took(row, look.now).into(),
        ]);
    }
    table
}

pub(super) const EXAMPLES: &str = "\
Examples:
  qonduit runs                  the newest first; NEW, CHANGED and FIXED count findings
  qonduit runs show 12          each dataset, and what was skipped and why
  qonduit runs --json --limit 1 | jq -e '.[\"state\"] == \"complete\"'";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{sample, summary::tests::run_row};

    #[test]
    fn the_list_fits_a_terminal_of_80_columns() {
        assert_eq!(
            table(&[run_row()], sample::LOOK).render(80),
            "RUN  STATE     STARTED (UTC)     NEW  CHANGED  FIXED  SKIPPED  CALLS  TOOK\n \
             12  complete  2026-11-20 06:00  120       34     12        3    812  1 h 2 min\n"
        );
    }
}
