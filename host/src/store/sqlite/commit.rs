//! One step of a run in one transaction: records, counters, warnings, the end of the batch, its
//! followers and the limits are stored together or not at all.

use rusqlite::Connection;

use super::{
    Tools, asset_group, batch,
    closure::close_unseen,
    counter::Counters,
    cve_score,
    fail::Result,
    finding::Findings,
    host::{self, Change, From},
    limit, note, rule, run, software, tag,
    text::Packer,
    vulnerability, web_app, web_finding,
};
use crate::{
    guest::{
        ingest::Page,
        plan::Fate,
        types::{Dataset, SoftwareSource},
    },
    store::{Commit, Committed, ConnectorId, Digests, NoteKind, Seen, Tally, word::Word},
};

pub(super) fn write(tx: &Connection, tools: &mut Tools, commit: &Commit<'_>) -> Result<Committed> {
    let connector = run::hold(tx, commit.run, &commit.lease)?;
    let mut committed = Committed::default();
    if let Some(page) = commit.page {
        (committed.tally, committed.seen) = write_page(tx, tools, commit, connector, page)?;
    }
    if let Some(end) = &commit.end {
        committed.followers = batch::end(tx, commit.run, commit.dataset, end)?;
        note::write_drift(tx, commit.run, commit.dataset, end.drift)?;
        if !end.is_sure {
            run::mark_unsure(tx, commit.run, commit.dataset)?;
        }
        if commit.dataset == Dataset::Detections && *end.fate == Fate::Done && end.is_sure {
            let seen: Vec<&Seen> = end.seen.iter().chain(&committed.seen).collect();
            let now = commit.lease.now;
            let at = commit.as_of.unwrap_or(now);
            let counters = &mut tools.counters;
            let closed = close_unseen(tx, counters, connector, end.hosts, &seen, at, now)?;
            committed.tally.closed += closed;
        }
    }
    if let Some((api, limits)) = commit.limits {
        limit::write(tx, connector, api, limits)?;
    }
    if let Some(as_of) = commit.as_of {
        tx.prepare_cached("UPDATE runs SET as_of = ?2 WHERE id = ?1 AND as_of IS NULL")?
            .execute((commit.run, as_of))?;
    }
    count(tx, commit, committed.tally)?;
    Ok(committed)
}

fn write_page(
    tx: &Connection,
    tools: &mut Tools,
    commit: &Commit<'_>,
    connector: ConnectorId,
    page: &Page,
) -> Result<(Tally, Vec<Seen>)> {
    let mut tally = Tally::default();
    let Tools { packer, counters } = tools;
    let mut list = tx.prepare_cached(
        "INSERT INTO run_hosts (run_id, host_id, is_changed) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET is_changed = 1 WHERE is_changed < excluded.is_changed",
    )?;
    let is_changed = commit.dataset == Dataset::ChangedHostIds;
    for host in &page.host_ids {
        let is_new = list.execute((commit.run, host.cast_signed(), is_changed))? == 1;
        tally += Tally {
            new: u64::from(is_new),
            unchanged: u64::from(!is_new),
            ..Tally::default()
        };
    }
    for group in &page.asset_groups {
        tally += asset_group::write(tx, counters, connector, group)?;
    }
    for one in &page.tags {
        tally += tag::write(tx, counters, connector, one)?;
    }
    for app in &page.web_apps {
        tally += web_app::write(tx, counters, connector, commit.run, app)?;
    }
    tally += web_finding::write(tx, counters, packer, commit, connector, page)?;
    for entry in &page.vulnerabilities {
        tally += vulnerability::write(tx, counters, packer, entry)?;
    }
    for score in &page.cve_scores {
        tally += cve_score::write(tx, score)?;
    }
    let (of_hosts, seen) = write_hosts(tx, counters, packer, commit, connector, page)?;
    tally += of_hosts;
    let of_software = write_software(tx, counters, commit, connector, page, &seen)?;
    // Detections are counted by findings.
    if commit.dataset != Dataset::Detections {
        tally += of_software;
    }
    for warning in &page.warnings {
        let (subject, message) = (warning.subject.as_deref(), &warning.message);
        note::write(
            tx,
            commit.run,
            NoteKind::Warning,
            commit.dataset,
            subject,
            message,
            None,
        )?;
    }
    Ok((tally, seen))
}

/// The tally counts hosts for the host list, and findings for detections.
fn write_hosts(
    tx: &Connection,
    counters: &mut Counters,
    packer: &mut Packer,
    commit: &Commit<'_>,
    connector: ConnectorId,
    page: &Page,
) -> Result<(Tally, Vec<Seen>)> {
    let mut tally = Tally::default();
    let mut seen = Vec::with_capacity(page.hosts.len());
    if page.hosts.is_empty() {
        return Ok((tally, seen));
    }
    let from = if commit.dataset == Dataset::Detections {
        From::Detections
    } else {
        From::HostList
    };
    let mut findings = Findings::new(tx, commit.lease.now, rule::verdicts(tx, connector)?)?;
    let made_here;
    let digests = match commit.digests {
        Some(digests) => digests,
        None => {
            made_here = Digests::of(page);
            &made_here
        }
    };
    let mut digests = digests.as_slice();
    for found in &page.hosts {
        let (of_host, others) = digests.split_at(found.findings.len());
        digests = others;
        let (asset, change) = host::write(tx, counters, connector, &found.host, from)?;
        if from == From::HostList {
            match change {
                Change::New => tally.new += 1,
                Change::Changed => tally.changed += 1,
                Change::Unchanged => tally.unchanged += 1,
            }
        }
        let is_new = change == Change::New;
        let mut ids = Vec::with_capacity(found.findings.len());
        tally += findings.write(
            counters,
            packer,
            asset,
            is_new,
            &found.findings,
            of_host,
            &mut ids,
        )?;
        if from == From::Detections {
            seen.push(Seen {
                asset,
                findings: ids,
            });
        }
    }
    findings.finish()?;
    Ok((tally, seen))
}

/// A host whose detections come without a table had one before, perhaps.
fn write_software(
    tx: &Connection,
    counters: &mut Counters,
    commit: &Commit<'_>,
    connector: ConnectorId,
    page: &Page,
    seen: &[Seen],
) -> Result<Tally> {
    let mut tally = Tally::default();
    let mut known = software::Known::default();
    for inventory in &page.inventories {
        tally += software::write(tx, counters, &mut known, connector, inventory)?;
    }
    if commit.dataset == Dataset::Detections {
        let mut told: Vec<u64> = page.inventories.iter().map(|it| it.host_id).collect();
        told.sort_unstable();
        for (found, seen) in page.hosts.iter().zip(seen) {
            if told.binary_search(&found.host.host_id).is_err() {
                let source = SoftwareSource::DetectionResults;
                software::forget(tx, counters, seen.asset, source)?;
            }
        }
    }
    Ok(tally)
}

fn count(tx: &Connection, commit: &Commit<'_>, tally: Tally) -> Result<()> {
    let Tally {
        new,
        changed,
        unchanged,
        fixed,
        reopened,
        older,
        closed,
    } = tally;
    let bytes = commit.bytes.cast_signed();
    let waited = commit.waited_secs.cast_signed();
    let records = [new, changed, unchanged, fixed, reopened, older, closed].map(u64::cast_signed);
    if records == [0; 7] && (commit.calls, bytes, waited) == (0, 0, 0) {
        return Ok(());
    }
    let [new, changed, unchanged, fixed, reopened, older, closed] = records;
    tx.prepare_cached(
        "INSERT INTO run_datasets (run_id, dataset, new, changed, unchanged, fixed, reopened,
           older, calls, waited_secs, bytes, closed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
         ON CONFLICT DO UPDATE SET new = new + excluded.new, changed = changed + excluded.changed,
           unchanged = unchanged + excluded.unchanged, fixed = fixed + excluded.fixed,
           reopened = reopened + excluded.reopened, older = older + excluded.older,
           calls = calls + excluded.calls, waited_secs = waited_secs + excluded.waited_secs,
           bytes = bytes + excluded.bytes, closed = closed + excluded.closed",
    )?
    .execute((
        commit.run,
        commit.dataset.place(),
        new,
        changed,
        unchanged,
        fixed,
        reopened,
        older,
        commit.calls,
        waited,
        bytes,
        closed,
    ))?;
    Ok(())
}
