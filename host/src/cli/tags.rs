//! `qonduit tags`: what each tag is, and on how many hosts it is.

use clap::{Args, ValueEnum};

use super::{
    args::{Common, Database, Output, Paging},
    exit::Exit,
    failure::Result,
    inventory,
    screen::{Look, Screen},
    table::{Column, Table},
};
use crate::store::{Query, TagRow, TagSort};

#[derive(Args, Debug)]
pub(super) struct Tags {
    /// What the list is ordered by; most first, names from A to Z
    #[arg(
        long,
        value_name = "KEY",
        default_value = "name",
        help_heading = "Order and pages"
    )]
    sort: Sort,
    #[command(flatten)]
    paging: Paging,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    output: Output,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Sort {
    Name,
    /// Hosts that have the tag
    Hosts,
    Criticality,
}

pub(super) fn run(common: &Common, args: &Tags) -> Result<Exit> {
    let reader = inventory::open(common, &args.database)?;
    let sort = match args.sort {
        Sort::Name => TagSort::Name,
        Sort::Hosts => TagSort::Hosts,
        Sort::Criticality => TagSort::Criticality,
    };
    let listing = reader.tags(&Query {
        terms: &[],
        sort,
        descending: (sort == TagSort::Name) == args.paging.reverse,
        limit: args.paging.limit,
        after: args.paging.after.as_deref(),
    })?;
    let mut screen = Screen::standard();
    screen.list(args.output.json, &listing.rows, table)?;
    inventory::after_list(&mut screen, &*reader, &listing, false)
}

fn table(rows: &[TagRow], _: Look) -> Table {
    let mut table = Table::new([
        Column::flexible("NAME", 18),
        Column::flexible("PARENT", 8),
        Column::text("RULE"),
        Column::flexible("TEXT", 10),
        Column::number("CRIT"),
        Column::number("HOSTS"),
    ]);
    for row in rows {
        let parent = row.parent_name.clone();
        let parent = parent.or_else(|| row.parent_tag_id.map(|id| id.to_string()));
        table.row([
            row.name.as_str().into(),
            parent.unwrap_or_default().into(),
            row.rule_type
                .as_deref()
                .unwrap_or_default()
                .to_lowercase()
                .into(),
            row.rule_text.as_deref().unwrap_or_default().into(),
            row.criticality
                .map(|score| score.to_string())
                .unwrap_or_default()
                .into(),
            row.hosts.to_string().into(),
        ]);
    }
    table
}

pub(super) const EXAMPLES: &str = "\
Examples:
  qonduit tags                     from A to Z
  qonduit tags --sort hosts        those on most hosts first
  qonduit tags --json | jq -r 'select(.rule_type == \"GROOVY\") | .rule_text'
  qonduit assets --tag prod        the assets that have one";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cli::sample, store::Attributes};

    #[test]
    fn the_list_fits_a_terminal_of_80_columns() {
        let row = TagRow {
            connector_id: 1,
            tag_id: 7_651_002,
            name: "Network & Appliances".to_owned(),
            parent_tag_id: Some(7_651_001),
            parent_name: None,
            color: Some("#FFFFFF".to_owned()),
            rule_type: Some("NETWORK_RANGE".to_owned()),
            rule_text: Some("10.0.0.0-10.0.0.255, 10.1.0.7, 10.2.0.0-10.2.255.255".to_owned()),
            criticality: Some(4),
            hosts: 120,
            attributes: Attributes("{}".to_owned()),
        };
        let text = table(&[row], sample::LOOK).render(80);
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
        assert!(
            text.contains("network_range") && text.contains("7651001"),
            "{text}"
        );
    }
}
