//! What a run left out. All of it is counted; the first of each kind are kept in words.

use rusqlite::Connection;

use super::fail::Result;
use crate::{
    guest::types::Dataset,
    store::{NoteKind, RunId, word::Word},
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
