//! `qonduit software`: what is installed, and on how many assets.

use clap::{Args, ValueEnum};

use super::{
    args::{Common, Database, Filter, Output, Paging},
    exit::Exit,
    failure::Result,
    inventory,
    screen::{Look, Screen},
    table::{Column, Table},
    time,
};
use crate::store::{AssetPort, AssetSoftware, SoftwareQuery, SoftwareRow, SoftwareSort, Word};

#[derive(Args, Debug)]
pub(super) struct Software {
    /// Part of the name, in any case of letters
    #[arg(
        long,
        value_name = "TEXT",
        help_heading = "Filters (all of them have to hold)"
    )]
    name: Option<String>,
    /// How the version begins
    #[arg(
        long,
        value_name = "TEXT",
        help_heading = "Filters (all of them have to hold)"
    )]
    version: Option<String>,
    /// On an asset that this expression selects, such as `os:windows and tag:prod`
    #[arg(
        long = "where",
        value_name = "EXPRESSION",
        help_heading = "Filters (all of them have to hold)"
    )]
    r#where: Option<String>,
    /// What the list is ordered by; most first, names from A to Z, the nearest end of life first
    #[arg(
        long,
        value_name = "KEY",
        default_value = "assets",
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
    /// Assets that have it
    Assets,
    Name,
    /// Only what has one
    EndOfLife,
}

pub(super) fn run(common: &Common, args: &Software) -> Result<Exit> {
    let terms = inventory::terms(&Filter {
        r#where: args.r#where.clone(),
        ..Filter::default()
    })?;
    let reader = inventory::open(common, &args.database)?;
    let sort = match args.sort {
        Sort::Assets => SoftwareSort::Assets,
        Sort::Name => SoftwareSort::Name,
        Sort::EndOfLife => SoftwareSort::EndOfLife,
    };
    let listing = reader.software(&SoftwareQuery {
        name: args.name.as_deref(),
        version: args.version.as_deref(),
        terms: &terms,
        sort,
        descending: (sort == SoftwareSort::Assets) != args.paging.reverse,
        limit: args.paging.limit,
        after: args.paging.after.as_deref(),
    })?;
    let is_filtered = args.name.is_some() || args.version.is_some() || !terms.is_empty();
    let mut screen = Screen::standard();
    screen.list(args.output.json, &listing.rows, table)?;
    inventory::after_list(&mut screen, &*reader, &listing, is_filtered)
}

fn table(rows: &[SoftwareRow], _: Look) -> Table {
    let mut table = Table::new([
        Column::flexible("NAME", 18),
        Column::flexible("VERSION", 10),
        Column::flexible("PUBLISHER", 8),
        Column::flexible("CATEGORY", 8),
        Column::text("END OF LIFE"),
        Column::number("ASSETS"),
    ]);
    for row in rows {
        let software = &row.software;
        table.row([
            software.name.as_str().into(),
            software.version.as_deref().unwrap_or_default().into(),
            software.publisher.as_deref().unwrap_or_default().into(),
            software.category.as_deref().unwrap_or_default().into(),
            day(software.end_of_life).into(),
            row.assets.to_string().into(),
        ]);
    }
    table
}

/// The software of one asset, as `qonduit show` has it.
pub(super) fn of_asset(rows: &[AssetSoftware]) -> Table {
    let mut table = Table::new([
        Column::flexible("SOFTWARE", 18),
        Column::flexible("VERSION", 10),
        Column::flexible("REQUIRED", 10),
        Column::text("END OF LIFE"),
        Column::text("TOLD BY"),
    ]);
    for row in rows {
        let software = &row.software;
        table.row([
            software.name.as_str().into(),
            software.version.as_deref().unwrap_or_default().into(),
            row.required_version.as_deref().unwrap_or_default().into(),
            day(software.end_of_life).into(),
            row.source.word().into(),
        ]);
    }
    table
}

/// The open ports of one asset.
pub(super) fn ports(rows: &[AssetPort]) -> Table {
    let mut table = Table::new([
        Column::number("PORT"),
        Column::text("PROTOCOL"),
        Column::flexible("SERVICE", 10),
        Column::text("TOLD BY"),
    ]);
    for row in rows {
        table.row([
            row.port.to_string().into(),
            row.protocol.as_deref().unwrap_or_default().into(),
            row.service.as_deref().unwrap_or_default().into(),
            row.source.as_str().into(),
        ]);
    }
    table
}

fn day(at: Option<crate::guest::types::Timestamp>) -> String {
    let minute = at.map(time::minute).unwrap_or_default();
    minute.split(' ').next().unwrap_or_default().to_owned()
}

pub(super) const EXAMPLES: &str = "\
Examples:
  qonduit software                          what is on most assets
  qonduit software --name openssl           in which versions, and how often
  qonduit software --name openssl --version 1.
  qonduit software --where 'os:windows and tag:prod'
  qonduit software --sort end-of-life       what is given up first
  qonduit show web01.example.net            the software of one asset
  qonduit export software --format csv -o software.csv";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{guest::types::SoftwareSource, store::SoftwareName};

    fn name() -> SoftwareName {
        SoftwareName {
            name: "Microsoft Visual C++ 2015-2022 Redistributable (x64)".to_owned(),
            version: Some("14.38.33135.0".to_owned()),
            publisher: Some("Microsoft Corporation".to_owned()),
            category: Some("Application Development / Runtime".to_owned()),
            is_package: false,
            end_of_life: Some(1_795_161_600),
        }
    }

    #[track_caller]
    fn fits(table: Table, parts: &[&str]) {
        let text = table.render(80);
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
        for part in parts {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn the_list_fits_a_terminal_of_80_columns() {
        let row = SoftwareRow {
            software: name(),
            assets: 120,
        };
        fits(
            table(&[row], super::super::sample::LOOK),
            &["2026-11-20", "120"],
        );
    }

    #[test]
    fn software_and_ports_of_an_asset_tell_who_says_so() {
        let row = AssetSoftware {
            software: name(),
            required_version: Some("14.40.33810.0".to_owned()),
            installed: None,
            source: SoftwareSource::DetectionResults,
        };
        fits(of_asset(&[row]), &["detection-results"]);
        let port = AssetPort {
            port: 443,
            protocol: Some("tcp".to_owned()),
            service: Some("https".to_owned()),
            source: "host-assets".to_owned(),
        };
        fits(ports(&[port]), &["443", "tcp", "https", "host-assets"]);
    }
}
