//! One step of a run in one transaction: records, counters, warnings, the end of the batch, its
//! followers and the limits are stored together or not at all.

use rusqlite::Connection;

use super::{
    Tools, asset_group, batch,
    counter::Counters,
    fail::Result,
    finding::Findings,
    host::{self, Change, From},
    limit, note, run, tag,
    text::Packer,
    vulnerability,
};
use crate::{
    guest::{ingest::Page, types::Dataset},
    store::{Commit, Committed, ConnectorId, Digests, NoteKind, Tally, word::Word},
};

pub(super) fn write(tx: &Connection, tools: &mut Tools, commit: &Commit<'_>) -> Result<Committed> {
    let connector = run::hold(tx, commit.run, &commit.lease)?;
    let mut committed = Committed::default();
    if let Some(page) = commit.page {
        committed.tally = write_page(tx, tools, commit, connector, page)?;
    }
    if let Some(end) = &commit.end {
        committed.followers = batch::end(tx, commit.run, commit.dataset, end)?;
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
) -> Result<Tally> {
    let mut tally = Tally::default();
    let Tools { packer, counters } = tools;
    let mut list = tx.prepare_cached(
        "INSERT INTO run_hosts (run_id, host_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    )?;
    for host in &page.host_ids {
        let is_new = list.execute((commit.run, host.cast_signed()))? == 1;
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
    for entry in &page.vulnerabilities {
        tally += vulnerability::write(tx, counters, packer, entry)?;
    }
    tally += write_hosts(tx, counters, packer, commit, connector, page)?;
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
    Ok(tally)
}

/// The tally counts hosts for the host list, and findings for detections.
fn write_hosts(
    tx: &Connection,
    counters: &mut Counters,
    packer: &mut Packer,
    commit: &Commit<'_>,
    connector: ConnectorId,
    page: &Page,
) -> Result<Tally> {
    let mut tally = Tally::default();
    if page.hosts.is_empty() {
        return Ok(tally);
    }
    let from = if commit.dataset == Dataset::Detections {
        From::Detections
    } else {
        From::HostList
    };
    let mut findings = Findings::new(tx, commit.lease.now)?;
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
        tally += findings.write(counters, packer, asset, is_new, &found.findings, of_host)?;
    }
    findings.finish()?;
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
    } = tally;
    let bytes = commit.bytes.cast_signed();
    let waited = commit.waited_secs.cast_signed();
    let records = [new, changed, unchanged, fixed, reopened, older].map(u64::cast_signed);
    if records == [0; 6] && (commit.calls, bytes, waited) == (0, 0, 0) {
        return Ok(());
    }
    let [new, changed, unchanged, fixed, reopened, older] = records;
    tx.prepare_cached(
        "INSERT INTO run_datasets (run_id, dataset, new, changed, unchanged, fixed, reopened,
           older, calls, waited_secs, bytes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         ON CONFLICT DO UPDATE SET new = new + excluded.new, changed = changed + excluded.changed,
           unchanged = unchanged + excluded.unchanged, fixed = fixed + excluded.fixed,
           reopened = reopened + excluded.reopened, older = older + excluded.older,
           calls = calls + excluded.calls, waited_secs = waited_secs + excluded.waited_secs,
           bytes = bytes + excluded.bytes",
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
    ))?;
    Ok(())
}
