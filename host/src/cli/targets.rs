//! `qonduit targets`: in how many days each severity has to be fixed, and how it stands to that.

use clap::{Args, Subcommand};

use super::{
    args::{self, Common, Database, Output},
    exit::Exit,
    failure::{Failure, Result},
    inventory,
    screen::{Look, Screen},
    table::{Column, Table},
};
use crate::{
    guest::types::Severity,
    store::{SqliteStore, Store, TargetRow, Word},
};

#[derive(Args, Debug)]
pub(super) struct Targets {
    #[command(subcommand)]
    action: Option<Action>,
    /// What was fixed since counts for the times to fix: a day (2026-11-20) or an age (90days)
    #[arg(long, value_name = "TIME", default_value = "90days")]
    since: String,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say in how many days after it was found first a finding has to be fixed
    Set {
        /// Such as `critical=15`; `critical=off` for none. The others stay
        #[arg(value_name = "SEVERITY=DAYS", required = true)]
        targets: Vec<String>,
        #[command(flatten)]
        database: Database,
        #[command(flatten)]
        output: Output,
    },
}

pub(super) fn run(common: &Common, args: &Targets) -> Result<Exit> {
    let (database, output) = match &args.action {
        None => (&args.database, args.output),
        Some(Action::Set {
            targets,
            database,
            output,
        }) => {
            let targets: Vec<_> = targets.iter().map(|it| target(it)).collect::<Result<_>>()?;
            // Nothing is made where there is no inventory.
            inventory::open(common, database)?;
            let mut store = SqliteStore::open(&args::database(common, database)?)?;
            for (severity, days) in targets {
                store.set_target(severity, days)?;
            }
            (database, *output)
        }
    };
    let since = inventory::moment(&args.since)?;
    let reader = inventory::open(common, database)?;
    let mut screen = Screen::standard();
    let rows = reader.targets(screen.look.now, since)?;
    screen.list(output.json, &rows, table)?;
    if rows.iter().all(|row| row.target_days.is_none()) {
        screen.hint("there are no targets yet; `qonduit targets set critical=15 high=30`")?;
    } else if rows.iter().any(|row| row.breached > 0) {
        screen.hint("`qonduit findings --where breached:true` lists what is past its target")?;
    }
    screen.flush()?;
    Ok(Exit::Ok)
}

/// `critical=15`, or `critical=off`.
fn target(written: &str) -> Result<(Severity, Option<u32>)> {
    let wrong = |what: String| {
        let message = format!("{what}; write it as `critical=15` or `critical=off`");
        Failure::new(Exit::Usage, message)
    };
    let Some((severity, days)) = written.split_once('=') else {
        return Err(wrong(format!("`{written}` is no target")));
    };
    let known = Severity::from_word(severity.trim());
    let severity = known.ok_or_else(|| wrong(format!("there is no severity `{severity}`")))?;
    let days = days.trim();
    if days.eq_ignore_ascii_case("off") {
        return Ok((severity, None));
    }
    let number = days.strip_suffix("days").unwrap_or(days).trim();
    match number.parse() {
        Ok(number) if (1..=MOST_DAYS).contains(&number) => Ok((severity, Some(number))),
        _ => Err(wrong(format!(
            "`{days}` is no number of days from 1 to {MOST_DAYS}"
        ))),
    }
}

fn table(rows: &[TargetRow], look: Look) -> Table {
    let mut table = Table::new([
        Column::text("SEVERITY"),
        Column::text("TARGET"),
        Column::number("OPEN"),
        Column::number("BREACHED"),
        Column::number("FIXED"),
        Column::number("MEAN DAYS"),
        Column::number("MEDIAN DAYS"),
    ]);
    for row in rows {
        let target = row.target_days.map(|days| format!("{days} days"));
        let breached = target.is_some().then(|| row.breached.to_string());
        let days = |days: Option<f64>| days.map(|days| format!("{days:.1}")).unwrap_or_default();
        table.row([
            look.severity(row.severity),
            target.unwrap_or_default().into(),
            row.open.to_string().into(),
            breached.unwrap_or_default().into(),
            row.fixed.to_string().into(),
            days(row.mean_days_to_fix).into(),
            days(row.median_days_to_fix).into(),
        ]);
    }
    table
}

const MOST_DAYS: u32 = 3_650;

pub(super) const EXAMPLES: &str = "\
Examples:
  qonduit targets                                  how each severity stands
  qonduit targets set critical=15 high=30 medium=90
  qonduit targets set medium=off
  qonduit targets --since 30days --json
  qonduit findings --where 'breached:true' --sort first-found --reverse

Targets hold for the whole inventory and count from when a finding was found first; there are none
until somebody sets one. The times to fix are Qualys' own: from first found to last fixed.";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::sample;

    #[test]
    fn a_target_is_a_severity_and_days() {
        assert_eq!(
            target("critical=15").unwrap(),
            (Severity::Critical, Some(15))
        );
        assert_eq!(target("High = 30days").unwrap(), (Severity::High, Some(30)));
        assert_eq!(target("low=off").unwrap(), (Severity::Low, None));
        for (written, message) in [
            ("critical", "`critical` is no target"),
            ("urgent=3", "there is no severity `urgent`"),
            ("high=0", "`0` is no number of days from 1 to 3650"),
            ("high=soon", "`soon` is no number of days from 1 to 3650"),
        ] {
            let report = target(written).unwrap_err().report(false);
            assert!(
                report.starts_with(&format!("error: {message}\n")),
                "{report}"
            );
        }
    }

    #[test]
    fn a_severity_without_a_target_breaches_none() {
        let with = TargetRow {
            severity: Severity::Critical,
            target_days: Some(15),
            open: 120,
            breached: 7,
            fixed: 30,
            mean_days_to_fix: Some(12.25),
            median_days_to_fix: Some(9.0),
        };
        let without = TargetRow {
            severity: Severity::High,
            target_days: None,
            breached: 0,
            fixed: 0,
            mean_days_to_fix: None,
            median_days_to_fix: None,
            ..with
        };
        assert_eq!(
            table(&[with, without], sample::LOOK).render(80),
            "SEVERITY  TARGET   OPEN  BREACHED  FIXED  MEAN DAYS  MEDIAN DAYS\n\
             critical  15 days   120         7     30       12.2          9.0\n\
             high                120                0\n"
        );
    }
}
