//! What people ask of an inventory, the first page of each answer.

use std::time::Instant;

use qonduit_host::{
    guest::filter::{Comparison, Operator, Term},
    store::{AssetSort, FindingQuery, FindingSort, Query, Reader, SqliteReader},
};

use crate::{
    report::{Report, percentile},
    sync::Inventory,
};

type Question<'a> = (
    &'a str,
    Box<dyn Fn(&dyn Reader, usize) -> anyhow::Result<usize> + 'a>,
);

pub(crate) fn measure(report: &mut Report, inventory: &Inventory) -> anyhow::Result<()> {
    let reader = SqliteReader::open(&inventory.db)?;
    let assets = reader
        .assets(&Query {
            limit: 500,
            ..Query::default()
        })?
        .rows;
    let critical = [Term::Compare(Comparison {
        field: "severity".into(),
        operator: Operator::Equal,
        value: "critical".into(),
    })];
    let questions: [Question<'_>; 4] = [
        (
            "assets by open vulnerabilities",
            Box::new(|reader, _| {
                Ok(reader
                    .assets(&Query {
                        sort: AssetSort::OpenFindings,
                        ..Query::default()
                    })?
                    .rows
                    .len())
            }),
        ),
        (
            "findings of an asset",
            Box::new(|reader, round| {
                let asset = Some(assets[round % assets.len()].asset_id);
                Ok(reader
                    .findings(&FindingQuery {
                        asset,
                        ..FindingQuery::default()
                    })?
                    .rows
                    .len())
            }),
        ),
        (
            "critical open findings",
            Box::new(|reader, _| {
                let query = FindingQuery {
                    terms: &critical,
                    sort: FindingSort::LastFound,
                    ..FindingQuery::default()
                };
                Ok(reader.findings(&query)?.rows.len())
            }),
        ),
        (
            "newest first",
            Box::new(|reader, _| Ok(reader.findings(&FindingQuery::default())?.rows.len())),
        ),
    ];
    for (name, ask) in questions {
        let mut times = Vec::with_capacity(ROUNDS);
        for round in 0..ROUNDS {
            let started = Instant::now();
            anyhow::ensure!(ask(&reader, round)? > 0, "`{name}` found nothing");
            times.push(started.elapsed().as_secs_f64() * 1e3);
        }
        let (median, high) = (percentile(&mut times, 50), percentile(&mut times, 99));
        report.add(
            &format!("{name}, at {} findings", inventory.n_findings),
            "10 ms median, 50 ms 99th",
            format!("{median:.2} ms, {high:.2} ms"),
        );
    }
    Ok(())
}

const ROUNDS: usize = 400;
