//! Closes findings that Qualys speaks of no more. Nothing is deleted: a finding that comes back is
//! reopened by its next record, and keeps when it was first seen.

use std::collections::HashSet;

use rusqlite::{CachedStatement, Connection, OptionalExtension};

use super::{
    FINDINGS_OF_AN_ASSET, code,
    counter::{Counters, Standing},
    fail::Result,
    history::History,
    merge, run, software,
};
use crate::{
    guest::types::{Dataset, HostId, Qid, SoftwareSource, Timestamp},
    store::{AssetId, ClosedReason, ConnectorId, FindingId, RunId, Seen, word::Word},
};

/// Closes what the hosts had and their complete answer did not bring, and tells how many.
pub(super) fn close_unseen(
    tx: &Connection,
    counters: &mut Counters,
    connector: ConnectorId,
    hosts: &[HostId],
    seen: &[&Seen],
    at: Timestamp,
    now: Timestamp,
) -> Result<u64> {
    let mut closing = Closing::new(tx, ClosedReason::Vanished, at, now)?;
    let mut asset = tx.prepare_cached(
        "SELECT id FROM assets WHERE connector_id = ?1 AND host_id = ?2 AND gone_at IS NULL",
    )?;
    let mut by_asset: Vec<&Seen> = seen.to_vec();
    by_asset.sort_by_key(|one| one.asset);
    let mut n = 0;
    for host in hosts {
        let asset: Option<AssetId> = asset
            .query_row((connector, host.cast_signed()), |row| row.get(0))
            .optional()?;
        let Some(asset) = asset else { continue };
        // A host may come in several parts.
        let first = by_asset.partition_point(|one| one.asset < asset);
        let parts = by_asset[first..]
            .iter()
            .take_while(|one| one.asset == asset);
        if parts.clone().next().is_none() {
            software::forget(tx, counters, asset, SoftwareSource::DetectionResults)?;
        }
        let kept = parts.flat_map(|one| &one.findings).copied().collect();
        n += closing.close(counters, asset, &kept)?;
    }
    Ok(n)
}

/// Closes the findings of hosts that the run did not list, and of those that were not seen since.
/// What an earlier run closed for inactivity and the rules no longer do is opened again.
pub(super) fn reconcile(
    tx: &Connection,
    counters: &mut Counters,
    run: RunId,
    connector: ConnectorId,
    inactive_before: Option<Timestamp>,
    (at, now): (Timestamp, Timestamp),
) -> Result<u64> {
    let mut n = 0;
    let none = HashSet::new();
    if run::is_whole(tx, run, Dataset::HostIds)? {
        let gone = assets(
            tx,
            &format!("{UNLISTED} AND a.connector_id = ?2"),
            (run, connector),
        )?;
        let mut purged = Closing::new(tx, ClosedReason::HostPurged, at, now)?;
        let mut mark = tx.prepare_cached("UPDATE assets SET gone_at = ?2 WHERE id = ?1")?;
        for asset in gone {
            let before = merge::before(tx, asset)?;
            n += purged.close(counters, asset, &none)?;
            mark.execute((asset, at))?;
            merge::settle(tx, counters, asset, before, None)?;
        }
    }
    let before = inactive_before.unwrap_or(Timestamp::MIN);
    let inactive_place = ClosedReason::Inactive.place();
    let silent = "SELECT a.id FROM assets a WHERE a.connector_id = ?1 AND a.gone_at IS NULL
        AND a.kind = 0 AND ifnull(a.last_seen_at, a.first_found_at) < ?2";
    let mut inactive = Closing::new(tx, ClosedReason::Inactive, at, now)?;
    for asset in assets(tx, silent, (connector, before))? {
        n += inactive.close(counters, asset, &none)?;
    }
    // The number is part of the text: only so does the index of these few findings serve, and not
    // a pass over all of them after every run.
    let awake = format!(
        "SELECT DISTINCT a.id FROM findings f CROSS JOIN assets a ON a.id = f.asset_id
         WHERE f.closed_reason = {inactive_place} AND a.connector_id = ?1 AND a.gone_at IS NULL
           AND a.kind = 0
           AND ifnull(a.last_seen_at, a.first_found_at) >= ?2"
    );
    for asset in assets(tx, &awake, (connector, before))? {
        inactive.reopen(counters, asset)?;
    }
    Ok(n)
}

/// How many hosts the inventory has, and how many of them the run did not list.
pub(super) fn vanished(tx: &Connection, run: RunId) -> Result<(u64, u64)> {
    let known = "SELECT count(*) FROM assets a WHERE a.gone_at IS NULL AND a.kind = 0
        AND a.connector_id = (SELECT connector_id FROM runs WHERE id = ?1)";
    let known = tx.query_row(known, [run], |row| code::number(row, 0))?;
    if !run::is_whole(tx, run, Dataset::HostIds)? {
        return Ok((known, 0));
    }
    let unlisted = format!(
        "SELECT count(*) FROM ({UNLISTED}
         AND a.connector_id = (SELECT connector_id FROM runs WHERE id = ?1))"
    );
    let unlisted = tx.query_row(&unlisted, [run], |row| code::number(row, 0))?;
    Ok((known, unlisted))
}

pub(super) fn assets(
    tx: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<AssetId>> {
    let mut statement = tx.prepare_cached(sql)?;
    let ids = statement.query_map(values, |row| row.get(0))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

/// The statements of one reason.
pub(super) struct Closing<'tx> {
    reason: ClosedReason,
    at: Timestamp,
    now: Timestamp,
    open: CachedStatement<'tx>,
    inactive: CachedStatement<'tx>,
    set: CachedStatement<'tx>,
    history: History<'tx>,
    asset: CachedStatement<'tx>,
}

struct Row {
    id: FindingId,
    qid: Qid,
    standing: Standing,
}

impl<'tx> Closing<'tx> {
    /// Closed as of a time of Qualys', and told of as of now.
    pub(super) fn new(
        tx: &'tx Connection,
        reason: ClosedReason,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<Self> {
        let rows = |closed: &str| {
            format!(
                "SELECT id, qid, severity, status, is_open FROM findings
                 WHERE id BETWEEN ?1 AND ?2 AND closed_reason {closed}"
            )
        };
        Ok(Closing {
            reason,
            at,
            now,
            open: tx.prepare_cached(&rows("IS NULL"))?,
            inactive: tx.prepare_cached(&rows(&format!("= {}", ClosedReason::Inactive.place())))?,
            set: tx.prepare_cached(
                "UPDATE findings SET closed_at = ?2, closed_reason = ?3, changed_at = ?4
                 WHERE id = ?1
                 RETURNING is_open",
            )?,
            history: History::new(tx)?,
            asset: tx.prepare_cached(COUNT_IN_ASSET)?,
        })
    }

    pub(super) fn close(
        &mut self,
        counters: &mut Counters,
        asset: AssetId,
        kept: &HashSet<FindingId>,
    ) -> Result<u64> {
        let mut rows = rows(&mut self.open, asset)?;
        rows.retain(|row| !kept.contains(&row.id));
        self.move_all(counters, asset, &rows, Some((self.at, self.reason)))
    }

    /// What was closed for inactivity.
    fn reopen(&mut self, counters: &mut Counters, asset: AssetId) -> Result<u64> {
        let rows = rows(&mut self.inactive, asset)?;
        self.move_all(counters, asset, &rows, None)
    }

    fn move_all(
        &mut self,
        counters: &mut Counters,
        asset: AssetId,
        rows: &[Row],
        closed: Option<(Timestamp, ClosedReason)>,
    ) -> Result<u64> {
        let (closed_at, reason) = (closed.map(|it| it.0), closed.map(|it| it.1.place()));
        let mut open_by_severity = [0_i64; 5];
        for Row { id, qid, standing } in rows {
            let is_open = self
                .set
                .query_row((id, closed_at, reason, self.now), |row| row.get(0))?;
            let after = Standing {
                is_open,
                ..*standing
            };
            open_by_severity[usize::from(standing.severity)] +=
                i64::from(is_open) - i64::from(standing.is_open);
            counters.moved(*qid, Some(*standing), Some(after));
            self.history
                .tell(counters, *id, self.now, (*standing, after), reason)?;
        }
        if open_by_severity != [0; 5] {
            let [info, low, medium, high, critical] = open_by_severity;
            self.asset
                .execute((asset, info, low, medium, high, critical))?;
        }
        Ok(rows.len() as u64)
    }
}

fn rows(statement: &mut CachedStatement<'_>, asset: AssetId) -> Result<Vec<Row>> {
    let first = asset * FINDINGS_OF_AN_ASSET;
    let rows = statement.query_map((first, first + FINDINGS_OF_AN_ASSET - 1), |row| {
        Ok(Row {
            id: row.get(0)?,
            qid: row.get(1)?,
            standing: Standing {
                severity: row.get(2)?,
                status: row.get(3)?,
                is_open: row.get(4)?,
            },
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Hosts of the inventory that run `?1` did not list.
const UNLISTED: &str = "SELECT a.id FROM assets a WHERE a.gone_at IS NULL AND a.kind = 0
  AND NOT EXISTS (
    SELECT 1 FROM run_hosts h WHERE h.run_id = ?1 AND h.host_id = a.host_id)";

/// In the asset that the record `?1` belongs to.
pub(super) const COUNT_IN_ASSET: &str = "UPDATE assets SET open_info = open_info + ?2,
    open_low = open_low + ?3, open_medium = open_medium + ?4, open_high = open_high + ?5,
    open_critical = open_critical + ?6, open_findings = open_findings + ?2 + ?3 + ?4 + ?5 + ?6
  WHERE asset_id = (SELECT asset_id FROM assets WHERE id = ?1) AND is_primary = 1";
