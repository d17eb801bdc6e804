//! `qonduit assets`: the machines and web applications, and how much is open on each.

use clap::{Args, Subcommand, ValueEnum};

use super::{
    args::{self, Common, Database, Filter, Output, Paging},
    exit::Exit,
    failure::{Failure, Result},
    inventory,
    screen::{Look, Screen},
    table::{Column, Table},
    time,
};
use crate::{
    store::{AssetId, AssetRow, AssetSort, Query, RecordId, Sources as _, SqliteStore},
    sync,
};

#[derive(Args, Debug)]
pub(super) struct Assets {
    #[command(subcommand)]
    action: Option<Action>,
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

#[derive(Debug, Subcommand)]
enum Action {
    /// Take a record out of its asset: it is another machine
    Split {
        /// Number of the record, as `qonduit show` tells it
        record: RecordId,
        #[command(flatten)]
        database: Database,
    },
    /// Make one asset of two: they are one machine
    Merge {
        /// Number of an asset, as `qonduit show` tells it
        asset: AssetId,
        other: AssetId,
        #[command(flatten)]
        database: Database,
    },
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
    match &args.action {
        Some(Action::Split { record, database }) => return split(common, database, *record),
        Some(Action::Merge {
            asset,
            other,
            database,
        }) => {
            return merge(common, database, *asset, *other);
        }
        None => {}
    }
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

fn split(common: &Common, database: &Database, record: RecordId) -> Result<Exit> {
    let mut store = writer(common, database)?;
    let Some((asset, others)) = store.split(record)? else {
        let message = format!("{record} is no record that shares its asset with others");
        return Err(Failure::sentence(Exit::Usage, message)
            .with_hint("`qonduit show ASSET` tells the records of an asset"));
    };
    sync::apply_kept_rules(&mut store, time::now())?;
    let mut screen = Screen::standard();
    screen.print(&format!(
        "record {record} is asset {asset} now, and the others are asset {others}; no sync and no \
         import brings them together again\n"
    ))?;
    screen.hint(&format!(
        "`qonduit assets merge {asset} {others}` takes that back"
    ))?;
    screen.flush()?;
    Ok(Exit::Ok)
}

fn merge(common: &Common, database: &Database, one: AssetId, other: AssetId) -> Result<Exit> {
    let mut store = writer(common, database)?;
    let merged = if one == other {
        None
    } else {
        store.join(one, other)?
    };
    let Some(asset) = merged else {
        let message = format!("{one} and {other} are not the numbers of two assets of hosts");
        return Err(Failure::sentence(Exit::Usage, message)
            .with_hint("`qonduit assets --json` tells the numbers of assets"));
    };
    sync::apply_kept_rules(&mut store, time::now())?;
    let mut screen = Screen::standard();
    screen.print(&format!("assets {one} and {other} are asset {asset} now\n"))?;
    screen.hint(&format!("`qonduit show --asset {asset}` tells its records"))?;
    screen.flush()?;
    Ok(Exit::Ok)
}

fn writer(common: &Common, database: &Database) -> Result<SqliteStore> {
    inventory::open(common, database)?;
    Ok(SqliteStore::open(&args::database(common, database)?)?)
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
        number(row.host_id, row.web_app_id, row.asset_id)
    } else {
        row.name.clone()
    }
}

/// `host 7`, `web application 7`, or `asset 7` for one that Qualys does not know.
pub(super) fn number(host: Option<u64>, web_app: Option<u64>, asset: AssetId) -> String {
    match (host, web_app) {
        (Some(host), _) => format!("host {host}"),
        (None, Some(web_app)) => format!("web application {web_app}"),
        (None, None) => format!("asset {asset}"),
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
