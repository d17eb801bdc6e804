//! Writes and reads findings of web applications: what they share with those of hosts in the same
//! rows and by the same rules (`finding`), the rest beside them.

use std::collections::BTreeMap;

use rusqlite::{CachedStatement, Connection, Row};

use super::{
    code,
    counter::Counters,
    fail::Result,
    finding::Findings,
    json::{self, List},
    text::Packer,
    web_app,
};
use crate::{
    guest::{
        ingest::Page,
        types::{self, Finding, WebAppFinding},
    },
    store::{
        Commit, ConnectorId, Cvss, FindingId, Tally, Verdicts, Weakness, WebFindingRow,
        content::{self, FindingDigest},
        word::Word,
    },
};

pub(super) fn write(
    tx: &Connection,
    counters: &mut Counters,
    packer: &mut Packer,
    commit: &Commit<'_>,
    connector: ConnectorId,
    page: &Page,
) -> Result<Tally> {
    let mut tally = Tally::default();
    if page.web_app_findings.is_empty() {
        return Ok(tally);
    }
    // The list goes by the numbers of findings, so those of a web application are scattered.
    let mut by_app: BTreeMap<u64, Group<'_>> = BTreeMap::new();
    for finding in &page.web_app_findings {
        let group = by_app.entry(finding.web_app_id).or_default();
        group.web.push(finding);
        group.findings.push(common(finding));
        group.digests.push(content::of_web_finding(finding));
    }
    // The rules speak of machines: kernels, services and their configurations.
    let mut findings = Findings::new(tx, commit.lease.now, Verdicts::default())?;
    let mut put = tx.prepare_cached(PUT)?;
    let mut list = tx.prepare_cached(
        "INSERT INTO run_web_findings (run_id, finding_id) VALUES (?1, ?2)
         ON CONFLICT DO NOTHING",
    )?;
    for (app, group) in &by_app {
        let named = group.web.iter().find_map(|it| it.web_app_name.as_deref());
        let url = group.web.iter().find_map(|it| it.web_app_url.as_deref());
        let name = named.or(url).unwrap_or_default();
        let (asset, is_new) = web_app::of_findings(tx, counters, connector, *app, name, url)?;
        let mut seen = Vec::with_capacity(group.web.len());
        tally += findings.write(
            counters,
            packer,
            asset,
            is_new,
            &group.findings,
            &group.digests,
            &mut seen,
        )?;
        for &(place, id) in findings.written() {
            put_details(&mut put, id, group.web[place])?;
        }
        for id in seen {
            list.execute((commit.run, id))?;
        }
    }
    findings.finish()?;
    Ok(tally)
}

/// What the page has of one web application.
#[derive(Default)]
struct Group<'a> {
    web: Vec<&'a WebAppFinding>,
    findings: Vec<Finding>,
    digests: Vec<FindingDigest>,
}

fn common(finding: &WebAppFinding) -> Finding {
    Finding {
        finding_key: finding.finding_key.clone(),
        // The asset tells whose it is.
        host_id: 0,
        qid: finding.qid,
        certainty: finding.certainty,
        severity: finding.severity,
        qualys_severity: finding.qualys_severity,
        risk: finding.risk,
        risk_score: finding.risk_score,
        risk_source: finding.risk_source,
        status: finding.status,
        port: None,
        protocol: None,
        fqdn: None,
        ssl: false,
        instance: None,
        results: finding.results.clone(),
        first_found: finding.first_detected,
        last_found: finding.last_detected,
        last_test: finding.last_tested,
        last_update: None,
        last_fixed: finding.fixed,
        times_found: finding.times_detected,
        qds: finding.qds,
        is_ignored: finding.is_ignored,
        is_disabled: false,
        affects_running_kernel: None,
        affects_running_service: None,
        affects_exploitable_config: None,
        attributes: finding.attributes.clone(),
    }
}

fn put_details(
    put: &mut CachedStatement<'_>,
    id: FindingId,
    finding: &WebAppFinding,
) -> Result<()> {
    let weaknesses = |list: &[types::Weakness]| {
        let list: Vec<_> = list.iter().map(weakness).collect();
        json::list(&list)
    };
    let cvss: Vec<_> = finding.cvss.iter().map(cvss).collect();
    put.execute((
        id,
        finding.web_finding_id.cast_signed(),
        finding.kind.place(),
        &finding.name,
        &finding.url,
        &finding.param,
        &finding.group,
        json::list(&finding.cwe),
        weaknesses(&finding.owasp),
        weaknesses(&finding.wasc),
        finding.is_protected,
        finding.original_severity,
        &finding.ignored_reason,
        &finding.ignored_comment,
        json::list(&cvss),
    ))?;
    Ok(())
}

fn weakness(one: &types::Weakness) -> Weakness {
    Weakness {
        code: one.code.clone(),
        name: one.name.clone(),
    }
}

fn cvss(one: &types::Cvss) -> Cvss {
    Cvss {
        version: one.version.clone(),
        base: one.base,
        temporal: one.temporal,
        vector: one.vector.clone(),
    }
}

/// From the column of its number on; nothing for a finding of a host.
pub(super) fn row(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<WebFindingRow>> {
    let Some(web_finding_id) = code::maybe_number(row, at)? else {
        return Ok(None);
    };
    Ok(Some(WebFindingRow {
        web_finding_id,
        kind: code::word(row, at + 1)?,
        name: row.get(at + 2)?,
        url: row.get(at + 3)?,
        param: row.get(at + 4)?,
        group: row.get(at + 5)?,
        cwe: row.get::<_, List<u32>>(at + 6)?.0,
        owasp: row.get::<_, List<Weakness>>(at + 7)?.0,
        wasc: row.get::<_, List<Weakness>>(at + 8)?.0,
        is_protected: row.get(at + 9)?,
        original_severity: row.get(at + 10)?,
        ignored_reason: row.get(at + 11)?,
        ignored_comment: row.get(at + 12)?,
        cvss: row.get::<_, List<Cvss>>(at + 13)?.0.pop(),
    }))
}

const PUT: &str = "INSERT INTO web_findings (finding_id, web_finding_id, kind, name, url, param,
    weakness_group, cwe, owasp, wasc, is_protected, original_severity, ignored_reason,
    ignored_comment, cvss)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
  ON CONFLICT DO UPDATE SET web_finding_id = excluded.web_finding_id, kind = excluded.kind,
    name = excluded.name, url = excluded.url, param = excluded.param,
    weakness_group = excluded.weakness_group, cwe = excluded.cwe, owasp = excluded.owasp,
    wasc = excluded.wasc, is_protected = excluded.is_protected,
    original_severity = excluded.original_severity, ignored_reason = excluded.ignored_reason,
    ignored_comment = excluded.ignored_comment, cvss = excluded.cvss";
