//! About how many rows a condition selects. SQLite does not know, and the two ways of finding
//! them differ a thousandfold: few are listed and sorted, among many the list is read in its order
//! until the page is full. A wrong answer costs time, never rows.

use rusqlite::{Connection, params_from_iter, types::Value};

use super::Result;

/// Whether many records meet a condition on `r`, judged by some that are spread over all.
pub(super) fn are_many_records(
    conn: &Connection,
    condition: &str,
    values: &[Value],
) -> Result<bool> {
    let sql = format!(
        "WITH RECURSIVE ids(id, step) AS (
           SELECT 1, 1 + (SELECT ifnull(max(id), 0) FROM assets) / {SAMPLE}
           UNION ALL SELECT id + step, step FROM ids
             WHERE id + step <= (SELECT max(id) FROM assets)
         )
         SELECT count(*), total({condition}) FROM ids CROSS JOIN assets r ON r.id = ids.id"
    );
    let count = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, f64>(1)?));
    let (asked, hits) = conn
        .prepare_cached(&sql)?
        .query_row(params_from_iter(values), count)?;
    Ok(hits * MANY_OF > asked as f64)
}

/// Whether many findings are of the QIDs that a query lists; counted, from the counters.
pub(super) fn are_many_findings(conn: &Connection, qids: &str, values: &[Value]) -> Result<bool> {
    let sql = format!("SELECT total(c.findings) FROM qids c WHERE c.qid IN ({qids})");
    let n: f64 = conn
        .prepare_cached(&sql)?
        .query_row(params_from_iter(values), |row| row.get(0))?;
    Ok(n > MOST_SORTED)
}

const SAMPLE: u32 = 200;
/// One of so many is enough to fill a page soon.
const MANY_OF: f64 = 100.0;
/// So many findings are looked up and sorted in some ten milliseconds.
const MOST_SORTED: f64 = 5_000.0;
