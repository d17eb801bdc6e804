//! `qonduit assets`: the machines and web applications, and how much is open on each.

use clap::{Args, ValueEnum};

use super::{
    args::{Common, Database, Filter, Output, Paging},
    exit::Exit,
    failure::Result,
    inventory,
    screen::{Look, Screen},
    table::{Column, Table},
};
use crate::store::{AssetRow, AssetSort, Query};

#[derive(Args, Debug)]
pub(super) struct Assets {
    /// What the list is ordered by; most or newest first, names from A to Z
    #[arg(
        long,
        value_name = "KEY",
        default_value = "open",
        help_heading = "Order and pages"
    )]
    sort: Sort,
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
enum Sort {
    /// Open findings
    Open,
    /// Open critical findings
    Critical,
    Name,
    LastSeen,
    Trurisk,
    Criticality,
    HostId,
}

pub(super) fn run(common: &Common, args: &Assets) -> Result<Exit> {
    let terms = inventory::terms(&args.filter)?;
    let reader = inventory::open(common, &args.database)?;
    let sort = args.sort.key();
    let listing = reader.assets(&Query {
        terms: &terms,
        sort,
        descending: matches!(sort, AssetSort::Name | AssetSort::HostId) == args.paging.reverse,
        limit: args.paging.limit,
        after: args.paging.after.as_deref(),
    })?;
    let mut screen = Screen::standard();
    screen.list(args.output.json, &listing.rows, table)?;
    inventory::after_list(&mut screen, &*reader, &listing, !terms.is_empty())
}

pub(super) fn table(rows: &[AssetRow], look: Look) -> Table {
    let mut table = Table::new([
        Column::flexible("NAME", 18),
        Column::flexible("ADDRESS", 12),
        Column::flexible("OS", 8),
        Column::number("OPEN"),
        Column::number("CRIT"),
        Column::number("HIGH"),
        Column::number("TRURISK"),
        Column::text("LAST SEEN"),
    ]);
    for row in rows {
        table.row([
            named(row).into(),
            address(row).into(),
            row.os.as_deref().unwrap_or_default().into(),
            row.open_findings.to_string().into(),
            row.open_by_severity.critical.to_string().into(),
            row.open_by_severity.high.to_string().into(),
            row.trurisk
                .map(|score| score.to_string())
                .unwrap_or_default()
                .into(),
            look.ago(row.last_seen),
        ]);
    }
    table
}

/// Qualys may send neither a name nor an address.
pub(super) fn named(row: &AssetRow) -> String {
    if row.name.is_empty() {
        number(row.host_id, row.web_app_id)
    } else {
        row.name.clone()
    }
}

/// `host 7` or `web application 7`.
pub(super) fn number(host: Option<u64>, web_app: Option<u64>) -> String {
    match (host, web_app) {
        (Some(host), _) => format!("host {host}"),
        (None, Some(web_app)) => format!("web application {web_app}"),
        (None, None) => String::new(),
    }
}

/// That of a web application begins with a scheme.
fn address(row: &AssetRow) -> &str {
    let url = row.web.as_ref().and_then(|web| web.url.as_deref());
    let ip = row.ip.as_deref().or(row.ipv6.as_deref());
    ip.or(url).unwrap_or_default()
}

impl Sort {
    fn key(self) -> AssetSort {
        match self {
            Self::Open => AssetSort::OpenFindings,
            Self::Critical => AssetSort::OpenCritical,
            Self::Name => AssetSort::Name,
            Self::LastSeen => AssetSort::LastSeen,
            Self::Trurisk => AssetSort::Trurisk,
            Self::Criticality => AssetSort::Criticality,
            Self::HostId => AssetSort::HostId,
        }
    }
}

pub(super) const EXAMPLES: &str = "\
Examples:
  qonduit assets                                    those with most open findings first
  qonduit assets --sort last-seen --os windows      Windows machines, newest first
  qonduit assets --severity critical --tag prod     with an open critical finding
  qonduit assets --where 'not tag:lab and trurisk:>=700'
  qonduit assets --kind web-application             what Qualys WAS scans
  qonduit assets --json --limit 1000 | jq -r .name

`qonduit show NAME` tells all of one asset; `qonduit export` writes all of them.";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::sample;

    #[test]
    fn the_list_fits_a_terminal_of_80_columns() {
        let rows = [
            sample::asset(),
            AssetRow {
                name: String::new(),
                ip: None,
                ..sample::asset()
            },
            sample::web_application(),
        ];
        assert_eq!(
            table(&rows, sample::LOOK).render(80),
            "NAME               ADDRESS       OS         OPEN  CRIT  HIGH  TRURISK  LAST SEEN\n\
             web01.example.net  10.0.0.7      Ubuntu L…     7     1     2      512  3 h ago\n\
             host 4294967301                  Ubuntu L…     7     1     2      512  3 h ago\n\
             Shop & till        https://sho…                7     1     2           3 h ago\n"
        );
    }
}
