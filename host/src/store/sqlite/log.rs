//! The log of a run. It is bounded, as a run may repeat its calls for days.

use rusqlite::Connection;

use super::{code, fail::Result};
use crate::store::{LogKind, LogLine, RunId, word::Word};

pub(super) fn write(tx: &Connection, run: RunId, lines: &[LogLine]) -> Result<()> {
    let n = "SELECT ifnull(max(line), 0) FROM run_log WHERE run_id = ?1";
    let mut n: i64 = tx.prepare_cached(n)?.query_row([run], |row| row.get(0))?;
    let mut insert = tx.prepare_cached(
        "INSERT INTO run_log (run_id, line, at, kind, message) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for line in lines {
        n += 1;
        let (kind, message) = match line.kind {
            LogKind::Ended => (LogKind::Ended, line.message.as_str()),
            kind if n < MOST_LINES => (kind, line.message.as_str()),
            _ if n == MOST_LINES => (LogKind::Note, "more was left out, as the log is full"),
            _ => {
                n -= 1;
                continue;
            }
        };
        let message: String = message.chars().take(MOST_CHARS).collect();
        insert.execute((run, n, line.at, kind.place(), message))?;
    }
    Ok(())
}

pub(super) fn read(conn: &Connection, run: RunId) -> Result<Vec<LogLine>> {
    let mut statement = conn
        .prepare_cached("SELECT at, kind, message FROM run_log WHERE run_id = ?1 ORDER BY line")?;
    let lines = statement.query_map([run], |row| {
        Ok(LogLine {
            at: row.get(0)?,
            kind: code::word(row, 1)?,
            message: row.get(2)?,
        })
    })?;
    Ok(lines.collect::<rusqlite::Result<_>>()?)
}

const MOST_LINES: i64 = 5_000;
const MOST_CHARS: usize = 2_000;
