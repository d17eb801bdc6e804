//! What people ask of an inventory: the lists that they open first, and the questions of the
//! reference page, each with its order and page by page.

use std::time::Instant;

use anyhow::Context;
use qonduit_component::filter::question::{List, QUESTIONS, Question};
use qonduit_host::{
    guest::{Guest, Instance, filter::Term, types::Severity},
    store::{
        AssetSort, FindingQuery, FindingSort, Query, Reader, SqliteReader, SqliteStore, Store,
        VulnerabilitySort, asks_for_closed,
    },
};

use crate::{
    report::{Report, percentile},
    sync::Inventory,
};

pub(crate) fn measure(report: &mut Report, inventory: &Inventory) -> anyhow::Result<()> {
    let mut store = SqliteStore::open(&inventory.db)?;
    for (severity, days) in [
        (Severity::Critical, 15),
        (Severity::High, 30),
        (Severity::Medium, 90),
    ] {
        store.set_target(severity, Some(days))?;
    }
    let reader = SqliteReader::open(&inventory.db)?;
    let mut asked = Asked {
        guest: Guest::embedded()?.instantiate()?,
        now: newest(&reader)?,
        cve: frequent_cve(&reader)?,
    };
    let reach = if inventory.n_findings > 5_000_000 {
        "50 ms median, 250 ms 99th"
    } else {
        "20 ms median, 100 ms 99th"
    };
    let mut all = Vec::new();
    for question in FIRST.iter().chain(&QUESTIONS) {
        let mut times = Vec::with_capacity(ROUNDS);
        let (mut after, mut rows) = (None, 0);
        for _ in 0..ROUNDS {
            let started = Instant::now();
            let page = asked.page(&reader, question, after.as_deref())?;
            times.push(started.elapsed().as_secs_f64() * 1e3);
            rows = rows.max(page.0);
            // From the first page on to the fourth, and then again.
            after = page.1.filter(|_| times.len() % PAGES != 0);
        }
        all.extend_from_slice(&times);
        let what = format!("{}, up to {rows} rows a page", question.asks);
        add(report, &what, reach, &mut times);
    }
    let what = format!(
        "all of these, at {} findings and {} assets",
        inventory.n_findings,
        reader.totals()?.assets
    );
    add(report, &what, reach, &mut all);
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        reader.totals()?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
    }
    add(report, "all counts, from counters", reach, &mut times);
    let started = Instant::now();
    let wrong = store.recount()?;
    report.add(
        "counters and days against a recount",
        "equal",
        format!(
            "{} differ, {:.1} s",
            wrong.len(),
            started.elapsed().as_secs_f64()
        ),
    );
    anyhow::ensure!(wrong.is_empty(), "{wrong:?}");
    Ok(())
}

fn add(report: &mut Report, what: &str, reach: &str, times: &mut [f64]) {
    let (median, high) = (percentile(times, 50), percentile(times, 99));
    report.add(what, reach, format!("{median:.2} ms, {high:.2} ms"));
}

/// What is asked with.
struct Asked {
    guest: Instance,
    /// The simulated present, on which ages depend.
    now: i64,
    /// Stands for the one that the question names.
    cve: String,
}

impl Asked {
    /// One page: how many rows, and the token of the next one.
    fn page(
        &mut self,
        reader: &dyn Reader,
        question: &Question,
        after: Option<&str>,
    ) -> anyhow::Result<(usize, Option<String>)> {
        let expression = question.expression.replace("CVE-2021-44228", &self.cve);
        let compiled = self.guest.compile(&expression, self.now)?;
        let terms = &compiled.map_err(|problem| anyhow::anyhow!("{problem:?}"))?;
        Ok(match question.list {
            List::Findings => {
                let listing = reader.findings(&FindingQuery {
                    terms,
                    only_open: !asks_for_closed(terms),
                    sort: finding_sort(question.sort)?,
                    after,
                    ..FindingQuery::default()
                })?;
                (listing.rows.len(), listing.next)
            }
            List::Assets => {
                let listing = reader.assets(&query(terms, asset_sort(question.sort)?, after))?;
                (listing.rows.len(), listing.next)
            }
            List::Vulnerabilities => {
                let sort = VulnerabilitySort::OpenFindings;
                let listing = reader.vulnerabilities(&query(terms, sort, after))?;
                (listing.rows.len(), listing.next)
            }
        })
    }
}

fn query<'a, S: Default>(terms: &'a [Term], sort: S, after: Option<&'a str>) -> Query<'a, S> {
    Query {
        terms,
        sort,
        after,
        ..Query::default()
    }
}

fn finding_sort(word: &str) -> anyhow::Result<FindingSort> {
    Ok(match word {
        "last-found" => FindingSort::LastFound,
        "first-found" => FindingSort::FirstFound,
        "severity" => FindingSort::Severity,
        "qds" => FindingSort::Qds,
        other => anyhow::bail!("`{other}` is a new order"),
    })
}

fn asset_sort(word: &str) -> anyhow::Result<AssetSort> {
    Ok(match word {
        "open" => AssetSort::OpenFindings,
        "critical" => AssetSort::OpenCritical,
        "trurisk" => AssetSort::Trurisk,
        other => anyhow::bail!("`{other}` is a new order"),
    })
}

/// When the last scan was.
fn newest(reader: &dyn Reader) -> anyhow::Result<i64> {
    let listing = reader.findings(&FindingQuery::default())?;
    let last = listing.rows.first().and_then(|row| row.last_found);
    last.context("nothing was found")
}

/// Of the QID that most have.
fn frequent_cve(reader: &dyn Reader) -> anyhow::Result<String> {
    let listing = reader.vulnerabilities(&Query::default())?;
    let cve = listing.rows.iter().find_map(|row| row.cves.first());
    cve.cloned().context("no entry has a CVE")
}

/// The lists that people open first.
const FIRST: [Question; 3] = [
    Question {
        asks: "Assets with most open findings",
        list: List::Assets,
        expression: "",
        sort: "open",
    },
    Question {
        asks: "Newest open findings",
        list: List::Findings,
        expression: "",
        sort: "last-found",
    },
    Question {
        asks: "Open findings by severity",
        list: List::Findings,
        expression: "",
        sort: "severity",
    },
];
const ROUNDS: usize = 200;
const PAGES: usize = 4;
