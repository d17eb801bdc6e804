//! `qonduit changes`: what came, was fixed, was closed and came back since a time.

use clap::{Args, ValueEnum};

use super::{
    args::{Common, Database, Filter, Output, Paging},
    exit::Exit,
    failure::Result,
    inventory,
    screen::{Look, Screen},
    table::{Column, Table},
};
use crate::store::{Change, ChangeQuery, ChangeRow, Word};

#[derive(Args, Debug)]
pub(super) struct Changes {
    /// The first moment that counts: a day (2026-11-20), a moment (2026-11-20T08:00:00Z) or an age
    /// (7days)
    #[arg(long, value_name = "TIME", default_value = "7days")]
    since: String,
    /// What happened; several with commas
    #[arg(long, value_name = "WORD[,WORD]", value_delimiter = ',')]
    change: Vec<What>,
    #[command(flatten)]
    paging: Paging,
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    output: Output,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// Came into the inventory
    New,
    Fixed,
    /// Is no longer open, though not fixed
    Closed,
    /// Is open again
    Reopened,
    /// Another status, severity or reason
    Changed,
}

pub(super) fn run(common: &Common, args: &Changes) -> Result<Exit> {
    let since = inventory::moment(&args.since)?;
    let terms = inventory::terms(&args.filter)?;
    let reader = inventory::open(common, &args.database)?;
    let changes: Vec<_> = args.change.iter().map(|what| what.change()).collect();
    let listing = reader.changes(&ChangeQuery {
        terms: &terms,
        since,
        changes: &changes,
        descending: !args.paging.reverse,
        limit: args.paging.limit,
        after: args.paging.after.as_deref(),
    })?;
    let mut screen = Screen::standard();
    screen.list(args.output.json, &listing.rows, table)?;
    inventory::after_list(&mut screen, &*reader, &listing, true)
}

fn table(rows: &[ChangeRow], look: Look) -> Table {
    let mut table = Table::new([
        Column::text("WHEN"),
        Column::text("CHANGE"),
        Column::text("SEVERITY"),
        Column::number("QID"),
        Column::flexible("TITLE", 14),
        Column::flexible("ASSET", 10),
        Column::text("BECAUSE"),
        Column::number("ID"),
    ]);
    for row in rows {
        let finding = &row.finding;
        table.row([
            look.ago(Some(row.at)),
            row.change.word().into(),
            look.severity(row.to_severity.unwrap_or(finding.severity)),
            finding.qid.to_string().into(),
            finding.title.as_deref().unwrap_or_default().into(),
            finding.asset_name.as_str().into(),
            because(row).into(),
            finding.finding_id.to_string().into(),
        ]);
    }
    table
}

/// That it is fixed is said already.
fn because(row: &ChangeRow) -> &'static str {
    match row.change {
        Change::Closed => row.because.map_or("put aside", Word::word),
        Change::New | Change::Fixed | Change::Reopened | Change::Changed => "",
    }
}

impl What {
    fn change(self) -> Change {
        match self {
            Self::New => Change::New,
            Self::Fixed => Change::Fixed,
            Self::Closed => Change::Closed,
            Self::Reopened => Change::Reopened,
            Self::Changed => Change::Changed,
        }
    }
}

pub(super) const EXAMPLES: &str = "\
Examples:
  qonduit changes                                  of the last seven days, newest first
  qonduit changes --since 2026-11-20 --change new,reopened --severity high
  qonduit changes --since 1day --where 'os:windows and kev:cisa'
  qonduit changes --since 30days --json --limit 10000 > changes.ndjson

Times are those at which something was stored here. Filters look at the findings as they are now.
`qonduit trends` tells how many there were each day.";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::sample;

    #[test]
    fn the_list_fits_a_terminal_of_80_columns() {
        let closed = ChangeRow {
            at: sample::NOW - 3_600,
            change: Change::Closed,
            from_status: None,
            to_status: None,
            from_severity: None,
            to_severity: None,
            because: Some(crate::store::ClosedReason::Vanished),
            finding: sample::finding(),
        };
        let aside = ChangeRow {
            because: None,
            ..closed.clone()
        };
        let fixed = ChangeRow {
            change: Change::Fixed,
            because: Some(crate::store::ClosedReason::Fixed),
            ..closed.clone()
        };
        assert_eq!(
            table(&[closed, aside, fixed], sample::LOOK).render(80),
            "WHEN     CHANGE  SEVERITY    QID  TITLE            ASSET           BECAUSE    ID\n\
             1 h ago  closed  critical  38173  SSL Certificat…  web01.example…  vanished   17\n\
             1 h ago  closed  critical  38173  SSL Certificat…  web01.example…  put aside  17\n\
             1 h ago  fixed   critical  38173  SSL Certificat…  web01.example…             17\n"
        );
    }
}
