//! Runs and their leases: who may write, and how a run begins, is taken over and ends.

use rusqlite::{Connection, OptionalExtension, Row};

use super::{
    batch, closure, code,
    counter::Counters,
    fail::Result,
    json::List,
    limit,
    list::{self, Order, Sql},
    note,
};
use crate::{
    guest::{
        plan::{History, Window},
        types::{Dataset, HostId, Timestamp},
    },
    store::{
        ConnectorId, DatasetCounts, Lease, Listing, Note, NoteKind, Resumed, RunEnding, RunId,
        RunRow, RunState, StoreError, Tally, word::Word,
    },
};

pub(super) fn begin(
    tx: &Connection,
    connector: ConnectorId,
    settings: &str,
    window: Window,
    lease: &Lease<'_>,
) -> Result<RunId> {
    if let Some(run) = unfinished(tx, connector, lease)? {
        end(
            tx,
            run,
            lease.now,
            &RunEnding::Stopped,
            Some("left unfinished; a new run was begun"),
        )?;
    }
    let (kind, from) = match window {
        Window::Full => (FULL, None),
        Window::ProcessedSince(from) => (PROCESSED, Some(from)),
        Window::ScannedSince(from) => (SCANNED, Some(from)),
    };
    let run = tx
        .prepare_cached(
            "INSERT INTO runs (connector_id, settings, holder, lease_until, started_at, window,
               window_from)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .insert((
            connector,
            settings,
            lease.holder,
            lease.until,
            lease.now,
            kind,
            from,
        ))?;
    Ok(run)
}

pub(super) fn resume(
    tx: &Connection,
    connector: ConnectorId,
    lease: &Lease<'_>,
) -> Result<Option<Resumed>> {
    let Some(run) = unfinished(tx, connector, lease)? else {
        return Ok(None);
    };
    tx.prepare_cached("UPDATE runs SET holder = ?2, lease_until = ?3 WHERE id = ?1")?
        .execute((run, lease.holder, lease.until))?;
    explain(tx, run, None)?;
    let settings = tx.query_row("SELECT settings FROM runs WHERE id = ?1", [run], |row| {
        row.get(0)
    })?;
    let mut stages = tx.prepare_cached(
        "SELECT dataset FROM run_datasets WHERE run_id = ?1 AND begun IS NOT NULL ORDER BY begun",
    )?;
    let stages = stages.query_map([run], |row| code::word(row, 0))?;
    Ok(Some(Resumed {
        run: read(tx, run)?.expect("the run was just found"),
        settings,
        window: window(tx, run)?,
        stages: stages.collect::<rusqlite::Result<_>>()?,
        pending: batch::pending(tx, run)?,
        limits: limit::all(tx, connector)?,
    }))
}

pub(super) fn window(conn: &Connection, run: RunId) -> Result<Window> {
    let sql = "SELECT window, ifnull(window_from, 0) FROM runs WHERE id = ?1";
    let (kind, from) = conn.query_row(sql, [run], |row| Ok((row.get::<_, u8>(0)?, row.get(1)?)))?;
    Ok(match kind {
        PROCESSED => Window::ProcessedSince(from),
        SCANNED => Window::ScannedSince(from),
        _ => Window::Full,
    })
}

/// Something in an answer could not be told, and may have been any of the list.
pub(super) fn mark_unsure(tx: &Connection, run: RunId, dataset: Dataset) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO run_datasets (run_id, dataset, is_sure) VALUES (?1, ?2, 0)
         ON CONFLICT DO UPDATE SET is_sure = 0",
    )?
    .execute((run, dataset.place()))?;
    Ok(())
}

/// Whether what the list lacks is gone: the run has walked it to its end, could tell each element,
/// and neither skipped anything nor had to do without.
pub(super) fn is_whole(tx: &Connection, run: RunId, dataset: Dataset) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM run_datasets
          WHERE run_id = ?1 AND dataset = ?2 AND begun IS NOT NULL AND is_sure = 1)
        AND NOT EXISTS (SELECT 1 FROM notes WHERE run_id = ?1 AND dataset = ?2 AND kind <> ?3)
        AND NOT EXISTS (SELECT 1 FROM batches WHERE run_id = ?1 AND dataset = ?2 AND state = 0)";
    let values = (run, dataset.place(), NoteKind::Warning.place());
    Ok(tx.query_row(sql, values, |row| row.get(0))?)
}

/// The unfinished run of the connector, unless another process is at it.
fn unfinished(tx: &Connection, connector: ConnectorId, lease: &Lease<'_>) -> Result<Option<RunId>> {
    let found: Option<(RunId, String, Timestamp)> = tx
        .prepare_cached(
            "SELECT id, holder, lease_until FROM runs WHERE connector_id = ?1 AND state = 0",
        )?
        .query_row([connector], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    match found {
        Some((run, holder, until)) if until > lease.now && holder != lease.holder => {
            Err(StoreError::RunInProgress { run, holder }.into())
        }
        Some((run, ..)) => Ok(Some(run)),
        None => Ok(None),
    }
}

/// Why an unfinished run stands still; nothing once somebody is at it again.
pub(super) fn explain(tx: &Connection, run: RunId, reason: Option<&str>) -> Result<()> {
    tx.prepare_cached("UPDATE runs SET reason = ?2 WHERE id = ?1")?
        .execute((run, reason))?;
    Ok(())
}

pub(super) fn lapse(
    tx: &Connection,
    connector: ConnectorId,
    holder: &str,
    now: Timestamp,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE runs SET lease_until = ?3 WHERE connector_id = ?1 AND holder = ?2 AND state = 0",
    )?
    .execute((connector, holder, now))?;
    Ok(())
}

/// Prolongs the lease and returns the connector, or refuses whoever no longer holds the run.
pub(super) fn hold(tx: &Connection, run: RunId, lease: &Lease<'_>) -> Result<ConnectorId> {
    let connector = tx
        .prepare_cached(
            "UPDATE runs SET lease_until = ?3 WHERE id = ?1 AND holder = ?2 AND state = 0
             RETURNING connector_id",
        )?
        .query_row((run, lease.holder, lease.until), |row| row.get(0))
        .optional()?;
    connector.ok_or_else(|| StoreError::LeaseLost { run }.into())
}

pub(super) fn begin_stage(tx: &Connection, run: RunId, stage: Dataset) -> Result<bool> {
    let begun = tx
        .prepare_cached(
            "INSERT INTO run_datasets (run_id, dataset, begun)
             VALUES (?1, ?2, (SELECT count(begun) FROM run_datasets WHERE run_id = ?1))
             ON CONFLICT DO UPDATE SET begun = excluded.begun WHERE begun IS NULL",
        )?
        .execute((run, stage.place()))?;
    Ok(begun == 1)
}

/// Closes what the run has shown to be gone, and counts it with the detections.
pub(super) fn reconcile(
    tx: &Connection,
    counters: &mut Counters,
    run: RunId,
    connector: ConnectorId,
    inactive_before: Option<Timestamp>,
    now: Timestamp,
) -> Result<()> {
    let sql = "SELECT ifnull(as_of, ?2) FROM runs WHERE id = ?1";
    let at = tx.query_row(sql, (run, now), |row| row.get(0))?;
    let n = closure::reconcile(tx, counters, run, connector, inactive_before, (at, now))?;
    if n > 0 {
        tx.prepare_cached(
            "INSERT INTO run_datasets (run_id, dataset, closed) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET closed = closed + excluded.closed",
        )?
        .execute((run, Dataset::Detections.place(), n.cast_signed()))?;
    }
    Ok(())
}

/// Ends the run and drops what only an unfinished one needs.
pub(super) fn end(
    tx: &Connection,
    run: RunId,
    now: Timestamp,
    ending: &RunEnding,
    reason: Option<&str>,
) -> Result<()> {
    let (state, watermark, reason) = match ending {
        RunEnding::Complete { watermark, .. } => (RunState::Complete, *watermark, reason),
        RunEnding::Failed(reason) => (RunState::Failed, None, Some(reason.as_str())),
        RunEnding::Stopped => (RunState::Stopped, None, reason),
    };
    tx.prepare_cached(
        "UPDATE runs SET state = ?2, ended_at = ?3, watermark_at = ?4, reason = ?5 WHERE id = ?1",
    )?
    .execute((run, state.place(), now, watermark, reason))?;
    tx.prepare_cached("DELETE FROM batches WHERE run_id = ?1")?
        .execute([run])?;
    for listed in ["run_hosts", "run_web_apps", "run_web_findings"] {
        tx.prepare_cached(&format!("DELETE FROM {listed} WHERE run_id = ?1"))?
            .execute([run])?;
    }
    Ok(())
}

pub(super) fn history(
    conn: &Connection,
    connector: ConnectorId,
    settings: &str,
) -> Result<History> {
    let newest = |column: &str, more: &str| {
        let sql = format!(
            "SELECT {column} FROM runs WHERE connector_id = ?1 AND settings = ?2
               AND watermark_at IS NOT NULL {more} ORDER BY id DESC LIMIT 1"
        );
        conn.query_row(&sql, (connector, settings), |row| row.get(0))
            .optional()
    };
    Ok(History {
        watermark: newest("watermark_at", "")?,
        last_full: newest("started_at", "AND window = 0")?,
    })
}

/// Newest first.
pub(super) fn all(conn: &Connection, limit: u32, after: Option<&str>) -> Result<Listing<RunRow>> {
    let order = Order {
        name: "runs",
        keys: &[],
        id: "r.id",
        descending: true,
    };
    let (ids, next) = list::page(conn, "runs r", Sql::new("1", vec![]), &order, limit, after)?;
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        rows.extend(read(conn, id)?);
    }
    Ok(Listing { rows, next })
}

pub(super) fn hosts(conn: &Connection, run: RunId) -> Result<Vec<HostId>> {
    let which = match window(conn, run)? {
        Window::Full => "1",
        // A host that the inventory lacks is news, whenever it was processed.
        Window::ProcessedSince(_) => {
            "h.is_changed = 1 OR NOT EXISTS (SELECT 1 FROM assets a
               WHERE a.connector_id = (SELECT connector_id FROM runs WHERE id = ?1)
                 AND a.host_id = h.host_id AND a.gone_at IS NULL AND a.is_partial = 0)"
        }
        Window::ScannedSince(_) => "h.is_changed = 1",
    };
    let mut statement = conn.prepare_cached(&format!(
        "SELECT host_id FROM run_hosts h WHERE run_id = ?1 AND ({which}) ORDER BY host_id"
    ))?;
    let hosts = statement.query_map([run], |row| code::number(row, 0))?;
    Ok(hosts.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn read(conn: &Connection, run: RunId) -> Result<Option<RunRow>> {
    let row = conn
        .prepare_cached(
            "SELECT id, connector_id, state, reason, started_at, ended_at, as_of, watermark_at,
               skipped, warnings, window
             FROM runs WHERE id = ?1",
        )?
        .query_row([run], |row| {
            Ok(RunRow {
                run_id: row.get(0)?,
                connector_id: row.get(1)?,
                state: code::word(row, 2)?,
                reason: row.get(3)?,
                started: row.get(4)?,
                ended: row.get(5)?,
                as_of: row.get(6)?,
                watermark: row.get(7)?,
                skipped: code::number(row, 8)?,
                warnings: code::number(row, 9)?,
                is_full: row.get::<_, u8>(10)? == FULL,
                findings: Tally::default(),
                calls: 0,
                waited_secs: 0,
                bytes: 0,
                datasets: Vec::new(),
                notes: Vec::new(),
                drift: Vec::new(),
            })
        })
        .optional()?;
    let Some(mut row) = row else { return Ok(None) };
    row.datasets = datasets(conn, run)?;
    row.notes = notes(conn, run)?;
    row.drift = note::drift(conn, run)?;
    for counts in &row.datasets {
        row.calls += counts.calls;
        row.waited_secs += counts.waited_secs;
        row.bytes += counts.bytes;
        if matches!(
            counts.dataset,
            Dataset::Detections | Dataset::WebAppFindings
        ) {
            row.findings += counts.tally;
        }
    }
    Ok(Some(row))
}

fn datasets(conn: &Connection, run: RunId) -> Result<Vec<DatasetCounts>> {
    let mut statement = conn.prepare_cached(
        "SELECT dataset, new, changed, unchanged, fixed, reopened, older, calls, waited_secs,
           bytes, batches_done, closed,
           (SELECT count(*) FROM batches b
            WHERE b.run_id = d.run_id AND b.state = 0 AND b.dataset = d.dataset)
         FROM run_datasets d WHERE run_id = ?1 ORDER BY begun IS NULL, begun, dataset",
    )?;
    let rows = statement.query_map([run], |row| {
        Ok(DatasetCounts {
            dataset: code::word(row, 0)?,
            tally: Tally {
                new: code::number(row, 1)?,
                changed: code::number(row, 2)?,
                unchanged: code::number(row, 3)?,
                fixed: code::number(row, 4)?,
                reopened: code::number(row, 5)?,
                older: code::number(row, 6)?,
                closed: code::number(row, 11)?,
            },
            calls: code::number(row, 7)?,
            waited_secs: code::number(row, 8)?,
            bytes: code::number(row, 9)?,
            batches_done: code::number(row, 10)?,
            batches_pending: code::number(row, 12)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn notes(conn: &Connection, run: RunId) -> Result<Vec<Note>> {
    let mut statement = conn.prepare_cached(
        "SELECT kind, dataset, subject, message, host_ids FROM notes
         WHERE run_id = ?1 ORDER BY kind, id LIMIT ?2",
    )?;
    let note = |row: &Row<'_>| {
        Ok(Note {
            kind: code::word(row, 0)?,
            dataset: code::word(row, 1)?,
            subject: row.get(2)?,
            message: row.get(3)?,
            host_ids: row.get::<_, List<u64>>(4)?.0,
        })
    };
    let rows = statement.query_map((run, MOST_NOTES_SHOWN), note)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

const FULL: u8 = 0;
const PROCESSED: u8 = 1;
const SCANNED: u8 = 2;
const MOST_NOTES_SHOWN: i64 = 100;
