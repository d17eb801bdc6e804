//! `qonduit trends`: the inventory day by day.

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
use crate::store::{BySeverity, TrendDay};

#[derive(Args, Debug)]
pub(super) struct Trends {
    /// The first day: a day (2026-11-20) or an age (30days)
    #[arg(long, value_name = "TIME", default_value = "30days")]
    since: String,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(common: &Common, args: &Trends) -> Result<Exit> {
    let since = inventory::moment(&args.since)?;
    let reader = inventory::open(common, &args.database)?;
    let mut screen = Screen::standard();
    let days = reader.trends(since, screen.look.now)?;
    screen.list(args.output.json, &days, table)?;
    if days.is_empty() {
        screen.hint("there are no findings yet; `qonduit sync` brings some")?;
    }
    screen.flush()?;
    Ok(Exit::Ok)
}

fn table(days: &[TrendDay], _: Look) -> Table {
    let mut table = Table::new([
        Column::text("DAY (UTC)"),
        Column::number("OPEN"),
        Column::number("CRIT"),
        Column::number("HIGH"),
        Column::number("MEDIUM"),
        Column::number("LOW"),
        Column::number("NEW"),
        Column::number("FIXED"),
        Column::number("CLOSED"),
        Column::number("REOPENED"),
    ]);
    for day in days {
        let count = |number: u64| number.to_string().into();
        table.row([
            time::day(day.day).into(),
            count(sum(day.open)),
            count(day.open.critical),
            count(day.open.high),
            count(day.open.medium),
            count(day.open.low),
            count(sum(day.new)),
            count(sum(day.fixed)),
            count(sum(day.closed)),
            count(sum(day.reopened)),
        ]);
    }
    table
}

fn sum(counts: BySeverity) -> u64 {
    let BySeverity {
        info,
        low,
        medium,
        high,
        critical,
    } = counts;
    info + low + medium + high + critical
}

pub(super) const EXAMPLES: &str = "\
Examples:
  qonduit trends                       the last 30 days
  qonduit trends --since 2026-01-01
  qonduit trends --json | jq -r '[.day, .open.critical, .fixed.critical] | @tsv'

What was open is counted at the end of each day, and what happened on the day on which it was
stored here. New ones are those that came into the inventory, also if they were fixed already.";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::sample;

    #[test]
    fn the_list_fits_a_terminal_of_80_columns() {
        let open = BySeverity {
            info: 0,
            low: 1_000,
            medium: 20_000,
            high: 300_000,
            critical: 4_000,
        };
        let day = TrendDay {
            day: sample::NOW,
            open,
            new: open,
            fixed: BySeverity::default(),
            closed: BySeverity::default(),
            reopened: BySeverity {
                high: 7,
                ..BySeverity::default()
            },
        };
        assert_eq!(
            table(&[day], sample::LOOK).render(80),
            "DAY (UTC)     OPEN  CRIT    HIGH  MEDIUM   LOW     NEW  FIXED  CLOSED  REOPENED\n\
             2026-11-20  325000  4000  300000   20000  1000  325000      0       0         7\n"
        );
    }
}
