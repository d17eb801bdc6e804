//! Closes what Qualys has no more of web applications, at the end of a complete run.
//!
//! The lists of web applications are walked page by page, so only their end shows what is missing.
//! A list that was left out, or of which an element could not be read, shows nothing.

use std::collections::HashSet;

use rusqlite::Connection;

use super::{
    FINDINGS_OF_AN_ASSET,
    closure::{self, Closing},
    code,
    counter::Counters,
    fail::Result,
    note, run, web_app,
};
use crate::{
    guest::{
        plan::Window,
        types::{Dataset, Timestamp},
    },
    store::{ClosedReason, ConnectorId, NoteKind, RunId, word::Word},
};

pub(super) fn reconcile(
    tx: &Connection,
    counters: &mut Counters,
    run: RunId,
    connector: ConnectorId,
    most_vanished_percent: u32,
    now: Timestamp,
) -> Result<()> {
    let sql = "SELECT ifnull(as_of, ?2) FROM runs WHERE id = ?1";
    let at = tx.query_row(sql, (run, now), |row| row.get(0))?;
    let mut n = 0;
    if run::is_whole(tx, run, Dataset::WebApps)? {
        n += close_gone(
            tx,
            counters,
            run,
            connector,
            most_vanished_percent,
            (at, now),
        )?;
    }
    let is_full = run::window(tx, run)? == Window::Full;
    if is_full && run::is_whole(tx, run, Dataset::WebAppFindings)? {
        n += close_vanished(tx, counters, run, connector, (at, now))?;
    }
    if n > 0 {
        tx.prepare_cached(
            "INSERT INTO run_datasets (run_id, dataset, closed) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET closed = closed + excluded.closed",
        )?
        .execute((run, Dataset::WebAppFindings.place(), n.cast_signed()))?;
    }
    Ok(())
}

/// A restricted account sees a shorter list, not an error: when far more are missing than ever go
/// at once, none of them is taken for gone.
fn close_gone(
    tx: &Connection,
    counters: &mut Counters,
    run: RunId,
    connector: ConnectorId,
    most_vanished_percent: u32,
    (at, now): (Timestamp, Timestamp),
) -> Result<u64> {
    let known = "SELECT count(*) FROM assets
        WHERE connector_id = ?1 AND gone_at IS NULL AND kind = 1";
    let known: u64 = tx.query_row(known, [connector], |row| code::number(row, 0))?;
    // One whose findings came is there, though the list came before it was.
    let unlisted = "SELECT a.id FROM assets a
        WHERE a.connector_id = ?2 AND a.gone_at IS NULL AND a.kind = 1 AND NOT EXISTS (
          SELECT 1 FROM run_web_apps w WHERE w.run_id = ?1 AND w.web_app_id = a.web_app_id)
        AND NOT EXISTS (
          SELECT 1 FROM run_web_findings f WHERE f.run_id = ?1
            AND f.finding_id BETWEEN a.id * ?3 AND a.id * ?3 + ?3 - 1)";
    let gone = closure::assets(tx, unlisted, (run, connector, FINDINGS_OF_AN_ASSET))?;
    let vanished = gone.len() as u64;
    let are_many = vanished > FEW || vanished == known;
    if are_many && vanished * 100 > known * u64::from(most_vanished_percent) {
        let message = format!(
            "{vanished} of {known} web applications are gone from Qualys' list, and nothing was \
             closed; if they are gone for good, sync with --accept-mass-closure"
        );
        let (kind, dataset) = (NoteKind::Warning, Dataset::WebApps);
        note::write(tx, run, kind, dataset, None, &message, None)?;
        return Ok(0);
    }
    let mut purged = Closing::new(tx, ClosedReason::HostPurged, at, now)?;
    let mut mark = tx.prepare_cached("UPDATE assets SET gone_at = ?2 WHERE id = ?1")?;
    let none = HashSet::new();
    let mut n = 0;
    for asset in gone {
        n += purged.close(counters, asset, &none)?;
        mark.execute((asset, at))?;
        web_app::count(counters, -1);
    }
    Ok(n)
}

/// What the whole list of findings did not bring. Of web applications alone.
fn close_vanished(
    tx: &Connection,
    counters: &mut Counters,
    run: RunId,
    connector: ConnectorId,
    (at, now): (Timestamp, Timestamp),
) -> Result<u64> {
    let there = "SELECT id FROM assets
        WHERE connector_id = ?1 AND gone_at IS NULL AND kind = 1";
    let mut seen = tx.prepare_cached(
        "SELECT finding_id FROM run_web_findings
         WHERE run_id = ?1 AND finding_id BETWEEN ?2 AND ?3",
    )?;
    let mut vanished = Closing::new(tx, ClosedReason::Vanished, at, now)?;
    let mut n = 0;
    for asset in closure::assets(tx, there, [connector])? {
        let first = asset * FINDINGS_OF_AN_ASSET;
        let last = first + FINDINGS_OF_AN_ASSET - 1;
        let kept = seen.query_map((run, first, last), |row| row.get(0))?;
        let kept = kept.collect::<rusqlite::Result<HashSet<_>>>()?;
        n += vanished.close(counters, asset, &kept)?;
    }
    Ok(n)
}

/// So many may go at once from a list that is short, where each is a large part.
const FEW: u64 = 3;
