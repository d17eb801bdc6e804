//! What a run left out, and what it did not know. All of it is counted; the first of each kind are
//! kept in words.

use rusqlite::Connection;

use super::{code, fail::Result};
use crate::{
    guest::{ingest, types::Dataset},
    store::{Drift, NoteKind, RunId, word::Word},
};

pub(super) fn write(
    tx: &Connection,
    run: RunId,
    kind: NoteKind,
    dataset: Dataset,
    subject: Option<&str>,
    message: &str,
    host_ids: Option<String>,
) -> Result<()> {
    let sql = match kind {
        NoteKind::Skip => "UPDATE runs SET skipped = skipped + 1 WHERE id = ?1 RETURNING skipped",
        NoteKind::Warning => {
            "UPDATE runs SET warnings = warnings + 1 WHERE id = ?1 RETURNING warnings"
        }
        // One for each dataset.
        NoteKind::LeftOut => "SELECT 0 WHERE ?1 IS NOT NULL",
    };
    let n: i64 = tx.prepare_cached(sql)?.query_row([run], |row| row.get(0))?;
    if n > MOST_KEPT {
        return Ok(());
    }
    tx.prepare_cached(
        "INSERT INTO notes (run_id, kind, dataset, subject, message, host_ids)
         VALUES (?1, ?2, ?3, ?4, ?5, ifnull(?6, '[]'))",
    )?
    .execute((
        run,
        kind.place(),
        dataset.place(),
        subject,
        message,
        host_ids,
    ))?;
    Ok(())
}

/// Of each kind in one run: an answer that is odd throughout must not fill the disk.
pub(super) const MOST_KEPT: i64 = 1_000;

/// Adds what one answer held that is not known to what the run has met before.
pub(super) fn write_drift(
    tx: &Connection,
    run: RunId,
    dataset: Dataset,
    drift: &[ingest::Drift],
) -> Result<()> {
    if drift.is_empty() {
        return Ok(());
    }
    let mut add = tx.prepare_cached(
        "INSERT INTO run_drift (run_id, dataset, name, n) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET n = n + excluded.n",
    )?;
    for ingest::Drift { name, n } in drift {
        add.execute((run, dataset.place(), name, n.cast_signed()))?;
    }
    Ok(())
}

/// Most first.
pub(super) fn drift(conn: &Connection, run: RunId) -> Result<Vec<Drift>> {
    let mut statement = conn.prepare_cached(
        "SELECT dataset, name, n FROM run_drift WHERE run_id = ?1 ORDER BY n DESC, dataset, name
         LIMIT 200",
    )?;
    let rows = statement.query_map([run], |row| {
        Ok(Drift {
            dataset: code::word(row, 0)?,
            name: row.get(1)?,
            n: code::number(row, 2)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
