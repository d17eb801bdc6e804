//! `qonduit findings`: what is wrong on which machine, and in which web application.

use clap::{Args, ValueEnum};

use super::{
    args::{Common, Database, Filter, Output, Paging},
    exit::Exit,
    failure::Result,
    inventory,
    screen::{Look, Screen},
    table::{Column, Table},
};
use crate::store::{FindingQuery, FindingRow, FindingSort, Word, asks_for_closed};

#[derive(Args, Debug)]
pub(super) struct Findings {
    /// What the list is ordered by; newest, most severe or highest first
    #[arg(
        long,
        value_name = "KEY",
        default_value = "last-found",
        help_heading = "Order and pages"
    )]
    sort: Sort,
    #[command(flatten)]
    paging: Paging,
    #[command(flatten)]
    filter: Filter,
    /// Lists also what is fixed, closed, ignored or disabled, and gathered information; who filters
    /// by one of these sees them without
    #[arg(long, help_heading = "Filters (all of them have to hold)")]
    all: bool,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    output: Output,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Sort {
    LastFound,
    FirstFound,
    Severity,
    /// Qualys Detection Score
    Qds,
    Qid,
    Asset,
}

pub(super) fn run(common: &Common, args: &Findings) -> Result<Exit> {
    let terms = inventory::terms(&args.filter)?;
    let reader = inventory::open(common, &args.database)?;
    let sort = args.sort.key();
    let listing = reader.findings(&FindingQuery {
        terms: &terms,
        only_open: !args.all && !asks_for_closed(&terms),
        sort,
        descending: matches!(sort, FindingSort::Qid | FindingSort::Asset) == args.paging.reverse,
        limit: args.paging.limit,
        after: args.paging.after.as_deref(),
        ..FindingQuery::default()
    })?;
    let mut screen = Screen::standard();
    screen.list(args.output.json, &listing.rows, |rows, look| {
        table(rows, Of::Everything, look)
    })?;
    inventory::after_list(
        &mut screen,
        &*reader,
        &listing,
        !terms.is_empty() || !args.all,
    )
}

/// What all rows of a list have in common, and so no column for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Of {
    Everything,
    OneAsset,
    OneQid,
}

pub(super) fn table(rows: &[FindingRow], of: Of, look: Look) -> Table {
    let mut table = Table::new([
        Column::number("ID"),
        Column::text("SEVERITY"),
        Column::number("QID"),
        Column::flexible("TITLE", 14),
        Column::flexible("ASSET", 10),
        Column::text("STATUS"),
        Column::number("QDS"),
        Column::text("FOUND"),
    ]);
    for row in rows {
        let (qid, title) = match (of, &row.title) {
            (Of::OneQid, _) => (String::new(), ""),
            (_, Some(title)) => (row.qid.to_string(), title.as_str()),
            (_, None) => (row.qid.to_string(), "(not in the knowledge base yet)"),
        };
        let asset = if of == Of::OneAsset {
            String::new()
        } else {
            asset(row)
        };
        table.row([
            row.finding_id.to_string().into(),
            look.severity(row.severity),
            qid.into(),
            title.into(),
            asset.into(),
            standing(row).into(),
            row.qds
                .map(|score| score.to_string())
                .unwrap_or_default()
                .into(),
            look.ago(row.last_found),
        ]);
    }
    table
}

/// Where it stands, in one word; a closed one tells why rather than its last status, and so does
/// one that is put aside.
pub(super) fn standing(row: &FindingRow) -> &'static str {
    match (row.closed_reason, row.put_aside_by, row.status) {
        (Some(reason), ..) => reason.word(),
        (None, Some(_), _) => "aside",
        (None, None, Some(status)) => status.word(),
        (None, None, None) => "",
    }
}

fn asset(row: &FindingRow) -> String {
    if row.asset_name.is_empty() {
        number(row)
    } else {
        row.asset_name.clone()
    }
}

/// The number of its host or web application, with the word for it.
pub(super) fn number(row: &FindingRow) -> String {
    super::assets::number(row.host_id, row.web_app_id, row.asset_id)
}

impl Sort {
    fn key(self) -> FindingSort {
        match self {
            Self::LastFound => FindingSort::LastFound,
            Self::FirstFound => FindingSort::FirstFound,
            Self::Severity => FindingSort::Severity,
            Self::Qds => FindingSort::Qds,
            Self::Qid => FindingSort::Qid,
            Self::Asset => FindingSort::Asset,
        }
    }
}

pub(super) const EXAMPLES: &str = "\
Examples:
  qonduit findings --severity high --sort qds       the worst of what is open
  qonduit findings --cve CVE-2021-44228             who is affected
  qonduit findings --status fixed --sort last-found
  qonduit findings --where 'os:windows and last_found:>7days and not tag:lab'
  qonduit findings --kind web-application           in web applications alone
  qonduit findings --json --all --limit 10000 > page.ndjson

`qonduit show --finding ID` tells all of one finding, with results and solution.

Expressions: field:TEXT contains (`%` stands for any text), field:=VALUE equals,
field:>VALUE, :>=, :<, :<=, has:field; and, or, not, parentheses. Times: 2026-11-20, or 7days for
seven days ago. `qonduit fields` lists the fields, docs/query-language.md explains them.";

#[cfg(test)]
mod tests {
    use super::*;

    use crate::cli::sample;

    #[test]
    fn the_list_fits_a_terminal_of_80_columns() {
        let rendered = table(&[sample::finding()], Of::Everything, sample::LOOK).render(80);
        assert_eq!(
            rendered,
            "ID  SEVERITY    QID  TITLE               ASSET              STATUS  QDS  FOUND\n\
             17  critical  38173  SSL Certificate -…  web01.example.net  active   95  3 h ago\n"
        );
    }

    #[test]
    fn a_closed_finding_says_why() {
        let row = FindingRow {
            closed: Some(1),
            closed_reason: Some(crate::store::ClosedReason::HostPurged),
            ..sample::finding()
        };
        assert_eq!(standing(&row), "host-purged");
        let row = FindingRow {
            status: None,
            ..sample::finding()
        };
        assert_eq!(standing(&row), "");
    }
}
