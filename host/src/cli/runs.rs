//! `qonduit runs`: what was synced when, and what came of it.

use clap::{Args, Subcommand};
use serde::Serialize;

use super::{
    args::{Common, Database, Output},
    exit::Exit,
    failure::{Failure, Result},
    inventory,
    screen::Screen,
    summary,
    table::{Cell, Column, Table},
    time,
};
use crate::{
    guest::types::Timestamp,
    schedule::Definition,
    store::{Connector, Reader, RunId, RunRow, Word},
    sync,
};

#[derive(Args, Debug)]
pub(super) struct Runs {
    #[command(subcommand)]
    one: Option<One>,
    /// With `--json`, begins with what is scheduled, as the table always does
    #[arg(long)]
    scheduled: bool,
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
    /// Tell the whole log of one run: stages, waits, what was tried again, how it ended
    Log {
        /// Number of the run
        run: i64,
        #[command(flatten)]
        database: Database,
        #[command(flatten)]
        output: Output,
    },
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
    match &args.one {
        Some(One::Show {
            run,
            database,
            output,
        }) => return show(common, *run, database, *output),
        Some(One::Log {
            run,
            database,
            output,
        }) => return log(common, *run, database, *output),
        None => {}
    }
    let reader = inventory::open(common, &args.database)?;
    let listing = reader.runs(args.limit, args.after.as_deref())?;
    let mut screen = Screen::standard();
    let rows = Rows {
        connectors: reader.connectors()?,
        running: running(&*reader, screen.look.now)?,
        now: screen.look.now,
    };
    if args.output.json {
        if args.scheduled {
            rows.scheduled()
                .iter()
                .try_for_each(|row| screen.json(row))?;
        }
        listing.rows.iter().try_for_each(|row| screen.json(row))?;
    } else {
        let scheduled = if args.after.is_none() {
            rows.scheduled()
        } else {
            Vec::new()
        };
        if !(listing.rows.is_empty() && scheduled.is_empty()) {
            screen.table(rows.table(&scheduled, &listing.rows))?;
        }
    }
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

fn log(common: &Common, run: i64, database: &Database, output: Output) -> Result<Exit> {
    let reader = inventory::open(common, database)?;
    if reader.run(run)?.is_none() {
        let message = format!("there is no run {run}; `qonduit runs` lists them");
        return Err(Failure::new(Exit::Usage, message));
    }
    let lines = reader.run_log(run)?;
    let mut screen = Screen::standard();
    screen.list(output.json, &lines, |lines, _| {
        let mut table = Table::new([
            Column::text("TIME (UTC)"),
            Column::text("KIND"),
            Column::text("MESSAGE"),
        ]);
        for line in lines {
            let at = time::Rfc3339(line.at).to_string();
            table.row([at.into(), line.kind.word().into(), (&line.message).into()]);
        }
        table
    })?;
    if lines.is_empty() {
        screen.hint("the run is from before runs kept a log")?;
    }
    screen.flush()?;
    Ok(Exit::Ok)
}

/// The runs at which somebody is.
fn running(reader: &dyn Reader, now: Timestamp) -> Result<Vec<RunId>> {
    let is_held =
        |(_, holder, until): &(RunId, String, Timestamp)| *until > now && !sync::has_ended(holder);
    let mut held = reader.holders()?;
    held.retain(is_held);
    Ok(held.into_iter().map(|(run, ..)| run).collect())
}

/// What a list of runs needs to know besides them.
struct Rows {
    connectors: Vec<Connector>,
    running: Vec<RunId>,
    now: Timestamp,
}

/// A run that is to come.
#[derive(Serialize)]
struct Scheduled {
    state: &'static str,
    connector: String,
    at: String,
    #[serde(skip)]
    time: Timestamp,
}

impl Rows {
    /// The next one of each connector, in the order of time.
    fn scheduled(&self) -> Vec<Scheduled> {
        let next = |connector: &Connector| {
            let text = connector.definition.schedule.as_ref()?;
            let schedule = Definition::kept(text, connector.scheduled).ok()?;
            let (id, taken) = (connector.connector_id, connector.taken);
            let times = schedule.upcoming(id, taken, self.now, 1);
            let time = *times.first().filter(|_| !connector.is_paused)?;
            Some(Scheduled {
                state: "scheduled",
                connector: connector.definition.name.clone(),
                at: time::Rfc3339(time).to_string(),
                time,
            })
        };
        let mut scheduled: Vec<_> = self.connectors.iter().filter_map(next).collect();
        scheduled.sort_by_key(|row| row.time);
        scheduled
    }

    fn name(&self, run: &RunRow) -> &str {
        let is_it = |it: &&Connector| it.connector_id == run.connector_id;
        let found = self.connectors.iter().find(is_it);
        found.map_or("", |it| it.definition.name.as_str())
    }

    fn table(&self, scheduled: &[Scheduled], rows: &[RunRow]) -> Table {
        let mut table = columns();
        for row in scheduled {
            let mut cells: Vec<Cell> = vec!["".into(), (&row.connector).into(), row.state.into()];
            cells.push(time::minute(row.time).into());
            cells.resize(10, "".into());
            table.row(cells);
        }
        for row in rows {
            let state = if self.running.contains(&row.run_id) {
                "running"
            } else {
                row.state.word()
            };
            table.row([
                row.run_id.to_string().into(),
                self.name(row).into(),
                state.into(),
                time::minute(row.started).into(),
                row.findings.new.to_string().into(),
                row.findings.changed.to_string().into(),
                row.findings.fixed.to_string().into(),
                row.skipped.to_string().into(),
                row.calls.to_string().into(),
                summary::took(row, self.now).into(),
            ]);
        }
        table
    }
}

fn columns() -> Table {
    Table::new([
        Column::number("RUN"),
        Column::flexible("CONNECTOR", 8),
        Column::text("STATE"),
        Column::text("STARTED (UTC)"),
        Column::number("NEW"),
        Column::number("CHANGED"),
        Column::number("FIXED"),
        Column::number("SKIPPED"),
        Column::number("CALLS"),
        Column::flexible("TOOK", 6),
    ])
}

pub(super) const EXAMPLES: &str = "\
Examples:
  qonduit runs                  the newest first; NEW, CHANGED and FIXED count findings
  qonduit runs log 12           what happened in it, line by line
  qonduit runs show 12          each dataset, and what was skipped and why
  qonduit runs --json --limit 1 | jq -e '.[\"state\"] == \"complete\"'";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{sample, summary::tests::run_row};

    fn rows(is_running: bool) -> Rows {
        Rows {
            connectors: Vec::new(),
            running: is_running.then_some(12).into_iter().collect(),
            now: sample::NOW,
        }
    }

    #[test]
    fn what_is_to_come_and_what_goes_on_is_listed_too() {
        let scheduled = Scheduled {
            state: "scheduled",
            connector: "prod".into(),
            at: String::new(),
            time: sample::NOW + 60,
        };
        assert_eq!(
            rows(true).table(&[scheduled], &[run_row()]).render(100),
            "RUN  CONNECTOR  STATE      STARTED (UTC)     NEW  CHANGED  FIXED  SKIPPED  CALLS  TOOK\n     \
             prod       scheduled  2026-11-20 08:01\n \
             12             running    2026-11-20 06:00  120       34     12        3    812  1 h 2 min\n"
        );
    }

    #[test]
    fn the_list_fits_a_terminal_of_80_columns() {
        assert_eq!(
            rows(false).table(&[], &[run_row()]).render(80),
            "RUN  STATE     STARTED (UTC)     NEW  CHANGED  FIXED  SKIPPED  CALLS  TOOK\n \
             12  complete  2026-11-20 06:00  120       34     12        3    812  1 h 2 min\n"
        );
    }
}
