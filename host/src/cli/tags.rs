//! `qonduit tags`: what each tag is, and on how many hosts it is; and what people say of it.

use clap::{Args, Subcommand, ValueEnum};

use super::{
    args::{self, Common, Database, Output, Paging},
    exit::Exit,
    failure::{Failure, Result},
    inventory,
    screen::{Look, Screen},
    table::{Column, Table},
};
use crate::{
    guest::types::Impact as Level,
    store::{Query, Reader, SqliteStore, Store, TagImpact, TagRow, TagSort, Word},
};

#[derive(Args, Debug)]
pub(super) struct Tags {
    #[command(subcommand)]
    action: Option<Action>,
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

#[derive(Debug, Subcommand)]
enum Action {
    /// Say how much depends on the hosts that have a tag
    Impact(Impact),
}

#[derive(Args, Debug)]
struct Impact {
    /// Name or number of the tag
    tag: String,
    impact: Choice,
    #[command(flatten)]
    database: Database,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Choice {
    High,
    Medium,
    Low,
    /// None, whatever its asset group says
    None,
    /// Takes back what was said
    Unset,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Sort {
    Name,
    /// Hosts that have the tag
    Hosts,
    Criticality,
}

pub(super) fn run(common: &Common, args: &Tags) -> Result<Exit> {
    if let Some(Action::Impact(args)) = &args.action {
        return impact(common, args);
    }
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

fn impact(common: &Common, args: &Impact) -> Result<Exit> {
    let reader = inventory::open(common, &args.database)?;
    let tag = find(&*reader, &args.tag)?;
    let mut store = SqliteStore::open(&args::database(common, &args.database)?)?;
    let said = match args.impact {
        Choice::High => TagImpact::Is(Level::High),
        Choice::Medium => TagImpact::Is(Level::Medium),
        Choice::Low => TagImpact::Is(Level::Low),
        Choice::None => TagImpact::IsNone,
        Choice::Unset => TagImpact::Unset,
    };
    store.set_tag_impact(tag.connector_id, tag.tag_id, said)?;
    let tag = find(&*reader, &args.tag)?;
    let mut screen = Screen::standard();
    let impact = tag.impact.map_or("none", Word::word);
    let by = if tag.is_impact_set {
        "as you say"
    } else if tag.impact.is_some() {
        "as its asset group says"
    } else {
        "as nobody says"
    };
    let (name, hosts) = (&tag.name, tag.hosts);
    screen.print(&format!(
        "the impact of `{name}` is {impact}, {by}; {hosts} hosts have it\n"
    ))?;
    screen.hint("`qonduit show ASSET` tells what that does to its risk")?;
    screen.flush()?;
    Ok(Exit::Ok)
}

/// The tag of a name, or else of a number.
fn find(reader: &dyn Reader, name: &str) -> Result<TagRow> {
    let mut tags = reader.tags_by_name(name)?;
    if let (true, Ok(number)) = (tags.is_empty(), name.parse::<u64>()) {
        tags = reader.tags_by_number(number)?;
    }
    match tags.len() {
        0 => {
            let message = format!("there is no tag `{name}`; `qonduit tags` lists them");
            Err(Failure::new(Exit::Usage, message))
        }
        1 => Ok(tags.remove(0)),
        n => {
            let message = format!(
                "{n} tags have the name `{name}`; give the number of one, which `qonduit tags --json` tells"
            );
            Err(Failure::new(Exit::Usage, message))
        }
    }
}

fn table(rows: &[TagRow], _: Look) -> Table {
    let mut table = Table::new([
        Column::flexible("NAME", 18),
        Column::flexible("PARENT", 8),
        Column::text("RULE"),
        Column::flexible("TEXT", 10),
        Column::number("CRIT"),
        Column::text("IMPACT"),
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
            row.impact.map_or("", Word::word).into(),
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
  qonduit assets --tag prod        the assets that have one
  qonduit tags impact prod high    raises the risk of its hosts; no sync changes that";

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
            asset_group_id: None,
            impact: Some(Level::Medium),
            is_impact_set: true,
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
