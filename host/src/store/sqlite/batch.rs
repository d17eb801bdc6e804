//! The work list of a run.

use rusqlite::Connection;

use super::{code, fail::Result, json, note};
use crate::{
    guest::{
        plan::{Batch, Fate},
        types::{Dataset, Timestamp},
    },
    store::{BatchEnd, BatchId, NoteKind, PendingBatch, RunId, word::Word},
};

pub(super) fn add(
    tx: &Connection,
    run: RunId,
    batches: &[Batch],
    not_before: Option<Timestamp>,
) -> Result<Vec<BatchId>> {
    let mut insert = tx.prepare_cached(
        "INSERT INTO batches (run_id, dataset, scope, page_size, attempts, not_before)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let ids = batches.iter().map(|batch| {
        let Batch {
            dataset,
            scope,
            page_size,
            attempts,
        } = batch;
        insert.insert((run, dataset.place(), scope, page_size, attempts, not_before))
    });
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn pending(conn: &Connection, run: RunId) -> Result<Vec<PendingBatch>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, dataset, scope, page_size, attempts, not_before
         FROM batches WHERE run_id = ?1 AND state = 0 ORDER BY id",
    )?;
    let rows = statement.query_map([run], |row| {
        let batch = Batch {
            dataset: code::word(row, 1)?,
            scope: row.get(2)?,
            page_size: row.get(3)?,
            attempts: row.get(4)?,
        };
        Ok(PendingBatch {
            id: row.get(0)?,
            batch,
            not_before: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Closes a batch and adds its followers. A batch that is closed already adds none, so that an
/// end that comes twice does not double the work.
pub(super) fn end(
    tx: &Connection,
    run: RunId,
    dataset: Dataset,
    end: &BatchEnd<'_>,
) -> Result<Vec<BatchId>> {
    if let Fate::Failed(_) = end.fate {
        // It stays on the list, for when the cause is mended, and then has all its tries again.
        tx.prepare_cached(
            "UPDATE batches SET attempts = 0, not_before = NULL WHERE id = ?1 AND run_id = ?2",
        )?
        .execute((end.batch, run))?;
        return Ok(Vec::new());
    }
    let (state, not_before) = match end.fate {
        Fate::Done | Fate::LeftOut(_) => (DONE, None),
        Fate::Split => (SPLIT, None),
        Fate::AgainAt(at) => (AGAIN, Some(*at)),
        Fate::Skipped(_) => (SKIPPED, None),
        Fate::Failed(_) => unreachable!("was left on the list above"),
    };
    let closed = tx
        .prepare_cached(
            "UPDATE batches SET state = ?3 WHERE id = ?1 AND run_id = ?2 AND state = 0",
        )?
        .execute((end.batch, run, state))?;
    if closed == 0 {
        return Ok(Vec::new());
    }
    if state == DONE || state == SKIPPED {
        tx.prepare_cached(
            "INSERT INTO run_datasets (run_id, dataset, batches_done) VALUES (?1, ?2, 1)
             ON CONFLICT DO UPDATE SET batches_done = batches_done + 1",
        )?
        .execute((run, dataset.place()))?;
    }
    if let Fate::Skipped(setback) = end.fate {
        let scope: String = tx.query_row(
            "SELECT scope FROM batches WHERE id = ?1",
            [end.batch],
            |row| row.get(0),
        )?;
        let hosts = json::list(end.hosts);
        note::write(
            tx,
            run,
            NoteKind::Skip,
            dataset,
            Some(&scope),
            setback.word(),
            hosts,
        )?;
    }
    if let Fate::LeftOut(failure) = end.fate {
        let why = failure.word();
        note::write(tx, run, NoteKind::LeftOut, dataset, None, why, None)?;
    }
    add(tx, run, end.follow, not_before)
}

const DONE: u8 = 1;
const SPLIT: u8 = 2;
const AGAIN: u8 = 3;
const SKIPPED: u8 = 4;
