//! `qonduit vulnerabilities`: what the knowledge base says, and how much of it is open.

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
use crate::store::{Query, VulnerabilityRow, VulnerabilitySort};

#[derive(Args, Debug)]
pub(super) struct Vulnerabilities {
    /// What the list is ordered by; most, most severe or newest first, titles from A to Z
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
    Severity,
    Title,
    Published,
    Modified,
    Qid,
}

pub(super) fn run(common: &Common, args: &Vulnerabilities) -> Result<Exit> {
    let terms = inventory::terms(&args.filter)?;
    let reader = inventory::open(common, &args.database)?;
    let sort = args.sort.key();
    let is_ascending = matches!(sort, VulnerabilitySort::Title | VulnerabilitySort::Qid);
    let listing = reader.vulnerabilities(&Query {
        terms: &terms,
        sort,
        descending: is_ascending == args.paging.reverse,
        limit: args.paging.limit,
        after: args.paging.after.as_deref(),
    })?;
    let mut screen = Screen::standard();
    screen.list(args.output.json, &listing.rows, table)?;
    inventory::after_list(&mut screen, &*reader, &listing, !terms.is_empty())
}

fn table(rows: &[VulnerabilityRow], look: Look) -> Table {
    let mut table = Table::new([
        Column::number("QID"),
        Column::text("SEVERITY"),
        Column::flexible("TITLE", 20),
        Column::flexible("CVES", 8),
        Column::number("CVSS"),
        Column::text("PATCH"),
        Column::number("OPEN"),
        Column::text("PUBLISHED"),
    ]);
    for row in rows {
        let score = row.cvss.first().map(|score| format!("{:.1}", score.base));
        table.row([
            row.qid.to_string().into(),
            look.severity(row.severity),
            row.title.as_str().into(),
            row.cves.join(", ").into(),
            score.unwrap_or_default().into(),
            if row.is_patchable { "yes" } else { "" }.into(),
            row.open_findings.to_string().into(),
            row.published.map(time::day).unwrap_or_default().into(),
        ]);
    }
    table
}

impl Sort {
    fn key(self) -> VulnerabilitySort {
        match self {
            Self::Open => VulnerabilitySort::OpenFindings,
            Self::Severity => VulnerabilitySort::Severity,
            Self::Title => VulnerabilitySort::Title,
            Self::Published => VulnerabilitySort::Published,
            Self::Modified => VulnerabilitySort::Modified,
            Self::Qid => VulnerabilitySort::Qid,
        }
    }
}

pub(super) const EXAMPLES: &str = "\
Examples:
  qonduit vulnerabilities                           with most open findings first
  qonduit vulnerabilities --where 'kev:cisa and patchable:true'
  qonduit vulnerabilities --cve CVE-2021-44228
  qonduit vulnerabilities --sort published --severity high --limit 20

`qonduit show QID` tells all of one; `qonduit fields` lists what an expression may name.";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cli::sample, guest::types::Severity};

    #[test]
    fn the_list_fits_a_terminal_of_80_columns() {
        let row = VulnerabilityRow {
            qid: 38_173,
            title: "SSL Certificate - Signature Verification Failed".to_owned(),
            vuln_type: None,
            severity: Severity::Critical,
            qualys_severity: 5,
            category: None,
            cves: vec!["CVE-2021-44228".to_owned(), "CVE-2021-45046".to_owned()],
            cvss: sample::finding().cvss,
            risk_score: None,
            risk_source: None,
            is_patchable: true,
            is_disabled: false,
            published: Some(sample::NOW),
            modified: None,
            patch_published: None,
            findings: 20,
            open_findings: 17,
        };
        assert_eq!(
            table(&[row], sample::LOOK).render(80),
            "  QID  SEVERITY  TITLE                 CVES        CVSS  PATCH  OPEN  PUBLISHED\n\
             38173  critical  SSL Certificate - S…  CVE-2021-…   9.8  yes      17  2026-11-20\n"
        );
    }
}
